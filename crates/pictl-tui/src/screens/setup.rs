//! Steps and nodes as a grid that fills live, and the detail of the selected cell.

mod draw;

use pictl_model::Event;
use ratatui::layout::Rect;

use super::Screen;
use crate::context::Context;
use crate::keymap::Command;
use crate::messages::Effect;
use crate::paint::{Painter, scrolled};

/// The Setup screen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SetupScreen {
    /// The selected step, by its place in the plan.
    row: usize,
    /// The selected node, by its place in the plan.
    column: usize,
    /// Lines of the detail scrolled away.
    scroll: usize,
}

impl Screen for SetupScreen {
    fn badge(&self, cx: &Context) -> String {
        match &cx.world.setup {
            Some(setup) if setup.summary.is_none() => {
                let (done, all) = setup.progress();
                format!(" {done}/{all}")
            }
            _ => String::new(),
        }
    }

    fn draw(&self, cx: &Context, painter: &mut Painter<'_>, area: Rect) {
        draw::draw(self, cx, painter, area);
    }

    /// Moves over the grid, and over the detail by pages.
    fn command(&mut self, cx: &mut Context, command: Command) -> Vec<Effect> {
        let Some(setup) = &cx.world.setup else { return Vec::new() };
        let (rows, columns) = (setup.plan.steps.len().saturating_sub(1), setup.plan.nodes.len().saturating_sub(1));
        if matches!(command, Command::PageUp | Command::PageDown) {
            let (lines, height) = draw::detail_extent(self, cx);
            self.scroll = scrolled(self.scroll, command, lines, height);
            return Vec::new();
        }
        match command {
            Command::Up => self.row = self.row.saturating_sub(1),
            Command::Down => self.row += 1,
            Command::Left => self.column = self.column.saturating_sub(1),
            Command::Right => self.column += 1,
            Command::Top => self.row = 0,
            _ => self.row = rows,
        }
        (self.row, self.column, self.scroll) = (self.row.min(rows), self.column.min(columns), 0);
        Vec::new()
    }

    fn event(&mut self, _cx: &Context, event: &Event) -> Vec<Effect> {
        if matches!(event, Event::SetupStarted { .. }) {
            *self = Self::default();
        }
        Vec::new()
    }
}
