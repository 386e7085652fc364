//! Public keys as OpenSSH writes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pictl_model::trust::HostKey;

/// The key's bytes, if they begin with the name of its type as RFC 4253 section 6.6 wants it.
pub(crate) fn blob_of(key: &HostKey) -> Option<Vec<u8>> {
    let blob = STANDARD.decode(&key.base64).ok()?;
    let name = key.algorithm.as_bytes();
    let length = u32::try_from(name.len()).ok()?.to_be_bytes();
    let rest = blob.strip_prefix(&length)?.strip_prefix(name)?;
    (!name.is_empty() && !rest.is_empty()).then_some(blob)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A well-formed key of `algorithm` with made-up bytes.
    pub(crate) fn sample_key(algorithm: &str, seed: u8) -> HostKey {
        let mut blob = u32::try_from(algorithm.len()).expect("short").to_be_bytes().to_vec();
        blob.extend(algorithm.as_bytes());
        blob.extend([0, 0, 0, 32]);
        blob.extend([seed; 32]);
        HostKey { algorithm: algorithm.into(), base64: STANDARD.encode(blob) }
    }

    #[test]
    fn the_type_must_be_the_one_inside_the_key() {
        let key = sample_key("ssh-ed25519", 1);
        assert!(blob_of(&key).is_some());
        assert!(blob_of(&HostKey { algorithm: "ssh-rsa".into(), ..key.clone() }).is_none());
        assert!(blob_of(&HostKey { base64: "!".into(), ..key.clone() }).is_none());
        assert!(blob_of(&HostKey { base64: String::new(), ..key }).is_none());
    }
}
