//! The key pair of the operator, in the folder where OpenSSH keeps it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use pictl_engine::ports::{ConnectError, KeySource, OperatorKey, OperatorKeys};
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey, PublicKey, load_public_key};
use zeroize::Zeroizing;

use super::agent::Agent;
use super::keys::{KeyFile, NEW, OWN, beside, public_half_alone};

/// The usual keys of the user, in the order of preference.
const USUAL: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];

/// Suffixes of file names: the public half, and the key that a rotation replaced.
const PUBLIC: &str = ".pub";
const OLD: &str = ".old";

/// What a new key is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyType {
    /// Ed25519.
    #[default]
    Ed25519,
    /// RSA of 4096 bits, for hosts and rules that know nothing else.
    Rsa,
}

impl KeyType {
    fn algorithm(self) -> Algorithm {
        match self {
            Self::Ed25519 => Algorithm::Ed25519,
            // The library makes 4096 bits; the hash is for signatures.
            Self::Rsa => Algorithm::Rsa { hash: None },
        }
    }
}

/// Keys in a folder such as `~/.ssh`.
#[derive(Clone, Debug)]
pub struct KeyFolder {
    folder: PathBuf,
    comment: String,
    made: KeyType,
}

impl KeyFolder {
    /// The keys in `folder`; `comment` is for the public half of a new key.
    pub fn new(folder: PathBuf, comment: String) -> Self {
        Self { folder, comment, made: KeyType::default() }
    }

    /// The same; a key that has to be made is of this type.
    #[must_use]
    pub fn making(self, made: KeyType) -> Self {
        Self { made, ..self }
    }

    fn own(&self) -> PathBuf {
        self.folder.join(OWN)
    }

    async fn search(&self, identity: Option<&Path>) -> Result<Option<OperatorKey>, ConnectError> {
        if let Some(path) = identity {
            return by_name(path).map(Some).map_err(|why| ConnectError::Key { path: path.to_owned(), why });
        }
        if let Ok(own) = load(&self.own()) {
            return Ok(Some(own));
        }
        let mut usual: Vec<_> = USUAL.iter().filter_map(|name| load(&self.folder.join(name)).ok()).collect();
        usual.sort_by_key(|key| key.locked);
        if usual.first().is_none_or(|key| key.locked)
            && let Some(key) = of_agent().await
        {
            return Ok(Some(key));
        }
        Ok(usual.into_iter().next())
    }

    async fn find_or_make(&self, identity: Option<&Path>) -> Result<OperatorKey, ConnectError> {
        match self.search(identity).await? {
            // A key that the user named is not replaced, nor the key of pictl once the user has locked it.
            Some(key) if !key.locked || identity.is_some() || key.path() == Some(&self.own()) => Ok(key),
            _ => self.make_aside(self.own()).await,
        }
    }

    /// [`Self::make`] in a thread for it: a large key takes seconds.
    async fn make_aside(&self, path: PathBuf) -> Result<OperatorKey, ConnectError> {
        let (this, at) = (self.clone(), path.clone());
        let made = tokio::task::spawn_blocking(move || this.make(&at)).await;
        made.unwrap_or_else(|e| Err(ConnectError::Key { path, why: e.to_string() }))
    }

    /// Creates a key pair, or returns the existing one.
    fn make(&self, path: &Path) -> Result<OperatorKey, ConnectError> {
        let made = || -> io::Result<()> {
            make_private_folder(&self.folder)?;
            let key = PrivateKey::random(&mut russh::keys::key::safe_rng(), self.made.algorithm());
            let mut key = key.map_err(io::Error::other)?;
            key.set_comment(self.comment.as_str());
            let text = key.to_openssh(LineEnding::LF).map_err(io::Error::other)?;
            match write(path, text.as_bytes(), Mode::Private, IfThere::Keep) {
                // It exists, or another pictl was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                other => other,
            }
        };
        give(path, made())
    }

    /// The order leaves a usable pair wherever it stops: the old pair is copied before anything is replaced, and the
    /// old public half is removed before the private one changes, because a missing `.pub` is harmless and one of
    /// another key is not. A second call goes on from there.
    fn replace(&self) -> Result<OperatorKey, ConnectError> {
        let own = self.own();
        let new = beside(&own, NEW);
        let moved = || -> io::Result<()> {
            if new.exists() {
                if own.exists() {
                    keep_as_old(&own)?;
                }
                remove(&beside(&own, PUBLIC))?;
                fs::rename(&new, &own)?;
            }
            let public = beside(&new, PUBLIC);
            if public.exists() {
                fs::rename(public, beside(&own, PUBLIC))?;
            }
            settle_folder(&self.folder)
        };
        give(&own, moved())
    }
}

/// The pair in `path` after `done`; a missing public half is written.
fn give(path: &Path, done: io::Result<()>) -> Result<OperatorKey, ConnectError> {
    let given = done.map_err(|e| e.to_string()).and_then(|()| load(path)).and_then(|key| {
        complete(path, &key).map_err(|e| e.to_string())?;
        Ok(key)
    });
    given.map_err(|why| ConnectError::Key { path: path.to_owned(), why })
}

