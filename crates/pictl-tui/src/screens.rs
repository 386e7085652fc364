//! The screens.

pub(crate) mod keys;
pub(crate) mod nodes;
pub(crate) mod run;
pub(crate) mod setup;
pub(crate) mod table;

use crate::app::App;
use crate::words::{count, number};

/// What runs now, in words.
pub(crate) fn busy_words(app: &App) -> String {
    let world = &app.world;
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
    if let Some((next, of)) = app.next_of_series() {
        works.push(format!("run {next} of {of} is about to begin"));
    }
    if let Some(exec) = world.exec.as_ref().filter(|e| !e.finished) {
        let left = exec.nodes.values().filter(|n| !n.ended).count();
        works.push(format!("a command on {}", count(left, "node")));
    }
    if world.watching.is_some() {
        works.push("a watch over the network".to_owned());
    } else if app.is_scanning() {
        works.push("a scan".to_owned());
    }
    if works.is_empty() { "nothing".to_owned() } else { works.join("; ") }
}
