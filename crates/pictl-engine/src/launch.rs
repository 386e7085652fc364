//! One launch on the head, from the files it needs to the cleanup of every node: used by runs and by the smoke test.
//!
//! What launchers do was measured (Open MPI 4.1 and 5.0, Hydra): exit status 0 proves nothing, a launcher may hang after its
//! last rank, a second TERM within 5 s makes Open MPI 4 leave its ranks behind, and after a node's power loss only KILL ends a
//! launcher. Because of that there are several stages to stop one, and a cleanup of every node at the end.

mod cleanup;
mod deploy;
mod examine;
mod feed;
mod follow;
mod reach;
mod reader;
mod times;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use ipnet::IpNet;
use pictl_formats::rules::RuleReader;
use pictl_formats::shell;
use pictl_model::node::{Facts, MpiInstall};
use pictl_model::run::{RunEvent, RunPhase, Spawn};
use pictl_model::{NodeId, RunId, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::ports::Session;
use crate::remote::{PutFile, RemoteError};
use feed::Feed;
use follow::{Followed, Follower};
pub use reader::Taken;

/// The name of the script that a launcher uses in the place of `ssh`.
const RSH: &str = "rsh.sh";

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
    /// Which launcher it is. This decides how its output is read.
    pub install: MpiInstall,
    /// Every node that has ranks, and the head, with the addresses by which they reach one another.
    pub places: Vec<Place>,
    /// It is a program of the user's own, of which nothing is known.
    pub own: bool,
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
    /// It is ended when it prints nothing for this long.
    pub silence: Option<Duration>,
    /// Proves first that launcher, MPI and Python belong together on these nodes. With a mismatch, every rank would compute
    /// alone, or hang.
    pub proof: Option<Prove>,
    /// Reads progress out of what the program prints by itself.
    pub rules: RuleReader,
    /// Its rank 0 reads what [`LaunchInput::Typed`] brings.
    pub input: bool,
    /// It was launched before, and so much of its output is known.
    pub joined: Option<Taken>,
    /// Connections to all of its nodes.
    pub sessions: BTreeMap<NodeId, Arc<dyn Session>>,
}

/// Where a node of a launch is for the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which node.
    pub node: NodeId,
    /// What people call it.
    pub name: String,
    /// Its address in the network that the launch uses.
    pub address: IpAddr,
    /// The login on it.
    pub user: String,
    /// Its SSH port.
    pub port: u16,
}

/// Something wrong that pictl itself found on the nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    /// What is wrong, with the names of nodes.
    problem: String,
    /// What to do about it.
    hint: String,
}

/// What a launch reports while it goes on.
#[derive(Debug)]
pub enum News {
    /// Something for the run's event stream.
    Event(RunEvent),
    /// The same, for something that happened while there was no connection.
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
    /// Something that the user must know while it goes on.
    Notice(String),
    /// It is over; nothing follows.
    Over(End),
}

/// A piece of output. While too many pieces wait to be handled, no more is read: the rest waits on the head's disk, not in
/// memory here.
#[derive(Debug)]
pub struct Piece {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its room, given back when this is dropped.
    _room: OwnedSemaphorePermit,
}

/// How a launch ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct End {
    /// The launcher's exit status, when it is known.
    pub status: Option<i32>,
    /// Why it could not be started, or what was wrong with how it ended: one sentence.
    pub problem: Option<String>,
    /// What to do about that.
    pub hint: Option<String>,
    /// It was still going on when its time was over.
    pub timed_out: bool,
    /// pictl ended the launcher, for whatever reason: its exit status says nothing then.
    pub stopped: bool,
}

/// What the owner of a launch can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// End it by TERM, and by KILL only when it does not end.
    Stop,
    /// End it now.
    Kill,
}

/// What comes to a launch while it goes on.
pub enum LaunchInput {
    /// To end.
    Asked(Control),
    /// There is a new connection to a node.
    Connected(NodeId, Arc<dyn Session>),
    /// More standard input for rank 0.
    Typed {
        /// What comes next.
        bytes: Vec<u8>,
        /// Nothing follows.
        end: bool,
    },
}

impl fmt::Debug for LaunchInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(control) => f.debug_tuple("Asked").field(control).finish(),
            Self::Connected(node, _) => f.debug_tuple("Connected").field(node).finish(),
            Self::Typed { bytes, end } => f.debug_tuple("Typed").field(&bytes.len()).field(end).finish(),
        }
    }
}

/// The network that a run uses. Without this, a head with several networks (Wi-Fi, containers, tunnels) tries all of them.
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

/// Tries TCP connections between these nodes in both directions; fails when one is blocked that MPI may need.
pub(crate) async fn connections(places: &[Place], head: &NodeId, sessions: &Sessions) -> Result<(), RemoteError> {
    match reach::blocked(places, head, sessions).await {
        Some(Found { problem, hint }) => Err(RemoteError::new(problem, hint)),
        None => Ok(()),
    }
}

