//! What pictl's client offers, judged by ssh-audit on 127.0.0.1.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::Arc;

use common::{Ends, limits, password, soon};
use pictl_engine::ports::{Connect, ConnectError, ConnectSpec};
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::link::LinkFailure;
use pictl_net::ssh::Ssh;

/// What the client of OpenSSH 10.0 offers (its ssh_config(5) and myproposal.h: `KexAlgorithms`, `HostKeyAlgorithms` save
/// for certificates and security keys, `Ciphers`, `MACs`), and the two marks in the list of key exchanges.
const OPENSSH_10: &str = "mlkem768x25519-sha256 sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com \
    curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521 \
    diffie-hellman-group-exchange-sha256 diffie-hellman-group16-sha512 diffie-hellman-group18-sha512 \
    diffie-hellman-group14-sha256 ext-info-c kex-strict-c-v00@openssh.com \
    ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 rsa-sha2-512 rsa-sha2-256 \
    chacha20-poly1305@openssh.com aes128-gcm@openssh.com aes256-gcm@openssh.com aes128-ctr aes192-ctr aes256-ctr \
    umac-64-etm@openssh.com umac-128-etm@openssh.com hmac-sha2-256-etm@openssh.com hmac-sha2-512-etm@openssh.com \
    hmac-sha1-etm@openssh.com umac-64@openssh.com umac-128@openssh.com hmac-sha2-256 hmac-sha2-512 hmac-sha1";

/// What ssh-audit prints of a login; `None` where it is not installed.
async fn judged() -> Option<String> {
    let address: SocketAddr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let audit = Command::new("ssh-audit")
        .args(["--no-colors", "--client-audit", "--timeout=30", "--port", &address.port().to_string()])
        .stdout(Stdio::piped())
        .spawn();
    let Ok(audit) = audit else {
        pictl_tests::skip("there is no ssh-audit");
        return None;
    };
    let mut audit = Ends(audit);
    let spec = ConnectSpec {
        address,
        user: "pi".into(),
        known: Arc::new(KnownHosts::parse("").0),
        credentials: vec![password("x")],
        limits: limits(),
        via: None,
    };
    // It hangs up when it has seen enough.
    let login = async {
        // It does not say when it listens, and takes one connection only.
        while matches!(
            Ssh::default().connect(spec.clone(), None).await.err(),
            Some(ConnectError::Unreachable { kind: LinkFailure::Refused, .. })
        ) {
            assert!(audit.0.try_wait().unwrap().is_none(), "ssh-audit ended early");
        }
    };
    soon(login).await;
    let mut said = String::new();
    audit.0.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    Some(said)
}

/// Its findings: algorithm and text. A line without the name of an algorithm is about the one before. Its JSON has
/// the names in all versions and the findings only in newer ones.
fn findings<'a>(said: &'a str, mark: &str) -> Vec<(&'a str, &'a str)> {
    let mut algorithm = "";
    let mut found = Vec::new();
    for line in said.lines() {
        if let Some((_, rest)) = line.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
            algorithm = rest.split(' ').next().unwrap();
        }
        if let Some((_, text)) = line.split_once(mark) {
            found.push((algorithm, text.trim()));
        }
    }
    found
}

#[tokio::test]
async fn ssh_audit_finds_nothing_that_it_does_not_find_in_openssh() {
    let Some(said) = judged().await else { return };
    for offered in ["(kex) mlkem768x25519-sha256", "(key) ssh-ed25519", "(enc) aes256-ctr", "(mac) hmac-sha2-256-etm"] {
        assert!(said.contains(offered), "{said}");
    }
    assert_eq!(findings(&said, "[fail]"), [], "{said}");
    let openssh: Vec<_> = OPENSSH_10.split_ascii_whitespace().collect();
    for (algorithm, text) in findings(&said, "[warn]") {
        assert!(openssh.contains(&algorithm), "{algorithm}: {text}");
    }
}

#[test]
fn findings_are_read_as_ssh_audit_prints_them() {
    let said = "# general\n(gen) banner: x\n(kex) ecdh-sha2-nistp256 -- [fail] using weak elliptic curves\n      \
                `- [warn] and more\n(mac) umac-64 -- [warn] small\n(enc) aes256-ctr -- [info] fine\n";
    assert_eq!(findings(said, "[fail]"), [("ecdh-sha2-nistp256", "using weak elliptic curves")]);
    assert_eq!(findings(said, "[warn]"), [("ecdh-sha2-nistp256", "and more"), ("umac-64", "small")]);
}
