//! A setup as a grid of steps and nodes.

use std::collections::BTreeMap;

use crate::ids::NodeId;
use crate::step::{SetupPlan, SetupSummary, StepId, StepReport, StepState};
use crate::units::{Millis, Timestamp};

/// Messages kept of one step on one node.
const LOG: usize = 200;

/// One step on one node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// Where it stands.
    pub state: StepState,
    /// Which attempt.
    pub attempt: u32,
    /// Time since the attempt began.
    pub elapsed: Millis,
    /// The last message.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// What will change or has changed.
    pub change: Vec<String>,
    /// Earlier messages, oldest first.
    pub log: Vec<String>,
}

/// The last or present setup.
#[derive(Clone, Debug, PartialEq)]
pub struct SetupView {
    /// Its plan.
    pub plan: SetupPlan,
    /// Each step on each node.
    pub cells: BTreeMap<(NodeId, StepId), Cell>,
    /// When it began.
    pub started: Timestamp,
    /// How it ended.
    pub summary: Option<SetupSummary>,
}

impl SetupView {
    pub(super) fn new(at: Timestamp, plan: SetupPlan) -> Self {
        Self { plan, cells: BTreeMap::new(), started: at, summary: None }
    }

    pub(super) fn report(&mut self, report: &StepReport) {
        let cell = self.cells.entry((report.node.clone(), report.step)).or_default();
        if !report.message.is_empty() && cell.log.len() < LOG {
            cell.log.push(report.message.clone());
        }
        cell.state = report.state;
        cell.attempt = report.attempt;
        cell.elapsed = report.elapsed;
        cell.message.clone_from(&report.message);
        cell.hint.clone_from(&report.hint);
        // Applying and verifying reports carry no change of their own; the plan's stays visible.
        if !report.change.is_empty() {
            cell.change.clone_from(&report.change);
        }
    }

    /// The cell of a step on a node; a fresh one when nothing was reported of it.
    pub fn cell(&self, node: &NodeId, step: StepId) -> Cell {
        self.cells.get(&(node.clone(), step)).cloned().unwrap_or_default()
    }

    /// Steps that reached an outcome, and all steps, over all nodes.
    pub fn progress(&self) -> (usize, usize) {
        let all = self.plan.nodes.iter().flat_map(|node| self.plan.steps.iter().map(move |step| (node, *step)));
        let wanted = all.filter(|(node, step)| node.head || !step.on_head_only());
        wanted.fold((0, 0), |(done, all), (node, step)| {
            let ended = self.cells.get(&(node.node.clone(), step)).is_some_and(|cell| cell.state.is_final());
            (done + usize::from(ended), all + 1)
        })
    }
}
