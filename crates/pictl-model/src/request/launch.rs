//! Requests to run programs on the cluster, and what you wish of their launch.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Login;
use crate::ids::NodeId;
use crate::run::{Map, Spawn, Workload};
use crate::units::Millis;

/// The user's own program, for `pictl run`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnProgram {
    /// The command of each rank, as typed.
    pub words: Vec<String>,
    /// The operator's files that it needs: copied to every node, into the folder that the ranks start in.
    pub files: Vec<PathBuf>,
    /// Files that hold a secret of yours are copied, too.
    #[serde(default)]
    pub private: bool,
    /// Its rank 0 reads what [`super::Request::Input`] brings; otherwise its standard input is empty.
    #[serde(default)]
    pub input: bool,
}

/// Where the launcher runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// On the cluster's head.
    #[default]
    Cluster,
    /// On this member.
    Node(NodeId),
    /// On the operator's own machine, which then does not compute.
    Operator,
}

/// How a run is launched, where you want something else than usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchWish {
    /// Where the launcher runs.
    pub head: Head,
    /// How ranks are placed on the nodes.
    pub map: Map,
    /// How the launcher starts its daemons.
    pub spawn: Spawn,
    /// The run is ended when it prints nothing for this long; none means never.
    pub silence: Option<Millis>,
    /// Slots of nodes that offer another number than they have cores.
    #[serde(default)]
    pub slots: Vec<(NodeId, u16)>,
}

/// A request to run a benchmark on the cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchRequest {
    /// What to run.
    pub workload: Workload,
    /// The program, where it is the user's own.
    #[serde(default)]
    pub program: Option<OwnProgram>,
    /// How it is launched.
    #[serde(default)]
    pub launch: LaunchWish,
    /// Number of ranks; none means one for each slot.
    pub ranks: Option<u32>,
    /// How many times, one after another.
    pub repeat: u32,
    /// Only on these members; none means all.
    pub nodes: Vec<NodeId>,
    /// Give up after this long.
    pub timeout: Option<Millis>,
    /// How to log in.
    pub login: Login,
}
