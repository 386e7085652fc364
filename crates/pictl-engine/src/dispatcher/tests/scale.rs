//! Many nodes: what one of them does costs nothing for each of the others.

use std::collections::VecDeque;
use std::net::IpAddr;

use pictl_formats::known_hosts::KnownHosts;
use pictl_model::node::{Link, Member, SeenBy, Sighting};
use pictl_model::request::{Login, Question, Request, ScanRequest};
use pictl_model::trust::{HostKey, Trust};
use pictl_model::{HostName, MacAddr, Millis, NodeId, Secret};

use super::super::Dispatcher;
use super::rig::exec;
use crate::common;
use crate::input::{Effect, Input};
use crate::ports::{ConnectError, Credential, ScanEnd, ScanNews};
use pictl_formats::known_hosts::fingerprint;
use pictl_model::request::{Answer, SecretAnswer, SecretWord};

/// CPU time of this thread in milliseconds, where the system tells it (Linux).
fn cpu() -> Option<u64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(told.split(' ').next()?.parse::<u64>().ok()? / 1_000_000)
}

fn member(n: u16) -> Member {
    let [high, low] = n.to_be_bytes();
    let mac = MacAddr([0xdc, 0xa6, 0x32, 0, high, low]);
    let name: HostName = format!("pi{n:04}").parse().expect("a name");
    Member { id: NodeId::from_mac(mac), name, address: [10, 0, high, low].into(), mac: Some(mac), ..common::member(1) }
}

fn key(n: u16) -> HostKey {
    HostKey { algorithm: "ssh-ed25519".into(), base64: format!("AAAAC3NzaC1lZDI1NTE5AAAAIA{n:0>42}") }
}

/// All of them new, all asked for a password: trusted, refused, typed for, and up. Gives the CPU time that took.
fn settle(nodes: u16, request: Request) -> Option<u64> {
    let members: Vec<_> = (1..=nodes).map(member).collect();
    let keys: std::collections::BTreeMap<_, _> = (1..=nodes).map(|n| (member(n).id, key(n))).collect();
    let (mut dispatcher, first) = Dispatcher::new("lab", members, KnownHosts::default(), 7, common::START);
    let mut due = VecDeque::from(first);
    let mut now = common::START;
    let mut inputs = VecDeque::from([Input::Request(request)]);
    let before = cpu();
    let mut questions = 0;
    loop {
        while let Some(effect) = due.pop_front() {
            match effect {
                Effect::FindKey { .. } => inputs.push_back(Input::Key(Ok(None))),
                Effect::Connect { node, spec } => {
                    let (key, address) = (keys[&node].clone(), spec.address);
                    let trust = spec.known.judge(&address.ip().to_string(), 22, &key);
                    let right = spec.credentials.iter().any(|c| matches!(c, Credential::Password(_)));
                    let result = match (trust, right) {
                        (Trust::Known, true) => Ok((key, "password".to_owned())),
                        (Trust::Known, false) => Err(ConnectError::Refused {
                            address,
                            user: spec.user.clone(),
                            tried: "nothing".into(),
                            password_possible: true,
                            password_refused: false,
                        }),
                        (trust, _) => {
                            let fingerprint = fingerprint(&key);
                            Err(ConnectError::HostKey { address, trust, key, fingerprint, mac: None })
                        }
                    };
                    inputs.push_back(Input::Connected { node, result });
                }
                _ => {}
            }
        }
        if inputs.is_empty() {
            let Some((id, question)) = dispatcher.world().questions.first().cloned() else { break };
            questions += 1;
            inputs.push_back(if let Question::Trust { rows } = question {
                assert!(rows.iter().all(|row| row.same_as.is_empty()));
                Input::Request(Request::Answer { id, answer: Answer::Yes })
            } else {
                let answer = SecretWord::This(Secret::new("raspberry".into()));
                Input::Secret(SecretAnswer { id, answer })
            });
        }
        let Some(input) = inputs.pop_front() else { break };
        now = now.plus(Millis(1));
        due.extend(dispatcher.handle(now, input));
    }
    assert_eq!(questions, 2);
    assert!(dispatcher.world().nodes.values().all(|n| n.link == Link::Up));
    Some(cpu()? - before?)
}

