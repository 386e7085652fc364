//! A setup: log in everywhere, read everything, show what would change, change it, and report how it went.

mod apply;
mod boards;
mod cells;
mod learn;
mod plan;
mod review;
mod rotation;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pictl_model::event::Event;
use pictl_model::node::Link;
use pictl_model::request::{Answer, Ground, Request, SetupRequest};
use pictl_model::step::{SetupPlan, SetupSummary, StepId, StepState};
use pictl_model::{MpiPrefix, NodeId, QuestionId, Timestamp};

use super::core::Core;
use super::job::{Job, Reading};
use super::journal::Kind;
use crate::choice;
use crate::input::{Effect, Input, Saving};
use crate::setup::action::Action;
use crate::setup::check::Check;
use crate::setup::plan::{ClusterPlan, Readings};
use crate::setup::step::Reads;
use crate::setup::steps;

/// A setup under way.
pub(super) struct Setup {
    request: SetupRequest,
    plan: SetupPlan,
    cluster: ClusterPlan,
    /// What was read of its nodes, kept true to what its steps found.
    readings: Readings,
    /// Counts what was learnt: a check made at an earlier revision is stale.
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
    /// The question whether the plan will be carried out.
    asked: Option<QuestionId>,
    /// Nodes whose sudo password is asked for.
    asked_root: Vec<NodeId>,
    /// Nodes on which sudo's password is refused or not given.
    no_root: BTreeSet<NodeId>,
}

/// A step on a node.
#[derive(Clone, Default)]
struct Cell {
    state: StepState,
    started: Timestamp,
    attempt: u32,
    /// What its check found, and at which revision.
    found: Option<(u64, Arc<Check>)>,
    /// What to add to its message when its work is done.
    reservation: Option<String>,
    /// Its work is a part of the change; its check orders the rest.
    part: bool,
    /// How often somebody else was faster with a change of the same file.
    outrun: u32,
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
    /// The inventory is saved: where that fails, nothing is begun.
    Saving,
    /// The operator's key is made: the first change, which the steps build on.
    MakingKey,
    /// Steps are done.
    Applying,
    /// The operator's new key takes the place of the one before.
    Settling,
    /// It has ended, or never began.
    Over,
}

impl Setup {
    pub(super) fn new(request: SetupRequest) -> Self {
        let plan =
            SetupPlan { job: pictl_model::JobId(0), nodes: Vec::new(), steps: Vec::new(), dry_run: request.dry_run };
        Self {
            request,
            plan,
            cluster: ClusterPlan::default(),
            readings: Readings::new(),
            revision: 0,
            cells: BTreeMap::new(),
            head: None,
            open: BTreeMap::new(),
            stage: Stage::Over,
            changed: false,
            cancelled: false,
            started: Timestamp::default(),
            asked: None,
            asked_root: Vec::new(),
            no_root: BTreeSet::new(),
        }
    }

    // ---- logging in and reading

    /// What has to be read of `node`: work on keys needs little, and does not wait for the rest.
    fn reading_of(&self, node: &NodeId) -> Effect {
        let node = node.clone();
        let wanted = self.plan.steps.iter().map(|step| (steps::of(*step).reads)(&self.request.keys));
        match wanted.fold(Reads::default(), Reads::and) {
            Reads { all: true, .. } => Effect::Read(node, self.cluster.mpi_prefix.clone()),
            Reads { names, root, .. } => Effect::ReadKeys { node, names, root },
        }
    }

    /// Takes `node` on by what is known of its connection.
    fn link_changed(&mut self, core: &mut Core, node: &NodeId) {
        let before = self.cell(node, StepId::Connect);
        if core.is_up(node) {
            if !before.is_final() {
                let learned = core.links.take_learned(node);
                let (state, message) = if learned {
                    (StepState::Done, "logged in; its host key is trusted from now on")
                } else {
                    (StepState::AlreadySo, "logged in; host key as recorded")
                };
                self.set_cell(core, node, StepId::Connect, state, message);
            }
            // A node that came too late is left out, even when it is connected in the end.
            let in_time = self.cell(node, StepId::Connect).is_good();
            if in_time && self.cell(node, StepId::Facts) == StepState::Pending {
                self.set_cell(core, node, StepId::Facts, StepState::Checking, "reading what the node is");
                core.journal.effects.push(self.reading_of(node));
            }
        } else if core.is_down(node) {
            let (why, hint) = core.why_down(node);
            if before.is_good() {
                self.lost(core, node, &why, &hint);
            } else {
                self.fail_cell(core, node, StepId::Connect, why, hint);
            }
        } else {
            let (state, what) = match core.journal.world.nodes.get(node).map(|n| &n.link) {
                Some(Link::Waiting { what }) => (StepState::Waiting, what.clone()),
                _ => (StepState::Checking, "logging in".to_owned()),
            };
            if before != state && !before.is_final() {
                self.set_cell(core, node, StepId::Connect, state, what);
            }
        }
    }

