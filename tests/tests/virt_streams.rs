//! What nodes print, and what commands leave there, on real hosts: a command ends with all that it started, and a program that prints
//! without end fills neither memory nor disk and hides nothing of the run.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::collections::BTreeSet;
use std::fs;

use pictl_model::run::{RunEvent, RunOutcome};
use pictl_tests::{LIMIT, Lab, Operator, Running, eventually, nothing_left, run, skip, unless_lab_runs_here};
use rustix::process::Signal;
use serde_json::Value;

const NODES: [usize; 2] = [1, 2];
/// A child, one in a session of its own, one that does not end on TERM, and one that root started.
const FAMILY: &str = "sleep 98761 & setsid sleep 98761 >/dev/null 2>&1 & sudo sleep 98761 & \
                      sh -c 'trap \"\" TERM; sleep 98761; sleep 98761' & wait";
/// What a program may print into a record, and again as lines.
const KEPT: u64 = 64 << 20;
/// Far less than what is printed here in the same time, in KiB.
const MEMORY: u64 = 600 << 10;

/// The processes on these nodes that [`FAMILY`] started.
fn family(lab: &Lab) -> Vec<String> {
    let all = NODES.iter().flat_map(|n| lab.processes(*n));
    all.map(|process| process.command_line).filter(|line| line.trim_end() == "sleep 98761").collect()
}

/// The most memory that a program has held so far, in KiB.
fn peak(running: &Running) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", running.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn a_command_ends_with_all_that_it_started_and_noise_is_bounded() {
    if let Some(why) = unless_lab_runs_here() {
        return skip(why);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "openmpi"]);
    let me = Operator::new(&lab);
    me.set_up();
    commands_end(&lab, &me);
    commands_are_bounded(&me);
    runs_are_bounded(&lab, &me);
}

fn commands_end(lab: &Lab, me: &Operator) {
    // The limit: it ended there, and that is said.
    let ended = me.run(&["exec", "--timeout", "8", "--", FAMILY]).with(1);
    assert_eq!(ended.err.matches("timed out after 8 s; it was ended there").count(), 2, "{}", ended.err);
    assert_eq!(family(lab), [""; 0]);

    for how in ["Ctrl-C", "the connection"] {
        let running = Running::start(me.pictl(&["exec", "--", FAMILY]), "");
        eventually("the command runs on both nodes", LIMIT, || (family(lab).len() >= 8).then_some(()));
        if how == "Ctrl-C" {
            running.signal(Signal::INT);
            let ended = running.wait_for_end(LIMIT).with(130);
            assert_eq!(ended.err.matches("stopped; it was ended there").count(), 2, "{}", ended.err);
            assert_eq!(family(lab), [""; 0], "{how}");
        } else {
            running.signal(Signal::KILL);
            running.wait_for_end(LIMIT).with(-9);
        }
        eventually("nothing is left of it", LIMIT, || family(lab).is_empty().then_some(()));
    }
}

fn commands_are_bounded(me: &Operator) {
    for (noise, nodes) in [("yes", 2), ("tr '\\0' x </dev/zero", 2), ("yes >&2", 2)] {
        let mut running = Running::start(me.pictl(&["exec", "--json", "--", noise]), "");
        let mut megabytes = 0;
        running.wait_for_line("80 MB of it left out", 4 * LIMIT, |line| {
            let event: Value = serde_json::from_str(line).unwrap_or_default();
            megabytes += event["event"]["bytes"].as_u64().unwrap_or_default() / 1_000_000;
            event["event"]["kind"] == "exec_omitted" && megabytes > 80
        });
        let memory = peak(&running);
        assert!(memory < MEMORY, "{noise}: {memory} KiB on {nodes} nodes");
        running.signal(Signal::INT);
        running.wait_for_end(LIMIT).with(130);
    }
    // For people it is counted too.
    let ended = me.run(&["exec", "--nodes", "pi01", "--", "seq 400000"]).with(0);
    let left_out = ended.out.lines().find(|line| line.contains("more, left out")).unwrap_or_default();
    assert!(left_out.trim().starts_with("… and 300000 lines ("), "{left_out}");
}

fn runs_are_bounded(lab: &Lab, me: &Operator) {
    let program = me.home.path().join("noisy.sh");
    let noise = "this line says nothing at all, and very often; ".repeat(4);
    fs::write(&program, format!("#!/bin/sh\nyes '{noise}' | head -n 250000\necho over\n")).unwrap();
    run(me.command(&["chmod", "+x", "noisy.sh"]), "").with(0);
    let mut running = Running::start(me.pictl(&["run", "--json", "-n", "2", "--", "./noisy.sh"]), "");
    let (mut ends, mut lines) = (BTreeSet::new(), 0);
    running.wait_for_line("the ends of both ranks", 10 * LIMIT, |line| {
        let Ok(stamped) = serde_json::from_str::<pictl_model::Stamped>(line) else { return false };
        if let pictl_model::Event::Run { event, .. } = stamped.event {
            match event {
                RunEvent::Done { rank } => _ = ends.insert(rank),
                RunEvent::Omitted { lines: count, .. } => lines += count,
                _ => {}
            }
        }
        ends.len() == 2
    });
    let memory = peak(&running);
    assert!(memory < MEMORY, "{memory} KiB");
    let ended = running.wait_for_end(4 * LIMIT).with(0);
    let last = ended.json().pop().unwrap();
    assert_eq!(last["event"]["event"]["summary"]["outcome"], serde_json::to_value(RunOutcome::Succeeded).unwrap());

    let id = last["event"]["run"].as_str().unwrap();
    let record = me.home.path().join("data/pictl/clusters/default/runs").join(id);
    let size = |name: &str| fs::metadata(record.join(name)).unwrap().len();
    assert_eq!(size("output.log"), KEPT);
    assert!(size("events.jsonl") < KEPT + (8 << 20), "{}", size("events.jsonl"));
    // The record says how much is missing, and has the ends of the ranks.
    let events = fs::read_to_string(record.join("events.jsonl")).unwrap();
    let stamped = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["event"]["event"].clone());
    let (mut shown, mut missing, mut ends) = (0, 0, BTreeSet::new());
    for event in stamped {
        match event["what"].as_str() {
            Some("output") => shown += 1,
            Some("omitted") => missing += event["lines"].as_u64().unwrap(),
            Some("done") => _ = ends.insert(event["rank"].as_u64().unwrap()),
            _ => {}
        }
    }
    assert_eq!(ends, BTreeSet::from([0, 1]));
    assert!(missing >= lines, "what was left out of the events is left out of the record too");
    // Launchers lose lines of their own when there are so many.
    assert!(shown > 100_000 && missing > 0 && shown + missing < 500_100, "{shown} shown, {missing} left out");
    nothing_left(lab, &NODES, LIMIT);
}