/// The key that the user named: in this file or, if there is only a public half, that key of the agent.
fn by_name(path: &Path) -> Result<OperatorKey, String> {
    load(path).or_else(|why| {
        let public = public_half_alone(path).ok_or(why)?;
        Ok(OperatorKey { source: KeySource::Agent, public: line(&public), locked: false })
    })
}

fn load(path: &Path) -> Result<OperatorKey, String> {
    let key = KeyFile::read(path)?;
    // Only the public half has the comment, if the private one is locked or in PEM.
    let with_comment = load_public_key(beside(path, PUBLIC)).ok().filter(|k| k.key_data() == key.public.key_data());
    let public = match with_comment {
        Some(public) if key.public.comment().is_empty() => line(&public),
        _ => line(&key.public),
    };
    Ok(OperatorKey { source: KeySource::File(path.to_owned()), public, locked: key.is_locked() })
}

/// The first key of the agent, if there is one.
async fn of_agent() -> Option<OperatorKey> {
    let agent = Agent::ask().await?.ok()?;
    let (mut key, comment) = agent.keys.into_iter().next()?;
    key.set_comment(comment);
    Some(OperatorKey { source: KeySource::Agent, public: line(&key), locked: false })
}

/// A public key as a line; an invalid key would have failed when it was read.
fn line(key: &PublicKey) -> String {
    pictl_model::text::clean(&key.to_openssh().unwrap_or_default(), 20_000)
}

/// Writes the public half of the key in `path` if it is missing.
fn complete(path: &Path, key: &OperatorKey) -> io::Result<()> {
    let public = beside(path, PUBLIC);
    if public.exists() {
        return Ok(());
    }
    write(&public, format!("{}\n", key.public).as_bytes(), Mode::Public, IfThere::Replace)
}

/// Copies the pair in `own` to its name as an old one.
fn keep_as_old(own: &Path) -> io::Result<()> {
    let old = beside(own, OLD);
    remove(&beside(&old, PUBLIC))?;
    write(&old, &Zeroizing::new(fs::read(own)?), Mode::Private, IfThere::Replace)?;
    // From the key itself: the file with its public half may be gone already.
    load(own).map_or(Ok(()), |key| complete(&old, &key))
}

/// Who may read a file.
#[derive(Clone, Copy)]
enum Mode {
    Private = 0o600,
    Public = 0o644,
}

/// What happens to an existing file with the name.
#[derive(Clone, Copy, PartialEq)]
enum IfThere {
    Keep,
    Replace,
}

/// Writes `path` completely or not at all: to a temporary file, flushed, and renamed.
fn write(path: &Path, bytes: &[u8], mode: Mode, there: IfThere) -> io::Result<()> {
    static PARTS: AtomicU32 = AtomicU32::new(0);
    let part = beside(path, &format!(".{}-{}.part", std::process::id(), PARTS.fetch_add(1, Ordering::Relaxed)));
    remove(&part)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode as u32);
    let written = options.open(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let placed = written.and_then(|()| match there {
        IfThere::Replace => fs::rename(&part, path),
        IfThere::Keep => fs::hard_link(&part, path),
    });
    // It is gone if it was renamed; otherwise it is a copy that is not needed.
    remove(&part)?;
    placed?;
    path.parent().map_or(Ok(()), settle_folder)
}

/// Waits until the names in `folder` are on the disk.
fn settle_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

impl OperatorKeys for KeyFolder {
    fn find(&self, identity: Option<PathBuf>) -> BoxFuture<'static, Result<Option<OperatorKey>, ConnectError>> {
        let this = self.clone();
        async move { this.search(identity.as_deref()).await }.boxed()
    }

    fn ensure(&self, identity: Option<PathBuf>) -> BoxFuture<'static, Result<OperatorKey, ConnectError>> {
        let this = self.clone();
        async move { this.find_or_make(identity.as_deref()).await }.boxed()
    }

    fn renew(&self) -> BoxFuture<'static, Result<OperatorKey, ConnectError>> {
        let this = self.clone();
        async move { this.make_aside(beside(&this.own(), NEW)).await }.boxed()
    }

    /// Next to the key of pictl, the new one is offered at every login anyway; this returns a new key that replaces a
    /// key with another name.
    fn pending(&self) -> BoxFuture<'static, Option<OperatorKey>> {
        let own = self.own();
        async move {
            let next = beside(&own, NEW);
            if own.exists() || !next.exists() {
                return None;
            }
            load(&next).ok()
        }
        .boxed()
    }

    fn settle(&self) -> BoxFuture<'static, Result<OperatorKey, ConnectError>> {
        let this = self.clone();
        async move { this.replace() }.boxed()
    }
}

#[cfg(test)]
mod tests;
