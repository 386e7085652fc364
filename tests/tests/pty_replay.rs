//! A record of a run on real hosts is shown again: its screens, its lines, its events.
#![allow(clippy::unwrap_used, reason = "a helper that cannot go on fails the test that called it")]

use std::fs;
use std::path::{Path, PathBuf};

use pictl_model::event::Stamped;
use pictl_tests::{Home, LIMIT, Terminal, key, pictl, repository, run};

const RUN: &str = "20261120-102826-pi-7e48";

/// A home whose default cluster has the recorded run, and the folder of its runs.
fn home_with_record() -> (Home, PathBuf) {
    let home = Home::new();
    let runs = home.path().join("data/pictl/clusters/default/runs");
    copy(&repository().join("assets/fixtures/runs").join(RUN), &runs.join(RUN));
    (home, runs)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn the_last_screen_is_the_runs_own() {
    let (home, _) = home_with_record();
    let words = ["runs", "replay", "last", "--speed", "20"];
    let mut terminal = Terminal::start((120, 40), &pictl(), &words, home.environment());
    terminal.wait_for_text("3 Run", LIMIT);
    terminal.send("3");
    terminal.wait_for("end of the recorded run", LIMIT, |screen| {
        screen.contains("RECORD of") && screen.contains("12 of 12 slices") && screen.contains("succeeded")
    });
    // Nothing can be started from a record.
    terminal.send("s");
    terminal.wait_for_text("this is a record of a run", LIMIT);
    terminal.send("q");
    let end = terminal.wait_for_end(LIMIT);
    assert_eq!(end.code, 0, "{}", end.screen);
    assert!(end.left_behind.is_empty(), "{:?}", end.left_behind);
}

#[test]
fn the_dashboard_lists_replays_and_deletes_records() {
    let (home, runs) = home_with_record();
    let damaged = "20261119-090000-pi-0bad";
    fs::create_dir_all(runs.join(damaged)).unwrap();
    fs::write(runs.join(damaged).join("run.json"), "{").unwrap();
    let mut terminal = Terminal::start((120, 40), &pictl(), &[], home.environment());
    terminal.wait_for_text("5 History", LIMIT);
    terminal.send("5");
    terminal.wait_for("both records", LIMIT, |screen| {
        screen.contains("2 runs, 1 damaged") && screen.contains(RUN) && screen.contains(damaged)
    });
    terminal.send("\r");
    terminal.wait_for_text(&format!("RECORD of {RUN}"), LIMIT);
    terminal.send("q");
    terminal.wait_for("the list again", LIMIT, |screen| {
        screen.contains("2 runs, 1 damaged") && !screen.contains("RECORD of")
    });
    terminal.send("d");
    terminal.wait_for_text("Delete this record?", LIMIT);
    assert!(runs.join(RUN).exists(), "nothing before the answer");
    terminal.send("\r");
    terminal.wait_for_text("deleted the record of pi", LIMIT);
    terminal.wait_for_text("1 run, 1 damaged", LIMIT);
    assert!(!runs.join(RUN).exists() && runs.join(damaged).exists());
    terminal.send("q");
    assert_eq!(terminal.wait_for_end(LIMIT).code, 0);
}

#[test]
fn ctrl_c_leaves_a_record_in_the_middle_without_a_question() {
    let (home, _) = home_with_record();
    let words = ["runs", "replay", RUN, "--speed", "0.05"];
    let mut terminal = Terminal::start((80, 24), &pictl(), &words, home.environment());
    terminal.wait_for_text("RECORD of", LIMIT);
    terminal.send(key::CTRL_C);
    assert_eq!(terminal.wait_for_end(LIMIT).code, 0);
}

#[test]
fn its_lines_and_events_come_without_a_terminal() {
    let (home, runs) = home_with_record();
    let plain = run(home.pictl(&["runs", "replay", RUN, "--plain"]), "").with(0).says(&["slice 12/12", "rank"]);
    assert!(plain.out.contains("outcome  succeeded"), "{}", plain.out);
    let json = run(home.pictl(&["runs", "replay", RUN, "--json"]), "").with(0);
    // What later versions may say besides is not in the older record.
    let events =
        |text: &str| -> Vec<Stamped> { text.lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
    let record = fs::read_to_string(runs.join(RUN).join("events.jsonl")).unwrap();
    assert_eq!(events(&json.out), events(&record), "the events as they were");
}

#[test]
fn a_record_is_deleted_after_a_yes_only() {
    let (home, runs) = home_with_record();
    run(home.pictl(&["runs", "delete", RUN]), "").with(2).says(&["--yes"]);
    assert!(runs.join(RUN).exists());
    run(home.pictl(&["runs", "delete", RUN, "--yes"]), "").with(0).says(&["deleted"]);
    assert!(!runs.join(RUN).exists());
    run(home.pictl(&["runs", "replay", RUN]), "").with(2).says(&["no run"]);
}
