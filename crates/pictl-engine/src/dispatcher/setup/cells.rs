//! The grid of steps and nodes.

use std::sync::Arc;

use pictl_formats::facts::NodeReading;
use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::step::{StepId, StepReport, StepState};

use super::Setup;
use crate::dispatcher::core::Core;
use crate::setup::check::Check;
use crate::setup::plan::ClusterPlan;
use crate::setup::steps;

impl Setup {
    // ---- what is known

    /// This was read of a node of the setup.
    pub(super) fn know(&mut self, node: &NodeId, reading: &Arc<NodeReading>) {
        let mine = self.plan.nodes.iter().any(|n| n.node == *node);
        if mine && self.readings.get(node) != Some(reading) {
            self.readings.insert(node.clone(), Arc::clone(reading));
            self.revision += 1;
        }
    }

    /// Nothing is known of this node any more.
    pub(super) fn forget(&mut self, node: &NodeId) {
        self.readings.remove(node);
        self.revision += 1;
    }

    /// The plan, to be changed: what was checked by it before is stale.
    pub(super) fn change_plan(&mut self) -> &mut ClusterPlan {
        self.revision += 1;
        &mut self.cluster
    }

    /// What the check of `step` finds on `node`: made once, and again only when something was learnt since.
    pub(super) fn found(&mut self, node: &NodeId, step: StepId) -> Arc<Check> {
        let cell = self.cells.entry((node.clone(), step)).or_default();
        match &cell.found {
            Some((at, found)) if *at == self.revision => Arc::clone(found),
            _ => {
                let found = Arc::new(steps::check(step, &self.cluster, &self.readings, node));
                cell.found = Some((self.revision, Arc::clone(&found)));
                found
            }
        }
    }

    // ---- which cells there are

    pub(super) fn wanted_nodes(&self) -> Vec<NodeId> {
        self.plan.nodes.iter().map(|n| n.node.clone()).collect()
    }

    pub(super) fn steps_on(&self, node: &NodeId) -> Vec<StepId> {
        let head = self.head.as_ref() == Some(node);
        self.plan.steps.iter().copied().filter(|s| head || !s.on_head_only()).collect()
    }

    /// The steps without an outcome on every node that was read, node by node.
    pub(super) fn open_cells(&self) -> Vec<(NodeId, StepId)> {
        let cells =
            self.readings.keys().flat_map(|node| self.steps_on(node).into_iter().map(|step| (node.clone(), step)));
        cells.filter(|(node, step)| !self.cell(node, *step).is_final()).collect()
    }

    pub(super) fn cell(&self, node: &NodeId, step: StepId) -> StepState {
        self.cells.get(&(node.clone(), step)).map_or(StepState::Pending, |cell| cell.state)
    }

    /// `step` has its outcome on every node that it is for.
    pub(super) fn over_everywhere(&self, step: StepId) -> bool {
        self.open.get(&step).is_none_or(|open| *open == 0)
    }

    // ---- what becomes of them

    pub(super) fn set_cell(
        &mut self,
        core: &mut Core,
        node: &NodeId,
        step: StepId,
        state: StepState,
        message: impl Into<String>,
    ) {
        self.report(core, node, step, state, message.into(), None, Vec::new());
    }

    /// It is true, with a reservation.
    pub(super) fn warn_cell(
        &mut self,
        core: &mut Core,
        node: &NodeId,
        step: StepId,
        message: &str,
        hint: Option<&String>,
    ) {
        self.report(core, node, step, StepState::Warned, message.to_owned(), hint.cloned(), Vec::new());
    }

    /// Fails `step` on `node`, unless it has an outcome.
    pub(super) fn fail_cell(&mut self, core: &mut Core, node: &NodeId, step: StepId, message: String, hint: String) {
        if !self.cell(node, step).is_final() {
            self.report(core, node, step, StepState::Failed, message, Some(hint), Vec::new());
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a report has that many parts")]
    pub(super) fn report(
        &mut self,
        core: &mut Core,
        node: &NodeId,
        step: StepId,
        state: StepState,
        message: String,
        hint: Option<String>,
        change: Vec<String>,
    ) {
        let cell = self.cells.entry((node.clone(), step)).or_default();
        if matches!(cell.state, StepState::Pending | StepState::Planned | StepState::Waiting) || cell.attempt == 0 {
            cell.started = core.journal.now;
            cell.attempt = cell.attempt.max(1);
        }
        if state.is_final() && !cell.state.is_final() {
            *self.open.entry(step).or_default() -= 1;
        }
        cell.state = state;
        let (attempt, elapsed, job) = (cell.attempt, core.journal.now - cell.started, self.plan.job);
        let report = StepReport { job, node: node.clone(), step, state, attempt, elapsed, message, hint, change };
        core.publish(Event::Step { report });
    }
}
