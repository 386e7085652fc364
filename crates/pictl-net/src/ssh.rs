//! SSH: connects, verifies host keys, logs in, and runs commands.

mod agent;
mod algorithms;
pub mod config;
mod errors;
pub(crate) mod exchange;
mod exec;
mod handshake;
mod keys;
mod line;
mod login;
mod opening;
mod operator_key;
mod question;
mod refusals;
mod session;
mod shared;
mod sink;
mod trust;
mod tunnel;
mod turns;

pub use operator_key::{KeyFolder, KeyType};

use std::net::IpAddr;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use pictl_engine::ports::{Connect, ConnectError, ConnectSpec, ResolveError, Session};
use tokio::time::timeout;

use crate::local::Local;
use crate::parked::Parked;
use crate::resolve::resolve;
use exchange::host_is_gone;
use handshake::{Exchanged, exchange_keys, not_trusted};
use keys::{Keyring, OpenError, Prepared};
use login::Login;
use session::SshSession;
use turns::Turns;

/// Logins at once by default. Each costs this computer about half a millisecond of computing; the hosts need far
/// longer.
const MAX_LOGINS: usize = 64;

/// Logs in over SSH.
#[derive(Clone, Debug)]
pub struct Ssh {
    turns: Turns,
    keyring: Keyring,
    parked: Parked,
}

impl Ssh {
    /// At most `max_logins` logins go on at any time, and 8 of them through one jump host; established sessions do
    /// not count. A direct login takes over the connection that is parked for its address and port.
    pub fn new(max_logins: usize, parked: Parked) -> Self {
        Self { turns: Turns::new(max_logins), keyring: Keyring::default(), parked }
    }
}

impl Default for Ssh {
    fn default() -> Self {
        Self::new(MAX_LOGINS, Parked::default())
    }
}

impl Connect for Ssh {
    fn resolve(&self, name: String) -> BoxFuture<'static, Result<IpAddr, ResolveError>> {
        async move {
            // The first of them: the others would be the same host.
            resolve(&name).await.map(|addresses| addresses[0])
        }
        .boxed()
    }

    fn operator(&self) -> Option<Arc<dyn Session>> {
        Some(Arc::new(Local::default()))
    }

    fn connect(
        &self,
        spec: ConnectSpec,
        via: Option<Arc<dyn Session>>,
    ) -> BoxFuture<'static, Result<Arc<dyn Session>, ConnectError>> {
        let this = self.clone();
        async move {
            let _turn = this.turns.wait(via.as_ref()).await;
            let session: Arc<dyn Session> = Arc::new(connect(spec, via.as_deref(), &this).await?);
            Ok(session)
        }
        .boxed()
    }
}

async fn connect(spec: ConnectSpec, via: Option<&dyn Session>, ssh: &Ssh) -> Result<SshSession, ConnectError> {
    let ConnectSpec { address, user, known, credentials, limits, via: _ } = spec;
    // Before anything is sent: a host punishes connections that end without a login, and so after a wrong passphrase
    // too.
    let prepared = keys::load(credentials).await?;
    for credential in &prepared {
        if let Prepared::Key(file, passphrase @ Some(_)) = credential
            && let Err(OpenError::WrongPassphrase) = ssh.keyring.open(file, passphrase.as_ref()).await
        {
            return Err(ConnectError::Passphrase { address, path: file.path.clone(), wrong: true });
        }
    }

    loop {
        let Exchanged { line, mut watched, handshake, waited } =
            exchange_keys(address, &known, limits, via, &ssh.parked).await?;
        let offered = watched.offered.get();
        let mut handle = match (handshake, watched.refused()) {
            (Ok(Ok(handle)), _) => handle,
            (_, Some((trust, key))) => return Err(not_trusted(address, *trust, key, via)),
            // The host has dropped the parked connection meanwhile: try again on a new one.
            (failed, None) if waited && host_is_gone(&failed) => continue,
            (failed, None) => {
                return Err(match (line.root_cause().await, failed) {
                    (Some(lost), _) => errors::route_lost(address, lost.why),
                    (None, Ok(Err(error))) => errors::no_handshake(address, &error, offered.is_some()),
                    (None, _) => errors::no_key_exchange(address, limits.handshake),
                });
            }
        };
        let Some((_, host_key)) = offered.cloned() else {
            return Err(ConnectError::Protocol { address, why: "the key exchange ended without a host key".into() });
        };

        let login = Login::new(&mut handle, &user, &ssh.keyring).run(&prepared);
        match timeout(limits.login, login).await {
            Ok(Ok(how)) => return Ok(SshSession::new(address, handle, line, watched, host_key, how)),
            Ok(Err(failure)) if waited && failure.gone => {}
            Ok(Err(failure)) => {
                let why = watched.ended.borrow().clone();
                if why.is_some()
                    && let Some(lost) = line.root_cause().await
                {
                    return Err(errors::route_lost(address, lost.why));
                }
                shared::say_goodbye(&handle, &mut watched.ended).await;
                return Err(failure.into_error(address, user, why.map(|lost| lost.why)));
            }
            Err(_) => return Err(errors::no_login(address, limits.login)),
        }
    }
}
