//! What steps have done on nodes: each action is one or two commands, and proves what it did before it says so.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pictl_formats::facts::{FileKind, NodeReading};
use pictl_formats::hash;
use pictl_model::node::{MpiFamily, MpiInstall};
use pictl_model::text::clean_bytes;
use pictl_model::{HostName, NodeId, Timestamp};
use thiserror::Error;
use tokio::sync::mpsc;

use crate::launch::Pin;
use crate::lines::Lines;
use crate::ports::{Chunk, Connect, ConnectSpec, ExecError, Output, RemoteCommand, Session};
use crate::script::{Rights, Script};

/// For scripts that only touch a few files.
const SHORT: Duration = Duration::from_secs(60);
/// For apt, which may wait minutes for another apt, on a slow card.
const INSTALL: Duration = Duration::from_secs(1800);

/// Bytes of an installation's errors that are looked at.
const MAX_ERR: usize = 64 << 10;

/// A file to be written on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutFile {
    /// Which of the known files it is, so that the reading can be kept up to date.
    pub kind: Option<FileKind>,
    /// Where, absolute or from `~/`.
    pub path: String,
    /// Its mode.
    pub mode: u32,
    /// What it shall hold.
    pub content: Vec<u8>,
    /// Hash of what must be there now (`-`: nothing); `None`: whatever is there.
    pub expect: Option<String>,
    /// Where the old content goes first, below the login's home; `None`: nowhere.
    pub backup: Option<String>,
    /// With root's rights.
    pub root: bool,
}

/// The smoke test: one rank a node.
#[derive(Clone, Debug, PartialEq)]
pub struct SmokePlan {
    /// Where the launcher runs.
    pub head: NodeId,
    /// The launcher.
    pub install: MpiInstall,
    /// Every node, in machinefile order.
    pub nodes: Vec<SmokeNode>,
    /// The machinefile.
    pub machinefile: String,
    /// The login's home on the head.
    pub home: String,
    /// The login's home on each node.
    pub homes: Vec<String>,
    /// Network and interface that the job is pinned to.
    pub pin: Pin,
    /// mpi4py takes part; otherwise only the launcher is tried.
    pub python: bool,
}

/// A node in the smoke test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmokeNode {
    /// Which node.
    pub node: NodeId,
    /// Its name, which its rank must tell.
    pub name: String,
    /// The login on it.
    pub user: String,
}

/// One thing to do on a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Write a file.
    Put(PutFile),
    /// Make the node's key pair.
    NodeKey {
        /// The comment in its public half.
        comment: String,
    },
    /// Name the node.
    Hostname {
        /// Its name.
        name: HostName,
    },
    /// Install MPI and mpi4py.
    InstallMpi {
        /// Which MPI.
        family: MpiFamily,
    },
    /// Log in once more with the operator's key alone.
    ProveLogin,
    /// Run the smoke test.
    Smoke(SmokePlan),
}

impl Action {
    /// Root's rights are needed.
    pub fn needs_root(&self) -> bool {
        match self {
            Self::Put(file) => file.root,
            Self::Hostname { .. } | Self::InstallMpi { .. } => true,
            Self::NodeKey { .. } | Self::ProveLogin | Self::Smoke(_) => false,
        }
    }
}

/// What an action found to be true afterwards.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The file holds this now.
    Written(PutFile),
    /// The node's public key.
    PublicKey(String),
    /// The node's name.
    Named(String),
    /// The node was read again.
    Read(Box<NodeReading>),
    /// It was proved, and this is to be told.
    Proved(String),
}

/// Why an action failed.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct ActionError {
    /// What went wrong, in one line.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// The connection is at fault: worth another attempt once it is back.
    pub connection: bool,
}

impl ActionError {
    /// A failure with its way out.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), connection: false }
    }
}

impl From<ExecError> for ActionError {
    fn from(e: ExecError) -> Self {
        let connection = matches!(e, ExecError::Lost(_));
        let hint = if connection {
            "check power and cable of the node, then run the setup again"
        } else {
            "run the setup again"
        };
        Self { message: e.to_string(), hint: hint.into(), connection }
    }
}

