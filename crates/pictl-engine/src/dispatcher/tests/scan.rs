//! What scans say of hosts that come, move and go, and the watch over a network.

use std::net::IpAddr;

use pictl_model::event::{Event, Level};
use pictl_model::node::{Change, Flag, Member, Sighting};
use pictl_model::request::{Expected, Ground, Login, Request, ScanRequest};
use pictl_model::{Millis, NodeId};

use super::rig::{Rig, exec};
use crate::common::{address, id, mac, member, sighting};
use crate::input::{Effect, Input, Timer};
use crate::ports::{ScanEnd, ScanError, ScanNews};

/// The scan that was ordered last.
fn ordered(rig: &mut Rig) -> ScanRequest {
    let at = rig.due.iter().rposition(|e| matches!(e, Effect::Scan(_))).expect("a scan is due");
    match rig.due.remove(at) {
        Some(Effect::Scan(request)) => request,
        _ => unreachable!(),
    }
}

fn begin(rig: &mut Rig) {
    let started = ScanNews::Started { targets: "10.0.0.0/24".into(), method: "ARP".into(), addresses: 254 };
    rig.input(Input::Scan(started));
}

fn host(rig: &mut Rig, seen: Sighting) -> Vec<Event> {
    rig.input(Input::Scan(ScanNews::Host(seen)))
}

fn end(rig: &mut Rig, silent: &[u8]) -> Vec<Event> {
    let silent = silent.iter().copied().map(address).collect();
    rig.input(Input::ScanEnded(Ok(ScanEnd { problems: Vec::new(), silent })))
}

/// A whole look that has been ordered: these hosts answer, and at these addresses nobody does.
fn look(rig: &mut Rig, hosts: &[u8], silent: &[u8]) -> Vec<Event> {
    begin(rig);
    for n in hosts {
        host(rig, sighting(*n));
    }
    end(rig, silent)
}

fn scan(rig: &mut Rig, hosts: &[u8], silent: &[u8]) -> Vec<Event> {
    rig.ask(Request::Scan(ScanRequest::default()));
    look(rig, hosts, silent)
}

fn watch(rig: &mut Rig) -> Vec<Event> {
    rig.ask(Request::Scan(ScanRequest { every: Some(Millis(5_000)), ..ScanRequest::default() }))
}

/// The time between two looks goes by.
fn pause(rig: &mut Rig) {
    let at = rig.due.iter().position(|e| matches!(e, Effect::After(_, Timer::Pass(_)))).expect("a look is due later");
    rig.happen(at);
}

fn change(rig: &Rig, node: &NodeId) -> Option<Change> {
    rig.world().nodes[node].change.as_ref().map(|(_, change)| *change)
}

fn at(n: u8, place: u8) -> Sighting {
    Sighting { address: address(place), ..sighting(n) }
}

fn places(rig: &Rig, node: &NodeId) -> (Option<IpAddr>, Vec<(IpAddr, String)>) {
    let view = &rig.world().nodes[node];
    (view.address(), view.also.iter().map(|also| (also.address, also.why.clone())).collect())
}

fn gone(reported: &[Event]) -> Vec<NodeId> {
    let gone = reported.iter().filter_map(|e| match e {
        Event::Gone { node } => Some(node.clone()),
        _ => None,
    });
    gone.collect()
}

fn last_notice(rig: &Rig) -> (Level, String) {
    rig.world().notices.back().map(|n| (n.level, n.text.clone())).expect("a notice")
}

// ---- who is expected

#[test]
fn members_and_seen_hosts_are_expected_and_who_is_connected_is_not_connected_to_again() {
    let mut rig = Rig::ready(2);
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    rig.vanish(2);
    host(&mut rig, sighting(9));
    rig.ask(Request::Scan(ScanRequest { port: 22, ..ScanRequest::default() }));
    let expected =
        |n: u8, ssh_known| Expected { address: address(n), mac: Some(mac(n)), interfaces: Vec::new(), ssh_known };
    assert_eq!(ordered(&mut rig).expected, [expected(1, true), expected(2, false), expected(9, false)]);
    // Whoever waits for the user has a login under way.
    rig.ask(Request::Exec(exec("uptime")));
    rig.ask(Request::Scan(ScanRequest { port: 22, ..ScanRequest::default() }));
    assert_eq!(ordered(&mut rig).expected, [expected(1, true), expected(2, true), expected(9, false)]);
}

