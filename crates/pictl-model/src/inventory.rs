//! The members of a cluster as a list in which no two can be mistaken for each other.
//!
//! **The rule.** No two members have the same id, place (address, port and jump hosts), MAC, serial number or host key. Each of
//! these is what a board is recognised by; what two have recognises neither. Every change of an inventory goes through [`put`],
//! and every inventory that is read goes through [`mend`].

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use crate::ids::{MacAddr, NodeId};
use crate::node::Member;
use crate::trust::Fingerprint;

/// What stands for an address that is not known: that of the member is another host's by now.
pub const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// What two members have in common and only one board can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shared {
    /// The id.
    Id(NodeId),
    /// The place where it is reached.
    Place(IpAddr),
    /// The MAC of a network interface.
    Mac(MacAddr),
    /// The serial number.
    Serial(String),
    /// The host key.
    HostKey(Fingerprint),
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id {id}"),
            Self::Place(address) => write!(f, "address {address}"),
            Self::Mac(mac) => write!(f, "MAC {mac}"),
            Self::Serial(serial) => write!(f, "serial number {serial}"),
            Self::HostKey(key) => write!(f, "host key {key}"),
        }
    }
}

/// What two members have in common against the rule; the strongest comes first.
pub fn shared(one: &Member, other: &Member) -> Option<Shared> {
    let same_id = (one.id == other.id).then(|| Shared::Id(one.id.clone()));
    same_id.or_else(|| same_board(one, other)).or_else(|| same_place(one, other)).or_else(|| same_key(one, other))
}

/// The first two members that break the rule, and how.
pub fn broken(members: &[Member]) -> Option<(&Member, &Member, Shared)> {
    let pairs =
        members.iter().enumerate().flat_map(|(at, one)| members[at + 1..].iter().map(move |other| (one, other)));
    pairs.into_iter().find_map(|(one, other)| Some((one, other, shared(one, other)?)))
}

fn same_board(one: &Member, other: &Member) -> Option<Shared> {
    let serial = one.board.serial.as_ref().filter(|serial| other.board.serial.as_ref() == Some(serial));
    let mac = || one.macs().find(|mac| other.macs().any(|of_other| of_other == *mac));
    serial.cloned().map(Shared::Serial).or_else(|| mac().map(Shared::Mac))
}

fn same_place(one: &Member, other: &Member) -> Option<Shared> {
    let place = |m: &Member| m.place().map(|address| (address, m.port, m.jump.clone()));
    let same = place(one).filter(|here| place(other).as_ref() == Some(here));
    same.map(|(address, ..)| Shared::Place(address))
}

fn same_key(one: &Member, other: &Member) -> Option<Shared> {
    one.host_key.clone().filter(|key| other.host_key.as_ref() == Some(key)).map(Shared::HostKey)
}

/// Both are known, and they differ.
fn differ<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

/// The entries that change when `new` is put among `others`, `new` last. It was seen just now, so what it has is not theirs any
/// more: an address that went to another host, an adapter that was moved. A host key is the exception: it stays with the
/// member that had it first, for a cloned SD card has the key of another one.
pub fn put<'a>(others: impl IntoIterator<Item = &'a Member>, mut new: Member) -> Vec<Member> {
    tidy(&mut new);
    let mut changed = Vec::new();
    for other in others.into_iter().filter(|other| other.id != new.id) {
        if same_key(&new, other).is_some() {
            new.board.shared_key = new.host_key.take();
        }
        let mut now = other.clone();
        if same_place(&new, other).is_some() {
            now.address = NOWHERE;
        }
        now.board.macs.retain(|mac| !new.macs().any(|of_new| of_new == *mac));
        if now.mac.is_some_and(|mac| new.macs().any(|of_new| of_new == mac)) {
            now.mac = (!now.board.macs.is_empty()).then(|| now.board.macs.remove(0));
        }
        if new.board.serial.is_some() && now.board.serial == new.board.serial {
            now.board.serial = None;
        }
        if now != *other {
            changed.push(now);
        }
    }
    changed.push(new);
    changed
}

