//! Messages of this session, on a page.

use pictl_model::event::Level;
use ratatui::text::Line;

use super::{Page, Window, close};
use crate::blocks::notice_words;
use crate::context::Context;
use crate::keymap::Command;
use crate::theme::Theme;
use crate::words::{ago, wrap};

/// Messages of this session.
pub(crate) struct Messages;

impl Window for Messages {
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page {
        let mut lines = Vec::new();
        let mut add = |words: &str, level| {
            for (row, part) in wrap(words, width.saturating_sub(2)).into_iter().enumerate() {
                let indent = if row == 0 { "" } else { "  " };
                lines.push(Line::styled(format!("{indent}{part}"), theme.level(level)));
            }
        };
        for notice in &cx.world.notices {
            add(&format!("{} ({})", notice_words(cx, notice), ago(cx.now, notice.at)), notice.level);
        }
        if let Some(scan) = &cx.world.scan {
            for problem in &scan.problems {
                add(&format!("warning: the scan of {}: {problem}", scan.targets), Level::Warn);
            }
        }
        if lines.is_empty() {
            lines.push(Line::styled("There are no messages yet.", theme.dim()));
        }
        Page { title: "Messages".to_owned(), lines, focus: None, keys: close(cx), width: 110, border: theme.border() }
    }

    fn opener(&self) -> Option<Command> {
        Some(Command::Messages)
    }

    fn begins_at_end(&self) -> bool {
        true
    }
}
