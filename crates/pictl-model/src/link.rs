//! Why there is no connection to a node, and how the login on it was made: what screens and steps decide by. The words for
//! people stand beside it, or are made where they are shown.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What kind of failure it is that a node is not connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkFailure {
    /// Nobody answered in time, or does any more.
    NoAnswer,
    /// The host refused the TCP connection: nothing listens on that port.
    Refused,
    /// The system knows no route there.
    NoRoute,
    /// The host closed the connection.
    HungUp,
    /// The host accepted the connection, and made no key exchange in time.
    KeyExchangeTimedOut,
    /// The host did not answer the login in time.
    LoginTimedOut,
    /// What answers there does not speak SSH as expected.
    NotSsh,
    /// The host offers another key than the recorded one.
    HostKeyChanged,
    /// The host key is marked as revoked.
    HostKeyRevoked,
    /// The host key is not recorded, and you did not trust it.
    HostKeyNotTrusted,
    /// No key was accepted, and no password was given.
    NoPassword,
    /// The password was refused.
    WrongPassword,
    /// Nothing of what was offered was accepted.
    PermissionDenied,
    /// The key that the host accepts needs its passphrase.
    Passphrase,
    /// The private key file cannot be used.
    KeyUnusable,
    /// The node's address is not known.
    NoAddress,
    /// The name of a jump host has no address.
    NameNotResolved,
    /// What is written as jump host is not one.
    JumpHostInvalid,
    /// The jump hosts lead in a circle, or are too many.
    JumpHostLoop,
    /// The jump host is not connected.
    JumpHostDown,
    /// The connection to the jump host is gone.
    JumpHostLost,
    /// The jump host made no connection to the node.
    NotForwarded,
    /// This side closed it.
    Closed,
    /// Something else, or a kind that only a newer pictl knows.
    #[serde(other)]
    Other,
}

/// How a login was made. Records and JSON output have it in words: see [`fmt::Display`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum LoginMethod {
    /// The host asked for nothing.
    Unasked,
    /// A private key in this file.
    Key(PathBuf),
    /// A key of the agent, by its comment, or by its file where it is known.
    AgentKey(String),
    /// A password.
    Password,
    /// A password as the answer to a question.
    KeyboardInteractive,
    /// No login: it is the operator's own machine.
    Operator,
    /// In words of another version of pictl.
    Other(String),
}

impl LoginMethod {
    /// A password was needed, whichever method the host asked for it with.
    pub fn is_password(&self) -> bool {
        matches!(self, Self::Password | Self::KeyboardInteractive)
    }
}

const KEY: &str = "key ";
const AGENT_KEY: &str = "agent key ";
const UNASKED: &str = "no password";
const PASSWORD: &str = "password";
const KEYBOARD_INTERACTIVE: &str = "keyboard-interactive";
const OPERATOR: &str = "this machine";

impl fmt::Display for LoginMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unasked => f.write_str(UNASKED),
            Self::Key(path) => write!(f, "{KEY}{}", path.display()),
            Self::AgentKey(name) => write!(f, "{AGENT_KEY}{name}"),
            Self::Password => f.write_str(PASSWORD),
            Self::KeyboardInteractive => f.write_str(KEYBOARD_INTERACTIVE),
            Self::Operator => f.write_str(OPERATOR),
            Self::Other(words) => f.write_str(words),
        }
    }
}

impl From<String> for LoginMethod {
    fn from(words: String) -> Self {
        match words.as_str() {
            UNASKED => Self::Unasked,
            PASSWORD => Self::Password,
            KEYBOARD_INTERACTIVE => Self::KeyboardInteractive,
            OPERATOR => Self::Operator,
            other => match (other.strip_prefix(KEY), other.strip_prefix(AGENT_KEY)) {
                (Some(path), _) => Self::Key(path.into()),
                (_, Some(name)) => Self::AgentKey(name.to_owned()),
                _ => Self::Other(words),
            },
        }
    }
}

impl From<LoginMethod> for String {
    fn from(method: LoginMethod) -> Self {
        method.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Link;

    #[test]
    fn login_methods_stand_in_records_as_they_always_did() {
        for (method, words) in [
            (LoginMethod::Unasked, "no password"),
            (LoginMethod::Key("/home/me/.ssh/id_ed25519".into()), "key /home/me/.ssh/id_ed25519"),
            (LoginMethod::AgentKey("me@laptop".into()), "agent key me@laptop"),
            (LoginMethod::Password, "password"),
            (LoginMethod::KeyboardInteractive, "keyboard-interactive"),
            (LoginMethod::Operator, "this machine"),
            (LoginMethod::Other("retina scan".into()), "retina scan"),
        ] {
            assert_eq!(method.to_string(), words);
            assert_eq!(LoginMethod::from(words.to_owned()), method);
            assert_eq!(method.is_password(), ["password", "keyboard-interactive"].contains(&words));
        }
    }

    #[test]
    fn links_of_older_and_of_newer_versions_are_read() {
        let read = |json: &str| serde_json::from_str::<Link>(json).expect("a link");
        let old = read(r#"{"state":"failed","why":"cannot reach it","hint":"check the cable"}"#);
        assert!(matches!(old, Link::Failed { failure: None, .. }));
        let newer = read(r#"{"state":"lost","why":"struck by lightning","failure":"lightning"}"#);
        assert!(matches!(newer, Link::Lost { failure: Some(LinkFailure::Other), .. }));
        let lost = Link::Lost { why: "x".into(), failure: Some(LinkFailure::NoAnswer) };
        assert_eq!(serde_json::to_string(&lost).expect("JSON"), r#"{"state":"lost","why":"x","failure":"no_answer"}"#);
    }
}
