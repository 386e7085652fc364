//! Runs: starting, leaving and joining them, and what is printed at their end.

use std::collections::BTreeMap;

use pictl_model::Rank;
use pictl_model::event::Event;
use pictl_model::request::{BenchRequest, Request};
use pictl_model::run::{Origin, RunEvent, RunPhase, RunSummary};
use pictl_model::world::{PairView, World};

use super::{input, matrix, print};
use crate::cli::LaunchArgs;
use crate::drive::Session;
use crate::exit::{Exit, Trouble};
use crate::front::{Front, out, say};
use crate::secrets::Secrets;
use crate::wire::Setting;

/// Runs `request`; leaves it running with `--detach`.
pub(crate) async fn carry_out(setting: &Setting, args: &LaunchArgs, request: BenchRequest) -> Result<Exit, Trouble> {
    let secrets = Secrets::read(&setting.login_args)?;
    let mut session = Session::start(setting, Front::of(&setting.global, false), secrets)?;
    let exit = if args.detach { leave(&mut session, request).await? } else { measure(&mut session, request).await? };
    Ok(session.end(exit).await)
}

/// Does all repetitions and prints the end of each.
pub(crate) async fn measure(session: &mut Session, request: BenchRequest) -> Result<Exit, Trouble> {
    let repeat = request.repeat;
    let mut worst = Exit::Ok;
    let mut next = Some(request);
    for index in 1..=repeat {
        let exit = match next.take() {
            Some(request) => {
                let reads = request.program.as_ref().is_some_and(|program| program.input);
                session.send(Request::Bench(request));
                if reads {
                    // Not before the run is asked for: input without a run has no reader. The lines with passwords are read.
                    input::feed(session.requests());
                }
                session.wait(over).await?
            }
            None => session.wait(over).await?,
        };
        worst = worst.max(exit);
        let summary = session.world.run.as_ref().and_then(|r| r.summary.as_ref());
        if summary.is_none_or(|s| s.series.as_ref().is_some_and(|s| s.index != index)) {
            break;
        }
        print_end(session.front, &session.world);
        if exit == Exit::Cancelled || exit == Exit::Failed {
            break;
        }
    }
    Ok(worst)
}

/// Starts one run, prints its id once its program prints something, and leaves it.
async fn leave(session: &mut Session, request: BenchRequest) -> Result<Exit, Trouble> {
    let exit = session.go(Request::Bench(request), begun).await?;
    if let Some(run) = session.world.run.as_ref().filter(|_| exit == Exit::Ok && session.front != Front::Json) {
        out(run.plan.id.as_str());
        say(&format!("it continues; pictl attach {} joins it", run.plan.id));
    }
    Ok(exit)
}

fn begun(world: &World, event: &Event) -> bool {
    matches!(event, Event::Run { event: RunEvent::Phase { phase: RunPhase::Running }, .. }) || over(world, event)
}

/// Whether a run has ended.
pub(crate) fn over(_: &World, event: &Event) -> bool {
    matches!(event, Event::Run { event: RunEvent::Finished { .. }, .. })
}

/// Prints how the run of `world` ended, if it did; as JSON it has been printed already. The result of the user's own
/// program is its output.
pub(crate) fn print_end(front: Front, world: &World) {
    let Some(run) = world.run.as_ref().filter(|_| front != Front::Json) else { return };
    let Some(summary) = &run.summary else { return };
    let text = end(summary, &run.pairs);
    match summary.workload.origin {
        Origin::Benchmark => print::lines(&text),
        Origin::Own => text.lines().for_each(say),
    }
    if let Some(hint) = &summary.hint {
        say(&format!("-> {hint}"));
    }
}

/// What is printed at the end of a run: its summary, and what was measured between its ranks.
fn end(summary: &RunSummary, pairs: &BTreeMap<(Rank, Rank), PairView>) -> String {
    format!("{}\n{}", print::summary(summary), matrix::text(pairs))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_end_of_a_run_shows_what_was_measured_between_its_ranks() {
        let ended = json!({
            "id": "20261120-102826-pingpong-7e48", "workload": {"name": "pingpong", "args": []}, "outcome": "succeeded",
            "started": 0, "elapsed": 1_500, "ranks": [], "nodes": [], "dropped": 0,
        });
        let summary: RunSummary = serde_json::from_value(ended).unwrap();
        let shown = end(&summary, &BTreeMap::new());
        assert!(shown.starts_with("outcome  succeeded\n") && !shown.contains("latency"), "{shown}");
        let pair = PairView { latency: 120e-6, bandwidth: 117e6 };
        let all = end(&summary, &BTreeMap::from([((Rank(0), Rank(1)), pair)]));
        let matrix = all.strip_prefix(&shown).unwrap();
        assert!(matrix.contains("120.0") && matrix.contains("117.0") && matrix.ends_with("in MB/s"), "{all}");
    }
}
