//! A tunnel through a jump host to another host.

use std::net::SocketAddr;
use std::sync::Arc;

use pictl_engine::ports::{ExecError, Tunnel};
use russh::ChannelOpenFailure;
use tokio::sync::oneshot;

use super::errors;
use super::shared::Shared;

/// Connects from `shared`'s host to `address`.
///
/// A tunnel that is not read blocks the whole connection to `shared`'s host, and with it all hosts behind that;
/// [`super::sink`] says why, and after how much.
pub(super) async fn open(shared: Arc<Shared>, address: SocketAddr) -> Result<Box<dyn Tunnel>, ExecError> {
    let (sender, receiver) = oneshot::channel();
    // A task of its own, because the caller may be gone before the host has answered. The stream is dropped then, and
    // a stream, unlike a channel, closes on the host when it is dropped.
    tokio::spawn(async move {
        let _ = sender.send(dial(&shared, address).await);
    });
    receiver.await.unwrap_or_else(|_| Err(ExecError::Lost("the runtime is shutting down".into())))
}

async fn dial(shared: &Shared, address: SocketAddr) -> Result<Box<dyn Tunnel>, ExecError> {
    let mut refused = shared.refusals.since_now();
    let to = (address.ip().to_string(), u32::from(address.port()));
    match shared.handle.channel_open_direct_tcpip(to.0, to.1, "127.0.0.1", 0).await {
        Ok(channel) => Ok(Box::new(channel.into_stream())),
        Err(russh::Error::ChannelOpenFailure(reason)) => {
            let said = match reason {
                ChannelOpenFailure::ConnectFailed => refused.message().await,
                _ => None,
            };
            Err(errors::not_forwarded(shared.address, address, &reason, said))
        }
        Err(_) => Err(ExecError::Lost(shared.why_lost().await)),
    }
}
