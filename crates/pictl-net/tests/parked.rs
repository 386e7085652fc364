//! The only connection that a scan makes to a host serves the login that follows, to the real OpenSSH behind a proxy
//! that counts connections. Skipped, with a message, where that is missing.

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

/// A proxy to an SSH server that counts connections.
struct CountingProxy {
    address: SocketAddr,
    connections: watch::Sender<usize>,
    /// Connections that have ended, by either side.
    ended: watch::Sender<usize>,
    /// Ends the open connections.
    shut: watch::Sender<()>,
}

/// What the proxy does with its first connection.
#[derive(Clone, Copy, PartialEq)]
enum First {
    /// Forwards it, like all others.
    Forwards,
    /// Forwards what the server sends, and hangs up as soon as the client sends something.
    HangsUp,
}

impl CountingProxy {
    async fn start(server: SocketAddr, first: First) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            address: listener.local_addr().unwrap(),
            connections: watch::channel(0).0,
            ended: watch::channel(0).0,
            shut: watch::channel(()).0,
        };
        let (connections, ended, shut) = (proxy.connections.clone(), proxy.ended.clone(), proxy.shut.clone());
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                connections.send_modify(|n| *n += 1);
                let alone = first == First::HangsUp && *connections.borrow() == 1;
                let (ended, mut shut) = (ended.clone(), shut.subscribe());
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(server).await.unwrap();
                    // Servers may send other lines before their identification.
                    let _ = near.write_all(b"no trespassing\r\n").await;
                    let carry = async {
                        if alone {
                            forward(&mut far, &mut near).await;
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
        proxy
    }

    async fn has_ended(&self, count: usize) {
        soon(self.ended.subscribe().wait_for(|ended| *ended == count)).await.unwrap();
    }

    fn connections(&self) -> usize {
        *self.connections.borrow()
    }
}

/// Forwards from `far` to `near`, until `near` sends something.
async fn forward(far: &mut TcpStream, near: &mut TcpStream) {
    let (mut said, mut heard) = ([0; 512], [0]);
    let (mut reads, mut writes) = near.split();
    loop {
        tokio::select! {
            _ = reads.read(&mut heard) => return,
            length = far.read(&mut said) => writes.write_all(&said[..length.unwrap()]).await.unwrap(),
        }
    }
}

/// Scans one address; returns the identification of its SSH server.
async fn scan(address: SocketAddr, parked: &Parked) -> Option<String> {
    let request = ScanRequest {
        targets: vec![address.ip().to_string()],
        port: address.port(),
        method: ScanMethod::Connect,
        ..ScanRequest::default()
    };
    let (news, mut heard) = mpsc::unbounded_channel();
    soon(Scanner::new(parked.clone()).scan(request, news, CancellationToken::new())).await.unwrap();
    let mut ssh = None;
    while let Some(news) = heard.recv().await {
        if let ScanNews::Host(host) = news {
            ssh = host.ssh;
        }
    }
    ssh
}

/// An sshd, what is needed to log in through the proxy before it, and the proxy.
async fn rig(first: First) -> Option<(Sshd, ConnectSpec, CountingProxy)> {
    let key = ed25519();
    let sshd = Sshd::start(&[&key])?;
    let (spec, proxy) = proxy_to(&sshd, &key, first).await;
    Some((sshd, spec, proxy))
}

/// A proxy before `sshd`, which accepts `key`, and what is needed to log in there.
async fn proxy_to(sshd: &Sshd, key: &PrivateKey, first: First) -> (ConnectSpec, CountingProxy) {
    let proxy = CountingProxy::start(sshd.address, first).await;
    let credentials = vec![sshd.saved(key, "id")];
    let known = Arc::new(known(proxy.address, &[&sshd.host_key]));
    (ConnectSpec { address: proxy.address, known, ..sshd.spec(credentials) }, proxy)
}

async fn log_in(ssh: &Ssh, spec: &ConnectSpec, via: Option<&Arc<dyn Session>>) -> Arc<dyn Session> {
    let session = soon(ssh.connect(spec.clone(), via.cloned())).await.unwrap();
    assert_eq!(soon(session.run(command("echo hi"))).await.unwrap().out, b"hi\n");
    session
}

