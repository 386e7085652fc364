//! The algorithms that pictl accepts. `docs/design/trust.md` says why; `tests/audit.rs` verifies it.

use std::borrow::Cow;

use russh::keys::{Algorithm, EcdsaCurve, HashAlg};
use russh::{Preferred, cipher, kex, mac};

/// Key exchanges: post-quantum first (OpenSSH 9.9 and newer), then one that every OpenSSH since 6.5 has, then one for
/// hosts whose owner allows no curve (larger groups take this side seconds). The last two are not key exchanges: they
/// ask for the list of signatures that the host accepts, and for the order of packets that Terrapin (CVE-2023-48795)
/// cannot disturb.
const KEX: &[kex::Name] = &[
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::DH_G16_SHA512,
    kex::EXTENSION_SUPPORT_AS_CLIENT,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
];

/// `ChaCha20` first: Pis before the 5 have no instructions for AES.
const CIPHERS: &[cipher::Name] = &[
    cipher::CHACHA20_POLY1305,
    cipher::AES_256_GCM,
    cipher::AES_128_GCM,
    cipher::AES_256_CTR,
    cipher::AES_192_CTR,
    cipher::AES_128_CTR,
];

/// For the CTR ciphers only, and encrypt-then-MAC only: OpenSSH has had it since 6.2.
const MACS: &[mac::Name] = &[mac::HMAC_SHA256_ETM, mac::HMAC_SHA512_ETM];

/// The offer of the client to a host of which keys of the types `recorded` are known. Those come first: a host with
/// several keys then offers the known one. ECDSA is accepted only where it is recorded, and SHA-1 never.
pub(super) fn preferred(recorded: &[String]) -> Preferred {
    let is_recorded = |algorithm: &Algorithm| recorded.contains(&key_type(algorithm));
    let ecdsa = [EcdsaCurve::NistP256, EcdsaCurve::NistP384, EcdsaCurve::NistP521];
    let mut keys = vec![
        Algorithm::Ed25519,
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
    ];
    keys.extend(ecdsa.map(|curve| Algorithm::Ecdsa { curve }).into_iter().filter(is_recorded));
    keys.sort_by_key(|algorithm| !is_recorded(algorithm));
    Preferred {
        kex: Cow::Borrowed(KEX),
        key: Cow::Owned(keys),
        cipher: Cow::Borrowed(CIPHERS),
        mac: Cow::Borrowed(MACS),
        // DEFAULT has no compression: the unpacked size would not be bounded.
        ..Preferred::DEFAULT
    }
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
        let usual = ["ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"];
        assert_eq!(order(&[]), usual);
        assert_eq!(order(&["ssh-rsa"]), ["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
        assert_eq!(order(&["ecdsa-sha2-nistp384", "unheard-of"])[0], "ecdsa-sha2-nistp384");
        assert_eq!(order(&["ecdsa-sha2-nistp384", "unheard-of"])[1..], usual);
    }

    #[test]
    fn nothing_is_compressed() {
        assert_eq!(preferred(&[]).compression.iter().map(AsRef::as_ref).next(), Some("none"));
    }
}
