//! Stopping what runs, and leaving.

use pictl_model::Timestamp;
use pictl_model::request::Request;
use pictl_model::world::RunView;

use super::Context;
use crate::messages::{Effect, Leaving};

/// How far the user went in stopping what is at work.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ladder {
    /// How often the user asked to stop what runs.
    pub(crate) cancels: u8,
    pub(crate) stopping_since: Option<Timestamp>,
    /// The dashboard ends as soon as nothing is at work any more.
    pub(crate) leaving: bool,
}

impl Context {
    /// The ladder: ask, kill, leave. With nothing to stop it quits.
    pub(crate) fn cancel(&mut self) -> Vec<Effect> {
        if !self.is_working() {
            return vec![Effect::Leave(Leaving::Quit)];
        }
        self.ladder.cancels = self.ladder.cancels.saturating_add(1);
        self.ladder.stopping_since.get_or_insert(self.now);
        match self.ladder.cancels {
            1 if !self.is_busy() => vec![Effect::Send(Request::StopScan)],
            1 | 2 => vec![Effect::Send(Request::Cancel)],
            _ => vec![Effect::Leave(Leaving::Abandoned)],
        }
    }

    /// The run that goes on without pictl when the user leaves: the only thing at work, and nobody has asked it to stop.
    pub(crate) fn can_go_on(&self) -> Option<&RunView> {
        let world = &self.world;
        let run = world.run.as_ref().filter(|run| !run.is_over() && run.launched.is_some() && run.stopping.is_none());
        let others = world.setup.as_ref().is_some_and(|s| s.summary.is_none())
            || world.exec.as_ref().is_some_and(|e| !e.finished);
        run.filter(|_| !others && self.ladder.cancels == 0 && self.options.lasting && !self.is_record())
    }

    pub(crate) fn leave_running(&mut self) -> Vec<Effect> {
        let Some(run) = self.can_go_on().map(|run| run.plan.id.clone()) else { return Vec::new() };
        vec![Effect::Leave(Leaving::LeftRunning(run))]
    }

    pub(crate) fn stop_and_quit(&mut self) -> Vec<Effect> {
        if !self.is_busy() {
            return vec![Effect::Leave(Leaving::Quit)];
        }
        self.ladder.leaving = true;
        if self.ladder.cancels == 0 { self.cancel() } else { Vec::new() }
    }

    /// Nothing is at work any more: the ladder is over, and with it the dashboard where the user wants to leave.
    pub(crate) fn settle(&mut self) -> Option<Leaving> {
        if self.is_working() {
            return None;
        }
        (self.ladder.cancels, self.ladder.stopping_since) = (0, None);
        self.ladder.leaving.then_some(Leaving::Stopped)
    }
}
