//! Running commands on a node, and streams through it.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::BoxFuture;
use pictl_model::link::{LinkFailure, LoginMethod};
use pictl_model::trust::HostKey;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::login::Loss;

/// How often a command that is attended gets a byte. It ends after a minute without one.
pub const BEAT: Duration = Duration::from_secs(5);
/// How long such a command may take to end once it is asked to: it kills what has not ended after 2 s.
pub const ENDING: Duration = Duration::from_secs(10);

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
