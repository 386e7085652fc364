//! Every rank, grouped by node: a bar each where they fit, else a cell each, else a cell for each node.

mod plan;

use pictl_model::Rank;
use pictl_model::world::RankView;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub(crate) use plan::Plan;
use plan::{Kind, Row, SENSORS, strip_room};

use super::look::Look;
use super::node::{self, Words};
use super::pace::Doing;
use super::temperatures;
use crate::paint::{Painter, bar, rows, split_top};
use crate::theme::{LEVELS, Theme};
use crate::words::{add, ago, columns, fit_line, more, pad, rate, span_columns};

/// A rank that reports nothing for this long is shown with the time of its last report.
const SILENT: pictl_model::Millis = pictl_model::Millis(10_000);
/// Cells of a node's temperatures over time.
const HEAT: usize = 14;
/// Columns after a node's cells for how fast its ranks are or what is wrong with them, before its temperatures.
const WORDS: usize = 8;

/// Draws the ranks below a title; `heat`: the temperatures over time belong here, since there is no room elsewhere.
pub(crate) fn draw(look: &Look<'_>, painter: &mut Painter<'_>, area: Rect, heat: bool) {
    let (head, rest) = if area.height >= 5 { split_top(area, 1) } else { (Rect::default(), area) };
    let (width, height) = (usize::from(rest.width), usize::from(rest.height));
    let plan = Plan::new(look, width, height);
    let start = plan.start(look, height);
    let below = plan.lines().saturating_sub(start + height);
    painter.rule(head, 0, format!("{}  {}", plan.title(look, width), more(start, below)).trim_end());
    let fair = look.run.slices.map_or(0, |all| all.div_ceil(look.size().max(1) as u32));
    let most = look.ranks().map(|(_, view)| view.slices).max().unwrap_or(0);
    let sheet = Sheet { look, theme: painter.theme, plan: &plan, width, heat, full: most.max(fair).max(1) };
    for (nth, row) in plan.rows.iter().skip(start).take(height).enumerate() {
        let place = Rect { y: rest.y + rows(nth), height: 1, ..rest };
        sheet.draw(painter, place, *row);
    }
}

/// How many lines the ranks of a pane of this size take, how many of them are seen, and how many nodes are in a line.
pub(crate) fn extent(look: &Look<'_>, area: Rect) -> (usize, usize, usize) {
    let height = usize::from(if area.height >= 5 { area.height - 1 } else { area.height });
    let plan = Plan::new(look, area.width.into(), height);
    (plan.lines(), height, plan.across())
}

/// What all lines of the pane are drawn with.
struct Sheet<'a> {
    look: &'a Look<'a>,
    theme: Theme,
    plan: &'a Plan,
    width: usize,
    heat: bool,
    /// Slices of a full bar: those of the rank with the most, at the beginning those of a fair share.
    full: u32,
}

