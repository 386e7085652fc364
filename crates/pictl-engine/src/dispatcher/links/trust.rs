//! Host keys that are not on record: one table for all nodes, in which nothing is accepted by itself.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use pictl_formats::known_hosts::{KnownHosts, fingerprint, host_field};
use pictl_formats::random_art::random_art;
use pictl_model::event::{Event, Level};
use pictl_model::link::LinkFailure;
use pictl_model::request::{Answer, Question};
use pictl_model::trust::{Fingerprint, HostKey, Trust, TrustPolicy, TrustRow};
use pictl_model::{MacAddr, NodeId};

use super::{Links, State};
use crate::dispatcher::journal::Journal;
use crate::input::Effect;
use crate::store::StoreError;

/// A host key that is not the one on record.
pub(super) struct Offer {
    pub(super) trust: Trust,
    pub(super) key: HostKey,
    pub(super) fingerprint: Fingerprint,
    pub(super) address: SocketAddr,
    /// The MAC of the network interface that answered, where it is known.
    pub(super) mac: Option<MacAddr>,
}

/// Host keys that were accepted.
pub(super) struct Trusting {
    rows: Vec<TrustRow>,
    /// The host keys without them.
    before: Arc<KnownHosts>,
}

impl Links {
    /// The host key of `node` is not the one on record. Its SD card may be reflashed: then its network interface is that of
    /// the inventory, and has just answered or was seen at this very address in this session. That proves little, because
    /// anybody can set a MAC address; so the user is asked, and sees why.
    pub(super) fn distrusted(&mut self, journal: &mut Journal, node: &NodeId, offer: Offer) {
        let Offer { trust, key, fingerprint: print, address, mac } = offer;
        let before = self.known.keys_of(&address.ip().to_string(), address.port()).first().map(fingerprint);
        let others =
            journal.world.members().into_iter().filter_map(|view| view.member.as_ref()).filter(|m| m.id != *node);
        let owner = others.into_iter().find(|m| m.host_key.as_ref() == Some(&print)).map(|m| m.name.clone());
        // Only an interface that answered just now says more than the key: then two boards have swapped their SD cards.
        let is_moved = owner.is_some() && mac.is_none();
        match before {
            Some(before)
                if trust != Trust::Revoked && !is_moved && self.is_same_interface(journal, node, address, mac) =>
            {
                let what = "your decision on its changed host key: was its SD card reflashed?".to_owned();
                self.link_waits(journal, node, State::UnknownKey { key, before: Some(before) }, what);
            }
            _ => {
                let (why, hint) = match owner.filter(|_| trust != Trust::Revoked) {
                    Some(owner) => of_another(owner.as_str(), &print, address),
                    None => distrust(trust, &print, address),
                };
                let revoked = trust == Trust::Revoked;
                let failure = if revoked { LinkFailure::HostKeyRevoked } else { LinkFailure::HostKeyChanged };
                self.link_failed(journal, node, failure, why, hint);
            }
        }
    }

    /// `key` is the one by which this member is recognised, and no other.
    pub(super) fn is_its_own(journal: &Journal, node: &NodeId, key: &HostKey) -> bool {
        journal.member_of(node).and_then(|m| m.host_key.as_ref()) == Some(&fingerprint(key))
    }

    /// A member offers at `address` the host key that was trusted at another one: it answers with another interface, or its
    /// address changed. Nobody else has that key, so there is nothing to ask. The keys of the host that was there before are
    /// forgotten.
    pub(super) fn recognised(&mut self, journal: &mut Journal, node: &NodeId, key: &HostKey, address: SocketAddr) {
        let host = [host_field(&address.ip().to_string(), address.port())];
        let known = Arc::make_mut(&mut self.known);
        known.forget(&host, |other| other != key);
        known.add(&host, key);
        journal.effects.push(Effect::SaveKnown(Arc::clone(&self.known)));
        let text = format!(
            "{} is recognised at {} by its host key {}",
            journal.world.name_of(node),
            address.ip(),
            fingerprint(key)
        );
        journal.notice(Level::Info, Some(node), text);
        self.connect(journal, node);
    }

