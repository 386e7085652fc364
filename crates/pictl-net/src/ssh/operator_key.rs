//! The operator's own key pair, in the folder where OpenSSH keeps it.

use std::io;
use std::path::{Path, PathBuf};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use pictl_engine::ports::{ConnectError, KeySource, OperatorKey, OperatorKeys};
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey};

/// The key that pictl makes when there is none that it can use.
const OWN: &str = "pictl_ed25519";

/// Keys in a folder such as `~/.ssh`.
#[derive(Clone, Debug)]
pub struct KeyFolder {
    folder: PathBuf,
    comment: String,
}

impl KeyFolder {
    /// The keys in `folder`; `comment` goes into the public half of a key that is made.
    pub fn new(folder: PathBuf, comment: String) -> Self {
        Self { folder, comment }
    }

    /// The first key that can be used without a passphrase; one asked for by name must be usable.
    fn search(&self, identity: Option<&Path>) -> Result<Option<OperatorKey>, ConnectError> {
        if let Some(path) = identity {
            return load(path).map(Some).map_err(|why| ConnectError::Key { path: path.to_owned(), why });
        }
        let usable = ["id_ed25519", OWN].iter().find_map(|name| load(&self.folder.join(name)).ok());
        Ok(usable)
    }

    fn make(&self) -> Result<OperatorKey, ConnectError> {
        let path = self.folder.join(OWN);
        let fail = |why: String| ConnectError::Key { path: path.clone(), why };
        if path.exists() {
            return Err(fail("it is there and cannot be used without a passphrase".into()));
        }
        make_private_folder(&self.folder).map_err(|e| fail(e.to_string()))?;
        let mut key = PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519)
            .map_err(|e| fail(e.to_string()))?;
        key.set_comment(self.comment.as_str());
        // The public half first: a private key without it would look finished.
        let public = key.public_key().to_openssh().map_err(|e| fail(e.to_string()))?;
        std::fs::write(path.with_extension("pub"), format!("{public}\n")).map_err(|e| fail(e.to_string()))?;
        key.write_openssh_file(&path, LineEnding::LF).map_err(|e| fail(e.to_string()))?;
        Ok(OperatorKey { source: KeySource::File(path), public, locked: false })
    }
}

fn load(path: &Path) -> Result<OperatorKey, String> {
    let key = russh::keys::load_secret_key(path, None).map_err(|e| e.to_string())?;
    let public = key.public_key().to_openssh().map_err(|e| e.to_string())?;
    Ok(OperatorKey { source: KeySource::File(path.to_owned()), public, locked: false })
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

impl OperatorKeys for KeyFolder {
    fn find(&self, identity: Option<PathBuf>) -> BoxFuture<'static, Result<Option<OperatorKey>, ConnectError>> {
        let this = self.clone();
        async move { this.search(identity.as_deref()) }.boxed()
    }

    fn ensure(&self, identity: Option<PathBuf>) -> BoxFuture<'static, Result<OperatorKey, ConnectError>> {
        let this = self.clone();
        async move {
            match this.search(identity.as_deref())? {
                Some(key) => Ok(key),
                None => this.make(),
            }
        }
        .boxed()
    }

    fn renew(&self) -> BoxFuture<'static, Result<OperatorKey, ConnectError>> {
        let this = self.clone();
        async move { this.make() }.boxed()
    }

    fn settle(&self) -> BoxFuture<'static, Result<OperatorKey, ConnectError>> {
        let this = self.clone();
        async move { this.make() }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_is_made_once_and_found_again() {
        let dir = tempfile::tempdir().expect("dir");
        let keys = KeyFolder::new(dir.path().join(".ssh"), "me@here".into());
        assert_eq!(keys.find(None).await.expect("looked"), None);
        let made = keys.ensure(None).await.expect("made");
        assert!(made.public.starts_with("ssh-ed25519 ") && made.public.ends_with(" me@here"), "{}", made.public);
        assert_eq!(keys.ensure(None).await.expect("found"), made);
    }

    #[tokio::test]
    async fn a_key_asked_for_by_name_must_be_there() {
        let dir = tempfile::tempdir().expect("dir");
        let keys = KeyFolder::new(dir.path().to_owned(), String::new());
        let error = keys.find(Some(dir.path().join("absent"))).await.expect_err("there is none");
        assert!(matches!(error, ConnectError::Key { .. }));
    }
}
