//! What the kernel knows of links, addresses and neighbours. Needs no privileges.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;
use netlink_packet_core::{
    NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, NetlinkBuffer, NetlinkHeader, NetlinkMessage,
    NetlinkPayload, ParseableParametrized as _,
};
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkInfo, LinkLayerType, LinkMessage};
use netlink_packet_route::neighbour::{NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};
use pictl_model::ids::MacAddr;

/// How often a dump is read again because it changed while it was being read.
const TRIES: usize = 5;

/// Requests everything of one kind. The kernel answers at once; 1000 entries take about 1 ms.
fn dump(question: &RouteNetlinkMessage) -> io::Result<Vec<RouteNetlinkMessage>> {
    let mut heard = Dump::default();
    for _ in 0..TRIES {
        heard = ask(question.clone())?;
        if !heard.interrupted {
            break;
        }
    }
    Ok(heard.messages)
}

fn ask(question: RouteNetlinkMessage) -> io::Result<Dump> {
    let mut socket = Socket::new(NETLINK_ROUTE)?;
    socket.bind_auto()?;
    socket.connect(&SocketAddr::new(0, 0))?;
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_DUMP | NLM_F_REQUEST;
    let mut message = NetlinkMessage::new(header, NetlinkPayload::from(question));
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    socket.send(&bytes, 0)?;
    let mut heard = Dump::default();
    while !heard.done {
        heard.read(&socket.recv_from_full()?.0)?;
    }
    Ok(heard)
}

/// What has been read of a dump.
#[derive(Debug, Default)]
struct Dump {
    messages: Vec<RouteNetlinkMessage>,
    /// The end of the dump was read.
    done: bool,
    /// Something changed meanwhile: entries may be missing or repeated.
    interrupted: bool,
}

impl Dump {
    /// Reads one datagram. A malformed message is skipped, because a new kernel may send more than is known here; an
    /// error that the kernel reports is an error.
    fn read(&mut self, datagram: &[u8]) -> io::Result<()> {
        let mut rest = datagram;
        // After an impossible length it is not known where the next message begins.
        while let Ok(message) = NetlinkBuffer::new_checked(&rest) {
            let payload = message.payload();
            self.interrupted |= message.flags() & NLM_F_DUMP_INTR != 0;
            match message.message_type() {
                NLMSG_DONE => self.done = true,
                NLMSG_ERROR => {
                    let code = payload.first_chunk().map_or(-libc::EPROTO, |code| i32::from_ne_bytes(*code));
                    if code != 0 {
                        return Err(io::Error::from_raw_os_error(code.saturating_neg()));
                    }
                }
                kind => self.messages.extend(RouteNetlinkMessage::parse_with_param(payload, kind)),
            }
            // Messages are padded to four bytes, the last one perhaps not.
            let length = (message.length() as usize).next_multiple_of(4);
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(())
    }
}

/// An IPv4 network on an Ethernet-like interface that is up.
#[derive(Clone, Debug)]
pub(crate) struct LinkNetwork {
    /// The index of the interface.
    pub(crate) index: u32,
    pub(crate) link: Link,
    /// The network, its host bits zero.
    pub(crate) net: Ipv4Net,
    /// This machine's address in it.
    pub(crate) address: Ipv4Addr,
}

/// All IPv4 networks on Ethernet-like interfaces that are up.
pub(crate) fn link_networks() -> io::Result<Vec<LinkNetwork>> {
    let links: HashMap<u32, Link> = dump(&RouteNetlinkMessage::GetLink(LinkMessage::default()))?
        .into_iter()
        .filter_map(|answer| match answer {
            RouteNetlinkMessage::NewLink(link) => Some((link.header.index, Link::read(&link)?)),
            _ => None,
        })
        .collect();
    let mut question = AddressMessage::default();
    question.header.family = AddressFamily::Inet;
    let addresses = dump(&RouteNetlinkMessage::GetAddress(question))?;
    let networks = addresses.into_iter().filter_map(|answer| {
        let RouteNetlinkMessage::NewAddress(message) = answer else { return None };
        let (index, prefix) = (message.header.index, message.header.prefix_len);
        let address = own_address(&message)?;
        let net = Ipv4Net::new(address, prefix).ok()?.trunc();
        Some(LinkNetwork { index, link: links.get(&index)?.clone(), net, address })
    });
    Ok(networks.collect())
}

/// An Ethernet-like interface.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) name: String,
    /// What kind of virtual device it is; `None` for a physical one.
    pub(crate) device: Option<String>,
    pub(crate) mac: MacAddr,
}

