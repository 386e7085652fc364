//! One connection to one node.

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use pictl_engine::ports::{Chunk, ExecError, Loss, Output, RemoteCommand, Session, Tunnel};
use pictl_model::link::LoginMethod;
use pictl_model::trust::HostKey;
use russh::client::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::exec;
use super::line::Line;
use super::shared::Shared;
use super::sink::Sink;
use super::trust::{Watch, Watched};
use super::tunnel;

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
        let shared = Shared::new(address, handle, line, watched);
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
        exec::execute(Arc::clone(&self.shared), command, sink, None).boxed()
    }

    fn stream(
        &self,
        command: RemoteCommand,
        chunks: mpsc::Sender<Chunk>,
    ) -> BoxFuture<'static, Result<Output, ExecError>> {
        exec::execute(Arc::clone(&self.shared), command, Sink::hand_on_to(chunks), None).boxed()
    }

    fn attend(
        &self,
        command: RemoteCommand,
        chunks: mpsc::Sender<Chunk>,
        stop: CancellationToken,
    ) -> BoxFuture<'static, Result<Output, ExecError>> {
        exec::execute(Arc::clone(&self.shared), command, Sink::hand_on_to(chunks), Some(stop)).boxed()
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
