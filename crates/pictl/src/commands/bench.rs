//! `pictl bench`.

use pictl_engine::programs::{self, Program, Work};
use pictl_model::event::Event;
use pictl_model::request::{BenchRequest, Request};
use pictl_model::run::{Hpl, Origin, RunEvent, RunPhase, RunSummary, Workload};
use pictl_model::world::World;

use super::{matrix, print};
use crate::cli::{self, Language};
use crate::drive::Session;
use crate::exit::{Exit, Trouble};
use crate::front::{Front, out, tell};
use crate::secrets::Secrets;
use crate::wire::Setting;

/// Runs a benchmark and prints what each rank did.
pub(crate) async fn run(setting: &Setting, args: &cli::Bench) -> Result<Exit, Trouble> {
    let program = chosen(&args.name, args.lang)?;
    let takes = program.work;
    for (option, given, taken) in [
        ("--slices", args.slices.is_some(), matches!(takes, Work::Slices { .. })),
        ("--slice-size", args.slice_size.is_some(), takes != Work::Fixed),
    ] {
        if given && !taken {
            return Err(Trouble::usage(anyhow::anyhow!("the benchmark {} takes no {option}", program.name)));
        }
    }
    let hpl = Hpl { size: args.size, block: args.block, grid: args.grid, memory_percent: args.memory, estimate: None };
    if hpl != Hpl::default() && !program.is_hpl() {
        let options = "--size, --block, --grid and --memory are for hpl";
        return Err(Trouble::usage(anyhow::anyhow!("{options}, and not for {}", program.name)));
    }
    let workload = setting.workload(program, args.slices, args.slice_size);
    let repeat = args.repeat.or(setting.config.bench.repeat).unwrap_or(1);
    if args.launch.detach && repeat > 1 {
        return Err(Trouble::usage(anyhow::anyhow!("--detach starts one run; leave the repetitions out")));
    }
    let members = setting.store().members()?;
    let nodes = super::chosen_nodes(setting, &members)?;
    let launch = setting.launch(&args.launch, &members)?;
    let secrets = Secrets::read(&setting.login_args)?;
    let front = Front::of(&setting.global, false);
    let mut session = Session::start(setting, front, secrets)?;
    let request = BenchRequest {
        workload: Workload { hpl: program.is_hpl().then_some(hpl), ..workload },
        program: None,
        launch,
        ranks: args.ranks,
        repeat,
        nodes,
        timeout: setting.timeout(&args.launch),
        login: setting.login(setting.interactive()),
    };
    let exit = if args.launch.detach {
        leave(setting, &mut session, request).await?
    } else {
        measure(&mut session, request, !setting.global.json).await?
    };
    session.end().await;
    Ok(exit)
}

/// Starts one run, prints its id once its program has said something, and leaves it.
pub(crate) async fn leave(setting: &Setting, session: &mut Session, request: BenchRequest) -> Result<Exit, Trouble> {
    let exit = session.go(Request::Bench(request), begun).await?;
    if exit != Exit::Ok {
        return Ok(exit);
    }
    if let Some(run) = session.world.run.as_ref().filter(|_| !setting.global.json) {
        out(run.plan.id.as_str());
        tell(&format!("it goes on; pictl attach {} joins it", run.plan.id));
    }
    Ok(exit)
}

fn begun(world: &World, event: &Event) -> bool {
    matches!(event, Event::Run { event: RunEvent::Phase { phase: RunPhase::Running }, .. }) || over(world, event)
}

/// The benchmark of this name in this language: names say it by `-c` at their end.
fn chosen(name: &str, language: Option<Language>) -> Result<Program, Trouble> {
    let in_c = language == Some(Language::C);
    let variant = if in_c { programs::named(&format!("{name}-c")) } else { None };
    variant
        .or_else(|| programs::named(name))
        .filter(|program| language.is_none() || program.is_c() == in_c)
        .ok_or_else(|| Trouble::usage(anyhow::anyhow!("there is no benchmark {name} in that language")))
}

/// Does all repetitions; prints the ranks of each when `print_ranks` is set.
pub(crate) async fn measure(session: &mut Session, request: BenchRequest, print_ranks: bool) -> Result<Exit, Trouble> {
    let repeat = request.repeat;
    let mut worst = Exit::Ok;
    let mut next = Some(request);
    for index in 1..=repeat {
        let exit = match next.take() {
            Some(request) => session.go(Request::Bench(request), over).await?,
            None => session.wait(over).await?,
        };
        worst = worst.max(exit);
        let summary = session.world.run.as_ref().and_then(|r| r.summary.clone());
        let Some(summary) = summary.filter(|s| s.series.as_ref().is_none_or(|s| s.index == index)) else { break };
        if print_ranks {
            print_end(&summary);
            if let Some(run) = &session.world.run {
                print::lines(&matrix::text(&run.pairs));
            }
        }
        if exit == Exit::Cancelled || exit == Exit::Failed {
            break;
        }
    }
    Ok(worst)
}

/// Says how a run ended. The results of the user's own program are what it printed itself.
pub(crate) fn print_end(summary: &RunSummary) {
    let text = print::summary(summary);
    match summary.workload.origin {
        Origin::Benchmark => print::lines(&text),
        Origin::Own => text.lines().for_each(tell),
    }
    if let Some(hint) = &summary.hint {
        tell(&format!("-> {hint}"));
    }
}

/// Whether a run's end has come.
pub(crate) fn over(_: &World, event: &Event) -> bool {
    matches!(event, Event::Run { event: RunEvent::Finished { .. }, .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_chooses_among_programs_of_one_name() {
        let name = |name, language| chosen(name, language).map(|p| p.name).ok();
        assert_eq!(name("pi", None), Some("pi"));
        assert_eq!(name("pi", Some(Language::Python)), Some("pi"));
        assert_eq!(name("pi", Some(Language::C)), Some("pi-c"));
        assert_eq!(name("pi-c", None), Some("pi-c"));
        assert_eq!(name("pi-c", Some(Language::C)), Some("pi-c"));
        assert_eq!(name("pi-c", Some(Language::Python)), None);
        assert_eq!(name("primes", Some(Language::C)), None);
    }
}
