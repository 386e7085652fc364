//! The one connection that a scan makes to a host serves the login that follows, to the real OpenSSH behind a gate that
//! counts. Skipped, with a word, where that is missing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![cfg(unix)]

mod common;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use common::sshd::Sshd;
use common::{command, ed25519, known, soon};
use pictl_engine::ports::{Connect, ConnectError, ConnectSpec, Discover, ScanNews, Session};
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::request::{ScanMethod, ScanRequest};
use pictl_model::trust::Trust;
use pictl_net::Parked;
use pictl_net::scan::Scanner;
use pictl_net::ssh::Ssh;
use russh::keys::PrivateKey;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// A way to an SSH server that counts who takes it.
struct Gate {
    address: SocketAddr,
    visitors: watch::Sender<usize>,
    /// Connections that have ended, whichever side did it.
    ended: watch::Sender<usize>,
    /// Ends those that are open.
    shut: watch::Sender<()>,
}

/// What a gate does with its first visitor.
#[derive(Clone, Copy, PartialEq)]
enum First {
    /// What it does with all.
    Passes,
    /// It tells what the server says, and hangs up as soon as the visitor speaks.
    IsLeftAlone,
}

impl Gate {
    async fn before(server: SocketAddr, first: First) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gate = Self {
            address: listener.local_addr().unwrap(),
            visitors: watch::channel(0).0,
            ended: watch::channel(0).0,
            shut: watch::channel(()).0,
        };
        let (visitors, ended, shut) = (gate.visitors.clone(), gate.ended.clone(), gate.shut.clone());
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                visitors.send_modify(|n| *n += 1);
                let alone = first == First::IsLeftAlone && *visitors.borrow() == 1;
                let (ended, mut shut) = (ended.clone(), shut.subscribe());
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(server).await.unwrap();
                    // Servers may say something before they say who they are.
                    let _ = near.write_all(b"no trespassing\r\n").await;
                    let carry = async {
                        if alone {
                            tell(&mut far, &mut near).await;
                        } else {
                            let _ = copy_bidirectional(&mut near, &mut far).await;
                        }
                    };
                    tokio::select! {
                        _ = shut.changed() => {}
                        () = carry => {}
                    }
                    drop((near, far));
                    ended.send_modify(|n| *n += 1);
                });
            }
        });
        gate
    }

    async fn has_ended(&self, count: usize) {
        soon(self.ended.subscribe().wait_for(|ended| *ended == count)).await.unwrap();
    }

    fn visitors(&self) -> usize {
        *self.visitors.borrow()
    }
}

/// Tells `near` what `far` says, until `near` speaks.
async fn tell(far: &mut TcpStream, near: &mut TcpStream) {
    let (mut said, mut heard) = ([0; 512], [0]);
    let (mut reads, mut writes) = near.split();
    loop {
        tokio::select! {
            _ = reads.read(&mut heard) => return,
            length = far.read(&mut said) => writes.write_all(&said[..length.unwrap()]).await.unwrap(),
        }
    }
}

/// Scans one address; gives what its SSH server calls itself.
async fn scan(address: SocketAddr, kept: &Parked) -> Option<String> {
    let request = ScanRequest {
        targets: vec![address.ip().to_string()],
        port: address.port(),
        method: ScanMethod::Connect,
        ..ScanRequest::default()
    };
    let (news, mut told) = mpsc::unbounded_channel();
    soon(Scanner::new(kept.clone()).scan(request, news, CancellationToken::new())).await.unwrap();
    let mut ssh = None;
    while let Some(news) = told.recv().await {
        if let ScanNews::Host(host) = news {
            ssh = host.ssh;
        }
    }
    ssh
}

/// An sshd, what is needed to log in at `gate` before it, and the gate.
async fn rig(first: First) -> Option<(Sshd, ConnectSpec, Gate)> {
    let key = ed25519();
    let sshd = Sshd::start(&[&key])?;
    let (spec, gate) = before(&sshd, &key, first).await;
    Some((sshd, spec, gate))
}

