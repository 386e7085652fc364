//! Records on disk: written, read again, torn, damaged, of a newer version, and replayed to the same run.
#![allow(clippy::expect_used, reason = "a test that cannot be prepared has failed")]

mod common;

use std::fs;
use std::path::Path;

use common::{START, facts, id, member, plan};
use pictl_engine::record::{Earlier, RecordError, Recorder, RunFile, earlier, events, find, list, read};
use pictl_formats::launcher::{self, LAUNCHERS, Launcher};
use pictl_model::event::{Event, Stamped, VERSION};
use pictl_model::run::{Origin, RunEvent, RunOutcome, RunPhase, RunPlan, RunSummary, Stream, Verdict};
use pictl_model::telemetry::Sample;
use pictl_model::units::Celsius;
use pictl_model::world::World;
use pictl_model::{Millis, Rank, RunId};
use serde::Serialize;
use serde_json::Value;

const ID: &str = "20261120-084501-pi-0007";

fn run_id(text: &str) -> RunId {
    text.parse().expect("a run id")
}

/// Two nodes, what they say of themselves, and how warm the first one is a moment before a run.
fn known() -> World {
    let mut world = World::default();
    let inventory = Event::Inventory { cluster: "lab".into(), members: vec![member(1), member(2)] };
    let read = [1, 2].map(|n| Event::FactsRead { node: id(n), facts: Box::new(facts(n)) });
    let warm = Sample { temp: Some(Celsius(48.5)), ..Sample::default() };
    let sampled = Event::Sampled { node: id(1), sample: warm };
    for event in [inventory].into_iter().chain(read).chain([sampled]) {
        world.apply(&Stamped { v: VERSION, seq: 0, at: START, event });
    }
    world
}

fn begin(runs: &Path, plan: &RunPlan) -> Recorder {
    Recorder::begin(runs, plan, &known()).expect("begun")
}

fn summary(plan: &RunPlan, world: &World) -> RunSummary {
    let view = world.run.as_ref().expect("a run");
    RunSummary {
        started: view.launched.expect("launched"),
        program_seconds: Some(1.25),
        value: Some(std::f64::consts::PI - 1e-4),
        expected: Some(std::f64::consts::PI),
        tolerance: Some(5e-4),
        ranks: view.rank_summaries(),
        nodes: view.node_summaries(),
        ..common::summary(plan)
    }
}

/// What happens in a run, up to and without its last event.
fn story(plan: &RunPlan) -> Vec<Event> {
    let run = plan.id.clone();
    let mut happened = vec![
        RunEvent::Planned { plan: Box::new(plan.clone()) },
        RunEvent::Phase { phase: RunPhase::Launching },
        RunEvent::Begin { size: 2, slices: 4, slice_size: 1000, program: "pi".into() },
        RunEvent::Host { rank: Rank(0), host: "pi01".into() },
    ];
    for slice in 0..4 {
        let rank = Rank(slice % 2);
        happened.push(RunEvent::Assign { rank, slice });
        happened.push(RunEvent::Part { rank, slice, fraction: 0.3 });
        // Numbers that a careless format rounds.
        let value = Some(0.1 + 0.2 + f64::from(slice) * 1e-17);
        happened.push(RunEvent::Slice { rank, slice, seconds: 0.1 + f64::from(slice) / 3.0, value });
    }
    happened.push(RunEvent::Output { stream: Stream::Err, rank: Some(Rank(1)), line: "tab\"quote ünï".into() });
    happened.push(RunEvent::Other { json: "{\"e\":\"later\"}".into() });
    happened.push(RunEvent::Result { value: std::f64::consts::PI - 1e-4, seconds: 1.25 });
    happened.extend([Rank(0), Rank(1)].map(|rank| RunEvent::Done { rank }));
    happened.push(RunEvent::Swept { node: id(2), killed: 0, left: None });
    let mut events: Vec<_> = happened.into_iter().map(|event| Event::Run { run: run.clone(), event }).collect();
    let sample = Sample { uptime: 1.5, temp: Some(Celsius(71.3)), ..Sample::default() };
    events.insert(5, Event::Sampled { node: id(2), sample });
    events
}

