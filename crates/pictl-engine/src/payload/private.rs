//! Files that hold secrets of the user: they go to the nodes only when somebody says so.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path};

/// How a line begins that only files with private keys have.
const KEYS: [&[u8]; 2] = [b"PuTTY-User-Key-File-", b"AGE-SECRET-KEY-1"];
/// Files and folders in which programs keep passwords and keys, from any home directory.
const PLACES: [&str; 9] = [
    ".gnupg",
    ".netrc",
    ".pgpass",
    ".git-credentials",
    ".aws/credentials",
    ".kube/config",
    ".docker/config.json",
    ".password-store",
    ".config/gh/hosts.yml",
];
/// How far a file is read: keys begin at its beginning, after comments at most.
const BEGINNING: u64 = 64 << 10;

/// Why the file at `path` should stay on this computer; `None`: nothing says so. An error of the system is none of a secret: it
/// is reported when the file is copied.
pub fn secret_in(path: &Path) -> Option<&'static str> {
    let mut beginning = Vec::new();
    let read = File::open(path).and_then(|file| file.take(BEGINNING).read_to_end(&mut beginning));
    read.map_err(|e: io::Error| tracing::debug!(%e, path = %path.display(), "not read")).ok()?;
    secret(&path.canonicalize().unwrap_or_else(|_| path.to_owned()), &beginning)
}

/// The same for a file that begins with these bytes. `path` has no links in it.
pub(super) fn secret(path: &Path, beginning: &[u8]) -> Option<&'static str> {
    let is_key = |line: &[u8]| {
        let pem = line.starts_with(b"-----BEGIN ") && line.windows(11).any(|part| part == b"PRIVATE KEY");
        pem || KEYS.iter().any(|key| line.starts_with(key))
    };
    if beginning.split(|b| *b == b'\n').any(|line| is_key(line.trim_ascii())) {
        return Some("it holds a private key");
    }
    let parts: Vec<_> = path.components().map(Component::as_os_str).collect();
    let is_in = |place: &&str| {
        let place: Vec<_> = Path::new(place).components().map(Component::as_os_str).collect();
        parts.windows(place.len()).any(|part| part == place)
    };
    PLACES.iter().any(is_in).then_some("programs keep passwords or keys there")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_what_they_begin_with_and_password_files_by_their_place() {
        for key in [
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n",
            "-----BEGIN RSA PRIVATE KEY-----\r\n",
            "Bag Attributes\n  friendlyName: x\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n",
            "PuTTY-User-Key-File-3: ssh-ed25519\n",
            "# created: 2026\nAGE-SECRET-KEY-1QQ\n",
        ] {
            assert_eq!(secret(Path::new("/home/me/x"), key.as_bytes()), Some("it holds a private key"), "{key}");
        }
        for text in ["-----BEGIN PUBLIC KEY-----\n", "print('PRIVATE KEY')\n", "ssh-ed25519 AAAA me\n", ""] {
            assert_eq!(secret(Path::new("/home/me/.ssh/id.pub"), text.as_bytes()), None, "{text}");
        }
        for place in ["/home/me/.netrc", "/home/me/.aws/credentials", "/root/.gnupg/private-keys-v1.d/x.key"] {
            assert!(secret(Path::new(place), b"").is_some(), "{place}");
        }
        assert_eq!(secret(Path::new("/home/me/credentials"), b""), None);
    }
}