/// An entry names each MAC once.
fn tidy(member: &mut Member) {
    let mut macs: Vec<MacAddr> = Vec::new();
    for mac in std::mem::take(&mut member.board.macs) {
        if member.mac != Some(mac) && !macs.contains(&mac) {
            macs.push(mac);
        }
    }
    member.board.macs = macs;
    if member.host_key.is_some() {
        member.board.shared_key = None;
    }
    if member.board.serial.as_ref().is_some_and(|serial| serial.bytes().all(|digit| digit == b'0')) {
        member.board.serial = None;
    }
}

/// One entry of two that are the same board: the name and the place are those of `kept`.
pub fn merge(kept: &Member, gone: &Member) -> Member {
    let mut one = kept.clone();
    one.head |= gone.head;
    one.address = kept.place().or(gone.place()).unwrap_or(NOWHERE);
    one.mac = kept.mac.or(gone.mac);
    one.host_key = kept.host_key.clone().or(gone.host_key.clone());
    one.identity = kept.identity.clone().or(gone.identity.clone());
    one.board.serial = kept.board.serial.clone().or(gone.board.serial.clone());
    one.board.macs.extend(gone.macs());
    tidy(&mut one);
    one
}

/// The members of a file that may break the rule, and what was done about it, a sentence each. Entries that are one board
/// become one; of two boards at one address the second has none until a scan finds it; of two with one host key the second has
/// none until it is logged in to.
pub fn mend(members: Vec<Member>) -> (Vec<Member>, Vec<String>) {
    let (mut kept, mut remarks): (Vec<Member>, Vec<String>) = (Vec::new(), Vec::new());
    for mut member in members {
        let before = member.clone();
        tidy(&mut member);
        if member != before {
            remarks.push(format!("{} named a MAC twice or had a serial number of zeros: corrected", member.name));
        }
        while let Some((at, what)) = kept.iter().enumerate().find_map(|(at, k)| Some((at, shared(k, &member)?))) {
            let other = &kept[at];
            let two_boards = differ(other.board.serial.as_ref(), member.board.serial.as_ref());
            let (first, second) = (other.name.clone(), member.name.clone());
            match what {
                Shared::HostKey(_) => {
                    member.board.shared_key = member.host_key.take();
                    remarks.push(format!(
                        "{second} had the {what} of {first} (a cloned SD card?): neither is recognised by it"
                    ));
                }
                Shared::Place(_) if two_boards || differ(other.host_key.as_ref(), member.host_key.as_ref()) => {
                    member.address = NOWHERE;
                    remarks.push(format!(
                        "{second} had the {what} of {first}, and they are two boards: {second} has no address until a scan finds it"
                    ));
                }
                Shared::Mac(mac) if two_boards => {
                    member.board.macs.retain(|own| *own != mac);
                    if member.mac == Some(mac) {
                        member.mac = None;
                    }
                    remarks
                        .push(format!("{second} had the {what} of {first}, and they are two boards: forgotten there"));
                }
                // (A list with more entries than there are ids to choose from is no list of boards.)
                Shared::Id(_)
                    if kept.len() < 60_000 && (two_boards || differ(other.mac.as_ref(), member.mac.as_ref())) =>
                {
                    member.id = free_id(&kept, &member);
                    remarks.push(format!(
                        "{second} had the {what} of {first}, and they are two boards: it has its own now"
                    ));
                }
                Shared::Id(_) | Shared::Place(_) | Shared::Mac(_) | Shared::Serial(_) => {
                    let head = member.head && !other.head;
                    let (stays, goes) = if head { (&member, other) } else { (other, &member) };
                    remarks.push(format!(
                        "{} and {} were one board ({what}): it is {} from now on",
                        stays.name, goes.name, stays.name
                    ));
                    member = merge(stays, goes);
                    kept.remove(at);
                }
            }
        }
        kept.push(member);
    }
    (kept, remarks)
}

/// An id that nobody has.
fn free_id(members: &[Member], member: &Member) -> NodeId {
    let of_mac = member.macs().map(NodeId::from_mac);
    let of_place = member.place().map(|address| NodeId::from_address(address, member.port));
    let numbered = (1..=u16::MAX).map(|n| NodeId::from_address(member.address, n));
    let mut all = of_mac.chain(of_place).chain(numbered);
    let free = all.find(|id| members.iter().all(|m| m.id != *id) && *id != member.id);
    free.unwrap_or_else(|| member.id.clone())
}

#[cfg(test)]
mod tests;