/// Records a whole run and folds it while it goes on.
fn recorded(runs: &Path) -> World {
    let plan = plan(ID, 2, 2);
    let mut recorder = begin(runs, &plan);
    let mut world = known();
    let mut keep = |world: &mut World, event: Event, seq: usize| {
        let at = START.plus(Millis(seq as u64 * 137));
        let stamped = Stamped { v: VERSION, seq: seq as u64, at, event };
        world.apply(&stamped);
        recorder.output(b"raw bytes \xff\n").expect("kept");
        recorder.event(&stamped).expect("kept")
    };
    let story = story(&plan);
    let last = story.len() + 1;
    for (seq, event) in story.into_iter().enumerate() {
        assert!(!keep(&mut world, event, seq + 1));
    }
    let finished = RunEvent::Finished { summary: Box::new(summary(&plan, &world)) };
    assert!(keep(&mut world, Event::Run { run: plan.id.clone(), event: finished }, last), "that was the last one");
    world
}

fn events_path(runs: &Path) -> std::path::PathBuf {
    runs.join(ID).join("events.jsonl")
}

#[test]
fn a_replay_shows_the_very_run_that_was_seen() {
    let dir = tempfile::tempdir().expect("a folder");
    let live = recorded(dir.path());
    let (events, torn) = events(dir.path(), &run_id(ID)).expect("readable");
    assert!(!torn);
    let mut replayed = World::default();
    for event in &events {
        replayed.apply(event);
    }
    assert_eq!(replayed.run, live.run);
    let heat = replayed.run.as_ref().expect("a run").node_summaries();
    assert_eq!(heat[0].max_temp, Some(Celsius(48.5)), "the reading before the run is its only one");
    assert_eq!(replayed.cluster, "lab");
    assert_eq!(replayed.members().len(), 2, "a replay knows the nodes");
    assert_eq!(replayed.nodes[&id(1)].facts, Some(facts(1)));

    let file = read(dir.path(), &run_id(ID)).expect("readable");
    assert_eq!(file.summary, live.run.as_ref().and_then(|r| r.summary.clone()));
    assert_eq!((file.v, file.plan, file.facts.len()), (VERSION, plan(ID, 2, 2), 2));
    let output = fs::read(dir.path().join(ID).join("output.log")).expect("readable");
    assert!(output.starts_with(b"raw bytes \xff\n"));
    let left: Vec<_> = fs::read_dir(dir.path().join(ID)).expect("a folder").collect();
    assert_eq!(left.len(), 3, "nothing is left beside the three files: {left:?}");
}

#[test]
fn what_a_watch_sees_is_no_part_of_a_run_and_that_a_node_went_away_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let plan = plan(ID, 2, 2);
    let mut recorder = begin(dir.path(), &plan);
    let started = Event::ScanStarted { targets: "lan".into(), method: "ARP".into(), addresses: 254, again: true };
    let finished = Event::ScanFinished { found: 2, pis: 2, elapsed: Millis(400), problems: Vec::new() };
    let seen = Event::Seen { node: id(1), sighting: common::sighting(1) };
    let moved = Event::Moved { node: id(1), from: common::address(1), to: common::address(41) };
    let gone = Event::Gone { node: id(2) };
    for event in [started, seen, moved.clone(), gone.clone(), finished] {
        recorder.event(&Stamped { v: VERSION, seq: 1, at: START, event }).expect("written");
    }
    recorder.flush().expect("flushed");
    let (kept, _) = events(dir.path(), &plan.id).expect("readable");
    let kept: Vec<_> = kept.into_iter().map(|stamped| stamped.event).rev().take(2).collect();
    assert_eq!(kept, [gone, moved]);
    let mut world = World::default();
    for stamped in events(dir.path(), &plan.id).expect("readable").0 {
        world.apply(&stamped);
    }
    assert!(world.nodes[&id(2)].is_gone());
}

/// The records of `assets/fixtures/runs`, as earlier versions wrote them.
fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/fixtures/runs")
}

/// Everything in `old` is in `new` too; `new` may have more fields.
fn covers(new: &Value, old: &Value) -> bool {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            old.iter().all(|(key, old)| new.get(key).map_or(old.is_null(), |new| covers(new, old)))
        }
        (Value::Array(new), Value::Array(old)) => {
            new.len() == old.len() && new.iter().zip(old).all(|(new, old)| covers(new, old))
        }
        (new, old) => new == old,
    }
}

