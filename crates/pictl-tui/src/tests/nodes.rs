//! The Nodes screen: scans and watches, rows that stay where they are looked at, and boards that blink.

use pictl_model::node::OtherAddress;
use pictl_model::request::{Request, ScanRequest};
use pictl_model::{Event, Millis, NodeId};

use super::job::{at, requests, seen};
use super::screens::text;
use crate::fixtures::{Session, id_at, pi_at};

/// The one scan that was asked for.
fn scan(session: &mut Session) -> ScanRequest {
    let wanted = requests(session);
    let [Request::Scan(scan)] = wanted.as_slice() else { panic!("{wanted:?}") };
    scan.clone()
}

/// Who is asked to blink.
fn blinking(session: &mut Session) -> Vec<NodeId> {
    let wanted = requests(session);
    let [Request::Identify { nodes, time: Millis(15_000), .. }] = wanted.as_slice() else { panic!("{wanted:?}") };
    nodes.clone()
}

/// The rows of the table, each by its address.
fn addresses(session: &mut Session) -> Vec<String> {
    let nodes = session.app.cx.shown_nodes();
    nodes.iter().filter_map(|n| n.address()).map(|a| a.to_string()).collect()
}

#[test]
fn a_watch_begins_and_ends_with_the_same_key() {
    let mut s = at("found-4");
    s.keys("w");
    assert_eq!(scan(&mut s).every, Some(Millis(5_000)));
    let mut s = at("watching");
    assert!(seen(&mut s).contains("w stop watching"));
    for key in ["w", "esc", "ctrl-c"] {
        s.keys(key);
        assert_eq!(requests(&mut s), [Request::StopScan], "{key}");
    }
    s.keys("s");
    assert_eq!(scan(&mut s).every, None, "a scan at once");
    s.event(Event::Watching { every: None });
    assert!(!seen(&mut s).contains("watching"), "it ended");
}

#[test]
fn very_many_addresses_are_asked_about_first() {
    let mut s = at("scan-wide");
    assert!(seen(&mut s).contains("10.0.0.0/16 has 65,534 addresses"));
    s.keys("esc");
    assert!(requests(&mut s).is_empty());
    let mut s = at("scan-wide");
    s.keys("enter");
    assert!(scan(&mut s).wide);
    s.keys("s");
    assert!(scan(&mut s).wide, "once is enough");
}

#[test]
fn while_a_scan_goes_on_there_is_no_second_one_and_esc_stops_it_before_it_takes_marks() {
    let mut s = at("scanning");
    assert!(seen(s.keys("s")).contains("a scan is running: Ctrl-C stops it"));
    s.keys("a esc");
    assert_eq!(requests(&mut s), [Request::StopScan]);
    assert_eq!(s.app.cx.selection.marks.len(), 2);
    s.event(Event::ScanFinished { found: 3, pis: 2, elapsed: Millis(2_000), problems: Vec::new() }).keys("esc");
    assert!(s.app.cx.selection.marks.is_empty() && requests(&mut s).is_empty());
}

#[test]
fn a_further_look_shows_no_bar_and_a_watch_leaves_the_other_screens_alone() {
    let mut s = at("watch-looking");
    let shown = seen(&mut s);
    assert!(shown.contains("watching 10.0.0.0/24, scanning") && !shown.contains("asked"), "{shown}");
    assert!(!seen(s.keys("3")).contains("watching"));
    let mut s = at("watching");
    assert!(seen(&mut s).contains("next pass in 3 s · 10.0.0.34 disappeared 2 s ago"));
    let wide = text(&s.picture(120, 40));
    assert!(wide.contains("10.0.0.34 disappeared 2 s ago, pi-new appeared 8 s ago"), "{wide}");
}

#[test]
fn what_a_scan_leaves_out_is_seen_while_it_goes_on_and_all_of_it_among_the_messages() {
    let mut s = at("scan-listening");
    let shown = seen(&mut s);
    assert!(shown.contains("listening, 5 found") && shown.contains("! left out: docker0"), "{shown}");
    assert!(text(&s.picture(40, 12)).contains("! 2 remarks of the scan: m shows them"));
    let mut s = at("found-flagged");
    assert!(!seen(&mut s).contains("eth1 is down"));
    assert!(seen(s.keys("m")).contains("the scan of 10.0.0.0/24: eth1 is down"));
}

#[test]
fn the_cursor_and_the_marks_stay_on_their_nodes() {
    let mut s = at("scanning");
    let cursor = |s: &Session| s.app.cx.node_at_cursor().map(|n| n.id.clone());
    s.keys("down space");
    assert_eq!(s.app.cx.selection.marks.iter().collect::<Vec<_>>(), [&id_at(32)]);
    s.keys("up");
    for n in [20, 21, 22] {
        s.event(pi_at(n));
    }
    assert_eq!(cursor(&s), Some(id_at(32)), "others came above");
    for _ in 0..7 {
        s.keys("o");
        assert_eq!(cursor(&s), Some(id_at(32)), "{:?}", s.app.cx.selection.order);
    }
    let Event::Seen { mut sighting, .. } = pi_at(32) else { panic!("no sighting") };
    sighting.address = "10.0.0.90".parse().expect("an address");
    let (from, to) = ("10.0.0.32".parse().expect("an address"), sighting.address);
    s.event(Event::Seen { node: id_at(32), sighting }).event(Event::Moved { node: id_at(32), from, to });
    assert_eq!(cursor(&s), Some(id_at(32)), "it moved");
    let other = OtherAddress { address: to, mac: None, why: "the same name".to_owned(), by: None };
    s.keys("e ctrl-u blue enter").event(Event::Folded { node: id_at(32), into: id_at(31), other });
    assert_eq!(cursor(&s), Some(id_at(31)), "it is another one's second interface");
    assert_eq!(s.app.cx.selection.marks.iter().collect::<Vec<_>>(), [&id_at(31)]);
    assert!(seen(&mut s).contains("■  blue"), "{}", seen(&mut s));
}

