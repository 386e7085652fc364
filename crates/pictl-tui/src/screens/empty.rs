//! Screens without content yet.

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::blocks::press;
use crate::context::Context;
use crate::jobs;
use crate::keymap::Command;
use crate::paint::Painter;
use crate::theme::Theme;
use crate::words::{columns, count};

/// `lines` in the middle of `area`.
pub(crate) fn middle(painter: &mut Painter<'_>, area: Rect, lines: Vec<Line<'static>>) {
    let top = area.height.saturating_sub(lines.len() as u16) / 3;
    for (row, line) in lines.into_iter().enumerate() {
        let width = line.spans.iter().map(|s| columns(&s.content)).sum::<usize>().min(area.width.into());
        let indent = (area.width - width as u16) / 2;
        let place = Rect { x: area.x + indent, width: area.width - indent, ..area };
        painter.line(place, top + row as u16, line);
    }
}

/// What a screen shows that has nothing in a record.
pub(crate) fn not_recorded(cx: &Context, theme: Theme) -> Option<Vec<Line<'static>>> {
    cx.is_record().then(|| {
        vec![
            Line::styled("The record has nothing to show here.", theme.strong()),
            Line::default(),
            press(theme, "Press", &cx.key_of(Command::GoRun), "to see the run."),
        ]
    })
}

/// A screen that a setup fills: why it is empty, and which key comes next.
pub(crate) fn no_setup_yet(
    cx: &Context,
    painter: &mut Painter<'_>,
    area: Rect,
    why: &'static str,
    more: Option<&'static str>,
) {
    let theme = painter.theme;
    if let Some(lines) = not_recorded(cx, theme) {
        return middle(painter, area, lines);
    }
    let key = |command| cx.key_of(command);
    let mut lines = vec![Line::styled(why, theme.strong()), Line::default()];
    if jobs::obstacle(cx, Command::SetUp).is_ok() {
        let nodes = count(cx.setup_nodes().len(), "node");
        let end = if more.is_some() { ',' } else { '.' };
        lines.push(press(theme, "Press", &key(Command::SetUp), &format!("to set up {nodes}{end}")));
        lines.extend(more.map(Line::raw));
    } else {
        lines.push(press(theme, "Press", &key(Command::Scan), "to scan for nodes first."));
    }
    middle(painter, area, lines);
}
