//! What only the user knows: whether a host key is the right one, and passwords. Each is asked for once, for all nodes.

use std::sync::Arc;

use std::collections::BTreeMap;

use pictl_formats::known_hosts::{fingerprint, host_field};
use pictl_model::event::Level;
use pictl_model::request::Question;
use pictl_model::trust::{HostKey, TrustPolicy, TrustRow};
use pictl_model::{NodeId, Secret};

use super::{Conn, State};
use crate::dispatcher::Dispatcher;
use crate::input::Effect;

impl Dispatcher {
    /// Once no login is under way any more, asks for everything that the others wait for: keys first, then passwords.
    pub(super) fn ask_when_settled(&mut self) {
        let under_way = |c: &Conn| matches!(c.state, State::Wanted | State::Connecting { .. });
        if self.links.nodes.values().any(under_way) || !self.world.questions.is_empty() {
            return;
        }
        self.ask_for_trust();
        if self.world.questions.is_empty() {
            self.ask_for_passwords();
        }
    }

    fn ask_for_trust(&mut self) {
        let offered: Vec<(NodeId, HostKey)> = self
            .links
            .nodes
            .iter()
            .filter_map(|(node, c)| match &c.state {
                State::UnknownKey { key } => Some((node.clone(), key.clone())),
                _ => None,
            })
            .collect();
        if offered.is_empty() {
            return;
        }
        let rows: Vec<TrustRow> = offered
            .iter()
            .filter_map(|(node, key)| {
                let view = self.world.nodes.get(node)?;
                let same =
                    offered.iter().filter(|(other, k)| other != node && k == key).map(|(other, _)| other.clone());
                Some(TrustRow {
                    node: node.clone(),
                    address: view.address()?,
                    mac: view.sighting.as_ref().and_then(|s| s.mac),
                    key: key.clone(),
                    fingerprint: fingerprint(key),
                    same_as: same.collect(),
                    before: None,
                    art: String::new(),
                })
            })
            .collect();
        match self.links.login.trust {
            TrustPolicy::Ask => {
                self.ask(Question::Trust { rows });
            }
            TrustPolicy::New => {
                for row in &rows {
                    let text = format!("host key of {} taken as new: {}", row.address, row.fingerprint);
                    self.notice(Level::Info, Some(&row.node), text);
                }
                let all: Vec<_> = rows.iter().map(|row| row.node.clone()).collect();
                self.trust_answered(&rows, &all);
            }
            TrustPolicy::Strict => self.trust_answered(&rows, &[]),
        }
    }

    pub(in crate::dispatcher) fn trust_answered(&mut self, rows: &[TrustRow], accepted: &[NodeId]) {
        let login = self.links.login.clone();
        let waits = |this: &Self, row: &&TrustRow| {
            this.links.nodes.get(&row.node).is_some_and(|c| matches!(c.state, State::UnknownKey { .. }))
        };
        let rows: Vec<_> = rows.iter().filter(|row| waits(self, row)).collect();
        for row in &rows {
            let node = &row.node;
            if !accepted.contains(node) {
                let why = format!("its host key {} is not trusted", row.fingerprint);
                self.link_failed(node, why, "compare it with what the node's own console prints, then trust it".into());
                continue;
            }
            let host = host_field(&row.address.to_string(), self.port_of(node, &login));
            Arc::make_mut(&mut self.known).add(&[host], &row.key);
            if let Some(conn) = self.links.nodes.get_mut(node) {
                conn.learned = true;
            }
        }
        if rows.iter().any(|row| accepted.contains(&row.node)) {
            self.effects.push(Effect::SaveKnown(Arc::clone(&self.known)));
        }
        for row in rows.iter().filter(|row| accepted.contains(&row.node)) {
            self.connect(&row.node);
        }
        self.settle();
    }

    fn ask_for_passwords(&mut self) {
        let mut by_user: BTreeMap<String, (Vec<NodeId>, bool)> = BTreeMap::new();
        for (node, conn) in &self.links.nodes {
            if let State::Password { retry } = conn.state {
                let entry = by_user.entry(conn.user.clone()).or_default();
                entry.0.push(node.clone());
                entry.1 |= retry;
            }
        }
        // One question at a time: the next user's comes when this one's logins have settled.
        if let Some((user, (nodes, retry))) = by_user.into_iter().next() {
            let retry = retry.then(|| "the password was refused".to_owned());
            self.ask(Question::Password { user, nodes, retry });
        }
    }

    pub(in crate::dispatcher) fn password_answered(&mut self, user: &str, nodes: &[NodeId], given: Option<Secret>) {
        // A node may have been taken out of the cluster while the user typed.
        let waits = |n: &&NodeId| self.links.nodes.get(*n).is_some_and(|c| matches!(c.state, State::Password { .. }));
        let nodes: Vec<_> = nodes.iter().filter(waits).cloned().collect();
        let word_given = given.is_some();
        if let Some(secret) = given {
            self.links.passwords.insert(user.to_owned(), secret);
        }
        for node in &nodes {
            let refused =
                self.links.nodes.get(node).is_some_and(|c| matches!(c.state, State::Password { retry: true }));
            if word_given {
                self.connect(node);
            } else if refused {
                let why = format!("the password of {user} was refused, and no key of yours is accepted");
                self.link_failed(node, why, "check user name and password".into());
            } else {
                let why = format!("no password was given for {user}, and no key of yours is accepted");
                self.link_failed(node, why, "give the password, or put your key there by hand".into());
            }
        }
        self.settle();
    }
}
