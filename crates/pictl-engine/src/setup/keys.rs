//! The checks of what is done with keys: the operator's and the nodes' own, who is let in by them, and which hosts are known.

use std::collections::BTreeSet;

use pictl_formats::authorized_keys::{Entry, Pick, entries};
use pictl_formats::facts::{FileKind, FileState, NodeReading};
use pictl_formats::known_hosts::host_field;
use pictl_formats::{authorized_keys, blocks};
use pictl_model::NodeId;
use pictl_model::text::clean;
use pictl_model::trust::HostKey;

use super::action::Action;
use super::steps::{Check, ClusterPlan, PlanNode, Readings, edit, fail, text, whole};

/// Write permission for others than the owner: sshd does not believe what others may have written.
pub(super) const OTHERS_WRITE: u32 = 0o022;

pub(super) fn operator_key(plan: &ClusterPlan, me: &PlanNode, reading: &NodeReading) -> Check {
    let Some(key) = &plan.operator_key else {
        return Check::Later("a new key pair will be made for you, and its public half put here".into());
    };
    let mut check = edit(plan, reading, FileKind::AuthorizedKeys, 0o600, false, "your key is authorized", |old| {
        Ok(authorized_keys::add(old, key).unwrap_or_else(|| old.to_owned()))
    });
    let there = reading.files.get(&FileKind::AuthorizedKeys).map(|s| String::from_utf8_lossy(s.content()).into_owned());
    let entry = authorized_keys::find(&there.unwrap_or_default(), key).filter(|e| e.options.contains("command="));
    if let Some(entry) = entry {
        return fail(
            format!("your key is there for one command only: {}", clean(&entry.options, 80)),
            "take the options off that line of authorized_keys, or use another key with --identity",
        );
    }
    let open_folder = reading.ssh_mode.is_some_and(|mode| mode & OTHERS_WRITE != 0);
    let prove = Action::ProveLogin { doubt: doubt(reading) };
    match &mut check {
        Check::Change { actions, .. } => actions.push(prove),
        // To write the file again closes its folder to others.
        Check::AlreadySo(_) if open_folder => {
            let Ok((state, old)) = text(reading.files.get(&FileKind::AuthorizedKeys)) else { return check };
            let file = whole(plan, FileKind::AuthorizedKeys, state, &old, 0o600, false);
            return Check::Change {
                message: "close ~/.ssh to others, or sshd does not believe it".into(),
                change: vec![format!("- mode {:o} of ~/.ssh", reading.ssh_mode.unwrap_or(0o700))],
                actions: vec![Action::Put(file), prove],
                reservation: None,
            };
        }
        // It is there, and pictl came in by a password, or it is a new one: it may be there in vain.
        Check::AlreadySo(_) if to_be_proved(plan, me) => {
            return Check::Change {
                message: "log in with your key alone".into(),
                change: Vec::new(),
                actions: vec![prove],
                reservation: None,
            };
        }
        _ => {}
    }
    check
}

/// That the operator's key is there says nothing yet of a login with it.
fn to_be_proved(plan: &ClusterPlan, me: &PlanNode) -> bool {
    let by = plan.keys.logins.get(&me.node).map(String::as_str);
    let in_vain = matches!(by, Some("password" | "keyboard-interactive"));
    !plan.keys.proved.contains(&me.node) && (plan.keys.work.rotate || in_vain)
}

/// Why sshd might not believe `authorized_keys`, where it is in a folder that pictl does not change.
pub(super) fn doubt(reading: &NodeReading) -> Option<String> {
    let mode = reading.home_mode.filter(|mode| mode & OTHERS_WRITE != 0)?;
    Some(format!(
        "others may write to its home (mode {mode:o}), and sshd then believes no keys in it: `chmod go-w ~` there"
    ))
}

/// The node's key that is to take the place of its own, where one was made.
fn next_key(reading: &NodeReading) -> Option<&FileState> {
    reading.files.get(&FileKind::NextKey).filter(|state| matches!(state, FileState::There { .. }))
}

