//! One board is one node: what a node reports of its board after a login is kept with its entry, and two members that prove to
//! be one board become one.

use std::net::IpAddr;

use pictl_formats::interfaces::{is_internal, is_veth};
use pictl_model::event::{Event, Level};
use pictl_model::inventory;
use pictl_model::node::{Board, Facts, IfAddr, Member, OtherAddress, SameHost};
use pictl_model::{MacAddr, NodeId};

use super::core::Core;
use crate::input::Saving;
use crate::store::Change;

/// An address that one host of a network has and no other: neither that of an interface which programs made (`docker0`), nor
/// one that a host gives itself.
pub(super) fn is_own(of: &IfAddr) -> bool {
    let made_up = match of.address {
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_loopback() || v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_unicast_link_local() || v6.is_loopback() || v6.is_unspecified(),
    };
    !made_up && !is_internal(&of.interface) && !is_veth(&of.interface)
}

/// A serial number; boards without one report zeros.
pub(super) fn serial(facts: &Facts) -> Option<&String> {
    facts.serial.as_ref().filter(|serial| serial.bytes().any(|digit| digit != b'0'))
}

/// Both nodes list the address of the other one: the same interfaces, so the same board.
pub(super) fn list_each_other(one: (&Facts, IpAddr), other: (&Facts, IpAddr)) -> bool {
    let lists = |facts: &Facts, address| facts.addresses.iter().any(|own| own.address == address && is_own(own));
    let serials_differ = serial(one.0).zip(serial(other.0)).is_some_and(|(a, b)| a != b);
    one.1 != other.1 && lists(one.0, other.1) && lists(other.0, one.1) && !serials_differ
}

impl Core {
    /// What the board of `node` is recognised by, as far as it is known.
    pub(super) fn board_of(&self, node: &NodeId) -> Board {
        let view = self.journal.world.nodes.get(node);
        let known = view.and_then(|n| n.member.as_ref()).map(|m| m.board.clone()).unwrap_or_default();
        let Some(facts) = view.and_then(|n| n.facts.as_ref()) else { return known };
        let macs = if facts.macs.is_empty() { known.macs } else { facts.macs.clone() };
        Board { serial: serial(facts).cloned().or(known.serial), macs, shared_key: known.shared_key }
    }

    /// Keeps with a member's entry what it has reported of its board.
    pub(super) fn learn_board(&mut self, node: &NodeId) {
        let Some(view) = self.journal.world.nodes.get(node) else { return };
        let Some(member) = view.member.clone() else { return };
        let reported: &[MacAddr] = view.facts.as_ref().map_or(&[], |facts| &facts.macs);
        let is_reported = |mac: &MacAddr| reported.is_empty() || reported.contains(mac);
        let seen = view.sighting.as_ref().and_then(|s| s.mac).filter(|mac| reported.contains(mac));
        // Its adapter was taken away, or sits in another board by now.
        let mac = member.mac.filter(is_reported).or(seen);
        let now = Member { mac, board: self.board_of(node), ..member.clone() };
        self.journal.put_member(now);
        if self.journal.member_of(node) != Some(&member) {
            self.journal.save_members(Saving::Noticed);
        }
    }

    /// Another member that is the same board as `node` by what `node` has reported, and why.
    pub(super) fn same_board(&self, node: &NodeId) -> Option<(NodeId, String)> {
        let view = self.journal.world.nodes.get(node)?;
        let (member, facts) = (view.member.as_ref()?, view.facts.as_ref()?);
        let is_same = |other: &Member| {
            let serials = other.board.serial.as_ref().zip(serial(facts));
            let keys = other.host_key.as_ref().zip(member.host_key.as_ref());
            if serials.is_some_and(|(a, b)| a != b) || keys.is_some_and(|(a, b)| a != b) {
                return None;
            }
            if let Some(mac) = other.macs().find(|mac| facts.macs.contains(mac)) {
                return Some(format!("it has the network interface {mac}"));
            }
            let place = other.place().filter(|_| other.mac.is_none() && other.jump == member.jump)?;
            let own = facts.addresses.iter().find(|own| own.address == place && is_own(own))?;
            Some(format!("it has the address {place} on {}", own.interface))
        };
        let others = self.journal.world.nodes.values().filter(|n| n.id != *node).filter_map(|n| n.member.as_ref());
        others.into_iter().find_map(|other| Some((other.id.clone(), is_same(other)?)))
    }

    /// Of two members that are one board: the head stays, else the one whose name comes first.
    pub(super) fn stays(&self, one: &NodeId, other: &NodeId) -> bool {
        let rank = |node: &NodeId| {
            let member = self.journal.member_of(node);
            (member.is_none(), member.is_some_and(|m| !m.head), self.journal.world.name_of(node))
        };
        rank(one) <= rank(other)
    }

    /// `gone` is the same board as `kept`: one node from now on, with two addresses.
    pub(super) fn join_nodes(&mut self, kept: &NodeId, gone: &NodeId, why: &str) {
        let Some(view) = self.journal.world.nodes.get(gone) else { return };
        let (name, address, mac) = (self.journal.world.name_of(gone), view.address(), view.mac());
        let (of_gone, of_kept) = (view.member.clone(), self.journal.member_of(kept).cloned());
        if of_gone.is_some() {
            self.journal.changes.push(Change::Remove(gone.clone()));
            self.publish(Event::MemberRemoved { node: gone.clone() });
        }
        self.links.forget_link(&mut self.journal, gone);
        if let Some(address) = address {
            let other = OtherAddress { address, mac, why: why.to_owned(), by: Some(SameHost::Reported) };
            self.sightings.give(gone, kept);
            self.publish(Event::Folded { node: gone.clone(), into: kept.clone(), other });
        }
        if let (Some(of_gone), Some(of_kept)) = (&of_gone, &of_kept) {
            self.journal.put_member(inventory::merge(of_kept, of_gone));
        }
        if of_gone.is_some() {
            self.journal.save_members(Saving::Noticed);
            let at = address.map(|address| format!(" at {address}")).unwrap_or_default();
            let kept_name = self.journal.world.name_of(kept);
            let text =
                format!("{name}{at} is the same board as {kept_name} ({why}): one node from now on, {kept_name}");
            self.notice(Level::Warn, Some(kept), text);
        }
    }
}