#[test]
fn further_passes_of_a_watch_leave_known_ssh_servers_alone() {
    let mut rig = Rig::with_members(0, Vec::new());
    watch(&mut rig);
    assert_eq!(ordered(&mut rig).expected, []);
    begin(&mut rig);
    host(&mut rig, sighting(1));
    host(&mut rig, Sighting { ssh: None, ..sighting(2) });
    end(&mut rig, &[]);
    pause(&mut rig);
    let request = ordered(&mut rig);
    let known: Vec<_> = request.expected.iter().map(|e| (e.address, e.ssh_known)).collect();
    assert_eq!((request.port, known), (0, vec![(address(1), false), (address(2), false)]), "on another port it is not");
    rig.ask(Request::Scan(ScanRequest { port: 22, every: Some(Millis(5_000)), ..ScanRequest::default() }));
    assert!(ordered(&mut rig).expected.iter().all(|e| !e.ssh_known), "who asks himself wants to know it anew");
    look(&mut rig, &[1], &[]);
    pause(&mut rig);
    let known: Vec<_> = ordered(&mut rig).expected.iter().map(|e| (e.address, e.ssh_known)).collect();
    assert_eq!(known, [(address(1), true), (address(2), false)]);
}

#[test]
fn hosts_behind_others_and_hosts_that_are_gone_are_not_expected() {
    let behind = Member { jump: Some("gate".into()), ..member(2) };
    let mut rig = Rig::with_members(3, vec![member(1), behind, member(3)]);
    scan(&mut rig, &[1], &[3]);
    rig.ask(Request::Scan(ScanRequest::default()));
    assert_eq!(ordered(&mut rig).expected.iter().map(|e| e.address).collect::<Vec<_>>(), [address(1)]);
}

// ---- gone

#[test]
fn who_was_asked_patiently_and_does_not_answer_is_gone_and_reported_once() {
    let mut rig = Rig::with_members(3, vec![member(1), member(2)]);
    scan(&mut rig, &[1, 2, 3], &[]);
    assert_eq!(gone(&scan(&mut rig, &[1], &[2, 3])), [id(2), id(3)]);
    let reported: Vec<_> = rig.world().notices.iter().map(|n| (n.level, n.text.as_str())).collect();
    let (warning, note) =
        ("pi02 (10.0.0.2) does not answer any more", "raspberrypi (10.0.0.3) does not answer any more");
    assert_eq!(reported, [(Level::Warn, warning), (Level::Info, note)]);
    assert_eq!(gone(&scan(&mut rig, &[1], &[2, 3])), []);
    assert_eq!((change(&rig, &id(2)), change(&rig, &id(1))), (Some(Change::Gone), None));
    // It is back.
    scan(&mut rig, &[1, 2], &[]);
    assert_eq!(change(&rig, &id(2)), None);
    assert_eq!(gone(&scan(&mut rig, &[1], &[2])), [id(2)]);
}

#[test]
fn who_is_connected_is_there() {
    let mut rig = Rig::ready(2);
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    assert_eq!(gone(&scan(&mut rig, &[], &[1, 2])), []);
    rig.lose(2);
    assert_eq!(gone(&scan(&mut rig, &[], &[1, 2])), [id(2)]);
    // A login says more than a scan.
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    assert_eq!(change(&rig, &id(2)), None);
}

#[test]
fn a_scan_that_was_stopped_says_nothing_of_who_was_not_heard() {
    for stop in [Request::StopScan, Request::Cancel] {
        let mut rig = Rig::with_members(1, vec![member(1)]);
        rig.ask(Request::Scan(ScanRequest::default()));
        begin(&mut rig);
        rig.ask(stop);
        assert_eq!(gone(&end(&mut rig, &[1])), []);
        assert!(rig.world().scan.as_ref().is_some_and(|scan| !scan.active));
        assert_eq!(gone(&scan(&mut rig, &[], &[1])), [id(1)]);
    }
}

#[test]
fn another_host_at_its_address_does_not_stand_for_it() {
    let mut rig = Rig::with_members(1, vec![member(1)]);
    scan(&mut rig, &[1], &[]);
    rig.ask(Request::Scan(ScanRequest::default()));
    begin(&mut rig);
    host(&mut rig, at(9, 1));
    assert_eq!(gone(&end(&mut rig, &[])), [id(1)]);
    assert_eq!(rig.world().nodes[&id(9)].address(), Some(address(1)));
    // Where both claim it, both are there.
    let mut rig = Rig::with_members(1, vec![member(1)]);
    rig.ask(Request::Scan(ScanRequest::default()));
    begin(&mut rig);
    host(&mut rig, Sighting { flags: vec![Flag::Contested { mac: mac(1) }], ..at(9, 1) });
    assert_eq!(gone(&end(&mut rig, &[])), []);
}

