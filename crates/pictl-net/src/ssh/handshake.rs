//! The key exchange with a host, on a parked connection or on a new one.

use std::net::SocketAddr;
use std::sync::Arc;

use pictl_engine::ports::{ConnectError, Limits, Session};
use pictl_formats::known_hosts::{KnownHosts, fingerprint};
use pictl_model::trust::{HostKey, Trust};
use tokio::time::Instant;
use tokio::time::error::Elapsed;

use super::exchange::{Exchange, Handshake};
use super::line::Line;
use super::trust::Watched;
use crate::neighbour::mac_of;
use crate::parked::{LONGEST, Parked, Stage, Waiting};

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
    let resumed = waiting
        .and_then(|Waiting { said, stage, until }| Some((resume(stage, &said, address, known, limits)?, said, until)));
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

/// Goes on with a parked connection; `None` when it cannot be used any more.
fn resume(stage: Stage, said: &[u8], address: SocketAddr, known: &Arc<KnownHosts>, limits: Limits) -> Option<Exchange> {
    match stage {
        Stage::Greeted(stream) => {
            let (line, stream) = Line::go_on(stream, said.to_vec(), limits).ok()?;
            Some(Exchange::begin(line, stream, address, known, limits))
        }
        Stage::Asking(exchange) => exchange.may_go_on(address, known).then_some(exchange),
    }
}
