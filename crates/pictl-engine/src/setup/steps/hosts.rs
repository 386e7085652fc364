//! The names of all nodes in `/etc/hosts`: a block between pictl's two marks; every other line stays.

use pictl_formats::facts::FileKind;
use pictl_formats::hosts;
use pictl_model::step::StepId;

use crate::setup::check::{Check, File, Subject, edit, fail};
use crate::setup::step::{Reads, Step, Wanted, file_written, no_news};

pub(super) const STEP: Step = Step {
    id: StepId::Hosts,
    needs: &[StepId::Facts],
    waits_for: &[],
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

const FILE: File = File { kind: FileKind::Hosts, mode: 0o644, root: true };

fn check(subject: &Subject) -> Check {
    let Subject { plan, me, reading, .. } = *subject;
    let names: Vec<_> = plan.nodes.iter().map(|n| (n.address, n.name.clone())).collect();
    edit(subject, &FILE, "all names are there", |old| {
        hosts::desired(old, &plan.cluster, &names, (&reading.facts.hostname, &me.name))
            .map_err(|e| fail(e.to_string(), e.hint()))
    })
}
