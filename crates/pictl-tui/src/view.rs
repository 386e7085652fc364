//! The whole picture: header, screen, status line, help line, and what lies over them.

use pictl_model::event::Level;
use pictl_model::world::Notice;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use crate::app::{App, Layer, Screen, VERBS, View};
use crate::keymap::{Command, Mode, TABLE};
use crate::paint::{Painter, rows, split_bottom, split_top};
use crate::screens;
use crate::theme::{SPINNER, Theme, to_ascii};
use crate::windows;
use crate::words::{ago, columns, count, fit, number, wrap};

/// How long a notice of the engine stays in the status line.
const NOTICE: u64 = 20_000;

/// Draws the dashboard; changes nothing.
pub fn view(app: &App, frame: &mut Frame) {
    let area = frame.area();
    draw(app, frame.buffer_mut(), area);
}

/// Where the parts of the picture lie on a terminal of this size.
struct Parts {
    header: Rect,
    banner: Rect,
    body: Rect,
    status: Rect,
    help: Rect,
}

fn parts(app: &App, area: Rect) -> Parts {
    let tall = |rows: u16| u16::from(area.height >= rows);
    let (header, rest) = split_top(area, tall(2));
    let (banner, rest) = split_top(rest, if app.options.banner.is_some() { tall(3) } else { 0 });
    let (rest, help) = split_bottom(rest, tall(5));
    let (body, status) = split_bottom(rest, tall(7));
    Parts { header, banner, body, status, help }
}

/// Where the screen is drawn, by the terminal's size as last told.
pub(crate) fn body(app: &App) -> Rect {
    parts(app, Rect::new(0, 0, app.size.0, app.size.1)).body
}

/// Draws the dashboard into `area` of `buffer`.
pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = Theme::new(!app.options.no_color);
    let mut painter = Painter { buffer, theme };
    let parts = parts(app, area);
    header(app, &mut painter, parts.header);
    if let Some(banner) = &app.options.banner {
        painter.line(parts.banner, 0, Line::raw(format!(" {}{banner}", play(app))));
        painter.restyle(parts.banner, theme.banner());
    }
    match app.screen {
        Screen::Nodes => screens::nodes::draw(app, &mut painter, parts.body),
        Screen::Setup => screens::setup::draw(app, &mut painter, parts.body),
        Screen::Run => screens::run::draw(app, &mut painter, parts.body),
        Screen::Keys => screens::keys::draw(app, &mut painter, parts.body),
    }
    windows::draw(app, &mut painter, area);
    // Lines for typing need their row also where there is too little room for a help line.
    let help = if parts.help.height == 0 { split_bottom(area, 1).1 } else { parts.help };
    let status = if parts.status.height == 0 && app.line.is_some() { split_bottom(area, 2).1 } else { parts.status };
    match app.layer() {
        Layer::Line => command_line(app, &mut painter, status, help),
        Layer::Search => {
            painter.clear(help);
            let label =
                if app.screen == Screen::Run { "only lines with (rank:3 and words): " } else { "only nodes with: " };
            let field = &app.filters[app.filter_index()];
            painter.line(help, 0, windows::typed(label, field, usize::from(help.width)));
            painter.line(parts.status, 0, status_line(app, theme));
        }
        _ => {
            painter.line(parts.status, 0, status_line(app, theme));
            help_line(app, &mut painter, parts.help);
        }
    }
    if app.options.ascii {
        to_ascii(painter.buffer);
    }
}

/// How a record is shown at present, before its name.
fn play(app: &App) -> String {
    match app.options.clock.play() {
        Some(play) if play.is_over() => {
            format!("at its end ({} goes back): ", app.options.keymap.key(Mode::Run, Command::StepBack))
        }
        Some(play) if play.paused => {
            format!("paused ({} goes on): ", app.options.keymap.key(Mode::Run, Command::Pause))
        }
        Some(play) if play.speed.to_bits() != 1.0_f64.to_bits() => format!("{}× ", play.speed),
        _ => String::new(),
    }
}

/// A symbol that turns while something runs.
pub(crate) fn spinner(app: &App) -> &'static str {
    SPINNER[(app.now.0.rem_euclid(800) / 100) as usize % SPINNER.len()]
}

