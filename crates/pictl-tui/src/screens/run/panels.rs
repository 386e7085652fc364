//! A panel for each node: what it is doing, how hot it is, what slows it down.

use pictl_model::Throttled;
use pictl_model::node::Link;
use pictl_model::world::RunView;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::look::Look;
use super::node;
use crate::paint::{Painter, rows, split_top, window_start};
use crate::words::{self, STALE, ago, columns, count, fit, listing, more, rate};

/// A panel is at least this wide.
const WIDTH: usize = 30;
/// Lines that a panel has at least and at most, its name included.
const LINES: (usize, usize) = (3, 10);

/// Panels side by side, lines of a panel, and rows of panels.
fn grid(look: &Look<'_>, area: Rect) -> (usize, usize, usize) {
    let across = (usize::from(area.width) / WIDTH).max(1);
    let down = look.hosts().len().div_ceil(across).max(1);
    let room = usize::from(area.height).saturating_sub(1);
    (across, (room / down).clamp(LINES.0, LINES.1), down)
}

/// Nodes beside each other, and how many of them are seen at once.
pub(crate) fn extent(look: &Look<'_>, area: Rect) -> (usize, usize) {
    let (across, lines, _) = grid(look, area);
    (across, usize::from(area.height).saturating_sub(1) / lines * across)
}

pub(crate) fn draw(look: &Look<'_>, painter: &mut Painter<'_>, area: Rect) {
    if area.height < 3 {
        return;
    }
    let (head, rest) = split_top(area, 1);
    let (across, lines, down) = grid(look, area);
    let seen = (usize::from(rest.height) / lines).max(1);
    let start = window_start(look.selected().unwrap_or(0) / across, down, seen);
    let below = look.hosts().len().saturating_sub((start + seen) * across);
    painter.rule(head, 0, format!("{}  {}", title(look), more(start * across, below)).trim_end());
    let width = rest.width / across as u16;
    for host in (start * across..look.hosts().len()).take(seen * across) {
        let (row, column) = (host / across - start, host % across);
        let place = Rect {
            x: rest.x + column as u16 * width,
            y: rest.y + rows(row * lines),
            width: width.saturating_sub(2),
            height: rows(lines),
        };
        painter.lines(place.intersection(rest), panel(look, host, place.width.into(), lines), 0);
    }
}

/// How many nodes there are, which is the hottest, and how many are slowed down.
fn title(look: &Look<'_>) -> String {
    let hosts = 0..look.hosts().len();
    let temp = |host| node::newest(look, host).and_then(|r| r.sample.temp).map(|t| (t.0, host));
    let hottest = hosts.clone().filter_map(temp).max_by(|a, b| a.0.total_cmp(&b.0));
    let hottest = hottest.map(|(t, host)| format!(", {} is the hottest ({t:.1} °C)", look.hosts()[host].name));
    let slowed = |host: &usize| node::newest(look, *host).and_then(|r| r.sample.throttled).is_some_and(Throttled::now);
    let slowed = match hosts.filter(slowed).count() {
        0 => String::new(),
        n => format!(", {n} slowed down"),
    };
    format!("Nodes: {}{}{slowed}", look.hosts().len(), hottest.unwrap_or_default())
}

/// The panel's lines, the most important first.
fn panel(look: &Look<'_>, host: usize, width: usize, lines: usize) -> Vec<Line<'static>> {
    let theme = look.theme;
    let run_host = &look.hosts()[host];
    let ranks = look.on(host);
    let pointer = if look.selected() == Some(host) { "▸" } else { " " };
    let head = if run_host.node == look.run.plan.head { "*" } else { "" };
    let name = format!("{}{head} ", fit(&run_host.name, width.saturating_sub(4)));
    let blank = width.saturating_sub(columns(&name) + 1);
    let mut out = vec![Line::from(vec![
        Span::styled(format!("{pointer}{name}"), theme.strong()),
        Span::styled("─".repeat(blank), theme.border()),
    ])];
    out.push(temperature(look, host));
    out.push(state(look, host));
    let slices: u32 = ranks.iter().map(|r| look.rank(*r).slices).sum();
    let pace = look.run.begun.map(|begun| rate(slices, (look.until() - begun).seconds()));
    out.push(Line::raw(format!("  {}  {}", count(slices as usize, "slice"), pace.unwrap_or_default())));
    let reading = node::newest(look, host);
    let clock = reading.and_then(|r| r.sample.clock).map(|c| format!("{} MHz", c.mhz()));
    let busy = reading.and_then(|r| r.sample.busy).map(|b| format!("CPU {:.0} %", b * 100.0));
    let figures: Vec<String> = clock.into_iter().chain(busy).collect();
    out.push(Line::raw(format!("  {}", figures.join("  "))));
    let names: Vec<String> = ranks.iter().map(ToString::to_string).collect();
    let noun = if ranks.len() == 1 { "rank" } else { "ranks" };
    out.push(Line::styled(format!("  {noun} {}", listing(&names, 4)), theme.dim()));
    let flows = reading.map(|r| words::flows(&r.sample)).unwrap_or_default();
    out.extend(flows.into_iter().map(|flow| Line::styled(fit(&format!("  {flow}"), width), theme.dim())));
    // With room to spare, a blank line keeps panels apart.
    out.truncate(lines);
    out
}

fn temperature(look: &Look<'_>, host: usize) -> Line<'static> {
    let theme = look.theme;
    let Some(reading) = node::newest(look, host) else {
        return Line::styled("  no reading", theme.dim());
    };
    let temp = reading.sample.temp.map_or("-".to_owned(), |t| t.to_string());
    let highest = highest(look.run, host).map(|max| format!("  max {max:.1}")).unwrap_or_default();
    let old = look.now - reading.at > STALE;
    let age = if old { format!("  {}", ago(look.now, reading.at)) } else { String::new() };
    Line::styled(format!("  {temp}{highest}{age}"), if old { theme.dim() } else { theme.plain() })
}

/// The highest temperature of a node in the run.
fn highest(run: &RunView, host: usize) -> Option<f32> {
    let bins = run.history.sensors(&run.plan.hosts.get(host)?.node);
    bins.iter().filter_map(|bin| bin.temp).map(|t| t.0).reduce(f32::max)
}

/// The worst that is to be said of a node, or that all is well.
fn state(look: &Look<'_>, host: usize) -> Line<'static> {
    let theme = look.theme;
    if let Some(Link::Lost { why, failure } | Link::Failed { why, failure, .. }) = look.node(host).map(|n| &n.link) {
        return Line::styled(format!("  ✗ {}", words::brief(*failure, why)), theme.bad());
    }
    if let Some(swept) = node::swept(look, host) {
        return Line::from(swept);
    }
    let throttle = node::newest(look, host).map(|r| words::throttle(&r.sample)).filter(|w| !w.is_empty());
    let trouble = node::trouble(look, look.on(host));
    match (throttle, trouble) {
        (Some(throttle), Some(trouble)) => Line::styled(format!("  ! {throttle}; {trouble}"), theme.warn()),
        (Some(words), None) | (None, Some(words)) => Line::styled(format!("  ! {words}"), theme.warn()),
        (None, None) => Line::styled("  nothing slows it down", theme.dim()),
    }
}
