//! What reaches the dispatcher, and what it wants done.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pictl_formats::facts::NodeReading;
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::event::Stamped;
use pictl_model::link::LoginMethod;
use pictl_model::node::Member;
use pictl_model::request::{Request, ScanRequest, SecretAnswer};
use pictl_model::run::{RunPlan, Stream};
use pictl_model::step::StepId;
use pictl_model::telemetry::Sample;
use pictl_model::trust::HostKey;
use pictl_model::{JobId, NodeId, RunId, Secret};

use crate::launch::{Control, News, Taken};
use crate::payload::OwnFile;
use crate::ports::{ConnectError, ConnectSpec, Loss, OperatorKey, ResolveError, ScanEnd, ScanError, ScanNews};
use crate::record::{Earlier, Opened, RecordError};
use crate::remote::{PutFile, RemoteError};
use crate::script::Rights;
use crate::setup::action::{Action, Outcome, StepNews};
use crate::smoke::SmokePlan;

/// Everything that can happen to the dispatcher, in one order.
#[derive(Debug)]
pub enum Input {
    /// A front end asks for something.
    Request(Request),
    /// A front end answers a question for a password.
    Secret(SecretAnswer),
    /// News of the scan.
    Scan(ScanNews),
    /// The scan ended.
    ScanEnded(Result<ScanEnd, ScanError>),
    /// The operator's key was looked for.
    Key(Result<Option<OperatorKey>, ConnectError>),
    /// A rotation that was not brought to its end has left a new key pair for the operator: some nodes may have it only.
    NextKey(OperatorKey),
    /// A new key pair for the operator was made.
    Renewed(Result<OperatorKey, ConnectError>),
    /// It took the place of the one before.
    Settled(Result<OperatorKey, ConnectError>),
    /// The address of a host that others are reached through was looked up.
    Resolved {
        /// Its name.
        name: String,
        /// Its address, or why there is none.
        result: Result<IpAddr, ResolveError>,
    },
    /// A login ended.
    Connected {
        /// On which node.
        node: NodeId,
        /// The host key and how the login was made, or why there is none.
        result: Result<(HostKey, LoginMethod), ConnectError>,
    },
    /// A connection broke.
    Lost {
        /// Whose.
        node: NodeId,
        /// Why.
        loss: Loss,
    },
    /// A node was read.
    Read {
        /// Which.
        node: NodeId,
        /// What it said.
        result: Result<Box<NodeReading>, RemoteError>,
    },
    /// A sudo password was tried.
    SudoTried {
        /// On which node.
        node: NodeId,
        /// Whether it is right.
        result: Result<(), RemoteError>,
    },
    /// News from a step at work.
    StepNews {
        /// On which node.
        node: NodeId,
        /// Which step.
        step: StepId,
        /// What it tells.
        news: StepNews,
    },
    /// A step's actions ended.
    StepEnded {
        /// On which node.
        node: NodeId,
        /// Which step.
        step: StepId,
        /// What each action found to be true, up to the one that failed.
        outcomes: Vec<Outcome>,
        /// Why one failed.
        result: Result<(), RemoteError>,
    },
    /// A node's sensors were read.
    Sampled {
        /// Which node.
        node: NodeId,
        /// The reading.
        sample: Sample,
    },
    /// Runs that nobody saw the end of, newest first.
    Unfinished(Vec<RunPlan>),
    /// The record of a run that is to be joined was opened.
    Opened {
        /// Which run.
        run: RunId,
        /// The record; or why it cannot be gone on with.
        result: Result<Box<Opened>, RecordError>,
    },
    /// Whether a node still answers was tried.
    Probed {
        /// Which.
        node: NodeId,
        /// It does.
        answers: bool,
    },
    /// News of the run.
    Run {
        /// Which run.
        run: RunId,
        /// What.
        news: News,
    },
    /// A line of a command's output.
    ExecLine {
        /// Of which job.
        job: JobId,
        /// On which node.
        node: NodeId,
        /// By which stream.
        stream: Stream,
        /// The line.
        line: String,
    },
    /// A command ended on a node.
    ExecEnded {
        /// Of which job.
        job: JobId,
        /// On which node.
        node: NodeId,
        /// Its exit status, or why there is none.
        result: Result<Option<i32>, String>,
    },
    /// News of a board whose LED is to blink.
    Blink {
        /// For which job.
        job: JobId,
        /// On which node.
        node: NodeId,
        /// What.
        news: BlinkNews,
    },
    /// What ran before the run at work.
    Earlier(Box<Earlier>),
    /// Something could not be kept on the operator's disk.
    NotKept(String),
    /// A time that was asked for has come.
    Timer(Timer),
}

