//! Keys that are no longer wanted go from `authorized_keys`, wherever in the file and with whatever options they stand: those
//! asked for, and those that a rotation has replaced. A key that somebody needs stays.

use std::collections::BTreeSet;

use pictl_formats::authorized_keys::{self, Entry, Pick, entries};
use pictl_formats::facts::FileKind;
use pictl_model::link::LoginMethod;
use pictl_model::request::KeyWork;
use pictl_model::step::StepId;
use pictl_model::text::clean;

use crate::setup::check::{Check, File, Subject, edit, fail, text};
use crate::setup::keys::{blob, old_keys, present_keys};
use crate::setup::plan::{ClusterPlan, Readings};
use crate::setup::step::{Reads, Step, Wanted, file_written, no_news};

pub(super) const STEP: Step = Step {
    id: StepId::Revoke,
    needs: &[StepId::Facts, StepId::OperatorKey],
    waits_for: &[StepId::Mesh, StepId::Pairs],
    wanted: Wanted::With(|work| work.rotate || work.rotate_nodes || !work.remove.is_empty()),
    reads: |_| Reads::KEYS,
    changes: |_| true,
    guards_rotation: true,
    objections,
    remarks: unknown,
    check,
    line: no_news,
    reply: file_written,
};

const FILE: File = File { kind: FileKind::AuthorizedKeys, mode: 0o600, root: false };

/// What names no key.
fn objections(work: &KeyWork) -> Vec<(String, &'static str)> {
    let problems = work.remove.iter().filter_map(|name| Pick::parse(name).err());
    let hint = "give a public key line, a fingerprint SHA256:… or a key's whole comment";
    problems.map(|e| (format!("{:?} does not name a key: {}", e.text, e.why), hint)).collect()
}

/// Keys to be taken out that are nowhere.
fn unknown(plan: &ClusterPlan, readings: &Readings) -> Vec<String> {
    let texts: Vec<String> = readings
        .values()
        .filter_map(|r| r.files.get(&FileKind::AuthorizedKeys))
        .map(|state| String::from_utf8_lossy(state.content()).into_owned())
        .collect();
    let nowhere = |name: &&String| {
        Pick::parse(name).is_ok_and(|pick| !texts.iter().any(|text| entries(text).any(|e| pick.means(&e.key))))
    };
    let unknown = plan.keys.work.remove.iter().filter(nowhere);
    unknown.map(|name| format!("no node has an authorized key called {}", clean(name, 80))).collect()
}

fn check(subject: &Subject) -> Check {
    let Subject { plan, readings, me, reading } = *subject;
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
    let mut picks: Vec<Pick> = work.remove.iter().filter_map(|name| Pick::parse(name).ok()).collect();
    let mut wanted = entries(&old_text).filter(|entry| picks.iter().any(|pick| pick.means(&entry.key)));
    if let Some(refused) = wanted.find_map(|entry| guarded(subject, &entry)) {
        return refused;
    }
    drop(wanted);
    if work.rotate {
        picks.extend(plan.keys.replaced.iter().filter_map(|line| blob(line)).map(Pick::Key));
    }
    if work.rotate_nodes {
        let present: BTreeSet<_> =
            readings.values().flat_map(|r| present_keys(r)).filter_map(|line| blob(&line)).collect();
        let before = readings.values().flat_map(|r| old_keys(r)).filter_map(|line| blob(&line));
        picks.extend(before.filter(|key| !present.contains(key)).map(Pick::Key));
    }
    let left = authorized_keys::remove(&old_text, &picks).map(|removed| removed.text);
    // Which of the lines is that of a key of which only the file is known here, nobody can say.
    let by_another = plan.keys.logins.get(&me.node).is_some_and(|by| matches!(by, LoginMethod::Key(_)));
    let lets_in = |text: &str| plan.operator_key.as_ref().is_some_and(|key| authorized_keys::contains(text, key));
    if by_another && !work.remove.is_empty() && left.as_ref().is_some_and(|text| !lets_in(text)) {
        return fail(
            "your usual key is not among its authorized keys, and pictl cannot find out which of them you logged in with",
            "`pictl keys push` first",
        );
    }
    edit(subject, &FILE, "these keys are not authorized", |old| Ok(left.unwrap_or_else(|| old.to_owned())))
}

/// Why this key is not taken out although it was asked for: somebody who is needed would be locked out.
fn guarded(subject: &Subject, entry: &Entry) -> Option<Check> {
    let Subject { plan, readings, me, .. } = *subject;
    let name = if entry.key.comment.is_empty() { "a key without a comment" } else { entry.key.comment.as_str() };
    let by_agent = plan.keys.logins.get(&me.node).and_then(|by| match by {
        LoginMethod::AgentKey(comment) => Some(comment),
        _ => None,
    });
    let mine =
        plan.operator_key.iter().chain(&plan.keys.replaced).any(|line| blob(line).as_ref() == Some(&entry.key.base64));
    if mine || by_agent.is_some_and(|comment| !comment.is_empty() && *comment == entry.key.comment) {
        return Some(fail(
            format!("{name} is the key that you log in with; nothing was removed"),
            "`pictl keys rotate` puts a new key in its place first",
        ));
    }
    let of_node = plan.nodes.iter().find(|n| match readings.get(&n.node) {
        Some(read) => present_keys(read).iter().any(|line| blob(line).as_ref() == Some(&entry.key.base64)),
        // It was not read: its key is known by the comment that pictl gave it.
        None => entry.key.comment == format!("{}@{}", n.user, n.name),
    });
    of_node.map(|n| {
        fail(
            format!("{name} is the key of {}, with which it logs in to the others; nothing was removed", n.name),
            "`pictl keys rotate --of-nodes` gives all nodes new keys; `pictl nodes remove` removes a node from the cluster",
        )
    })
}
