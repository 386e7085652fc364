//! What a wide scan means, before it begins.

use pictl_model::request::ScanRequest;

use super::{After, Page, Window, keys_of};
use crate::blocks::text;
use crate::context::Context;
use crate::jobs::start;
use crate::key::Key;
use crate::keymap::Command;
use crate::options::Outlook;
use crate::theme::Theme;
use crate::words::{count, roughly};

/// The question before very many addresses are asked.
pub(crate) struct WideScan {
    pub(crate) request: ScanRequest,
    pub(crate) outlook: Outlook,
}

impl Window for WideScan {
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page {
        let mut lines = Vec::new();
        let addresses = count(usize::try_from(self.outlook.addresses).unwrap_or(usize::MAX), "address");
        let targets = self.request.targets.join(", ");
        text(theme, &mut lines, &format!("{targets} has {addresses}, and each of them is asked."), width);
        if let Some(time) = self.outlook.about {
            text(theme, &mut lines, &format!("That takes about {}.", roughly(time)), width);
        }
        text(theme, &mut lines, "A part of it is scanned sooner, such as 10.0.0.0/24.", width);
        Page {
            title: format!("Scan {addresses}?"),
            lines,
            focus: None,
            keys: keys_of(cx, &[(Command::Accept, "scan them all"), (Command::Refuse, "cancel")]),
            width: 66,
            border: theme.warn(),
        }
    }

    fn key(&mut self, cx: &mut Context, _key: Key, command: Option<Command>) -> After {
        if command != Some(Command::Accept) {
            return After::Unused;
        }
        After::Close(start::scan(cx, ScanRequest { wide: true, ..self.request.clone() }))
    }
}
