//! The checks of what makes a node one of its own (cards that were copied have the same host keys and machine-id), and of how
//! it lets people in.

use pictl_formats::facts::{FileKind, FileState, NodeReading};

use super::action::Action;
use super::keys::doubt;
use super::steps::{Check, ClusterPlan, PlanNode, Readings, fail};

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

    fn words(&self) -> &'static str {
        match (self.host_keys, self.machine_id) {
            (true, true) => "host keys and machine-id",
            (true, false) => "host keys",
            _ => "machine-id",
        }
    }
}

/// The first node of those that are alike keeps what it has.
pub(super) fn identity(plan: &ClusterPlan, readings: &Readings, me: &PlanNode, reading: &NodeReading) -> Check {
    let read = || plan.nodes.iter().filter_map(|n| readings.get(&n.node).map(|reading| (n, reading)));
    let others = || read().filter(|(n, _)| n.node != me.node);
    let one_machine = |other: &NodeReading| reading.boot_id.is_some() && reading.boot_id == other.boot_id;
    if let Some((twin, _)) = others().find(|(_, other)| one_machine(other)) {
        return Check::Warn(format!(
            "it is the same machine as {}, by another address: take one of them out (`pictl nodes remove`)",
            twin.name
        ));
    }
    let before = others().take_while(|(n, _)| n.name < me.name);
    let alike: Vec<_> =
        before.map(|(n, other)| (n, Shared::between(reading, other))).filter(|(_, s)| s.any()).collect();
    let Some((first, _)) = alike.first() else {
        let copies = others().filter(|(_, other)| Shared::between(reading, other).any()).count();
        return Check::AlreadySo(match copies {
            0 => "host keys and machine-id are its own".into(),
            _ => format!("it keeps its host keys and machine-id; {copies} other nodes are copies of it"),
        });
    };
    let shared = Shared {
        host_keys: alike.iter().any(|(_, s)| s.host_keys),
        machine_id: alike.iter().any(|(_, s)| s.machine_id),
    };
    let what = shared.words();
    if !plan.keys.work.unclone {
        return Check::Warn(format!(
            "its {what} are those of {}: its card is a copy, whoever has one can pose as the other; `pictl keys unclone` \
             gives it its own",
            first.name
        ));
    }
    let fresh = plan.keys.fresh.get(&me.node);
    let backup = format!("{}/identity", plan.backup);
    let actions = match fresh {
        None if shared.host_keys => vec![Action::MakeHostKeys { backup }],
        _ => vec![Action::TakeIdentity {
            backup,
            host_keys: fresh.filter(|_| shared.host_keys).cloned().unwrap_or_default(),
            machine_id: shared.machine_id,
        }],
    };
    Check::Change {
        message: format!("give it {what} of its own"),
        change: vec![format!("- {what} of {}", first.name), format!("+ {what} of its own")],
        actions,
        reservation: None,
    }
}

pub(super) fn password_login(plan: &ClusterPlan, reading: &NodeReading) -> Check {
    let state = reading.files.get(&FileKind::PasswordLogin);
    let there = matches!(state, Some(FileState::There { .. }));
    let change = |message: &str, change: String, actions| Check::Change {
        message: message.to_owned(),
        change: vec![change],
        actions,
        reservation: None,
    };
    let path = state.map(|s| s.path().to_owned()).unwrap_or_default();
    match plan.keys.work.passwords {
        None => Check::Warn(
            "it was not said whether passwords shall be possible: `pictl keys passwords on` or `off`".into(),
        ),
        Some(true) if there => {
            change("let in by password again", format!("- {path}"), vec![Action::PasswordLogin { on: true }])
        }
        Some(true) => Check::AlreadySo("pictl has not switched it off".into()),
        Some(false) if state.is_some_and(is_confirmed) => Check::AlreadySo("it lets in by key only".into()),
        Some(false) if plan.operator_key.is_none() => {
            fail("there is no key by which you could log in then", "`pictl keys push` first")
        }
        Some(false) => change(
            "let in by key only",
            format!("+ {path}"),
            vec![Action::ProveLogin { doubt: doubt(reading) }, Action::PasswordLogin { on: false }],
        ),
    }
}

/// The drop-in is there for good; otherwise a timer takes it away in a moment.
fn is_confirmed(state: &FileState) -> bool {
    String::from_utf8_lossy(state.content()).contains("logins by key only")
}
