//! The links between ranks: latency above the diagonal, bandwidth below it, the worst of each marked.

use pictl_model::Rank;
use pictl_model::world::PairView;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::look::Look;
use crate::paint::{Painter, rows, split_top};
use crate::words::{columns, more, pad};

/// Columns of a figure and its mark.
const CELL: usize = 7;

/// The pairs with the longest latency and with the least bandwidth.
struct Worst {
    latency: Option<(Rank, Rank)>,
    bandwidth: Option<(Rank, Rank)>,
}

fn worst(look: &Look<'_>) -> Worst {
    let pairs = look.run.pairs.iter();
    let latency = pairs.clone().max_by(|a, b| a.1.latency.total_cmp(&b.1.latency)).map(|(pair, _)| *pair);
    let bandwidth = pairs.min_by(|a, b| a.1.bandwidth.total_cmp(&b.1.bandwidth)).map(|(pair, _)| *pair);
    // Of one pair nothing is the worst.
    let several = look.run.pairs.len() > 1;
    Worst { latency: latency.filter(|_| several), bandwidth: bandwidth.filter(|_| several) }
}

/// Seconds as microseconds, or as milliseconds from a thousand of them on.
fn latency(seconds: f64) -> String {
    let micro = seconds * 1e6;
    match micro {
        m if !m.is_finite() => "?".to_owned(),
        m if m < 100.0 => format!("{m:.1}"),
        m if m < 1e4 => format!("{m:.0}"),
        m if m < 1e6 => format!("{:.0}m", m / 1e3),
        _ => "> 1 s".to_owned(),
    }
}

/// Bytes a second as megabytes, or as gigabytes from ten thousand of them on.
fn bandwidth(bytes: f64) -> String {
    let mega = bytes / 1e6;
    match mega {
        m if !m.is_finite() => "?".to_owned(),
        m if m < 100.0 => format!("{m:.1}"),
        m if m < 1e4 => format!("{m:.0}"),
        m => format!("{:.0}G", m / 1e3),
    }
}

/// The figures of the worst pairs in words.
fn words(look: &Look<'_>, worst: &Worst) -> Vec<String> {
    let who = |(a, b): (Rank, Rank)| {
        let name = |rank| look.host_of(rank).map_or("?", |h| h.name.as_str());
        format!("{a}–{b} ({}, {})", name(a), name(b))
    };
    let value = |pair: (Rank, Rank)| look.run.pairs.get(&pair);
    let slowest = worst.latency.and_then(|pair| Some((pair, value(pair)?.latency)));
    let narrowest = worst.bandwidth.and_then(|pair| Some((pair, value(pair)?.bandwidth)));
    let unit = |figure: String| if figure.ends_with('m') { format!("{figure}s") } else { format!("{figure} µs") };
    let bytes = |figure: String| if figure.ends_with('G') { format!("{figure}B/s") } else { format!("{figure} MB/s") };
    slowest
        .map(|(pair, s)| format!("! slowest: ranks {}, {}", who(pair), unit(latency(s))))
        .into_iter()
        .chain(narrowest.map(|(pair, b)| format!("! narrowest: ranks {}, {}", who(pair), bytes(bandwidth(b)))))
        .collect()
}

/// Rows and columns of the whole matrix, and how many of them are seen.
pub(crate) fn extent(look: &Look<'_>, area: Rect) -> ((usize, usize), (usize, usize)) {
    let lines = words(look, &worst(look)).len();
    let across = usize::from(area.width).saturating_sub(label(look)) / CELL;
    ((look.size(), usize::from(area.height).saturating_sub(2 + lines)), (look.size(), across))
}

fn digits(look: &Look<'_>) -> usize {
    look.size().max(1).ilog10() as usize + 1
}

fn label(look: &Look<'_>) -> usize {
    digits(look) + look.names(8) + 3
}

