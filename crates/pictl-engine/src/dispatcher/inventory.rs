//! Members: who they are.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use pictl_formats::known_hosts::KnownHosts;
use pictl_formats::nodeset::fold;
use pictl_formats::ssh_config::Hop;
use pictl_model::event::{Event, Level};
use pictl_model::inventory::{Shared, shared};
use pictl_model::node::{Board, Member};
use pictl_model::request::{Ground, Login, MemberChange, Refusal};
use pictl_model::{HostName, NodeId};

use super::core::Core;
use super::links::USER;
use crate::input::Saving;
use crate::store::{self, Change, SaveError};

/// What is refused, in the words of a refusal.
const CHANGE: &str = "change of a node";

/// Members and host keys as they are saved.
type SavedMembers = (Vec<Member>, Option<Arc<KnownHosts>>);

/// What of an entry makes no sense.
fn fault(member: &Member) -> Option<String> {
    store::fault(member, std::iter::empty()).map(|(_, why)| why)
}

impl Core {
    pub(super) fn set_member(&mut self, node: &NodeId, change: &MemberChange) {
        let Some(member) = self.journal.world.nodes.get(node).and_then(|n| n.member.clone()) else {
            return self.refuse_member(node, "it is not in the cluster", "set it up first");
        };
        if let Some(name) = &change.name
            && self.journal.members().iter().any(|m| m.id != *node && m.name == *name)
        {
            return self.refuse_member(node, &format!("another node is called {name}"), "choose another name");
        }
        let now = change.apply_to(&member);
        let is_there = |m: &Member| (m.address, m.port, &m.jump) == (now.address, now.port, &now.jump);
        let members = self.journal.members();
        if let Some(other) = members.iter().find(|m| m.id != *node && m.place().is_some() && is_there(m)) {
            let reason = format!("{} is reached at {} port {} already", other.name, now.address, now.port);
            return self.refuse_member(node, &reason, "two nodes cannot be at one place: change that one first");
        }
        let jump = change.jump.as_deref().filter(|jump| !jump.is_empty());
        if let Some(Err(e)) = jump.map(Hop::parse_list) {
            return self.refuse_member(node, &e.to_string(), "write [USER@]HOST[:PORT], several with commas between");
        }
        let now = change.apply_to(&member);
        if let Some(why) = fault(&now) {
            return self.refuse_member(node, &why, "write another value");
        }
        self.journal.change_member(now);
        self.journal.save_members(Saving::Request { what: CHANGE, node: Some(node.clone()) });
    }

    /// The inventory was saved, or could not be.
    pub(super) fn members_saved(&mut self, reason: &Saving, result: &Result<SavedMembers, SaveError>) {
        match (result, reason) {
            (Ok((members, known)), _) => {
                if let Some(known) = known {
                    self.links.known = Arc::clone(known);
                }
                self.follow_members(members.clone());
            }
            (Err(e), Saving::Noticed) => self.publish(Event::NotSaved { text: e.to_string() }),
            (Err(e), Saving::Request { what, node }) => self.refuse_saving(what, node.clone(), e),
            // The setup ends.
            (Err(_), Saving::Setup) => {}
        }
    }

    pub(super) fn refuse_saving(&mut self, what: &str, node: Option<NodeId>, e: &SaveError) {
        let ground = if let SaveError::Conflict(_) = e { Ground::Input } else { Ground::Access };
        self.refuse(what, ground, vec![Refusal { node, reason: e.to_string(), hint: e.hint().to_owned() }]);
    }

