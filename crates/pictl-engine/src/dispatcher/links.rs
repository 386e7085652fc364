//! The connections: which are wanted, their routes, and what happens to each. What only the user knows is asked for
//! once, for all nodes.

mod ask;
mod credentials;
mod ends;
mod retry;
mod routes;
mod trust;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use pictl_formats::known_hosts::{KnownHosts, fingerprint};
use pictl_model::event::Event;
use pictl_model::link::{LinkFailure, LoginMethod};
use pictl_model::node::{Link, Member};
use pictl_model::request::Login;
use pictl_model::trust::{Fingerprint, HostKey, Trust};
use pictl_model::{NodeId, Timestamp};

use super::journal::Journal;
use crate::input::{Effect, Saving};
use crate::ports::{ConnectError, ConnectSpec, Credential, Limits, Loss, OperatorKey, OperatorSsh};
use credentials::{Keyring, Tried};
use retry::Retry;
pub(super) use routes::USER;
use routes::{Names, Route};
use trust::{Offer, Trusting};

/// Everything about connections.
#[derive(Default)]
pub(super) struct Links {
    nodes: BTreeMap<NodeId, Conn>,
    pub(super) login: Login,
    /// Host keys that are trusted.
    pub(super) known: Arc<KnownHosts>,
    /// Where they are, for SSH clients that are not pictl.
    pub(super) known_path: Option<PathBuf>,
    /// How OpenSSH's client is configured on this machine.
    pub(super) ssh: OperatorSsh,
    /// The operator's key.
    pub(super) key: Option<OperatorKey>,
    /// The key that will take its place, in the middle of a rotation: some nodes may have this one only.
    pub(super) next_key: Option<OperatorKey>,
    /// Logins wait until it is known whether the operator has a key.
    waiting_for_key: bool,
    /// The members stay connected, and their sensors are read.
    pub(super) watching: bool,
    /// Runs that nobody saw the end of were asked for.
    looked_back: bool,
    ending: bool,
    /// Jump hosts that are not members, each with the route to it.
    jump_hosts: BTreeMap<NodeId, Route>,
    /// Addresses of jump hosts.
    names: Names,
    /// Nodes that some connection goes or went through.
    passed: BTreeSet<NodeId>,
    keyring: Keyring,
    /// Logins that a question has to wait for. A counter, because every event asks for it.
    under_way: usize,
    /// Logins that wait for the user.
    asking: usize,
    /// Whose connections changed since the jobs last checked.
    changed: Vec<NodeId>,
    /// There is something for the jobs to check.
    news: bool,
    /// Watched nodes that were logged in on since the jobs last checked.
    pub(super) fresh: Vec<NodeId>,
    /// Nodes that are logged in on again as soon as the jobs have seen that they are not connected.
    pub(super) again: Vec<NodeId>,
    /// Host keys of members changed since the inventory was saved.
    unsaved: bool,
    /// Accepted host keys that wait until they are saved.
    saving: Vec<Trusting>,
    /// The lines of OpenSSH's configuration that are not followed were reported.
    config_reported: bool,
}

/// One connection, or the wish for one.
struct Conn {
    state: State,
    route: Option<Route>,
    /// Nobody waits for it: pictl tries to reach a lost node again.
    quiet: bool,
    /// Its host key was learned, and no setup has reported it yet.
    learned: bool,
    /// When it was made; none while pictl tries to reach it again.
    since: Option<Timestamp>,
    was_up: bool,
    tried: Tried,
    retry: Retry,
}

enum State {
    /// A login is wanted and not begun: the operator's key or the address of a jump host is not known yet.
    Wanted,
    /// Its jump host is not connected yet.
    Behind,
    Connecting,
    /// `before`: the key that was trusted so far, of a node whose SD card seems to be reflashed.
    UnknownKey {
        key: HostKey,
        before: Option<Fingerprint>,
    },
    /// Its host key is trusted, and not saved yet.
    Saving,
    Password {
        retry: bool,
    },
    Passphrase {
        key: PathBuf,
        wrong: bool,
    },
    Up,
    Down,
}

