//! The terminal that the other tests type into, tried on the shell.
#![allow(clippy::unwrap_used, reason = "in tests a surprise is a failure")]

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use pictl_tests::{LIMIT, Terminal, key};
use rustix::process::Signal;

fn sh(script: &str) -> Terminal {
    let path = std::env::var("PATH").unwrap();
    Terminal::start((40, 10), Path::new("/bin/sh"), &["-c", script], [("PATH", path.as_str())])
}

#[test]
fn shows_types_and_ends() {
    let mut terminal = sh("printf 'name? '; read name; echo \"hello $name\"; exit 7");
    terminal.wait_for_text("name? ", LIMIT);
    terminal.send("pi");
    terminal.wait_for_text("name? pi", LIMIT);
    terminal.send(key::ENTER);
    let end = terminal.wait_for_end(LIMIT);
    assert_eq!(end.code, 7);
    assert_eq!(end.screen, "name? pi\nhello pi");
    assert_eq!(end.left_behind, Vec::<&str>::new());
}

#[test]
fn answers_where_the_cursor_is() {
    let script = r"stty -icanon -echo; printf 'abc\033[6n'; answer=$(dd bs=1 count=6 2>/dev/null | od -An -c); echo; echo $answer; stty sane";
    let end = sh(script).wait_for_end(LIMIT);
    assert_eq!(end.screen, "abc\n033 [ 1 ; 4 R");
}

#[test]
fn reports_what_was_left_behind() {
    let end = sh(r"stty raw -echo; printf '\033[?1049h\033[?25l\033[?2004h\033[?1000h'").wait_for_end(LIMIT);
    assert_eq!(end.left_behind, ["alternate screen", "hidden cursor", "bracketed paste", "mouse", "modes"]);
}

#[test]
fn reports_the_signal() {
    let mut terminal = sh("echo ready; exec cat");
    terminal.wait_for_text("ready", LIMIT);
    terminal.signal(Signal::TERM);
    let end = terminal.wait_for_end(LIMIT);
    assert!(end.signal.is_some_and(|signal| signal.contains("Terminated")));
}

#[test]
fn takes_another_size() {
    let mut terminal = sh("trap 'stty size; exit' WINCH; echo ready; while :; do read line; done");
    terminal.wait_for_text("ready", LIMIT);
    terminal.resize(100, 30);
    terminal.wait_for_text("30 100", LIMIT);
    assert_eq!(terminal.cells().size().1.get(), 100);
}

#[test]
#[should_panic(expected = "no \"never\" on the screen within")]
fn a_wait_ends_at_its_limit() {
    sh("echo ready; exec cat").wait_for_text("never", Duration::from_millis(200));
}

#[test]
#[should_panic(expected = "the program ended without")]
fn a_wait_ends_with_the_program() {
    sh("echo over").wait_for_text("never", LIMIT);
}

#[test]
fn the_program_ends_with_its_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Deaf to the hang-up, and holding the pipe's other end until it is gone.
    let script = format!("trap '' HUP; exec 3>'{}'; echo ready >&3; while :; do read line; done", pipe.display());
    let terminal = sh(&script);
    let mut reader = std::fs::File::open(&pipe).unwrap();
    let mut first = [0; 6];
    reader.read_exact(&mut first).unwrap();
    drop(terminal);
    assert_eq!(reader.read_to_end(&mut Vec::new()).unwrap(), 0);
}
