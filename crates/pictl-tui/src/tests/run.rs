//! What the keys of the Run screen show, and what they leave alone.

use pictl_model::request::{Ground, Refusal, Request};
use pictl_model::run::{RunEvent, Stream};
use pictl_model::{Event, Rank};

use super::job::{at, requests, seen};
use super::screens::text;
use crate::clock::Scrub;
use crate::fixtures::{Session, options};
use crate::messages::{Effect, Leaving};

/// Something happens in the present run.
fn happens(s: &mut Session, event: RunEvent) {
    let run = s.app.cx.world.run.as_ref().expect("a run").plan.id.clone();
    s.event(Event::Run { run, event });
}

fn slice(rank: u32, slice: u32) -> RunEvent {
    RunEvent::Slice { rank: Rank(rank), slice, seconds: 0.5, value: None }
}

fn printed(line: &str) -> RunEvent {
    RunEvent::Output { stream: Stream::Out, rank: Some(Rank(1)), line: line.to_owned() }
}

#[test]
fn every_part_is_shown_and_left_by_its_key_and_by_esc() {
    for (scene, key, shown) in [
        ("run-running", "t", "── Timeline"),
        ("run-running", "c", "── Nodes: 4, pi04 is the hottest"),
        ("run-running", "o", "── Output: 2 lines ─"),
        ("run-jobs", "p", "── Jobs of each server"),
        ("run-pairs", "p", "── Pairs of ranks"),
    ] {
        let mut s = at(scene);
        let before = seen(&mut s);
        assert!(seen(s.keys(key)).contains(shown), "{key}: {}", seen(&mut s));
        assert_eq!(seen(s.keys(key)), before, "{key} again");
        s.keys(key);
        assert_eq!(seen(s.keys("esc")), before, "{key}, Esc");
        assert!(requests(&mut s).is_empty());
    }
    assert!(seen(at("run-running").keys("p")).contains("this program reports nothing for a table"));
}

#[test]
fn one_node_is_looked_at_and_the_next_one_by_the_arrows() {
    let mut s = at("run-many");
    let shown = seen(s.keys("enter"));
    assert!(shown.contains("── pi05 only. Ranks") && shown.contains("  964 ") && !shown.contains("pi06"), "{shown}");
    assert!(seen(s.keys("right")).contains("── pi06 only."));
    assert!(seen(s.keys("left left")).contains("── pi04 only."));
    assert!(seen(s.keys("t")).contains("── Timeline of pi04"));
    assert!(seen(s.keys("esc")).contains("── Timeline of 64 nodes"), "the innermost first");
    assert!(seen(s.keys("esc")).contains("── ▸ pi04: "), "the cursor is where it was");
    assert!(seen(s.keys("G + ")).contains("── pi64 only."));
    assert!(seen(s.keys("-")).contains("── ▸ pi64: "));
    assert!(!seen(s.keys("esc")).contains('▸'));
}

#[test]
fn what_is_frozen_stays_and_the_run_goes_on_and_can_be_stopped() {
    let mut s = at("run-running");
    s.keys("f");
    let frozen = text(&s.picture(120, 40));
    assert!(frozen.contains("frozen since 08:45:47 UTC, 0.0 s ago; the run goes on; f shows the present"), "{frozen}");
    let figures = |picture: &str| picture.lines().skip(2).take(20).map(str::to_owned).collect::<Vec<_>>();
    for nth in 672..680 {
        s.wait(500);
        happens(&mut s, slice(nth % 8, nth));
        happens(&mut s, printed("something new"));
    }
    let later = text(&s.picture(120, 40));
    assert_eq!(figures(&later), figures(&frozen));
    assert!(later.contains("4.0 s ago") && later.contains("3 Run 68 %") && !later.contains("something new"), "{later}");
    s.keys("ctrl-c");
    assert_eq!(requests(&mut s), [Request::Cancel]);
    let shown = text(&s.keys("f").picture(120, 40));
    assert!(shown.contains("680 of 1,000") && shown.contains("something new") && !shown.contains("frozen"), "{shown}");
}

#[test]
fn what_is_read_in_the_output_stays_where_it_is_while_more_is_printed() {
    let mut s = at("run-output");
    // The title says how many there are, which changes.
    let lines = |s: &mut Session| seen(s).lines().skip(7).take(10).map(str::to_owned).collect::<Vec<_>>();
    let before = lines(&mut s);
    assert!(before.iter().any(|l| l.contains("line 50:")), "{before:?}");
    for n in 0..3_000 {
        happens(&mut s, printed(&format!("more {n}")));
        if n == 100 {
            assert_eq!(lines(&mut s), before);
        }
    }
    let shown = seen(&mut s);
    assert!(shown.contains("more 1000") && shown.contains("newer"), "what is forgotten cannot be read: {shown}");
    assert!(seen(s.keys("G")).contains("more 2999"), "the end follows again");
    happens(&mut s, printed("the last word"));
    assert!(seen(&mut s).contains("the last word"));
}

