//! Read what the node is. The setup itself does this as soon as a node is connected.

use pictl_model::node::Facts;
use pictl_model::step::StepId;
use pictl_model::text::count;

use crate::setup::check::{Check, Subject};
use crate::setup::step::{Reads, Step, Wanted, no_news, no_reply};
use crate::skew;

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
    check,
    line: no_news,
    reply: no_reply,
};

fn check(subject: &Subject) -> Check {
    let said = describe(&subject.reading.facts);
    let all = subject.readings.values().filter_map(|reading| reading.facts.clock_offset_ms);
    match subject.reading.facts.clock_offset_ms.and_then(|offset| skew::warning(offset, all)) {
        Some(warning) => Check::Warn { message: format!("{said}; {warning}"), hint: Some(skew::HINT.to_owned()) },
        None => Check::AlreadySo(said),
    }
}

fn describe(facts: &Facts) -> String {
    let model = facts.model.as_deref().unwrap_or("unknown model");
    match facts.cores {
        // Only what work on keys needs was asked for, and nothing was known before.
        0 => facts.os.clone(),
        cores => format!("{model}, {}, {}, {}", count(cores.into(), "core", "cores"), facts.os, facts.arch),
    }
}
