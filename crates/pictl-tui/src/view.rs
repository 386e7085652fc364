//! The whole picture: header, screen, status line, help line, and what lies over them.

use pictl_model::event::Level;
use pictl_model::world::Notice;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use crate::app::{App, Layer};
use crate::blocks::{notice_words, spinner, typed};
use crate::context::Context;
use crate::keymap::{Command, Mode, TABLE};
use crate::layout::parts;
use crate::paint::{Painter, rows, split_bottom};
use crate::screens::nodes::scan_line;
use crate::screens::{Row, SCREENS, Screen};
use crate::theme::{Theme, to_ascii};
use crate::windows;
use crate::words::{ago, columns, count, wrap};

/// What stands first in the header.
const PROGRAM: &str = " pictl ";
/// How long a notice of the engine stays in the status line.
const NOTICE: u64 = 20_000;

/// Draws the dashboard; changes nothing.
pub fn view(app: &App, frame: &mut Frame) {
    let area = frame.area();
    draw(app, frame.buffer_mut(), area);
}

/// Draws the dashboard into `area` of `buffer`; a record that is shown over it covers it.
pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let app = app.replay.as_ref().map_or(app, |replay| &replay.app);
    let cx = &app.cx;
    let theme = Theme::new(!cx.options.no_color);
    let mut painter = Painter { buffer, theme };
    let parts = parts(area, cx.options.banner.is_some());
    header(app, &mut painter, parts.header);
    if let Some(banner) = &cx.options.banner {
        painter.line(parts.banner, 0, Line::raw(format!(" {}{banner}", play(cx))));
        painter.restyle(parts.banner, theme.banner());
    }
    app.screen().draw(cx, &mut painter, parts.body);
    if let Some(window) = app.seen_window() {
        windows::draw(cx, window, app.scroll, &mut painter, area);
    }
    // Lines for typing need their row also where there is too little room for a help line.
    let help = if parts.help.height == 0 { split_bottom(area, 1).1 } else { parts.help };
    let status = if parts.status.height == 0 && app.line.is_some() { split_bottom(area, 2).1 } else { parts.status };
    match app.layer() {
        Layer::Line => command_line(app, &mut painter, status, help),
        Layer::Search => {
            painter.clear(help);
            if let Some(filter) = app.screen().filter(cx) {
                painter.line(help, 0, typed(app.screen().filter_label(), filter, usize::from(help.width)));
            }
            painter.line(parts.status, 0, status_line(app, theme));
        }
        _ => {
            painter.line(parts.status, 0, status_line(app, theme));
            help_line(app, &mut painter, parts.help);
        }
    }
    if cx.options.ascii {
        to_ascii(painter.buffer);
    }
}

/// How a record is shown at present, before its name.
fn play(cx: &Context) -> String {
    match cx.options.clock.play() {
        Some(play) if play.is_over() => {
            format!("at its end ({} goes back): ", cx.options.keymap.key(Mode::Run, Command::StepBack))
        }
        Some(play) if play.paused => {
            format!("paused ({} resumes): ", cx.options.keymap.key(Mode::Run, Command::Pause))
        }
        Some(play) if play.speed.to_bits() != 1.0_f64.to_bits() => format!("{}× ", play.speed),
        _ => String::new(),
    }
}

/// The screens, the one that is shown standing out; without room the others have only their numbers.
fn tabs(app: &App, theme: Theme, width: usize, whole: bool) -> Vec<Span<'static>> {
    let tab = |index: usize, row: &Row, screen: &dyn Screen| {
        let here = index == app.at;
        let style = if here { theme.tab() } else { theme.plain() };
        let number = index + 1;
        if !here && !whole {
            return Span::styled(format!(" {number} "), style);
        }
        let badge = if width >= 60 { screen.badge(&app.cx) } else { String::new() };
        Span::styled(format!(" {number} {}{badge} ", row.title), style)
    };
    let all = SCREENS.iter().zip(&app.screens).enumerate();
    all.map(|(index, (row, screen))| tab(index, row, &**screen)).collect()
}

