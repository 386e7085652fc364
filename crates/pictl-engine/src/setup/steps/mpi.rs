//! MPI and mpi4py, from the distribution.

use std::time::Duration;

use pictl_formats::launcher;
use pictl_model::node::MpiFamily;
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
    remarks: |_, _| Vec::new(),
    check,
    line: |_, line| Some(StepNews::Line(line.to_owned())),
    reply,
};

/// For apt, which may wait minutes for another apt, on a slow SD card.
const INSTALL: Duration = Duration::from_secs(1800);

fn check(subject: &Subject) -> Check {
    let family = subject.plan.family(subject.readings);
    let facts = &subject.reading.facts;
    match (facts.mpi_of(family), &facts.mpi4py) {
        (Some(mpi), Some(py)) if py.family.is_none_or(|f| f == family) => {
            Check::AlreadySo(format!("{family} {}, mpi4py {}", mpi.version, py.version))
        }
        (Some(_), Some(_)) => Check::warn(format!(
            "mpi4py of this distribution belongs to another MPI than {family}: Python programs would see one rank each"
        )),
        _ => Check::change(
            format!("install {family} and mpi4py from the distribution"),
            vec![format!("+ {}", launcher::of_family(family).packages().of_a_node().join(" "))],
            install(family),
        ),
    }
}

fn install(family: MpiFamily) -> Vec<Action> {
    let install = ScriptRun::new(Script::INSTALL_MPI, &launcher::of_family(family).packages().of_a_node()).as_root();
    vec![Action::Run(ScriptRun { limit: INSTALL, follow: true, ..install }), Action::Read(&[])]
}

fn reply(replied: &mut Replied) -> Result<Outcome, RemoteError> {
    let Reply::Read(read) = &replied.reply else { return Ok(Outcome::done()) };
    let mut families = MpiFamily::ALL.into_iter();
    if let Some(family) = families.find(|family| install(*family) == replied.actions)
        && read.facts.mpi_of(family).is_none()
    {
        return Err(RemoteError::new(
            format!("apt succeeded, but {family} is still missing"),
            "check `command -v mpirun` on the node",
        ));
    }
    let read = (**read).clone();
    Ok(Outcome::learnt(move |memory| *memory.reading = read))
}
