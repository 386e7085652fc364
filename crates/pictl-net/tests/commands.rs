//! Commands on a session, against a server in this process.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::{Door, Host, command, ed25519, password, soon};
use futures_util::future::join_all;
use pictl_engine::ports::{Chunk, Connect, ExecError, Limits, Loss, Output, RemoteCommand, Session};
use pictl_model::link::LinkFailure;
use pictl_net::ssh::Ssh;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

async fn session() -> (Host, Arc<dyn Session>) {
    let key = ed25519();
    let host = Host::start(Door { keys: vec![key.clone()], password: Some("x"), ..Door::default() }).await;
    let session = soon(Ssh::default().connect(host.spec(&[&key], vec![password("x")]), None)).await.unwrap();
    (host, session)
}

async fn run(session: &Arc<dyn Session>, line: &str) -> Result<Output, ExecError> {
    soon(session.run(command(line))).await
}

/// Waits until the host has no channel open.
async fn all_closed(host: &Host) {
    soon(host.seen.open.subscribe().wait_for(HashSet::is_empty)).await.unwrap();
}

#[tokio::test]
async fn output_errors_and_the_exit_status_come_back() {
    let (_host, session) = session().await;
    let both = run(&session, "both").await.unwrap();
    assert_eq!((&both.out[..], &both.err[..], both.status), (&b"to out"[..], &b"to err"[..], Some(0)));
    assert_eq!(run(&session, "exit 7").await.unwrap().status, Some(7));
    let signalled = run(&session, "signal TERM").await.unwrap();
    assert_eq!((signalled.status, signalled.signal.as_deref()), (None, Some("TERM")));
}

#[tokio::test]
async fn data_after_the_exit_status_is_not_lost() {
    let (_host, session) = session().await;
    let late = run(&session, "late").await.unwrap();
    assert_eq!((&late.out[..], late.status), (&b"late"[..], Some(3)));
}

#[tokio::test]
async fn a_mebibyte_goes_in_and_comes_back() {
    let (_host, session) = session().await;
    let stdin: Vec<u8> = (0..1 << 20).map(|n: u32| (n % 251) as u8).collect();
    let echo = RemoteCommand { stdin: stdin.clone().into(), ..command("cat") };
    assert!(soon(session.run(echo)).await.unwrap().out == stdin);
}

#[tokio::test]
async fn unread_input_is_not_an_error() {
    let (_host, session) = session().await;
    let unread = RemoteCommand { stdin: vec![0; 8 << 20].into(), ..command("exit 4") };
    assert_eq!(soon(session.run(unread)).await.unwrap().status, Some(4));
}

#[tokio::test]
async fn a_refused_command_is_denied_and_gives_its_place_back() {
    let (host, session) = session().await;
    for _ in 0..10 {
        assert!(matches!(run(&session, "refuse").await, Err(ExecError::Denied(_))));
    }
    all_closed(&host).await;
}

#[tokio::test]
async fn twenty_commands_at_once_share_eight_places() {
    let (host, session) = session().await;
    let results = join_all((0..20).map(|n| {
        let session = Arc::clone(&session);
        async move { run(&session, &format!("echo {n}")).await.unwrap().out == n.to_string().as_bytes() }
    }));
    assert!(soon(results).await.into_iter().all(|right| right));
    assert!(host.seen.most_open.load(Ordering::SeqCst) <= 8);
    all_closed(&host).await;
}

#[tokio::test]
async fn a_command_that_does_not_end_is_left_at_its_limit() {
    let (host, session) = session().await;
    let limit = Duration::from_millis(200);
    let hang = RemoteCommand { limit: Some(limit), ..command("hang") };
    assert!(matches!(soon(session.run(hang)).await, Err(ExecError::TimedOut(l)) if l == limit));
    all_closed(&host).await;
    assert_eq!(run(&session, "echo on").await.unwrap().out, b"on");
}

#[tokio::test]
async fn a_dropped_future_closes_its_channel() {
    let (host, session) = session().await;
    let mut open = host.seen.open.subscribe();
    let hang = tokio::spawn(session.run(RemoteCommand { limit: None, ..command("hang") }));
    soon(open.wait_for(|open| open.len() == 1)).await.unwrap();
    hang.abort();
    all_closed(&host).await;
}