pub(crate) fn draw(look: &Look<'_>, painter: &mut Painter<'_>, area: Rect) {
    if area.height < 4 || usize::from(area.width) < label(look) + CELL {
        return;
    }
    let theme = painter.theme;
    let worst = worst(look);
    let ((all, height), (_, across)) = extent(look, area);
    let (top, left) = (look.screen.place.scroll.min(all.saturating_sub(height)), look.screen.place.across);
    let left = left.min(all.saturating_sub(across));
    let (head, rest) = split_top(area, 1);
    let pairs = all * all.saturating_sub(1) / 2;
    let measured = match look.run.pairs.len() {
        n if n >= pairs => String::new(),
        n => format!(", {n} of {pairs} pairs so far"),
    };
    let below = more(top, all.saturating_sub(top + height));
    let beside = all.saturating_sub(left + across);
    let beside = if beside > 0 { format!("  → {beside} more") } else { String::new() };
    let room = usize::from(area.width).saturating_sub(columns(&below) + columns(&beside) + 6);
    let titles =
        ["Pairs of ranks: latency in µs above the diagonal, bandwidth in MB/s below", "Pairs: µs above, MB/s below"];
    let mut titles = titles.iter().map(|title| format!("{title}{measured}"));
    let title = titles.find(|title| columns(title) <= room).unwrap_or_else(|| "Pairs".to_owned());
    painter.rule(head, 0, format!("{title}  {below}{beside}").trim_end());
    let numbers = (left..all).take(across).map(|n| Span::raw(format!("{n:>width$} ", width = CELL - 1)));
    let head: Vec<Span<'_>> = std::iter::once(Span::raw(" ".repeat(label(look)))).chain(numbers).collect();
    painter.line(rest, 0, Line::from(head).style(theme.dim()));
    let digits = digits(look);
    for (nth, row) in (top..all).take(height).enumerate() {
        let name = look.host_of(Rank(row as u32)).map_or("", |h| h.name.as_str());
        let mut spans = vec![
            Span::styled(format!(" {row:>digits$} "), theme.strong()),
            Span::styled(format!("{} ", pad(name, look.names(8))), theme.dim()),
        ];
        spans.extend((left..all).take(across).map(|column| cell(look, &worst, row as u32, column as u32)));
        painter.line(rest, rows(nth + 1), Line::from(spans));
    }
    for (nth, words) in words(look, &worst).into_iter().enumerate() {
        let row = rows(1 + all.min(height) + nth);
        painter.line(rest, row, Line::styled(format!(" {words}"), theme.warn()));
    }
}

fn cell(look: &Look<'_>, worst: &Worst, row: u32, column: u32) -> Span<'static> {
    let theme = look.theme;
    let width = CELL - 1;
    let pair = (Rank(row.min(column)), Rank(row.max(column)));
    let above = column > row;
    let figure = |pair: &PairView| if above { latency(pair.latency) } else { bandwidth(pair.bandwidth) };
    let marked = Some(pair) == if above { worst.latency } else { worst.bandwidth };
    match look.run.pairs.get(&pair) {
        _ if row == column => Span::styled(format!("{:>width$} ", "×"), theme.dim()),
        None => Span::styled(format!("{:>width$} ", "·"), theme.dim()),
        Some(pair) if marked => Span::styled(format!("{:>width$}!", figure(pair)), theme.warn()),
        Some(pair) => Span::styled(format!("{:>width$} ", figure(pair)), theme.plain()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_fit_their_cells_whatever_they_are() {
        let figures = [0.0, 1.5e-6, 99.96e-6, 812e-6, 9.9996e-3, 0.4, 1.0, 1e9, f64::NAN, f64::INFINITY];
        for figure in figures.map(latency) {
            assert!(figure.chars().count() < CELL, "{figure}");
        }
        for figure in [0.0, 9.81e6, 112e6, 9.9999e9, 40e9, f64::NAN].map(bandwidth) {
            assert!(figure.chars().count() < CELL, "{figure}");
        }
        assert_eq!((latency(812e-6), bandwidth(94.1e6)), ("812".into(), "94.1".into()));
    }
}
