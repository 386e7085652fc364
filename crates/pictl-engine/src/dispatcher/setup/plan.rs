//! From a wish to set up to a plan: which nodes, which names, which steps; or every reason why not.

use std::sync::Arc;

use pictl_model::event::Level;
use pictl_model::request::{Refusal, SetupRequest};
use pictl_model::step::{SetupNode, SetupPlan, StepId};
use pictl_model::world::NodeView;
use pictl_model::{HostName, MpiPrefix, NodeId, Timestamp};

use crate::choice;
use crate::dispatcher::core::Core;
use crate::dispatcher::inventory::free_names;
use crate::setup::plan::{ClusterPlan, KeyPlan, PlanNode};
use crate::setup::steps::{STEPS, pairs};

impl Core {
    /// The plan of a setup, or every reason why there is none.
    pub(super) fn plan_setup(&mut self, request: &SetupRequest) -> Result<(SetupPlan, ClusterPlan), Vec<Refusal>> {
        let mut reasons = Vec::new();
        let mut refuse = |node: Option<&NodeId>, reason: String, hint: &str| {
            reasons.push(Refusal { node: node.cloned(), reason, hint: hint.to_owned() });
        };
        let members = self.journal.members();
        let has_address = |node: &NodeId| self.journal.world.nodes.get(node).and_then(NodeView::address).is_some();
        let mut nowhere: Vec<(NodeId, HostName)> = Vec::new();
        let wanted: Vec<NodeId> = if request.nodes.is_empty() {
            let (placed, lost): (Vec<_>, Vec<_>) = members.iter().partition(|m| has_address(&m.id));
            nowhere.extend(lost.into_iter().map(|m| (m.id.clone(), m.name.clone())));
            placed.into_iter().map(|m| m.id.clone()).collect()
        } else {
            request.nodes.clone()
        };
        if wanted.is_empty() {
            refuse(None, "there are no nodes to set up".into(), "scan, and choose some");
        }
        for node in &wanted {
            if !has_address(node) {
                refuse(Some(node), "its address is not known".into(), "scan first");
            }
        }
        if let Err(e) = format!("{}01", request.prefix).parse::<HostName>() {
            refuse(None, format!("the prefix does not make valid host names: {e}"), "use letters a-z, digits and -");
        }
        let mut names: Vec<(NodeId, HostName)> = members
            .iter()
            .filter(|m| !request.names.iter().any(|(node, _)| *node == m.id))
            .map(|m| (m.id.clone(), m.name.clone()))
            .chain(request.names.iter().cloned())
            .collect();
        let nameless = wanted.iter().filter(|node| !names.iter().any(|(named, _)| named == *node));
        let fresh: Vec<_> =
            nameless.cloned().zip(free_names(&request.prefix, names.iter().map(|(_, name)| name))).collect();
        names.extend(fresh);
        for (i, (node, name)) in names.iter().enumerate() {
            if names[..i].iter().any(|(_, other)| other == name) {
                refuse(Some(node), format!("two nodes would be called {name}"), "give one of them another name");
            }
        }
        let head = request
            .head
            .clone()
            .or_else(|| members.iter().find(|m| m.head).map(|m| m.id.clone()))
            .or_else(|| wanted.first().cloned());
        if let Some(head) = request.head.as_ref().filter(|h| !wanted.contains(h)) {
            refuse(Some(head), "the head is not among the nodes to set up".into(), "choose it too");
        }
        for (reason, hint) in STEPS.iter().flat_map(|step| (step.objections)(&request.keys)) {
            refuse(None, reason, hint);
        }
        if !reasons.is_empty() {
            return Err(reasons);
        }
        for (node, name) in nowhere {
            let text = format!("{name} is left out: another host has its address now; scan while it is switched on");
            self.notice(Level::Warn, Some(&node), text);
        }

        let mut nodes: Vec<PlanNode> = names
            .into_iter()
            .filter_map(|(node, name)| {
                Some(PlanNode {
                    address: self.journal.world.nodes.get(&node)?.address()?,
                    port: self.links.port_of(&self.journal, &node, &request.login),
                    user: self.links.user_of(&self.journal, &node, &request.login),
                    head: head.as_ref() == Some(&node),
                    wanted: wanted.contains(&node),
                    node,
                    name,
                })
            })
            .collect();
        nodes.sort_by(|a, b| a.name.cmp(&b.name));
        let steps = STEPS.iter().filter(|step| step.is_wanted(&request.only, &request.keys)).map(|step| step.id);
        let shown = nodes.iter().filter(|n| n.wanted);
        let plan = SetupPlan {
            job: self.journal.next_job(),
            nodes: shown.map(|n| SetupNode { node: n.node.clone(), name: n.name.clone(), head: n.head }).collect(),
            steps: steps.collect(),
            dry_run: request.dry_run,
        };
        // What was chosen once holds until another one is asked for. Which MPI is in another folder than before is seen there, and
        // another MPI is in another folder.
        // (What is configured counts as soon as a step needs an MPI.)
        let chosen = choice::decided(None, &members, None);
        let mpi = request.mpi.or(chosen.filter(|_| request.mpi_prefix.as_ref().is_none_or(MpiPrefix::is_system)));
        let stays = mpi.is_none() || mpi == chosen;
        let kept = members.iter().find_map(|m| m.mpi_prefix.clone()).filter(|_| stays);
        let mpi_prefix = request.mpi_prefix.clone().or(kept);
        let cluster = ClusterPlan {
            cluster: self.journal.world.cluster.clone(),
            nodes,
            operator_key: None,
            mpi,
            mpi_asked: request.mpi.is_some() || request.only.contains(&StepId::Mpi),
            mpi_prefix,
            backup: backup(self.journal.now, self.salt, plan.job.0),
            known: Arc::clone(&self.links.known),
            all_pairs: pairs::tries_all(wanted.len(), &request.only),
            keys: KeyPlan { work: request.keys.clone(), ..KeyPlan::default() },
        };
        Ok((plan, cluster))
    }
}

/// The folder for what a setup overwrites: no other setup has the same, also not one of another operator that begins in the same
/// moment, because each would take the other's copy for the oldest one.
fn backup(now: Timestamp, salt: u32, job: u32) -> String {
    let time = now.rfc3339().replace([':', '-'], "");
    format!("~/.pictl/backup/{time}-{:03}-{salt:08x}-{job}", now.0.rem_euclid(1000))
}
