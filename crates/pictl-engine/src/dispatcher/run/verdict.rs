//! How a run ended, from all that it printed and all that was seen of it.

use pictl_formats::{diagnosis, failure};
use pictl_model::run::{Origin, RunHost, RunOutcome, RunPlan, RunSummary, Stream, Validity};
use pictl_model::world::RunView;

use super::order::places;
use super::{Current, Ending, alone, own};
use crate::dispatcher::core::Core;
use crate::launch::End;
use crate::programs::{self, hpl};

/// Exit status of a launcher that signal 9 ended; it catches the others.
const KILLED: i32 = 128 + 9;

/// How the run ended. Exit status 0 does not prove success: a run succeeded when every rank's last line arrived.
pub(super) fn judge(core: &Core, current: &Current, end: &End) -> Option<RunSummary> {
    let view = core.journal.world.run.as_ref().filter(|r| r.plan.id == current.id)?;
    let ranks = view.rank_summaries();
    let missing: Vec<_> = ranks.iter().filter(|r| !r.done).map(|r| r.rank.to_string()).collect();
    let slices_short = view.slices.is_some_and(|all| all > 0 && view.slices_done() != all);
    let own = view.plan.workload.origin == Origin::Own;
    let program = if own { None } else { programs::named(&view.plan.workload.name) };
    let result = program.map_or(view.result, |program| program.result(view));
    let check = result.zip(program).map(|((value, _), program)| program.check(value, view));

    let lost = if missing.is_empty() || end.problem.is_some() { None } else { lost_node(view) };
    // It explains all that went wrong, and much that seems to have gone well.
    let mismatch = alone::mismatch(view, |node| core.readings.get(node).map(|reading| &reading.facts));

    let mut hint = end.hint.clone();
    let (outcome, reason) = match &current.ending {
        Some(Ending::User) => (RunOutcome::Aborted, Some("stopped by the user".to_owned())),
        Some(Ending::NodeLost { name, why }) => {
            hint = Some(format!("check power, temperature and cable of {name}"));
            (RunOutcome::Failed, Some(format!("{name} was lost: {why}")))
        }
        None if mismatch.is_some() => {
            let (reason, what_to_do) = mismatch.unzip();
            hint = what_to_do;
            (RunOutcome::Failed, reason)
        }
        // A rank can end well and not as MPI wants it: without MPI_Finalize, for example. Then the launcher ends the others.
        None if own
            && missing.is_empty()
            && end.problem.is_none()
            && !end.stopped
            && end.status.is_some_and(|s| s != 0) =>
        {
            let (reason, what_to_do) = why_unfinished(view, end);
            hint = Some(what_to_do);
            (RunOutcome::Failed, Some(reason))
        }
        None if own && missing.is_empty() => (RunOutcome::Succeeded, None),
        // What the launcher knows of nodes: ranks that it ends because of a lost node only report that they were ended.
        None if lost.is_some() => {
            let (reason, what_to_do) = lost.unwrap_or_default();
            hint = Some(what_to_do);
            (RunOutcome::Failed, Some(reason))
        }
        None if own && end.problem.is_none() && own::failure(view).is_some() => {
            hint = Some(output_hint(view));
            (RunOutcome::Failed, own::failure(view))
        }
        // Lines that the launcher damaged do not matter when the sum is right to the last slice.
        None if !missing.is_empty() || (slices_short && check.as_ref().is_none_or(|c| !c.ok())) => {
            let (reason, what_to_do) = why_unfinished(view, end);
            hint = Some(what_to_do);
            (RunOutcome::Failed, Some(reason))
        }
        None if result.is_none() => {
            hint = Some(format!("run it again; {}", output_hint(view)));
            (RunOutcome::Failed, Some("every rank finished, and the program's result did not arrive".to_owned()))
        }
        None => match &check {
            Some(check) if !check.ok() => (RunOutcome::CheckFailed, check.problem.clone()),
            _ => (RunOutcome::Succeeded, None),
        },
    };
    Some(RunSummary {
        id: current.id.clone(),
        workload: view.plan.workload.clone(),
        series: view.plan.series.clone(),
        outcome,
        reason,
        hint: if outcome == RunOutcome::Succeeded { None } else { hint },
        started: view.launched.unwrap_or(view.planned),
        elapsed: view.launched.map_or(pictl_model::Millis(0), |at| core.journal.now - at),
        program_seconds: result.map(|(_, s)| s).filter(|s| *s > 0.0).or(view.seconds),
        value: result.map(|(v, _)| v),
        expected: check.as_ref().and_then(|c| c.expected),
        tolerance: check.as_ref().and_then(|c| c.tolerance),
        exit_status: end.status,
        ranks,
        nodes: view.node_summaries(),
        // What did not come to its end has no figures.
        validity: match outcome {
            RunOutcome::Succeeded => stamp(core, &view.plan, result.map(|(value, _)| value)),
            RunOutcome::CheckFailed => stamp(core, &view.plan, None),
            RunOutcome::Failed | RunOutcome::Aborted => None,
        },
        dropped: core.journal.world.dropped,
    })
}