#[tokio::test]
async fn a_stream_hands_on_what_comes_while_it_comes() {
    let (host, session) = session().await;
    let (to, mut from) = mpsc::channel(4);
    let stdin = b"first line\n".to_vec().into();
    let ended = tokio::spawn(session.stream(RemoteCommand { stdin, ..command("cat") }, to));
    assert_eq!(soon(from.recv()).await, Some(Chunk::Out(b"first line\n".to_vec())));
    assert_eq!(soon(from.recv()).await, None);
    let output = soon(ended).await.unwrap().unwrap();
    assert_eq!(output, Output { status: Some(0), ..Output::default() });
    all_closed(&host).await;
}

#[tokio::test]
async fn a_stream_whose_reader_goes_is_closed() {
    let (host, session) = session().await;
    let (to, from) = mpsc::channel(4);
    let mut open = host.seen.open.subscribe();
    let ended = tokio::spawn(session.stream(RemoteCommand { limit: None, ..command("hang") }, to));
    soon(open.wait_for(|open| open.len() == 1)).await.unwrap();
    drop(from);
    assert_eq!(soon(ended).await.unwrap().unwrap().status, None);
    all_closed(&host).await;
}

#[tokio::test]
async fn a_slow_reader_keeps_no_other_command_waiting() {
    let (host, session) = session().await;
    let (to, from) = mpsc::channel(1);
    let stream = tokio::spawn(session.stream(command("burst 3000000"), to));
    soon(host.seen.sent.subscribe().wait_for(|sent| *sent == 3_000_000)).await.unwrap();
    assert_eq!(run(&session, "echo not waiting").await.unwrap().out, b"not waiting");
    assert_eq!(count(from).await, 3_000_000);
    assert_eq!(soon(stream).await.unwrap().unwrap().status, Some(0));
}

#[tokio::test]
async fn beyond_the_queue_the_host_waits_and_nothing_is_lost() {
    const ALL: usize = 32 << 20;
    let (host, session) = session().await;
    let (to, from) = mpsc::channel(1);
    let stream = tokio::spawn(session.stream(command(&format!("burst {ALL}")), to));
    let mut sent = host.seen.sent.subscribe();
    soon(sent.wait_for(|sent| *sent >= 4 << 20)).await.unwrap();
    // Until nothing more is sent: that it stops before the end is what counts, and not when.
    while tokio::time::timeout(Duration::from_millis(500), sent.changed()).await.is_ok() {}
    let held_up_at = *sent.borrow();
    assert!(held_up_at < 24 << 20, "held up at {held_up_at} bytes");
    assert_eq!(count(from).await, ALL);
    assert_eq!(soon(stream).await.unwrap().unwrap().status, Some(0));
}

async fn count(mut from: mpsc::Receiver<Chunk>) -> usize {
    let mut bytes = 0;
    while let Some(Chunk::Out(piece) | Chunk::Err(piece)) = soon(from.recv()).await {
        bytes += piece.len();
    }
    bytes
}

#[tokio::test]
async fn a_host_that_vanishes_in_mid_command_is_lost() {
    let (_host, session) = session().await;
    assert!(matches!(run(&session, "vanish").await, Err(ExecError::Lost(_))));
    assert_eq!(soon(session.lost()).await, Loss::new(LinkFailure::HungUp, "the host closed the connection"));
    assert!(matches!(run(&session, "echo x").await, Err(ExecError::Lost(_))));
}

#[tokio::test]
async fn a_message_of_the_host_is_reported_without_its_control_characters() {
    let (_host, session) = session().await;
    assert!(matches!(run(&session, "bye").await, Err(ExecError::Lost(_))));
    assert_eq!(soon(session.lost()).await, Loss::new(LinkFailure::HungUp, "the host hung up: going [31mdown"));
}

