//! An SSH server on 127.0.0.1 that behaves as a test needs, and notes what was asked.

#![allow(dead_code, reason = "each test file uses its part")]

#[cfg(unix)]
pub(crate) mod sshd;

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pictl_engine::ports::{ConnectSpec, Credential, Limits, RemoteCommand};
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::Secret;
use pictl_model::trust::HostKey;
use pictl_tests::LIMIT;
use russh::keys::{Algorithm, PrivateKey, PublicKey};
use russh::server::{Auth, ChannelOpenHandle, Handle, Msg, Response, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, Disconnect, MethodKind, MethodSet, Sig, server};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

/// How this host accepts logins.
#[derive(Clone, Default)]
pub(crate) struct Door {
    /// Its host keys.
    pub(crate) keys: Vec<PrivateKey>,
    /// The methods it names; empty means all that it knows.
    pub(crate) methods: Vec<MethodKind>,
    /// The password, also as the answer to the keyboard-interactive question.
    pub(crate) password: Option<&'static str>,
    /// What keyboard-interactive asks after the password, round by round: its message, and its questions.
    pub(crate) asks_more: Vec<(&'static str, &'static [&'static str])>,
    /// Keys that are accepted.
    pub(crate) authorized: Arc<Mutex<Vec<PublicKey>>>,
    /// Failed tries after which it hangs up.
    pub(crate) max_tries: Option<usize>,
}

/// What happened at the host.
pub(crate) struct Seen {
    /// Tries to log in, in their order (`none` left out).
    pub(crate) tries: Mutex<Vec<&'static str>>,
    /// Any authentication request at all.
    pub(crate) requests: AtomicUsize,
    /// Channels open now.
    pub(crate) open: watch::Sender<HashSet<ChannelId>>,
    /// Most channels open at once.
    pub(crate) most_open: AtomicUsize,
    /// Bytes of output that went into the connection.
    pub(crate) sent: watch::Sender<usize>,
    /// Connections that ended.
    pub(crate) ended: watch::Sender<usize>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            tries: Mutex::default(),
            requests: AtomicUsize::default(),
            open: watch::channel(HashSet::new()).0,
            most_open: AtomicUsize::default(),
            sent: watch::channel(0).0,
            ended: watch::channel(0).0,
        }
    }
}

/// The server: it ends with the test's runtime.
pub(crate) struct Host {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Seen>,
}

impl Host {
    pub(crate) async fn start(door: Door) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let mut config = server::Config {
            keys: door.keys.clone(),
            auth_rejection_time: Duration::from_millis(1),
            auth_rejection_time_initial: Some(Duration::ZERO),
            max_auth_attempts: door.max_tries.unwrap_or(10),
            ..server::Config::default()
        };
        if !door.methods.is_empty() {
            config.methods = MethodSet::from(&door.methods[..]);
        }
        let config = Arc::new(config);
        let (accept_seen, door) = (Arc::clone(&seen), Arc::new(door));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let seen = Arc::clone(&accept_seen);
                let visitor =
                    Visitor { door: Arc::clone(&door), seen: Arc::clone(&seen), inputs: HashMap::new(), asked: 0 };
                let config = Arc::clone(&config);
                tokio::spawn(async move {
                    if let Ok(session) = server::run_stream(config, stream, visitor).await {
                        let _ = session.await;
                    }
                    seen.ended.send_modify(|n| *n += 1);
                });
            }
        });
        Self { address, seen }
    }

    /// What `pictl` would need to log in with `credentials`, this host's `keys` recorded.
    pub(crate) fn spec(&self, keys: &[&PrivateKey], credentials: Vec<Credential>) -> ConnectSpec {
        ConnectSpec {
            address: self.address,
            user: "pi".into(),
            known: Arc::new(known(self.address, keys)),
            credentials,
            limits: limits(),
            via: None,
        }
    }
}

/// Records of `keys` for `address`.
pub(crate) fn known(address: SocketAddr, keys: &[&PrivateKey]) -> KnownHosts {
    let lines: Vec<_> = keys.iter().map(|key| format!("[{}]:{} {}", address.ip(), address.port(), line(key))).collect();
    let (known, problems) = KnownHosts::parse(&lines.join("\n"));
    assert!(problems.is_empty());
    known
}

/// Limits that no test reaches unless it sets a shorter one itself.
pub(crate) fn limits() -> Limits {
    let long = pictl_tests::limit(LIMIT);
    Limits { connect: long, handshake: long, login: long, keepalive: long }
}

/// The public line of a key without its comment.
pub(crate) fn line(key: &PrivateKey) -> String {
    let text = key.public_key().to_openssh().unwrap();
    text.split_ascii_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

pub(crate) fn host_key(key: &PrivateKey) -> HostKey {
    let line = line(key);
    let (algorithm, base64) = line.split_once(' ').unwrap();
    HostKey { algorithm: algorithm.into(), base64: base64.into() }
}

pub(crate) fn ed25519() -> PrivateKey {
    PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519).unwrap()
}

pub(crate) fn p256() -> PrivateKey {
    let curve = russh::keys::EcdsaCurve::NistP256;
    PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ecdsa { curve }).unwrap()
}

pub(crate) fn password(text: &str) -> Credential {
    Credential::Password(Secret::new(text.into()))
}

pub(crate) fn command(line: &str) -> RemoteCommand {
    RemoteCommand {
        line: line.into(),
        script: false,
        stdin: Vec::new().into(),
        limit: Some(pictl_tests::limit(LIMIT)),
        max_output: 1 << 20,
    }
}

/// One connection.
struct Visitor {
    door: Arc<Door>,
    seen: Arc<Seen>,
    inputs: HashMap<ChannelId, mpsc::UnboundedSender<Vec<u8>>>,
    asked: usize,
}

