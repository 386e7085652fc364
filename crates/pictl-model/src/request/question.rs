//! What the engine asks you, and your answers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::ids::{NodeId, QuestionId};
use crate::secret::Secret;
use crate::trust::TrustRow;

/// What the engine needs to know from you.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum Question {
    /// Are these host keys the right ones?
    Trust {
        /// One row a node.
        rows: Vec<TrustRow>,
    },
    /// The password of `user` on these nodes.
    Password {
        /// Whose.
        user: String,
        /// Where.
        nodes: Vec<NodeId>,
        /// Set when the one before was refused: the reason.
        retry: Option<Rejected>,
    },
    /// The passphrase of a private key that these nodes accept.
    Passphrase {
        /// The key's file.
        key: PathBuf,
        /// Where it is accepted.
        nodes: Vec<NodeId>,
        /// Set when the one before did not open it: the reason.
        retry: Option<String>,
    },
    /// The password that `sudo` wants on these nodes.
    SudoPassword {
        /// Whose.
        user: String,
        /// Where.
        nodes: Vec<NodeId>,
        /// The login password is known and can be tried.
        same_offered: bool,
        /// Set when the one before was refused: the reason.
        retry: Option<String>,
    },
    /// Apply the plan?
    Apply {
        /// Steps that will change something, over all nodes.
        changes: u32,
        /// Nodes on which something will change.
        nodes: u32,
    },
}

/// Why the password before was refused. Events have it in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Rejected {
    /// The host gave no reason.
    NoReason,
    /// For this reason.
    Because(String),
}

impl Rejected {
    /// The sentence that stands for a refusal without a reason.
    const NO_REASON: &str = "the password was refused";

    /// The reason, where there is one.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::NoReason => None,
            Self::Because(reason) => Some(reason),
        }
    }

    /// What happened, in a sentence.
    pub fn text(&self) -> &str {
        self.reason().unwrap_or(Self::NO_REASON)
    }
}

impl From<String> for Rejected {
    fn from(text: String) -> Self {
        if text == Self::NO_REASON { Self::NoReason } else { Self::Because(text) }
    }
}

impl From<Rejected> for String {
    fn from(rejected: Rejected) -> Self {
        rejected.text().to_owned()
    }
}

/// An answer to a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Yes, go on.
    Yes,
    /// No; leave it.
    No,
    /// Trust the keys of these nodes and of no others.
    Trust {
        /// Whose keys.
        nodes: Vec<NodeId>,
    },
}

/// The answer to a question for a password. It has a channel of its own and no serialisation.
#[derive(Clone, Debug)]
pub struct SecretAnswer {
    /// Which question.
    pub id: QuestionId,
    /// What was typed.
    pub answer: SecretWord,
}

/// What was answered to a question for a password.
#[derive(Clone, Debug)]
pub enum SecretWord {
    /// This one.
    This(Secret),
    /// The same as the login's.
    SameAsLogin,
    /// None: leave these nodes out.
    Cancel,
}
