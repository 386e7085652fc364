//! MPI and mpi4py, from the distribution.

mod prefix;

use std::time::Duration;

use pictl_formats::launcher;
use pictl_model::MpiPrefix;
use pictl_model::node::{Facts, MpiFamily};
use pictl_model::step::StepId;

use crate::remote::RemoteError;
use crate::script::Script;
use crate::setup::action::{Action, Outcome, Replied, Reply, ScriptRun, StepNews};
use crate::setup::check::{Check, Subject};
use crate::setup::step::{Reads, Step, Wanted};

pub(super) const STEP: Step = Step {
    id: StepId::Mpi,
    needs: &[StepId::Facts],
    waits_for: &[],
    wanted: Wanted::ByDefault,
    reads: |_| Reads::ALL,
    changes: |_| true,
    guards_rotation: false,
    objections: |_| Vec::new(),
    remarks: prefix::remarks,
    check,
    line: |_, line| Some(StepNews::Line(line.to_owned())),
    reply,
};

/// For apt, which may wait minutes for another apt, on a slow SD card.
const INSTALL: Duration = Duration::from_secs(1800);

fn check(subject: &Subject) -> Check {
    let family = subject.plan.family(subject.readings);
    if let Some(prefix) = subject.plan.own_prefix() {
        return prefix::check(subject, family, prefix);
    }
    let facts = &subject.reading.facts;
    let has_own = facts.mpi4py.as_ref().is_some_and(|py| py.family.is_none_or(|of| of == family));
    let packages = packages(family, facts);
    match facts.mpi_of_in(family, Some(&MpiPrefix::system())) {
        None => Check::change(
            match packages[..] {
                [_] => format!("install {family} from the distribution, which has no mpi4py for it"),
                _ => format!("install {family} and mpi4py from the distribution"),
            },
            vec![format!("+ {}", packages.join(" "))],
            install(&packages),
        ),
        Some(_) if packages.len() > 1 && facts.mpi4py.is_none() => Check::change(
            format!("install {family} and mpi4py from the distribution"),
            vec![format!("+ {}", packages.join(" "))],
            install(&packages),
        ),
        Some(_) if is_of_another(subject.reading.mpirun.as_deref(), family) => Check::change(
            format!("make the commands mpirun and mpiexec those of {family}"),
            Vec::new(),
            install(&packages[..1]),
        ),
        Some(mpi) if has_own => {
            let version = facts.mpi4py.as_ref().map_or("", |py| py.version.as_str());
            Check::AlreadySo(format!("{family} {}, mpi4py {version}", mpi.version))
        }
        Some(_) if facts.mpi4py.is_some() => Check::warn(format!(
            "mpi4py of this distribution belongs to another MPI than {family}: Python programs would see one rank each"
        )),
        Some(mpi) => Check::Warn {
            message: format!(
                "{family} {}, without mpi4py: the distribution's belongs to another MPI; Python programs cannot use MPI",
                mpi.version
            ),
            hint: Some(format!(
                "build it on each node: MPICC={} pip install --no-binary mpi4py mpi4py (it needs {} python3-dev python3-pip)",
                launcher::of(mpi).compiler().program,
                launcher::of(mpi).compiler().packages
            )),
        },
    }
}

/// The packages of this MPI for a node, the one with the launcher first. An mpi4py of another MPI would bring that along.
fn packages(family: MpiFamily, facts: &Facts) -> Vec<&'static str> {
    let launcher = launcher::of_family(family);
    let mpi4py = launcher.mpi4py_package(&facts.arch, &facts.codename);
    std::iter::once(launcher.packages().launcher).chain(mpi4py).collect()
}

/// `mpirun` is the program of another MPI than this one, by Debian's alternatives.
fn is_of_another(mpirun: Option<&str>, family: MpiFamily) -> bool {
    let is_of = |path: &str, family: MpiFamily| path.ends_with(&format!(".{}", family.word()));
    mpirun.is_some_and(|path| MpiFamily::ALL.into_iter().any(|other| other != family && is_of(path, other)))
}

fn install(packages: &[&str]) -> Vec<Action> {
    let install = ScriptRun::new(Script::INSTALL_MPI, packages).as_root();
    vec![Action::Run(ScriptRun { limit: INSTALL, follow: true, ..install }), Action::Read(&[])]
}

fn reply(replied: &mut Replied) -> Result<Outcome, RemoteError> {
    let Reply::Read(read) = &replied.reply else { return Ok(Outcome::done()) };
    let ordered = replied.actions.iter().find_map(|action| match action {
        Action::Run(run) => run.args.first(),
        _ => None,
    });
    let package_of = |family: &MpiFamily| launcher::of_family(*family).packages().launcher;
    if let Some(family) =
        MpiFamily::ALL.into_iter().find(|family| ordered.is_some_and(|word| word == package_of(family)))
        && read.facts.mpi_of_in(family, Some(&MpiPrefix::system())).is_none()
    {
        return Err(RemoteError::new(
            format!("apt succeeded, but {family} is still missing"),
            "check `command -v mpirun` on the node",
        ));
    }
    let read = (**read).clone();
    Ok(Outcome::learnt(move |memory| *memory.reading = read))
}
