//! What russh calls while a connection lives: the host key is judged, and the end is noted.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use pictl_formats::known_hosts::KnownHosts;
use pictl_model::trust::{HostKey, Trust};
use russh::client::{self, DisconnectReason, Session};
use russh::keys::{PublicKey, PublicKeyOrCertificate};
use russh::{ChannelId, ChannelOpenFailure};
use tokio::sync::watch;

use super::tunnel::Refusals;
use super::words;

/// The side that russh owns.
pub(super) struct Watch {
    host: String,
    port: u16,
    known: Arc<KnownHosts>,
    offered: Arc<OnceLock<(Trust, HostKey)>>,
    refusals: Refusals,
    ended: watch::Sender<Option<String>>,
}

/// The side that the connection's owner looks at.
pub(super) struct Watched {
    /// The host key and what the records say of it, once offered.
    pub(super) offered: Arc<OnceLock<(Trust, HostKey)>>,
    /// Connections that the host could not make for us.
    pub(super) refusals: Refusals,
    /// Why the connection ended, once it has; the sender goes with the connection in any case.
    pub(super) ended: watch::Receiver<Option<String>>,
}

impl Watch {
    pub(super) fn new(address: SocketAddr, known: Arc<KnownHosts>) -> (Self, Watched) {
        let offered = Arc::new(OnceLock::new());
        let refusals = Refusals::default();
        let (sender, ended) = watch::channel(None);
        let watch = Self {
            host: address.ip().to_string(),
            port: address.port(),
            known,
            offered: Arc::clone(&offered),
            refusals: refusals.clone(),
            ended: sender,
        };
        (watch, Watched { offered, refusals, ended })
    }
}

impl client::Handler for Watch {
    type Error = russh::Error;

    /// Only a recorded key goes through; anything else ends the connection before the login begins.
    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        if key.certificate().is_some() {
            return Ok(false);
        }
        let key = host_key(&key.public_key())?;
        let trust = self.known.judge(&self.host, self.port, &key);
        let _ = self.offered.set((trust, key));
        Ok(trust == Trust::Known)
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