fn assert_covers(new: &impl Serialize, old: &str, place: &str) {
    // By way of text, where a number of 32 bits is as short as it was.
    let new = serde_json::from_str(&serde_json::to_string(new).expect("JSON")).expect("JSON");
    let old = serde_json::from_str(old).expect("JSON");
    assert!(covers(&new, &old), "{place} is written differently today:\n{new}\n{old}");
}

#[test]
fn records_of_earlier_versions_replay_to_the_result_in_their_run_json() {
    let runs = fixtures();
    let ids = list(&runs).expect("listed");
    assert_eq!(ids.len(), fs::read_dir(&runs).expect("there").count(), "every folder is a run");
    for id in &ids {
        let file = read(&runs, id).unwrap_or_else(|e| panic!("{id}: {e}"));
        let summary = file.summary.as_ref().expect("it is over");
        let (stamped, torn) = events(&runs, id).unwrap_or_else(|e| panic!("{id}: {e}"));
        assert!(!torn, "{id}");
        let mut world = World::default();
        for event in &stamped {
            world.apply(event);
        }
        let view = world.run.as_ref().expect("a run");
        assert_eq!(
            (&view.plan, view.summary.as_ref(), view.phase),
            (&file.plan, Some(summary), RunPhase::Over),
            "{id}"
        );
        assert_eq!(view.slices_done(), summary.slices_done(), "{id}");
        assert_eq!(
            (view.rank_summaries(), view.node_summaries()),
            (summary.ranks.clone(), summary.nodes.clone()),
            "{id}"
        );
        assert_eq!(view.result.map(|(value, _)| value), summary.value, "{id}");
        assert_eq!(view.launched.unwrap_or(summary.started), summary.started, "{id}");
        for (node, facts) in &file.facts {
            assert_eq!(world.nodes[node].facts.as_ref(), Some(facts), "{id}: {node}");
        }
        // What is read is also written as it was: a script that reads records goes on working.
        let text = |name: &str| fs::read_to_string(runs.join(id.as_str()).join(name)).expect("readable");
        assert_covers(&file, &text("run.json"), &format!("{id}/run.json"));
        for (number, (event, line)) in (1..).zip(stamped.iter().zip(text("events.jsonl").lines())) {
            assert_covers(event, line, &format!("{id}/events.jsonl:{number}"));
        }
    }
}

#[test]
fn there_is_a_record_of_every_kind() {
    let runs = fixtures();
    let files: Vec<_> = list(&runs).expect("listed").iter().map(|id| read(&runs, id).expect("readable")).collect();
    let is_there = |what: &str, fits: &dyn Fn(&RunFile, &RunSummary) -> bool| {
        let found = files.iter().any(|file| file.summary.as_ref().is_some_and(|summary| fits(file, summary)));
        assert!(found, "no record of {what}");
    };
    for outcome in [RunOutcome::Succeeded, RunOutcome::Failed, RunOutcome::Aborted] {
        is_there(outcome.word(), &|_, summary| summary.outcome == outcome);
    }
    for name in ["pi", "pi-c", "pi-published", "primes", "pingpong", "scatter", "hello"] {
        is_there(name, &|file, summary| file.plan.workload.name == name && summary.outcome == RunOutcome::Succeeded);
    }
    for launcher in LAUNCHERS.into_iter().map(Launcher::name) {
        let fits = |file: &RunFile| launcher::of(&file.plan.mpi).name() == launcher;
        is_there(launcher, &|file, summary| fits(file) && summary.outcome == RunOutcome::Succeeded);
        is_there(&format!("an own program on {launcher}"), &|file, _| {
            fits(file) && file.plan.workload.origin == Origin::Own
        });
        is_there(&format!("a lost node on {launcher}"), &|file, summary| {
            let reason = summary.reason.as_deref().unwrap_or_default();
            let is_lost = reason.contains("a node went away") || reason.contains("was lost");
            fits(file) && summary.outcome == RunOutcome::Failed && is_lost
        });
    }
    is_there("a repeated run", &|file, _| file.plan.series.as_ref().is_some_and(|series| series.of == 2));
    is_there("a run that never began", &|_, summary| summary.validity.is_none());
    is_there("a rank that failed", &|_, summary| {
        summary.reason.as_deref().is_some_and(|reason| reason.contains("ended with exit status 3"))
    });
    for verdict in [Verdict::Valid, Verdict::Doubtful] {
        is_there(verdict.word(), &|_, summary| summary.validity.as_ref().is_some_and(|v| v.verdict == verdict));
    }
    let is_out_of_sight = |id: &RunId| {
        let (events, _) = events(&runs, id).expect("readable");
        events.iter().any(|e| matches!(&e.event, Event::Run { event: RunEvent::OutOfSight { .. }, .. }))
    };
    assert!(files.iter().any(|file| is_out_of_sight(&file.plan.id)), "no record with a lost connection to the head");
}

