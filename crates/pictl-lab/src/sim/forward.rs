//! TCP connections through a node to another one (`direct-tcpip`), for logins through a jump host.
//!
//! They are real connections on loopback from the address of the one to that of the other, and only simulated nodes can be
//! named: nothing else of this machine or its network is ever reached.

use std::net::SocketAddr;
use std::sync::Arc;

use russh::server::{ChannelOpenHandle, Msg};
use russh::{Channel, ChannelOpenFailure};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpSocket, TcpStream};

use super::FaultKind;
use super::node::Cell;
use super::world::{SSH_PORT, World};

/// Carries bytes between the channel and `host`, as it is called on the node, until one side ends.
pub(super) async fn serve(
    world: Arc<World>,
    from: Arc<Cell>,
    host: String,
    port: u32,
    channel: Channel<Msg>,
    reply: ChannelOpenHandle,
) {
    if from.has(&FaultKind::NoForwarding) {
        return reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
    }
    let to = world.find(&from, &host).ok().filter(|to| [SSH_PORT, to.address.port()].map(u32::from).contains(&port));
    let stream = match to {
        Some(to) => connect(&from, &to).await.ok(),
        None => None,
    };
    let Some(mut stream) = stream else { return reply.reject(ChannelOpenFailure::ConnectFailed).await };
    reply.accept().await;
    // The end of the channel reports how it ends.
    let _ = copy_bidirectional(&mut channel.into_stream(), &mut stream).await;
}

async fn connect(from: &Cell, to: &Cell) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from.address.ip(), 0))?;
    let stream = socket.connect(to.address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
