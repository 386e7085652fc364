//! A run: every rank, temperatures, the total, the value, the program's output.

use pictl_model::event::Level;
use pictl_model::run::{RunOutcome, RunPhase, Stream};
use pictl_model::world::{OutputLine, RunView};
use pictl_report::result_text;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{ranks, temperatures};
use crate::app::App;
use crate::keymap::Command;
use crate::paint::{Painter, bar, rows, split_bottom, split_right, split_top};
use crate::theme::Theme;
use crate::view::{body, middle, not_recorded, press, spinner};
use crate::windows::more;
use crate::words::{self, columns, count, listing, number, wrap};

/// From this width on temperatures and output stand beside the ranks.
const WIDE: u16 = 100;

/// In less than these columns the same is told in fewer words.
const NARROW: usize = 64;

/// Where the parts of the screen lie.
#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    top: Rect,
    ranks: Rect,
    temperatures: Rect,
    output: Rect,
}

fn parts(app: &App, run: &RunView, area: Rect) -> Parts {
    let top = rows(top_lines(app, Theme::new(false), run, area).len());
    let (top, rest) = split_top(area, top.min(area.height));
    if app.run.output {
        return Parts { top, output: rest, ..Parts::default() };
    }
    let wanted = |width: u16, most: u16| {
        let size = (usize::from(width), usize::from(most).saturating_sub(1));
        rows(ranks::lines(app, Theme::new(false), run, size, false).lines.len()).saturating_add(1).min(most)
    };
    if area.width >= WIDE {
        // Side by side, at least half of the height; the output below has the rest.
        let most = rest.height - if rest.height >= 12 { 4 } else { 0 };
        let right = if area.width < 120 { 35 } else { area.width * 2 / 5 };
        let (left, _) = split_right(rest, right);
        let (beside, output) = split_top(rest, wanted(left.width, most).max(rest.height / 2));
        let (ranks, temperatures) = split_right(beside, right);
        return Parts { top, ranks, temperatures, output };
    }
    // One below the other: ranks first; what they leave goes to the output, and with room to the temperatures.
    let most = rest.height - if rest.height >= 10 { 2 } else { 0 };
    let (ranks, below) = split_top(rest, wanted(rest.width, most));
    let (temperatures, output) =
        if below.height >= 14 { split_top(below, below.height - 6) } else { (Rect::default(), below) };
    Parts { top, ranks, temperatures, output }
}

pub(crate) fn draw(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let Some(run) = &app.world.run else {
        empty(app, painter, area);
        return;
    };
    let theme = painter.theme;
    let parts = parts(app, run, area);
    painter.lines(parts.top, top_lines(app, theme, run, area), 0);
    if parts.ranks.height > 0 {
        draw_ranks(app, painter, parts.ranks, run, parts.temperatures.height == 0);
    }
    temperatures::draw(app, painter, parts.temperatures, run);
    draw_output(app, painter, parts.output, run);
}

/// What is run, how far it is, what came of it.
fn top_lines(app: &App, theme: Theme, run: &RunView, area: Rect) -> Vec<Line<'static>> {
    let width = usize::from(area.width);
    let roomy = area.height >= 16;
    let mut lines = vec![what(theme, run, width)];
    let command = format!("on {} $ {}", app.called(&run.plan.head), run.plan.command.join(" "));
    if app.run.output {
        // With the output it is there to be read and copied, so all of it.
        let parts = wrap(&command, width.saturating_sub(2));
        lines.extend(parts.into_iter().map(|part| Line::styled(format!(" {part}"), theme.dim())));
    } else if roomy {
        lines.push(Line::styled(format!(" {command}"), theme.dim()));
    }
    lines.push(total(app, theme, run, width));
    lines.extend(value(theme, run, width));
    state(app, theme, run, area, &mut lines);
    if area.height >= 30 {
        lines.push(Line::default());
    }
    lines
}

