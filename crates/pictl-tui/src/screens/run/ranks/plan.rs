//! How much of every rank there is room for: bars, cells, or a cell for each node.

use super::super::look::Look;
use super::super::node;
use crate::paint::window_start;
use crate::words::count;

/// A rank needs this many columns to be shown in words.
const WIDTH: usize = 38;
/// Columns of the sensors before a node's cells.
pub(super) const SENSORS: usize = 16;
/// Columns of the slices before a node's cells.
const SLICES: usize = 7;

/// How the ranks are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bar a rank, so many side by side, below a line for their node.
    Bars(usize),
    /// A node in one line or a few, so many side by side: figures, and a cell a rank.
    Strips(usize),
    /// Several nodes in a line, a cell a rank.
    Blocks(usize),
    /// A cell a node, so many in a line.
    Cells(usize),
}

/// A line of the pane.
#[derive(Clone, Copy, Debug)]
pub(super) enum Row {
    /// A node's own line.
    Node(usize),
    /// Ranks of a node, from one place among them to before another.
    Ranks(usize, usize, usize),
    /// Nodes, from one place in the plan to before another.
    Nodes(usize, usize),
}

/// The lines that the ranks take.
pub(crate) struct Plan {
    pub(super) kind: Kind,
    pub(super) rows: Vec<Row>,
    /// Width of the longest node's name.
    pub(super) names: usize,
}

impl Plan {
    /// The plan for this many columns and lines: whole words where they fit, else less of each.
    pub(crate) fn new(look: &Look<'_>, width: usize, height: usize) -> Self {
        let names = look.names(16);
        let hosts = look.zoomed().map_or(0..look.hosts().len(), |only| only..only + 1);
        let lines = |beside: usize| hosts.clone().map(|h| 1 + look.on(h).len().div_ceil(beside)).sum::<usize>();
        let most = (width / WIDTH).max(1);
        let fitting = (1..=most).find(|beside| lines(*beside) <= height);
        let kind = match fitting {
            Some(beside) => Kind::Bars(beside),
            // What is zoomed into is shown in words, and scrolled.
            None if look.zoomed().is_some() => Kind::Bars(most),
            None => cells(look, names, width, height),
        };
        let mut rows = Vec::new();
        for host in hosts.clone() {
            let ranks = look.on(host).len();
            match kind {
                Kind::Bars(beside) => {
                    rows.push(Row::Node(host));
                    rows.extend((0..ranks).step_by(beside).map(|at| Row::Ranks(host, at, (at + beside).min(ranks))));
                }
                Kind::Strips(1) => {
                    let room = strip_room(width, names);
                    let chunks = (0..ranks.max(1)).step_by(room);
                    rows.extend(chunks.map(|at| Row::Ranks(host, at, (at + room).min(ranks))));
                }
                _ => {}
            }
        }
        if let Kind::Strips(beside @ 2..) | Kind::Blocks(beside) | Kind::Cells(beside) = kind {
            rows.extend(hosts.clone().step_by(beside).map(|at| Row::Nodes(at, (at + beside).min(hosts.end))));
        }
        Self { kind, rows, names }
    }

    /// Lines in all.
    pub(crate) fn lines(&self) -> usize {
        self.rows.len()
    }

    /// How much is shown: of nodes, of ranks, or words.
    pub(crate) fn detail(&self) -> u8 {
        match self.kind {
            Kind::Cells(_) => 0,
            Kind::Blocks(_) | Kind::Strips(_) => 1,
            Kind::Bars(_) => 2,
        }
    }

    /// Nodes in a line: how far Up and Down move the cursor.
    pub(crate) fn across(&self) -> usize {
        match self.kind {
            Kind::Bars(_) => 1,
            Kind::Strips(across) | Kind::Blocks(across) | Kind::Cells(across) => across,
        }
    }

    /// The first line to be seen of those that do not fit.
    pub(super) fn start(&self, look: &Look<'_>, height: usize) -> usize {
        let last = self.rows.len().saturating_sub(height);
        if look.zoomed().is_some() {
            return look.screen.place.scroll.min(last);
        }
        let Some(selected) = look.selected() else { return 0 };
        let row = self.rows.iter().position(|row| match row {
            Row::Node(host) | Row::Ranks(host, ..) => *host == selected,
            Row::Nodes(from, to) => (*from..*to).contains(&selected),
        });
        window_start(row.unwrap_or(0), self.rows.len(), height)
    }

    pub(super) fn title(&self, look: &Look<'_>, width: usize) -> String {
        if let (Kind::Blocks(_) | Kind::Cells(_), Some(host)) = (self.kind, look.selected()) {
            let ranks = look.on(host);
            let slices: u32 = ranks.iter().map(|r| look.rank(*r).slices).sum();
            let temp = node::newest(look, host).and_then(|r| r.sample.temp).map(|t| format!(", {t}"));
            let trouble = node::trouble(look, ranks).map(|words| format!(", {words}")).unwrap_or_default();
            let name = &look.hosts()[host].name;
            return format!("▸ {name}: {}{}{trouble}", count(slices as usize, "slice"), temp.unwrap_or_default());
        }
        let words = match (self.kind, width) {
            (Kind::Bars(_), 0..45) => "Ranks",
            (Kind::Bars(_), _) if !look.by_slices() => "Ranks: share of a core, memory",
            (Kind::Bars(1), 60..) => "Ranks: slices done, rate, slice in hand",
            (Kind::Bars(_), _) => "Ranks: slices done, slice in hand",
            (Kind::Cells(_), 45..) => "Nodes, a cell each: higher is more",
            (Kind::Cells(_), _) => "Nodes",
            (_, 72..) => "Ranks, a cell each: higher is more slices; ! slow, – idle, · silent",
            (_, 45..) => "Ranks, a cell each; ! slow, – idle",
            _ => "Ranks",
        };
        match look.zoomed() {
            Some(only) => format!("{} only. {words}", look.hosts()[only].name),
            None => words.to_owned(),
        }
    }
}

/// Columns for cells in a strip of `width` columns.
pub(super) fn strip_room(width: usize, names: usize) -> usize {
    let sensors = if width >= 60 { SENSORS } else { 0 };
    width.saturating_sub(names + 3 + sensors + SLICES + 1).max(1)
}

/// The most detailed layout with a cell for each rank that fits, else a cell a node.
fn cells(look: &Look<'_>, names: usize, width: usize, height: usize) -> Kind {
    let (hosts, most) = (look.hosts().len(), look.most_on_one());
    let chunked: usize = (0..hosts).map(|h| look.on(h).len().max(1).div_ceil(strip_room(width, names))).sum();
    if chunked <= height {
        return Kind::Strips(1);
    }
    let across = (2..=8).find(|across| hosts.div_ceil(*across) <= height);
    if let Some(across) = across.filter(|across| strip_room(width / across, names) >= most + 6) {
        return Kind::Strips(across);
    }
    let across = width.saturating_sub(names + 2) / (most + 1);
    if across >= 1 && hosts.div_ceil(across) <= height {
        return Kind::Blocks(across);
    }
    Kind::Cells(width.saturating_sub(names + 3).max(1))
}
