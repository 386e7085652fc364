//! A running engine: requests go in, events come out.

mod acts;
mod backlog;
mod driver;
mod log;
mod tasks;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use pictl_formats::rules::Rules;
use pictl_model::event::{Level, Stamped};
use pictl_model::node::MpiFamily;
use pictl_model::request::{Request, SecretAnswer};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;

use crate::dispatcher::Dispatcher;
use crate::ports::{Connect, Discover, OperatorKeys, OperatorSsh};
use crate::store::{Store, StoreError, tightened_text};
use driver::Driver;

/// What the engine is made of.
pub struct Parts {
    /// The cluster's name.
    pub cluster: String,
    /// Where it is saved.
    pub store: Store,
    /// Finds hosts.
    pub discover: Arc<dyn Discover>,
    /// Logs in.
    pub connect: Arc<dyn Connect>,
    /// The operator's key pair.
    pub keys: Arc<dyn OperatorKeys>,
    /// How progress is read out of what the user's own programs print.
    pub rules: Rules,
    /// The MPI that is configured for clusters that have none yet.
    pub mpi: Option<MpiFamily>,
    /// How OpenSSH's client is configured on this machine: routes to hosts of which the inventory says nothing.
    pub ssh: OperatorSsh,
}

/// The handle of a running engine. When `requests` and `secrets` are dropped it ends as after [`Request::Shutdown`].
pub struct Engine {
    /// What is asked of it.
    pub requests: UnboundedSender<Request>,
    /// Passwords, by a channel of their own.
    pub secrets: UnboundedSender<SecretAnswer>,
    /// Its events, in order.
    pub events: UnboundedReceiver<Arc<Stamped>>,
    /// Its end.
    pub ending: Ending,
}

/// The end of an engine.
pub struct Ending(JoinHandle<()>);

impl Ending {
    /// Waits until all connections are closed, which follows [`Request::Shutdown`] within seconds.
    pub async fn wait(self) {
        if let Err(e) = self.0.await {
            tracing::error!(error = %e, "the engine ended by a panic");
        }
    }
}

impl Engine {
    /// Starts an engine; reads the inventory and the host keys.
    pub fn start(parts: Parts) -> Result<Self, StoreError> {
        let tightened = parts.store.prepare()?;
        let (members, remarks) = parts.store.inventory()?;
        if !remarks.is_empty() {
            parts.store.save_members(&members)?;
        }
        let known = parts.store.known_hosts()?;
        let (requests, asked) = mpsc::unbounded_channel();
        let (secrets, given) = mpsc::unbounded_channel();
        let (publish, events) = mpsc::unbounded_channel();
        // Two computers, and two containers on one, can have processes of the same number.
        let salt = RandomState::new().hash_one(std::process::id()) as u32;
        let (mut dispatcher, mut effects) = Dispatcher::new(&parts.cluster, members, known, salt, crate::clock::now());
        effects.extend(dispatcher.explain_mended(remarks));
        dispatcher.remember_proved(parts.store.proved());
        dispatcher.remember_known_hosts(parts.store.known_hosts_path());
        dispatcher.remember_ssh(parts.ssh.clone());
        dispatcher.remember_configured_mpi(parts.mpi);
        for text in tightened_text(&tightened) {
            effects.extend(dispatcher.note(Level::Warn, text));
        }
        let (inbox, arriving) = mpsc::unbounded_channel();
        let driver = Driver::new(parts, dispatcher, publish, inbox);
        let task = tokio::spawn(driver.run(effects, asked, given, arriving));
        Ok(Self { requests, secrets, events, ending: Ending(task) })
    }
}
