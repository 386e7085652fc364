//! The key exchange, on a connection that a scan has left or on a new one.

use std::net::SocketAddr;
use std::sync::Arc;

use pictl_engine::ports::{ConnectError, Limits, Session, Tunnel};
use pictl_formats::known_hosts::KnownHosts;
use russh::client;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::algorithms;
use super::line::{Line, UNANSWERED};
use super::trust::{Watch, Watched};
use crate::kept::Kept;

/// A key exchange that was tried.
pub(super) struct Exchange {
    pub(super) line: Line,
    pub(super) watched: Watched,
    pub(super) handshake: Result<Result<client::Handle<Watch>, russh::Error>, Elapsed>,
}

/// Exchanges keys with `address`. What may only have failed because a kept connection was too old is tried once more on a new one.
pub(super) async fn exchange_keys(
    address: SocketAddr,
    known: &Arc<KnownHosts>,
    limits: Limits,
    via: Option<&dyn Session>,
    kept: &Kept,
) -> Result<Exchange, ConnectError> {
    let kept = if via.is_none() { kept.take(address) } else { None };
    if let Some((line, stream)) = kept.and_then(|greeted| Line::go_on(greeted, limits).ok()) {
        let exchange = Exchange::on(line, stream, address, known, limits).await;
        if !exchange.found_nobody() {
            return Ok(exchange);
        }
    }
    let (line, stream) = Line::make(address, limits, via).await?;
    Ok(Exchange::on(line, stream, address, known, limits).await)
}

impl Exchange {
    async fn on(
        line: Line,
        stream: Box<dyn Tunnel>,
        address: SocketAddr,
        known: &Arc<KnownHosts>,
        limits: Limits,
    ) -> Self {
        let (watch, watched) = Watch::new(address, Arc::clone(known));
        let config = Arc::new(config(limits, &known.algorithms_of(&address.ip().to_string(), address.port())));
        let handshake = timeout(limits.handshake, client::connect_stream(config, stream, watch)).await;
        Self { line, watched, handshake }
    }

    /// As when the other side is gone, or has forgotten the connection.
    fn found_nobody(&self) -> bool {
        use russh::Error;
        let unanswered = matches!(self.handshake, Err(_) | Ok(Err(Error::Disconnect | Error::HUP | Error::IO(_))));
        unanswered && self.watched.offered.get().is_none()
    }
}

fn config(limits: Limits, recorded: &[String]) -> client::Config {
    client::Config {
        client_id: russh::SshId::Standard(concat!("SSH-2.0-pictl_", env!("CARGO_PKG_VERSION")).into()),
        keepalive_interval: Some(limits.keepalive),
        keepalive_max: UNANSWERED,
        preferred: algorithms::preferred(recorded),
        nodelay: true,
        ..client::Config::default()
    }
}
