//! The line that says what a scan or a watch is doing.

use pictl_model::Millis;
use pictl_model::node::Change;
use pictl_model::world::ScanView;
use ratatui::text::{Line, Span};

use super::NARROW;
use crate::blocks::spinner;
use crate::context::Context;
use crate::paint::bar;
use crate::theme::Theme;
use crate::words::{add, ago, count, number, roughly};

/// The result of a scan stays so long; then it is old news.
const NEWS: Millis = Millis(30_000);

/// What the scan is doing, or what it found a moment ago.
pub(crate) fn scan_line(cx: &Context, theme: Theme) -> Option<Line<'static>> {
    let scan = cx.world.scan.as_ref()?;
    let watched = cx.world.watching;
    match (scan.active, watched) {
        // The first pass of a watch is a scan like others.
        (true, None) => Some(progress(cx, theme, scan)),
        (true, Some(_)) if !scan.again => Some(progress(cx, theme, scan)),
        (_, Some(every)) => Some(watching(cx, theme, scan, every)),
        (false, None) => result(cx, theme, scan),
    }
}

fn progress(cx: &Context, theme: Theme, scan: &ScanView) -> Line<'static> {
    let elapsed = cx.now - scan.started;
    let mut line = Line::styled(format!(" {} ", spinner(cx)), theme.busy());
    if cx.size.0 >= NARROW {
        let share = scan.asked as f64 / scan.addresses.max(1) as f64;
        line.spans.extend(bar(share, 10, theme.busy(), theme.dim()));
        line.spans.push(Span::raw(" "));
    }
    let asked = format!("{} of {} asked", number(scan.asked), number(scan.addresses));
    let found = format!("{} found", number(scan.found));
    // Who was asked last may still answer, so the time goes on and the rate does not.
    let rest = if scan.asked < scan.addresses {
        let rate = scan.asked as f64 / elapsed.seconds().max(0.1);
        format!("{asked}, {found}  {}/s  {elapsed}", number(rate as u64))
    } else {
        format!("{asked}, listening, {found}  {elapsed}")
    };
    line.spans.push(Span::raw(format!("{rest}  {}", scan.method)));
    line
}

/// What a watch waits for, and who came, went or moved, the newest first, as many as there is room for.
fn watching(cx: &Context, theme: Theme, scan: &ScanView, every: Millis) -> Line<'static> {
    let next = scan.started.plus(scan.elapsed.unwrap_or_default()).plus(every);
    let doing = if scan.active {
        format!("scanning {}", spinner(cx))
    } else if next <= cx.now {
        "next pass now".to_owned()
    } else {
        format!("next pass in {}", roughly(next - cx.now))
    };
    let mut line = Line::styled(format!(" watching {}, {doing}", scan.targets), theme.busy());
    let mut changed: Vec<_> =
        cx.world.nodes.values().filter_map(|n| n.change.map(|(at, change)| (at, change, n))).collect();
    changed.sort_by_key(|(at, _, node)| (std::cmp::Reverse(*at), node.address()));
    // Freshly flashed nodes all have the same name; their addresses differ.
    let shared = |name: &str| cx.world.nodes.values().filter(|n| cx.name_of(n) == name).nth(1).is_some();
    for (nth, (at, change, node)) in changed.into_iter().enumerate() {
        let name = cx.name_of(node);
        let address = node.address().filter(|_| shared(&name));
        let who = address.map_or(name, |address| address.to_string());
        let (did, style) = match change {
            Change::New => ("appeared", theme.ok()),
            Change::Moved { .. } => ("moved", theme.warn()),
            Change::Gone => ("disappeared", theme.warn()),
        };
        let gap = if nth == 0 { " · " } else { ", " };
        let what = format!("{gap}{who} {did} {}", ago(cx.now, at));
        add(&mut line, cx.size.0.into(), Span::styled(what, style));
    }
    line
}

fn result(cx: &Context, theme: Theme, scan: &ScanView) -> Option<Line<'static>> {
    let elapsed = scan.elapsed?;
    if cx.now - scan.started.plus(elapsed) > NEWS {
        return None;
    }
    let found = format!(
        " {} found, {}, in {elapsed} by {}",
        count(scan.found as usize, "host"),
        count(scan.pis as usize, "Raspberry Pi"),
        scan.method,
    );
    Some(Line::styled(found, theme.plain()))
}
