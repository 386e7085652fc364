//! A setup: log in everywhere, read everything, show what would change, change it, and say how it went.

mod apply;
mod cells;
mod learn;
mod rotation;
mod sudo;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pictl_formats::facts::NodeReading;
use pictl_model::event::Event;
use pictl_model::node::Link;
use pictl_model::request::{Ground, Question, SetupRequest};
use pictl_model::step::{SetupPlan, SetupSummary, StepId, StepState};
use pictl_model::{NodeId, Timestamp};

use super::Dispatcher;
use super::core::Kind;
use crate::input::Effect;
use crate::remote::RemoteError;
use crate::setup::action::Action;
use crate::setup::check::Check;
use crate::setup::plan::{ClusterPlan, Readings};
use crate::setup::steps::{self, Reads};

/// A setup under way.
pub(super) struct Setup {
    request: SetupRequest,
    plan: SetupPlan,
    cluster: ClusterPlan,
    /// What was read of its nodes, kept true to what its steps found.
    readings: Readings,
    /// Counts what was learnt: a check made before it counted on is stale.
    revision: u64,
    cells: BTreeMap<(NodeId, StepId), Cell>,
    head: Option<NodeId>,
    /// Nodes on which each step has no outcome yet.
    open: BTreeMap<StepId, usize>,
    stage: Stage,
    /// Something was changed on some node.
    changed: bool,
    cancelled: bool,
    started: Timestamp,
    /// Nodes whose sudo password is asked for.
    asked_root: Vec<NodeId>,
    /// Nodes on which sudo's password is refused or not given.
    no_root: BTreeSet<NodeId>,
}

#[derive(Clone, Default)]
struct Cell {
    state: StepState,
    started: Timestamp,
    attempt: u32,
    /// What its check found, and the revision at which it was made.
    found: Option<(u64, Arc<Check>)>,
    /// What to say besides when its work is done.
    reservation: Option<String>,
    /// Its work is a part of the change; its check orders the rest.
    part: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Logging in and reading.
    Reading,
    /// The passphrase of the operator's key is asked for: logins with it are to be proved.
    Passphrase,
    /// The sudo password is asked for or tried.
    Sudo,
    /// The plan is shown and waits for a yes.
    Asking,
    /// Steps are done.
    Applying,
    /// The operator's new key takes the place of the one before.
    Settling,
}

impl Dispatcher {
    pub(super) fn setup_requested(&mut self, request: SetupRequest) {
        if self.core.refuse_if_busy("setup") {
            return;
        }
        match self.plan_setup(&request) {
            Err(reasons) => self.core.refuse("setup", Ground::Input, reasons),
            Ok((plan, cluster)) => {
                let nodes: Vec<_> = plan.nodes.iter().map(|n| n.node.clone()).collect();
                let login = request.login.clone();
                self.core.publish(Event::SetupStarted { plan: plan.clone() });
                self.core.work(Kind::Setup, &nodes);
                let head = plan.nodes.iter().find(|n| n.head).map(|n| n.node.clone());
                let all = |step: &StepId| if step.on_head_only() { usize::from(head.is_some()) } else { nodes.len() };
                self.setup = Some(Setup {
                    request,
                    open: plan.steps.iter().map(|step| (*step, all(step))).collect(),
                    head,
                    plan,
                    cluster,
                    readings: Readings::new(),
                    revision: 0,
                    cells: BTreeMap::new(),
                    stage: Stage::Reading,
                    changed: false,
                    cancelled: false,
                    started: self.core.now,
                    asked_root: Vec::new(),
                    no_root: BTreeSet::new(),
                });
                for node in &nodes {
                    self.core.readings.remove(node);
                }
                self.key_ready();
                self.core.want_links(&nodes, &login);
                self.setup_links_changed();
            }
        }
    }

    // ---- logging in and reading

