//! A question with yes and no.

use super::{After, Page, Window, keys_of};
use crate::blocks::text;
use crate::context::Context;
use crate::key::Key;
use crate::keymap::Command;
use crate::messages::Effect;
use crate::theme::Theme;

/// A question before something that cannot be undone.
pub(crate) struct Confirm {
    /// The question.
    pub(crate) title: String,
    /// What yes means, a paragraph each.
    pub(crate) text: Vec<String>,
    /// Words for yes and for no.
    pub(crate) answers: [&'static str; 2],
    /// What yes does.
    pub(crate) effects: Vec<Effect>,
}

impl Window for Confirm {
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page {
        let mut lines = Vec::new();
        for part in &self.text {
            text(theme, &mut lines, part, width);
        }
        let [yes, no] = self.answers;
        Page {
            title: self.title.clone(),
            lines,
            focus: None,
            keys: keys_of(cx, &[(Command::Accept, yes), (Command::Refuse, no)]),
            width: 72,
            border: theme.warn(),
        }
    }

    fn key(&mut self, _cx: &mut Context, _key: Key, command: Option<Command>) -> After {
        if command == Some(Command::Accept) { After::Close(std::mem::take(&mut self.effects)) } else { After::Unused }
    }
}
