//! ARP packets for IPv4 over Ethernet (RFC 826), and their meaning (RFC 5227).

use std::net::Ipv4Addr;

use pictl_model::ids::MacAddr;

/// An Ethernet header and an ARP packet for IPv4.
pub(super) const FRAME: usize = 42;
/// The beginning of the ARP header for IPv4 over Ethernet: hardware type, protocol type, both address lengths.
const IPV4_OVER_ETHERNET: [u8; 6] = [0, 1, 8, 0, 6, 4];
const QUESTION: u8 = 1;
const ANSWER: u8 = 2;

/// The frame that asks which host has `target`.
pub(super) fn question(mac: MacAddr, own: Ipv4Addr, target: Ipv4Addr) -> [u8; FRAME] {
    let mut frame = [0; FRAME];
    frame[..6].fill(0xff);
    frame[6..12].copy_from_slice(&mac.0);
    frame[12..14].copy_from_slice(&[0x08, 0x06]);
    frame[14..20].copy_from_slice(&IPV4_OVER_ETHERNET);
    frame[21] = QUESTION;
    frame[22..28].copy_from_slice(&mac.0);
    frame[28..32].copy_from_slice(&own.octets());
    frame[38..42].copy_from_slice(&target.octets());
    frame
}

/// A claim about an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packet {
    pub(super) address: Ipv4Addr,
    pub(super) mac: MacAddr,
    pub(super) kind: PacketKind,
}

/// The kind of packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PacketKind {
    /// An answer.
    Answer,
    /// A question: the host asks for another one, or announces itself.
    Question,
    /// A probe of a host that is about to take that address.
    Probe,
}

/// Reads an ARP frame; `None` for anything malformed.
pub(super) fn parse(frame: &[u8]) -> Option<Packet> {
    let frame = frame.first_chunk::<FRAME>()?;
    let is_arp = frame[12..14] == [0x08, 0x06] && frame[14..20] == IPV4_OVER_ETHERNET && frame[20] == 0;
    let mac = MacAddr(frame[22..28].try_into().ok()?);
    // No network interface has a group address.
    let is_unicast = mac.0 != [0; 6] && mac.0[0] & 1 == 0;
    let address = |at: usize| Ipv4Addr::new(frame[at], frame[at + 1], frame[at + 2], frame[at + 3]);
    let (sender, target) = (address(28), address(38));
    let (address, kind) = match frame[21] {
        ANSWER => (sender, PacketKind::Answer),
        QUESTION if sender.is_unspecified() => (target, PacketKind::Probe),
        QUESTION => (sender, PacketKind::Question),
        _ => return None,
    };
    (is_arp && is_unicast && !address.is_unspecified()).then_some(Packet { address, mac, kind })
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The frame with which `address` at `mac` answers.
    pub(in crate::scan::arp) fn answer(mac: MacAddr, address: Ipv4Addr) -> [u8; FRAME] {
        let mut frame = question(mac, address, Ipv4Addr::new(10, 0, 0, 254));
        frame[21] = ANSWER;
        frame
    }

    /// As tcpdump shows a real one: `Request who-has 192.168.1.7 tell 192.168.1.2`.
    #[test]
    fn a_question_is_the_bytes_of_the_standard() {
        let mac = MacAddr([0xdc, 0xa6, 0x32, 1, 2, 3]);
        let frame = question(mac, Ipv4Addr::new(192, 168, 1, 2), Ipv4Addr::new(192, 168, 1, 7));
        let expected = [
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xdc, 0xa6, 0x32, 1, 2, 3, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 0xdc, 0xa6,
            0x32, 1, 2, 3, 192, 168, 1, 2, 0, 0, 0, 0, 0, 0, 192, 168, 1, 7,
        ];
        assert_eq!(frame, expected);
    }

    #[test]
    fn only_wellformed_frames_are_read() {
        let (mac, address) = (MacAddr([2, 0, 0, 0, 0, 1]), Ipv4Addr::new(10, 0, 0, 1));
        let good = question(mac, address, Ipv4Addr::new(10, 0, 0, 2));
        let spoilt = |at: usize, byte: u8| {
            let mut frame = good;
            frame[at] = byte;
            parse(&frame)
        };
        assert_eq!(parse(&good), Some(Packet { address, mac, kind: PacketKind::Question }));
        assert_eq!(spoilt(21, 2), Some(Packet { address, mac, kind: PacketKind::Answer }));
        assert_eq!(spoilt(21, 3), None, "another operation");
        assert_eq!(spoilt(20, 1), None, "another operation");
        assert_eq!(spoilt(12, 0x86), None, "another protocol");
        assert_eq!(spoilt(18, 8), None, "another address length");
        assert_eq!(spoilt(22, 0x01), None, "a group address");
        assert_eq!(parse(&good[..41]), None, "too short");
        let probe = question(mac, Ipv4Addr::UNSPECIFIED, address);
        assert_eq!(parse(&probe), Some(Packet { address, mac, kind: PacketKind::Probe }));
        assert_eq!(parse(&question(mac, Ipv4Addr::UNSPECIFIED, Ipv4Addr::UNSPECIFIED)), None);
        assert_eq!(parse(&answer(mac, Ipv4Addr::UNSPECIFIED)), None);
    }

    proptest! {
        #[test]
        fn a_question_is_read_back(mac in any::<[u8; 6]>(), own in 1u32.., target in any::<u32>()) {
            let mac = MacAddr([mac[0] & 0xfe, mac[1], mac[2], mac[3], mac[4], mac[5] | 1]);
            let heard = parse(&question(mac, own.into(), target.into()));
            prop_assert_eq!(heard, Some(Packet { address: own.into(), mac, kind: PacketKind::Question }));
        }

        #[test]
        fn no_bytes_panic(frame in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(heard) = parse(&frame) {
                prop_assert!(frame.len() >= FRAME && !heard.address.is_unspecified() && heard.mac.0[0] & 1 == 0);
            }
        }
    }
}
