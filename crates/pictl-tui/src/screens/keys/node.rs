//! What is known of the keys of one node.

use pictl_model::step::{StepId, StepState};
use ratatui::style::Style;

use super::Look;
use crate::app::Way;
use crate::words;

/// A thing in a few words, its first letter a symbol.
pub(super) type Fact = (String, Style);

/// What the present or last setup says of a step on a node.
fn step(look: &Look<'_>, node: usize, step: StepId) -> Option<Fact> {
    let setup = look.app.world.setup.as_ref()?;
    let cell = setup.cells.get(&(look.ways.nodes[node].id.clone(), step))?;
    if cell.state == StepState::Pending {
        return None;
    }
    let (symbol, style) = look.theme.step(cell.state);
    let word = if cell.state.is_good() && cell.state != StepState::Warned { "there" } else { cell.state.word() };
    Some((format!("{symbol} {word}"), style))
}

fn unknown(look: &Look<'_>) -> Fact {
    ("· unknown".to_owned(), look.theme.dim())
}

/// The operator's key on the node.
pub(super) fn your_key(look: &Look<'_>, node: usize) -> Fact {
    let by = || {
        let by = look.ways.nodes[node].login.as_ref()?;
        Some(if words::login(by).1 {
            ("✓ taken".to_owned(), look.theme.ok())
        } else {
            ("! not taken".to_owned(), look.theme.warn())
        })
    };
    step(look, node, StepId::OperatorKey).or_else(by).unwrap_or_else(|| unknown(look))
}

/// The node's own key pair.
pub(super) fn its_key(look: &Look<'_>, node: usize) -> Fact {
    let works = || {
        let used = (0..look.ways.len()).any(|to| matches!(look.ways.way(node, to), Some(Way::Works(_))));
        used.then(|| ("✓ there".to_owned(), look.theme.ok()))
    };
    step(look, node, StepId::NodeKey).or_else(works).unwrap_or_else(|| unknown(look))
}

/// Whether its host keys and its machine-id are its own.
pub(super) fn identity(look: &Look<'_>, node: usize) -> Fact {
    let told = step(look, node, StepId::Identity);
    let own = || ("✓ its own".to_owned(), look.theme.ok());
    match (&told, look.ways.twins[node]) {
        (Some((word, _)), _) if word.ends_with("there") => own(),
        (_, Some(twin)) => (format!("! as {}", look.ways.names[twin]), look.theme.warn()),
        (Some(told), None) => told.clone(),
        (None, None) if look.ways.nodes[node].member.as_ref().is_some_and(|m| m.host_key.is_some()) => own(),
        (None, None) => unknown(look),
    }
}
