//! Questions of the engine, refusals and confirmations.

use pictl_model::NodeId;
use pictl_model::request::{Question, Refusal};
use pictl_model::step::StepState;
use pictl_model::trust::TrustRow;
use pictl_model::world::NodeView;
use ratatui::text::{Line, Span};

use super::pages::wrap_output;
use super::{Page, keys_of, most_rows};
use crate::app::{App, QuestionUi};
use crate::keymap::Command;
use crate::screens::busy_words;
use crate::theme::Theme;
use crate::words::{columns, count, listing, pad, wrap};

/// In less than these columns keys are told in fewer words.
const NARROW: usize = 48;

fn text(theme: Theme, lines: &mut Vec<Line<'static>>, words: &str, width: usize) {
    lines.extend(wrap(words, width).into_iter().map(|l| Line::styled(l, theme.plain())));
}

/// Keys of a window that nobody asked for: none are offered until they work.
fn unasked(app: &App, items: &[(Command, &str)]) -> Vec<(String, String)> {
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
        Question::Trust { rows } => trust(app, theme, ui, rows, width),
        Question::Password { user, nodes, retry } => {
            let words = format!("The password of {user} on {}, to log in.", places(app, nodes, width));
            let ask =
                Ask { title: "Password", words, retry: retry.as_deref(), same_offered: false, nodes: nodes.len() };
            password(app, theme, ui, &ask, width)
        }
        Question::Passphrase { key, nodes, retry } => {
            let words = format!("The passphrase of {}, to log in on {}.", key.display(), places(app, nodes, width));
            let ask =
                Ask { title: "Passphrase", words, retry: retry.as_deref(), same_offered: false, nodes: nodes.len() };
            password(app, theme, ui, &ask, width)
        }
        Question::SudoPassword { user, nodes, same_offered, retry } => {
            let words =
                format!("sudo wants the password of {user} on {}, to change the system.", places(app, nodes, width));
            let (retry, same_offered) = (retry.as_deref(), *same_offered);
            let ask = Ask { title: "Password for sudo", words, retry, same_offered, nodes: nodes.len() };
            password(app, theme, ui, &ask, width)
        }
        Question::Apply { changes, nodes } => apply(app, theme, *changes, *nodes, width),
    })
}

/// Nodes by name and, with room, address, in the order of their names.
fn places(app: &App, nodes: &[NodeId], width: usize) -> String {
    let mut nodes: Vec<&NodeId> = nodes.iter().collect();
    nodes.sort_by_cached_key(|id| app.called(id));
    let names: Vec<String> = nodes
        .iter()
        .map(|id| {
            let name = app.called(id);
            match app.world.nodes.get(id).and_then(NodeView::address) {
                Some(address) if address.to_string() != name && width >= NARROW => format!("{name} ({address})"),
                _ => name,
            }
        })
        .collect();
    if nodes.len() > 4 { format!("{}: {}", count(nodes.len(), "node"), listing(&names, 3)) } else { listing(&names, 4) }
}

/// A question for a password.
struct Ask<'a> {
    title: &'static str,
    words: String,
    retry: Option<&'a str>,
    same_offered: bool,
    nodes: usize,
}

