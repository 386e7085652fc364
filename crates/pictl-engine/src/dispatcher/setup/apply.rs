//! The work itself: every step as soon as it can be done, and what each has found to be true.

use pictl_formats::known_hosts::fingerprint;
use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::node::Member;
use pictl_model::step::{StepId, StepState};

use super::Stage;
use crate::dispatcher::Dispatcher;
use crate::input::Effect;
use crate::remote::RemoteError;
use crate::script::Rights;
use crate::setup::action::{Outcome, StepNews};
use crate::setup::check::Check;
use crate::setup::plan::PlanNode;
use crate::setup::steps;

impl Dispatcher {
    pub(in crate::dispatcher) fn apply_answered(&mut self, yes: bool) {
        if self.setup.as_ref().is_none_or(|s| s.stage != Stage::Asking) {
            return;
        }
        if yes {
            self.begin_applying();
        } else {
            self.abort_rest("nothing was changed");
            self.finish_setup();
        }
    }

    pub(super) fn begin_applying(&mut self) {
        self.set_stage(Stage::Applying);
        self.adopt_members();
        // The first change is the operator's own key, where there is none, and somebody who takes it.
        if self.setup.as_ref().is_none_or(|s| s.readings.is_empty()) {
            self.apply_steps();
        } else if self.core.key.is_none() {
            let identity = self.setup_login().identity;
            self.core.effects.push(Effect::FindKey { identity, make: true });
        } else if self.setup.as_ref().is_some_and(|s| s.cluster.keys.work.rotate) {
            self.core.effects.push(Effect::RenewKey);
        } else {
            self.apply_steps();
        }
    }

    /// The nodes that were read are members of the cluster from now on.
    fn adopt_members(&mut self) {
        let Some(setup) = &self.setup else { return };
        let adopted: Vec<PlanNode> =
            setup.cluster.nodes.iter().filter(|n| n.wanted && setup.readings.contains_key(&n.node)).cloned().collect();
        for n in adopted {
            let view = self.core.world.nodes.get(&n.node);
            let (identity, jump) = self.core.kept_way(&n.node, &self.setup_login());
            let known = self.core.known.keys_of(&n.address.to_string(), n.port);
            let member = Member {
                mac: view.and_then(|v| {
                    v.member.as_ref().and_then(|m| m.mac).or_else(|| v.sighting.as_ref().and_then(|s| s.mac))
                }),
                host_key: known.first().map(fingerprint),
                id: n.node,
                name: n.name,
                address: n.address,
                port: n.port,
                user: n.user,
                head: n.head,
                identity,
                jump,
            };
            self.core.put_member(member);
        }
        self.core.save_members();
    }

    /// Starts every step that can start, settles those that need no work, and ends the setup when nothing is left.
    pub(super) fn apply_steps(&mut self) {
        loop {
            let mut moved = false;
            for node in self.wanted_nodes() {
                while let Some(step) = self.next_step(&node) {
                    moved = true;
                    if !self.take_step(&node, step) {
                        break;
                    }
                }
            }
            if !moved {
                break;
            }
        }
        let steps = self.setup.as_ref().map(|s| s.plan.steps.clone()).unwrap_or_default();
        if steps.into_iter().all(|step| self.over_everywhere(step)) {
            self.settle_rotation();
        }
    }

    /// The first step without an outcome on `node`, if it can be taken now.
    fn next_step(&self, node: &NodeId) -> Option<StepId> {
        let step = self.steps_on(node).into_iter().find(|s| !self.cell(node, *s).is_final())?;
        let at_work = matches!(self.cell(node, step), StepState::Applying | StepState::Verifying | StepState::Checking);
        let others = steps::of(step).waits_for.iter().all(|needed| self.over_everywhere(*needed));
        (!at_work && others).then_some(step)
    }