// ---- moved

#[test]
fn a_known_interface_at_another_address_has_moved() {
    let mut rig = Rig::with_members(2, vec![member(1)]);
    scan(&mut rig, &[1, 2], &[]);
    rig.ask(Request::Scan(ScanRequest::default()));
    begin(&mut rig);
    host(&mut rig, at(1, 41));
    host(&mut rig, at(2, 42));
    // It may still answer where it was.
    assert_eq!((change(&rig, &id(1)), rig.world().nodes[&id(1)].address()), (None, Some(address(1))));
    let reported = end(&mut rig, &[1, 2]);
    assert_eq!((gone(&reported), rig.world().scan.as_ref().map(|scan| scan.found)), (vec![], Some(2)));
    assert!(reported.contains(&Event::Moved { node: id(2), from: address(2), to: address(42) }));
    let texts: Vec<_> = rig.world().notices.iter().map(|n| n.text.as_str()).collect();
    let member = "pi01 moved from 10.0.0.1 to 10.0.0.41; run setup to update the others";
    assert_eq!(texts, [member, "raspberrypi moved from 10.0.0.2 to 10.0.0.42"]);
    // There it stays.
    scan(&mut rig, &[], &[41, 42]);
    rig.ask(Request::Scan(ScanRequest::default()));
    begin(&mut rig);
    host(&mut rig, at(1, 41));
    host(&mut rig, at(2, 42));
    end(&mut rig, &[]);
    assert_eq!(rig.events.iter().filter(|e| matches!(e, Event::Moved { .. })).count(), 2);
    assert_eq!(rig.members[0].address, address(41));
    assert_eq!(places(&rig, &id(2)), (Some(address(42)), vec![]));
}

#[test]
fn a_host_that_is_not_a_target_where_it_was_has_moved_and_a_scan_that_is_stopped_moves_nobody() {
    for stopped in [true, false] {
        let mut rig = Rig::with_members(1, vec![member(1)]);
        rig.ask(Request::Scan(ScanRequest::default()));
        begin(&mut rig);
        host(&mut rig, at(1, 41));
        if stopped {
            rig.ask(Request::StopScan);
        }
        end(&mut rig, &[]);
        assert_eq!(rig.world().nodes[&id(1)].address(), Some(address(if stopped { 1 } else { 41 })));
    }
}

#[test]
fn a_host_that_was_gone_and_comes_back_elsewhere_has_moved() {
    let mut rig = Rig::with_members(1, vec![member(1)]);
    scan(&mut rig, &[], &[1]);
    rig.ask(Request::Scan(ScanRequest::default()));
    begin(&mut rig);
    host(&mut rig, at(1, 41));
    end(&mut rig, &[1]);
    assert_eq!(change(&rig, &id(1)), Some(Change::Moved { from: address(1) }));
}

// ---- the watch

#[test]
fn a_watch_makes_one_pass_after_another_until_it_is_stopped() {
    let mut rig = Rig::with_members(0, Vec::new());
    assert!(watch(&mut rig).contains(&Event::Watching { every: Some(Millis(5_000)) }));
    look(&mut rig, &[1], &[]);
    assert_eq!(rig.world().watching, Some(Millis(5_000)));
    assert!(rig.due.iter().any(|e| matches!(e, Effect::After(span, Timer::Pass(_)) if span.as_secs() == 5)));
    ordered(&mut rig);
    pause(&mut rig);
    ordered(&mut rig);
    look(&mut rig, &[1, 2], &[]);
    let again = rig.events.iter().filter_map(|e| match e {
        Event::ScanStarted { again, .. } => Some(*again),
        _ => None,
    });
    assert_eq!(again.collect::<Vec<_>>(), [false, true]);
    assert_eq!((change(&rig, &id(1)), change(&rig, &id(2))), (None, Some(Change::New)));
    // What it noticed stays, until somebody looks himself.
    pause(&mut rig);
    look(&mut rig, &[1, 2], &[]);
    assert_eq!(change(&rig, &id(2)), Some(Change::New));
    assert!(rig.ask(Request::StopScan).contains(&Event::Watching { every: None }));
    assert_eq!(rig.count(|e| matches!(e, Effect::Scan(_))), 1);
    pause(&mut rig);
    assert_eq!(rig.count(|e| matches!(e, Effect::Scan(_))), 1, "a timer that was set before counts no more");
    scan(&mut rig, &[1, 2], &[]);
    assert_eq!(change(&rig, &id(2)), None);
    assert_eq!(rig.count(|e| matches!(e, Effect::After(_, Timer::Pass(_)))), 0);
}

