//! SSH: connecting, believing, logging in, running commands.

mod exec;
mod keys;
mod login;
mod operator_key;
mod session;
mod sink;
mod trust;
mod words;

pub use operator_key::KeyFolder;

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use pictl_engine::ports::{Connect, ConnectError, ConnectSpec, Limits, Session};
use pictl_formats::known_hosts::fingerprint;
use pictl_model::trust::Trust;
use russh::client;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::local::Local;
use login::Login;
use session::{Line, SshSession};
use trust::Watch;

/// Logins that go on at once unless told otherwise. Each costs this side about half a millisecond of computing; the hosts
/// need far longer.
const MAX_LOGINS: usize = 64;

/// Keep-alive questions without an answer before a connection counts as lost.
const UNANSWERED: usize = 3;

/// Logs in over SSH.
#[derive(Clone, Debug)]
pub struct Ssh {
    turns: Arc<Semaphore>,
}

impl Ssh {
    /// At most `max_logins` connections are being made at any moment; sessions that stand are not counted.
    pub fn new(max_logins: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(max_logins.max(1))) }
    }
}

impl Default for Ssh {
    fn default() -> Self {
        Self::new(MAX_LOGINS)
    }
}

impl Connect for Ssh {
    fn operator(&self) -> Option<Arc<dyn Session>> {
        Some(Arc::new(Local::default()))
    }

    fn connect(
        &self,
        spec: ConnectSpec,
        _via: Option<Arc<dyn Session>>,
    ) -> BoxFuture<'static, Result<Arc<dyn Session>, ConnectError>> {
        let turns = Arc::clone(&self.turns);
        async move {
            // Nobody closes the semaphore, so an error cannot come; without a permit the login merely is not counted.
            let _turn = turns.acquire_owned().await.ok();
            let session: Arc<dyn Session> = Arc::new(connect(spec).await?);
            Ok(session)
        }
        .boxed()
    }
}

async fn connect(spec: ConnectSpec) -> Result<SshSession, ConnectError> {
    let ConnectSpec { address, user, known, credentials, limits, via: _ } = spec;
    // Before the network is touched: a host punishes connections that end without a login.
    let proofs = keys::load(credentials).await?;

    let stream = match timeout(limits.connect, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(words::no_connection(address, &error)),
        Err(_) => return Err(words::no_answer(address, limits.connect)),
    };
    let (line, stream) = prepare(stream, limits).map_err(|error| words::no_connection(address, &error))?;

    let (watch, mut watched) = Watch::new(address, Arc::clone(&known));
    let config = Arc::new(config(limits, &known.algorithms_of(&address.ip().to_string(), address.port())));
    let handshake = timeout(limits.handshake, client::connect_stream(config, stream, watch)).await;
    let offered = watched.offered.get();
    let mut handle = match (handshake, offered) {
        (Ok(Ok(handle)), _) => handle,
        (_, Some((trust, key))) if *trust != Trust::Known => {
            return Err(ConnectError::HostKey {
                address,
                trust: *trust,
                key: key.clone(),
                fingerprint: fingerprint(key),
            });
        }
        (Ok(Err(error)), _) => return Err(words::no_handshake(address, &error, offered.is_some())),
        (Err(_), _) => return Err(words::no_key_exchange(address, limits.handshake)),
    };
    let Some((_, host_key)) = offered.cloned() else {
        return Err(ConnectError::Protocol { address, why: "the key exchange ended without a host key".into() });
    };

    let login = Login::new(&mut handle, &user).run(proofs);
    let logged_in_by = match timeout(limits.login, login).await {
        Ok(Ok(how)) => how,
        Ok(Err(failure)) => {
            let why = watched.ended.borrow().clone();
            session::say_goodbye(&handle, &mut watched.ended).await;
            return Err(failure.into_error(address, user, why));
        }
        Err(_) => return Err(words::no_login(address, limits.login)),
    };
    Ok(SshSession::new(handle, line, watched.ended, host_key, logged_in_by))
}

/// Sets the socket up, and keeps a second handle with which the connection can be cut whatever russh is doing.
fn prepare(stream: TcpStream, limits: Limits) -> std::io::Result<(Line, TcpStream)> {
    stream.set_nodelay(true)?;
    // Keep-alive questions are not asked while data waits to be sent; the system then notices in the same time.
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(limits.keepalive * (UNANSWERED as u32 + 1)))?;
    let stream = stream.into_std()?;
    let line = Line::new(stream.try_clone()?);
    Ok((line, TcpStream::from_std(stream)?))
}

fn config(limits: Limits, recorded: &[String]) -> client::Config {
    client::Config {
        client_id: russh::SshId::Standard(concat!("SSH-2.0-pictl_", env!("CARGO_PKG_VERSION")).into()),
        keepalive_interval: Some(limits.keepalive),
        keepalive_max: UNANSWERED,
        preferred: keys::preferred(recorded),
        nodelay: true,
        ..client::Config::default()
    }
}
