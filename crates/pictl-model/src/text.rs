//! Cleaning of text that came over the network, or out of files that somebody may have edited.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Longest line kept of anything a remote side said, in characters.
pub const MAX_LINE: usize = 2_000;

/// `raw` without control characters and of at most `max` characters, for screens, logs and reports.
///
/// Tabs become spaces; escape sequences lose their ESC and so their meaning; Unicode's bidirectional controls and
/// zero-width marks, which can make one text look like another one, are dropped.
pub fn clean(raw: &str, max: usize) -> String {
    raw.chars()
        .filter_map(|c| match c {
            '\t' => Some(' '),
            c if c.is_control() => None,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => None,
            c => Some(c),
        })
        .take(max)
        .collect()
}

/// A character that can change what a terminal shows of the text around it: all controls but line end and tab, Unicode's
/// bidirectional controls, and zero-width marks.
fn is_hostile(c: char) -> bool {
    let marks = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    marks || (c.is_control() && !matches!(c, '\n' | '\t'))
}

fn has_hostile(text: &str) -> bool {
    // Nearly every text is plain ASCII.
    let plain = |b: u8| (0x20..0x7f).contains(&b) || matches!(b, b'\n' | b'\t');
    !text.bytes().all(plain) && text.chars().any(is_hostile)
}

/// `text` as a terminal can show it: without escape sequences, other controls than line ends and tabs, and marks that make one
/// text look like another one. All that pictl writes to a terminal goes through here.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !has_hostile(text) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<_> = text.split('\n').map(|line| clean_bytes(line.as_bytes(), line.len())).collect();
    Cow::Owned(lines.join("\n"))
}

/// The same for a line of JSON, in which such characters are escaped and so lose nothing.
pub fn printable_json(json: &str) -> Cow<'_, str> {
    if !has_hostile(json) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_hostile(c) {
            // All of them are in the first plane, so one escape each is enough. A string takes whatever is written.
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// `1 node`, `4 nodes`.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// As [`clean`], from bytes that need not be UTF-8, with whole escape sequences (CSI and OSC) taken out.
pub fn clean_bytes(raw: &[u8], max: usize) -> String {
    let mut kept = Vec::with_capacity(raw.len().min(max * 4));
    let mut rest = raw;
    while let Some((&first, tail)) = rest.split_first() {
        if kept.len() >= max * 4 {
            break;
        }
        rest = match (first, tail.first()) {
            (0x1b, Some(b'[')) => after(&tail[1..], |b| (0x40..=0x7e).contains(&b)),
            (0x1b, Some(b']' | b'P' | b'X' | b'^' | b'_')) => after(&tail[1..], |b| b == 0x07 || b == b'\\'),
            (0x1b, Some(_)) => &tail[1..],
            _ => {
                kept.push(first);
                tail
            }
        };
    }
    clean(&String::from_utf8_lossy(&kept), max)
}

/// What follows the first byte that `ends` accepts, or nothing when none does.
fn after(bytes: &[u8], ends: impl Fn(u8) -> bool) -> &[u8] {
    bytes.iter().position(|&b| ends(b)).map_or(&[], |at| &bytes[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_controls_do_not_survive() {
        assert_eq!(clean_bytes(b"a\x1b[31mred\x1b[0m\x07b", 80), "aredb");
        assert_eq!(clean_bytes(b"\x1b]0;title\x07shell", 80), "shell");
        assert_eq!(clean("x\u{202e}y\tz\r\n", 80), "xy z");
    }

    #[test]
    fn what_is_printed_keeps_its_lines_and_its_letters() {
        for text in ["", "pi01\t10.0.0.31\nüber 3 µs ─ 名前\n", "no end"] {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text), "{text:?}");
        }
        assert_eq!(printable("a\u{1b}[2Jb\nc\u{9b}31m\u{202e}d\r\n"), "ab\nc31md\n");
        assert_eq!(printable("\u{1b}]0;title\u{7}x"), "x");
    }

    #[test]
    fn json_is_escaped_and_says_the_same() {
        let json = "{\"name\":\"a\u{9b}31m\u{202e}b\u{7f}\"}";
        assert_eq!(printable_json(json), "{\"name\":\"a\\u009b31m\\u202eb\\u007f\"}");
        assert!(matches!(printable_json("{\"é\":1}"), Cow::Borrowed(_)));
    }

    #[test]
    fn length_is_bounded_in_characters() {
        assert_eq!(clean(&"é".repeat(50), 10).chars().count(), 10);
        assert_eq!(clean_bytes(&[0xff; 10_000], 10).chars().count(), 10);
    }

    #[test]
    fn an_unfinished_sequence_swallows_the_rest_and_no_more() {
        assert_eq!(clean_bytes(b"ok\x1b[31", 80), "ok");
        assert_eq!(clean_bytes(b"ok\x1b", 80), "ok");
    }
}
