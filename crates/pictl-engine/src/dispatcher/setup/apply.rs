//! The work itself: every step as soon as it can be done, and what each has found to be true.

use pictl_formats::known_hosts::fingerprint;
use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::node::{Member, Sudo};
use pictl_model::step::{StepId, StepState};

use super::{Setup, Stage};
use crate::dispatcher::core::Core;
use crate::dispatcher::sudo::Root;
use crate::input::{Effect, Saving};
use crate::remote::RemoteError;
use crate::script::Rights;
use crate::setup::action::{Action, Outcome, StepNews};
use crate::setup::check::Check;
use crate::setup::steps;
use crate::store::SaveError;

/// So often a step begins again because somebody else was faster with a change of the same file.
const OUTRUN: u32 = 5;

impl Setup {
    pub(super) fn begin_applying(&mut self, core: &mut Core) {
        self.want_members(core);
        self.stage = Stage::Saving;
        if core.journal.changes.is_empty() {
            self.begin_changing(core);
        } else {
            core.journal.save_members(Saving::Setup);
        }
    }

    /// The inventory has the nodes of this setup, or could not be saved: then nothing is begun.
    pub(super) fn members_saved<T>(&mut self, core: &mut Core, result: Result<T, SaveError>) {
        match result {
            Ok(_) => self.begin_changing(core),
            Err(e) => {
                core.refuse_saving("setup", None, &e);
                self.cancelled = true;
                self.abort_rest(core, "stopped before anything was changed: the inventory could not be saved");
                self.finish(core);
            }
        }
    }

    fn begin_changing(&mut self, core: &mut Core) {
        // The first change is the operator's own key, where there is none, and a node that takes it.
        let make_key = match core.links.key {
            _ if self.readings.is_empty() => None,
            None => Some(Effect::FindKey { identity: self.request.login.identity.clone(), make: true }),
            Some(_) => self.cluster.keys.work.rotate.then_some(Effect::RenewKey),
        };
        if let Some(effect) = make_key {
            self.stage = Stage::MakingKey;
            core.journal.effects.push(effect);
        } else {
            self.stage = Stage::Applying;
            self.apply_steps(core);
        }
    }

    /// The nodes that were read are members of the cluster from now on.
    fn want_members(&self, core: &mut Core) {
        for n in self.cluster.nodes.iter().filter(|n| n.wanted && self.readings.contains_key(&n.node)) {
            let view = core.journal.world.nodes.get(&n.node);
            let (identity, jump) = core.journal.saved_route(&n.node, &self.request.login);
            let known = core.links.known.keys_of(&n.address.to_string(), n.port);
            let member = Member {
                mac: view.and_then(|v| {
                    v.member.as_ref().and_then(|m| m.mac).or_else(|| v.sighting.as_ref().and_then(|s| s.mac))
                }),
                host_key: known.first().map(fingerprint),
                id: n.node.clone(),
                name: n.name.clone(),
                address: n.address,
                port: n.port,
                user: n.user.clone(),
                head: n.head,
                cores: self
                    .readings
                    .get(&n.node)
                    .map(|reading| reading.facts.cores)
                    .filter(|cores| *cores > 0)
                    .or_else(|| core.journal.member_of(&n.node).and_then(|m| m.cores)),
                mpi: self.cluster.mpi.or_else(|| core.journal.member_of(&n.node).and_then(|m| m.mpi)),
                mpi_prefix: self.cluster.own_prefix().cloned(),
                identity,
                jump,
                board: core.board_of(&n.node),
            };
            core.journal.change_member(member);
        }
        // One cluster has one MPI, also on members that are left out today.
        for member in core.journal.members() {
            let left_out = !self.cluster.nodes.iter().any(|n| n.wanted && n.node == member.id);
            let prefix = self.cluster.own_prefix();
            if left_out
                && self.cluster.mpi.is_some()
                && (member.mpi, member.mpi_prefix.as_ref()) != (self.cluster.mpi, prefix)
            {
                core.journal.change_member(Member { mpi: self.cluster.mpi, mpi_prefix: prefix.cloned(), ..member });
            }
        }
    }

