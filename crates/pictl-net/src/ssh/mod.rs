//! SSH: connecting, believing, logging in, running commands.

mod agent;
mod algorithms;
pub mod config;
mod exec;
mod keys;
mod line;
mod login;
mod operator_key;
mod question;
mod session;
mod sink;
mod trust;
mod tunnel;
mod turns;
mod words;

pub use operator_key::KeyFolder;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use pictl_engine::ports::{Connect, ConnectError, ConnectSpec, Limits, Session};
use pictl_formats::known_hosts::fingerprint;
use pictl_model::trust::Trust;
use russh::client;
use tokio::time::timeout;

use crate::local::Local;
use crate::scan::mac_of;
use keys::{Keyring, Proof, Shut};
use line::{Line, UNANSWERED};
use login::Login;
use session::SshSession;
use trust::Watch;
use turns::Turns;

/// Logins that go on at once unless told otherwise. Each costs this side about half a millisecond of computing; the hosts
/// need far longer.
const MAX_LOGINS: usize = 64;

/// Time to find out a host's address.
const RESOLVING: Duration = Duration::from_secs(5);

/// Logs in over SSH.
#[derive(Clone, Debug)]
pub struct Ssh {
    turns: Turns,
    keyring: Keyring,
}

impl Ssh {
    /// At most `max_logins` connections are being made at any moment, and 8 of them through one other host; sessions that
    /// stand are not counted.
    pub fn new(max_logins: usize) -> Self {
        Self { turns: Turns::new(max_logins), keyring: Keyring::default() }
    }
}

impl Default for Ssh {
    fn default() -> Self {
        Self::new(MAX_LOGINS)
    }
}

impl Connect for Ssh {
    fn resolve(&self, name: String) -> BoxFuture<'static, Result<IpAddr, String>> {
        async move {
            let found = timeout(RESOLVING, tokio::net::lookup_host((name.as_str(), 0))).await;
            let mut addresses =
                found.map_err(|_| format!("no answer within {RESOLVING:?}"))?.map_err(|e| e.to_string())?;
            addresses.next().map(|address| address.ip()).ok_or_else(|| "it has no address".into())
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
            let session: Arc<dyn Session> = Arc::new(connect(spec, via.as_deref(), &this.keyring).await?);
            Ok(session)
        }
        .boxed()
    }
}

async fn connect(spec: ConnectSpec, via: Option<&dyn Session>, keyring: &Keyring) -> Result<SshSession, ConnectError> {
    let ConnectSpec { address, user, known, credentials, limits, via: _ } = spec;
    // Before the network is touched: a host punishes connections that end without a login. So does it those that end for a
    // wrong passphrase.
    let proofs = keys::load(credentials).await?;
    for proof in &proofs {
        if let Proof::Key(file, passphrase @ Some(_)) = proof
            && let Err(Shut::WrongPassphrase) = keyring.open(file, passphrase.as_ref()).await
        {
            return Err(ConnectError::Passphrase { address, path: file.path.clone(), wrong: true });
        }
    }

    let (line, stream) = Line::make(address, limits, via).await?;
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
                mac: (*trust != Trust::Unknown && via.is_none()).then(|| mac_of(address.ip())).flatten(),
            });
        }
        (failed, _) => {
            return Err(match (line.root_cause().await, failed) {
                (Some(why), _) => words::way_lost(address, why),
                (None, Ok(Err(error))) => words::no_handshake(address, &error, offered.is_some()),
                (None, _) => words::no_key_exchange(address, limits.handshake),
            });
        }
    };
    let Some((_, host_key)) = offered.cloned() else {
        return Err(ConnectError::Protocol { address, why: "the key exchange ended without a host key".into() });
    };

    let login = Login::new(&mut handle, &user, keyring).run(proofs);
    let logged_in_by = match timeout(limits.login, login).await {
        Ok(Ok(how)) => how,
        Ok(Err(failure)) => {
            let why = watched.ended.borrow().clone();
            if why.is_some()
                && let Some(why) = line.root_cause().await
            {
                return Err(words::way_lost(address, why));
            }
            session::say_goodbye(&handle, &mut watched.ended).await;
            return Err(failure.into_error(address, user, why));
        }
        Err(_) => return Err(words::no_login(address, limits.login)),
    };
    Ok(SshSession::new(address, handle, line, watched, host_key, logged_in_by))
}

fn config(limits: Limits, recorded: &[String]) -> client::Config {
    client::Config {
        client_id: russh::SshId::Standard(concat!("SSH-2.0-pictl_", env!("CARGO_PKG_VERSION")).into()),
        keepalive_interval: Some(limits.keepalive),
        keepalive_max: UNANSWERED,
        preferred: algorithms::preferred(recorded),
        nodelay: true,
        ..client::Config::default()
    }
}
