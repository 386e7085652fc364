//! What the scan found and what is in the cluster.

use pictl_model::Timestamp;
use pictl_model::world::NodeView;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::table::{Column, GAP, widths};
use crate::app::App;
use crate::keymap::Command;
use crate::paint::{Painter, bar, rows, split_right, split_top, window_start};
use crate::theme::Theme;
use crate::view::{middle, not_recorded, press, spinner};
use crate::windows::details;
use crate::words::{self, ago, columns, count, number, pad, wrap};

/// From this width on the details stand beside the table.
const WIDE: u16 = 140;
/// Width of the details beside the table.
const DETAILS: u16 = 50;
/// From this height on the details stand below the table on narrower screens.
const HIGH: u16 = 26;

pub(crate) fn draw(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let shown = app.shown_nodes();
    if app.world.nodes.is_empty() {
        empty(app, painter, area);
        return;
    }
    let (head, rest) = split_top(area, if area.height >= 6 { 2 } else { 0 });
    painter.line(head, 0, overview(app, theme, &shown));
    let (table, more) = if area.width >= WIDE {
        split_right(rest, DETAILS)
    } else if area.height >= HIGH {
        // The table takes the rows that it needs, at most about half.
        split_top(rest, rows(shown.len()).saturating_add(2).min(rest.height / 2))
    } else {
        (rest, Rect::default())
    };
    draw_table(app, painter, table, &shown);
    if let Some(node) = app.node_at_cursor().filter(|_| more.width > 0) {
        painter.rule(more, 0, &app.name_of(node));
        let (_, text) = split_top(more, 1);
        let text = Rect { x: text.x + 1, width: text.width - 1, ..text };
        let lines = details(app, theme, node, text.width.into());
        painter.lines(text, lines, 0);
    }
}

/// How many there are, in words.
fn overview(app: &App, theme: Theme, shown: &[&NodeView]) -> Line<'static> {
    let members = shown.iter().filter(|n| n.member.is_some()).count();
    let others = shown.len() - members;
    let pis = shown.iter().filter(|n| n.member.is_none() && n.is_pi()).count();
    let mut words = Vec::new();
    if members > 0 {
        words.push(format!("{} in the cluster", count(members, "node")));
    }
    if others > 0 {
        let what = if members > 0 { "other host" } else { "host" };
        words.push(format!("{} found, {} of them Raspberry Pis", count(others, what), number(pis as u64)));
    }
    if !app.marks.is_empty() {
        words.push(format!("{} marked", app.marks.len()));
    }
    let filter = app.filters[0].text();
    if !filter.is_empty() {
        words.push(format!("only those with \"{filter}\" ({} shows all)", app.key_of(Command::Back)));
    }
    Line::styled(format!(" {}", words.join(" · ")), theme.strong())
}

/// One cell: its text and style.
type Cell = (String, Style);

const TITLES: [&str; 11] =
    ["", "Name", "Address", "Pi?", "State", "Temperature", "Model", "MAC", "System", "Last seen", "Maker"];

fn cells(app: &App, theme: Theme, node: &NodeView) -> [Cell; 11] {
    let plain = theme.plain();
    let sighting = node.sighting.as_ref();
    let mark = if app.marks.contains(&node.id) { "■" } else { " " };
    let head = node.member.as_ref().is_some_and(|m| m.head);
    let name = format!("{}{}", app.name_of(node), if head { " (head)" } else { "" });
    let pi = if node.is_pi() { ("yes".to_owned(), theme.ok()) } else { ("no".to_owned(), theme.dim()) };
    let state = state(theme, node, app.now);
    let temperature = temperature(app, theme, node);
    let model = node.model().map(words::short_model).unwrap_or_default();
    let vendor = sighting.and_then(|s| s.vendor.clone()).unwrap_or_default();
    let mac = sighting.and_then(|s| s.mac).or(node.member.as_ref().and_then(|m| m.mac));
    let mac = mac.map(|m| m.to_string()).unwrap_or_default();
    let system = node
        .facts
        .as_ref()
        .map(|f| words::short_os(&f.os))
        .or_else(|| sighting.and_then(|s| s.ssh.as_deref()).map(words::ssh_words));
    let seen = node.last_seen.map(|at| ago(app.now, at)).unwrap_or_default();
    [
        (mark.to_owned(), theme.key()),
        (name, if node.member.is_some() { theme.strong() } else { plain }),
        (node.address().map(|a| a.to_string()).unwrap_or_default(), plain),
        pi,
        state,
        temperature,
        (model, plain),
        (mac, theme.dim()),
        (system.unwrap_or_default(), plain),
        (seen, theme.dim()),
        (vendor, theme.dim()),
    ]
}