fn password(app: &App, theme: Theme, ui: &QuestionUi, ask: &Ask<'_>, width: usize) -> Page {
    let mut lines = Vec::new();
    // On the smallest screens the field and the reason stand together instead.
    let gap = |lines: &mut Vec<Line<'static>>| {
        if most_rows(app) >= 9 {
            lines.push(Line::default());
        }
    };
    if let Some(retry) = ask.retry {
        // Some hosts say why, some only that it is so.
        let why = if retry.ends_with("was refused") { String::new() } else { format!(": {retry}") };
        let words = format!("✗ The last one was refused{why}");
        lines.extend(wrap(&words, width).into_iter().map(|l| Line::styled(l, theme.bad())));
        gap(&mut lines);
    }
    text(theme, &mut lines, &ask.words, width);
    gap(&mut lines);
    let shown = ui.secret.len().min(width.saturating_sub(12));
    let same = if ask.same_offered && ui.secret.is_empty() {
        format!("  {} alone: the same as for the login", app.key_of(Command::Accept))
    } else {
        String::new()
    };
    let field = Line::from(vec![
        Span::styled("▸ ".to_owned(), theme.strong()),
        Span::raw("•".repeat(shown)),
        Span::styled(" ".to_owned(), Theme::cursor()),
        Span::styled(same, theme.dim()),
    ]);
    let focus = lines.len();
    lines.push(field);
    gap(&mut lines);
    let kept = "It is used for this session only and never written anywhere.";
    lines.extend(wrap(kept, width).into_iter().map(|l| Line::styled(l, theme.dim())));
    let out = match ask.nodes {
        _ if width < NARROW => "leave out",
        1 => "leave this node out",
        _ => "leave these nodes out",
    };
    Page {
        title: ask.title.to_owned(),
        lines,
        focus: Some(focus),
        keys: unasked(app, &[(Command::Accept, "go on"), (Command::Refuse, out)]),
        width: 72,
        border: theme.busy(),
    }
}

fn trust(app: &App, theme: Theme, ui: &QuestionUi, rows: &[TrustRow], width: usize) -> Page {
    let mut lines = Vec::new();
    let algorithm = rows.first().map_or("", |r| r.key.algorithm.as_str());
    let file = ["ed25519", "ecdsa", "rsa"].into_iter().find(|a| algorithm.contains(a)).unwrap_or("ed25519");
    let words = format!(
        "Never seen before. To be sure, compare each with what `ssh-keygen -lf /etc/ssh/ssh_host_{file}_key.pub` \
         prints on that computer. From now on a changed key stops pictl."
    );
    text(theme, &mut lines, &words, width);
    lines.push(Line::default());
    let mut focus = None;
    for (index, row) in rows.iter().enumerate() {
        let here = index == ui.row;
        let tick = if ui.unticked.contains(&row.node) { "[ ]" } else { "[x]" };
        let style = if here { theme.strong() } else { theme.plain() };
        let pointer = if here { "▸ " } else { "  " };
        let mac = row.mac.map(|m| m.to_string()).unwrap_or_default();
        let place = format!("{pointer}{tick} {}", pad(&row.address.to_string(), 15));
        if width >= 96 {
            let words = format!("{place} {} {}", pad(&mac, 17), row.fingerprint);
            lines.push(Line::styled(words, style));
        } else {
            lines.push(Line::styled(format!("{place} {mac}"), style));
            // A fingerprint is never cut: half of one proves nothing.
            let indent = if width >= 58 { 6 } else { 2 };
            for part in wrap(&row.fingerprint.to_string(), width.saturating_sub(indent)) {
                lines.push(Line::styled(format!("{}{part}", " ".repeat(indent)), theme.plain()));
            }
        }
        if !row.same_as.is_empty() {
            let names: Vec<String> = row.same_as.iter().map(|n| app.called(n)).collect();
            let words = format!("! the same key as {}: a copied card, or one computer twice", listing(&names, 3));
            lines.extend(
                wrap(&words, width.saturating_sub(6))
                    .into_iter()
                    .map(|l| Line::styled(format!("      {l}"), theme.warn())),
            );
        }
        if here {
            focus = Some(lines.len() - 1);
        }
    }
    let ticked = rows.iter().filter(|r| !ui.unticked.contains(&r.node)).count();
    let accept = format!("trust {ticked}");
    let refuse = if width < NARROW { "none" } else { "trust none" };
    Page {
        title: format!("Trust {}?", count(rows.len(), "host key")),
        lines,
        focus,
        keys: unasked(app, &[(Command::Accept, &accept), (Command::Toggle, "tick"), (Command::Refuse, refuse)]),
        width: 104,
        border: theme.warn(),
    }
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