#[test]
fn a_run_that_is_not_over_has_no_result_yet() {
    let dir = tempfile::tempdir().expect("a folder");
    let plan = plan(ID, 2, 2);
    let mut recorder = begin(dir.path(), &plan);
    let event = Event::Run { run: plan.id.clone(), event: RunEvent::Done { rank: Rank(0) } };
    recorder.event(&Stamped { v: VERSION, seq: 1, at: START, event: event.clone() }).expect("kept");
    recorder.flush().expect("kept");
    // As after a kill -9: nothing was closed.
    let (kept, torn) = events(dir.path(), &plan.id).expect("readable");
    assert_eq!((kept.last().map(|e| e.event.clone()), torn), (Some(event), false));
    assert_eq!(read(dir.path(), &plan.id).expect("readable").summary, None);
    let another = Event::Run { run: run_id("another"), event: RunEvent::Done { rank: Rank(0) } };
    let kept = recorder.event(&Stamped { v: VERSION, seq: 2, at: START, event: another });
    assert!(matches!(kept, Ok(false)));
}

#[test]
fn a_run_of_the_same_name_is_not_written_over() {
    let dir = tempfile::tempdir().expect("a folder");
    recorded(dir.path());
    let before = fs::read(events_path(dir.path())).expect("readable");
    assert!(Recorder::begin(dir.path(), &plan(ID, 2, 2), &World::default()).is_err());
    assert_eq!(fs::read(events_path(dir.path())).expect("readable"), before);
}

#[test]
fn a_torn_last_line_is_left_out_and_said() {
    let dir = tempfile::tempdir().expect("a folder");
    recorded(dir.path());
    let path = events_path(dir.path());
    let whole = fs::read(&path).expect("readable");
    let (all, _) = events(dir.path(), &run_id(ID)).expect("readable");
    fs::write(&path, &whole[..whole.len() - 20]).expect("written");
    let (kept, torn) = events(dir.path(), &run_id(ID)).expect("readable");
    assert_eq!((kept.len(), torn), (all.len() - 1, true));
    assert_eq!(kept[..], all[..kept.len()]);
    // Only the end of the line is missing.
    fs::write(&path, &whole[..whole.len() - 1]).expect("written");
    assert_eq!(events(dir.path(), &run_id(ID)).expect("readable"), (all, false));
}

#[test]
fn a_damaged_line_in_the_middle_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    recorded(dir.path());
    let path = events_path(dir.path());
    let text = fs::read_to_string(&path).expect("readable");
    let mut lines: Vec<&str> = text.lines().collect();
    lines[6] = &lines[6][..lines[6].len() / 2];
    fs::write(&path, lines.join("\n")).expect("written");
    let error = events(dir.path(), &run_id(ID)).expect_err("damaged");
    assert!(matches!(&error, RecordError::Damaged { why, .. } if why.starts_with("line 7: ")), "{error}");
    assert!(error.to_string().contains("events.jsonl"), "{error}");
}

#[test]
fn a_newer_pictl_s_record_is_refused_as_such() {
    let dir = tempfile::tempdir().expect("a folder");
    recorded(dir.path());
    let line = format!("{{\"v\":{},\"seq\":9,\"at\":1,\"event\":{{\"kind\":\"dreamt\"}}}}\n", VERSION + 1);
    let mut text = fs::read_to_string(events_path(dir.path())).expect("readable");
    text.push_str(&line);
    fs::write(events_path(dir.path()), text).expect("written");
    let error = events(dir.path(), &run_id(ID)).expect_err("newer");
    assert!(matches!(error, RecordError::Newer { version, .. } if version == VERSION + 1), "{error}");

    let path = dir.path().join(ID).join("run.json");
    fs::write(&path, format!("{{\"v\":{},\"surprise\":true}}", VERSION + 1)).expect("written");
    let error = read(dir.path(), &run_id(ID)).expect_err("newer");
    assert!(matches!(error, RecordError::Newer { .. }), "{error}");
}

