//! Credentials, made ready for a login: private key files, and keys opened by a passphrase.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pictl_engine::ports::{ConnectError, Credential};
use pictl_model::Secret;
use pictl_model::text::clean;
use russh::keys::{Algorithm, PrivateKey, PublicKey, decode_secret_key, load_public_key};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// The name of the key that pictl creates if there is none that it can use.
pub(super) const OWN: &str = "pictl_ed25519";
/// The suffix of the new key of a rotation.
pub(super) const NEW: &str = ".new";

/// Bytes of a key file; RSA with 16384 bits takes 13 kB.
const MAX_FILE: u64 = 64 << 10;

/// Opened keys that stay in memory.
const MAX_OPENED: usize = 8;

/// A credential made ready.
pub(super) enum Prepared {
    /// A private key file, and its passphrase if one was given.
    Key(KeyFile, Option<Secret>),
    /// The agent's keys, or the one of them that is wanted.
    Agent(Option<PublicKey>),
    /// A password.
    Password(Secret),
    /// Something that cannot be used, and why.
    Unusable(String, String),
}

impl Prepared {
    /// What it is called.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Key(key, _) => key.name(),
            Self::Agent(_) => "agent".into(),
            Self::Password(_) => "password".into(),
            Self::Unusable(name, _) => name.clone(),
        }
    }

    /// It is one or more keys, and needs no passphrase.
    pub(super) fn is_open_key(&self) -> bool {
        match self {
            Self::Key(key, _) => !key.is_locked(),
            Self::Agent(_) => true,
            Self::Password(_) | Self::Unusable(..) => false,
        }
    }
}

/// Reads the key files. A file that cannot be used is an error only when there is no other credential; otherwise the
/// failure of the login mentions it.
pub(super) async fn load(credentials: Vec<Credential>) -> Result<Vec<Prepared>, ConnectError> {
    tokio::task::spawn_blocking(move || read_all(credentials)).await.unwrap_or_else(|_| Ok(Vec::new()))
}

fn read_all(credentials: Vec<Credential>) -> Result<Vec<Prepared>, ConnectError> {
    let mut prepared = Vec::with_capacity(credentials.len());
    let mut first_bad = None;
    for credential in credentials {
        match credential {
            Credential::Agent { only: None } => prepared.push(Prepared::Agent(None)),
            Credential::Agent { only: Some(line) } => prepared.push(match PublicKey::from_openssh(&line) {
                Ok(key) => Prepared::Agent(Some(key)),
                Err(error) => Prepared::Unusable("agent".into(), format!("its wanted key is not a key: {error}")),
            }),
            Credential::Password(secret) => prepared.push(Prepared::Password(secret)),
            Credential::Key { path, passphrase } => {
                prepared.push(match (KeyFile::read(&path), public_half_alone(&path)) {
                    (Ok(key), _) => Prepared::Key(key, passphrase),
                    (Err(_), Some(public)) => Prepared::Agent(Some(public)),
                    (Err(why), None) => {
                        first_bad.get_or_insert_with(|| (path.clone(), why.clone()));
                        Prepared::Unusable(format!("key {}", path.display()), why)
                    }
                });
                // An interrupted rotation has created it, and some hosts may accept no other key any more.
                if let Some(next) = successor(&path).and_then(|path| KeyFile::read(&path).ok()) {
                    prepared.push(Prepared::Key(next, None));
                }
            }
        }
    }
    match first_bad {
        Some((path, why)) if prepared.iter().all(|p| matches!(p, Prepared::Unusable(..))) => {
            Err(ConnectError::Key { path, why })
        }
        _ => Ok(prepared),
    }
}

/// A private key file. Its public half is known even where the private one needs a passphrase.
pub(super) struct KeyFile {
    pub(super) path: PathBuf,
    pub(super) public: PublicKey,
    lock: Lock,
}

enum Lock {
    Open(Arc<PrivateKey>),
    /// The file's text.
    Closed(Zeroizing<String>),
}

/// Why a key did not open.
pub(super) enum OpenError {
    /// It needs a passphrase.
    NoPassphrase,
    /// The passphrase is wrong, or the file is damaged: the two cannot be distinguished.
    WrongPassphrase,
    /// Something else.
    Unusable(&'static str),
}

impl KeyFile {
    /// Reads a file in OpenSSH's format, or PEM (PKCS#1, PKCS#8, SEC 1).
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let mut text = Zeroizing::new(String::new());
        let file = File::open(path).map_err(|e| e.to_string())?;
        file.take(MAX_FILE).read_to_string(&mut text).map_err(|e| e.to_string())?;
        let openssh = PrivateKey::from_openssh(text.as_bytes()).ok();
        let (public, lock) = match openssh {
            // In this format the public half precedes the encrypted part.
            Some(key) if key.is_encrypted() => (key.public_key().clone(), Lock::Closed(text)),
            Some(key) => (key.public_key().clone(), Lock::Open(Arc::new(key))),
            None if text.contains("BEGIN EC PRIVATE KEY") && text.contains("ENCRYPTED") => {
                let path = path.display();
                return Err(format!(
                    "this old form of encryption is not supported; ssh-keygen -pf {path} writes a new one"
                ));
            }
            // PEM in one of its encrypted forms.
            None if text.contains("ENCRYPTED") => {
                let public = load_public_key(beside(path, ".pub")).map_err(|_| {
                    let path = path.display();
                    format!("it needs a passphrase, and its public half is missing: ssh-keygen -yf {path} >{path}.pub")
                })?;
                (public, Lock::Closed(text))
            }
            None => {
                let key = decode_secret_key(&text, None)
                    .map_err(|error| clean(&format!("not a private key that pictl can read: {error}"), 200))?;
                (key.public_key().clone(), Lock::Open(Arc::new(key)))
            }
        };
        match public.algorithm() {
            Algorithm::Ed25519 | Algorithm::Ecdsa { .. } | Algorithm::Rsa { .. } => {}
            Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256 => {
                return Err("it is on a security key: give it to the agent (ssh-add)".into());
            }
            other => return Err(format!("keys of the type {other} are not used")),
        }
        Ok(Self { path: path.to_owned(), public, lock })
    }