impl Sheet<'_> {
    fn draw(&self, painter: &mut Painter<'_>, place: Rect, row: Row) {
        match (row, self.plan.kind) {
            (Row::Node(host), _) => painter.line(place, 0, self.node(host)),
            (Row::Ranks(host, from, to), Kind::Bars(beside)) => {
                let line = self.bars(&self.look.on(host)[from..to], self.width / beside);
                painter.line(place, 0, line);
            }
            (Row::Ranks(host, from, to), _) => self.strip(painter, place, host, from, to),
            (Row::Nodes(from, to), Kind::Strips(across)) => {
                let width = place.width / across as u16;
                for (nth, host) in (from..to).enumerate() {
                    let place = Rect { x: place.x + nth as u16 * width, width, ..place };
                    self.strip(painter, place, host, 0, self.look.on(host).len());
                }
            }
            (Row::Nodes(from, to), kind) => self.blocks(painter, place, from..to, matches!(kind, Kind::Cells(_))),
        }
    }

    fn pointer(&self, host: usize) -> &'static str {
        if self.look.selected() == Some(host) { "▸" } else { " " }
    }

    /// A node: temperature, clock, what slows it down, what its ranks did together.
    fn node(&self, host: usize) -> Line<'static> {
        let (look, run_host) = (self.look, &self.look.hosts()[host]);
        let head = if run_host.node == look.run.plan.head { "*" } else { " " };
        let name = format!("{}{}{head} ", self.pointer(host), pad(&run_host.name, self.plan.names));
        let mut spans = vec![Span::styled(name, self.theme.strong())];
        spans.push(Span::styled(format!("{:>11}  ", node::work(look, host)), self.theme.dim()));
        spans.extend(node::sensors(look, host, Words::All));
        spans.extend(node::swept(look, host));
        self.heat(host, &mut spans);
        Line::from(spans)
    }

    /// Where the lines of the temperatures have no room, a row of cells at the right edge stands for them.
    fn heat(&self, host: usize, spans: &mut Vec<Span<'static>>) {
        let blank = self.width.saturating_sub(span_columns(spans) + HEAT + 1);
        if self.heat && blank > 0 {
            spans.push(Span::raw(" ".repeat(blank)));
            spans.push(Span::styled(temperatures::row(self.look, host, HEAT), self.theme.dim()));
        }
    }

    /// Ranks side by side, each in `width` columns.
    fn bars(&self, ranks: &[Rank], width: usize) -> Line<'static> {
        let parts = ranks.iter().map(|rank| {
            let mut part = fit_line(self.bar(*rank, width), width);
            let used = span_columns(&part.spans);
            part.spans.push(Span::raw(" ".repeat(width - used)));
            part.spans
        });
        Line::from(parts.flatten().collect::<Vec<_>>())
    }

    /// One rank: a bar, its slices, its rate, and what it has in hand.
    fn bar(&self, rank: Rank, width: usize) -> Line<'static> {
        let view = self.look.rank(rank);
        let digits = self.look.size().max(1).ilog10() as usize + 1;
        let roomy = width >= digits + 50;
        let (now, style) = self.doing(rank, view, roomy);
        let figures = match view.usage.filter(|_| !self.look.by_slices()) {
            Some((cpu, memory)) if roomy => format!(" CPU {:>3.0} %  {:>5} MiB  ", cpu * 100.0, memory / 1024),
            Some((cpu, _)) => format!(" {:>3.0} % ", cpu * 100.0),
            None if !self.look.by_slices() => "  ".to_owned(),
            None if roomy => format!(" {:>5}  {:>10}  ", view.slices, rate(view.slices, view.seconds)),
            None => format!(" {:>4} ", view.slices),
        };
        let bar_width = width.saturating_sub(digits + columns(&figures) + 25).clamp(6, 60);
        let [full, rest] = bar(self.height(view), bar_width, self.theme.busy(), self.theme.dim());
        Line::from(vec![
            Span::styled(format!("   {:>digits$} ", rank.0), self.theme.dim()),
            full,
            rest,
            Span::raw(figures),
            Span::styled(now, style),
        ])
    }

    /// What a rank does now, in words, the troubles with a mark.
    fn doing(&self, rank: Rank, view: &RankView, roomy: bool) -> (String, Style) {
        let (theme, now) = (self.theme, self.look.now);
        match self.look.doing(rank) {
            Doing::Done => ("✓ done".to_owned(), theme.ok()),
            Doing::Exit(status) => (format!("✗ ended with {status}"), theme.bad()),
            Doing::Unfinished => ("✗ did not finish".to_owned(), theme.bad()),
            Doing::Slow(slice, since) if roomy => (format!("! slow: {slice} for {since}"), theme.warn()),
            Doing::Slow(_, since) => (format!("! slow for {since}"), theme.warn()),
            Doing::Idle(since) => (format!("– idle for {since}"), theme.warn()),
            Doing::Busy(slice) => {
                let words = match view.heard.filter(|at| now - *at > SILENT) {
                    Some(heard) => format!("slice {slice} ({})", ago(now, heard)),
                    None if view.parts => format!("slice {slice}, {:.0} %", (f64::from(view.fraction) * 100.0).floor()),
                    None => match view.since.map(|since| now - since) {
                        Some(since) => format!("slice {slice} for {since}"),
                        None => format!("slice {slice}"),
                    },
                };
                (words, theme.plain())
            }
            Doing::Seen => ("runs".to_owned(), theme.plain()),
            Doing::Free => ("waits".to_owned(), theme.dim()),
            Doing::Unheard => ("silent so far".to_owned(), theme.dim()),
        }
    }

    /// A node with ranks from one place among them to before another: each a cell, the higher the more slices it did.
    fn strip(&self, painter: &mut Painter<'_>, place: Rect, host: usize, from: usize, to: usize) {
        let (look, theme, width) = (self.look, self.theme, usize::from(place.width));
        let ranks = look.on(host);
        let name = &look.hosts()[host].name;
        let mut start =
            vec![Span::styled(format!("{}{} ", self.pointer(host), pad(name, self.plan.names)), theme.strong())];
        let indent = width.saturating_sub(strip_room(width, self.plan.names) + 1);
        let slices: u32 = ranks.iter().map(|r| look.rank(*r).slices).sum();
        if width >= 60 {
            let sensors = node::sensors(look, host, Words::Few);
            let used = span_columns(&sensors);
            start.extend(sensors);
            start.push(Span::raw(" ".repeat(SENSORS.saturating_sub(used))));
        }
        start.push(Span::raw(format!("{slices:>6} ")));
        // The node's name and figures stand before its first line only.
        if from == 0 {
            painter.line(place, 0, Line::from(start));
        }
        if ranks.is_empty() {
            painter.line(shift(place, indent), 0, Line::styled("no rank", theme.dim()));
            return;
        }
        for (nth, rank) in ranks[from..to].iter().enumerate() {
            let (symbol, style) = self.cell(*rank);
            painter.put(place.x + (indent + nth) as u16, place.y, symbol, style);
        }
        if from > 0 {
            return;
        }
        let after = indent + (to - from) + 1;
        let heat = self.heat && to == ranks.len() && width > after + WORDS + HEAT;
        let words = shift(place, after);
        let words = Rect { width: words.width.saturating_sub(if heat { HEAT as u16 + 2 } else { 0 }), ..words };
        let mut line = match node::trouble(look, ranks) {
            Some(trouble) => Line::styled(format!(" {trouble}"), theme.warn()),
            None => Line::styled(format!(" {}", self.pace(slices)), theme.dim()),
        };
        if let Some(swept) = node::swept(look, host) {
            add(&mut line, words.width.into(), swept);
        }
        painter.line(words, 0, line);
        if heat {
            let row = temperatures::row(look, host, HEAT);
            painter.line(shift(place, width - HEAT - 1), 0, Line::styled(row, theme.dim()));
        }
    }

    /// Nodes side by side: the first one's name, then a block of cells each, or a cell each.
    fn blocks(&self, painter: &mut Painter<'_>, place: Rect, hosts: std::ops::Range<usize>, single: bool) {
        let look = self.look;
        let first = look.hosts().get(hosts.start).map_or("", |h| h.name.as_str());
        painter.line(place, 0, Line::styled(format!(" {}", pad(first, self.plan.names)), self.theme.strong()));
        let mut x = place.x + self.plan.names as u16 + 2;
        for host in hosts {
            let begin = x;
            if single {
                let (symbol, style) = self.summary(host);
                painter.put(x, place.y, symbol, style);
                x += 1;
            } else {
                for rank in look.on(host) {
                    let (symbol, style) = self.cell(*rank);
                    painter.put(x, place.y, symbol, style);
                    x += 1;
                }
                x = begin + look.most_on_one() as u16 + 1;
            }
            if look.selected() == Some(host) {
                painter.restyle(Rect { x: begin, width: x - begin, ..place }, Theme::cursor());
            }
        }
    }

    /// Slices over the time since the program began.
    fn pace(&self, slices: u32) -> String {
        let begun = self.look.run.begun;
        begun.map_or_else(String::new, |begun| rate(slices, (self.look.until() - begun).seconds()))
    }

    fn cell(&self, rank: Rank) -> (&'static str, Style) {
        let theme = self.theme;
        let view = self.look.rank(rank);
        match self.look.doing(rank) {
            Doing::Unfinished | Doing::Exit(_) => ("✗", theme.bad()),
            Doing::Slow(..) => ("!", theme.warn()),
            Doing::Idle(_) => ("–", theme.warn()),
            Doing::Unheard => ("·", theme.dim()),
            Doing::Done => (level(self.height(view)), theme.ok()),
            Doing::Busy(_) | Doing::Free | Doing::Seen => (level(self.height(view)), theme.busy()),
        }
    }

    /// All ranks of a node in one cell: the worst of them, else how far they are.
    fn summary(&self, host: usize) -> (&'static str, Style) {
        let ranks = self.look.on(host);
        let any = |wanted: fn(&Doing) -> bool| ranks.iter().any(|r| wanted(&self.look.doing(*r)));
        let all = |wanted: fn(&Doing) -> bool| ranks.iter().all(|r| wanted(&self.look.doing(*r)));
        if any(|d| matches!(d, Doing::Unfinished | Doing::Exit(_))) {
            return ("✗", self.theme.bad());
        }
        if any(|d| matches!(d, Doing::Slow(..))) {
            return ("!", self.theme.warn());
        }
        if all(|d| matches!(d, Doing::Unheard)) {
            return ("·", self.theme.dim());
        }
        if any(|d| matches!(d, Doing::Idle(_))) {
            return ("–", self.theme.warn());
        }
        let heights: f64 = ranks.iter().map(|r| self.height(self.look.rank(*r))).sum();
        let style = if all(|d| matches!(d, Doing::Done)) { self.theme.ok() } else { self.theme.busy() };
        (level(heights / ranks.len().max(1) as f64), style)
    }

    /// How high a rank's bar or cell is, 0 to 1: its slices, or the share of a core where it does not report slices.
    fn height(&self, view: &RankView) -> f64 {
        match view.usage.filter(|_| !self.look.by_slices()) {
            Some((cpu, _)) => f64::from(cpu),
            None => f64::from(view.slices) / f64::from(self.full),
        }
    }
}

fn level(height: f64) -> &'static str {
    LEVELS[((height * 8.0).ceil() as usize).clamp(1, 8) - 1]
}

/// The part of `place` from this column on.
fn shift(place: Rect, by: usize) -> Rect {
    let by = rows(by).min(place.width);
    Rect { x: place.x + by, width: place.width - by, ..place }
}
