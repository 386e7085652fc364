//! What a setup is going to change.

use pictl_model::step::StepState;
use ratatui::text::{Line, Span};

use crate::blocks::diff_lines;
use crate::context::Context;
use crate::keymap::Command;
use crate::theme::Theme;
use crate::windows::{NARROW, Page, unasked};
use crate::words::{columns, count, listing};

/// The planned change: per step, with nodes folded where the change is the same.
pub(super) fn page(cx: &Context, theme: Theme, changes: u32, nodes: u32, width: usize) -> Page {
    let mut lines = Vec::new();
    let words = format!("{} on {} will be made:", count(changes as usize, "change"), count(nodes as usize, "node"));
    lines.push(Line::styled(words, theme.strong()));
    if let Some(setup) = &cx.world.setup {
        for step in &setup.plan.steps {
            let mut groups: Vec<(Vec<String>, Vec<String>)> = Vec::new();
            for node in &setup.plan.nodes {
                let cell = setup.cell(&node.node, *step);
                if cell.state != StepState::Planned {
                    continue;
                }
                let change = if cell.change.is_empty() { vec![cell.message.clone()] } else { cell.change.clone() };
                match groups.iter_mut().find(|(_, other)| *other == change) {
                    Some((names, _)) => names.push(node.name.to_string()),
                    None => groups.push((vec![node.name.to_string()], change)),
                }
            }
            for (names, change) in groups {
                lines.push(Line::default());
                let title = Span::styled(step.title(), theme.strong());
                let places = Span::styled(format!("  on {}", listing(&names, 4)), theme.dim());
                if columns(&title.content) + columns(&places.content) <= width {
                    lines.push(Line::from(vec![title, places]));
                } else {
                    lines.extend([Line::from(title), Line::from(places)]);
                }
                lines.extend(change.iter().flat_map(|l| diff_lines(theme, l, 2, width)));
            }
        }
    }
    let accept = if width < NARROW { "make them" } else { "make these changes" };
    let keys = unasked(cx, &[(Command::Accept, accept), (Command::Refuse, "change nothing")]);
    let title = "Make these changes?".to_owned();
    Page { title, lines, focus: None, keys, width: 100, border: theme.warn() }
}