/// SSH's options for a launcher in a cluster of which a node listens on another port than SSH's own: its port there, and
/// otherwise what the user's own settings say.
pub(crate) fn ssh_ports(nodes: impl IntoIterator<Item = (IpAddr, u16)>) -> Option<String> {
    let mut hosts = String::new();
    for (address, port) in nodes.into_iter().filter(|(_, port)| *port != 22) {
        let _ = write!(hosts, "Host {address}\n  Port {port}\n");
    }
    let rest = "Host *\n  Include ~/.ssh/config\n  Include /etc/ssh/ssh_config\n";
    (!hosts.is_empty()).then(|| format!("# Written by pictl for one run.\n{hosts}{rest}"))
}

/// The hostfile's place on the head, for the command line.
pub fn hostfile_path(home: &str, run: &RunId) -> String {
    format!("{home}/.pictl/runs/{run}/hostfile")
}

/// The place of SSH's options on a head outside of the cluster.
pub fn ssh_config_path(home: &str, run: &RunId) -> String {
    format!("{home}/.pictl/runs/{run}/ssh_config")
}

/// Where the launcher of a run has the script that it uses in the place of `ssh`, if one of these `shells` of logins does not
/// understand POSIX's language. A tree of daemons starts others from nodes that do not have it.
pub fn rsh_path<'a>(
    home: &str,
    run: &RunId,
    spawn: Spawn,
    mut shells: impl Iterator<Item = Option<&'a str>>,
) -> Option<String> {
    let odd = shells.any(|shell| shell.is_some_and(|shell| !shell::is_posix(shell)));
    (odd && spawn != Spawn::Tree).then(|| format!("{home}/.pictl/runs/{run}/{RSH}"))
}

/// Carries out the whole launch; `inputs` may shorten it. Returns only after the cleanup of the nodes.
pub async fn go(
    mut launch: Launch,
    mut inputs: mpsc::UnboundedReceiver<LaunchInput>,
    news: mpsc::UnboundedSender<News>,
) {
    let publish = |event| {
        // Nobody may receive any more; the launch must end properly all the same.
        let _ = news.send(News::Event(event));
    };
    let mut sessions = std::mem::take(&mut launch.sessions);
    let mut feed = Feed::default();
    let started = match launch.joined {
        // Who typed its input is gone.
        Some(_) => {
            feed.add(Vec::new(), true);
            Ok(())
        }
        None => begin(&launch, &mut sessions, &mut inputs, &mut feed, &news).await,
    };
    let end = if let Err(e) = started {
        End { problem: Some(e.message), hint: Some(e.hint).filter(|h| !h.is_empty()), ..End::default() }
    } else {
        let followed = Follower::new(&launch, &mut sessions, &mut inputs, feed, news.clone()).follow().await;
        publish(RunEvent::Phase { phase: RunPhase::Sweeping });
        let end = cleanup::end(&launch, &sessions, &followed).await;
        explained(&launch, &sessions, &followed, end).await
    };
    cleanup::clean_up(&launch.run, &sessions, &publish).await;
    let _ = news.send(News::Over(end));
}

fn scene(launch: &Launch) -> examine::Scene {
    examine::Scene { places: launch.places.clone(), head: launch.head.clone(), install: launch.install.clone() }
}

/// The end of a launch, with what pictl itself finds on the nodes where that explains it.
async fn explained(launch: &Launch, sessions: &Sessions, followed: &Followed, end: End) -> End {
    if followed.settled || followed.asked {
        return end;
    }
    let found = match &followed.found {
        Some(found) => Some(found.clone()),
        None if followed.is_doubtful() || end.timed_out => {
            examine::examine(&scene(launch), sessions, &followed.errors).await
        }
        None => None,
    };
    match found {
        // More time would not help.
        Some(Found { problem, hint }) => End { problem: Some(problem), hint: Some(hint), timed_out: false, ..end },
        None => end,
    }
}

/// Runs the proof, and starts the launcher; or is stopped before that.
async fn begin(
    launch: &Launch,
    sessions: &mut Sessions,
    inputs: &mut mpsc::UnboundedReceiver<LaunchInput>,
    feed: &mut Feed,
    news: &mpsc::UnboundedSender<News>,
) -> Result<(), RemoteError> {
    let mut connected = Vec::new();
    let begun = {
        let asked = async {
            loop {
                match inputs.recv().await {
                    Some(LaunchInput::Asked(_)) => return,
                    Some(LaunchInput::Connected(node, session)) => connected.push((node, session)),
                    Some(LaunchInput::Typed { bytes, end }) => feed.add(bytes, end),
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
    let publish = |event| {
        let _ = news.send(News::Event(event));
    };
    if let Some(prove) = &launch.proof {
        publish(RunEvent::Phase { phase: RunPhase::Checking });
        prove(sessions.clone()).await?;
        let _ = news.send(News::Proved);
    }
    publish(RunEvent::Phase { phase: RunPhase::Deploying });
    deploy::start(launch, sessions, &publish).await
}