/// What an action may use.
#[derive(Clone)]
pub struct Hands {
    /// The node it is about.
    pub session: Arc<dyn Session>,
    /// Every node of the cluster that is connected, for actions that concern all.
    pub sessions: BTreeMap<NodeId, Arc<dyn Session>>,
    /// The way to root, when it is known.
    pub root: Option<Rights>,
    /// Logs in anew.
    pub connect: Arc<dyn Connect>,
    /// How to log in with the operator's key alone.
    pub key_login: Option<ConnectSpec>,
    /// Lines to show while it goes on.
    pub news: mpsc::UnboundedSender<String>,
}

/// Does one action.
pub async fn perform(action: Action, hands: &Hands) -> Result<Outcome, ActionError> {
    match action {
        Action::Put(file) => put_file(hands.session.as_ref(), hands.rights(file.root)?, file).await,
        Action::NodeKey { comment } => {
            let said = run(&*hands.session, Script::NODE_KEY.command(&[&comment], Some(SHORT))).await?;
            answer(&said, "public ").map(Outcome::PublicKey)
        }
        Action::Hostname { name } => {
            let command = Script::SET_HOSTNAME.with(&hands.rights(true)?, &[name.as_str()], &[], Some(SHORT));
            let said = run(&*hands.session, command).await?;
            match answer(&said, "hostname ")? {
                now if now == name.as_str() => Ok(Outcome::Named(now)),
                now => {
                    Err(ActionError::new(format!("it still calls itself {now}"), "look at `hostnamectl` on the node"))
                }
            }
        }
        Action::InstallMpi { family } => install(family, hands).await,
        Action::ProveLogin => prove_login(hands).await,
        Action::Smoke(plan) => super::smoke::run(&plan, hands).await,
    }
}

impl Hands {
    fn rights(&self, root: bool) -> Result<Rights, ActionError> {
        if !root {
            return Ok(Rights::User);
        }
        self.root.clone().ok_or_else(|| {
            ActionError::new(
                "root rights are needed and cannot be had",
                "give the right sudo password, let this user use sudo, or log in as one who may",
            )
        })
    }
}

/// Runs a command and takes a non-zero exit status for a failure.
pub async fn run(session: &dyn Session, command: RemoteCommand) -> Result<Output, ActionError> {
    let output = session.run(command).await?;
    if output.status == Some(0) { Ok(output) } else { Err(failure(&output)) }
}

/// What a command that failed said, in one line, and what to do about it.
pub fn failure(output: &Output) -> ActionError {
    let err = clean_bytes(&output.err, 4000);
    // sudo and apt warn before they fail: the last line is the one that counts.
    let text = String::from_utf8_lossy(&output.err);
    let last = text.lines().rev().find(|l| !l.trim().is_empty()).map(|l| clean_bytes(l.as_bytes(), 300));
    let status = output.status.map_or_else(
        || output.signal.as_ref().map_or("no exit status".to_owned(), |s| format!("signal {s}")),
        |s| format!("exit status {s}"),
    );
    let hint = if err.contains("No space left on device") {
        "free some space on the node's card"
    } else if err.contains("Read-only file system") {
        "the node's card is read-only: it may be broken; check it, reboot the node"
    } else if err.contains("Sorry, try again")
        || err.contains("incorrect password")
        || err.contains("password is required")
    {
        "check the sudo password"
    } else if err.contains("not in the sudoers") {
        "let this user use sudo on the node, or log in as one who may"
    } else if err.contains("Could not get lock") {
        "another apt is at work on the node; wait for it, then run the setup again"
    } else if err.contains("Unable to locate package")
        || err.contains("Failed to fetch")
        || err.contains("Temporary failure resolving")
    {
        "the node cannot reach its package archive; check its internet connection"
    } else {
        "look at the node, then run the setup again"
    };
    ActionError::new(last.map_or(status.clone(), |l| format!("{l} ({status})")), hint)
}

