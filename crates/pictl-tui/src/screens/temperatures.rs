//! Temperatures over time. Where readings are missing the line is broken: a gap is a gap.

use pictl_model::world::{NodeView, Reading, RunView};
use pictl_model::{Millis, NodeId, Timestamp};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Line as Stroke, Points};

use crate::app::App;
use crate::paint::Painter;
use crate::theme::LEVELS;
use crate::words::{columns, count, pad};

/// Readings further apart than this are not joined.
const GAP: Millis = Millis(3_000);
/// Most lines that can be told apart.
const LINES: usize = 6;
/// Widest name beside the lines, and what its figure takes: ` 86.0 !` and a blank.
const NAME: usize = 10;
const FIGURE: usize = 8;
/// Columns for the figures at the left.
const AXIS: u16 = 6;
/// From here on a Raspberry Pi slows itself down (firmware default `temp_limit` less the soft limit's margin).
const SLOWS: f64 = 80.0;

/// Points joined by a line: seconds before the end, degrees.
type Segment = Vec<(f64, f64)>;

struct Series<'a> {
    name: String,
    node: &'a NodeView,
    newest: f64,
}

/// The end of the time that is shown, and how many seconds that time is long.
fn span(app: &App, run: &RunView, newest: Option<Timestamp>) -> (Timestamp, f64) {
    let end = newest.filter(|_| run.is_over()).unwrap_or(app.now);
    (end, (end - run.launched.unwrap_or(run.planned)).seconds().clamp(15.0, 600.0))
}

/// A node's temperatures in a row of cells, the higher the hotter, for screens without room for lines; a blank is a gap.
pub(crate) fn row(app: &App, run: &RunView, node: &NodeView, cells: usize) -> String {
    const COLD: f64 = 30.0;
    let (end, seconds) = span(app, run, node.newest().map(|r| r.at));
    let mut hottest: Vec<Option<f64>> = vec![None; cells];
    for reading in node.readings.iter().filter(|r| r.at <= end) {
        let place = (1.0 - (end - reading.at).seconds() / seconds) * cells as f64;
        if let (Some(temp), true) = (reading.sample.temp, place >= 0.0) {
            let cell = &mut hottest[(place as usize).min(cells.saturating_sub(1))];
            *cell = Some(cell.unwrap_or(f64::MIN).max(temp.0.into()));
        }
    }
    let symbol = |temp: f64| LEVELS[(((temp - COLD) / (SLOWS - COLD) * 8.0) as usize).min(7)];
    hottest.into_iter().map(|temp| temp.map_or(" ", symbol)).collect()
}

/// The nodes to draw: all, or the hottest.
fn series<'a>(app: &'a App, run: &RunView) -> (Vec<Series<'a>>, usize) {
    let find = |id: &NodeId| app.world.nodes.get(id);
    let mut all: Vec<Series<'a>> = run
        .plan
        .hosts
        .iter()
        .filter_map(|host| {
            let node = find(&host.node)?;
            let newest = node.readings.iter().rev().find_map(|r| r.sample.temp)?;
            Some(Series { name: host.name.clone(), node, newest: f64::from(newest.0) })
        })
        .collect();
    let known = all.len();
    if known > LINES {
        all.sort_by(|a, b| b.newest.total_cmp(&a.newest));
        all.truncate(LINES);
        all.sort_by(|a, b| a.name.cmp(&b.name));
    }
    (all, known)
}

pub(crate) fn draw(app: &App, painter: &mut Painter<'_>, area: Rect, run: &RunView) {
    if area.height < 5 || area.width < 34 {
        return;
    }
    let (series, known) = series(app, run);
    let title = if known > LINES {
        format!("Temperatures, the {LINES} hottest of {}", count(known, "node"))
    } else {
        "Temperatures".to_owned()
    };
    painter.rule(area, 0, &title);
    let theme = painter.theme;
    if series.is_empty() {
        painter.line(area, 1, Line::styled(" no temperature was read yet", theme.dim()));
        return;
    }
    let (end, seconds) = span(app, run, series.iter().filter_map(|s| s.node.newest().map(|r| r.at)).max());
    let (low, high) = bounds(&series, end, seconds);
    let names = series.iter().map(|s| columns(&s.name)).max().unwrap_or(0).min(NAME);
    let beside = AXIS + (names + FIGURE) as u16;
    let plot = Rect { x: area.x + AXIS, y: area.y + 1, width: area.width - beside, height: area.height - 2 };
    axes(painter, area, plot, low, high, seconds);
    let marker = if app.options.ascii { Marker::Dot } else { Marker::Braille };
    let strokes: Vec<(Style, Vec<Segment>)> =
        series.iter().enumerate().map(|(i, s)| (theme.series(i), segments(s.node, end))).collect();
    Canvas::default()
        .marker(marker)
        .x_bounds([-seconds, 0.0])
        .y_bounds([low, high])
        .paint(|canvas| {
            let color = |style: &Style| style.fg.unwrap_or(ratatui::style::Color::Reset);
            for (style, segments) in &strokes {
                for segment in segments {
                    canvas.draw(&Points { coords: segment, color: color(style) });
                    for pair in segment.windows(2) {
                        canvas.draw(&Stroke::new(pair[0].0, pair[0].1, pair[1].0, pair[1].1, color(style)));
                    }
                }
            }
        })
        .render(plot.intersection(painter.buffer.area), painter.buffer);
    labels(painter, plot, &series, names, (low, high));
}