/// A gate before `sshd`, which lets `key` in, and what is needed to log in there.
async fn before(sshd: &Sshd, key: &PrivateKey, first: First) -> (ConnectSpec, Gate) {
    let gate = Gate::before(sshd.address, first).await;
    let credentials = vec![sshd.saved(key, "id")];
    let known = Arc::new(known(gate.address, &[&sshd.host_key]));
    (ConnectSpec { address: gate.address, known, ..sshd.spec(credentials) }, gate)
}

async fn log_in(ssh: &Ssh, spec: &ConnectSpec, via: Option<&Arc<dyn Session>>) -> Arc<dyn Session> {
    let session = soon(ssh.connect(spec.clone(), via.cloned())).await.unwrap();
    assert_eq!(soon(session.run(command("echo hi"))).await.unwrap().out, b"hi\n");
    session
}

#[tokio::test]
async fn a_scan_and_the_login_after_it_are_one_connection() {
    let Some((sshd, spec, gate)) = rig(First::Passes).await else { return };
    let kept = Parked::default();
    let banner = scan(gate.address, &kept).await.unwrap();
    assert!(banner.starts_with("SSH-2.0-OpenSSH_"), "{banner}");
    let ssh = Ssh::new(4, kept);
    let session = log_in(&ssh, &spec, None).await;
    assert_eq!((gate.visitors(), sshd.count("Connection from ")), (1, 1));
    soon(session.close()).await;
    gate.has_ended(1).await;

    // It was only that one.
    log_in(&ssh, &spec, None).await;
    assert_eq!(gate.visitors(), 2);
}

#[tokio::test]
async fn a_host_that_hung_up_meanwhile_is_logged_in_to_nevertheless() {
    let Some((_sshd, spec, gate)) = rig(First::Passes).await else { return };
    let kept = Parked::default();
    scan(gate.address, &kept).await.unwrap();
    gate.shut.send_replace(());
    gate.has_ended(1).await;
    log_in(&Ssh::new(4, kept), &spec, None).await;
    assert_eq!(gate.visitors(), 2);
}

#[tokio::test]
async fn a_host_that_has_forgotten_the_connection_is_logged_in_to_by_a_new_one() {
    let Some((_sshd, spec, gate)) = rig(First::IsLeftAlone).await else { return };
    let kept = Parked::default();
    scan(gate.address, &kept).await.unwrap();
    log_in(&Ssh::new(4, kept), &spec, None).await;
    assert_eq!(gate.visitors(), 2);
}

#[tokio::test]
async fn a_login_through_another_host_leaves_it_alone() {
    let Some((sshd, spec, gate)) = rig(First::Passes).await else { return };
    let kept = Parked::default();
    scan(gate.address, &kept).await.unwrap();
    let ssh = Ssh::new(4, kept);
    let jump =
        ConnectSpec { address: sshd.address, known: Arc::new(known(sshd.address, &[&sshd.host_key])), ..spec.clone() };
    let jump = log_in(&ssh, &jump, None).await;
    let _behind = log_in(&ssh, &spec, Some(&jump)).await;
    assert_eq!(gate.visitors(), 2);
    let _straight = log_in(&ssh, &spec, None).await;
    assert_eq!(gate.visitors(), 2);
}

#[tokio::test]
async fn a_second_scan_ends_what_the_first_one_kept() {
    let Some((_sshd, spec, gate)) = rig(First::Passes).await else { return };
    let kept = Parked::default();
    scan(gate.address, &kept).await.unwrap();
    scan(gate.address, &kept).await.unwrap();
    gate.has_ended(1).await;
    let ssh = Ssh::new(4, kept);
    let _session = log_in(&ssh, &spec, None).await;
    assert_eq!((gate.visitors(), *gate.ended.borrow()), (2, 1));
}

#[tokio::test]
async fn what_is_kept_ends_with_its_keepers_and_properly() {
    let Some((sshd, _spec, gate)) = rig(First::Passes).await else { return };
    let kept = Parked::default();
    scan(gate.address, &kept).await.unwrap();
    drop(kept);
    gate.has_ended(1).await;
    sshd.logged("Connection closed by ").await;
    assert_eq!(sshd.count("reset"), 0);
}

