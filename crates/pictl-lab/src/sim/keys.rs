//! The scripts of the work on keys: making them, and trying them out from node to node.

use russh::keys::PrivateKey;
use russh::keys::ssh_key::LineEnding;

use super::files::USER;
use super::node::{Cell, Node};
use super::shell::{Gone, Shell, Status};
use super::world::{NEIGHBOUR_LIMIT, NoLink, SSH_PORT};

/// The user's key pair, below the home directory; `.pub` is its public half.
pub(super) const KEY: &str = ".ssh/id_ed25519";
/// How many targets `pair-check` tries at a time.
const LANES: usize = 3;

/// Exit status and what is said on standard error.
type Refusal = (u32, String);

/// `node-key COMMENT [next|take]`.
pub(super) async fn node_key(shell: &mut Shell, args: &[String]) -> Status {
    let Some(comment) = args.first() else {
        return shell.fail(2, "pictl-node-key: 32: 1: parameter not set").await;
    };
    let home = shell.home();
    match pairs(&shell.cell, &home, comment, args.get(1).map_or("", String::as_str)) {
        Ok(lines) => shell.out(lines).await.map(|()| 0),
        Err((status, why)) => shell.fail(status, why).await,
    }
}

fn pairs(cell: &Cell, home: &str, comment: &str, what: &str) -> Result<String, Refusal> {
    let mut state = cell.lock();
    state.files.make_dirs(&format!("{home}/.ssh"), 0o700, USER);
    let key = format!("{home}/{KEY}");
    let (public, next, next_public, old) =
        (format!("{key}.pub"), format!("{key}.new"), format!("{key}.new.pub"), format!("{key}.pub.old"));
    if state.files.get(&next).is_none() {
        state.files.rename(&next_public, &public);
    }
    let mut said = String::new();
    match what {
        "next" => {
            make_pair(cell, &mut state, &next, comment)?;
            return Ok(format!("public {}\n", line_of(&state, &next_public)));
        }
        "take" => {
            if state.files.get(&next).is_some() {
                make_pair(cell, &mut state, &next, comment)?;
                let (line, kept) = (line_of(&state, &public), state.files.text(&old).unwrap_or_default());
                if !line.is_empty() && !kept.lines().any(|other| other == line) {
                    state.files.write(&old, format!("{kept}{line}\n"), 0o600, USER);
                }
                state.files.rename(&next, &key);
                state.files.rename(&next_public, &public);
            }
            let kept = state.files.text(&old).unwrap_or_default();
            said = kept.lines().map(|line| format!("old {line}\n")).collect::<Vec<_>>().concat();
        }
        _ => make_pair(cell, &mut state, &key, comment)?,
    }
    Ok(format!("{said}public {}\n", line_of(&state, &public)))
}

/// What `$(cat FILE)` gives.
fn line_of(state: &Node, path: &str) -> String {
    state.files.text(path).unwrap_or_default().trim_end_matches('\n').to_owned()
}

/// A private key at `path` and its public half, made where they are not there.
fn make_pair(cell: &Cell, state: &mut Node, path: &str, comment: &str) -> Result<(), Refusal> {
    let public = format!("{path}.pub");
    let broken = || (255, format!("Load key \"{path}\": error in libcrypto"));
    let key = if let Some(text) = state.files.read(path) {
        let key = PrivateKey::from_openssh(text).ok().filter(|key| !key.is_encrypted());
        key.ok_or_else(|| (3, format!("{path} has a passphrase, and mpirun cannot type it")))?
    } else {
        let key = cell.new_user_key(state, comment);
        let private = key.to_openssh(LineEnding::LF).map_err(|_| broken())?;
        state.files.write(path, private.as_bytes(), 0o600, USER);
        state.files.remove_tree(&public);
        key
    };
    let line = match state.files.text(&public) {
        Some(line) => line,
        None => key.public_key().to_openssh().map_err(|_| broken())? + "\n",
    };
    state.files.write(&public, line, 0o644, USER);
    Ok(())
}

/// `pair-check OPTION TARGET…`.
pub(super) async fn pair_check(shell: &mut Shell, args: &[String]) -> Status {
    let Some((option, targets)) = args.split_first() else {
        return shell.fail(2, "pictl-pair-check: 7: 1: parameter not set").await;
    };
    let key = if option == "next" { format!("{KEY}.new") } else { KEY.into() };
    let shell = &*shell;
    let lane = async |first: usize| {
        for target in targets.iter().skip(first).step_by(LANES) {
            try_pair(shell, target, &key).await?;
        }
        Ok::<(), Gone>(())
    };
    tokio::try_join!(lane(0), lane(1), lane(2)).map(|_| 0)
}

async fn try_pair(shell: &Shell, target: &str, key: &str) -> Result<(), Gone> {
    let place = target.strip_prefix("ssh://").unwrap_or(target);
    let (user, host) = place.split_once('@').unwrap_or((&shell.cell.user, place));
    let (host, port) = match host.rsplit_once(':').filter(|_| place.len() < target.len()) {
        Some((host, port)) => (host, port.parse().unwrap_or(SSH_PORT)),
        None => (host, SSH_PORT),
    };
    let link = shell.world.link(&shell.cell, key, user, host, port);
    let seconds = match &link {
        Ok(to) => shell.cell.model.board.login_seconds() + to.model.board.login_seconds(),
        Err(NoLink::Refused(_)) => shell.cell.model.board.login_seconds(),
        Err(NoLink::Silent(_)) => NEIGHBOUR_LIMIT,
    };
    shell.pass(seconds).await;
    let said = match link {
        Ok(to) => format!("ok {target} {}", to.lock().hostname),
        Err(NoLink::Refused(why) | NoLink::Silent(why)) => {
            let words: Vec<&str> = why.split_whitespace().collect();
            format!("bad {target} {} ", words.join(" "))
        }
    };
    shell.say(said).await
}
