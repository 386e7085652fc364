//! `pictl bench`.

use pictl_engine::programs::{self, Program, Work};
use pictl_model::node::Member;
use pictl_model::request::{BenchRequest, LaunchWish};
use pictl_model::run::{Hpl, Workload};

use super::launch::carry_out;
use crate::cli::{self, Language};
use crate::exit::{Exit, Trouble};
use crate::wire::Setting;

/// Runs a benchmark and prints what each rank did.
pub(crate) async fn run(setting: &Setting, args: &cli::Bench) -> Result<Exit, Trouble> {
    let request = request(setting, args, &setting.store().members()?)?;
    if args.launch.detach && request.repeat > 1 {
        return Err(Trouble::usage(anyhow::anyhow!("--detach starts one run; leave out --repeat")));
    }
    carry_out(setting, &args.launch, request).await
}

/// The run that `args` ask for, on a cluster of `members`.
pub(crate) fn request(setting: &Setting, args: &cli::Bench, members: &[Member]) -> Result<BenchRequest, Trouble> {
    let program = chosen(&args.name, args.lang)?;
    let takes = program.work;
    for (option, given, taken) in [
        ("--slices", args.slices.is_some(), matches!(takes, Work::Slices { .. })),
        ("--slice-size", args.slice_size.is_some(), takes != Work::Fixed),
    ] {
        if given && !taken {
            return Err(Trouble::usage(anyhow::anyhow!("the benchmark {} has no option {option}", program.name)));
        }
    }
    let hpl = Hpl { size: args.size, block: args.block, grid: args.grid, memory_percent: args.memory, estimate: None };
    if hpl != Hpl::default() && !program.is_hpl() {
        let options = "--size, --block, --grid and --memory are for hpl";
        return Err(Trouble::usage(anyhow::anyhow!("{options}, not for {}", program.name)));
    }
    let workload = setting.workload(program, args.slices, args.slice_size);
    let hosts = super::chosen::chosen(setting, &args.launch.hosts, members)?;
    Ok(BenchRequest {
        workload: Workload { hpl: program.is_hpl().then_some(hpl), ..workload },
        program: None,
        launch: LaunchWish { slots: hosts.slots, ..setting.launch(&args.launch, members)? },
        ranks: args.ranks,
        repeat: args.repeat.or(setting.config.bench.repeat).unwrap_or(1),
        nodes: hosts.nodes,
        timeout: setting.timeout(&args.launch),
        login: setting.login(setting.interactive()),
    })
}

/// The benchmark of this name in this language; names of those in C end in `-c`.
fn chosen(name: &str, language: Option<Language>) -> Result<Program, Trouble> {
    let in_c = language == Some(Language::C);
    let variant = if in_c { programs::named(&format!("{name}-c")) } else { None };
    variant
        .or_else(|| programs::named(name))
        .filter(|program| language.is_none() || program.is_c() == in_c)
        .ok_or_else(|| Trouble::usage(anyhow::anyhow!("there is no benchmark {name} in that language")))
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
