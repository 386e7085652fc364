//! Tests that cannot run everywhere say so, and are counted.

use std::fs::OpenOptions;
use std::io::Write;

/// Says that this test cannot run here, and why. The test then returns.
///
/// Besides the line `SKIP reason` this appends one line to the file that `PICTL_SKIP_FILE` names, from which `tests/run`
/// counts: the runner sees only a test that passed. Rooms whose tests cannot use this package do the same two things by
/// hand; `tests/run` describes the convention.
pub fn skip(reason: &str) {
    let test = std::thread::current().name().unwrap_or("?").to_owned();
    println!("SKIP {reason}");
    if let Some(path) = std::env::var_os("PICTL_SKIP_FILE") {
        let binary = std::env::var("NEXTEST_BINARY_ID").unwrap_or_default();
        let mut file = OpenOptions::new().create(true).append(true).open(path).expect("PICTL_SKIP_FILE can be written");
        // One write a line: tests run at the same time.
        file.write_all(format!("{binary} {test}\t{reason}\n").as_bytes()).expect("PICTL_SKIP_FILE can be written");
    }
}

/// Why a virtual cluster of real hosts is not possible here; `None` if it is.
pub fn unless_lab_runs_here() -> Option<&'static str> {
    if !cfg!(target_os = "linux") {
        Some("a virtual cluster needs Linux")
    } else if !rustix::process::geteuid().is_root() {
        Some("a virtual cluster needs root")
    } else {
        None
    }
}
