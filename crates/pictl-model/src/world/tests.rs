//! What scans make of the world.

use std::net::IpAddr;

use super::*;
use crate::ids::MacAddr;
use crate::node::{Flag, Link, SeenBy};
use crate::{HostName, node::Member};

fn address(n: u8) -> IpAddr {
    [10, 0, 0, n].into()
}

fn mac(n: u8) -> MacAddr {
    MacAddr([0xdc, 0xa6, 0x32, 0, 0, n])
}

fn id(n: u8) -> NodeId {
    NodeId::from_mac(mac(n))
}

fn seen_at(n: u8, place: u8) -> Event {
    let sighting = Sighting {
        address: address(place),
        port: 22,
        mac: Some(mac(n)),
        vendor: None,
        hints: Vec::new(),
        hostname: None,
        ssh: None,
        rtt: None,
        seen_by: vec![SeenBy::Arp],
        others: Vec::new(),
        flags: Vec::new(),
        interfaces: Vec::new(),
    };
    Event::Seen { node: id(n), sighting }
}

fn seen(n: u8) -> Event {
    seen_at(n, n)
}

fn started(again: bool) -> Event {
    Event::ScanStarted { targets: "lan".into(), method: "ARP".into(), addresses: 254, again }
}

fn finished() -> Event {
    Event::ScanFinished { found: 0, pis: 0, elapsed: Millis(400), problems: Vec::new() }
}

fn moved(n: u8, from: u8, to: u8) -> Event {
    Event::Moved { node: id(n), from: address(from), to: address(to) }
}

fn folded(node: NodeId, into: u8, place: u8, mac: MacAddr) -> Event {
    let other =
        OtherAddress { address: address(place), mac: Some(mac), why: "same network interface".into(), by: None };
    Event::Folded { node, into: id(into), other }
}

/// Folds what was written down and read again, as a record is.
fn world(events: impl IntoIterator<Item = Event>) -> World {
    let mut world = World::default();
    for (seq, event) in (1..).zip(events) {
        let stamped = Stamped { v: crate::event::VERSION, seq, at: Timestamp(seq.cast_signed() * 1_000), event };
        let kept = serde_json::to_string(&stamped).expect("it can be written");
        let read: Stamped = serde_json::from_str(&kept).expect("and read");
        assert_eq!(read, stamped);
        world.apply(&read);
    }
    world
}

fn change(world: &World, n: u8) -> Option<Change> {
    world.nodes[&id(n)].change.map(|(_, change)| change)
}

fn also(world: &World, n: u8) -> Vec<(IpAddr, Option<MacAddr>)> {
    world.nodes[&id(n)].also.iter().map(|also| (also.address, also.mac)).collect()
}

#[test]
fn who_turns_up_after_the_first_scan_is_new_until_the_next() {
    let first = || [started(false), seen(1), finished()];
    let all = world(first());
    assert_eq!(change(&all, 1), None, "in the first scan all are");
    let all = world(first().into_iter().chain([started(false), seen(1), seen(2), seen(2), finished()]));
    assert_eq!((change(&all, 1), change(&all, 2)), (None, Some(Change::New)));
    assert_eq!(all.nodes[&id(2)].change.map(|(at, _)| at), Some(Timestamp(6_000)), "when it was first seen");
    let further = |again| {
        let passes = [started(true), seen(2), finished(), started(again), seen(2), finished()];
        world(first().into_iter().chain(passes))
    };
    assert_eq!(change(&further(true), 2), Some(Change::New), "a watch keeps what it has noticed");
    assert_eq!(change(&further(false), 2), None);
}

#[test]
fn who_is_gone_stays_so_until_it_is_seen_or_logged_in_to() {
    let gone = || vec![started(false), seen(1), finished(), Event::Gone { node: id(1) }, started(false), finished()];
    let after = |more: Event| change(&world(gone().into_iter().chain([more])), 1);
    assert!(world(gone()).nodes[&id(1)].is_gone());
    assert_eq!(after(seen(1)), None);
    assert_eq!(after(Event::LinkChanged { node: id(1), link: Link::Up }), None);
    assert_eq!(after(Event::LinkChanged { node: id(1), link: Link::Connecting }), Some(Change::Gone));
}

#[test]
fn a_move_is_shown_until_the_next_scan() {
    let before = || vec![started(false), seen(1), finished(), moved(1, 1, 41), seen_at(1, 41)];
    let all = world(before());
    assert_eq!(change(&all, 1), Some(Change::Moved { from: address(1) }));
    assert_eq!((all.nodes[&id(1)].address(), also(&all, 1)), (Some(address(41)), vec![]));
    assert_eq!(
        change(&world(before().into_iter().chain([started(true)])), 1),
        Some(Change::Moved { from: address(1) })
    );
    assert_eq!(change(&world(before().into_iter().chain([started(false)])), 1), None);
}

