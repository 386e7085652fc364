//! What steps order, what comes back, and what is learnt from it.

use std::fmt;
use std::time::Duration;

use pictl_formats::facts::{FileKind, FileState, NodeReading};
use pictl_model::NodeId;
use pictl_model::event::PairProblem;
use pictl_model::trust::HostKey;

use super::plan::KeyPlan;
use crate::ports::{ConnectError, Output};
use crate::remote::{self, PutFile, RemoteError, SHORT};
use crate::script::Script;
use crate::smoke::SmokePlan;

/// Write permission for others than the owner: sshd does not trust what others may have written.
pub(super) const OTHERS_WRITE: u32 = 0o022;

/// One thing to do on a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Write a file.
    Put(PutFile),
    /// Run a script.
    Run(ScriptRun),
    /// Read the node again: everything, or only these parts of the facts.
    Read(&'static [&'static str]),
    /// Log in once more, beside the connection that is there.
    ProveLogin(LoginProof),
    /// Start MPI on all nodes.
    Launch(SmokePlan),
}

impl Action {
    /// It needs root.
    pub fn needs_root(&self) -> bool {
        match self {
            Self::Put(file) => file.root,
            Self::Run(run) => run.root,
            Self::Read(_) | Self::ProveLogin(_) | Self::Launch(_) => false,
        }
    }

    /// It needs the operator's private key, opened.
    pub fn needs_key(&self) -> bool {
        matches!(self, Self::ProveLogin(LoginProof::ByKey { .. }))
    }
}

/// A script to run on a node, and what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptRun {
    /// Which.
    pub script: Script,
    /// Its arguments.
    pub args: Vec<String>,
    /// Other nodes that it works with; each is one more argument.
    pub peers: Vec<Peer>,
    /// As root; otherwise as the login user.
    pub root: bool,
    /// Longest time that it may take.
    pub limit: Duration,
    /// Its lines are wanted as they come.
    pub follow: bool,
    /// Takes it back where it fails, or where the logins that are tried right after it fail.
    pub undo: Option<Undo>,
}

impl ScriptRun {
    /// A run as the login user, for scripts that take a moment.
    pub fn new(script: Script, args: &[&str]) -> Self {
        let args = args.iter().map(|&arg| arg.to_owned()).collect();
        Self { script, args, peers: Vec::new(), root: false, limit: SHORT, follow: false, undo: None }
    }

    /// The same as root.
    #[must_use]
    pub fn as_root(self) -> Self {
        Self { root: true, ..self }
    }

    /// The script's arguments, those of its peers last.
    pub fn arguments(&self) -> Vec<String> {
        self.args.iter().cloned().chain(self.peers.iter().map(Peer::argument)).collect()
    }
}

/// How a script's work is taken back: by the same script with other arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    /// The arguments.
    pub args: Vec<String>,
    /// What is added to the message of the failure when this worked.
    pub said: &'static str,
}

/// A node that another one logs in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Which.
    pub node: NodeId,
    /// What it is called.
    pub name: String,
    /// As whom.
    pub user: String,
    /// By which name or address.
    pub host: String,
    /// On which port.
    pub port: u16,
    /// What leads its name elsewhere, where something does: the reason that counts when the login fails, or ends at another
    /// host.
    pub misled: Option<PairProblem>,
}

impl Peer {
    /// As `ssh` wants it.
    pub fn argument(&self) -> String {
        let Self { user, host, port, .. } = self;
        match port {
            22 => format!("{user}@{host}"),
            _ if host.contains(':') => format!("ssh://{user}@[{host}]:{port}"),
            _ => format!("ssh://{user}@{host}:{port}"),
        }
    }
}

/// What one more login is to prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginProof {
    /// The operator's key alone opens it.
    ByKey {
        /// What may be at fault when it does not, where something is known.
        doubt: Option<String>,
    },
    /// Nothing is offered: sshd must refuse, and must not ask for a password.
    Refused,
    /// The host shows one of these keys. Whether it lets in is another matter.
    HostKey(Vec<HostKey>),
}

/// News of a step at work.
#[derive(Clone, Debug, PartialEq)]
pub enum StepNews {
    /// A line to show.
    Line(String),
    /// The node tried to log in to another one.
    Pair {
        /// To which.
        to: NodeId,
        /// Why it could not.
        problem: Option<PairProblem>,
    },
}

/// What came back of an action that was carried out.
#[derive(Debug)]
pub enum Reply {
    /// The file holds this now, as read back.
    Written(PutFile),
    /// The script ended well, and this is what it printed.
    Ran(Output),
    /// The node was read again.
    Read(Box<NodeReading>),
    /// The host key that the login was shown, or how it failed; nothing where there is no key to log in with.
    Login(Option<Result<HostKey, ConnectError>>),
    /// All ranks answered: what there is to say about it.
    Launched(String),
}

