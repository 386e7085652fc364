//! A text file that several programs change, line by line.

use std::collections::BTreeMap;

/// What the file is to hold: `theirs`, which is there now, with the changes that were made from `base` to `ours`. Lines that
/// were taken out go wherever they stand now, and new ones come last; where nobody else changed anything it is `ours`.
pub(super) fn merge(base: &str, ours: &str, theirs: &str) -> String {
    if base == theirs {
        return ours.to_owned();
    }
    // How many of each line were put in, or taken out where it is less than none.
    let mut changes: BTreeMap<&str, i32> = BTreeMap::new();
    ours.lines().for_each(|line| *changes.entry(line).or_default() += 1);
    base.lines().for_each(|line| *changes.entry(line).or_default() -= 1);
    let mut merged = String::new();
    let mut put = |line: &str| {
        merged.push_str(line);
        merged.push('\n');
    };
    for line in theirs.lines() {
        match changes.get_mut(line) {
            Some(change) if *change < 0 => *change += 1,
            Some(change) => {
                // Both put it in: once is enough.
                *change = (*change - 1).max(0);
                put(line);
            }
            None => put(line),
        }
    }
    for line in ours.lines() {
        if let Some(change) = changes.get_mut(line).filter(|change| **change > 0) {
            *change -= 1;
            put(line);
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::merge;

    #[test]
    fn the_changes_of_both_are_kept() {
        for (base, ours, theirs, merged) in [
            ("", "a\n", "", "a\n"),
            ("", "a\n", "b\n", "b\na\n"),
            ("a\n", "", "a\nb\n", "b\n"),
            ("a\nb\n", "b\nc\n", "d\na\nb\n", "d\nb\nc\n"),
            // Both did the same.
            ("", "a\n", "a\n", "a\n"),
            ("a\n", "", "", ""),
            // What they took out stays out.
            ("a\nb\n", "a\nb\nc\n", "b\n", "b\nc\n"),
            ("a\na\n", "a\n", "a\na\nb\n", "a\nb\n"),
            // No end of the last line.
            ("a\n", "a\nc\n", "a\nb", "a\nb\nc\n"),
            ("a", "a\nc", "a", "a\nc"),
        ] {
            assert_eq!(merge(base, ours, theirs), merged, "{base:?} to {ours:?}, {theirs:?}");
        }
    }
}
