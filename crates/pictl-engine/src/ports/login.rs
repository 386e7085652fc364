//! Logging in: with what, within which limits, and why it failed.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::link::LinkFailure;
use pictl_model::trust::{Fingerprint, HostKey, Trust};
use pictl_model::{MacAddr, NodeId, Secret};
use thiserror::Error;

use super::command::Session;

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
