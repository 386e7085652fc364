//! One board is one node: whatever interface answers, before and after a setup.

use std::net::IpAddr;
use std::sync::Arc;

use pictl_model::event::Event;
use pictl_model::inventory;
use pictl_model::node::{Change, Flag, IfAddr, Link, Member, Sighting};
use pictl_model::request::{Request, ScanRequest};
use pictl_model::step::{StepId, StepState};
use pictl_model::trust::TrustPolicy;
use pictl_model::{MacAddr, NodeId};

use super::rig::{Rig, exec, setup};
use crate::common::{address, id, key, mac, member, sighting};
use crate::dispatcher::boards::is_own;
use crate::input::Input;
use crate::ports::{ScanEnd, ScanNews};

fn scan(rig: &mut Rig, hosts: &[Sighting], silent: &[u8]) -> Vec<Event> {
    rig.ask(Request::Scan(ScanRequest::default()));
    let started = ScanNews::Started { targets: "10.0.0.0/24".into(), method: "ARP".into(), addresses: 254 };
    let mut events = rig.input(Input::Scan(started));
    for seen in hosts {
        events.extend(rig.input(Input::Scan(ScanNews::Host(seen.clone()))));
    }
    let silent = silent.iter().copied().map(address).collect();
    events.extend(rig.input(Input::ScanEnded(Ok(ScanEnd { problems: Vec::new(), silent }))));
    let members: Vec<_> = rig.world().members().into_iter().filter_map(|n| n.member.clone()).collect();
    assert_eq!(inventory::broken(&members), None);
    events
}

/// A sighting of interface `n` at a place, with no name: what a Raspberry Pi without avahi shows.
fn at(n: u8, place: u8) -> Sighting {
    Sighting { address: address(place), hostname: None, ..sighting(n) }
}

/// The same, where the interface `other` answers for that address as well.
fn shared(n: u8, other: u8, place: u8) -> Sighting {
    Sighting { interfaces: vec![mac(other)], ..at(n, place) }
}

/// Everything that scans report of a board with the interfaces 2 at .2 and 42 at .42, each of which answers for both addresses.
fn flux() -> Vec<Sighting> {
    let contested = Sighting { flags: vec![Flag::Contested { mac: mac(42) }], ..at(2, 2) };
    vec![at(2, 2), at(42, 42), contested, shared(2, 42, 2), shared(42, 2, 42)]
}

fn adopt(rig: &mut Rig, nodes: &[NodeId]) {
    let nodes =
        nodes.iter().filter(|n| rig.world().nodes.get(n).is_some_and(|n| n.member.is_none())).cloned().collect();
    rig.ask(Request::Adopt { nodes, prefix: "pi".into(), login: setup(&[]).login });
}

fn places(rig: &Rig) -> Vec<(String, Option<IpAddr>)> {
    let members = rig.world().members().into_iter();
    members.filter_map(|n| n.member.as_ref().map(|m| (m.name.to_string(), m.place()))).collect()
}

fn gone(events: &[Event]) -> bool {
    events.iter().any(|e| matches!(e, Event::Gone { .. }))
}

/// A second address of the board of node `n`, as the node itself lists it.
fn lists(rig: &mut Rig, n: &NodeId, interface: &str, place: IpAddr) {
    let own = IfAddr { interface: interface.into(), address: place, prefix: 24 };
    rig.node(n).reading.facts.addresses.push(own);
}

fn session(members: Vec<Member>) -> Rig {
    Rig::with_members(4, members)
}

// ---- before a setup

