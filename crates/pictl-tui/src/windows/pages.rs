//! Pages to read: keys, messages, a command's output.

use pictl_model::event::Level;
use pictl_model::run::Stream;
use pictl_model::world::ExecNode;
use ratatui::text::{Line, Span};

use super::{Page, keys_of};
use crate::app::App;
use crate::keymap::{Command, Mode, TABLE};
use crate::theme::Theme;
use crate::view::{notice_words, spinner};
use crate::words::{ago, count, listing, pad, wrap};

/// The one key of a page that is only read.
pub(super) fn close(app: &App) -> Vec<(String, String)> {
    keys_of(app, &[(Command::Refuse, "close")])
}

pub(super) fn help(app: &App, theme: Theme, width: usize) -> Page {
    let mut lines = Vec::new();
    for mode in Mode::ALL {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::styled(mode.title(), theme.strong()));
        for entry in TABLE.iter().filter(|e| e.mode == mode) {
            let keys = app.options.keymap.shown(mode, entry.command);
            if keys.is_empty() {
                continue;
            }
            for (row, part) in wrap(entry.text, width.saturating_sub(13)).into_iter().enumerate() {
                let keys = if row == 0 { pad(&keys, 12) } else { " ".repeat(12) };
                lines.push(Line::from(vec![Span::styled(keys, theme.key()), Span::raw(format!(" {part}"))]));
            }
        }
    }
    Page { title: "Keys".to_owned(), lines, focus: None, keys: close(app), width: 84, border: theme.border() }
}

pub(super) fn messages(app: &App, theme: Theme, width: usize) -> Page {
    let mut lines = Vec::new();
    let mut tell = |words: &str, level| {
        for (row, part) in wrap(words, width.saturating_sub(2)).into_iter().enumerate() {
            let indent = if row == 0 { "" } else { "  " };
            lines.push(Line::styled(format!("{indent}{part}"), theme.level(level)));
        }
    };
    for notice in &app.world.notices {
        tell(&format!("{} ({})", notice_words(app, notice), ago(app.now, notice.at)), notice.level);
    }
    if let Some(scan) = &app.world.scan {
        for problem in &scan.problems {
            tell(&format!("warning: the scan of {}: {problem}", scan.targets), Level::Warn);
        }
    }
    if lines.is_empty() {
        lines.push(Line::styled("Nothing to tell yet.", theme.dim()));
    }
    Page { title: "Messages".to_owned(), lines, focus: None, keys: close(app), width: 110, border: theme.border() }
}

/// A command's output; nodes that printed the same are shown once.
pub(super) fn exec(app: &App, theme: Theme, width: usize) -> Page {
    let mut lines = Vec::new();
    let Some(exec) = &app.world.exec else {
        let lines = vec![Line::raw(format!("{} waiting for the nodes", spinner(app)))];
        return Page {
            title: "Command".to_owned(),
            lines,
            focus: None,
            keys: close(app),
            width: 100,
            border: theme.border(),
        };
    };
    let ended = exec.nodes.values().filter(|n| n.ended).count();
    if !exec.finished {
        let words = format!("{} {ended} of {} ended", spinner(app), count(exec.nodes.len(), "node"));
        lines.push(Line::styled(words, theme.busy()));
        lines.push(Line::default());
    }
    let mut groups: Vec<(Vec<String>, &ExecNode)> = Vec::new();
    for (id, node) in &exec.nodes {
        match groups.iter_mut().find(|(_, other)| *other == node) {
            Some((names, _)) => names.push(app.called(id)),
            None => groups.push((vec![app.called(id)], node)),
        }
    }
    for (mut names, node) in groups {
        names.sort();
        let (end, style) = match (node.ended, node.status, &node.problem) {
            (false, ..) => ("still running".to_owned(), theme.busy()),
            (true, Some(0), _) => ("✓ exit status 0".to_owned(), theme.ok()),
            (true, Some(status), _) => (format!("✗ exit status {status}"), theme.bad()),
            (true, None, Some(problem)) => (format!("✗ {problem}"), theme.bad()),
            (true, None, None) => ("✗ ended without a status".to_owned(), theme.bad()),
        };
        lines.push(Line::from(vec![
            Span::styled(format!("{}  ", listing(&names, 6)), theme.strong()),
            Span::styled(end, style),
        ]));
        for (stream, text) in &node.lines {
            let style = if *stream == Stream::Err { theme.warn() } else { theme.plain() };
            let mark = if *stream == Stream::Err { "! " } else { "  " };
            let parts = wrap_output(text, width.saturating_sub(2));
            lines.extend(parts.into_iter().map(|part| Line::styled(format!("{mark}{part}"), style)));
        }
        lines.push(Line::default());
    }
    lines.pop();
    let title = format!("$ {}", exec.command);
    Page { title, lines, focus: None, keys: close(app), width: 110, border: theme.border() }
}

/// Output broken at the width and nowhere else, since its blanks may matter.
pub(super) fn wrap_output(text: &str, width: usize) -> Vec<String> {
    if width == 0 || text.is_empty() {
        return vec![String::new()];
    }
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(width).map(|part| part.iter().collect()).collect()
}
