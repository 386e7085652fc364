//! A panic, wherever in the program, gives the terminal back before its message is written.
//!
//! There is no way to make pictl panic. So the tests start themselves once more in a terminal, there with the dashboard
//! and an engine that falls over at the first request.
#![allow(clippy::unwrap_used, reason = "in tests a surprise is a failure")]

use std::path::Path;
use std::sync::Arc;

use pictl_tests::{Home, LIMIT, Terminal};
use pictl_tui::{Doors, NoArchive, TuiError, fixtures};
use tokio::sync::mpsc::unbounded_channel;

/// Names the part of the program that is to panic.
const PART: &str = "PICTL_TESTS_PANIC";
const MESSAGE: &str = "the engine fell over";

/// The dashboard, and beside it on the same thread (`main`) or on another one a task that panics when it is asked for a scan.
fn fall_over(part: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (requests, mut wanted) = unbounded_channel();
    let (secrets, _secrets) = unbounded_channel();
    let (_events, events) = unbounded_channel();
    let engine = async move {
        wanted.recv().await;
        panic!("{MESSAGE}");
    };
    let dashboard =
        pictl_tui::run(Doors { requests, secrets, events, archive: Arc::new(NoArchive) }, fixtures::options());
    runtime.block_on(async {
        if part == "main" {
            tokio::select! { _ = dashboard => {}, () = engine => {} }
        } else {
            let engine = tokio::spawn(engine);
            assert!(matches!(dashboard.await, Err(TuiError::Panicked)), "the dashboard notices");
            assert!(engine.await.unwrap_err().is_panic());
        }
    });
}

fn a_panic(test: &str, part: &str, code: u32) {
    if let Some(part) = std::env::var_os(PART) {
        fall_over(part.to_str().unwrap());
        return;
    }
    let home = Home::new();
    let mut environment = home.environment();
    environment.push((PART.into(), part.into()));
    let program = std::env::current_exe().unwrap();
    let mut terminal = Terminal::start((80, 24), Path::new(&program), &["--exact", test, "--nocapture"], environment);
    terminal.wait_for_text("Press s to scan for hosts", LIMIT);
    assert!(terminal.cells().alternate_screen());
    terminal.send("s");
    let end = terminal.wait_for_end(LIMIT);
    assert_eq!(end.left_behind, Vec::<&str>::new(), "{end:?}");
    assert!(end.screen.contains(MESSAGE), "the message is to be read: {end:?}");
    assert_eq!(end.code, code, "{end:?}");
}

#[test]
fn on_the_thread_that_draws() {
    // The code of a failed test: nothing catches this panic.
    a_panic("on_the_thread_that_draws", "main", 101);
}

#[test]
fn on_another_thread() {
    a_panic("on_another_thread", "another", 0);
}
