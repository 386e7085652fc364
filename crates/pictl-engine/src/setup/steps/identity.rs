//! Host keys and a machine-id of its own. Nodes whose SD cards were cloned have the same: the first of them keeps what it
//! has, the others get new ones.
//!
//! New host keys are made beside those in use and trusted by the operator before they are put in place; so this is done in
//! two parts.

use pictl_formats::facts::{NodeReading, host_key_of};
use pictl_model::step::StepId;
use pictl_model::trust::HostKey;

use crate::ports::ConnectError;
use crate::remote::RemoteError;
use crate::script::Script;
use crate::setup::action::{Action, LoginProof, Outcome, Replied, Reply, ScriptRun, Trusted, Undo, unexpected};
use crate::setup::check::{Check, Subject};
use crate::setup::step::{Reads, Step, Wanted, no_news};

pub(super) const STEP: Step = Step {
    id: StepId::Identity,
    needs: &[StepId::Facts],
    waits_for: &[],
    wanted: Wanted::ByDefault,
    reads: |work| Reads { root: work.unclone, ..Reads::KEYS },
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

/// What two nodes have in common that only one can have.
struct Shared {
    host_keys: bool,
    machine_id: bool,
}

impl Shared {
    fn between(a: &NodeReading, b: &NodeReading) -> Self {
        Self {
            host_keys: a.host_keys.iter().any(|key| b.host_keys.contains(key)),
            machine_id: a.facts.machine_id.is_some() && a.facts.machine_id == b.facts.machine_id,
        }
    }

    fn any(&self) -> bool {
        self.host_keys || self.machine_id
    }

    fn name(&self) -> &'static str {
        match (self.host_keys, self.machine_id) {
            (true, true) => "host keys and machine-id",
            (true, false) => "host keys",
            _ => "machine-id",
        }
    }
}

fn check(subject: &Subject) -> Check {
    let Subject { plan, readings, me, reading } = *subject;
    let read = || plan.nodes.iter().filter_map(|n| readings.get(&n.node).map(|reading| (n, reading)));
    let others = || read().filter(|(n, _)| n.node != me.node);
    let one_machine = |other: &NodeReading| reading.boot_id.is_some() && reading.boot_id == other.boot_id;
    if let Some((same, _)) = others().find(|(_, other)| one_machine(other)) {
        return Check::warn(format!(
            "this is the same machine as {}, at another address: remove one of them with `pictl nodes remove`",
            same.name
        ));
    }
    let before = others().take_while(|(n, _)| n.name < me.name);
    let alike: Vec<_> =
        before.map(|(n, other)| (n, Shared::between(reading, other))).filter(|(_, s)| s.any()).collect();
    let Some((first, _)) = alike.first() else {
        let clones = others().filter(|(_, other)| Shared::between(reading, other).any()).count();
        return Check::AlreadySo(match clones {
            0 => "host keys and machine-id are its own".into(),
            1 => "it keeps its host keys and machine-id; 1 other node is a clone of it".into(),
            _ => format!("it keeps its host keys and machine-id; {clones} other nodes are clones of it"),
        });
    };
    let shared = Shared {
        host_keys: alike.iter().any(|(_, s)| s.host_keys),
        machine_id: alike.iter().any(|(_, s)| s.machine_id),
    };
    let what = shared.name();
    if !plan.keys.work.unclone {
        return Check::warn(format!(
            "its {what} are those of {}: its SD card is cloned, so each can pose as the other; `pictl keys unclone` gives it \
             its own",
            first.name
        ));
    }
    let made = plan.keys.fresh.get(&me.node);
    let backup = format!("{}/identity", plan.backup);
    let part = made.is_none() && shared.host_keys;
    let actions = if part {
        vec![Action::Run(ScriptRun::new(Script::NEW_IDENTITY, &["make", &backup]).as_root())]
    } else {
        let host_keys = made.filter(|_| shared.host_keys).cloned().unwrap_or_default();
        take(&backup, host_keys, shared.machine_id)
    };
    Check::Change {
        message: format!("give it {what} of its own"),
        change: vec![format!("- {what} of {}", first.name), format!("+ {what} of its own")],
        actions,
        reservation: None,
        part,
    }
}

/// Puts a new identity in place. With host keys: a new connection must show one of them, or the old ones come back.
fn take(backup: &str, host_keys: Vec<HostKey>, machine_id: bool) -> Vec<Action> {
    let parts = [("keys", !host_keys.is_empty()), ("machine-id", machine_id)];
    let parts = parts.iter().filter(|(_, wanted)| *wanted).map(|(part, _)| *part);
    let args: Vec<_> = ["take", backup].into_iter().chain(parts).collect();
    let undo = Undo { args: vec!["back".into(), backup.to_owned()], said: "; its old identity is back" };
    let put = ScriptRun { undo: Some(undo), ..ScriptRun::new(Script::NEW_IDENTITY, &args).as_root() };
    let prove = (!host_keys.is_empty()).then_some(Action::ProveLogin(LoginProof::HostKey(host_keys)));
    [Some(Action::Run(put)), prove, Some(Action::Read(&PARTS))].into_iter().flatten().collect()
}

fn reply(replied: &mut Replied) -> Result<Outcome, RemoteError> {
    match (replied.action(), &replied.reply) {
        (Some(Action::ProveLogin(LoginProof::HostKey(keys))), Reply::Login(shown)) => {
            shows_one_of(keys, shown.as_ref())
        }
        (Some(Action::Run(run)), Reply::Ran(_)) if run.args.first().is_some_and(|what| what == "make") => made(replied),
        (_, Reply::Ran(_)) => Ok(Outcome::done()),
        (_, Reply::Read(read)) => Ok(in_place((**read).clone())),
        _ => Err(unexpected()),
    }
}

/// The node has the new identity.
fn in_place(read: NodeReading) -> Outcome {
    Outcome::learnt(move |memory| {
        let others = memory.reading.host_keys != read.host_keys;
        memory.reading.update(read);
        if others {
            memory.keys.fresh.remove(memory.node);
            memory.trust = Some(Trusted::Only(memory.reading.host_keys.clone()));
        }
    })
    .saying("its identity is its own now; its address may change at the next boot")
}

/// Host keys lie beside those in use.
fn made(replied: &Replied) -> Result<Outcome, RemoteError> {
    let keys: Vec<_> = replied.answers("host_key ")?.iter().filter_map(|value| host_key_of(value)).collect();
    if keys.is_empty() {
        return Err(RemoteError::new("it made no host keys", "run `ssh-keygen -A` on the node to see why"));
    }
    Ok(Outcome::learnt(move |memory| {
        memory.keys.fresh.insert(memory.node.clone(), keys.clone());
        memory.trust = Some(Trusted::Also(keys));
    }))
}

/// A new connection was shown one of these host keys. Whether it was let in is another matter.
fn shows_one_of(keys: &[HostKey], shown: Option<&Result<HostKey, ConnectError>>) -> Result<Outcome, RemoteError> {
    match shown {
        Some(Ok(shown)) if !keys.contains(shown) => {
            Err(RemoteError::new("its sshd still shows the old host key", "check `systemctl status ssh` on the node"))
        }
        None | Some(Ok(_) | Err(ConnectError::Refused { .. } | ConnectError::Passphrase { .. })) => Ok(Outcome::done()),
        Some(Err(e)) => Err(RemoteError::new(format!("a new connection fails: {e}"), "check the node's sshd")),
    }
}
