//! Connections through jump hosts: the real OpenSSH in between, on 127.0.0.1.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![cfg(target_os = "linux")]

mod common;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use common::sshd::Sshd;
use common::{Door, Host, command, ed25519, limits, password, soon};
use pictl_engine::ports::{Connect, ConnectError, ConnectSpec, ExecError, Loss, Session};
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::link::LinkFailure;
use pictl_net::ssh::Ssh;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;

type Login = Result<Arc<dyn Session>, ConnectError>;

/// A session on a real sshd with these lines of configuration.
async fn jump_host(config: &str) -> Option<(Sshd, Arc<dyn Session>)> {
    let key = ed25519();
    let sshd = Sshd::with(&[&key], config)?;
    let session = soon(Ssh::default().connect(sshd.spec(vec![sshd.saved(&key, "id")]), None)).await.unwrap();
    Some((sshd, session))
}

/// A host behind, and how to log in there.
async fn behind() -> (Host, ConnectSpec) {
    let key = ed25519();
    let host = Host::start(Door { keys: vec![key.clone()], password: Some("x"), ..Door::default() }).await;
    let spec = host.spec(&[&key], vec![password("x")]);
    (host, spec)
}

fn strange(address: SocketAddr) -> ConnectSpec {
    ConnectSpec {
        address,
        user: "pi".into(),
        known: Arc::new(KnownHosts::parse("").0),
        credentials: vec![password("x")],
        limits: limits(),
        via: None,
    }
}

