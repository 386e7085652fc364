//! `pictl bench`.

use pictl_engine::programs::{self, Program, Work};
use pictl_model::Millis;
use pictl_model::event::Event;
use pictl_model::request::{BenchRequest, LaunchWish, Request};
use pictl_model::run::RunEvent;

use super::print;
use crate::cli::{self, Language};
use crate::drive::Session;
use crate::exit::{Exit, Trouble};
use crate::front::{Front, tell};
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
    let interactive = setting.interactive();
    let members = setting.store().members()?;
    let nodes = match &setting.global.nodes {
        None => Vec::new(),
        some => super::select(some.as_deref(), &members)?,
    };
    let secrets = Secrets::read(&setting.login_args)?;
    let front = Front::of(&setting.global, false);
    let mut session = Session::start(setting, front, secrets)?;
    let request = BenchRequest {
        workload: setting.workload(program, args.slices, args.slice_size),
        program: None,
        launch: LaunchWish::default(),
        ranks: args.ranks,
        repeat: args.repeat.or(setting.config.bench.repeat).unwrap_or(1),
        nodes,
        timeout: args.timeout.map(|s| Millis(s.saturating_mul(1000))),
        login: setting.login(interactive),
    };
    let exit = measure(&mut session, request, !setting.global.json).await?;
    session.end().await;
    Ok(exit)
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
            print::lines(&print::summary(&summary));
            if let Some(hint) = &summary.hint {
                tell(&format!("-> {hint}"));
            }
        }
        if exit == Exit::Cancelled || exit == Exit::Failed {
            break;
        }
    }
    Ok(worst)
}

fn over(_: &pictl_model::world::World, event: &Event) -> bool {
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
