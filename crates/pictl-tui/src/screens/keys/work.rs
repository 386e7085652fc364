//! Work on keys: setups of a few steps, and what is asked before those that could lock somebody out.

use pictl_model::event::Level;
use pictl_model::request::{KeyWork, Request, SetupRequest};
use pictl_model::step::StepId;

use crate::context::Context;
use crate::grammar::KeysHow;
use crate::keymap::Command;
use crate::messages::Effect;

/// A piece of work on keys that needs nothing typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyTask {
    /// Every pair is tried.
    Check,
    /// Every node gets what it needs to log in to every other one.
    Mesh,
    /// The operator's key comes on every node.
    Push,
    /// The operator gets a new key, and the old one goes.
    Rotate,
    /// Every node gets a new key, and the old ones go.
    RotateNodes,
    /// Logins by password are possible, or not.
    Passwords(bool),
    /// Nodes with cloned SD cards get an identity of their own.
    Unclone,
}

impl KeyTask {
    /// The task that a command stands for.
    pub(crate) fn of(command: Command) -> Option<Self> {
        Some(match command {
            Command::CheckPairs => Self::Check,
            Command::Mesh => Self::Mesh,
            Command::PushKey => Self::Push,
            Command::RotateKey => Self::Rotate,
            Command::RotateNodes => Self::RotateNodes,
            Command::PasswordsOff => Self::Passwords(false),
            Command::PasswordsOn => Self::Passwords(true),
            Command::Unclone => Self::Unclone,
            _ => return None,
        })
    }

    /// It is explained and confirmed before it begins.
    pub(crate) fn is_asked(self) -> bool {
        !matches!(self, Self::Check | Self::Mesh | Self::Push)
    }

    fn steps(self) -> Vec<StepId> {
        match self {
            Self::Check => vec![StepId::Pairs],
            Self::Mesh => vec![StepId::NodeKey, StepId::Mesh, StepId::KnownHosts, StepId::Pairs],
            Self::Push => vec![StepId::OperatorKey],
            Self::Rotate => vec![StepId::OperatorKey, StepId::Revoke],
            Self::RotateNodes => {
                vec![StepId::NodeKey, StepId::Mesh, StepId::KnownHosts, StepId::Pairs, StepId::Revoke]
            }
            Self::Passwords(_) => vec![StepId::PasswordLogin],
            Self::Unclone => vec![StepId::Identity, StepId::KnownHosts],
        }
    }

    fn work(self) -> KeyWork {
        KeyWork {
            rotate: self == Self::Rotate,
            rotate_nodes: self == Self::RotateNodes,
            unclone: self == Self::Unclone,
            passwords: if let Self::Passwords(on) = self { Some(on) } else { None },
            remove: Vec::new(),
        }
    }

    /// Begins a task that was confirmed or needs no confirmation.
    pub(crate) fn begin(self, cx: &mut Context, how: KeysHow) -> Vec<Effect> {
        // A dry run of a check would only show that it would check.
        let dry_run = how.dry_run && self != Self::Check;
        key_setup(cx, self.steps(), self.work(), KeysHow { dry_run, ..how })
    }
}

/// Work on keys that says no nodes is about the marked members. A new key of the operator or of the nodes is for the whole
/// cluster: with it on some nodes only, the others would not let anybody in.
pub(crate) fn limited(cx: &Context, command: Command, how: KeysHow) -> KeysHow {
    let is_whole = matches!(command, Command::RotateKey | Command::RotateNodes | Command::Unclone);
    if is_whole || !how.nodes.is_empty() { how } else { KeysHow { nodes: cx.marked_members(), ..how } }
}

/// Removes keys from members.
pub(crate) fn remove_keys(cx: &mut Context, remove: Vec<String>, how: KeysHow) -> Vec<Effect> {
    key_setup(cx, vec![StepId::Revoke], KeyWork { remove, ..KeyWork::default() }, how)
}

fn key_setup(cx: &mut Context, only: Vec<StepId>, keys: KeyWork, how: KeysHow) -> Vec<Effect> {
    // A question about a key may have stood open while something else began.
    if cx.is_busy() {
        cx.say(Level::Warn, "something else is running now: try again when it has finished");
        return Vec::new();
    }
    let request = SetupRequest {
        nodes: how.nodes,
        names: Vec::new(),
        prefix: cx.options.prefix.clone(),
        head: None,
        mpi: None,
        mpi_prefix: None,
        only,
        dry_run: how.dry_run,
        yes: how.yes,
        keys,
        login: how.login.unwrap_or_else(|| cx.login()),
    };
    vec![Effect::Send(Request::Setup(request))]
}