/// Its place in the cluster and the connection, in words.
fn state(theme: Theme, node: &NodeView, now: Timestamp) -> Cell {
    use pictl_model::node::Link;
    let in_cluster = node.member.is_some();
    let again = || words::next_try(node, now).map(|again| format!(", {again}")).unwrap_or_default();
    match &node.link {
        Link::Idle if in_cluster => ("in cluster".to_owned(), theme.plain()),
        Link::Idle if crate::app::answers_ssh(node) => ("new".to_owned(), theme.plain()),
        Link::Idle => ("no SSH".to_owned(), theme.dim()),
        Link::Lost { why } => (format!("lost: {}{}", words::brief(why), again()), theme.link(&node.link)),
        Link::Failed { why, .. } => (format!("failed: {}{}", words::brief(why), again()), theme.link(&node.link)),
        link => (words::link(link), theme.link(link)),
    }
}

/// The temperature, with what slows the board down, and with its age when it is old.
fn temperature(app: &App, theme: Theme, node: &NodeView) -> Cell {
    let Some((mut text, stale)) = words::temperature(node, app.now) else { return (String::new(), theme.plain()) };
    let reading = node.newest();
    let throttle = reading.map(|r| words::throttle(&r.sample)).unwrap_or_default();
    if stale {
        let age = node.readings.iter().rev().find(|r| r.sample.temp.is_some()).map(|r| ago(app.now, r.at));
        text = format!("{text} {}", age.unwrap_or_default());
        return (text, theme.dim());
    }
    if throttle.is_empty() { (text, theme.plain()) } else { (format!("{text} ! {throttle}"), theme.warn()) }
}

fn draw_table(app: &App, painter: &mut Painter<'_>, area: Rect, shown: &[&NodeView]) {
    let theme = painter.theme;
    if shown.is_empty() {
        let words = format!(" no node has \"{}\": {} shows all", app.filters[0].text(), app.key_of(Command::Back));
        painter.line(area, 0, Line::styled(words, theme.warn()));
        return;
    }
    let cursor = app.cursor_in(shown);
    let height = usize::from(area.height).saturating_sub(1);
    let start = window_start(cursor, shown.len(), height);
    let rows: Vec<[Cell; 11]> = shown.iter().skip(start).take(height).map(|n| cells(app, theme, n)).collect();
    let ranks = [0, 1, 2, 5, 4, 3, 6, 9, 8, 7, 10];
    let least = [1, 12, 15, 3, 24, 16, 11, 17, 11, 9, 12];
    let most = [1, 24, 39, 3, 50, 40, 24, 17, 24, 11, 24];
    let layout: Vec<Column> = (0..TITLES.len())
        .map(|i| {
            let widest = rows.iter().map(|r| columns(&r[i].0)).max().unwrap_or(0);
            // A column in which nothing stands is of no use.
            let min = if widest == 0 && i > 0 { 0 } else { least[i].min(widest).max(columns(TITLES[i])).max(1) };
            Column { min, max: widest.min(most[i]).max(min), rank: ranks[i] }
        })
        .collect();
    let widths = widths(&layout, usize::from(area.width).saturating_sub(2));
    let heading = row_line(TITLES.map(|t| (t.to_owned(), theme.dim())), &widths, " ");
    painter.line(area, 0, heading);
    for (nth, cells) in rows.into_iter().enumerate() {
        let here = start + nth == cursor;
        let row = nth as u16 + 1;
        painter.line(area, row, row_line(cells, &widths, if here { "▸" } else { " " }));
        if here {
            painter.restyle(Rect { y: area.y + row, height: 1, ..area }, Theme::cursor_row());
        }
    }
}

