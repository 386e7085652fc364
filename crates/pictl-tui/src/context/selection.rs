//! The nodes on the screen, the cursor and the marks.

use std::collections::{BTreeMap, BTreeSet};

use pictl_model::world::NodeView;
use pictl_model::{HostName, NodeId};

use super::kinds::{answers_ssh, can_be_pi, is_known};
use super::{Context, Obstacle, Order};
use crate::field::TextField;
use crate::keymap::{Command, Mode};
use crate::words;

/// The nodes that the user chose, named and wants to see. All screens share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    pub(crate) cursor: Option<NodeId>,
    pub(crate) marks: BTreeSet<NodeId>,
    /// By what the nodes are ordered.
    pub(crate) order: Order,
    /// Names given by hand to nodes that are not in the cluster yet.
    pub(crate) names: BTreeMap<NodeId, HostName>,
    /// What nodes must have to be shown.
    pub(crate) filter: TextField,
}

impl Selection {
    pub(crate) fn name_of(&self, node: &NodeView) -> String {
        match self.names.get(&node.id) {
            Some(name) if node.member.is_none() => name.to_string(),
            _ => node.name().trim_end_matches(".local").to_owned(),
        }
    }

    /// Two hosts were one: what the user did to the one holds for the other.
    pub(crate) fn folded(&mut self, node: &NodeId, into: &NodeId) {
        if self.marks.remove(node) {
            self.marks.insert(into.clone());
        }
        if self.cursor.as_ref() == Some(node) {
            self.cursor = Some(into.clone());
        }
        if let Some(name) = self.names.remove(node) {
            self.names.entry(into.clone()).or_insert(name);
        }
    }
}

impl Context {
    /// The nodes that the filter lets through, in their order.
    pub(crate) fn shown_nodes(&self) -> Vec<&NodeView> {
        let mut nodes = self.ordered(self.selection.order);
        nodes.retain(|node| self.lets_through(node));
        nodes
    }

    /// The filter shows this node.
    fn lets_through(&self, node: &NodeView) -> bool {
        let wanted = self.selection.filter.text();
        if wanted.trim().is_empty() {
            return true;
        }
        let text = self.search_text(node);
        wanted.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }

    /// There is a Raspberry Pi that could be marked.
    pub(crate) fn shows_pi(&self) -> bool {
        self.world.nodes.values().any(|n| is_known(n) && can_be_pi(n) && self.lets_through(n))
    }

    /// What a filter searches.
    fn search_text(&self, node: &NodeView) -> String {
        let sighting = node.sighting.as_ref();
        let also = node.also.iter().map(|also| also.address).chain(sighting.iter().flat_map(|s| s.others.clone()));
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let parts = [
            self.name_of(node),
            node.id.to_string(),
            node.address().map(|a| a.to_string()).unwrap_or_default(),
            also.map(|address| address.to_string()).collect::<Vec<_>>().join(" "),
            node.model().unwrap_or_default().to_owned(),
            text(sighting.and_then(|s| s.vendor.as_ref())),
            text(sighting.and_then(|s| s.hostname.as_ref())),
            text(sighting.and_then(|s| s.ssh.as_ref())),
            words::link(&node.link),
            // What is seen of it, and what nodes have in common in the words that the help page names.
            node.likelihood().word().to_owned(),
            sighting.iter().flat_map(|s| &s.flags).map(|flag| words::flag(flag).0).collect::<Vec<_>>().join(" "),
            node.change.map(|(_, change)| change.word()).unwrap_or_default().to_owned(),
            if node.is_pi() { "raspberry pi" } else { "" }.to_owned(),
            if answers_ssh(node) { "ssh" } else { "" }.to_owned(),
            if node.member.is_some() { "cluster" } else { "" }.to_owned(),
        ];
        parts.join(" ").to_lowercase()
    }

    /// The place of the cursor among `shown`.
    pub(crate) fn cursor_in(&self, shown: &[&NodeView]) -> usize {
        self.selection.cursor.as_ref().and_then(|id| shown.iter().position(|n| n.id == *id)).unwrap_or(0)
    }

    /// The node under the cursor.
    pub(crate) fn node_at_cursor(&self) -> Option<&NodeView> {
        let held = self.selection.cursor.as_ref().and_then(|id| self.world.nodes.get(id));
        // Asked for many times a picture: nothing is put in order for it as long as the cursor is somewhere.
        let held = held.filter(|n| is_known(n) && self.lets_through(n));
        held.or_else(|| self.shown_nodes().first().copied())
    }