    /// What it is called.
    pub(super) fn name(&self) -> String {
        format!("key {}", self.path.display())
    }

    /// It needs a passphrase.
    pub(super) fn is_locked(&self) -> bool {
        matches!(self.lock, Lock::Closed(_))
    }
}

/// The public half if `path` is one, or if the private half is missing: the agent has it then, as for OpenSSH.
pub(super) fn public_half_alone(path: &Path) -> Option<PublicKey> {
    let beside = || if path.exists() { None } else { load_public_key(beside(path, ".pub")).ok() };
    load_public_key(path).ok().or_else(beside)
}

/// `path` with `more` at its end.
pub(super) fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(more);
    name.into()
}

/// The new key of an unfinished rotation of the key in `path`, if that is the key of pictl.
pub(super) fn successor(path: &Path) -> Option<PathBuf> {
    let next = beside(path, NEW);
    (path.file_name()? == OWN && next.exists()).then_some(next)
}

/// The keys that passphrases have opened. A passphrase costs 100 ms of computing on purpose, so all nodes together do
/// it once. Everything is wiped when dropped, except what russh unpacks a PEM file into.
#[derive(Clone, Default)]
pub(super) struct Keyring(Arc<Mutex<Vec<Tried>>>);

/// A passphrase that was tried on a key, and the result.
struct Tried {
    text: Zeroizing<String>,
    passphrase: Secret,
    key: Option<Arc<PrivateKey>>,
}

impl Keyring {
    /// The private key of `file`.
    pub(super) async fn open(&self, file: &KeyFile, passphrase: Option<&Secret>) -> Result<Arc<PrivateKey>, OpenError> {
        let text = match &file.lock {
            Lock::Open(key) => return Ok(Arc::clone(key)),
            Lock::Closed(text) => text,
        };
        let passphrase = passphrase.ok_or(OpenError::NoPassphrase)?;
        // The lock is held meanwhile: other logins with the same key wait for the first.
        let mut tried = self.0.lock().await;
        let known = tried.iter().find(|t| t.text == *text && t.passphrase.expose() == passphrase.expose());
        let key = if let Some(known) = known {
            known.key.clone()
        } else {
            let key = decode(text.clone(), passphrase.clone()).await.map(Arc::new);
            if tried.len() == MAX_OPENED {
                tried.remove(0);
            }
            tried.push(Tried { text: text.clone(), passphrase: passphrase.clone(), key: key.clone() });
            key
        };
        let key = key.ok_or(OpenError::WrongPassphrase)?;
        if key.public_key().key_data() != file.public.key_data() {
            return Err(OpenError::Unusable("the .pub file beside it belongs to another key"));
        }
        Ok(key)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(…)")
    }
}

/// Runs outside of the threads of the runtime. Wrong passphrases show as damaged content.
async fn decode(text: Zeroizing<String>, passphrase: Secret) -> Option<PrivateKey> {
    tokio::task::spawn_blocking(move || decode_secret_key(&text, Some(passphrase.expose())).ok()).await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_bad_key_alone_is_an_error_and_beside_others_a_remark() {
        let bad = || Credential::Key { path: "/nonexistent/id".into(), passphrase: None };
        assert!(matches!(load(vec![bad()]).await, Err(ConnectError::Key { .. })));
        let both = load(vec![bad(), Credential::Agent { only: None }]).await.unwrap();
        assert!(matches!(both[..], [Prepared::Unusable(..), Prepared::Agent(None)]));
    }

    #[tokio::test]
    async fn a_passphrase_is_decoded_once_for_all_logins_with_the_key() {
        let mut rng = russh::keys::key::safe_rng();
        let (dir, key) = (tempfile::tempdir().unwrap(), PrivateKey::random(&mut rng, Algorithm::Ed25519).unwrap());
        let path = dir.path().join("id");
        let locked = key.encrypt(&mut rng, "open sesame").unwrap();
        locked.write_openssh_file(&path, russh::keys::ssh_key::LineEnding::LF).unwrap();
        let keyring = Keyring::default();
        let open = async |passphrase: &str| {
            let (file, passphrase) = (KeyFile::read(&path).unwrap(), Secret::new(passphrase.into()));
            keyring.open(&file, Some(&passphrase)).await
        };
        let opened = futures_util::future::join_all((0..8).map(|_| open("open sesame"))).await;
        let opened: Vec<_> = opened.into_iter().map(|key| key.ok().unwrap()).collect();
        assert!(opened.iter().all(|key| Arc::ptr_eq(key, &opened[0])));
        assert_eq!(opened[0].key_data(), key.key_data());
        for _ in 0..2 {
            assert!(matches!(open("open barley").await, Err(OpenError::WrongPassphrase)));
        }
        assert_eq!(keyring.0.lock().await.len(), 2);
        // The file has another text now, so the opened key does not count any more.
        locked
            .decrypt("open sesame")
            .unwrap()
            .encrypt(&mut rng, "other")
            .unwrap()
            .write_openssh_file(&path, russh::keys::ssh_key::LineEnding::LF)
            .unwrap();
        assert!(matches!(open("open sesame").await, Err(OpenError::WrongPassphrase)));
        for n in 0..10 {
            assert!(open(&format!("guess {n}")).await.is_err());
        }
        assert_eq!(keyring.0.lock().await.len(), MAX_OPENED);
    }
}
