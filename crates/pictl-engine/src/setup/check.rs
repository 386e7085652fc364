//! What a check finds, and the check of a step that edits one file.

use pictl_formats::facts::{FileKind, FileState, NodeReading};
use pictl_formats::{bytes, diff};

use super::action::Action;
use super::plan::{ClusterPlan, PlanNode, Readings};
use crate::remote::PutFile;

/// A node as a check sees it. Nothing else goes into a check: not the network, not the clock.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// What is to be made true.
    pub plan: &'a ClusterPlan,
    /// What was read of all nodes.
    pub readings: &'a Readings,
    /// The node's place in the plan.
    pub me: &'a PlanNode,
    /// What was read of it.
    pub reading: &'a NodeReading,
}

/// What a step's check found on one node.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// Nothing has to change.
    AlreadySo(String),
    /// This has to be done.
    Change {
        /// What, in one line.
        message: String,
        /// Lines that go and come.
        change: Vec<String>,
        /// How.
        actions: Vec<Action>,
        /// What a person should know even when it works.
        reservation: Option<String>,
        /// This is a part only: when it is done, the check orders the rest.
        part: bool,
    },
    /// It depends on what another step still has to do.
    Later(String),
    /// It is true, with a reservation.
    Warn {
        /// Which.
        message: String,
        /// What to do, where the message does not say it.
        hint: Option<String>,
    },
    /// It cannot be made true.
    Fail {
        /// Why.
        message: String,
        /// What to do.
        hint: String,
    },
}

impl Check {
    /// A change without a reservation, done in one go.
    pub(super) fn change(message: impl Into<String>, change: Vec<String>, actions: Vec<Action>) -> Self {
        Self::Change { message: message.into(), change, actions, reservation: None, part: false }
    }

    /// A reservation that says itself what to do.
    pub(super) fn warn(message: impl Into<String>) -> Self {
        Self::Warn { message: message.into(), hint: None }
    }

    /// What would be done.
    pub fn actions(&self) -> &[Action] {
        match self {
            Self::Change { actions, .. } => actions,
            _ => &[],
        }
    }
}

pub(super) fn fail(message: impl Into<String>, hint: impl Into<String>) -> Check {
    Check::Fail { message: message.into(), hint: hint.into() }
}

/// How a step wants a file to be.
pub(super) struct File {
    pub(super) kind: FileKind,
    /// Its mode, where it is new or others may write to it.
    pub(super) mode: u32,
    /// It is root's.
    pub(super) root: bool,
}

/// A file with this content, whatever it holds now.
pub(super) fn whole(plan: &ClusterPlan, file: &File, state: &FileState, content: &str) -> PutFile {
    let old_mode = match state {
        FileState::There { mode, .. } => Some(*mode),
        _ => None,
    };
    // Nobody chooses that others may write; everything else about the mode is the owner's choice.
    let mode = old_mode.filter(|old| old & 0o022 == 0).unwrap_or(file.mode);
    let name = state.path().rsplit('/').next().unwrap_or("file");
    PutFile {
        kind: Some(file.kind),
        path: state.path().to_owned(),
        mode,
        content: bytes::of_text(content),
        expect: Some(state.sha256_hex()),
        backup: Some(format!("{}/{name}", plan.backup)),
        root: file.root,
    }
}

/// What a file holds, as text; or why it cannot be edited.
pub(super) fn text(state: Option<&FileState>) -> Result<(&FileState, String), Check> {
    match state {
        None => Err(fail("the node did not report this file", "run the setup again")),
        Some(FileState::NotReported { path }) => {
            Err(fail(format!("the node did not report {path}"), "run the setup again"))
        }
        Some(FileState::Unusable { path, why }) => Err(fail(format!("{path} is {why}"), why.hint(path))),
        // Bytes that are no text, such as a name in an old encoding, stay as they are.
        Some(state) => Ok((state, bytes::to_text(state.content()))),
    }
}

/// The check of a step that edits one file. `so` is said when it already is as it should be.
pub(super) fn edit(
    subject: &Subject,
    file: &File,
    so: &str,
    edit: impl FnOnce(&str) -> Result<String, Check>,
) -> Check {
    let (state, old) = match text(subject.reading.files.get(&file.kind)) {
        Ok(found) => found,
        Err(failed) => return failed,
    };
    let new = match edit(&old) {
        Ok(new) => new,
        Err(failed) => return failed,
    };
    let wanted = whole(subject.plan, file, state, &new);
    match state {
        FileState::There { mode, content, .. } if *mode == wanted.mode && *content == wanted.content => {
            Check::AlreadySo(so.to_owned())
        }
        _ => Check::change(
            format!("edit {}", wanted.path),
            diff::lines(&bytes::shown(&old), &bytes::shown(&new)),
            vec![Action::Put(wanted)],
        ),
    }
}
