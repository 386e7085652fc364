//! A raw Ethernet socket for ARP only.

#![expect(unsafe_code, reason = "packet sockets have no safe wrapper")]

use std::io::{self, Read as _};
use std::mem::size_of;
use std::os::fd::AsRawFd as _;

use socket2::{Domain, SockAddr, SockAddrStorage, Socket, Type};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::arp::Wire;

/// Receive buffer: a frame takes 768 bytes of it, with some drivers 2304 or more, so this is for 900 hosts that
/// answer at once while this program is not running.
const ROOM: libc::c_int = 1 << 20;

/// A packet socket that receives nothing yet. A user who may open one may send ARP.
#[derive(Debug)]
pub(super) struct RawSocket(Socket);

impl RawSocket {
    /// Opens one. Needs root or `CAP_NET_RAW`.
    ///
    /// Closing it takes the kernel some 20 ms (it waits until no processor uses it any more), so do not open one
    /// without using it.
    pub(super) fn open() -> io::Result<Self> {
        // Without a protocol no frame arrives before `listen`, and closing is faster.
        let socket = Socket::new(Domain::PACKET, Type::RAW, None)?;
        socket.set_nonblocking(true)?;
        Ok(Self(socket))
    }

    /// Receives the ARP frames of the interface with this index from now on.
    pub(super) fn listen(self, interface: u32) -> io::Result<PacketSocket> {
        let Self(socket) = self;
        make_room(&socket);
        let mut storage = SockAddrStorage::zeroed();
        // SAFETY: sockaddr_ll is the address type of AF_PACKET on this platform.
        let link = unsafe { storage.view_as::<libc::sockaddr_ll>() };
        link.sll_family = libc::AF_PACKET as libc::sa_family_t;
        // The kernel takes the protocol in network byte order.
        link.sll_protocol = (libc::ETH_P_ARP as u16).to_be();
        link.sll_ifindex = interface.cast_signed();
        // SAFETY: the storage was zeroed and then filled as a sockaddr_ll, whose length this is.
        let address = unsafe { SockAddr::new(storage, size_of::<libc::sockaddr_ll>() as libc::socklen_t) };
        socket.bind(&address)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        // SAFETY: the AsyncFd owns the socket, whose descriptor stays the same until both are dropped together.
        let registered = unsafe { AsyncFd::register_with_interest(socket, interest) };
        Ok(PacketSocket(registered?))
    }
}

/// Asks for [`ROOM`]: with `CAP_NET_ADMIN` more than `net.core.rmem_max` is possible, without it that is the limit.
fn make_room(socket: &Socket) {
    let length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the option takes an int, which lives for the duration of the call.
    let forced = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVBUFFORCE,
            std::ptr::from_ref(&ROOM).cast(),
            length,
        )
    };
    if forced != 0 {
        // A smaller buffer does not stop the scan: hosts whose answers are lost are asked again.
        let _ = socket.set_recv_buffer_size(ROOM as usize);
    }
}

/// A packet socket on one interface.
#[derive(Debug)]
pub(super) struct PacketSocket(AsyncFd<Socket>);

impl Wire for PacketSocket {
    async fn send(&self, frame: &[u8]) -> io::Result<()> {
        self.0.async_io(Interest::WRITABLE, |socket| socket.send(frame)).await.map(drop)
    }

    async fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.async_io(Interest::READABLE, |mut socket| socket.read(buffer)).await
    }
}
