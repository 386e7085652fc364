//! Questions for passwords and passphrases. Nothing of what is typed is shown, not even how long it is.

use pictl_model::NodeId;
use pictl_model::request::Question;
use pictl_model::world::NodeView;
use ratatui::text::{Line, Span};

use super::QuestionWindow;
use crate::blocks::text;
use crate::context::Context;
use crate::keymap::Command;
use crate::theme::{SPINNER, Theme};
use crate::windows::{NARROW, Page, most_rows, unasked};
use crate::words::{count, listing, wrap};

/// Dots that stand for a secret of whatever length.
const DOTS: usize = 8;

/// Nodes by name and, with room, address, in the order of their names.
fn places(cx: &Context, nodes: &[NodeId], width: usize) -> String {
    let mut nodes: Vec<&NodeId> = nodes.iter().collect();
    nodes.sort_by_cached_key(|id| cx.called(id));
    let names: Vec<String> = nodes
        .iter()
        .map(|id| {
            let name = cx.called(id);
            match cx.world.nodes.get(id).and_then(NodeView::address) {
                Some(address) if address.to_string() != name && width >= NARROW => format!("{name} ({address})"),
                _ => name,
            }
        })
        .collect();
    if nodes.len() > 4 { format!("{}: {}", count(nodes.len(), "node"), listing(&names, 3)) } else { listing(&names, 4) }
}

/// What is asked for.
struct Ask<'a> {
    title: &'static str,
    words: String,
    retry: Option<&'a str>,
    /// The password of the login may be taken.
    same_offered: bool,
    nodes: &'a [NodeId],
}

fn ask<'a>(cx: &Context, question: &'a Question, width: usize) -> Ask<'a> {
    match question {
        Question::Password { user, nodes, retry } => Ask {
            title: "Password",
            words: format!("The password of {user} on {}, to log in.", places(cx, nodes, width)),
            retry: retry.as_ref().map(|rejected| rejected.reason().unwrap_or_default()),
            same_offered: false,
            nodes,
        },
        Question::Passphrase { key, nodes, retry } => {
            let takers = match nodes.as_slice() {
                [_] => places(cx, nodes, width),
                _ => count(nodes.len(), "node"),
            };
            let words = if width < NARROW {
                format!("The passphrase of {}, for {takers}.", key.display())
            } else {
                format!("The passphrase of your key {}, which {takers} would accept for the login.", key.display())
            };
            Ask { title: "Passphrase", words, retry: retry.as_deref(), same_offered: false, nodes }
        }
        Question::SudoPassword { user, nodes, same_offered, retry } => Ask {
            title: "Password for sudo",
            words: format!("sudo needs the password of {user} on {}, to change the system.", places(cx, nodes, width)),
            retry: retry.as_deref(),
            same_offered: *same_offered,
            nodes,
        },
        // These have pages of their own.
        Question::Trust { .. } | Question::Apply { .. } => {
            Ask { title: "", words: String::new(), retry: None, same_offered: false, nodes: &[] }
        }
    }
}

pub(super) fn page(cx: &Context, theme: Theme, ui: &QuestionWindow, question: &Question, width: usize) -> Page {
    let ask = ask(cx, question, width);
    let mut lines = Vec::new();
    // On the smallest screens the field and the reason stand together instead.
    let gap = |lines: &mut Vec<Line<'static>>| {
        if most_rows(cx) >= 9 {
            lines.push(Line::default());
        }
    };
    if let Some(retry) = ask.retry {
        let why = if retry.is_empty() { String::new() } else { format!(": {retry}") };
        let words = format!("✗ The last one was refused{why}");
        lines.extend(wrap(&words, width).into_iter().map(|l| Line::styled(l, theme.bad())));
        gap(&mut lines);
    }
    text(theme, &mut lines, &ask.words, width);
    gap(&mut lines);
    lines.push(field(cx, theme, ui, &ask));
    if let Some(why) = ui.not_pasted {
        let words = format!("! Not pasted: {why}");
        lines.extend(wrap(&words, width).into_iter().map(|l| Line::styled(l, theme.warn())));
    } else if ui.secret.is_all_capitals() {
        let words = "! Only capitals so far: is Caps Lock on?";
        lines.extend(wrap(words, width).into_iter().map(|l| Line::styled(l, theme.warn())));
    }
    let focus = lines.len() - 1;
    gap(&mut lines);
    let promise = "It is used for this session only and never written anywhere.";
    lines.extend(wrap(promise, width).into_iter().map(|l| Line::styled(l, theme.dim())));
    let out = match ask.nodes.len() {
        _ if width < NARROW => "skip",
        1 => "skip this node",
        _ => "skip these nodes",
    };
    Page {
        title: ask.title.to_owned(),
        lines,
        focus: Some(focus),
        keys: unasked(cx, &[(Command::Accept, "go on"), (Command::Refuse, out)]),
        width: 72,
        border: theme.busy(),
    }
}

/// The field: as many dots for one letter as for twenty, and a symbol that turns with every key.
fn field(cx: &Context, theme: Theme, ui: &QuestionWindow, ask: &Ask<'_>) -> Line<'static> {
    let mut spans = vec![Span::styled("▸ ".to_owned(), theme.strong())];
    let cursor = Span::styled(" ".to_owned(), Theme::cursor());
    if !ui.secret.is_empty() {
        let turn = SPINNER[ui.secret.strokes % SPINNER.len()];
        let typed = Span::styled(format!("  {turn} typed, hidden"), theme.dim());
        spans.extend([Span::raw("•".repeat(DOTS)), cursor, typed]);
    } else if ask.same_offered {
        let same = format!("  {} alone: the same as for the login", cx.key_of(Command::Accept));
        spans.extend([cursor, Span::styled(same, theme.dim())]);
    } else {
        spans.extend([cursor, Span::styled("  nothing typed yet".to_owned(), theme.dim())]);
    }
    Line::from(spans)
}
