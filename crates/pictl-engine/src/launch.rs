//! One launch on the head, from the files it needs to the last process swept: used by runs and by the smoke test.
//!
//! What can be counted on, and what not, was measured (launchers 4.1, 5.0 and Hydra): exit status 0 proves nothing, a
//! launcher may hang after its last rank, a second TERM within 5 s makes Open MPI 4 leave its ranks behind, and after a
//! node's power loss only KILL ends a launcher. Hence the ladder below, and a sweep of every node at the end.

mod deploy;
mod follow;
mod reader;
mod sweep;
mod times;

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use ipnet::IpNet;
use pictl_formats::rules::RuleReader;
use pictl_model::node::{Facts, MpiInstall};
use pictl_model::run::{RunEvent, RunPhase};
use pictl_model::{NodeId, RunId, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::ports::Session;
use crate::remote::{PutFile, RemoteError};
use follow::Follower;
pub use reader::Taken;

/// For the small scripts that start, stop and ask.
const SHORT: Duration = Duration::from_secs(20);

/// Connections to nodes.
pub type Sessions = BTreeMap<NodeId, Arc<dyn Session>>;

/// Proves, by connections to the nodes, that launcher, MPI and Python belong together there.
pub type Prove = Arc<dyn Fn(Sessions) -> BoxFuture<'static, Result<(), RemoteError>> + Send + Sync>;

/// Everything a launch needs.
#[derive(Clone)]
pub struct Launch {
    /// Its run.
    pub run: RunId,
    /// Where the launcher runs.
    pub head: NodeId,
    /// Which launcher it is; decides how its output is read.
    pub install: MpiInstall,
    /// Number of ranks.
    pub ranks: u32,
    /// The launcher's command line.
    pub command: Vec<String>,
    /// The hostfile, written into the run's folder on the head.
    pub hostfile: String,
    /// SSH's options, written beside it, for a launcher outside of the cluster.
    pub ssh_config: Option<String>,
    /// Programs, written to every node.
    pub files: Vec<PutFile>,
    /// The run is ended after this.
    pub limit: Option<Duration>,
    /// It is ended when nothing is heard of it for this long.
    pub silence: Option<Duration>,
    /// What is to be proved first: that launcher, MPI and Python belong together on these nodes. Otherwise a mismatch lets
    /// every rank compute alone, or hang.
    pub proof: Option<Prove>,
    /// Reads progress out of what the program prints by itself.
    pub rules: RuleReader,
    /// It was launched before, and so much of what it said is known.
    pub joined: Option<Taken>,
    /// Connections to all of its nodes.
    pub sessions: BTreeMap<NodeId, Arc<dyn Session>>,
}

/// What comes out of a launch while it goes on.
#[derive(Debug)]
pub enum News {
    /// Something for the run's event stream.
    Event(RunEvent),
    /// The same, of something that happened while nobody looked.
    Past {
        /// When.
        at: Timestamp,
        /// What.
        event: RunEvent,
    },
    /// Launcher, MPI and Python were proved to belong together.
    Proved,
    /// The program's output as it came, for the record.
    Bytes(Piece),
    /// A line of the protocol arrived damaged.
    Damaged,
    /// It is over; nothing follows.
    Over(End),
}

/// A piece of output. No more is read while too many pieces are about: what comes faster than it is handled waits on the
/// head's disk, not in memory here.
#[derive(Debug)]
pub struct Piece {
    /// What was said.
    pub bytes: Vec<u8>,
    /// Its room, given back when this is dropped.
    _room: OwnedSemaphorePermit,
}

/// How a launch ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct End {
    /// The launcher's exit status, when it could be had.
    pub status: Option<i32>,
    /// Why it could not be started, or what was wrong with how it ended: one sentence.
    pub problem: Option<String>,
    /// What to do about that.
    pub hint: Option<String>,
}

/// What the owner of a launch may ask of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// End it in good order.
    Stop,
    /// End it now.
    Kill,
}

