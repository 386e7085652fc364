//! Finding nodes among the boards on the table: their LEDs blink.

use pictl_model::event::Level;
use pictl_model::request::{Login, Refusal, Request};
use pictl_model::{Millis, NodeId};

use crate::context::{Context, answers_ssh};
use crate::messages::Effect;
use crate::words::{count, listing};

/// How long an LED blinks: long enough to find it on a table full of boards.
const BLINK: Millis = Millis(15_000);
/// What a refusal to blink is called.
pub(crate) const BLINKING: &str = "blinking the LED";

/// Lets the marked nodes blink, or the one at the cursor.
pub(crate) fn identify(cx: &mut Context) -> Vec<Effect> {
    let shown = cx.shown_nodes();
    let marked = shown.iter().filter(|n| cx.selection.marks.contains(&n.id));
    let mut nodes: Vec<NodeId> = marked.map(|n| n.id.clone()).collect();
    if nodes.is_empty() {
        nodes.extend(cx.node_at_cursor().map(|n| n.id.clone()));
    }
    let login = cx.login();
    blink(cx, nodes, BLINK, login)
}

/// Lets `nodes` blink, but for those that do already and those that nobody can log in to.
pub(crate) fn blink(cx: &mut Context, mut nodes: Vec<NodeId>, time: Millis, login: Login) -> Vec<Effect> {
    let called = listing(&nodes.iter().map(|id| cx.called(id)).collect::<Vec<_>>(), 3);
    nodes.retain(|id| !cx.world.nodes.get(id).is_some_and(|n| n.blinking));
    if nodes.is_empty() {
        cx.say(Level::Info, format!("the LED of {called} is already blinking"));
        return Vec::new();
    }
    nodes.retain(|id| cx.world.nodes.get(id).is_some_and(|n| n.member.is_some() || answers_ssh(n)));
    if nodes.is_empty() {
        cx.say(Level::Warn, format!("no SSH server answers on {called}, so its LED cannot be switched"));
        return Vec::new();
    }
    cx.say(Level::Info, format!("logging in to {} to blink the LED", count(nodes.len(), "node")));
    vec![Effect::Send(Request::Identify { nodes, time, login })]
}

/// An LED began to blink, or ended, or cannot; the reason for the last comes back.
pub(crate) fn blinking(cx: &mut Context, node: &NodeId, on: bool, problem: Option<&str>) -> Option<Refusal> {
    if let Some(problem) = problem {
        return Some(Refusal { node: Some(node.clone()), reason: problem.to_owned(), hint: String::new() });
    }
    if on {
        cx.say(Level::Info, format!("the LED of {} is blinking", cx.called(node)));
    }
    None
}
