//! Which keys are to be taken out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use pictl_model::text::clean;
use pictl_model::trust::Fingerprint;
use thiserror::Error;

use super::{Entry, PublicKeyLine};

/// How a key that is to go is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The key itself, in base64.
    Key(String),
    /// Its fingerprint.
    Fingerprint(Fingerprint),
    /// The whole comment behind it; all keys with this comment are meant.
    Comment(String),
}

/// A word that means no key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{word:?} means no key: {why} (hint: give a public key line, a fingerprint SHA256:… or a key's whole comment)")]
pub struct PickError {
    /// The word's beginning.
    pub word: String,
    /// Which rule it breaks.
    pub why: &'static str,
}

impl Pick {
    /// Reads a public key line (with options, as it may stand in the file), a fingerprint as `ssh-keygen -l` prints it,
    /// or a comment.
    pub fn parse(word: &str) -> Result<Self, PickError> {
        let no = |why| Err(PickError { word: clean(word, 80), why });
        let word = word.trim();
        if word.is_empty() || word.chars().any(|c| c.is_control() && c != '\t') {
            return no("it is not one line of text");
        }
        if let Some(entry) = Entry::parse(word) {
            return Ok(Self::Key(entry.key.base64));
        }
        if let Some(digest) = word.strip_prefix("SHA256:") {
            let whole = STANDARD_NO_PAD.decode(digest).is_ok_and(|digest| digest.len() == 32);
            return if whole {
                Ok(Self::Fingerprint(Fingerprint(word.into())))
            } else {
                no("it is no whole fingerprint")
            };
        }
        // What was meant to be one of the above must not be searched for as a comment, and found nowhere.
        if word.starts_with("MD5:") {
            return no("fingerprints are compared by SHA256");
        }
        // So the base64 of every key begins.
        if word.split_whitespace().any(|field| field.starts_with("AAAA")) {
            return no("it is no whole public key line");
        }
        Ok(Self::Comment(word.into()))
    }

    /// This key is meant.
    pub fn means(&self, key: &PublicKeyLine) -> bool {
        match self {
            Self::Key(base64) => key.base64 == *base64,
            Self::Fingerprint(wanted) => key.fingerprint() == *wanted,
            Self::Comment(comment) => key.comment == *comment,
        }
    }
}