fn header(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let world = &app.world;
    let width = usize::from(area.width);
    let mut tabs = Vec::new();
    for (index, (screen, title)) in Screen::ALL.iter().enumerate() {
        let style = if *screen == app.screen { theme.tab() } else { theme.plain() };
        tabs.push(Span::styled(format!(" {} {title}{} ", index + 1, badge(app, *screen, width)), style));
    }
    let tabs_width: usize = tabs.iter().map(|s| columns(&s.content)).sum();
    let mut right = String::new();
    if world.dropped > 0 {
        right = format!("{} dropped under load", count(world.dropped as usize, "update"));
    }
    let clock = app.now.rfc3339();
    let clock = clock.get(11..19).unwrap_or_default();
    if width >= 60 {
        right = format!("{right}{}{clock} UTC ", if right.is_empty() { "" } else { "  " });
    }
    let mut left = vec![Span::styled(" pictl ", theme.strong())];
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

/// How far the work of a screen is, so that it is seen from the others too.
fn badge(app: &App, screen: Screen, width: usize) -> String {
    let world = &app.world;
    let text = match screen {
        Screen::Nodes => {
            let members = world.nodes.values().filter(|n| n.member.is_some()).count();
            if members > 0 { format!(" {members}") } else { String::new() }
        }
        Screen::Setup => match &world.setup {
            Some(setup) if setup.summary.is_none() => {
                let (done, all) = setup.progress();
                format!(" {done}/{all}")
            }
            _ => String::new(),
        },
        Screen::Run => match &world.run {
            Some(run) if !run.is_over() => match run.slices {
                Some(all) if all > 0 => format!(" {} %", u64::from(run.slices_done()) * 100 / u64::from(all)),
                _ => " …".to_owned(),
            },
            _ => String::new(),
        },
        Screen::Keys => match app.failing_pairs() {
            0 => String::new(),
            n => format!(" {} ✗", number(n as u64)),
        },
    };
    if width >= 60 { text } else { String::new() }
}

/// The one line that says what is waited for, or what just happened.
fn status_line(app: &App, theme: Theme) -> Line<'static> {
    let world = &app.world;
    let stopping = app.stopping_since.filter(|_| app.is_working());
    if let Some(since) = stopping {
        let next = match app.cancels {
            0 | 1 => "kills",
            _ => "leaves without waiting",
        };
        let asked = if app.cancels > 1 { "killed" } else { "asked to stop" };
        let what = screens::busy_words(app);
        let (since, key) = (app.now - since, app.key_of(Command::Cancel));
        let text = format!(" {} {asked} {since} ago ({key} again {next}); still there: {what}", spinner(app));
        return Line::styled(text, theme.warn());
    }
    if let Some((_, level, text)) = &app.message {
        return Line::styled(format!(" {text}"), theme.level(*level));
    }
    if !matches!(app.layer(), Layer::Question | Layer::Refused | Layer::Screen) {
        let waits = if app.refused.is_some() { "the reason of a refusal" } else { "a question" };
        if app.refused.is_some() || app.question.is_some() {
            return Line::styled(
                format!(" {waits} waits behind this: {} closes it", app.key_of(Command::Refuse)),
                theme.warn(),
            );
        }
    }
    let notice = world.notices.back().filter(|n| (app.now - n.at).0 < NOTICE);
    if let Some(notice) = notice.filter(|n| n.level > Level::Info) {
        return notice_line(app, theme, notice);
    }
    // A watch goes on and on; on the other screens it would hide what they have to tell.
    let scanning = app.is_scanning() && world.watching.is_none();
    if let Some(line) = screens::nodes::scan_line(app, theme).filter(|_| scanning || app.screen == Screen::Nodes) {
        return line;
    }
    let run_screen = app.screen == Screen::Run;
    if let Some(line) = run_screen.then(|| screens::run::trouble(app, theme, app.size.0.into())).flatten() {
        return line;
    }
    if world.is_busy() || app.is_busy() {
        let text = format!(" {} {}", spinner(app), screens::busy_words(app));
        return Line::styled(text, theme.busy());
    }
    notice.map_or_else(Line::default, |notice| notice_line(app, theme, notice))
}

fn notice_line(app: &App, theme: Theme, notice: &Notice) -> Line<'static> {
    Line::from(vec![
        Span::styled(format!(" {}", notice_words(app, notice)), theme.level(notice.level)),
        Span::styled(format!("  ({})", ago(app.now, notice.at)), theme.dim()),
    ])
}

/// A notice with its level and its node in words.
pub(crate) fn notice_words(app: &App, notice: &Notice) -> String {
    let level = match notice.level {
        Level::Info => "",
        Level::Warn => "warning: ",
        Level::Error => "error: ",
    };
    let node = notice.node.as_ref().map(|n| format!("{}: ", app.called(n))).unwrap_or_default();
    format!("{level}{node}{}", notice.text)
}