#[test]
fn a_folded_node_is_an_address_of_another() {
    let all = world([seen(1), seen(2), folded(id(2), 1, 2, mac(2)), folded(id(2), 1, 2, mac(2))]);
    assert_eq!((all.nodes.len(), also(&all, 1)), (1, vec![(address(2), Some(mac(2)))]));
    assert_eq!(all.nodes[&id(1)].last_seen, Some(Timestamp(2_000)));
    // With its own.
    let nobody = NodeId::from_address(address(7), 22);
    let all = world([seen(1), seen(2), folded(nobody, 2, 7, mac(2)), folded(id(2), 1, 2, mac(2))]);
    assert_eq!(also(&all, 1), [(address(7), Some(mac(2))), (address(2), Some(mac(2)))]);
    // What was taken for a host of its own was the host itself.
    let nobody = NodeId::from_address(address(1), 22);
    assert_eq!(also(&world([seen(1), folded(nobody, 1, 1, mac(1))]), 1), []);
    // A node is never folded into itself.
    assert!(world([seen(1), folded(id(1), 1, 2, mac(2))]).nodes[&id(1)].sighting.is_some());
}

#[test]
fn a_host_that_answers_at_its_other_interface_keeps_the_first_one() {
    let all = world([seen(1), seen(2), folded(id(2), 1, 2, mac(2)), moved(1, 1, 2), {
        let Event::Seen { sighting, .. } = seen(2) else { unreachable!() };
        Event::Seen { node: id(1), sighting }
    }]);
    let view = &all.nodes[&id(1)];
    assert_eq!((view.address(), view.mac()), (Some(address(2)), Some(mac(2))));
    assert_eq!(also(&all, 1), [(address(1), Some(mac(1)))]);
    // One interface has left the address for good.
    let nobody = NodeId::from_address(address(2), 22);
    assert_eq!(also(&world([seen(1), folded(nobody, 1, 2, mac(1)), moved(1, 1, 2), seen_at(1, 2)]), 1), []);
}

#[test]
fn an_address_that_proves_to_be_a_host_s_own_is_nobody_else_s() {
    let nobody = NodeId::from_address(address(2), 22);
    let all = world([seen(1), folded(nobody.clone(), 1, 2, mac(1)), seen(2)]);
    assert_eq!((all.nodes.len(), also(&all, 1)), (2, vec![]));
    let all = world([seen(1), seen(3), folded(nobody.clone(), 1, 2, mac(1)), folded(nobody, 3, 2, mac(3))]);
    assert_eq!((also(&all, 1), also(&all, 3)), (vec![], vec![(address(2), Some(mac(3)))]));
}

#[test]
fn the_newest_flags_count_and_other_addresses_add_up() {
    let with = |flags: &[Flag], others: &[u8]| {
        let Event::Seen { node, mut sighting } = seen(1) else { unreachable!() };
        sighting.flags = flags.to_vec();
        sighting.others = others.iter().copied().map(address).collect();
        Event::Seen { node, sighting }
    };
    let all = world([with(&[Flag::LocalMac, Flag::Contested { mac: mac(9) }], &[8]), with(&[Flag::LocalMac], &[9])]);
    let seen = all.nodes[&id(1)].sighting.as_ref().expect("seen");
    assert_eq!((&seen.flags[..], &seen.others[..]), (&[Flag::LocalMac][..], &[address(9), address(8)][..]));
}

#[test]
fn a_watch_and_a_blinking_board_are_known() {
    let every = Some(Millis(5_000));
    let blinking = |on| Event::Blinking { node: id(1), on, problem: None };
    let all = world([seen(1), Event::Watching { every }, blinking(true)]);
    assert_eq!((all.watching, all.nodes[&id(1)].blinking), (every, true));
    let all =
        world([seen(1), Event::Watching { every }, blinking(true), Event::Watching { every: None }, blinking(false)]);
    assert_eq!((all.watching, all.nodes[&id(1)].blinking), (None, false));
}

#[test]
fn records_of_before_are_read() {
    let old =
        r#"{"v":1,"seq":1,"at":5,"event":{"kind":"scan_started","targets":"lan","method":"ARP","addresses":254}}"#;
    let read: Stamped = serde_json::from_str(old).expect("readable");
    assert_eq!(read.event, started(false));
    let old = r#"{"v":1,"seq":2,"at":6,"event":{"kind":"seen","node":"dc:a6:32:00:00:01","sighting":{"address":"10.0.0.1","port":22,
        "mac":"dc:a6:32:00:00:01","vendor":null,"hints":[],"hostname":null,"ssh":null,"rtt":null,"seen_by":["arp"]}}}"#;
    let read: Stamped = serde_json::from_str(old).expect("readable");
    assert_eq!(read.event, seen(1));
}

#[test]
fn a_member_s_mac_is_known_before_it_is_seen() {
    let name: HostName = "pi01".parse().expect("a name");
    let member = Member {
        id: id(1),
        name,
        address: address(1),
        port: 22,
        user: "pi".into(),
        mac: Some(mac(1)),
        host_key: None,
        head: false,
        cores: None,
        mpi: None,
        mpi_prefix: None,
        identity: None,
        jump: None,
        board: crate::node::Board::default(),
    };
    let all = world([Event::MemberSet { member }]);
    assert_eq!((all.nodes[&id(1)].mac(), all.nodes[&id(1)].address()), (Some(mac(1)), Some(address(1))));
}
