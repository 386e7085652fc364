//! Every rank, grouped by node: a bar each where they fit, else a cell each.

use pictl_model::Rank;
use pictl_model::run::RunHost;
use pictl_model::world::{RankView, RunView};
use ratatui::text::{Line, Span};

use crate::app::App;
use crate::paint::bar;
use crate::theme::{LEVELS, Theme};
use crate::words::{self, STALE, ago, columns, count, pad, rate};

/// Lines about the ranks, and whether each rank has a line of its own.
pub(crate) struct RankLines {
    pub(crate) lines: Vec<Line<'static>>,
    pub(crate) folded: bool,
}

/// The ranks of each node of the plan: where they told they are, else where the machinefile puts them.
fn placement(run: &RunView) -> Vec<Vec<Rank>> {
    let hosts = &run.plan.hosts;
    let mut out = vec![Vec::new(); hosts.len()];
    if hosts.is_empty() {
        return out;
    }
    let heard = run.ranks.keys().next_back().map_or(0, |r| r.0 + 1);
    let all = run.size.unwrap_or(run.plan.ranks).max(heard);
    // By slot: each node's slots are filled before the next node's; more ranks than slots begin again at the first.
    let by_slot: Vec<usize> =
        hosts.iter().enumerate().flat_map(|(i, h)| std::iter::repeat_n(i, usize::from(h.slots.max(1)))).collect();
    for n in 0..all {
        let told = run.ranks.get(&Rank(n)).and_then(|r| r.host.as_ref());
        let place = told.and_then(|name| hosts.iter().position(|h| h.name == *name));
        out[place.unwrap_or(by_slot[n as usize % by_slot.len()])].push(Rank(n));
    }
    out
}

/// The ranks in at most `height` lines of `width` columns where that can be done; otherwise folded, to be scrolled.
pub(crate) fn lines(app: &App, theme: Theme, run: &RunView, width: usize, height: usize) -> RankLines {
    let placed = placement(run);
    let ranks: usize = placed.iter().map(Vec::len).sum();
    let folded = ranks + placed.len() > height;
    // The bar of the rank with the most slices is full; at the beginning, that of a fair share.
    let fair = run.slices.map_or(0, |all| all.div_ceil(ranks.max(1) as u32));
    let most = run.ranks.values().map(|r| r.slices).max().unwrap_or(0).max(fair).max(1);
    let names = run.plan.hosts.iter().map(|h| columns(&h.name)).max().unwrap_or(0).min(16);
    let mut lines = Vec::new();
    for (host, ranks) in run.plan.hosts.iter().zip(&placed) {
        let views: Vec<(Rank, RankView)> =
            ranks.iter().map(|r| (*r, run.ranks.get(r).cloned().unwrap_or_default())).collect();
        if folded {
            strip(app, theme, run, host, &views, &mut lines, most, (names, width));
        } else {
            lines.push(node_line(app, theme, run, host, &views, names));
            lines.extend(views.iter().map(|(rank, view)| rank_line(app, theme, run, *rank, view, most, width)));
        }
    }
    RankLines { lines, folded }
}

/// A node: temperature, clock, what slows it down, what its ranks did together.
fn node_line(
    app: &App,
    theme: Theme,
    run: &RunView,
    host: &RunHost,
    ranks: &[(Rank, RankView)],
    names: usize,
) -> Line<'static> {
    let head = if host.node == run.plan.head { "*" } else { " " };
    let mut spans = vec![Span::styled(format!(" {}{head} ", pad(&host.name, names)), theme.strong())];
    spans.extend(sensors(app, theme, host, true));
    let slices: u32 = ranks.iter().map(|(_, r)| r.slices).sum();
    spans.push(Span::styled(format!("  {}", count(slices as usize, "slice")), theme.dim()));
    spans.extend(swept(theme, run, host));
    Line::from(spans)
}

/// Temperature, clock and throttling of a node; an old reading says how old it is.
fn sensors(app: &App, theme: Theme, host: &RunHost, clock: bool) -> Vec<Span<'static>> {
    let Some(node) = app.world.nodes.get(&host.node) else { return Vec::new() };
    let Some(reading) = node.newest() else { return vec![Span::styled("no reading", theme.dim())] };
    let stale = app.now - reading.at > STALE;
    let temp = reading.sample.temp.map_or("   -   ".to_owned(), |t| format!("{t:>7}"));
    if stale {
        return vec![Span::styled(format!("{temp} {}", ago(app.now, reading.at)), theme.dim())];
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
fn swept(theme: Theme, run: &RunView, host: &RunHost) -> Option<Span<'static>> {
    match run.swept.get(&host.node)? {
        Some(0) => Some(Span::styled("  ✓ no process left", theme.ok())),
        Some(left) => Some(Span::styled(
            format!("  ✗ {} left", count(*left as usize, "process").replace("processs", "processes")),
            theme.bad(),
        )),
        None => Some(Span::styled("  ✗ could not be asked", theme.bad())),
    }
}

