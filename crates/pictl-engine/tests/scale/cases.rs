//! Clusters of any size that a dispatcher works with: what the test counts, and what the example `scale` measures.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use pictl_engine::dispatcher::Dispatcher;
use pictl_engine::input::{Effect, Input};
use pictl_engine::ports::{ConnectError, Credential, ScanEnd, ScanNews};
use pictl_engine::store::merge;
use pictl_formats::known_hosts::{KnownHosts, fingerprint};
use pictl_model::link::LoginMethod;
use pictl_model::node::{Link, Member, SeenBy, Sighting};
use pictl_model::request::{Answer, ExecRequest, Login, Question, Request, ScanRequest, SecretAnswer, SecretWord};
use pictl_model::trust::{HostKey, Trust};
use pictl_model::{HostName, MacAddr, Millis, NodeId, Secret};

use crate::common;

/// How much a dispatcher did: all effects that it ordered, events among them.
pub(crate) type Work = usize;

/// A name, and what is done with so many nodes.
pub(crate) type Case = (&'static str, fn(u16) -> Work);

/// What is measured.
pub(crate) const CASES: [Case; 6] = [
    ("found and named", name),
    ("connected to be watched", |nodes| connect(nodes, Request::Watch { login: Login::default() })),
    ("connected for a command", |nodes| connect(nodes, Request::Exec(uptime()))),
    ("found", |nodes| scan(nodes, 1)),
    ("found and moved", |nodes| scan(nodes, 2)),
    ("found, moved twice, and silent where they were first", |nodes| scan(nodes, 3)),
];

fn uptime() -> ExecRequest {
    ExecRequest { nodes: Vec::new(), command: "uptime".into(), timeout: None, login: Login::default() }
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

fn nobody() -> Dispatcher {
    Dispatcher::new("lab", Vec::new(), KnownHosts::default(), 7, common::START).0
}

/// All of them are new and ask for a password: trusted, refused, given it, and connected.
fn connect(nodes: u16, request: Request) -> Work {
    let members: Vec<_> = (1..=nodes).map(member).collect();
    let keys: BTreeMap<_, _> = (1..=nodes).map(|n| (member(n).id, key(n))).collect();
    let (mut dispatcher, first) = Dispatcher::new("lab", members, KnownHosts::default(), 7, common::START);
    let mut work = first.len();
    let mut due = VecDeque::from(first);
    let mut now = common::START;
    let mut inputs = VecDeque::from([Input::Request(request)]);
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
                        (Trust::Known, true) => Ok((key, LoginMethod::Password)),
                        (Trust::Known, false) => Err(ConnectError::Refused {
                            address,
                            user: spec.user.clone(),
                            tried: "nothing".into(),
                            password_possible: true,
                            password_refused: false,
                            unanswered: None,
                        }),
                        (trust, _) => {
                            let fingerprint = fingerprint(&key);
                            Err(ConnectError::HostKey { address, trust, key, fingerprint, mac: None })
                        }
                    };
                    inputs.push_back(Input::Connected { node, result });
                }
                Effect::SaveKnown(known) => inputs.push_front(Input::KnownSaved(Ok(known))),
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
        let effects = dispatcher.handle(now, input);
        work += effects.len();
        due.extend(effects);
    }
    assert_eq!(questions, 2);
    assert!(dispatcher.world().nodes.values().all(|n| n.link == Link::Up));
    work
}

/// A scan finds them, and they become members with names of a pattern.
fn name(nodes: u16) -> Work {
    let (mut dispatcher, mut work) = (nobody(), 0);
    let all: Vec<_> = (1..=nodes).map(member).collect();
    for m in &all {
        let seen = Sighting { address: m.address, mac: m.mac, ..common::sighting(1) };
        work += dispatcher.handle(common::START, Input::Scan(ScanNews::Host(seen))).len();
    }
    let ids = all.iter().map(|m| m.id.clone()).collect();
    let adopt = Request::Adopt { nodes: ids, prefix: "pi".into(), login: Login::default() };
    let effects = dispatcher.handle(common::START, Input::Request(adopt));
    work += effects.len();
    for effect in effects {
        if let Effect::SaveMembers { changes, reason, .. } = effect {
            let saved = merge(Vec::new(), &changes).expect("no conflict");
            let answer = Input::MembersSaved { reason, result: Ok((saved, None)) };
            work += dispatcher.handle(common::START, answer).len();
        }
    }
    let members = dispatcher.world().members();
    assert_eq!(members.len(), usize::from(nodes));
    let last = dispatcher.world().name_of(&all[usize::from(nodes) - 1].id);
    let digits = nodes.to_string().len().max(2);
    assert_eq!(last.as_str(), format!("pi{nodes:0digits$}"));
    work
}

/// So many scans, between which all get other addresses. After the third the network is gone.
fn scan(nodes: u16, scans: u8) -> Work {
    let (mut dispatcher, mut work) = (nobody(), 0);
    let all: Vec<_> = (1..=nodes).map(member).collect();
    let mut handle = |dispatcher: &mut Dispatcher, input| work += dispatcher.handle(common::START, input).len();
    for moved in 0..scans {
        handle(&mut dispatcher, Input::Request(Request::Scan(ScanRequest::default())));
        let started = ScanNews::Started { targets: "lan".into(), method: "memory".into(), addresses: 65_534 };
        handle(&mut dispatcher, Input::Scan(started));
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
                handle(&mut dispatcher, Input::Scan(ScanNews::Host(seen)));
            }
        }
        let silent = if moved == 2 { all.iter().map(|m| m.address).collect() } else { Vec::new() };
        handle(&mut dispatcher, Input::ScanEnded(Ok(ScanEnd { problems: Vec::new(), silent })));
        let changed = dispatcher.world().nodes.values().filter(|n| n.change.is_some()).count();
        assert_eq!(changed, if moved == 0 { 0 } else { usize::from(nodes) });
    }
    assert_eq!(dispatcher.world().nodes.len(), usize::from(nodes));
    work
}
