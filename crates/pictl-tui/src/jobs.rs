//! What can be started from every screen: a scan, a setup, a benchmark, a command on all nodes.

pub(crate) mod blink;
pub(crate) mod scan;
pub(crate) mod start;

use crate::context::{Context, Obstacle};
use crate::keymap::Command;
use crate::messages::Effect;
use crate::windows;

/// The commands that are dealt with here.
pub(crate) fn owns(command: Command) -> bool {
    matches!(command, Command::Scan | Command::SetUp | Command::Bench | Command::Exec)
}

/// Why one of them cannot be given now.
pub(crate) fn obstacle(cx: &Context, command: Command) -> Obstacle {
    cx.is_live()?;
    match command {
        Command::Scan => scan::obstacle(cx),
        Command::SetUp => {
            cx.is_free()?;
            if cx.setup_nodes().is_empty() {
                return Err(format!("there is nothing to set up yet: {} scans for nodes", cx.key_of(Command::Scan)));
            }
            Ok(())
        }
        _ => {
            cx.is_free()?;
            cx.has_members()?;
            cx.marks_mean_members()
        }
    }
}

/// Does what one of them says.
pub(crate) fn command(cx: &mut Context, command: Command) -> Vec<Effect> {
    match command {
        Command::Scan => return scan::again(cx),
        Command::SetUp => windows::forms::setup::open(cx),
        Command::Bench => windows::forms::bench::open(cx),
        Command::Exec => windows::forms::exec::open(cx),
        _ => {}
    }
    Vec::new()
}

/// The command that leads on from here.
pub(crate) fn next_step(cx: &Context) -> Option<Command> {
    let world = &cx.world;
    if world.is_busy() || cx.is_busy() || (cx.is_scanning() && world.watching.is_none()) {
        None
    } else if !cx.selection.marks.is_empty() {
        Some(Command::SetUp)
    } else if world.nodes.values().any(|n| n.member.is_some()) {
        Some(Command::Bench)
    } else if cx.shows_pi() {
        Some(Command::MarkPis)
    } else {
        Some(Command::Scan)
    }
}
