//! Files of a node that its facts include: which, in what state, and why one is of no use.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pictl_model::text::clean;
use thiserror::Error;

use super::MAX_VALUE;
use crate::hash::sha256_hex;

/// A file that setup cares for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// `/etc/hosts`.
    Hosts,
    /// `~/.ssh/authorized_keys`.
    AuthorizedKeys,
    /// `~/.ssh/known_hosts`.
    KnownHosts,
    /// `~/.ssh/id_ed25519.pub`.
    PublicKey,
    /// `~/.ssh/id_ed25519.new.pub`: the key that is to take the place of the node's own, in the middle of a rotation.
    NextKey,
    /// `~/.ssh/id_ed25519.pub.old`: public halves of keys that the node had before, one a line.
    OldKeys,
    /// `/etc/ssh/sshd_config.d/00-pictl-password-login.conf`, which ends logins by password.
    PasswordLogin,
    /// `~/machinefile`.
    Machinefile,
}

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Hosts,
        Self::AuthorizedKeys,
        Self::KnownHosts,
        Self::PublicKey,
        Self::NextKey,
        Self::OldKeys,
        Self::PasswordLogin,
        Self::Machinefile,
    ];

    /// What the script calls it.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Hosts => "hosts",
            Self::AuthorizedKeys => "authorized_keys",
            Self::KnownHosts => "known_hosts",
            Self::PublicKey => "public_key",
            Self::NextKey => "next_key",
            Self::OldKeys => "old_keys",
            Self::PasswordLogin => "password_login",
            Self::Machinefile => "machinefile",
        }
    }
}

/// A file as it was when the facts were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// Nothing is there.
    Missing {
        /// Where nothing is.
        path: String,
    },
    /// It was read.
    There {
        /// Where.
        path: String,
        /// Its permission bits.
        mode: u32,
        /// Its bytes.
        content: Vec<u8>,
    },
    /// Something is there and was not read.
    Unusable {
        /// Where.
        path: String,
        /// Why.
        why: Unusable,
    },
    /// The node did not report this file.
    NotReported {
        /// What the script calls it.
        path: String,
    },
}

/// Why a file that is there was not read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unusable {
    /// The login may not read it.
    #[error("unreadable")]
    Unreadable,
    /// It is larger than the script reads.
    #[error("too large")]
    TooLarge,
    /// It is a folder, a fifo or a device.
    #[error("not a file, but a folder, a fifo or a device")]
    NotAFile,
    /// What should be its folder is something else.
    #[error("not there, because its folder is not a folder")]
    NoFolder,
    /// Its content arrived damaged.
    #[error("garbled on its way")]
    Garbled,
    /// In the script's words.
    #[error("{0}")]
    Other(String),
}

impl From<&str> for Unusable {
    /// Of the script's word.
    fn from(word: &str) -> Self {
        match word {
            "unreadable" => Self::Unreadable,
            "too-large" => Self::TooLarge,
            "not-a-file" => Self::NotAFile,
            "no-folder" => Self::NoFolder,
            other => Self::Other(clean(other, MAX_VALUE)),
        }
    }
}

impl Unusable {
    /// What to do about the file at `path`.
    pub fn hint(&self, path: &str) -> String {
        let away = |what: &str| format!("move it away on the node: `mv {what} {what}.old`");
        match self {
            Self::NotAFile => away(path),
            Self::NoFolder => away(path.rsplit_once('/').map_or(path, |(folder, _)| folder)),
            Self::Unreadable => format!("let this user read it on the node: `ls -l {path}` shows whose it is"),
            Self::TooLarge => format!("shorten it on the node, or move it away: `mv {path} {path}.old`"),
            Self::Garbled => "run the setup again".to_owned(),
            Self::Other(_) => format!("look at {path} on the node"),
        }
    }
}

impl FileState {
    /// Its bytes; none when nothing was read.
    pub fn content(&self) -> &[u8] {
        match self {
            Self::There { content, .. } => content,
            Self::Missing { .. } | Self::Unusable { .. } | Self::NotReported { .. } => &[],
        }
    }

    /// The SHA-256 of its bytes as `put-file.sh` wants it: `-` for a missing file, `?` (which no file has) for an
    /// unusable one.
    pub fn sha256_hex(&self) -> String {
        match self {
            Self::There { content, .. } => sha256_hex(content),
            Self::Missing { .. } => "-".to_owned(),
            Self::Unusable { .. } | Self::NotReported { .. } => "?".to_owned(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &str {
        match self {
            Self::Missing { path }
            | Self::There { path, .. }
            | Self::Unusable { path, .. }
            | Self::NotReported { path } => path,
        }
    }
}

/// `hosts /etc/hosts 644 BASE64.`, `… - -` for a missing file, `… ! why` for one that could not be read. The path may
/// have blanks.
pub(super) fn file_of(value: &str) -> Option<(FileKind, FileState)> {
    let (key, rest) = value.split_once(' ')?;
    let kind = FileKind::ALL.into_iter().find(|kind| kind.key() == key)?;
    let mut fields = rest.rsplitn(3, ' ');
    let (content, mode, path) = (fields.next()?, fields.next()?, clean(fields.next()?, 4_096));
    let state = match (mode, content) {
        ("-", "-") => FileState::Missing { path },
        ("!", why) => FileState::Unusable { path, why: why.into() },
        _ => {
            let content = content.strip_suffix('.').and_then(|base64| STANDARD.decode(base64).ok());
            match (u32::from_str_radix(mode, 8), content) {
                (Ok(mode), Some(content)) => FileState::There { path, mode, content },
                _ => FileState::Unusable { path, why: Unusable::Garbled },
            }
        }
    };
    Some((kind, state))
}
