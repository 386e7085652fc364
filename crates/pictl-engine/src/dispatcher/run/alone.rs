//! Whether a program and its launcher belong to one MPI. With another MPI than the launcher's, a program is started so many
//! times and is alone each time: it ends well, and its result is wrong.

use pictl_formats::launcher;
use pictl_model::node::{Facts, MpiFamily};
use pictl_model::run::{Origin, RunPlan};
use pictl_model::world::RunView;
use pictl_model::{NodeId, Rank};

use crate::programs;

/// The MPI of a program, as far as anything shows it.
struct Seen {
    family: MpiFamily,
    /// Who has it, as a subject: `hello is linked with MPICH (/usr/lib/libmpich.so.12 on pi01)`.
    text: String,
    /// It is that of Python.
    python: bool,
}

/// What is wrong where the ranks did not work together, and what to do; `facts` are those of a node. `None` when nothing shows
/// that.
pub(super) fn mismatch<'a>(view: &RunView, facts: impl Fn(&NodeId) -> Option<&'a Facts>) -> Option<(String, String)> {
    let asked = view.plan.ranks;
    let reported = || view.mpi.values().filter_map(|mpi| mpi.size);
    let counted = reported().chain(view.sizes.iter().copied()).find(|size| *size != asked);
    let other = other_mpi(view);
    // Its MPI's own count is surer than what its words seem to say.
    let is_together = reported().any(|size| size == asked);
    let words = if is_together { None } else { words(view) };
    let said = match (counted, words) {
        (Some(size), _) => format!("the program counted {}, and {asked} were started", ranks(size)),
        (None, Some(words)) => words,
        // It may print nothing of its ranks.
        (None, None) if other.is_some() && !is_together && !claims(view, asked) => "each rank was alone".to_owned(),
        (None, None) => return None,
    };
    Some(explain(&view.plan, &said, other.or_else(|| other_by_facts(view, facts))))
}

/// What is known as soon as a rank has reported its MPI: that it is another one than the launcher's.
pub(super) fn warning(view: &RunView) -> Option<String> {
    let other = other_mpi(view)?;
    Some(format!("{}, and the launcher is {}: each rank can be alone", other.text, launcher_of(&view.plan)))
}

/// Some rank's words name this size.
fn claims(view: &RunView, size: u32) -> bool {
    view.mpi.values().any(|mpi| mpi.claimed.contains(&size))
}

/// What the program's own words say against its size: that ranks are alone, or that there is another number of them.
fn words(view: &RunView) -> Option<String> {
    let asked = view.plan.ranks;
    let strangers: Vec<(Rank, u32)> = view
        .mpi
        .iter()
        .filter(|(_, mpi)| !mpi.claimed.contains(&asked))
        .filter_map(|(rank, mpi)| Some((*rank, *mpi.claimed.first()?)))
        .collect();
    let alone = strangers.iter().filter(|(_, size)| *size == 1).count();
    if alone > 1 {
        return Some(format!("{alone} ranks said that they were alone (`rank 0 of 1`)"));
    }
    let (rank, size) = *strangers.first()?;
    let agreed = strangers.iter().all(|(_, other)| *other == size);
    // When some ranks name the size that was asked for, the others speak of something else.
    (agreed && !claims(view, asked))
        .then(|| format!("rank {rank} said that it was one of {}, and {asked} were started", ranks(size)))
}

fn ranks(count: u32) -> String {
    if count == 1 { "1 rank".to_owned() } else { format!("{count} ranks") }
}

/// The first rank that reported another MPI than the launcher's.
fn other_mpi(view: &RunView) -> Option<Seen> {
    let own = view.plan.mpi.family;
    for (rank, mpi) in &view.mpi {
        let place = view.ranks.get(rank).and_then(|rank| rank.host.as_deref());
        let place = place.map(|host| format!(" on {host}")).unwrap_or_default();
        if let Some((file, library)) = &mpi.linked
            && let Some(family) = launcher::family_of_file(library).filter(|family| *family != own)
        {
            let text = format!("{file} is linked with {family} ({library}{place})");
            return Some(Seen { family, text, python: false });
        }
        if let Some(library) = &mpi.library
            && let Some(family) = launcher::family_of_library(library).filter(|family| *family != own)
        {
            return Some(Seen { family, text: format!("mpi4py{place} belongs to {library}"), python: true });
        }
    }
    None
}

/// What the nodes reported of mpi4py, for benchmarks in Python, whose ranks do not report it themselves.
fn other_by_facts<'a>(view: &RunView, facts: impl Fn(&NodeId) -> Option<&'a Facts>) -> Option<Seen> {
    let (plan, own) = (&view.plan, view.plan.mpi.family);
    let of_python = plan.workload.origin == Origin::Benchmark
        && programs::named(&plan.workload.name).is_some_and(programs::Program::needs_mpi4py);
    plan.hosts.iter().filter(|_| of_python).find_map(|host| {
        let family = facts(&host.node)?.mpi4py.as_ref()?.family.filter(|family| *family != own)?;
        Some(Seen { family, text: format!("mpi4py on {} belongs to {family}", host.name), python: true })
    })
}

/// `Open MPI 4.1.4 (/usr/bin/mpirun.openmpi)`.
fn launcher_of(plan: &RunPlan) -> String {
    format!("{} {} ({})", plan.mpi.family, plan.mpi.version, plan.mpi.launcher)
}

