//! Which node a sighting is of: hosts with several addresses, and interfaces with several hosts.

use std::net::IpAddr;

use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::node::{Change, Flag, IfAddr, SeenBy, Sighting};
use pictl_model::request::{Request, ScanRequest};

use super::rig::{Node, Rig, exec, setup};
use crate::common::{address, id, mac, member, sighting};
use crate::input::Input;
use crate::ports::{ScanEnd, ScanNews};

fn begin(rig: &mut Rig) {
    rig.ask(Request::Scan(ScanRequest::default()));
    let started = ScanNews::Started { targets: "10.0.0.0/24".into(), method: "ARP".into(), addresses: 254 };
    rig.input(Input::Scan(started));
}

fn host(rig: &mut Rig, seen: Sighting) -> Vec<Event> {
    rig.input(Input::Scan(ScanNews::Host(seen)))
}

fn end(rig: &mut Rig, silent: &[u8]) {
    let silent = silent.iter().copied().map(address).collect();
    rig.input(Input::ScanEnded(Ok(ScanEnd { problems: Vec::new(), silent })));
}

fn scan(rig: &mut Rig, hosts: &[Sighting], silent: &[u8]) {
    begin(rig);
    for seen in hosts {
        host(rig, seen.clone());
    }
    end(rig, silent);
}

fn at(n: u8, place: u8) -> Sighting {
    Sighting { address: address(place), ..sighting(n) }
}

/// One that has reported its name by multicast DNS.
fn named(n: u8, name: &str) -> Sighting {
    Sighting { hostname: Some(name.into()), seen_by: vec![SeenBy::Arp, SeenBy::Mdns], ..sighting(n) }
}

/// Every node, with its address and its others.
fn nodes(rig: &Rig) -> Vec<(NodeId, IpAddr, Vec<IpAddr>)> {
    let nodes = rig.world().nodes.values();
    nodes.map(|n| (n.id.clone(), n.address().expect("seen"), n.also.iter().map(|a| a.address).collect())).collect()
}

fn why(rig: &Rig, node: &NodeId) -> String {
    rig.world().nodes[node].also[0].why.clone()
}

fn moves(rig: &Rig) -> usize {
    rig.events.iter().filter(|e| matches!(e, Event::Moved { .. })).count()
}

fn found(rig: &Rig) -> (u64, u64) {
    rig.world().scan.as_ref().map(|scan| (scan.found, scan.pis)).expect("a scan")
}

#[test]
fn two_addresses_of_one_interface_are_one_host_and_do_not_change_places() {
    let mut rig = Rig::with_members(0, Vec::new());
    let both = [at(1, 1), at(1, 41), at(1, 1), at(1, 41)];
    scan(&mut rig, &both, &[]);
    let one = [(id(1), address(1), vec![address(41)])];
    assert_eq!(
        (nodes(&rig), found(&rig), why(&rig, &id(1)).as_str()),
        (one.to_vec(), (1, 0), "same network interface")
    );
    for hosts in [&[at(1, 41), at(1, 1)][..], &[at(1, 1), at(1, 41)]] {
        scan(&mut rig, hosts, &[]);
    }
    assert_eq!((nodes(&rig), moves(&rig)), (one.to_vec(), 0));
    assert_eq!(rig.events.iter().filter(|e| matches!(e, Event::Folded { .. })).count(), 1, "reported once");
    // Only the other one answers: it is reached there from now on.
    scan(&mut rig, &[at(1, 41)], &[1]);
    assert_eq!((nodes(&rig), moves(&rig)), (vec![(id(1), address(41), vec![])], 1));
    scan(&mut rig, &[at(1, 41), at(1, 1)], &[]);
    assert_eq!((nodes(&rig), moves(&rig)), (vec![(id(1), address(41), vec![address(1)])], 1));
    // None does.
    scan(&mut rig, &[], &[41]);
    assert!(rig.world().nodes[&id(1)].is_gone());
}