/// What the figures are worth; a right result of HPL is put beside published ones.
fn stamp(core: &Core, plan: &RunPlan, right: Option<f64>) -> Option<Validity> {
    let validity = core.journal.observer.judge(plan, core.journal.now)?;
    let compared = right
        .zip(plan.workload.hpl)
        .and_then(|(gflops, hpl)| hpl::comparison(gflops, &hpl, &places(core, &plan.hosts)));
    Some(match compared {
        Some(concern) => Validity::of(validity.reasons.into_iter().chain([concern]).collect()),
        None => validity,
    })
}

/// Where the output of the run is.
fn output_hint(view: &RunView) -> String {
    format!("its output shows more: pictl runs show {} --output", view.plan.id)
}

/// Why a run ended before all was done, from the surest witness on, and what to do.
fn why_unfinished(view: &RunView, end: &End) -> (String, String) {
    let hint = |hint: Option<&String>| hint.cloned().unwrap_or_else(|| output_hint(view));
    // Hydra reports a rank's end on its standard output.
    let errors = view.output.iter().filter(|l| l.stream == Stream::Err || l.rank.is_none());
    let errors: String = errors.flat_map(|l| [&l.line, "\n"]).collect();
    if let (Some(problem), Some(_)) = (&end.problem, &end.hint) {
        // Known for sure, other than what a launcher says when it is stopped.
        return (named(view, problem), hint(end.hint.as_ref()));
    }
    if let Some(why) = diagnosis::explain(&errors) {
        let cause = match why.node {
            Some(node) => format!("{}: {}", host_name(view, &node), why.cause),
            None => why.cause,
        };
        return (with_names(view, &cause), with_names(view, &why.hint));
    }
    if let Some(problem) = &end.problem {
        return (problem.clone(), hint(None));
    }
    if end.status == Some(KILLED) {
        let head = view.plan.hosts.iter().find(|h| h.node == view.plan.head).map_or("this computer", |h| &h.name);
        let look = format!("look for `Killed process` in the output of dmesg on {head}");
        return (format!("the launcher was killed on {head}"), look);
    }
    let said = diagnosis::last_line(&errors).map(str::to_owned);
    let ended = end.status.map_or("with no exit status".to_owned(), |s| format!("with exit status {s}"));
    let all_done = view.rank_summaries().iter().all(|rank| rank.done);
    let reason = said.map_or_else(
        || {
            if all_done {
                format!("every rank ended with exit status 0, but the launcher ended {ended}")
            } else {
                format!("the launcher ended {ended} before every rank had finished")
            }
        },
        |said| with_names(view, &said),
    );
    (reason, hint(end.hint.as_ref()))
}

/// What the launcher reports of a node that went away. Lines of ranks do not count: a program can print anything.
fn lost_node(view: &RunView) -> Option<(String, String)> {
    let said: String = view.output.iter().filter(|l| l.rank.is_none()).flat_map(|l| [&l.line, "\n"]).collect();
    let why = diagnosis::explain(&said).filter(|why| why.id == failure::NODE_LOST.id)?;
    // The cleanup asked every node: one that is lost did not answer.
    let answered = |host: &&RunHost| matches!(view.swept.get(&host.node), Some(Some(_)));
    let silent = || view.plan.hosts.iter().filter(|host| matches!(view.swept.get(&host.node), Some(None)));
    let name = match &why.node {
        Some(node) => Some(host_name(view, node)),
        // Hydra does not name it.
        None => silent().map(|host| host.name.clone()).next(),
    };
    let is_up = match &name {
        Some(name) => view.plan.hosts.iter().find(|host| host.name == *name).as_ref().is_some_and(answered),
        None => view.plan.hosts.iter().all(|host| answered(&host)),
    };
    let place = name.as_deref().unwrap_or("a node");
    if is_up {
        let reason =
            format!("the launcher lost its daemon on {place}, which answers: it was ended, or the node restarted");
        let hint = format!("on {place}, `uptime` shows a restart, and `Killed process` in `dmesg` that memory ran out");
        return Some((reason, hint));
    }
    Some((name.map_or_else(|| why.cause.clone(), |name| format!("{name}: {}", why.cause)), why.hint))
}

/// The text with the names of nodes in place of their ids.
fn named(view: &RunView, text: &str) -> String {
    view.plan.hosts.iter().fold(text.to_owned(), |text, host| text.replace(&host.node.to_string(), &host.name))
}

/// The text with the names of nodes in place of their addresses, by which launchers call them.
fn with_names(view: &RunView, text: &str) -> String {
    diagnosis::with_names(text, view.plan.hosts.iter().map(|host| (host.address, host.name.as_str())))
}

/// The name of a host that a launcher calls by its address.
fn host_name(view: &RunView, host: &str) -> String {
    let known = view.plan.hosts.iter().find(|h| h.address.to_string() == host || h.name == host);
    known.map_or_else(|| host.to_owned(), |h| h.name.clone())
}
