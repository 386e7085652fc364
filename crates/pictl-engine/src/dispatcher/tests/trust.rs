//! Host keys that changed, and keys that two nodes have.

use std::sync::Arc;

use pictl_model::Millis;
use pictl_model::node::{Link, Member, Sighting};
use pictl_model::request::{Answer, Login, Question, Request};
use pictl_model::trust::{TrustPolicy, TrustRow};

use super::rig::{Rig, exec};
use crate::common::{address, id, key, member, sighting};
use crate::input::Input;
use crate::ports::{ScanEnd, ScanNews};
use pictl_formats::known_hosts::fingerprint;

/// Three members, of which the second was seen with its network interface and offers a new key.
fn reflashed() -> Rig {
    let mut rig = Rig::ready(3);
    rig.node(&id(2)).offers = key(77);
    rig.input(Input::Scan(ScanNews::Host(sighting(2))));
    rig
}

fn run(rig: &mut Rig, policy: TrustPolicy) {
    let mut request = exec("uptime");
    request.login.trust = policy;
    rig.ask(Request::Exec(request));
    rig.settle();
}

fn rows(rig: &Rig) -> Vec<TrustRow> {
    match rig.question().1 {
        Question::Trust { rows } => rows,
        other => panic!("{other:?}"),
    }
}

fn link(rig: &Rig, n: u8) -> Link {
    rig.world().nodes[&id(n)].link.clone()
}

fn is_distrusted(rig: &Rig, n: u8) -> bool {
    matches!(link(rig, n), Link::Failed { why, .. } if why.contains("has changed"))
}

#[test]
fn a_reflashed_sd_card_is_offered_as_what_it_is_and_its_old_key_forgotten() {
    let mut rig = reflashed();
    Arc::make_mut(&mut rig.dispatcher.core.links.known).add(&["pi02".into(), "pi03".into()], &key(2));
    run(&mut rig, TrustPolicy::Ask);
    let asked = rows(&rig);
    assert_eq!(
        asked.iter().map(|r| (r.node.clone(), r.before.clone())).collect::<Vec<_>>(),
        [(id(2), Some(fingerprint(&key(2))))]
    );
    assert_eq!((asked[0].fingerprint.clone(), asked[0].art.lines().count()), (fingerprint(&key(77)), 11));
    rig.reply(Answer::Trust { nodes: vec![id(2)] });
    rig.settle();
    assert_eq!(link(&rig, 2), Link::Up);
    let kept = rig.saved_keys.clone().expect("saved");
    assert_eq!(kept.keys_of("10.0.0.2", 22), [key(77)]);
    assert_eq!((kept.keys_of("pi02", 22), kept.keys_of("pi03", 22)), (vec![], vec![key(2)]));
    assert!(rig.world().notices.iter().any(|n| n.node == Some(id(2)) && n.text.contains("pictl keys mesh")));
    assert_eq!(
        rig.members.iter().find(|m| m.id == id(2)).and_then(|m| m.host_key.clone()),
        Some(fingerprint(&key(77)))
    );
}

/// Without a scan the network interface is known from the connection itself.
#[test]
fn a_reflashed_sd_card_is_recognised_without_a_scan() {
    for (interface, offered) in [(crate::common::mac(2), true), (crate::common::mac(9), false)] {
        let mut rig = Rig::ready(3);
        (rig.node(&id(2)).offers, rig.node(&id(2)).interface) = (key(77), Some(interface));
        run(&mut rig, TrustPolicy::Ask);
        assert_eq!((rig.world().questions.len(), is_distrusted(&rig, 2)), (usize::from(offered), !offered));
        if offered {
            assert_eq!((rows(&rig)[0].mac, rows(&rig)[0].before.is_some()), (Some(interface), true));
        }
    }
}

#[test]
fn nothing_but_its_name_accepts_a_key_that_changed() {
    let mut rig = reflashed();
    run(&mut rig, TrustPolicy::Ask);
    rig.reply(Answer::Yes);
    rig.settle();
    assert!(is_distrusted(&rig, 2) && rig.saved_keys.is_none());
    for policy in [TrustPolicy::New, TrustPolicy::Strict] {
        let mut rig = reflashed();
        run(&mut rig, policy);
        assert!(rig.world().questions.is_empty() && is_distrusted(&rig, 2) && rig.saved_keys.is_none(), "{policy:?}");
        assert!(rig.world().notices.is_empty(), "{policy:?}");
    }
}

#[test]
fn a_key_that_changed_is_not_offered_unless_the_network_interface_is_seen_there() {
    let mut elsewhere = reflashed();
    // The inventory has another network interface for it.
    elsewhere.dispatcher.core.journal.put_member(Member { mac: Some(crate::common::mac(9)), ..member(2) });
    let mut unseen = Rig::ready(3);
    unseen.node(&id(2)).offers = key(77);
    let mut revoked = reflashed();
    let line = format!("@revoked 10.0.0.2 {}\n", key(77).line());
    let text = format!("{}{line}", revoked.dispatcher.core.links.known);
    revoked.dispatcher.core.links.known = Arc::new(pictl_formats::known_hosts::KnownHosts::parse(&text).0);
    for rig in [&mut elsewhere, &mut unseen, &mut revoked] {
        run(rig, TrustPolicy::Ask);
        assert!(rig.world().questions.is_empty());
        assert!(matches!(link(rig, 2), Link::Failed { .. }));
        assert_eq!((link(rig, 1), link(rig, 3)), (Link::Up, Link::Up));
    }
}

#[test]
fn a_key_that_a_trusted_member_has_is_reported() {
    let mut rig = Rig::ready(2);
    run(&mut rig, TrustPolicy::Ask);
    assert!(rig.world().nodes[&id(1)].member.as_ref().is_some_and(|m| m.host_key.is_some()));
    // A third SD card is a clone of the first one.
    let mut twin = super::rig::Node::new(3);
    twin.offers = key(1);
    rig.nodes.insert(id(3), twin);
    rig.input(Input::Scan(ScanNews::Host(sighting(3))));
    rig.ask(Request::Adopt { nodes: vec![id(3)], prefix: "pi".into(), login: exec("").login });
    run(&mut rig, TrustPolicy::Ask);
    let asked = rows(&rig);
    assert_eq!((asked.len(), asked[0].address, &asked[0].same_as[..]), (1, address(3), &[id(1)][..]));
}

#[test]
fn a_node_that_moves_while_the_user_compares_is_trusted_where_it_was_logged_in_to() {
    let mut rig = Rig::seen(1);
    let login = Login { trust: TrustPolicy::Ask, ..Login::default() };
    rig.ask(Request::Identify { nodes: vec![id(1)], time: Millis(1_000), login });
    rig.settle();
    rig.input(Input::Scan(ScanNews::Started { targets: "lan".into(), method: "ARP".into(), addresses: 254 }));
    rig.input(Input::Scan(ScanNews::Host(Sighting { address: address(41), ..sighting(1) })));
    rig.input(Input::ScanEnded(Ok(ScanEnd::default())));
    assert_eq!(rig.world().nodes[&id(1)].address(), Some(address(41)));
    assert_eq!(rows(&rig)[0].address, address(1));
    rig.agree();
    assert_eq!(link(&rig, 1), Link::Up);
}