#[test]
fn a_further_address_that_answers_first_moves_nobody() {
    let mut rig = Rig::with_members(1, vec![member(1)]);
    scan(&mut rig, &[at(1, 77), at(1, 41), at(1, 1)], &[]);
    assert_eq!((nodes(&rig), moves(&rig)), (vec![(id(1), address(1), vec![address(41), address(77)])], 0));
    assert_eq!(rig.members, []);
}

/// An address that one of several machines has, for a service.
#[test]
fn a_further_address_goes_from_one_host_to_another() {
    let mut rig = Rig::with_members(2, vec![member(1), member(2)]);
    for (has, others) in
        [(1, [vec![address(9)], vec![]]), (2, [vec![], vec![address(9)]]), (1, [vec![address(9)], vec![]])]
    {
        scan(&mut rig, &[at(has, 9), sighting(2), sighting(1)], &[]);
        assert_eq!(nodes(&rig), [(id(1), address(1), others[0].clone()), (id(2), address(2), others[1].clone())]);
    }
    assert_eq!(moves(&rig), 0);
}

#[test]
fn who_is_connected_where_it_was_has_not_moved() {
    let mut rig = Rig::ready(1);
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    scan(&mut rig, &[at(1, 41)], &[]);
    assert_eq!((nodes(&rig), moves(&rig)), (vec![(id(1), address(1), vec![address(41)])], 0));
    assert_eq!(rig.members[0].address, address(1));
    // Only once the connection is gone.
    rig.lose(1);
    scan(&mut rig, &[at(1, 41)], &[1]);
    assert_eq!((moves(&rig), rig.members[0].address), (1, address(41)));
}

#[test]
fn an_interface_that_answers_for_many_addresses_hides_nobody() {
    let flagged = |place| Sighting { flags: vec![Flag::ProxyArp { addresses: 8 }], ..at(1, place) };
    let mut rig = Rig::with_members(0, Vec::new());
    for _ in 0..2 {
        begin(&mut rig);
        for place in 1..8 {
            host(&mut rig, at(1, place));
        }
        // With the eighth it is clear what it is, and all are reported again.
        for place in 1..=8 {
            host(&mut rig, flagged(place));
        }
        end(&mut rig, &[]);
        let all = nodes(&rig);
        assert_eq!((all.len(), found(&rig).0), (8, 8));
        assert!(all.iter().all(|(_, _, others)| others.is_empty()), "{all:?}");
        assert_eq!(moves(&rig), 0);
    }
    assert!((1..=8).all(|n| rig.world().nodes.values().any(|view| view.address() == Some(address(n)))));
    // One of them answers by itself one day.
    scan(&mut rig, &[Sighting { mac: Some(mac(5)), ..at(5, 5) }], &[1]);
    assert_eq!(rig.world().nodes[&id(5)].address(), Some(address(5)));
}

#[test]
fn the_newest_sighting_s_flags_count() {
    let mut rig = Rig::with_members(0, Vec::new());
    let flags = |rig: &Rig| rig.world().nodes[&id(1)].sighting.as_ref().map(|s| s.flags.clone()).expect("seen");
    let contested = vec![Flag::Contested { mac: mac(9) }];
    scan(&mut rig, &[Sighting { flags: contested.clone(), ..sighting(1) }], &[]);
    assert_eq!(flags(&rig), contested);
    scan(&mut rig, &[sighting(1)], &[]);
    assert_eq!(flags(&rig), []);
}

