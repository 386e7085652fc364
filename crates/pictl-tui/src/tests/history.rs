//! The History screen by its keys.

use pictl_model::event::VERSION;
use pictl_model::run::RunEvent;
use pictl_model::{Event, RunId, Stamped};

use super::job::{at, requests, seen};
use crate::archive::{Answer, Ask, Record};
use crate::fixtures::{BEGIN, Session, planned, records};
use crate::messages::{Effect, Msg};

/// What was asked to be done with records since the last time.
fn asked(session: &mut Session) -> Vec<Ask> {
    let effects = std::mem::take(&mut session.effects);
    effects.into_iter().filter_map(|e| if let Effect::Archive(ask) = e { Some(ask) } else { None }).collect()
}

fn history() -> Session {
    let mut s = at("cluster-stale");
    s.keys("5").send(Msg::Archive(Answer::Listed(Ok(records()))));
    s.effects.clear();
    s
}

fn run(nth: usize) -> RunId {
    records()[nth].run.clone()
}

#[test]
fn the_records_are_listed_each_time_the_screen_is_shown() {
    let mut s = at("cluster-stale");
    assert!(seen(s.keys("5")).contains("The records are being listed"));
    assert_eq!(asked(&mut s), [Ask::List]);
    s.send(Msg::Archive(Answer::Listed(Ok(records()))));
    let shown = seen(&mut s);
    for words in ["9 runs, 3 did not succeed, 2 without an end, 1 damaged", "under way", "✗ failed", "✗ wrong result"]
    {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    s.keys("1 shift-tab");
    assert_eq!(asked(&mut s), [Ask::List], "it is left of the first screen, round the end");
}

#[test]
fn enter_replays_the_run_and_esc_comes_back_to_the_list() {
    let mut s = history();
    s.keys("j enter");
    assert_eq!(asked(&mut s), [Ask::Open(run(1))]);
    let before = seen(&mut s);
    let record = vec![Stamped { v: VERSION, seq: 1, at: BEGIN, event: planned() }];
    s.send(Msg::Archive(Answer::Opened(run(1), Ok(record))));
    assert!(seen(&mut s).contains(&format!("RECORD of {}", run(1))));
    // What is below hears nothing of the keys.
    s.keys("d j j");
    // Esc first takes the cursor of the record away.
    s.keys("esc");
    assert_eq!(seen(s.keys("esc")), before);
    assert!(asked(&mut s).is_empty() && requests(&mut s).is_empty());
}

#[test]
fn a_record_is_deleted_after_a_question_and_the_message_says_which() {
    let mut s = history();
    let shown = seen(s.keys("j d"));
    assert!(shown.contains("Delete this record?") && shown.contains("This cannot be undone"), "{shown}");
    assert!(asked(&mut s).is_empty(), "nothing before the answer");
    s.keys("esc");
    assert!(asked(&mut s).is_empty() && !seen(&mut s).contains("Delete this record?"));
    s.keys("d enter");
    assert_eq!(asked(&mut s), [Ask::Delete(run(1))]);
    s.send(Msg::Archive(Answer::Deleted(run(1), Ok(()))));
    let shown = seen(&mut s);
    assert!(shown.contains("deleted the record of pi (8 ranks on 4 nodes, 2026-11-20 06:45)"), "{shown}");
    assert_eq!(asked(&mut s), [Ask::List]);
    let left: Vec<Record> = records().into_iter().filter(|record| record.run != run(1)).collect();
    s.send(Msg::Archive(Answer::Listed(Ok(left)))).keys("enter");
    assert_eq!(asked(&mut s), [Ask::Open(run(2))], "the cursor is on the next one");
}

#[test]
fn a_record_that_stays_says_why() {
    let mut s = history();
    s.keys("j d y").send(Msg::Archive(Answer::Deleted(run(1), Err("cannot delete it: permission denied".to_owned()))));
    assert!(seen(&mut s).contains("not deleted: cannot delete it: permission denied"));
}

#[test]
fn a_run_without_an_end_is_never_deleted() {
    for (keys, why) in [("d", "this run is under way"), ("j j j j j j j d", "may still be running: `pictl attach ")] {
        let mut s = history();
        let shown = seen(s.keys(keys));
        assert!(shown.contains(why) && !shown.contains("Delete this record?"), "{shown}");
        s.keys("enter y");
        assert!(!asked(&mut s).iter().any(|ask| matches!(ask, Ask::Delete(_))));
    }
    // The list may be older than the run that has begun again since.
    let mut s = history();
    let mut plan = match planned() {
        Event::Run { event: RunEvent::Planned { plan }, .. } => plan,
        other => panic!("{other:?}"),
    };
    plan.id = run(1);
    s.event(Event::Run { run: run(1), event: RunEvent::Planned { plan } });
    assert!(seen(s.keys("j d")).contains("this run is under way"));
}

#[test]
fn a_damaged_record_is_listed_can_be_deleted_and_is_not_replayed() {
    let mut s = history();
    let shown = seen(s.keys("j j j j"));
    assert!(shown.contains("damaged: EOF at line 7"), "{shown}");
    assert!(seen(s.keys("enter")).contains("this record is damaged: it cannot be replayed"));
    assert!(asked(&mut s).is_empty());
    assert!(seen(s.keys("d")).contains("You delete this damaged record"));
    s.keys("enter");
    assert_eq!(asked(&mut s), [Ask::Delete(run(4))]);
}

#[test]
fn the_filter_looks_at_what_is_seen_of_a_run() {
    for (filter, found) in
        [("primes", 3), ("wrong", 1), ("DOUBTFUL pi", 1), ("damaged", 1), ("2026-11-19", 3), ("pi03", 8)]
    {
        let mut s = history();
        s.keys("/").type_text(filter);
        let shown = seen(s.keys("enter"));
        assert!(shown.contains(&format!("{found} with \"{filter}\"")), "{filter}\n{shown}");
        assert!(!seen(s.keys("esc")).contains(" with \""));
    }
    let mut s = history();
    assert!(seen(s.keys("/ x y z enter")).contains("no run has \"xyz\""));
    assert!(seen(s.keys("enter")).contains("there is no run here"));
    assert!(seen(s.keys("d")).contains("there is no run here"));
}

#[test]
fn the_cursor_stays_on_its_run_when_another_one_comes() {
    let mut s = history();
    s.keys("j j");
    let mut more = records();
    more.insert(0, Record { run: "20261120-084400-pi-ffff".parse().expect("an id"), ..records()[1].clone() });
    s.send(Msg::Archive(Answer::Listed(Ok(more)))).keys("enter");
    assert_eq!(asked(&mut s), [Ask::Open(run(2))]);
    s.keys("G enter g enter");
    assert_eq!(asked(&mut s).len(), 2);
}

#[test]
fn a_run_that_begins_or_ends_brings_a_new_list() {
    let mut s = history();
    s.event(planned());
    assert_eq!(asked(&mut s), [Ask::List]);
    let mut s = at("cluster-stale");
    s.effects.clear();
    s.event(planned());
    assert!(asked(&mut s).is_empty(), "nobody looked at it yet");
}

#[test]
fn an_empty_history_says_what_to_do() {
    assert!(seen(&mut at("history-empty")).contains("Press b to run a benchmark."));
    assert!(seen(&mut at("history-no-cluster")).contains("Press s to find nodes"));
    assert!(seen(&mut at("history-unreadable")).contains("permission denied"));
}

#[test]
fn a_record_shows_no_history() {
    let mut s = at("run-record");
    s.effects.clear();
    let shown = seen(s.keys("5"));
    assert!(shown.contains("The record has nothing to show here") && s.effects.is_empty(), "{shown}");
    s.keys("enter d");
    assert!(s.effects.is_empty());
}
