//! Temperatures over the time of the run. Where readings are missing the line is broken: a gap is a gap.

use pictl_model::world::SensorBin;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Line as Stroke, Points};

use super::axis::Axis;
use super::look::Look;
use super::node;
use crate::paint::Painter;
use crate::theme::LEVELS;
use crate::words::{columns, count, pad};

/// Most lines with colours of their own.
const LINES: usize = 6;
/// Widest name beside the lines, and what its figure takes: ` 86.0 !` and a blank.
const NAME: usize = 10;
const FIGURE: usize = 8;
/// Columns for the figures at the left.
const AXIS: u16 = 6;
/// The lowest and the highest temperature that a cell shows.
const COLD: f64 = 30.0;
/// From here on a Raspberry Pi slows itself down (firmware default `temp_limit` less the soft limit's margin).
pub(super) const SLOWS: f64 = 80.0;

/// Points joined by a line: seconds after the launch, degrees.
type Segment = Vec<(f64, f64)>;

struct Series<'a> {
    name: &'a str,
    bins: &'a [SensorBin],
    newest: f64,
}

/// The cell of a temperature: the higher the hotter.
pub(super) fn level(temp: f64) -> &'static str {
    LEVELS[(((temp - COLD) / (SLOWS - COLD) * 8.0).max(0.0) as usize).min(7)]
}

/// A node's temperatures in a row of cells, for screens without room for lines; a blank is a gap.
pub(crate) fn row(look: &Look<'_>, host: usize, cells: usize) -> String {
    let Some(axis) = Axis::of(look, cells) else { return " ".repeat(cells) };
    let bins = look.run.history.sensors(&look.hosts()[host].node);
    let temp = |column| axis.reading(bins, column).and_then(|bin| bin.temp);
    (0..cells).map(|column| temp(column).map_or(" ", |t| level(t.0.into()))).collect()
}

/// The nodes to draw: all, or the hottest.
fn series<'a>(look: &Look<'a>) -> (Vec<Series<'a>>, usize) {
    let over = look.run.is_over();
    let shown = look.zoomed().map_or(0..look.hosts().len(), |only| only..only + 1);
    let one = |host: usize| {
        let bins = look.run.history.sensors(&look.hosts()[host].node);
        let last = bins.iter().rev().find_map(|bin| bin.temp);
        // After the end the nodes are read on, and cool down.
        let newest = node::newest(look, host).and_then(|r| r.sample.temp).filter(|_| !over).or(last)?;
        last.map(|_| Series { name: &look.hosts()[host].name, bins, newest: f64::from(newest.0) })
    };
    let mut all: Vec<Series<'a>> = shown.filter_map(one).collect();
    let known = all.len();
    if known > LINES {
        all.sort_by(|a, b| b.newest.total_cmp(&a.newest));
        all.truncate(LINES);
        all.sort_by(|a, b| a.name.cmp(b.name));
    }
    (all, known)
}

pub(crate) fn draw(look: &Look<'_>, painter: &mut Painter<'_>, area: Rect) {
    if area.height < 5 || area.width < 34 {
        return;
    }
    let (series, known) = series(look);
    let title = if known > LINES {
        format!("Temperatures, the {LINES} hottest of {}", count(known, "node"))
    } else {
        "Temperatures".to_owned()
    };
    painter.rule(area, 0, &title);
    let theme = painter.theme;
    let names = series.iter().map(|s| columns(s.name)).max().unwrap_or(0).min(NAME);
    let beside = AXIS + (names + FIGURE) as u16;
    let plot = Rect { x: area.x + AXIS, y: area.y + 1, width: area.width - beside, height: area.height - 2 };
    let Some(axis) = Axis::of(look, plot.width.into()).filter(|_| !series.is_empty()) else {
        painter.line(area, 1, Line::styled(" no temperature was read yet", theme.dim()));
        return;
    };
    let (low, high) = bounds(&series);
    degrees(painter, area, plot, low, high);
    let below = Rect { y: plot.y + plot.height, height: 1, ..plot };
    painter.line(below, 0, Line::styled(axis.words(look.run.is_over()), theme.dim()));
    let marker = if look.cx.options.ascii { Marker::Dot } else { Marker::Braille };
    let strokes: Vec<(Style, Vec<Segment>)> =
        series.iter().enumerate().map(|(i, s)| (theme.series(i), segments(&axis, s.bins))).collect();
    Canvas::default()
        .marker(marker)
        .x_bounds([0.0, axis.seconds])
        .y_bounds([low, high])
        .paint(|canvas| {
            let color = |style: &Style| style.fg.unwrap_or(Color::Reset);
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
fn bounds(series: &[Series<'_>]) -> (f64, f64) {
    let temps = series.iter().flat_map(|s| s.bins).filter_map(|bin| bin.temp).map(|t| f64::from(t.0));
    let (low, high) = temps.fold((50.0_f64, 60.0_f64), |(low, high), t| (low.min(t), high.max(t)));
    ((low / 10.0).floor() * 10.0, (high / 10.0).ceil() * 10.0)
}

/// A node's readings as lines, each without a gap.
fn segments(axis: &Axis, bins: &[SensorBin]) -> Vec<Segment> {
    let mut out: Vec<Segment> = Vec::new();
    let mut last: Option<usize> = None;
    for (bin, read) in bins.iter().enumerate().filter(|(_, bin)| bin.read) {
        let Some(temp) = read.temp else {
            last = None;
            continue;
        };
        let joined = last.is_some_and(|last| !axis.is_gap(last, bin));
        let point = (((bin as f64 + 0.5) * axis.bin).min(axis.happened), f64::from(temp.0));
        match out.last_mut().filter(|_| joined) {
            Some(segment) => segment.push(point),
            None => out.push(vec![point]),
        }
        last = Some(bin);
    }
    out
}

fn degrees(painter: &mut Painter<'_>, area: Rect, plot: Rect, low: f64, high: f64) {
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
        let text = format!(" {}{:>5.1}{}", pad(series[i].name, names), series[i].newest, if hot { " !" } else { "" });
        let place = Rect { x: plot.x + plot.width, y: plot.y, width: (names + FIGURE) as u16, height: plot.height };
        painter.line(place, row as u16, Line::from(vec![Span::styled(text, theme.series(i))]));
    }
}
