//! Against the real OpenSSH, with a configuration of its own, on 127.0.0.1. Skipped, with a message, where it is missing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![cfg(unix)]

mod common;

use std::time::Duration;

use common::sshd::Sshd;
use common::{command, ed25519, p256, password, soon};
use futures_util::future::join_all;
use pictl_engine::ports::{Chunk, Connect, ConnectError, ExecError, RemoteCommand};
use pictl_formats::shell;
use pictl_net::ssh::Ssh;
use russh::keys::{Algorithm, PrivateKey};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn every_kind_of_key_opens_and_a_strange_one_does_not() {
    let rsa = PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Rsa { hash: None }).unwrap();
    let keys = [ed25519(), p256(), rsa];
    let Some(sshd) = Sshd::start(&keys.each_ref()) else { return };
    for (n, key) in keys.iter().enumerate() {
        let spec = sshd.spec(vec![sshd.saved(key, &format!("id{n}"))]);
        let session = soon(Ssh::default().connect(spec, None)).await.unwrap();
        assert_eq!(soon(session.run(command("echo $((6*7))"))).await.unwrap().out, b"42\n");
        soon(session.close()).await;
    }
    let strange = sshd.saved(&ed25519(), "strange");
    match soon(Ssh::default().connect(sshd.spec(vec![strange]), None)).await.err() {
        Some(ConnectError::Refused { password_possible: false, password_refused: false, .. }) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn commands_end_as_they_should() {
    let key = ed25519();
    let Some(sshd) = Sshd::start(&[&key]) else { return };
    let session = soon(Ssh::default().connect(sshd.spec(vec![sshd.saved(&key, "id")]), None)).await.unwrap();

    let failed = soon(session.run(command("echo no >&2; exit 3"))).await.unwrap();
    assert_eq!((failed.status, &failed.err[..]), (Some(3), &b"no\n"[..]));
    let killed = soon(session.run(command("kill -9 $$"))).await.unwrap();
    assert_eq!((killed.status, killed.signal.as_deref()), (None, Some("KILL")));

    let stdin: Vec<u8> = (0..1 << 20).map(|n: u32| (n % 251) as u8).collect();
    let echo = RemoteCommand { stdin: stdin.clone().into(), ..command("cat") };
    assert!(soon(session.run(echo)).await.unwrap().out == stdin);

    let limit = Duration::from_millis(300);
    // `exec`, so that the process notices the closed pipes itself and nothing outlives the test.
    let endless = RemoteCommand { limit: Some(limit), max_output: 10, ..command("exec yes") };
    assert!(matches!(soon(session.run(endless)).await, Err(ExecError::TimedOut(_))));

    let all = join_all((0..40).map(|n| session.run(command(&format!("echo {n}")))));
    for (n, output) in soon(all).await.into_iter().enumerate() {
        assert_eq!(output.unwrap().out, format!("{n}\n").into_bytes());
    }
}

#[tokio::test]
async fn rsa_signs_with_sha_512_where_the_host_knows_it() {
    let rsa = PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Rsa { hash: None }).unwrap();
    let Some(sshd) = Sshd::with(&[&rsa], "LogLevel DEBUG1") else { return };
    soon(Ssh::default().connect(sshd.spec(vec![sshd.saved(&rsa, "id")]), None)).await.unwrap();
    sshd.logged("pkalg rsa-sha2-512 ").await;
}

