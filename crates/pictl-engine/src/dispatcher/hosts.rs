//! Which node a sighting is of. A host may change its address, and it may have several; several hosts may hide behind one
//! network interface. What is not certain stays apart.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use pictl_model::event::{Event, Level};
use pictl_model::node::{Facts, Flag, Link, Member, OtherAddress, SameHost, SeenBy, Sighting};
use pictl_model::world::NodeView;
use pictl_model::{MacAddr, NodeId};

use super::boards::{is_own, serial};
use super::core::Core;
use super::journal::Journal;
use crate::input::Saving;

/// Why an address behind another interface of a node is its own.
const OTHER_INTERFACE: &str = "its other network interface";
/// Why two interfaces are one host's.
const ANSWERS_FOR_BOTH: &str = "each network interface answers for the other one's address";
/// Why two addresses with one MAC are one host's.
const SAME_INTERFACE: &str = "same network interface";
/// Hosts with one name that are compared; more of them are an attack or a mistake.
const MOST_NAMESAKES: usize = 8;

/// What the scan at work, or the last one, has seen.
#[derive(Default)]
pub(super) struct Sightings {
    /// Who was seen where.
    pub(super) seen: HashMap<IpAddr, Seen>,
    /// Addresses by the name that hosts have in mDNS.
    pub(super) names: HashMap<String, BTreeSet<IpAddr>>,
}

/// A host as a scan sees it.
pub(super) struct Seen {
    pub(super) node: NodeId,
    pub(super) sighting: Sighting,
}

impl Sightings {
    /// A scan begins.
    pub(super) fn clear(&mut self) {
        self.seen.clear();
        self.names.clear();
    }

    /// What was seen of `node` is of `other`.
    pub(super) fn give(&mut self, node: &NodeId, other: &NodeId) {
        for seen in self.seen.values_mut().filter(|seen| seen.node == *node) {
            seen.node = other.clone();
        }
    }

    /// `node` was seen at `address`.
    fn has_seen(&self, node: &NodeId, address: IpAddr) -> bool {
        self.seen.get(&address).is_some_and(|seen| seen.node == *node)
    }
}

/// There may be several hosts behind it.
fn is_doubtful(sighting: &Sighting) -> bool {
    sighting.is_proxied() || sighting.flags.iter().any(|flag| matches!(flag, Flag::Contested { .. }))
}

impl Journal {
    /// The id of the node in a sighting: that of a node known by this MAC, else of one known at this address without a
    /// MAC to contradict it, else a fresh one. An interface that answers for many addresses does not show who is there.
    pub(super) fn identify(&self, sighting: &Sighting) -> NodeId {
        let (address, proxied) = (sighting.address, sighting.is_proxied());
        let here = || self.places.at(address, &self.world);
        let primary = || here().filter(|n| n.address() == Some(address));
        let macs: Vec<_> = sighting.mac.into_iter().chain(sighting.interfaces.iter().copied()).collect();
        let exactly = || {
            let same = primary().find(|n| sighting.mac.is_some() && n.mac() == sighting.mac);
            same.or_else(|| primary().find(|n| macs.iter().any(|mac| has_interface(n, *mac))))
        };
        let by_other = || {
            here().find(|n| {
                let fits = |other: &OtherAddress| {
                    let same_mac = sighting.mac.is_none() || other.mac.is_none_or(|mac| macs.contains(&mac));
                    other.address == address && same_mac && !(proxied && other.by == Some(SameHost::Interface))
                };
                n.also.iter().any(fits)
            })
        };
        let by_interface = || {
            let of = |mac: MacAddr| {
                let has = move |n: &&NodeView| {
                    has_interface(n, mac) && !n.sighting.as_ref().is_some_and(Sighting::is_proxied)
                };
                self.places.with(mac, &self.world).filter(has)
            };
            let all = || macs.iter().filter(|_| !proxied).flat_map(|mac| of(*mac));
            all().find(|n| n.member.is_some()).or_else(|| all().next())
        };
        let by_address = || {
            let fits = |n: &&NodeView| {
                let known = n.sighting.as_ref().map(|s| s.port).or(n.member.as_ref().map(|m| m.port));
                // Without a MAC, one address with several ports may be several hosts (forwarded ports).
                let same_port = sighting.mac.is_some() || known == Some(sighting.port);
                (n.mac().is_none() || sighting.mac.is_none()) && same_port
            };
            primary().filter(fits).max_by_key(|n| n.last_seen)
        };
        let by_facts = || self.owner_of(address).map(|(n, _)| n);
        let known = exactly().or_else(by_other).or_else(by_interface).or_else(by_address).or_else(by_facts);
        known.map_or_else(|| self.fresh_id(sighting), |n| n.id.clone())
    }

