//! Stopping what runs, and leaving.

use pictl_model::request::Request;
use pictl_model::run::RunOutcome;
use pictl_model::world::RunView;
use pictl_model::{Millis, Timestamp};

use super::Context;
use crate::messages::{Effect, Leaving};

/// The next run of a series follows within this time, or something came in between and it does not follow at all.
const NEXT: Millis = Millis(5_000);

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
    /// Something runs that would be lost or left behind by leaving.
    pub(crate) fn is_busy(&self) -> bool {
        (self.world.is_busy() || self.next_of_series().is_some()) && !self.is_record()
    }

    /// The repetition that is about to begin, and how many there are.
    pub(crate) fn next_of_series(&self) -> Option<(u32, u32)> {
        let run = self.world.run.as_ref()?;
        let summary = run.summary.as_ref().filter(|s| s.outcome == RunOutcome::Succeeded)?;
        let series = run.plan.series.as_ref().filter(|s| s.index < s.of)?;
        let ended = summary.started.plus(summary.elapsed);
        (self.now - ended < NEXT).then_some((series.index + 1, series.of))
    }

    /// Something goes on that Ctrl-C can stop; a scan or a watch too, though leaving during one loses nothing.
    pub(crate) fn is_working(&self) -> bool {
        self.is_busy() || self.is_scanning() || self.world.watching.is_some()
    }

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