#[test]
fn a_board_whose_interfaces_answer_for_each_other_is_one_node_in_every_scan() {
    let mut rig = session(Vec::new());
    let mut order = flux();
    for _ in 0..order.len() {
        order.rotate_left(1);
        scan(&mut rig, &order, &[]);
        let seen: Vec<_> = rig.world().nodes.keys().cloned().collect();
        assert_eq!(seen.len(), 1, "{order:?}");
        adopt(&mut rig, &seen);
        assert_eq!(rig.members.len(), 1);
    }
    // Another day, another process: what it was saved with is enough, also where one interface answers alone.
    let saved = rig.members.clone();
    for hosts in [vec![at(42, 42), at(2, 2)], vec![at(42, 2), at(2, 42)], vec![at(42, 2), at(42, 42)]] {
        let mut rig = session(saved.clone());
        let events = scan(&mut rig, &hosts, &[]);
        assert!(!gone(&events), "{hosts:?}: {events:?}");
        assert_eq!(rig.world().nodes.len(), 1, "{hosts:?}");
    }
}

#[test]
fn a_member_that_answers_by_its_other_interface_is_reachable() {
    let saved = Member { board: pictl_model::node::Board { macs: vec![mac(42)], ..member(2).board }, ..member(2) };
    let mut rig = session(vec![member(1), saved]);
    let events = scan(&mut rig, &[at(1, 1), at(42, 42)], &[2]);
    assert!(!gone(&events), "{events:?}");
    assert_eq!(places(&rig), [("pi01".into(), Some(address(1))), ("pi02".into(), Some(address(42)))]);
    assert_eq!(rig.world().nodes[&id(2)].change.map(|(_, c)| c), Some(Change::Moved { from: address(2) }));
    // Its cable is in again: both are its own, and it stays where it is.
    scan(&mut rig, &[at(1, 1), at(42, 42), at(2, 2)], &[]);
    assert_eq!((rig.world().nodes.len(), places(&rig)[1].1), (2, Some(address(42))));
}

/// Two boards whose interfaces do not answer for each other stay two, whatever else they have in common.
#[test]
fn cloned_sd_cards_are_two_nodes() {
    let mut rig = Rig::ready(2);
    rig.node(&id(2)).offers = key(1);
    rig.node(&id(2)).reading.facts.machine_id = Some(format!("{:032}", 1));
    Arc::make_mut(&mut rig.dispatcher.core.links.known).replace(&[address(2).to_string()], &key(1));
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    let members: Vec<_> = rig.world().members().into_iter().filter_map(|n| n.member.clone()).collect();
    assert_eq!((members.len(), inventory::broken(&members)), (2, None));
    assert!(members[0].host_key.is_some() && members[1].host_key.is_none());
    assert_eq!(members[0].offered_key(), members[1].offered_key(), "the Keys screen shows that they are clones");
}

// ---- addresses that change

#[test]
fn members_that_swap_addresses_are_both_found_and_an_address_taken_by_one_is_lost_to_the_other() {
    let mut rig = session(vec![member(1), member(2)]);
    scan(&mut rig, &[at(1, 1), at(2, 2)], &[]);
    let events = scan(&mut rig, &[at(1, 2), at(2, 1)], &[]);
    assert!(!gone(&events), "{events:?}");
    assert_eq!(places(&rig), [("pi01".into(), Some(address(2))), ("pi02".into(), Some(address(1)))]);
    // pi02 is switched off, and DHCP gives its address to pi01: two members have never one address.
    let events = scan(&mut rig, &[at(1, 1)], &[2]);
    assert!(gone(&events));
    assert_eq!(places(&rig), [("pi01".into(), Some(address(1))), ("pi02".into(), None)]);
    let saved = rig.members.clone();
    let mut rig = session(saved.clone());
    // It is left out of a setup, and found again at any address.
    rig.ask(Request::Setup(setup(&[])));
    assert!(rig.world().notices.iter().any(|n| n.text.contains("pi02 is left out")), "{:?}", rig.world().notices);
    let mut rig = session(saved);
    scan(&mut rig, &[at(1, 1), at(2, 77)], &[]);
    assert_eq!(places(&rig)[1].1, Some(address(77)));
}

