//! What work on keys will do, and what happens when it fails, before it begins.

use ratatui::text::Line;

use super::{After, Page, Window, keys_of};
use crate::blocks::text;
use crate::context::Context;
use crate::grammar::KeysHow;
use crate::key::Key;
use crate::keymap::{Command, Mode};
use crate::messages::Effect;
use crate::screens::keys::{KeyTask, Routes};
use crate::theme::Theme;
use crate::words::listing;

/// The question before work on keys that could lock somebody out.
struct ConfirmKeyWork {
    task: KeyTask,
    how: KeysHow,
}

/// Begins a task, after this question where it could lock somebody out.
pub(crate) fn ask(cx: &mut Context, task: KeyTask, how: KeysHow) -> Vec<Effect> {
    if task.is_asked() && !how.dry_run && !how.yes {
        cx.open(ConfirmKeyWork { task, how });
        return Vec::new();
    }
    task.begin(cx, how)
}

impl Window for ConfirmKeyWork {
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page {
        let nodes = cx.of_members(&self.how.nodes);
        let key = |command| cx.options.keymap.key(Mode::Keys, command);
        let (title, will, back, go) = match self.task {
            KeyTask::Rotate => (
                "Rotate your key?",
                format!(
                    "pictl makes a new key pair on this computer and installs it on {nodes}. As soon as a login with it has worked on a \
                     node, it removes the old key there. At the end the new key replaces the old one here."
                ),
                "a node keeps the old key until the new one works there. While a node is unreachable, both keys stay valid."
                    .to_owned(),
                "rotate",
            ),
            KeyTask::RotateNodes => (
                "Rotate the keys of the nodes?",
                format!(
                    "Each of {nodes} makes a new key pair. All of them accept the new keys, then pictl removes the old ones. Do not do \
                     this while a run is going on."
                ),
                format!(
                    "pictl saves what it overwrites in ~/.pictl/backup on each node; {} repairs what fails. Your own login does not \
                     change.",
                    key(Command::Mesh)
                ),
                "rotate",
            ),
            KeyTask::Passwords(false) => (
                "Disable password login?",
                format!("The SSH servers of {nodes} will accept keys only. pictl first verifies on each node that your key works."),
                format!(
                    "a node undoes this after a minute unless a new login by key has worked; later {} enables it again. If you lose \
                     the key, you need the node's own keyboard.",
                    key(Command::PasswordsOn)
                ),
                "disable",
            ),
            KeyTask::Passwords(true) => (
                "Enable password login?",
                format!("The SSH servers of {nodes} will accept passwords, also guessed ones."),
                format!("{} disables it again.", key(Command::PasswordsOff)),
                "enable",
            ),
            KeyTask::Unclone => (
                "Give cloned SD cards their own identity?",
                format!(
                    "{} All but the first get new host keys, a new machine-id and a new name for DHCP: their addresses may change at the \
                     next restart. Open connections stay open.",
                    cloned(cx)
                ),
                "pictl saves the old host keys in ~/.pictl/backup on the node, and restores them when a new login fails."
                    .to_owned(),
                "go on",
            ),
            // These are not asked about.
            KeyTask::Check | KeyTask::Mesh | KeyTask::Push => ("Go on?", String::new(), String::new(), "go on"),
        };
        let mut lines = Vec::new();
        text(theme, &mut lines, &will, width);
        lines.push(Line::default());
        text(theme, &mut lines, &format!("If something fails: {back}"), width);
        lines.push(Line::default());
        text(theme, &mut lines, "You see every step before it is done.", width);
        Page {
            title: title.to_owned(),
            lines,
            focus: None,
            keys: keys_of(cx, &[(Command::Accept, go), (Command::Refuse, "change nothing")]),
            width: 72,
            border: theme.warn(),
        }
    }

    fn key(&mut self, cx: &mut Context, _key: Key, command: Option<Command>) -> After {
        if command == Some(Command::Accept) {
            After::Close(self.task.begin(cx, self.how.clone()))
        } else {
            After::Unused
        }
    }
}

/// The nodes that share something that should be their own.
fn cloned(cx: &Context) -> String {
    let routes = Routes::of(cx);
    let names: Vec<String> = (0..routes.len())
        .filter(|node| routes.clone_of[*node].is_some())
        .map(|node| routes.names[node].clone())
        .collect();
    match names.as_slice() {
        [] => "pictl searches for nodes that share a host key or a machine-id.".to_owned(),
        names => format!("{} share a host key or a machine-id: a cloned SD card.", listing(names, 4)),
    }
}
