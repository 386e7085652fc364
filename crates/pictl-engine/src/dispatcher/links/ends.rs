//! Connections that are closed on purpose: nobody wants them any more, or they have to be made again.

use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::node::Link;

use super::State;
use crate::dispatcher::core::Core;
use crate::input::Effect;

impl Core {
    /// Closes the connection to a node that is not wanted any more, and the questions about it.
    pub(in crate::dispatcher) fn forget_link(&mut self, node: &NodeId) {
        self.drop_link(node);
        self.route_closed(node);
        self.drop_unused_jump_hosts();
        self.settle();
    }

    /// The session ends.
    pub(in crate::dispatcher) fn end_links(&mut self) {
        if std::mem::take(&mut self.links.unsaved) {
            self.save_members();
        }
        self.links.wipe();
        self.sudo.wipe();
    }

    /// The route to `node` changed: its connection is made again. While something is at work it stays as it is.
    pub(in crate::dispatcher) fn relink(&mut self, node: &NodeId) {
        if self.busy().is_some() || !self.links.nodes.contains_key(node) {
            return;
        }
        self.forget_link(node);
        if self.watching {
            self.links.again.push(node.clone());
        }
    }

    /// Closes a connection that somebody made and does not need any more, unless others want it too.
    pub(in crate::dispatcher) fn release_link(&mut self, node: &NodeId) {
        if !self.is_watched(node) && !self.is_worked_on(node) && !self.is_down(node) {
            self.forget_link(node);
        }
    }

    /// No job works on `node`, and nothing would be lost without it.
    pub(in crate::dispatcher) fn may_go(&self, node: &NodeId) -> bool {
        let of_cluster = self.is_watched(node) || node.is_operator();
        !of_cluster && self.is_down(node) && (self.busy().is_none() || !self.links.nodes.contains_key(node))
    }

    /// Forgets a node that was connected at most before.
    pub(in crate::dispatcher) fn leave_link(&mut self, node: &NodeId) {
        if self.links.nodes.contains_key(node) {
            self.drop_link(node);
        }
    }

    pub(super) fn drop_link(&mut self, node: &NodeId) {
        self.links.set(node, State::Down);
        self.links.nodes.remove(node);
        self.sudo.leave(node);
        self.publish(Event::LinkChanged { node: node.clone(), link: Link::Idle });
        self.effects.push(Effect::Disconnect(node.clone()));
    }
}