fn command_line(app: &App, painter: &mut Painter<'_>, status: Rect, help: Rect) {
    let theme = painter.theme;
    let Some(line) = &app.line else { return };
    painter.clear(help);
    painter.line(help, 0, windows::typed(":", &line.field, usize::from(help.width)));
    let above = if let Some(error) = &line.error {
        // What is wrong and what to do is to be read to its end.
        let parts = wrap(error, usize::from(status.width).saturating_sub(2));
        parts.into_iter().map(|part| Line::styled(format!(" {part}"), theme.bad())).collect()
    } else if line.choices.is_empty() {
        let verbs = VERBS.map(|(verb, _)| verb).join("  ");
        let (complete, earlier) = (app.key_of(Command::NextField), app.key_of(Command::Up));
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
    let theme = painter.theme;
    let keys = match app.layer() {
        Layer::Screen => screen_keys(app),
        _ => windows::keys(app),
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
    let mode = app.mode();
    let heard = [mode, Mode::Everywhere, Mode::Always];
    let entries = TABLE.iter().filter(|e| heard.contains(&e.mode) && !e.label.is_empty());
    let possible = entries.filter(|e| app.obstacle(e.command).is_ok());
    let mut keys: Vec<(String, String)> = Vec::new();
    let mut last: Vec<(String, String)> = Vec::new();
    for entry in possible {
        let label = match entry.command {
            Command::Open if !app.marks.is_empty() => continue,
            Command::WatchNet if app.world.watching.is_some() => "stop watching".to_owned(),
            // The key for it says more.
            Command::Cancel if app.world.watching.is_some() && app.screen == Screen::Nodes && !app.is_busy() => {
                continue;
            }
            Command::SetLogin if !app.marks.is_empty() => "login of the marked".to_owned(),
            Command::Output if app.run.view == View::Output => "ranks".to_owned(),
            Command::Timeline if app.run.view == View::Timeline => "ranks".to_owned(),
            Command::Cards if app.run.view == View::Cards => "ranks".to_owned(),
            Command::Table if app.run.view == View::Table => "ranks".to_owned(),
            Command::ZoomIn if app.run.zoom => "all nodes".to_owned(),
            Command::Pause if app.options.clock.play().is_some_and(|play| play.paused) => "go on".to_owned(),
            Command::Freeze if app.frozen.is_some() => "go on".to_owned(),
            Command::SetUp if !app.marks.is_empty() => format!("set up {} marked", number(app.marks.len() as u64)),
            _ => entry.label.to_owned(),
        };
        let item = (app.key_of(entry.command), label);
        match entry.command {
            Command::Help | Command::Quit => last.push(item),
            Command::Cancel => keys.insert(0, item),
            Command::WatchNet if app.world.watching.is_some() => keys.insert(0, item),
            // What the user most likely wants next comes first; the Keys screen has its own line for it.
            command if Some(command) == next_step(app) && app.screen != Screen::Keys => keys.insert(0, item),
            _ => keys.push(item),
        }
    }
    keys.extend(last);
    keys
}

/// The command that leads on from here.
pub(crate) fn next_step(app: &App) -> Option<Command> {
    let world = &app.world;
    if world.is_busy() || app.is_busy() || (app.is_scanning() && world.watching.is_none()) {
        None
    } else if !app.marks.is_empty() {
        Some(Command::SetUp)
    } else if world.nodes.values().any(|n| n.member.is_some()) {
        Some(Command::Bench)
    } else if app.shows_pi() {
        Some(Command::MarkPis)
    } else {
        Some(Command::Scan)
    }
}

/// `text` in the middle of `area`, for screens without content yet.
pub(crate) fn middle(painter: &mut Painter<'_>, area: Rect, lines: Vec<Line<'static>>) {
    let top = area.height.saturating_sub(lines.len() as u16) / 3;
    for (row, line) in lines.into_iter().enumerate() {
        let width = line.spans.iter().map(|s| columns(&s.content)).sum::<usize>().min(area.width.into());
        let indent = (area.width - width as u16) / 2;
        let place = Rect { x: area.x + indent, width: area.width - indent, ..area };
        painter.line(place, top + row as u16, line);
    }
}

/// What stands on a screen of which a record tells nothing.
pub(crate) fn not_recorded(app: &App, theme: Theme) -> Option<Vec<Line<'static>>> {
    app.options.clock.is_record().then(|| {
        vec![
            Line::styled("The record tells nothing of this.", theme.strong()),
            Line::default(),
            press(theme, "Press", &app.key_of(Command::GoRun), "to see the run."),
        ]
    })
}

/// A screen that a setup fills: why it is empty, and which key comes next.
pub(crate) fn no_setup_yet(
    app: &App,
    painter: &mut Painter<'_>,
    area: Rect,
    why: &'static str,
    more: Option<&'static str>,
) {
    let theme = painter.theme;
    if let Some(lines) = not_recorded(app, theme) {
        return middle(painter, area, lines);
    }
    let key = |command| app.key_of(command);
    let mut lines = vec![Line::styled(why, theme.strong()), Line::default()];
    if app.obstacle(Command::SetUp).is_ok() {
        let nodes = count(app.setup_nodes().len(), "node");
        let end = if more.is_some() { ',' } else { '.' };
        lines.push(press(theme, "Press", &key(Command::SetUp), &format!("to set up {nodes}{end}")));
        lines.extend(more.map(Line::raw));
    } else {
        lines.push(press(theme, "Press", &key(Command::Scan), "to look for nodes first."));
    }
    middle(painter, area, lines);
}

/// A text in which a key stands out: `press s to scan`.
pub(crate) fn press(theme: Theme, before: &str, key: &str, after: &str) -> Line<'static> {
    Line::from(vec![
        Span::raw(format!("{before} ")),
        Span::styled(fit(key, 12), theme.key()),
        Span::raw(format!(" {after}")),
    ])
}