#[test]
fn a_run_json_that_is_missing_or_cut_is_damage_with_its_path() {
    let dir = tempfile::tempdir().expect("a folder");
    recorded(dir.path());
    let path = dir.path().join(ID).join("run.json");
    let whole = fs::read(&path).expect("readable");
    for cut in [0, 1, whole.len() / 2, whole.len() - 3] {
        fs::write(&path, &whole[..cut]).expect("written");
        let error = read(dir.path(), &run_id(ID)).expect_err("cut");
        assert!(matches!(error, RecordError::Damaged { .. }) && error.to_string().contains("run.json"), "{error}");
    }
    fs::remove_file(&path).expect("removed");
    let error = read(dir.path(), &run_id(ID)).expect_err("missing");
    assert!(error.to_string().contains("run.json is missing"), "{error}");
}

#[test]
fn runs_are_found_by_name_by_a_part_of_it_and_as_the_last() {
    let dir = tempfile::tempdir().expect("a folder");
    assert!(matches!(find(dir.path(), "last"), Err(RecordError::Missing(_))));
    assert_eq!(list(&dir.path().join("nothing here")).expect("none"), []);
    let ids = ["20261119-084501-pi-0007", "20261120-084501-pi-0007", "20261120-084501-pi-00071"];
    for id in ids {
        fs::create_dir(dir.path().join(id)).expect("made");
    }
    fs::create_dir(dir.path().join("no run")).expect("made");
    let found = |word: &str| find(dir.path(), word).map(|id| id.to_string()).map_err(|e| e.to_string());
    assert_eq!(list(dir.path()).expect("listed").len(), 3);
    assert_eq!(found("last").as_deref(), Ok(ids[2]));
    assert_eq!(found("20261119").as_deref(), Ok(ids[0]));
    assert_eq!(found("00071").as_deref(), Ok(ids[2]));
    assert_eq!(found(ids[1]).as_deref(), Ok(ids[1]), "a whole name, although another begins so");
    assert!(found("2026").is_err_and(|e| e.contains("several runs")));
    assert_eq!(found("x\x1b[31m"), Err("there is no run x[31m".to_owned()));
}

#[test]
fn the_last_run_of_the_same_program_that_succeeded_is_found() {
    let dir = tempfile::tempdir().expect("a folder");
    let record = |id: &str, program: &str, outcome: Option<RunOutcome>| {
        let mut plan = plan(id, 2, 2);
        plan.workload.name = program.into();
        let mut recorder = begin(dir.path(), &plan);
        let mut world = World::default();
        for (seq, event) in (1..).zip(story(&plan)) {
            world.apply(&Stamped { v: VERSION, seq, at: START, event });
        }
        if let Some(outcome) = outcome {
            let summary = Box::new(RunSummary { outcome, ..summary(&plan, &world) });
            let event = Event::Run { run: plan.id, event: RunEvent::Finished { summary } };
            recorder.event(&Stamped { v: VERSION, seq: 100, at: START, event }).expect("written");
        }
    };
    record("20261120-080000-pi-0001", "pi", Some(RunOutcome::Succeeded));
    record("20261120-081000-pi-0002", "pi", Some(RunOutcome::Succeeded));
    record("20261120-082000-pi-0003", "pi", Some(RunOutcome::Failed));
    record("20261120-083000-pi-0004", "pi", None);
    record("20261120-084000-primes-0005", "primes", Some(RunOutcome::Succeeded));
    let before = |id: &str, program: &str| earlier(dir.path(), &run_id(id), program);
    let found = |id, program| before(id, program).same.map(|file| file.plan.id.to_string());
    assert_eq!(found(ID, "pi").as_deref(), Some("20261120-081000-pi-0002"));
    assert_eq!(found("20261120-081000-pi-0002", "pi").as_deref(), Some("20261120-080000-pi-0001"), "before it");
    assert_eq!(found(ID, "hello"), None);
    assert_eq!(before(ID, "pi").ended, Some(START.plus(Millis(5_000))), "the last of all");
    assert_eq!(before("20261120-084000-primes-0005", "pi").ended, Some(START), "its end is not known");
    assert_eq!(earlier(&dir.path().join("nothing"), &run_id(ID), "pi"), Earlier::default());
}
