//! What changes between two texts, for display.

use pictl_model::text::clean;
use similar::{Algorithm, DiffTag, capture_diff_slices};

/// Longest line shown, in characters.
const MAX_LINE: usize = 240;
/// Above this many pairs of lines the part that differs counts as replaced: comparing takes over a second for two texts
/// of 5000 lines each.
const MAX_PAIRS: usize = 1_000_000;

/// The lines that differ, in order: `-` and the old line, `+` and the new one. Empty when the texts have the same
/// lines.
pub fn lines(old: &str, new: &str) -> Vec<String> {
    let old: Vec<&str> = old.lines().collect();
    let new: Vec<&str> = new.lines().collect();
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let minus = |line: &str| format!("-{}", clean(line, MAX_LINE));
    let plus = |line: &str| format!("+{}", clean(line, MAX_LINE));

    if old.len().saturating_mul(new.len()) > MAX_PAIRS {
        return old.iter().map(|l| minus(l)).chain(new.iter().map(|l| plus(l))).collect();
    }
    let changes = capture_diff_slices(Algorithm::Myers, old, new);
    let changes = changes.iter().filter(|change| change.tag() != DiffTag::Equal);
    let lines = changes.flat_map(|change| {
        let removed = old[change.old_range()].iter().map(|l| minus(l));
        removed.chain(new[change.new_range()].iter().map(|l| plus(l)))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_changes_is_shown() {
        assert_eq!(lines("a\nb\nc\n", "a\nb\nc\n"), Vec::<String>::new());
        assert_eq!(lines("a\nb\nc\n", "a\nx\nc\ny\n"), ["-b", "+x", "+y"]);
        assert_eq!(lines("", "a\n"), ["+a"]);
        assert_eq!(
            lines("127.0.0.1 localhost\n127.0.1.1 pi\n", "127.0.0.1 localhost\n10.0.0.1 pi\n"),
            ["-127.0.1.1 pi", "+10.0.0.1 pi"]
        );
        assert_eq!(lines("a\x1b[31m", ""), ["-a[31m"]);
    }

    #[test]
    fn two_long_texts_without_a_common_line_are_replaced_at_once() {
        let (old, new) = ("a\n".repeat(5_000), "b\n".repeat(5_000));
        assert_eq!(lines(&old, &new).len(), 10_000);
    }

    proptest! {
        #[test]
        fn as_many_lines_come_and_go_as_the_lengths_say(old in "([abc]\n){0,12}", new in "([abc]\n){0,12}") {
            let changes = lines(&old, &new);
            let count = |sign| changes.iter().filter(|l| l.starts_with(sign)).count();
            prop_assert_eq!(old.lines().count() + count('+'), new.lines().count() + count('-'));
            prop_assert_eq!(changes.is_empty(), old == new);
        }
    }
}
