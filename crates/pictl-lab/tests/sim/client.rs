//! An SSH client for the tests: russh, as plain as can be.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use pictl_formats::{hash::sha256_hex, shell};
use pictl_lab::sim::{self, Sim, SimSpec};
use russh::client::{Config, Handle, Handler, Msg};
use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg, PublicKey, PublicKeyOrCertificate};
use russh::{Channel, ChannelMsg};

/// A simulation on a port of its own, with quick refusals.
pub(crate) async fn up(spec: SimSpec) -> Sim {
    // A test that names a port means it.
    let port = if spec.port == SimSpec::default().port { 0 } else { spec.port };
    sim::start(SimSpec { port, fast_auth: true, ..spec }).await.unwrap()
}

/// A key pair of the operator.
pub(crate) fn key(seed: u8) -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]))
}

/// The text of a script, as pictl carries it.
pub(crate) fn script_text(name: &str) -> String {
    let path = format!("{}/../../assets/remote/{name}.sh", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// A script's command line, as `docs/design/remote.md` has it.
pub(crate) fn line(before: &str, name: &str, args: &[&str]) -> String {
    let mut command = vec!["sh".to_owned(), "-c".into(), script_text(name), format!("pictl-{name}")];
    command.extend(args.iter().map(|arg| (*arg).to_owned()));
    format!("{before}{}", shell::join(&command))
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) status: Option<u32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Option<PublicKey>>>);

impl Handler for Seen {
    type Error = russh::Error;
    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        if let PublicKeyOrCertificate::PublicKey { key, .. } = key {
            *self.0.lock().unwrap() = Some(key.clone());
        }
        Ok(true)
    }
}