/// What a launch is told.
pub enum Word {
    /// To end.
    Asked(Control),
    /// There is a new connection to a node.
    Connected(NodeId, Arc<dyn Session>),
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(control) => f.debug_tuple("Asked").field(control).finish(),
            Self::Connected(node, _) => f.debug_tuple("Connected").field(node).finish(),
        }
    }
}

/// Where a job's connections are to go: a head with several networks (Wi-Fi, containers, tunnels) else tries all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pin {
    /// The head's network.
    pub subnet: Option<IpNet>,
    /// The nodes' interfaces that have their addresses, the head's first, each name once.
    pub interfaces: Vec<String>,
}

impl Pin {
    /// The network and the interfaces by which these nodes, the head first, have these addresses.
    pub fn of<'a>(nodes: impl IntoIterator<Item = (&'a Facts, IpAddr)>) -> Self {
        let mut pin = Self::default();
        for (facts, address) in nodes {
            let Some(found) = facts.addresses.iter().find(|a| a.address == address) else { continue };
            if !pin.interfaces.contains(&found.interface) {
                pin.interfaces.push(found.interface.clone());
            }
            pin.subnet = pin.subnet.or_else(|| IpNet::new(found.address, found.prefix).ok().map(|net| net.trunc()));
        }
        pin
    }
}

/// The hostfile's place on the head, for the command line.
pub fn hostfile_path(home: &str, run: &RunId) -> String {
    format!("{home}/.pictl/runs/{run}/hostfile")
}

/// The place of SSH's options on a head outside of the cluster.
pub fn ssh_config_path(home: &str, run: &RunId) -> String {
    format!("{home}/.pictl/runs/{run}/ssh_config")
}

/// Goes the whole way; `words` may shorten it. Ends only after the nodes were swept.
pub async fn go(mut launch: Launch, mut words: mpsc::UnboundedReceiver<Word>, news: mpsc::UnboundedSender<News>) {
    let tell = |event| {
        // A receiver that is gone wants no news; the launch must still be brought to its end.
        let _ = news.send(News::Event(event));
    };
    let mut sessions = std::mem::take(&mut launch.sessions);
    let started = match launch.joined {
        Some(_) => Ok(()),
        None => begin(&launch, &mut sessions, &mut words, &news).await,
    };
    let end = if let Err(e) = started {
        End { status: None, problem: Some(e.message), hint: Some(e.hint).filter(|h| !h.is_empty()) }
    } else {
        let problem = Follower::new(&launch, &mut sessions, &mut words, news.clone()).follow().await;
        tell(RunEvent::Phase { phase: RunPhase::Sweeping });
        sweep::end(&launch, &sessions, problem).await
    };
    sweep::sweep(&launch.run, &sessions, &tell).await;
    let _ = news.send(News::Over(end));
}

/// Proves what is to be proved, and starts the launcher; or is stopped before that.
async fn begin(
    launch: &Launch,
    sessions: &mut Sessions,
    words: &mut mpsc::UnboundedReceiver<Word>,
    news: &mpsc::UnboundedSender<News>,
) -> Result<(), RemoteError> {
    let mut connected = Vec::new();
    let begun = {
        let asked = async {
            loop {
                match words.recv().await {
                    Some(Word::Asked(_)) => return,
                    Some(Word::Connected(node, session)) => connected.push((node, session)),
                    None => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            begun = prove_and_start(launch, sessions, news) => begun,
            () = asked => Err(RemoteError::new("stopped before it was started", "")),
        }
    };
    sessions.extend(connected);
    begun
}

async fn prove_and_start(
    launch: &Launch,
    sessions: &Sessions,
    news: &mpsc::UnboundedSender<News>,
) -> Result<(), RemoteError> {
    let tell = |event| {
        let _ = news.send(News::Event(event));
    };
    if let Some(prove) = &launch.proof {
        tell(RunEvent::Phase { phase: RunPhase::Checking });
        prove(sessions.clone()).await?;
        let _ = news.send(News::Proved);
    }
    tell(RunEvent::Phase { phase: RunPhase::Deploying });
    deploy::start(launch, sessions, &tell).await
}
