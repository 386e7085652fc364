//! What the engine needs from the world, as traits: finding hosts, and running commands on them.
//!
//! `pictl-net` implements them with sockets; tests implement them with scripts. Every future may be dropped at any
//! point without leaving a socket, a task or a remote channel behind.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use pictl_formats::known_hosts::KnownHosts;
use pictl_formats::ssh_config::{Problem, SshConfig};
use pictl_model::link::{LinkFailure, LoginMethod};
use pictl_model::node::Sighting;
use pictl_model::request::ScanRequest;
use pictl_model::trust::{Fingerprint, HostKey, Trust};
use pictl_model::{MacAddr, NodeId, Secret};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

/// Finds hosts.
pub trait Discover: Send + Sync + 'static {
    /// Searches for hosts until every target was asked or `cancel` fires, and reports what it finds at once. The first
    /// news is always [`ScanNews::Started`]. A host may be reported several times, each time with more known about it.
    fn scan(
        &self,
        request: ScanRequest,
        news: mpsc::UnboundedSender<ScanNews>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Result<ScanEnd, ScanError>>;
}

/// What a scan reports while it goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum ScanNews {
    /// It begins.
    Started {
        /// What is scanned, for people.
        targets: String,
        /// How, for people (`ARP on eth0`, `TCP connect, no root`).
        method: String,
        /// How many addresses.
        addresses: u64,
    },
    /// Something that it leaves out or could not do, as soon as that is known; [`ScanEnd::problems`] has all of them again.
    Problem(String),
    /// It got further.
    Progress {
        /// Addresses asked so far.
        asked: u64,
        /// Hosts found so far.
        found: u64,
    },
    /// A host, or more of one.
    Host(Sighting),
}

/// How a scan ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanEnd {
    /// What could not be done, one sentence each.
    pub problems: Vec<String>,
    /// Addresses at which somebody was expected, that were asked patiently to the end, and where nobody answered. Empty when the
    /// scan was cancelled.
    pub silent: Vec<IpAddr>,
}

/// Why a scan could not be made at all.
#[derive(Debug, Error)]
pub enum ScanError {
    /// A target or an interface that makes no sense: bad usage.
    #[error("cannot scan {target}: {why}; {hint}")]
    Target {
        /// What was asked for (cleaned).
        target: String,
        /// What is wrong with it.
        why: String,
        /// What to do.
        hint: String,
    },
    /// This user may not.
    #[error("not allowed to scan by {method}: {hint}")]
    NotAllowed {
        /// Which method.
        method: String,
        /// What to do.
        hint: String,
    },
    /// The system of this computer refused every question.
    #[error("none of the {count} addresses could be asked, because this computer refused: {why}")]
    NothingAsked {
        /// How many were to be asked.
        count: u64,
        /// What the system said.
        why: String,
    },
    /// The system refused.
    #[error("cannot scan: {operation}: {source}")]
    Io {
        /// What was tried.
        operation: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Time limits of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the TCP connection.
    pub connect: Duration,
    /// For the key exchange.
    pub handshake: Duration,
    /// For all of authentication.
    pub login: Duration,
    /// Between two keep-alive requests; after three without an answer the connection counts as lost.
    pub keepalive: Duration,
}

impl Default for Limits {
    /// Fit for a LAN with busy Pis: a lost node is noticed 12 s after its last sign of life.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            handshake: Duration::from_secs(10),
            login: Duration::from_secs(20),
            keepalive: Duration::from_secs(3),
        }
    }
}

/// How often a command that is attended gets a byte. It ends after a minute without one.
pub const BEAT: Duration = Duration::from_secs(5);
/// How long such a command may take to end once it is asked to: it kills what has not ended after 2 s.
pub const ENDING: Duration = Duration::from_secs(10);

/// Something to log in with.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A private key file without a passphrase, or with this one.
    Key {
        /// The private key file.
        path: PathBuf,
        /// Its passphrase.
        passphrase: Option<Secret>,
    },
    /// The keys of the agent at `SSH_AUTH_SOCK` (at most three are offered), or only this one of them.
    Agent {
        /// The public half of the key wanted, as a line.
        only: Option<String>,
    },
    /// A password, also for keyboard-interactive logins that ask one hidden question.
    Password(Secret),
}

/// What a login needs.
#[derive(Clone, Debug)]
pub struct ConnectSpec {
    /// Where.
    pub address: SocketAddr,
    /// As whom.
    pub user: String,
    /// The host keys that are trusted. Another key is reported, and nothing is sent.
    pub known: Arc<KnownHosts>,
    /// What to try, in this order. A server allows about six tries, and punishes failed ones.
    pub credentials: Vec<Credential>,
    /// How long to wait.
    pub limits: Limits,
    /// The connected host through which the connection goes; none: straight from here.
    pub via: Option<NodeId>,
}