impl Conn {
    fn new() -> Self {
        Self {
            state: State::Down,
            route: None,
            quiet: false,
            learned: false,
            since: None,
            was_up: false,
            tried: Tried::default(),
            retry: Retry::default(),
        }
    }

    fn is_under_way(&self) -> bool {
        !self.quiet && matches!(self.state, State::Wanted | State::Saving | State::Connecting)
    }

    fn is_asking(&self) -> bool {
        matches!(self.state, State::UnknownKey { .. } | State::Password { .. } | State::Passphrase { .. })
    }

    fn via(&self) -> Option<&NodeId> {
        self.route.as_ref()?.via.as_ref()
    }
}

impl Links {
    /// Changes a connection, and the counts with it; nothing where there is none.
    fn change<T>(&mut self, node: &NodeId, change: impl FnOnce(&mut Conn) -> T) -> Option<T> {
        let conn = self.nodes.get_mut(node)?;
        self.under_way -= usize::from(conn.is_under_way());
        self.asking -= usize::from(conn.is_asking());
        let result = change(conn);
        self.under_way += usize::from(conn.is_under_way());
        self.asking += usize::from(conn.is_asking());
        if self.changed.last() != Some(node) {
            self.changed.push(node.clone());
        }
        Some(result)
    }

    /// Whose connections changed since this was last asked; `None` when no connection came, failed or went.
    pub(super) fn take_changed(&mut self) -> Option<Vec<NodeId>> {
        std::mem::take(&mut self.news).then(|| std::mem::take(&mut self.changed))
    }

    /// The jobs will check `node`.
    pub(super) fn touch(&mut self, node: NodeId) {
        self.changed.push(node);
        self.news = true;
    }

    fn set(&mut self, node: &NodeId, state: State) {
        self.change(node, |conn| conn.state = state);
    }

    /// Those for which `wanted` holds.
    fn which(&self, wanted: impl Fn(&Conn) -> bool) -> Vec<NodeId> {
        self.nodes.iter().filter(|(_, conn)| wanted(conn)).map(|(node, _)| node.clone()).collect()
    }

    /// Forgets every password and passphrase.
    fn wipe(&mut self) {
        self.keyring = Keyring::default();
        for conn in self.nodes.values_mut() {
            conn.tried = Tried::default();
        }
    }
}

impl Links {
    /// Starts logins on all of `nodes` that have none, because somebody wants them.
    pub(super) fn want_links(&mut self, journal: &mut Journal, nodes: &[NodeId], login: &Login) {
        self.login = login.clone();
        self.keyring.ask_again();
        self.names.ask_again();
        if !std::mem::replace(&mut self.config_reported, true) {
            self.report_config(journal);
        }
        for node in nodes {
            self.want(journal, node, false);
        }
        self.begin_wanted(journal);
        self.ask_when_settled(journal);
    }

    /// A login on `node` is wanted, where there is none; `quiet`: nobody waits for it.
    fn want(&mut self, journal: &mut Journal, node: &NodeId, quiet: bool) {
        self.nodes.entry(node.clone()).or_insert_with(Conn::new);
        let fresh = self.change(node, |conn| {
            conn.quiet &= quiet;
            let fresh = matches!(conn.state, State::Down);
            if fresh {
                (conn.state, conn.quiet) = (State::Wanted, quiet);
                conn.route = None;
                conn.tried.begin();
                conn.retry.begin(quiet);
            }
            fresh
        });
        if fresh == Some(true) {
            journal.publish(Event::LinkChanged { node: node.clone(), link: Link::Connecting });
        }
    }

    /// Begins the logins that are wanted. They begin when it is known whether the operator has
    /// a key.
    fn begin_wanted(&mut self, journal: &mut Journal) {
        if self.key.is_some() {
            self.connect_waiting(journal);
        } else if !std::mem::replace(&mut self.waiting_for_key, true) {
            journal.effects.push(Effect::FindKey { identity: self.login.identity.clone(), make: false });
        }
    }

    /// Begins every login that was wanted and not begun.
    pub(super) fn connect_waiting(&mut self, journal: &mut Journal) {
        for node in self.which(|c| matches!(c.state, State::Wanted)) {
            self.begin(journal, &node);
        }
    }

