//! MAC addresses of other hosts, from the kernel's neighbour table.

use std::net::IpAddr;

use pictl_model::MacAddr;

/// The MAC address behind `address`, if a connection was made to it just now and it is on a network of this machine.
#[cfg(target_os = "linux")]
pub(crate) fn mac_of(address: IpAddr) -> Option<MacAddr> {
    crate::netlink::neighbours().ok()?.into_iter().find(|entry| entry.address == address)?.mac()
}

/// Only Linux's table is read.
#[cfg(not(target_os = "linux"))]
pub(crate) fn mac_of(_: IpAddr) -> Option<MacAddr> {
    None
}
