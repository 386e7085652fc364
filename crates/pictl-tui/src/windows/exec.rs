//! What a command printed, on a page.

use pictl_model::Event;
use pictl_model::run::Stream;
use pictl_model::world::ExecNode;
use ratatui::text::{Line, Span};

use super::{After, Page, Window, close};
use crate::blocks::{spinner, wrap_output};
use crate::context::Context;
use crate::keymap::Command;
use crate::theme::Theme;
use crate::words::{count, listing};

/// What a command printed, on each node.
pub(crate) struct Exec;

impl Window for Exec {
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page {
        let mut lines = Vec::new();
        let Some(exec) = &cx.world.exec else {
            let lines = vec![Line::raw(format!("{} waiting for the nodes", spinner(cx)))];
            return Page {
                title: "Command".to_owned(),
                lines,
                focus: None,
                keys: close(cx),
                width: 100,
                border: theme.border(),
            };
        };
        let ended = exec.nodes.values().filter(|n| n.ended).count();
        if !exec.finished {
            let words = format!("{} {ended} of {} ended", spinner(cx), count(exec.nodes.len(), "node"));
            lines.push(Line::styled(words, theme.busy()));
            lines.push(Line::default());
        }
        let mut groups: Vec<(Vec<String>, &ExecNode)> = Vec::new();
        for (id, node) in &exec.nodes {
            match groups.iter_mut().find(|(_, other)| *other == node) {
                Some((names, _)) => names.push(cx.called(id)),
                None => groups.push((vec![cx.called(id)], node)),
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
            if !node.left_out.is_nothing() {
                lines.push(Line::styled(format!("  … and {} more, left out", node.left_out), theme.warn()));
            }
            lines.push(Line::default());
        }
        lines.pop();
        let title = format!("$ {}", exec.command);
        Page { title, lines, focus: None, keys: close(cx), width: 110, border: theme.border() }
    }

    fn opener(&self) -> Option<Command> {
        Some(Command::ExecOutput)
    }

    fn event(&mut self, cx: &Context, event: &Event) -> After {
        // A page that waits for what was refused would hide the reason.
        let waits = cx.world.exec.as_ref().is_none_or(|exec| exec.finished);
        if waits && matches!(event, Event::Refused { .. }) { After::Close(Vec::new()) } else { After::Unused }
    }
}
