//! Changes that could lock somebody out: each is proved by new logins, and taken back where the proof fails.

use std::sync::Arc;
use std::time::Duration;

use pictl_formats::facts::host_key_of;
use pictl_model::trust::HostKey;

use super::action::Outcome;
use super::hands::Hands;
use crate::ports::{ConnectError, ConnectSpec, Session};
use crate::remote::{RemoteError, SHORT, answer, answers, read, run};
use crate::script::Script;

/// Before a connection that was not answered is tried once more.
const PAUSES: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1500)];

/// What is read again after such a change.
const PARTS: [&str; 3] = ["keys", "names", "root"];

/// The node takes the operator's key. Where nobody has given its passphrase, as for a key that is only put there, the host's
/// word for it is all that can be had.
pub(super) async fn key_is_taken(hands: &Hands, doubt: Option<&str>) -> Result<(), RemoteError> {
    match by_key(hands).await? {
        Err(ConnectError::Passphrase { wrong: false, .. }) => Ok(()),
        ended => let_in(ended, doubt).await,
    }
}

/// Logs in anew with the operator's key and nothing else.
async fn login(hands: &Hands) -> Result<(), RemoteError> {
    let_in(by_key(hands).await?, None).await
}

async fn by_key(hands: &Hands) -> Result<Result<Arc<dyn Session>, ConnectError>, RemoteError> {
    let spec =
        hands.key_login.clone().ok_or_else(|| RemoteError::new("there is no key to prove", "run the setup again"))?;
    Ok(connect(hands, spec).await)
}

/// `doubt`: what may be at fault, where something is known to be.
async fn let_in(ended: Result<Arc<dyn Session>, ConnectError>, doubt: Option<&str>) -> Result<(), RemoteError> {
    let session = ended.map_err(|e| {
        let hint = match (&e, doubt) {
            (ConnectError::Unreachable { hint, .. }, _) => hint,
            (ConnectError::Passphrase { .. }, _) => "give the right passphrase, or add that key to an agent",
            (_, Some(doubt)) => doubt,
            (_, None) => {
                "look at PubkeyAuthentication and AuthorizedKeysFile in the node's sshd_config, and at who owns its home \
                 and ~/.ssh"
            }
        };
        RemoteError::new(format!("your key is there, and a login with it fails: {e}"), hint)
    })?;
    session.close().await;
    Ok(())
}

/// Connects anew. An sshd that has just read its configuration again listens on its port a moment later.
async fn connect(hands: &Hands, spec: ConnectSpec) -> Result<Arc<dyn Session>, ConnectError> {
    let via = spec.via.as_ref().and_then(|via| hands.sessions.get(via)).cloned();
    for pause in PAUSES {
        match hands.connect.connect(spec.clone(), via.clone()).await {
            Err(ConnectError::Unreachable { .. }) => tokio::time::sleep(pause).await,
            ended => return ended,
        }
    }
    hands.connect.connect(spec, via).await
}

/// Switches logins by password on or off. Off goes back to on by itself when this is cut off in the middle.
pub(super) async fn password_login(on: bool, hands: &Hands) -> Result<Outcome, RemoteError> {
    let told = if on {
        match script(hands, Script::PASSWORD_LOGIN, &["on"]).await?.as_str() {
            "yes" => "it lets in by password again",
            _ => "pictl's switch is gone; the node's own sshd_config still lets nobody in by password",
        }
    } else {
        script(hands, Script::PASSWORD_LOGIN, &["off"]).await?;
        if let Err(e) = only_by_key(hands).await {
            // Should this fail too, the node takes it back by itself within a minute.
            let back = script(hands, Script::PASSWORD_LOGIN, &["back"]).await;
            tracing::debug!(?back, "logins by password are possible again");
            return Err(e);
        }
        script(hands, Script::PASSWORD_LOGIN, &["confirm"]).await?;
        "it lets in by key only: a login by key works, and passwords are refused"
    };
    Ok(Outcome::Reread { reading: Box::new(read(&*hands.session, &PARTS).await?), told: told.into() })
}

