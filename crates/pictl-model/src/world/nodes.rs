//! One node as the events describe it.

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::ids::{MacAddr, NodeId};
use crate::link::LoginMethod;
use crate::node::{Change, Facts, Likelihood, Link, Member, OtherAddress, PiHint, Sighting};
use crate::telemetry::Sample;
use crate::units::Timestamp;

/// Readings kept for charts: ten minutes at one a second.
const READINGS: usize = 600;

/// One reading and when it arrived.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// When it arrived, by the operator's clock.
    pub at: Timestamp,
    /// The values.
    pub sample: Sample,
}

/// A node with all that is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeView {
    /// Its id.
    pub id: NodeId,
    /// Its entry in the inventory, when it is in the cluster.
    pub member: Option<Member>,
    /// The last sighting, with what earlier ones knew and this one did not.
    pub sighting: Option<Sighting>,
    /// pictl's connection to it.
    pub link: Link,
    /// How pictl logged in, while it is connected.
    pub login: Option<LoginMethod>,
    /// When pictl tries to reach it again, while it is unreachable.
    pub next_try: Option<Timestamp>,
    /// What it reported of itself.
    pub facts: Option<Facts>,
    /// Its latest readings, newest last.
    pub readings: VecDeque<Reading>,
    /// When it was last seen.
    pub last_seen: Option<Timestamp>,
    /// What changed since the scan before, and when that was noticed.
    pub change: Option<(Timestamp, Change)>,
    /// Its further addresses.
    pub also: Vec<OtherAddress>,
    /// Its LED blinks.
    pub blinking: bool,
}

impl NodeView {
    pub(super) fn new(id: NodeId) -> Self {
        Self {
            id,
            member: None,
            sighting: None,
            link: Link::Idle,
            login: None,
            next_try: None,
            facts: None,
            readings: VecDeque::new(),
            last_seen: None,
            change: None,
            also: Vec::new(),
            blinking: false,
        }
    }

    pub(super) fn set_member(&mut self, member: Member) {
        self.member = Some(member);
    }

    pub(super) fn set_link(&mut self, at: Timestamp, link: Link) {
        match link {
            Link::Up => {
                self.last_seen = Some(at);
                self.change.take_if(|(_, change)| *change == Change::Gone);
            }
            _ => self.login = None,
        }
        if !matches!(link, Link::Lost { .. } | Link::Failed { .. }) {
            self.next_try = None;
        }
        self.link = link;
    }

    pub(super) fn see(&mut self, at: Timestamp, new: &Sighting) {
        self.last_seen = Some(at);
        self.change.take_if(|(_, change)| *change == Change::Gone);
        let mut merged = new.clone();
        if let Some(old) = self.sighting.take() {
            merged.mac = merged.mac.or(old.mac);
            merged.vendor = merged.vendor.or(old.vendor);
            merged.hostname = merged.hostname.or(old.hostname);
            merged.ssh = merged.ssh.or(old.ssh);
            merged.rtt = merged.rtt.or(old.rtt);
            add_all(&mut merged.hints, old.hints);
            add_all(&mut merged.seen_by, old.seen_by);
            add_all(&mut merged.others, old.others);
        }
        self.sighting = Some(merged);
    }

    pub(super) fn moved(&mut self, at: Timestamp, from: IpAddr, to: IpAddr) {
        self.change = Some((at, Change::Moved { from }));
        let mac = self.mac();
        if let Some(at) = self.also.iter().position(|also| also.address == to) {
            let other = self.also.remove(at);
            // It answers at another of its interfaces now. The one before is the other one, and can answer again.
            if other.mac != mac {
                self.also.push(OtherAddress { address: from, mac, ..other });
            }
        }
    }

    pub(super) fn sample(&mut self, at: Timestamp, sample: Sample) {
        self.last_seen = Some(at);
        if self.readings.len() == READINGS {
            self.readings.pop_front();
        }
        self.readings.push_back(Reading { at, sample });
    }

    /// The newest reading.
    pub fn newest(&self) -> Option<&Reading> {
        self.readings.back()
    }

    /// Its name in the cluster, else the name it goes by, else its address, else its id.
    pub fn name(&self) -> String {
        if let Some(member) = &self.member {
            return member.name.to_string();
        }
        let seen = self.sighting.as_ref();
        seen.and_then(|s| s.hostname.clone())
            .or_else(|| self.address().map(|a| a.to_string()))
            .unwrap_or_else(|| self.id.to_string())
    }

    /// Where it was last seen.
    pub fn address(&self) -> Option<IpAddr> {
        self.sighting.as_ref().map(|s| s.address).or_else(|| self.member.as_ref().and_then(Member::place))
    }

    /// The MAC that was last seen at its address, else that of the inventory.
    pub fn mac(&self) -> Option<MacAddr> {
        self.sighting.as_ref().and_then(|s| s.mac).or_else(|| self.member.as_ref().and_then(|m| m.mac))
    }

    /// It did not answer in the last pass.
    pub fn is_gone(&self) -> bool {
        matches!(self.change, Some((_, Change::Gone)))
    }

    /// It is, or seems to be, a Raspberry Pi.
    pub fn is_pi(&self) -> bool {
        self.model().is_some_and(|m| m.contains("Raspberry Pi")) || self.sighting.as_ref().is_some_and(Sighting::is_pi)
    }

    /// Its own model string, after login.
    pub fn model(&self) -> Option<&str> {
        self.facts.as_ref().and_then(|f| f.model.as_deref())
    }

    /// How sure it is that it is a Raspberry Pi: 0 to 100 ([`PiHint::score`]).
    pub fn pi_score(&self) -> u8 {
        PiHint::score(&self.hints())
    }

    /// The same in steps.
    pub fn likelihood(&self) -> Likelihood {
        Likelihood::of(self.pi_score())
    }

    /// Why it is thought to be a Raspberry Pi.
    pub fn hints(&self) -> Vec<PiHint> {
        let mut hints = self.sighting.as_ref().map(|s| s.hints.clone()).unwrap_or_default();
        if self.model().is_some_and(|m| m.contains("Raspberry Pi")) {
            hints.push(PiHint::Model);
        }
        hints
    }
}

/// Adds what is not there yet.
fn add_all<T: PartialEq>(to: &mut Vec<T>, more: Vec<T>) {
    for item in more {
        if !to.contains(&item) {
            to.push(item);
        }
    }
}
