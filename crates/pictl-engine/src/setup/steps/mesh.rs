//! Every node's key among the authorized keys of every node.

use pictl_formats::authorized_keys;
use pictl_formats::facts::{FileKind, FileState};
use pictl_model::NodeId;
use pictl_model::step::StepId;

use crate::setup::check::{Check, File, Subject, edit, fail};
use crate::setup::keys::{line_of, next_key};
use crate::setup::step::{Reads, Step, Wanted, file_written, no_news};

pub(super) const STEP: Step = Step {
    id: StepId::Mesh,
    needs: &[StepId::Facts, StepId::NodeKey],
    waits_for: &[StepId::NodeKey],
    wanted: Wanted::ByDefault,
    reads: |_| Reads::KEYS,
    changes: |_| true,
    guards_rotation: false,
    objections: |_| Vec::new(),
    remarks: |_, _| Vec::new(),
    check,
    line: no_news,
    reply: file_written,
};

const FILE: File = File { kind: FileKind::AuthorizedKeys, mode: 0o600, root: false };

fn check(subject: &Subject) -> Check {
    let Subject { plan, readings, .. } = *subject;
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
                    "check ~/.ssh/id_ed25519.pub on that node",
                );
            }
            keys.push(line);
        }
    }
    // One that could make none keeps the key that it has; the others do not wait for it.
    if plan.keys.work.rotate_nodes && plan.keys.renewed.is_empty() {
        return Check::Later("after every node has made a new key pair".into());
    }
    edit(subject, &FILE, "every node's key is authorized", |old| {
        Ok(authorized_keys::add_all(old, keys.iter().map(String::as_str)).unwrap_or_else(|| old.to_owned()))
    })
}