pub(super) fn node_key(plan: &ClusterPlan, me: &PlanNode, reading: &NodeReading) -> Check {
    let comment = format!("{}@{}", me.user, me.name);
    let state = reading.files.get(&FileKind::PublicKey);
    match state {
        Some(FileState::Unusable { path, why }) => fail(format!("{path} is {why}"), "look at it on the node"),
        Some(FileState::There { .. }) if !plan.keys.work.rotate_nodes => Check::AlreadySo("it has a key pair".into()),
        Some(FileState::There { .. }) if plan.keys.renewed.contains(&me.node) && next_key(reading).is_some() => {
            Check::AlreadySo("it has made a new key pair".into())
        }
        Some(FileState::There { .. }) => Check::Change {
            message: "make a new key pair beside the present one".into(),
            change: vec!["+ ~/.ssh/id_ed25519.new and its public half".into()],
            actions: vec![Action::NextKey { comment }],
            reservation: None,
        },
        _ => Check::Change {
            message: "make an ed25519 key pair".into(),
            change: vec!["+ ~/.ssh/id_ed25519 and its public half".into()],
            actions: vec![Action::NodeKey { comment }],
            reservation: None,
        },
    }
}

fn line_of(state: &FileState) -> String {
    String::from_utf8_lossy(state.content()).trim().to_owned()
}

pub(super) fn mesh(plan: &ClusterPlan, readings: &Readings, reading: &NodeReading) -> Check {
    let name = |node: &NodeId| plan.node(node).map_or_else(|| node.to_string(), |n| n.name.to_string());
    let mut keys = Vec::new();
    for (node, other) in readings {
        let Some(state @ FileState::There { .. }) = other.files.get(&FileKind::PublicKey) else {
            return Check::Later("after every node has a key pair".into());
        };
        let next = next_key(other).filter(|_| plan.keys.work.rotate_nodes);
        for line in [Some(state), next].into_iter().flatten().map(line_of) {
            if let Err(e) = authorized_keys::parse_public(&line) {
                return fail(
                    format!("the public key of {} cannot be used: {e}", name(node)),
                    "look at ~/.ssh/id_ed25519.pub there",
                );
            }
            keys.push(line);
        }
    }
    // One that could make none keeps the key that it has; the others do not wait for it.
    if plan.keys.work.rotate_nodes && plan.keys.renewed.is_empty() {
        return Check::Later("after every node has made a new key pair".into());
    }
    edit(plan, reading, FileKind::AuthorizedKeys, 0o600, false, "every node's key is authorized", |old| {
        Ok(authorized_keys::add_all(old, keys.iter().map(String::as_str)).unwrap_or_else(|| old.to_owned()))
    })
}

pub(super) fn known_hosts(plan: &ClusterPlan, readings: &Readings, reading: &NodeReading) -> Check {
    let mut body = String::new();
    for n in &plan.nodes {
        let address = n.address.to_string();
        let keys: Vec<HostKey> = match readings.get(&n.node) {
            Some(read) => read.host_keys.clone(),
            None => plan.known.keys_of(&address, n.port),
        };
        for key in keys {
            let (name, address) = (host_field(n.name.as_str(), n.port), host_field(&address, n.port));
            body.extend([name.as_str(), ",", &address, " ", &key.line(), "\n"]);
        }
    }
    edit(plan, reading, FileKind::KnownHosts, 0o600, false, "every node's host key is known", |old| {
        blocks::upsert(old, &plan.cluster, &body).map_err(|e| fail(e.to_string(), e.hint()))
    })
}

