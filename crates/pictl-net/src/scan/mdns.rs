//! Names by multicast DNS (RFC 6762): each host is asked for its own name, and all hosts which of them run SSH.
//!
//! The questions leave from an ephemeral port ("legacy unicast", section 6.7), so the answers come back to this
//! socket alone and no port is shared with a daemon. A host is believed only about its own address.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use pictl_model::text::clean;
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, sleep_until};

use super::hub::Note;
use super::interfaces::Subnet;
use super::quality::Quality;

const GROUP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(224, 0, 0, 251)), 5353);
/// A silent host is asked again after this time,
const AGAIN: Duration = Duration::from_millis(120);
/// and given up this long after that.
const GIVEN_UP: Duration = Duration::from_millis(180);

/// Services of hosts that may be useful: those of avahi, and of a Raspberry Pi with SSH.
const SERVICES: [&str; 3] = ["_ssh._tcp.local", "_sftp-ssh._tcp.local", "_workstation._tcp.local"];

const A: u16 = 1;
const PTR: u16 = 12;
/// Longest name (RFC 1035, 2.3.4).
const LONGEST: usize = 255;
/// Records read of one packet.
const MOST_RECORDS: usize = 64;

/// Asks all hosts of a network for their services, and each address that arrives for its name, until no more arrive.
pub(super) async fn ask_names(
    own: Subnet,
    mut addresses: UnboundedReceiver<Ipv4Addr>,
    quality: Quality,
    notes: UnboundedSender<Note>,
) -> io::Result<()> {
    let socket = UdpSocket::bind((own.address, 0)).await?;
    socket2::SockRef::from(&socket).set_multicast_if_v4(&own.address)?;
    let browse = question(0, &SERVICES);
    socket.send_to(&browse, GROUP).await?;
    let mut browse_again = Some(Instant::now() + AGAIN);
    // Hosts without an answer: until when to wait, and whether to ask again then.
    let mut silent: HashMap<Ipv4Addr, (Instant, bool)> = HashMap::new();
    let mut named = HashSet::new();
    let mut more = true;
    let mut packet = [0; 4096];
    while more || !silent.is_empty() {
        let next = silent.values().map(|(until, _)| *until).chain(browse_again).min();
        tokio::select! {
            address = addresses.recv(), if more => match address {
                Some(address) if named.contains(&address) => {}
                Some(address) => {
                    silent.insert(address, (Instant::now() + AGAIN, true));
                    socket.send_to(&ask_name(address), GROUP).await?;
                }
                None => more = false,
            },
            received = socket.recv_from(&mut packet) => {
                if let Ok((length, SocketAddr::V4(from))) = received
                    && own.net.contains(from.ip())
                    && !named.contains(from.ip())
                    && let Some(name) = name_of(*from.ip(), &packet[..length])
                {
                    named.insert(*from.ip());
                    if silent.remove(from.ip()).is_some_and(|(_, again)| !again) {
                        // The first question or its answer was lost.
                        quality.slow();
                    }
                    let _ = notes.send(Note::Named { address: *from.ip(), name });
                }
            }
            () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                let now = Instant::now();
                if browse_again.take_if(|at| *at <= now).is_some() {
                    socket.send_to(&browse, GROUP).await?;
                }
                silent.retain(|_, (until, again)| *until > now || *again);
                for (address, (until, again)) in silent.iter_mut().filter(|(_, (until, _))| *until <= now) {
                    (*until, *again) = (now + GIVEN_UP, false);
                    socket.send_to(&ask_name(*address), GROUP).await?;
                }
            }
        }
    }
    Ok(())
}

/// The name under which `address` is looked up.
fn reverse(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("{d}.{c}.{b}.{a}.in-addr.arpa")
}

fn ask_name(address: Ipv4Addr) -> Vec<u8> {
    let [.., high, low] = address.octets();
    question(u16::from_be_bytes([high, low]), &[&reverse(address)])
}

/// A packet that asks for the PTR records of `names`.
fn question(id: u16, names: &[&str]) -> Vec<u8> {
    let [high, low] = id.to_be_bytes();
    // No flags, the questions, and three empty sections.
    let mut packet = vec![high, low, 0, 0, 0, names.len() as u8, 0, 0, 0, 0, 0, 0];
    for name in names {
        for label in name.split('.') {
            packet.push(label.len() as u8);
            packet.extend(label.bytes());
        }
        packet.extend([0, 0, PTR as u8, 0, 1]);
    }
    packet
}

