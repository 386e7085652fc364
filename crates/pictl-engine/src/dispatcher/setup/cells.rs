//! The grid of steps and nodes.

use std::sync::Arc;

use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::step::{StepId, StepReport, StepState};

use pictl_formats::facts::NodeReading;

use super::Setup;
use crate::dispatcher::Dispatcher;
use crate::setup::check::Check;
use crate::setup::plan::ClusterPlan;
use crate::setup::steps;

impl Setup {
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
    fn found(&mut self, node: &NodeId, step: StepId) -> Arc<Check> {
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
}

impl Dispatcher {
    /// What the check of `step` finds on `node`.
    pub(super) fn found(&mut self, node: &NodeId, step: StepId) -> Option<Arc<Check>> {
        self.setup.as_mut().map(|setup| setup.found(node, step))
    }

    /// The steps without an outcome on every node that was read, node by node.
    pub(super) fn open_cells(&self) -> Vec<(NodeId, StepId)> {
        let read = self.setup.iter().flat_map(|s| s.readings.keys());
        let cells = read.flat_map(|node| self.steps_on(node).into_iter().map(|step| (node.clone(), step)));
        cells.filter(|(node, step)| !self.cell(node, *step).is_final()).collect()
    }

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
}