fn what(theme: Theme, run: &RunView, width: usize) -> Line<'static> {
    let plan = &run.plan;
    let work = &plan.workload;
    let ranks = run.size.unwrap_or(plan.ranks);
    let mut words = vec![format!("{} on {}", count(ranks as usize, "rank"), count(plan.hosts.len(), "node"))];
    if let Some(slices) = run.slices {
        let size = work.slice_size.map(|n| format!(" of {} terms", number(n))).unwrap_or_default();
        words.push(format!("{} slices{size}", number(slices.into())));
    }
    words.push(format!("{} {}", plan.mpi.family, plan.mpi.version));
    if let Some(series) = &plan.series {
        words.push(format!("run {} of {}", series.index, series.of));
    }
    let mut line = Line::from(vec![
        Span::styled(format!(" {}", work.name), theme.strong()),
        Span::raw(format!(": {}", words.join(", "))),
    ]);
    add(&mut line, width, Span::styled(format!("  {}", plan.id), theme.dim()));
    line
}

/// Adds what is nice to know, where there is room for the whole of it.
fn add(line: &mut Line<'static>, width: usize, span: Span<'static>) {
    let used: usize = line.spans.iter().map(|s| columns(&s.content)).sum();
    if used + columns(&span.content) <= width {
        line.spans.push(span);
    }
}

/// The total: a bar, slices, rate, time so far and time left.
fn total(app: &App, theme: Theme, run: &RunView, width: usize) -> Line<'static> {
    let done = run.slices_done();
    let elapsed = run.elapsed(app.now);
    let narrow = width < NARROW;
    let mut words = Vec::new();
    let mut share = 0.0;
    if let Some(all) = run.slices.filter(|all| *all > 0) {
        share = f64::from(done) / f64::from(all);
        let percent = (share * 100.0).floor();
        let slices = if narrow { "" } else { " slices," };
        words.push(format!("{} of {}{slices} {percent:.0} %", number(done.into()), number(all.into())));
    } else {
        words.push(count(done as usize, "slice"));
    }
    if let (Some(begun), true) = (run.begun, done > 0) {
        let until = run.summary.as_ref().map_or(app.now, |s| s.started.plus(s.elapsed));
        let rate = words::rate(done, (until - begun).seconds());
        words.push(if narrow { rate } else { rate.replace("/s", " slices/s") });
    }
    let eta = run.eta(app.now);
    if run.is_over() {
        words.push(format!("took {elapsed}"));
    } else if !narrow || eta.is_none() {
        words.push(format!("{elapsed} so far"));
    }
    if let Some(eta) = eta {
        words.push(format!("about {eta} left"));
    }
    let words = words.join("  ");
    let room = width.saturating_sub(columns(&words) + 3).min(40);
    let style = match run.summary.as_ref().map(|s| s.outcome) {
        Some(RunOutcome::Succeeded) => theme.ok(),
        Some(_) => theme.bad(),
        None => theme.busy(),
    };
    let mut spans = vec![Span::raw(" ")];
    if room >= 5 {
        spans.extend(bar(share, room, style, theme.dim()));
        spans.push(Span::raw(" "));
    }
    spans.push(Span::raw(words));
    Line::from(spans)
}

/// The value: the result with its deviation, or the sum so far.
fn value(theme: Theme, run: &RunView, width: usize) -> Option<Line<'static>> {
    let result = run.summary.as_ref().and_then(|s| s.value).or(run.result.map(|(value, _)| value));
    let Some(value) = result else {
        let partial = run.partial.filter(|_| !run.is_over())?;
        let mut line = Line::raw(format!(" sum so far {}", result_text(partial, 12)));
        add(&mut line, width, Span::styled("  (of the slices done; not the result yet)", theme.dim()));
        return Some(line);
    };
    let mut line = Line::from(Span::styled(format!(" result {}", result_text(value, 15)), theme.strong()));
    if let Some((expected, tolerance)) = run.summary.as_ref().and_then(|s| Some((s.expected?, s.tolerance))) {
        let off = (value - expected).abs();
        let right = tolerance.is_none_or(|t| off <= t);
        let compared = match tolerance {
            Some(0.0) if right => "exactly right".to_owned(),
            Some(0.0) | None => format!("off by {}", result_text(off, 15)),
            Some(_) if width < NARROW => format!("off {off:.1e}"),
            Some(allowed) => format!("off by {off:.1e}, {allowed:.0e} is allowed"),
        };
        let (mark, style) = if right { ("✓", theme.ok()) } else { ("✗", theme.bad()) };
        line.spans.push(Span::styled(format!("  {mark} {compared}"), style));
        if !right {
            add(&mut line, width, Span::raw(format!("; right is {}", result_text(expected, 15))));
        }
    }
    if let Some((_, seconds)) = run.result {
        add(&mut line, width, Span::styled(format!("  the program says {seconds:.2} s"), theme.dim()));
    }
    Some(line)
}

