//! The names of all nodes in `/etc/hosts`: a block between pictl's two marks; every other line stays.

use std::net::IpAddr;

use pictl_formats::facts::FileKind;
use pictl_formats::hosts;
use pictl_model::HostName;
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

/// Wrong lines that are named one by one.
const NAMED: usize = 3;

const FILE: File = File { kind: FileKind::Hosts, mode: 0o644, root: true };

fn check(subject: &Subject) -> Check {
    let Subject { plan, me, reading, .. } = *subject;
    let names: Vec<_> = plan.nodes.iter().map(|n| (n.address, n.name.clone())).collect();
    let check = edit(subject, &FILE, "all names are there, and lead to the right addresses", |old| {
        hosts::desired(old, &plan.cluster, &names, (&reading.facts.hostname, &me.name))
            .map_err(|e| fail(e.to_string(), e.hint()))
    });
    match check {
        Check::Change { message, change, actions, reservation, part } => {
            let message = format!("{message}{}", what_is_wrong(subject, &names));
            Check::Change { message, change, actions, reservation, part }
        }
        other => other,
    }
}

/// Which names lead elsewhere by lines of others, for the message; empty where none does.
fn what_is_wrong(subject: &Subject, names: &[(IpAddr, HostName)]) -> String {
    let Some(state) = subject.reading.files.get(&FileKind::Hosts) else { return String::new() };
    let text = String::from_utf8_lossy(state.content());
    let all = hosts::contradictions(&text, &subject.plan.cluster, names);
    let named: Vec<_> = all.iter().take(NAMED).map(|wrong| format!("{} to {}", wrong.name, wrong.address)).collect();
    match (named.as_slice(), all.len().saturating_sub(NAMED)) {
        ([], _) => String::new(),
        (named, 0) => format!("; lines of others lead {}", named.join(", ")),
        (named, more) => format!("; lines of others lead {} and {more} more elsewhere", named.join(", ")),
    }
}