/// Why there is no session.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// Nothing answers there, or the connection is refused.
    #[error("cannot reach {address}: {why}")]
    Unreachable {
        /// What kind of failure it is.
        kind: LinkFailure,
        /// Where.
        address: SocketAddr,
        /// What the system or the limit said.
        why: String,
        /// What to do.
        hint: String,
    },
    /// The host key is not the recorded one, or none is recorded. Nothing was sent to the host.
    #[error("host key of {address} is {trust:?}: {fingerprint}")]
    HostKey {
        /// Where.
        address: SocketAddr,
        /// What the records say.
        trust: Trust,
        /// What was offered.
        key: HostKey,
        /// Its fingerprint.
        fingerprint: Fingerprint,
        /// The network interface that answered there, where another key is on record and the interface is known.
        mac: Option<MacAddr>,
    },
    /// Every credential was refused.
    #[error("{user}@{address} was refused with {tried}")]
    Refused {
        /// Where.
        address: SocketAddr,
        /// As whom.
        user: String,
        /// What was tried, in words (`key ~/.ssh/id_ed25519, password`).
        tried: String,
        /// The server would take a password.
        password_possible: bool,
        /// The key used or a password was refused although one was given.
        password_refused: bool,
        /// The server asked something that pictl does not answer.
        unanswered: Option<Unanswered>,
    },
    /// The host would take this key, and its passphrase is not known. Nothing was tried that counts as a failed login.
    #[error("{address} takes the key {path}, which needs its passphrase")]
    Passphrase {
        /// Where.
        address: SocketAddr,
        /// The key's file.
        path: PathBuf,
        /// One was given, and did not open it.
        wrong: bool,
    },
    /// A private key file cannot be used.
    #[error("cannot use key {path}: {why}")]
    Key {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// What the host says is not SSH as it should be.
    #[error("{address} does not speak SSH as expected: {why}")]
    Protocol {
        /// Where.
        address: SocketAddr,
        /// What went wrong.
        why: String,
    },
}

/// A question of a server at a login that only a person can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// The question, cleaned.
    pub question: String,
    /// It is about a new password, because the present one has expired; otherwise about a second factor.
    pub new_password: bool,
}

impl Unanswered {
    /// What to do, for the login of `user`.
    pub fn hint(&self, user: &str) -> String {
        if self.new_password {
            return format!("log in to the node as {user} by ssh once, and choose a new password");
        }
        format!(
            "sshd there asks for a second factor, which a program cannot know: put your public key on the node (ssh-copy-id), let {user} \
             in by key alone (`Match User {user}` and below it `AuthenticationMethods publickey` at the end of \
             /etc/ssh/sshd_config there), and reload ssh; or log in as another user"
        )
    }
}

impl ConnectError {
    /// What kind of failure it is.
    pub fn kind(&self) -> LinkFailure {
        match self {
            Self::Unreachable { kind, .. } => *kind,
            Self::HostKey { trust: Trust::Revoked, .. } => LinkFailure::HostKeyRevoked,
            Self::HostKey { trust: Trust::Unknown | Trust::Known, .. } => LinkFailure::HostKeyNotTrusted,
            Self::HostKey { trust: Trust::Changed | Trust::OtherAlgorithm, .. } => LinkFailure::HostKeyChanged,
            Self::Refused { password_refused: true, .. } => LinkFailure::WrongPassword,
            Self::Refused { .. } => LinkFailure::PermissionDenied,
            Self::Passphrase { .. } => LinkFailure::Passphrase,
            Self::Key { .. } => LinkFailure::KeyUnusable,
            Self::Protocol { .. } => LinkFailure::NotSsh,
        }
    }
}

/// Why a connection that stood is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What kind of failure it is.
    pub kind: LinkFailure,
    /// The same in words.
    pub why: String,
}

impl Loss {
    /// A loss of this kind, with these words.
    pub fn new(kind: LinkFailure, why: impl Into<String>) -> Self {
        Self { kind, why: why.into() }
    }

    /// This side closed it.
    pub fn closed() -> Self {
        Self::new(LinkFailure::Closed, "closed")
    }
}

/// Why a host name has no address. The name itself is not part of the message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ResolveError {
    /// The resolver did not answer in time.
    #[error("looking it up timed out after {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The resolver knows the name, and no address for it.
    #[error("it has no address")]
    NoAddress,
    /// The resolver does not know the name, or failed; in its own words.
    #[error("{0}")]
    Failed(String),
}

