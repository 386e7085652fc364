//! What russh calls while a connection lives: the host key is judged, and the end is noted.

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

use super::tunnel::Refusals;
use super::words;

/// The side that russh owns.
pub(super) struct Watch {
    host: String,
    port: u16,
    known: Arc<KnownHosts>,
    offered: Arc<SetOnce<(Trust, HostKey)>>,
    believed: watch::Receiver<Option<HostKey>>,
    refusals: Refusals,
    ended: watch::Sender<Option<Loss>>,
}

/// The side that the connection's owner looks at.
pub(super) struct Watched {
    /// The host key and what the records say of it, once offered.
    pub(super) offered: Arc<SetOnce<(Trust, HostKey)>>,
    /// The key that came to be recorded while the exchange waited for that.
    pub(super) believed: watch::Sender<Option<HostKey>>,
    /// Connections that the host could not make for us.
    pub(super) refusals: Refusals,
    /// Why the connection ended, once it has; the sender goes with the connection in any case.
    pub(super) ended: watch::Receiver<Option<Loss>>,
}

impl Watch {
    pub(super) fn new(address: SocketAddr, known: Arc<KnownHosts>) -> (Self, Watched) {
        let offered = Arc::new(SetOnce::new());
        let (believe, believed) = watch::channel(None);
        let refusals = Refusals::default();
        let (sender, ended) = watch::channel(None);
        let watch = Self {
            host: address.ip().to_string(),
            port: address.port(),
            known,
            offered: Arc::clone(&offered),
            believed,
            refusals: refusals.clone(),
            ended: sender,
        };
        (watch, Watched { offered, believed: believe, refusals, ended })
    }
}

impl Watched {
    /// The offered key, if it is one that nobody will be let in by.
    pub(super) fn refused(&self) -> Option<&(Trust, HostKey)> {
        self.offered.get().filter(|(trust, _)| !matches!(trust, Trust::Known | Trust::Unknown))
    }

    /// The offered key, once the exchange waits for a decision on it.
    pub(super) async fn undecided(&self) -> HostKey {
        match self.offered.wait().await {
            (Trust::Unknown, key) if self.believed.borrow().is_none() => key.clone(),
            _ => pending().await,
        }
    }
}

impl client::Handler for Watch {
    type Error = russh::Error;

    /// Only a recorded key goes through. An unknown one has the exchange wait until it is recorded, and anything else ends the
    /// connection, before the login begins.
    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        if key.certificate().is_some() {
            return Ok(false);
        }
        let key = host_key(&key.public_key())?;
        let trust = self.known.judge(&self.host, self.port, &key);
        let _ = self.offered.set((trust, key.clone()));
        Ok(match trust {
            Trust::Known => true,
            // Who asks goes when there is to be no answer. Later exchanges on the connection find it here.
            Trust::Unknown => {
                self.believed.wait_for(Option::is_some).await.is_ok_and(|believed| *believed == Some(key))
            }
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
        self.ended.send_replace(Some(words::ending(&reason)));
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
