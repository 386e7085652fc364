//! What a step is.

use pictl_model::request::KeyWork;
use pictl_model::step::StepId;

use super::action::{Outcome, Replied, Reply, ScriptRun, StepNews, unexpected};
use super::check::{Check, Subject};
use super::plan::{ClusterPlan, Readings};
use crate::remote::RemoteError;

/// Everything that there is to know about a step.
pub struct Step {
    /// Which it is; the model's table has its name, title and scope.
    pub id: StepId,
    /// Steps that must be well on a node before this one can be, as far as they are in the plan.
    pub needs: &'static [StepId],
    /// Steps that must have ended on all nodes before this one can begin on any.
    pub waits_for: &'static [StepId],
    /// When it is part of a setup.
    pub wanted: Wanted,
    /// What has to be read of a node for its check, with this work on keys.
    pub reads: fn(&KeyWork) -> Reads,
    /// Its work changes something on a node, with this work on keys: no for steps that only read or prove.
    pub changes: fn(&KeyWork) -> bool,
    /// A rotation of the operator's key ends only when this step is well on every node.
    pub guards_rotation: bool,
    /// What is impossible about a wish: reasons, each with a hint.
    pub objections: fn(&KeyWork) -> Vec<(String, &'static str)>,
    /// What there is to say about the whole cluster once all nodes are read.
    pub remarks: fn(&ClusterPlan, &Readings) -> Vec<String>,
    /// What has to be done on a node. A pure function of what was read.
    pub check: fn(&Subject) -> Check,
    /// What a line of a script that is followed is news of.
    pub line: fn(&ScriptRun, &str) -> Option<StepNews>,
    /// Reads the reply to one of its actions: what it proves, or why it failed.
    pub reply: fn(&mut Replied) -> Result<Outcome, RemoteError>,
}

/// When a step is part of a setup.
#[derive(Clone, Copy)]
pub enum Wanted {
    /// Always, also when only some steps were chosen.
    Always,
    /// When no steps were chosen, or this one was.
    ByDefault,
    /// When it was chosen, or no steps were chosen and this work on keys asks for it.
    With(fn(&KeyWork) -> bool),
}

/// What has to be read of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// All facts; otherwise only what work on keys needs, which takes less time.
    pub all: bool,
    /// The names in its `/etc/hosts`.
    pub names: bool,
    /// How to become root on it.
    pub root: bool,
}

impl Reads {
    /// What work on keys needs.
    pub const KEYS: Self = Self { all: false, names: false, root: false };
    /// Everything.
    pub const ALL: Self = Self { all: true, names: true, root: true };

    /// This and that.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { all: self.all || other.all, names: self.names || other.names, root: self.root || other.root }
    }
}

impl Step {
    /// It is part of a setup in which only these steps were chosen (none: all) with this work on keys.
    pub fn is_wanted(&self, chosen: &[StepId], work: &KeyWork) -> bool {
        match self.wanted {
            Wanted::Always => true,
            _ if !chosen.is_empty() => chosen.contains(&self.id),
            Wanted::ByDefault => true,
            Wanted::With(asked) => asked(work),
        }
    }
}

// What most steps have in common.

/// For a step that orders no followed script.
pub(super) fn no_news(_: &ScriptRun, _: &str) -> Option<StepNews> {
    None
}

/// For a step that orders nothing.
pub(super) fn no_reply(_: &mut Replied) -> Result<Outcome, RemoteError> {
    Err(unexpected())
}

/// For a step that only writes files.
pub(super) fn file_written(replied: &mut Replied) -> Result<Outcome, RemoteError> {
    match &replied.reply {
        Reply::Written(file) => Ok(Outcome::written(file.clone())),
        _ => Err(unexpected()),
    }
}