    /// Binds the cursor to the node that it is seen on: from the first key on it stays there, whatever appears above.
    pub(crate) fn hold_cursor(&mut self) {
        self.selection.cursor = self.node_at_cursor().map(|n| n.id.clone());
    }

    pub(crate) fn move_cursor(&mut self, command: Command) {
        let shown = self.shown_nodes();
        let last = shown.len().saturating_sub(1);
        let at = self.cursor_in(&shown);
        let page = usize::from(self.size.1).saturating_sub(8).max(1);
        let to = match command {
            Command::Up => at.saturating_sub(1),
            Command::Down => at + 1,
            Command::PageUp => at.saturating_sub(page),
            Command::PageDown => at + page,
            Command::Top => 0,
            Command::Bottom => last,
            _ => at,
        };
        self.selection.cursor = shown.get(to.min(last)).map(|n| n.id.clone());
    }

    pub(crate) fn mark_at_cursor(&mut self) {
        let Some(id) = self.node_at_cursor().map(|n| n.id.clone()) else { return };
        if !self.selection.marks.remove(&id) {
            self.selection.marks.insert(id);
        }
        self.move_cursor(Command::Down);
    }

    /// Marks all Raspberry Pis shown; takes the marks off when all have one.
    pub(crate) fn mark_pis(&mut self) {
        let pis: Vec<NodeId> = self.shown_nodes().iter().filter(|n| can_be_pi(n)).map(|n| n.id.clone()).collect();
        if pis.iter().all(|id| self.selection.marks.contains(id)) {
            self.selection.marks.retain(|id| !pis.contains(id));
        } else {
            self.selection.marks.extend(pis);
        }
    }

    /// The nodes that `set up` is about: the marked ones, with the members when a marked one is new to the cluster
    /// (a cluster's keys and names go to all of its nodes); without marks the members, else the Raspberry Pis found.
    pub(crate) fn setup_nodes(&self) -> Vec<NodeId> {
        let is_member = |n: &NodeView| n.member.is_some();
        let nodes = self.ordered(Order::Usual);
        let marked = |n: &NodeView| self.selection.marks.contains(&n.id);
        let grows = nodes.iter().any(|n| marked(n) && !is_member(n));
        let has_members = nodes.iter().any(|n| is_member(n));
        let chosen = nodes.iter().filter(|n| {
            if self.selection.marks.is_empty() {
                if has_members { is_member(n) } else { can_be_pi(n) && answers_ssh(n) }
            } else {
                marked(n) || (grows && is_member(n))
            }
        });
        chosen.map(|n| n.id.clone()).collect()
    }

    /// The names that `nodes` get: their own when they have one, else the next free number.
    pub(crate) fn names_for(&self, nodes: &[NodeId], prefix: &str) -> Vec<String> {
        let own = |id: &NodeId| -> Option<HostName> {
            let member = self.world.nodes.get(id).and_then(|n| n.member.as_ref()).map(|m| m.name.clone());
            member.or_else(|| self.selection.names.get(id).cloned())
        };
        let mut taken: Vec<String> = self.world.members().iter().map(|n| n.name()).collect();
        taken.extend(self.selection.names.values().map(ToString::to_string));
        let digits = nodes.len().to_string().len().max(2);
        let mut number = 0;
        nodes
            .iter()
            .map(|id| {
                if let Some(name) = own(id) {
                    return name.to_string();
                }
                loop {
                    number += 1;
                    let name = format!("{prefix}{number:0digits$}");
                    if !taken.contains(&name) {
                        return name;
                    }
                }
            })
            .collect()
    }

    /// `Ok` unless only hosts are marked that are not in the cluster: work on the cluster would not be about the marks.
    pub(crate) fn marks_mean_members(&self) -> Obstacle {
        if self.selection.marks.is_empty() || !self.marked_members().is_empty() {
            return Ok(());
        }
        let set_up = self.options.keymap.key(Mode::Everywhere, Command::SetUp);
        Err(format!(
            "the marked hosts are not in the cluster: {set_up} sets them up, Esc on the Nodes screen removes the marks"
        ))
    }

    /// The marked nodes that are in the cluster.
    pub(crate) fn marked_members(&self) -> Vec<NodeId> {
        self.world.members().iter().map(|n| n.id.clone()).filter(|id| self.selection.marks.contains(id)).collect()
    }
}