/// What is waited for; or how it ended, why, and what to do.
fn state(app: &App, theme: Theme, run: &RunView, area: Rect, lines: &mut Vec<Line<'static>>) {
    let width = usize::from(area.width);
    let key = |command| app.key_of(command);
    let Some(summary) = &run.summary else {
        if let Some((reason, rung)) = &run.stopping {
            let how = if *rung > 1 { "its processes are being killed" } else { "mpirun was asked to stop" };
            let since = app.stopping_since.map(|at| format!(", {} ago", app.now - at)).unwrap_or_default();
            let next = if *rung > 1 { String::new() } else { format!("; {} again kills", key(Command::Cancel)) };
            let left: Vec<String> = left_words(app, run, width < NARROW);
            let text = format!(" {} {reason}: {how}{since}{next}{}", spinner(app), left.concat());
            lines.extend(
                wrap(&text, width.saturating_sub(2)).into_iter().map(|l| Line::styled(format!(" {l}"), theme.warn())),
            );
        } else if run.phase != RunPhase::Running {
            lines.push(Line::styled(format!(" {} {}", spinner(app), words::phase(run.phase)), theme.busy()));
        }
        return;
    };
    let (mark, style) = match summary.outcome {
        RunOutcome::Succeeded => ("✓", theme.ok()),
        RunOutcome::Aborted => ("■", theme.warn()),
        RunOutcome::Failed | RunOutcome::CheckFailed => ("✗", theme.bad()),
    };
    let reason = summary.reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default();
    let text = format!("{mark} {}{reason}{}", summary.outcome.word(), left_words(app, run, width < NARROW).concat());
    lines.extend(wrap(&text, width.saturating_sub(2)).into_iter().map(|l| Line::styled(format!(" {l}"), style)));
    if let Some(hint) = &summary.hint {
        let parts = wrap(&format!("→ {hint}"), width.saturating_sub(2));
        lines.extend(parts.into_iter().map(|l| Line::styled(format!(" {l}"), theme.strong())));
    }
    if summary.dropped > 0 {
        let words = format!(" {} dropped under load; no slice is missing", count(summary.dropped as usize, "update"));
        lines.push(Line::styled(words, theme.dim()));
    }
    // Small screens need their lines for other things, and the line of keys says the same.
    if area.width >= 60 && area.height >= 22 && app.obstacle(Command::Again).is_ok() {
        let mut next = press(theme, " Next:", &key(Command::Again), "runs it again,");
        next.spans.extend(press(theme, "", &key(Command::Bench), "with other figures").spans);
        lines.push(next);
    }
}

/// What sweeping found, as the end of a sentence.
fn left_words(app: &App, run: &RunView, narrow: bool) -> Vec<String> {
    if run.swept.is_empty() {
        return Vec::new();
    }
    let left: u32 = run.swept.values().flatten().sum();
    let silent: Vec<String> = run.swept.iter().filter(|(_, n)| n.is_none()).map(|(id, _)| app.called(id)).collect();
    let asked = run.swept.len() - silent.len();
    let places = if narrow && left == 0 { String::new() } else { format!(" on {}", count(asked, "node")) };
    let mut out = vec![format!("; {left} processes left{places}")];
    if !silent.is_empty() {
        out.push(format!(", {} could not be asked", listing(&silent, 3)));
    }
    out
}

