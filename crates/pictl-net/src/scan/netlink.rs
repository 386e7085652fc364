//! What the kernel knows of links, addresses and neighbours. Needs no privileges.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;
use netlink_packet_core::{NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkInfo, LinkLayerType, LinkMessage};
use netlink_packet_route::neighbour::{NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};
use pictl_model::ids::MacAddr;

use super::own::{Interface, Subnet, kind};

/// Asks for everything of one kind. The kernel answers at once; 1000 entries take about 1 ms.
fn dump(question: RouteNetlinkMessage) -> io::Result<Vec<RouteNetlinkMessage>> {
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

    let mut answers = Vec::new();
    loop {
        let (datagram, _) = socket.recv_from_full()?;
        let mut rest = &datagram[..];
        while !rest.is_empty() {
            let message = NetlinkMessage::<RouteNetlinkMessage>::deserialize(rest).map_err(io::Error::other)?;
            match message.payload {
                NetlinkPayload::InnerMessage(answer) => answers.push(answer),
                NetlinkPayload::Error(error) => return Err(error.to_io()),
                NetlinkPayload::Done(_) => return Ok(answers),
                _ => {}
            }
            // Messages are padded to four bytes, the last one perhaps not.
            let length = (message.header.length as usize).next_multiple_of(4).max(16);
            rest = rest.get(length..).unwrap_or_default();
        }
    }
}

/// All Ethernet-like interfaces that are up, once for each of their IPv4 networks.
pub(super) fn interfaces() -> io::Result<Vec<Interface>> {
    let links: HashMap<u32, Link> = dump(RouteNetlinkMessage::GetLink(LinkMessage::default()))?
        .into_iter()
        .filter_map(|answer| match answer {
            RouteNetlinkMessage::NewLink(link) => Some((link.header.index, Link::read(&link)?)),
            _ => None,
        })
        .collect();
    let mut question = AddressMessage::default();
    question.header.family = AddressFamily::Inet;
    let addresses = dump(RouteNetlinkMessage::GetAddress(question))?;
    let interfaces = addresses.into_iter().filter_map(|answer| {
        let RouteNetlinkMessage::NewAddress(message) = answer else { return None };
        let link = links.get(&message.header.index)?;
        let address = own_address(&message)?;
        let net = Ipv4Net::new(address, message.header.prefix_len).ok()?.trunc();
        Some(Interface {
            index: message.header.index,
            kind: kind(&link.name, link.device.as_deref()),
            mac: link.mac,
            subnet: Subnet { interface: link.name.clone(), net, address },
        })
    });
    Ok(interfaces.collect())
}

struct Link {
    name: String,
    device: Option<String>,
    mac: MacAddr,
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
pub(super) struct Neighbour {
    pub(super) address: IpAddr,
    pub(super) mac: MacAddr,
    /// It answered within the last half minute or so; older entries may be of hosts that are gone.
    pub(super) fresh: bool,
}

/// The neighbours whose hardware address the kernel knows.
pub(super) fn neighbours() -> io::Result<Vec<Neighbour>> {
    let entries = dump(RouteNetlinkMessage::GetNeighbour(NeighbourMessage::default()))?;
    Ok(entries
        .into_iter()
        .filter_map(|answer| match answer {
            RouteNetlinkMessage::NewNeighbour(message) => neighbour(&message),
            _ => None,
        })
        .collect())
}

fn neighbour(message: &NeighbourMessage) -> Option<Neighbour> {
    let fresh = match message.header.state {
        NeighbourState::Reachable => true,
        NeighbourState::Stale | NeighbourState::Delay | NeighbourState::Probe | NeighbourState::Permanent => false,
        _ => return None,
    };
    let (mut address, mut mac) = (None, None);
    for attribute in &message.attributes {
        match attribute {
            NeighbourAttribute::Destination(NeighbourAddress::Inet(ip)) => address = Some(IpAddr::V4(*ip)),
            NeighbourAttribute::Destination(NeighbourAddress::Inet6(ip)) => address = Some(IpAddr::V6(*ip)),
            NeighbourAttribute::LinkLayerAddress(bytes) => mac = bytes[..].try_into().ok().map(MacAddr),
            _ => {}
        }
    }
    Some(Neighbour { address: address?, mac: mac?, fresh })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_kernel_answers() {
        // What it answers depends on the machine; that loopback is no Ethernet does not.
        let interfaces = super::interfaces().unwrap();
        assert!(interfaces.iter().all(|i| i.subnet.interface != "lo" && i.subnet.net.contains(&i.subnet.address)));
        super::neighbours().unwrap();
    }
}
