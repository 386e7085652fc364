//! The machinefile in the head's home, in the launcher's own dialect.

use pictl_formats::facts::FileKind;
use pictl_formats::machinefile;
use pictl_model::step::StepId;

use crate::setup::check::{Check, File, Subject, edit, fail};
use crate::setup::step::{Reads, Step, Wanted, file_written, no_news};

pub(super) const STEP: Step = Step {
    id: StepId::Machinefile,
    needs: &[StepId::Facts, StepId::Mpi],
    waits_for: &[StepId::Mpi],
    wanted: Wanted::ByDefault,
    reads: |_| Reads::ALL,
    changes: |_| true,
    guards_rotation: false,
    objections: |_| Vec::new(),
    remarks: |_, _| Vec::new(),
    check,
    line: no_news,
    reply: file_written,
};

const FILE: File = File { kind: FileKind::Machinefile, mode: 0o644, root: false };

fn check(subject: &Subject) -> Check {
    edit(subject, &FILE, "it names every node", |old| {
        // A member that is left out, or not there today, keeps its place.
        let known = machinefile::parse(old).unwrap_or_default();
        subject.plan.machinefile(subject.readings, &known).map_err(|e| fail(e.to_string(), e.hint()))
    })
}