    /// Somebody else has changed the inventory.
    pub(super) fn members_read(&mut self, members: Vec<Member>) {
        // What was noticed here and is not saved yet goes into the file first.
        if !self.journal.changes.is_empty() {
            return;
        }
        let name = |m: &Member| m.name.to_string();
        let before = self.journal.members();
        let lacks = |list: &[Member], m: &Member| list.iter().all(|other| other.id != m.id);
        let joined: Vec<_> = members.iter().filter(|m| lacks(&before, m)).map(name).collect();
        let left: Vec<_> = before.iter().filter(|m| lacks(&members, m)).map(name).collect();
        let changed = members.iter().filter(|m| before.iter().any(|b| b.id == m.id && b != *m));
        let changed: Vec<_> = changed.map(name).collect();
        let parts = [(joined, "added"), (left, "removed"), (changed, "changed")];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|(names, _)| !names.is_empty())
            .map(|(names, what)| format!("{} {what}", fold(&names)))
            .collect();
        self.follow_members(members);
        if !parts.is_empty() {
            let text = format!("another program changed the inventory: {}", parts.join(", "));
            self.notice(Level::Info, None, text);
        }
    }

    /// What is in the file is so: takes over what others have changed in it, too.
    pub(super) fn follow_members(&mut self, members: Vec<Member>) {
        let there: BTreeSet<_> = members.iter().map(|m| m.id.clone()).collect();
        for gone in self.journal.members().into_iter().filter(|m| !there.contains(&m.id)) {
            self.publish(Event::MemberRemoved { node: gone.id.clone() });
            self.links.forget_link(&mut self.journal, &gone.id);
        }
        let route = |m: &Member| (m.user.clone(), m.address, m.port, m.identity.clone(), m.jump.clone());
        for member in members {
            let before = self.journal.member_of(&member.id).cloned();
            if before.as_ref() == Some(&member) {
                continue;
            }
            let node = member.id.clone();
            let another_route = before.as_ref().is_some_and(|before| route(before) != route(&member));
            self.publish(Event::MemberSet { member });
            if another_route {
                self.links.relink(&mut self.journal, &node);
            }
        }
    }

    /// Makes members of nodes that were seen.
    pub(super) fn adopt(&mut self, nodes: &[NodeId], prefix: &str, login: &Login) {
        let members = self.journal.members();
        let mut names = free_names(prefix, members.iter().map(|m| &m.name));
        let mut headless = members.iter().all(|m| !m.head);
        for node in nodes {
            let Some(view) = self.journal.world.nodes.get(node).filter(|n| n.member.is_none()) else { continue };
            let Some((address, name)) = view.address().and_then(|address| Some((address, names.next()?))) else {
                continue;
            };
            let (identity, jump) = self.journal.saved_route(node, login);
            let seen = view.sighting.iter().flat_map(|s| s.interfaces.iter().copied());
            let macs = seen.chain(view.also.iter().filter_map(|also| also.mac)).collect();
            let member = Member {
                id: node.clone(),
                name,
                address,
                port: self.links.port_of(&self.journal, node, login),
                user: self.links.user_of(&self.journal, node, login),
                mac: view.sighting.as_ref().and_then(|s| s.mac),
                host_key: None,
                head: std::mem::take(&mut headless),
                cores: None,
                mpi: None,
                mpi_prefix: None,
                identity,
                jump,
                board: Board { macs, ..Board::default() },
            };
            if let Some(why) = fault(&member) {
                self.journal.changes.clear();
                return self.refuse_member(node, &why, "write another value");
            }
            // It was seen with the network interface of another one: which of them has it now shows a login.
            let adopted = self.journal.changes.iter().filter_map(|change| match change {
                Change::Add(other) => Some(&**other),
                _ => None,
            });
            let clash = members.iter().chain(adopted).find_map(|other| {
                Some((other.name.clone(), shared(other, &member)?))
                    .filter(|(_, what)| !matches!(what, Shared::Place(_)))
            });
            if let Some((other, what)) = clash {
                let text = format!("{address} is not added: it has the {what} of {other}");
                self.journal.notice(Level::Warn, Some(node), text);
                continue;
            }
            self.journal.changes.push(Change::Add(Box::new(member)));
        }
        self.journal.save_members(Saving::Request { what: CHANGE, node: None });
    }

    /// Makes members of hosts that no scan can see; those that are members are changed.
    pub(super) fn add_unseen(&mut self, addresses: &[IpAddr], prefix: &str, change: &MemberChange, login: &Login) {
        if let Err(e) = format!("{prefix}01").parse::<HostName>() {
            let reason = format!("the prefix makes no host names: {e}");
            let hint = "letters a-z, digits and - make good names".to_owned();
            return self.refuse("nodes", Ground::Input, vec![Refusal { node: None, reason, hint }]);
        }
        let members = self.journal.members();
        let mut names = free_names(prefix, members.iter().map(|m| &m.name));
        let mut headless = members.iter().all(|m| !m.head);
        for address in addresses {
            if let Some(there) = members.iter().find(|m| m.address == *address) {
                self.journal.change_member(change.apply_to(there));
                continue;
            }
            let Some(name) = names.next() else { continue };
            let port = login.port.unwrap_or(22);
            let member = change.apply_to(&Member {
                id: NodeId::from_address(*address, port),
                name,
                address: *address,
                port,
                user: login.user.clone().unwrap_or_else(|| USER.to_owned()),
                mac: None,
                host_key: None,
                head: std::mem::take(&mut headless),
                cores: None,
                mpi: None,
                mpi_prefix: None,
                identity: None,
                jump: None,
                board: Board::default(),
            });
            if let Some(reason) = fault(&member) {
                self.journal.changes.clear();
                let hint = "write another value".to_owned();
                return self.refuse("nodes", Ground::Input, vec![Refusal { node: None, reason, hint }]);
            }
            self.journal.changes.push(Change::Add(Box::new(member)));
        }
        self.journal.save_members(Saving::Request { what: "nodes", node: None });
    }

    pub(super) fn remove_member(&mut self, node: &NodeId) {
        let Some(member) = self.journal.world.nodes.get(node).and_then(|n| n.member.clone()) else {
            return self.refuse_member(node, "it is not in the cluster", "`pictl nodes list` shows who is");
        };
        // So a node whose SD card was reflashed can be added again, and its new key is asked about like any other.
        let mut known = (*self.links.known).clone();
        let forgot = known.remove(&member.address.to_string(), member.port) > 0;
        self.journal.changes.push(Change::Remove(node.clone()));
        let reason = Saving::Request { what: CHANGE, node: Some(node.clone()) };
        self.journal.save_members_with(forgot.then(|| Arc::new(known)), reason);
    }

    fn refuse_member(&mut self, node: &NodeId, reason: &str, hint: &str) {
        let refusal = Refusal { node: Some(node.clone()), reason: reason.to_owned(), hint: hint.to_owned() };
        self.refuse(CHANGE, Ground::Input, vec![refusal]);
    }
}

/// `prefix` and each free number with two digits at least: `pi01`, `pi02`, … The prefix was checked to make names.
pub(super) fn free_names<'a>(
    prefix: &'a str,
    taken: impl Iterator<Item = &'a HostName>,
) -> impl Iterator<Item = HostName> {
    let taken: BTreeSet<_> = taken.cloned().collect();
    let names = (1..10_000).filter_map(move |n| format!("{prefix}{n:02}").parse().ok());
    names.filter(move |name| !taken.contains(name))
}
