//! Which keys to remove.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use pictl_model::text::clean;
use pictl_model::trust::Fingerprint;
use thiserror::Error;

use super::{Entry, PublicKeyLine};

/// How a key to remove is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The key itself, in base64.
    Key(String),
    /// Its fingerprint.
    Fingerprint(Fingerprint),
    /// Its whole comment; all keys with this comment are meant.
    Comment(String),
}

/// A text that means no key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{text:?} does not name a key: {why} (hint: give a public key line, a fingerprint SHA256:… or a key's whole comment)"
)]
pub struct PickError {
    /// The text's beginning.
    pub text: String,
    /// Which rule it breaks.
    pub why: &'static str,
}

impl Pick {
    /// Reads a public key line (with options, as it may stand in the file), a fingerprint as `ssh-keygen -l` prints it,
    /// or a comment.
    pub fn parse(text: &str) -> Result<Self, PickError> {
        let no = |why| Err(PickError { text: clean(text, 80), why });
        let text = text.trim();
        if text.is_empty() || text.chars().any(|c| c.is_control() && c != '\t') {
            return no("it is not one line of text");
        }
        if let Some(entry) = Entry::parse(text) {
            return Ok(Self::Key(entry.key.base64));
        }
        if let Some(digest) = text.strip_prefix("SHA256:") {
            let whole = STANDARD_NO_PAD.decode(digest).is_ok_and(|digest| digest.len() == 32);
            return if whole {
                Ok(Self::Fingerprint(Fingerprint(text.into())))
            } else {
                no("it is not a whole fingerprint")
            };
        }
        // An attempt at one of the above must not be searched for as a comment, and found nowhere.
        if text.starts_with("MD5:") {
            return no("fingerprints are compared by SHA256");
        }
        // So the base64 of every key begins.
        if text.split_whitespace().any(|field| field.starts_with("AAAA")) {
            return no("it is not a whole public key line");
        }
        Ok(Self::Comment(text.into()))
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
