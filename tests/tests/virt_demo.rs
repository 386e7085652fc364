//! The demo on real hosts: a virtual cluster that is made, used and taken down by one command.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::f64::consts::PI;
use std::fs;
use std::path::Path;
use std::process::Command;

use pictl_tests::{Home, LIMIT, Running, eventually, processes_with, run, skip, unless_lab_runs_here};
use rustix::process::Signal;

/// A demo that runs, and what it must not leave.
struct Demo {
    home: Home,
    running: Running,
    /// What everything it makes is called after.
    lab: String,
}

impl Demo {
    fn start() -> Self {
        let home = Home::new();
        let command = home.pictl(&["demo", "--real", "--yes", "--plain", "--nodes", "2"]);
        let running = Running::start_in_a_group(command);
        let lab = format!("demo{}", running.id());
        Self { home, running, lab }
    }
}

/// No namespace, mount, process or directory of the lab is left, and no file of the demo.
fn is_clean(home: &Home, lab: &str) {
    let mut list = Command::new("ip");
    list.args(["netns", "list"]);
    let namespaces = run(list, "").with(0).out;
    assert!(!namespaces.contains(&format!("pictl-lab.{lab}.")), "namespaces stayed:\n{namespaces}");
    let mounts = fs::read_to_string("/proc/mounts").unwrap();
    assert!(!mounts.contains(lab), "mounts stayed:\n{mounts}");
    let directory = Path::new("/var/lib/pictl-lab").join(lab);
    assert!(!directory.exists(), "{} stayed", directory.display());
    // Init has to reap those that were killed.
    eventually("no process of the lab", LIMIT, || {
        let groups =
            fs::read_dir("/proc").unwrap().filter_map(|e| fs::read_to_string(e.ok()?.path().join("cgroup")).ok());
        (!groups.into_iter().any(|groups| groups.contains(&format!("pictl-lab.{lab}.")))).then_some(())
    });
    let processes = processes_with(home.path().to_str().unwrap());
    assert!(processes.is_empty(), "processes stayed: {processes:?}");
    let files: Vec<_> = fs::read_dir(home.path().join("tmp")).unwrap().collect();
    assert!(files.is_empty(), "files stayed: {files:?}");
}

#[test]
fn it_shows_the_whole_job_on_real_hosts_and_leaves_nothing() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let Demo { home, running, lab } = Demo::start();
    let ended = running.wait_for_end(5 * LIMIT).with(0);
    let value: f64 = ended.out.lines().last().unwrap().strip_prefix("pi = ").unwrap().parse().unwrap();
    assert!((value - PI).abs() < 1e-6, "{value}");
    let ended = ended.says(&["slices   64 of 64", "Open MPI", "pi02"]);
    assert!(!ended.err.contains("simulated"), "{}", ended.err);
    is_clean(&home, &lab);
}

#[test]
fn ctrl_c_stops_the_run_and_takes_the_hosts_down() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let Demo { home, mut running, lab } = Demo::start();
    running.wait_for("slice 6/64", 5 * LIMIT);
    running.signal_group(Signal::INT);
    running.wait_for_end(2 * LIMIT).with(130).says(&["outcome  aborted"]);
    is_clean(&home, &lab);
}
