//! The keys, on a page.

use ratatui::text::{Line, Span};

use super::{Page, Window, close};
use crate::context::Context;
use crate::keymap::{Command, Mode, TABLE};
use crate::theme::Theme;
use crate::words::{pad, wrap};

/// The keys.
pub(crate) struct Help;

impl Window for Help {
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page {
        let mut lines = Vec::new();
        for mode in Mode::ALL {
            if !lines.is_empty() {
                lines.push(Line::default());
            }
            lines.push(Line::styled(mode.title(), theme.strong()));
            for entry in TABLE.iter().filter(|e| e.mode == mode) {
                let keys = cx.options.keymap.shown(mode, entry.command);
                if keys.is_empty() {
                    continue;
                }
                for (row, part) in wrap(entry.text, width.saturating_sub(13)).into_iter().enumerate() {
                    let keys = if row == 0 { pad(&keys, 12) } else { " ".repeat(12) };
                    lines.push(Line::from(vec![Span::styled(keys, theme.key()), Span::raw(format!(" {part}"))]));
                }
            }
        }
        Page { title: "Keys".to_owned(), lines, focus: None, keys: close(cx), width: 84, border: theme.border() }
    }

    fn opener(&self) -> Option<Command> {
        Some(Command::Help)
    }
}
