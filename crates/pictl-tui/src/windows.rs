//! What lies over the screen: forms, questions, confirmations and pages.

mod details;
mod forms;
mod keywork;
mod pages;
mod questions;
mod scan;
mod secrets;
mod trust;

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::{App, Layer, Window};
use crate::field::TextField;
use crate::keymap::{Command, Mode};
use crate::paint::{Painter, rows};
use crate::theme::Theme;
use crate::words::columns;

/// Fewer columns than these beside a window are left blank.
const CRUMBS: u16 = 12;
/// With more rows than these for windows there is a blank line over the keys.
const ROOMY: u16 = 10;

/// A window's content for a given width.
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) lines: Vec<Line<'static>>,
    /// The line that must be seen, such as that of the cursor.
    pub(crate) focus: Option<usize>,
    /// Keys and what they do, for the last line.
    pub(crate) keys: Vec<(String, String)>,
    /// Widest useful width.
    pub(crate) width: u16,
    pub(crate) border: Style,
}

/// The window on top, if one is open.
fn page(app: &App, theme: Theme, width: u16) -> Option<Page> {
    let width = usize::from(width);
    match app.layer() {
        Layer::Window | Layer::Line | Layer::Search => match app.window.as_ref()? {
            Window::Form(form) => Some(forms::form(app, theme, form, width)),
            Window::Quit => Some(questions::quit(app, theme, width)),
            Window::Remove(node) => Some(questions::remove(app, theme, node, width)),
            Window::KeyWork(task) => Some(keywork::page(app, theme, *task, width)),
            Window::Help => Some(pages::help(app, theme, width)),
            Window::Messages => Some(pages::messages(app, theme, width)),
            Window::Exec => Some(pages::exec(app, theme, width)),
            Window::WideScan(request, outlook) => Some(scan::page(app, theme, request, *outlook, width)),
            Window::Details(node) => Some(details::page(app, theme, node, width)),
        },
        Layer::Refused => questions::refused(app, theme, width),
        Layer::Question => questions::question(app, theme, width),
        Layer::Screen => None,
    }
}

pub(crate) use details::details;
pub(crate) use questions::diff_lines;

/// The window's content and its place: as wide as is useful, as high as needed, in the middle.
fn place(app: &App, theme: Theme, area: Rect) -> Option<(Page, Rect)> {
    let most = area.width.saturating_sub(if area.width >= 60 { 4 } else { 0 });
    let draft = page(app, theme, most.saturating_sub(4))?;
    let width = draft.width.min(most);
    let page = page(app, theme, width.saturating_sub(4))?;
    let (top, room) = room(app, area.height);
    let height = rows(page.lines.len()).saturating_add(around(app)).min(room);
    let rect = Rect { x: area.x + (area.width - width) / 2, y: area.y + top + (room - height) / 2, width, height };
    Some((page, rect))
}

/// Rows for content inside a window of this height: without borders, the line of keys and, with room, the blank line
/// before it.
fn content_height(app: &App, height: u16) -> u16 {
    if height >= 5 { height.saturating_sub(around(app)) } else { height.saturating_sub(2) }
}

/// Rows of a window that are not for its content.
fn around(app: &App) -> u16 {
    if room(app, app.size.1).1 > ROOMY { 4 } else { 3 }
}

/// The first row of `area` that a window may cover, and how many it may. The header, the status line and the help line
/// stay visible where there is room: the banner must never be covered.
fn room(app: &App, height: u16) -> (u16, u16) {
    if height < 10 {
        return (0, height);
    }
    let top = 1 + u16::from(app.options.banner.is_some());
    (top, height - top - 2)
}

/// Rows of content that a window can show at once.
fn most_rows(app: &App) -> usize {
    content_height(app, room(app, app.size.1).1).into()
}

/// Lines of the open window, and how many of them are seen at once.
pub(crate) fn extent(app: &App) -> (usize, usize) {
    let area = Rect::new(0, 0, app.size.0, app.size.1);
    place(app, Theme::new(false), area)
        .map_or((0, 0), |(page, rect)| (page.lines.len(), content_height(app, rect.height).into()))
}

/// The keys of the window on top, for the help line.
pub(crate) fn keys(app: &App) -> Vec<(String, String)> {
    page(app, Theme::new(false), 80).map(|page| page.keys).unwrap_or_default()
}

