//! Pieces of text that several screens and windows are made of.

use pictl_model::event::Level;
use pictl_model::world::Notice;
use ratatui::text::{Line, Span};

use crate::context::Context;
use crate::field::TextField;
use crate::theme::{SPINNER, Theme};
use crate::words::{columns, fit, wrap};

/// A symbol that turns while something runs.
pub(crate) fn spinner(cx: &Context) -> &'static str {
    SPINNER[(cx.now.0.rem_euclid(800) / 100) as usize % SPINNER.len()]
}

/// A notice with its level and its node in words.
pub(crate) fn notice_words(cx: &Context, notice: &Notice) -> String {
    let level = match notice.level {
        Level::Info => "",
        Level::Warn => "warning: ",
        Level::Error => "error: ",
    };
    let node = notice.node.as_ref().map(|n| format!("{}: ", cx.called(n))).unwrap_or_default();
    format!("{level}{node}{}", notice.text)
}

/// A text in which a key stands out: `press s to scan`.
pub(crate) fn press(theme: Theme, before: &str, key: &str, after: &str) -> Line<'static> {
    Line::from(vec![
        Span::raw(format!("{before} ")),
        Span::styled(fit(key, 12), theme.key()),
        Span::raw(format!(" {after}")),
    ])
}

/// A line with a text field, its cursor visible, its beginning cut when it is longer than `width`.
pub(crate) fn typed(label: &str, field: &TextField, width: usize) -> Line<'static> {
    let (before, after) = field.around_cursor();
    let room = width.saturating_sub(columns(label) + 2);
    let skip = columns(&before).saturating_sub(room);
    let mut left = skip;
    let seen: String = before
        .chars()
        .skip_while(|c| {
            let cut = left > 0;
            left = left.saturating_sub(columns(&c.to_string()).max(1));
            cut
        })
        .collect();
    let mut rest = after.chars();
    let at = rest.next().map_or(" ".to_owned(), String::from);
    Line::from(vec![
        Span::raw(format!(" {label}")),
        Span::raw(seen),
        Span::styled(at, Theme::cursor()),
        Span::raw(rest.collect::<String>()),
    ])
}

/// A line of a change, in the colour of its sign, broken at the width: what is agreed to is shown whole.
pub(crate) fn diff_lines(theme: Theme, line: &str, indent: usize, width: usize) -> Vec<Line<'static>> {
    let style = match line.chars().next() {
        Some('+') => theme.ok(),
        Some('-') => theme.bad(),
        _ => theme.plain(),
    };
    let blank = " ".repeat(indent);
    let width = width.saturating_sub(indent);
    // Blanks matter in the text of a file, and not in a sentence about it.
    let parts = if line.starts_with(['+', '-']) { wrap_output(line, width) } else { wrap(line, width) };
    parts.into_iter().map(|part| Line::styled(format!("{blank}{part}"), style)).collect()
}

/// Output broken at the width and nowhere else, since its blanks may matter.
pub(crate) fn wrap_output(text: &str, width: usize) -> Vec<String> {
    if width == 0 || text.is_empty() {
        return vec![String::new()];
    }
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(width).map(|part| part.iter().collect()).collect()
}

/// Adds `words` as lines of this width.
pub(crate) fn text(theme: Theme, lines: &mut Vec<Line<'static>>, words: &str, width: usize) {
    lines.extend(wrap(words, width).into_iter().map(|l| Line::styled(l, theme.plain())));
}