    /// A node went away in the middle: what was at work on it, or would have been next, has failed. The others go on
    /// without it.
    fn lost(&mut self, core: &mut Core, node: &NodeId, why: &str, hint: &str) {
        let open: Vec<_> = self.steps_on(node).into_iter().filter(|s| !self.cell(node, *s).is_final()).collect();
        for (at, step) in open.into_iter().enumerate() {
            if at == 0 {
                self.fail_cell(core, node, step, why.to_owned(), hint.to_owned());
            } else {
                self.set_cell(core, node, step, StepState::Skipped, "left out: the connection to this node was lost");
            }
        }
        core.readings.remove(node);
        self.forget(node);
    }

    /// Goes on with whatever can be done now.
    fn advance(&mut self, core: &mut Core) {
        match self.stage {
            Stage::Reading => {
                let settled = self.wanted_nodes().iter().all(|node| {
                    self.cell(node, StepId::Connect) == StepState::Failed || self.cell(node, StepId::Facts).is_final()
                });
                if settled {
                    self.join_boards(core);
                    self.choose_mpi(core);
                    self.note_logins(core);
                    self.note_remarks(core);
                    self.show_plan(core);
                }
            }
            Stage::Passphrase if core.journal.world.questions.is_empty() => self.show_plan(core),
            Stage::Passphrase
            | Stage::Sudo
            | Stage::Asking
            | Stage::Saving
            | Stage::MakingKey
            | Stage::Settling
            | Stage::Over => {}
            Stage::Applying => self.apply_steps(core),
        }
    }

    /// From now on the cluster's MPI is this one, whatever is installed meanwhile.
    fn choose_mpi(&mut self, core: &Core) {
        let about_mpi = [StepId::Mpi, StepId::Machinefile, StepId::Smoke];
        let needed = self.plan.steps.iter().any(|step| about_mpi.contains(step));
        if !needed || self.readings.is_empty() {
            return;
        }
        let family = if self.cluster.mpi.is_some() || self.cluster.own_prefix().is_some() {
            // What is in the folder says which MPI it is.
            self.cluster.family(&self.readings)
        } else {
            let head = self.cluster.head().and_then(|head| self.readings.get(&head.node));
            let nodes: Vec<_> = self.readings.values().map(|reading| &reading.facts).collect();
            let decided = core.cluster_mpi(self.request.mpi);
            decided.unwrap_or_else(|| choice::evident(head.map(Arc::as_ref), &nodes))
        };
        let prefix = self.cluster.mpi_prefix.clone().or_else(|| self.cluster.prefix_of(family, &self.readings));
        let prefix = Some(prefix.unwrap_or_else(MpiPrefix::system));
        if self.cluster.mpi != Some(family) || self.cluster.mpi_prefix != prefix {
            let plan = self.change_plan();
            (plan.mpi, plan.mpi_prefix) = (Some(family), prefix);
        }
    }

    // ---- ending

    /// Aborts the steps that were not begun; those at work go on to their end, which leaves nothing half-done.
    fn abort_idle(&mut self, core: &mut Core) {
        for node in self.wanted_nodes() {
            for step in self.steps_on(&node) {
                if matches!(self.cell(&node, step), StepState::Pending | StepState::Planned | StepState::Waiting) {
                    self.set_cell(core, &node, step, StepState::Aborted, "stopped before it began");
                }
            }
        }
    }

    /// Nobody follows the work any more that goes on to its end on the nodes: apt must not be cut off.
    fn leave_detached(&mut self, core: &mut Core) {
        let detached = |action: &Action| matches!(action, Action::Run(run) if run.script.is_detached());
        for node in self.wanted_nodes() {
            for step in self.steps_on(&node) {
                let at_work = self.cell(&node, step) == StepState::Applying;
                if at_work && self.found(&node, step).actions().iter().any(detached) {
                    let message = "not followed any more: the work goes on to its end on the node; run the setup again, \
                                   and it continues from there";
                    self.set_cell(core, &node, step, StepState::Aborted, message);
                }
            }
        }
    }

    fn abort_rest(&mut self, core: &mut Core, message: &str) {
        for node in self.wanted_nodes() {
            for step in self.steps_on(&node) {
                if !self.cell(&node, step).is_final() {
                    self.set_cell(core, &node, step, StepState::Aborted, message);
                }
            }
        }
    }

