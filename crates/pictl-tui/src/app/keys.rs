//! Which part of the dashboard a key or a pasted text is for.

use super::{App, Layer};
use crate::context::Wish;
use crate::field::TextField;
use crate::key::Key;
use crate::keymap::{Command, Mode};
use crate::messages::Effect;
use crate::paint::scrolled;
use crate::windows::{self, After, Refused, Window};

impl App {
    pub(super) fn key(&mut self, key: Key) -> Vec<Effect> {
        let command = self.cx.options.keymap.command(self.cx.mode, key);
        match command {
            Some(Command::Cancel) => return self.cx.cancel(),
            Some(Command::Suspend) => return vec![Effect::Suspend],
            Some(Command::Redraw) => return vec![Effect::Redraw],
            _ => {}
        }
        match self.layer() {
            Layer::Line => self.line_key(key, command),
            Layer::Window | Layer::Refused | Layer::Question => self.window_key(key, command),
            Layer::Search => {
                self.search_key(key, command);
                Vec::new()
            }
            Layer::Screen => {
                self.screens[self.at].touched(&mut self.cx);
                command.map_or_else(Vec::new, |command| self.command(command))
            }
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        match self.layer() {
            Layer::Line => {
                if let Some(line) = &mut self.line {
                    line.field.paste(text);
                }
            }
            Layer::Search => {
                if let Some(filter) = self.screens[self.at].filter_mut(&mut self.cx) {
                    filter.paste(text);
                }
            }
            // Pasted text is never taken for commands.
            _ => {
                if let Some((window, cx)) = self.top_window() {
                    window.paste(cx, text);
                }
            }
        }
    }

    fn search_key(&mut self, key: Key, command: Option<Command>) {
        let Some(filter) = self.screens[self.at].filter_mut(&mut self.cx) else { return };
        if key.typed().is_some() {
            filter.key(key);
            return;
        }
        match command {
            Some(Command::Accept | Command::NextField | Command::Down) => self.searching = false,
            Some(Command::Refuse) => {
                *filter = TextField::default();
                self.searching = false;
            }
            _ => {
                filter.key(key);
            }
        }
    }

    /// The window that has the keys.
    fn top_window(&mut self) -> Option<(&mut dyn Window, &mut crate::Context)> {
        let window: &mut dyn Window = match self.layer() {
            Layer::Window => &mut **self.window.as_mut()?,
            Layer::Refused => self.refused.as_mut()?,
            Layer::Question => self.question.as_mut()?,
            _ => return None,
        };
        Some((window, &mut self.cx))
    }

    fn window_key(&mut self, key: Key, command: Option<Command>) -> Vec<Effect> {
        let Some((window, cx)) = self.top_window() else { return Vec::new() };
        let opened_by = cx.options.keymap.command(Mode::Everywhere, key);
        let (after, opener) = (window.key(cx, key, command), window.opener());
        match (after, command) {
            (After::Unused, Some(Command::Accept | Command::Refuse)) => self.close_top(),
            // The keys that open a page close it too.
            (After::Unused, None) if opener.is_some() && opened_by == opener => self.close_top(),
            (After::Unused, Some(command)) => {
                if let Some(window) = self.seen_window() {
                    let (lines, height) = windows::extent(&self.cx, window);
                    self.scroll = scrolled(self.scroll, command, lines, height);
                }
            }
            (After::Unused, None) => {}
            (After::Stay(effects), _) => return effects,
            (After::Close(effects), _) => {
                self.close_top();
                return effects;
            }
        }
        Vec::new()
    }

    /// Does what is left to do after the user's window dealt with an answer or an event.
    pub(super) fn after_window(&mut self, after: After) -> Vec<Effect> {
        match after {
            After::Unused => Vec::new(),
            After::Stay(effects) => effects,
            After::Close(effects) => {
                self.window = None;
                effects
            }
        }
    }

    /// Closes the window that has the keys.
    fn close_top(&mut self) {
        match self.layer() {
            Layer::Window => self.window = None,
            Layer::Refused => self.refused = None,
            Layer::Question => {
                // The engine's own event that it is answered comes later.
                if let Some(question) = self.question.take() {
                    self.cx.world.questions.retain(|(id, _)| *id != question.id);
                    self.cx.unasked_since = None;
                }
            }
            _ => {}
        }
    }

    /// Does what screens and windows want of the dashboard.
    pub(super) fn grant_wishes(&mut self, effects: &mut Vec<Effect>) {
        for wish in std::mem::take(&mut self.cx.wishes) {
            match wish {
                Wish::Go(screen) => effects.extend(self.go(screen)),
                Wish::Refuse { what, reasons } => self.refuse(Refused::new(what, reasons)),
                Wish::Open(window) => {
                    let lines = if window.begins_at_end() { windows::extent(&self.cx, &*window) } else { (0, 0) };
                    self.scroll = lines.0.saturating_sub(lines.1);
                    self.window = Some(window);
                }
            }
        }
    }
}
