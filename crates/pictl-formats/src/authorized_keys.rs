//! `~/.ssh/authorized_keys` (sshd(8), "AUTHORIZED_KEYS FILE FORMAT").
//!
//! Lines are added and removed whole; all others stay byte for byte. A key with options (such as `from=` or
//! `command=`) counts as present: a second line without them would undo a restriction that was made on purpose, or do
//! nothing, since sshd takes the first line that fits. `cert-authority` lines are different: they authorize every
//! certificate that the key signed, and not the key itself.

mod pick;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

pub use pick::{Pick, PickError};
use pictl_model::text::clean;
use pictl_model::trust::{Fingerprint, HostKey};
use thiserror::Error;

use crate::key::blob_of;
use crate::known_hosts::fingerprint;

/// Longest public key line taken, in bytes; an RSA key of 16384 bits has about 2 800.
const MAX_LINE: usize = 8_192;

const BLANK: [char; 2] = [' ', '\t'];

/// A line that is not a public key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is not a public key: {why}")]
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

impl PublicKeyLine {
    /// The fields at the beginning of `text`, whatever is in the comment.
    fn at(text: &str) -> Option<Self> {
        let (algorithm, rest) = text.split_once(BLANK)?;
        let rest = rest.trim_start_matches(BLANK);
        let (base64, comment) = rest.split_once(BLANK).unwrap_or((rest, ""));
        let line = Self { algorithm: algorithm.into(), base64: base64.into(), comment: comment.trim().into() };
        blob_of(&line.key()).is_some().then_some(line)
    }

    /// The key without the comment.
    pub fn key(&self) -> HostKey {
        HostKey { algorithm: self.algorithm.clone(), base64: self.base64.clone() }
    }

    /// The key's fingerprint as `ssh-keygen -lf` prints it.
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint(&self.key())
    }
}

/// Reads one line as `ssh-keygen` writes it into a `.pub` file.
pub fn parse_public(line: &str) -> Result<PublicKeyLine, KeyLineError> {
    let no = |why| KeyLineError { text: clean(line, 40), why };
    let line = line.trim();
    if line.len() > MAX_LINE {
        return Err(no("it is too long"));
    }
    if line.chars().any(|c| c.is_control() && c != '\t') {
        return Err(no("it is not one line of text"));
    }
    if !line.contains(BLANK) {
        return Err(no("a key type and a key are expected"));
    }
    PublicKeyLine::at(line).ok_or_else(|| no("its key is not of the type that it names"))
}

/// A line that authorizes somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What precedes the key, such as `from="10.0.0.0/24",no-pty`; usually nothing.
    pub options: String,
    /// The key and its comment.
    pub key: PublicKeyLine,
}

impl Entry {
    /// Reads a line as sshd does. `None` for empty lines, comments, and what sshd passes over.
    fn parse(line: &str) -> Option<Self> {
        let line = line.trim_end_matches(['\r', '\n']).trim_start_matches(BLANK);
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let without = PublicKeyLine::at(line).map(|key| Self { options: String::new(), key });
        without.or_else(|| {
            let (options, rest) = line.split_at(end_of_options(line)?);
            let key = PublicKeyLine::at(rest.trim_start_matches(BLANK))?;
            Some(Self { options: options.to_owned(), key })
        })
    }

    /// Certificates signed by the key are accepted, and not the key itself.
    pub fn is_authority(&self) -> bool {
        let mut rest = self.options.as_str();
        while !rest.is_empty() {
            let end = end_of_option(rest);
            if rest[..end].eq_ignore_ascii_case("cert-authority") {
                return true;
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        false
    }
}

/// Where the first of some options ends: at a comma outside of quotes.
fn end_of_option(options: &str) -> usize {
    unquoted(options, &[',']).unwrap_or(options.len())
}

/// Where white space follows the options; `None` when none does, or a quote is not closed.
fn end_of_options(line: &str) -> Option<usize> {
    unquoted(line, &BLANK)
}

/// The first of `these` outside of quotes. `\"` neither opens nor closes quotes.
fn unquoted(text: &str, these: &[char]) -> Option<usize> {
    let mut quoted = false;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => _ = letters.next_if(|&(_, next)| next == '"'),
            '"' => quoted = !quoted,
            _ if !quoted && these.contains(&letter) => return Some(at),
            _ => {}
        }
    }
    None
}

/// The lines that authorize somebody, in order.
pub fn entries(text: &str) -> impl Iterator<Item = Entry> {
    text.split_inclusive('\n').filter_map(Entry::parse)
}

/// The line that authorizes the key of `key_line`, with its options; `None` also when `key_line` is not a key.
pub fn find(text: &str, key_line: &str) -> Option<Entry> {
    let wanted = parse_public(key_line).ok()?;
    entries(text).find(|entry| entry.key.base64 == wanted.base64 && !entry.is_authority())
}

/// Whether the key of `key_line` is authorized, with any options. `false` also when `key_line` is not a key.
pub fn contains(text: &str, key_line: &str) -> bool {
    find(text, key_line).is_some()
}

/// `text` with the key of `key_line` in a new last line. `None` when nothing has to be added: the key is there, or
/// `key_line` is not a key.
///
/// A missing end of the last line is added, and lines end as the first one does.
pub fn add(text: &str, key_line: &str) -> Option<String> {
    add_all(text, [key_line])
}

/// As [`add`] for many keys, in time that grows with their number and not with its square.
pub fn add_all<'a>(text: &str, key_lines: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let end = if text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
    let let_in = entries(text).filter(|entry| !entry.is_authority());
    let mut there: HashSet<String> = let_in.map(|entry| entry.key.base64).collect();
    let mut grown = text.to_owned();
    for line in key_lines {
        if parse_public(line).is_ok_and(|key| there.insert(key.base64)) {
            if !grown.is_empty() && !grown.ends_with('\n') {
                grown += end;
            }
            grown += line.trim();
            grown += end;
        }
    }
    (grown.len() > text.len()).then_some(grown)
}

/// What is left of a file, and what was removed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The file without them.
    pub text: String,
    /// The removed lines, in order.
    pub entries: Vec<Entry>,
}

/// Removes the lines from `text` whose key any of `picks` means, with any options. `None` when there are none.
pub fn remove(text: &str, picks: &[Pick]) -> Option<Removed> {
    let mut removed = Removed { text: String::with_capacity(text.len()), entries: Vec::new() };
    for line in text.split_inclusive('\n') {
        match Entry::parse(line).filter(|entry| picks.iter().any(|pick| pick.means(&entry.key))) {
            Some(entry) => removed.entries.push(entry),
            None => removed.text += line,
        }
    }
    (!removed.entries.is_empty()).then_some(removed)
}
