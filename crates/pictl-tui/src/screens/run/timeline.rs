//! Which rank did what when: a row a rank (or a node, where they are too many) over the time of the run, with the
//! temperature, the clock and the throttling of its node on the same axis.

use pictl_model::world::{RankView, SensorBin};
use pictl_model::{Rank, Throttled};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::axis::Axis;
use super::look::Look;
use super::node;
use super::pace::Doing;
use super::temperatures::{SLOWS, level};
use crate::paint::{Painter, rows, split_top, window_start};
use crate::theme::{LEVELS, Theme};
use crate::words::{columns, count, more, pad};

/// Columns of what a row shows: temperature, clock, the number of a rank.
const TAG: usize = 6;
/// Columns of the newest figure at the right.
const FIGURE: usize = 9;
/// From this width on there is room for that figure.
const ROOMY: u16 = 72;
/// A slice of fewer columns than this is not drawn by itself.
const SLICE: f64 = 4.0;

/// A line of the timeline; a number is a node's place in the plan.
#[derive(Clone, Copy, Debug)]
enum Row {
    /// Temperatures of a node that was named already or not; where the clock has no row, with the letters of throttling.
    Heat { host: usize, named: bool, flags: bool },
    /// The clock, with the letters of throttling.
    Clock(usize),
    /// A rank.
    Rank(Rank),
    /// All ranks of a node; where its temperatures have no row, with the letters of throttling.
    Node(usize, bool),
}

/// Every row there is to see in this many lines: ranks where they fit, else nodes.
fn plan(look: &Look<'_>, height: usize) -> Vec<Row> {
    let hosts = look.zoomed().map_or(0..look.hosts().len(), |only| only..only + 1);
    let ranks: usize = hosts.clone().map(|h| look.on(h).len()).sum();
    let each = |own: usize| own * hosts.len() + ranks <= height || look.zoomed().is_some();
    let mut out = Vec::new();
    for host in hosts.clone() {
        if each(2) {
            out.extend([Row::Heat { host, named: false, flags: false }, Row::Clock(host)]);
        } else if each(1) {
            out.push(Row::Heat { host, named: false, flags: true });
        } else if 2 * hosts.len() <= height {
            out.extend([Row::Node(host, false), Row::Heat { host, named: true, flags: true }]);
            continue;
        } else {
            out.push(Row::Node(host, true));
            continue;
        }
        out.extend(look.on(host).iter().map(|rank| Row::Rank(*rank)));
    }
    out
}

fn start(look: &Look<'_>, plan: &[Row], height: usize) -> usize {
    if look.zoomed().is_some() {
        return look.screen.place.scroll.min(plan.len().saturating_sub(height));
    }
    let here = |row: &Row| matches!(row, Row::Heat { host, .. } | Row::Node(host, _) if Some(*host) == look.selected());
    window_start(plan.iter().position(here).unwrap_or(0), plan.len(), height)
}

/// Lines for rows in a pane of this height: without the title and the axis.
fn room(area: Rect) -> usize {
    usize::from(area.height).saturating_sub(2)
}

/// How many rows the timeline has, and how many of them are seen.
pub(crate) fn extent(look: &Look<'_>, area: Rect) -> (usize, usize) {
    (plan(look, room(area)).len(), room(area))
}

