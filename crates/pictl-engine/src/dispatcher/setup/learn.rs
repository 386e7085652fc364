//! What actions found to be true, taken into what is known of a node. Which action teaches what, the step's file says.

use std::sync::Arc;

use pictl_formats::known_hosts::{fingerprint, host_field};
use pictl_model::NodeId;
use pictl_model::node::Member;
use pictl_model::trust::HostKey;

use super::Setup;
use crate::dispatcher::core::Core;
use crate::input::{Effect, Saving};
use crate::setup::action::{Memory, Outcome, Trusted};

impl Setup {
    /// Takes what an action found into what is known of `node`.
    pub(super) fn learn(&mut self, core: &mut Core, node: &NodeId, outcome: Outcome) {
        let (Some(reading), Some(learn)) = (self.readings.get_mut(node), outcome.learn) else { return };
        let mut memory = Memory { node, reading: Arc::make_mut(reading), keys: &mut self.cluster.keys, trust: None };
        learn(&mut memory);
        let trust = memory.trust;
        let reading = Arc::clone(reading);
        self.revision += 1;
        core.readings.insert(node.clone(), Arc::clone(&reading));
        match trust {
            Some(Trusted::Also(keys)) => self.trust_also(core, node, &keys),
            Some(Trusted::Only(keys)) => self.trust_only(core, node, &keys),
            None => {}
        }
        core.publish_facts(node, &reading);
    }

    /// How `node` stands in `known_hosts`.
    fn host_of(&self, node: &NodeId) -> Option<(String, u16)> {
        let of = self.cluster.node(node)?;
        Some((of.address.to_string(), of.port))
    }

    /// The operator trusts these host keys too: the node is about to use them.
    fn trust_also(&self, core: &mut Core, node: &NodeId, keys: &[HostKey]) {
        let Some((host, port)) = self.host_of(node) else { return };
        let known = Arc::make_mut(&mut core.links.known);
        for key in keys {
            known.add(&[host_field(&host, port)], key);
        }
        core.journal.effects.push(Effect::SaveKnown(Arc::clone(&core.links.known)));
    }

    /// The operator trusts these host keys of `node` and no others any more.
    fn trust_only(&mut self, core: &mut Core, node: &NodeId, keys: &[HostKey]) {
        let Some((host, port)) = self.host_of(node) else { return };
        Arc::make_mut(&mut core.links.known).remove(&host, port);
        self.trust_also(core, node, keys);
        self.change_plan().known = Arc::clone(&core.links.known);
        let member = core.journal.world.nodes.get(node).and_then(|n| n.member.clone());
        let shown = keys.iter().find(|key| key.algorithm == "ssh-ed25519").or(keys.first()).map(fingerprint);
        if let Some(member) = member {
            core.journal.put_member(Member { host_key: shown, ..member });
            core.journal.save_members(Saving::Noticed);
        }
    }
}