/// Takes keys out of `authorized_keys`, wherever in the file and with whatever options they stand.
pub(super) fn revoke(plan: &ClusterPlan, readings: &Readings, me: &PlanNode, reading: &NodeReading) -> Check {
    let work = &plan.keys.work;
    if work.rotate && plan.keys.replaced.is_some() && !plan.keys.proved.contains(&me.node) {
        return Check::Later("after a login with your new key is proved here".into());
    }
    if work.rotate_nodes && plan.keys.renewed.is_empty() {
        return Check::Later("after the nodes' new keys are in place".into());
    }
    let old_text = match text(reading.files.get(&FileKind::AuthorizedKeys)) {
        Ok((_, old)) => old,
        Err(failed) => return failed,
    };
    let mut picks: Vec<Pick> = work.remove.iter().filter_map(|word| Pick::parse(word).ok()).collect();
    let mut wanted = entries(&old_text).filter(|entry| picks.iter().any(|pick| pick.means(&entry.key)));
    if let Some(refused) = wanted.find_map(|entry| guarded(plan, readings, me, &entry)) {
        return refused;
    }
    drop(wanted);
    if work.rotate {
        picks.extend(plan.keys.replaced.iter().filter_map(|line| blob(line)).map(Pick::Key));
    }
    if work.rotate_nodes {
        let present: BTreeSet<_> = readings.values().flat_map(present_keys).filter_map(|line| blob(&line)).collect();
        let before = readings.values().flat_map(old_keys).filter_map(|line| blob(&line));
        picks.extend(before.filter(|key| !present.contains(key)).map(Pick::Key));
    }
    let left = authorized_keys::remove(&old_text, &picks).map(|removed| removed.text);
    // Nobody can tell which of the lines is that of a key of which only the file is known here.
    let by_another = plan.keys.logins.get(&me.node).is_some_and(|by| by.starts_with("key "));
    let lets_in = |text: &str| plan.operator_key.as_ref().is_some_and(|key| authorized_keys::contains(text, key));
    if by_another && !work.remove.is_empty() && left.as_ref().is_some_and(|text| !lets_in(text)) {
        return fail(
            "your usual key is not among those that it lets in, and it cannot be seen by which of them you came",
            "`pictl keys push` first",
        );
    }
    let so = "nobody comes in by these keys";
    edit(plan, reading, FileKind::AuthorizedKeys, 0o600, false, so, |old| Ok(left.unwrap_or_else(|| old.to_owned())))
}

/// The key itself, of a line that has one.
fn blob(line: &str) -> Option<String> {
    authorized_keys::parse_public(line).ok().map(|key| key.base64)
}

/// The keys that a node has now, or is about to have.
fn present_keys(reading: &std::sync::Arc<NodeReading>) -> Vec<String> {
    [FileKind::PublicKey, FileKind::NextKey].iter().filter_map(|kind| reading.files.get(kind)).map(line_of).collect()
}

/// The keys that a node had before.
fn old_keys(reading: &std::sync::Arc<NodeReading>) -> Vec<String> {
    let old = reading.files.get(&FileKind::OldKeys).map(line_of).unwrap_or_default();
    old.lines().map(str::to_owned).collect()
}

/// Why this key is not taken out although it was asked for: somebody would be locked out who is needed.
fn guarded(plan: &ClusterPlan, readings: &Readings, me: &PlanNode, entry: &Entry) -> Option<Check> {
    let told = if entry.key.comment.is_empty() { "a key without a comment" } else { entry.key.comment.as_str() };
    let by_agent = plan.keys.logins.get(&me.node).and_then(|by| by.strip_prefix("agent key "));
    let mine =
        plan.operator_key.iter().chain(&plan.keys.replaced).any(|line| blob(line).as_ref() == Some(&entry.key.base64));
    if mine || by_agent.is_some_and(|comment| !comment.is_empty() && comment == entry.key.comment) {
        return Some(fail(
            format!("{told} is the key by which you log in; nothing was taken out"),
            "`pictl keys rotate` puts a new key in its place first",
        ));
    }
    let of_node = plan.nodes.iter().find(|n| match readings.get(&n.node) {
        Some(read) => present_keys(read).iter().any(|line| blob(line).as_ref() == Some(&entry.key.base64)),
        // It was not read: its key is told by the name that pictl gave it.
        None => entry.key.comment == format!("{}@{}", n.user, n.name),
    });
    of_node.map(|n| {
        fail(
            format!("{told} is the key of {}, by which it reaches the others; nothing was taken out", n.name),
            "`pictl keys rotate --of-nodes` gives all nodes new keys; `pictl nodes remove` takes one out of the cluster",
        )
    })
}