    fn is_same_interface(
        &self,
        journal: &Journal,
        node: &NodeId,
        address: SocketAddr,
        answered: Option<MacAddr>,
    ) -> bool {
        // A network interface is seen on its own subnet only.
        let straight = self.nodes.get(node).is_some_and(|conn| conn.via().is_none());
        let view = journal.world.nodes.get(node);
        let of_member = view.and_then(|n| n.member.as_ref()).and_then(|m| m.mac);
        let seen = view.and_then(|n| n.sighting.as_ref()).filter(|s| s.address == address.ip()).and_then(|s| s.mac);
        straight && of_member.is_some() && of_member == answered.or(seen)
    }

    pub(super) fn ask_for_trust(&mut self, journal: &mut Journal) {
        let rows = self.trust_rows(journal);
        if rows.is_empty() {
            return;
        }
        match self.login.trust {
            TrustPolicy::Ask => drop(journal.ask(Question::Trust { rows })),
            TrustPolicy::New => {
                for row in rows.iter().filter(|row| row.before.is_none()) {
                    let text = format!("host key of {} taken as new: {}", row.address, row.fingerprint);
                    journal.notice(Level::Info, Some(&row.node), text);
                    let twins: Vec<_> = row.same_as.iter().map(|other| journal.world.name_of(other)).collect();
                    if !twins.is_empty() {
                        let text = format!(
                            "that is the same key as of {}: a cloned SD card? `pictl keys unclone` gives each its own",
                            twins.join(", ")
                        );
                        journal.notice(Level::Warn, Some(&row.node), text);
                    }
                }
                self.trust_answered(journal, &rows, &Answer::Yes);
            }
            TrustPolicy::Strict => self.trust_answered(journal, &rows, &Answer::No),
        }
    }

    fn trust_rows(&self, journal: &Journal) -> Vec<TrustRow> {
        let offered: Vec<_> = self
            .nodes
            .iter()
            .filter_map(|(node, conn)| match &conn.state {
                // The address that was logged in to: it may have been seen at another one meanwhile.
                State::UnknownKey { key, before } => {
                    Some((node, conn.route.as_ref()?.address.ip(), key, fingerprint(key), before))
                }
                _ => None,
            })
            .collect();
        if offered.is_empty() {
            return Vec::new();
        }
        // Who has which key, those that are trusted already among them.
        let mut owners: BTreeMap<Fingerprint, Vec<NodeId>> = BTreeMap::new();
        for (node, _, _, print, _) in &offered {
            owners.entry(print.clone()).or_default().push((*node).clone());
        }
        for view in journal.world.nodes.values() {
            let key = view.member.as_ref().and_then(|m| m.offered_key());
            if let Some(owners) = key.and_then(|key| owners.get_mut(key)).filter(|owners| !owners.contains(&view.id)) {
                owners.push(view.id.clone());
            }
        }
        let row =
            |(node, address, key, print, before): (&NodeId, IpAddr, &HostKey, Fingerprint, &Option<Fingerprint>)| {
                let view = journal.world.nodes.get(node)?;
                let same = owners.get(&print).into_iter().flatten().filter(|other| *other != node);
                Some(TrustRow {
                    node: node.clone(),
                    address,
                    mac: match before {
                        // That of the inventory: it is why the row is here.
                        Some(_) => view.member.as_ref().and_then(|m| m.mac),
                        None => view.sighting.as_ref().and_then(|s| s.mac),
                    },
                    key: key.clone(),
                    same_as: same.cloned().collect(),
                    before: before.clone(),
                    art: random_art(key),
                    fingerprint: print,
                })
            };
        offered.into_iter().filter_map(row).collect()
    }

    /// A row with a key before it is accepted by name only, never by a yes to all.
    pub(in crate::dispatcher) fn trust_answered(&mut self, journal: &mut Journal, rows: &[TrustRow], answer: &Answer) {
        let accepted = |row: &TrustRow| match answer {
            Answer::Yes => row.before.is_none(),
            Answer::Trust { nodes } => nodes.contains(&row.node),
            Answer::No => false,
        };
        // One may have been taken out of the cluster while the user compared.
        let waits =
            |row: &&TrustRow| self.nodes.get(&row.node).is_some_and(|c| matches!(c.state, State::UnknownKey { .. }));
        let (taken, left): (Vec<_>, Vec<_>) = rows.iter().filter(waits).partition(|row| accepted(row));
        let before = Arc::clone(&self.known);
        for row in &taken {
            self.trust(journal, row);
        }
        for row in left {
            let (failure, (why, hint)) = match &row.before {
                Some(_) => (LinkFailure::HostKeyChanged, changed(&row.fingerprint)),
                None => (
                    LinkFailure::HostKeyNotTrusted,
                    (
                        format!("its host key {} is not trusted", row.fingerprint),
                        "compare it with what the node's own console prints, then trust it: in a terminal or in the dashboard, or in a \
                         script once with `--trust new`"
                            .into(),
                    ),
                ),
            };
            self.link_failed(journal, &row.node, failure, why, hint);
        }
        if taken.is_empty() {
            return self.settle(journal);
        }
        // A key that cannot be saved would be asked about again and again: nothing is sent to its host.
        for row in &taken {
            self.set(&row.node, State::Saving);
        }
        self.saving.push(Trusting { rows: taken.into_iter().cloned().collect(), before });
        journal.effects.push(Effect::SaveKnown(Arc::clone(&self.known)));
    }

