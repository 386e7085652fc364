//! What lies over the screen: forms, questions, confirmations and pages.

mod confirm;
mod details;
mod exec;
pub(crate) mod forms;
mod help;
pub(crate) mod key_work;
mod messages;
mod question;
mod quit;
mod refused;
mod remove;
mod wide_scan;

use pictl_model::Event;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::context::Context;
use crate::key::Key;
use crate::keymap::{Command, Mode};
use crate::messages::{Effect, Msg};
use crate::paint::{Painter, rows};
use crate::theme::Theme;
use crate::words::{columns, more};

pub(crate) use confirm::Confirm;
pub(crate) use details::{Details, details};
pub(crate) use exec::Exec;
pub(crate) use help::Help;
pub(crate) use messages::Messages;
pub(crate) use question::QuestionWindow;
pub(crate) use quit::Quit;
pub(crate) use refused::Refused;
pub(crate) use remove::Remove;
pub(crate) use wide_scan::WideScan;

/// Fewer columns than these beside a window are left blank.
const CRUMBS: u16 = 12;
/// With more rows than these for windows there is a blank line over the keys.
const ROOMY: u16 = 10;
/// In less than these columns keys are explained in fewer words.
const NARROW: usize = 48;

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

/// What becomes of a window after a key or an event.
pub(crate) enum After {
    /// It has no use for that: a key may close or scroll it.
    Unused,
    /// It stays.
    Stay(Vec<Effect>),
    /// It closes.
    Close(Vec<Effect>),
}

/// A window over the screen. It owns what it needs; what it shows of the world it reads when it is drawn.
pub(crate) trait Window {
    /// Title, lines and keys for this many columns.
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page;

    /// The keymap's mode while it has the keys.
    fn mode(&self, _cx: &Context) -> Mode {
        Mode::Dialog
    }

    /// Takes a key, with the command that it means in [`Self::mode`].
    fn key(&mut self, _cx: &mut Context, _key: Key, _command: Option<Command>) -> After {
        After::Unused
    }

    /// Takes pasted text. It is never taken for commands.
    fn paste(&mut self, _cx: &Context, _text: &str) {}

    /// Takes what happened in the engine while it is open.
    fn event(&mut self, _cx: &Context, _event: &Event) -> After {
        After::Unused
    }

    /// Takes the answer to one of its effects.
    fn answer(&mut self, _cx: &mut Context, _msg: &Msg) -> After {
        After::Unused
    }

    /// The command whose key opens it and closes it too.
    fn opener(&self) -> Option<Command> {
        None
    }

    /// It is read from its end.
    fn begins_at_end(&self) -> bool {
        false
    }
}

/// The window's content and its place: as wide as is useful, as high as needed, in the middle.
fn place(cx: &Context, window: &dyn Window, theme: Theme, area: Rect) -> (Page, Rect) {
    let most = area.width.saturating_sub(if area.width >= 60 { 4 } else { 0 });
    let draft = window.page(cx, theme, most.saturating_sub(4).into());
    let width = draft.width.min(most);
    let page = window.page(cx, theme, width.saturating_sub(4).into());
    let (top, room) = room(cx, area.height);
    let height = rows(page.lines.len()).saturating_add(around(cx)).min(room);
    let rect = Rect { x: area.x + (area.width - width) / 2, y: area.y + top + (room - height) / 2, width, height };
    (page, rect)
}

/// Rows for content inside a window of this height: without borders, the line of keys and, with room, the blank line
/// before it.
fn content_height(cx: &Context, height: u16) -> u16 {
    if height >= 5 { height.saturating_sub(around(cx)) } else { height.saturating_sub(2) }
}

/// Rows of a window that are not for its content.
fn around(cx: &Context) -> u16 {
    if room(cx, cx.size.1).1 > ROOMY { 4 } else { 3 }
}

/// The first row of `area` that a window may cover, and how many it may. The header, the status line and the help line
/// stay visible where there is room: the banner must never be covered.
fn room(cx: &Context, height: u16) -> (u16, u16) {
    if height < 10 {
        return (0, height);
    }
    let top = 1 + u16::from(cx.options.banner.is_some());
    (top, height - top - 2)
}

/// Rows of content that a window can show at once.
fn most_rows(cx: &Context) -> usize {
    content_height(cx, room(cx, cx.size.1).1).into()
}

/// Lines of the window, and how many of them are seen at once.
pub(crate) fn extent(cx: &Context, window: &dyn Window) -> (usize, usize) {
    let (page, rect) = place(cx, window, Theme::new(false), Rect::new(0, 0, cx.size.0, cx.size.1));
    (page.lines.len(), content_height(cx, rect.height).into())
}

/// Draws a window, `scroll` of its lines scrolled away.
pub(crate) fn draw(cx: &Context, window: &dyn Window, scroll: usize, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let (page, rect) = place(cx, window, theme, area);
    // A column of space on both sides keeps cut words from touching the border; where little would be seen beside the
    // window, it would be crumbs of words and nothing to read.
    let beside = (area.width - rect.width) / 2;
    painter.clear(if beside < CRUMBS {
        Rect { x: area.x, width: area.width, ..rect }
    } else {
        Rect { x: rect.x - 1, width: rect.width + 2, ..rect }
    });
    let inner = painter.frame(rect, &page.title, page.border);
    let height = content_height(cx, rect.height);
    let content = Rect { height: height.min(inner.height), ..inner };
    let mut scroll = scroll.min(page.lines.len().saturating_sub(height.into()));
    if let Some(focus) = page.focus {
        scroll = scroll.min(focus).max((focus + 1).saturating_sub(height.into()));
    }
    let below = page.lines.len().saturating_sub(scroll + usize::from(height));
    painter.lines(content, page.lines, scroll);
    if rect.height >= 5 {
        painter.line(inner, inner.height - 1, key_line(theme, &page.keys, inner.width.into()));
        // What lies outside stands on the lower border, with the keys that bring it here.
        if (below > 0 || scroll > 0) && rect.width >= 4 {
            let words = format!(" {}{} ", more(scroll, below), scroll_keys(cx));
            let width = rows(columns(&words)).min(rect.width.saturating_sub(4));
            let place = Rect { x: rect.right() - 2 - width, y: rect.bottom() - 1, width, height: 1 };
            painter.line(place, 0, Line::styled(words, page.border));
        }
    }
}

/// The keys that scroll the window on top; in forms the cursor brings along what is around it.
fn scroll_keys(cx: &Context) -> String {
    match cx.mode {
        Mode::Field => String::new(),
        _ => format!(": {} {} {}", cx.key_of(Command::Up), cx.key_of(Command::Down), cx.key_of(Command::PageDown)),
    }
}

/// The keys of commands, each with what it does here.
fn keys_of(cx: &Context, items: &[(Command, &str)]) -> Vec<(String, String)> {
    items.iter().map(|(command, label)| (cx.key_of(*command), (*label).to_owned())).collect()
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

/// The one key of a page that is only read.
fn close(cx: &Context) -> Vec<(String, String)> {
    keys_of(cx, &[(Command::Refuse, "close")])
}

/// Keys of a window that nobody asked for: none are offered until they work.
fn unasked(cx: &Context, items: &[(Command, &str)]) -> Vec<(String, String)> {
    if cx.in_grace() { Vec::new() } else { keys_of(cx, items) }
}