/// What becomes of a board that is to be found by its LED.
#[derive(Debug)]
pub enum BlinkNews {
    /// The LED blinks.
    Began,
    /// sudo does not take the password.
    NoSudo(RemoteError),
    /// The time is over and the LED as it was before; or why it does not blink.
    Ended(Result<(), RemoteError>),
}

/// What a timer was set for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// To connect a watched node again. Only the timer with the last number counts.
    Reconnect(NodeId, u32),
    /// To look at a watched network again. Only a timer that no scan has begun after counts.
    Look(u32),
}

/// Something the dispatcher wants done.
#[derive(Debug)]
pub enum Effect {
    /// Tell everybody.
    Publish(Stamped),
    /// Look for hosts; stops an earlier scan.
    Scan(ScanRequest),
    /// Stop looking.
    StopScan,
    /// Look for the operator's key, and make one where `make` is set.
    FindKey {
        /// A key asked for by name.
        identity: Option<PathBuf>,
        /// Make one when there is none.
        make: bool,
    },
    /// Make a new key pair for the operator, or take the one that an unfinished rotation has left.
    RenewKey,
    /// Put it in the place of the one before.
    SettleKey,
    /// Look up the address of a host that others are reached through.
    Resolve(String),
    /// Log in.
    Connect {
        /// On which node.
        node: NodeId,
        /// How.
        spec: Box<ConnectSpec>,
    },
    /// Close the connection.
    Disconnect(NodeId),
    /// Read what the node is.
    Read(NodeId),
    /// Read what work on keys needs to know of it.
    ReadKeys {
        /// Which node.
        node: NodeId,
        /// With the names that it knows.
        names: bool,
        /// With the way to root.
        root: bool,
    },
    /// Try a sudo password.
    TrySudo {
        /// On which node.
        node: NodeId,
        /// With what.
        password: Secret,
    },
    /// Do a step's actions, one after another.
    Do {
        /// On which node.
        node: NodeId,
        /// For which step.
        step: StepId,
        /// What.
        actions: Vec<Action>,
        /// The way to root.
        root: Option<Rights>,
        /// How to log in with the operator's key alone.
        key_login: Option<Box<ConnectSpec>>,
    },
    /// Drop all steps at work; their channels are closed.
    DropSteps,
    /// Keep reading the node's sensors for as long as it is connected.
    Watch(NodeId),
    /// Look for runs that nobody saw the end of.
    LookBack,
    /// Open the record of a run that was left running.
    Open(RunId),
    /// Tell the front ends what an opened record already has.
    Replay(Stamped),
    /// Try whether a node still answers.
    Probe(NodeId),
    /// Keep that launcher and MPI were proved to belong together on these nodes: one word for each such set, or nothing
    /// any more.
    SaveProved(Vec<String>),
    /// Launch a run, or join one.
    Launch(Box<LaunchOrder>),
    /// Stop or kill the launch.
    Control(Control),
    /// Run a command.
    Exec {
        /// For which job.
        job: JobId,
        /// On which node.
        node: NodeId,
        /// The command line.
        command: String,
        /// Its limit.
        limit: Option<Duration>,
    },
    /// Drop all commands; their channels are closed.
    DropExecs,
    /// Let a board's LED blink.
    Blink {
        /// For which job.
        job: JobId,
        /// On which node.
        node: NodeId,
        /// For how long.
        time: Duration,
        /// The way to root.
        rights: Rights,
    },
    /// End all blinking: the channels are closed, and the boards put their LEDs back.
    DropBlinks,
    /// Keep the inventory.
    SaveMembers(Vec<Member>),
    /// Keep the host keys.
    SaveKnown(Arc<KnownHosts>),
    /// Come back with `timer` after this long.
    After(Duration, Timer),
    /// Close everything and end.
    End,
}

/// A launch as the dispatcher orders it; the driver adds the connections.
#[derive(Clone, Debug)]
pub struct LaunchOrder {
    /// The plan, published as the run's first event.
    pub plan: RunPlan,
    /// The hostfile's text.
    pub hostfile: String,
    /// Files for every node.
    pub files: Vec<PutFile>,
    /// The user's own files for every node, read just before the launch.
    pub own_files: Vec<OwnFile>,
    /// SSH's options for a launcher outside of the cluster.
    pub ssh_config: Option<String>,
    /// The run's limit.
    pub limit: Option<Duration>,
    /// It is ended when nothing is heard of it for this long.
    pub silence: Option<Duration>,
    /// What is to be proved before.
    pub proof: Option<Proof>,
    /// It was launched before, and so much of what it said is known.
    pub joined: Option<Taken>,
}

/// That launcher, MPI and Python belong together on the nodes of a run.
#[derive(Clone, Debug)]
pub struct Proof {
    /// One word for these nodes, their addresses, users and MPI: where it was proved once it need not be again.
    pub word: String,
    /// How to prove it.
    pub plan: SmokePlan,
}
