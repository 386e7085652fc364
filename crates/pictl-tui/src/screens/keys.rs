//! Who logs in to whom, filling live, and work on keys.

mod commands;
mod detail;
mod draw;
mod grid;
mod look;
mod node;
mod routes;
mod work;

use ratatui::layout::Rect;

use super::Screen;
use crate::context::{Context, Obstacle};
use crate::keymap::{Command, Mode};
use crate::messages::Effect;
use crate::paint::Painter;
use crate::words::number;

pub(crate) use routes::Routes;
#[cfg(test)]
pub(crate) use routes::Spot;
pub(crate) use work::{KeyTask, limited, remove_keys};

/// The Keys screen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeysScreen {
    /// In the matrix: 0 is this computer, then the nodes by name. In the list: its rows.
    pub(crate) row: usize,
    /// The node that is logged in to.
    pub(crate) column: usize,
    /// Lines of the detail scrolled away.
    scroll: usize,
}

impl Screen for KeysScreen {
    fn mode(&self) -> Mode {
        Mode::Keys
    }

    fn badge(&self, cx: &Context) -> String {
        match commands::failing_pairs(cx) {
            0 => String::new(),
            n => format!(" {} ✗", number(n as u64)),
        }
    }

    fn draw(&self, cx: &Context, painter: &mut Painter<'_>, area: Rect) {
        draw::draw(self, cx, painter, area);
    }

    fn obstacle(&self, cx: &Context, command: Command) -> Obstacle {
        commands::obstacle(cx, command)
    }

    fn command(&mut self, cx: &mut Context, command: Command) -> Vec<Effect> {
        commands::command(self, cx, command)
    }

    /// The screen has its own line for what comes next.
    fn leads(&self, _cx: &Context, _command: Command) -> bool {
        false
    }
}
