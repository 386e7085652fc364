//! The transport of a connection: a socket of ours, or a tunnel through a jump host.

use std::io::{self, Cursor};
use std::net::{Shutdown, SocketAddr};
use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use pictl_engine::ports::{ConnectError, ExecError, Limits, Loss, Session, Tunnel};
use pictl_model::link::LinkFailure;
use tokio::io::{AsyncReadExt as _, copy_bidirectional, duplex, join};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::errors;

/// Keep-alive messages without an answer before a connection counts as lost.
pub(super) const UNANSWERED: usize = 3;

/// Bytes in transit through a jump host, in each direction.
const IN_TRANSIT: usize = 64 << 10;

/// Time in which the loss of a jump host shows after the end of a connection through it.
const ROOT_CAUSE: Duration = Duration::from_millis(200);

/// Time for the last bytes to arrive after the transport was cut.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Cuts the connection when dropped, even if the other side is busy or stuck.
pub(super) struct Line {
    cut: Cut,
    /// Why the jump host was lost, once it is.
    before: Option<Shared<BoxFuture<'static, Loss>>>,
}

enum Cut {
    /// A second handle of the socket.
    Socket(std::net::TcpStream),
    /// Stops the task that carries the bytes through a jump host.
    Carrier(CancellationToken),
}

impl Line {
    /// Goes on with a connection on which the host has `said` something already.
    pub(super) fn go_on(
        stream: std::net::TcpStream,
        said: Vec<u8>,
        limits: Limits,
    ) -> io::Result<(Self, Box<dyn Tunnel>)> {
        let (line, stream) = Self::of(stream, limits)?;
        let (reads, writes) = stream.into_split();
        Ok((line, Box::new(join(Cursor::new(said).chain(reads), writes))))
    }

    /// Connects to `address`, directly or `via` a jump host.
    pub(super) async fn make(
        address: SocketAddr,
        limits: Limits,
        via: Option<&dyn Session>,
    ) -> Result<(Self, Box<dyn Tunnel>), ConnectError> {
        match via {
            None => dial(address, limits).await,
            Some(via) => through(via, address, limits).await,
        }
    }

    /// Sets the socket up.
    fn of(stream: std::net::TcpStream, limits: Limits) -> io::Result<(Self, TcpStream)> {
        stream.set_nodelay(true)?;
        // Keep-alive messages are not sent while data waits to be sent; the system notices in the same time then.
        #[cfg(target_os = "linux")]
        socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(limits.keepalive * (UNANSWERED as u32 + 1)))?;
        Ok((Self { cut: Cut::Socket(stream.try_clone()?), before: None }, TcpStream::from_std(stream)?))
    }

    /// The socket, if it is one of ours.
    pub(super) fn socket(&self) -> Option<&std::net::TcpStream> {
        match &self.cut {
            Cut::Socket(socket) => Some(socket),
            Cut::Carrier(_) => None,
        }
    }

    pub(super) fn cut(&self) {
        match &self.cut {
            // An error means that it is cut already.
            Cut::Socket(socket) => {
                let _ = socket.shutdown(Shutdown::Both);
            }
            Cut::Carrier(carrier) => carrier.cancel(),
        }
    }

    /// Why the connection ended, if the jump host was lost.
    pub(super) async fn root_cause(&self) -> Option<Loss> {
        let Loss { why, .. } = timeout(ROOT_CAUSE, self.before.clone()?).await.ok()?;
        let why = format!("the connection to the host that it goes through is gone: {why}");
        Some(Loss::new(LinkFailure::JumpHostLost, why))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.cut();
    }
}

async fn dial(address: SocketAddr, limits: Limits) -> Result<(Line, Box<dyn Tunnel>), ConnectError> {
    let stream = match timeout(limits.connect, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(errors::no_connection(address, &error)),
        Err(_) => return Err(errors::no_answer(address, limits.connect)),
    };
    let prepared = stream.into_std().and_then(|stream| Line::of(stream, limits));
    let (line, stream) = prepared.map_err(|error| errors::no_connection(address, &error))?;
    Ok((line, Box::new(stream)))
}

/// A task carries the bytes, so that the tunnel can be closed whatever russh does on it.
async fn through(
    via: &dyn Session,
    address: SocketAddr,
    limits: Limits,
) -> Result<(Line, Box<dyn Tunnel>), ConnectError> {
    let before = via.lost().shared();
    let mut tunnel = match timeout(limits.connect, via.tunnel(address)).await {
        Ok(Ok(tunnel)) => tunnel,
        Ok(Err(ExecError::NotForwarded { kind, why })) => return Err(errors::no_route(kind, address, why)),
        Ok(Err(other)) => return Err(errors::route_lost(address, other)),
        Err(_) => return Err(errors::no_answer_behind(address, limits.connect)),
    };
    let (near, mut far) = duplex(IN_TRANSIT);
    let carrier = CancellationToken::new();
    let stopped = carrier.clone().cancelled_owned();
    tokio::spawn(async move {
        let mut carry = pin!(copy_bidirectional(&mut far, &mut tunnel));
        tokio::select! {
            // A goodbye may be on its way.
            () = stopped => drop(timeout(LAST_WORDS, carry).await),
            _ = &mut carry => {}
        }
    });
    Ok((Line { cut: Cut::Carrier(carrier), before: Some(before) }, Box::new(near)))
}
