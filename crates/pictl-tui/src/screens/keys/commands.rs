//! What the keys of the Keys screen do.

use pictl_model::NodeId;

use super::KeysScreen;
use super::draw;
use super::routes::{Routes, is_shut};
use super::work::{KeyTask, limited};
use crate::context::{Context, Obstacle};
use crate::grammar::KeysHow;
use crate::keymap::Command;
use crate::messages::Effect;
use crate::paint::scrolled;
use crate::windows::forms::remove_key;
use crate::windows::key_work;

/// How many pairs of members fail; what was tried before keys changed is left out.
pub(super) fn failing_pairs(cx: &Context) -> usize {
    let member = |id: &NodeId| cx.world.nodes.get(id).is_some_and(|n| n.member.is_some());
    cx.world.mesh.failing().filter(|(from, to)| member(from) && member(to)).count()
}

/// Some login fails that the cursor could go to.
fn anything_fails(cx: &Context) -> bool {
    failing_pairs(cx) > 0 || cx.world.nodes.values().any(|n| n.member.is_some() && is_shut(n))
}

/// Why a command cannot be given now.
pub(super) fn obstacle(cx: &Context, command: Command) -> Obstacle {
    match command {
        Command::NextFailing if !anything_fails(cx) => Err("no pair fails".to_owned()),
        Command::ShowSteps if cx.world.setup.is_none() => {
            Err(format!("no work on keys has been started yet: {} checks all pairs", cx.key_of(Command::CheckPairs)))
        }
        Command::NextFailing | Command::ShowSteps => Ok(()),
        _ => {
            cx.is_live()?;
            cx.is_free()?;
            cx.has_members()?;
            cx.marks_mean_members()
        }
    }
}

/// Does what a command says.
pub(super) fn command(screen: &mut KeysScreen, cx: &mut Context, command: Command) -> Vec<Effect> {
    if let Some(task) = KeyTask::of(command) {
        let how = limited(cx, command, KeysHow::default());
        return key_work::ask(cx, task, how);
    }
    match command {
        Command::ShowSteps => cx.go(Command::GoSetup),
        Command::NextFailing => next_failing(screen, cx),
        Command::RemoveKey => {
            let how = limited(cx, command, KeysHow::default());
            remove_key::open(cx, "", how);
        }
        command => move_cursor(screen, cx, command),
    }
    Vec::new()
}

fn move_cursor(screen: &mut KeysScreen, cx: &Context, command: Command) {
    let routes = Routes::of(cx);
    let (rows, columns) = match routes.len() {
        0 => return,
        n if routes.is_list() => (routes.failing.len() + n - 1, 0),
        n => (n, n - 1),
    };
    let page = usize::from(cx.size.1).saturating_sub(12).max(1);
    if !routes.is_list() && matches!(command, Command::PageUp | Command::PageDown) {
        let (lines, height) = draw::detail_extent(screen, cx);
        screen.scroll = scrolled(screen.scroll, command, lines, height);
        return;
    }
    let ui = screen;
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
fn next_failing(screen: &mut KeysScreen, cx: &Context) {
    let routes = Routes::of(cx);
    let failing = &routes.failing;
    let ui = &*screen;
    let (row, column) = if routes.is_list() {
        (if ui.row + 1 < failing.len() { ui.row + 1 } else { 0 }, 0)
    } else {
        let mine = (0..routes.len()).filter(|to| is_shut(routes.nodes[*to])).map(|to| (0, to));
        let places: Vec<(usize, usize)> = mine.chain(failing.iter().map(|(from, to)| (from + 1, *to))).collect();
        let Some(first) = places.first() else { return };
        *places.iter().find(|place| **place > (ui.row, ui.column)).unwrap_or(first)
    };
    (screen.row, screen.column, screen.scroll) = (row, column, 0);
}
