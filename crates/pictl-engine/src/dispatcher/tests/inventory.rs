//! Scans, and who is in the cluster.

use std::sync::Arc;

use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::node::{Link, Member, SeenBy};
use pictl_model::request::{Answer, Ground, MemberChange, Question, Request, ScanRequest};
use pictl_model::trust::Trust;

use super::rig::{Rig, setup};
use crate::common::{address, id, key, mac, member, sighting};
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

/// Why a request was refused, and on what ground.
fn refused(events: &[Event]) -> Option<(Ground, String)> {
    events.iter().find_map(|event| match event {
        Event::Refused { ground, reasons, .. } => Some((*ground, reasons[0].reason.clone())),
        _ => None,
    })
}

#[test]
fn a_change_that_cannot_be_saved_is_refused_and_not_made() {
    let mut rig = Rig::with_members(3, vec![member(1), member(2)]);
    Arc::make_mut(&mut rig.dispatcher.core.links.known).add(&[address(1).to_string()], &key(1));
    rig.input(Input::Scan(ScanNews::Host(sighting(3))));
    rig.full_disk = true;
    let before = rig.world().members().into_iter().filter_map(|n| n.member.clone()).collect::<Vec<_>>();
    let login = setup(&[]).login;
    let change = MemberChange { user: Some("ada".into()), ..MemberChange::default() };
    for request in [
        Request::SetMember { node: id(1), change: change.clone() },
        Request::Adopt { nodes: vec![id(3)], prefix: "pi".into(), login: login.clone() },
        Request::AddUnseen { addresses: vec![address(9)], prefix: "pi".into(), change, login },
        Request::RemoveMember { node: id(1) },
    ] {
        let events = rig.ask(request.clone());
        let (ground, why) = refused(&events).unwrap_or_else(|| panic!("accepted: {request:?}"));
        assert!(ground == Ground::Access && why.contains("cluster.toml") && why.contains("free some space"), "{why}");
        let now = rig.world().members().into_iter().filter_map(|n| n.member.clone()).collect::<Vec<_>>();
        assert_eq!(now, before, "{request:?}");
    }
    let known = &rig.dispatcher.core.links.known;
    assert_eq!(known.judge("10.0.0.1", 22, &key(1)), Trust::Known, "its key is not forgotten either");
    rig.full_disk = false;
    rig.ask(Request::RemoveMember { node: id(1) });
    assert_eq!(rig.dispatcher.core.links.known.judge("10.0.0.1", 22, &key(1)), Trust::Unknown);
    assert_eq!(rig.saved_keys.as_ref().map(|known| known.judge("10.0.0.1", 22, &key(1))), Some(Trust::Unknown));
}

#[test]
fn a_setup_whose_nodes_cannot_be_saved_changes_nothing() {
    let mut rig = Rig::seen(2);
    rig.ask(Request::Setup(setup(&[1, 2])));
    rig.settle();
    // The host keys are trusted and saved; then the disk is full.
    while !matches!(rig.world().questions.first(), Some((_, Question::Apply { .. }))) {
        let (_, question) = rig.question();
        match question {
            Question::Trust { .. } => drop(rig.reply(Answer::Yes)),
            _ => rig.type_in("raspberry"),
        }
        rig.settle();
    }
    rig.full_disk = true;
    let events = rig.reply(Answer::Yes);
    rig.settle();
    assert!(refused(&events).is_some_and(|(ground, _)| ground == Ground::Access), "{events:?}");
    assert!(rig.worked.is_empty() && rig.members.is_empty(), "{:?}", rig.worked);
    assert!(rig.world().members().is_empty());
    let summary = rig.world().setup.as_ref().and_then(|s| s.summary).expect("it has ended");
    // Logged in and read; all that would change something was not begun.
    assert!(summary.failed == 0 && summary.aborted > 0, "{summary:?}");
}

#[test]
fn a_host_key_that_cannot_be_saved_is_not_trusted() {
    let mut rig = Rig::seen(1);
    rig.ask(Request::Setup(setup(&[1])));
    rig.settle();
    rig.full_disk = true;
    let events = rig.reply(Answer::Yes);
    let said = events.iter().find_map(|e| if let Event::NotSaved { text } = e { Some(text.clone()) } else { None });
    assert!(said.is_some_and(|text| text.contains("free some space")), "{events:?}");
    assert_eq!(rig.count(|e| matches!(e, Effect::Connect { .. })), 0, "nothing is sent to it");
    assert_eq!(rig.dispatcher.core.links.known.judge("10.0.0.1", 22, &key(1)), Trust::Unknown);
    assert!(matches!(&rig.world().nodes[&id(1)].link, Link::Failed { why, .. } if why.contains("could not be saved")));
}

#[test]
fn what_other_programs_change_is_taken_over_and_kept() {
    let mut rig = Rig::with_members(3, vec![member(1), member(2)]);
    let theirs = [Member { user: "ada".into(), ..member(1) }, member(3)];
    rig.disk = theirs.to_vec();
    rig.input(Input::MembersRead(theirs.to_vec()));
    let now = |rig: &Rig| rig.world().members().into_iter().filter_map(|n| n.member.clone()).collect::<Vec<_>>();
    assert_eq!(now(&rig), theirs);
    let said = rig.world().notices.back().map(|n| n.text.clone()).unwrap_or_default();
    assert_eq!(said, "another program changed the inventory: pi03 added, pi02 removed, pi01 changed");
    assert!(rig.input(Input::MembersRead(theirs.to_vec())).is_empty(), "no news");

    // Somebody writes while a request is on its way: both changes are there afterwards.
    rig.disk.push(member(2));
    let port = MemberChange { port: Some(2222), ..MemberChange::default() };
    rig.ask(Request::SetMember { node: id(1), change: port });
    let first = Member { port: 2222, ..theirs[0].clone() };
    assert_eq!(rig.disk, [first, member(2), member(3)]);
    assert_eq!(now(&rig), rig.disk);
}
