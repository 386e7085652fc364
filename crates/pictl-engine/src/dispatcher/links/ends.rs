//! Connections that are closed on purpose: nobody wants them any more, or they have to be made again.

use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::node::Link;

use super::{Links, State};
use crate::dispatcher::journal::Journal;
use crate::input::{Effect, Saving};

impl Links {
    /// Closes the connection to a node that is not wanted any more, and the questions about it.
    pub(in crate::dispatcher) fn forget_link(&mut self, journal: &mut Journal, node: &NodeId) {
        self.drop_link(journal, node);
        self.route_closed(journal, node);
        self.drop_unused_jump_hosts(journal);
        self.settle(journal);
    }

    /// The session ends.
    pub(in crate::dispatcher) fn end_links(&mut self, journal: &mut Journal) {
        self.ending = true;
        if std::mem::take(&mut self.unsaved) {
            journal.save_members(Saving::Noticed);
        }
        self.wipe();
    }

    /// The route to `node` changed: its connection is made again. While something is at work it stays as it is.
    pub(in crate::dispatcher) fn relink(&mut self, journal: &mut Journal, node: &NodeId) {
        if journal.busy().is_some() || !self.nodes.contains_key(node) {
            return;
        }
        self.forget_link(journal, node);
        if self.watching {
            self.again.push(node.clone());
        }
    }

    /// Closes a connection that somebody made and does not need any more, unless others want it too.
    pub(in crate::dispatcher) fn release_link(&mut self, journal: &mut Journal, node: &NodeId) {
        if !self.is_watched(journal, node) && !journal.is_worked_on(node) && !self.is_down(node) {
            self.forget_link(journal, node);
        }
    }

    /// No job works on `node`, and nothing would be lost without it.
    pub(in crate::dispatcher) fn may_go(&self, journal: &Journal, node: &NodeId) -> bool {
        let of_cluster = self.is_watched(journal, node) || node.is_operator();
        !of_cluster && self.is_down(node) && (journal.busy().is_none() || !self.nodes.contains_key(node))
    }

    /// Forgets a node that was connected at most before.
    pub(in crate::dispatcher) fn leave_link(&mut self, journal: &mut Journal, node: &NodeId) {
        if self.nodes.contains_key(node) {
            self.drop_link(journal, node);
        }
    }

    pub(super) fn drop_link(&mut self, journal: &mut Journal, node: &NodeId) {
        self.set(node, State::Down);
        self.nodes.remove(node);
        journal.publish(Event::LinkChanged { node: node.clone(), link: Link::Idle });
        journal.effects.push(Effect::Disconnect(node.clone()));
    }
}