impl Visitor {
    fn tried(&self, how: &'static str) {
        self.seen.requests.fetch_add(1, Ordering::SeqCst);
        self.seen.tries.lock().unwrap().push(how);
    }
}

fn verdict(good: bool) -> Auth {
    if good { Auth::Accept } else { Auth::reject() }
}

impl server::Handler for Visitor {
    type Error = russh::Error;

    async fn auth_none(&mut self, _: &str) -> Result<Auth, Self::Error> {
        self.seen.requests.fetch_add(1, Ordering::SeqCst);
        Ok(Auth::reject())
    }

    async fn auth_password(&mut self, _: &str, password: &str) -> Result<Auth, Self::Error> {
        self.tried("password");
        Ok(verdict(self.door.password == Some(password)))
    }

    async fn auth_publickey_offered(
        &mut self,
        _: &str,
        offer: server::PublicKeyOffer<'_>,
    ) -> Result<Auth, Self::Error> {
        self.tried("key");
        let good = self.door.authorized.lock().unwrap().iter().any(|k| k.key_data() == offer.public_key.key_data());
        Ok(verdict(good))
    }

    async fn auth_publickey(&mut self, _: &str, _: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        Ok(Auth::Accept)
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let Some(mut response) = response else {
            self.tried("keyboard-interactive");
            self.asked = 1;
            return Ok(questions("", &["Password: "]));
        };
        let answer = response.next().map(|bytes| bytes.to_vec());
        if self.asked == 1 && answer.as_deref() != self.door.password.map(str::as_bytes) {
            return Ok(Auth::reject());
        }
        let round = self.door.asks_more.get(self.asked - 1);
        self.asked += 1;
        Ok(round.map_or(Auth::Accept, |(message, prompts)| questions(message, prompts)))
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        self.seen.open.send_modify(|open| {
            open.insert(channel.id());
        });
        self.seen.most_open.fetch_max(self.seen.open.borrow().len(), Ordering::SeqCst);
        reply.accept().await;
        Ok(())
    }

    async fn channel_close(&mut self, channel: ChannelId, _: &mut Session) -> Result<(), Self::Error> {
        self.inputs.remove(&channel);
        self.seen.open.send_modify(|open| {
            open.remove(&channel);
        });
        Ok(())
    }

    async fn channel_eof(&mut self, channel: ChannelId, _: &mut Session) -> Result<(), Self::Error> {
        self.inputs.remove(&channel);
        Ok(())
    }

    async fn data(&mut self, channel: ChannelId, data: &[u8], _: &mut Session) -> Result<(), Self::Error> {
        if let Some(input) = self.inputs.get(&channel) {
            let _ = input.send(data.to_vec());
        }
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        line: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let line = String::from_utf8(line.to_vec()).unwrap();
        match line.as_str() {
            "refuse" => return session.channel_failure(channel),
            "vanish" => return Err(russh::Error::Disconnect),
            "bye" => {
                return session.disconnect(Disconnect::ByApplication, "going \x1b[31mdown", "");
            }
            _ => session.channel_success(channel)?,
        }
        let (sender, input) = mpsc::unbounded_channel();
        self.inputs.insert(channel, sender);
        tokio::spawn(play(line, channel, session.handle(), input, Arc::clone(&self.seen)));
        Ok(())
    }
}

fn questions(message: &'static str, prompts: &[&'static str]) -> Auth {
    let prompts: Vec<_> = prompts.iter().map(|text| ((*text).into(), false)).collect();
    Auth::Partial { name: "".into(), instructions: message.into(), prompts: prompts.into() }
}

/// The commands that this host knows.
async fn play(
    line: String,
    channel: ChannelId,
    handle: Handle,
    mut input: mpsc::UnboundedReceiver<Vec<u8>>,
    seen: Arc<Seen>,
) {
    let (name, rest) = line.split_once(' ').unwrap_or((&line, ""));
    let mut status = Some(0);
    match name {
        "echo" => drop(handle.data(channel, rest.as_bytes().to_vec()).await),
        "both" => {
            let _ = handle.data(channel, b"to out".to_vec()).await;
            let _ = handle.extended_data(channel, 1, b"to err".to_vec()).await;
        }
        "cat" => {
            while let Some(data) = input.recv().await {
                let _ = handle.data(channel, data).await;
            }
        }
        "exit" => status = rest.parse().ok(),
        "signal" => {
            status = None;
            let _ = handle.exit_signal_request(channel, Sig::TERM, false, String::new(), String::new()).await;
        }
        // The exit status first, then output, as OpenSSH may do.
        "late" => {
            let _ = handle.exit_status_request(channel, 3).await;
            let _ = handle.eof(channel).await;
            let _ = handle.data(channel, b"late".to_vec()).await;
            status = None;
        }
        "burst" => {
            let mut left: usize = rest.parse().unwrap();
            while left > 0 {
                let size = left.min(32 << 10);
                if handle.data(channel, vec![b'x'; size]).await.is_err() {
                    return;
                }
                seen.sent.send_modify(|n| *n += size);
                left -= size;
            }
        }
        // Until the client is gone.
        "hang" => {
            while input.recv().await.is_some() {}
            std::future::pending::<()>().await;
        }
        other => panic!("the test host does not know {other:?}"),
    }
    if let Some(status) = status {
        let _ = handle.exit_status_request(channel, status).await;
    }
    let _ = handle.eof(channel).await;
    seen.open.send_modify(|open| {
        open.remove(&channel);
    });
    let _ = handle.close(channel).await;
}

/// A process that ends with the test.
pub(crate) struct Ends(pub(crate) std::process::Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Fails the test when `event` does not come.
pub(crate) async fn soon<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(pictl_tests::limit(LIMIT), event).await.expect("the event should have come")
}
