//! The table of nodes.

use pictl_model::Timestamp;
use pictl_model::node::{Likelihood, Link};
use pictl_model::world::NodeView;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::NARROW;
use crate::context::{Context, Order, answers_ssh};
use crate::keymap::Command;
use crate::paint::{Painter, window_start};
use crate::screens::table::{Column, GAP, widths};
use crate::theme::Theme;
use crate::words::{self, ago, columns, pad};

/// One cell: its text and style.
type Cell = (String, Style);

/// A column of the table.
struct Heading {
    title: &'static str,
    /// It is not shown with less room than this, unless all its cells are narrower.
    least: usize,
    /// More room is of no use.
    most: usize,
    /// Columns with a higher figure are left out first.
    rank: u8,
    /// The order in which the rows are by this column, with an arrow that says from what to what.
    order: Option<(Order, &'static str)>,
}

const fn heading(title: &'static str, least: usize, most: usize, rank: u8) -> Heading {
    Heading { title, least, most, rank, order: None }
}

/// The columns from left to right.
const HEADINGS: [Heading; 12] = [
    heading("", 1, 1, 0),
    Heading { order: Some((Order::Name, "▲")), ..heading("Name", 12, 24, 1) },
    Heading { order: Some((Order::Address, "▲")), ..heading("Address", 15, 39, 2) },
    Heading { order: Some((Order::Pi, "▼")), ..heading("Pi?", 3, 30, 5) },
    Heading { order: Some((Order::State, "▼")), ..heading("State", 24, 50, 3) },
    heading("Note", 11, 40, 6),
    heading("Temperature", 16, 40, 4),
    heading("Model", 11, 24, 7),
    heading("MAC", 17, 17, 10),
    heading("System", 11, 24, 9),
    Heading { order: Some((Order::Seen, "▼")), ..heading("Last seen", 9, 11, 8) },
    Heading { order: Some((Order::Maker, "▲")), ..heading("Maker", 12, 24, 11) },
];

/// The place of the column whose cells have a shorter form.
const PI: usize = 3;
const STATE: usize = 4;

fn cells(cx: &Context, theme: Theme, node: &NodeView) -> [Cell; HEADINGS.len()] {
    let plain = theme.plain();
    let sighting = node.sighting.as_ref();
    let mark = if cx.selection.marks.contains(&node.id) { "■" } else { " " };
    let head = node.member.as_ref().is_some_and(|m| m.head);
    let name = format!("{}{}", cx.name_of(node), if head { " (head)" } else { "" });
    let pi = match node.likelihood() {
        Likelihood::Yes | Likelihood::Likely => theme.ok(),
        Likelihood::Maybe => plain,
        Likelihood::No => theme.dim(),
    };
    let pi = (words::pi_because(node), pi);
    let state = state(theme, node, cx.now);
    let temperature = temperature(cx, theme, node);
    let model = node.model().map(words::short_model).unwrap_or_default();
    let vendor = sighting.and_then(|s| s.vendor.clone()).unwrap_or_default();
    let mac = node.mac().map(|m| m.to_string()).unwrap_or_default();
    let system = node
        .facts
        .as_ref()
        .map(|f| words::short_os(&f.os))
        .or_else(|| sighting.and_then(|s| s.ssh.as_deref()).map(words::ssh_words));
    let seen = node.last_seen.map(|at| ago(cx.now, at)).unwrap_or_default();
    [
        (mark.to_owned(), theme.key()),
        (name, if node.member.is_some() { theme.strong() } else { plain }),
        (node.address().map(|a| a.to_string()).unwrap_or_default(), plain),
        pi,
        state,
        note(theme, node),
        temperature,
        (model, plain),
        (mac, theme.dim()),
        (system.unwrap_or_default(), plain),
        (seen, theme.dim()),
        (vendor, theme.dim()),
    ]
}

/// What became of it since the scan before, its place in the cluster and the connection, in words.
fn state(theme: Theme, node: &NodeView, now: Timestamp) -> Cell {
    let (words, style) = connection(theme, node, now);
    if node.blinking {
        return (format!("LED blinks, {words}"), theme.busy());
    }
    match words::change_mark(node, now) {
        Some(mark) if node.is_gone() => (mark, theme.warn()),
        Some(mark) => (format!("{mark}, {words}"), theme.busy()),
        None => (words, style),
    }
}

/// Its place in the cluster and the connection, in words.
fn connection(theme: Theme, node: &NodeView, now: Timestamp) -> Cell {
    let in_cluster = node.member.is_some();
    let again = || words::next_try(node, now).map(|again| format!(", {again}")).unwrap_or_default();
    match &node.link {
        Link::Idle if in_cluster => ("in cluster".to_owned(), theme.plain()),
        Link::Idle if answers_ssh(node) => ("answers SSH".to_owned(), theme.plain()),
        Link::Idle => ("no SSH".to_owned(), theme.dim()),
        Link::Lost { why, failure } => {
            (format!("lost: {}{}", words::brief(*failure, why), again()), theme.link(&node.link))
        }
        Link::Failed { why, failure, .. } => {
            (format!("failed: {}{}", words::brief(*failure, why), again()), theme.link(&node.link))
        }
        link => (words::link(link), theme.link(link)),
    }
}

/// What is odd about it.
fn note(theme: Theme, node: &NodeView) -> Cell {
    let flags: Vec<_> = node.sighting.iter().flat_map(|s| &s.flags).map(words::flag).collect();
    let style = if flags.iter().any(|(_, beware)| *beware) { theme.warn() } else { theme.dim() };
    (flags.iter().map(|(words, _)| *words).collect::<Vec<_>>().join(", "), style)
}

/// The temperature, with what slows the board down, and with its age when it is old.
fn temperature(cx: &Context, theme: Theme, node: &NodeView) -> Cell {
    let Some((mut text, stale)) = words::temperature(node, cx.now) else { return (String::new(), theme.plain()) };
    let reading = node.newest();
    let throttle = reading.map(|r| words::throttle(&r.sample)).unwrap_or_default();
    if stale {
        let age = node.readings.iter().rev().find(|r| r.sample.temp.is_some()).map(|r| ago(cx.now, r.at));
        text = format!("{text} {}", age.unwrap_or_default());
        return (text, theme.dim());
    }
    if throttle.is_empty() { (text, theme.plain()) } else { (format!("{text} ! {throttle}"), theme.warn()) }
}

pub(super) fn draw(cx: &Context, painter: &mut Painter<'_>, area: Rect, shown: &[&NodeView]) {
    let theme = painter.theme;
    if shown.is_empty() {
        let words = format!(" no node has \"{}\": {} shows all", cx.selection.filter.text(), cx.key_of(Command::Back));
        painter.line(area, 0, Line::styled(words, theme.warn()));
        return;
    }
    let cursor = cx.cursor_in(shown);
    let height = usize::from(area.height).saturating_sub(1);
    let start = window_start(cursor, shown.len(), height);
    let visible = shown.iter().skip(start).take(height);
    // How sure it is that each is a Raspberry Pi, without the reasons.
    let sure: Vec<&str> = visible.clone().map(|n| n.likelihood().word()).collect();
    let mut rows: Vec<_> = visible.map(|n| cells(cx, theme, n)).collect();
    let titles = HEADINGS.map(|column| match column.order {
        Some((order, arrow)) if order == cx.selection.order => (format!("{} {arrow}", column.title), theme.strong()),
        _ => (column.title.to_owned(), theme.dim()),
    });
    let mut layout: Vec<Column> = HEADINGS
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let widest = rows.iter().map(|r| columns(&r[i].0)).max().unwrap_or(0);
            let least = match i {
                PI => sure.iter().map(|word| columns(word)).max().unwrap_or(0),
                // On a narrow screen a state that is cut says more than none.
                STATE if area.width < NARROW => 10,
                _ => column.least,
            };
            // A column in which nothing stands is of no use.
            let min = if widest == 0 && i > 0 { 0 } else { least.min(widest).max(columns(&titles[i].0)).max(1) };
            // That by which the rows are ordered is to be seen.
            let rank = if column.order.is_some_and(|(order, _)| order == cx.selection.order) { 1 } else { column.rank };
            Column { min, max: widest.min(column.most).max(min), rank }
        })
        .collect();
    let room = usize::from(area.width).saturating_sub(2);
    if widths(&layout, room)[PI].is_some_and(|width| width < layout[PI].max) {
        // Reasons stand there all or not at all.
        layout[PI].max = layout[PI].min;
        for (row, sure) in rows.iter_mut().zip(sure) {
            sure.clone_into(&mut row[PI].0);
        }
    }
    let widths = widths(&layout, room);
    painter.line(area, 0, row_line(titles, &widths, " "));
    for (nth, cells) in rows.into_iter().enumerate() {
        let here = start + nth == cursor;
        let row = nth as u16 + 1;
        painter.line(area, row, row_line(cells, &widths, if here { "▸" } else { " " }));
        if here {
            painter.restyle(Rect { y: area.y + row, height: 1, ..area }, Theme::cursor_row());
        }
    }
}

fn row_line(cells: [Cell; HEADINGS.len()], widths: &[Option<usize>], pointer: &str) -> Line<'static> {
    let mut spans = vec![Span::raw(pointer.to_owned())];
    for ((text, style), width) in cells.into_iter().zip(widths) {
        if let Some(width) = width {
            spans.push(Span::styled(pad(&text, *width), style));
            spans.push(Span::raw(" ".repeat(GAP)));
        }
    }
    spans.pop();
    Line::from(spans)
}
