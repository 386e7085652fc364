//! Where the launcher of a run is: on one of its nodes, or on the operator's own machine.

use std::fmt::Write as _;
use std::net::IpAddr;

use ipnet::IpNet;
use pictl_formats::facts::NodeReading;
use pictl_model::NodeId;
use pictl_model::node::{Facts, Member};
use pictl_model::request::{Head, Refusal};

use super::Run;
use crate::dispatcher::core::Core;
use crate::ports::OperatorKey;

/// The machine that the launcher runs on.
pub(super) struct Chief<'a> {
    /// Its id.
    pub id: NodeId,
    /// What people call it.
    pub name: &'a str,
    /// Whom the launcher runs as.
    pub user: &'a str,
    /// Where the nodes reach it.
    pub address: IpAddr,
    /// What it reported.
    pub reading: &'a NodeReading,
}

impl Chief<'_> {
    /// The facts of it.
    pub(super) fn facts(&self) -> &Facts {
        &self.reading.facts
    }
}

impl Run {
    /// The launcher runs on the operator's own machine.
    pub(super) fn has_outside_head(&self) -> bool {
        self.request.launch.head == Head::Operator
    }

    /// Where the launcher will run, or why it cannot run there.
    pub(super) fn chief<'a>(&'a self, core: &'a Core) -> Result<Chief<'a>, Refusal> {
        let refuse = |reason: String, hint: &str| Refusal { node: None, reason, hint: hint.to_owned() };
        let members = &self.members;
        let member = match &self.request.launch.head {
            Head::Operator => return outside(core, members),
            Head::Cluster => members.iter().find(|m| m.head).or(members.first()),
            Head::Node(node) => Some(members.iter().find(|m| m.id == *node).ok_or_else(|| {
                let reason =
                    format!("{} is not a node of this run and cannot be its head", core.journal.world.name_of(node));
                refuse(reason, "choose one of its nodes, or take that one in with --nodes")
            })?),
        };
        let known = member.and_then(|m| core.readings.get(&m.id).map(|reading| (m, reading)));
        let (member, reading) =
            known.ok_or_else(|| refuse("the head is not connected".into(), "choose another head"))?;
        Ok(Chief {
            id: member.id.clone(),
            name: member.name.as_str(),
            user: &member.user,
            address: member.address,
            reading,
        })
    }
}

/// The operator's own machine as the head of a run on `members`: an outside master.
fn outside<'a>(core: &'a Core, members: &[Member]) -> Result<Chief<'a>, Refusal> {
    let id = NodeId::operator();
    let refuse = |reason: String, hint: &str| Refusal { node: Some(id.clone()), reason, hint: hint.to_owned() };
    let reading = core.outside.as_ref().ok_or_else(|| {
        refuse("this machine cannot be read".into(), "the head of a run must be a Debian or a Raspberry Pi OS")
    })?;
    let near = |node: IpAddr| {
        let own = reading.facts.addresses.iter();
        own.filter(|a| IpNet::new(a.address, a.prefix).is_ok_and(|net| net.contains(&node))).map(|a| a.address).next()
    };
    // Daemons on the nodes call the launcher back.
    let far = members.iter().find(|m| near(m.address).is_none());
    if let Some(far) = far {
        let reason = format!("this machine has no address in the network of {} ({})", far.name, far.address);
        return Err(refuse(reason, "connect it to the nodes' own network, or run from the cluster's head"));
    }
    let address = members.first().and_then(|m| near(m.address));
    let address = address.ok_or_else(|| refuse("there are no nodes".into(), "choose some"))?;
    Ok(Chief { id: id.clone(), name: "this machine", user: &reading.facts.user, address, reading })
}

/// What SSH needs to know where pictl's own keys are not the user's: the keys that pictl logs in with, the host keys that
/// it trusts, and the nodes' ports.
pub(super) fn ssh_config(core: &Core, members: &[Member]) -> String {
    let mut text = String::from("# Written by pictl for one run.\n");
    for member in members {
        let _ = write!(text, "Host {}\n  Port {}\n", member.address, member.port);
        for key in core.links.identities_of(&member.id) {
            let _ = writeln!(text, "  IdentityFile {}", quoted(&key.to_string_lossy()));
        }
    }
    text.push_str("Host *\n  BatchMode yes\n  StrictHostKeyChecking yes\n  ConnectTimeout 10\n");
    if let Some(known) = &core.links.known_path {
        let _ = writeln!(text, "  UserKnownHostsFile {}", quoted(&known.to_string_lossy()));
    }
    if let Some(path) = core.links.key.as_ref().and_then(OperatorKey::path) {
        let _ = write!(text, "  IdentitiesOnly yes\n  IdentityFile {}\n", quoted(&path.to_string_lossy()));
    }
    text
}

/// A path as OpenSSH's configuration takes it: `%` begins a token there.
fn quoted(path: &str) -> String {
    format!("\"{}\"", path.replace('%', "%%"))
}