pub(crate) struct Client {
    handle: tokio::sync::Mutex<Handle<Seen>>,
    seen: Seen,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let seen = Seen::default();
        let config = Config { nodelay: true, ..Config::default() };
        let handle = russh::client::connect(Arc::new(config), address, seen.clone()).await.unwrap();
        Self { handle: tokio::sync::Mutex::new(handle), seen }
    }

    /// Connected to what one node calls `host`, through that node; `None` when it does not connect there.
    pub(crate) async fn through(&self, host: &str, port: u32) -> Option<Self> {
        let tunnel = self.handle.lock().await.channel_open_direct_tcpip(host, port, "127.0.0.1", 0).await.ok()?;
        let seen = Seen::default();
        let handle = russh::client::connect_stream(Arc::default(), tunnel.into_stream(), seen.clone()).await.ok()?;
        Some(Self { handle: tokio::sync::Mutex::new(handle), seen })
    }

    /// Whether a connection comes so far that the node shows its host key.
    pub(crate) async fn reaches(address: SocketAddr) -> bool {
        russh::client::connect(Arc::default(), address, Seen::default()).await.is_ok()
    }

    /// Logged in on a node by password.
    pub(crate) async fn pi(sim: &Sim, node: usize) -> Self {
        let client = Self::connect(sim.node(node).info().address).await;
        assert!(client.login("pi", "raspberry").await);
        client
    }

    pub(crate) async fn login(&self, user: &str, password: &str) -> bool {
        self.handle.lock().await.authenticate_password(user, password).await.unwrap().success()
    }

    pub(crate) async fn login_by_key(&self, user: &str, key: &PrivateKey) -> bool {
        let key = PrivateKeyWithHashAlg::new(Arc::new(key.clone()), None);
        self.handle.lock().await.authenticate_publickey(user, key).await.unwrap().success()
    }

    /// By answers to questions: their texts, and whether the password was right.
    pub(crate) async fn login_by_answer(&self, user: &str, password: &str) -> (Vec<String>, bool) {
        use russh::client::KeyboardInteractiveAuthResponse as Reply;
        let mut handle = self.handle.lock().await;
        match handle.authenticate_keyboard_interactive_start(user, None).await.unwrap() {
            Reply::InfoRequest { prompts, .. } => {
                let asked = prompts.into_iter().map(|prompt| prompt.prompt).collect();
                let answers = vec![password.to_owned()];
                let reply = handle.authenticate_keyboard_interactive_respond(answers).await.unwrap();
                (asked, matches!(reply, Reply::Success))
            }
            reply => (Vec::new(), matches!(reply, Reply::Success)),
        }
    }

    pub(crate) fn host_key(&self) -> PublicKey {
        self.seen.0.lock().unwrap().clone().unwrap()
    }

    /// Returns when the server has ended the connection.
    pub(crate) async fn ended(self) {
        let mut handle = self.handle.into_inner();
        let _ = (&mut handle).await;
    }

    pub(crate) async fn open(&self, line: &str) -> Stream {
        let channel = self.handle.lock().await.channel_open_session().await.unwrap();
        channel.exec(true, line).await.unwrap();
        Stream { channel, buffer: String::new(), all: Output::default() }
    }

    pub(crate) async fn run(&self, line: &str, stdin: &[u8]) -> Output {
        let stream = self.open(line).await;
        // A command that ended before it read everything is no error of the client.
        let _ = stream.channel.data_bytes(stdin.to_vec()).await;
        let _ = stream.channel.eof().await;
        stream.rest().await
    }

    pub(crate) async fn shell(&self) -> Output {
        let channel = self.handle.lock().await.channel_open_session().await.unwrap();
        channel.request_pty(true, "xterm", 80, 24, 0, 0, &[]).await.unwrap();
        channel.request_shell(true).await.unwrap();
        Stream { channel, buffer: String::new(), all: Output::default() }.rest().await
    }

    pub(crate) async fn script(&self, name: &str, args: &[&str], stdin: &[u8]) -> Output {
        self.script_line("", name, args, stdin).await
    }

    pub(crate) async fn script_line(&self, before: &str, name: &str, args: &[&str], stdin: &[u8]) -> Output {
        self.run(&line(before, name, args), stdin).await
    }

    /// `put-file` of this content.
    pub(crate) async fn put(&self, path: &str, mode: &str, content: &[u8], expect: &str, backup: &str) -> Output {
        let (size, hash) = (content.len().to_string(), sha256_hex(content));
        self.script("put-file", &[path, mode, &size, &hash, expect, backup], content).await
    }
}

/// A command that still runs.
pub(crate) struct Stream {
    channel: Channel<Msg>,
    buffer: String,
    all: Output,
}

impl Stream {
    async fn more(&mut self) -> bool {
        match self.channel.wait().await {
            Some(ChannelMsg::Data { data }) => {
                self.buffer.push_str(&String::from_utf8_lossy(&data));
                self.all.out.push_str(&String::from_utf8_lossy(&data));
            }
            Some(ChannelMsg::ExtendedData { data, .. }) => self.all.err.push_str(&String::from_utf8_lossy(&data)),
            Some(ChannelMsg::ExitStatus { exit_status }) => self.all.status = Some(exit_status),
            Some(_) => {}
            None => return false,
        }
        true
    }

    /// Reads on until this has come on standard output; gives everything since the last time.
    pub(crate) async fn wait_for(&mut self, what: &str) -> String {
        loop {
            if let Some(at) = self.buffer.find(what) {
                let rest = self.buffer.split_off(at + what.len());
                return std::mem::replace(&mut self.buffer, rest);
            }
            let end = self.buffer.len().saturating_sub(500);
            let last = self.buffer.get(end..).unwrap_or_default().to_owned();
            assert!(self.more().await, "ended without {what:?}: …{last}; {}", self.all.err);
        }
    }

    /// Everything, when it has ended.
    pub(crate) async fn rest(mut self) -> Output {
        while self.more().await {}
        self.all
    }

    /// Hangs up. russh does not report when the answer to that has come.
    pub(crate) async fn close(self) {
        self.channel.close().await.unwrap();
    }
}
