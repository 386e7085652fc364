//! Questions of the engine, refusals and confirmations.

use pictl_model::NodeId;
use pictl_model::request::{Question, Refusal};
use pictl_model::step::StepState;
use pictl_model::world::NodeView;
use ratatui::text::{Line, Span};

use super::pages::wrap_output;
use super::{Page, keys_of, secrets, trust};
use crate::app::App;
use crate::keymap::Command;
use crate::screens::busy_words;
use crate::theme::Theme;
use crate::words::{columns, count, listing, wrap};

/// In less than these columns keys are told in fewer words.
pub(super) const NARROW: usize = 48;

pub(super) fn text(theme: Theme, lines: &mut Vec<Line<'static>>, words: &str, width: usize) {
    lines.extend(wrap(words, width).into_iter().map(|l| Line::styled(l, theme.plain())));
}

/// Keys of a window that nobody asked for: none are offered until they work.
pub(super) fn unasked(app: &App, items: &[(Command, &str)]) -> Vec<(String, String)> {
    if app.in_grace() { Vec::new() } else { keys_of(app, items) }
}

pub(super) fn quit(app: &App, theme: Theme, width: usize) -> Page {
    let mut lines = Vec::new();
    // What was asked about may have ended while the question stood there.
    let mut keys = Vec::new();
    if app.is_busy() {
        text(theme, &mut lines, &format!("Still at work: {}.", busy_words(app)), width);
        if let Some(run) = app.can_go_on() {
            let key = app.key_of(Command::LeaveRunning);
            let words = if width < NARROW {
                format!("{key} leaves it running: `pictl` finds it again.")
            } else {
                let (head, id) = (app.head_of(&run.plan), &run.plan.id);
                let series = run.plan.series.as_ref().filter(|s| s.index < s.of);
                let rest = series.map(|s| format!("; the runs up to {} do not follow", s.of)).unwrap_or_default();
                format!(
                    "{key} leaves it running on {head} without pictl{rest}. Starting `pictl` again joins it, as does \
                     `pictl attach {id}`."
                )
            };
            text(theme, &mut lines, &words, width);
            keys.push((Command::LeaveRunning, "leave it running"));
        }
        let stop = app.key_of(Command::StopAndQuit);
        let words = format!("{stop} stops it first, so that no process is left on the nodes.");
        text(theme, &mut lines, &words, width);
        keys.push((Command::StopAndQuit, if width < NARROW { "stop" } else { "stop it and quit" }));
    } else {
        text(theme, &mut lines, "What was at work has ended.", width);
        keys.push((Command::StopAndQuit, "quit"));
    }
    keys.push((Command::Refuse, "stay"));
    Page {
        title: "Leave pictl?".to_owned(),
        lines,
        focus: None,
        keys: keys_of(app, &keys),
        width: 66,
        border: theme.warn(),
    }
}

pub(super) fn remove(app: &App, theme: Theme, node: &NodeId, width: usize) -> Page {
    let mut lines = Vec::new();
    let view = app.world.nodes.get(node);
    let address = view.and_then(NodeView::address).map(|a| format!(" ({a})")).unwrap_or_default();
    let name = app.called(node);
    text(theme, &mut lines, &format!("{name}{address} leaves the cluster's list."), width);
    text(theme, &mut lines, "Nothing is changed on the node: its keys and its names stay as they are.", width);
    if view.and_then(|n| n.member.as_ref()).is_some_and(|m| m.head) {
        lines.push(Line::styled("It is the head; another node has to take its place.".to_owned(), theme.warn()));
    }
    Page {
        title: format!("Remove {name}?"),
        lines,
        focus: None,
        keys: keys_of(app, &[(Command::Accept, "remove"), (Command::Refuse, "keep")]),
        width: 66,
        border: theme.warn(),
    }
}

pub(super) fn refused(app: &App, theme: Theme, width: usize) -> Option<Page> {
    let (what, reasons) = app.refused.as_ref()?;
    let mut lines = Vec::new();
    for Refusal { node, reason, hint } in reasons {
        let node = node.as_ref().map(|n| format!("{}: ", app.called(n))).unwrap_or_default();
        lines.extend(wrap(&format!("✗ {node}{reason}"), width).into_iter().map(|l| Line::styled(l, theme.bad())));
        if !hint.is_empty() {
            text(theme, &mut lines, &format!("→ {hint}"), width);
        }
        lines.push(Line::default());
    }
    lines.pop();
    Some(Page {
        title: format!("Not done: {what}"),
        lines,
        focus: None,
        keys: unasked(app, &[(Command::Accept, "close")]),
        width: 76,
        border: theme.bad(),
    })
}

pub(super) fn question(app: &App, theme: Theme, width: usize) -> Option<Page> {
    let ui = app.question.as_ref()?;
    Some(match app.asked()? {
        Question::Trust { rows } => trust::page(app, theme, ui, rows, width),
        question @ (Question::Password { .. } | Question::Passphrase { .. } | Question::SudoPassword { .. }) => {
            secrets::page(app, theme, ui, question, width)?
        }
        Question::Apply { changes, nodes } => apply(app, theme, *changes, *nodes, width),
    })
}

/// The planned change: per step, with nodes folded where the change is the same.
fn apply(app: &App, theme: Theme, changes: u32, nodes: u32, width: usize) -> Page {
    let mut lines = Vec::new();
    let words = format!("{} on {} will be made:", count(changes as usize, "change"), count(nodes as usize, "node"));
    lines.push(Line::styled(words, theme.strong()));
    if let Some(setup) = &app.world.setup {
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
    let keys = unasked(app, &[(Command::Accept, accept), (Command::Refuse, "change nothing")]);
    let title = "Make these changes?".to_owned();
    Page { title, lines, focus: None, keys, width: 100, border: theme.warn() }
}

/// A line of a change, in the colour of its sign, broken at the width: what is agreed to is shown whole.
pub(crate) fn diff_lines(theme: Theme, line: &str, indent: usize, width: usize) -> Vec<Line<'static>> {
    let style = match line.chars().next() {
        Some('+') => theme.ok(),
        Some('-') => theme.bad(),
        _ => theme.plain(),
    };
    let blank = " ".repeat(indent);
    let width = width.saturating_sub(indent);
    // Blanks matter in the text of a file, and not in a sentence about it.
    let parts = if line.starts_with(['+', '-']) { wrap_output(line, width) } else { wrap(line, width) };
    parts.into_iter().map(|part| Line::styled(format!("{blank}{part}"), style)).collect()
}
