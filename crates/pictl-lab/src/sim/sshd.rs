//! The scripts that change what sshd does: whether it takes passwords, and as whom it shows itself.

use std::sync::Arc;
use std::time::Duration;

use russh::keys::ssh_key::LineEnding;
use tokio_util::sync::CancellationToken;

use super::files::{Files, ROOT};
use super::node::{Cell, DROP_IN, HOST_KEY, MACHINE_ID, Node};
use super::shell::{Shell, Status};

/// How long it stays without being confirmed.
const MINUTE: Duration = Duration::from_secs(60);
/// Where host keys wait for their use.
const FRESH: &str = "/etc/ssh/pictl-new";

/// Exit status and what is said on standard error.
type Refusal = (u32, String);

async fn answer(shell: &Shell, said: Result<String, Refusal>) -> Status {
    match said {
        Ok(lines) => shell.out(lines).await.map(|()| 0),
        Err((status, why)) => shell.fail(status, why).await,
    }
}

fn not_root(path: &str) -> Refusal {
    (2, format!("sh: 1: cannot create {path}: Permission denied"))
}

/// `password-login off|confirm|back|on`.
pub(super) async fn password_login(shell: &mut Shell, args: &[String]) -> Status {
    let Some(what) = args.first() else {
        return shell.fail(2, "pictl-password-login: 57: 1: parameter not set").await;
    };
    let said = if shell.root { passwords(shell, what) } else { Err(not_root(DROP_IN)) };
    answer(shell, said).await
}

fn passwords(shell: &Shell, what: &str) -> Result<String, Refusal> {
    let mut state = shell.cell.lock();
    let write = |state: &mut Node, comment: &str| {
        let text = format!("{comment}\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n");
        state.files.write(DROP_IN, text, 0o644, ROOT);
    };
    match what {
        "off" => {
            write(&mut state, "# Written by pictl, and taken away in a minute unless a login by key works.");
            let confirmed = state.boot.child_token();
            if let Some(earlier) = state.unconfirmed.replace(confirmed.clone()) {
                earlier.cancel();
            }
            let cell = Arc::clone(&shell.cell);
            let stop = shell.world.stop.clone();
            shell.world.tasks.spawn(async move { stop.run_until_cancelled(take_back(cell, confirmed)).await });
        }
        "confirm" => {
            let Some(timer) = state.unconfirmed.take() else {
                return Err((3, "the minute was over: logins by password are possible again".into()));
            };
            timer.cancel();
            write(
                &mut state,
                "# Written by pictl: logins by key only. `pictl keys passwords on` takes this file away.",
            );
        }
        "back" | "on" => {
            if let Some(timer) = state.unconfirmed.take() {
                timer.cancel();
            }
            state.files.remove_tree(DROP_IN);
        }
        _ => {}
    }
    state.reload_sshd();
    Ok(format!("password-login {}\n", if state.passwords { "yes" } else { "no" }))
}

/// Takes the drop-in away after a minute, unless it is confirmed before; a node that is switched off keeps it.
async fn take_back(cell: Arc<Cell>, confirmed: CancellationToken) {
    if confirmed.run_until_cancelled(tokio::time::sleep(MINUTE)).await.is_none() {
        return;
    }
    let mut state = cell.lock();
    if !confirmed.is_cancelled() {
        state.unconfirmed = None;
        state.files.remove_tree(DROP_IN);
        state.reload_sshd();
    }
}

/// `new-identity make|take|back BACKUP [keys] [machine-id]`.
pub(super) async fn new_identity(shell: &mut Shell, args: &[String]) -> Status {
    let [what, backup, wants @ ..] = args else {
        return shell.fail(2, format!("pictl-new-identity: 9: {}: parameter not set", args.len() + 1)).await;
    };
    let backup = match backup.strip_prefix("~/") {
        Some(rest) => format!("{}/{rest}", shell.home()),
        None if backup.starts_with('/') => backup.clone(),
        None => return shell.fail(2, format!("{backup} is not absolute")).await,
    };
    let said = if shell.root { identity(shell, what, &backup, wants) } else { Err(not_root(FRESH)) };
    answer(shell, said).await
}

fn identity(shell: &Shell, what: &str, backup: &str, wants: &[String]) -> Result<String, Refusal> {
    let mut state = shell.cell.lock();
    let (fresh, public) = (format!("{FRESH}/ssh_host_ed25519_key"), format!("{HOST_KEY}.pub"));
    match what {
        "make" => {
            let comment = format!("root@{}", state.hostname);
            let key = shell.cell.new_host_key(&mut state, &comment);
            let broken = |_| (255, "Saving key failed: error in libcrypto".into());
            let private = key.to_openssh(LineEnding::LF).map_err(broken)?;
            let line = key.public_key().to_openssh().map_err(broken)?;
            state.files.write(&fresh, private.as_bytes(), 0o600, ROOT);
            state.files.write(&format!("{fresh}.pub"), format!("{line}\n"), 0o644, ROOT);
            return Ok(host_key(&state.files, &format!("{fresh}.pub")));
        }
        "take" => {
            if wants.iter().any(|want| want == "keys") {
                for end in ["", ".pub"] {
                    save(&mut state.files, backup, &format!("{HOST_KEY}{end}"));
                    state.files.rename(&format!("{fresh}{end}"), &format!("{HOST_KEY}{end}"));
                }
            }
            if wants.iter().any(|want| want == "machine-id") {
                save(&mut state.files, backup, MACHINE_ID);
                let id = shell.cell.new_machine_id(&mut state);
                state.files.write(MACHINE_ID, id, 0o444, ROOT);
            }
            state.files.remove_tree(FRESH);
        }
        "back" => {
            for path in [MACHINE_ID, HOST_KEY, &public] {
                if let Some(entry) = state.files.get(&format!("{backup}{path}")).cloned() {
                    state.files.put(path, entry);
                }
            }
        }
        _ => {}
    }
    state.reload_sshd();
    let id = state.files.text(MACHINE_ID).unwrap_or_default();
    Ok(format!("{}machine_id {id}", host_key(&state.files, &public)))
}

/// Into the backup, once.
fn save(files: &mut Files, backup: &str, path: &str) {
    let copy = format!("{backup}{path}");
    if let Some(entry) = files.get(path).filter(|_| files.get(&copy).is_none()).cloned() {
        files.make_dirs(super::files::parent(&copy), 0o700, ROOT);
        files.put(&copy, entry);
    }
}

fn host_key(files: &Files, public: &str) -> String {
    let line = files.text(public).unwrap_or_default();
    let mut words = line.split_whitespace();
    format!("host_key {} {}\n", words.next().unwrap_or_default(), words.next().unwrap_or_default())
}
