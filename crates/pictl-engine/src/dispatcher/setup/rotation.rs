//! The operator's key in a setup: which one it is, and how a new one takes its place.

use pictl_formats::authorized_keys::{Pick, entries};
use pictl_formats::facts::FileKind;
use pictl_model::NodeId;
use pictl_model::event::Level;
use pictl_model::step::StepId;

use super::Stage;
use crate::dispatcher::Dispatcher;
use crate::input::Effect;
use crate::ports::{ConnectError, ConnectSpec, OperatorKey};

impl Dispatcher {
    /// The operator's key was looked for, or made.
    pub(in crate::dispatcher) fn key_ready(&mut self) {
        let public = self.core.key.as_ref().map(|k| k.public.clone());
        let Some(setup) = &mut self.setup else { return };
        let (applying, keys) = (setup.stage == Stage::Applying, &mut setup.cluster.keys);
        // There was none, so there is none to be replaced.
        keys.work.rotate &= !applying;
        if keys.work.rotate {
            keys.replaced = public;
        } else {
            setup.cluster.operator_key = public;
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
            Ok(key) => setup.cluster.operator_key = Some(key.public),
            Err(e) => {
                for node in self.wanted_nodes() {
                    let hint = "look at ~/.ssh on this machine".to_owned();
                    self.fail_cell(&node, StepId::OperatorKey, format!("no new key could be made: {e}"), hint);
                }
            }
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
            let of_keys = steps.into_iter().filter(|s| matches!(s, StepId::OperatorKey | StepId::Revoke));
            of_keys.into_iter().all(|step| self.cell(node, step).is_good())
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
            setup.cluster.keys.logins = logins;
        }
    }

    /// Tells of keys to be taken out that are nowhere.
    pub(super) fn tell_unknown_picks(&mut self) {
        let readings = self.setup_readings();
        let Some(setup) = &self.setup else { return };
        let texts: Vec<String> = readings
            .values()
            .filter_map(|r| r.files.get(&FileKind::AuthorizedKeys))
            .map(|state| String::from_utf8_lossy(state.content()).into_owned())
            .collect();
        let nowhere = |word: &&String| {
            Pick::parse(word).is_ok_and(|pick| !texts.iter().any(|text| entries(text).any(|e| pick.means(&e.key))))
        };
        let unknown: Vec<String> = setup.request.keys.remove.iter().filter(nowhere).cloned().collect();
        for word in unknown {
            let word = pictl_model::text::clean(&word, 80);
            self.core.notice(Level::Warn, None, format!("no node lets in a key that is called {word}"));
        }
    }
}