    pub(super) fn setup_links_changed(&mut self) {
        let Some(setup) = &self.setup else { return };
        let asks_root = setup.stage == Stage::Sudo;
        for node in self.wanted_nodes() {
            let before = self.cell(&node, StepId::Connect);
            if self.core.is_up(&node) {
                if !before.is_final() {
                    let learned = self.core.take_learned(&node);
                    let (state, message) = if learned {
                        (StepState::Done, "logged in; its host key is trusted from now on")
                    } else {
                        (StepState::AlreadySo, "logged in; host key as recorded")
                    };
                    self.set_cell(&node, StepId::Connect, state, message);
                }
                // One that came too late is left out, also when it comes in the end.
                let in_time = self.cell(&node, StepId::Connect).is_good();
                if in_time && self.cell(&node, StepId::Facts) == StepState::Pending {
                    self.set_cell(&node, StepId::Facts, StepState::Checking, "reading what the node is");
                    let read = self.reading_of(&node);
                    self.core.effects.push(read);
                }
            } else if self.core.is_down(&node) {
                let (why, hint) = self.core.why_down(&node);
                if before.is_good() {
                    self.setup_lost(&node, &why, &hint);
                } else {
                    self.fail_cell(&node, StepId::Connect, why, hint);
                }
            } else {
                let (state, what) = match self.core.world.nodes.get(&node).map(|n| &n.link) {
                    Some(Link::Waiting { what }) => (StepState::Waiting, what.clone()),
                    _ => (StepState::Checking, "logging in".to_owned()),
                };
                if before != state && !before.is_final() {
                    self.set_cell(&node, StepId::Connect, state, what);
                }
            }
        }
        if asks_root {
            self.sudo_settled();
        }
        self.advance_setup();
    }

    /// What has to be read of `node`: work on keys needs to know little, and is not to wait for the rest.
    fn reading_of(&self, node: &NodeId) -> Effect {
        let node = node.clone();
        let Some(setup) = &self.setup else { return Effect::Read(node) };
        let wanted = setup.plan.steps.iter().map(|step| (steps::of(*step).reads)(&setup.request.keys));
        match wanted.fold(Reads::default(), Reads::and) {
            Reads { all: true, .. } => Effect::Read(node),
            Reads { names, root, .. } => Effect::ReadKeys { node, names, root },
        }
    }

    /// A node went away in the middle: what was at work on it, or would have been next, has failed. The others go on
    /// without it.
    fn setup_lost(&mut self, node: &NodeId, why: &str, hint: &str) {
        let open: Vec<_> = self.steps_on(node).into_iter().filter(|s| !self.cell(node, *s).is_final()).collect();
        for (at, step) in open.into_iter().enumerate() {
            if at == 0 {
                self.fail_cell(node, step, why.to_owned(), hint.to_owned());
            } else {
                self.set_cell(node, step, StepState::Skipped, "left out: the connection to this node was lost");
            }
        }
        self.core.readings.remove(node);
        if let Some(setup) = &mut self.setup {
            setup.forget(node);
        }
    }

    pub(super) fn setup_read(&mut self, node: &NodeId, result: &Result<Arc<NodeReading>, RemoteError>) {
        if let (Some(setup), Ok(reading)) = (&mut self.setup, result) {
            setup.know(node, reading);
        }
        if self.cell(node, StepId::Facts) != StepState::Checking {
            return;
        }
        match result {
            Ok(_) => {
                let text = match self.found(node, StepId::Facts).as_deref() {
                    Some(Check::AlreadySo(text)) => text.clone(),
                    _ => String::new(),
                };
                self.set_cell(node, StepId::Facts, StepState::AlreadySo, text);
            }
            Err(e) => self.fail_cell(node, StepId::Facts, e.message.clone(), e.hint.clone()),
        }
        self.advance_setup();
    }

    // ---- deciding

    fn advance_setup(&mut self) {
        let Some(setup) = &self.setup else { return };
        match setup.stage {
            Stage::Reading => {
                let settled = self.wanted_nodes().iter().all(|node| {
                    self.cell(node, StepId::Connect) == StepState::Failed || self.cell(node, StepId::Facts).is_final()
                });
                if settled {
                    self.note_logins();
                    self.note_remarks();
                    self.show_plan();
                }
            }
            Stage::Passphrase if self.core.world.questions.is_empty() => self.show_plan(),
            Stage::Passphrase | Stage::Sudo | Stage::Asking | Stage::Settling => {}
            Stage::Applying => self.apply_steps(),
        }
    }