#[test]
fn a_run_is_left_running_without_a_word_to_it() {
    let mut s = at("run-running");
    let run = s.app.cx.world.run.as_ref().expect("a run").plan.id.clone();
    assert!(seen(s.keys("q")).contains("l leaves it running on pi01 without pictl. Starting `pictl`"));
    s.keys("l");
    let effects: Vec<_> = s.effects.drain(..).collect();
    assert!(matches!(effects.as_slice(), [Effect::Leave(Leaving::LeftRunning(left))] if *left == run), "{effects:?}");
}

#[test]
fn only_a_run_that_nobody_stops_on_nodes_that_stay_can_be_left() {
    let mut taken_down = at("run-running");
    taken_down.app.cx.options.lasting = false;
    for (why, mut s) in
        [("stopping", at("run-stopping")), ("setup", at("setup-running")), ("its nodes go with pictl", taken_down)]
    {
        s.keys("q");
        assert!(!seen(&mut s).contains("l leave it running"), "{why}: {}", seen(&mut s));
        s.keys("l");
        assert!(s.effects.is_empty(), "{why}");
    }
}

#[test]
fn a_run_that_was_left_is_joined_at_the_start_and_older_ones_are_shown_of() {
    let mut s = at("run-joined");
    // The scene itself asked for it.
    let mut again = Session::new(options());
    let runs = s.app.cx.world.unfinished.clone();
    again.event(Event::Unfinished { runs: runs.clone() });
    let wanted = requests(&mut again);
    assert!(matches!(wanted.as_slice(), [Request::Attach { run, .. }] if *run == runs[0].id), "{wanted:?}");
    assert!(seen(&mut s).contains("pi was left running; it is being joined."));
    let notice = format!("primes was left running too: `pictl attach {}`", runs[1].id);
    assert!(text(&s.keys("m").picture(120, 40)).contains(&notice));
    s.keys("esc");
    let reasons = vec![Refusal { node: None, reason: "pi01 does not answer".to_owned(), hint: String::new() }];
    s.event(Event::Refused { what: "attach".to_owned(), ground: Ground::Access, reasons }).wait(400).keys("enter");
    assert!(!seen(&mut s).contains("being joined"), "{}", seen(&mut s));

    let mut busy = at("run-running");
    busy.event(Event::Unfinished { runs });
    assert!(requests(&mut busy).is_empty(), "there is something else to look at");
}

#[test]
fn time_is_moved_in_a_record_and_nowhere_else() {
    let wishes = |s: &mut Session, keys: &str| {
        s.keys(keys);
        let effects = s.effects.drain(..);
        effects.filter_map(|e| if let Effect::Scrub(wish) = e { Some(wish) } else { None }).collect::<Vec<_>>()
    };
    let mut s = at("run-record");
    assert!(seen(&mut s).contains("paused (Space resumes): RECORD of"));
    assert_eq!(wishes(&mut s, "space > <"), [Scrub::Pause, Scrub::Faster, Scrub::Slower]);
    assert_eq!(wishes(&mut s, "."), [Scrub::On(pictl_model::Millis(1_000))]);
    assert_eq!(wishes(&mut s, ","), [Scrub::Back(pictl_model::Millis(10_000))]);
    assert!(s.app.cx.world.run.is_none(), "it is shown again from its beginning");
    let mut s = at("run-running");
    assert_eq!(wishes(&mut s, "space > < . ,"), []);
    assert!(seen(&mut s).contains("this is not a replay"));
}

#[test]
fn slow_and_idle_ranks_are_shown_by_mark_and_word_without_colours() {
    let mut s = at("run-slow");
    s.app.cx.options.no_color = true;
    let shown = seen(&mut s);
    assert!(shown.contains("! slow: 29 for 32 s") && shown.contains("– idle for 21 s"), "{shown}");
    assert!(shown.contains(" ! 1 rank slow: 7 on pi04 (slice 29 for 32 s); 1 rank idle: 5 on pi02 (21 s)"), "{shown}");
    let small = text(&s.picture(40, 12));
    assert!(small.contains("▆!  1 slow") && small.contains("▅–  1 idle") && small.contains("! 1 rank slow"), "{small}");
    assert!(seen(&mut at("run-slow-done")).lines().all(|l| !l.contains("slow:") && !l.contains("idle")), "it is over");
}