/// One rank: a bar, its slices, its rate, and what it has in hand.
fn rank_line(
    app: &App,
    theme: Theme,
    run: &RunView,
    rank: Rank,
    view: &RankView,
    most: u32,
    width: usize,
) -> Line<'static> {
    let digits = run.plan.ranks.max(1).ilog10() as usize + 1;
    let (now, style) = doing(app, theme, run, view);
    let bar_width = width.saturating_sub(digits + 45).clamp(6, 60);
    let [full, rest] = bar(f64::from(view.slices) / f64::from(most), bar_width, theme.busy(), theme.dim());
    let figures = if width >= digits + 8 + 45 {
        format!(" {:>5}  {:>10}  ", view.slices, rate(view.slices, view.seconds))
    } else {
        format!(" {:>4} ", view.slices)
    };
    Line::from(vec![
        Span::styled(format!("   {:>digits$} ", rank.0), theme.dim()),
        full,
        rest,
        Span::raw(figures),
        Span::styled(now, style),
    ])
}

/// What a rank does now, in words.
fn doing(app: &App, theme: Theme, run: &RunView, view: &RankView) -> (String, ratatui::style::Style) {
    match (view.done, view.current, view.heard) {
        (true, ..) => ("✓ done".to_owned(), theme.ok()),
        _ if run.is_over() => ("✗ did not finish".to_owned(), theme.bad()),
        (_, Some(slice), heard) => {
            let silent =
                heard.filter(|at| (app.now - *at).0 > 10_000).map(|at| format!(", heard {}", ago(app.now, at)));
            let percent = (f64::from(view.fraction) * 100.0).floor();
            (format!("slice {slice}, {percent:.0} %{}", silent.unwrap_or_default()), theme.plain())
        }
        (_, None, Some(_)) => ("waits for a slice".to_owned(), theme.dim()),
        (_, None, None) => ("has not spoken yet".to_owned(), theme.dim()),
    }
}

/// A node in one line, or a few: each rank a cell, the higher the more slices it did.
#[expect(clippy::too_many_arguments, reason = "a piece of `lines`, split off for reading")]
fn strip(
    app: &App,
    theme: Theme,
    run: &RunView,
    host: &RunHost,
    ranks: &[(Rank, RankView)],
    lines: &mut Vec<Line<'static>>,
    most: u32,
    (names, width): (usize, usize),
) {
    let mut start = vec![Span::styled(format!(" {} ", pad(&host.name, names)), theme.strong())];
    let slices: u32 = ranks.iter().map(|(_, r)| r.slices).sum();
    if width >= 60 {
        let sensors = sensors(app, theme, host, false);
        let used: usize = sensors.iter().map(|s| columns(&s.content)).sum();
        start.extend(sensors);
        start.push(Span::raw(" ".repeat(16_usize.saturating_sub(used))));
    }
    start.push(Span::raw(format!("{slices:>6} ")));
    let indent: usize = start.iter().map(|s| columns(&s.content)).sum();
    let room = width.saturating_sub(indent + 1).max(1);
    for (nth, part) in ranks.chunks(room).enumerate() {
        let mut spans = if nth == 0 { std::mem::take(&mut start) } else { vec![Span::raw(" ".repeat(indent))] };
        for (_, view) in part {
            spans.push(cell(theme, run, view, most));
        }
        if part.len() + 20 < room {
            spans.extend(swept(theme, run, host));
        }
        lines.push(Line::from(spans));
    }
    if ranks.is_empty() {
        start.push(Span::styled("no rank", theme.dim()));
        lines.push(Line::from(start));
    }
}

fn cell(theme: Theme, run: &RunView, view: &RankView, most: u32) -> Span<'static> {
    if !view.done && run.is_over() {
        return Span::styled("✗", theme.bad());
    }
    if view.heard.is_none() {
        return Span::styled("·", theme.dim());
    }
    let level = (f64::from(view.slices) / f64::from(most) * 8.0).ceil() as usize;
    let style = if view.done { theme.ok() } else { theme.busy() };
    Span::styled(LEVELS[level.clamp(1, 8) - 1], style)
}
