//! What a setup is to make true, and what is known while it goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use pictl_formats::facts::NodeReading;
use pictl_formats::known_hosts::KnownHosts;
use pictl_formats::launcher;
use pictl_formats::machinefile::{self, MachinefileError};
use pictl_model::link::LoginMethod;
use pictl_model::node::{Facts, MpiFamily, MpiInstall};
use pictl_model::request::KeyWork;
use pictl_model::trust::HostKey;
use pictl_model::{HostName, MpiPrefix, NodeId};

/// A node of the cluster as the steps see it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanNode {
    /// Which node.
    pub node: NodeId,
    /// The name it has or gets.
    pub name: HostName,
    /// Where it is.
    pub address: IpAddr,
    /// Its SSH port.
    pub port: u16,
    /// The login on it.
    pub user: String,
    /// It is the head.
    pub head: bool,
    /// This setup works on it. Members left out keep their place in names and keys.
    pub wanted: bool,
}

/// What a setup is to make true.
#[derive(Clone, Debug, Default)]
pub struct ClusterPlan {
    /// The cluster's name, which marks pictl's blocks in files.
    pub cluster: String,
    /// Every node of the cluster, in the order of their names.
    pub nodes: Vec<PlanNode>,
    /// The operator's public key, as a line.
    pub operator_key: Option<String>,
    /// The MPI that is decided.
    pub mpi: Option<MpiFamily>,
    /// The folder that it is in, where one was asked for or found: `/usr` for the distribution's.
    pub mpi_prefix: Option<MpiPrefix>,
    /// MPI is what this setup was ordered for: what an earlier one could not build is tried again.
    pub mpi_asked: bool,
    /// Where files go before they are overwritten, below the login's home.
    pub backup: String,
    /// The host keys that the operator trusts, for members that this setup does not read.
    pub known: Arc<KnownHosts>,
    /// Every node tries every other one; otherwise only the head and each of the others try one another.
    pub all_pairs: bool,
    /// Work on keys beyond what makes a cluster, and how far it is.
    pub keys: KeyPlan,
}

/// Work on keys beyond what makes a cluster, and how far it is.
#[derive(Clone, Debug, Default)]
pub struct KeyPlan {
    /// What is wanted.
    pub work: KeyWork,
    /// The operator's key that a rotation replaces, as a line.
    pub replaced: Option<String>,
    /// Why no new key could be made for the operator.
    pub no_new_key: Option<String>,
    /// How pictl is logged in on each node.
    pub logins: BTreeMap<NodeId, LoginMethod>,
    /// Nodes on which this setup proved a login with the operator's key alone.
    pub proved: BTreeSet<NodeId>,
    /// Nodes that have made the key pair that will take the place of theirs.
    pub renewed: BTreeSet<NodeId>,
    /// Nodes that have put that key pair in place.
    pub taken: BTreeSet<NodeId>,
    /// Host keys that nodes have made and do not use yet.
    pub fresh: BTreeMap<NodeId, Vec<HostKey>>,
}

/// What was read of the nodes, so far.
pub type Readings = BTreeMap<NodeId, Arc<NodeReading>>;

impl ClusterPlan {
    /// The node of this id.
    pub fn node(&self, id: &NodeId) -> Option<&PlanNode> {
        self.nodes.iter().find(|n| n.node == *id)
    }

    /// The head.
    pub fn head(&self) -> Option<&PlanNode> {
        self.nodes.iter().find(|n| n.head)
    }

    /// One word for this setup that no other one has.
    pub fn word(&self) -> &str {
        self.backup.rsplit('/').next().unwrap_or_default()
    }

    /// The MPI that the cluster uses: the one that is decided, else that of the folder asked for, else one that every node read has
    /// already, else Debian's default for the nodes' architecture (32-bit trixie has no Open MPI).
    pub fn family(&self, readings: &Readings) -> MpiFamily {
        let head = self.head().and_then(|head| readings.get(&head.node));
        let there = head.into_iter().chain(readings.values());
        let own = self.own_prefix();
        let of_folder = || own.and_then(|_| there.flat_map(|reading| reading.facts.mpi_in(own)).next());
        if let Some(family) = self.mpi.or_else(|| of_folder().map(|mpi| mpi.family)) {
            return family;
        }
        launcher::fitting(&readings.values().map(|reading| &reading.facts).collect::<Vec<_>>())
    }

    /// The folder of its MPI, where that is not the distribution's.
    pub fn own_prefix(&self) -> Option<&MpiPrefix> {
        self.mpi_prefix.as_ref().filter(|prefix| !prefix.is_system())
    }

    /// The installation of the cluster's MPI on a node.
    pub fn mpi_on<'a>(&self, facts: &'a Facts, family: MpiFamily) -> Option<&'a MpiInstall> {
        facts.mpi_of_in(family, self.mpi_prefix.as_ref())
    }

    /// The folder of this MPI where nothing was asked for: the one that every node read has it in, if no node has the
    /// distribution's; one in the homes of their logins, if those differ.
    pub fn prefix_of(&self, family: MpiFamily, readings: &Readings) -> Option<MpiPrefix> {
        let system = MpiPrefix::system();
        if readings.values().any(|reading| reading.facts.mpi_of_in(family, Some(&system)).is_some()) {
            return None;
        }
        let first = readings.values().next()?;
        let home = format!("{}/", first.facts.home);
        let of_family = first.facts.mpi.iter().filter(|mpi| mpi.family == family);
        let places = of_family.filter_map(|mpi| mpi.prefix()).flat_map(|place| {
            let in_home = place.strip_prefix(&home).map(|rest| format!("~/{rest}"));
            std::iter::once(place.to_owned()).chain(in_home)
        });
        places
            .filter_map(|place| place.parse::<MpiPrefix>().ok())
            .find(|place| readings.values().all(|reading| reading.facts.mpi_of_in(family, Some(place)).is_some()))
    }

    /// The machinefile of the nodes read, in the order of their names, with the entries that are `known` of the others.
    pub fn machinefile(&self, readings: &Readings, known: &[machinefile::Entry]) -> Result<String, MachinefileError> {
        // It is for the launcher on the head.
        let head_user: Vec<_> = self.head().iter().map(|h| h.user.as_str()).collect();
        let hosts = self.nodes.iter().filter_map(|n| {
            let host = n.address.to_string();
            let earlier = known.iter().find(|e| e.host == host).map(|e| e.slots);
            let slots = readings.get(&n.node).map(|r| r.facts.cores).or(earlier)?;
            Some(machinefile::Host { name: n.name.as_str(), address: n.address, slots, user: &n.user })
        });
        let style = machinefile::Style { started_by: &head_user, ..machinefile::Style::default() };
        let entries = machinefile::entries(hosts, &style);
        machinefile::write(launcher::of_family(self.family(readings)), &entries)
    }
}
