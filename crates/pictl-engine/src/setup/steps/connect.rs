//! Log in. The setup itself does this before anything is read.

use pictl_model::step::StepId;

use crate::setup::check::Check;
use crate::setup::step::{Reads, Step, Wanted, no_news, no_reply};

pub(super) const STEP: Step = Step {
    id: StepId::Connect,
    needs: &[],
    waits_for: &[],
    wanted: Wanted::Always,
    reads: |_| Reads::KEYS,
    changes: |_| false,
    guards_rotation: false,
    objections: |_| Vec::new(),
    remarks: |_, _| Vec::new(),
    check: |_| Check::AlreadySo("logged in, host key as recorded".into()),
    line: no_news,
    reply: no_reply,
};
