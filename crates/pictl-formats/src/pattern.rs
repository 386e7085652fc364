//! Patterns of names as OpenSSH writes them (ssh_config(5), "PATTERNS").

/// `*` stands for any number of bytes, `?` for one. The time is at most the product of both lengths.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to go on when the guess about the last `*` was wrong.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p + 1, t + 1));
                p += 1;
            }
            Some(&c) if c == b'?' || c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match retry {
                Some((star, next)) => {
                    (p, t) = (star, next);
                    retry = Some((star, next + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

/// One of the patterns matches one of the names, and none that begins with `!` matches any of them.
pub(crate) fn any_matches<'a>(patterns: impl IntoIterator<Item = &'a str>, names: &[&str]) -> bool {
    let matches_one = |pattern| names.iter().any(|name| matches(pattern, name));
    let mut found = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(negated) if matches_one(negated) => return false,
            Some(_) => {}
            None => found = found || matches_one(pattern),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_in_openssh() {
        for (pattern, text, expected) in [
            ("pi*", "pi01", true),
            ("pi??", "pi01", true),
            ("pi?", "pi01", false),
            ("*.lan", "pi01.lan", true),
            ("*a*b*c", "xxaxxbxxbc", true),
            ("*a*b*c", "xxaxxbxxbd", false),
            ("*", "", true),
            ("", "", true),
            ("?", "", false),
            ("[pi]:22??", "[pi]:2222", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
        // Many stars against a text that nearly fits: backtracking would take for ever.
        assert!(!matches(&"*a".repeat(500), &"a".repeat(499)));
    }

    #[test]
    fn a_negated_pattern_excludes_a_host_by_any_of_its_names() {
        for (patterns, names, expected) in [
            (vec!["pi*", "!pi01"], vec!["pi02", "10.0.0.32"], true),
            (vec!["pi*", "!10.0.0.32"], vec!["pi02", "10.0.0.32"], false),
            (vec!["!pi01"], vec!["pi02"], false),
            (vec!["x", "10.0.0.*"], vec!["pi02", "10.0.0.32"], true),
            (vec!["*"], vec![], false),
        ] {
            assert_eq!(any_matches(patterns.iter().copied(), &names), expected, "{patterns:?} {names:?}");
        }
    }
}
