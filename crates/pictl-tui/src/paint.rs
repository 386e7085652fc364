//! Small helpers for drawing.

use std::borrow::Cow;

use pictl_model::text::printable;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::keymap::Command;
use crate::theme::Theme;
use crate::words::{columns, fit, fit_line};

/// A buffer with the theme.
pub(crate) struct Painter<'a> {
    pub(crate) buffer: &'a mut Buffer,
    pub(crate) theme: Theme,
}

impl Painter<'_> {
    /// Draws `line` as row `row` of `area`, cut with an ellipsis; nothing outside of it. Text of all screens comes through here,
    /// and whatever could move the cursor or turn letters round is left out.
    pub(crate) fn line(&mut self, area: Rect, row: u16, mut line: Line<'_>) {
        let area = area.intersection(self.buffer.area);
        if row < area.height {
            for span in &mut line.spans {
                if let Cow::Owned(safe) = printable(&span.content) {
                    span.content = Cow::Owned(safe);
                }
            }
            let line = fit_line(line, area.width.into());
            self.buffer.set_line(area.x, area.y + row, &line, area.width);
        }
    }

    /// Draws one symbol of one column; nothing outside of the picture.
    pub(crate) fn put(&mut self, x: u16, y: u16, symbol: &str, style: Style) {
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol(symbol).set_style(style);
        }
    }

    /// Draws as many of `lines` as `area` holds, from `scroll` on.
    pub(crate) fn lines(&mut self, area: Rect, lines: Vec<Line<'_>>, scroll: usize) {
        for (row, line) in lines.into_iter().skip(scroll).take(area.height.into()).enumerate() {
            self.line(area, row as u16, line);
        }
    }

    /// A horizontal rule with a title, as row `row` of `area`.
    pub(crate) fn rule(&mut self, area: Rect, row: u16, title: &str) {
        let title = fit(title, usize::from(area.width).saturating_sub(6));
        let rest = usize::from(area.width).saturating_sub(columns(&title) + 4);
        let line = Line::from(vec![
            Span::styled("── ", self.theme.border()),
            Span::styled(title, self.theme.strong()),
            Span::styled(format!(" {}", "─".repeat(rest)), self.theme.border()),
        ]);
        self.line(area, row, line);
    }

    /// Blanks `area`.
    pub(crate) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                self.buffer[(x, y)].reset();
            }
        }
    }

    /// Blanks `area`, draws a border with a title around it and gives what is inside.
    pub(crate) fn frame(&mut self, area: Rect, title: &str, style: Style) -> Rect {
        self.clear(area);
        if area.width < 4 || area.height < 3 {
            return area;
        }
        let inside = usize::from(area.width) - 2;
        let title = fit(title, inside.saturating_sub(4));
        let rest = inside.saturating_sub(columns(&title) + 3);
        let top = Line::from(vec![
            Span::styled("┌─ ", style),
            Span::styled(title, self.theme.strong()),
            Span::styled(format!(" {}┐", "─".repeat(rest)), style),
        ]);
        self.line(area, 0, top);
        for row in 1..area.height - 1 {
            for x in [area.left(), area.right() - 1] {
                self.buffer[(x, area.y + row)].set_symbol("│").set_style(style);
            }
        }
        self.line(area, area.height - 1, Line::styled(format!("└{}┘", "─".repeat(inside)), style));
        Rect { x: area.x + 2, y: area.y + 1, width: area.width - 4, height: area.height - 2 }
    }

    /// Lays `style` over what `area` shows already.
    pub(crate) fn restyle(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }
}

/// As many rows as there are things, as far as any screen goes.
pub(crate) fn rows(things: usize) -> u16 {
    u16::try_from(things).unwrap_or(u16::MAX)
}

/// The upper `height` rows of `area`, and the rest.
pub(crate) fn split_top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

/// The upper part of `area`, and its lowest `height` rows.
pub(crate) fn split_bottom(area: Rect, height: u16) -> (Rect, Rect) {
    let (top, bottom) = split_top(area, area.height - height.min(area.height));
    (top, bottom)
}

/// The left part of `area`, and its rightmost `width` columns with two columns of space before them.
pub(crate) fn split_right(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    let left = (area.width - width).saturating_sub(2);
    (Rect { width: left, ..area }, Rect { x: area.x + area.width - width, width, ..area })
}

/// A bar of `width` cells of which `share` (0 to 1) is filled. Filled and unfilled differ by their symbols, not by
/// colour alone.
pub(crate) fn bar(share: f64, width: usize, filled: Style, rest: Style) -> [Span<'static>; 2] {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let full = (share * width as f64).round() as usize;
    // Neither "nothing yet" nor "all done" is said before it is so.
    let full = match full {
        0 if share > 0.0 && width > 1 => 1,
        full if full == width && share < 1.0 && width > 1 => width - 1,
        full => full,
    };
    [Span::styled("█".repeat(full), filled), Span::styled("░".repeat(width - full), rest)]
}

/// The first of `len` rows to show so that `selected` is among the `height` that fit, near the middle.
pub(crate) fn window_start(selected: usize, len: usize, height: usize) -> usize {
    selected.saturating_sub(height / 2).min(len.saturating_sub(height))
}

/// A scroll position after a command, for `lines` of which `height` are seen.
pub(crate) fn scrolled(at: usize, command: Command, lines: usize, height: usize) -> usize {
    let page = height.max(2) - 1;
    let wanted = match command {
        Command::Up => at.saturating_sub(1),
        Command::Down => at + 1,
        Command::PageUp => at.saturating_sub(page),
        Command::PageDown => at + page,
        Command::Top => 0,
        Command::Bottom => lines,
        _ => at,
    };
    wanted.min(lines.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_begun_and_done_only_when_it_is_so() {
        let full = |share| bar(share, 10, Style::new(), Style::new())[0].content.chars().count();
        assert_eq!([full(0.0), full(0.001), full(0.5), full(0.999), full(1.0), full(f64::NAN)], [0, 1, 5, 9, 10, 0]);
    }

    #[test]
    fn the_selected_row_is_always_seen() {
        for len in 0..30 {
            for selected in 0..len {
                let start = window_start(selected, len, 7);
                assert!(start <= selected && selected < start + 7, "{selected} of {len}: {start}");
            }
        }
    }
}
