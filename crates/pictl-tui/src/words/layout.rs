//! Text that fits.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthChar;

fn width(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// Columns that `text` takes.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Columns that pieces of text take together.
pub(crate) fn span_columns(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| columns(&span.content)).sum()
}

/// Adds what is nice to know, where there is room for the whole of it.
pub(crate) fn add(line: &mut Line<'static>, max: usize, span: Span<'static>) {
    if span_columns(&line.spans) + columns(&span.content) <= max {
        line.spans.push(span);
    }
}

/// `text` in at most `max` columns, its end replaced by an ellipsis when it is longer.
pub(crate) fn fit(text: &str, max: usize) -> String {
    if columns(text) <= max {
        return text.to_owned();
    }
    if max == 0 {
        return String::new();
    }
    let mut used = 0;
    let mut out: String = text
        .chars()
        .take_while(|c| {
            used += width(*c);
            used < max
        })
        .collect();
    out.push('…');
    out
}

/// `text` in exactly `width` columns.
pub(crate) fn pad(text: &str, width: usize) -> String {
    let mut out = fit(text, width);
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(columns(&out))));
    out
}

/// A line in at most `max` columns, with an ellipsis where it is cut.
pub(crate) fn fit_line(line: Line<'_>, max: usize) -> Line<'_> {
    if line.spans.iter().map(|s| columns(&s.content)).sum::<usize>() <= max {
        return line;
    }
    let mut left = max;
    let mut spans: Vec<Span<'_>> = Vec::new();
    for span in line.spans {
        let wide = columns(&span.content);
        if wide < left {
            left -= wide;
            spans.push(span);
            continue;
        }
        // The span that meets the edge is cut one column early even when it fits, since more follows it.
        let style: Style = span.style;
        let cut = if wide == left { format!("{} ", span.content) } else { span.content.into_owned() };
        spans.push(Span::styled(fit(&cut, left), style));
        break;
    }
    Line::from(spans)
}

/// `text` broken between words into lines of at most `width` columns; words longer than that are cut.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    if width == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word;
        loop {
            let gap = usize::from(!line.is_empty());
            if columns(&line) + gap + columns(word) <= width {
                if gap == 1 {
                    line.push(' ');
                }
                line.push_str(word);
                break;
            }
            if line.is_empty() {
                let mut used = 0;
                let end = word.char_indices().find(|(_, c)| {
                    used += self::width(*c);
                    used > width
                });
                let end = end.map_or(word.len(), |(at, c)| if at == 0 { c.len_utf8() } else { at });
                lines.push(word[..end].to_owned());
                word = &word[end..];
                if word.is_empty() {
                    break;
                }
            } else {
                lines.push(std::mem::take(&mut line));
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_cut_without_an_ellipsis() {
        assert_eq!(fit("raspberrypi", 6), "raspb…");
        assert_eq!(fit("raspberrypi", 11), "raspberrypi");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(pad("a", 3), "a  ");
        let line = Line::from(vec![Span::raw("abc"), Span::raw("def")]);
        assert_eq!(fit_line(line.clone(), 3).to_string(), "ab…");
        assert_eq!(fit_line(line, 6).to_string(), "abcdef");
    }

    #[test]
    fn text_is_broken_between_words_and_never_lost() {
        assert_eq!(wrap("the quick brown fox", 9), ["the quick", "brown fox"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("日本", 1), ["日", "本"]);
        assert!(wrap("x", 0).is_empty());
    }
}
