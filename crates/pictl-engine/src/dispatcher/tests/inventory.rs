//! Scans, and who is in the cluster.

use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::node::SeenBy;
use pictl_model::request::{Ground, MemberChange, Request, ScanRequest};

use super::rig::{Rig, setup};
use crate::common::{address, id, mac, member, sighting};
use crate::input::{Effect, Input};
use crate::ports::{ScanEnd, ScanError, ScanNews};

#[test]
fn a_scan_finds_nodes_and_counts_them() {
    let mut rig = Rig::with_members(0, Vec::new());
    rig.ask(Request::Scan(ScanRequest::default()));
    assert_eq!(rig.count(|e| matches!(e, Effect::Scan(_))), 1);
    let started = ScanNews::Started { targets: "10.0.0.0/24".into(), method: "ARP".into(), addresses: 254 };
    rig.input(Input::Scan(started));
    rig.input(Input::Scan(ScanNews::Host(sighting(1))));
    let mut other = sighting(2);
    other.mac = None;
    rig.input(Input::Scan(ScanNews::Host(other)));
    rig.input(Input::Scan(ScanNews::Progress { asked: 100, found: 2 }));
    rig.input(Input::ScanEnded(Ok(ScanEnd { problems: vec!["eth1 is down".into()], silent: Vec::new() })));
    let scan = rig.world().scan.as_ref().expect("a scan");
    assert_eq!((scan.active, scan.found, scan.pis), (false, 2, 0));
    assert_eq!(scan.problems, ["eth1 is down"]);
    assert_eq!(rig.world().nodes.keys().cloned().collect::<Vec<_>>(), [NodeId::from_address(address(2), 22), id(1)]);
}

#[test]
fn the_same_host_is_the_same_node_when_more_becomes_known_of_it() {
    let mut rig = Rig::with_members(0, Vec::new());
    let mut first = sighting(1);
    (first.mac, first.hostname) = (None, None);
    first.seen_by = vec![SeenBy::Connect];
    rig.input(Input::Scan(ScanNews::Host(first)));
    let mut second = sighting(1);
    second.seen_by = vec![SeenBy::Neighbour];
    rig.input(Input::Scan(ScanNews::Host(second)));
    assert_eq!(rig.world().nodes.len(), 1);
    let seen = rig.world().nodes.values().next().and_then(|n| n.sighting.clone()).expect("seen");
    assert_eq!((seen.mac, seen.seen_by), (Some(mac(1)), vec![SeenBy::Neighbour, SeenBy::Connect]));
}

#[test]
fn a_scan_that_cannot_be_made_is_refused_with_its_ground() {
    let mut rig = Rig::with_members(0, Vec::new());
    let why = || ("10.0.0.0/33".to_owned(), "no such prefix".to_owned(), "say /24".to_owned());
    let (target, reason, hint) = why();
    let reported = rig.input(Input::ScanEnded(Err(ScanError::Target { target, why: reason, hint })));
    assert!(matches!(&reported[..], [Event::Refused { ground: Ground::Input, .. }]), "{reported:?}");
    let reported =
        rig.input(Input::ScanEnded(Err(ScanError::NotAllowed { method: "ARP".into(), hint: "use sudo".into() })));
    assert!(
        matches!(&reported[..], [Event::Refused { ground: Ground::Access, reasons, .. }] if reasons[0].hint == "use sudo")
    );
}

#[test]
fn a_member_at_another_address_is_recognised_by_its_mac() {
    let mut rig = Rig::with_members(2, vec![member(1), member(2)]);
    let mut moved = sighting(1);
    moved.address = address(50);
    rig.input(Input::Scan(ScanNews::Host(moved)));
    rig.input(Input::ScanEnded(Ok(ScanEnd::default())));
    let pi01 = rig.members.iter().find(|m| m.id == id(1)).expect("saved");
    assert_eq!(pi01.address, address(50));
    assert!(rig.world().notices.back().is_some_and(|n| n.text.contains("pi01 moved from 10.0.0.1 to 10.0.0.50")));

    // Another interface at the address that was given up is another node.
    let mut stranger = sighting(9);
    stranger.address = address(2);
    rig.input(Input::Scan(ScanNews::Host(stranger)));
    assert!(rig.world().nodes.contains_key(&id(9)));
    assert_eq!(rig.world().nodes[&id(2)].member.as_ref().map(|m| m.address), Some(address(2)));
}