    /// Starts every step that can start, settles those that need no work, and ends the setup when nothing is left.
    pub(super) fn apply_steps(&mut self, core: &mut Core) {
        loop {
            let mut moved = false;
            for node in self.wanted_nodes() {
                while let Some(step) = self.next_step(&node) {
                    moved = true;
                    if !self.take_step(core, &node, step) {
                        break;
                    }
                }
            }
            if !moved {
                break;
            }
        }
        if self.plan.steps.iter().all(|step| self.over_everywhere(*step)) {
            self.settle_rotation(core);
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
    fn take_step(&mut self, core: &mut Core, node: &NodeId, step: StepId) -> bool {
        let here = self.steps_on(node);
        let mut needs = steps::of(step).needs.iter();
        if let Some(unmet) = needs.find(|n| here.contains(n) && !self.cell(node, **n).is_good()) {
            let message = format!("left out: `{unmet}` is not done on this node");
            self.set_cell(core, node, step, StepState::Skipped, message);
            return true;
        }
        if self.cancelled {
            self.set_cell(core, node, step, StepState::Aborted, "stopped before it began");
            return true;
        }
        let found = self.found(node, step);
        match &*found {
            Check::AlreadySo(text) => self.set_cell(core, node, step, StepState::AlreadySo, text.clone()),
            Check::Warn { message, hint } => self.warn_cell(core, node, step, message, hint.as_ref()),
            Check::Fail { message, hint } => self.fail_cell(core, node, step, message.clone(), hint.clone()),
            Check::Later(text) => {
                let hint = "see the steps that failed".to_owned();
                self.fail_cell(core, node, step, format!("cannot be done: {text}"), hint);
            }
            Check::Change { .. } => {
                self.begin_work(core, node, step, &found);
                return false;
            }
        }
        true
    }

    /// Starts the work that a check has found.
    fn begin_work(&mut self, core: &mut Core, node: &NodeId, step: StepId, found: &Check) {
        let Check::Change { message, change, actions, reservation, part } = found else { return };
        let sudo = self.readings.get(node).and_then(|r| r.facts.sudo);
        let root = Rights::root(sudo, core.sudo.password(node));
        if root.is_none() && actions.iter().any(Action::needs_root) {
            let (message, hint) = no_root(sudo, core.sudo.of(node));
            return self.fail_cell(core, node, step, message, hint);
        }
        self.report(core, node, step, StepState::Applying, message.clone(), None, change.clone());
        if let Some(cell) = self.cells.get_mut(&(node.clone(), step)) {
            (cell.reservation, cell.part) = (reservation.clone(), *part);
        }
        let (actions, key_login) = (actions.clone(), self.login_to_prove(core, node).map(Box::new));
        core.journal.effects.push(Effect::Do { node: node.clone(), step, actions, root, key_login });
    }

    pub(super) fn step_news(&mut self, core: &mut Core, node: &NodeId, step: StepId, news: StepNews) {
        match news {
            StepNews::Pair { to, problem } => core.publish(Event::Pair { from: node.clone(), to, problem }),
            StepNews::Line(line) if self.cell(node, step) == StepState::Applying => {
                self.set_cell(core, node, step, StepState::Applying, line);
            }
            StepNews::Line(_) => {}
        }
    }

    pub(super) fn step_ended(
        &mut self,
        core: &mut Core,
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
            self.learn(core, node, outcome);
        }
        match result {
            Err(e) if e.outdated && self.may_try_again(node, step) => self.check_again(core, node, step),
            Err(e) => self.fail_cell(core, node, step, e.message, e.hint),
            Ok(()) if proof => self.settle_proof(core, node, step, said),
            Ok(()) => self.verify(core, node, step, said),
        }
        self.advance(core);
    }

    /// Somebody else has changed a file since it was read. Its new content is known, so the check decides again.
    fn may_try_again(&mut self, node: &NodeId, step: StepId) -> bool {
        let cell = self.cells.entry((node.clone(), step)).or_default();
        cell.outrun += 1;
        cell.outrun <= OUTRUN && !self.cancelled
    }

    fn check_again(&mut self, core: &mut Core, node: &NodeId, step: StepId) {
        let found = self.found(node, step);
        match &*found {
            Check::AlreadySo(text) => self.set_cell(core, node, step, StepState::AlreadySo, text.clone()),
            Check::Warn { message, hint } => self.warn_cell(core, node, step, message, hint.as_ref()),
            Check::Fail { message, hint } => self.fail_cell(core, node, step, message.clone(), hint.clone()),
            Check::Change { .. } => self.begin_work(core, node, step, &found),
            Check::Later(text) => {
                self.fail_cell(core, node, step, format!("cannot be done: {text}"), "run the setup again".into());
            }
        }
    }

    /// A proof has succeeded. It changed nothing: news only when the setup changed something.
    fn settle_proof(&mut self, core: &mut Core, node: &NodeId, step: StepId, said: Option<String>) {
        let reservation = self.cells.get(&(node.clone(), step)).and_then(|cell| cell.reservation.clone());
        let state = match (&reservation, self.changed) {
            (Some(_), _) => StepState::Warned,
            (None, true) => StepState::Done,
            (None, false) => StepState::AlreadySo,
        };
        let message = said.into_iter().chain(reservation).collect::<Vec<_>>().join("; ");
        self.set_cell(core, node, step, state, message);
    }

    /// The verify half: the step's own check must now find nothing to do.
    fn verify(&mut self, core: &mut Core, node: &NodeId, step: StepId, said: Option<String>) {
        self.changed = true;
        let part = self.cells.get(&(node.clone(), step)).is_some_and(|cell| cell.part);
        let found = self.found(node, step);
        match &*found {
            Check::AlreadySo(text) => {
                self.set_cell(core, node, step, StepState::Done, said.unwrap_or_else(|| text.clone()));
            }
            Check::Warn { message, hint } => self.warn_cell(core, node, step, message, hint.as_ref()),
            Check::Fail { message, hint } => self.fail_cell(core, node, step, message.clone(), hint.clone()),
            Check::Change { .. } if part => self.begin_work(core, node, step, &found),
            Check::Change { message, .. } | Check::Later(message) => {
                let message = format!("it was done, but the check still finds: {message}");
                self.fail_cell(core, node, step, message, "run the setup again".into());
            }
        }
    }
}

/// Why nothing can be done as root on a node, and what to do.
fn no_root(sudo: Option<Sudo>, password: Root<'_>) -> (String, String) {
    let (message, hint) = match (sudo, password) {
        (Some(Sudo::Missing), _) => (
            "needs root, but sudo is not installed on the node",
            "as root on the node: `apt-get install sudo` and `adduser USER sudo`; or log in as root",
        ),
        (Some(Sudo::WantsTerminal), _) => (
            "needs root, but sudo on the node wants a terminal",
            "take `Defaults requiretty` out of /etc/sudoers on the node (visudo), or add a line `Defaults:USER !requiretty`",
        ),
        (_, Root::Denied(Some(problem))) => {
            return (format!("needs root, but sudo refused: {}", problem.message), problem.hint.clone());
        }
        _ => (
            "needs root, but sudo is not available",
            "give the right sudo password, allow this user to use sudo, or log in as a user who can",
        ),
    };
    (message.to_owned(), hint.to_owned())
}
