//! What every job works with: the world, the connections, the keys, the readings and the questions.
//!
//! No job is known here. What a job has to know of another one stands here as a fact: what is at work, and on which nodes.

use std::collections::BTreeSet;
use std::sync::Arc;

use pictl_formats::facts::NodeReading;
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::event::{Event, Level};
use pictl_model::node::{Member, MpiFamily};
use pictl_model::request::{Ground, Login, Refusal};
use pictl_model::{NodeId, Timestamp};

use super::hosts::Sightings;
use super::journal::{Journal, Kind};
use super::links::Links;
use super::sudo::Sudo;
use crate::choice;
use crate::input::{Effect, Saving};
use crate::remote::RemoteError;
use crate::setup::plan::Readings;

/// What every job works with.
pub(super) struct Core {
    pub(super) journal: Journal,
    pub(super) sightings: Sightings,
    pub(super) links: Links,
    pub(super) sudo: Sudo,
    /// The last reading of each node, with its files.
    pub(super) readings: Readings,
    /// Nodes whose reading is on its way.
    pub(super) asked: BTreeSet<NodeId>,
    /// The last reading of the operator's own machine, where it was the head of a run.
    pub(super) outside: Option<Arc<NodeReading>>,
    /// Nodes on which launcher and MPI were proved to belong together, one hash for each set of them.
    pub(super) proved: Vec<String>,
    /// The MPI that is configured for clusters that have none yet.
    pub(super) configured_mpi: Option<MpiFamily>,
    pub(super) salt: u32,
}

impl Core {
    pub(super) fn new(known: KnownHosts, salt: u32, now: Timestamp) -> Self {
        let mut core = Self {
            journal: Journal::default(),
            sightings: Sightings::default(),
            links: Links::default(),
            sudo: Sudo::default(),
            readings: Readings::new(),
            asked: BTreeSet::new(),
            outside: None,
            proved: Vec::new(),
            configured_mpi: None,
            salt,
        };
        (core.journal.now, core.links.known) = (now, Arc::new(known));
        core
    }

    // ---- what every job does

    /// Publishes an event; later decisions in the same turn see it.
    pub(super) fn publish(&mut self, event: Event) {
        self.journal.publish(event);
    }

    /// Shows a message.
    pub(super) fn notice(&mut self, level: Level, node: Option<&NodeId>, text: impl Into<String>) {
        self.journal.notice(level, node, text);
    }

    /// Refuses a request.
    pub(super) fn refuse(&mut self, what: &str, ground: Ground, reasons: Vec<Refusal>) {
        self.journal.refuse(what, ground, reasons);
    }

    /// The MPI that the cluster uses, when this one is asked for now; `None` when nothing is decided yet.
    pub(super) fn cluster_mpi(&self, asked: Option<MpiFamily>) -> Option<MpiFamily> {
        choice::decided(asked, &self.journal.members(), self.configured_mpi)
    }

    /// Logins on `nodes` are wanted.
    pub(super) fn want_links(&mut self, nodes: &[NodeId], login: &Login) {
        self.links.want_links(&mut self.journal, nodes, login);
    }

    /// `node` is connected.
    pub(super) fn is_up(&self, node: &NodeId) -> bool {
        self.links.is_up(node)
    }

    /// `node` is not connected, and no login is under way.
    pub(super) fn is_down(&self, node: &NodeId) -> bool {
        self.links.is_down(node)
    }

    /// Why `node` is not connected, and what to do.
    pub(super) fn why_down(&self, node: &NodeId) -> (String, String) {
        self.journal.why_down(node)
    }

    // ---- publishing

    // ---- jobs and questions

    // ---- keys and readings

    /// Nodes that are not connected any more report nothing.
    pub(super) fn leave_lost(&mut self) {
        let links = &self.links;
        self.asked.retain(|node| links.is_up(node));
        self.sudo.retain(|node| links.is_up(node));
    }

    /// Has all of `node` read.
    pub(super) fn read(&mut self, node: &NodeId) {
        self.asked.insert(node.clone());
        // An outside master has it where the nodes have it.
        let member = self.journal.member_of(node).cloned().or_else(|| self.journal.members().into_iter().next());
        let prefix = member.and_then(|member| member.mpi_prefix);
        self.journal.effects.push(Effect::Read(node.clone(), prefix));
    }

    /// What waits until the jobs have checked the connections: nodes that are logged in on again, and watched ones of which
    /// nothing is known and that no job reads.
    pub(super) fn after_jobs(&mut self) {
        for node in std::mem::take(&mut self.links.fresh) {
            let unknown = self.journal.world.nodes.get(&node).is_some_and(|n| n.facts.is_none());
            if unknown && self.journal.at_work.is_none() && !self.asked.contains(&node) && self.is_up(&node) {
                self.read(&node);
            }
        }
        let again = std::mem::take(&mut self.links.again);
        if !again.is_empty() {
            let login = self.links.login.clone();
            self.want_links(&again, &login);
        }
    }

    /// Takes a node's reading in; `None` when nobody can use it.
    pub(super) fn take_reading(
        &mut self,
        node: &NodeId,
        result: Result<Box<NodeReading>, RemoteError>,
    ) -> Option<Result<Arc<NodeReading>, RemoteError>> {
        let result = result.map(|mut reading| {
            if let Some(known) =
                self.journal.world.nodes.get(node).and_then(|n| n.facts.as_ref()).filter(|_| !reading.complete)
            {
                reading.fill_from(known);
            }
            Arc::new(*reading)
        });
        self.asked.remove(node);
        match &result {
            // It was asked for by work on keys that is over: all others need the whole of it.
            Ok(reading) if !reading.complete && !self.journal.is_at_work(Kind::Setup) => return None,
            // It is not a node of the cluster: nothing of it is shown or set up.
            Ok(reading) if node.is_operator() => self.outside = Some(Arc::clone(reading)),
            Ok(reading) => {
                self.readings.insert(node.clone(), Arc::clone(reading));
                self.publish_facts(node, reading);
                self.note_cores(node, reading.facts.cores);
            }
            Err(_) => {}
        }
        Some(result)
    }

    /// The inventory keeps how many cores a member has, for machinefiles.
    fn note_cores(&mut self, node: &NodeId, cores: u16) {
        let member = self.journal.member_of(node).filter(|m| cores > 0 && m.cores != Some(cores)).cloned();
        if let Some(member) = member {
            self.journal.put_member(Member { cores: Some(cores), ..member });
            self.journal.save_members(Saving::Noticed);
        }
    }

    /// Publishes what a node is, where it says something new. What only work on keys has read of a node that nothing was
    /// known of is too little to be shown.
    pub(super) fn publish_facts(&mut self, node: &NodeId, reading: &NodeReading) {
        let known = self.journal.world.nodes.get(node).and_then(|n| n.facts.as_ref());
        let news =
            if reading.complete { known != Some(&reading.facts) } else { known.is_some_and(|k| *k != reading.facts) };
        if news {
            self.publish(Event::FactsRead { node: node.clone(), facts: Box::new(reading.facts.clone()) });
            self.fold_by_facts(node, &reading.facts);
            match self.same_board(node) {
                // Something at work on a node keeps its plan: it decides itself.
                Some(_) if self.journal.busy().is_some() => {}
                Some((other, why)) => {
                    let (kept, gone) = if self.stays(node, &other) { (node, &other) } else { (&other, node) };
                    self.join_nodes(kept, gone, &why);
                    self.learn_board(node);
                }
                None => self.learn_board(node),
            }
        }
    }
}
