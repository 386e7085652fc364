//! What was asked of a run, and what was decided before it started.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::ids::{NodeId, RunId};
use crate::node::MpiInstall;
use crate::units::Timestamp;

/// Where a program comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A benchmark of pictl, whose result pictl can check.
    #[default]
    Benchmark,
    /// Your own program: it succeeded when every rank ended with exit status 0.
    Own,
}

/// A program to run and what it needs to know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// Its short name: `pi`, or the file name of a program pictl does not know.
    pub name: String,
    /// Where it comes from.
    #[serde(default)]
    pub origin: Origin,
    /// Slices of work, where it works in slices.
    pub slices: Option<u32>,
    /// Terms a slice.
    pub slice_size: Option<u64>,
    /// Arguments of the program, for programs that pictl does not know.
    pub args: Vec<String>,
    /// The problem that HPL solves, where it is HPL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hpl: Option<Hpl>,
}

/// What HPL solves. In a request, pictl chooses what is `None`; in a plan all but `memory_percent` is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hpl {
    /// Rows and columns of the matrix (N).
    pub size: Option<u32>,
    /// Columns of a block (NB).
    pub block: Option<u32>,
    /// The grid of processes, P by Q.
    pub grid: Option<(u32, u32)>,
    /// Share of the free memory that the matrix can use, where pictl chooses its size.
    pub memory_percent: Option<u8>,
    /// How long it should take, in seconds; in a plan.
    pub estimate: Option<u32>,
}

/// A node in a run, in the order of the machinefile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHost {
    /// Which node.
    pub node: NodeId,
    /// Its name in the cluster.
    pub name: String,
    /// The address that the machinefile names.
    pub address: IpAddr,
    /// Slots it offers.
    pub slots: u16,
}

/// The place of a run among the repetitions of one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// The id of the first run of the series.
    pub first: RunId,
    /// Which repetition this is, from 1.
    pub index: u32,
    /// How many there are.
    pub of: u32,
}

/// How ranks are placed on the slots of the machinefile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Map {
    /// Node by node, round and round: few ranks use many nodes.
    #[default]
    Node,
    /// All slots of a node before the next node.
    Slot,
}

/// How the launcher starts its daemons on the nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spawn {
    /// As the launcher does by itself up to 64 nodes, and from the head beyond.
    #[default]
    Auto,
    /// All of them from the head, one SSH login each.
    Linear,
    /// Nodes that were started start the next ones; every node must be able to log in to the others.
    Tree,
}

/// All that decides what a run will be, fixed before it starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunPlan {
    /// The run.
    pub id: RunId,
    /// Its place among repetitions.
    pub series: Option<Series>,
    /// What is run.
    pub workload: Workload,
    /// Number of ranks (`-n`).
    pub ranks: u32,
    /// The nodes, in machinefile order.
    pub hosts: Vec<RunHost>,
    /// Where the launcher runs.
    pub head: NodeId,
    /// The launcher's MPI.
    pub mpi: MpiInstall,
    /// The exact command on the head, argument by argument, as you could type it.
    pub command: Vec<String>,
    /// When it was asked for.
    pub planned_at: Timestamp,
}
