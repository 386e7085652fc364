//! Every node's host keys in the `known_hosts` of every node, by name and by address: nobody is asked, and nobody can pose as
//! a node.

use pictl_formats::blocks;
use pictl_formats::facts::FileKind;
use pictl_formats::known_hosts::host_field;
use pictl_model::step::StepId;
use pictl_model::trust::HostKey;

use crate::setup::check::{Check, File, Subject, edit, fail};
use crate::setup::step::{Reads, Step, Wanted, file_written, no_news};

pub(super) const STEP: Step = Step {
    id: StepId::KnownHosts,
    needs: &[StepId::Facts],
    waits_for: &[StepId::Identity],
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

const FILE: File = File { kind: FileKind::KnownHosts, mode: 0o600, root: false };

fn check(subject: &Subject) -> Check {
    let Subject { plan, readings, .. } = *subject;
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
    edit(subject, &FILE, "every node's host key is known", |old| {
        blocks::upsert(old, &plan.cluster, &body).map_err(|e| fail(e.to_string(), e.hint()))
    })
}
