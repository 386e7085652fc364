//! Pages to read: keys, messages, a command's output, all about a node.

use pictl_model::NodeId;
use pictl_model::node::{Facts, Link};
use pictl_model::run::Stream;
use pictl_model::telemetry::{ClockOffset, Swapped};
use pictl_model::world::{ExecNode, NodeView};
use ratatui::text::{Line, Span};

use super::{Page, keys_of};
use crate::app::{App, login_groups};
use crate::keymap::{Command, Mode, TABLE};
use crate::theme::Theme;
use crate::view::{notice_words, spinner};
use crate::words::{self, ago, count, listing, number, pad, wrap};

/// A node takes about so many milliseconds to tell its facts, and its clock somewhere among them.
const FACTS_TAKE: u32 = 500;

fn close(app: &App) -> Vec<(String, String)> {
    keys_of(app, &[(Command::Refuse, "close")])
}

pub(super) fn help(app: &App, theme: Theme, width: usize) -> Page {
    let mut lines = Vec::new();
    for mode in Mode::ALL {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::styled(mode.title(), theme.strong()));
        for entry in TABLE.iter().filter(|e| e.mode == mode) {
            let keys = app.options.keymap.shown(mode, entry.command);
            if keys.is_empty() {
                continue;
            }
            for (row, part) in wrap(entry.text, width.saturating_sub(13)).into_iter().enumerate() {
                let keys = if row == 0 { pad(&keys, 12) } else { " ".repeat(12) };
                lines.push(Line::from(vec![Span::styled(keys, theme.key()), Span::raw(format!(" {part}"))]));
            }
        }
    }
    Page { title: "Keys".to_owned(), lines, focus: None, keys: close(app), width: 84, border: theme.border() }
}

pub(super) fn messages(app: &App, theme: Theme, width: usize) -> Page {
    let mut lines = Vec::new();
    for notice in &app.world.notices {
        let words = format!("{} ({})", notice_words(app, notice), ago(app.now, notice.at));
        for (row, part) in wrap(&words, width.saturating_sub(2)).into_iter().enumerate() {
            let indent = if row == 0 { "" } else { "  " };
            lines.push(Line::styled(format!("{indent}{part}"), theme.level(notice.level)));
        }
    }
    if lines.is_empty() {
        lines.push(Line::styled("Nothing to tell yet.", theme.dim()));
    }
    Page { title: "Messages".to_owned(), lines, focus: None, keys: close(app), width: 110, border: theme.border() }
}

/// A command's output; nodes that printed the same are shown once.
pub(super) fn exec(app: &App, theme: Theme, width: usize) -> Page {
    let mut lines = Vec::new();
    let Some(exec) = &app.world.exec else {
        let lines = vec![Line::raw(format!("{} waiting for the nodes", spinner(app)))];
        return Page {
            title: "Command".to_owned(),
            lines,
            focus: None,
            keys: close(app),
            width: 100,
            border: theme.border(),
        };
    };
    let ended = exec.nodes.values().filter(|n| n.ended).count();
    if !exec.finished {
        let words = format!("{} {ended} of {} ended", spinner(app), count(exec.nodes.len(), "node"));
        lines.push(Line::styled(words, theme.busy()));
        lines.push(Line::default());
    }
    let mut groups: Vec<(Vec<String>, &ExecNode)> = Vec::new();
    for (id, node) in &exec.nodes {
        match groups.iter_mut().find(|(_, other)| *other == node) {
            Some((names, _)) => names.push(app.called(id)),
            None => groups.push((vec![app.called(id)], node)),
        }
    }
    for (mut names, node) in groups {
        names.sort();
        let (end, style) = match (node.ended, node.status, &node.problem) {
            (false, ..) => ("still running".to_owned(), theme.busy()),
            (true, Some(0), _) => ("✓ exit status 0".to_owned(), theme.ok()),
            (true, Some(status), _) => (format!("✗ exit status {status}"), theme.bad()),
            (true, None, Some(problem)) => (format!("✗ {problem}"), theme.bad()),
            (true, None, None) => ("✗ ended without a status".to_owned(), theme.bad()),
        };
        lines.push(Line::from(vec![
            Span::styled(format!("{}  ", listing(&names, 6)), theme.strong()),
            Span::styled(end, style),
        ]));
        for (stream, text) in &node.lines {
            let style = if *stream == Stream::Err { theme.warn() } else { theme.plain() };
            let mark = if *stream == Stream::Err { "! " } else { "  " };
            let parts = wrap_output(text, width.saturating_sub(2));
            lines.extend(parts.into_iter().map(|part| Line::styled(format!("{mark}{part}"), style)));
        }
        lines.push(Line::default());
    }
    lines.pop();
    let title = format!("$ {}", exec.command);
    Page { title, lines, focus: None, keys: close(app), width: 110, border: theme.border() }
}

