//! sudo's password: asked for once for all nodes, tried on each, and kept where it is right.

use pictl_model::node::Sudo;
use pictl_model::request::Question;
use pictl_model::{NodeId, Secret};

use crate::dispatcher::Dispatcher;
use crate::input::Effect;
use crate::remote::RemoteError;
use crate::setup::action::Action;
use crate::setup::steps::{ClusterPlan, Readings};

/// sudo passwords tried before the steps that need root fail.
const SUDO_TRIES: u32 = 3;

impl Dispatcher {
    pub(super) fn nodes_wanting_root(&self, cluster: &ClusterPlan, readings: &Readings) -> Vec<NodeId> {
        let Some(setup) = &self.setup else { return Vec::new() };
        let mut nodes = self.nodes_wanting(cluster, readings, Action::needs_root);
        nodes.retain(|node| {
            readings.get(node).is_some_and(|r| r.facts.sudo == Some(Sudo::Password))
                && !self.core.links.sudo.contains_key(node)
                && !setup.no_root.contains(node)
        });
        nodes
    }

    /// Asks for sudo's password on those of `nodes` that want the same: one user's, of whom the login password is known or
    /// not, and who were refused or not. The others come when these are settled.
    pub(super) fn ask_sudo(&mut self, nodes: &[NodeId]) {
        let Some(setup) = &self.setup else { return };
        let login = &setup.request.login;
        let want = |node: &NodeId| {
            let refused = setup.sudo_tries.contains_key(node);
            (refused, self.core.user_of(node, login), self.core.links.password_on(node).is_some())
        };
        let Some(first) = nodes.iter().map(want).min() else { return };
        let nodes = nodes.iter().filter(|node| want(node) == first).cloned().collect();
        let (refused, user, same_offered) = first;
        let retry = refused.then(|| setup.sudo_refusal.clone());
        self.core.ask(Question::SudoPassword { user, nodes, same_offered, retry });
    }

    pub(super) fn setup_login(&self) -> pictl_model::request::Login {
        self.setup.as_ref().map(|s| s.request.login.clone()).unwrap_or_default()
    }

    /// Each node's password; without one what needs root is left out there.
    pub(in crate::dispatcher) fn sudo_answered(&mut self, words: Vec<(NodeId, Option<Secret>)>) {
        for (node, word) in words {
            // One that went away while the user typed has failed by now.
            let there = self.core.is_up(&node);
            let Some(setup) = &mut self.setup else { return };
            match word {
                None => drop(setup.no_root.insert(node)),
                Some(password) if there => {
                    *setup.sudo_tries.entry(node.clone()).or_default() += 1;
                    setup.sudo_pending.insert(node.clone(), password.clone());
                    self.core.effects.push(Effect::TrySudo { node, password });
                }
                Some(_) => {}
            }
        }
        self.sudo_settled();
    }

    /// A setup has given a password to some node's sudo.
    pub(in crate::dispatcher) fn is_trying_sudo(&self) -> bool {
        self.setup.as_ref().is_some_and(|s| !s.sudo_pending.is_empty())
    }

    pub(in crate::dispatcher) fn sudo_tried(&mut self, node: &NodeId, result: Result<(), RemoteError>) {
        let Some(setup) = &mut self.setup else { return };
        let Some(password) = setup.sudo_pending.remove(node) else { return };
        match result {
            Ok(()) => drop(self.core.links.sudo.insert(node.clone(), password)),
            Err(e) if setup.sudo_tries.get(node).is_some_and(|tries| *tries < SUDO_TRIES) => {
                setup.sudo_refusal = e.message;
            }
            Err(_) => drop(setup.no_root.insert(node.clone())),
        }
        self.sudo_settled();
    }

    /// Once no sudo password is being tried any more: asks for those that are still wanted, else goes on.
    pub(super) fn sudo_settled(&mut self) {
        if self.setup.as_ref().is_none_or(|s| !s.sudo_pending.is_empty()) {
            return;
        }
        let readings = self.setup_readings();
        let Some(setup) = &self.setup else { return };
        let cluster = setup.cluster.clone();
        let left = self.nodes_wanting_root(&cluster, &readings);
        if left.is_empty() {
            self.show_plan();
        } else {
            self.ask_sudo(&left);
        }
    }
}
