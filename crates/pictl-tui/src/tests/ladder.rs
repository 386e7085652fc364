//! Stopping and leaving.

use pictl_model::request::Request;
use pictl_model::run::{RunPhase, Series};
use pictl_model::{Event, Millis};

use super::job::{at, requests, seen};
use crate::fixtures::Session;
use crate::messages::{Effect, Leaving, Msg};

fn left(session: &mut Session) -> Option<Leaving> {
    session.effects.drain(..).find_map(|e| if let Effect::Leave(leaving) = e { Some(leaving) } else { None })
}

/// The run ends.
fn end_run(s: &mut Session) {
    let run = s.app.cx.world.run.as_ref().expect("a run").plan.id.clone();
    s.event(Event::Run { run, event: pictl_model::run::RunEvent::Phase { phase: RunPhase::Over } });
}

#[test]
fn asked_once_twice_and_three_times() {
    let mut s = at("run-running");
    s.keys("ctrl-c");
    assert_eq!(requests(&mut s), [Request::Cancel]);
    assert!(seen(s.wait(2_000)).contains("asked to stop 2.0 s ago (Ctrl-C again kills); still there: pi on 4 nodes"));
    s.keys("ctrl-c");
    assert_eq!(requests(&mut s), [Request::Cancel]);
    assert!(seen(s.wait(1_000)).contains("Ctrl-C again leaves without waiting"));
    s.keys("ctrl-c");
    assert_eq!(left(&mut s), Some(Leaving::Abandoned));
}

#[test]
fn the_ladder_begins_again_with_the_next_run() {
    let mut s = at("run-running");
    s.keys("ctrl-c");
    end_run(&mut s);
    s.effects.clear();
    s.keys("ctrl-c");
    assert_eq!(left(&mut s), Some(Leaving::Quit), "nothing runs: Ctrl-C leaves");
}

#[test]
fn ctrl_c_stops_a_scan_and_leaves_only_without_one() {
    let mut s = at("scanning");
    s.keys("ctrl-c");
    assert_eq!(requests(&mut s), [Request::StopScan], "just that");
    s.keys("ctrl-c");
    assert_eq!(requests(&mut s), [Request::Cancel]);
    s.event(Event::ScanFinished { found: 3, pis: 2, elapsed: Millis(2_000), problems: Vec::new() }).keys("ctrl-c");
    assert_eq!(left(&mut s), Some(Leaving::Quit));
}

#[test]
fn ctrl_c_is_heard_in_every_dialog_and_field() {
    for scene in ["trust", "password-retry", "apply", "quit-busy", "run-output"] {
        let mut s = at(scene);
        s.keys("ctrl-c");
        assert_eq!(requests(&mut s), [Request::Cancel], "{scene}");
    }
    for scene in ["command-line", "help", "bench-form", "details"] {
        let mut s = at(scene);
        s.keys("ctrl-c");
        assert_eq!(left(&mut s), Some(Leaving::Quit), "{scene}");
    }
}

#[test]
fn quitting_asks_while_something_runs() {
    let mut s = at("found-4");
    s.keys("q");
    assert_eq!(left(&mut s), Some(Leaving::Quit));

    let mut s = at("run-running");
    s.keys("q");
    assert!(seen(&mut s).contains("Still running: pi on 4 nodes (672 of 1,000 slices)"));
    s.keys("esc");
    assert!(s.effects.is_empty(), "stay");
    s.keys("q enter");
    assert!(s.effects.is_empty(), "Enter stays too: nothing is lost by a key too many");
}

#[test]
fn stop_and_quit_leaves_when_all_has_stopped() {
    let mut s = at("quit-busy");
    s.keys("s");
    assert_eq!(requests(&mut s), [Request::Cancel]);
    s.wait(1_000);
    assert!(s.effects.is_empty(), "still stopping");
    end_run(&mut s);
    assert_eq!(left(&mut s), Some(Leaving::Stopped));
}

#[test]
fn a_signal_leaves_at_once_whatever_runs() {
    let mut s = at("run-running");
    s.send(Msg::Signal(15));
    assert_eq!(left(&mut s), Some(Leaving::Signal(15)));
}

#[test]
fn the_end_of_the_engine_ends_the_dashboard() {
    let mut s = at("empty");
    s.event(Event::Ended);
    assert_eq!(left(&mut s), Some(Leaving::EngineEnded));
}

#[test]
fn suspending_and_redrawing_are_left_to_the_terminal() {
    let mut s = at("password-retry");
    s.keys("ctrl-z ctrl-l").send(Msg::Continued);
    assert!(matches!(s.effects.as_slice(), [Effect::Suspend, Effect::Redraw, Effect::Retake]));
}

#[test]
fn between_two_runs_of_a_series_quitting_asks_too() {
    let mut s = at("run-done");
    let run = s.app.cx.world.run.as_mut().expect("a run");
    let first = run.plan.id.clone();
    run.plan.series = Some(Series { first, index: 2, of: 3 });
    assert!(seen(s.keys("q")).contains("Still running: run 3 of 3 is about to begin"));
    assert_eq!(left(&mut s), None);
    // It did not follow: nothing holds the user back.
    s.keys("esc").wait(6_000).keys("q");
    assert_eq!(left(&mut s), Some(Leaving::Quit));

    let mut s = at("run-done");
    s.keys("q");
    assert_eq!(left(&mut s), Some(Leaving::Quit), "a single run is over");
}

#[test]
fn the_question_before_leaving_knows_when_the_work_is_over() {
    let mut s = at("quit-busy");
    end_run(&mut s);
    let shown = seen(&mut s);
    assert!(shown.contains("What was running has ended.") && shown.contains("s quit"), "{shown}");
    s.keys("s");
    assert_eq!(left(&mut s), Some(Leaving::Quit));
}
