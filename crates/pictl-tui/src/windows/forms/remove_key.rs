//! Which key to take out of all members.

use std::path::PathBuf;

use super::{FormWindow, Purpose, Submitted, Wrong};
use crate::context::Context;
use crate::form::{Form, FormField};
use crate::grammar::KeysHow;
use crate::messages::{Effect, Msg};
use crate::screens::keys::remove_keys;
use crate::words::count;

/// Letters after `SHA256:` in a fingerprint.
const FINGERPRINT: usize = 43;

/// Remove a key from members.
struct RemoveKey {
    how: KeysHow,
}

/// Opens the form, with `key` typed already.
pub(crate) fn open(cx: &mut Context, key: &str, how: KeysHow) {
    let nodes = match how.nodes.len() {
        0 => count(cx.world.members().len(), "node"),
        chosen => count(chosen, "node"),
    };
    let on = if how.nodes.is_empty() { String::new() } else { format!("On {}. ", cx.of_members(&how.nodes)) };
    let form = Form {
        title: format!("Remove a key from {nodes}"),
        intro: format!(
            "{on}Nobody can log in with this key any more. You see every line before it goes, each file is saved first \
             (~/.pictl/backup on its node), and all other lines stay as they are."
        ),
        fields: vec![FormField::text(
            "Key",
            key,
            "its fingerprint (SHA256:…), its comment, its line, or the file of its public half (/… or ~/…)",
        )],
        focus: 0,
        error: None,
    };
    cx.open(FormWindow { form, purpose: RemoveKey { how } });
}

impl Purpose for RemoveKey {
    /// Takes the key that was typed; one in a file is read first.
    fn submit(&mut self, cx: &mut Context, form: &Form) -> Result<Submitted, Wrong> {
        let typed = form.text(0);
        if typed.starts_with(['/', '~', '.']) || has_extension(typed) {
            return Ok(Submitted::Waiting(vec![Effect::ReadKey(PathBuf::from(typed))]));
        }
        let key = key_to_remove(typed).map_err(|why| (0, why))?;
        Ok(Submitted::Done(remove_keys(cx, vec![key], self.how.clone())))
    }

    /// The file of the key has been read, or could not be.
    fn answer(&mut self, cx: &mut Context, msg: &Msg) -> Option<Result<Submitted, Wrong>> {
        let Msg::KeyRead(read) = msg else { return None };
        let keys = read.clone().and_then(|text| keys_of_file(&text)).map_err(|why| (0, why));
        Some(keys.map(|keys| Submitted::Done(remove_keys(cx, keys, self.how.clone()))))
    }
}

fn has_extension(typed: &str) -> bool {
    !typed.contains(char::is_whitespace) && PathBuf::from(typed).extension().is_some_and(|e| e == "pub")
}

/// What is typed, when it can stand for a key.
fn key_to_remove(typed: &str) -> Result<String, String> {
    if typed.is_empty() {
        return Err("enter the key: its fingerprint, comment, line or file".to_owned());
    }
    if typed.starts_with("MD5:") {
        return Err("this is an MD5 fingerprint: `ssh-keygen -lf FILE` prints the one that is needed".to_owned());
    }
    if let Some(letters) = typed.strip_prefix("SHA256:")
        && letters.trim_end_matches('=').chars().count() != FINGERPRINT
    {
        return Err(format!("a fingerprint has {FINGERPRINT} letters after SHA256:, this one {}", letters.len()));
    }
    Ok(typed.to_owned())
}

/// The keys of a file with public keys.
fn keys_of_file(text: &str) -> Result<Vec<String>, String> {
    if text.contains("PRIVATE KEY") {
        return Err("this is a private key: give the file of its public half (.pub)".to_owned());
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys: Vec<String> = lines.map(str::to_owned).collect();
    match keys.iter().find(|line| !line.split_whitespace().any(|word| word.starts_with("AAAA"))) {
        _ if keys.is_empty() => Err("there is no key in this file".to_owned()),
        Some(_) => Err("this is not a public key file".to_owned()),
        None => Ok(keys),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        let print = format!("SHA256:{}", "a".repeat(FINGERPRINT));
        assert_eq!(key_to_remove(&print), Ok(print.clone()));
        assert_eq!(key_to_remove("lena@laptop"), Ok("lena@laptop".to_owned()));
        for bad in ["", "SHA256:abc", "MD5:aa:bb"] {
            assert!(key_to_remove(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_files_with_public_keys_are_taken() {
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA lena@laptop";
        assert_eq!(keys_of_file(&format!("# old\n{line}\r\n\n")), Ok(vec![line.to_owned()]));
        for bad in ["", "hello", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"] {
            assert!(keys_of_file(bad).is_err(), "{bad}");
        }
    }
}
