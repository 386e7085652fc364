//! The table that asks which host keys you trust.

use pictl_model::trust::TrustRow;
use ratatui::style::Style;
use ratatui::text::Line;

use super::table::{Compared, TrustUi, trust_order};
use crate::blocks::{text, typed};
use crate::context::Context;
use crate::keymap::Command;
use crate::theme::Theme;
use crate::windows::{NARROW, Page, keys_of, unasked};
use crate::words::{count, listing, pad, wrap};

/// From this width on a fingerprint stands beside its address.
const WIDE: usize = 96;
/// Columns before what belongs to a row.
const INDENT: usize = 6;

/// The command that prints a host key's fingerprint on the host itself.
fn console(algorithm: &str) -> String {
    let file = ["ed25519", "ecdsa", "rsa"].into_iter().find(|a| algorithm.contains(a)).unwrap_or("ed25519");
    format!("ssh-keygen -lf /etc/ssh/ssh_host_{file}_key.pub")
}

pub(super) fn page(cx: &Context, theme: Theme, ui: &TrustUi, rows: &[TrustRow], width: usize) -> Page {
    let rows = trust_order(rows);
    let mut lines = Vec::new();
    let algorithm = rows.first().map_or("", |row| row.key.algorithm.as_str());
    let changed = rows.iter().position(|row| row.before.is_some());
    if changed != Some(0) {
        let words = format!(
            "These hosts are new. To be sure, compare each key with what `{}` prints on that computer. From now on pictl stops \
             when a key changes.",
            console(algorithm)
        );
        text(theme, &mut lines, &words, width);
        lines.push(Line::default());
    }
    let mut focus = None;
    for (index, row) in rows.iter().enumerate() {
        if changed == Some(index) {
            if index > 0 {
                lines.push(Line::default());
            }
            let words = "! The same network interface has a new key: the SD card was reflashed, or somebody intercepts the connection. \
                         Compare before you tick; pictl then forgets the old key.";
            lines.extend(wrap(words, width).into_iter().map(|l| Line::styled(l, theme.warn())));
            lines.push(Line::default());
        }
        lines.extend(row_lines(cx, theme, ui, row, index == ui.row, width));
        if index == ui.row {
            focus = Some(lines.len() - 1);
        }
    }
    let ticked = rows.iter().filter(|row| !ui.unticked.contains(&row.node)).count();
    Page {
        title: format!("Trust {}?", count(rows.len(), "host key")),
        lines,
        focus,
        keys: keys(cx, ui, ticked, width),
        width: 104,
        border: theme.warn(),
    }
}

fn keys(cx: &Context, ui: &TrustUi, ticked: usize, width: usize) -> Vec<(String, String)> {
    if ui.comparing.is_some() {
        return keys_of(cx, &[(Command::Accept, "compare"), (Command::Refuse, "back")]);
    }
    let accept = if ticked == 0 { "trust none".to_owned() } else { format!("trust {ticked}") };
    let refuse = if width < NARROW { "none" } else { "trust none" };
    let rest =
        [(Command::Toggle, "tick"), (Command::Compare, "compare"), (Command::Art, "art"), (Command::Refuse, refuse)];
    unasked(cx, &[&[(Command::Accept, accept.as_str())], &rest[..]].concat())
}

/// One key, with all that belongs to it below.
fn row_lines(cx: &Context, theme: Theme, ui: &TrustUi, row: &TrustRow, here: bool, width: usize) -> Vec<Line<'static>> {
    let compared = ui.compared.get(&row.node);
    let tick = match (ui.unticked.contains(&row.node), compared) {
        (_, Some(Compared::Different(_))) => "[✗]",
        (true, _) => "[ ]",
        (false, _) => "[x]",
    };
    let style = if here { theme.strong() } else { theme.plain() };
    let pointer = if here { "▸ " } else { "  " };
    let mac = row.mac.map(|m| m.to_string()).unwrap_or_default();
    let (indent, columns) = if width >= 58 { (INDENT, 15) } else { (2, 0) };
    let place =
        format!("{pointer}{tick} {}", pad(&row.address.to_string(), columns.max(row.address.to_string().len())));
    let below = |words: &str, style: Style| -> Vec<Line<'static>> {
        let parts = wrap(words, width.saturating_sub(indent));
        parts.into_iter().map(|part| Line::styled(format!("{}{part}", " ".repeat(indent)), style)).collect()
    };
    let mut lines = Vec::new();
    // A fingerprint is never cut: half of one proves nothing.
    if width >= WIDE {
        lines.push(Line::styled(format!("{place} {} {}", pad(&mac, 17), row.fingerprint), style));
    } else {
        lines.push(Line::styled(format!("{place} {mac}"), style));
        lines.extend(below(&row.fingerprint.to_string(), theme.plain()));
    }
    if let Some(before) = &row.before {
        lines.extend(below(&format!("until now: {before}"), theme.dim()));
    }
    match compared {
        Some(Compared::Equal) => lines.extend(below("✓ compared: its own console prints the same", theme.ok())),
        Some(Compared::Different(None)) => {
            lines.extend(below("✗ NOT the key that its console printed: do not trust it", theme.bad()));
        }
        Some(Compared::Different(Some(other))) => {
            let words = format!("✗ NOT this key: what you typed is the key of {}", cx.called(other));
            lines.extend(below(&words, theme.bad()));
        }
        None => {}
    }
    if !row.same_as.is_empty() {
        let names: Vec<String> = row.same_as.iter().map(|n| cx.called(n)).collect();
        let words = format!("! the same key as {}: a cloned SD card, or one computer found twice", listing(&names, 3));
        lines.extend(below(&words, theme.warn()));
    }
    if ui.art.contains(&row.node) {
        lines.extend(art(row, theme, indent));
    }
    if let Some(field) = ui.comparing.as_ref().filter(|_| here) {
        lines.extend(below(&format!("On its own console: {}", console(&row.key.algorithm)), theme.plain()));
        if let Some(why) = &ui.error {
            lines.extend(below(&format!("✗ {why}"), theme.bad()));
        }
        let label = format!("{}prints: ", " ".repeat(indent.saturating_sub(1)));
        lines.push(typed(&label, field, width));
    }
    lines
}

/// The key as a picture, as `ssh-keygen -lv` draws it.
fn art(row: &TrustRow, theme: Theme, indent: usize) -> Vec<Line<'static>> {
    let blank = " ".repeat(indent);
    if row.art.is_empty() {
        return vec![Line::styled(format!("{blank}There is no picture of this key."), theme.dim())];
    }
    row.art.lines().map(|part| Line::raw(format!("{blank}{part}"))).collect()
}