impl Link {
    /// `None` when it is down or not like Ethernet.
    fn read(message: &LinkMessage) -> Option<Self> {
        if message.header.link_layer_type != LinkLayerType::Ether || !message.header.flags.contains(LinkFlags::Up) {
            return None;
        }
        let (mut name, mut device, mut mac) = (None, None, None);
        for attribute in &message.attributes {
            match attribute {
                LinkAttribute::IfName(text) => name = Some(text.clone()),
                LinkAttribute::Address(bytes) => mac = bytes[..].try_into().ok().map(MacAddr),
                LinkAttribute::LinkInfo(infos) => {
                    device = infos.iter().find_map(|info| match info {
                        LinkInfo::Kind(kind) => Some(kind.to_string()),
                        _ => None,
                    });
                }
                _ => {}
            }
        }
        Some(Self { name: name?, device, mac: mac? })
    }
}

/// On a point-to-point link `Address` is the other end; `Local` is always ours.
fn own_address(message: &AddressMessage) -> Option<Ipv4Addr> {
    let (mut local, mut address) = (None, None);
    for attribute in &message.attributes {
        match attribute {
            AddressAttribute::Local(IpAddr::V4(ip)) => local = Some(*ip),
            AddressAttribute::Address(IpAddr::V4(ip)) => address = Some(*ip),
            _ => {}
        }
    }
    local.or(address)
}

/// An entry of the neighbour table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Neighbour {
    /// The index of the interface that it is reached through.
    pub(crate) interface: u32,
    pub(crate) address: IpAddr,
    pub(crate) state: State,
}

/// What the kernel knows of a neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The kernel is asking it: three requests, a second apart.
    Asking,
    /// It answered none of them.
    Failed,
    /// It answered within the last half minute or so.
    Fresh(MacAddr),
    /// It answered once, and may be gone by now.
    Old(MacAddr),
}

impl Neighbour {
    /// Its MAC address, where known.
    pub(crate) fn mac(&self) -> Option<MacAddr> {
        match self.state {
            State::Fresh(mac) | State::Old(mac) => Some(mac),
            State::Asking | State::Failed => None,
        }
    }

    fn read(message: &NeighbourMessage) -> Option<Self> {
        let (mut address, mut mac) = (None, None);
        for attribute in &message.attributes {
            match attribute {
                NeighbourAttribute::Destination(NeighbourAddress::Inet(ip)) => address = Some(IpAddr::V4(*ip)),
                NeighbourAttribute::Destination(NeighbourAddress::Inet6(ip)) => address = Some(IpAddr::V6(*ip)),
                NeighbourAttribute::LinkLayerAddress(bytes) => mac = bytes[..].try_into().ok().map(MacAddr),
                _ => {}
            }
        }
        let state = match message.header.state {
            NeighbourState::Incomplete => State::Asking,
            NeighbourState::Failed => State::Failed,
            NeighbourState::Reachable => State::Fresh(mac?),
            NeighbourState::Stale | NeighbourState::Delay | NeighbourState::Probe | NeighbourState::Permanent => {
                State::Old(mac?)
            }
            _ => return None,
        };
        Some(Self { interface: message.header.ifindex, address: address?, state })
    }
}

/// The kernel's neighbour table.
pub(crate) fn neighbours() -> io::Result<Vec<Neighbour>> {
    let entries = dump(&RouteNetlinkMessage::GetNeighbour(NeighbourMessage::default()))?;
    Ok(entries
        .into_iter()
        .filter_map(|answer| match answer {
            RouteNetlinkMessage::NewNeighbour(message) => Neighbour::read(&message),
            _ => None,
        })
        .collect())
}

