//! What steps order, and what they are told of it.

use pictl_formats::facts::NodeReading;
use pictl_model::node::{MpiFamily, MpiInstall};
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
