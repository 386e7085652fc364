//! A record over the live dashboard: it comes back to it, as it is then.

use pictl_model::event::VERSION;
use pictl_model::request::{Question, Request};
use pictl_model::run::RunEvent;
use pictl_model::{Event, Millis, QuestionId, Rank, RunId, Stamped, Timestamp};

use super::job::{at, requests, seen};
use crate::archive::{Answer, Ask, NoArchive};
use crate::fixtures::{BEGIN, Session, planned};
use crate::messages::{Effect, Leaving, Msg};

fn id() -> RunId {
    "20261118-101500-pi-0001".parse().expect("an id")
}

/// A record of an hour: a run is planned at its beginning, and a slice is done ten seconds later.
fn record() -> Vec<Stamped> {
    let planned = planned();
    let Event::Run { run, .. } = &planned else { panic!("a run") };
    let in_run = |event| Event::Run { run: run.clone(), event };
    let slice = in_run(RunEvent::Slice { rank: Rank(3), slice: 0, seconds: 0.5, value: None });
    let finished = in_run(RunEvent::Done { rank: Rank(3) });
    let events = [(0, planned), (10_000, slice), (3_600_000, finished)];
    let stamp = |(seq, (ms, event))| Stamped { v: VERSION, seq, at: before().plus(Millis(ms)), event };
    (1..).zip(events).map(stamp).collect()
}

/// Two days and an hour before the session.
fn before() -> Timestamp {
    Timestamp(BEGIN.0 - 176_400_000)
}

/// The record is shown over this scene, and stands still.
fn replaying(scene: &str) -> Session {
    let mut s = at(scene);
    s.send(Msg::Archive(Answer::Opened(id(), Ok(record())))).keys("space");
    s.effects.clear();
    s
}

fn slices(session: &Session) -> u32 {
    session.app.cx.world.run.as_ref().map_or(0, pictl_model::world::RunView::slices_done)
}

#[test]
fn a_record_covers_the_dashboard_and_q_and_esc_come_back_to_it() {
    for key in ["q", "esc", "ctrl-c"] {
        let mut s = at("run-running");
        let live = seen(&mut s);
        s.send(Msg::Archive(Answer::Opened(id(), Ok(record()))));
        let shown = seen(&mut s);
        assert!(
            shown.contains("RECORD of 20261118-101500-pi-0001") && shown.contains("07:45:") && shown.contains("q back"),
            "{shown}"
        );
        s.effects.clear();
        assert_eq!(seen(s.keys(key)), live, "{key}");
        assert!(s.effects.is_empty(), "{key}: {:?}", s.effects);
    }
}

#[test]
fn esc_first_closes_what_is_open_in_the_record() {
    let mut s = replaying("empty");
    s.keys("t ?");
    assert!(seen(s.keys("esc")).contains("── Timeline"));
    assert!(!seen(s.keys("esc")).contains("── Timeline"));
    assert!(seen(&mut s).contains("RECORD of"));
    assert!(!seen(s.keys("esc")).contains("RECORD of"));
}

#[test]
fn the_live_world_goes_on_below_the_record() {
    let mut s = replaying("run-running");
    let before = slices(&s);
    let run = s.app.cx.world.run.as_ref().expect("a run").plan.id.clone();
    let slice = RunEvent::Slice { rank: Rank(1), slice: 900, seconds: 0.5, value: None };
    s.event(Event::Run { run, event: slice });
    assert!(seen(&mut s).contains("RECORD of"));
    assert_eq!(slices(&s), before + 1, "no event is lost");
    s.keys("q");
    assert!(!seen(&mut s).contains("RECORD of"));
    assert!(seen(s.keys("q")).contains("Leave pictl?"), "the run is still at work");
}

#[test]
fn a_record_is_moved_in_by_its_keys_and_asks_for_nothing() {
    let mut s = replaying("cluster-stale");
    let of_record = |s: &Session| slices_of(s.app.replay.as_ref().map(|replay| &replay.app));
    assert_eq!(of_record(&s), 0);
    for _ in 0..11 {
        s.keys(".");
    }
    assert_eq!(of_record(&s), 1, "eleven seconds on");
    s.keys(",");
    s.keys(",");
    assert_eq!(of_record(&s), 0, "and twenty back");
    s.keys("s b 1 d i u 4 c");
    s.keys(": s c a n enter");
    assert!(requests(&mut s).is_empty());
}

fn slices_of(app: Option<&crate::App>) -> u32 {
    app.and_then(|app| app.cx.world.run.as_ref()).map_or(0, pictl_model::world::RunView::slices_done)
}

#[test]
fn a_question_of_the_live_dashboard_is_announced_and_keys_do_not_answer_it() {
    let mut s = replaying("found-4");
    let question = Question::Apply { changes: 1, nodes: 1 };
    s.event(Event::Asked { id: QuestionId(1), question });
    assert!(seen(&mut s).contains("q goes back"), "{}", seen(&mut s));
    s.wait(1_000).keys("enter y");
    assert!(requests(&mut s).is_empty());
    s.keys("q enter");
    assert!(requests(&mut s).is_empty(), "it is seen only now");
    s.wait(400).keys("enter");
    assert!(matches!(requests(&mut s).as_slice(), [Request::Answer { .. }]));
}

#[test]
fn the_engines_end_ends_the_record_too() {
    let mut s = replaying("run-running");
    s.event(Event::Ended);
    assert!(matches!(s.effects.as_slice(), [Effect::Leave(Leaving::EngineEnded)]), "{:?}", s.effects);
}

#[test]
fn a_record_that_cannot_be_shown_is_refused_with_the_reason() {
    for (opened, why) in [
        (Err("the record x is damaged: line 3".to_owned()), "the record x is damaged: line 3"),
        (Ok(Vec::new()), "nothing is in the record of 20261118-101500-pi-0001"),
    ] {
        let mut s = at("found-4");
        s.send(Msg::Archive(Answer::Opened(id(), opened)));
        let shown = seen(&mut s);
        assert!(shown.contains("replaying 20261118-101500-pi-0001") && shown.contains(why), "{shown}");
        assert!(!seen(s.wait(400).keys("enter")).contains(why));
    }
}

#[test]
fn a_record_that_arrives_late_covers_nothing_that_has_the_keys() {
    let mut s = at("setup-form");
    s.send(Msg::Archive(Answer::Opened(id(), Ok(record()))));
    let shown = seen(&mut s);
    assert!(!shown.contains("RECORD of") && shown.contains("was not opened: something else is open"), "{shown}");
}

#[test]
fn without_an_archive_there_are_no_records() {
    assert!(matches!(Ask::List.perform(&NoArchive), Answer::Listed(Ok(records)) if records.is_empty()));
    assert!(matches!(Ask::Open(id()).perform(&NoArchive), Answer::Opened(run, Err(_)) if run == id()));
    assert!(matches!(Ask::Delete(id()).perform(&NoArchive), Answer::Deleted(_, Err(_))));
}
