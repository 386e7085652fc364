//! Logging in: host keys, keys and passwords, each asked for once for all nodes.

mod ask;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use pictl_formats::known_hosts::fingerprint;
use pictl_model::event::Event;
use pictl_model::node::{Link, Member};
use pictl_model::request::Login;
use pictl_model::trust::{HostKey, Trust};
use pictl_model::{NodeId, Secret};

use super::Dispatcher;
use crate::input::{Effect, Timer};
use crate::ports::{ConnectError, ConnectSpec, Credential, Limits};

/// Passwords tried for one user before pictl gives up: a server punishes failed logins.
const TRIES: u32 = 3;
/// A watched node that went away is looked for again after this.
const RECONNECT: Duration = Duration::from_secs(10);
/// The same while a run is at work.
const RECONNECT_TO_RUN: Duration = Duration::from_secs(3);

/// Everything about logins.
#[derive(Default)]
pub(super) struct Links {
    nodes: BTreeMap<NodeId, Conn>,
    login: Login,
    /// Passwords that were typed, by user name.
    passwords: BTreeMap<String, Secret>,
    /// sudo passwords that were proved right.
    pub(super) sudo: BTreeMap<NodeId, Secret>,
}

impl Links {
    pub(super) fn password_of(&self, user: &str) -> Option<Secret> {
        self.passwords.get(user).cloned()
    }
}

struct Conn {
    user: String,
    state: State,
    /// Its host key was learned, and no setup has told so yet.
    learned: bool,
    passwords_tried: u32,
}

enum State {
    /// A login is wanted and not begun: whether there is a key is being looked up.
    Wanted,
    Connecting {
        with_password: bool,
    },
    UnknownKey {
        key: HostKey,
    },
    Password {
        retry: bool,
    },
    Up,
    Down,
}

impl Dispatcher {
    /// Whom to log in as on `node`: what the inventory says, else what was asked for, else the user of Raspberry Pi OS.
    pub(super) fn user_of(&self, node: &NodeId, login: &Login) -> String {
        let member = self.world.nodes.get(node).and_then(|n| n.member.as_ref());
        match (&login.user, member) {
            (Some(user), _) => user.clone(),
            (None, Some(member)) => member.user.clone(),
            (None, None) => "pi".to_owned(),
        }
    }

    pub(super) fn port_of(&self, node: &NodeId, login: &Login) -> u16 {
        let view = self.world.nodes.get(node);
        login
            .port
            .or_else(|| view.and_then(|n| n.member.as_ref()).map(|m| m.port))
            .or_else(|| view.and_then(|n| n.sighting.as_ref()).map(|s| s.port))
            .unwrap_or(22)
    }

    /// Starts logins on all of `nodes` that have none.
    pub(super) fn want_links(&mut self, nodes: &[NodeId], login: &Login) {
        self.links.login = login.clone();
        for node in nodes {
            let up = self.links.nodes.get(node).is_some_and(|c| !matches!(c.state, State::Down));
            if !up {
                let user = self.user_of(node, login);
                let conn = Conn { user, state: State::Wanted, learned: false, passwords_tried: 0 };
                self.links.nodes.insert(node.clone(), conn);
                self.publish(Event::LinkChanged { node: node.clone(), link: Link::Connecting });
            }
        }
        // The key is looked for once; logins begin when it is known whether there is one.
        if self.key.is_some() {
            self.connect_waiting();
        } else if !std::mem::replace(&mut self.waiting_for_key, true) {
            self.effects.push(Effect::FindKey { identity: login.identity.clone(), make: false });
        }
        self.ask_when_settled();
    }

    /// Begins every login that was wanted and not begun.
    pub(super) fn connect_waiting(&mut self) {
        let nodes: Vec<_> =
            self.links.nodes.iter().filter(|(_, c)| matches!(c.state, State::Wanted)).map(|(n, _)| n.clone()).collect();
        for node in nodes {
            self.connect(&node);
        }
    }

