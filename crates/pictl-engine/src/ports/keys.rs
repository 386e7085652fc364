//! The operator's own configuration of OpenSSH, and key pair.

use std::path::{Path, PathBuf};

use futures_util::future::BoxFuture;
use pictl_formats::ssh_config::{Problem, SshConfig};
use pictl_model::Secret;

use super::login::{ConnectError, Credential};

/// The configuration of OpenSSH's client on the operator's machine.
#[derive(Clone, Debug, Default)]
pub struct OperatorSsh {
    /// Its configuration, `~/.ssh/config` and what that includes.
    pub config: SshConfig,
    /// Lines of it that are not followed.
    pub problems: Vec<Problem>,
    /// The operator's home folder.
    pub home: String,
    /// The operator's login name: the default user on jump hosts.
    pub user: String,
}

/// Where the private half of the operator's key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In this file.
    File(PathBuf),
    /// In the agent at `SSH_AUTH_SOCK`.
    Agent,
}

/// The operator's own key pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorKey {
    /// Where its private half is.
    pub source: KeySource,
    /// The public half as a line of `authorized_keys`.
    pub public: String,
    /// The file opens by a passphrase only.
    pub locked: bool,
}

impl OperatorKey {
    /// The private key's file, where it is not the agent's.
    pub fn path(&self) -> Option<&Path> {
        match &self.source {
            KeySource::File(path) => Some(path),
            KeySource::Agent => None,
        }
    }

    /// How to log in with this key and no other; `passphrase` opens its file.
    pub fn credential(&self, passphrase: Option<Secret>) -> Credential {
        match &self.source {
            KeySource::File(path) => Credential::Key { path: path.clone(), passphrase },
            KeySource::Agent => Credential::Agent { only: Some(self.public.clone()) },
        }
    }
}

/// Finds and makes the operator's key pair.
pub trait OperatorKeys: Send + Sync + 'static {
    /// The key pair to use: the identity asked for; else `~/.ssh/pictl_ed25519`, which pictl made for this; else the first
    /// of `id_ed25519`, `id_ecdsa` and `id_rsa` there that opens without a passphrase; else the agent's first; else the
    /// first of them that opens with one. `None` when there is none yet.
    fn find(&self, identity: Option<PathBuf>) -> BoxFuture<'static, Result<Option<OperatorKey>, ConnectError>>;

    /// As [`OperatorKeys::find`], making `~/.ssh/pictl_ed25519` when there is none that opens without a passphrase.
    fn ensure(&self, identity: Option<PathBuf>) -> BoxFuture<'static, Result<OperatorKey, ConnectError>>;

    /// Makes a new key pair beside the present ones, `~/.ssh/pictl_ed25519.new`, or gives the one that an earlier rotation
    /// made and did not bring to its end.
    fn renew(&self) -> BoxFuture<'static, Result<OperatorKey, ConnectError>>;

    /// The new key pair of a rotation that was not brought to its end, where there is one: some nodes may have it only.
    fn pending(&self) -> BoxFuture<'static, Option<OperatorKey>> {
        Box::pin(std::future::ready(None))
    }

    /// Moves the new key pair to `~/.ssh/pictl_ed25519`; the old one becomes `pictl_ed25519.old`. Returns the new one with its
    /// new path.
    fn settle(&self) -> BoxFuture<'static, Result<OperatorKey, ConnectError>>;
}
