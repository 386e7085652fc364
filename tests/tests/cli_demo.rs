//! The demo on simulated Pis, for a user who has just built pictl.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::fs;
use std::path::Path;

use pictl_tests::{Ended, Home, LIMIT, Running, processes_with};
use rustix::process::Signal;
use serde_json::Value;

fn demo(home: &Home, words: &[&str]) -> Running {
    Running::start(home.pictl(&[&["demo"], words].concat()), "")
}

/// Nothing is left: no file in the home or its folder for temporary files, no process that came from there.
fn is_clean(home: &Home) {
    let files = |dir: &Path| fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect::<Vec<_>>();
    let temporary = home.path().join("tmp");
    assert_eq!(files(home.path()), [temporary.as_path()], "something stayed in the home");
    assert_eq!(files(&temporary), [""; 0].map(Path::new), "something stayed in the folder for temporary files");
    let processes = processes_with(home.path().to_str().unwrap());
    assert!(processes.is_empty(), "something still runs: {processes:?}");
}

/// The slices of every rank, from the table on standard output.
fn slices_by_rank(ended: &Ended) -> BTreeMap<u32, u32> {
    let rows = ended.out.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let rank = words.next()?.parse().ok()?;
        let host = words.next()?;
        host.starts_with("pi").then(|| words.next()?.parse().ok()).flatten().map(|slices| (rank, slices))
    });
    rows.collect()
}

#[test]
fn it_shows_the_whole_job_and_leaves_nothing() {
    let home = Home::new();
    let ended = demo(&home, &["--plain"]).wait_for_end(3 * LIMIT).with(0);
    let value: f64 = ended.out.lines().last().unwrap().strip_prefix("pi = ").unwrap().parse().unwrap();
    assert!((value - PI).abs() < 1e-6, "{value}");
    let slices = slices_by_rank(&ended);
    assert_eq!(slices.keys().copied().collect::<Vec<_>>(), (0..16).collect::<Vec<_>>(), "{}", ended.out);
    assert_eq!(slices.values().sum::<u32>(), 64, "{}", ended.out);
    assert!(ended.err.contains("simulated"), "it does not say that the Pis are simulated\n{}", ended.err);
    is_clean(&home);
}

#[test]
fn with_json_every_line_is_an_event() {
    let home = Home::new();
    let ended = demo(&home, &["--json", "--nodes", "2"]).wait_for_end(3 * LIMIT).with(0);
    let events = ended.json();
    assert!(events.iter().all(Value::is_object));
    let numbers: Vec<_> = events.iter().map(|e| e["seq"].as_u64().unwrap()).collect();
    assert!(numbers.is_sorted(), "events out of order: {numbers:?}");
    let finished = events.iter().find(|e| e["event"]["event"]["what"] == "finished").expect("a run that ended");
    let summary = &finished["event"]["event"]["summary"];
    assert_eq!(summary["outcome"], "succeeded");
    assert!((summary["value"].as_f64().unwrap() - PI).abs() < 1e-6);
    is_clean(&home);
}

#[test]
fn ctrl_c_in_the_middle_aborts_the_run() {
    let home = Home::new();
    let mut demo = demo(&home, &["--plain"]);
    demo.wait_for("slice 6/64", LIMIT);
    demo.signal(Signal::INT);
    let ended = demo.wait_for_end(LIMIT).with(130).says(&["stopping", "outcome  aborted"]);
    assert!(slices_by_rank(&ended).values().sum::<u32>() < 64, "nothing was stopped\n{}", ended.out);
    is_clean(&home);
}