pub(crate) fn draw(look: &Look<'_>, painter: &mut Painter<'_>, area: Rect) {
    if area.height < 3 || area.width < 24 {
        return;
    }
    let (head, rest) = split_top(area, 1);
    let (plan, height) = (plan(look, room(area)), room(area));
    let start = start(look, &plan, height);
    let below = plan.len().saturating_sub(start + height);
    let hidden = more(start, below);
    let room = usize::from(area.width).saturating_sub(hidden.len() + 6);
    painter.rule(head, 0, format!("{}  {hidden}", title(look, room, &plan)).trim_end());
    let names = look.names(10);
    let figure = if area.width >= ROOMY { FIGURE } else { 0 };
    let label = names + TAG + 2;
    let cells = usize::from(area.width).saturating_sub(label + figure + 1);
    let Some(axis) = Axis::of(look, cells) else {
        painter.line(rest, 0, Line::styled(" mpirun has not been started yet", painter.theme.dim()));
        return;
    };
    let sheet = Sheet { look, theme: painter.theme, axis, names, label, cells, figure };
    let shown = &plan[start..plan.len().min(start + height)];
    let marks = sheet.marks(shown);
    for (nth, row) in shown.iter().enumerate() {
        let place = Rect { y: rest.y + rows(nth), height: 1, ..rest };
        sheet.row(painter, place, *row, &marks[nth]);
    }
    let below = Rect { x: rest.x + rows(label), y: rest.y + rows(shown.len().min(height)), height: 1, ..rest };
    painter.line(below, 0, Line::styled(axis.words(look.run.is_over()), painter.theme.dim()));
}

/// What is shown, with as much of the legend as there is room for.
fn title(look: &Look<'_>, room: usize, plan: &[Row]) -> String {
    let ranks = plan.iter().any(|row| matches!(row, Row::Rank(_)));
    let what = match (look.zoomed(), ranks) {
        (Some(only), _) => format!("Timeline of {}", look.hosts()[only].name),
        (None, true) => "Timeline".to_owned(),
        (None, false) => format!("Timeline of {}", count(look.hosts().len(), "node")),
    };
    let medium = format!("{what}: higher is busier, ─ in hand, · idle");
    let long = format!("{medium}; U under-voltage, T throttled, S soft limit, C capped");
    [long, medium].into_iter().find(|title| columns(title) <= room).unwrap_or(what)
}

/// A finished slice that is wide enough to be drawn by itself.
struct Mark {
    slice: u32,
    begin: usize,
    end: usize,
}

/// What all rows are drawn with.
struct Sheet<'a> {
    look: &'a Look<'a>,
    theme: Theme,
    axis: Axis,
    names: usize,
    label: usize,
    cells: usize,
    figure: usize,
}