#[test]
fn a_place_is_not_given_to_two_members_by_hand() {
    let behind = |port| Member { address: address(1), port, ..member(2) };
    let mut rig = session(vec![member(1), behind(2222)]);
    let change = pictl_model::request::MemberChange { port: Some(22), ..Default::default() };
    rig.ask(Request::SetMember { node: id(2), change });
    assert!(rig.refusals()[0].contains("pi01 is reached at 10.0.0.1 port 22 already"), "{:?}", rig.refusals());
}

// ---- logins

#[test]
fn a_member_is_recognised_by_its_host_key_at_another_address_and_nobody_else_is() {
    let log_in = |rig: &mut Rig| {
        let mut request = exec("uptime");
        request.login.trust = TrustPolicy::Strict;
        rig.ask(Request::Exec(request));
        rig.settle();
        rig.dispatcher.core.is_up(&id(1))
    };
    let mut rig = Rig::ready(2);
    assert!(log_in(&mut rig));
    rig.lose(1);
    rig.lose(2);
    // By its Wi-Fi, where nobody has ever compared its key.
    scan(&mut rig, &[at(1, 41), at(2, 2)], &[1]);
    assert!(log_in(&mut rig), "{:?}", rig.world().nodes[&id(1)].link);
    assert!(rig.world().notices.iter().any(|n| n.text.contains("pi01 is recognised at 10.0.0.41")));
    rig.lose(1);
    rig.lose(2);
    // The two swap their addresses: what answers is the other one, and the hint finds both.
    for interface in [None, Some(mac(2))] {
        (rig.node(&id(1)).offers, rig.node(&id(1)).interface) = (key(2), interface);
        assert!(!log_in(&mut rig));
        match &rig.world().nodes[&id(1)].link {
            Link::Failed { why, hint, .. } => {
                assert!(why.starts_with("pi02 answers at 10.0.0.41: the host key there is the one of pi02"), "{why}");
                assert!(hint.contains("`pictl scan --save`"), "{hint}");
            }
            other => panic!("{other:?}"),
        }
        rig.lose(2);
    }
    (rig.node(&id(1)).offers, rig.node(&id(1)).interface) = (key(1), None);
    scan(&mut rig, &[at(1, 2), at(2, 1)], &[]);
    assert!(log_in(&mut rig) && rig.dispatcher.core.is_up(&id(2)), "{:?}", rig.world().nodes[&id(1)].link);
    rig.lose(1);
    // A reflashed SD card has another key: that is for the user to compare.
    rig.node(&id(1)).offers = key(77);
    assert!(!log_in(&mut rig));
}

#[test]
fn what_a_node_reports_of_its_board_is_kept_and_an_adapter_goes_with_the_board() {
    let report = |rig: &mut Rig, n: u8, serial: &str, macs: &[MacAddr]| {
        let facts = &mut rig.node(&id(n)).reading.facts;
        (facts.serial, facts.macs) = (Some(serial.into()), macs.to_vec());
        rig.ask(Request::Setup(setup(&[])));
        rig.agree();
        rig.lose(1);
        rig.lose(2);
    };
    let adapter = mac(90);
    let mut rig = Rig::ready(2);
    report(&mut rig, 1, "1001", &[mac(1), adapter]);
    let of = |rig: &Rig, n: u8| rig.members.iter().find(|m| m.id == id(n)).cloned().expect("a member");
    assert_eq!((of(&rig, 1).board.macs, of(&rig, 1).board.serial), (vec![adapter], Some("1001".into())));
    // It is seen by its adapter.
    scan(&mut rig, &[at(1, 1), at(2, 2), at(90, 90)], &[]);
    assert_eq!(rig.world().nodes.len(), 2);
    // The adapter is in the other board from now on.
    rig.node(&id(1)).reading.facts.macs = vec![mac(1)];
    report(&mut rig, 2, "1002", &[mac(2), adapter]);
    assert_eq!((of(&rig, 1).board.macs, of(&rig, 2).board.macs), (vec![], vec![adapter]));
    assert_eq!(rig.members.len(), 2, "and they are two boards");
}