    fn finish(&mut self, core: &mut Core) {
        let mut summary = SetupSummary::default();
        for node in self.wanted_nodes() {
            for step in self.steps_on(&node) {
                let state = self.cell(&node, step);
                let shown = self.request.dry_run && state == StepState::Planned;
                if !state.is_final() && !shown {
                    self.set_cell(core, &node, step, StepState::Skipped, "left out: the node could not be read");
                }
                summary.count(self.cell(&node, step));
            }
        }
        self.stage = Stage::Over;
        self.asked_root.iter().for_each(|node| core.sudo.leave(node));
        summary.elapsed = core.journal.now - self.started;
        core.publish(Event::SetupFinished { job: self.plan.job, summary });
        if summary.done > 0 && !core.proved.is_empty() {
            // Runs prove again what was changed.
            core.proved.clear();
            core.journal.effects.push(Effect::SaveProved(Vec::new()));
        }
    }
}

impl Job for Setup {
    fn name(&self) -> &'static str {
        "setup"
    }

    fn start(&mut self, core: &mut Core) {
        let (plan, cluster) = match core.plan_setup(&self.request) {
            Ok(planned) => planned,
            Err(reasons) => return core.refuse(self.name(), Ground::Input, reasons),
        };
        let nodes: Vec<_> = plan.nodes.iter().map(|n| n.node.clone()).collect();
        core.publish(Event::SetupStarted { plan: plan.clone() });
        core.journal.work(Kind::Setup, &nodes);
        self.head = plan.nodes.iter().find(|n| n.head).map(|n| n.node.clone());
        let heads = usize::from(self.head.is_some());
        let count = |step: &StepId| if step.on_head_only() { heads } else { nodes.len() };
        self.open = plan.steps.iter().map(|step| (*step, count(step))).collect();
        (self.plan, self.cluster, self.stage, self.started) = (plan, cluster, Stage::Reading, core.journal.now);
        for node in &nodes {
            core.readings.remove(node);
        }
        self.key_ready(core);
        core.want_links(&nodes, &self.request.login);
        self.links_changed(core, &nodes);
    }

    fn input(&mut self, core: &mut Core, input: Input) -> Option<Input> {
        match input {
            Input::Request(Request::Answer { id, answer }) if self.asked == Some(id) => {
                self.asked = None;
                self.answered(core, answer == Answer::Yes);
            }
            Input::Key(_) => {
                self.key_ready(core);
                return Some(input);
            }
            Input::MembersSaved { reason: Saving::Setup, result } if self.stage == Stage::Saving => {
                self.members_saved(core, result);
            }
            Input::KeyMade(made) => self.key_made(core, made),
            Input::Renewed(made) => self.key_renewed(core, made),
            Input::Settled(_) if self.stage == Stage::Settling => self.finish(core),
            Input::StepNews { node, step, news } => self.step_news(core, &node, step, news),
            Input::StepEnded { node, step, outcomes, result } => self.step_ended(core, &node, step, outcomes, result),
            other => return Some(other),
        }
        None
    }

    fn links_changed(&mut self, core: &mut Core, _: &[NodeId]) {
        let asks_root = self.stage == Stage::Sudo;
        for node in self.wanted_nodes() {
            self.link_changed(core, &node);
        }
        if asks_root {
            self.sudo_settled(core);
        }
        self.advance(core);
    }

    fn reading(&mut self, core: &mut Core, node: &NodeId, reading: &Reading) {
        if let Ok(reading) = reading {
            self.know(node, reading);
        }
        if self.cell(node, StepId::Facts) != StepState::Checking {
            return;
        }
        match reading {
            Ok(_) => match &*self.found(node, StepId::Facts) {
                Check::AlreadySo(text) => {
                    self.set_cell(core, node, StepId::Facts, StepState::AlreadySo, text.clone());
                }
                Check::Warn { message, hint } => {
                    self.warn_cell(core, node, StepId::Facts, message, hint.as_ref());
                }
                _ => self.set_cell(core, node, StepId::Facts, StepState::AlreadySo, String::new()),
            },
            Err(e) => self.fail_cell(core, node, StepId::Facts, e.message.clone(), e.hint.clone()),
        }
        self.advance(core);
    }

    fn cancel(&mut self, core: &mut Core) {
        if std::mem::replace(&mut self.cancelled, true) {
            // Asked twice: nobody waits for the steps at work any longer.
            core.journal.effects.push(Effect::DropSteps);
            self.leave_detached(core);
            self.abort_rest(core, "stopped in the middle; run the setup again, and it continues from there");
            return self.finish(core);
        }
        self.abort_idle(core);
        if self.stage == Stage::Applying {
            self.apply_steps(core);
        } else {
            self.abort_rest(core, "stopped before anything was changed");
            self.finish(core);
        }
    }

    fn is_exclusive(&self) -> bool {
        true
    }

    fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    #[cfg(test)]
    fn is_on(&self, node: &NodeId) -> bool {
        self.plan.nodes.iter().any(|n| n.node == *node)
    }
}