/// Lowest and highest value drawn, in steps of ten.
fn bounds(series: &[Series<'_>], end: Timestamp, seconds: f64) -> (f64, f64) {
    let seen = series.iter().flat_map(|s| s.node.readings.iter()).filter(|r| (end - r.at).seconds() <= seconds);
    let temps = seen.filter_map(|r| r.sample.temp).map(|t| f64::from(t.0));
    let (low, high) = temps.fold((50.0_f64, 60.0_f64), |(low, high), t| (low.min(t), high.max(t)));
    ((low / 10.0).floor() * 10.0, (high / 10.0).ceil() * 10.0)
}

/// A node's readings as lines, each without a gap.
fn segments(node: &NodeView, end: Timestamp) -> Vec<Segment> {
    let mut out: Vec<Segment> = Vec::new();
    let mut last: Option<&Reading> = None;
    for reading in node.readings.iter().filter(|r| r.at <= end) {
        let Some(temp) = reading.sample.temp else {
            last = None;
            continue;
        };
        let joined = last.is_some_and(|last| reading.at - last.at <= GAP);
        let point = (-(end - reading.at).seconds(), f64::from(temp.0));
        match out.last_mut().filter(|_| joined) {
            Some(segment) => segment.push(point),
            None => out.push(vec![point]),
        }
        last = Some(reading);
    }
    out
}

fn axes(painter: &mut Painter<'_>, area: Rect, plot: Rect, low: f64, high: f64, seconds: f64) {
    let theme = painter.theme;
    let rows = f64::from(plot.height.max(2) - 1);
    let mut marks = vec![low, high];
    if low < SLOWS && SLOWS < high {
        marks.push(SLOWS);
    } else if plot.height >= 7 {
        marks.push(f64::midpoint(low, high));
    }
    for mark in marks {
        let row = ((high - mark) / (high - low) * rows).round() as u16;
        let place = Rect { x: area.x, y: plot.y, width: AXIS, height: plot.height };
        painter.line(place, row, Line::styled(format!("{mark:>3.0}°C"), theme.dim()));
    }
    let place = Rect { x: plot.x, y: plot.y + plot.height, width: plot.width, height: 1 };
    let start = if seconds >= 120.0 { format!("{:.0} min ago", seconds / 60.0) } else { format!("{seconds:.0} s ago") };
    let blank = usize::from(plot.width).saturating_sub(start.len() + 3);
    painter.line(place, 0, Line::styled(format!("{start}{}now", " ".repeat(blank)), theme.dim()));
}

/// Each line's name and newest value at its right end, moved apart where they would meet.
fn labels(painter: &mut Painter<'_>, plot: Rect, series: &[Series<'_>], names: usize, (low, high): (f64, f64)) {
    let rows = f64::from(plot.height.max(2) - 1);
    let mut order: Vec<usize> = (0..series.len()).collect();
    order.sort_by(|a, b| series[*b].newest.total_cmp(&series[*a].newest));
    let wanted = |i: usize| ((high - series[i].newest) / (high - low) * rows).round().clamp(0.0, rows) as usize;
    let count = order.len();
    let height = usize::from(plot.height);
    let mut free = 0;
    for (nth, &i) in order.iter().enumerate() {
        // Those still to come need room below.
        let lowest = height.saturating_sub(count - nth);
        let row = wanted(i).max(free).min(lowest.max(free));
        free = row + 1;
        if row >= height {
            break;
        }
        let hot = series[i].newest >= SLOWS;
        let theme = painter.theme;
        let text = format!(" {}{:>5.1}{}", pad(&series[i].name, names), series[i].newest, if hot { " !" } else { "" });
        let place = Rect { x: plot.x + plot.width, y: plot.y, width: (names + FIGURE) as u16, height: plot.height };
        painter.line(place, row as u16, Line::from(vec![Span::styled(text, theme.series(i))]));
    }
}