/// A reply with all that a step needs to read it.
pub struct Replied<'a> {
    /// Everything that was ordered.
    pub actions: &'a [Action],
    /// Which of these this is the reply to.
    pub at: usize,
    /// The reply.
    pub reply: Reply,
    /// Takes news for the screen.
    pub news: &'a mut dyn FnMut(StepNews),
}

impl Replied<'_> {
    /// What was ordered.
    pub fn action(&self) -> Option<&Action> {
        self.actions.get(self.at)
    }

    /// The script that was run.
    pub fn run(&self) -> Option<&ScriptRun> {
        match self.action() {
            Some(Action::Run(run)) => Some(run),
            _ => None,
        }
    }

    /// What the script printed.
    pub fn output(&self) -> Result<&Output, RemoteError> {
        match &self.reply {
            Reply::Ran(output) => Ok(output),
            _ => Err(unexpected()),
        }
    }

    /// What the script printed after `key`, on the first such line.
    pub fn answer(&self, key: &str) -> Result<String, RemoteError> {
        remote::answer(self.output()?, key)
    }

    /// The same on every such line.
    pub fn answers(&self, key: &str) -> Result<Vec<String>, RemoteError> {
        Ok(remote::answers(self.output()?, key))
    }
}

/// A reply that the step did not order.
pub(super) fn unexpected() -> RemoteError {
    RemoteError::new("this reply was not expected", "run the setup again")
}

/// What an action found to be true, and what is to be learnt from it.
#[must_use]
pub struct Outcome {
    /// What to say about it.
    pub said: Option<String>,
    /// It changed nothing.
    pub proof: bool,
    /// Takes it into what is known.
    pub learn: Option<Learn>,
}

/// Takes what an action found into what is known.
pub type Learn = Box<dyn FnOnce(&mut Memory<'_>) + Send>;

impl Outcome {
    /// Something was changed, and this is known now.
    pub fn learnt(learn: impl FnOnce(&mut Memory<'_>) + Send + 'static) -> Self {
        Self { said: None, proof: false, learn: Some(Box::new(learn)) }
    }

    /// Something was done that nothing is to be learnt from.
    pub fn done() -> Self {
        Self { said: None, proof: false, learn: None }
    }

    /// Something was proved, and nothing was changed.
    pub fn proved(said: impl Into<String>) -> Self {
        Self { said: Some(said.into()), proof: true, learn: None }
    }

    /// The same, and this is to be said.
    pub fn saying(self, said: impl Into<String>) -> Self {
        Self { said: Some(said.into()), ..self }
    }

    /// A file was written.
    pub fn written(file: PutFile) -> Self {
        Self::learnt(move |memory| {
            let Some(kind) = file.kind else { return };
            if matches!(kind, FileKind::AuthorizedKeys | FileKind::KnownHosts) {
                // `put-file` closes the folder to others.
                memory.reading.ssh_mode = memory.reading.ssh_mode.map(|mode| mode & !OTHERS_WRITE);
            }
            memory.file(kind, file.mode, file.content);
        })
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome").field("said", &self.said).field("proof", &self.proof).finish_non_exhaustive()
    }
}

/// What is known of a node in the middle of a setup, to be kept true to what its actions found.
pub struct Memory<'a> {
    /// Which node.
    pub node: &'a NodeId,
    /// What was read of it.
    pub reading: &'a mut NodeReading,
    /// How far work on keys is.
    pub keys: &'a mut KeyPlan,
    /// Host keys that the operator is to trust.
    pub trust: Option<Trusted>,
}

/// Host keys that the operator is to trust from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trusted {
    /// Besides those that are trusted: the node is about to use them.
    Also(Vec<HostKey>),
    /// No others any more.
    Only(Vec<HostKey>),
}

impl Memory<'_> {
    /// `kind` holds `content` now.
    pub fn file(&mut self, kind: FileKind, mode: u32, content: Vec<u8>) {
        let path = self.path(kind);
        self.reading.files.insert(kind, FileState::There { path, mode, content });
    }

    /// `kind` is not there any more.
    pub fn no_file(&mut self, kind: FileKind) {
        let path = self.path(kind);
        self.reading.files.insert(kind, FileState::Missing { path });
    }

    fn path(&self, kind: FileKind) -> String {
        self.reading.files.get(&kind).map_or_else(String::new, |old| old.path().to_owned())
    }
}
