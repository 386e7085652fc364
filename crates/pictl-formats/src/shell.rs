//! Words of a shell's command line.

use thiserror::Error;

/// A command line that cannot be cut into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ShellError {
    /// A quote is never closed.
    #[error("the {quote} at character {at} is never closed")]
    OpenQuote {
        /// Which quote.
        quote: char,
        /// Where it stands, from 1, in characters.
        at: usize,
    },
    /// The line ends in a backslash.
    #[error("the line ends in a backslash that quotes nothing")]
    LastBackslash,
}

/// `word` written so that bash, dash, zsh and fish read back exactly `word`.
///
/// Words of harmless characters stay as they are. Others go into single quotes, with `'` and `\` outside of them: fish
/// alone gives a backslash inside single quotes a meaning.
pub fn quote(word: &str) -> String {
    if is_plain(word) {
        return word.to_owned();
    }
    if word.is_empty() {
        return "''".to_owned();
    }
    let mut quoted = String::with_capacity(word.len() + 8);
    let mut inside = false;
    for c in word.chars() {
        let escaped = matches!(c, '\'' | '\\');
        if escaped == inside {
            quoted.push('\'');
            inside = !inside;
        }
        if escaped {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    if inside {
        quoted.push('\'');
    }
    quoted
}

/// No shell gives a character of `word` a meaning. A leading `=` would have one in zsh.
fn is_plain(word: &str) -> bool {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "_@+=:,./-".contains(c);
    !word.is_empty() && !word.starts_with('=') && word.chars().all(harmless)
}

/// A command line of `words`. The first word is never taken for an assignment.
pub fn join(words: &[String]) -> String {
    let quoted = words.iter().enumerate().map(|(at, word)| {
        if at == 0 && is_plain(word) && word.contains('=') { format!("'{word}'") } else { quote(word) }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// The words of a command line: blanks separate, quotes and backslashes work as in POSIX (XCU 2.2), nothing is
/// expanded and no operator (`|`, `;`, `&`, `#`) has a meaning.
pub fn split(line: &str) -> Result<Vec<String>, ShellError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars().enumerate().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\\' => {
                let (_, next) = chars.next().ok_or(ShellError::LastBackslash)?;
                if next != '\n' {
                    word.get_or_insert_default().push(next);
                }
            }
            '\'' | '"' => {
                let text = word.get_or_insert_default();
                loop {
                    let (_, next) = chars.next().ok_or(ShellError::OpenQuote { quote: c, at: at + 1 })?;
                    if next == c {
                        break;
                    }
                    // Inside double quotes a backslash quotes these five and stands for itself before all others.
                    let quoted = chars.next_if(|&(_, n)| c == '"' && next == '\\' && "$`\"\\\n".contains(n));
                    match quoted {
                        Some((_, '\n')) => {}
                        Some((_, escaped)) => text.push(escaped),
                        None => text.push(next),
                    }
                }
            }
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_words_stay_plain() {
        for word in ["mpirun", "--hostfile", "/tmp/x.py", "OMPI_MCA_x=1", "a@b", "10.0.0.0:4"] {
            assert_eq!(quote(word), word);
        }
        assert_eq!(quote(""), "''");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote(r"a\b"), r"'a'\\'b'");
        assert_eq!(quote("=ls"), "'=ls'");
        assert_eq!(join(&["A=b".into(), "C=d".into()]), "'A=b' C=d");
    }

    #[test]
    fn lines_are_cut_as_a_shell_does() {
        let words = |line| split(line).expect("a good line");
        assert_eq!(words("  a  'b c' \"d \\\" e\"f\t''"), ["a", "b c", "d \" ef", ""]);
        assert_eq!(words(r#"a\ b "x\y" '\'"#), ["a b", r"x\y", r"\"]);
        assert_eq!(words(""), Vec::<String>::new());
        assert_eq!(split("a 'b"), Err(ShellError::OpenQuote { quote: '\'', at: 3 }));
        assert_eq!(split("a\\"), Err(ShellError::LastBackslash));
    }

    /// What a real shell makes of the quoted words; `false` when the shell is not installed.
    fn shell_agrees(shell: &str, words: &[String]) -> bool {
        let script = format!("printf '%s\\000' {}", words.iter().map(|w| quote(w)).collect::<Vec<_>>().join(" "));
        let Ok(output) = Command::new(shell).arg("-c").arg(&script).output() else { return false };
        let mut expected: Vec<u8> = Vec::new();
        for word in words {
            expected.extend(word.as_bytes());
            expected.push(0);
        }
        assert_eq!(output.stdout, expected, "{shell}: {script}");
        true
    }

    #[test]
    fn real_shells_read_back_what_was_quoted() {
        let words: Vec<String> =
            ["", "a b", "'", "''", r"\", r"a\\'b", "$HOME `id` $(id)", "~", "*", "!x", "é\n\tü", "%1", "{a,b}", "#"]
                .map(String::from)
                .into();
        assert!(shell_agrees("sh", &words));
        for shell in ["bash", "dash", "zsh", "fish"] {
            shell_agrees(shell, &words);
        }
    }

    proptest! {
        #[test]
        fn split_undoes_join(words in prop::collection::vec(any::<String>(), 0..6)) {
            prop_assert_eq!(split(&join(&words)), Ok(words));
        }

        #[test]
        fn garbage_never_panics(line in any::<String>()) {
            let _ = split(&line);
        }
    }
}