    fn connect(&mut self, node: &NodeId) {
        let login = self.links.login.clone();
        let Some(conn) = self.links.nodes.get_mut(node) else { return };
        let Some(address) = self.world.nodes.get(node).and_then(pictl_model::world::NodeView::address) else {
            self.link_failed(node, "its address is not known".into(), "scan first".into());
            return;
        };
        let password = self.links.passwords.get(&conn.user).cloned();
        conn.state = State::Connecting { with_password: password.is_some() };
        conn.passwords_tried += u32::from(password.is_some());
        let mut credentials = Vec::new();
        if let Some(key) = &self.key {
            credentials.push(key.credential(None));
        }
        if login.identity.is_none() {
            credentials.push(Credential::Agent { only: None });
        }
        credentials.extend(password.map(Credential::Password));
        let user = conn.user.clone();
        let spec = self.spec(SocketAddr::new(address, self.port_of(node, &login)), user, credentials);
        self.publish(Event::LinkChanged { node: node.clone(), link: Link::Connecting });
        self.effects.push(Effect::Connect { node: node.clone(), spec: Box::new(spec) });
    }

    fn spec(&self, address: SocketAddr, user: String, credentials: Vec<Credential>) -> ConnectSpec {
        ConnectSpec { address, user, known: Arc::clone(&self.known), credentials, limits: Limits::default(), via: None }
    }

    /// How to log in on `node` with the operator's key and nothing else.
    pub(super) fn key_login(&self, node: &NodeId) -> Option<ConnectSpec> {
        let key = self.key.as_ref()?;
        let conn = self.links.nodes.get(node)?;
        let address = self.world.nodes.get(node)?.address()?;
        let port = self.port_of(node, &self.links.login);
        Some(self.spec(SocketAddr::new(address, port), conn.user.clone(), vec![key.credential(None)]))
    }

    pub(super) fn is_up(&self, node: &NodeId) -> bool {
        node.is_operator() || self.links.nodes.get(node).is_some_and(|c| matches!(c.state, State::Up))
    }

    pub(super) fn is_down(&self, node: &NodeId) -> bool {
        !node.is_operator() && self.links.nodes.get(node).is_none_or(|c| matches!(c.state, State::Down))
    }

    /// The host key was learned since the last time this was asked.
    pub(super) fn take_learned(&mut self, node: &NodeId) -> bool {
        self.links.nodes.get_mut(node).is_some_and(|c| std::mem::take(&mut c.learned))
    }

    /// Why `node` is not connected, and what to do.
    pub(super) fn why_down(&self, node: &NodeId) -> (String, String) {
        match self.world.nodes.get(node).map(|n| &n.link) {
            Some(Link::Failed { why, hint }) => (why.clone(), hint.clone()),
            Some(Link::Lost { why }) => (format!("the connection was lost: {why}"), "check its power and cable".into()),
            _ => ("it is not connected".into(), "check its power and cable".into()),
        }
    }

    fn link_failed(&mut self, node: &NodeId, why: String, hint: String) {
        if let Some(conn) = self.links.nodes.get_mut(node) {
            conn.state = State::Down;
        }
        self.publish(Event::LinkChanged { node: node.clone(), link: Link::Failed { why, hint } });
    }

    pub(super) fn connected(&mut self, node: &NodeId, result: Result<(HostKey, String), ConnectError>) {
        match (self.links.nodes.get_mut(node), result) {
            // It was taken out of the cluster meanwhile.
            (None, result) => {
                if result.is_ok() {
                    self.effects.push(Effect::Disconnect(node.clone()));
                }
            }
            (Some(conn), Ok((key, by))) => {
                conn.state = State::Up;
                tracing::info!(%node, %by, "logged in");
                let print = fingerprint(&key);
                if let Some(member) = self.world.nodes.get(node).and_then(|n| n.member.clone())
                    && member.host_key.as_ref() != Some(&print)
                {
                    self.put_member(Member { host_key: Some(print), ..member });
                    self.save_members();
                }
                self.publish(Event::LinkChanged { node: node.clone(), link: Link::Up });
                if self.watching {
                    self.effects.push(Effect::Watch(node.clone()));
                    // A setup or a run reads it anyway; whoever only watches wants to see which model it is.
                    if self.busy().is_none() && self.world.nodes.get(node).is_some_and(|n| n.facts.is_none()) {
                        self.effects.push(Effect::Read(node.clone()));
                    }
                }
            }
            (Some(Conn { state: State::Connecting { .. }, .. }), Err(error)) => self.not_connected(node, error),
            // An older login of a node that was taken out and put in again.
            (Some(_), Err(_)) => {}
        }
        self.settle();
    }

