//! What a launcher is asked to do. How it is asked is in the file of each launcher.

use ipnet::IpNet;
use pictl_model::node::MpiInstall;
use pictl_model::run::{Map, Spawn};

/// The variable that says to which run a process belongs.
pub const MARK: &str = "PICTL_RUN";

/// What a launcher is asked for beyond what it does by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How ranks are placed.
    pub map: Map,
    /// How daemons are started.
    pub spawn: Spawn,
    /// The file that its SSH takes its options from; none: the user's own.
    pub ssh_config: Option<String>,
    /// It runs outside of the cluster, on a host that is not one of the nodes.
    pub outside: bool,
    /// The script that it uses in the place of `ssh`; none: `ssh` itself.
    pub rsh: Option<String>,
    /// It runs as root. Open MPI refuses that without an option.
    pub as_root: bool,
}

/// Everything that decides how a launcher is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The launcher.
    pub install: MpiInstall,
    /// Number of ranks.
    pub ranks: u32,
    /// The machinefile's path on the head.
    pub hostfile: String,
    /// The cluster's network: Open MPI uses no other (by default it tries all interfaces, and hangs on those that
    /// lead nowhere).
    pub subnet: Option<IpNet>,
    /// The nodes' interfaces in that network, the head's first and each name once. Hydra passes the address of the
    /// first to the nodes, instead of a name they may not know; PRRTE, which does not understand networks, uses those
    /// of them that a node has.
    pub interfaces: Vec<String>,
    /// Number of nodes in the machinefile.
    pub nodes: usize,
    /// Number of slots in the machinefile.
    pub slots_total: u32,
    /// What it is asked for beyond that.
    pub options: Options,
    /// Environment variables for the ranks.
    pub env: Vec<(String, String)>,
    /// The program and its arguments.
    pub program: Vec<String>,
}