    /// Takes one step on: true when it has an outcome at once, false when work was started.
    fn take_step(&mut self, node: &NodeId, step: StepId) -> bool {
        let mut needs = steps::of(step).needs.iter();
        let unmet = needs.find(|n| self.steps_on(node).contains(n) && !self.cell(node, **n).is_good());
        if let Some(unmet) = unmet {
            self.set_cell(node, step, StepState::Skipped, format!("left out: `{unmet}` is not done on this node"));
            return true;
        }
        let Some(setup) = &self.setup else { return true };
        if setup.cancelled {
            self.set_cell(node, step, StepState::Aborted, "stopped before it began");
            return true;
        }
        let Some(found) = self.found(node, step) else { return true };
        match &*found {
            Check::AlreadySo(text) => self.set_cell(node, step, StepState::AlreadySo, text.clone()),
            Check::Warn { message, hint } => {
                self.report(node, step, StepState::Warned, message.clone(), hint.clone(), Vec::new());
            }
            Check::Fail { message, hint } => self.fail_cell(node, step, message.clone(), hint.clone()),
            Check::Later(text) => {
                let hint = "see the steps that failed".to_owned();
                self.fail_cell(node, step, format!("it cannot be done: {text}"), hint);
            }
            Check::Change { .. } => {
                self.begin_work(node, step, &found);
                return false;
            }
        }
        true
    }

    /// Starts the work that a check has found.
    fn begin_work(&mut self, node: &NodeId, step: StepId, found: &Check) {
        let Check::Change { message, change, actions, reservation, part } = found else { return };
        let sudo = self.setup.as_ref().and_then(|s| s.readings.get(node)).and_then(|r| r.facts.sudo);
        let root = Rights::root(sudo, self.core.sudo.password(node));
        self.report(node, step, StepState::Applying, message.clone(), None, change.clone());
        if let Some(cell) = self.setup.as_mut().and_then(|s| s.cells.get_mut(&(node.clone(), step))) {
            (cell.reservation, cell.part) = (reservation.clone(), *part);
        }
        let actions = actions.clone();
        let key_login = self.login_to_prove(node).map(Box::new);
        self.core.effects.push(Effect::Do { node: node.clone(), step, actions, root, key_login });
    }

    pub(in crate::dispatcher) fn step_news(&mut self, node: &NodeId, step: StepId, news: StepNews) {
        match news {
            StepNews::Pair { to, problem } => self.core.publish(Event::Pair { from: node.clone(), to, problem }),
            StepNews::Line(line) if self.cell(node, step) == StepState::Applying => {
                self.set_cell(node, step, StepState::Applying, line);
            }
            StepNews::Line(_) => {}
        }
    }

    pub(in crate::dispatcher) fn step_ended(
        &mut self,
        node: &NodeId,
        step: StepId,
        outcomes: Vec<Outcome>,
        result: Result<(), RemoteError>,
    ) {
        // What was given up before it answered has its outcome already.
        if self.cell(node, step) != StepState::Applying {
            return;
        }
        let said = outcomes.iter().rev().find_map(|o| o.said.clone());
        let proof = outcomes.iter().all(|o| o.proof);
        // What was done before something failed is so, and later steps build on it.
        for outcome in outcomes {
            self.learn(node, outcome);
        }
        match result {
            Err(e) => self.fail_cell(node, step, e.message, e.hint),
            Ok(()) => self.settle_step(node, step, said, proof),
        }
        self.advance_setup();
    }

    /// The verify half: the step's own check must now find nothing to do. What was only a `proof` is one already.
    fn settle_step(&mut self, node: &NodeId, step: StepId, said: Option<String>, proof: bool) {
        let Some(setup) = &mut self.setup else { return };
        let cell = setup.cells.get(&(node.clone(), step)).cloned().unwrap_or_default();
        if proof {
            // It changed nothing: news only when the setup changed something.
            let state = if setup.changed { StepState::Done } else { StepState::AlreadySo };
            let state = if cell.reservation.is_some() { StepState::Warned } else { state };
            let message = [said, cell.reservation].into_iter().flatten().collect::<Vec<_>>().join("; ");
            return self.set_cell(node, step, state, message);
        }
        setup.changed = true;
        let Some(found) = self.found(node, step) else { return };
        match &*found {
            Check::AlreadySo(text) => self.set_cell(node, step, StepState::Done, said.unwrap_or_else(|| text.clone())),
            Check::Warn { message, hint } => {
                self.report(node, step, StepState::Warned, message.clone(), hint.clone(), Vec::new());
            }
            Check::Fail { message, hint } => self.fail_cell(node, step, message.clone(), hint.clone()),
            Check::Change { .. } if cell.part => self.begin_work(node, step, &found),
            Check::Change { message, .. } | Check::Later(message) => {
                let message = format!("it was done, and the node still wants: {message}");
                self.fail_cell(node, step, message, "run the setup again".into());
            }
        }
    }
}
