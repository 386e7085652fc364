//! The first lines of the Run screen: what is run, how far it is, what is wrong with it, and how it ended.

use pictl_model::Millis;
use pictl_model::run::{RunOutcome, RunPhase};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::View;
use super::look::Look;
use super::pace::Doing;
use super::total::{NARROW, total, value};
use crate::blocks::{press, spinner};
use crate::keymap::Command;
use crate::words::{self, add, columns, count, listing, number, pad, wrap};

/// A program from which nothing is heard for this long is reported.
const SILENT: Millis = Millis(20_000);
/// Names shown of slow or idle ranks.
const NAMES: usize = 3;

pub(super) fn lines(look: &Look<'_>, area: Rect) -> Vec<Line<'static>> {
    let (cx, theme) = (look.cx, look.theme);
    let width = usize::from(area.width);
    let mut out = Vec::new();
    out.extend(frozen(look, width));
    out.push(what(look, width));
    let plan = &look.run.plan;
    let command = format!("on {} $ {}", cx.head_of(plan), plan.command.join(" "));
    if look.screen.place.view == View::Output {
        // With the output it is there to be read and copied, so all of it.
        let parts = wrap(&command, width.saturating_sub(2));
        out.extend(parts.into_iter().map(|part| Line::styled(format!(" {part}"), theme.dim())));
    } else if area.height >= 16 {
        out.push(Line::styled(format!(" {command}"), theme.dim()));
    }
    out.push(total(look, width));
    out.extend(value(look, width, area.height >= 30));
    if look.run.summary.is_some() {
        ended(look, area, &mut out);
    } else {
        going(look, area, &mut out);
    }
    if area.height >= 30 {
        out.push(Line::default());
    }
    out
}

/// That what is seen is not the present, and how to go on.
fn frozen(look: &Look<'_>, width: usize) -> Option<Line<'static>> {
    let cx = look.cx;
    look.screen.frozen.as_ref()?;
    let key = cx.key_of(Command::Freeze);
    let clock = look.now.rfc3339();
    let clock = clock.get(11..19).unwrap_or_default();
    let live = cx.world.run.as_ref();
    let now = match live {
        Some(run) if run.plan.id != look.run.plan.id => "another run has begun",
        Some(run) if run.is_over() && !look.run.is_over() => "the run has ended meanwhile",
        Some(run) if !run.is_over() => "the run goes on",
        _ => "nothing runs",
    };
    let long = format!(" frozen since {clock} UTC, {} ago; {now}; {key} shows the present", cx.now - look.now);
    let short = format!(" frozen {} ago; {key} goes on", cx.now - look.now);
    let words = if columns(&long) <= width { long } else { short };
    Some(Line::styled(pad(&words, width), look.theme.banner()))
}

fn what(look: &Look<'_>, width: usize) -> Line<'static> {
    let (run, theme) = (look.run, look.theme);
    let plan = &run.plan;
    let work = &plan.workload;
    let ranks = run.size.unwrap_or(plan.ranks);
    let mut words = vec![format!("{} on {}", count(ranks as usize, "rank"), count(plan.hosts.len(), "node"))];
    if let Some(slices) = run.slices {
        let size = work.slice_size.map(|n| format!(" of {} terms", number(n))).unwrap_or_default();
        words.push(format!("{}{size}", count(slices as usize, "slice")));
    }
    words.push(format!("{} {}", plan.mpi.family, plan.mpi.version));
    if let Some(series) = &plan.series {
        words.push(format!("run {} of {}", series.index, series.of));
    }
    let mut line = Line::from(vec![
        Span::styled(format!(" {}", work.name), theme.strong()),
        Span::raw(format!(": {}", words.join(", "))),
    ]);
    add(&mut line, width, Span::styled(format!("  {}", plan.id), theme.dim()));
    line
}

/// `text` over as many lines as it takes.
fn text(lines: &mut Vec<Line<'static>>, text: &str, width: usize, style: Style) {
    let parts = wrap(text, width.saturating_sub(2));
    lines.extend(parts.into_iter().map(|part| Line::styled(format!(" {part}"), style)));
}

/// What is waited for, and what is wrong.
fn going(look: &Look<'_>, area: Rect, lines: &mut Vec<Line<'static>>) {
    let (cx, run, theme) = (look.cx, look.run, look.theme);
    let width = usize::from(area.width);
    if let Some((since, why)) = &run.out_of_sight {
        let words = if width < NARROW {
            format!("! {} out of sight for {}; the run goes on", cx.head_of(&run.plan), look.now - *since)
        } else {
            let (head, since) = (cx.head_of(&run.plan), look.now - *since);
            format!("! connection to {head} lost {since} ago ({why}); the run goes on there; connecting again")
        };
        text(lines, &words, width, theme.warn());
    }
    if let Some((reason, rung)) = &run.stopping {
        let how = if *rung > 1 { "its processes are being killed" } else { "mpirun was asked to stop" };
        let since = cx.ladder.stopping_since.map(|at| format!(", {} ago", cx.now - at)).unwrap_or_default();
        let next = if *rung > 1 { String::new() } else { format!("; {} again kills", cx.key_of(Command::Cancel)) };
        let left: Vec<String> = left_words(look, width < NARROW);
        text(lines, &format!("{} {reason}: {how}{since}{next}{}", spinner(cx), left.concat()), width, theme.warn());
    } else if run.phase != RunPhase::Running {
        lines.push(Line::styled(format!(" {} {}", spinner(cx), words::phase(run.phase)), theme.busy()));
    } else if let Some(since) = silence(look) {
        lines.push(Line::styled(format!(" ! no rank has said anything for {since}"), theme.warn()));
    }
}

/// For how long nothing was heard of any rank, when that is worth showing.
fn silence(look: &Look<'_>) -> Option<Millis> {
    let heard = look.run.heard.or(look.run.launched).filter(|_| look.run.out_of_sight.is_none())?;
    Some(look.now - heard).filter(|since| *since > SILENT)
}

/// Ranks that are slow or idle, by number and node, as many of them as there is room for. They come and go, so they
/// are shown in the status line, where nothing is moved by them.
pub(crate) fn trouble(look: &Look<'_>, width: usize) -> Option<Line<'static>> {
    let pace = &look.pace;
    // Where pairs are measured one by one, all others wait: that is how it should be.
    if !look.run.pairs.is_empty() || pace.slow.is_empty() && pace.idle.is_empty() {
        return None;
    }
    let median = pace.median.filter(|_| !pace.slow.is_empty());
    let median = median.map(|s| format!("; the middle slice takes {s:.1} s")).unwrap_or_default();
    let named = (0..=NAMES).rev().map(|names| format!(" ! {}", trouble_words(look, names)));
    let mut words = named.into_iter().find(|words| columns(words) <= width)?;
    if columns(&words) + columns(&median) <= width {
        words.push_str(&median);
    }
    Some(Line::styled(words, look.theme.warn()))
}

/// How many ranks are slow and how many idle, and the first of each by name.
fn trouble_words(look: &Look<'_>, names: usize) -> String {
    let pace = &look.pace;
    let name = |rank: &pictl_model::Rank| {
        let host = look.host_of(*rank).map(|h| format!(" on {}", h.name)).unwrap_or_default();
        match look.doing(*rank) {
            Doing::Slow(slice, since) => format!("{rank}{host} (slice {slice} for {since})"),
            Doing::Idle(since) => format!("{rank}{host} ({since})"),
            _ => format!("{rank}{host}"),
        }
    };
    let mut words = Vec::new();
    for (ranks, word) in [(&pace.slow, "slow"), (&pace.idle, "idle")] {
        if !ranks.is_empty() {
            let named: Vec<String> = ranks.iter().take(names).map(name).collect();
            let more = if ranks.len() > names { format!(" and {} more", ranks.len() - names) } else { String::new() };
            let named = if names == 0 { String::new() } else { format!(": {}{more}", named.join(", ")) };
            words.push(format!("{} {word}{named}", count(ranks.len(), "rank")));
        }
    }
    words.join("; ")
}

/// How it ended, why, and what to do.
fn ended(look: &Look<'_>, area: Rect, lines: &mut Vec<Line<'static>>) {
    let (cx, theme) = (look.cx, look.theme);
    let width = usize::from(area.width);
    let Some(summary) = &look.run.summary else { return };
    let (mark, style) = match summary.outcome {
        RunOutcome::Succeeded => ("✓", theme.ok()),
        RunOutcome::Aborted => ("■", theme.warn()),
        RunOutcome::Failed | RunOutcome::CheckFailed => ("✗", theme.bad()),
    };
    let reason = summary.reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default();
    let left = left_words(look, width < NARROW).concat();
    text(lines, &format!("{mark} {}{reason}{left}", summary.outcome.word()), width, style);
    if let Some(hint) = &summary.hint {
        text(lines, &format!("→ {hint}"), width, theme.strong());
    }
    if let Some(validity) = &summary.validity {
        let (words, level) = words::stamp(validity);
        text(lines, &format!("its figures are {words}"), width, theme.level(level));
    }
    if summary.dropped > 0 {
        let words = format!(" {} dropped under load; no slice is missing", count(summary.dropped as usize, "update"));
        lines.push(Line::styled(words, theme.dim()));
    }
    // Small screens need their lines for other things, and the line of keys says the same.
    if area.width >= 60 && area.height >= 22 && cx.can_run_again().is_ok() {
        let mut next = press(theme, " Next:", &cx.key_of(Command::Again), "runs it again,");
        next.spans.extend(press(theme, "", &cx.key_of(Command::Bench), "with other figures").spans);
        lines.push(next);
    }
}

/// What sweeping found, as the end of a sentence.
fn left_words(look: &Look<'_>, narrow: bool) -> Vec<String> {
    let run = look.run;
    if run.swept.is_empty() {
        return Vec::new();
    }
    let left: u32 = run.swept.values().flatten().sum();
    let silent = run.swept.iter().filter(|(_, n)| n.is_none()).map(|(id, _)| look.cx.called(id));
    let silent: Vec<String> = silent.collect();
    let asked = run.swept.len() - silent.len();
    let places = if narrow && left == 0 { String::new() } else { format!(" on {}", count(asked, "node")) };
    let mut out = vec![format!(
        "; {} left{places}",
        if left == 1 { "1 process".to_owned() } else { format!("{left} processes") }
    )];
    if !silent.is_empty() {
        out.push(format!(", {} could not be asked", listing(&silent, 3)));
    }
    out
}
