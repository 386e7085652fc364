//! What a session and the commands and tunnels on it share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use pictl_engine::ports::Loss;
use russh::Disconnect;
use russh::client::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::errors;
use super::line::Line;
use super::refusals::Refusals;
use super::trust::{Watch, Watched};

/// Commands at once on one connection. OpenSSH's MaxSessions is 10, and a session whose channel was closed early
/// counts until its process ends: two are reserved for those. Streams count for as long as they live.
const MAX_CHANNELS: usize = 8;

/// Time for a goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

/// What the session and the commands on it share.
pub(super) struct Shared {
    pub(super) handle: Handle<Watch>,
    pub(super) slots: Arc<Semaphore>,
    /// We are closing the session.
    pub(super) closing: CancellationToken,
    /// The address of the host.
    pub(super) address: SocketAddr,
    /// Connections that the host could not make for us.
    pub(super) refusals: Refusals,
    line: Line,
    ended: watch::Receiver<Option<Loss>>,
}

impl Shared {
    /// The parts of a connection to `address` that has just logged in.
    pub(super) fn new(address: SocketAddr, handle: Handle<Watch>, line: Line, watched: Watched) -> Self {
        Self {
            handle,
            slots: Arc::new(Semaphore::new(MAX_CHANNELS)),
            closing: CancellationToken::new(),
            address,
            refusals: watched.refusals,
            line,
            ended: watched.ended,
        }
    }

    /// Resolves with the reason once the connection is gone.
    pub(super) async fn lost(&self) -> Loss {
        let mut ended = self.ended.clone();
        // The sender is dropped with the connection; without a reason from it there was an error while closing.
        let reason = ended.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
        if self.closing.is_cancelled() {
            return Loss::closed();
        }
        match self.line.root_cause().await {
            Some(why) => why,
            None => reason.unwrap_or_else(errors::broke),
        }
    }

    /// How many commands are running on this connection besides the one that asks.
    pub(super) fn others(&self) -> usize {
        (MAX_CHANNELS - self.slots.available_permits()).saturating_sub(1)
    }

    /// Why the connection is gone, for a caller that has just noticed that it is.
    pub(super) async fn why_lost(&self) -> String {
        timeout(FAREWELL, self.lost()).await.unwrap_or_else(|_| errors::broke()).why
    }

    /// Ends the commands and the connection.
    pub(super) async fn close(&self) {
        // First the commands: unread output may block the whole connection.
        self.closing.cancel();
        say_goodbye(&self.handle, &mut self.ended.clone()).await;
        self.line.cut();
    }
}

/// Announces our disconnect to the host, and waits a little until it is sent: a host may count a broken connection
/// against us.
pub(super) async fn say_goodbye(handle: &Handle<Watch>, ended: &mut watch::Receiver<Option<Loss>>) {
    let goodbye = async {
        if handle.disconnect(Disconnect::ByApplication, "", "").await.is_ok() {
            let _ = ended.wait_for(Option::is_some).await;
        }
    };
    let _ = timeout(FAREWELL, goodbye).await;
}
