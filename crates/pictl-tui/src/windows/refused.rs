//! Why something was not done.

use pictl_model::request::Refusal;
use ratatui::text::Line;

use super::{After, Page, Window, unasked};
use crate::blocks::text;
use crate::context::Context;
use crate::key::Key;
use crate::keymap::Command;
use crate::theme::Theme;
use crate::words::wrap;

/// A refusal with its reasons. Nobody asked for it, so it takes no keys at first.
pub(crate) struct Refused {
    pub(crate) what: String,
    pub(crate) reasons: Vec<Refusal>,
}

impl Refused {
    /// `what` was not done, for these reasons.
    pub(crate) fn new(what: impl Into<String>, reasons: Vec<Refusal>) -> Self {
        Self { what: what.into(), reasons }
    }
}

impl Window for Refused {
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page {
        let mut lines = Vec::new();
        for Refusal { node, reason, hint } in &self.reasons {
            let node = node.as_ref().map(|n| format!("{}: ", cx.called(n))).unwrap_or_default();
            lines.extend(wrap(&format!("✗ {node}{reason}"), width).into_iter().map(|l| Line::styled(l, theme.bad())));
            if !hint.is_empty() {
                text(theme, &mut lines, &format!("→ {hint}"), width);
            }
            lines.push(Line::default());
        }
        lines.pop();
        Page {
            title: format!("Not done: {}", self.what),
            lines,
            focus: None,
            keys: unasked(cx, &[(Command::Accept, "close")]),
            width: 76,
            border: theme.bad(),
        }
    }

    fn key(&mut self, cx: &mut Context, _key: Key, _command: Option<Command>) -> After {
        if cx.in_grace() { After::Stay(Vec::new()) } else { After::Unused }
    }
}
