//! sudo's password: asked for once for all nodes, tried on each, and kept where it is right.

use pictl_model::NodeId;
use pictl_model::node::Sudo;

use crate::dispatcher::Dispatcher;
use crate::dispatcher::sudo::Root;
use crate::setup::action::Action;

impl Dispatcher {
    pub(super) fn nodes_wanting_root(&mut self) -> Vec<NodeId> {
        let mut nodes = self.nodes_wanting(Action::needs_root);
        let Some(setup) = &self.setup else { return Vec::new() };
        nodes.retain(|node| {
            setup.readings.get(node).is_some_and(|r| r.facts.sudo == Some(Sudo::Password))
                && self.core.sudo.password(node).is_none()
                && !setup.no_root.contains(node)
        });
        nodes
    }

    /// Asks for sudo's password on `nodes`.
    pub(super) fn ask_sudo(&mut self, nodes: &[NodeId]) {
        let login = self.setup_login();
        if let Some(setup) = &mut self.setup {
            setup.asked_root = nodes.to_vec();
        }
        self.core.want_root(nodes, &login);
    }

    pub(super) fn setup_login(&self) -> pictl_model::request::Login {
        self.setup.as_ref().map(|s| s.request.login.clone()).unwrap_or_default()
    }

    /// Once sudo's password is asked for nowhere any more: asks for those that are still wanted, else goes on.
    pub(super) fn sudo_settled(&mut self) {
        let Some(setup) = &mut self.setup else { return };
        if setup.asked_root.iter().any(|node| matches!(self.core.sudo.of(node), Root::Open)) {
            return;
        }
        for node in std::mem::take(&mut setup.asked_root) {
            if matches!(self.core.sudo.of(&node), Root::Denied(_)) {
                setup.no_root.insert(node);
            }
        }
        let left = self.nodes_wanting_root();
        if left.is_empty() {
            self.show_plan();
        } else {
            self.ask_sudo(&left);
        }
    }
}
