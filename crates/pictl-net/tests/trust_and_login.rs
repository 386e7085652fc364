//! Host keys and logins, against a server in this process.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::{Door, Host, command, ed25519, host_key, known, limits, line, p256, password, soon};
use pictl_engine::ports::{Connect, ConnectError, ConnectSpec, Credential, Session};
use pictl_formats::known_hosts::{KnownHosts, fingerprint};
use pictl_model::link::{LinkFailure, LoginMethod};
use pictl_model::trust::Trust;
use pictl_net::Parked;
use pictl_net::ssh::Ssh;
use russh::MethodKind;
use russh::keys::PrivateKey;
use russh::keys::ssh_key::LineEnding;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

async fn login(spec: ConnectSpec) -> Result<Arc<dyn Session>, ConnectError> {
    soon(Ssh::default().connect(spec, None)).await
}

fn failure(result: Result<Arc<dyn Session>, ConnectError>) -> ConnectError {
    result.err().expect("this login should have failed")
}

fn saved(key: &PrivateKey, dir: &tempfile::TempDir, name: &str) -> Credential {
    let path = dir.path().join(name);
    key.write_openssh_file(&path, LineEnding::LF).unwrap();
    Credential::Key { path, passphrase: None }
}

#[tokio::test]
async fn a_password_works_and_the_session_says_how() {
    let key = ed25519();
    let host = Host::start(Door { keys: vec![key.clone()], password: Some("raspberry"), ..Door::default() }).await;
    let session = login(host.spec(&[&key], vec![password("raspberry")])).await.unwrap();
    assert_eq!(session.logged_in_by(), LoginMethod::Password);
    assert_eq!(session.host_key(), host_key(&key));
    assert_eq!(soon(session.run(command("echo hi"))).await.unwrap().out, b"hi");
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_said() {
    let key = ed25519();
    let host = Host::start(Door { keys: vec![key.clone()], password: Some("raspberry"), ..Door::default() }).await;
    match failure(login(host.spec(&[&key], vec![password("wrong")])).await) {
        ConnectError::Refused { tried, password_possible, password_refused, user, .. } => {
            assert_eq!(tried, "password");
            assert_eq!(user, "pi");
            assert!(password_possible && password_refused);
        }
        other => panic!("{other}"),
    }
    // One wrong password is one failed login, although the host would also have asked for it in the other way.
    assert_eq!(*host.seen.tries.lock().unwrap(), ["password"]);
}

#[tokio::test]
async fn without_credentials_the_server_says_what_it_accepts() {
    let key = ed25519();
    let takes = async |methods: Vec<MethodKind>| {
        let host = Host::start(Door { keys: vec![key.clone()], methods, ..Door::default() }).await;
        match failure(login(host.spec(&[&key], Vec::new())).await) {
            ConnectError::Refused { password_possible, password_refused: false, .. } => password_possible,
            other => panic!("{other}"),
        }
    };
    assert!(takes(vec![MethodKind::PublicKey, MethodKind::Password]).await);
    assert!(takes(vec![MethodKind::PublicKey, MethodKind::KeyboardInteractive]).await);
    assert!(!takes(vec![MethodKind::PublicKey]).await);
}

#[tokio::test]
async fn a_key_opens_once_it_is_authorized() {
    let (key, mine, dir) = (ed25519(), ed25519(), tempfile::tempdir().unwrap());
    let door = Door { keys: vec![key.clone()], ..Door::default() };
    let authorized = Arc::clone(&door.authorized);
    let host = Host::start(door).await;
    let spec = host.spec(&[&key], vec![saved(&mine, &dir, "id")]);
    match failure(login(spec.clone()).await) {
        ConnectError::Refused { tried, password_refused: false, .. } => assert!(tried.ends_with("/id"), "{tried}"),
        other => panic!("{other}"),
    }
    authorized.lock().unwrap().push(mine.public_key().clone());
    let session = login(spec).await.unwrap();
    let by = session.logged_in_by();
    assert!(matches!(&by, LoginMethod::Key(path) if path.is_absolute()), "{by}");
}

#[tokio::test]
async fn credentials_are_tried_in_their_order_and_never_more_than_five() {
    let (key, dir) = (ed25519(), tempfile::tempdir().unwrap());
    let host = Host::start(Door { keys: vec![key.clone()], password: Some("x"), ..Door::default() }).await;
    let mut credentials: Vec<_> = (0..6).map(|n| saved(&ed25519(), &dir, &format!("id{n}"))).collect();
    credentials.push(password("x"));
    match failure(login(host.spec(&[&key], credentials)).await) {
        ConnectError::Refused { tried, .. } => assert!(tried.contains("too many tries"), "{tried}"),
        other => panic!("{other}"),
    }
    assert_eq!(*host.seen.tries.lock().unwrap(), ["key"; 5]);

    let credentials = vec![saved(&ed25519(), &dir, "id"), password("x")];
    assert_eq!(login(host.spec(&[&key], credentials)).await.unwrap().logged_in_by(), LoginMethod::Password);
    assert_eq!(host.seen.tries.lock().unwrap()[5..], ["key", "password"]);
}

#[tokio::test]
async fn the_passphrase_of_a_key_is_asked_for_where_the_host_takes_the_key_and_costs_no_failed_login() {
    let (key, mine, dir) = (ed25519(), ed25519(), tempfile::tempdir().unwrap());
    let door = Door { keys: vec![key.clone()], password: Some("x"), ..Door::default() };
    let authorized = Arc::clone(&door.authorized);
    let host = Host::start(door).await;
    let locked = mine.encrypt(&mut russh::keys::key::safe_rng(), "open sesame").unwrap();
    let Credential::Key { path, .. } = saved(&locked, &dir, "id") else { unreachable!() };
    let with = |passphrase: Option<&str>| {
        let passphrase = passphrase.map(|p| pictl_model::Secret::new(p.into()));
        login(host.spec(&[&key], vec![Credential::Key { path: path.clone(), passphrase }, password("x")]))
    };
    let tries = || std::mem::take(&mut *host.seen.tries.lock().unwrap());

    // Of no use to this host: its passphrase is not asked for, and what else there is opens.
    assert_eq!(with(None).await.unwrap().logged_in_by(), LoginMethod::Password);
    assert_eq!(tries(), ["key", "password"]);

    authorized.lock().unwrap().push(mine.public_key().clone());
    // That a passphrase is wrong is found without the host, which would count one more connection that came to nothing.
    for (passphrase, expected, seen) in [(None, false, &["key"][..]), (Some("wrong"), true, &[])] {
        match failure(with(passphrase).await) {
            ConnectError::Passphrase { path: of, wrong, address } => {
                assert_eq!((of, wrong, address), (path.clone(), expected, host.address));
            }
            other => panic!("{other}"),
        }
        assert_eq!(tries(), seen, "the password must not be tried where a passphrase is all that is missing");
    }
    let session = with(Some("open sesame")).await.unwrap();
    assert_eq!(session.logged_in_by(), LoginMethod::Key(path.clone()));

    // A key that comes later and is open spares the question.
    let open = ed25519();
    authorized.lock().unwrap().push(open.public_key().clone());
    let keys = vec![Credential::Key { path, passphrase: None }, saved(&open, &dir, "open")];
    assert!(login(host.spec(&[&key], keys)).await.unwrap().logged_in_by().to_string().ends_with("/open"));
}

#[tokio::test]
async fn a_key_that_an_interrupted_rotation_made_is_offered_too() {
    let (key, old, new, dir) = (ed25519(), ed25519(), ed25519(), tempfile::tempdir().unwrap());
    let door = Door { keys: vec![key.clone()], ..Door::default() };
    door.authorized.lock().unwrap().push(new.public_key().clone());
    let host = Host::start(door).await;
    let own = saved(&old, &dir, "pictl_ed25519");
    saved(&new, &dir, "pictl_ed25519.new");
    let session = login(host.spec(&[&key], vec![own])).await.unwrap();
    let by = session.logged_in_by();
    assert!(matches!(&by, LoginMethod::Key(path) if path.ends_with("pictl_ed25519.new")), "{by}");
}

/// Lets in who answers one hidden question with the password.
fn only_asks(key: &PrivateKey) -> Door {
    Door {
        keys: vec![key.clone()],
        methods: vec![MethodKind::KeyboardInteractive],
        password: Some("raspberry"),
        ..Door::default()
    }
}

#[tokio::test]
async fn a_password_also_answers_the_one_hidden_question() {
    let key = ed25519();
    let door = only_asks(&key);
    let host = Host::start(door.clone()).await;
    let session = login(host.spec(&[&key], vec![password("raspberry")])).await.unwrap();
    assert_eq!(session.logged_in_by(), LoginMethod::KeyboardInteractive);
    // The method that the host does not name was not even tried.
    assert_eq!(*host.seen.tries.lock().unwrap(), ["keyboard-interactive"]);

    match failure(login(host.spec(&[&key], vec![password("wrong")])).await) {
        error @ ConnectError::Refused { password_possible: true, password_refused: true, .. } => {
            assert_eq!(error.kind(), LinkFailure::WrongPassword);
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn questions_after_the_password_are_answered_only_where_there_is_nothing_to_answer() {
    let key = ed25519();
    let door = only_asks(&key);
    let message: (_, &[&str]) = ("Last login: never", &[]);
    let host = Host::start(Door { asks_more: vec![message, message, message], ..door.clone() }).await;
    assert!(login(host.spec(&[&key], vec![password("raspberry")])).await.is_ok());

    let expired = "You are required to change your password immediately (administrator enforced).";
    for (asks_more, expected) in [
        (vec![("", &["Verification code: "][..])], "more than a password"),
        (vec![("", &["Password: "])], "more than a password"),
        (vec![(expired, &[]), ("", &["Current password: "])], "log in once by hand"),
        (vec![(expired, &["Something: "])], "log in once by hand"),
        (vec![message; 20], "keyboard-interactive"),
    ] {
        let host = Host::start(Door { asks_more, ..door.clone() }).await;
        match failure(login(host.spec(&[&key], vec![password("raspberry")])).await) {
            // The password was the right one as far as the host says.
            ConnectError::Refused { tried, password_refused: false, .. } => {
                assert!(tried.contains(expected), "{tried}");
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_host_that_hangs_up_after_a_refusal_is_a_refusal() {
    let (key, dir) = (ed25519(), tempfile::tempdir().unwrap());
    let door = Door { keys: vec![key.clone()], max_tries: Some(2), ..Door::default() };
    let host = Host::start(door).await;
    let credentials = (0..4).map(|n| saved(&ed25519(), &dir, &format!("id{n}"))).collect();
    match failure(login(host.spec(&[&key], credentials)).await) {
        error @ ConnectError::Refused { .. } => {
            assert_eq!(error.kind(), LinkFailure::PermissionDenied);
            let ConnectError::Refused { tried, .. } = error else { return };
            assert!(tried.contains("(then "), "{tried}");
            assert_eq!(tried.matches("not tried").count(), 2, "{tried}");
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn only_a_recorded_key_lets_a_login_begin() {
    let (key, other, ecdsa) = (ed25519(), ed25519(), p256());
    let host = Host::start(Door { keys: vec![key.clone()], password: Some("x"), ..Door::default() }).await;
    let revoked = |address: SocketAddr| {
        let text = format!("@revoked [{}]:{} {}\n", address.ip(), address.port(), line(&key));
        KnownHosts::parse(&text).0
    };
    for (records, expected, kind) in [
        (KnownHosts::parse("").0, Trust::Unknown, LinkFailure::HostKeyNotTrusted),
        (known(host.address, &[&other]), Trust::Changed, LinkFailure::HostKeyChanged),
        (known(host.address, &[&ecdsa]), Trust::OtherAlgorithm, LinkFailure::HostKeyChanged),
        (revoked(host.address), Trust::Revoked, LinkFailure::HostKeyRevoked),
    ] {
        let spec = ConnectSpec { known: Arc::new(records), ..host.spec(&[], vec![password("x")]) };
        let error = failure(login(spec).await);
        assert_eq!(error.kind(), kind);
        match error {
            ConnectError::HostKey { trust, key: offered, fingerprint: print, .. } => {
                assert_eq!(trust, expected);
                assert_eq!(offered, host_key(&key));
                assert_eq!(print, fingerprint(&host_key(&key)));
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(host.seen.requests.load(Ordering::SeqCst), 0, "no login may begin before the key is trusted");
}

#[tokio::test]
async fn of_several_host_keys_the_recorded_one_is_asked_for() {
    let (first, second) = (ed25519(), p256());
    let keys = vec![first.clone(), second.clone()];
    let host = Host::start(Door { keys, password: Some("x"), ..Door::default() }).await;
    for recorded in [&first, &second] {
        let session = login(host.spec(&[recorded], vec![password("x")])).await.unwrap();
        assert_eq!(session.host_key(), host_key(recorded));
    }
}

#[tokio::test]
async fn the_error_of_a_new_host_with_ecdsa_keys_only_says_what_it_lacks() {
    let key = p256();
    let host = Host::start(Door { keys: vec![key.clone()], password: Some("x"), ..Door::default() }).await;
    match failure(login(host.spec(&[], vec![password("x")])).await) {
        ConnectError::Protocol { why, .. } => assert!(why.contains("ssh-keygen -A"), "{why}"),
        other => panic!("{other}"),
    }
    // Where it is recorded it is as good as any.
    assert!(login(host.spec(&[&key], vec![password("x")])).await.is_ok());
}

/// A server that says `greeting` and then only listens, or hangs up.
async fn strange(greeting: Vec<u8>, hang_up: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(&greeting).await;
            if !hang_up {
                kept.push(stream);
            }
        }
    });
    address
}

fn spec_of(address: SocketAddr) -> ConnectSpec {
    let limits = pictl_engine::ports::Limits { handshake: Duration::from_millis(300), ..limits() };
    ConnectSpec {
        address,
        user: "pi".into(),
        known: Arc::new(KnownHosts::parse("").0),
        credentials: vec![password("x")],
        limits,
        via: None,
    }
}

#[tokio::test]
async fn hosts_that_do_not_speak_ssh_are_left_within_the_limit() {
    let mut endless_lines = b"hello\r\n".repeat(40);
    endless_lines.extend(b"SSH-2.0-late\r\n");
    for (greeting, hang_up, kind) in [
        (Vec::new(), false, LinkFailure::KeyExchangeTimedOut),
        (b"SSH-2.0-tease\r\n".to_vec(), false, LinkFailure::KeyExchangeTimedOut),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), false, LinkFailure::KeyExchangeTimedOut),
        (vec![b'A'; 10_000], false, LinkFailure::NotSsh),
        (endless_lines, false, LinkFailure::NotSsh),
        (Vec::new(), true, LinkFailure::HungUp),
        (b"SSH-2.0-bye\r\n".to_vec(), true, LinkFailure::HungUp),
    ] {
        // Without a limit the login would wait for ever where the host keeps the connection.
        let error = failure(login(spec_of(strange(greeting.clone(), hang_up).await)).await);
        assert_eq!(error.kind(), kind, "{greeting:?}: {error}");
        assert!(
            matches!(error, ConnectError::Unreachable { .. } | ConnectError::Protocol { .. }),
            "{greeting:?}: {error}"
        );
    }
}

#[tokio::test]
async fn refused_and_reset_connections_come_with_a_hint() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    match failure(login(spec_of(closed)).await) {
        ConnectError::Unreachable { hint, kind: LinkFailure::Refused, .. } => {
            assert!(hint.contains("empty file named ssh"), "{hint}");
        }
        other => panic!("{other}"),
    }
    match failure(login(spec_of(strange(Vec::new(), true).await)).await) {
        ConnectError::Unreachable { hint, kind: LinkFailure::HungUp, .. } => {
            assert!(hint.contains("PerSourcePenalties"), "{hint}");
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_connection_given_up_leaves_no_socket() {
    let key = ed25519();
    let host = Host::start(Door { keys: vec![key.clone()], password: Some("x"), ..Door::default() }).await;
    let mut ended = host.seen.ended.subscribe();
    // Unknown key, wrong password, and a session dropped without a goodbye.
    let mut unknown = host.spec(&[], vec![password("x")]);
    unknown.known = Arc::new(KnownHosts::parse("").0);
    let _ = failure(login(unknown).await);
    let _ = failure(login(host.spec(&[&key], vec![password("no")])).await);
    drop(login(host.spec(&[&key], vec![password("x")])).await.unwrap());
    soon(ended.wait_for(|n| *n == 3)).await.unwrap();
}

#[tokio::test]
async fn a_login_given_up_in_mid_handshake_hangs_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let spec = spec_of(listener.local_addr().unwrap());
    let login = tokio::spawn(Ssh::default().connect(ConnectSpec { limits: limits(), ..spec }, None));
    let (mut stream, _) = soon(listener.accept()).await.unwrap();
    stream.write_all(b"SSH-2.0-tease\r\n").await.unwrap();
    // Its identification and the beginning of the key exchange, which nobody answers.
    let mut said = Vec::new();
    while !said.windows(10).any(|bytes| bytes == b"curve25519") {
        soon(stream.read_buf(&mut said)).await.unwrap();
    }
    assert!(said.starts_with(b"SSH-2.0-pictl_"));
    login.abort();
    while soon(stream.read_buf(&mut said)).await.is_ok_and(|length| length > 0) {}
}

#[tokio::test]
async fn logins_wait_for_their_turn() {
    let key = ed25519();
    let host = Host::start(Door { keys: vec![key.clone()], password: Some("x"), ..Door::default() }).await;
    let ssh = Ssh::new(2, Parked::default());
    let logins = (0..16).map(|_| ssh.connect(host.spec(&[&key], vec![password("x")]), None));
    let sessions = soon(futures_util::future::join_all(logins)).await;
    assert!(sessions.iter().all(Result::is_ok));
}