/// Logs in.
pub trait Connect: Send + Sync + 'static {
    /// One login: connect, compare the host key, authenticate. The port limits how many logins go on at once. With `via`
    /// the connection goes through that session's host.
    fn connect(
        &self,
        spec: ConnectSpec,
        via: Option<Arc<dyn Session>>,
    ) -> BoxFuture<'static, Result<Arc<dyn Session>, ConnectError>>;

    /// The address of a host that others are reached through, as this machine's resolver gives it; or why there is none.
    fn resolve(&self, name: String) -> BoxFuture<'static, Result<IpAddr, ResolveError>> {
        let why = format!("no address is known for {name}");
        Box::pin(std::future::ready(Err(ResolveError::Failed(why))))
    }

    /// The operator's own machine, for runs whose launcher is there; none where nothing is to be started on it.
    fn operator(&self) -> Option<Arc<dyn Session>> {
        None
    }
}

/// A command for a node.
#[derive(Clone, Debug)]
pub struct RemoteCommand {
    /// The command line.
    pub line: String,
    /// `line` is for a POSIX shell, whatever the login shell is. What the login shell prints before it is not output, and
    /// standard input is sent when it has begun.
    pub script: bool,
    /// What it gets on standard input, which is closed afterwards. May hold a password: wiped.
    pub stdin: Zeroizing<Vec<u8>>,
    /// Limit for the whole command; `None` only for commands that live as long as they are read.
    pub limit: Option<Duration>,
    /// Most bytes stored of each of its two streams by [`Session::run`]; the rest is read, counted and dropped.
    pub max_output: usize,
}

/// The output and the end of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Its exit status; `None` when a signal ended it, or the host did not report it.
    pub status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<String>,
    /// Its standard output.
    pub out: Vec<u8>,
    /// Its standard error.
    pub err: Vec<u8>,
    /// There was more output than is stored.
    pub truncated: bool,
}

/// A piece of a command's output, as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// From standard output.
    Out(Vec<u8>),
    /// From standard error.
    Err(Vec<u8>),
}

/// Why a command has no result.
#[derive(Debug, Error)]
pub enum ExecError {
    /// The connection broke.
    #[error("connection lost: {0}")]
    Lost(String),
    /// It did not end in time; its channel was closed, and with it the command's standard streams.
    #[error("timed out after {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// It was stopped on request, and has ended with all that it started.
    #[error("stopped")]
    Stopped,
    /// It was to end (for this reason), and the host did not report that it did.
    #[error("{0}; the node did not report that it ended there")]
    Unconfirmed(String),
    /// The host opens no more channels on this connection.
    #[error("sshd on the node opens no session ({why}) besides the {} that {} open on this connection", others, if *others == 1 { "is" } else { "are" })]
    NoChannel {
        /// What the host said.
        why: String,
        /// How many commands are running on this connection.
        others: usize,
    },
    /// The login shell ended, or waited until the limit, and never began with it.
    #[error("{}", not_begun(.0))]
    NotBegun(NotBegun),
    /// The host would not start it.
    #[error("the host refused to start the command: {0}")]
    Denied(String),
    /// The host made no connection to another one.
    #[error("{why}")]
    NotForwarded {
        /// What kind of failure it is.
        kind: LinkFailure,
        /// The same in words.
        why: String,
    },
}

/// How a login shell ended that did not begin with a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotBegun {
    /// What it printed instead, cleaned.
    pub printed: String,
    /// Its exit status.
    pub status: Option<i32>,
    /// It did not end, but waited for so long.
    pub waited: Option<Duration>,
}

fn not_begun(shell: &NotBegun) -> String {
    let how = match (shell.waited, shell.status) {
        (Some(waited), _) => format!("waited for {} s", waited.as_secs_f64()),
        (None, Some(status)) => format!("ended with exit status {status}"),
        (None, None) => "ended".to_owned(),
    };
    let printed = match shell.printed.as_str() {
        "" => "printed nothing".to_owned(),
        printed => format!("printed: {printed}"),
    };
    format!("the login shell {how} and did not start pictl's script; it {printed}")
}

/// A byte stream to somewhere behind a host.
pub trait Tunnel: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Tunnel for T {}

