//! What the scan found and what is in the cluster.

use pictl_model::node::Likelihood;
use pictl_model::world::NodeView;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{NARROW, rows};
use crate::blocks::{press, spinner};
use crate::context::Context;
use crate::keymap::{Command, Mode};
use crate::paint::{self, Painter, split_right, split_top};
use crate::screens::empty::{middle, not_recorded};
use crate::theme::Theme;
use crate::windows::details;
use crate::words::{count, number, wrap};

/// From this width on the details stand beside the table.
const WIDE: u16 = 140;
/// Width of the details beside the table.
const DETAILS: u16 = 50;
/// From this height on the details stand below the table on narrower screens.
const HIGH: u16 = 26;
/// From this height on several problems of a scan stand above the table, else one.
const ROOMY: u16 = 16;
/// So many at most.
const PROBLEMS: usize = 3;

pub(super) fn draw(cx: &Context, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let shown = cx.shown_nodes();
    if cx.world.nodes.is_empty() {
        empty(cx, painter, area);
        return;
    }
    let mut lines = vec![overview(cx, theme, &shown)];
    let problems = problems(cx, if area.height < ROOMY { 1 } else { PROBLEMS });
    lines.extend(problems.into_iter().map(|problem| Line::styled(format!(" ! {problem}"), theme.warn())));
    let (head, rest) = split_top(area, if area.height >= 6 { paint::rows(lines.len()) + 1 } else { 0 });
    painter.lines(head, lines, 0);
    let (table, more) = if area.width >= WIDE {
        split_right(rest, DETAILS)
    } else if area.height >= HIGH {
        // The table takes the rows that it needs, at most about half.
        split_top(rest, paint::rows(shown.len()).saturating_add(2).min(rest.height / 2))
    } else {
        (rest, Rect::default())
    };
    rows::draw(cx, painter, table, &shown);
    if let Some(node) = cx.node_at_cursor().filter(|_| more.width > 0) {
        painter.rule(more, 0, &cx.name_of(node));
        let (_, text) = split_top(more, 1);
        let text = Rect { x: text.x + 1, width: text.width - 1, ..text };
        let lines = details(cx, theme, node, text.width.into());
        painter.lines(text, lines, 0);
    }
}

/// How many there are, in words.
fn overview(cx: &Context, theme: Theme, shown: &[&NodeView]) -> Line<'static> {
    let members = shown.iter().filter(|n| n.member.is_some()).count();
    let others = shown.len() - members;
    let pis =
        |sure: &[Likelihood]| shown.iter().filter(|n| n.member.is_none() && sure.contains(&n.likelihood())).count();
    let (likely, maybe) = (pis(&[Likelihood::Yes, Likelihood::Likely]), pis(&[Likelihood::Maybe]));
    let mut words = Vec::new();
    if members > 0 {
        words.push(format!("{} in the cluster", count(members, "node")));
        words.extend(cx.world.mpi().map(|mpi| mpi.to_string()));
    }
    if others > 0 {
        let what = if members > 0 { "other host" } else { "host" };
        let (found, pi) = if cx.size.0 < NARROW { ("", "Pi") } else { (" found", "Raspberry Pi") };
        let pis = match (likely, maybe) {
            (0, 0) => format!("none looks like a {pi}"),
            (0, maybe) => format!("maybe {}", count(maybe, pi)),
            (likely, 0) => count(likely, &format!("likely {pi}")),
            (likely, maybe) => format!("{}, {} maybe", count(likely, &format!("likely {pi}")), number(maybe as u64)),
        };
        words.push(format!("{}{found}, {pis}", count(others, what)));
    }
    let changes: Vec<&str> = shown.iter().filter_map(|n| n.change).map(|(_, change)| change.word()).collect();
    for word in ["new", "moved", "gone"] {
        if let n @ 1.. = changes.iter().filter(|other| **other == word).count() {
            words.push(format!("{} {word}", number(n as u64)));
        }
    }
    if !cx.selection.marks.is_empty() {
        words.push(format!("{} marked", cx.selection.marks.len()));
    }
    let filter = cx.selection.filter.text();
    if !filter.is_empty() {
        words.push(format!("only those with \"{filter}\" ({} shows all)", cx.key_of(Command::Back)));
    }
    Line::styled(format!(" {}", words.join(" · ")), theme.strong())
}

/// What the scan leaves out or could not do, in at most `most` sentences.
fn problems(cx: &Context, most: usize) -> Vec<String> {
    let problems = cx.world.scan.as_ref().map_or(&[][..], |scan| &scan.problems);
    if problems.len() <= most {
        return problems.to_vec();
    }
    let (shown, rest) = problems.split_at(most - 1);
    let key = cx.options.keymap.key(Mode::Everywhere, Command::Messages);
    let rest =
        format!("{} of the scan: {key} shows them", count(rest.len(), if most > 1 { "more remark" } else { "remark" }));
    shown.iter().cloned().chain([rest]).collect()
}

fn empty(cx: &Context, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    if let Some(lines) = not_recorded(cx, theme) {
        middle(painter, area, lines);
        return;
    }
    let key = |command| cx.key_of(command);
    let scan = cx.world.scan.as_ref();
    let mut lines = Vec::new();
    match scan {
        Some(scan) if scan.active => {
            lines.push(Line::styled(format!("{} scanning for hosts in {}", spinner(cx), scan.targets), theme.strong()));
            lines.push(Line::default());
            lines.push(Line::raw(if scan.asked < scan.addresses {
                "They appear here as they answer."
            } else {
                "All addresses were asked; late answers may follow."
            }));
        }
        Some(scan) => {
            lines.push(Line::styled(format!("No host answered in {}.", scan.targets), theme.strong()));
            lines.push(Line::default());
            let roomy = area.height >= ROOMY;
            for problem in problems(cx, if roomy { PROBLEMS } else { 1 }) {
                let parts = wrap(&format!("! {problem}"), usize::from(area.width.min(70)));
                lines.extend(parts.into_iter().map(|p| Line::styled(p, theme.warn())));
            }
            lines.push(Line::raw("Are the Pis on, and on this network?"));
            if roomy {
                lines.push(Line::raw("The first start from a new SD card takes minutes."));
                lines.push(Line::raw("Guest Wi-Fi often keeps hosts apart."));
                lines.push(Line::default());
            }
            lines.push(press(theme, "Press", &key(Command::WatchNet), "to watch until they appear."));
            lines.push(press(theme, "Press", &key(Command::Scan), "to scan again."));
            lines.push(press(theme, "Press", &key(Command::CommandLine), "and type scan 192.168.1.0/24"));
        }
        None => {
            lines.push(Line::styled("From Raspberry Pis to an MPI cluster.", theme.strong()));
            lines.push(Line::default());
            lines.push(press(theme, "Press", &key(Command::Scan), "to scan for hosts."));
            lines.push(press(theme, "Press", &key(Command::Help), "to see all keys."));
        }
    }
    middle(painter, area, lines);
}