    fn not_connected(&mut self, node: &NodeId, error: ConnectError) {
        let text = error.to_string();
        match error {
            ConnectError::HostKey { trust: Trust::Unknown, key, .. } => {
                if let Some(conn) = self.links.nodes.get_mut(node) {
                    conn.state = State::UnknownKey { key };
                }
                let link = Link::Waiting { what: "its host key is new: compare the fingerprint".into() };
                self.publish(Event::LinkChanged { node: node.clone(), link });
            }
            ConnectError::HostKey { trust, fingerprint, address, .. } => {
                let (why, hint) = distrust(trust, &fingerprint.0, &address);
                self.link_failed(node, why, hint);
            }
            ConnectError::Refused { password_possible, password_refused, .. } => {
                let Some(conn) = self.links.nodes.get_mut(node) else { return };
                let with_password = matches!(conn.state, State::Connecting { with_password: true });
                if password_refused {
                    // Never offered again: servers punish failed logins.
                    self.links.passwords.remove(&conn.user);
                }
                // A host that has just refused one may take another on a new connection, whatever it says.
                if (password_possible || password_refused) && conn.passwords_tried < TRIES {
                    conn.state = State::Password { retry: with_password && password_refused };
                    let what = format!("the password of {}", conn.user);
                    self.publish(Event::LinkChanged { node: node.clone(), link: Link::Waiting { what } });
                } else {
                    let hint =
                        "check user name and password; on a Raspberry Pi they are those chosen in Raspberry Pi Imager";
                    self.link_failed(node, text, hint.into());
                }
            }
            ConnectError::Unreachable { hint, .. } => {
                self.link_failed(node, text, hint);
                if self.watching {
                    self.reconnect_later(node);
                }
            }
            ConnectError::Passphrase { .. } | ConnectError::Key { .. } => {
                self.link_failed(node, text, "choose another key with --identity".into())
            }
            ConnectError::Protocol { .. } => {
                self.link_failed(node, text, "is something else than SSH listening on that port?".into());
            }
        }
    }

    pub(super) fn settle(&mut self) {
        self.ask_when_settled();
        self.links_changed();
    }

    /// Closes the connection to a node that is not wanted any more, and what is asked of it with it.
    pub(super) fn forget_link(&mut self, node: &NodeId) {
        self.links.nodes.remove(node);
        self.publish(Event::LinkChanged { node: node.clone(), link: Link::Idle });
        self.effects.push(Effect::Disconnect(node.clone()));
        self.settle();
    }

    pub(super) fn lost(&mut self, node: &NodeId, why: String) {
        if let Some(conn) = self.links.nodes.get_mut(node) {
            conn.state = State::Down;
        }
        if self.ending {
            return;
        }
        self.publish(Event::LinkChanged { node: node.clone(), link: Link::Lost { why } });
        if self.watching {
            self.reconnect_later(node);
        }
        self.links_changed();
    }

    /// Connects to all members and reads their sensors from now on. The first time, runs that were left running are looked
    /// for: that takes their locks for a moment, so nobody does it who would not join them.
    pub(super) fn watch(&mut self, login: &Login) {
        self.watching = true;
        let up: Vec<_> = self.links.nodes.keys().filter(|n| self.is_up(n)).cloned().collect();
        self.effects.extend(up.into_iter().map(Effect::Watch));
        let members: Vec<_> = self.members().into_iter().map(|m| m.id).collect();
        if !members.is_empty() {
            self.want_links(&members, login);
        }
        if !std::mem::replace(&mut self.looked_back, true) {
            self.effects.push(Effect::LookBack);
        }
    }

    fn reconnect_later(&mut self, node: &NodeId) {
        let span = if self.bench.is_some() { RECONNECT_TO_RUN } else { RECONNECT };
        self.effects.push(Effect::After(span, Timer::Reconnect(node.clone())));
    }

    /// Logs in again on a member that is not connected.
    pub(super) fn reconnect(&mut self, node: &NodeId) {
        let member = self.world.nodes.get(node).is_some_and(|n| n.member.is_some());
        if member && self.is_down(node) && !self.ending {
            let login = self.links.login.clone();
            self.want_links(std::slice::from_ref(node), &login);
        }
    }
}

/// What to say of a host key that is not to be believed.
fn distrust(trust: Trust, fingerprint: &str, address: &SocketAddr) -> (String, String) {
    match trust {
        Trust::Revoked => (
            format!("its host key {fingerprint} is marked as revoked"),
            "do not log in there before you know why".into(),
        ),
        _ => (
            format!("its host key has changed: it now offers {fingerprint}"),
            format!(
                "if its card was flashed anew, take {} out of the cluster, add it again and compare the new key; if not, \
                 somebody may be in between",
                address.ip()
            ),
        ),
    }
}