#[tokio::test]
async fn a_scan_and_the_login_after_it_are_one_connection() {
    let Some((sshd, spec, proxy)) = rig(First::Forwards).await else { return };
    let parked = Parked::default();
    let banner = scan(proxy.address, &parked).await.unwrap();
    assert!(banner.starts_with("SSH-2.0-OpenSSH_"), "{banner}");
    let ssh = Ssh::new(4, parked);
    let session = log_in(&ssh, &spec, None).await;
    assert_eq!((proxy.connections(), sshd.count("Connection from ")), (1, 1));
    soon(session.close()).await;
    proxy.has_ended(1).await;

    // Only the parked connection was shut.
    log_in(&ssh, &spec, None).await;
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
async fn a_host_that_hung_up_meanwhile_is_connected_to_again() {
    let Some((_sshd, spec, proxy)) = rig(First::Forwards).await else { return };
    let parked = Parked::default();
    scan(proxy.address, &parked).await.unwrap();
    proxy.shut.send_replace(());
    proxy.has_ended(1).await;
    log_in(&Ssh::new(4, parked), &spec, None).await;
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
async fn a_host_that_dropped_the_connection_is_connected_to_again() {
    let Some((_sshd, spec, proxy)) = rig(First::HangsUp).await else { return };
    let parked = Parked::default();
    scan(proxy.address, &parked).await.unwrap();
    log_in(&Ssh::new(4, parked), &spec, None).await;
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
async fn a_login_through_a_jump_host_does_not_use_it() {
    let Some((sshd, spec, proxy)) = rig(First::Forwards).await else { return };
    let parked = Parked::default();
    scan(proxy.address, &parked).await.unwrap();
    let ssh = Ssh::new(4, parked);
    let jump =
        ConnectSpec { address: sshd.address, known: Arc::new(known(sshd.address, &[&sshd.host_key])), ..spec.clone() };
    let jump = log_in(&ssh, &jump, None).await;
    let _behind = log_in(&ssh, &spec, Some(&jump)).await;
    assert_eq!(proxy.connections(), 2);
    let _straight = log_in(&ssh, &spec, None).await;
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
async fn a_second_scan_ends_what_the_first_one_parked() {
    let Some((_sshd, spec, proxy)) = rig(First::Forwards).await else { return };
    let parked = Parked::default();
    scan(proxy.address, &parked).await.unwrap();
    scan(proxy.address, &parked).await.unwrap();
    proxy.has_ended(1).await;
    let ssh = Ssh::new(4, parked);
    let _session = log_in(&ssh, &spec, None).await;
    assert_eq!((proxy.connections(), *proxy.ended.borrow()), (2, 1));
}

#[tokio::test]
async fn parked_connections_end_with_the_last_clone_and_properly() {
    let Some((sshd, _spec, proxy)) = rig(First::Forwards).await else { return };
    let parked = Parked::default();
    scan(proxy.address, &parked).await.unwrap();
    drop(parked);
    proxy.has_ended(1).await;
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
            // Until the client is gone.
            tokio::select! {
                () = talk => {}
                _ = reads.read(&mut heard) => {}
            }
        });
        // The connection ends although the host does not close it: the host notices that the client is gone.
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
    let (spec, proxy) = proxy_to(&sshd, &key, First::Forwards).await;
    let parked = Parked::default();
    scan(proxy.address, &parked).await.unwrap();
    let ssh = Ssh::new(4, parked);
    for _ in 0..2 {
        assert_eq!(refused(&ssh, unrecorded(&spec)).await, Trust::Unknown);
    }
    assert_eq!(sshd.count("userauth-request"), 0, "nothing is sent to a host that is not trusted yet");
    let session = log_in(&ssh, &spec, None).await;
    let much = soon(session.run(command("head -c 1000000 /dev/zero"))).await.unwrap();
    assert_eq!(much.out.len(), 1_000_000);
    sshd.logged("rekeying in, ").await;
    assert_eq!((proxy.connections(), *proxy.ended.borrow()), (1, 0));
}

#[tokio::test]
async fn a_key_that_is_not_the_recorded_one_ends_the_parked_exchange() {
    let Some((_sshd, spec, proxy)) = rig(First::Forwards).await else { return };
    let ssh = Ssh::default();
    assert_eq!(refused(&ssh, unrecorded(&spec)).await, Trust::Unknown);
    let other = ConnectSpec { known: Arc::new(known(proxy.address, &[&ed25519()])), ..spec.clone() };
    assert_eq!(refused(&ssh, other).await, Trust::Changed);
    proxy.has_ended(2).await;
    log_in(&ssh, &spec, None).await;
}

#[tokio::test]
async fn a_host_that_hangs_up_while_it_waits_for_the_answer_is_connected_to_again() {
    let Some((_sshd, spec, proxy)) = rig(First::Forwards).await else { return };
    let ssh = Ssh::default();
    assert_eq!(refused(&ssh, unrecorded(&spec)).await, Trust::Unknown);
    proxy.shut.send_replace(());
    proxy.has_ended(1).await;
    log_in(&ssh, &spec, None).await;
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
async fn a_host_behind_a_jump_host_is_not_parked() {
    let Some((sshd, spec, proxy)) = rig(First::Forwards).await else { return };
    let ssh = Ssh::default();
    let jump =
        ConnectSpec { address: sshd.address, known: Arc::new(known(sshd.address, &[&sshd.host_key])), ..spec.clone() };
    let jump = log_in(&ssh, &jump, None).await;
    let behind = soon(ssh.connect(unrecorded(&spec), Some(jump))).await;
    assert!(matches!(behind.err(), Some(ConnectError::HostKey { trust: Trust::Unknown, .. })));
    proxy.has_ended(1).await;
}
