//! Names by multicast DNS (RFC 6762): each host is asked what it calls itself.
//!
//! The question leaves from an ephemeral port ("legacy unicast", 6.7), so the answers come back to this socket alone and
//! no daemon has to be shared with. Only what the asked host itself says of its own address is believed.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use pictl_model::text::clean;
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, sleep_until};

use super::hub::Note;

const GROUP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(224, 0, 0, 251)), 5353);
/// A silent host is asked once more after this long, and given up after as long again.
const PATIENCE: Duration = Duration::from_millis(250);
const PTR: u16 = 12;
/// Longest name (RFC 1035, 2.3.4).
const LONGEST: usize = 255;

/// Asks every address that comes, through the interface that has the address `own`, until no more come.
pub(super) async fn ask_names(
    own: Ipv4Addr,
    mut addresses: UnboundedReceiver<Ipv4Addr>,
    notes: UnboundedSender<Note>,
) -> io::Result<()> {
    let socket = UdpSocket::bind((own, 0)).await?;
    socket2::SockRef::from(&socket).set_multicast_if_v4(&own)?;
    // Who has not answered: until when to wait, and whether to ask again then.
    let mut silent: HashMap<Ipv4Addr, (Instant, bool)> = HashMap::new();
    let mut more = true;
    let mut packet = [0; 1500];
    while more || !silent.is_empty() {
        let next = silent.values().map(|(until, _)| *until).min().unwrap_or_else(|| Instant::now() + PATIENCE);
        tokio::select! {
            address = addresses.recv(), if more => match address {
                Some(address) => {
                    silent.insert(address, (Instant::now() + PATIENCE, true));
                    socket.send_to(&question(address), GROUP).await?;
                }
                None => more = false,
            },
            received = socket.recv_from(&mut packet) => {
                if let Ok((length, SocketAddr::V4(from))) = received
                    && silent.contains_key(from.ip())
                    && let Some(name) = answer(&packet[..length], *from.ip())
                {
                    silent.remove(from.ip());
                    let _ = notes.send(Note::Named { address: *from.ip(), name });
                }
            }
            () = sleep_until(next) => {
                let now = Instant::now();
                silent.retain(|_, (until, again)| *until > now || *again);
                for (address, (until, again)) in silent.iter_mut().filter(|(_, (until, _))| *until <= now) {
                    (*until, *again) = (now + PATIENCE, false);
                    socket.send_to(&question(*address), GROUP).await?;
                }
            }
        }
    }
    Ok(())
}

/// The name under which `address` is looked up, as labels.
fn reverse(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("{d}.{c}.{b}.{a}.in-addr.arpa")
}

fn question(address: Ipv4Addr) -> Vec<u8> {
    // An id (the address will do), no flags, one question, and three empty sections.
    let [.., high, low] = address.octets();
    let mut packet = vec![high, low, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in reverse(address).split('.') {
        packet.push(label.len() as u8);
        packet.extend(label.bytes());
    }
    packet.extend([0, 0, PTR as u8, 0, 1]);
    packet
}

/// The name that `packet` gives to `address`.
fn answer(packet: &[u8], address: Ipv4Addr) -> Option<String> {
    let word = |at: usize| Some(u16::from_be_bytes(packet.get(at..at + 2)?.try_into().ok()?));
    let is_response = packet.get(2)? & 0x80 != 0;
    let (questions, answers) = (word(4)?, word(6)?);
    if !is_response {
        return None;
    }
    let mut at = 12;
    for _ in 0..questions {
        at = name(packet, at)?.1 + 4;
    }
    for _ in 0..answers {
        let (owner, after) = name(packet, at)?;
        let data = after + 10;
        if word(after)? == PTR && owner.eq_ignore_ascii_case(&reverse(address)) {
            let (text, _) = name(packet, data)?;
            let text = clean(&text, LONGEST);
            return (!text.is_empty()).then_some(text);
        }
        at = data + usize::from(word(after + 8)?);
    }
    None
}

/// The name at `at`, and where it ends. Follows compression only backwards, so that it comes to an end.
fn name(packet: &[u8], at: usize) -> Option<(String, usize)> {
    let (mut text, mut at, mut end) = (String::new(), at, None);
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
                if to >= at {
                    return None;
                }
                end.get_or_insert(at + 2);
                at = to;
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

    /// What avahi answers: the question repeated, and one record whose owner points back into it.
    fn avahi(from: &[u8], target: &[u8]) -> Vec<u8> {
        let mut packet = from.to_vec();
        packet[2] = 0x84;
        packet[7] = 1;
        packet.extend([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 10, 0, target.len() as u8]);
        packet.extend(target);
        packet
    }

    #[test]
    fn a_host_tells_its_name() {
        let packet = avahi(&question(PI), b"\x0braspberrypi\x05local\0");
        assert_eq!(answer(&packet, PI).as_deref(), Some("raspberrypi.local"));
        assert_eq!(answer(&packet, Ipv4Addr::new(192, 168, 1, 8)), None, "of another address");
        assert_eq!(answer(&question(PI), PI), None, "a question is no answer");
    }

    #[test]
    fn names_that_point_at_themselves_or_forward_are_dropped() {
        let mut looped = avahi(&question(PI), b"\xc0\x00");
        let at = looped.len() - 2;
        looped[at] = 0xc0 | (at >> 8) as u8;
        looped[at + 1] = at as u8;
        assert_eq!(answer(&looped, PI), None);
    }

    #[test]
    fn control_characters_are_taken_out() {
        let packet = avahi(&question(PI), b"\x05p\x1b[1i\0");
        assert_eq!(answer(&packet, PI).as_deref(), Some("p[1i"));
    }

    proptest! {
        #[test]
        fn no_packet_upsets_it(packet in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = answer(&packet, PI);
        }

        #[test]
        fn no_damage_upsets_it(at in 0usize..70, byte in any::<u8>()) {
            let mut packet = avahi(&question(PI), b"\x0braspberrypi\x05local\0");
            let at = at % packet.len();
            packet[at] = byte;
            if let Some(name) = answer(&packet, PI) {
                prop_assert!(name.len() <= LONGEST * 3 && !name.chars().any(char::is_control));
            }
        }
    }
}
