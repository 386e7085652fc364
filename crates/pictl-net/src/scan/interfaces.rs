//! This machine's own networks.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::Path;

use ipnet::Ipv4Net;
use pictl_formats::interfaces::{is_internal, is_veth};
use pictl_model::ids::MacAddr;

/// A network that this machine is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// The interface's name.
    pub interface: String,
    /// The network, its host bits zero.
    pub net: Ipv4Net,
    /// This machine's address in it.
    pub address: Ipv4Addr,
}

/// What an interface is, as far as a scan cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A physical network interface, or something that behaves like one.
    Physical,
    /// One end of a virtual cable: what containers and namespaces have instead of a physical interface.
    Veth,
    /// A network inside this machine, or a tunnel: scanned only if the user names it.
    Internal,
}

/// An Ethernet-like interface that is up and has an IPv4 network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) index: u32,
    pub(super) kind: Kind,
    pub(super) mac: MacAddr,
    pub(super) subnet: Subnet,
}

/// The kind of an interface by its name and, where the system reports it, the kind of its device.
pub(super) fn kind(name: &str, device: Option<&str>) -> Kind {
    match device {
        Some("bridge" | "tun" | "wireguard" | "vxlan" | "dummy" | "ifb") => Kind::Internal,
        _ if is_internal(name) => Kind::Internal,
        Some("veth") => Kind::Veth,
        _ if is_veth(name) => Kind::Veth,
        _ => Kind::Physical,
    }
}

/// All Ethernet-like interfaces that are up, once for each of their IPv4 networks. Empty on systems other than Linux.
pub(super) fn interfaces() -> io::Result<Vec<Interface>> {
    #[cfg(target_os = "linux")]
    return Ok(crate::netlink::link_networks()?.into_iter().map(Interface::from).collect());
    #[cfg(not(target_os = "linux"))]
    return Ok(Vec::new());
}

#[cfg(target_os = "linux")]
impl From<crate::netlink::LinkNetwork> for Interface {
    fn from(network: crate::netlink::LinkNetwork) -> Self {
        let crate::netlink::LinkNetwork { index, link, net, address } = network;
        let kind = kind(&link.name, link.device.as_deref());
        Self { index, kind, mac: link.mac, subnet: Subnet { interface: link.name, net, address } }
    }
}

/// Where the kernel describes interfaces, one folder each.
const INTERFACES: &str = "/sys/class/net";

/// Why the interface `name` is not one of [`interfaces`].
pub(super) fn why_not(name: &str) -> &'static str {
    why_not_in(Path::new(INTERFACES), name)
}

fn why_not_in(interfaces: &Path, name: &str) -> &'static str {
    let attribute = |what| attribute(interfaces, name, what);
    let flags = attribute("flags").and_then(|flags| u32::from_str_radix(flags.strip_prefix("0x")?, 16).ok());
    match (attribute("type").as_deref(), flags) {
        (None, _) => "there is no such interface",
        // ARPHRD_ETHER, IFF_UP.
        (Some("1"), Some(flags)) if flags & 1 == 0 => "it is down",
        (Some("1"), _) => "it has no IPv4 address",
        _ => "it is not like Ethernet, so there are no neighbours to find",
    }
}

/// The interface is up, but nothing is connected to it.
pub(super) fn is_unconnected(name: &str) -> bool {
    attribute(Path::new(INTERFACES), name, "carrier").is_some_and(|carrier| carrier == "0")
}

/// The interface is wireless: broadcasts are slow there, and lost ones are not repeated.
#[cfg(target_os = "linux")]
pub(super) fn is_wireless(name: &str) -> bool {
    Path::new(INTERFACES).join(name).join("phy80211").exists()
}

/// An attribute of an interface; `None` if there is no such interface or attribute.
fn attribute(interfaces: &Path, name: &str, what: &str) -> Option<String> {
    let is_name = !name.is_empty() && !name.starts_with('.') && !name.contains('/');
    let text = std::fs::read_to_string(interfaces.join(name).join(what)).ok().filter(|_| is_name)?;
    Some(text.trim().to_owned())
}