async fn script(hands: &Hands, script: Script, args: &[&str]) -> Result<String, RemoteError> {
    let said = run(&*hands.session, script.with(&hands.rights(true)?, args, &[], Some(SHORT))).await?;
    answer(&said, "password-login ")
}

/// A login by key works, and one by password is not even offered.
async fn only_by_key(hands: &Hands) -> Result<(), RemoteError> {
    login(hands).await?;
    let spec = hands.key_login.clone().map(|spec| ConnectSpec { credentials: Vec::new(), ..spec });
    let Some(spec) = spec else { return Ok(()) };
    match connect(hands, spec).await {
        Err(ConnectError::Refused { password_possible: false, .. }) => Ok(()),
        Err(ConnectError::Refused { .. }) => Err(RemoteError::new(
            "sshd was told to take keys only, and still takes passwords of this user",
            "look for a `Match` block in the node's sshd_config; nothing was changed",
        )),
        Err(e) => Err(RemoteError::new(format!("it cannot be seen whether passwords are refused: {e}"), "try again")),
        Ok(session) => {
            session.close().await;
            Err(RemoteError::new("sshd lets in without key and password", "look at the node's sshd_config"))
        }
    }
}

/// Makes host keys beside those that the node uses.
pub(super) async fn make_host_keys(backup: &str, hands: &Hands) -> Result<Outcome, RemoteError> {
    let command = Script::NEW_IDENTITY.with(&hands.rights(true)?, &["make", backup], &[], Some(SHORT));
    let said = run(&*hands.session, command).await?;
    let keys: Vec<_> = answers(&said, "host_key ").iter().filter_map(|value| host_key_of(value)).collect();
    if keys.is_empty() {
        return Err(RemoteError::new("it made no host keys", "look at `ssh-keygen -A` on the node"));
    }
    Ok(Outcome::HostKeys(keys))
}

/// Puts a new identity in place. With host keys: a new connection must show one of them, or the old ones come back.
pub(super) async fn take_identity(
    backup: &str,
    host_keys: &[HostKey],
    machine_id: bool,
    hands: &Hands,
) -> Result<Outcome, RemoteError> {
    let wanted = [("keys", !host_keys.is_empty()), ("machine-id", machine_id)];
    let words = wanted.iter().filter(|(_, wanted)| *wanted).map(|(word, _)| *word);
    let args: Vec<&str> = ["take", backup].into_iter().chain(words).collect();
    let rights = hands.rights(true)?;
    let taken = run(&*hands.session, Script::NEW_IDENTITY.with(&rights, &args, &[], Some(SHORT))).await;
    let proved = match taken {
        Ok(_) => shows_one_of(host_keys, hands).await,
        Err(e) => Err(e),
    };
    if let Err(e) = proved {
        let back = Script::NEW_IDENTITY.with(&rights, &["back", backup], &[], Some(SHORT));
        return Err(match run(&*hands.session, back).await {
            Ok(_) => RemoteError { message: format!("{}; what it had before is back", e.message), ..e },
            Err(_) => e,
        });
    }
    let told = "its identity is its own now; its address may change when it is started next";
    Ok(Outcome::Reread { reading: Box::new(read(&*hands.session, &PARTS).await?), told: told.into() })
}

/// A new connection gets one of these host keys to see. Whether it is let in is another matter.
async fn shows_one_of(host_keys: &[HostKey], hands: &Hands) -> Result<(), RemoteError> {
    let Some(spec) = hands.key_login.clone().filter(|_| !host_keys.is_empty()) else { return Ok(()) };
    match connect(hands, spec).await {
        Ok(session) => {
            let shown = session.host_key();
            session.close().await;
            if host_keys.contains(&shown) {
                return Ok(());
            }
            Err(RemoteError::new("its sshd still shows the old host key", "look at `systemctl status ssh` on the node"))
        }
        Err(ConnectError::Refused { .. } | ConnectError::Passphrase { .. }) => Ok(()),
        Err(e) => Err(RemoteError::new(format!("a new connection fails: {e}"), "look at the node's sshd")),
    }
}