#[test]
fn two_interfaces_with_one_name_are_one_host() {
    let mut rig = Rig::with_members(0, Vec::new());
    let both = [named(2, "pi03.local"), named(1, "pi03.local"), named(3, "pi04.local")];
    scan(&mut rig, &both, &[]);
    let folded = [(id(1), address(1), vec![address(2)]), (id(3), address(3), vec![])];
    assert_eq!((nodes(&rig), found(&rig).0), (folded.to_vec(), 2), "the lower address stays");
    assert_eq!(why(&rig, &id(1)), "both call themselves pi03.local");
    assert_eq!(rig.world().nodes[&id(1)].also[0].mac, Some(mac(2)));
    // And so it stays, in whatever order they answer.
    let folds = |rig: &Rig| rig.events.iter().filter(|e| matches!(e, Event::Folded { .. })).count();
    assert_eq!(folds(&rig), 1);
    for turned in [[&both[0], &both[1]], [&both[1], &both[0]]] {
        scan(&mut rig, &turned.map(Clone::clone), &[]);
        assert_eq!((nodes(&rig), folds(&rig), moves(&rig)), (folded.to_vec(), 1, 0));
    }
    // Its other interface has another address now.
    scan(&mut rig, &[named(1, "pi03.local"), Sighting { address: address(77), ..named(2, "pi03.local") }], &[]);
    assert_eq!(nodes(&rig)[0], (id(1), address(1), vec![address(2), address(77)]));
}

#[test]
fn it_does_not_matter_what_of_two_with_one_name_is_known_first() {
    let bare = |n: u8| Sighting { ssh: None, ..named(n, "pi03.local") };
    let mut rig = Rig::with_members(0, Vec::new());
    begin(&mut rig);
    for seen in [bare(1), named(2, "pi03.local"), bare(3)] {
        host(&mut rig, seen);
    }
    assert_eq!(nodes(&rig).len(), 3);
    host(&mut rig, named(1, "pi03.local"));
    assert_eq!(nodes(&rig), [(id(1), address(1), vec![address(2)]), (id(3), address(3), vec![])]);
    host(&mut rig, named(3, "pi03.local"));
    host(&mut rig, named(2, "pi03.local"));
    assert_eq!(nodes(&rig), [(id(1), address(1), vec![address(2), address(3)])]);
}

/// A machine with two interfaces in one network answers with both for either address, as long as nobody sets `arp_ignore`.
#[test]
fn a_host_whose_interfaces_answer_for_each_other_is_one_and_stays_where_it_is() {
    let with = |place: u8, interface: u8| Sighting { address: address(place), ..named(interface, "pi03.local") };
    let bare = |place: u8, interface: u8| Sighting {
        hostname: None,
        ssh: None,
        seen_by: vec![SeenBy::Arp],
        ..with(place, interface)
    };
    let flagged = |place: u8, interface: u8, other: u8| Sighting {
        flags: vec![Flag::Contested { mac: mac(other) }],
        ..bare(place, interface)
    };
    // Whichever is heard first, the scan reports the lower address with the lower interface in the end.
    for first in
        [[bare(1, 1), bare(2, 1)], [bare(1, 2), bare(2, 2)], [bare(1, 2), bare(2, 1)], [bare(1, 1), bare(2, 2)]]
    {
        let mut rig = Rig::with_members(0, Vec::new());
        for _ in 0..3 {
            begin(&mut rig);
            for seen in first.clone() {
                host(&mut rig, seen);
            }
            let interface = if first[0].mac == Some(mac(1)) { 1 } else { 2 };
            host(&mut rig, flagged(1, interface, 3 - interface));
            for (place, interface) in [(1, 1), (2, 2)] {
                host(&mut rig, bare(place, interface));
                host(&mut rig, with(place, interface));
            }
            end(&mut rig, &[]);
            let all = nodes(&rig);
            assert_eq!((all.len(), all[0].1, &all[0].2[..]), (1, address(1), &[address(2)][..]), "{first:?}");
            assert_eq!(moves(&rig), 0, "{first:?}");
        }
    }
}

#[test]
fn a_known_host_that_is_seen_before_its_mac_is_known_is_not_a_second_one() {
    let bare = |place: u8| Sighting { mac: None, ..at(1, place) };
    let mut rig = Rig::with_members(1, vec![member(1)]);
    scan(&mut rig, &[sighting(1)], &[]);
    // It has moved.
    scan(&mut rig, &[bare(41), at(1, 41)], &[1]);
    assert_eq!(nodes(&rig), [(id(1), address(41), vec![])]);
    // It has one more.
    scan(&mut rig, &[at(1, 41), bare(42), at(1, 42)], &[]);
    assert_eq!((nodes(&rig), moves(&rig)), (vec![(id(1), address(41), vec![address(42)])], 1));
}

