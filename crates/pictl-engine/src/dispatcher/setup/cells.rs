//! The grid of steps and nodes.

use std::sync::Arc;

use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::step::{StepId, StepReport, StepState};

use crate::dispatcher::Dispatcher;
use crate::setup::steps::Readings;

impl Dispatcher {
    pub(super) fn cell(&self, node: &NodeId, step: StepId) -> StepState {
        let cell = self.setup.as_ref().and_then(|s| s.cells.get(&(node.clone(), step)));
        cell.map_or(StepState::Pending, |c| c.state)
    }

    pub(super) fn set_cell(&mut self, node: &NodeId, step: StepId, state: StepState, message: impl Into<String>) {
        self.report(node, step, state, message.into(), None, Vec::new());
    }

    pub(super) fn report(
        &mut self,
        node: &NodeId,
        step: StepId,
        state: StepState,
        message: String,
        hint: Option<String>,
        change: Vec<String>,
    ) {
        let now = self.core.now;
        let Some(setup) = &mut self.setup else { return };
        let cell = setup.cells.entry((node.clone(), step)).or_default();
        if matches!(cell.state, StepState::Pending | StepState::Planned | StepState::Waiting) || cell.attempt == 0 {
            cell.started = now;
            cell.attempt = cell.attempt.max(1);
        }
        if state.is_final() && !cell.state.is_final() {
            *setup.open.entry(step).or_default() -= 1;
        }
        cell.state = state;
        let (attempt, elapsed, job) = (cell.attempt, now - cell.started, setup.plan.job);
        let report = StepReport { job, node: node.clone(), step, state, attempt, elapsed, message, hint, change };
        self.core.publish(Event::Step { report });
    }

    /// Fails `step` on `node`, unless it has an outcome.
    pub(super) fn fail_cell(&mut self, node: &NodeId, step: StepId, message: String, hint: String) {
        if !self.cell(node, step).is_final() {
            self.report(node, step, StepState::Failed, message, Some(hint), Vec::new());
        }
    }

    pub(super) fn wanted_nodes(&self) -> Vec<NodeId> {
        self.setup.as_ref().map(|s| s.plan.nodes.iter().map(|n| n.node.clone()).collect()).unwrap_or_default()
    }

    pub(super) fn steps_on(&self, node: &NodeId) -> Vec<StepId> {
        let Some(setup) = &self.setup else { return Vec::new() };
        let head = setup.head.as_ref() == Some(node);
        setup.plan.steps.iter().copied().filter(|s| head || !s.on_head_only()).collect()
    }

    /// `step` has its outcome on every node that it is for.
    pub(super) fn over_everywhere(&self, step: StepId) -> bool {
        self.setup.as_ref().is_none_or(|s| s.open.get(&step).is_none_or(|open| *open == 0))
    }

    /// The readings of the nodes of this setup.
    pub(super) fn setup_readings(&self) -> Readings {
        let Some(setup) = &self.setup else { return Readings::new() };
        let wanted = setup.plan.nodes.iter().map(|n| &n.node);
        wanted.filter_map(|n| self.core.readings.get(n).map(|r| (n.clone(), Arc::clone(r)))).collect()
    }
}
