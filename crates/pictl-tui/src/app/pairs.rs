//! The cursor of the Keys screen.

use pictl_model::NodeId;
use pictl_model::node::Link;
use pictl_model::world::NodeView;

use super::{App, Ways, scrolled};
use crate::keymap::Command;
use crate::screens;

/// The Keys screen's own state.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeysUi {
    /// In the matrix: 0 is this computer, then the nodes by name. In the list: its rows.
    pub(crate) row: usize,
    /// The node that is logged in to.
    pub(crate) column: usize,
    /// Lines of the detail scrolled away.
    pub(crate) scroll: usize,
}

/// pictl itself cannot log in there.
pub(crate) fn is_shut(node: &NodeView) -> bool {
    matches!(node.link, Link::Lost { .. } | Link::Failed { .. })
}

impl App {
    /// How many pairs of members fail; what was tried before keys changed is left out.
    pub(crate) fn failing_pairs(&self) -> usize {
        let member = |id: &NodeId| self.world.nodes.get(id).is_some_and(|n| n.member.is_some());
        self.world.mesh.failing().filter(|(from, to)| member(from) && member(to)).count()
    }

    /// Some way fails that the cursor could go to.
    pub(crate) fn anything_fails(&self) -> bool {
        self.failing_pairs() > 0 || self.world.nodes.values().any(|n| n.member.is_some() && is_shut(n))
    }

    pub(super) fn move_on_keys(&mut self, command: Command) {
        let ways = Ways::of(self);
        let (rows, columns) = match ways.len() {
            0 => return,
            n if ways.is_list() => (ways.failing.len() + n - 1, 0),
            n => (n, n - 1),
        };
        let page = usize::from(self.size.1).saturating_sub(12).max(1);
        if !ways.is_list() && matches!(command, Command::PageUp | Command::PageDown) {
            let (lines, height) = screens::keys::detail_extent(self);
            self.keys.scroll = scrolled(self.keys.scroll, command, lines, height);
            return;
        }
        let ui = &mut self.keys;
        ui.scroll = 0;
        (ui.row, ui.column) = (ui.row.min(rows), ui.column.min(columns));
        match command {
            Command::Up => ui.row = ui.row.saturating_sub(1),
            Command::Down => ui.row += 1,
            Command::Left => ui.column = ui.column.saturating_sub(1),
            Command::Right => ui.column += 1,
            Command::PageUp => ui.row = ui.row.saturating_sub(page),
            Command::PageDown => ui.row += page,
            Command::Top => ui.row = 0,
            _ => ui.row = rows,
        }
        (ui.row, ui.column) = (ui.row.min(rows), ui.column.min(columns));
    }

    /// Puts the cursor on the next pair that fails, after the last on the first again.
    pub(super) fn next_failing(&mut self) {
        let ways = Ways::of(self);
        let failing = &ways.failing;
        let ui = &self.keys;
        let (row, column) = if ways.is_list() {
            (if ui.row + 1 < failing.len() { ui.row + 1 } else { 0 }, 0)
        } else {
            let mine = (0..ways.len()).filter(|to| is_shut(ways.nodes[*to])).map(|to| (0, to));
            let places: Vec<(usize, usize)> = mine.chain(failing.iter().map(|(from, to)| (from + 1, *to))).collect();
            let Some(first) = places.first() else { return };
            *places.iter().find(|place| **place > (ui.row, ui.column)).unwrap_or(first)
        };
        (self.keys.row, self.keys.column, self.keys.scroll) = (row, column, 0);
    }
}
