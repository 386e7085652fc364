//! A key as a picture that people can compare at a glance, as `ssh-keygen -lv` draws it.

use pictl_model::text::clean;
use pictl_model::trust::HostKey;
use sha2::{Digest, Sha256};
use ssh_key::Fingerprint;

use crate::key::{blob_of, fields};

/// Columns between the edges of the frame.
const WIDTH: usize = 17;

/// The random art of `key` as `ssh-keygen -lv` prints it: eleven lines of 19 characters, without a line end after the last
/// one. A key that is not base64 gets the picture of its text, which no real key has.
pub fn random_art(key: &HostKey) -> String {
    let blob = blob_of(key).unwrap_or_else(|| key.base64.clone().into_bytes());
    Fingerprint::Sha256(Sha256::digest(&blob).into()).to_randomart(&title(key, &blob))
}

/// `[TYPE BITS]`, of as many characters as fit.
fn title(key: &HostKey, blob: &[u8]) -> String {
    let algorithm = key.algorithm.as_str();
    let name = match algorithm {
        "ssh-ed25519" => "ED25519 256".to_owned(),
        "sk-ssh-ed25519@openssh.com" => "ED25519-SK 256".to_owned(),
        "sk-ecdsa-sha2-nistp256@openssh.com" => "ECDSA-SK 256".to_owned(),
        // Type, exponent, modulus.
        "ssh-rsa" => format!("RSA {}", fields(blob).nth(2).map_or(0, bits)),
        _ => match algorithm.strip_prefix("ecdsa-sha2-nistp") {
            Some(bits) => format!("ECDSA {bits}"),
            None => algorithm.to_owned(),
        },
    };
    let plain: String = clean(&name, WIDTH - 2).chars().filter(char::is_ascii).collect();
    format!("[{plain}]")
}

/// The bits of a number, most significant byte first.
fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    number.get(zeros).map_or(0, |first| (number.len() - zeros) * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;
    use crate::authorized_keys::parse_public;

    #[test]
    fn the_art_is_that_of_ssh_keygen() {
        let folder = tempfile::tempdir().expect("a folder");
        for (kind, size) in
            [("ed25519", "256"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "1024"), ("rsa", "2050")]
        {
            let path = folder.path().join(format!("{kind}{size}"));
            let keygen = |args: &[&str]| {
                let output = Command::new("ssh-keygen").args(args).arg("-f").arg(&path).output();
                let output = output.expect("ssh-keygen is needed for this test: install openssh-client");
                assert!(output.status.success(), "{output:?}");
                String::from_utf8(output.stdout).expect("text")
            };
            keygen(&["-q", "-N", "", "-t", kind, "-b", size]);
            let said = keygen(&["-l", "-v"]);
            let (_, theirs) = said.split_once('\n').expect("the fingerprint comes first");
            let line = std::fs::read_to_string(path.with_extension("pub")).expect("the public key");
            assert_eq!(random_art(&parse_public(&line).expect("a key").key()), theirs.trim_end(), "{kind} {size}");
        }
    }

    proptest! {
        #[test]
        fn every_key_has_a_frame(algorithm in any::<String>(), base64 in "[A-Za-z0-9+/=]{0,90}|.{0,20}") {
            for algorithm in [algorithm.as_str(), "ssh-rsa", "ecdsa-sha2-nistp256"] {
                let art = random_art(&HostKey { algorithm: algorithm.into(), base64: base64.clone() });
                prop_assert_eq!(art.lines().count(), 11);
                prop_assert!(art.lines().all(|line| line.len() == WIDTH + 2 && line.is_ascii()));
            }
        }
    }
}
