//! The callbacks of russh during a connection: the host key is judged, and the end is noted.

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::future::pending;
use pictl_engine::ports::Loss;
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::trust::{HostKey, Trust};
use russh::client::{self, DisconnectReason, Session};
use russh::keys::{PublicKey, PublicKeyOrCertificate};
use russh::{ChannelId, ChannelOpenFailure};
use tokio::sync::{SetOnce, watch};

use super::errors;
use super::refusals::Refusals;

/// The side that russh owns.
pub(super) struct Watch {
    host: String,
    port: u16,
    known: Arc<KnownHosts>,
    offered: Arc<SetOnce<(Trust, HostKey)>>,
    trusted: watch::Receiver<Option<HostKey>>,
    refusals: Refusals,
    ended: watch::Sender<Option<Loss>>,
}

/// The side that the owner of the connection reads.
pub(super) struct Watched {
    /// The host key and its trust according to `known_hosts`, once offered.
    pub(super) offered: Arc<SetOnce<(Trust, HostKey)>>,
    /// The key that was recorded while the exchange waited for that.
    pub(super) trusted: watch::Sender<Option<HostKey>>,
    /// Connections that the host could not make for us.
    pub(super) refusals: Refusals,
    /// Why the connection ended, once it has; the sender is dropped with the connection in any case.
    pub(super) ended: watch::Receiver<Option<Loss>>,
}

impl Watch {
    pub(super) fn new(address: SocketAddr, known: Arc<KnownHosts>) -> (Self, Watched) {
        let offered = Arc::new(SetOnce::new());
        let (trust_sender, trusted) = watch::channel(None);
        let refusals = Refusals::default();
        let (sender, ended) = watch::channel(None);
        let watch = Self {
            host: address.ip().to_string(),
            port: address.port(),
            known,
            offered: Arc::clone(&offered),
            trusted,
            refusals: refusals.clone(),
            ended: sender,
        };
        (watch, Watched { offered, trusted: trust_sender, refusals, ended })
    }
}

impl Watched {
    /// The offered key, if it is refused.
    pub(super) fn refused(&self) -> Option<&(Trust, HostKey)> {
        self.offered.get().filter(|(trust, _)| !matches!(trust, Trust::Known | Trust::Unknown))
    }

    /// The offered key, once the exchange waits for a decision on it.
    pub(super) async fn undecided(&self) -> HostKey {
        match self.offered.wait().await {
            (Trust::Unknown, key) if self.trusted.borrow().is_none() => key.clone(),
            _ => pending().await,
        }
    }
}

impl client::Handler for Watch {
    type Error = russh::Error;

    /// Only a recorded key is accepted. For an unknown one the exchange waits until it is recorded, and any other
    /// ends the connection before the login begins.
    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        if key.certificate().is_some() {
            return Ok(false);
        }
        let key = host_key(&key.public_key())?;
        let trust = self.known.judge(&self.host, self.port, &key);
        let _ = self.offered.set((trust, key.clone()));
        Ok(match trust {
            Trust::Known => true,
            // The other side is dropped if there will be no answer. Later exchanges on the connection find the key
            // here.
            Trust::Unknown => self.trusted.wait_for(Option::is_some).await.is_ok_and(|trusted| *trusted == Some(key)),
            Trust::OtherAlgorithm | Trust::Changed | Trust::Revoked => false,
        })
    }

    async fn channel_open_failure(
        &mut self,
        _: ChannelId,
        reason: ChannelOpenFailure,
        description: &str,
        _: &str,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        if reason == ChannelOpenFailure::ConnectFailed {
            self.refusals.note(description);
        }
        Ok(())
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Self::Error>) -> Result<(), Self::Error> {
        self.ended.send_replace(Some(errors::ending(&reason)));
        Ok(())
    }
}

/// `key` as `known_hosts` writes it, without a comment.
fn host_key(key: &PublicKey) -> Result<HostKey, russh::Error> {
    let line = key.to_openssh()?;
    let mut fields = line.split_ascii_whitespace();
    match (fields.next(), fields.next()) {
        (Some(algorithm), Some(base64)) => Ok(HostKey { algorithm: algorithm.to_owned(), base64: base64.to_owned() }),
        _ => Err(russh::Error::CouldNotReadKey),
    }
}
