//! Private keys, and which host key algorithms are asked for.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pictl_engine::ports::{ConnectError, Credential};
use pictl_model::Secret;
use pictl_model::text::clean;
use russh::Preferred;
use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PrivateKey, load_secret_key};

/// A credential made ready.
pub(super) enum Proof {
    /// A private key, and what it is called.
    Key(String, Arc<PrivateKey>),
    /// The agent's keys.
    Agent,
    /// A password.
    Password(Secret),
    /// A key file that cannot be used, and why.
    Unusable(String, String),
}

/// Reads the key files. One that cannot be used is an error only when there is nothing else to log in with; otherwise
/// the login's own failure tells of it.
pub(super) async fn load(credentials: Vec<Credential>) -> Result<Vec<Proof>, ConnectError> {
    let mut proofs = Vec::with_capacity(credentials.len());
    let mut first_bad = None;
    for credential in credentials {
        proofs.push(match credential {
            Credential::Agent { .. } => Proof::Agent,
            Credential::Password(secret) => Proof::Password(secret),
            Credential::Key { path, passphrase } => match read(path.clone(), passphrase).await {
                Ok(key) => Proof::Key(format!("key {}", path.display()), Arc::new(key)),
                Err(why) => {
                    first_bad.get_or_insert_with(|| (path.clone(), why.clone()));
                    Proof::Unusable(format!("key {}", path.display()), why)
                }
            },
        });
    }
    match first_bad {
        Some((path, why)) if proofs.iter().all(|p| matches!(p, Proof::Unusable(..))) => {
            Err(ConnectError::Key { path, why })
        }
        _ => Ok(proofs),
    }
}

/// Off the runtime's threads: a passphrase costs 100 ms of computing.
async fn read(path: PathBuf, passphrase: Option<Secret>) -> Result<PrivateKey, String> {
    tokio::task::spawn_blocking(move || decode(&path, passphrase.as_ref()))
        .await
        .unwrap_or_else(|_| Err("reading it failed".into()))
}

fn decode(path: &Path, passphrase: Option<&Secret>) -> Result<PrivateKey, String> {
    use russh::keys::Error;
    load_secret_key(path, passphrase.map(Secret::expose)).map_err(|error| match error {
        Error::IO(error) => error.to_string(),
        Error::KeyIsEncrypted => "it needs a passphrase".into(),
        // A wrong passphrase shows as damage of the decrypted part.
        error if passphrase.is_some() => clean(&format!("wrong passphrase, or damaged: {error}"), 200),
        error => clean(&format!("not a private key that pictl can read: {error}"), 200),
    })
}

/// Host key algorithms in russh's order without SHA-1 signatures, those recorded for the host first: a host with several
/// keys then offers the one that is known.
pub(super) fn preferred(recorded: &[String]) -> Preferred {
    let ecdsa = |curve| Algorithm::Ecdsa { curve };
    let mut keys = vec![
        Algorithm::Ed25519,
        ecdsa(EcdsaCurve::NistP256),
        ecdsa(EcdsaCurve::NistP384),
        ecdsa(EcdsaCurve::NistP521),
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
    ];
    keys.sort_by_key(|algorithm| !recorded.iter().any(|name| *name == key_type(algorithm)));
    // DEFAULT offers no compression: what it unpacks to cannot be bounded beforehand.
    Preferred { key: Cow::Owned(keys), ..Preferred::DEFAULT }
}

/// The type of key that signs by `algorithm`: one RSA key serves several.
fn key_type(algorithm: &Algorithm) -> String {
    match algorithm {
        Algorithm::Rsa { .. } => "ssh-rsa".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_algorithms_come_first_and_sha1_never() {
        let order = |recorded: &[&str]| {
            let recorded: Vec<_> = recorded.iter().map(|s| (*s).to_owned()).collect();
            preferred(&recorded).key.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(order(&[])[0], "ssh-ed25519");
        assert_eq!(order(&["ssh-rsa"])[..3], ["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
        assert_eq!(order(&["ecdsa-sha2-nistp384", "unheard-of"])[0], "ecdsa-sha2-nistp384");
        assert!(!order(&["ssh-rsa"]).contains(&"ssh-rsa".to_owned()));
    }

    #[test]
    fn nothing_is_compressed() {
        assert_eq!(preferred(&[]).compression.iter().map(AsRef::as_ref).next(), Some("none"));
    }

    #[tokio::test]
    async fn a_bad_key_alone_is_an_error_and_beside_others_a_note() {
        let bad = || Credential::Key { path: "/nonexistent/id".into(), passphrase: None };
        assert!(matches!(load(vec![bad()]).await, Err(ConnectError::Key { .. })));
        let both = load(vec![bad(), Credential::Agent { only: None }]).await.unwrap();
        assert!(matches!(both[..], [Proof::Unusable(..), Proof::Agent]));
    }
}
