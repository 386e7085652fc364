//! Every rank, grouped by node: a bar each where they fit, else a cell each.

use pictl_model::run::RunHost;
use pictl_model::world::{RankView, RunView};
use pictl_model::{Millis, Rank};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::temperatures;
use crate::app::App;
use crate::paint::bar;
use crate::theme::{LEVELS, Theme};
use crate::words::{self, STALE, ago, columns, count, fit_line, pad, rate};

/// A rank that says nothing for this long is told with the time of its last word.
const SILENT: Millis = Millis(10_000);

/// Ranks drawn at most; what a program says of its size is not to be believed blindly.
const MOST: u32 = 100_000;

/// Cells of a node's temperatures over time.
const CELLS: usize = 14;

/// A rank needs this many columns to be told in words.
const WIDTH: usize = 38;

/// Lines about the ranks, and what they show.
pub(crate) struct RankLines {
    pub(crate) lines: Vec<Line<'static>>,
    pub(crate) title: &'static str,
}

/// The ranks of each node of the plan: where they told they are, else where they will probably be.
fn placement(run: &RunView) -> Vec<Vec<Rank>> {
    let hosts = &run.plan.hosts;
    let mut out = vec![Vec::new(); hosts.len()];
    if hosts.is_empty() {
        return out;
    }
    let heard = run.ranks.keys().next_back().map_or(0, |r| r.0 + 1);
    let all = run.size.unwrap_or(run.plan.ranks).max(heard).min(MOST);
    // pictl has them dealt out one to each node in turn, as long as slots last; then it begins again.
    let rounds = hosts.iter().map(|h| h.slots.max(1)).max().unwrap_or(1).min(1_024);
    let by_node: Vec<usize> =
        (0..rounds).flat_map(|round| (0..hosts.len()).filter(move |&i| hosts[i].slots.max(1) > round)).collect();
    for n in 0..all {
        let told = run.ranks.get(&Rank(n)).and_then(|r| r.host.as_ref());
        let place = told.and_then(|name| hosts.iter().position(|h| h.name == *name));
        out[place.unwrap_or(by_node[n as usize % by_node.len()])].push(Rank(n));
    }
    out
}

/// What all lines about the ranks of one run are drawn with.
struct Sheet<'a> {
    app: &'a App,
    theme: Theme,
    run: &'a RunView,
    width: usize,
    /// The temperatures over time belong here, since there is no room for them elsewhere.
    rows: bool,
    /// Width of the longest node's name.
    names: usize,
    /// Slices of a full bar: those of the rank with the most, at the beginning those of a fair share.
    full: u32,
}

/// The ranks in at most `height` lines of `width` columns where that can be done; otherwise folded, to be scrolled.
/// `rows`: the temperatures over time stand beside each node.
pub(crate) fn lines(app: &App, theme: Theme, run: &RunView, (width, height): (usize, usize), rows: bool) -> RankLines {
    let placed = placement(run);
    let ranks: usize = placed.iter().map(Vec::len).sum();
    // One below the other where they fit, else side by side, else a cell each.
    let beside = (1..=(width / WIDTH).max(1))
        .find(|beside| placed.iter().map(|on_node| 1 + on_node.len().div_ceil(*beside)).sum::<usize>() <= height);
    let fair = run.slices.map_or(0, |all| all.div_ceil(ranks.max(1) as u32));
    let most = run.ranks.values().map(|r| r.slices).max().unwrap_or(0);
    let names = run.plan.hosts.iter().map(|h| columns(&h.name)).max().unwrap_or(0).min(16);
    let sheet = Sheet { app, theme, run, width, rows, names, full: most.max(fair).max(1) };
    let silent = RankView::default();
    let mut lines = Vec::new();
    for (host, ranks) in run.plan.hosts.iter().zip(&placed) {
        let views: Vec<&RankView> = ranks.iter().map(|r| run.ranks.get(r).unwrap_or(&silent)).collect();
        let Some(beside) = beside else {
            sheet.strip(host, &views, &mut lines);
            continue;
        };
        lines.push(sheet.node(host, &views));
        let told: Vec<(Rank, &RankView)> = ranks.iter().copied().zip(views).collect();
        lines.extend(told.chunks(beside).map(|row| sheet.row(row, width / beside)));
    }
    let title = match (beside, width) {
        (None, 72..) => "Ranks, a cell each: the higher, the more slices; · is silent",
        (None, 45..) => "Ranks, a cell each: higher is more",
        (Some(1), 60..) => "Ranks: slices done, rate, slice in hand",
        (Some(_), 45..) => "Ranks: slices done, slice in hand",
        _ => "Ranks",
    };
    RankLines { lines, title }
}