#[test]
fn a_member_stays_and_so_does_a_connected_host() {
    let mut rig = Rig::with_members(2, vec![member(2)]);
    scan(&mut rig, &[named(1, "pi03.local"), named(2, "pi03.local")], &[]);
    assert_eq!(nodes(&rig), [(id(2), address(2), vec![address(1)])]);

    let mut rig = Rig::with_members(2, vec![member(1), member(2)]);
    scan(&mut rig, &[named(1, "pi03.local"), named(2, "pi03.local")], &[]);
    assert_eq!(nodes(&rig).len(), 2, "two members stay two");

    let mut rig = Rig::seen(2);
    rig.ask(Request::Setup(setup(&[2])));
    rig.settle();
    assert!(!rig.world().questions.is_empty());
    scan(&mut rig, &[named(1, "pi03.local"), named(2, "pi03.local")], &[]);
    assert_eq!(nodes(&rig), [(id(2), address(2), vec![address(1)])]);
    rig.agree();
    assert!(rig.world().setup.as_ref().and_then(|s| s.summary).is_some_and(|summary| summary.failed == 0));
}

#[test]
fn the_same_name_alone_makes_no_host_one() {
    let other_ssh = Sighting { ssh: Some("SSH-2.0-dropbear".into()), ..named(2, "pi03.local") };
    let no_ssh = Sighting { ssh: None, ..named(2, "pi03.local") };
    // By DNS, or as it calls itself elsewhere: such names may be the same.
    let no_mdns = Sighting { hostname: Some("pi03.local".into()), ..sighting(2) };
    let no_card = Sighting { mac: None, ..named(2, "pi03.local") };
    let other_link = Sighting { address: [10, 0, 1, 2].into(), ..named(2, "pi03.local") };
    for second in [other_ssh, no_ssh, no_mdns, no_card, other_link] {
        let mut rig = Rig::with_members(0, Vec::new());
        scan(&mut rig, &[named(1, "pi03.local"), second.clone()], &[]);
        assert_eq!(nodes(&rig).len(), 2, "{second:?}");
    }
    // In another scan it may be another host that has taken the name.
    let mut rig = Rig::with_members(0, Vec::new());
    scan(&mut rig, &[named(1, "pi03.local")], &[]);
    scan(&mut rig, &[named(2, "pi03.local"), sighting(1)], &[]);
    assert_eq!(nodes(&rig).len(), 2);
    // What was missing comes later.
    begin(&mut rig);
    host(&mut rig, named(1, "pi04.local"));
    host(&mut rig, Sighting { ssh: None, ..named(2, "pi04.local") });
    assert_eq!(nodes(&rig).len(), 2);
    host(&mut rig, named(2, "pi04.local"));
    assert_eq!(nodes(&rig).len(), 1);
}

/// A member with a second address, on its Wi-Fi.
fn with_wlan(rig: &mut Rig, n: u8, place: IpAddr) {
    let wlan = IfAddr { interface: "wlan0".into(), address: place, prefix: 24 };
    rig.node(&id(n)).reading.facts.addresses.push(wlan);
}

fn log_in(rig: &mut Rig) {
    rig.ask(Request::Setup(setup(&[])));
    rig.agree();
}