#[test]
fn addresses_that_programs_make_and_that_hosts_give_themselves_belong_to_no_board() {
    let own = |interface: &str, address: &str| {
        is_own(&IfAddr { interface: interface.into(), address: address.parse().expect("an address"), prefix: 24 })
    };
    assert!(own("eth0", "10.0.0.1") && own("wlan0", "192.168.1.7") && own("eth0", "2001:db8::1"));
    for (interface, address) in [
        ("docker0", "172.17.0.1"),
        ("veth12ab", "10.0.0.9"),
        ("eth0", "169.254.7.7"),
        ("wlan0", "fe80::31"),
        ("br-4711", "172.18.0.1"),
    ] {
        assert!(!own(interface, address), "{interface} {address}");
        let mut rig = Rig::ready(2);
        let place = address.parse().expect("an address");
        lists(&mut rig, &id(1), interface, place);
        rig.ask(Request::Setup(setup(&[])));
        rig.agree();
        scan(&mut rig, &[Sighting { address: place, ..at(9, 9) }], &[]);
        assert_eq!(rig.world().nodes.len(), 3, "{interface} {address}");
    }
}

#[test]
fn two_members_that_prove_to_be_one_board_become_one_before_anything_is_changed() {
    let mut rig = Rig::ready(3);
    // pi03 is pi01 by its Wi-Fi: the same host key, the same addresses.
    for n in [1, 3] {
        rig.node(&id(n)).offers = key(1);
        lists(&mut rig, &id(n), "wlan0", address(if n == 1 { 3 } else { 1 }));
    }
    rig.node(&id(3)).reading.facts.hostname = "pi01".into();
    Arc::make_mut(&mut rig.dispatcher.core.links.known).replace(&[address(3).to_string()], &key(1));
    rig.ask(Request::Setup(setup(&[])));
    rig.agree();
    let names: Vec<_> = rig.members.iter().map(|m| m.name.to_string()).collect();
    assert_eq!(names, ["pi01", "pi02"]);
    assert_eq!(rig.members[0].board.macs, [mac(3)]);
    assert_eq!(rig.state(3, StepId::Hostname), StepState::Skipped);
    assert!(
        rig.message(3, StepId::Hostname).contains("the same board as pi01"),
        "{}",
        rig.message(3, StepId::Hostname)
    );
    assert_eq!(rig.node(&id(1)).reading.facts.hostname, "pi01");
    let hosts = rig.worked.iter().filter(|(node, _)| *node == id(3)).count();
    assert_eq!(hosts, 0, "nothing was done there under another name");
    assert!(rig.world().notices.iter().any(|n| n.text.contains("one node from now on, pi01")));
    // It stays one.
    scan(&mut rig, &[at(1, 1), at(2, 2), at(3, 3)], &[]);
    assert_eq!((rig.world().nodes.len(), rig.members.len()), (2, 2));
}

#[test]
fn a_further_member_of_a_board_is_found_out_by_the_first_login() {
    let mut rig = Rig::ready(2);
    rig.node(&id(1)).reading.facts.macs = vec![mac(1), mac(2)];
    rig.node(&id(2)).reachable = false;
    rig.ask(Request::Watch { login: setup(&[]).login });
    rig.settle();
    let names: Vec<_> = rig.members.iter().map(|m| m.name.to_string()).collect();
    assert_eq!(names, ["pi01"]);
    assert_eq!(rig.world().nodes[&id(1)].also.iter().map(|a| a.address).collect::<Vec<_>>(), [address(2)]);
}

#[test]
fn an_inventory_that_was_mended_is_explained() {
    let (members, remarks) = inventory::mend(vec![member(1), Member { address: address(1), ..member(2) }]);
    let mut rig = session(members);
    rig.dispatcher.explain_mended(remarks);
    assert!(rig.world().notices.iter().any(|n| n.text.contains("pi01 and pi02 were one board")));
}
