//! The key exchange, on a parked connection or on a new one.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use pictl_engine::ports::{ConnectError, Limits, Session, Tunnel};
use pictl_formats::known_hosts::{KnownHosts, fingerprint};
use pictl_model::trust::{HostKey, Trust};
use russh::client::{self, Handle};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout};

use super::algorithms;
use super::line::{Line, UNANSWERED};
use super::trust::{Watch, Watched};
use crate::neighbour::mac_of;
use crate::parked::{LONGEST, Parked, Stage, Waiting};

type Handshake = Result<Handle<Watch>, russh::Error>;

/// A key exchange under way. Dropped, it ends with its connection.
pub(crate) struct Exchange {
    line: Line,
    watched: Watched,
    handshake: BoxFuture<'static, Handshake>,
}

/// A key exchange that has ended.
pub(super) struct Exchanged {
    pub(super) line: Line,
    pub(super) watched: Watched,
    pub(super) handshake: Result<Handshake, Elapsed>,
    /// The connection had been parked.
    pub(super) waited: bool,
}

/// Exchanges keys with `address`, on the connection that is parked for it or else on a new one. Where the host key is
/// unknown, the exchange is parked until the user has decided on the key.
pub(super) async fn exchange_keys(
    address: SocketAddr,
    known: &Arc<KnownHosts>,
    limits: Limits,
    via: Option<&dyn Session>,
    parked: &Parked,
) -> Result<Exchanged, ConnectError> {
    let waiting = if via.is_none() { parked.take(address) } else { None };
    let resumed = waiting.and_then(|Waiting { said, stage, until }| {
        Some((Exchange::resume(stage, &said, address, known, limits)?, said, until))
    });
    let waited = resumed.is_some();
    let (exchange, said, until) = if let Some(resumed) = resumed {
        resumed
    } else {
        let (line, stream) = Line::make(address, limits, via).await?;
        (Exchange::begin(line, stream, address, known, limits), Vec::new(), Instant::now() + LONGEST)
    };
    match exchange.run(limits).await {
        Ok((line, watched, handshake)) => Ok(Exchanged { line, watched, handshake, waited }),
        Err((exchange, key)) => {
            if via.is_none() {
                parked.park(address, Waiting { said, stage: Stage::Asking(exchange), until });
            }
            Err(not_trusted(address, Trust::Unknown, &key, via))
        }
    }
}

/// The error for a host that offers `key`, which is not trusted.
pub(super) fn not_trusted(address: SocketAddr, trust: Trust, key: &HostKey, via: Option<&dyn Session>) -> ConnectError {
    ConnectError::HostKey {
        address,
        trust,
        key: key.clone(),
        fingerprint: fingerprint(key),
        mac: (trust != Trust::Unknown && via.is_none()).then(|| mac_of(address.ip())).flatten(),
    }
}

impl Exchange {
    fn begin(
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

    /// Goes on with a parked connection; `None` when it cannot be used any more.
    fn resume(stage: Stage, said: &[u8], address: SocketAddr, known: &Arc<KnownHosts>, limits: Limits) -> Option<Self> {
        match stage {
            Stage::Greeted(stream) => {
                let (line, stream) = Line::go_on(stream, said.to_vec(), limits).ok()?;
                Some(Self::begin(line, stream, address, known, limits))
            }
            Stage::Asking(exchange) => {
                let (_, key) = exchange.watched.offered.get()?;
                match known.judge(&address.ip().to_string(), address.port(), key) {
                    Trust::Known => drop(exchange.watched.trusted.send_replace(Some(key.clone()))),
                    Trust::Unknown => {}
                    Trust::Changed | Trust::OtherAlgorithm | Trust::Revoked => return None,
                }
                Some(exchange)
            }
        }
    }

    /// Goes on to the end, or until it waits for a decision on the host key.
    async fn run(mut self, limits: Limits) -> Result<(Line, Watched, Result<Handshake, Elapsed>), (Self, HostKey)> {
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