fn why(login: Login) -> (LinkFailure, String, String) {
    match login.err() {
        Some(ConnectError::Unreachable { kind, why, hint, .. }) => (kind, why, hint),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_tunnel_carries_bytes_both_ways_and_its_end() {
    let Some((_sshd, jump_session)) = jump_host("").await else { return };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut tunnel = soon(jump_session.tunnel(listener.local_addr().unwrap())).await.unwrap();
    let (mut far, _) = soon(listener.accept()).await.unwrap();

    let sent: Vec<u8> = (0..3 << 20).map(|n: u32| (n % 251) as u8).collect();
    let (mut there, mut back) = (vec![0; sent.len()], vec![0; 5]);
    let (written, read) = soon(async { tokio::join!(tunnel.write_all(&sent), far.read_exact(&mut there)) }).await;
    assert!(written.is_ok() && read.is_ok() && there == sent);
    far.write_all(b"reply").await.unwrap();
    soon(tunnel.read_exact(&mut back)).await.unwrap();
    assert_eq!(back, b"reply");

    drop(tunnel);
    assert_eq!(soon(far.read(&mut back)).await.unwrap(), 0, "a tunnel that is dropped closes");
}

#[tokio::test]
async fn hosts_behind_jump_hosts_are_used_like_others_also_two_deep() {
    let Some((_sshd, first)) = jump_host("").await else { return };
    let (host, spec) = behind().await;
    let session = soon(Ssh::default().connect(spec.clone(), Some(Arc::clone(&first)))).await.unwrap();
    assert_eq!(soon(session.run(command("echo hi"))).await.unwrap().out, b"hi");

    let key = ed25519();
    let second = Sshd::start(&[&key]).unwrap();
    let second_spec = second.spec(vec![second.saved(&key, "id")]);
    let next = soon(Ssh::default().connect(second_spec, Some(Arc::clone(&first)))).await.unwrap();
    let session = soon(Ssh::default().connect(spec, Some(Arc::clone(&next)))).await.unwrap();
    let output = soon(session.run(command("burst 3000000"))).await.unwrap();
    assert!(output.truncated);

    let mut ended = host.seen.ended.subscribe();
    soon(session.close()).await;
    soon(ended.wait_for(|n| *n == 1)).await.unwrap();
}

#[tokio::test]
async fn the_error_says_which_host_could_not_reach_which() {
    let Some((sshd, session)) = jump_host("").await else { return };
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (kind, text, hint) = why(soon(Ssh::default().connect(strange(closed), Some(Arc::clone(&session)))).await);
    assert_eq!(text, format!("{} could not connect to {closed}: Connection refused", sshd.address));
    assert!(hint.starts_with("check from the jump host"), "{hint}");
    assert_eq!(kind, LinkFailure::Refused);

    // Behind a jump host as without one: a host that does not speak SSH, and one with another key.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut spec = strange(silent.local_addr().unwrap());
    spec.limits.handshake = Duration::from_millis(300);
    let (kind, text, _) = why(soon(Ssh::default().connect(spec, Some(Arc::clone(&session)))).await);
    assert!(kind == LinkFailure::KeyExchangeTimedOut && text.contains("no key exchange"), "{text}");
    let (_host, spec) = behind().await;
    let other = ConnectSpec { known: Arc::new(KnownHosts::parse("").0), ..spec };
    let unknown = soon(Ssh::default().connect(other, Some(session))).await;
    assert!(matches!(unknown.err(), Some(ConnectError::HostKey { .. })));

    let Some((sshd, session)) = jump_host("AllowTcpForwarding no").await else { return };
    let (kind, text, _) = why(soon(Ssh::default().connect(strange(closed), Some(session))).await);
    let expected = format!("{} forwards no connection to {closed} (administratively prohibited)", sshd.address);
    assert!(text.starts_with(&expected) && text.contains("AllowTcpForwarding"), "{text}");
    assert_eq!(kind, LinkFailure::NotForwarded);
}

#[tokio::test]
async fn the_loss_of_a_jump_host_is_the_reason_behind_it() {
    // We give its connection up, and then its server dies.
    for dies in [false, true] {
        let Some((mut sshd, session)) = jump_host("").await else { return };
        let (_host, spec) = behind().await;
        let inner = soon(Ssh::default().connect(spec, Some(Arc::clone(&session)))).await.unwrap();
        let lost = inner.lost();
        if dies {
            let children = format!("/proc/{0}/task/{0}/children", sshd.process.0.id());
            let children = std::fs::read_to_string(children).unwrap();
            sshd.process.0.kill().unwrap();
            for child in children.split_whitespace() {
                let child = rustix::process::Pid::from_raw(child.parse().unwrap()).unwrap();
                rustix::process::kill_process(child, rustix::process::Signal::KILL).unwrap();
            }
        } else {
            drop(session);
        }
        let Loss { kind, why } = soon(lost).await;
        assert_eq!(kind, LinkFailure::JumpHostLost);
        assert!(why.starts_with("the connection to the host that it goes through is gone: "), "{why}");
        match soon(inner.run(command("echo hi"))).await {
            Err(ExecError::Lost(again)) => assert_eq!(again, why),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_host_behind_that_ends_by_itself_says_so() {
    let Some((_sshd, jump_session)) = jump_host("").await else { return };
    let (_host, spec) = behind().await;
    let inner = soon(Ssh::default().connect(spec, Some(Arc::clone(&jump_session)))).await.unwrap();
    let lost = inner.lost();
    let _ = soon(inner.run(command("bye"))).await;
    assert_eq!(soon(lost).await, Loss::new(LinkFailure::HungUp, "the host hung up: going [31mdown"));
}

#[tokio::test]
async fn at_most_eight_logins_go_on_at_once_through_one_host() {
    let Some((_sshd, jump_session)) = jump_host("").await else { return };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // A host that never sends anything, and counts connections and their ends.
    let (come, left) = (watch::channel(0).0, watch::channel(0).0);
    let counters = (come.clone(), left.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (come, left) = counters.clone();
            come.send_modify(|n| *n += 1);
            tokio::spawn(async move {
                while stream.read(&mut [0; 4096]).await.is_ok_and(|length| length > 0) {}
                left.send_modify(|n| *n += 1);
            });
        }
    });
    let ssh = Ssh::default();
    let logins = (0..20).map(|_| tokio::spawn(ssh.connect(strange(address), Some(Arc::clone(&jump_session)))));
    for (given_up, login) in logins.collect::<Vec<_>>().into_iter().enumerate() {
        soon(come.subscribe().wait_for(|n| *n >= 8 + given_up)).await.unwrap();
        // Whatever else was on its way there has arrived with the answer to this.
        soon(jump_session.run(command("true"))).await.unwrap();
        assert_eq!(*come.borrow(), 8 + given_up);
        if given_up == 12 {
            break;
        }
        login.abort();
        soon(left.subscribe().wait_for(|n| *n == given_up + 1)).await.unwrap();
    }
}

#[tokio::test]
async fn names_are_resolved_as_this_machine_does() {
    let ssh = Ssh::default();
    assert!(soon(ssh.resolve("localhost".into())).await.unwrap().is_loopback());
    assert_eq!(soon(ssh.resolve("127.0.0.7".into())).await.unwrap().to_string(), "127.0.0.7");
    // One that no resolver need be asked for.
    assert!(soon(ssh.resolve("no\0name".into())).await.is_err());
}
