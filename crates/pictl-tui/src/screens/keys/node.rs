//! What is known of the keys of one node.

use pictl_model::step::{StepId, StepState};
use ratatui::style::Style;

use super::look::Look;
use super::routes::Route;

/// A thing in a few words, its first letter a symbol.
pub(super) type Fact = (String, Style);

/// What setups of this session said last of a step on a node, in words.
fn step(look: &Look<'_>, node: usize, step: StepId) -> Option<Fact> {
    let state = look.step(node, step)?;
    let (symbol, style) = look.theme.step(state);
    let word = if matches!(state, StepState::Done | StepState::AlreadySo) { "present" } else { state.word() };
    Some((format!("{symbol} {word}"), style))
}

fn unknown(look: &Look<'_>) -> Fact {
    ("· unknown".to_owned(), look.theme.dim())
}

/// The operator's key on the node.
pub(super) fn your_key(look: &Look<'_>, node: usize) -> Fact {
    let by = || {
        let by = look.routes.nodes[node].login.as_ref()?;
        Some(if by.is_password() {
            ("! refused".to_owned(), look.theme.warn())
        } else {
            ("✓ accepted".to_owned(), look.theme.ok())
        })
    };
    step(look, node, StepId::OperatorKey).or_else(by).unwrap_or_else(|| unknown(look))
}

/// The node's own key pair.
pub(super) fn its_key(look: &Look<'_>, node: usize) -> Fact {
    let works = || {
        let used = (0..look.routes.len()).any(|to| matches!(look.routes.route(node, to), Some(Route::Works(_))));
        used.then(|| ("✓ present".to_owned(), look.theme.ok()))
    };
    step(look, node, StepId::NodeKey).or_else(works).unwrap_or_else(|| unknown(look))
}

/// Whether its host keys and its machine-id are its own.
pub(super) fn identity(look: &Look<'_>, node: usize) -> Fact {
    if let Some(other) = look.routes.clone_of[node] {
        return (format!("! as {}", look.routes.names[other]), look.theme.warn());
    }
    let known = look.routes.nodes[node].member.as_ref().is_some_and(|m| m.offered_key().is_some());
    match look.step(node, StepId::Identity) {
        None if !known => unknown(look),
        None | Some(StepState::Done | StepState::AlreadySo) => ("✓ its own".to_owned(), look.theme.ok()),
        Some(_) => step(look, node, StepId::Identity).unwrap_or_else(|| unknown(look)),
    }
}
