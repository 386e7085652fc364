//! The operator's key in a setup: which one it is, and how a new one takes its place.

use pictl_model::NodeId;
use pictl_model::event::{Event, Level};

use super::{Setup, Stage};
use crate::dispatcher::core::Core;
use crate::input::Effect;
use crate::ports::{ConnectError, ConnectSpec, OperatorKey};
use crate::setup::steps;

impl Core {
    /// A new key for the operator was made, or could not be.
    pub(in crate::dispatcher) fn key_renewed(&mut self, made: &Result<OperatorKey, ConnectError>) {
        if let Ok(key) = made {
            self.links.next_key = Some(key.clone());
        }
    }

    /// The new key took the place of the one before, or could not.
    pub(in crate::dispatcher) fn key_settled(&mut self, settled: &Result<OperatorKey, ConnectError>) {
        match settled {
            Ok(key) => {
                if let Some(path) = key.path() {
                    self.notice(Level::Info, None, format!("your key is {} from now on", path.display()));
                }
                (self.links.key, self.links.next_key) = (Some(key.clone()), None);
            }
            Err(e) => {
                let text =
                    format!("all nodes have the new key, but it could not be put in place on this computer: {e}");
                self.publish(Event::NotSaved { text });
            }
        }
    }
}

impl Setup {
    /// The operator's key was looked for. Logins look for it again while none was made yet, and that answer is not the one
    /// that the setup waits for.
    pub(super) fn key_ready(&mut self, core: &mut Core) {
        if self.stage != Stage::MakingKey {
            self.take_key(core);
        }
    }

    /// The operator's first key was made, or could not be.
    pub(super) fn key_made(&mut self, core: &mut Core, made: Result<OperatorKey, ConnectError>) {
        if self.stage != Stage::MakingKey {
            return;
        }
        // There was none, so there is none to be replaced.
        self.change_plan().keys.work.rotate = false;
        self.take_key(core);
        if let Err(e) = made {
            self.change_plan().keys.no_new_key = Some(e.to_string());
        }
        self.stage = Stage::Applying;
        self.apply_steps(core);
    }

    fn take_key(&mut self, core: &Core) {
        let public = core.links.key.as_ref().map(|k| k.public.clone());
        let cluster = self.change_plan();
        if cluster.keys.work.rotate {
            cluster.keys.replaced = public;
        } else {
            cluster.operator_key = public;
        }
    }

    /// The key that will take the place of the operator's was made.
    pub(super) fn key_renewed(&mut self, core: &mut Core, made: Result<OperatorKey, ConnectError>) {
        if self.stage != Stage::MakingKey {
            return;
        }
        self.stage = Stage::Applying;
        match made {
            Ok(key) => self.change_plan().operator_key = Some(key.public),
            Err(e) => self.change_plan().keys.no_new_key = Some(e.to_string()),
        }
        self.apply_steps(core);
    }

    /// How to prove a login on `node`: with the operator's key alone, and in a rotation with the new one.
    pub(super) fn login_to_prove(&self, core: &Core, node: &NodeId) -> Option<ConnectSpec> {
        let spec = core.links.key_login(node)?;
        match core.links.next_key.as_ref().filter(|_| self.cluster.keys.work.rotate) {
            Some(next) => Some(ConnectSpec { credentials: vec![next.credential(None)], ..spec }),
            None => Some(spec),
        }
    }

    /// Every step has its outcome. A new key takes the place of the operator's where all nodes know it.
    pub(super) fn settle_rotation(&mut self, core: &mut Core) {
        if !self.cluster.keys.work.rotate || core.links.next_key.is_none() {
            return self.finish(core);
        }
        let good = self.wanted_nodes().iter().all(|node| {
            let guards = self.steps_on(node).into_iter().filter(|step| steps::of(*step).guards_rotation);
            guards.into_iter().all(|step| self.cell(node, step).is_good())
        });
        if good {
            self.stage = Stage::Settling;
            core.journal.effects.push(Effect::SettleKey);
        } else {
            let text = "the new key is not on every node: your old key stays valid, and `pictl keys rotate` continues";
            core.notice(Level::Warn, None, text);
            self.finish(core);
        }
    }

    /// By what pictl is logged in decides what is proved.
    pub(super) fn note_logins(&mut self, core: &Core) {
        let by = |node: &NodeId| core.journal.world.nodes.get(node).and_then(|n| n.login.clone());
        let logins = self.wanted_nodes().into_iter().filter_map(|node| by(&node).map(|by| (node, by))).collect();
        self.change_plan().keys.logins = logins;
    }

    /// Publishes what the steps have to say about the whole cluster.
    pub(super) fn note_remarks(&self, core: &mut Core) {
        for step in &self.plan.steps {
            for text in (steps::of(*step).remarks)(&self.cluster, &self.readings) {
                core.notice(Level::Warn, None, text);
            }
        }
    }
}
