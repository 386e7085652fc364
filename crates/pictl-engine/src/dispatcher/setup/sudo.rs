//! sudo's password: asked for once for all nodes, tried on each, and kept where it is right.

use pictl_model::node::Sudo;
use pictl_model::request::Question;
use pictl_model::{NodeId, Secret};

use crate::dispatcher::Dispatcher;
use crate::input::Effect;
use crate::remote::RemoteError;
use crate::setup::action::Action;
use crate::setup::steps::{Check, ClusterPlan, Readings, check};

/// sudo passwords tried before the steps that need root fail.
const SUDO_TRIES: u32 = 3;

impl Dispatcher {
    pub(super) fn nodes_wanting_root(&self, cluster: &ClusterPlan, readings: &Readings) -> Vec<NodeId> {
        let Some(setup) = &self.setup else { return Vec::new() };
        let wants = |node: &NodeId| {
            self.steps_on(node).into_iter().any(|step| {
                !self.cell(node, step).is_final()
                    && matches!(check(step, cluster, readings, node), Check::Change { actions, .. } if actions.iter().any(Action::needs_root))
            })
        };
        readings
            .iter()
            .filter(|(node, r)| {
                r.facts.sudo == Some(Sudo::Password)
                    && !self.links.sudo.contains_key(*node)
                    && !setup.no_root.contains(*node)
                    && wants(node)
            })
            .map(|(node, _)| node.clone())
            .collect()
    }

    pub(super) fn ask_sudo(&mut self, nodes: Vec<NodeId>, retry: Option<String>) {
        let Some(user) = nodes.first().map(|n| self.user_of(n, &self.setup_login())) else { return };
        let same_offered = self.links.password_of(&user).is_some();
        self.ask(Question::SudoPassword { user, nodes, same_offered, retry });
    }

    pub(super) fn setup_login(&self) -> pictl_model::request::Login {
        self.setup.as_ref().map(|s| s.request.login.clone()).unwrap_or_default()
    }

    pub(in crate::dispatcher) fn sudo_answered(&mut self, nodes: &[NodeId], given: Option<Secret>) {
        let Some(setup) = &mut self.setup else { return };
        let Some(password) = given else {
            setup.no_root.extend(nodes.iter().cloned());
            return self.show_plan();
        };
        setup.sudo_tries += 1;
        // One that went away while the user typed has failed by now.
        let there: Vec<_> = nodes.iter().filter(|n| self.is_up(n)).cloned().collect();
        for node in there {
            if let Some(setup) = &mut self.setup {
                setup.sudo_pending.insert(node.clone(), password.clone());
            }
            self.effects.push(Effect::TrySudo { node, password: password.clone() });
        }
        self.sudo_settled(None);
    }

    pub(in crate::dispatcher) fn sudo_tried(&mut self, node: &NodeId, result: Result<(), RemoteError>) {
        let Some(setup) = &mut self.setup else { return };
        let Some(password) = setup.sudo_pending.remove(node) else { return };
        let refused = match result {
            Ok(()) => {
                self.links.sudo.insert(node.clone(), password);
                None
            }
            Err(e) if setup.sudo_tries < SUDO_TRIES => Some(e.message),
            Err(_) => {
                setup.no_root.insert(node.clone());
                None
            }
        };
        self.sudo_settled(refused);
    }

    /// Once no sudo password is being tried any more: asks for those that were refused, else goes on.
    pub(super) fn sudo_settled(&mut self, refused: Option<String>) {
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
            self.ask_sudo(left, Some(refused.unwrap_or_else(|| "the password was refused".into())));
        }
    }
}