    fn fresh_id(&self, sighting: &Sighting) -> NodeId {
        let id = sighting.fresh_id();
        let is_taken = self.world.nodes.get(&id).is_some_and(|n| n.address().is_some());
        if sighting.is_proxied() || is_taken { NodeId::from_address(sighting.address, sighting.port) } else { id }
    }

    /// The connected node that says it has this address, and the interface; none where several do.
    pub(super) fn owner_of(&self, address: IpAddr) -> Option<(&NodeView, &str)> {
        let mut owners = self.places.at(address, &self.world).filter(|n| n.link == Link::Up).filter_map(|n| {
            let own = n.facts.iter().flat_map(|facts| &facts.addresses);
            own.into_iter().find(|a| a.address == address && is_own(a)).map(|a| (n, a.interface.as_str()))
        });
        owners.next().filter(|_| owners.next().is_none())
    }

    /// `node` was last seen at another address.
    pub(super) fn is_elsewhere(&self, node: &NodeId, address: IpAddr) -> bool {
        self.world.nodes.get(node).and_then(NodeView::address).is_some_and(|at| at != address)
    }

    /// What was taken for a host of its own, as long as its MAC was not known.
    pub(super) fn ghost_at(&self, address: IpAddr, port: u16) -> Option<NodeId> {
        let id = NodeId::from_address(address, port);
        let view = self.world.nodes.get(&id)?;
        (view.address() == Some(address) && view.mac().is_none()).then_some(id)
    }
}

impl Core {
    pub(super) fn host_seen(&mut self, sighting: Sighting) {
        let address = sighting.address;
        let node = match self.sightings.seen.get(&address) {
            // More of the same host. One whose interfaces answer for each other may be reported with another of them.
            Some(seen) if seen.sighting.mac.is_some() && !is_doubtful(&sighting) => seen.node.clone(),
            _ => self.journal.identify(&sighting),
        };
        self.sightings.seen.insert(address, Seen { node: node.clone(), sighting: sighting.clone() });
        if self.journal.is_elsewhere(&node, address) {
            self.seen_elsewhere(&node, &sighting);
        } else {
            self.seen_at(&node, sighting);
            self.fold_namesakes(address);
        }
        self.fold_interfaces(address);
    }

    /// Where a known host was seen at another address, it has a further one when it is still where it was; otherwise that
    /// is decided when all have been asked. False: it is open.
    fn seen_elsewhere(&mut self, node: &NodeId, sighting: &Sighting) -> bool {
        let other = self.journal.world.nodes.get(node).and_then(|n| self.other_address(n, sighting));
        let decided = other.is_some();
        if let Some(other) = other {
            self.add_address(node, sighting.port, other);
        }
        decided
    }

    /// All have been asked: who was not seen where it was has moved.
    pub(super) fn settle_moves(&mut self) {
        let elsewhere =
            self.sightings.seen.iter().filter(|(address, seen)| self.journal.is_elsewhere(&seen.node, **address));
        let mut elsewhere: Vec<_> = elsewhere.map(|(_, seen)| (seen.node.clone(), seen.sighting.clone())).collect();
        elsewhere.sort_by_key(|(_, sighting)| sighting.address);
        for (node, sighting) in elsewhere {
            if !self.seen_elsewhere(&node, &sighting) {
                self.seen_at(&node, sighting);
            }
        }
    }

    /// `node` was seen, and where that is another place than before it has moved there.
    pub(super) fn seen_at(&mut self, node: &NodeId, sighting: Sighting) {
        let view = self.journal.world.nodes.get(node);
        let (to, port, mac) = (sighting.address, sighting.port, sighting.mac);
        let member = view.and_then(|n| n.member.clone());
        if let Some(from) = view.and_then(NodeView::address).filter(|from| *from != to) {
            let what_next = if member.is_some() { "; run setup to update the others" } else { "" };
            let name = Some(self.journal.world.name_of(node)).filter(|name| *name != from.to_string());
            let name = name.unwrap_or_else(|| node.to_string());
            let text = format!("{name} moved from {from} to {to}{what_next}");
            self.publish(Event::Moved { node: node.clone(), from, to });
            self.notice(Level::Info, Some(node), text);
        }
        self.publish(Event::Seen { node: node.clone(), sighting });
        if let Some(member) = member.filter(|m| m.address != to || (m.mac.is_none() && mac.is_some())) {
            self.journal.put_member(Member { address: to, mac: member.mac.or(mac), ..member });
            self.journal.save_members(Saving::Noticed);
        }
        if let Some(ghost) = self.journal.ghost_at(to, port).filter(|ghost| ghost != node) {
            let itself =
                OtherAddress { address: to, mac, why: SAME_INTERFACE.to_owned(), by: Some(SameHost::Interface) };
            self.fold_into(&ghost, node, itself);
        }
    }

