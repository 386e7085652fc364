//! A raw Ethernet socket that sees ARP and nothing else.

#![expect(unsafe_code, reason = "the link-layer address of a packet socket has no safe constructor")]

use std::io::{self, Read as _};
use std::mem::size_of;

use socket2::{Domain, Protocol, SockAddr, SockAddrStorage, Socket, Type};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::arp::Wire;

/// A packet socket bound to one interface. Needs root or `CAP_NET_RAW`.
#[derive(Debug)]
pub(super) struct PacketSocket(AsyncFd<Socket>);

impl PacketSocket {
    /// Opens a socket for the ARP frames of the interface with this index.
    pub(super) fn open(interface: u32) -> io::Result<Self> {
        // The kernel takes the protocol in network byte order.
        let protocol = (libc::ETH_P_ARP as u16).to_be();
        let socket = Socket::new(Domain::PACKET, Type::RAW, Some(Protocol::from(i32::from(protocol))))?;
        socket.set_nonblocking(true)?;
        let mut storage = SockAddrStorage::zeroed();
        // SAFETY: sockaddr_ll is the address type of AF_PACKET on this platform.
        let link = unsafe { storage.view_as::<libc::sockaddr_ll>() };
        link.sll_family = libc::AF_PACKET as libc::sa_family_t;
        link.sll_protocol = protocol;
        link.sll_ifindex = interface.cast_signed();
        // SAFETY: the storage was zeroed and then filled as a sockaddr_ll, whose length this is.
        let address = unsafe { SockAddr::new(storage, size_of::<libc::sockaddr_ll>() as libc::socklen_t) };
        socket.bind(&address)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        // SAFETY: the AsyncFd owns the socket, whose descriptor stays the same until both are dropped together.
        let registered = unsafe { AsyncFd::register_with_interest(socket, interest) };
        Ok(Self(registered?))
    }
}

impl Wire for PacketSocket {
    async fn send(&self, frame: &[u8]) -> io::Result<()> {
        self.0.async_io(Interest::WRITABLE, |socket| socket.send(frame)).await.map(drop)
    }

    async fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.async_io(Interest::READABLE, |mut socket| socket.read(buffer)).await
    }
}
