//! Read what the node is. The setup itself does this as soon as a node is connected.

use pictl_model::node::Facts;
use pictl_model::step::StepId;

use crate::setup::check::Check;
use crate::setup::step::{Reads, Step, Wanted, no_news, no_reply};

pub(super) const STEP: Step = Step {
    id: StepId::Facts,
    needs: &[StepId::Connect],
    waits_for: &[],
    wanted: Wanted::Always,
    reads: |_| Reads::KEYS,
    changes: |_| false,
    guards_rotation: false,
    objections: |_| Vec::new(),
    remarks: |_, _| Vec::new(),
    check: |subject| Check::AlreadySo(describe(&subject.reading.facts)),
    line: no_news,
    reply: no_reply,
};

fn describe(facts: &Facts) -> String {
    let model = facts.model.as_deref().unwrap_or("unknown model");
    match facts.cores {
        // Only what work on keys needs was asked for, and nothing was known before.
        0 => facts.os.clone(),
        cores => format!("{model}, {cores} cores, {}, {}", facts.os, facts.arch),
    }
}
