//! What the keys of the Nodes screen do.

use pictl_model::event::Level;
use pictl_model::request::{MemberChange, Request};

use crate::context::{Context, Obstacle};
use crate::jobs::{self, blink, scan};
use crate::keymap::Command;
use crate::messages::Effect;
use crate::windows::forms::{logins, rename};
use crate::windows::{Details, Remove};

/// Why a command cannot be given now.
pub(super) fn obstacle(cx: &Context, command: Command) -> Obstacle {
    if !matches!(command, Command::Open | Command::Order) {
        cx.is_live()?;
    }
    let key = |command| cx.key_of(command);
    let node = cx.node_at_cursor();
    let no = |why: String| Err(why);
    match command {
        Command::SetLogin if logins::login_nodes(cx).is_empty() => {
            no("only nodes in the cluster have a login of their own: set them up first".to_owned())
        }
        Command::Mark | Command::Open | Command::Rename | Command::Identify | Command::Order if node.is_none() => {
            no(format!("there are no nodes yet: {} scans for some", key(Command::Scan)))
        }
        Command::MarkPis if !cx.shows_pi() => no(format!(
            "no Raspberry Pi has been found yet: {} scans again; {} marks any node",
            key(Command::Scan),
            key(Command::Mark)
        )),
        Command::MakeHead | Command::Remove if node.is_none_or(|n| n.member.is_none()) => {
            no("this node is not in the cluster".to_owned())
        }
        Command::MakeHead if node.is_some_and(|n| n.member.as_ref().is_some_and(|m| m.head)) => {
            no("this node is already the head".to_owned())
        }
        _ => Ok(()),
    }
}

/// Does what a command says.
pub(super) fn command(cx: &mut Context, command: Command) -> Vec<Effect> {
    let node = cx.node_at_cursor().map(|n| n.id.clone());
    match command {
        Command::WatchNet => return scan::watch(cx),
        Command::Identify => return blink::identify(cx),
        Command::Order => cx.order_next(),
        Command::Mark => cx.mark_at_cursor(),
        Command::MarkPis => cx.mark_pis(),
        // With marks, what can be done with them is what leads on.
        Command::Open if !cx.selection.marks.is_empty() => return set_up_marked(cx),
        Command::Open => {
            if let Some(node) = node {
                cx.open(Details(node));
            }
        }
        Command::Rename => rename::open(cx),
        Command::MakeHead => {
            let change = MemberChange { head: true, ..MemberChange::default() };
            return node.map(|node| Effect::Send(Request::SetMember { node, change })).into_iter().collect();
        }
        Command::Remove => {
            if let Some(node) = node {
                cx.open(Remove(node));
            }
        }
        Command::SetLogin => logins::open(cx),
        command => cx.move_cursor(command),
    }
    Vec::new()
}

fn set_up_marked(cx: &mut Context) -> Vec<Effect> {
    if let Err(why) = jobs::obstacle(cx, Command::SetUp) {
        cx.say(Level::Warn, why);
        return Vec::new();
    }
    jobs::command(cx, Command::SetUp)
}

/// Stops a scan; with none going on takes the marks off.
pub(super) fn back(cx: &mut Context) -> Option<Vec<Effect>> {
    // A scan is begun again sooner than marks are set again.
    if cx.is_scanning() || cx.world.watching.is_some() {
        return Some(vec![Effect::Send(Request::StopScan)]);
    }
    let marks = std::mem::take(&mut cx.selection.marks);
    (!marks.is_empty()).then(Vec::new)
}