#[test]
fn adopting_gives_the_next_free_names_and_one_head() {
    let mut rig = Rig::with_members(3, vec![member(2)]);
    for n in [1, 3] {
        rig.input(Input::Scan(ScanNews::Host(sighting(n))));
    }
    let adopt = || Request::Adopt { nodes: vec![id(3), id(1)], prefix: "pi".into(), login: setup(&[]).login };
    rig.ask(adopt());
    let named: Vec<_> = rig.members.iter().map(|m| (m.name.to_string(), m.id.clone(), m.head)).collect();
    assert_eq!(named, [("pi01".into(), id(3), true), ("pi02".into(), id(2), false), ("pi03".into(), id(1), false)]);
    let before = rig.members.clone();
    rig.ask(adopt());
    assert_eq!(rig.members, before, "who is in stays as it is");
}

#[test]
fn names_change_and_heads_move() {
    let mut rig = Rig::with_members(2, vec![member(1), member(2)]);
    let change = |name: Option<&str>, head| MemberChange {
        name: name.map(|n| n.parse().expect("a name")),
        head,
        ..MemberChange::default()
    };
    rig.ask(Request::SetMember { node: id(2), change: change(Some("zulu"), true) });
    let now: Vec<_> = rig.members.iter().map(|m| (m.name.as_str(), m.head)).collect();
    assert_eq!(now, [("pi01", false), ("zulu", true)]);

    rig.ask(Request::SetMember { node: id(1), change: change(Some("zulu"), false) });
    assert!(rig.refusals()[0].contains("another node is called zulu"));
    rig.ask(Request::SetMember { node: id(1), change: change(Some("pi01"), false) });
    assert_eq!(rig.members.len(), 2, "its own name is free for it");
    rig.ask(Request::SetMember { node: id(9), change: change(None, true) });
    assert!(rig.refusals()[0].contains("not in the cluster"));
}

#[test]
fn removing_takes_one_node_out() {
    let mut rig = Rig::with_members(2, vec![member(1), member(2)]);
    rig.ask(Request::RemoveMember { node: id(1) });
    assert_eq!(rig.members.iter().map(|m| m.id.clone()).collect::<Vec<_>>(), [id(2)]);
    rig.ask(Request::RemoveMember { node: id(1) });
    assert!(rig.refusals()[0].contains("not in the cluster"));
}

#[test]
fn shutdown_ends_everything() {
    let mut rig = Rig::ready(1);
    rig.ask(Request::Watch { login: setup(&[]).login });
    rig.settle();
    assert!(matches!(rig.ask(Request::Shutdown)[..], [Event::Ended]));
    assert!(rig.ended);
    assert_eq!(rig.lose(1), [], "the connections that close now are no news");
}

#[test]
fn a_key_and_a_route_are_set_and_taken_away() {
    let nothing = MemberChange::default();
    let route = MemberChange { identity: Some("/k".into()), jump: Some("gate".into()), ..nothing.clone() };
    let there = route.apply_to(&member(1));
    assert_eq!((there.identity.as_deref(), there.jump.as_deref()), (Some("/k".as_ref()), Some("gate")));
    assert_eq!(nothing.apply_to(&there), there);
    let away = MemberChange { identity: Some(std::path::PathBuf::new()), jump: Some(String::new()), ..nothing };
    assert_eq!(away.apply_to(&there), member(1));
}

#[test]
fn hosts_that_no_scan_sees_get_the_next_free_names() {
    let mut rig = Rig::with_members(0, vec![member(1), member(3)]);
    let change = MemberChange { jump: Some("gate".into()), ..MemberChange::default() };
    let add = |prefix: &str| Request::AddUnseen {
        addresses: vec![address(1), address(9)],
        prefix: prefix.into(),
        change: change.clone(),
        login: setup(&[]).login,
    };
    rig.ask(add("pi"));
    let jumps: Vec<_> = rig.members.iter().map(|m| (m.name.as_str(), m.address, m.jump.as_deref())).collect();
    let gate = Some("gate");
    assert_eq!(jumps, [("pi01", address(1), gate), ("pi02", address(9), gate), ("pi03", address(3), None)]);
    assert_eq!(rig.ask(add("pi")), [], "they are there already");
    rig.ask(add("Pi "));
    assert!(rig.refusals()[0].contains("makes no host names"), "{:?}", rig.refusals());
    let mut empty = Rig::with_members(0, Vec::new());
    empty.ask(add("pi"));
    let heads: Vec<_> = empty.members.iter().map(|m| (m.name.as_str(), m.head, m.user.as_str())).collect();
    assert_eq!(heads, [("pi01", true, "pi"), ("pi02", false, "pi")]);
}
