//! The run as a whole: how far it is, how long it will still take, how well its ranks are used, what came of it.

use pictl_model::run::RunOutcome;
use pictl_model::{Millis, Timestamp};
use pictl_report::{eta_spread, result_text, share_of_ideal};
use ratatui::text::{Line, Span};

use super::look::Look;
use crate::paint::bar;
use crate::words::{self, add, columns, count, number};

/// In less than these columns the same is said in fewer words.
pub(super) const NARROW: usize = 64;
/// The shortest bar worth drawing, and the longest.
const BAR: (usize, usize) = (5, 40);

/// The total: a bar, slices, rate, time so far and time left, in as many words as there is room for.
pub(super) fn total(look: &Look<'_>, width: usize) -> Line<'static> {
    let (run, theme) = (look.run, look.theme);
    let all = run.slices.filter(|all| *all > 0);
    // How many slices there are is known at the end at the latest, also of a program that does not say it.
    let share = match all {
        Some(all) => Some(f64::from(run.slices_done()) / f64::from(all)),
        None => run.summary.as_ref().filter(|s| s.outcome == RunOutcome::Succeeded).map(|_| 1.0),
    };
    // The least first, as the last resort: it is cut.
    let words = (0..4).rev().map(|words| figures(look, words)).fold(String::new(), |shorter, longer| {
        if shorter.is_empty() || columns(&longer) + BAR.0 + 3 <= width { longer } else { shorter }
    });
    let room = width.saturating_sub(columns(&words) + 3).min(BAR.1);
    let style = match run.summary.as_ref().map(|s| s.outcome) {
        Some(RunOutcome::Succeeded) => theme.ok(),
        Some(_) => theme.bad(),
        None => theme.busy(),
    };
    let mut spans = vec![Span::raw(" ")];
    if let Some(share) = share.filter(|_| room >= BAR.0 && look.by_slices()) {
        spans.extend(bar(share, room, style, theme.dim()));
        spans.push(Span::raw(" "));
    }
    spans.push(Span::raw(words));
    Line::from(spans)
}

/// The figures of the total, from all words (0) to the fewest (3).
fn figures(look: &Look<'_>, brevity: u8) -> String {
    let run = look.run;
    let done = run.slices_done();
    let elapsed = run.elapsed(look.now);
    let mut out = Vec::new();
    if let Some(all) = run.slices.filter(|all| *all > 0) {
        let percent = (f64::from(done) / f64::from(all) * 100.0).floor();
        let slices = [" slices,", ",", ",", ""][usize::from(brevity)];
        out.push(format!("{} of {}{slices} {percent:.0} %", number(done.into()), number(all.into())));
    } else if done > 0 {
        out.push(count(done as usize, "slice"));
    }
    if let (Some(begun), true) = (run.begun, done > 0) {
        let rate = words::rate(done, (look.until() - begun).seconds());
        out.push(if brevity > 0 { rate } else { rate.replace("/s", " slices/s") });
    }
    let eta = eta(look);
    if run.is_over() {
        out.push(format!("took {elapsed}"));
    } else if brevity < 3 || eta.is_none() {
        out.push(format!("{elapsed} so far"));
    }
    if let Some((likely, off)) = eta {
        let spread = off.filter(|off| brevity < 2 && *off > Millis(0)).map_or(String::new(), |off| {
            format!(" ({} to {})", Millis(likely.0.saturating_sub(off.0)), Millis(likely.0.saturating_add(off.0)))
        });
        out.push(format!("about {likely} left{spread}"));
    }
    out.join("  ")
}

/// Time still to go, and how far it may be off either way, once there is enough to know that.
fn eta(look: &Look<'_>) -> Option<(Millis, Option<Millis>)> {
    let run = look.run;
    let left = run.slices?.checked_sub(run.slices_done()).filter(|left| *left > 0)?;
    let likely = run.eta(look.now)?;
    let (history, begun) = (&run.history, run.begun?);
    // The bin in which the program began and the one of this moment are no whole spans of work.
    let bin = |at: Timestamp| ((at - history.from().unwrap_or(begun)).0 / history.width().0) as usize;
    let (first, last) = (bin(begun) + 1, bin(look.now));
    let whole = last.saturating_sub(first);
    let mut finished = vec![0; whole];
    for (span, counted) in finished.iter_mut().zip(history.finished().iter().skip(first)) {
        *span = *counted;
    }
    // The rate of all the time so far is the best guess; the spread around it is that of its parts.
    Some((likely, eta_spread(&finished, history.width(), left)))
}

/// Share of all the ranks' time so far that they spent in slices, those in hand included; after the end, of the time up
/// to the last slice. `None` where one rank alone reports slices that all work on.
fn efficiency(look: &Look<'_>) -> Option<f64> {
    let run = look.run;
    let last = run.marks.back().filter(|_| look.pace.shared && run.pairs.is_empty())?;
    let over = run.is_over();
    let busy: Vec<f64> = look
        .ranks()
        .map(|(_, view)| {
            let hand = view.current.and(view.since).filter(|_| !over);
            view.seconds + hand.map_or(0.0, |since| (look.now - since).seconds())
        })
        .collect();
    let until = if over { last.at } else { look.now };
    share_of_ideal(&busy, (until - run.begun?).seconds())
}

/// The value: the result with its deviation, or the sum so far; and how well the ranks are used, which has a line of its
/// own only where there is `room` for it.
pub(super) fn value(look: &Look<'_>, width: usize, room: bool) -> Option<Line<'static>> {
    let (run, theme) = (look.run, look.theme);
    let efficiency = efficiency(look).map(|share| format!("  efficiency {:.0} %", share * 100.0));
    let result = run.summary.as_ref().and_then(|s| s.value).or(run.result.map(|(value, _)| value));
    let Some(value) = result else {
        let partial = run.partial.filter(|_| !run.is_over());
        let mut line = match (partial, &efficiency) {
            (Some(partial), _) => Line::raw(format!(" sum so far {}", result_text(partial, 12))),
            (None, Some(words)) if room => return Some(Line::raw(format!(" {}", words.trim_start()))),
            (None, _) => return None,
        };
        add(&mut line, width, Span::raw(efficiency.unwrap_or_default()));
        add(&mut line, width, Span::styled("  (of the slices done; not the result yet)", theme.dim()));
        return Some(line);
    };
    let mut line = Line::from(Span::styled(format!(" result {}", result_text(value, 15)), theme.strong()));
    if let Some((expected, tolerance)) = run.summary.as_ref().and_then(|s| Some((s.expected?, s.tolerance))) {
        let off = (value - expected).abs();
        let right = tolerance.is_none_or(|t| off <= t);
        let compared = match tolerance {
            Some(0.0) if right => "exactly right".to_owned(),
            Some(0.0) | None => format!("off by {}", result_text(off, 15)),
            Some(_) if width < NARROW => format!("off {off:.1e}"),
            Some(allowed) => format!("off by {off:.1e}, {allowed:.0e} is allowed"),
        };
        let (mark, style) = if right { ("✓", theme.ok()) } else { ("✗", theme.bad()) };
        line.spans.push(Span::styled(format!("  {mark} {compared}"), style));
        if !right {
            add(&mut line, width, Span::raw(format!("; right is {}", result_text(expected, 15))));
        }
    }
    add(&mut line, width, Span::raw(efficiency.unwrap_or_default()));
    if let Some(seconds) = run.seconds {
        add(&mut line, width, Span::styled(format!("  the program says {seconds:.2} s"), theme.dim()));
    }
    Some(line)
}
