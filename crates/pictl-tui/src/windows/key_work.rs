//! What work on keys will do, and the way back, before it begins.

use ratatui::text::Line;

use super::{After, Page, Window, keys_of};
use crate::blocks::text;
use crate::context::Context;
use crate::grammar::KeysHow;
use crate::key::Key;
use crate::keymap::{Command, Mode};
use crate::screens::keys::{KeyTask, Ways};
use crate::theme::Theme;
use crate::words::{count, listing};

/// The question before work on keys that could lock somebody out.
pub(crate) struct ConfirmKeyWork {
    pub(crate) task: KeyTask,
    pub(crate) how: KeysHow,
}

impl Window for ConfirmKeyWork {
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page {
        let nodes = match self.how.nodes.len() {
            0 => count(cx.world.members().len(), "node"),
            chosen => count(chosen, "node"),
        };
        let key = |command| cx.options.keymap.key(Mode::Keys, command);
        let (title, will, back, go) = match self.task {
            KeyTask::Rotate => (
                "A new key for you?",
                format!(
                    "A new key pair is made on this computer and put on {nodes}. Once a login with it has worked on a node, the \
                     old key is taken out there; at the end the new one takes the old one's place here."
                ),
                "until a node has let the new key in, the old one does. When a node cannot be reached both keys are kept."
                    .to_owned(),
                "make it",
            ),
            KeyTask::RotateNodes => (
                "New keys for the nodes?",
                format!(
                    "Each of {nodes} makes itself a new key pair. All let the new ones in, and the old ones are taken out. Do \
                     not do it while a run is at work."
                ),
                format!(
                    "what is overwritten is saved first, in ~/.pictl/backup on each node; {} repairs what fails. Your own \
                     login is not touched.",
                    key(Command::Mesh)
                ),
                "make them",
            ),
            KeyTask::Passwords(false) => (
                "No logins by password any more?",
                format!("The SSH servers of {nodes} let in keys only, where your key has just been proven to work."),
                format!(
                    "each node takes it back by itself after a minute unless a new login by key has worked; later {} does. \
                     Who loses the key then needs the node's own keyboard.",
                    key(Command::PasswordsOn)
                ),
                "only keys",
            ),
            KeyTask::Passwords(true) => (
                "Logins by password again?",
                format!("The SSH servers of {nodes} let in whoever knows a password, or guesses one."),
                format!("{} switches them off again.", key(Command::PasswordsOff)),
                "let them in",
            ),
            KeyTask::Unclone => (
                "Give copied cards an identity of their own?",
                format!(
                    "{} All but the first get new host keys, a new machine-id and a new name for DHCP: their addresses may \
                     change at the next restart. Connections that are open stay open.",
                    twins(cx)
                ),
                "the old host keys are kept in ~/.pictl/backup on the node, and put back when a new login fails."
                    .to_owned(),
                "give it",
            ),
            // These are not asked about.
            KeyTask::Check | KeyTask::Mesh | KeyTask::Push => ("Go on?", String::new(), String::new(), "go on"),
        };
        let mut lines = Vec::new();
        text(theme, &mut lines, &will, width);
        lines.push(Line::default());
        text(theme, &mut lines, &format!("The way back: {back}"), width);
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
fn twins(cx: &Context) -> String {
    let ways = Ways::of(cx);
    let names: Vec<String> =
        (0..ways.len()).filter(|node| ways.twins[*node].is_some()).map(|node| ways.names[node].clone()).collect();
    match names.as_slice() {
        [] => "Nodes that share a host key or a machine-id with another are looked for.".to_owned(),
        names => format!("{} share a host key or a machine-id: a copied card.", listing(names, 4)),
    }
}