impl Sheet<'_> {
    /// A node: temperature, clock, what slows it down, what its ranks did together.
    fn node(&self, host: &RunHost, ranks: &[&RankView]) -> Line<'static> {
        let head = if host.node == self.run.plan.head { "*" } else { " " };
        let name = format!(" {}{head} ", pad(&host.name, self.names));
        let mut spans = vec![Span::styled(name, self.theme.strong())];
        let slices: u32 = ranks.iter().map(|r| r.slices).sum();
        spans.push(Span::styled(format!("{:>11}  ", count(slices as usize, "slice")), self.theme.dim()));
        spans.extend(self.sensors(host, true));
        spans.extend(self.swept(host));
        self.heat(host, &mut spans);
        Line::from(spans)
    }

    /// Where the lines of the temperatures have no room, a row of cells at the right edge stands for them.
    fn heat(&self, host: &RunHost, spans: &mut Vec<Span<'static>>) {
        let used: usize = spans.iter().map(|s| columns(&s.content)).sum();
        let blank = self.width.saturating_sub(used + CELLS + 1);
        if let Some(node) = self.app.world.nodes.get(&host.node).filter(|_| self.rows && blank > 0) {
            spans.push(Span::raw(" ".repeat(blank)));
            spans.push(Span::styled(temperatures::row(self.app, self.run, node, CELLS), self.theme.dim()));
        }
    }

    /// Temperature, clock and throttling of a node; an old reading says how old it is.
    fn sensors(&self, host: &RunHost, clock: bool) -> Vec<Span<'static>> {
        let theme = self.theme;
        let Some(node) = self.app.world.nodes.get(&host.node) else { return Vec::new() };
        let Some(reading) = node.newest() else { return vec![Span::styled("no reading", theme.dim())] };
        let temp = reading.sample.temp.map_or("   -   ".to_owned(), |t| format!("{t:>7}"));
        if self.app.now - reading.at > STALE {
            return vec![Span::styled(format!("{temp} {}", ago(self.app.now, reading.at)), theme.dim())];
        }
        let throttle = words::throttle(&reading.sample);
        let style = if throttle.is_empty() { theme.plain() } else { theme.warn() };
        let mut spans = vec![Span::styled(temp, style)];
        if let Some(hertz) = reading.sample.clock.filter(|_| clock) {
            spans.push(Span::styled(format!("  {:>4} MHz", hertz.mhz()), style));
        }
        if !throttle.is_empty() {
            let words = if clock { throttle } else { "slow".to_owned() };
            spans.push(Span::styled(format!("  ! {words}"), style));
        }
        spans
    }

    /// What was left on the node when the run had ended.
    fn swept(&self, host: &RunHost) -> Option<Span<'static>> {
        let theme = self.theme;
        Some(match self.run.swept.get(&host.node)? {
            Some(0) => Span::styled("  ✓ no process left", theme.ok()),
            Some(1) => Span::styled("  ✗ 1 process left", theme.bad()),
            Some(left) => Span::styled(format!("  ✗ {left} processes left"), theme.bad()),
            None => Span::styled("  ✗ could not be asked", theme.bad()),
        })
    }

    /// Ranks side by side, each in `width` columns.
    fn row(&self, ranks: &[(Rank, &RankView)], width: usize) -> Line<'static> {
        let parts = ranks.iter().map(|(rank, view)| {
            let mut part = fit_line(self.rank(*rank, view, width), width);
            let used: usize = part.spans.iter().map(|s| columns(&s.content)).sum();
            part.spans.push(Span::raw(" ".repeat(width - used)));
            part.spans
        });
        Line::from(parts.flatten().collect::<Vec<_>>())
    }

    /// One rank: a bar, its slices, its rate, and what it has in hand.
    fn rank(&self, rank: Rank, view: &RankView, width: usize) -> Line<'static> {
        let digits = self.run.plan.ranks.max(1).ilog10() as usize + 1;
        let (now, style) = self.doing(view);
        let figures = if width >= digits + 50 {
            format!(" {:>5}  {:>10}  ", view.slices, rate(view.slices, view.seconds))
        } else {
            format!(" {:>4} ", view.slices)
        };
        let bar_width = width.saturating_sub(digits + columns(&figures) + 22).clamp(6, 60);
        let share = f64::from(view.slices) / f64::from(self.full);
        let [full, rest] = bar(share, bar_width, self.theme.busy(), self.theme.dim());
        Line::from(vec![
            Span::styled(format!("   {:>digits$} ", rank.0), self.theme.dim()),
            full,
            rest,
            Span::raw(figures),
            Span::styled(now, style),
        ])
    }

    /// What a rank does now, in words.
    fn doing(&self, view: &RankView) -> (String, Style) {
        let (theme, now) = (self.theme, self.app.now);
        match (view.done, view.current, view.heard) {
            (true, ..) => ("✓ done".to_owned(), theme.ok()),
            _ if self.run.is_over() => ("✗ did not finish".to_owned(), theme.bad()),
            (_, Some(slice), heard) => {
                let silent = heard.filter(|at| now - *at > SILENT).map(|at| format!(", heard {}", ago(now, at)));
                let percent = (f64::from(view.fraction) * 100.0).floor();
                (format!("slice {slice}, {percent:.0} %{}", silent.unwrap_or_default()), theme.plain())
            }
            (_, None, Some(_)) => ("waits".to_owned(), theme.dim()),
            (_, None, None) => ("silent so far".to_owned(), theme.dim()),
        }
    }

    /// A node in one line, or a few: each rank a cell, the higher the more slices it did.
    fn strip(&self, host: &RunHost, ranks: &[&RankView], lines: &mut Vec<Line<'static>>) {
        let mut start = vec![Span::styled(format!(" {} ", pad(&host.name, self.names)), self.theme.strong())];
        if self.width >= 60 {
            let sensors = self.sensors(host, false);
            let used: usize = sensors.iter().map(|s| columns(&s.content)).sum();
            start.extend(sensors);
            start.push(Span::raw(" ".repeat(16_usize.saturating_sub(used))));
        }
        let slices: u32 = ranks.iter().map(|r| r.slices).sum();
        start.push(Span::raw(format!("{slices:>6} ")));
        let indent: usize = start.iter().map(|s| columns(&s.content)).sum();
        let room = self.width.saturating_sub(indent + 1).max(1);
        if ranks.is_empty() {
            start.push(Span::styled("no rank", self.theme.dim()));
            lines.push(Line::from(start));
            return;
        }
        for part in ranks.chunks(room) {
            // The node's name and figures stand before its first line only.
            let mut spans = std::mem::replace(&mut start, vec![Span::raw(" ".repeat(indent))]);
            spans.extend(part.iter().map(|view| self.cell(view)));
            if part.len() + 32 < room {
                spans.push(Span::styled(format!("  {:<10}", self.pace(slices)), self.theme.dim()));
            }
            if part.len() + 20 < room {
                spans.extend(self.swept(host));
            }
            self.heat(host, &mut spans);
            lines.push(Line::from(spans));
        }
    }

    /// Slices over the time since the program began.
    fn pace(&self, slices: u32) -> String {
        let until = self.run.summary.as_ref().map_or(self.app.now, |s| s.started.plus(s.elapsed));
        self.run.begun.map_or_else(String::new, |begun| rate(slices, (until - begun).seconds()))
    }

    fn cell(&self, view: &RankView) -> Span<'static> {
        let theme = self.theme;
        if !view.done && self.run.is_over() {
            return Span::styled("✗", theme.bad());
        }
        if view.heard.is_none() {
            return Span::styled("·", theme.dim());
        }
        let level = (f64::from(view.slices) / f64::from(self.full) * 8.0).ceil() as usize;
        Span::styled(LEVELS[level.clamp(1, 8) - 1], if view.done { theme.ok() } else { theme.busy() })
    }
}