fn header(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let cx = &app.cx;
    let world = &cx.world;
    let width = usize::from(area.width);
    let mut tabs = tabs(app, theme, width, true);
    let size = |tabs: &[Span<'_>]| tabs.iter().map(|s| columns(&s.content)).sum::<usize>();
    if columns(PROGRAM) + size(&tabs) > width {
        tabs = self::tabs(app, theme, width, false);
    }
    let tabs_width = size(&tabs);
    let mut right = String::new();
    if world.dropped > 0 {
        right = format!("{} dropped under load", count(world.dropped as usize, "update"));
    }
    let clock = cx.now.rfc3339();
    let clock = clock.get(11..19).unwrap_or_default();
    if width >= 60 {
        right = format!("{right}{}{clock} UTC ", if right.is_empty() { "" } else { "  " });
    }
    let mut left = vec![Span::styled(PROGRAM, theme.strong())];
    let cluster = format!("{} ", world.cluster);
    if width >= 7 + columns(&cluster) + tabs_width + columns(&right) + 2 && !world.cluster.is_empty() {
        left.push(Span::styled(cluster, theme.dim()));
    }
    left.push(Span::raw(if width >= 60 { " " } else { "" }));
    left.extend(tabs);
    let used: usize = left.iter().map(|s| columns(&s.content)).sum();
    if used + columns(&right) < width {
        left.push(Span::raw(" ".repeat(width - used - columns(&right))));
        let style = if world.dropped > 0 { theme.warn() } else { theme.dim() };
        left.push(Span::styled(right, style));
    }
    painter.line(area, 0, Line::from(left));
}

/// The one line that says what is waited for, or what just happened.
fn status_line(app: &App, theme: Theme) -> Line<'static> {
    let cx = &app.cx;
    let world = &cx.world;
    let stopping = cx.ladder.stopping_since.filter(|_| cx.is_working());
    if let Some(since) = stopping {
        let next = match cx.ladder.cancels {
            0 | 1 => "kills",
            _ => "leaves without waiting",
        };
        let asked = if cx.ladder.cancels > 1 { "killed" } else { "asked to stop" };
        let what = cx.busy_words();
        let (since, key) = (cx.now - since, cx.key_of(Command::Cancel));
        let text = format!(" {} {asked} {since} ago ({key} again {next}); still there: {what}", spinner(cx));
        return Line::styled(text, theme.warn());
    }
    if let Some((_, level, text)) = &cx.message {
        return Line::styled(format!(" {text}"), theme.level(*level));
    }
    if !matches!(app.layer(), Layer::Question | Layer::Refused | Layer::Screen) {
        let waits = if app.refused.is_some() { "the reason of a refusal" } else { "a question" };
        if app.refused.is_some() || app.question.is_some() {
            return Line::styled(
                format!(" {waits} waits behind this: {} closes it", cx.key_of(Command::Refuse)),
                theme.warn(),
            );
        }
    }
    let notice = world.notices.back().filter(|n| (cx.now - n.at).0 < NOTICE);
    if let Some(notice) = notice.filter(|n| n.level > Level::Info) {
        return notice_line(cx, theme, notice);
    }
    // A watch goes on and on; on the other screens it would hide what they report.
    let scanning = cx.is_scanning() && world.watching.is_none();
    let scan = scan_line(cx, theme).filter(|_| scanning);
    if let Some(line) = scan.or_else(|| app.screen().status(cx, theme)) {
        return line;
    }
    if world.is_busy() || cx.is_busy() {
        let text = format!(" {} {}", spinner(cx), cx.busy_words());
        return Line::styled(text, theme.busy());
    }
    notice.map_or_else(Line::default, |notice| notice_line(cx, theme, notice))
}

fn notice_line(cx: &Context, theme: Theme, notice: &Notice) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!(" {}", notice_words(cx, notice)), theme.level(notice.level)),
        Span::styled(format!("  ({})", ago(cx.now, notice.at)), theme.dim()),
    ])
}

fn command_line(app: &App, painter: &mut Painter<'_>, status: Rect, help: Rect) {
    let theme = painter.theme;
    let (cx, Some(line)) = (&app.cx, &app.line) else { return };
    painter.clear(help);
    painter.line(help, 0, typed(":", &line.field, usize::from(help.width)));
    let above = if let Some(error) = &line.error {
        // What is wrong and what to do is to be read to its end.
        let parts = wrap(error, usize::from(status.width).saturating_sub(2));
        parts.into_iter().map(|part| Line::styled(format!(" {part}"), theme.bad())).collect()
    } else if line.choices.is_empty() {
        let verbs = app.cx.options.grammar.commands().join("  ");
        let (complete, earlier) = (cx.key_of(Command::NextField), cx.key_of(Command::Up));
        vec![Line::styled(format!(" {complete} completes, {earlier} earlier ones:  {verbs}"), theme.dim())]
    } else {
        vec![Line::styled(format!(" {}", line.choices.join("  ")), theme.dim())]
    };
    let upwards = rows(above.len()).saturating_sub(1).min(status.y);
    let place = Rect { y: status.y - upwards, height: status.height.min(1) + upwards, ..status };
    painter.clear(place);
    painter.lines(place, above, 0);
}

/// What can be pressed now; help and quit are always among it.
fn help_line(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let (cx, theme) = (&app.cx, painter.theme);
    let keys = match app.layer() {
        Layer::Screen => screen_keys(app),
        _ => app.seen_window().map(|window| window.page(cx, Theme::new(false), 80).keys).unwrap_or_default(),
    };
    let width = usize::from(area.width);
    let size = |(key, label): &(String, String)| columns(key) + columns(label) + 3;
    let kept = if matches!(app.layer(), Layer::Screen) { 2 } else { 0 };
    let last: Vec<_> = keys.iter().skip(keys.len().saturating_sub(kept)).cloned().collect();
    let mut left = width.saturating_sub(last.iter().map(size).sum());
    let mut shown = Vec::new();
    for item in keys.iter().take(keys.len().saturating_sub(kept)) {
        if size(item) > left {
            break;
        }
        left -= size(item);
        shown.push(item.clone());
    }
    shown.extend(last);
    let mut spans = Vec::new();
    for (key, label) in shown {
        spans.push(Span::styled(format!(" {key}"), theme.key()));
        spans.push(Span::styled(format!(" {label} "), theme.plain().remove_modifier(Modifier::BOLD)));
    }
    painter.line(area, 0, Line::from(spans));
}

fn screen_keys(app: &App) -> Vec<(String, String)> {
    let cx = &app.cx;
    let mode = cx.mode;
    let heard = [mode, Mode::Everywhere, Mode::Always];
    let entries = TABLE.iter().filter(|e| heard.contains(&e.mode) && !e.label.is_empty());
    let possible = entries.filter(|e| app.obstacle(e.command).is_ok());
    let mut keys: Vec<(String, String)> = Vec::new();
    let mut last: Vec<(String, String)> = Vec::new();
    for entry in possible {
        let Some(label) = app.screen().label(cx, entry) else { continue };
        let item = (cx.key_of(entry.command), label);
        match entry.command {
            Command::Help | Command::Quit => last.push(item),
            Command::Cancel => keys.insert(0, item),
            // What the user most likely wants next comes first.
            command if app.screen().leads(cx, command) => keys.insert(0, item),
            _ => keys.push(item),
        }
    }
    keys.extend(last);
    keys
}
