//! The routes as a matrix, row by column; of very many nodes as a list.

use pictl_model::node::Link;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::look::Look;
use super::node::{Fact, identity, its_key, your_key};
use super::routes::{Spot, is_shut};
use crate::paint::{Painter, rows, window_start};
use crate::screens::table::{Column, GAP, widths};
use crate::theme::Theme;
use crate::words::{add, columns, count, more, number, pad};

/// Up to so many nodes a cell has room for a name or a number above it.
const FEW: usize = 16;
/// Widest name before a row.
const NAME: usize = 14;

/// Rows that all of it takes, without its heading and the legend.
pub(super) fn height(look: &Look<'_>) -> u16 {
    let each = rows(look.routes.len());
    if look.routes.is_list() { rows(look.routes.failing.len()).saturating_add(each) } else { each + 1 }
}

pub(super) fn draw(look: &Look<'_>, painter: &mut Painter<'_>, area: Rect) {
    if look.routes.is_list() {
        list(look, painter, area);
    } else {
        matrix(look, painter, area);
    }
}

/// How wide things are.
struct Sizes {
    /// The names of the rows, with their numbers.
    label: usize,
    /// A cell with the gap behind it.
    cell: usize,
    /// What stands above a cell.
    heading: Heading,
    /// Cells that are seen.
    across: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Heading {
    Names,
    Numbers,
    Selected,
}

fn sizes(look: &Look<'_>, width: usize) -> Sizes {
    let n = look.routes.len();
    let name = look.routes.names.iter().map(|name| columns(name)).max().unwrap_or(0).clamp(3, NAME);
    let digits = n.ilog10() as usize + 1;
    // A pointer before, a blank behind.
    let plain = name + 2;
    let numbered = plain + digits + 1;
    let (label, cell, heading) = if n <= FEW && plain + n * (name + 1) <= width {
        (plain, name + 1, Heading::Names)
    } else if n <= FEW && numbered + n * (digits + 2) <= width {
        (numbered, digits + 2, Heading::Numbers)
    } else {
        (plain, 1, Heading::Selected)
    };
    Sizes { label, cell, heading, across: (width.saturating_sub(label) / cell).clamp(1, n) }
}

fn matrix(look: &Look<'_>, painter: &mut Painter<'_>, area: Rect) {
    let (theme, routes) = (look.theme, &look.routes);
    let sizes = sizes(look, area.width.into());
    let (here, column) = match routes.spot(look.screen) {
        Some(Spot::Pair(from, to)) => (from + 1, to),
        Some(Spot::Mine(to)) => (0, to),
        None => (0, 0),
    };
    let left = window_start(column, routes.len(), sizes.across);
    let shown = left..(left + sizes.across).min(routes.len());
    let legend = area.height > 4;
    let height = usize::from(area.height).saturating_sub(1 + usize::from(legend));
    let top = window_start(here, routes.len() + 1, height);
    let below = (routes.len() + 1).saturating_sub(top + height);
    let facts = Facts::of(look, usize::from(area.width), sizes.label + shown.len() * sizes.cell);

    let hidden = match (more(top, below), top, below) {
        (words, ..) if columns(&words) < sizes.label => words,
        (_, 0, below) => format!("↓{below}"),
        (_, top, 0) => format!("↑{top}"),
        (_, top, below) => format!("↑{top}↓{below}"),
    };
    let mut heading = vec![Span::styled(pad(&hidden, sizes.label), theme.dim())];
    for to in shown.clone().filter(|_| sizes.heading != Heading::Selected) {
        let words = if sizes.heading == Heading::Names { routes.names[to].clone() } else { (to + 1).to_string() };
        let style = if to == column { theme.strong() } else { theme.dim() };
        heading.push(Span::styled(pad(&words, sizes.cell), style));
    }
    if sizes.heading == Heading::Selected {
        let (before, after) = (left, routes.len() - shown.end);
        let around = if before + after > 0 { format!("  ← {before}, {after} more →") } else { String::new() };
        let words = format!("to {}{around}", routes.names[column]);
        heading.push(Span::styled(pad(&words, shown.len()), theme.strong()));
    }
    heading.extend(facts.heading(look));
    painter.line(area, 0, Line::from(heading));

    for (nth, row) in (top..=routes.len()).take(height).enumerate() {
        let style = if row == here { theme.strong() } else { theme.plain() };
        let pointer = if row == here { "▸" } else { " " };
        let number = match (sizes.heading, row) {
            (Heading::Numbers, 0) => " ".repeat(routes.len().ilog10() as usize + 2),
            (Heading::Numbers, row) => format!("{row:>width$} ", width = routes.len().ilog10() as usize + 1),
            _ => String::new(),
        };
        let name = if row == 0 { "you" } else { routes.names[row - 1].as_str() };
        let mut spans =
            vec![Span::styled(pad(&format!("{pointer}{number}{name}"), sizes.label - 1), style), Span::raw(" ")];
        for to in shown.clone() {
            let (symbol, style) = match row.checked_sub(1) {
                None => look.mine(to),
                Some(from) => routes.route(from, to).map_or(("\\", theme.dim()), |route| look.route(route)),
            };
            let selected = row == here && to == column;
            spans.push(Span::styled(symbol, if selected { style.patch(Theme::cursor()) } else { style }));
            spans.push(Span::raw(" ".repeat(sizes.cell - 1)));
        }
        if let Some(node) = row.checked_sub(1) {
            spans.extend(facts.row(look, node));
        }
        painter.line(area, rows(nth + 1), Line::from(spans));
    }
    if legend {
        painter.line(area, rows((routes.len() + 1).min(height) + 1), symbols(look, area.width.into()));
    }
}

/// What is known of each node's keys, beside the matrix where there is room.
struct Facts {
    widths: [Option<usize>; 3],
}

impl Facts {
    const TITLES: [&'static str; 3] = ["Your key", "Its key", "Identity"];

    fn of(look: &Look<'_>, width: usize, used: usize) -> Self {
        let room = width.saturating_sub(used + GAP);
        let name = look.routes.names.iter().map(|name| columns(name)).max().unwrap_or(0).min(NAME);
        let least = [11, 11, name + 5];
        let layout: Vec<Column> =
            (0..3).zip([1, 2, 0]).map(|(at, rank)| Column { min: least[at], max: least[at], rank }).collect();
        let mut fitting = [None; 3];
        if room >= least[2] {
            fitting.copy_from_slice(&widths(&layout, room));
        }
        Self { widths: fitting }
    }

    fn spans(&self, facts: [Fact; 3]) -> Vec<Span<'static>> {
        let shown = facts.into_iter().zip(self.widths).filter_map(|(fact, width)| Some((fact, width?)));
        let cell = |((words, style), width): (Fact, usize)| {
            [Span::raw(" ".repeat(GAP)), Span::styled(pad(&words, width), style)]
        };
        shown.flat_map(cell).collect()
    }

