//! MPI and mpi4py: from the distribution, or mpi4py built on the node where that has none for this MPI.

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

/// For apt, which may wait minutes for another apt, on a slow SD card; and for the compiler.
const INSTALL: Duration = Duration::from_secs(1800);

/// What building mpi4py needs besides the C compiler of its MPI.
const PYTHON: &str = "python3-dev python3-pip python3-setuptools python3-wheel cython3 ca-certificates";

fn check(subject: &Subject) -> Check {
    let (plan, facts) = (subject.plan, &subject.reading.facts);
    let family = plan.family(subject.readings);
    if let Some(prefix) = plan.own_prefix() {
        return prefix::check(subject, family, prefix);
    }
    let packages = packages(family, facts);
    let has_own = facts.mpi4py.as_ref().is_some_and(|py| py.family.is_none_or(|of| of == family));
    let is_packaged = packages.len() > 1;
    let installed = facts.mpi_of_in(family, Some(&MpiPrefix::system()));
    let failed = subject.reading.mpi4py_failed.as_ref().filter(|failed| failed.family == family);
    let builds =
        !is_packaged && !has_own && failed.is_none_or(|failed| plan.mpi_asked && failed.attempt != plan.word());
    let installs = match installed {
        None if is_packaged => Some(format!("install {family} and mpi4py from the distribution")),
        None => Some(format!("install {family} from the distribution")),
        Some(_) if is_packaged && facts.mpi4py.is_none() => {
            Some(format!("install {family} and mpi4py from the distribution"))
        }
        Some(_) => is_of_another(subject.reading.mpirun.as_deref(), family)
            .then(|| format!("make the commands mpirun and mpiexec those of {family}")),
    };
    if installs.is_some() || builds {
        let mut change = Vec::new();
        let mut actions = Vec::new();
        if installs.is_some() {
            change.push(format!("+ {}", packages.join(" ")));
            actions.push(Action::Run(long(ScriptRun::new(Script::INSTALL_MPI, &packages))));
        }
        let built = builds.then(|| format!("build mpi4py for {family}, which the distribution has none for"));
        if builds {
            let compiler = launcher::of_family(family).compiler();
            let needs = format!("{} {PYTHON}", compiler.packages);
            let args = [family.word(), compiler.program, plan.word()].into_iter().chain(needs.split(' '));
            actions.push(Action::Run(long(ScriptRun::new(Script::MPI4PY, &args.collect::<Vec<_>>()))));
            change.push(format!("+ mpi4py, built on the node; for that: {needs}"));
        }
        actions.push(Action::Read(&[]));
        let message: Vec<_> = installs.into_iter().chain(built).collect();
        return Check::change(message.join("; "), change, actions);
    }
    let version = installed.map_or("", |mpi| mpi.version.as_str());
    match (&facts.mpi4py, failed) {
        (Some(mpi4py), _) if has_own => Check::AlreadySo(format!("{family} {version}, mpi4py {}", mpi4py.version)),
        (_, Some(failed)) => Check::Warn {
            message: format!(
                "{family} {version}, without mpi4py, so Python programs cannot use MPI: {}",
                failed.reason
            ),
            hint: Some(
                "the node needs its package sources and pypi.org, or a copy of mpi4py's source that /etc/pip.conf \
                 names; then `pictl setup --only mpi` tries again"
                    .to_owned(),
            ),
        },
        _ => Check::warn(format!(
            "mpi4py on this node belongs to another MPI than {family}: Python programs would see one rank each"
        )),
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

/// As root, with as much time as apt and compilers need, and with its lines as progress.
fn long(run: ScriptRun) -> ScriptRun {
    ScriptRun { limit: INSTALL, follow: true, ..run.as_root() }
}

fn reply(replied: &mut Replied) -> Result<Outcome, RemoteError> {
    let Reply::Read(read) = &replied.reply else { return Ok(Outcome::done()) };
    let ordered = replied.actions.iter().find_map(|action| match action {
        Action::Run(run) if run.script == Script::INSTALL_MPI => run.args.first(),
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