fn explain(plan: &RunPlan, said: &str, other: Option<Seen>) -> (String, String) {
    let (own, launcher) = (plan.mpi.family, launcher_of(plan));
    let compiler = launcher::compiler_of(&plan.mpi);
    let Some(Seen { family, text, python }) = other else {
        let head = plan.hosts.iter().find(|host| host.node == plan.head).map_or("a node", |host| &host.name);
        let reason = format!("{said}: the program does not use the launcher's MPI, which is {launcher}");
        let hint = format!("`ldd PROGRAM` on {head} shows its MPI; compile it there with {compiler}");
        return (reason, hint);
    };
    let choose = format!("or choose the program's own MPI: pictl setup --mpi {}", family.word());
    let hint = if python {
        format!("give Python the mpi4py of {own}: pictl setup --only mpi; {choose}")
    } else {
        format!("compile it with {compiler}, {choose}")
    };
    (format!("{said}: {text}, and the launcher is {launcher}"), hint)
}

#[cfg(test)]
mod tests {
    use pictl_model::Timestamp;
    use pictl_model::run::RunEvent;

    use super::*;
    use crate::common;

    fn view(events: &[RunEvent]) -> RunView {
        let mut view = RunView::new(Timestamp(0), common::plan("r-1", 3, 2));
        view.plan.workload.origin = Origin::Own;
        view.plan.mpi.family = MpiFamily::OpenMpi;
        for (at, event) in (0..).zip(events) {
            view.apply(Timestamp(at), event);
        }
        view
    }

    fn found(events: &[RunEvent]) -> Option<(String, String)> {
        mismatch(&view(events), |_| None)
    }

    fn words(rank: u32, size: u32) -> RunEvent {
        RunEvent::Mpi { rank: Rank(rank), size: Some(size), library: None, file: None }
    }

    fn library(rank: u32, size: Option<u32>, library: &str) -> RunEvent {
        RunEvent::Mpi { rank: Rank(rank), size, library: Some(library.into()), file: None }
    }

    fn linked(rank: u32, library: &str) -> RunEvent {
        RunEvent::Mpi { rank: Rank(rank), size: None, library: Some(library.into()), file: Some("hello".into()) }
    }

    #[test]
    fn ranks_that_say_they_are_alone_are_a_failure_that_names_both_mpis() {
        let host = RunEvent::Host { rank: Rank(0), host: "pi01".into() };
        let (reason, hint) =
            found(&[host, linked(0, "/usr/lib/libmpich.so.12.2.2"), words(0, 1), words(1, 1), words(2, 1)]).unwrap();
        assert!(reason.starts_with("3 ranks said that they were alone (`rank 0 of 1`): hello is linked with MPICH"));
        assert!(reason.contains("(/usr/lib/libmpich.so.12.2.2 on pi01), and the launcher is Open MPI "), "{reason}");
        assert!(hint.contains("mpicc.openmpi") && hint.contains("pictl setup --mpi mpich"), "{hint}");
        let (reason, hint) = found(&[words(0, 1), words(1, 1)]).unwrap();
        assert!(reason.contains("does not use the launcher's MPI, which is Open MPI"), "{reason}");
        assert!(hint.starts_with("`ldd PROGRAM` on "), "{hint}");
    }

    #[test]
    fn a_program_of_another_mpi_that_says_nothing_of_its_ranks_has_failed_too() {
        let (reason, _) = found(&[linked(0, "/usr/lib/libmpich.so.12.2.2")]).unwrap();
        assert!(reason.starts_with("each rank was alone: hello is linked with MPICH"), "{reason}");
        assert_eq!(found(&[linked(0, "/usr/lib/libmpi.so.40.30.4")]), None);
        // It found its ranks all the same: some builds of MPICH can.
        assert_eq!(found(&[linked(0, "/usr/lib/libmpich.so.12.2.2"), words(0, 3)]), None);
    }

    #[test]
    fn the_count_of_its_mpi_is_surer_than_words() {
        let open = "Open MPI v4.1.4, package: Debian OpenMPI";
        assert_eq!(found(&[library(0, Some(3), open), words(0, 1), words(1, 1)]), None);
        let (reason, hint) =
            found(&[library(0, Some(1), "MPICH Version: 4.0.2"), library(1, Some(1), "MPICH")]).unwrap();
        assert!(reason.starts_with("the program counted 1 rank, and 3 were started: mpi4py belongs to MPICH Version"));
        assert!(hint.contains("pictl setup --only mpi"), "{hint}");
        // The right MPI, and yet alone.
        assert!(found(&[library(0, Some(1), open)]).unwrap().0.contains("does not use the launcher's MPI"));
        // Not begun when MPI was imported.
        assert!(found(&[library(0, None, "MPICH Version: 4.0.2")]).unwrap().0.starts_with("each rank was alone"));
    }

    #[test]
    fn another_size_than_asked_is_a_failure() {
        let begin = |size| RunEvent::Begin { size, slices: 0, slice_size: 0, program: "x".into() };
        assert_eq!(found(&[begin(3)]), None);
        assert!(found(&[begin(3), begin(1)]).unwrap().0.starts_with("the program counted 1 rank, and 3 were started"));
        let (reason, _) = found(&[words(0, 7), words(1, 7), words(2, 7)]).unwrap();
        assert!(reason.starts_with("rank 0 said that it was one of 7 ranks, and 3 were started"), "{reason}");
        assert!(found(&[words(1, 2)]).is_some());
        // A communicator of its own beside the world.
        assert_eq!(found(&[words(0, 3), words(1, 2), words(2, 2)]), None);
        assert_eq!(found(&[words(0, 3), words(0, 1), words(1, 3), words(1, 1)]), None);
        assert_eq!(found(&[words(0, 4), words(1, 2)]), None, "they speak of something else");
        assert_eq!(found(&[]), None);
    }
}
