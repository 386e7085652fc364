//! Work on keys: setups of a few steps, and what is asked before those that could lock somebody out.

use std::path::PathBuf;

use pictl_model::event::Level;
use pictl_model::request::{KeyWork, Request, SetupRequest};
use pictl_model::step::StepId;

use super::{App, Effect, Window};
use crate::form::{Form, FormField, Purpose};
use crate::keymap::Command;
use crate::words::count;

/// Letters after `SHA256:` in a fingerprint.
const FINGERPRINT: usize = 43;

/// A piece of work on keys that needs nothing typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyTask {
    /// Every pair is tried.
    Check,
    /// Every node gets what it needs to log in to every other one.
    Mesh,
    /// The operator's key comes on every node.
    Push,
    /// The operator gets a new key, and the old one goes.
    Rotate,
    /// Every node gets a new key, and the old ones go.
    RotateNodes,
    /// Logins by password are possible, or not.
    Passwords(bool),
    /// Copied cards get an identity of their own.
    Unclone,
}

impl KeyTask {
    /// The task that a command stands for.
    pub(crate) fn of(command: Command) -> Option<Self> {
        Some(match command {
            Command::CheckPairs => Self::Check,
            Command::Mesh => Self::Mesh,
            Command::PushKey => Self::Push,
            Command::RotateKey => Self::Rotate,
            Command::RotateNodes => Self::RotateNodes,
            Command::PasswordsOff => Self::Passwords(false),
            Command::PasswordsOn => Self::Passwords(true),
            Command::Unclone => Self::Unclone,
            _ => return None,
        })
    }

    /// It is explained and confirmed before it begins.
    fn is_asked(self) -> bool {
        !matches!(self, Self::Check | Self::Mesh | Self::Push)
    }

    fn steps(self) -> Vec<StepId> {
        match self {
            Self::Check => vec![StepId::Pairs],
            Self::Mesh => vec![StepId::NodeKey, StepId::Mesh, StepId::KnownHosts, StepId::Pairs],
            Self::Push => vec![StepId::OperatorKey],
            Self::Rotate => vec![StepId::OperatorKey, StepId::Revoke],
            Self::RotateNodes => {
                vec![StepId::NodeKey, StepId::Mesh, StepId::KnownHosts, StepId::Pairs, StepId::Revoke]
            }
            Self::Passwords(_) => vec![StepId::PasswordLogin],
            Self::Unclone => vec![StepId::Identity, StepId::KnownHosts],
        }
    }

    fn work(self) -> KeyWork {
        KeyWork {
            rotate: self == Self::Rotate,
            rotate_nodes: self == Self::RotateNodes,
            unclone: self == Self::Unclone,
            passwords: if let Self::Passwords(on) = self { Some(on) } else { None },
            remove: Vec::new(),
        }
    }
}

impl App {
    /// Begins a task, after a word about it where it could lock somebody out.
    pub(super) fn key_task(&mut self, task: KeyTask) -> Vec<Effect> {
        if task.is_asked() {
            self.open(Window::KeyWork(task));
            return Vec::new();
        }
        self.do_key_task(task)
    }

    /// Begins a task that was confirmed or needs no confirmation.
    pub(super) fn do_key_task(&mut self, task: KeyTask) -> Vec<Effect> {
        self.key_setup(task.steps(), task.work())
    }

    fn key_setup(&mut self, only: Vec<StepId>, keys: KeyWork) -> Vec<Effect> {
        // A question about a key may have stood open while something else began.
        if self.is_busy() {
            self.say(Level::Warn, "something else is at work now: begin again when it is over");
            return Vec::new();
        }
        let request = SetupRequest {
            nodes: Vec::new(),
            names: Vec::new(),
            prefix: self.options.prefix.clone(),
            head: None,
            mpi: None,
            only,
            dry_run: false,
            yes: false,
            keys,
            login: self.login(),
        };
        vec![Effect::Send(Request::Setup(request))]
    }

    pub(super) fn open_remove_key(&mut self) {
        let nodes = count(self.world.members().len(), "node");
        self.open(Window::Form(Form {
            purpose: Purpose::RemoveKey,
            title: format!("Take a key out of {nodes}"),
            intro:
                "Whoever has this key cannot log in with it any more. You see every line before it goes, each file is \
                    saved first (~/.pictl/backup on its node), and all other lines stay as they are."
                    .to_owned(),
            fields: vec![FormField::text(
                "Key",
                "",
                "its fingerprint (SHA256:…), its comment, its line, or the file of its public half (/… or ~/…)",
            )],
            focus: 0,
            error: None,
        }));
    }

    /// Takes the key that was typed; one in a file is read first.
    pub(super) fn submit_remove_key(&mut self, typed: &str) -> Result<Vec<Effect>, String> {
        if typed.starts_with(['/', '~', '.']) || has_extension(typed) {
            return Ok(vec![Effect::ReadKey(PathBuf::from(typed))]);
        }
        let key = key_to_remove(typed)?;
        Ok(self.remove_keys(vec![key]))
    }

    /// The file of a key that is to be removed has been read, or could not be.
    pub(super) fn key_read(&mut self, read: Result<String, String>) -> Vec<Effect> {
        let Some(Window::Form(form)) = &mut self.window else { return Vec::new() };
        if form.purpose != Purpose::RemoveKey {
            return Vec::new();
        }
        match read.and_then(|text| keys_of_file(&text)) {
            Ok(keys) => {
                self.window = None;
                self.remove_keys(keys)
            }
            Err(why) => {
                form.refuse(0, why);
                Vec::new()
            }
        }
    }

    fn remove_keys(&mut self, remove: Vec<String>) -> Vec<Effect> {
        self.key_setup(vec![StepId::Revoke], KeyWork { remove, ..KeyWork::default() })
    }
}

fn has_extension(typed: &str) -> bool {
    !typed.contains(char::is_whitespace) && PathBuf::from(typed).extension().is_some_and(|e| e == "pub")
}

/// What is typed, when it can stand for a key.
fn key_to_remove(typed: &str) -> Result<String, String> {
    if typed.is_empty() {
        return Err("say which key: its fingerprint, comment, line or file".to_owned());
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
        Some(_) => Err("this is no file of a public key".to_owned()),
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