#[test]
fn what_a_node_says_of_its_addresses_makes_one_host_of_two() {
    let mut rig = Rig::ready(2);
    with_wlan(&mut rig, 1, address(41));
    rig.nodes.insert(id(41), Node::new(41));
    host(&mut rig, sighting(41));
    log_in(&mut rig);
    assert_eq!(nodes(&rig), [(id(1), address(1), vec![address(41)]), (id(2), address(2), vec![])]);
    assert_eq!(why(&rig, &id(1)), "pi01 has this address on wlan0");
    scan(&mut rig, &[sighting(1), sighting(2), sighting(41)], &[]);
    assert_eq!((nodes(&rig).len(), moves(&rig)), (2, 0));
    // Seen for the first time after it was reported of.
    with_wlan(&mut rig, 2, address(42));
    log_in(&mut rig);
    scan(&mut rig, &[sighting(42), sighting(41), sighting(2), sighting(1)], &[]);
    assert_eq!(nodes(&rig)[1], (id(2), address(2), vec![address(42)]));
    assert_eq!(why(&rig, &id(2)), "pi02 has this address on wlan0");
    // Its cable is pulled: it goes on by Wi-Fi.
    rig.vanish(2);
    scan(&mut rig, &[sighting(42), sighting(41), sighting(1)], &[2]);
    assert_eq!(nodes(&rig)[1], (id(2), address(42), vec![address(2)]));
    assert_eq!(rig.world().nodes[&id(2)].change.as_ref().map(|(_, c)| *c), Some(Change::Moved { from: address(2) }));
    assert_eq!(
        rig.members.iter().find(|m| m.id == id(2)).map(|m| (m.address, m.mac)),
        Some((address(42), Some(mac(2))))
    );
}

#[test]
fn an_address_that_several_nodes_have_belongs_to_none() {
    let docker: IpAddr = [172, 17, 0, 1].into();
    let mut rig = Rig::ready(2);
    with_wlan(&mut rig, 1, docker);
    with_wlan(&mut rig, 2, docker);
    log_in(&mut rig);
    scan(&mut rig, &[Sighting { address: docker, ..sighting(9) }], &[]);
    assert_eq!(nodes(&rig).len(), 3);
}

#[test]
fn the_board_s_serial_number_makes_one_host_of_two() {
    let serial = |rig: &mut Rig, n: u8, serial: &str| rig.node(&id(n)).reading.facts.serial = Some(serial.into());
    for (number, hosts) in [("10000000abcdef01", 1), ("0000000000000000", 2)] {
        let mut rig = Rig::seen(2);
        serial(&mut rig, 1, number);
        serial(&mut rig, 2, number);
        // One of them was looked at before and let go.
        rig.ask(Request::Identify { nodes: vec![id(2)], time: pictl_model::Millis(1_000), login: setup(&[]).login });
        rig.agree();
        rig.end_blinking(&id(2));
        assert_eq!(nodes(&rig).len(), 2);
        rig.ask(Request::Identify { nodes: vec![id(1)], time: pictl_model::Millis(1_000), login: setup(&[]).login });
        rig.agree();
        assert_eq!(nodes(&rig).len(), hosts, "{number}");
        if hosts == 1 {
            assert_eq!(why(&rig, &id(1)), "both are the board with the serial number 10000000abcdef01");
        }
    }
}

#[test]
fn two_interfaces_at_one_address_stay_two() {
    let mut rig = Rig::ready(1);
    let claims = |n: u8, other: u8| Sighting { flags: vec![Flag::Contested { mac: mac(other) }], ..at(n, 1) };
    scan(&mut rig, &[claims(1, 9), claims(9, 1)], &[]);
    log_in(&mut rig);
    assert_eq!(nodes(&rig), [(id(1), address(1), vec![]), (id(9), address(1), vec![])]);
}

#[test]
fn a_host_without_a_mac_that_took_over_an_address_is_another_one() {
    // Found without a MAC address; then it becomes known, and it moves.
    let mut rig = Rig::with_members(0, Vec::new());
    let old = NodeId::from_address(address(1), 22);
    scan(&mut rig, &[Sighting { mac: None, ..sighting(1) }], &[]);
    scan(&mut rig, &[sighting(1)], &[]);
    scan(&mut rig, &[at(1, 41)], &[1]);
    assert_eq!(nodes(&rig), [(old.clone(), address(41), vec![])]);
    // Somebody else is where it was.
    scan(&mut rig, &[at(1, 41), at(2, 1)], &[]);
    assert_eq!(nodes(&rig), [(old, address(41), vec![]), (id(2), address(1), vec![])]);
}
