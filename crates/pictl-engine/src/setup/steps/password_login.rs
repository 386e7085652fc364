//! Password login, on or off. It goes off only after a login by key; and a timer on the node takes that back after a minute,
//! unless two new connections have shown that a key opens and that a password is not even asked for.

use pictl_formats::facts::{FileKind, FileState};
use pictl_model::step::StepId;
use pictl_model::text::clean;
use pictl_model::trust::HostKey;

use super::operator_key::{doubt, lets_in};
use crate::ports::ConnectError;
use crate::remote::RemoteError;
use crate::script::Script;
use crate::setup::action::{Action, LoginProof, Outcome, Replied, Reply, ScriptRun, Undo, unexpected};
use crate::setup::check::{Check, Subject, fail};
use crate::setup::step::{Reads, Step, Wanted, no_news};

pub(super) const STEP: Step = Step {
    id: StepId::PasswordLogin,
    needs: &[StepId::Facts, StepId::OperatorKey],
    waits_for: &[],
    wanted: Wanted::With(|work| work.passwords.is_some()),
    reads: |_| Reads { root: true, ..Reads::KEYS },
    changes: |_| true,
    guards_rotation: false,
    objections: |_| Vec::new(),
    remarks: |_, _| Vec::new(),
    check,
    line: no_news,
    reply,
};

/// What is read again afterwards.
const PARTS: [&str; 3] = ["keys", "names", "root"];

fn check(subject: &Subject) -> Check {
    let Subject { plan, reading, me, .. } = *subject;
    let state = reading.files.get(&FileKind::PasswordLogin);
    let there = matches!(state, Some(FileState::There { .. }));
    let path = state.map(|s| s.path().to_owned()).unwrap_or_default();
    match plan.keys.work.passwords {
        None => Check::warn("choose whether passwords are accepted: `pictl keys passwords on` or `off`"),
        Some(true) if there => Check::change(
            "switch password login on again",
            vec![format!("- {path}")],
            vec![Action::Run(script(subject, "on")), Action::Read(&PARTS)],
        ),
        Some(true) => Check::AlreadySo("pictl has not switched it off".into()),
        // Something else in the node's configuration can outweigh the drop-in by now.
        Some(false) if state.is_some_and(is_confirmed) && reading.passwords != Some(true) => match state.and_then(still_accepted) {
            None => Check::AlreadySo("password login is off".into()),
            Some(still) => Check::Warn {
                message: format!("password login is off for {}, but sshd still accepts {still}", me.user),
                hint: Some(
                    "take that `Match` block out of the node's sshd_config, then `pictl keys passwords on` and `off` again"
                        .into(),
                ),
            },
        },
        Some(false) if plan.operator_key.is_none() => {
            fail("you would have no key to log in with", "`pictl keys push` first")
        }
        Some(false) => {
            Check::change("switch password login off", vec![format!("+ {path}")], switch_off(subject, doubt(reading)))
        }
    }
}

/// The drop-in is there for good; otherwise a timer takes it away in a moment.
fn is_confirmed(state: &FileState) -> bool {
    String::from_utf8_lossy(state.content()).contains("logins by key only")
}

/// Whose passwords are accepted nevertheless, and because of which lines, as the script found.
fn still_accepted(state: &FileState) -> Option<String> {
    let text = String::from_utf8_lossy(state.content());
    text.lines().find_map(|line| line.strip_prefix("# Still accepted: ")).map(|still| clean(still, 300))
}

fn arguments(subject: &Subject, what: &str) -> Vec<String> {
    vec![what.to_owned(), subject.me.user.clone(), format!("{}/password-login", subject.plan.backup)]
}

fn script(subject: &Subject, what: &str) -> ScriptRun {
    ScriptRun { args: arguments(subject, what), ..ScriptRun::new(Script::PASSWORD_LOGIN, &[]).as_root() }
}

fn switch_off(subject: &Subject, doubt: Option<String>) -> Vec<Action> {
    let by_key = |doubt| Action::ProveLogin(LoginProof::ByKey { doubt });
    // Should this fail too, the node takes it back by itself within a minute.
    let undo = Undo { args: arguments(subject, "back"), said: "" };
    let off = ScriptRun { undo: Some(undo), ..script(subject, "off") };
    vec![
        by_key(doubt),
        Action::Run(off),
        by_key(None),
        Action::ProveLogin(LoginProof::Refused),
        Action::Run(script(subject, "confirm")),
        Action::Read(&PARTS),
    ]
}

fn reply(replied: &mut Replied) -> Result<Outcome, RemoteError> {
    if let Reply::Login(ended) = &replied.reply {
        return match replied.action() {
            Some(Action::ProveLogin(LoginProof::ByKey { doubt })) => lets_in(ended.as_ref(), doubt.as_deref()),
            _ => refused(ended.as_ref()),
        };
    }
    if let Reply::Read(read) = &replied.reply {
        let read = (**read).clone();
        return Ok(Outcome::learnt(move |memory| memory.reading.update(read)));
    }
    let run = replied.run().ok_or_else(unexpected)?;
    let done = Outcome::done();
    let possible = replied.answer("password-login ")?;
    Ok(match run.args.first().map(String::as_str) {
        Some("on") if possible == "yes" => done.saying("password login is on again"),
        Some("on") => done.saying("pictl's setting is gone, but the node's own sshd_config still refuses passwords"),
        Some("confirm") => done.saying("password login is off: a login by key works, and passwords are refused"),
        _ => done,
    })
}

/// A login without a key and without a password was refused, and a password was not even asked for.
fn refused(ended: Option<&Result<HostKey, ConnectError>>) -> Result<Outcome, RemoteError> {
    match ended {
        None | Some(Err(ConnectError::Refused { password_possible: false, .. })) => Ok(Outcome::done()),
        Some(Err(ConnectError::Refused { .. })) => Err(RemoteError::new(
            "sshd is set to accept keys only, but still accepts passwords of this user",
            "check the node's sshd_config for a `Match` block, and /etc/pam.d/sshd; nothing was changed",
        )),
        Some(Err(e)) => {
            Err(RemoteError::new(format!("could not verify that password login is refused: {e}"), "try again"))
        }
        Some(Ok(_)) => {
            Err(RemoteError::new("sshd accepts logins without a key or password", "check the node's sshd_config"))
        }
    }
}
