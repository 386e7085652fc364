//! Members: who they are.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use pictl_formats::ssh_config::Hop;
use pictl_model::event::Event;
use pictl_model::node::Member;
use pictl_model::request::{Ground, Login, MemberChange, Refusal};
use pictl_model::{HostName, NodeId};

use super::core::Core;
use super::links::USER;
use crate::input::Effect;

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
        let jump = change.jump.as_deref().filter(|jump| !jump.is_empty());
        if let Some(Err(e)) = jump.map(Hop::parse_list) {
            return self.refuse_member(node, &e.to_string(), "write [USER@]HOST[:PORT], several with commas between");
        }
        let now = change.apply_to(&member);
        let route = |m: &Member| (m.user.clone(), m.port, m.identity.clone(), m.jump.clone());
        let another_route = route(&member) != route(&now);
        self.journal.put_member(now);
        self.journal.save_members();
        if another_route {
            self.links.relink(&mut self.journal, node);
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
            self.journal.put_member(Member {
                id: node.clone(),
                name,
                address,
                port: self.links.port_of(&self.journal, node, login),
                user: self.links.user_of(&self.journal, node, login),
                mac: view.sighting.as_ref().and_then(|s| s.mac),
                host_key: None,
                head: std::mem::take(&mut headless),
                identity,
                jump,
            });
        }
        self.journal.save_members();
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
            let there = members.iter().find(|m| m.address == *address);
            let Some(member) = there.cloned().or_else(|| {
                let port = login.port.unwrap_or(22);
                Some(Member {
                    id: NodeId::from_address(*address, port),
                    name: names.next()?,
                    address: *address,
                    port,
                    user: login.user.clone().unwrap_or_else(|| USER.to_owned()),
                    mac: None,
                    host_key: None,
                    head: std::mem::take(&mut headless),
                    identity: None,
                    jump: None,
                })
            }) else {
                continue;
            };
            self.journal.put_member(change.apply_to(&member));
        }
        self.journal.save_members();
    }

    pub(super) fn remove_member(&mut self, node: &NodeId) {
        let Some(member) = self.journal.world.nodes.get(node).and_then(|n| n.member.clone()) else {
            return self.refuse_member(node, "it is not in the cluster", "`pictl nodes list` shows who is");
        };
        // So a node whose SD card was reflashed can be added again, and its new key is asked about like any other.
        if Arc::make_mut(&mut self.links.known).remove(&member.address.to_string(), member.port) > 0 {
            self.journal.effects.push(Effect::SaveKnown(Arc::clone(&self.links.known)));
        }
        self.publish(Event::MemberRemoved { node: node.clone() });
        self.journal.save_members();
        self.links.forget_link(&mut self.journal, node);
    }

    fn refuse_member(&mut self, node: &NodeId, reason: &str, hint: &str) {
        let refusal = Refusal { node: Some(node.clone()), reason: reason.to_owned(), hint: hint.to_owned() };
        self.refuse("change of a node", Ground::Input, vec![refusal]);
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