#[test]
fn in_a_watch_a_host_is_gone_after_two_passes_in_a_row() {
    let mut rig = Rig::with_members(1, vec![member(1)]);
    watch(&mut rig);
    assert_eq!(gone(&look(&mut rig, &[1, 2], &[])), []);
    for (hosts, silent, expected) in [
        (&[1][..], &[2][..], vec![]),
        // It only slept.
        (&[1, 2], &[], vec![]),
        (&[1], &[2], vec![]),
        (&[1], &[2], vec![id(2)]),
        (&[1], &[2], vec![]),
        (&[], &[1], vec![]),
        (&[], &[1], vec![id(1)]),
    ] {
        pause(&mut rig);
        assert_eq!(gone(&look(&mut rig, hosts, silent)), expected, "{hosts:?}");
    }
}

#[test]
fn a_pass_that_fails_is_reported_once_and_the_watch_goes_on() {
    let fault = || ScanError::Io { operation: "bind".into(), source: std::io::Error::other("no such device") };
    let mut rig = Rig::with_members(0, Vec::new());
    watch(&mut rig);
    look(&mut rig, &[1], &[]);
    for reported in [1, 1] {
        pause(&mut rig);
        rig.input(Input::ScanEnded(Err(fault())));
        assert_eq!(rig.world().notices.len(), reported);
    }
    let (level, text) = last_notice(&rig);
    assert!(level == Level::Warn && text.contains("no such device") && text.contains("the watch goes on"), "{text}");
    pause(&mut rig);
    look(&mut rig, &[1], &[]);
    pause(&mut rig);
    begin(&mut rig);
    rig.input(Input::ScanEnded(Err(fault())));
    assert_eq!(rig.world().notices.len(), 2, "after a look that was well it is news again");
    assert!(rig.world().scan.as_ref().is_some_and(|scan| !scan.active && scan.problems.len() == 1));
    assert!(rig.world().watching.is_some() && rig.refusals().is_empty());
}

#[test]
fn a_watch_that_cannot_begin_is_refused_and_over() {
    let mut rig = Rig::with_members(0, Vec::new());
    watch(&mut rig);
    let (target, why, hint) = ("10.0.0.0/33".to_owned(), "no such prefix".to_owned(), "say /24".to_owned());
    let reported = rig.input(Input::ScanEnded(Err(ScanError::Target { target, why, hint })));
    assert!(
        matches!(&reported[..], [Event::Refused { ground: Ground::Input, .. }, Event::Watching { every: None }]),
        "{reported:?}"
    );
    assert_eq!(rig.count(|e| matches!(e, Effect::After(..))), 0);
}

#[test]
fn one_scan_takes_the_place_of_another() {
    let mut rig = Rig::with_members(0, Vec::new());
    watch(&mut rig);
    begin(&mut rig);
    // In the middle of a look.
    assert!(rig.ask(Request::Scan(ScanRequest::default())).contains(&Event::Watching { every: None }));
    begin(&mut rig);
    // In the middle of a scan.
    let reported = watch(&mut rig);
    assert_eq!(reported, [Event::Watching { every: Some(Millis(5_000)) }]);
    assert_eq!(rig.count(|e| matches!(e, Effect::Scan(_))), 3);
    // A watch that is asked for again is one watch.
    watch(&mut rig);
    look(&mut rig, &[], &[]);
    assert_eq!(rig.count(|e| matches!(e, Effect::After(..))), 1);
}

#[test]
fn work_goes_on_beside_a_watch_and_a_cancel_ends_both() {
    let mut rig = Rig::ready(2);
    watch(&mut rig);
    look(&mut rig, &[1, 2], &[]);
    rig.ask(Request::Exec(exec("uptime")));
    pause(&mut rig);
    look(&mut rig, &[1, 2], &[]);
    assert!(rig.world().watching.is_some() && rig.world().is_busy());
    rig.ask(Request::Cancel);
    assert!(rig.world().watching.is_none() && !rig.world().is_busy());
    rig.ask(Request::Watch { login: Login::default() });
    assert!(rig.world().watching.is_none(), "to watch sensors is something else");
}