    fn heading(&self, look: &Look<'_>) -> Vec<Span<'static>> {
        self.spans(Self::TITLES.map(|title| (title.to_owned(), look.theme.dim())))
    }

    fn row(&self, look: &Look<'_>, node: usize) -> Vec<Span<'static>> {
        if self.widths == [None; 3] {
            return Vec::new();
        }
        self.spans([your_key(look, node), its_key(look, node), identity(look, node)])
    }
}

/// What the symbols mean; those that are not there are left out.
fn symbols(look: &Look<'_>, width: usize) -> Line<'static> {
    let (total, theme) = (look.total, look.theme);
    let mine = |is: fn(&Link) -> bool| look.routes.nodes.iter().any(|n| is(&n.link));
    let meanings = [
        ("✗", "fails", theme.bad(), total.fails > 0 || look.routes.nodes.iter().any(|n| is_shut(n))),
        ("✓", "logs in", theme.ok(), total.works > 0 || mine(|link| *link == Link::Up)),
        ("~", "keys changed since", theme.warn(), total.stale > 0),
        ("?", "being tried", theme.busy(), total.trying > 0 || mine(|link| *link == Link::Connecting)),
        ("·", "not tried", theme.dim(), total.untried > 0 || mine(|link| *link == Link::Idle)),
        ("p", "by password", theme.warn(), look.any_password()),
        ("w", "waits", theme.warn(), mine(|link| matches!(link, Link::Waiting { .. }))),
    ];
    let mut line = Line::default();
    for (symbol, word, style, _) in meanings.into_iter().filter(|(.., seen)| *seen) {
        add(&mut line, width, Span::styled(format!(" {symbol} {word} "), style));
    }
    add(&mut line, width, Span::styled(" (row → column)", theme.dim()));
    line
}

/// The pairs that fail, then every node with its routes counted.
fn list(look: &Look<'_>, painter: &mut Painter<'_>, area: Rect) {
    let (theme, routes) = (look.theme, &look.routes);
    let failing = &routes.failing;
    let all = failing.len() + routes.len();
    let here = look.screen.row.min(all - 1);
    let height = usize::from(area.height).saturating_sub(1);
    let top = window_start(here, all, height);
    let hidden = more(top, all.saturating_sub(top + height));
    let first =
        if failing.is_empty() { String::new() } else { format!("{}, then ", count(failing.len(), "failing pair")) };
    painter.line(area, 0, Line::styled(format!(" {first}{}  {hidden}", count(routes.len(), "node")), theme.dim()));
    for (nth, row) in (top..all).take(height).enumerate() {
        let pointer = if row == here { "▸" } else { " " };
        let line = match failing.get(row) {
            Some((from, to)) => {
                let why = look.problem(*from, *to).map_or("", |problem| &problem.why);
                let words = format!("{pointer}✗ {} → {}  {why}", routes.names[*from], routes.names[*to]);
                Line::styled(words, theme.bad())
            }
            None => node_line(look, row - failing.len(), pointer, area.width.into()),
        };
        painter.line(area, rows(nth + 1), line);
        if row == here {
            painter.restyle(Rect { y: area.y + rows(nth + 1), height: 1, ..area }, Theme::cursor_row());
        }
    }
}

fn node_line(look: &Look<'_>, node: usize, pointer: &str, width: usize) -> Line<'static> {
    let theme = look.theme;
    let tally = look.routes.tallies[node];
    let name = look.routes.names.iter().map(|name| columns(name)).max().unwrap_or(0).min(NAME);
    let (symbol, style) = look.mine(node);
    let mut spans = vec![
        Span::styled(format!("{pointer}  {}  ", pad(&look.routes.names[node], name)), theme.plain()),
        Span::styled("you ", theme.dim()),
        Span::styled(symbol, style),
    ];
    let parts = [
        (tally.fails, "✗", theme.bad()),
        (tally.works, "✓", theme.ok()),
        (tally.stale, "~", theme.warn()),
        (tally.trying, "?", theme.busy()),
        (tally.untried, "·", theme.dim()),
    ];
    for (n, symbol, style) in parts.into_iter().filter(|(n, ..)| *n > 0) {
        spans.push(Span::styled(format!("  {symbol} {}", number(n as u64)), style));
    }
    let mut line = Line::from(spans);
    for (label, (words, style)) in
        [("identity", identity(look, node)), ("your key", your_key(look, node)), ("its key", its_key(look, node))]
    {
        add(&mut line, width, Span::styled(format!("   {label} {words}"), style));
    }
    line
}
