//! The check half of every step: pure functions of what was read, which say what would have to be done.
//!
//! A check never looks at the network, so a dry run, the plan that is shown before anything changes, and the check that
//! comes right before a step's work are one and the same code.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use pictl_formats::facts::{FileKind, FileState, NodeReading};
use pictl_formats::known_hosts::KnownHosts;
use pictl_formats::{diff, hosts, launcher, machinefile};
use pictl_model::node::{Facts, MpiFamily};
use pictl_model::request::KeyWork;
use pictl_model::step::StepId;
use pictl_model::trust::HostKey;
use pictl_model::{HostName, NodeId};

use super::action::{Action, SmokeNode, SmokePlan};
use super::{identity, keys, pairs};
use crate::launch::Pin;
use crate::remote::PutFile;

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

/// What a setup shall make true.
#[derive(Clone, Debug)]
pub struct ClusterPlan {
    /// The cluster's name, which marks pictl's blocks in files.
    pub cluster: String,
    /// Every node of the cluster, in the order of their names.
    pub nodes: Vec<PlanNode>,
    /// The operator's public key, as a line.
    pub operator_key: Option<String>,
    /// The MPI asked for.
    pub mpi: Option<MpiFamily>,
    /// Where files go before they are overwritten, below the login's home.
    pub backup: String,
    /// The host keys that the operator believes, for members that this setup does not read.
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
    /// By what pictl is logged in on each node, in its own words.
    pub logins: BTreeMap<NodeId, String>,
    /// Nodes on which a login with the operator's key alone was proved by this setup.
    pub proved: BTreeSet<NodeId>,
    /// Nodes that have made the key pair that is to take the place of theirs.
    pub renewed: BTreeSet<NodeId>,
    /// Host keys that nodes have made and do not use yet.
    pub fresh: BTreeMap<NodeId, Vec<HostKey>>,
}

/// What was read of the nodes, so far.
pub type Readings = BTreeMap<NodeId, Arc<NodeReading>>;

/// What a step's check found on one node.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// Nothing has to change.
    AlreadySo(String),
    /// This has to be done.
    Change {
        /// What, in one line.
        message: String,
        /// Lines that go and come.
        change: Vec<String>,
        /// How.
        actions: Vec<Action>,
        /// What a person should know even when it works.
        reservation: Option<String>,
    },
    /// It depends on what another step still has to do.
    Later(String),
    /// It is true, with a reservation.
    Warn(String),
    /// It cannot be made true.
    Fail {
        /// Why.
        message: String,
        /// What to do.
        hint: String,
    },
}

pub(super) fn fail(message: impl Into<String>, hint: impl Into<String>) -> Check {
    Check::Fail { message: message.into(), hint: hint.into() }
}

impl ClusterPlan {
    /// The node of this id.
    pub fn node(&self, id: &NodeId) -> Option<&PlanNode> {
        self.nodes.iter().find(|n| n.node == *id)
    }

    /// The head.
    pub fn head(&self) -> Option<&PlanNode> {
        self.nodes.iter().find(|n| n.head)
    }

    /// The MPI that the cluster uses: the one asked for, else one that every node read has already, else Debian's
    /// default for the nodes' architecture (32-bit trixie has no Open MPI).
    pub fn family(&self, readings: &Readings) -> MpiFamily {
        if let Some(family) = self.mpi {
            return family;
        }
        launcher::fitting(readings.values().map(|reading| &reading.facts))
    }

    /// The machinefile of the nodes read, in the order of their names, with the entries that are `known` of the others.
    pub fn machinefile(&self, readings: &Readings, known: &[machinefile::Entry]) -> Result<String, Check> {
        let head_user = self.head().map(|h| h.user.as_str());
        let entries: Vec<_> = self
            .nodes
            .iter()
            .filter_map(|n| {
                let host = n.address.to_string();
                let earlier = known.iter().find(|e| e.host == host).map(|e| e.slots);
                let slots = readings.get(&n.node).map(|r| r.facts.cores).or(earlier)?;
                Some(machinefile::Entry::new(host, slots, &n.user, head_user))
            })
            .collect();
        machinefile::write(launcher::of_family(self.family(readings)), &entries)
            .map_err(|e| fail(e.to_string(), e.hint()))
    }
}

