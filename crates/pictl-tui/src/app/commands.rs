//! Who deals with a command, and the commands of the dashboard itself.

use pictl_model::event::Level;

use super::App;
use crate::context::Obstacle;
use crate::field::TextField;
use crate::jobs;
use crate::keymap::{Command, Mode, TABLE};
use crate::messages::{Effect, Leaving};
use crate::screens::SCREENS;
use crate::windows::{Exec, Help, Messages, Quit};

impl App {
    /// The screen with this command in its own mode: the one that is shown, else the first.
    fn owner(&self, command: Command) -> Option<usize> {
        let owns = |at: &usize| {
            let mode = self.screens[*at].mode();
            mode != Mode::Everywhere && TABLE.iter().any(|entry| entry.mode == mode && entry.command == command)
        };
        std::iter::once(self.at).chain(0..self.screens.len()).find(owns)
    }

    /// Why a command can not be given now, with what to do instead.
    pub(crate) fn obstacle(&self, command: Command) -> Obstacle {
        let cx = &self.cx;
        if jobs::owns(command) {
            return jobs::obstacle(cx, command);
        }
        if let Some(owner) = self.owner(command) {
            return self.screens[owner].obstacle(cx, command);
        }
        match command {
            Command::ExecOutput if cx.world.exec.is_none() => {
                Err(format!("no command has been run yet: {} runs one", cx.key_of(Command::Exec)))
            }
            Command::Search if self.screen().filter(cx).is_none() => {
                Err("there is nothing to filter on this screen".to_owned())
            }
            Command::Cancel if !cx.is_working() => Err("nothing is running".to_owned()),
            _ => Ok(()),
        }
    }

    /// Does what a command says, or says why not.
    pub(crate) fn command(&mut self, command: Command) -> Vec<Effect> {
        if let Err(why) = self.obstacle(command) {
            self.cx.say(Level::Warn, why);
            return Vec::new();
        }
        if jobs::owns(command) {
            return jobs::command(&mut self.cx, command);
        }
        let owner = if command.is_move() { Some(self.at) } else { self.owner(command) };
        if let Some(owner) = owner {
            return self.screens[owner].command(&mut self.cx, command);
        }
        if SCREENS.iter().any(|row| row.go == command) {
            return self.go(command);
        }
        match command {
            Command::ExecOutput => self.cx.open(Exec),
            Command::Messages => self.cx.open(Messages),
            Command::Help => self.cx.open(Help),
            Command::Search => self.searching = true,
            Command::CommandLine => self.open_line(""),
            Command::NextScreen => return self.step_screen(1),
            Command::PreviousScreen => return self.step_screen(SCREENS.len() - 1),
            Command::Back => return self.back(),
            Command::Quit if self.cx.is_busy() => self.cx.open(Quit),
            Command::Quit => return vec![Effect::Leave(Leaving::Quit)],
            // The rest belongs to dialogs, fields or the ladder and never comes here.
            _ => {}
        }
        Vec::new()
    }

    /// Goes to the screen that this command goes to.
    pub(super) fn go(&mut self, command: Command) -> Vec<Effect> {
        let Some(at) = SCREENS.iter().position(|row| row.go == command) else { return Vec::new() };
        self.at = at;
        self.searching = false;
        self.screens[at].shown(&self.cx)
    }

    fn step_screen(&mut self, by: usize) -> Vec<Effect> {
        self.go(SCREENS[(self.at + by) % SCREENS.len()].go)
    }

    /// Closes the innermost thing that is open; never does harm.
    fn back(&mut self) -> Vec<Effect> {
        self.cx.message = None;
        let screen = &mut self.screens[self.at];
        if let Some(filter) = screen.filter_mut(&mut self.cx).filter(|filter| !filter.text().is_empty()) {
            *filter = TextField::default();
            return Vec::new();
        }
        // With nothing left to close, Esc leaves a record that is shown over the live dashboard.
        let left = if self.cx.options.over_live { vec![Effect::Leave(Leaving::Quit)] } else { Vec::new() };
        screen.back(&mut self.cx).unwrap_or(left)
    }
}
