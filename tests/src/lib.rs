//! Helpers of the end-to-end tests.
//!
//! These tests see pictl as its users do: as a program that is started with arguments, files and keys, and answers with
//! output, screens and an exit status. Nothing here knows the crates inside, except the vocabulary in which records are written.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a test's output is what its runner shows")]

mod dashboard;
mod headless;
mod home;
mod lab;
mod limits;
mod operator;
mod processes;
mod segment;
mod skip;
mod terminal;
mod watch;

use std::path::PathBuf;

pub use dashboard::Dashboard;
pub use headless::{Ended, Running, eventually, run};
pub use home::Home;
pub use lab::{Lab, RELOAD_SSHD};
pub use limits::{LIMIT, limit};
pub use operator::{Operator, address};
pub use processes::{Process, processes_that_say, processes_with};
pub use segment::{Segment, Sent};
pub use skip::{skip, unless_lab_runs_here};
pub use terminal::{End, Terminal, key};
pub use watch::{Watch, Watched, nothing_left, replayed};

/// The program under test: what `PICTL_BIN` names, otherwise the `pictl` that was built beside this test's executable.
///
/// # Panics
///
/// When there is none: tests of one package do not build the binary of another, so `tests/run` builds it first.
pub fn pictl() -> PathBuf {
    let path = std::env::var_os("PICTL_BIN").map_or_else(
        || {
            let test = std::env::current_exe().expect("a running test has a path");
            // target/debug/deps/TEST-HASH → target/debug/pictl
            test.ancestors().nth(2).expect("a test lies two directories deep").join("pictl")
        },
        PathBuf::from,
    );
    assert!(path.is_file(), "{} is not there; build it with `cargo build -p pictl`", path.display());
    path
}

/// The top of the repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository").to_owned()
}
