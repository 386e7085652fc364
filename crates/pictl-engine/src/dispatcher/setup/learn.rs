//! What actions have found to be true, taken into what is known of a node.

use std::sync::Arc;

use pictl_formats::facts::{FileKind, FileState, NodeReading};
use pictl_formats::known_hosts::{fingerprint, host_field};
use pictl_model::NodeId;
use pictl_model::node::Member;
use pictl_model::trust::HostKey;

use crate::dispatcher::Dispatcher;
use crate::input::Effect;
use crate::setup::action::Outcome;

/// Write permission for others than the owner.
const OTHERS_WRITE: u32 = 0o022;

/// `kind` holds `content` from now on.
fn write(reading: &mut NodeReading, kind: FileKind, mode: u32, content: Vec<u8>) {
    let path = reading.files.get(&kind).map_or_else(String::new, |old| old.path().to_owned());
    reading.files.insert(kind, FileState::There { path, mode, content });
}

impl Dispatcher {
    /// Keeps the reading of `node` true to what an action proved.
    pub(super) fn learn(&mut self, node: &NodeId, outcome: Outcome) {
        let Some(reading) = self.core.readings.get_mut(node).map(Arc::make_mut) else { return };
        match outcome {
            Outcome::Written(file) => {
                if let Some(kind) = file.kind {
                    if matches!(kind, FileKind::AuthorizedKeys | FileKind::KnownHosts) {
                        reading.ssh_mode = reading.ssh_mode.map(|mode| mode & !OTHERS_WRITE);
                    }
                    write(reading, kind, file.mode, file.content);
                }
            }
            Outcome::PublicKey(line) => write(reading, FileKind::PublicKey, 0o644, line.into_bytes()),
            Outcome::NextKey(line) => {
                write(reading, FileKind::NextKey, 0o644, line.into_bytes());
                if let Some(setup) = &mut self.setup {
                    setup.cluster.keys.renewed.insert(node.clone());
                }
            }
            Outcome::KeyTaken { public, old } => {
                write(reading, FileKind::PublicKey, 0o644, public.into_bytes());
                write(reading, FileKind::OldKeys, 0o600, old.into_bytes());
                let path = reading.files.get(&FileKind::NextKey).map_or_else(String::new, |at| at.path().to_owned());
                reading.files.insert(FileKind::NextKey, FileState::Missing { path });
            }
            Outcome::Named(name) => reading.facts.hostname = name,
            Outcome::Read(new) => *reading = *new,
            Outcome::Reread { reading: new, .. } => {
                let others = reading.host_keys != new.host_keys;
                reading.update(*new);
                let keys = reading.host_keys.clone();
                if others {
                    self.believe_only(node, &keys);
                }
            }
            Outcome::HostKeys(keys) => return self.believe_too(node, keys),
            Outcome::LoginProved => {
                if let Some(setup) = &mut self.setup {
                    setup.cluster.keys.proved.insert(node.clone());
                }
                return;
            }
            Outcome::Proved(_) => return,
        }
        if let Some(reading) = self.core.readings.get(node).cloned() {
            self.core.publish_facts(node, &reading);
        }
    }

    /// How `node` stands in `known_hosts`.
    fn host_of(&self, node: &NodeId) -> Option<(String, u16)> {
        let of = self.setup.as_ref()?.cluster.node(node)?;
        Some((of.address.to_string(), of.port))
    }

    /// The operator believes these host keys too: the node is about to use them.
    fn believe_too(&mut self, node: &NodeId, keys: Vec<HostKey>) {
        let Some((host, port)) = self.host_of(node) else { return };
        let known = Arc::make_mut(&mut self.core.known);
        for key in &keys {
            known.add(&[host_field(&host, port)], key);
        }
        self.core.effects.push(Effect::SaveKnown(Arc::clone(&self.core.known)));
        if let Some(setup) = &mut self.setup {
            setup.cluster.keys.fresh.insert(node.clone(), keys);
        }
    }

    /// The operator believes these host keys of `node` and no others any more.
    fn believe_only(&mut self, node: &NodeId, keys: &[HostKey]) {
        let Some((host, port)) = self.host_of(node) else { return };
        Arc::make_mut(&mut self.core.known).remove(&host, port);
        self.believe_too(node, keys.to_vec());
        if let Some(setup) = &mut self.setup {
            setup.cluster.keys.fresh.remove(node);
            setup.cluster.known = Arc::clone(&self.core.known);
        }
        let member = self.core.world.nodes.get(node).and_then(|n| n.member.clone());
        let shown = keys.iter().find(|key| key.algorithm == "ssh-ed25519").or(keys.first()).map(fingerprint);
        if let Some(member) = member {
            self.core.put_member(Member { host_key: shown, ..member });
            self.core.save_members();
        }
    }
}
