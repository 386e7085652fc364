//! One connection to one node.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use pictl_engine::ports::{Chunk, ExecError, Loss, Output, RemoteCommand, Session, Tunnel};
use pictl_model::link::LoginMethod;
use pictl_model::trust::HostKey;
use russh::Disconnect;
use russh::client::Handle;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::errors;
use super::exec;
use super::line::Line;
use super::sink::Sink;
use super::trust::{Watch, Watched};
use super::tunnel::{self, Refusals};

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

    /// Why the connection is gone, for a caller that has just noticed that it is.
    pub(super) async fn why_lost(&self) -> String {
        timeout(FAREWELL, self.lost()).await.unwrap_or_else(|_| errors::broke()).why
    }

    async fn close(&self) {
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

/// A connection that is logged in.
pub(super) struct SshSession {
    shared: Arc<Shared>,
    host_key: HostKey,
    logged_in_by: LoginMethod,
}

impl SshSession {
    pub(super) fn new(
        address: SocketAddr,
        handle: Handle<Watch>,
        line: Line,
        watched: Watched,
        host_key: HostKey,
        logged_in_by: LoginMethod,
    ) -> Self {
        let shared = Shared {
            handle,
            slots: Arc::new(Semaphore::new(MAX_CHANNELS)),
            closing: CancellationToken::new(),
            address,
            refusals: watched.refusals,
            line,
            ended: watched.ended,
        };
        Self { shared: Arc::new(shared), host_key, logged_in_by }
    }
}

impl Session for SshSession {
    fn host_key(&self) -> HostKey {
        self.host_key.clone()
    }

    fn logged_in_by(&self) -> LoginMethod {
        self.logged_in_by.clone()
    }

    fn run(&self, command: RemoteCommand) -> BoxFuture<'static, Result<Output, ExecError>> {
        let sink = Sink::keep(command.max_output);
        exec::execute(Arc::clone(&self.shared), command, sink).boxed()
    }

    fn stream(
        &self,
        command: RemoteCommand,
        chunks: mpsc::Sender<Chunk>,
    ) -> BoxFuture<'static, Result<Output, ExecError>> {
        exec::execute(Arc::clone(&self.shared), command, Sink::hand_on_to(chunks)).boxed()
    }

    fn tunnel(&self, address: SocketAddr) -> BoxFuture<'static, Result<Box<dyn Tunnel>, ExecError>> {
        tunnel::open(Arc::clone(&self.shared), address).boxed()
    }

    fn lost(&self) -> BoxFuture<'static, Loss> {
        let shared = Arc::clone(&self.shared);
        async move { shared.lost().await }.boxed()
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        let shared = Arc::clone(&self.shared);
        async move { shared.close().await }.boxed()
    }
}

impl Drop for SshSession {
    fn drop(&mut self) {
        // Without a runtime no disconnect can be sent; the connection is cut anyway when it is dropped.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let shared = Arc::clone(&self.shared);
            runtime.spawn(async move { shared.close().await });
        }
    }
}
