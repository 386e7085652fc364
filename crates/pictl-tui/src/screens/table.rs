//! Which columns of a table fit, and how wide they are.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::paint::{Painter, rows, window_start};
use crate::theme::Theme;
use crate::words::{columns, fit, pad};

/// A column: what it needs, what it would like, and how much it matters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Below this width it is left out.
    pub(crate) min: usize,
    /// Wider than this is of no use.
    pub(crate) max: usize,
    /// Columns with a higher figure are left out first.
    pub(crate) rank: u8,
}

/// Blanks between two columns.
pub(crate) const GAP: usize = 2;

/// The width of each column, `None` for those left out. The most important column always stays.
pub(crate) fn widths(columns: &[Column], width: usize) -> Vec<Option<usize>> {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|&i| columns[i].rank);
    let mut out = vec![None; columns.len()];
    let mut used = 0;
    for (nth, &i) in order.iter().enumerate() {
        let gap = if nth == 0 { 0 } else { GAP };
        let wanted = columns[i].min;
        if nth == 0 {
            out[i] = Some(wanted.min(width));
            used = wanted.min(width);
        } else if wanted > 0 && used + gap + wanted <= width {
            out[i] = Some(wanted);
            used += gap + wanted;
        }
    }
    // What is left goes to the columns that want more, the most important first.
    let mut left = width.saturating_sub(used);
    for &i in &order {
        if let Some(have) = &mut out[i] {
            let more = columns[i].max.saturating_sub(*have).min(left);
            *have += more;
            left -= more;
        }
    }
    out
}

/// The heading of a column.
pub(crate) struct Heading {
    pub(crate) title: &'static str,
    /// Fewer columns are of no use; a column that has less room is left out.
    pub(crate) least: usize,
    /// More room is of no use.
    pub(crate) most: usize,
    /// Columns with a higher figure are left out first.
    pub(crate) rank: u8,
}

/// A cell: its text and style.
pub(crate) type Cell = (String, Style);

/// A row: cells, or one text over all columns.
pub(crate) enum Row<const N: usize> {
    Cells([Cell; N]),
    Text(Cell),
}

/// Draws headings and as many of `all` rows as there is room for around the cursor; `row` makes the row of a number.
pub(crate) fn draw<const N: usize>(
    painter: &mut Painter<'_>,
    area: Rect,
    headings: &[Heading; N],
    (all, cursor): (usize, usize),
    row: impl Fn(usize) -> Row<N>,
) {
    let height = usize::from(area.height).saturating_sub(1);
    let start = window_start(cursor, all, height);
    let shown: Vec<Row<N>> = (start..all).take(height).map(row).collect();
    let widest = |column: usize| {
        let cells = shown.iter().map(|row| if let Row::Cells(cells) = row { columns(&cells[column].0) } else { 0 });
        cells.max().unwrap_or(0)
    };
    let layout: Vec<Column> = headings
        .iter()
        .enumerate()
        .map(|(at, heading)| {
            let widest = widest(at);
            // A column in which nothing stands is of no use.
            let min = if widest == 0 { 0 } else { heading.least.min(widest).max(columns(heading.title)) };
            Column { min, max: widest.min(heading.most).max(min), rank: heading.rank }
        })
        .collect();
    let room = usize::from(area.width).saturating_sub(2);
    let widths = widths(&layout, room);
    let dim = painter.theme.dim();
    let titles = headings.each_ref().map(|heading| (heading.title.to_owned(), dim));
    painter.line(area, 0, cells_line(titles, &widths, " "));
    for (nth, row) in shown.into_iter().enumerate() {
        let here = start + nth == cursor;
        let pointer = if here { "▸" } else { " " };
        let line = match row {
            Row::Cells(cells) => cells_line(cells, &widths, pointer),
            Row::Text((text, style)) => Line::from(vec![Span::raw(pointer), Span::styled(fit(&text, room), style)]),
        };
        painter.line(area, rows(nth + 1), line);
        if here {
            painter.restyle(Rect { y: area.y + rows(nth + 1), height: 1, ..area }, Theme::cursor_row());
        }
    }
}

fn cells_line<const N: usize>(cells: [Cell; N], widths: &[Option<usize>], pointer: &'static str) -> Line<'static> {
    let mut spans = vec![Span::raw(pointer)];
    for ((text, style), width) in cells.into_iter().zip(widths) {
        if let Some(width) = width {
            spans.push(Span::styled(pad(&text, *width), style));
            spans.push(Span::raw(" ".repeat(GAP)));
        }
    }
    spans.pop();
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_important_columns_go_first_and_the_sum_fits() {
        let columns = [
            Column { min: 5, max: 10, rank: 1 },
            Column { min: 8, max: 8, rank: 0 },
            Column { min: 20, max: 30, rank: 2 },
        ];
        assert_eq!(widths(&columns, 100), [Some(10), Some(8), Some(30)]);
        assert_eq!(widths(&columns, 20), [Some(10), Some(8), None]);
        assert_eq!(widths(&columns, 8), [None, Some(8), None]);
        assert_eq!(widths(&columns, 3), [None, Some(3), None]);
        for width in 0..120 {
            let chosen: Vec<usize> = widths(&columns, width).into_iter().flatten().collect();
            assert!(chosen.iter().sum::<usize>() + GAP * chosen.len().saturating_sub(1) <= width);
        }
    }
}
