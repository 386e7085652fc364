//! A run: every rank, temperatures, the timeline, the total, the value, the program's output.

use pictl_model::world::RunView;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::look::Look;
use super::{jobs, matrix, output, panels, ranks, temperatures, timeline, top};

use super::{RunScreen, View};
use crate::blocks::press;
use crate::context::Context;
use crate::keymap::Command;
use crate::paint::{Painter, rows, split_right, split_top};
use crate::screens::empty::{middle, not_recorded};
use crate::theme::Theme;

/// From this width on temperatures and output stand beside the ranks.
const WIDE: u16 = 100;
/// Lines for the output below the timeline, which stands there when more of them are left than it needs at least: a
/// row a node, up to so many, a title and the axis.
const OUTPUT: u16 = 5;
const NODES: u16 = 8;

/// What a program reports besides its slices.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Pairs,
    Jobs,
}

fn table(run: &RunView) -> Option<Table> {
    if run.pairs.is_empty() { jobs::known(run).then_some(Table::Jobs) } else { Some(Table::Pairs) }
}

/// The program reports something for a table of its own.
pub(super) fn has_table(run: &RunView) -> bool {
    table(run).is_some()
}

/// Where the parts of the screen lie; those that are not shown have no size.
#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    top: Rect,
    ranks: Rect,
    temperatures: Rect,
    timeline: Rect,
    panels: Rect,
    table: Rect,
    output: Rect,
}

fn parts(look: &Look<'_>, top: usize, area: Rect) -> Parts {
    let (top, rest) = split_top(area, rows(top).min(area.height));
    let parts = Parts { top, ..Parts::default() };
    match look.screen.place.view {
        View::Output => Parts { output: rest, ..parts },
        View::Timeline => Parts { timeline: rest, ..parts },
        View::Panels => Parts { panels: rest, ..parts },
        View::Table if table(look.run).is_some() => Parts { table: rest, ..parts },
        View::Overview | View::Table if area.width >= WIDE => wide(look, parts, rest),
        View::Overview | View::Table => narrow(look, parts, rest),
    }
}

/// Lines that the ranks would like to have in this many columns, their title included.
fn wanted(look: &Look<'_>, width: u16, most: u16) -> u16 {
    let plan = ranks::Plan::new(look, width.into(), usize::from(most).saturating_sub(1));
    rows(plan.lines()).saturating_add(1).min(most)
}

/// Side by side, at least two fifths of the height; the timeline and the output below have the rest.
fn wide(look: &Look<'_>, parts: Parts, rest: Rect) -> Parts {
    let most = rest.height - if rest.height >= 12 { 4 } else { 0 };
    let least = rest.height * 2 / 5;
    let right = if rest.width < 120 { 35 } else { rest.width * 2 / 5 };
    let right = if table(look.run).is_some() { rest.width / 2 } else { right };
    let (left, _) = split_right(rest, right);
    let (beside, below) = split_top(rest, wanted(look, left.width, most).max(least).min(most.max(1)));
    let (ranks, side) = split_right(beside, right);
    let needed = OUTPUT + 2 + rows(look.hosts().len()).min(NODES);
    let lower = if below.height >= needed { below.height - OUTPUT } else { 0 };
    let (timeline, output) = split_top(below, lower);
    let parts = Parts { ranks, timeline, output, ..parts };
    if table(look.run).is_some() { Parts { table: side, ..parts } } else { Parts { temperatures: side, ..parts } }
}

/// One below the other: ranks first, or the table; what they leave goes to the output, and with room to the
/// temperatures.
fn narrow(look: &Look<'_>, parts: Parts, rest: Rect) -> Parts {
    let most = rest.height - if rest.height >= 10 { 2 } else { 0 };
    if table(look.run).is_some() {
        let (table, output) = split_top(rest, most);
        return Parts { table, output, ..parts };
    }
    // Without the output there may be room for more of every rank, which is worth more than two lines of it.
    let detail =
        |height: u16| ranks::Plan::new(look, rest.width.into(), usize::from(height).saturating_sub(1)).detail();
    let most = if detail(rest.height) > detail(most) { rest.height } else { most };
    let (ranks, below) = split_top(rest, wanted(look, rest.width, most));
    let (temperatures, output) =
        if below.height >= 14 { split_top(below, below.height - 6) } else { (Rect::default(), below) };
    Parts { ranks, temperatures, output, ..parts }
}