    /// Logs in; the route is open.
    fn connect(&mut self, journal: &mut Journal, node: &NodeId) {
        let Some(route) = self.nodes.get(node).and_then(|c| c.route.clone()) else { return };
        let credentials = self.credentials(node, &route);
        self.set(node, State::Connecting);
        let spec = self.spec(route, credentials);
        journal.publish(Event::LinkChanged { node: node.clone(), link: Link::Connecting });
        journal.effects.push(Effect::Connect { node: node.clone(), spec: Box::new(spec) });
    }

    fn spec(&self, route: Route, credentials: Vec<Credential>) -> ConnectSpec {
        let Route { address, user, via, .. } = route;
        ConnectSpec { address, user, known: Arc::clone(&self.known), credentials, limits: Limits::default(), via }
    }

    /// How to log in on `node` with the operator's key and nothing else.
    pub(super) fn key_login(&self, node: &NodeId) -> Option<ConnectSpec> {
        let credential = self.keyring.open(self.key.as_ref()?);
        let route = self.nodes.get(node)?.route.clone()?;
        Some(self.spec(route, vec![credential]))
    }

    pub(super) fn is_up(&self, node: &NodeId) -> bool {
        node.is_operator() || self.nodes.get(node).is_some_and(|c| matches!(c.state, State::Up))
    }

    pub(super) fn is_down(&self, node: &NodeId) -> bool {
        !node.is_operator() && self.nodes.get(node).is_none_or(|c| matches!(c.state, State::Down))
    }

    /// The host key was learned since the last time this was asked.
    pub(super) fn take_learned(&mut self, node: &NodeId) -> bool {
        self.nodes.get_mut(node).is_some_and(|c| std::mem::take(&mut c.learned))
    }

    /// The login on `node` waits for `what`.
    fn link_waits(&mut self, journal: &mut Journal, node: &NodeId, state: State, what: String) {
        self.set(node, state);
        journal.publish(Event::LinkChanged { node: node.clone(), link: Link::Waiting { what } });
    }

    fn link_failed(&mut self, journal: &mut Journal, node: &NodeId, failure: LinkFailure, why: String, hint: String) {
        self.set(node, State::Down);
        let link = Link::Failed { why, hint, failure: Some(failure) };
        journal.publish(Event::LinkChanged { node: node.clone(), link });
        self.route_closed(journal, node);
    }

    pub(super) fn connected(
        &mut self,
        journal: &mut Journal,
        node: &NodeId,
        result: Result<(HostKey, LoginMethod), ConnectError>,
    ) {
        let state = self.nodes.get(node).map(|conn| &conn.state);
        match (state, result) {
            (Some(_), Ok((key, by))) => self.logged_in(journal, node, &key, by),
            (Some(State::Connecting), Err(error)) => self.not_connected(journal, node, error),
            // It was taken out of the cluster meanwhile.
            (None, Ok(_)) => journal.effects.push(Effect::Disconnect(node.clone())),
            // An older login of a node that was taken out, and perhaps put in again.
            (_, Err(_)) => {}
        }
        self.settle(journal);
    }

    fn logged_in(&mut self, journal: &mut Journal, node: &NodeId, key: &HostKey, by: LoginMethod) {
        tracing::info!(%node, %by, "logged in");
        let now = journal.now;
        let taken = self.change(node, |conn| {
            (conn.state, conn.since, conn.was_up) = (State::Up, Some(now), true);
            Some((conn.route.as_ref()?.user.clone(), conn.tried.taken()?))
        });
        if let Some((user, password)) = taken.flatten() {
            self.keyring.keep_password(user, password);
        }
        let print = fingerprint(key);
        let member = journal.world.nodes.get(node).and_then(|n| n.member.clone());
        let is_member = member.is_some();
        if let Some(member) = member.filter(|m| m.offered_key() != Some(&print)) {
            journal.put_member(Member { host_key: Some(print), ..member });
            self.unsaved = true;
        }
        journal.publish(Event::LinkChanged { node: node.clone(), link: Link::Up });
        journal.publish(Event::LoggedIn { node: node.clone(), by });
        if self.watching && (is_member || !self.jump_hosts.contains_key(node)) {
            journal.effects.push(Effect::Watch(node.clone()));
            self.fresh.push(node.clone());
        }
        self.route_open(journal, node);
    }