#[test]
fn a_thousand_nodes_are_found_and_named() {
    let (mut dispatcher, _) = Dispatcher::new("lab", Vec::new(), KnownHosts::default(), 7, common::START);
    let before = cpu();
    let all: Vec<_> = (1..=1_000).map(member).collect();
    for m in &all {
        let seen = Sighting { address: m.address, mac: m.mac, ..common::sighting(1) };
        dispatcher.handle(common::START, Input::Scan(ScanNews::Host(seen)));
    }
    let nodes = all.iter().map(|m| m.id.clone()).collect();
    let adopt = Request::Adopt { nodes, prefix: "pi".into(), login: Login::default() };
    dispatcher.handle(common::START, Input::Request(adopt));
    let members = dispatcher.world().members();
    assert_eq!((members.len(), dispatcher.world().name_of(&all[999].id).as_str()), (1_000, "pi1000"));
    // Unoptimised, that is a quarter of a second.
    assert!(before.is_none_or(|before| cpu().is_some_and(|now| now - before < 2_000)));
}

#[test]
fn a_thousand_nodes_settle_without_looking_at_each_other() {
    // Unoptimised, that is 0.7 s of CPU; it was 3 s for a command when each node that came had all others looked at.
    for wish in [Request::Watch { login: Login::default() }, Request::Exec(exec("uptime"))] {
        let told = settle(1_000, wish);
        assert!(told.is_none_or(|spent| spent < 2_000), "{told:?} ms");
    }
}

#[test]
fn thousands_of_hosts_are_told_apart_without_comparing_each_with_all() {
    let (mut dispatcher, _) = Dispatcher::new("lab", Vec::new(), KnownHosts::default(), 7, common::START);
    let all: Vec<_> = (1..=4_000).map(member).collect();
    let mut scan = |moved: u8| {
        let before = cpu();
        dispatcher.handle(common::START, Input::Request(Request::Scan(ScanRequest::default())));
        let started = ScanNews::Started { targets: "lan".into(), method: "memory".into(), addresses: 65_534 };
        dispatcher.handle(common::START, Input::Scan(started));
        for (at, m) in all.iter().enumerate() {
            let IpAddr::V4(v4) = m.address else { unreachable!() };
            let [_, _, high, low] = v4.octets();
            let bare = Sighting {
                address: [10, moved, high, low].into(),
                mac: m.mac,
                hostname: None,
                ssh: None,
                ..common::sighting(1)
            };
            let with_ssh = Sighting { ssh: Some("SSH-2.0-OpenSSH_9.2p1".into()), ..bare.clone() };
            let hostname = Some(format!("pi{at}.local"));
            let named = Sighting { hostname, seen_by: vec![SeenBy::Arp, SeenBy::Mdns], ..with_ssh.clone() };
            for seen in [bare, with_ssh, named] {
                dispatcher.handle(common::START, Input::Scan(ScanNews::Host(seen)));
            }
        }
        // And then the net is gone.
        let silent = if moved == 2 { all.iter().map(|m| m.address).collect() } else { Vec::new() };
        dispatcher.handle(common::START, Input::ScanEnded(Ok(ScanEnd { problems: Vec::new(), silent })));
        let nodes = &dispatcher.world().nodes;
        assert_eq!(
            (nodes.len(), nodes.values().filter(|n| n.change.is_some()).count()),
            (4_000, if moved == 0 { 0 } else { 4_000 })
        );
        cpu().zip(before).map(|(now, before)| now - before)
    };
    for (moved, what) in [(0, "found"), (1, "moved"), (2, "moved again, and silent where they were first")] {
        let spent = scan(moved);
        // Unoptimised, that is 0.4 s of CPU; comparing each with all would take a minute.
        assert!(spent.is_none_or(|spent| spent < 4_000), "{what}: {spent:?} ms");
    }
}