/// Checks `step` on `node`, of which a reading must be there.
pub fn check(step: StepId, plan: &ClusterPlan, readings: &Readings, node: &NodeId) -> Check {
    let (Some(me), Some(reading)) = (plan.node(node), readings.get(node)) else {
        return fail("nothing was read of this node", "connect to it first");
    };
    match step {
        StepId::Connect => Check::AlreadySo("logged in, host key as recorded".into()),
        StepId::Facts => Check::AlreadySo(describe(&reading.facts)),
        StepId::Identity => identity::identity(plan, readings, me, reading),
        StepId::OperatorKey => keys::operator_key(plan, me, reading),
        StepId::NodeKey => keys::node_key(plan, me, reading),
        StepId::Hosts => hosts_file(plan, me, reading),
        StepId::Hostname => hostname(me, reading),
        StepId::Mesh => keys::mesh(plan, readings, reading),
        StepId::KnownHosts => keys::known_hosts(plan, readings, reading),
        StepId::Pairs => pairs::check(plan, readings, me, reading),
        StepId::Revoke => keys::revoke(plan, readings, me, reading),
        StepId::PasswordLogin => identity::password_login(plan, reading),
        StepId::Mpi => mpi(plan, readings, reading),
        StepId::Machinefile => machine_file(plan, readings, reading),
        StepId::Smoke => smoke(plan, readings),
    }
}

fn describe(facts: &Facts) -> String {
    let model = facts.model.as_deref().unwrap_or("unknown model");
    match facts.cores {
        // Only what work on keys needs was asked for, and nothing was known before.
        0 => facts.os.clone(),
        cores => format!("{model}, {cores} cores, {}, {}", facts.os, facts.arch),
    }
}

/// A change of one file, or nothing when it is as it should be.
fn put(plan: &ClusterPlan, file: FileKind, state: &FileState, content: &str, mode: u32, root: bool) -> Option<PutFile> {
    let file = whole(plan, file, state, content, mode, root);
    let same =
        matches!(state, FileState::There { mode, content, .. } if *mode == file.mode && *content == file.content);
    (!same).then_some(file)
}

/// A file with this content, whatever it holds now.
pub(super) fn whole(
    plan: &ClusterPlan,
    file: FileKind,
    state: &FileState,
    content: &str,
    mode: u32,
    root: bool,
) -> PutFile {
    let old_mode = match state {
        FileState::There { mode, .. } => Some(*mode),
        _ => None,
    };
    // What others may write is not the user's word; everything else about the mode is the owner's choice.
    let mode = old_mode.filter(|old| old & 0o022 == 0).unwrap_or(mode);
    let name = state.path().rsplit('/').next().unwrap_or("file");
    PutFile {
        kind: Some(file),
        path: state.path().to_owned(),
        mode,
        content: content.as_bytes().to_vec(),
        expect: Some(state.sha256_hex()),
        backup: Some(format!("{}/{name}", plan.backup)),
        root,
    }
}

pub(super) fn text(state: Option<&FileState>) -> Result<(&FileState, String), Check> {
    match state {
        None => Err(fail("the node told nothing of that file", "run the setup again")),
        Some(FileState::Unusable { path, why }) => Err(fail(format!("{path} is {why}"), "look at it on the node")),
        Some(state) => match String::from_utf8(state.content().to_vec()) {
            Ok(text) => Ok((state, text)),
            Err(_) => Err(fail(
                format!("{} is no UTF-8 text", state.path()),
                "pictl would damage it; repair it on the node first",
            )),
        },
    }
}

/// The check of a step that edits one file of the login user.
pub(super) fn edit(
    plan: &ClusterPlan,
    reading: &NodeReading,
    kind: FileKind,
    mode: u32,
    root: bool,
    so: &str,
    edit: impl FnOnce(&str) -> Result<String, Check>,
) -> Check {
    let (state, old) = match text(reading.files.get(&kind)) {
        Ok(found) => found,
        Err(failed) => return failed,
    };
    let new = match edit(&old) {
        Ok(new) => new,
        Err(failed) => return failed,
    };
    match put(plan, kind, state, &new, mode, root) {
        None => Check::AlreadySo(so.to_owned()),
        Some(file) => Check::Change {
            message: format!("edit {}", file.path),
            change: diff::lines(&old, &new),
            actions: vec![Action::Put(file)],
            reservation: None,
        },
    }
}

fn hosts_file(plan: &ClusterPlan, me: &PlanNode, reading: &NodeReading) -> Check {
    let names: Vec<_> = plan.nodes.iter().map(|n| (n.address, n.name.clone())).collect();
    edit(plan, reading, FileKind::Hosts, 0o644, true, "all names are there", |old| {
        hosts::desired(old, &plan.cluster, &names, (&reading.facts.hostname, &me.name))
            .map_err(|e| fail(e.to_string(), e.hint()))
    })
}