    fn not_connected(&mut self, journal: &mut Journal, node: &NodeId, error: ConnectError) {
        let (text, kind) = (error.to_string(), error.kind());
        match error {
            ConnectError::HostKey { trust: Trust::Unknown | Trust::Changed, key, address, .. }
                if Self::is_its_own(journal, node, &key) =>
            {
                self.recognised(journal, node, &key, address);
            }
            ConnectError::HostKey { trust: Trust::Unknown, key, .. } => {
                let what = "your decision on its new host key".to_owned();
                self.link_waits(journal, node, State::UnknownKey { key, before: None }, what);
            }
            ConnectError::HostKey { trust, key, fingerprint, address, mac } => {
                let offer = Offer { trust, key, fingerprint, address, mac };
                self.distrusted(journal, node, offer);
            }
            ConnectError::Refused { user, unanswered: Some(asked), .. } => {
                self.link_failed(journal, node, kind, text, asked.hint(&user));
            }
            ConnectError::Refused { password_possible, password_refused, .. } => {
                self.refused(journal, node, text, password_possible, password_refused);
            }
            ConnectError::Unreachable { hint, .. } => {
                let hint = self.proxy_hint(journal, node).unwrap_or(hint);
                self.fail_for_now(journal, node, kind, text, hint);
            }
            ConnectError::Passphrase { path, wrong, .. } => self.locked_out(journal, node, text, path, wrong),
            ConnectError::Key { path, .. } => self.key_unusable(journal, node, text, &path),
            ConnectError::Protocol { .. } => {
                self.fail_for_now(
                    journal,
                    node,
                    kind,
                    text,
                    "does something other than SSH listen on that port?".into(),
                );
            }
        }
    }

    /// After a connection came, failed or went: asks what had to wait; then the jobs check.
    pub(super) fn settle(&mut self, journal: &mut Journal) {
        if self.under_way == 0 && std::mem::take(&mut self.unsaved) {
            journal.save_members(Saving::Noticed);
        }
        self.ask_when_settled(journal);
        self.news = true;
    }

    pub(super) fn lost(&mut self, journal: &mut Journal, node: &NodeId, loss: Loss) {
        self.set(node, State::Down);
        if self.ending {
            return;
        }
        let link = Link::Lost { why: loss.why, failure: Some(loss.kind) };
        journal.publish(Event::LinkChanged { node: node.clone(), link });
        self.reconnect_later(journal, node);
        self.route_closed(journal, node);
        self.news = true;
    }

    /// Connects to all members and reads their sensors from now on. The first time, it also finds the runs that
    /// were left running. That takes their locks for a moment, so only those do it who would join them.
    pub(super) fn watch(&mut self, journal: &mut Journal, login: &Login) {
        self.watching = true;
        let members: Vec<_> = journal.members().into_iter().map(|m| m.id).collect();
        let up: Vec<_> = members.iter().filter(|n| self.is_up(n)).cloned().collect();
        journal.effects.extend(up.into_iter().map(Effect::Watch));
        if !members.is_empty() {
            self.want_links(journal, &members, login);
        }
        if !std::mem::replace(&mut self.looked_back, true) {
            journal.effects.push(Effect::LookBack);
        }
    }

    /// Begins the logins that waited for the operator's key.
    pub(super) fn connect_with_key(&mut self, journal: &mut Journal) {
        if std::mem::take(&mut self.waiting_for_key) {
            self.connect_waiting(journal);
            self.settle(journal);
        }
    }

    /// The operator's key was found or made, or there is none.
    pub(super) fn key_found(&mut self, journal: &mut Journal, found: Result<Option<OperatorKey>, ConnectError>) {
        match found {
            Ok(Some(key)) => self.key = Some(key),
            Ok(None) => {}
            Err(error) => self.no_key(journal, &error),
        }
    }
}