pub(crate) fn draw(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let Some((page, rect)) = place(app, theme, area) else { return };
    // A column of space on both sides keeps cut words from touching the border; where little would be seen beside the
    // window, it would be crumbs of words and nothing to read.
    let beside = (area.width - rect.width) / 2;
    painter.clear(if beside < CRUMBS {
        Rect { x: area.x, width: area.width, ..rect }
    } else {
        Rect { x: rect.x - 1, width: rect.width + 2, ..rect }
    });
    let inner = painter.frame(rect, &page.title, page.border);
    let height = content_height(app, rect.height);
    let content = Rect { height: height.min(inner.height), ..inner };
    let mut scroll = app.scroll.min(page.lines.len().saturating_sub(height.into()));
    if let Some(focus) = page.focus {
        scroll = scroll.min(focus).max((focus + 1).saturating_sub(height.into()));
    }
    let below = page.lines.len().saturating_sub(scroll + usize::from(height));
    painter.lines(content, page.lines, scroll);
    if rect.height >= 5 {
        painter.line(inner, inner.height - 1, key_line(theme, &page.keys, inner.width.into()));
        // What lies outside stands on the lower border, with the keys that bring it here.
        if (below > 0 || scroll > 0) && rect.width >= 4 {
            let words = format!(" {}{} ", more(scroll, below), scroll_keys(app));
            let width = rows(columns(&words)).min(rect.width.saturating_sub(4));
            let place = Rect { x: rect.right() - 2 - width, y: rect.bottom() - 1, width, height: 1 };
            painter.line(place, 0, Line::styled(words, page.border));
        }
    }
}

/// The keys that scroll the window on top; in forms the cursor brings along what is around it.
fn scroll_keys(app: &App) -> String {
    match app.mode() {
        Mode::Field => String::new(),
        _ => format!(": {} {} {}", app.key_of(Command::Up), app.key_of(Command::Down), app.key_of(Command::PageDown)),
    }
}

/// How much lies above and below what is seen.
pub(crate) fn more(above: usize, below: usize) -> String {
    match (above, below) {
        (0, 0) => String::new(),
        (0, below) => format!("↓ {below} more"),
        (above, 0) => format!("↑ {above} more"),
        (above, below) => format!("↑ {above} ↓ {below} more"),
    }
}

/// The keys of commands, each with what it does here.
fn keys_of(app: &App, items: &[(Command, &str)]) -> Vec<(String, String)> {
    items.iter().map(|(command, label)| (app.key_of(*command), (*label).to_owned())).collect()
}

/// Keys with what they do, on one line: closer together where there is little room, and with still less without those
/// before the last, which is the way out. The first always stays.
fn key_line(theme: Theme, keys: &[(String, String)], width: usize) -> Line<'static> {
    let mut keys: Vec<&(String, String)> = keys.iter().collect();
    let size = |keys: &[&(String, String)], gap: usize| {
        let words: usize = keys.iter().map(|(key, label)| columns(key) + 1 + columns(label)).sum();
        words + gap * keys.len().saturating_sub(1)
    };
    while keys.len() > 2 && size(&keys, 2) > width {
        keys.remove(keys.len() - 2);
    }
    let gap = if size(&keys, 3) > width { "  " } else { "   " };
    let spans = keys
        .into_iter()
        .flat_map(|(key, label)| [Span::styled(key.clone(), theme.key()), Span::raw(format!(" {label}{gap}"))]);
    let mut spans: Vec<Span<'static>> = spans.collect();
    if let Some(last) = spans.last_mut() {
        last.content = last.content.trim_end().to_owned().into();
    }
    Line::from(spans)
}

/// A line with a text field, its cursor visible, its beginning cut when it is longer than `width`.
pub(crate) fn typed(label: &str, field: &TextField, width: usize) -> Line<'static> {
    let (before, after) = field.around_cursor();
    let room = width.saturating_sub(columns(label) + 2);
    let skip = columns(&before).saturating_sub(room);
    let mut left = skip;
    let seen: String = before
        .chars()
        .skip_while(|c| {
            let cut = left > 0;
            left = left.saturating_sub(columns(&c.to_string()).max(1));
            cut
        })
        .collect();
    let mut rest = after.chars();
    let at = rest.next().map_or(" ".to_owned(), String::from);
    Line::from(vec![
        Span::raw(format!(" {label}")),
        Span::raw(seen),
        Span::styled(at, Theme::cursor()),
        Span::raw(rest.collect::<String>()),
    ])
}