/// Output broken at the width and nowhere else, since its blanks may matter.
pub(super) fn wrap_output(text: &str, width: usize) -> Vec<String> {
    if width == 0 || text.is_empty() {
        return vec![String::new()];
    }
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(width).map(|part| part.iter().collect()).collect()
}

pub(super) fn details_page(app: &App, theme: Theme, id: &NodeId, width: usize) -> Page {
    let node = app.world.nodes.get(id);
    let lines = node.map_or_else(Vec::new, |node| details(app, theme, node, width));
    let title = node.map_or_else(|| id.to_string(), |node| app.name_of(node));
    Page { title, lines, focus: None, keys: close(app), width: 80, border: theme.border() }
}

/// All that is known of a node, with how it is known.
pub(crate) fn details(app: &App, theme: Theme, node: &NodeView, width: usize) -> Vec<Line<'static>> {
    let mut rows: Vec<(&str, String)> = Vec::new();
    let mut lines = Vec::new();
    if let Some(member) = &node.member {
        let part = if member.head { "the head: mpirun starts here" } else { "yes" };
        rows.push(("In cluster", format!("{part}, as {}", member.name)));
        let through = member.jump.as_ref().map(|jump| format!(", through {jump}")).unwrap_or_default();
        rows.push(("Login", format!("{} on port {}{through}", member.user, member.port)));
        if let Some(identity) = &member.identity {
            rows.push(("Key file", identity.display().to_string()));
        }
        for (nth, group) in login_groups(&app.world.members()).into_iter().enumerate() {
            rows.push((if nth == 0 { "All logins" } else { "" }, group));
        }
    } else {
        rows.push(("In cluster", "no".to_owned()));
    }
    if let Some(address) = node.address() {
        rows.push(("Address", address.to_string()));
    }
    let hints: Vec<String> = node.hints().into_iter().map(|h| words::hint(h).to_owned()).collect();
    let pi = if hints.is_empty() { "no sign of it".to_owned() } else { format!("by {}", listing(&hints, 4)) };
    rows.push(("Pi?", pi));
    if let Some(sighting) = &node.sighting {
        if let Some(mac) = sighting.mac {
            let made_up = if mac.is_local() { " (made up by software)" } else { "" };
            let vendor = sighting.vendor.as_ref().map(|v| format!(", {v}")).unwrap_or_default();
            rows.push(("MAC", format!("{mac}{vendor}{made_up}")));
        }
        if let Some(name) = &sighting.hostname {
            rows.push(("Goes by", name.clone()));
        }
        let port = if sighting.port == 22 { String::new() } else { format!(" (port {})", sighting.port) };
        rows.push(("SSH", sighting.ssh.clone().map_or("no answer".to_owned(), |s| format!("{s}{port}"))));
        let by: Vec<String> = sighting.seen_by.iter().map(|s| words::seen_by(*s).to_owned()).collect();
        let rtt = sighting.rtt.map(|r| format!(", answered in {} ms", r.0)).unwrap_or_default();
        rows.push(("Found by", format!("{}{rtt}", listing(&by, 4))));
    }
    let by = node.login.as_ref().map(|by| format!(" {}", words::login(by))).unwrap_or_default();
    rows.push(("Link", format!("{}{by}", words::connection(node, app.now))));
    match &node.link {
        Link::Lost { why } => rows.push(("", format!("✗ {why}"))),
        Link::Failed { why, hint } => {
            rows.push(("", format!("✗ {why}")));
            rows.push(("", format!("→ {hint}")));
        }
        _ => {}
    }
    if let Some(facts) = &node.facts {
        fact_rows(facts, &mut rows);
    }
    if let Some(reading) = node.newest() {
        let sample = reading.sample;
        rows.push(("Sensors", format!("{} ({})", words::readings(&sample).join(", "), ago(app.now, reading.at))));
        let throttle = words::throttle(&sample);
        if !throttle.is_empty() {
            rows.push(("", format!("! {throttle}")));
        }
        let flows = words::flows(&sample);
        if !flows.is_empty() {
            rows.push(("", flows.join(", ")));
        }
        if let Some(swapped) = sample.swapped.filter(|swapped| *swapped != Swapped::default()) {
            let (pages_in, pages_out) = (number(swapped.pages_in), number(swapped.pages_out));
            rows.push(("Swap", format!("{pages_in} pages in, {pages_out} out since boot")));
        }
    }
    // As the sampler shows it, else as it was when the facts were read.
    let read = || Some(ClockOffset { ms: node.facts.as_ref()?.clock_offset_ms?, within_ms: FACTS_TAKE });
    if let Some(offset) = node.newest().and_then(|r| r.sample.offset).or_else(read) {
        let warning = if offset.ms.abs() >= 2_000 { "! " } else { "" };
        rows.push(("Clock", format!("{warning}{}", words::clock_offset(offset))));
    }
    if let Some(seen) = node.last_seen {
        rows.push(("Last seen", ago(app.now, seen)));
    }
    for (label, value) in rows {
        let style = match value.chars().next() {
            Some('✗') => theme.bad(),
            Some('!') => theme.warn(),
            _ => theme.plain(),
        };
        for (row, part) in wrap(&value, width.saturating_sub(12)).into_iter().enumerate() {
            let label = pad(if row == 0 { label } else { "" }, 12);
            lines.push(Line::from(vec![Span::styled(label, theme.dim()), Span::styled(part, style)]));
        }
    }
    lines
}

