//! An MPI in a folder of its own, which somebody has put there: it is used as it is, and nothing is installed beside it.

use pictl_formats::launcher;
use pictl_model::MpiPrefix;
use pictl_model::node::{Facts, MpiFamily};

use crate::setup::check::{Check, Subject, fail};
use crate::setup::plan::{ClusterPlan, Readings};

/// How to do without it.
const DISTRIBUTION: &str = "or take the distribution's: pictl setup --mpi-prefix /usr";

/// It must be there, as on the head.
pub(super) fn check(subject: &Subject, family: MpiFamily, prefix: &MpiPrefix) -> Check {
    let Subject { plan, readings, me, reading } = *subject;
    let facts = &reading.facts;
    let name = &me.name;
    let folder = prefix.below(&facts.home);
    let head = plan.head().and_then(|head| Some((&head.name, &readings.get(&head.node)?.facts)));
    let on_head = head.and_then(|(name, facts)| Some((name, plan.mpi_on(facts, family)?)));
    let Some(own) = plan.mpi_on(facts, family) else {
        let there: Vec<_> = facts.mpi_in(Some(prefix)).map(|mpi| format!("{} {}", mpi.family, mpi.version)).collect();
        let instead = if there.is_empty() { String::new() } else { format!("; it has {} there", there.join(", ")) };
        let program = launcher::of_family(family).own_program();
        return match on_head {
            Some((head, mpi)) if head != name => fail(
                format!("{name} has no {family} in {folder}, as {head} has ({}){instead}", mpi.place()),
                format!("copy {folder} from {head} to the same place on {name}, {DISTRIBUTION}"),
            ),
            _ => fail(
                format!(
                    "{name} has no {family} in {folder} (no {folder}/bin/{program} that answers to --version){instead}"
                ),
                format!("give the folder above its bin: pictl setup --mpi-prefix DIR, {DISTRIBUTION}"),
            ),
        };
    };
    if let Some((head, mpi)) = on_head
        && !own.works_with(mpi)
    {
        let problem = format!("{name} has {family} {}, and {head} {}", own.place(), mpi.place());
        let hint = match (own.prefix(), mpi.prefix()) {
            (Some(here), Some(there)) if here != there => format!(
                "a launcher looks in one folder on all nodes; on {name}: sudo mkdir -p {0} && sudo ln -s {here} {there}; then: \
                 pictl setup --mpi-prefix {there}; {DISTRIBUTION}",
                there.rsplit_once('/').map_or("/", |(above, _)| above)
            ),
            _ => format!("put the same version into {folder} on all nodes, {DISTRIBUTION}"),
        };
        return fail(problem, hint);
    }
    let mpi4py = facts.mpi4py.as_ref();
    let said = format!("{family} {}", own.place());
    let (what, why) = match mpi4py {
        Some(py) if py.family.is_none_or(|of| of == family) => {
            return Check::AlreadySo(format!("{said}, mpi4py {}", py.version));
        }
        Some(py) => ("with an mpi4py of another MPI", py.family.map(|of| format!(" ({of})")).unwrap_or_default()),
        None => ("without mpi4py", String::new()),
    };
    Check::Warn {
        message: format!("{said}, {what}{why}: Python programs cannot use MPI"),
        hint: Some(format!(
            "build it on each node: MPICC={} pip install --no-binary mpi4py mpi4py (it needs gcc python3-dev python3-pip)",
            launcher::compiler_of(own)
        )),
    }
}

/// What is there in folders of their own, and is not used.
pub(super) fn remarks(plan: &ClusterPlan, readings: &Readings) -> Vec<String> {
    let family = plan.family(readings);
    if plan.own_prefix().is_some() {
        return Vec::new();
    }
    let of_node = |facts: &Facts| facts.mpi.iter().find(|mpi| mpi.prefix().is_some()).cloned();
    let mut found = plan.nodes.iter().filter_map(|n| Some((&n.name, of_node(&readings.get(&n.node)?.facts)?)));
    let Some((name, mpi)) = found.next() else { return Vec::new() };
    let prefix = mpi.prefix().unwrap_or_default();
    vec![format!(
        "{} {} on {name} is not used, but the distribution's {family}; to use it on all nodes: pictl setup --mpi-prefix {prefix}",
        mpi.family,
        mpi.place()
    )]
}
