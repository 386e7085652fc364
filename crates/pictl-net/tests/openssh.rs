//! Against the real OpenSSH, with a configuration of its own, on 127.0.0.1. Skipped, with a word, where it is missing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "tests")]
#![cfg(unix)]

mod common;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use common::{Ends, command, ed25519, known, p256, short, soon};
use futures_util::future::join_all;
use pictl_engine::ports::{Connect, ConnectError, ConnectSpec, Credential, ExecError, RemoteCommand};
use pictl_net::ssh::Ssh;
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey};

const SSHD: &str = "/usr/sbin/sshd";

/// A private sshd.
struct Sshd {
    _process: Ends,
    address: std::net::SocketAddr,
    host_key: PrivateKey,
    dir: tempfile::TempDir,
}

/// Tells the other half of the agent's test where to log in.
const ADDRESS: &str = "PICTL_TEST_ADDRESS";

impl Sshd {
    /// `None` where there is no sshd.
    fn start(authorized: &[&PrivateKey]) -> Option<Self> {
        if !Path::new(SSHD).exists() {
            pictl_tests::skip(&format!("there is no {SSHD}"));
            return None;
        }
        // Where root separates privileges; nobody else needs it.
        let _ = std::fs::create_dir("/run/sshd");
        let dir = tempfile::tempdir().unwrap();
        let (host_key, at) = (ed25519(), dir.path().display());
        host_key.write_openssh_file(dir.path().join("host"), LineEnding::LF).unwrap();
        let lines: Vec<_> = authorized.iter().map(|key| common::line(key)).collect();
        std::fs::write(dir.path().join("authorized"), lines.join("\n") + "\n").unwrap();
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let config = format!(
            "ListenAddress {address}\nHostKey {at}/host\nPidFile none\nAuthorizedKeysFile {at}/authorized\n\
             StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\n"
        );
        std::fs::write(dir.path().join("config"), config).unwrap();
        let mut child = Command::new(SSHD)
            .args(["-D", "-e", "-f"])
            .arg(dir.path().join("config"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(log.any(|line| line.unwrap().contains("Server listening")), "sshd did not start");
        std::thread::spawn(move || log.for_each(drop));
        Some(Self { _process: Ends(child), address, host_key, dir })
    }

    fn spec(&self, credentials: Vec<Credential>) -> ConnectSpec {
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        ConnectSpec {
            address: self.address,
            user: String::from_utf8(user).unwrap().trim().into(),
            known: Arc::new(known(self.address, &[&self.host_key])),
            credentials,
            limits: short(),
            via: None,
        }
    }

    fn saved(&self, key: &PrivateKey, name: &str) -> Credential {
        let path = self.dir.path().join(name);
        key.write_openssh_file(&path, LineEnding::LF).unwrap();
        Credential::Key { path, passphrase: None }
    }
}

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
async fn a_key_of_the_agent_opens() {
    if let Ok(address) = std::env::var(ADDRESS) {
        return login_by_agent(address.parse().unwrap()).await;
    }
    let (Ok(test), key) = (std::env::current_exe(), ed25519()) else { return };
    let Some(sshd) = Sshd::start(&[&key]) else { return };
    let socket = sshd.dir.path().join("agent");
    let Ok(agent) = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::piped()).spawn() else {
        pictl_tests::skip("there is no ssh-agent");
        return;
    };
    let mut agent = Ends(agent);
    // It tells of its socket once that is there.
    BufReader::new(agent.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let mut client = russh::keys::agent::client::AgentClient::connect_uds(&socket).await.unwrap();
    client.add_identity(&key, &[]).await.unwrap();
    // The agent is found by the environment, which belongs to the whole process: so another one makes the login.
    let status = Command::new(test)
        .args(["--exact", "a_key_of_the_agent_opens"])
        .env("SSH_AUTH_SOCK", &socket)
        .env(ADDRESS, sshd.address.to_string())
        .env("PICTL_TEST_HOST_KEY", sshd.dir.path().join("host"))
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}

async fn login_by_agent(address: std::net::SocketAddr) {
    let host_key = russh::keys::load_secret_key(std::env::var("PICTL_TEST_HOST_KEY").unwrap(), None).unwrap();
    let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let spec = ConnectSpec {
        address,
        user: user.trim().into(),
        known: Arc::new(known(address, &[&host_key])),
        credentials: vec![Credential::Agent { only: None }],
        limits: short(),
        via: None,
    };
    let session = soon(Ssh::default().connect(spec, None)).await.unwrap();
    assert!(session.logged_in_by().starts_with("agent key"));
}
