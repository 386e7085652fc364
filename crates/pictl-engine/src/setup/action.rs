//! What steps order, and what they are told of it.

use pictl_formats::facts::NodeReading;
use pictl_model::event::PairProblem;
use pictl_model::node::{MpiFamily, MpiInstall};
use pictl_model::trust::HostKey;
use pictl_model::{HostName, NodeId};

use crate::launch::Pin;
use crate::remote::PutFile;

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
    /// The launcher runs as root.
    pub as_root: bool,
    /// SSH's options for a launcher outside of the cluster.
    pub ssh_config: Option<String>,
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

/// Logins from one node to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairPlan {
    /// Where to, in this order.
    pub targets: Vec<PairTarget>,
    /// With the key that is to take the place of the node's own.
    pub next: bool,
}

impl PairPlan {
    /// How many, in words.
    pub fn all(&self) -> String {
        match &self.targets[..] {
            [one] => one.name.clone(),
            all => format!("all {} others", all.len()),
        }
    }
}

/// A node that another one logs in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairTarget {
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
}

impl PairTarget {
    /// As `ssh` wants it.
    pub fn word(&self) -> String {
        let Self { user, host, port, .. } = self;
        match port {
            22 => format!("{user}@{host}"),
            _ if host.contains(':') => format!("ssh://{user}@[{host}]:{port}"),
            _ => format!("ssh://{user}@{host}:{port}"),
        }
    }
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
    ProveLogin {
        /// What may be at fault when it fails, where something is known to be.
        doubt: Option<String>,
    },
    /// Make the key pair that is to take the place of the node's own.
    NextKey {
        /// The comment in its public half.
        comment: String,
    },
    /// Put that key pair in place.
    TakeNextKey {
        /// The comment in its public half.
        comment: String,
    },
    /// Log in from the node to others.
    Pairs(PairPlan),
    /// Make host keys beside those in use.
    MakeHostKeys {
        /// Where what is there goes first, below root's home.
        backup: String,
    },
    /// Give the node an identity of its own.
    TakeIdentity {
        /// Where what is there goes first, below root's home.
        backup: String,
        /// The host keys made before; none: those in use stay.
        host_keys: Vec<HostKey>,
        /// A new machine-id, and what DHCP clients derive from it.
        machine_id: bool,
    },
    /// Let in by password, or by key only.
    PasswordLogin {
        /// By password too.
        on: bool,
    },
    /// Run the smoke test.
    Smoke(SmokePlan),
}

impl Action {
    /// Root's rights are needed.
    pub fn needs_root(&self) -> bool {
        match self {
            Self::Put(file) => file.root,
            Self::Hostname { .. }
            | Self::InstallMpi { .. }
            | Self::MakeHostKeys { .. }
            | Self::TakeIdentity { .. }
            | Self::PasswordLogin { .. } => true,
            Self::NodeKey { .. }
            | Self::ProveLogin { .. }
            | Self::NextKey { .. }
            | Self::TakeNextKey { .. }
            | Self::Pairs(_)
            | Self::Smoke(_) => false,
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
    /// The public half of the key that is to take its place.
    NextKey(String),
    /// That key is in place now; these were the node's before.
    KeyTaken {
        /// The public half of the key in place.
        public: String,
        /// Public halves of earlier ones, one a line.
        old: String,
    },
    /// Host keys that the node has made and does not use yet.
    HostKeys(Vec<HostKey>),
    /// The node's name.
    Named(String),
    /// The node was read again.
    Read(Box<NodeReading>),
    /// What the change concerns was read again, and this is to be told.
    Reread {
        /// What was read.
        reading: Box<NodeReading>,
        /// What to tell.
        told: String,
    },
    /// A login with the operator's key alone works.
    LoginProved,
    /// It was proved, and this is to be told.
    Proved(String),
}