pub(super) fn draw(screen: &RunScreen, cx: &Context, painter: &mut Painter<'_>, area: Rect) {
    let Some(look) = Look::new(screen, cx, painter.theme) else {
        empty(cx, painter, area);
        return;
    };
    let lines = top::lines(&look, area);
    let parts = parts(&look, lines.len(), area);
    painter.lines(parts.top, lines, 0);
    if parts.ranks.height > 0 {
        ranks::draw(&look, painter, parts.ranks, parts.temperatures.height == 0);
    }
    temperatures::draw(&look, painter, parts.temperatures);
    timeline::draw(&look, painter, parts.timeline);
    panels::draw(&look, painter, parts.panels);
    match table(look.run) {
        Some(Table::Pairs) => matrix::draw(&look, painter, parts.table),
        Some(Table::Jobs) => jobs::draw(&look, painter, parts.table),
        None => {}
    }
    output::draw(&look, painter, parts.output);
}

/// What is wrong with ranks at the moment, for the status line of the Run screen.
pub(super) fn trouble(screen: &RunScreen, cx: &Context, theme: Theme, width: usize) -> Option<Line<'static>> {
    let run = screen.seen(cx).0.run.as_ref().filter(|run| !run.is_over())?;
    run.begun.or(run.launched)?;
    top::trouble(&Look::new(screen, cx, theme)?, width)
}

/// What can be moved over on the screen as it is now.
pub(super) enum Extent {
    /// Nodes, so many in a line, so many seen at once.
    Nodes { across: usize, seen: usize },
    /// Lines, and how many of them are seen at once.
    Lines { all: usize, seen: usize },
    /// Rows and columns, all and seen.
    Grid { rows: (usize, usize), columns: (usize, usize) },
    /// Lines of output seen at once.
    Output(usize),
}

/// What the keys for moving move.
pub(super) fn extent(screen: &RunScreen, cx: &Context) -> Option<Extent> {
    let look = Look::new(screen, cx, Theme::new(false))?;
    let area = cx.body();
    let parts = parts(&look, top::lines(&look, area).len(), area);
    let lines = |(all, seen)| Extent::Lines { all, seen };
    Some(match (screen.place.view, table(look.run)) {
        (View::Output, _) => Extent::Output(output::room(parts.output)),
        (View::Timeline, _) if look.zoomed().is_some() => lines(timeline::extent(&look, parts.timeline)),
        (View::Timeline, _) => Extent::Nodes { across: 1, seen: usize::from(parts.timeline.height) },
        (View::Panels, _) => {
            let (across, seen) = panels::extent(&look, parts.panels);
            Extent::Nodes { across, seen }
        }
        (_, Some(Table::Pairs)) => {
            let (rows, columns) = matrix::extent(&look, parts.table);
            Extent::Grid { rows, columns }
        }
        (_, Some(Table::Jobs)) => lines(jobs::extent(&look, parts.table)),
        (View::Overview | View::Table, None) => {
            let (all, seen, across) = ranks::extent(&look, parts.ranks);
            if look.zoomed().is_some() { lines((all, seen)) } else { Extent::Nodes { across, seen: seen * across } }
        }
    })
}

fn empty(cx: &Context, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    if let Some(lines) = not_recorded(cx, theme) {
        middle(painter, area, lines);
        return;
    }
    if let Some(run) = cx.world.unfinished.first().filter(|_| cx.joining) {
        let words = format!("{} was left running; it is being joined.", run.workload.name);
        middle(
            painter,
            area,
            vec![Line::styled(words, theme.strong()), Line::default(), Line::raw(run.id.to_string())],
        );
        return;
    }
    let key = |command| cx.key_of(command);
    let mut lines = vec![Line::styled("Nothing has been run in this session.", theme.strong()), Line::default()];
    if cx.world.members().is_empty() {
        lines.push(Line::raw("A benchmark needs a cluster."));
        lines.push(press(theme, "Press", &key(Command::Scan), "to scan for nodes."));
    } else {
        lines.push(press(theme, "Press", &key(Command::Bench), "to run a benchmark."));
    }
    middle(painter, area, lines);
}
