//! Which node has which MAC and which address: an index, so that a thousand hosts are not each compared with all
//! others.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::net::IpAddr;

use pictl_model::event::Event;
use pictl_model::node::Member;
use pictl_model::world::{NodeView, World};
use pictl_model::{MacAddr, NodeId};

/// Nodes by their MACs and addresses. It only grows: what it finds is checked.
#[derive(Default)]
pub(super) struct Places {
    interfaces: HashMap<MacAddr, BTreeSet<NodeId>>,
    addresses: HashMap<IpAddr, BTreeSet<NodeId>>,
}

impl Places {
    /// Takes in what an event says, which the world has taken in before.
    pub(super) fn take(&mut self, event: &Event, world: &World) {
        match event {
            Event::Inventory { members, .. } => members.iter().for_each(|m| self.add(world.nodes.get(&m.id))),
            Event::MemberSet { member } => self.add(world.nodes.get(&member.id)),
            Event::Seen { node, .. } | Event::Folded { into: node, .. } | Event::FactsRead { node, .. } => {
                self.add(world.nodes.get(node));
            }
            _ => {}
        }
    }

    fn add(&mut self, view: Option<&NodeView>) {
        let Some(view) = view else { return };
        let (seen, member) = (view.sighting.as_ref(), view.member.as_ref());
        let known = seen.and_then(|s| s.mac).into_iter().chain(member.into_iter().flat_map(Member::macs));
        for mac in known.chain(view.also.iter().filter_map(|also| also.mac)) {
            put(&mut self.interfaces, mac, &view.id);
        }
        let own = view.facts.iter().flat_map(|facts| &facts.addresses).map(|a| a.address);
        for address in view.address().into_iter().chain(view.also.iter().map(|also| also.address)).chain(own) {
            put(&mut self.addresses, address, &view.id);
        }
    }

    /// Nodes that have or had this MAC.
    pub(super) fn with<'a>(&'a self, mac: MacAddr, world: &'a World) -> impl Iterator<Item = &'a NodeView> {
        self.interfaces.get(&mac).into_iter().flatten().filter_map(|id| world.nodes.get(id))
    }

    /// Nodes that are, were or say that they are at this address.
    pub(super) fn at<'a>(&'a self, address: IpAddr, world: &'a World) -> impl Iterator<Item = &'a NodeView> {
        self.addresses.get(&address).into_iter().flatten().filter_map(|id| world.nodes.get(id))
    }
}

fn put<K: Hash + Eq>(to: &mut HashMap<K, BTreeSet<NodeId>>, key: K, id: &NodeId) {
    let nodes = to.entry(key).or_default();
    if !nodes.contains(id) {
        nodes.insert(id.clone());
    }
}
