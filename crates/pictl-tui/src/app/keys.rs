//! Which part of the dashboard a key or a pasted text is for.

use pictl_model::request::{Request, ScanRequest};

use super::{App, Effect, Layer, Window};
use crate::field::TextField;
use crate::key::Key;
use crate::keymap::{Command, Mode};

impl App {
    pub(super) fn key(&mut self, key: Key) -> Vec<Effect> {
        let mode = self.mode();
        let command = self.options.keymap.command(mode, key);
        match command {
            Some(Command::Cancel) => return self.cancel(),
            Some(Command::Suspend) => return vec![Effect::Suspend],
            Some(Command::Redraw) => return vec![Effect::Redraw],
            _ => {}
        }
        match self.layer() {
            Layer::Line => self.line_key(key, command),
            Layer::Window => self.window_key(key, command),
            Layer::Search => {
                self.search_key(key, command);
                Vec::new()
            }
            Layer::Refused | Layer::Question => self.unasked_key(key, command),
            Layer::Screen => {
                self.hold_cursor();
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
            Layer::Window => {
                if let Some(Window::Form(form)) = &mut self.window {
                    form.paste(text);
                }
            }
            Layer::Search => self.filters[self.filter_index()].paste(text),
            Layer::Question => self.paste_answer(text),
            // Pasted text is never taken for commands.
            Layer::Refused | Layer::Screen => {}
        }
    }

    fn search_key(&mut self, key: Key, command: Option<Command>) {
        let index = self.filter_index();
        let filter = &mut self.filters[index];
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

    fn window_key(&mut self, key: Key, command: Option<Command>) -> Vec<Effect> {
        if let Some(Window::Form(_)) = &self.window
            && key.typed().is_some()
            && self.form_key(key)
        {
            return Vec::new();
        }
        if let Some(Window::Form(form)) = &mut self.window {
            match command {
                Some(Command::Accept) => return self.submit(),
                Some(Command::Refuse) => self.window = None,
                Some(Command::NextField | Command::Down) => form.step(true),
                Some(Command::PreviousField | Command::Up) => form.step(false),
                _ => {
                    self.form_key(key);
                }
            }
            return Vec::new();
        }
        match (command, &self.window) {
            (Some(Command::StopAndQuit), Some(Window::Quit)) => return self.stop_and_quit(),
            (Some(Command::LeaveRunning), Some(Window::Quit)) => return self.leave_running(),
            (Some(Command::Accept), Some(Window::Remove(node))) => {
                let node = node.clone();
                self.window = None;
                self.marks.remove(&node);
                return vec![Effect::Send(Request::RemoveMember { node })];
            }
            (Some(Command::Accept), Some(Window::KeyWork(task))) => {
                let task = *task;
                self.window = None;
                return self.do_key_task(task);
            }
            (Some(Command::Accept), Some(Window::WideScan(request, _))) => {
                let request = ScanRequest { wide: true, ..(**request).clone() };
                self.window = None;
                return self.scan(request);
            }
            (Some(Command::Accept | Command::Refuse), _) => self.window = None,
            // The keys that open a page close it too.
            (None, Some(window)) if self.options.keymap.command(Mode::Everywhere, key) == opener(window) => {
                self.window = None;
            }
            (Some(command), _) => self.scroll_window(command),
            (None, _) => {}
        }
        Vec::new()
    }
}

/// The command that opens a window.
fn opener(window: &Window) -> Option<Command> {
    match window {
        Window::Help => Some(Command::Help),
        Window::Messages => Some(Command::Messages),
        Window::Exec => Some(Command::ExecOutput),
        _ => None,
    }
}
