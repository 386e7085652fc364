//! The program's output: its end, or what was scrolled back to, or the lines that a filter lets through.

use pictl_model::Rank;
use pictl_model::event::Level;
use pictl_model::run::Stream;
use pictl_model::world::{OutputLine, RunView};
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::View;
use super::look::Look;
use crate::keymap::Command;
use crate::paint::{Painter, split_top};
use crate::theme::Theme;
use crate::words::count;

/// What lines must have to be shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// From this rank.
    rank: Option<Rank>,
    /// With these words, in lower case.
    words: String,
}

impl Filter {
    /// As it is typed: words, and `rank:3` for what rank 3 printed.
    pub(crate) fn new(text: &str) -> Self {
        let number = |word: &str| word.strip_prefix("rank:").and_then(|n| n.parse().ok()).map(Rank);
        let rank = text.split_whitespace().find_map(number);
        let words: Vec<&str> = text.split_whitespace().filter(|word| number(word).is_none()).collect();
        // Blanks between words matter to nobody who only wants a rank.
        let words = if rank.is_none() { text.to_lowercase() } else { words.join(" ").to_lowercase() };
        Self { rank, words }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn lets(&self, line: &OutputLine) -> bool {
        self.rank.is_none_or(|rank| line.rank == Some(rank)) && find(&line.line, &self.words).is_some()
    }
}

/// Where `words` (in lower case) begin in `text`; letters of ASCII in either case.
fn find(text: &str, words: &str) -> Option<usize> {
    let (text, words) = (text.as_bytes(), words.as_bytes());
    if words.is_empty() {
        return Some(0);
    }
    text.windows(words.len()).position(|part| part.eq_ignore_ascii_case(words))
}

/// The places of the lines that the filter lets through.
pub(crate) fn matching(run: &RunView, filter: &Filter) -> Vec<usize> {
    let lets = |at: &usize| filter.is_empty() || filter.lets(&run.output[*at]);
    (0..run.output.len()).filter(lets).collect()
}

/// The number of the line at this place among all that were ever printed.
pub(crate) fn number_of(run: &RunView, at: usize) -> u64 {
    run.output_lines - run.output.len() as u64 + at as u64
}

/// How many of the lines come before the end of what is shown: all, unless it was scrolled back.
pub(crate) fn end(run: &RunView, lines: &[usize], held: Option<u64>, height: usize) -> usize {
    let end = held.map_or(lines.len(), |held| lines.partition_point(|at| number_of(run, *at) <= held));
    end.max(height.min(lines.len()))
}

/// Lines of output seen at once in a pane of this height.
pub(crate) fn room(area: Rect) -> usize {
    usize::from(area.height).saturating_sub(1)
}

pub(crate) fn draw(look: &Look<'_>, painter: &mut Painter<'_>, area: Rect) {
    if area.height < 2 {
        return;
    }
    let (cx, run, theme) = (look.cx, look.run, painter.theme);
    let whole = look.screen.place.view == View::Output;
    let text = look.screen.filter.text();
    let filter = Filter::new(text);
    let lines = matching(run, &filter);
    let printed = match run.left_out {
        nothing if nothing.is_nothing() => count(run.output_lines as usize, "line"),
        more => format!("{}, {more} more left out", count(run.output_lines as usize, "line")),
    };
    let title = match (filter.is_empty(), whole) {
        (true, false) => format!("Output: {printed} ({}: all)", cx.key_of(Command::Output)),
        (true, true) => format!("Output: {printed}"),
        (false, _) => {
            let all = cx.key_of(Command::Back);
            format!("Output with \"{text}\": {} ({all} shows all)", count(lines.len(), "line"))
        }
    };
    let height = room(area);
    let end = end(run, &lines, look.screen.place.held.filter(|_| whole), height);
    let newer = lines.len() - end;
    let newer = if newer > 0 { format!("  ↓ {newer} newer") } else { String::new() };
    painter.rule(area, 0, &format!("{title}{newer}"));
    let (_, rest) = split_top(area, 1);
    if lines.is_empty() {
        let words = match (filter.is_empty(), run.is_over()) {
            (false, _) => " no line has these words",
            (true, true) => " nothing was printed",
            (true, false) => " nothing printed yet",
        };
        painter.line(rest, 0, Line::styled(words, theme.dim()));
        return;
    }
    let shown = &lines[end.saturating_sub(height)..end];
    let drawn = shown.iter().map(|at| line(theme, &run.output[*at], &filter));
    painter.lines(rest, drawn.collect(), 0);
}

/// A line with who printed it and, where a filter is set, its words standing out.
fn line(theme: Theme, line: &OutputLine, filter: &Filter) -> Line<'static> {
    let rank = line.rank.map(|r| format!("rank {:>3} ", r.0)).unwrap_or_default();
    let (mark, style) = if line.stream == Stream::Err { ("!", theme.level(Level::Warn)) } else { (" ", theme.plain()) };
    let mut spans = vec![Span::styled(format!("{mark}{rank}"), theme.dim())];
    let mut rest = line.line.as_str();
    while let Some(at) = find(rest, &filter.words).filter(|_| !filter.words.is_empty()) {
        let end = at + filter.words.len();
        // What only looks like a letter in the middle of another one is not a match to show.
        let (Some(before), Some(found)) = (rest.get(..at), rest.get(at..end)) else { break };
        spans.push(Span::styled(before.to_owned(), style));
        spans.push(Span::styled(found.to_owned(), Theme::cursor()));
        rest = &rest[end..];
    }
    spans.push(Span::styled(rest.to_owned(), style));
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_takes_words_and_a_rank_in_any_order() {
        let both = Filter { rank: Some(Rank(3)), words: "slow clock".to_owned() };
        assert_eq!(Filter::new("rank:3 Slow clock"), both);
        assert_eq!(Filter::new("slow rank:3 clock"), both);
        assert_eq!(Filter::new("rank:x"), Filter { rank: None, words: "rank:x".to_owned() });
        assert!(Filter::new("").is_empty());
    }

    #[test]
    fn words_are_found_in_either_case_and_wherever_they_stand() {
        assert_eq!(find("UserWarning: SLOW", "slow"), Some(13));
        assert_eq!(find("x", "longer"), None);
        assert_eq!(find("größe", "öß"), Some(2));
    }
}