#[tokio::test]
async fn hosts_with_strange_banners_are_left_in_time() {
    let long = [b"SSH-2.0-".to_vec(), vec![b'A'; 10_000]].concat();
    for (piece, pause) in
        [(long, None), (b"A".to_vec(), Some(Duration::from_secs(1))), (b"AAAA".to_vec(), Some(Duration::ZERO))]
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let host = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut reads, mut writes) = stream.split();
            let talk = async {
                while writes.write_all(&piece).await.is_ok() {
                    match pause {
                        Some(pause) => tokio::time::sleep(pause).await,
                        None => std::future::pending().await,
                    }
                }
            };
            let mut heard = [0];
            // Until the visitor has gone.
            tokio::select! {
                () = talk => {}
                _ = reads.read(&mut heard) => {}
            }
        });
        // It ends, though the host does not: it hears that the visitor has gone.
        scan(address, &Parked::default()).await;
        soon(host).await.unwrap();
    }
}

/// `spec` when nothing is recorded.
fn unrecorded(spec: &ConnectSpec) -> ConnectSpec {
    ConnectSpec { known: Arc::new(KnownHosts::default()), ..spec.clone() }
}

async fn refused(ssh: &Ssh, spec: ConnectSpec) -> Trust {
    match soon(ssh.connect(spec, None)).await.err() {
        Some(ConnectError::HostKey { trust, .. }) => trust,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_scan_the_question_for_the_host_key_and_the_login_are_one_connection() {
    let key = ed25519();
    // So often that keys are exchanged again in the session.
    let Some(sshd) = Sshd::with(&[&key], "RekeyLimit 100K\nLogLevel DEBUG1") else { return };
    let (spec, gate) = before(&sshd, &key, First::Passes).await;
    let kept = Parked::default();
    scan(gate.address, &kept).await.unwrap();
    let ssh = Ssh::new(4, kept);
    for _ in 0..2 {
        assert_eq!(refused(&ssh, unrecorded(&spec)).await, Trust::Unknown);
    }
    assert_eq!(sshd.count("userauth-request"), 0, "nothing is told to a host that nobody believes yet");
    let session = log_in(&ssh, &spec, None).await;
    let much = soon(session.run(command("head -c 1000000 /dev/zero"))).await.unwrap();
    assert_eq!(much.out.len(), 1_000_000);
    sshd.logged("rekeying in, ").await;
    assert_eq!((gate.visitors(), *gate.ended.borrow()), (1, 0));
}

#[tokio::test]
async fn a_key_that_is_not_the_recorded_one_after_all_ends_what_waited() {
    let Some((_sshd, spec, gate)) = rig(First::Passes).await else { return };
    let ssh = Ssh::default();
    assert_eq!(refused(&ssh, unrecorded(&spec)).await, Trust::Unknown);
    let other = ConnectSpec { known: Arc::new(known(gate.address, &[&ed25519()])), ..spec.clone() };
    assert_eq!(refused(&ssh, other).await, Trust::Changed);
    gate.has_ended(2).await;
    log_in(&ssh, &spec, None).await;
}

#[tokio::test]
async fn a_host_that_hangs_up_while_it_waits_for_the_answer_is_connected_to_again() {
    let Some((_sshd, spec, gate)) = rig(First::Passes).await else { return };
    let ssh = Ssh::default();
    assert_eq!(refused(&ssh, unrecorded(&spec)).await, Trust::Unknown);
    gate.shut.send_replace(());
    gate.has_ended(1).await;
    log_in(&ssh, &spec, None).await;
    assert_eq!(gate.visitors(), 2);
}

#[tokio::test]
async fn a_host_behind_another_one_is_not_kept_waiting() {
    let Some((sshd, spec, gate)) = rig(First::Passes).await else { return };
    let ssh = Ssh::default();
    let jump =
        ConnectSpec { address: sshd.address, known: Arc::new(known(sshd.address, &[&sshd.host_key])), ..spec.clone() };
    let jump = log_in(&ssh, &jump, None).await;
    let behind = soon(ssh.connect(unrecorded(&spec), Some(jump))).await;
    assert!(matches!(behind.err(), Some(ConnectError::HostKey { trust: Trust::Unknown, .. })));
    gate.has_ended(1).await;
}