fn draw_ranks(app: &App, painter: &mut Painter<'_>, area: Rect, run: &RunView, rows: bool) {
    let theme = painter.theme;
    let (head, rest) = if area.height >= 5 { split_top(area, 1) } else { (Rect::default(), area) };
    let height = usize::from(rest.height);
    let ranks = ranks::lines(app, theme, run, (rest.width.into(), height), rows);
    let scroll = app.run.scroll.min(ranks.lines.len().saturating_sub(height));
    let below = ranks.lines.len().saturating_sub(scroll + height);
    painter.rule(head, 0, format!("{}  {}", ranks.title, more(scroll, below)).trim_end());
    painter.lines(rest, ranks.lines, scroll);
}

/// Lines about the ranks, and how many of them are seen at once.
pub(crate) fn ranks_extent(app: &App) -> (usize, usize) {
    let Some(run) = &app.world.run else { return (0, 0) };
    let area = parts(app, run, body(app)).ranks;
    let height = usize::from(if area.height >= 5 { area.height - 1 } else { area.height });
    (ranks::lines(app, Theme::new(false), run, (area.width.into(), height), false).lines.len(), height)
}

/// The output lines that the filter lets through.
fn output<'a>(app: &App, run: &'a RunView) -> Vec<&'a OutputLine> {
    let wanted = app.filters[1].text().to_lowercase();
    run.output.iter().filter(|l| wanted.is_empty() || l.line.to_lowercase().contains(&wanted)).collect()
}

fn draw_output(app: &App, painter: &mut Painter<'_>, area: Rect, run: &RunView) {
    if area.height < 2 {
        return;
    }
    let theme = painter.theme;
    let key = app.key_of(Command::Output);
    let filter = app.filters[1].text();
    let lines = output(app, run);
    let title = match (filter.is_empty(), app.run.output) {
        (true, false) => format!("Output: {} ({key}: all)", count(run.output_lines as usize, "line")),
        (true, true) => format!("Output: {}", count(run.output_lines as usize, "line")),
        (false, _) => {
            let all = app.key_of(Command::Back);
            format!("Output with \"{filter}\": {} ({all} shows all)", count(lines.len(), "line"))
        }
    };
    painter.rule(area, 0, &title);
    let (_, rest) = split_top(area, 1);
    if lines.is_empty() {
        let words = match (filter.is_empty(), run.is_over()) {
            (false, _) => " no line has these words",
            (true, true) => " nothing was printed",
            (true, false) => " nothing printed yet",
        };
        painter.line(rest, 0, Line::styled(words, theme.dim()));
        return;
    }
    let height = usize::from(rest.height);
    let back = if app.run.output { app.run.back.min(lines.len().saturating_sub(height)) } else { 0 };
    let end = lines.len() - back;
    let shown = &lines[end.saturating_sub(height)..end];
    let (rest, last) = if back > 0 { split_bottom(rest, 1) } else { (rest, Rect::default()) };
    let drawn = shown.iter().map(|line| {
        let rank = line.rank.map(|r| format!("rank {:>3} ", r.0)).unwrap_or_default();
        let (mark, style) =
            if line.stream == Stream::Err { ("!", theme.level(Level::Warn)) } else { (" ", theme.plain()) };
        Line::from(vec![Span::styled(format!("{mark}{rank}"), theme.dim()), Span::styled(line.line.clone(), style)])
    });
    painter.lines(rest, drawn.collect(), 0);
    painter.line(last, 0, Line::styled(format!(" ↓ {back} newer"), theme.dim()));
}

/// Lines of output, and how many of them are seen at once.
pub(crate) fn output_extent(app: &App) -> (usize, usize) {
    let Some(run) = &app.world.run else { return (0, 0) };
    let area = parts(app, run, body(app)).output;
    (output(app, run).len(), usize::from(area.height).saturating_sub(1))
}

fn empty(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    if let Some(lines) = not_recorded(app, theme) {
        middle(painter, area, lines);
        return;
    }
    let key = |command| app.key_of(command);
    let mut lines = vec![Line::styled("Nothing has been run in this session.", theme.strong()), Line::default()];
    if app.world.members().is_empty() {
        lines.push(Line::raw("A benchmark needs a cluster."));
        lines.push(press(theme, "Press", &key(Command::Scan), "to look for nodes."));
    } else {
        lines.push(press(theme, "Press", &key(Command::Bench), "to run a benchmark."));
    }
    middle(painter, area, lines);
}
