//! Your key on the node: among its authorized keys, and proved by a login with it alone.

use pictl_formats::authorized_keys;
use pictl_formats::facts::{FileKind, NodeReading};
use pictl_model::link::LoginMethod;
use pictl_model::step::StepId;
use pictl_model::text::clean;
use pictl_model::trust::HostKey;

use crate::ports::ConnectError;
use crate::remote::RemoteError;
use crate::setup::action::{Action, LoginProof, OTHERS_WRITE, Outcome, Replied, Reply, unexpected};
use crate::setup::check::{Check, File, Subject, edit, fail, text, whole};
use crate::setup::step::{Reads, Step, Wanted, no_news};

pub(super) const STEP: Step = Step {
    id: StepId::OperatorKey,
    needs: &[StepId::Facts],
    waits_for: &[],
    wanted: Wanted::ByDefault,
    reads: |_| Reads::KEYS,
    changes: |_| true,
    guards_rotation: true,
    objections: |_| Vec::new(),
    remarks: |_, _| Vec::new(),
    check,
    line: no_news,
    reply,
};

const FILE: File = File { kind: FileKind::AuthorizedKeys, mode: 0o600, root: false };

fn check(subject: &Subject) -> Check {
    let Subject { plan, reading, .. } = *subject;
    let Some(key) = &plan.operator_key else {
        return match &plan.keys.no_new_key {
            Some(why) => fail(format!("could not make a new key: {why}"), "check ~/.ssh on this computer"),
            None => Check::Later("pictl will make a key pair for you, and put its public key here".into()),
        };
    };
    let mut found = edit(subject, &FILE, "your key is authorized", |old| {
        Ok(authorized_keys::add(old, key).unwrap_or_else(|| old.to_owned()))
    });
    let there = reading.files.get(&FileKind::AuthorizedKeys).map(|s| String::from_utf8_lossy(s.content()).into_owned());
    let entry = authorized_keys::find(&there.unwrap_or_default(), key).filter(|e| e.options.contains("command="));
    if let Some(entry) = entry {
        return fail(
            format!("your key is authorized for one command only: {}", clean(&entry.options, 80)),
            "remove the options from that line of authorized_keys, or use another key with --identity",
        );
    }
    let open_folder = reading.ssh_mode.is_some_and(|mode| mode & OTHERS_WRITE != 0);
    let prove = Action::ProveLogin(LoginProof::ByKey { doubt: doubt(reading) });
    match &mut found {
        Check::Change { actions, .. } => actions.push(prove),
        // To write the file again closes its folder to others.
        Check::AlreadySo(_) if open_folder => {
            let Ok((state, old)) = text(reading.files.get(&FileKind::AuthorizedKeys)) else { return found };
            return Check::change(
                "close ~/.ssh to other users, or sshd will not trust it",
                vec![format!("- mode {:o} of ~/.ssh", reading.ssh_mode.unwrap_or(0o700))],
                vec![Action::Put(whole(plan, &FILE, state, &old)), prove],
            );
        }
        // It is there, and pictl logged in by a password, or it is a new one: it may be there in vain.
        Check::AlreadySo(_) if to_be_proved(subject) => {
            return Check::change("log in with your key alone", Vec::new(), vec![prove]);
        }
        _ => {}
    }
    found
}

/// That the operator's key is there says nothing yet of a login with it.
fn to_be_proved(subject: &Subject) -> bool {
    let (keys, me) = (&subject.plan.keys, &subject.me.node);
    let in_vain = keys.logins.get(me).is_some_and(LoginMethod::is_password);
    !keys.proved.contains(me) && (keys.work.rotate || in_vain)
}

/// Why sshd might not trust `authorized_keys`, where it is in a folder that pictl does not change.
pub(super) fn doubt(reading: &NodeReading) -> Option<String> {
    let mode = reading.home_mode.filter(|mode| mode & OTHERS_WRITE != 0)?;
    Some(format!(
        "other users can write to its home (mode {mode:o}), so sshd trusts no keys in it: run `chmod go-w ~` there"
    ))
}

fn reply(replied: &mut Replied) -> Result<Outcome, RemoteError> {
    match (replied.action(), &replied.reply) {
        (_, Reply::Written(file)) => Ok(Outcome::written(file.clone())),
        (Some(Action::ProveLogin(LoginProof::ByKey { doubt })), Reply::Login(ended)) => match ended {
            // Nobody has given its passphrase, as for a key that is only put there: that the host asks for it must do.
            Some(Err(ConnectError::Passphrase { wrong: false, .. })) => Ok(proved()),
            ended => lets_in(ended.as_ref(), doubt.as_deref()),
        },
        _ => Err(unexpected()),
    }
}

/// The operator's key opened a login. `doubt`: what may be at fault when it did not.
pub(super) fn lets_in(
    ended: Option<&Result<HostKey, ConnectError>>,
    doubt: Option<&str>,
) -> Result<Outcome, RemoteError> {
    match ended {
        None => Err(RemoteError::new("there is no key to prove", "run the setup again")),
        Some(Ok(_)) => Ok(proved()),
        Some(Err(e)) => {
            let hint = match (e, doubt) {
                (ConnectError::Unreachable { hint, .. }, _) => hint,
                (ConnectError::Passphrase { .. }, _) => "give the right passphrase, or add this key to an agent",
                (_, Some(doubt)) => doubt,
                (_, None) => {
                    "check PubkeyAuthentication and AuthorizedKeysFile in the node's sshd_config, and who owns its home \
                     and ~/.ssh"
                }
            };
            Err(RemoteError::new(format!("your key is authorized, but a login with it fails: {e}"), hint))
        }
    }
}

fn proved() -> Outcome {
    Outcome {
        learn: Some(Box::new(|memory| {
            memory.keys.proved.insert(memory.node.clone());
        })),
        ..Outcome::proved("a login with your key works")
    }
}
