//! What would change: checked, shown, and agreed on, with the passphrase and the sudo passwords that it needs.

use std::collections::BTreeSet;

use pictl_model::NodeId;
use pictl_model::node::Sudo;
use pictl_model::request::Question;
use pictl_model::step::{StepId, StepState};

use super::{Setup, Stage};
use crate::dispatcher::core::Core;
use crate::dispatcher::sudo::Root;
use crate::setup::action::Action;
use crate::setup::check::Check;
use crate::setup::steps;

impl Setup {
    /// Checks every step on every node that was read, and shows what would change.
    pub(super) fn show_plan(&mut self, core: &mut Core) {
        for (node, step) in self.open_cells() {
            self.show(core, &node, step);
        }
        if self.request.dry_run {
            return self.finish(core);
        }
        if let Some(key) = core.links.shut_key() {
            let nodes = self.nodes_wanting(Action::needs_key);
            if !nodes.is_empty() {
                self.stage = Stage::Passphrase;
                core.journal.ask(Question::Passphrase { key, nodes, retry: None });
                return;
            }
        }
        let wants_root = self.nodes_wanting_root(core);
        if !wants_root.is_empty() {
            return self.ask_sudo(core, wants_root);
        }
        let (changes, nodes) = self.count_changes();
        if changes > 0 && !self.request.yes {
            self.stage = Stage::Asking;
            self.asked = Some(core.journal.ask(Question::Apply { changes, nodes }));
        } else {
            self.begin_applying(core);
        }
    }

    fn show(&mut self, core: &mut Core, node: &NodeId, step: StepId) {
        match &*self.found(node, step) {
            Check::AlreadySo(text) if self.request.dry_run => {
                self.set_cell(core, node, step, StepState::AlreadySo, text.clone());
            }
            // Another step may change what it rests on, so nothing is final before its turn.
            Check::AlreadySo(text) => {
                self.set_cell(core, node, step, StepState::Planned, format!("unchanged: {text}"));
            }
            Check::Change { message, change, .. } => {
                self.report(core, node, step, StepState::Planned, message.clone(), None, change.clone());
            }
            Check::Later(text) => self.set_cell(core, node, step, StepState::Planned, text.clone()),
            Check::Warn { message, hint } => self.warn_cell(core, node, step, message, hint.as_ref()),
            Check::Fail { message, hint } => self.fail_cell(core, node, step, message.clone(), hint.clone()),
        }
    }

    /// Steps that change something (proofs do not), and the nodes on which they do.
    fn count_changes(&mut self) -> (u32, u32) {
        let mut nodes = BTreeSet::new();
        let mut changes = 0;
        for (node, step) in self.open_cells() {
            if (steps::of(step).changes)(&self.cluster.keys.work)
                && matches!(*self.found(&node, step), Check::Change { .. } | Check::Later(_))
            {
                changes += 1;
                nodes.insert(node);
            }
        }
        (changes, u32::try_from(nodes.len()).unwrap_or(u32::MAX))
    }

    /// The nodes on which something like this is still to be done.
    fn nodes_wanting(&mut self, wanted: impl Fn(&Action) -> bool) -> Vec<NodeId> {
        let mut nodes = BTreeSet::new();
        for (node, step) in self.open_cells() {
            if self.found(&node, step).actions().iter().any(&wanted) {
                nodes.insert(node);
            }
        }
        nodes.into_iter().collect()
    }

    // ---- sudo's password

    fn nodes_wanting_root(&mut self, core: &Core) -> Vec<NodeId> {
        let mut nodes = self.nodes_wanting(Action::needs_root);
        nodes.retain(|node| {
            self.readings.get(node).is_some_and(|r| r.facts.sudo == Some(Sudo::Password))
                && core.sudo.password(node).is_none()
                && !self.no_root.contains(node)
        });
        nodes
    }

    /// Asks for sudo's password on `nodes`.
    fn ask_sudo(&mut self, core: &mut Core, nodes: Vec<NodeId>) {
        self.stage = Stage::Sudo;
        core.want_root(&nodes, &self.request.login);
        self.asked_root = nodes;
    }

    /// Once sudo's password is asked for nowhere any more: asks where it is still needed, else shows the plan.
    pub(super) fn sudo_settled(&mut self, core: &mut Core) {
        if self.asked_root.iter().any(|node| matches!(core.sudo.of(node), Root::Open)) {
            return;
        }
        for node in std::mem::take(&mut self.asked_root) {
            if matches!(core.sudo.of(&node), Root::Denied(_)) {
                self.no_root.insert(node);
            }
        }
        let left = self.nodes_wanting_root(core);
        if left.is_empty() {
            self.show_plan(core);
        } else {
            self.ask_sudo(core, left);
        }
    }

    // ---- the answer

    pub(super) fn answered(&mut self, core: &mut Core, yes: bool) {
        if yes {
            self.begin_applying(core);
        } else {
            self.abort_rest(core, "nothing was changed");
            self.finish(core);
        }
    }
}