#[tokio::test]
async fn hosts_that_are_old_or_strict_are_reached() {
    let key = ed25519();
    for config in [
        "KexAlgorithms curve25519-sha256@libssh.org",
        "KexAlgorithms diffie-hellman-group16-sha512",
        "Ciphers aes128-gcm@openssh.com",
        "Ciphers aes256-gcm@openssh.com",
        "Ciphers aes128-ctr\nMACs hmac-sha2-512-etm@openssh.com",
        "Ciphers aes256-ctr\nMACs hmac-sha2-256-etm@openssh.com",
    ] {
        let Some(sshd) = Sshd::with(&[&key], config) else { return };
        let session = soon(Ssh::default().connect(sshd.spec(vec![sshd.saved(&key, "id")]), None)).await.unwrap();
        assert_eq!(soon(session.run(command("echo hi"))).await.unwrap().out, b"hi\n", "{config}");
    }
    let Some(sshd) = Sshd::with(&[&key], "KexAlgorithms ecdh-sha2-nistp256") else { return };
    match soon(Ssh::default().connect(sshd.spec(vec![sshd.saved(&key, "id")]), None)).await.err() {
        Some(ConnectError::Protocol { why, .. }) => {
            assert!(why.starts_with("no common Kex algorithm; it knows ecdh-sha2-nistp256"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_error_of_a_host_that_allows_few_attempts_names_what_was_not_tried() {
    let good = ed25519();
    let Some(sshd) = Sshd::with(&[&good], "MaxAuthTries 3\nPasswordAuthentication yes") else { return };
    let mut credentials: Vec<_> = (0..4).map(|n| sshd.saved(&ed25519(), &format!("strange{n}"))).collect();
    credentials.push(sshd.saved(&good, "good"));
    credentials.push(password("never sent"));
    match soon(Ssh::default().connect(sshd.spec(credentials), None)).await.err() {
        Some(ConnectError::Refused { tried, password_refused: false, .. }) => {
            assert_eq!(tried.matches("not tried: the host hung up").count(), 3, "{tried}");
            assert!(tried.contains("(then the host hung up: Too many authentication failures"), "{tried}");
        }
        other => panic!("{other:?}"),
    }
    // It locks nobody out: with the right key first the next login goes through.
    let good = vec![sshd.saved(&good, "good")];
    assert!(soon(Ssh::default().connect(sshd.spec(good), None)).await.is_ok());
}

#[tokio::test]
async fn a_host_that_wants_two_things_gets_both_or_says_so() {
    let key = ed25519();
    let two = "AuthenticationMethods publickey,password\nPasswordAuthentication yes";
    let Some(sshd) = Sshd::with(&[&key], two) else { return };
    match soon(Ssh::default().connect(sshd.spec(vec![sshd.saved(&key, "id")]), None)).await.err() {
        Some(ConnectError::Refused { tried, password_possible: true, password_refused: false, .. }) => {
            assert!(tried.contains("taken, but the host also wants password"), "{tried}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_led_is_put_back_when_the_command_is_closed_and_when_the_connection_goes() {
    let key = ed25519();
    let Some(sshd) = Sshd::start(&[&key]) else { return };
    let board = tempfile::tempdir().unwrap();
    let led = board.path().join("sys/class/leds/ACT");
    std::fs::create_dir_all(&led).unwrap();
    std::fs::create_dir(board.path().join("run")).unwrap();
    let script = include_str!("../../../assets/remote/identify.sh");
    let line = format!("sh -c {} pictl-identify 60 {}", shell::quote(script), board.path().display());
    for connection_goes in [false, true] {
        std::fs::write(led.join("trigger"), "none timer [mmc0]\n").unwrap();
        let session = soon(Ssh::default().connect(sshd.spec(vec![sshd.saved(&key, "id")]), None)).await.unwrap();
        let (chunks, mut said) = mpsc::channel(1);
        let stream = tokio::spawn(session.stream(RemoteCommand { limit: None, ..command(&line) }, chunks));
        assert_eq!(soon(said.recv()).await, Some(Chunk::Out(b"blinking ACT\n".to_vec())));
        let trigger = || std::fs::read_to_string(led.join("trigger")).unwrap();
        assert_eq!(trigger(), "timer\n");
        if connection_goes {
            drop(session);
        } else {
            stream.abort();
        }
        soon(async {
            while trigger() != "mmc0\n" {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

/// The script `exec` with this line.
fn attended(line: &str, limit: Option<Duration>) -> RemoteCommand {
    let script = include_str!("../../../assets/remote/exec.sh");
    let line = format!("sh -c {} pictl-exec {}", shell::quote(script), shell::quote(line));
    RemoteCommand { limit, ..command(&line) }
}

/// The user's processes that sleep for this long.
fn sleepers(seconds: &str) -> usize {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    let wanted = format!("sleep\0{seconds}\0");
    lines.filter(|line| line == wanted.as_bytes()).count()
}

async fn until_no_sleeper(seconds: &str) {
    soon(async {
        while sleepers(seconds) > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_command_that_is_attended_ends_with_its_children_at_its_limit_when_asked_and_with_the_connection() {
    let key = ed25519();
    let Some(sshd) = Sshd::start(&[&key]) else { return };
    // A child, one in a session of its own, and one that does not end on TERM.
    let start = |seconds: &str| {
        format!(
            "sleep {seconds} & setsid sleep {seconds} >/dev/null 2>&1 & \
             sh -c 'trap \"\" TERM; sleep {seconds}; sleep {seconds}' & \
             while [ $(pgrep -fxc 'sleep {seconds}') -lt 3 ]; do sleep 0.05; done; echo started; wait"
        )
    };
    let limit = Duration::from_secs(2);
    for (seconds, why) in [("98701", "limit"), ("98702", "asked"), ("98703", "dropped"), ("98704", "connection")] {
        let session = soon(Ssh::default().connect(sshd.spec(vec![sshd.saved(&key, "id")]), None)).await.unwrap();
        let (chunks, mut said) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let command = attended(&start(seconds), (why == "limit").then_some(limit));
        let ending = tokio::spawn(session.attend(command, chunks, stop.clone()));
        // On a busy machine the limit can come before all of them have started.
        if why != "limit" {
            assert_eq!(soon(said.recv()).await, Some(Chunk::Out(b"started\n".to_vec())), "{why}");
            assert_eq!(sleepers(seconds), 3, "{why}");
        }
        match why {
            "limit" => assert!(matches!(soon(ending).await.unwrap(), Err(ExecError::TimedOut(l)) if l == limit)),
            "asked" => {
                stop.cancel();
                assert!(matches!(soon(ending).await.unwrap(), Err(ExecError::Stopped)));
            }
            "dropped" => ending.abort(),
            _ => drop(session),
        }
        if ["limit", "asked"].contains(&why) {
            assert_eq!(sleepers(seconds), 0, "{why}: it is reported once all of it has ended");
        }
        until_no_sleeper(seconds).await;
    }
}

#[tokio::test]
async fn a_command_that_is_attended_ends_as_it_would_alone() {
    let key = ed25519();
    let Some(sshd) = Sshd::start(&[&key]) else { return };
    let session = soon(Ssh::default().connect(sshd.spec(vec![sshd.saved(&key, "id")]), None)).await.unwrap();
    let ended = async |line: &str| {
        let (chunks, mut said) = mpsc::channel(64);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let reading = async {
            while let Some(chunk) = said.recv().await {
                match chunk {
                    Chunk::Out(bytes) => out.extend(bytes),
                    Chunk::Err(bytes) => err.extend(bytes),
                }
            }
        };
        let ended = session.attend(attended(line, None), chunks, CancellationToken::new());
        let (ended, ()) = soon(async { tokio::join!(ended, reading) }).await;
        (ended.unwrap().status, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    };
    let text = str::to_owned;
    assert_eq!(ended("echo $((6*7)); echo no >&2; exit 3").await, (Some(3), text("42\n"), text("no\n")));
    assert_eq!(ended("cat; echo \"$0\" | wc -l").await, (Some(0), text("1\n"), text("")), "no input");
    // What writes here belongs to it, what writes elsewhere does not.
    assert_eq!(ended("(sleep 0.3; echo late) &").await, (Some(0), text("late\n"), text("")));
    assert_eq!(ended("sleep 98705 >/dev/null 2>&1 &").await, (Some(0), text(""), text("")));
    assert_eq!(sleepers("98705"), 1);
    assert_eq!(ended("pkill -fx 'sleep 98705'").await.0, Some(0));
    until_no_sleeper("98705").await;
    assert_eq!(ended("kill -9 $$").await, (Some(137), text(""), text("")));
}