#[tokio::test]
async fn closing_ends_commands_and_is_reported() {
    let (host, session) = session().await;
    let (to, _from) = mpsc::channel(1);
    let stream = tokio::spawn(session.stream(command("burst 1000000000"), to));
    soon(host.seen.sent.subscribe().wait_for(|sent| *sent > 1 << 20)).await.unwrap();
    soon(session.close()).await;
    assert!(matches!(soon(stream).await.unwrap(), Err(ExecError::Lost(why)) if why == "closed"));
    assert_eq!(soon(session.lost()).await, Loss::closed());
    soon(host.seen.ended.subscribe().wait_for(|n| *n == 1)).await.unwrap();
}

#[tokio::test]
async fn dropping_the_session_ends_commands_and_the_connection() {
    let (host, session) = session().await;
    let mut open = host.seen.open.subscribe();
    let hang = tokio::spawn(session.run(command("hang")));
    soon(open.wait_for(|open| open.len() == 1)).await.unwrap();
    drop(session);
    assert!(matches!(soon(hang).await.unwrap(), Err(ExecError::Lost(_))));
    soon(host.seen.ended.subscribe().wait_for(|n| *n == 1)).await.unwrap();
}

/// A connection to `host` that can be cut without a notice to either side, like a pulled plug.
async fn wire(host: &Host) -> (std::net::SocketAddr, tokio_util::sync::CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, to) = (listener.local_addr().unwrap(), host.address);
    let cut = tokio_util::sync::CancellationToken::new();
    let cutting = cut.clone();
    tokio::spawn(async move {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut far = TcpStream::connect(to).await.unwrap();
        let _ = cutting.run_until_cancelled(tokio::io::copy_bidirectional(&mut near, &mut far)).await;
        // Both sockets stay open and silent.
        std::future::pending::<()>().await;
        drop((near, far));
    });
    (address, cut)
}

#[tokio::test]
async fn a_pulled_plug_is_noticed_by_keep_alive() {
    let key = ed25519();
    let host = Host::start(Door { keys: vec![key.clone()], password: Some("x"), ..Door::default() }).await;
    let (address, cut) = wire(&host).await;
    let mut spec = host.spec(&[], vec![password("x")]);
    spec.address = address;
    spec.known = Arc::new(common::known(address, &[&key]));
    spec.limits = Limits { keepalive: Duration::from_millis(200), ..spec.limits };
    let session = soon(Ssh::default().connect(spec, None)).await.unwrap();
    let hang = tokio::spawn(session.run(RemoteCommand { limit: None, ..command("hang") }));
    soon(host.seen.open.subscribe().wait_for(|open| open.len() == 1)).await.unwrap();
    // From here on nothing comes from the host, so the clock need not wait for it: it only counts what the session waits for.
    tokio::time::pause();
    cut.cancel();
    let begin = tokio::time::Instant::now();
    assert_eq!(soon(session.lost()).await, Loss::new(LinkFailure::NoAnswer, "the host no longer answers"));
    assert!(begin.elapsed() < Duration::from_millis(1500), "after {:?}", begin.elapsed());
    assert!(matches!(soon(hang).await.unwrap(), Err(ExecError::Lost(_))));
    // A goodbye to a host that is gone does not take for ever either.
    soon(session.close()).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_pulled_plug_is_noticed_in_mid_upload_too() {
    let key = ed25519();
    let host = Host::start(Door { keys: vec![key.clone()], password: Some("x"), ..Door::default() }).await;
    let (address, cut) = wire(&host).await;
    let mut spec = host.spec(&[], vec![password("x")]);
    spec.address = address;
    spec.known = Arc::new(common::known(address, &[&key]));
    spec.limits = Limits { keepalive: Duration::from_millis(200), ..spec.limits };
    let session = soon(Ssh::default().connect(spec, None)).await.unwrap();
    let (to, mut from) = mpsc::channel(1);
    // More than fits into the buffers on the way.
    let upload = RemoteCommand { stdin: vec![0; 256 << 20].into(), limit: None, ..command("cat") };
    let upload = tokio::spawn(session.stream(upload, to));
    soon(from.recv()).await.unwrap();
    cut.cancel();
    while soon(from.recv()).await.is_some() {}
    assert!(matches!(soon(upload).await.unwrap(), Err(ExecError::Lost(_))));
}