    /// The host keys were saved, or could not be: logs in where that waited for it.
    pub(in crate::dispatcher) fn known_saved(
        &mut self,
        journal: &mut Journal,
        result: Result<Arc<KnownHosts>, StoreError>,
    ) {
        let waiting = std::mem::take(&mut self.saving);
        match result {
            Ok(known) => {
                self.known = known;
                for row in waiting.iter().flat_map(|trusting| &trusting.rows) {
                    self.trusted(journal, row);
                    self.connect(journal, &row.node);
                }
            }
            Err(e) => {
                if let Some(trusting) = waiting.first() {
                    self.known = Arc::clone(&trusting.before);
                }
                for row in waiting.iter().flat_map(|trusting| &trusting.rows) {
                    let why = format!("its host key {} could not be saved", row.fingerprint);
                    self.link_failed(journal, &row.node, LinkFailure::HostKeyNotTrusted, why, e.kind.hint().into());
                }
                journal.publish(Event::NotSaved { text: e.to_string() });
            }
        }
        self.settle(journal);
    }

    fn trust(&mut self, journal: &mut Journal, row: &TrustRow) {
        let Some(conn) = self.nodes.get_mut(&row.node) else { return };
        conn.learned = true;
        let port = conn.route.as_ref().map_or(22, |route| route.address.port());
        let host = host_field(&row.address.to_string(), port);
        let hosts: Vec<_> = journal.names_of(&row.node).iter().map(|name| host_field(name, port)).collect();
        let known = Arc::make_mut(&mut self.known);
        known.add(std::slice::from_ref(&host), &row.key);
        if row.before.is_some() {
            known.forget(&hosts, |key| *key != row.key);
        }
    }

    /// Says what follows where a key has taken the place of another one.
    fn trusted(&self, journal: &mut Journal, row: &TrustRow) {
        if row.before.is_some() && self.nodes.contains_key(&row.node) {
            let name = journal.world.name_of(&row.node);
            let text = format!(
                "the new host key of {name} is trusted from now on, and the old one forgotten; the other nodes still know \
                 the old one: `pictl keys mesh`, or the Keys screen, repairs them"
            );
            journal.notice(Level::Info, Some(&row.node), text);
        }
    }
}

/// What to say of a host key that is not trusted, and what to do.
fn distrust(trust: Trust, print: &Fingerprint, address: SocketAddr) -> (String, String) {
    if trust == Trust::Revoked {
        return (
            format!("its host key {print} is marked as revoked"),
            "do not log in there before you know why".into(),
        );
    }
    let (why, _) = changed(print);
    let hint = format!(
        "if its SD card was reflashed and its network interface cannot be recognised, remove {} from the cluster, add it again and \
         compare the new key; if not, somebody may be in between",
        address.ip()
    );
    (why, hint)
}

/// The same where the key is that of another member.
fn of_another(owner: &str, print: &Fingerprint, address: SocketAddr) -> (String, String) {
    let address = address.ip();
    (
        format!("{owner} answers at {address}: the host key there is the one of {owner} ({print})"),
        format!(
            "the address has gone to {owner}, or the two have swapped theirs: `pictl scan --save` finds both by their MAC addresses; \
             if it stays so, the SD card at {address} is a copy of the one in {owner}: take {address} out of the cluster and add it again"
        ),
    )
}

fn changed(print: &Fingerprint) -> (String, String) {
    let hint = "if its SD card was reflashed, compare the new key with what its own console prints, and trust it by name; if \
                not, somebody may be in between";
    (format!("its host key has changed: it now offers {print}"), hint.into())
}