    /// Checks every step on every node that was read, and shows what would change.
    fn show_plan(&mut self) {
        let Some(setup) = &self.setup else { return };
        let (dry_run, yes) = (setup.request.dry_run, setup.request.yes);
        for (node, step) in self.open_cells() {
            let Some(found) = self.found(&node, step) else { continue };
            match &*found {
                // Another step may change what it rests on, so nothing is final before its turn.
                Check::AlreadySo(text) if dry_run => self.set_cell(&node, step, StepState::AlreadySo, text.clone()),
                Check::AlreadySo(text) => {
                    self.set_cell(&node, step, StepState::Planned, format!("already so: {text}"));
                }
                Check::Change { message, change, .. } => {
                    self.report(&node, step, StepState::Planned, message.clone(), None, change.clone());
                }
                Check::Later(text) => self.set_cell(&node, step, StepState::Planned, text.clone()),
                Check::Warn { message, hint } => {
                self.report(&node, step, StepState::Warned, message.clone(), hint.clone(), Vec::new());
            }
                Check::Fail { message, hint } => self.fail_cell(&node, step, message.clone(), hint.clone()),
            }
        }
        if dry_run {
            return self.finish_setup();
        }
        let (changes, nodes) = self.count_changes();
        if let Some(key) = self.core.shut_key() {
            let nodes = self.nodes_wanting(Action::needs_key);
            if !nodes.is_empty() {
                self.set_stage(Stage::Passphrase);
                self.core.ask(Question::Passphrase { key, nodes, retry: None });
                return;
            }
        }
        let wants_root = self.nodes_wanting_root();
        if !wants_root.is_empty() {
            self.set_stage(Stage::Sudo);
            return self.ask_sudo(&wants_root);
        }
        if changes > 0 && !yes {
            self.set_stage(Stage::Asking);
            self.core.ask(Question::Apply { changes, nodes });
        } else {
            self.begin_applying();
        }
    }

    fn set_stage(&mut self, stage: Stage) {
        if let Some(setup) = &mut self.setup {
            setup.stage = stage;
        }
    }

    /// Steps that change something (proofs do not), and the nodes on which they do.
    fn count_changes(&mut self) -> (u32, u32) {
        let work = self.setup.as_ref().map(|s| s.cluster.keys.work.clone()).unwrap_or_default();
        let mut nodes = BTreeSet::new();
        let mut changes = 0;
        for (node, step) in self.open_cells() {
            let found = self.found(&node, step);
            if (steps::of(step).changes)(&work)
                && matches!(found.as_deref(), Some(Check::Change { .. } | Check::Later(_)))
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
            if self.found(&node, step).is_some_and(|found| found.actions().iter().any(&wanted)) {
                nodes.insert(node);
            }
        }
        nodes.into_iter().collect()
    }

    // ---- ending

    pub(super) fn cancel_setup(&mut self) {
        let Some(setup) = &mut self.setup else { return };
        if std::mem::replace(&mut setup.cancelled, true) {
            // Asked twice: nobody waits for the steps at work any longer.
            self.core.effects.push(Effect::DropSteps);
            self.abort_rest("ended in the middle; run the setup again, it goes on from what is there");
            return self.finish_setup();
        }
        let applying = setup.stage == Stage::Applying;
        self.abort_idle();
        if applying {
            self.apply_steps();
        } else {
            self.abort_rest("stopped before anything was changed");
            self.finish_setup();
        }
    }

    /// Aborts the steps that were not begun; those at work go on to their end, which leaves nothing half-done.
    fn abort_idle(&mut self) {
        for node in self.wanted_nodes() {
            for step in self.steps_on(&node) {
                if matches!(self.cell(&node, step), StepState::Pending | StepState::Planned | StepState::Waiting) {
                    self.set_cell(&node, step, StepState::Aborted, "stopped before it began");
                }
            }
        }
    }

    fn abort_rest(&mut self, message: &str) {
        for node in self.wanted_nodes() {
            for step in self.steps_on(&node) {
                if !self.cell(&node, step).is_final() {
                    self.set_cell(&node, step, StepState::Aborted, message);
                }
            }
        }
    }

    fn finish_setup(&mut self) {
        // What nothing was said of could not even be looked at.
        let dry_run = self.setup.as_ref().is_some_and(|s| s.request.dry_run);
        let mut summary = SetupSummary::default();
        for node in self.wanted_nodes() {
            for step in self.steps_on(&node) {
                let state = self.cell(&node, step);
                let shown = dry_run && state == StepState::Planned;
                if !state.is_final() && !shown {
                    self.set_cell(&node, step, StepState::Skipped, "left out: the node could not be read");
                }
                summary.count(self.cell(&node, step));
            }
        }
        if let Some(setup) = self.setup.take() {
            self.core.rest();
            setup.asked_root.iter().for_each(|node| self.core.sudo.leave(node));
            summary.elapsed = self.core.now - setup.started;
            self.core.publish(Event::SetupFinished { job: setup.plan.job, summary });
            if summary.done > 0 && !self.core.proved.is_empty() {
                // What was changed is proved anew.
                self.core.proved.clear();
                self.core.effects.push(Effect::SaveProved(Vec::new()));
            }
        }
    }
}