/// Those of `all` that are scanned when the user names none, and the names of the others.
///
/// Physical interfaces; where there are none, as in a container or a network namespace, virtual cables.
pub(super) fn worth_scanning(all: &[Interface]) -> (Vec<&Interface>, Vec<&str>) {
    let wanted = if all.iter().any(|i| i.kind == Kind::Physical) { Kind::Physical } else { Kind::Veth };
    let (taken, left): (Vec<_>, Vec<_>) = all.iter().partition(|i| i.kind == wanted && i.subnet.net.prefix_len() < 32);
    let mut left: Vec<_> = left.into_iter().map(|i| i.subnet.interface.as_str()).collect();
    left.dedup();
    (taken, left)
}

/// The networks that a scan without targets asks: those of the physical interfaces. Empty on systems other than
/// Linux.
pub fn own_subnets() -> io::Result<Vec<Subnet>> {
    let all = interfaces()?;
    let (taken, _) = worth_scanning(&all);
    Ok(taken.into_iter().map(|i| i.subnet.clone()).collect())
}

/// The address from which this machine would connect to `target`; `None` without a route. Nothing is sent.
pub fn own_address_towards(target: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = if target.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    // Connecting a UDP socket only looks up the route. The port does not matter; 9 is "discard".
    socket.connect(SocketAddr::new(target, 9)).ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_unspecified()).then_some(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(name: &str, device: Option<&str>, net: &str) -> Interface {
        let net: Ipv4Net = net.parse().unwrap();
        let subnet = Subnet { interface: name.into(), net: net.trunc(), address: net.addr() };
        Interface { index: 1, kind: kind(name, device), mac: MacAddr([2, 0, 0, 0, 0, 1]), subnet }
    }

    fn taken(all: &[Interface]) -> Vec<&str> {
        worth_scanning(all).0.into_iter().map(|i| i.subnet.interface.as_str()).collect()
    }

    #[test]
    fn physical_interfaces_are_scanned_and_internal_networks_are_not() {
        let all = [
            interface("eth0", None, "192.168.1.5/24"),
            interface("docker0", Some("bridge"), "172.17.0.1/16"),
            interface("br-4711", None, "172.18.0.1/16"),
            interface("veth1", Some("veth"), "10.1.0.1/24"),
            interface("tap0", Some("tun"), "10.2.0.1/24"),
            interface("eth1", None, "10.3.0.1/32"),
        ];
        assert_eq!(taken(&all), ["eth0"]);
        assert_eq!(worth_scanning(&all).1, ["docker0", "br-4711", "veth1", "tap0", "eth1"]);
    }

    #[test]
    fn in_a_namespace_the_virtual_cable_is_scanned() {
        let all = [interface("eth0", Some("veth"), "10.77.0.1/24"), interface("docker0", None, "172.17.0.1/16")];
        assert_eq!(taken(&all), ["eth0"]);
    }

    #[test]
    fn each_reason_against_an_interface_has_its_own_message() {
        let interfaces = tempfile::tempdir().unwrap();
        for (name, kind, flags) in [("eth0", "1", "0x1002"), ("eth1", "1", "0x1003"), ("lo", "772", "0x9")] {
            let directory = interfaces.path().join(name);
            std::fs::create_dir(&directory).unwrap();
            std::fs::write(directory.join("type"), format!("{kind}\n")).unwrap();
            std::fs::write(directory.join("flags"), format!("{flags}\n")).unwrap();
        }
        let why = |name| why_not_in(interfaces.path(), name);
        assert_eq!(why("eth0"), "it is down");
        assert_eq!(why("eth1"), "it has no IPv4 address");
        assert!(why("lo").contains("not like Ethernet"));
        for name in ["eth7", "", ".", "../eth0", "eth0/."] {
            assert_eq!(why(name), "there is no such interface", "{name:?}");
        }
    }

    #[test]
    fn loopback_is_reached_from_loopback() {
        let own = own_address_towards(Ipv4Addr::LOCALHOST.into());
        assert_eq!(own, Some(Ipv4Addr::LOCALHOST.into()));
    }
}