/// One connection to one node, used by everything that goes there.
pub trait Session: Send + Sync + 'static {
    /// The host key that was compared.
    fn host_key(&self) -> HostKey;

    /// How the login was made.
    fn logged_in_by(&self) -> LoginMethod;

    /// Runs a command to its end.
    fn run(&self, command: RemoteCommand) -> BoxFuture<'static, Result<Output, ExecError>>;

    /// Runs a command and sends its output to `chunks` as it comes; `out` and `err` of the result are empty. When the receiver
    /// is dropped, the channel is closed, which ends a command that notices that nobody reads it.
    fn stream(
        &self,
        command: RemoteCommand,
        chunks: mpsc::Sender<Chunk>,
    ) -> BoxFuture<'static, Result<Output, ExecError>>;

    /// As [`Session::stream`], for a command that ends, with all that it started, when its standard input does: the script
    /// `exec`. A byte goes there every [`BEAT`]. Standard input ends at the command's limit, when `stop` fires and when the
    /// connection breaks. The command has [`ENDING`] to end after that.
    fn attend(
        &self,
        command: RemoteCommand,
        chunks: mpsc::Sender<Chunk>,
        stop: CancellationToken,
    ) -> BoxFuture<'static, Result<Output, ExecError>> {
        let ended = self.stream(command, chunks);
        Box::pin(async move {
            tokio::select! {
                ended = ended => ended,
                () = stop.cancelled() => Err(ExecError::Stopped),
            }
        })
    }

    /// A TCP connection from that host to `address`, for logins on hosts behind it.
    fn tunnel(&self, _address: SocketAddr) -> BoxFuture<'static, Result<Box<dyn Tunnel>, ExecError>> {
        let why = "this connection cannot carry others".to_owned();
        Box::pin(std::future::ready(Err(ExecError::NotForwarded { kind: LinkFailure::NotForwarded, why })))
    }

    /// Resolves with the reason once the connection is gone, however that came.
    fn lost(&self) -> BoxFuture<'static, Loss>;

    /// Closes the connection properly.
    fn close(&self) -> BoxFuture<'static, ()>;
}

/// The configuration of OpenSSH's client on the operator's machine.
#[derive(Clone, Debug, Default)]
pub struct OperatorSsh {
    /// Its configuration, `~/.ssh/config` and what that includes.
    pub config: SshConfig,
    /// Lines of it that are not followed.
    pub problems: Vec<Problem>,
    /// The operator's home folder.
    pub home: String,
    /// The operator's login name: the default user on jump hosts.
    pub user: String,
}

/// Where the private half of the operator's key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In this file.
    File(PathBuf),
    /// In the agent at `SSH_AUTH_SOCK`.
    Agent,
}

/// The operator's own key pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorKey {
    /// Where its private half is.
    pub source: KeySource,
    /// The public half as a line of `authorized_keys`.
    pub public: String,
    /// The file opens by a passphrase only.
    pub locked: bool,
}

impl OperatorKey {
    /// The private key's file, where it is not the agent's.
    pub fn path(&self) -> Option<&Path> {
        match &self.source {
            KeySource::File(path) => Some(path),
            KeySource::Agent => None,
        }
    }

    /// How to log in with this key and no other; `passphrase` opens its file.
    pub fn credential(&self, passphrase: Option<Secret>) -> Credential {
        match &self.source {
            KeySource::File(path) => Credential::Key { path: path.clone(), passphrase },
            KeySource::Agent => Credential::Agent { only: Some(self.public.clone()) },
        }
    }
}

/// Finds and makes the operator's key pair.
pub trait OperatorKeys: Send + Sync + 'static {
    /// The key pair to use: the identity asked for; else `~/.ssh/pictl_ed25519`, which pictl made for this; else the first
    /// of `id_ed25519`, `id_ecdsa` and `id_rsa` there that opens without a passphrase; else the agent's first; else the
    /// first of them that opens with one. `None` when there is none yet.
    fn find(&self, identity: Option<PathBuf>) -> BoxFuture<'static, Result<Option<OperatorKey>, ConnectError>>;

    /// As [`OperatorKeys::find`], making `~/.ssh/pictl_ed25519` when there is none that opens without a passphrase.
    fn ensure(&self, identity: Option<PathBuf>) -> BoxFuture<'static, Result<OperatorKey, ConnectError>>;

    /// Makes a new key pair beside the present ones, `~/.ssh/pictl_ed25519.new`, or gives the one that an earlier rotation
    /// made and did not bring to its end.
    fn renew(&self) -> BoxFuture<'static, Result<OperatorKey, ConnectError>>;

    /// The new key pair of a rotation that was not brought to its end, where there is one: some nodes may have it only.
    fn pending(&self) -> BoxFuture<'static, Option<OperatorKey>> {
        Box::pin(std::future::ready(None))
    }

    /// Moves the new key pair to `~/.ssh/pictl_ed25519`; the old one becomes `pictl_ed25519.old`. Returns the new one with its
    /// new path.
    fn settle(&self) -> BoxFuture<'static, Result<OperatorKey, ConnectError>>;
}
