//! What is at work.

use pictl_model::Millis;
use pictl_model::run::RunOutcome;

use super::Context;
use crate::words::{count, number};

/// The next run of a series follows within this time, or something came in between and it does not follow at all.
const NEXT: Millis = Millis(5_000);

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

    /// What runs now, in words.
    pub(crate) fn busy_words(&self) -> String {
        let world = &self.world;
        let mut works = Vec::new();
        if let Some(setup) = world.setup.as_ref().filter(|s| s.summary.is_none()) {
            let (done, all) = setup.progress();
            works.push(format!("setup of {} ({done} of {all} steps)", count(setup.plan.nodes.len(), "node")));
        }
        if let Some(run) = world.run.as_ref().filter(|r| !r.is_over()) {
            let name = &run.plan.workload.name;
            let done = run
                .slices
                .map(|all| format!(" ({} of {} slices)", number(run.slices_done().into()), number(all.into())))
                .unwrap_or_default();
            works.push(format!("{name} on {}{done}", count(run.plan.hosts.len(), "node")));
        }
        if let Some((next, of)) = self.next_of_series() {
            works.push(format!("run {next} of {of} is about to begin"));
        }
        if let Some(exec) = world.exec.as_ref().filter(|e| !e.finished) {
            let left = exec.nodes.values().filter(|n| !n.ended).count();
            works.push(format!("a command on {}", count(left, "node")));
        }
        if world.watching.is_some() {
            works.push("a watch over the network".to_owned());
        } else if self.is_scanning() {
            works.push("a scan".to_owned());
        }
        if works.is_empty() { "nothing".to_owned() } else { works.join("; ") }
    }
}
