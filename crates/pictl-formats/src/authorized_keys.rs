//! `~/.ssh/authorized_keys` (sshd(8), "AUTHORIZED_KEYS FILE FORMAT").
//!
//! Only lines without options are compared: a key that is there with `command=` or `from=` before it is there for
//! something else, and stays as it is. All other lines are kept byte for byte.

use pictl_model::text::clean;
use pictl_model::trust::HostKey;
use thiserror::Error;

use crate::key::blob_of;

/// Longest public key line taken, in bytes; an RSA key of 16384 bits has about 2 800.
const MAX_LINE: usize = 8_192;

/// A line that is no public key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is no public key: {why}")]
pub struct KeyLineError {
    /// The line's beginning.
    pub text: String,
    /// Which rule it breaks.
    pub why: &'static str,
}

/// The three fields of a public key line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKeyLine {
    /// The key's type, such as `ssh-ed25519`.
    pub algorithm: String,
    /// The key.
    pub base64: String,
    /// What follows it: free text, possibly empty.
    pub comment: String,
}

/// Reads one line as `ssh-keygen` writes it into a `.pub` file.
pub fn parse_public(line: &str) -> Result<PublicKeyLine, KeyLineError> {
    let no = |why| Err(KeyLineError { text: clean(line, 40), why });
    let line = line.trim();
    if line.len() > MAX_LINE {
        return no("it is too long");
    }
    if line.chars().any(|c| c.is_control() && c != '\t') {
        return no("it is not one line of text");
    }
    let Some((algorithm, rest)) = line.split_once([' ', '\t']) else {
        return no("a key type and a key are expected");
    };
    let rest = rest.trim_start();
    let (base64, comment) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    let key = HostKey { algorithm: algorithm.to_owned(), base64: base64.to_owned() };
    if blob_of(&key).is_none() {
        return no("its key is not one of the type that it names");
    }
    Ok(PublicKeyLine { algorithm: key.algorithm, base64: key.base64, comment: comment.trim().to_owned() })
}

/// The line authorizes this key, without options.
fn is_of(line: &str, key: &PublicKeyLine) -> bool {
    let mut fields = line.split_ascii_whitespace();
    fields.next() == Some(&key.algorithm) && fields.next() == Some(&key.base64)
}

/// The key of `key_line` is in `text`, without options. `false` as well when `key_line` is no key.
pub fn contains(text: &str, key_line: &str) -> bool {
    parse_public(key_line).is_ok_and(|key| text.lines().any(|line| is_of(line, &key)))
}

/// `text` with the key of `key_line` in a new last line. `None` when nothing is to be added: the key is there without
/// options, or `key_line` is no key.
///
/// A missing end of the last line is added, and lines end as the first one does.
pub fn add(text: &str, key_line: &str) -> Option<String> {
    parse_public(key_line).ok()?;
    if contains(text, key_line) {
        return None;
    }
    let end = if text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
    let repair = if text.is_empty() || text.ends_with('\n') { "" } else { end };
    Some(format!("{text}{repair}{}{end}", key_line.trim()))
}

/// `text` without the lines that authorize the key of `key_line` without options. `None` when there are none.
pub fn remove(text: &str, key_line: &str) -> Option<String> {
    let key = parse_public(key_line).ok()?;
    let left: String = text.split_inclusive('\n').filter(|line| !is_of(line, &key)).collect();
    (left.len() != text.len()).then_some(left)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::key::tests::sample_key;

    fn line(seed: u8) -> String {
        format!("{} pi@pi{seed:02}", sample_key("ssh-ed25519", seed).line())
    }

    #[test]
    fn a_key_is_added_once() {
        let one = add("", &line(1)).expect("added");
        assert_eq!(one, format!("{}\n", line(1)));
        assert_eq!(add(&one, &line(1)), None);
        assert_eq!(add(&one, &line(1).replace("pi@pi01", "another comment")), None);
        assert_eq!(add(&one, &line(2)), Some(format!("{}\n{}\n", line(1), line(2))));
    }

    #[test]
    fn line_ends_are_repaired_in_the_files_own_way() {
        assert_eq!(add("# mine", &line(1)), Some(format!("# mine\n{}\n", line(1))));
        assert_eq!(add("# a\r\n# b", &line(1)), Some(format!("# a\r\n# b\r\n{}\r\n", line(1))));
        assert!(contains(&format!("# a\r\n{}\r\n", sample_key("ssh-ed25519", 1).line()), &line(1)));
    }

    #[test]
    fn keys_with_options_are_somebody_elses() {
        for options in ["command=\"echo hi\",no-pty ", "from=\"10.0.0.1\" ", "# "] {
            let text = format!("{options}{}\n", line(1));
            assert!(!contains(&text, &line(1)), "{options}");
            assert_eq!(add(&text, &line(1)), Some(format!("{text}{}\n", line(1))));
            assert_eq!(remove(&text, &line(1)), None);
        }
    }

    #[test]
    fn removing_takes_the_key_and_nothing_else() {
        let text = format!("# head\n{}\n\n{}\nlast", line(1), line(2));
        assert_eq!(remove(&text, &line(1)), Some(format!("# head\n\n{}\nlast", line(2))));
        assert_eq!(remove("", &line(1)), None);
    }

    #[test]
    fn what_is_no_key_is_neither_read_nor_written() {
        let key = parse_public(&format!("  {} two words \n", sample_key("ssh-ed25519", 7).line())).expect("a key");
        assert_eq!((key.algorithm.as_str(), key.comment.as_str()), ("ssh-ed25519", "two words"));
        for bad in [
            "",
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            &format!("{}\n{}", line(1), line(2)),
            &line(1).replace("ssh-ed", "ssh-xx"),
        ] {
            assert!(parse_public(bad).is_err(), "{bad}");
            assert_eq!(add("x\n", bad), None);
        }
    }

    proptest! {
        #[test]
        fn everything_else_stays_byte_for_byte(text in any::<String>(), seed in any::<u8>()) {
            let added = add(&text, &line(seed)).expect("not there before");
            prop_assert!(added.starts_with(&text));
            prop_assert!(contains(&added, &line(seed)));
            let removed = remove(&added, &line(seed)).expect("there");
            prop_assert_eq!(removed.trim_end_matches(['\r', '\n']), text.trim_end_matches(['\r', '\n']));
        }
    }
}
