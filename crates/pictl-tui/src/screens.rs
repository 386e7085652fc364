//! The screens: what each has to offer, and the one list of them.

mod empty;
pub(crate) mod history;
pub(crate) mod keys;
pub(crate) mod nodes;
pub(crate) mod run;
pub(crate) mod setup;
pub(crate) mod table;

use std::any::Any;

use pictl_model::Event;
use pictl_model::request::Request;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::context::{Context, Obstacle};
use crate::field::TextField;
use crate::jobs;
use crate::keymap::{Command, Entry, Mode};
use crate::messages::{Effect, Msg};
use crate::paint::Painter;
use crate::theme::Theme;
use crate::words::number;

/// A screen. It owns what only it needs, such as its cursor. It is [`Any`], so that tests can look into it.
pub(crate) trait Screen: Any {
    /// The keymap's mode with its own commands; [`Mode::Everywhere`] where it has none.
    fn mode(&self) -> Mode {
        Mode::Everywhere
    }

    /// How far its work is, so that it is seen from the other screens too; empty when there is nothing to say.
    fn badge(&self, _cx: &Context) -> String {
        String::new()
    }

    /// Draws it; changes nothing.
    fn draw(&self, cx: &Context, painter: &mut Painter<'_>, area: Rect);

    /// Why one of its own commands cannot be given now.
    fn obstacle(&self, _cx: &Context, _command: Command) -> Obstacle {
        Ok(())
    }

    /// Does what one of its own commands says, or moves: all of [`Command::is_move`] come here.
    fn command(&mut self, cx: &mut Context, command: Command) -> Vec<Effect>;

    /// Closes the innermost thing that is open, and never does harm; `None` when nothing is open.
    fn back(&mut self, _cx: &mut Context) -> Option<Vec<Effect>> {
        None
    }

    /// The user comes to it.
    fn shown(&mut self, _cx: &Context) -> Vec<Effect> {
        Vec::new()
    }

    /// A key is pressed while nothing lies over it.
    fn touched(&mut self, _cx: &mut Context) {}

    /// Takes what happens in the engine, before the world does.
    fn event(&mut self, _cx: &Context, _event: &Event) -> Vec<Effect> {
        Vec::new()
    }

    /// Takes the answer to an effect.
    fn answer(&mut self, _cx: &mut Context, _msg: &Msg) -> Vec<Effect> {
        Vec::new()
    }

    /// Something is asked of the engine.
    fn sent(&mut self, _request: &Request) {}

    /// Its filter, where it has one.
    fn filter<'a>(&'a self, _cx: &'a Context) -> Option<&'a TextField> {
        None
    }

    /// The same filter, to be changed.
    fn filter_mut<'a>(&'a mut self, _cx: &'a mut Context) -> Option<&'a mut TextField> {
        None
    }

    /// What stands before the filter while it is typed.
    fn filter_label(&self) -> &'static str {
        ""
    }

    /// What a key is called in the help line now; `None` where it would only take room.
    fn label(&self, cx: &Context, entry: &Entry) -> Option<String> {
        Some(label(cx, entry))
    }

    /// The key of this command comes first in the help line.
    fn leads(&self, cx: &Context, command: Command) -> bool {
        jobs::next_step(cx) == Some(command)
    }

    /// What it has to say in the status line while it is shown.
    fn status(&self, _cx: &Context, _theme: Theme) -> Option<Line<'static>> {
        None
    }
}

/// What a key is called in the help line of every screen.
pub(crate) fn label(cx: &Context, entry: &Entry) -> String {
    let marks = cx.selection.marks.len();
    match entry.command {
        Command::SetUp if marks > 0 => format!("set up {} marked", number(marks as u64)),
        Command::Quit if cx.options.over_live => "back".to_owned(),
        _ => entry.label.to_owned(),
    }
}

/// A row of the list of screens.
pub(crate) struct Row {
    /// What it is called in the header.
    pub(crate) title: &'static str,
    /// The command that goes there; its key is the screen's.
    pub(crate) go: Command,
    /// Makes it as it is at first.
    pub(crate) new: fn() -> Box<dyn Screen>,
}

/// The screens, from left to right.
pub(crate) const SCREENS: [Row; 5] = [
    Row { title: "Nodes", go: Command::GoNodes, new: || Box::new(nodes::NodesScreen) },
    Row { title: "Setup", go: Command::GoSetup, new: || Box::new(setup::SetupScreen::default()) },
    Row { title: "Run", go: Command::GoRun, new: || Box::new(run::RunScreen::default()) },
    Row { title: "Keys", go: Command::GoKeys, new: || Box::new(keys::KeysScreen::default()) },
    Row { title: "History", go: Command::GoHistory, new: || Box::new(history::HistoryScreen::default()) },
];