    /// The sighting as a further address of `view`, which is elsewhere; none as long as that is not sure.
    fn other_address(&self, view: &NodeView, sighting: &Sighting) -> Option<OtherAddress> {
        let (address, mac) = (sighting.address, sighting.mac);
        if let Some(known) = view.also.iter().find(|also| also.address == address) {
            return Some(OtherAddress { mac: mac.or(known.mac), ..known.clone() });
        }
        let other_interface = |also: &&OtherAddress| mac.is_some() && also.mac == mac && mac != view.mac();
        let still_there =
            || view.address().is_some_and(|at| self.sightings.has_seen(&view.id, at)) || self.is_up(&view.id);
        let (why, by) = if let Some(known) = view.also.iter().find(other_interface) {
            (known.why.clone(), known.by)
        } else if let Some((_, interface)) = self.journal.owner_of(address).filter(|(owner, _)| owner.id == view.id) {
            (has_address(view, interface), Some(SameHost::Reported))
        } else if still_there() {
            let other = mac.is_some_and(|mac| view.mac() != Some(mac));
            (if other { OTHER_INTERFACE } else { SAME_INTERFACE }.to_owned(), Some(SameHost::Interface))
        } else {
            return None;
        };
        Some(OtherAddress { address, mac, why, by })
    }

    fn add_address(&mut self, node: &NodeId, port: u16, other: OtherAddress) {
        // The id of the node that would be there if the owner of the address were not known.
        let nobody = NodeId::from_address(other.address, port);
        if let Some(ghost) = self.journal.ghost_at(other.address, port) {
            self.fold_into(&ghost, node, other);
        } else if !self.journal.world.nodes.contains_key(&nobody)
            && self.journal.world.nodes.get(node).is_some_and(|n| !n.also.contains(&other))
        {
            self.publish(Event::Folded { node: nobody, into: node.clone(), other });
        }
    }

    // ---- two that are one

    /// Makes one host of two that have the same name. Multicast DNS has every host make sure that nobody else on the link has
    /// its name (RFC 6762, sections 8.1 and 9), so the same name from two interfaces is one host with two; their SSH servers
    /// must be the same, too. The same name on another link may be another host.
    fn fold_namesakes(&mut self, address: IpAddr) {
        let Some(seen) = self.sightings.seen.get(&address) else { return };
        let by_mdns = seen.sighting.seen_by.contains(&SeenBy::Mdns);
        let Some(name) = seen.sighting.hostname.clone().filter(|_| by_mdns) else { return };
        let places = self.sightings.names.entry(name.clone()).or_default();
        places.insert(address);
        let others = places.iter().take(MOST_NAMESAKES).filter_map(|place| self.sightings.seen.get(place));
        let same = |other: &&Seen| other.node != seen.node && is_same(&seen.sighting, &other.sighting);
        let Some(other) = others.into_iter().find(same) else { return };
        let rank = |seen: &Seen| self.rank(&seen.node, seen.sighting.address);
        let (kept, folded) = if rank(other) < rank(seen) { (other, seen) } else { (seen, other) };
        let why = format!("both call themselves {name}");
        let other =
            OtherAddress { address: folded.sighting.address, mac: folded.sighting.mac, why, by: Some(SameHost::Name) };
        let (kept, folded) = (kept.node.clone(), folded.node.clone());
        self.fold_into(&folded, &kept, other);
    }

    /// Which of two nodes that are one stays: a member, then one that is connected, then the one with the lower address.
    fn rank(&self, node: &NodeId, address: IpAddr) -> (bool, bool, IpAddr) {
        let is_member = self.journal.world.nodes.get(node).is_some_and(|n| n.member.is_some());
        (!is_member, self.is_down(node), address)
    }