fn fact_rows(facts: &Facts, rows: &mut Vec<(&str, String)>) {
    if let Some(model) = &facts.model {
        rows.push(("Model", model.clone()));
    }
    rows.push(("System", format!("{} ({})", facts.os, facts.arch)));
    rows.push(("Host name", facts.hostname.clone()));
    rows.push((
        "Size",
        format!("{}, {} MiB memory", count(facts.cores.into(), "core"), number(facts.mem_total_kib / 1024)),
    ));
    if let Some(sudo) = facts.sudo {
        rows.push(("Root by", words::sudo(sudo).to_owned()));
    }
    let mpi: Vec<String> = facts.mpi.iter().map(|m| format!("{} {}", m.family, m.version)).collect();
    rows.push(("MPI", if mpi.is_empty() { "none yet".to_owned() } else { listing(&mpi, 3) }));
    if let Some(mpi4py) = &facts.mpi4py {
        let family = mpi4py.family.map(|f| format!(" for {f}")).unwrap_or_default();
        rows.push(("mpi4py", format!("{}{family}", mpi4py.version)));
    }
    if let Some(kernel) = &facts.kernel {
        let governor = facts.governor.as_ref().map(|g| format!(", governor {g}")).unwrap_or_default();
        rows.push(("Kernel", format!("{kernel}{governor}")));
    }
    if facts.cloud_init {
        rows.push(("cloud-init", "! enabled: it may undo names at the next boot".to_owned()));
    }
}