fn row_line(cells: [Cell; 11], widths: &[Option<usize>], pointer: &str) -> Line<'static> {
    let mut spans = vec![Span::raw(pointer.to_owned())];
    for ((text, style), width) in cells.into_iter().zip(widths) {
        if let Some(width) = width {
            spans.push(Span::styled(pad(&text, *width), style));
            spans.push(Span::raw(" ".repeat(GAP)));
        }
    }
    spans.pop();
    Line::from(spans)
}

fn empty(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    if let Some(lines) = not_recorded(app, theme) {
        middle(painter, area, lines);
        return;
    }
    let key = |command| app.key_of(command);
    let scan = app.world.scan.as_ref();
    let mut lines = Vec::new();
    match scan {
        Some(scan) if scan.active => {
            lines.push(Line::styled(format!("{} looking for hosts in {}", spinner(app), scan.targets), theme.strong()));
            lines.push(Line::default());
            lines.push(Line::raw("They appear here as they answer."));
        }
        Some(scan) => {
            lines.push(Line::styled(format!("No host answered in {}.", scan.targets), theme.strong()));
            lines.push(Line::default());
            for problem in &scan.problems {
                let parts = wrap(&format!("! {problem}"), usize::from(area.width.min(70)));
                lines.extend(parts.into_iter().map(|p| Line::styled(p, theme.warn())));
            }
            lines.push(Line::raw("Are the Pis on, and on this network?"));
            lines.push(Line::raw("Is SSH enabled on them?"));
            lines.push(press(theme, "Press", &key(Command::Scan), "to scan again; or another net:"));
            lines.push(press(theme, "press", &key(Command::CommandLine), "type scan 192.168.1.0/24"));
        }
        None => {
            lines.push(Line::styled("From Raspberry Pis to an MPI cluster.", theme.strong()));
            lines.push(Line::default());
            lines.push(press(theme, "Press", &key(Command::Scan), "to look for hosts."));
            lines.push(press(theme, "Press", &key(Command::Help), "to see all keys."));
        }
    }
    middle(painter, area, lines);
}

/// What the scan is doing, or what it found a moment ago.
pub(crate) fn scan_line(app: &App, theme: Theme) -> Option<Line<'static>> {
    let scan = app.world.scan.as_ref()?;
    if scan.active {
        let elapsed = app.now - scan.started;
        let rate = scan.asked as f64 / elapsed.seconds().max(0.1);
        let share = scan.asked as f64 / scan.addresses.max(1) as f64;
        let [full, rest] = bar(share, 10, theme.busy(), theme.dim());
        return Some(Line::from(vec![
            Span::styled(format!(" {} ", spinner(app)), theme.busy()),
            full,
            rest,
            Span::raw(format!(
                " {} of {} asked, {} found  {:.0}/s  {elapsed}  {}",
                number(scan.asked),
                count(scan.addresses as usize, "address").replace("addresss", "addresses"),
                number(scan.found),
                rate,
                scan.method,
            )),
        ]));
    }
    let elapsed = scan.elapsed?;
    // The result stays until it is old news.
    if (app.now - scan.started.plus(elapsed)).0 > 30_000 {
        return None;
    }
    let found = format!(
        " {} found, {}, in {elapsed}",
        count(scan.found as usize, "host"),
        count(scan.pis as usize, "Raspberry Pi")
    );
    match scan.problems.first() {
        Some(problem) => Some(Line::styled(format!("{found}; warning: {problem}"), theme.warn())),
        None => Some(Line::styled(found, theme.plain())),
    }
}
