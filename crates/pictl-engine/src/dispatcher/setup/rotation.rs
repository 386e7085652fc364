//! The operator's key in a setup: which one it is, and how a new one takes its place.

use pictl_model::NodeId;
use pictl_model::event::Level;

use super::Stage;
use crate::dispatcher::Dispatcher;
use crate::input::Effect;
use crate::ports::{ConnectError, ConnectSpec, OperatorKey};
use crate::setup::steps;

impl Dispatcher {
    /// The operator's key was looked for, or made.
    pub(in crate::dispatcher) fn key_ready(&mut self) {
        let public = self.core.key.as_ref().map(|k| k.public.clone());
        let Some(setup) = &mut self.setup else { return };
        let applying = setup.stage == Stage::Applying;
        let keys = &mut setup.change_plan().keys;
        // There was none, so there is none to be replaced.
        keys.work.rotate &= !applying;
        if keys.work.rotate {
            keys.replaced = public;
        } else {
            setup.change_plan().operator_key = public;
        }
        if applying {
            self.apply_steps();
        }
    }

    /// The key that is to take the place of the operator's was made.
    pub(in crate::dispatcher) fn key_renewed(&mut self, made: Result<OperatorKey, ConnectError>) {
        if let Ok(key) = &made {
            self.core.next_key = Some(key.clone());
        }
        let Some(setup) = self.setup.as_mut().filter(|s| s.stage == Stage::Applying) else { return };
        match made {
            Ok(key) => setup.change_plan().operator_key = Some(key.public),
            Err(e) => setup.change_plan().keys.no_new_key = Some(e.to_string()),
        }
        self.apply_steps();
    }

    /// How to prove a login on `node`: with the operator's key alone, and in a rotation with the new one.
    pub(super) fn login_to_prove(&self, node: &NodeId) -> Option<ConnectSpec> {
        let spec = self.core.key_login(node)?;
        let rotates = self.setup.as_ref().is_some_and(|s| s.cluster.keys.work.rotate);
        match self.core.next_key.as_ref().filter(|_| rotates) {
            Some(next) => Some(ConnectSpec { credentials: vec![next.credential(None)], ..spec }),
            None => Some(spec),
        }
    }

    /// Every step has its outcome. A new key takes the place of the operator's where all nodes know it.
    pub(super) fn settle_rotation(&mut self) {
        let rotates = self.setup.as_ref().is_some_and(|s| s.cluster.keys.work.rotate);
        if !rotates || self.core.next_key.is_none() {
            return self.finish_setup();
        }
        let good = self.wanted_nodes().iter().all(|node| {
            let steps = self.steps_on(node);
            steps
                .into_iter()
                .filter(|step| steps::of(*step).guards_rotation)
                .all(|step| self.cell(node, step).is_good())
        });
        if good {
            self.set_stage(Stage::Settling);
            self.core.effects.push(Effect::SettleKey);
        } else {
            let text =
                "the new key is not on every node: your old one stays yours beside it, and `pictl keys rotate` goes on";
            self.core.notice(Level::Warn, None, text);
            self.finish_setup();
        }
    }

    /// The new key took the place of the one before, or could not.
    pub(in crate::dispatcher) fn key_settled(&mut self, settled: Result<OperatorKey, ConnectError>) {
        match settled {
            Ok(key) => {
                if let Some(path) = key.path() {
                    self.core.notice(Level::Info, None, format!("your key is {} from now on", path.display()));
                }
                (self.core.key, self.core.next_key) = (Some(key), None);
            }
            Err(e) => {
                self.core.notice(
                    Level::Error,
                    None,
                    format!("all nodes have the new key, and it is not in place here: {e}"),
                );
            }
        }
        if self.setup.as_ref().is_some_and(|s| s.stage == Stage::Settling) {
            self.finish_setup();
        }
    }

    /// By what pictl came in decides what is proved.
    pub(super) fn note_logins(&mut self) {
        let by = |node: &NodeId| self.core.world.nodes.get(node).and_then(|n| n.login.clone());
        let logins = self.wanted_nodes().into_iter().filter_map(|node| by(&node).map(|by| (node, by))).collect();
        if let Some(setup) = &mut self.setup {
            setup.change_plan().keys.logins = logins;
        }
    }

    /// What the steps have to say about the whole cluster.
    pub(super) fn note_remarks(&mut self) {
        let Some(setup) = &self.setup else { return };
        let steps = setup.plan.steps.iter().map(|step| steps::of(*step));
        let remarks: Vec<_> = steps.flat_map(|step| (step.remarks)(&setup.cluster, &setup.readings)).collect();
        for text in remarks {
            self.core.notice(Level::Warn, None, text);
        }
    }
}