fn hostname(me: &PlanNode, reading: &NodeReading) -> Check {
    if reading.facts.hostname == me.name.as_str() {
        return Check::AlreadySo(format!("it is called {}", me.name));
    }
    Check::Change {
        message: format!("name it {}", me.name),
        change: vec![format!("- {}", reading.facts.hostname), format!("+ {}", me.name)],
        actions: vec![Action::Hostname { name: me.name.clone() }],
        reservation: None,
    }
}

fn mpi(plan: &ClusterPlan, readings: &Readings, reading: &NodeReading) -> Check {
    let family = plan.family(readings);
    let (install, mpi4py) = (reading.facts.mpi_of(family), reading.facts.mpi4py.as_ref());
    match (install, mpi4py) {
        (Some(mpi), Some(py)) if py.family.is_none_or(|f| f == family) => {
            Check::AlreadySo(format!("{family} {}, mpi4py {}", mpi.version, py.version))
        }
        (Some(_), Some(_)) => Check::Warn(format!(
            "mpi4py of this distribution belongs to another MPI than {family}: Python programs would see one rank each"
        )),
        _ => Check::Change {
            message: format!("install {family} and mpi4py from the distribution"),
            change: vec![format!("+ {}", launcher::of_family(family).packages().of_a_node().join(" "))],
            actions: vec![Action::InstallMpi { family }],
            reservation: None,
        },
    }
}

fn machine_file(plan: &ClusterPlan, readings: &Readings, reading: &NodeReading) -> Check {
    edit(plan, reading, FileKind::Machinefile, 0o644, false, "it names every node", |old| {
        // A member that is left out, or not there today, keeps its place.
        let known = machinefile::parse(old).unwrap_or_default();
        plan.machinefile(readings, &known)
    })
}

/// The smoke test proves and changes nothing, so it has always to be done.
fn smoke(plan: &ClusterPlan, readings: &Readings) -> Check {
    let family = plan.family(readings);
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for n in &plan.nodes {
        let Some(reading) = readings.get(&n.node) else { continue };
        let Some(mpi) = reading.facts.mpi_of(family) else {
            return Check::Later(format!("after {family} is installed on {}", n.name));
        };
        versions.entry(mpi.version.as_str()).or_default().push(n.name.as_str());
    }
    if versions.len() > 1 {
        let told: Vec<_> = versions.iter().map(|(v, names)| format!("{v} on {}", names.join(", "))).collect();
        return fail(
            format!("nodes with different versions of {family} cannot share a job: {}", told.join("; ")),
            "install the same OS release on all nodes, or set up those of one release with --nodes",
        );
    }
    let Some(head) = plan.head().filter(|h| readings.contains_key(&h.node)) else {
        return fail("the head could not be reached", "choose another head with --head NODE");
    };
    let Some(install) = readings.get(&head.node).and_then(|r| r.facts.mpi_of(family)).cloned() else {
        return Check::Later(format!("after {family} is installed on {}", head.name));
    };
    let python =
        readings.values().all(|r| r.facts.mpi4py.as_ref().is_some_and(|py| py.family.is_none_or(|f| f == family)));
    let machinefile = match plan.machinefile(readings, &[]) {
        Ok(text) => text,
        Err(failed) => return failed,
    };
    let nodes = plan.nodes.iter().filter(|n| readings.contains_key(&n.node));
    let first = std::iter::once(head).chain(plan.nodes.iter());
    let pin = Pin::of(first.filter_map(|n| readings.get(&n.node).map(|r| (&r.facts, n.address))));
    Check::Change {
        message: "start one rank on every node".into(),
        change: Vec::new(),
        actions: vec![Action::Smoke(SmokePlan {
            head: head.node.clone(),
            install,
            nodes: nodes
                .map(|n| SmokeNode { node: n.node.clone(), name: n.name.to_string(), user: n.user.clone() })
                .collect(),
            machinefile,
            home: readings.get(&head.node).map(|r| r.facts.home.clone()).unwrap_or_default(),
            homes: readings.values().map(|r| r.facts.home.clone()).collect(),
            pin,
            python,
            as_root: readings.get(&head.node).is_some_and(|r| r.uid == 0),
            ssh_config: None,
        })],
        reservation: (!python).then(|| format!("mpi4py does not belong to {family}; only the launcher was tried")),
    }
}
