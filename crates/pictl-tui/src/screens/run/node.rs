//! A node of the run in a few words, for every part of the screen that shows one.

use pictl_model::Rank;
use pictl_model::world::Reading;
use ratatui::text::Span;

use super::look::Look;
use super::pace::Doing;
use crate::words::{self, STALE, ago, count};

/// How much is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Words {
    /// Temperature, clock, and what slows the node down.
    All,
    /// Temperature, and that something slows it down.
    Few,
}

/// The node's newest reading.
pub(crate) fn newest<'a>(look: &Look<'a>, host: usize) -> Option<&'a Reading> {
    look.node(host)?.newest()
}

/// Temperature, clock and throttling of a node; an old reading says how old it is.
pub(crate) fn sensors(look: &Look<'_>, host: usize, wanted: Words) -> Vec<Span<'static>> {
    let theme = look.theme;
    if look.node(host).is_none() {
        return Vec::new();
    }
    let Some(reading) = newest(look, host) else { return vec![Span::styled("no reading", theme.dim())] };
    let temp = reading.sample.temp.map_or("   -   ".to_owned(), |t| format!("{t:>7}"));
    if look.now - reading.at > STALE {
        return vec![Span::styled(format!("{temp} {}", ago(look.now, reading.at)), theme.dim())];
    }
    let throttle = words::throttle(&reading.sample);
    let style = if throttle.is_empty() { theme.plain() } else { theme.warn() };
    let mut spans = vec![Span::styled(temp, style)];
    if let Some(hertz) = reading.sample.clock.filter(|_| wanted == Words::All) {
        spans.push(Span::styled(format!("  {:>4} MHz", hertz.mhz()), style));
    }
    if !throttle.is_empty() {
        let words = if wanted == Words::All { throttle } else { "slow".to_owned() };
        spans.push(Span::styled(format!("  ! {words}"), style));
    }
    spans
}

/// What the node's ranks did together, or how many there are where they do not report slices.
pub(crate) fn work(look: &Look<'_>, host: usize) -> String {
    let ranks = look.on(host);
    if look.by_slices() {
        count(ranks.iter().map(|r| look.rank(*r).slices as usize).sum(), "slice")
    } else {
        count(ranks.len(), "rank")
    }
}

/// What was left on the node when the run had ended.
pub(crate) fn swept(look: &Look<'_>, host: usize) -> Option<Span<'static>> {
    let theme = look.theme;
    Some(match look.run.swept.get(&look.hosts().get(host)?.node)? {
        Some(0) => Span::styled("  ✓ no process left", theme.ok()),
        Some(1) => Span::styled("  ✗ 1 process left", theme.bad()),
        Some(left) => Span::styled(format!("  ✗ {left} processes left"), theme.bad()),
        None => Span::styled("  ✗ could not be asked", theme.bad()),
    })
}

/// How many of these ranks are slow and how many idle, where some are.
pub(crate) fn trouble(look: &Look<'_>, ranks: &[Rank]) -> Option<String> {
    let count = |wanted: fn(&Doing) -> bool| ranks.iter().filter(|r| wanted(&look.doing(**r))).count();
    let words = [(count(|d| matches!(d, Doing::Slow(..))), "slow"), (count(|d| matches!(d, Doing::Idle(_))), "idle")];
    let words: Vec<String> = words.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    (!words.is_empty()).then(|| words.join(", "))
}