/// The name that `packet` gives to the `address` it came from: the target of the PTR record of that address, or the
/// owner of an A record with it.
fn name_of(address: Ipv4Addr, packet: &[u8]) -> Option<String> {
    let number = |at: usize| Some(u16::from_be_bytes(*packet.get(at..)?.first_chunk()?));
    let is_response = packet.get(2)? & 0x80 != 0;
    if !is_response {
        return None;
    }
    let records = [6, 8, 10].iter().map(|at| number(*at).map_or(0, usize::from)).sum::<usize>();
    let mut at = 12;
    for _ in 0..number(4)? {
        at = name(packet, at)?.1 + 4;
    }
    for _ in 0..records.min(MOST_RECORDS) {
        let (owner, after) = name(packet, at)?;
        let (kind, data, length) = (number(after)?, after + 10, usize::from(number(after + 8)?));
        let name = match kind {
            PTR if owner.eq_ignore_ascii_case(&reverse(address)) => Some(name(packet, data)?.0),
            A if packet.get(data..data + length)? == address.octets() => Some(owner),
            _ => None,
        };
        if let Some(text) = name {
            let text = clean(&text, LONGEST);
            return (!text.is_empty()).then_some(text);
        }
        at = data + length;
    }
    None
}

/// The name at `at`, and where it ends. Compression is followed only to earlier places than all read so far, so that
/// no name takes more time than its packet is long.
fn name(packet: &[u8], mut at: usize) -> Option<(String, usize)> {
    let (mut text, mut before, mut end) = (String::new(), at, None);
    loop {
        let length = usize::from(*packet.get(at)?);
        match length {
            0 => return Some((text, end.unwrap_or(at + 1))),
            1..=63 => {
                let label = packet.get(at + 1..at + 1 + length)?;
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(&String::from_utf8_lossy(label));
                at += 1 + length;
            }
            0xc0.. => {
                let to = (length & 0x3f) << 8 | usize::from(*packet.get(at + 1)?);
                if to >= before {
                    return None;
                }
                end.get_or_insert(at + 2);
                (at, before) = (to, to);
            }
            _ => return None,
        }
        if text.len() > LONGEST {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PI: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 7);
    const NAME: &[u8] = b"\x0braspberrypi\x05local\0";

    /// A record whose owner is `owner`.
    fn record(owner: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
        let head = [0, kind as u8, 0, 1, 0, 0, 0, 10, 0, data.len() as u8];
        [owner, &head, data].concat()
    }

    /// The question repeated, and the records that answer it; the last `more` of them are additional ones.
    fn answer(question: &[u8], records: &[Vec<u8>], more: usize) -> Vec<u8> {
        let mut packet = question.to_vec();
        packet[2] = 0x84;
        (packet[7], packet[11]) = ((records.len() - more) as u8, more as u8);
        packet.extend(records.concat());
        packet
    }

    /// The answer of avahi to a question for a name: the owner of its record points back into the question.
    fn named(target: &[u8]) -> Vec<u8> {
        answer(&ask_name(PI), &[record(&[0xc0, 12], PTR, target)], 0)
    }

    /// Its answer to a question for services.
    fn announced(address: Ipv4Addr) -> Vec<u8> {
        let service = record(&[0xc0, 12], PTR, b"\x02pi\xc0\x0c");
        let txt = record(b"\x02pi\xc0\x0c", 16, b"\0");
        answer(&question(0, &SERVICES), &[service, txt, record(NAME, A, &address.octets())], 2)
    }

    #[test]
    fn a_host_gives_its_name() {
        assert_eq!(name_of(PI, &named(NAME)).as_deref(), Some("raspberrypi.local"));
        assert_eq!(name_of(Ipv4Addr::new(192, 168, 1, 8), &named(NAME)), None, "of another address");
        assert_eq!(name_of(PI, &ask_name(PI)), None, "a question is not an answer");
    }

    #[test]
    fn a_host_announces_itself_and_no_other_host() {
        assert_eq!(name_of(PI, &announced(PI)).as_deref(), Some("raspberrypi.local"));
        assert_eq!(name_of(Ipv4Addr::new(192, 168, 1, 8), &announced(PI)), None);
    }

    #[test]
    fn names_that_point_at_themselves_forward_or_in_circles_are_dropped() {
        let mut looped = named(b"\xc0\x00");
        let at = looped.len() - 2;
        looped[at] = 0xc0 | (at >> 8) as u8;
        looped[at + 1] = at as u8;
        assert_eq!(name_of(PI, &looped), None);
        // A label, and then back to it.
        assert_eq!(name(b"\x01a\xc0\x00", 0), None);
        assert_eq!(name(b"\x01a\x01b\xc0\x02", 2), None);
        assert_eq!(name(b"\x01a\0\x01b\xc0\x00", 3), Some(("b.a".into(), 7)));
    }

    #[test]
    fn control_characters_are_removed() {
        assert_eq!(name_of(PI, &named(b"\x05p\x1b[1i\0")).as_deref(), Some("p[1i"));
    }

    proptest! {
        #[test]
        fn no_packet_panics(packet in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = name_of(PI, &packet);
        }

        #[test]
        fn no_damaged_packet_panics(
            announces: bool,
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let mut packet = if announces { announced(PI) } else { named(NAME) };
            for (at, byte) in damage {
                *at.get_mut(&mut packet) = byte;
            }
            if let Some(name) = name_of(PI, &packet) {
                prop_assert!(name.chars().count() <= LONGEST && !name.chars().any(char::is_control));
            }
        }
    }
}