    /// Makes one host of those whose network interfaces answer for the same addresses: the system of one host (Linux) answers
    /// on any of its interfaces for all of its addresses.
    fn fold_interfaces(&mut self, address: IpAddr) {
        let Some(seen) = self.sightings.seen.get(&address).filter(|seen| !seen.sighting.interfaces.is_empty()) else {
            return;
        };
        let (node, interfaces) = (seen.node.clone(), seen.sighting.interfaces.clone());
        let world = &self.journal.world;
        let other = {
            let mut others = interfaces.iter().flat_map(|mac| {
                self.journal.places.with(*mac, world).filter(move |n| n.id != seen.node && has_interface(n, *mac))
            });
            others.find_map(|n| Some((n.id.clone(), n.address()?, n.mac())))
        };
        let Some(other) = other else { return };
        let own = world.nodes.get(&node).and_then(|n| Some((node.clone(), n.address()?, n.mac())));
        let Some(own) = own else { return };
        let (kept, gone) =
            if self.rank(&other.0, other.1) < self.rank(&own.0, own.1) { (other, own) } else { (own, other) };
        let why = ANSWERS_FOR_BOTH.to_owned();
        let further = OtherAddress { address: gone.1, mac: gone.2, why, by: Some(SameHost::Interface) };
        self.fold_into(&gone.0, &kept.0, further);
    }

    /// Makes one of `node` and of others that are the same board by what it said of itself.
    pub(super) fn fold_by_facts(&mut self, node: &NodeId, facts: &Facts) {
        let Some(view) = self.journal.world.nodes.get(node) else { return };
        let (at, mut same) = (view.address(), Vec::new());
        for own in facts.addresses.iter().filter(|own| Some(own.address) != at && is_own(own)) {
            let there =
                self.journal.places.at(own.address, &self.journal.world).filter(|n| n.address() == Some(own.address));
            same.extend(there.map(|n| (n.id.clone(), has_address(view, &own.interface), SameHost::Reported)));
        }
        for mac in &facts.macs {
            let there = self.journal.places.with(*mac, &self.journal.world);
            let there =
                there.filter(|n| n.mac() == Some(*mac) && !n.sighting.as_ref().is_some_and(Sighting::is_proxied));
            let why = format!("{} has its network interface {mac}", view.name());
            same.extend(there.map(|n| (n.id.clone(), why.clone(), SameHost::Reported)));
        }
        if let Some(serial) = serial(facts) {
            let has = |n: &&NodeView| n.facts.as_ref().is_some_and(|facts| facts.serial.as_ref() == Some(serial));
            let why = format!("both are the board with the serial number {serial}");
            same.extend(
                self.journal.world.nodes.values().filter(has).map(|n| (n.id.clone(), why.clone(), SameHost::Serial)),
            );
        }
        for (other, why, by) in same.into_iter().filter(|(other, ..)| other != node) {
            let Some(view) = self.journal.world.nodes.get(&other) else { continue };
            let Some(address) = view.address() else { continue };
            let folded = OtherAddress { address, mac: view.mac(), why, by: Some(by) };
            self.fold_into(&other, node, folded);
        }
    }

    /// `node` is not a node of its own any more, unless it is in the cluster or a job works on it.
    fn fold_into(&mut self, node: &NodeId, into: &NodeId, other: OtherAddress) {
        if !self.links.may_go(&self.journal, node) {
            return;
        }
        self.sightings.give(node, into);
        self.links.leave_link(&mut self.journal, node);
        self.publish(Event::Folded { node: node.clone(), into: into.clone(), other });
    }
}

fn has_interface(view: &NodeView, mac: MacAddr) -> bool {
    let mut of_member = view.member.iter().flat_map(Member::macs);
    view.mac() == Some(mac) || of_member.any(|own| own == mac) || view.also.iter().any(|also| also.mac == Some(mac))
}

/// Why an address that `view` has reported is its own.
fn has_address(view: &NodeView, interface: &str) -> String {
    format!("{} has this address on {interface}", view.name())
}

/// Two hosts with one name, seen on one link: another interface, and the same SSH server.
fn is_same(one: &Sighting, other: &Sighting) -> bool {
    let link = |address: IpAddr| match address {
        IpAddr::V4(v4) => Some([v4.octets()[0], v4.octets()[1], v4.octets()[2]]),
        IpAddr::V6(_) => None,
    };
    let near = link(one.address).is_some() && link(one.address) == link(other.address);
    near && one.mac.is_some()
        && other.mac.is_some()
        && one.mac != other.mac
        && one.ssh.is_some()
        && one.ssh == other.ssh
}