#[test]
fn the_first_key_binds_the_cursor() {
    let mut s = at("scanning");
    s.event(pi_at(20));
    assert_eq!(s.app.cx.node_at_cursor().map(|n| n.id.clone()), Some(id_at(20)), "the top, as long as nobody looks");
    s.keys("i").event(pi_at(19));
    assert_eq!(s.app.cx.node_at_cursor().map(|n| n.id.clone()), Some(id_at(20)));
}

#[test]
fn one_key_goes_through_the_orders_and_the_heading_shows_which() {
    let mut s = at("found-again");
    let mut first = Vec::new();
    for heading in ["Name ▲", "Address ▲", "Pi? ▼", "State ▼", "Last seen ▼", "Maker ▲"] {
        let shown = seen(s.keys("o"));
        assert!(shown.contains(heading), "{shown}");
        first.push(addresses(&mut s).remove(0));
    }
    // Desk, gateway, a Pi, who is gone, all but who is gone were seen as lately, Dell.
    assert_eq!(first, ["10.0.0.17", "10.0.0.1", "10.0.0.31", "10.0.0.32", "10.0.0.31", "10.0.0.17"]);
    let shown = seen(s.keys("o"));
    assert!(!shown.contains('▲') && !shown.contains('▼') && shown.contains("the cluster first"), "{shown}");
}

#[test]
fn words_filter_by_what_became_of_nodes_and_by_what_they_are() {
    for (word, found) in [
        ("new", &["10.0.0.35"][..]),
        ("gone", &["10.0.0.32"]),
        ("moved", &["10.0.0.41"]),
        ("pi new", &["10.0.0.35"]),
        ("ssh dell", &["10.0.0.17"]),
        ("micro ssh", &[]),
        ("pi", &["10.0.0.31", "10.0.0.32", "10.0.0.34", "10.0.0.35", "10.0.0.41"]),
    ] {
        let mut s = at("found-again");
        s.keys("/").type_text(word);
        assert_eq!(addresses(&mut s), found, "{word}");
    }
    let mut s = at("found-flagged");
    s.keys("/").type_text("proxy");
    assert_eq!(addresses(&mut s), ["10.0.0.40", "10.0.0.41"]);
    let mut s = at("evidence");
    s.keys("esc /").type_text("10.0.0.141");
    assert_eq!(addresses(&mut s), ["10.0.0.41"], "by its other address");
}

#[test]
fn a_host_that_is_gone_is_neither_marked_nor_set_up_by_itself() {
    let mut s = at("found-again");
    s.keys("esc a");
    assert!(
        s.app.cx.selection.marks.len() == 4 && !s.app.cx.selection.marks.contains(&id_at(32)),
        "{:?}",
        s.app.cx.selection.marks
    );
    s.keys("a u enter");
    let wanted = requests(&mut s);
    assert!(matches!(wanted.as_slice(), [Request::Setup(r)] if r.nodes.len() == 4 && !r.nodes.contains(&id_at(32))));
}

#[test]
fn the_marked_nodes_blink_or_the_one_at_the_cursor() {
    let mut s = at("found-4");
    s.keys("down i");
    assert_eq!(blinking(&mut s), [id_at(32)]);
    s.keys("a i");
    assert_eq!(blinking(&mut s), (31..=34).map(id_at).collect::<Vec<_>>());
    s.event(Event::Blinking { node: id_at(31), on: true, problem: None });
    assert!(seen(&mut s).contains("LED blinks, answers SSH"));
    s.keys("i");
    assert_eq!(blinking(&mut s), [id_at(32), id_at(33), id_at(34)], "one blinks already");
    s.keys("esc g i");
    assert!(requests(&mut s).is_empty());
    assert!(seen(&mut s).contains("the LED of raspberrypi is already blinking"));
    s.event(Event::Blinking { node: id_at(31), on: false, problem: None }).keys("i");
    assert_eq!(blinking(&mut s), [id_at(31)]);
    assert!(seen(s.keys("G k i")).contains("no SSH server answers on gateway"));
    assert!(requests(&mut s).is_empty());
}

#[test]
fn boards_that_cannot_blink_are_shown_together() {
    let mut s = at("led-none");
    s.event(Event::Blinking { node: id_at(33), on: false, problem: Some("it has none".to_owned()) });
    let shown = seen(&mut s);
    assert!(shown.contains("✗ pi02: there is no LED") && shown.contains("✗ pi03: it has none"), "{shown}");
    assert!(!seen(s.keys("enter")).contains("Not done"));
}

#[test]
fn a_record_begins_no_watch_and_lets_nothing_blink() {
    let mut s = at("run-record");
    s.keys("1");
    for key in ["w", "i", "s"] {
        assert!(seen(s.keys(key)).contains("this is a record of a run"), "{key}");
    }
    assert!(s.effects.is_empty());
}