fn answer(output: &Output, key: &str) -> Result<String, ActionError> {
    String::from_utf8_lossy(&output.out)
        .lines()
        .find_map(|line| line.strip_prefix(key))
        .map(|value| clean_bytes(value.as_bytes(), 2000))
        .ok_or_else(|| {
            ActionError::new(format!("the node did not answer with `{}`", key.trim()), "run the setup again")
        })
}

/// Writes one file and compares the hash of what was read back.
pub async fn put_file(session: &dyn Session, rights: Rights, file: PutFile) -> Result<Outcome, ActionError> {
    let hash = hash::sha256_hex(&file.content);
    let (mode, size) = (format!("{:o}", file.mode), file.content.len().to_string());
    let expect = file.expect.as_deref().unwrap_or("any");
    let backup = file.backup.as_deref().unwrap_or("-");
    let args = [file.path.as_str(), &mode, &size, &hash, expect, backup];
    let output = session.run(Script::PUT_FILE.with(&rights, &args, &file.content, Some(SHORT))).await?;
    match output.status {
        Some(0) => {}
        Some(3) => {
            return Err(ActionError::new(
                format!("{} was changed by somebody else meanwhile; nothing was written", file.path),
                "run the setup again: it will look at the new content",
            ));
        }
        _ => return Err(failure(&output)),
    }
    if answer(&output, "sha256 ")? == hash {
        Ok(Outcome::Written(file))
    } else {
        Err(ActionError::new(
            format!("{} reads back differently from what was written", file.path),
            "the card may be broken",
        ))
    }
}

async fn install(family: MpiFamily, hands: &Hands) -> Result<Outcome, ActionError> {
    let command = Script::INSTALL_MPI.with(&hands.rights(true)?, &[family.word()], &[], Some(INSTALL));
    let (chunks, mut arriving) = mpsc::channel(64);
    let news = hands.news.clone();
    let tell = async move {
        let (mut lines, mut err) = (Lines::default(), Vec::new());
        while let Some(chunk) = arriving.recv().await {
            match chunk {
                Chunk::Err(bytes) if err.len() < MAX_ERR => err.extend_from_slice(&bytes),
                Chunk::Err(_) => {}
                Chunk::Out(bytes) => lines.push(&bytes, |line| {
                    let _ = news.send(line);
                }),
            }
        }
        err
    };
    let (ended, err) = tokio::join!(hands.session.stream(command, chunks), tell);
    let output = Output { err, ..ended? };
    if output.status != Some(0) {
        return Err(failure(&output));
    }
    let reading = read(&*hands.session).await?;
    if reading.facts.mpi_of(family).is_none() {
        return Err(ActionError::new(
            format!("apt succeeded and {family} is still not there"),
            "look at `command -v mpirun` on the node",
        ));
    }
    Ok(Outcome::Read(Box::new(reading)))
}

async fn prove_login(hands: &Hands) -> Result<Outcome, ActionError> {
    let spec =
        hands.key_login.clone().ok_or_else(|| ActionError::new("there is no key to prove", "run the setup again"))?;
    let session = hands.connect.connect(spec).await.map_err(|e| {
        ActionError::new(
            format!("the key was put there and a login with it fails: {e}"),
            "check PubkeyAuthentication in the node's sshd_config, and the modes of its home and ~/.ssh",
        )
    })?;
    session.close().await;
    Ok(Outcome::Proved("a login with your key works".into()))
}

/// Reads what a node is and what its files hold.
pub async fn read(session: &dyn Session) -> Result<NodeReading, ActionError> {
    let asked = std::time::Instant::now();
    let at = crate::clock::now();
    let output = run(session, Script::FACTS.command(&[], Some(SHORT))).await?;
    // The node's clock was read about in the middle.
    parse(&output, at, asked.elapsed())
}

fn parse(output: &Output, at: Timestamp, took: Duration) -> Result<NodeReading, ActionError> {
    pictl_formats::facts::parse(&output.out, at, took.into()).map_err(|e| {
        ActionError::new(format!("what it tells of itself cannot be read: {e}"), "is it a Debian or Raspberry Pi OS?")
    })
}
