//! A key as a picture that people can compare at a glance.
//!
//! The walk of the "drunken bishop" (D. Loss, T. Limmer, A. von Gernler, "The drunken bishop: An analysis of the OpenSSH
//! fingerprint visualization algorithm", 2009) over the bits of the SHA-256 digest, framed as `ssh-keygen -lv` does.

use std::fmt::Write as _;

use pictl_model::text::clean;
use pictl_model::trust::HostKey;
use sha2::{Digest, Sha256};

use crate::key::{blob_of, fields};

const WIDTH: usize = 17;
const HEIGHT: usize = 9;
/// What a square shows after so many visits; the last two are the start and the end of the walk.
const SIGNS: &[u8; 17] = b" .o+=*BOX@%&#/^SE";
const START: u8 = 15;
const END: u8 = 16;

/// The random art of `key` as `ssh-keygen -lv` prints it: eleven lines of 19 characters, no end after the last one. A key
/// that is no base64 has the picture of its text, which no real key has.
pub fn random_art(key: &HostKey) -> String {
    let blob = blob_of(key).unwrap_or_else(|| key.base64.clone().into_bytes());
    let mut art = border(&title(key, &blob));
    for row in walk(&Sha256::digest(&blob)) {
        let row: String = row.iter().map(|&visits| char::from(SIGNS[usize::from(visits)])).collect();
        let _ = write!(art, "\n|{row}|");
    }
    art + "\n" + &border("[SHA256]")
}

/// How often each square is visited: two bits at a time, the lowest first, tell the direction of a step.
fn walk(digest: &[u8]) -> [[u8; WIDTH]; HEIGHT] {
    let mut board = [[0; WIDTH]; HEIGHT];
    let (mut x, mut y) = (WIDTH / 2, HEIGHT / 2);
    for step in digest.iter().flat_map(|byte| [0, 2, 4, 6].map(|shift| byte >> shift)) {
        x = if step & 1 == 1 { (x + 1).min(WIDTH - 1) } else { x.saturating_sub(1) };
        y = if step & 2 == 2 { (y + 1).min(HEIGHT - 1) } else { y.saturating_sub(1) };
        board[y][x] = (board[y][x] + 1).min(START - 1);
    }
    board[HEIGHT / 2][WIDTH / 2] = START;
    board[y][x] = END;
    board
}

/// `title` in the middle of an edge of the frame.
fn border(title: &str) -> String {
    let left = (WIDTH - title.len()) / 2;
    format!("+{}{title}{}+", "-".repeat(left), "-".repeat(WIDTH - title.len() - left))
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
        fn any_key_has_its_frame(algorithm in any::<String>(), base64 in "[A-Za-z0-9+/=]{0,90}|.{0,20}") {
            for algorithm in [algorithm.as_str(), "ssh-rsa", "ecdsa-sha2-nistp256"] {
                let art = random_art(&HostKey { algorithm: algorithm.into(), base64: base64.clone() });
                prop_assert_eq!(art.lines().count(), HEIGHT + 2);
                prop_assert!(art.lines().all(|line| line.len() == WIDTH + 2 && line.is_ascii()));
            }
        }
    }
}