/// How many entries the neighbour table holds, of all namespaces together; `None` where only the first namespace can
/// read it.
pub(crate) fn table_size() -> Option<usize> {
    std::fs::read_to_string("/proc/sys/net/ipv4/neigh/default/gc_thresh3").ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use netlink_packet_core::{DoneMessage, ErrorMessage};
    use proptest::prelude::*;

    use super::*;

    const MAC: MacAddr = MacAddr([0xdc, 0xa6, 0x32, 1, 2, 3]);

    #[test]
    fn the_kernel_answers() {
        // The answer depends on the machine. Loopback is never an Ethernet interface.
        let networks = link_networks().unwrap();
        assert!(networks.iter().all(|n| n.link.name != "lo" && n.net.contains(&n.address)));
        neighbours().unwrap();
    }

    fn entry(address: [u8; 4], state: NeighbourState) -> RouteNetlinkMessage {
        let mut message = NeighbourMessage::default();
        (message.header.family, message.header.ifindex, message.header.state) = (AddressFamily::Inet, 7, state);
        message.attributes = vec![
            NeighbourAttribute::Destination(NeighbourAddress::Inet(address.into())),
            NeighbourAttribute::LinkLayerAddress(MAC.0.to_vec()),
        ];
        RouteNetlinkMessage::NewNeighbour(message)
    }

    fn bytes(flags: u16, payload: NetlinkPayload<RouteNetlinkMessage>) -> Vec<u8> {
        let mut header = NetlinkHeader::default();
        header.flags = flags;
        let mut message = NetlinkMessage::new(header, payload);
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        bytes
    }

    /// Two entries, the second of a dump that changed meanwhile, and the end.
    fn datagram() -> Vec<u8> {
        let first = bytes(0, entry([10, 0, 0, 1], NeighbourState::Reachable).into());
        let second = bytes(NLM_F_DUMP_INTR, entry([10, 0, 0, 2], NeighbourState::Incomplete).into());
        [first, second, bytes(0, NetlinkPayload::Done(DoneMessage::default()))].concat()
    }

    fn read(datagram: &[u8]) -> (Dump, Vec<Neighbour>) {
        let mut dump = Dump::default();
        let _ = dump.read(datagram);
        let entries = dump.messages.iter().filter_map(|message| match message {
            RouteNetlinkMessage::NewNeighbour(message) => Neighbour::read(message),
            _ => None,
        });
        let entries = entries.collect();
        (dump, entries)
    }

    #[test]
    fn a_dump_is_read_to_its_end() {
        let (dump, entries) = read(&datagram());
        assert!(dump.done && dump.interrupted);
        let neighbour = |last, state| Neighbour { interface: 7, address: [10, 0, 0, last].into(), state };
        assert_eq!(entries, [neighbour(1, State::Fresh(MAC)), neighbour(2, State::Asking)]);
    }

    #[test]
    fn a_malformed_message_spoils_nothing_else() {
        let mut datagram = datagram();
        // The type of the entry's first attribute: its length is wrong then.
        datagram[28] = 0xff;
        let (dump, entries) = read(&datagram);
        assert!(dump.done);
        assert_eq!(entries.len(), 1);
    }

    #[test]
    fn a_refusal_is_an_error() {
        let mut refusal = bytes(0, NetlinkPayload::Error(ErrorMessage::default()));
        assert!(Dump::default().read(&refusal).is_ok(), "code 0 is an acknowledgement");
        refusal[16..20].copy_from_slice(&(-libc::EPERM).to_ne_bytes());
        let error = Dump::default().read(&refusal).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }

    proptest! {
        #[test]
        fn no_datagram_panics(datagram in prop::collection::vec(any::<u8>(), 0..400)) {
            read(&datagram);
        }

        #[test]
        fn no_damaged_datagram_panics(damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
            let mut datagram = datagram();
            for (at, byte) in damage {
                *at.get_mut(&mut datagram) = byte;
            }
            let (_, entries) = read(&datagram);
            prop_assert!(entries.len() <= 3);
        }

        #[test]
        fn no_message_of_any_kind_panics(kind in 16u16..100, body in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut datagram = vec![0; 16];
            datagram[0] = (16 + body.len()) as u8;
            datagram[4] = kind as u8;
            datagram.extend(body);
            read(&datagram);
        }
    }
}
