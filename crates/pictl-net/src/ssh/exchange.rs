//! A key exchange, which may wait for a decision on the host key.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use pictl_engine::ports::{Limits, Tunnel};
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::trust::{HostKey, Trust};
use russh::client::{self, Handle};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::algorithms;
use super::line::{Line, UNANSWERED};
use super::trust::{Watch, Watched};

/// The result of a key exchange.
pub(super) type Handshake = Result<Handle<Watch>, russh::Error>;

/// A key exchange under way. Dropped, it ends with its connection.
pub(crate) struct Exchange {
    line: Line,
    watched: Watched,
    handshake: BoxFuture<'static, Handshake>,
}

impl Exchange {
    /// Begins an exchange on a new connection.
    pub(super) fn begin(
        line: Line,
        stream: Box<dyn Tunnel>,
        address: SocketAddr,
        known: &Arc<KnownHosts>,
        limits: Limits,
    ) -> Self {
        let (watch, watched) = Watch::new(address, Arc::clone(known));
        let config = Arc::new(config(limits, &known.algorithms_of(&address.ip().to_string(), address.port())));
        Self { line, watched, handshake: client::connect_stream(config, stream, watch).boxed() }
    }

    /// Whether the exchange can go on with what is recorded in `known` by now.
    pub(super) fn may_go_on(&self, address: SocketAddr, known: &KnownHosts) -> bool {
        let Some((_, key)) = self.watched.offered.get() else { return false };
        match known.judge(&address.ip().to_string(), address.port(), key) {
            Trust::Known => drop(self.watched.trusted.send_replace(Some(key.clone()))),
            Trust::Unknown => {}
            Trust::Changed | Trust::OtherAlgorithm | Trust::Revoked => return false,
        }
        true
    }

    /// Goes on to the end, or until it waits for a decision on the host key.
    pub(super) async fn run(
        mut self,
        limits: Limits,
    ) -> Result<(Line, Watched, Result<Handshake, Elapsed>), (Self, HostKey)> {
        let going_on = async {
            tokio::select! {
                ended = &mut self.handshake => Ok(ended),
                key = self.watched.undecided() => Err(key),
            }
        };
        let handshake = match timeout(limits.handshake, going_on).await {
            Ok(Err(key)) => return Err((self, key)),
            Ok(Ok(ended)) => Ok(ended),
            Err(elapsed) => Err(elapsed),
        };
        Ok((self.line, self.watched, handshake))
    }

    /// Its socket, if the connection goes over one of ours.
    pub(crate) fn socket(&self) -> Option<&TcpStream> {
        self.line.socket()
    }
}

/// Whether it ended because the host is gone, or has dropped the connection.
pub(super) fn host_is_gone(handshake: &Result<Handshake, Elapsed>) -> bool {
    use russh::Error;
    matches!(handshake, Err(_) | Ok(Err(Error::Disconnect | Error::HUP | Error::IO(_))))
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
