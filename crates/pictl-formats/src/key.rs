//! Public keys as OpenSSH writes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pictl_model::trust::HostKey;

/// The bytes of the key, if they begin with the name of its type as RFC 4253 section 6.6 requires.
pub(crate) fn blob_of(key: &HostKey) -> Option<Vec<u8>> {
    let blob = STANDARD.decode(&key.base64).ok()?;
    let name = key.algorithm.as_bytes();
    let length = u32::try_from(name.len()).ok()?.to_be_bytes();
    let rest = blob.strip_prefix(&length)?.strip_prefix(name)?;
    (!name.is_empty() && !rest.is_empty()).then_some(blob)
}

/// The fields of a key's bytes, each behind its length in four bytes (RFC 4251 section 5), as far as they are whole.
pub(crate) fn fields(blob: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = blob;
    std::iter::from_fn(move || {
        let (length, tail) = rest.split_first_chunk()?;
        let (field, tail) = tail.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        rest = tail;
        Some(field)
    })
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
    fn fields_end_where_they_are_cut_off() {
        let blob = [0, 0, 0, 1, b'a', 0, 0, 0, 0, 0, 0, 0, 2, b'b'];
        assert_eq!(fields(&blob).collect::<Vec<_>>(), [b"a".as_slice(), b""]);
        assert_eq!(fields(&[0, 0]).count(), 0);
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
