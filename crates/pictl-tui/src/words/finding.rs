//! What a scan found out about a host, in words.

use std::net::IpAddr;

use pictl_model::node::{Change, Flag, Likelihood, PiHint, SeenBy};
use pictl_model::world::NodeView;
use pictl_model::{Millis, Timestamp};

use super::ago;

/// How sure it is that it is a Raspberry Pi, with its reasons where they are needed: `likely: MAC, name`.
pub(crate) fn pi_because(node: &NodeView) -> String {
    let pi = node.likelihood();
    let signs: Vec<_> = hints(node).into_iter().map(PiHint::word).collect();
    match pi {
        Likelihood::Yes | Likelihood::No => pi.word().to_owned(),
        Likelihood::Likely | Likelihood::Maybe => format!("{}: {}", pi.word(), signs.join(", ")),
    }
}

/// What speaks for a Raspberry Pi, always in the same order, whichever was noticed first.
fn hints(node: &NodeView) -> Vec<PiHint> {
    let mut hints = node.hints();
    hints.sort_unstable();
    hints
}

/// The same in words, with what each counts.
pub(crate) fn hint_meanings(node: &NodeView) -> Vec<String> {
    hints(node).into_iter().map(hint).collect()
}

/// The same in words, with what it counts.
fn hint(hint: PiHint) -> String {
    let what = match hint {
        PiHint::Prefix => "its MAC begins like those of Raspberry Pis",
        PiHint::Banner => "its SSH server is Raspbian's",
        PiHint::Name => "its name says so",
        PiHint::Model => "it says so itself",
    };
    format!("{what} ({})", PiHint::score(&[hint]))
}

/// How a host was noticed.
pub(crate) fn seen_by(seen_by: SeenBy) -> &'static str {
    match seen_by {
        SeenBy::Arp => "ARP answer",
        SeenBy::Neighbour => "neighbour table",
        SeenBy::Connect => "SSH port",
        SeenBy::Mdns => "multicast DNS",
    }
}

/// What is odd about a host, in a few words, and whether to beware of it.
pub(crate) fn flag(flag: &Flag) -> (&'static str, bool) {
    match flag {
        Flag::Contested { .. } => ("! two MACs", true),
        Flag::ProxyArp { .. } => ("! proxy ARP", true),
        Flag::LocalMac => ("made-up MAC", false),
    }
}

/// What is odd about a host, with what it means.
pub(crate) fn flag_meaning(flag: &Flag) -> String {
    match flag {
        Flag::Contested { .. } => format!(
            "{}: two machines have it, and sometimes the one answers, sometimes the other. Give one of them another address.",
            flag.summary()
        ),
        Flag::ProxyArp { .. } => format!("{}; it is a router, and there may be no such host", flag.summary()),
        Flag::LocalMac => {
            format!(
                "{}: software made it (a virtual machine, Wi-Fi privacy), so it may be another next time",
                flag.summary()
            )
        }
    }
}

/// A change as a mark of its row: `new`, `moved from .23`, `gone 12 s ago`.
pub(crate) fn change_mark(node: &NodeView, now: Timestamp) -> Option<String> {
    let (at, change) = node.change?;
    let word = change.word();
    Some(match change {
        Change::New => word.to_owned(),
        Change::Moved { from } => format!("{word} from {}", seen_from(from, node.address())),
        Change::Gone => format!("{word} {}", ago(now, at)),
    })
}

/// A change with what is known of it.
pub(crate) fn change_meaning(at: Timestamp, change: Change, now: Timestamp) -> String {
    let when = ago(now, at);
    match change {
        Change::New => format!("new: first seen {when}, the scan before did not find it"),
        Change::Moved { from } => format!("moved here from {from} (noticed {when})"),
        Change::Gone => format!("! gone: asked again and again it did not answer (noticed {when})"),
    }
}

/// An address as it is written beside another one: `.23` where only the last number differs.
fn seen_from(address: IpAddr, beside: Option<IpAddr>) -> String {
    match (address, beside) {
        (IpAddr::V4(v4), Some(IpAddr::V4(beside))) if v4.octets()[..3] == beside.octets()[..3] => {
            format!(".{}", v4.octets()[3])
        }
        _ => address.to_string(),
    }
}

/// A time that is only roughly known: `1 s`, `12 s`, `3 min`.
pub(crate) fn roughly(time: Millis) -> String {
    match time.0.div_ceil(1_000).max(1) {
        s @ 1..=99 => format!("{s} s"),
        s => format!("{} min", s.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_shown_by_their_last_number() {
        let shown = |from: &str, at: &str| seen_from(from.parse().expect("an address"), at.parse().ok());
        assert_eq!(shown("10.0.0.23", "10.0.0.41"), ".23");
        assert_eq!(shown("10.0.1.23", "10.0.0.41"), "10.0.1.23");
        assert_eq!(shown("fe80::1", "fe80::2"), "fe80::1");
        assert_eq!(shown("10.0.0.23", "?"), "10.0.0.23");
    }

    #[test]
    fn times_to_come_are_never_nothing() {
        assert_eq!([0, 1_001, 99_000, 120_001].map(|ms| roughly(Millis(ms))), ["1 s", "2 s", "99 s", "3 min"]);
    }
}