impl Sheet<'_> {
    fn row(&self, painter: &mut Painter<'_>, place: Rect, row: Row, marks: &[Mark]) {
        match row {
            Row::Heat { host, named, flags } => {
                self.label(painter, place, Some(host).filter(|_| !named), "°C");
                self.sensors(painter, place, host, |bin| (bin.temp.map(|t| level(t.0.into())), flags));
                let temp = node::newest(self.look, host).and_then(|r| r.sample.temp);
                self.figure(painter, place, temp.map(|t| t.to_string()));
            }
            Row::Clock(host) => {
                self.label(painter, place, None, "MHz");
                let bins = self.look.run.history.sensors(&self.look.hosts()[host].node);
                let full = bins.iter().filter_map(|b| b.clock).map(|c| c.0).max().unwrap_or(1).max(1) as f64;
                let cell = |clock: f64| LEVELS[((clock / full * 7.0).round() as usize).min(7)];
                self.sensors(painter, place, host, |bin| (bin.clock.map(|c| cell(c.0 as f64)), true));
                let clock = node::newest(self.look, host).and_then(|r| r.sample.clock);
                self.figure(painter, place, clock.map(|c| format!("{} MHz", c.mhz())));
            }
            Row::Rank(rank) => {
                self.label(painter, place, None, &rank.0.to_string());
                self.rank(painter, place, rank, marks);
                let slices = self.look.rank(rank).slices;
                self.figure(painter, place, (slices > 0).then(|| format!("{slices} done")));
            }
            Row::Node(host, flags) => self.node(painter, place, host, flags),
        }
    }

    fn label(&self, painter: &mut Painter<'_>, place: Rect, host: Option<usize>, tag: &str) {
        let name = host.map_or("", |host| self.look.hosts()[host].name.as_str());
        let here = host.is_some() && host == self.look.selected();
        let text = format!("{}{}{tag:>TAG$}", if here { "▸" } else { " " }, pad(name, self.names));
        let style = if host.is_some() { self.theme.strong() } else { self.theme.dim() };
        painter.line(place, 0, Line::styled(text, style));
    }

    fn figure(&self, painter: &mut Painter<'_>, place: Rect, text: Option<String>) {
        if let (Some(text), 1..) = (text, self.figure) {
            let x = place.x + rows(self.label + self.cells + 1);
            let place = Rect { x, width: place.right().saturating_sub(x), ..place };
            painter.line(place, 0, Line::styled(text, self.theme.dim()));
        }
    }

    fn put(&self, painter: &mut Painter<'_>, place: Rect, column: usize, (symbol, style): (&str, Style)) {
        painter.put(place.x + rows(self.label + column), place.y, symbol, style);
    }

    /// A row of readings: for each what is drawn, and whether a letter for throttling goes before it.
    fn sensors(
        &self,
        painter: &mut Painter<'_>,
        place: Rect,
        host: usize,
        cell: impl Fn(SensorBin) -> (Option<&'static str>, bool),
    ) {
        let bins = self.look.run.history.sensors(&self.look.hosts()[host].node);
        for column in 0..self.cells {
            let Some(bin) = self.axis.reading(bins, column) else { continue };
            let hot = bin.temp.is_some_and(|t| f64::from(t.0) >= SLOWS);
            let style = if hot || bin.throttled.now() { self.theme.warn() } else { self.theme.dim() };
            let drawn = match (cell(bin), letter(bin.throttled)) {
                ((_, true), Some(letter)) => Some(letter),
                ((symbol, _), _) => symbol,
            };
            if let Some(symbol) = drawn {
                self.put(painter, place, column, (symbol, style));
            }
        }
    }

    fn rank(&self, painter: &mut Painter<'_>, place: Rect, rank: Rank, marks: &[Mark]) {
        let (look, theme) = (self.look, self.theme);
        let view = look.rank(rank);
        let work = look.run.history.work(rank);
        let hand = self.hand(view);
        let slow = matches!(look.doing(rank), Doing::Slow(..));
        let active = self.active(view);
        let own = if slow { theme.warn() } else { theme.busy() };
        for column in 0..self.cells {
            let Some(share) = self.axis.share(work, column) else { break };
            let cell = match hand {
                Some(since) if column >= since && share < 0.5 => ("─", own),
                _ if share > 0.0 && marks.is_empty() => {
                    (LEVELS[((share * 8.0).ceil() as usize).clamp(1, 8) - 1], theme.busy())
                }
                _ if active.contains(&column) => ("·", theme.dim()),
                _ => continue,
            };
            self.put(painter, place, column, cell);
        }
        for mark in marks {
            for column in mark.begin..=mark.end {
                self.put(painter, place, column, ("━", theme.busy()));
            }
            self.number(painter, place, mark.slice, mark.begin, mark.end, theme.plain());
        }
        if let (Some(begin), Some(slice), false) = (hand, view.current, marks.is_empty()) {
            self.number(painter, place, slice, begin, self.axis.column(self.axis.happened), own);
        }
        if let (true, Some(_)) = (slow, hand) {
            let last = self.axis.column(self.axis.happened - 1e-9);
            self.put(painter, place, last, ("!", theme.warn()));
        }
    }

    /// The number of a slice, where its columns have room for the whole of it and one more.
    fn number(&self, painter: &mut Painter<'_>, place: Rect, slice: u32, begin: usize, end: usize, style: Style) {
        let number = slice.to_string();
        if begin + number.len() <= end {
            let place = Rect { x: place.x + rows(self.label + begin), width: rows(number.len()), ..place };
            painter.line(place, 0, Line::styled(number, style));
        }
    }

    /// The column from which on a rank has had its slice in hand.
    fn hand(&self, view: &RankView) -> Option<usize> {
        let since = view.current.and(view.since).filter(|_| !self.look.run.is_over())?;
        Some(self.axis.column(self.axis.second(since)))
    }

    /// The columns in which a rank could have had something to do.
    fn active(&self, view: &RankView) -> std::ops::Range<usize> {
        let Some(begun) = self.look.run.begun else { return 0..0 };
        let end = view.since.filter(|_| view.done).map_or(self.axis.happened, |at| self.axis.second(at));
        self.axis.column(self.axis.second(begun))..self.axis.column(end) + 1
    }

    /// All ranks of a node together.
    fn node(&self, painter: &mut Painter<'_>, place: Rect, host: usize, flags: bool) {
        let look = self.look;
        self.label(painter, place, Some(host), "work");
        let ranks = look.on(host);
        let history = &look.run.history;
        let mut sum: Vec<f32> = Vec::new();
        for rank in ranks {
            let work = history.work(*rank);
            if sum.len() < work.len() {
                sum.resize(work.len(), 0.0);
            }
            for (sum, work) in sum.iter_mut().zip(work) {
                *sum += work / ranks.len() as f32;
            }
        }
        let held_since: Vec<usize> = ranks.iter().filter_map(|r| self.hand(look.rank(*r))).collect();
        let bins = history.sensors(&look.hosts()[host].node);
        for column in 0..self.cells {
            let Some(share) = self.axis.share(&sum, column) else { break };
            let throttled = flags.then(|| self.axis.reading(bins, column)).flatten().and_then(|b| letter(b.throttled));
            let cell = match throttled {
                Some(letter) => (letter, self.theme.warn()),
                None if share >= 1e-3 => (LEVELS[((share * 8.0).ceil() as usize).clamp(1, 8) - 1], self.theme.busy()),
                None if held_since.iter().any(|since| column >= *since) => ("─", self.theme.busy()),
                None => continue,
            };
            self.put(painter, place, column, cell);
        }
        let trouble = node::trouble(look, ranks);
        let slices: u32 = ranks.iter().map(|r| look.rank(*r).slices).sum();
        self.figure(painter, place, trouble.or_else(|| Some(format!("{slices} done"))));
    }

    /// For each row its slices, where they are wide enough to be drawn one by one and none of them was forgotten.
    fn marks(&self, shown: &[Row]) -> Vec<Vec<Mark>> {
        let mut out: Vec<Vec<Mark>> = shown.iter().map(|_| Vec::new()).collect();
        let run = self.look.run;
        let wide = |seconds: f64| seconds / self.axis.seconds * self.cells as f64 >= SLICE;
        if run.marks.len() as u64 != u64::from(run.slices_done()) || !run.times.median().is_some_and(wide) {
            return out;
        }
        let mut place = vec![usize::MAX; self.look.size()];
        for (nth, row) in shown.iter().enumerate() {
            if let Row::Rank(rank) = row
                && let Some(place) = place.get_mut(rank.0 as usize)
            {
                *place = nth;
            }
        }
        for mark in &run.marks {
            let Some(row) = place.get(mark.rank.0 as usize).and_then(|nth| out.get_mut(*nth)) else { continue };
            let end = self.axis.second(mark.at);
            let begin = self.axis.column(end - if mark.seconds.is_finite() { mark.seconds } else { 0.0 });
            row.push(Mark { slice: mark.slice, begin, end: self.axis.column(end) });
        }
        out
    }
}

/// The letter of what slows a board down, the worst of several.
fn letter(throttled: Throttled) -> Option<&'static str> {
    [
        (Throttled::UNDER_VOLTAGE, "U"),
        (Throttled::THROTTLED, "T"),
        (Throttled::SOFT_LIMIT, "S"),
        (Throttled::CAPPED, "C"),
    ]
    .into_iter()
    .find_map(|(bit, letter)| (throttled.0 & bit != 0).then_some(letter))
}
