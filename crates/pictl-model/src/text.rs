//! Cleaning of text that came over the network.

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
