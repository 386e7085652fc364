//! What reaches the dispatcher, and what it wants done: one table, job by job.

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
use pictl_model::{JobId, LeftOut, MpiPrefix, NodeId, RunId, Secret};

use crate::launch::{Control, News, Place, Taken};
use crate::payload::OwnFile;
use crate::ports::{ConnectError, ConnectSpec, Loss, OperatorKey, ResolveError, ScanEnd, ScanError, ScanNews};
use crate::record::{Earlier, Opened, RecordError};
use crate::remote::{PutFile, RemoteError};
use crate::script::Rights;
use crate::setup::action::{Action, Outcome, StepNews};
use crate::smoke::SmokePlan;
use crate::store::{Change, SaveError, StoreError};

/// What happens to a board that is being identified.
#[derive(Debug)]
pub enum BlinkNews {
    /// The LED blinks.
    Began,
    /// sudo refuses the password.
    NoSudo(RemoteError),
    /// The time is over and the LED as it was before; or why it does not blink.
    Ended(Result<(), RemoteError>),
}

/// What a timer was set for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// To connect a watched node again. Only the timer with the last number counts.
    Reconnect(NodeId, u32),
    /// To begin the next pass over a watched network. Only a timer that no scan has begun after counts.
    Pass(u32),
}

/// Who wants the inventory to be saved, and what follows when that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saving {
    /// Nobody: pictl noticed something. What it noticed stays known in this session.
    Noticed,
    /// A request of the user: it is refused then.
    Request {
        /// What, in the words of a refusal.
        what: &'static str,
        /// The node that it is about.
        node: Option<NodeId>,
    },
    /// A setup, before its first change: it ends then.
    Setup,
}

/// Makes [`Effect`] and [`Input`] of one table, in which every effect stands beside the inputs that answer it.
macro_rules! exchanges {
    ($($title:literal { effects { $($effects:tt)* } inputs { $($inputs:tt)* } })*) => {
        /// Something the dispatcher wants done. Those that no input answers are done at once, or say what went wrong by
        /// [`Input::NotSaved`].
        #[derive(Debug)]
        pub enum Effect { $($($effects)*)* }

        /// Everything that can happen to the dispatcher, in one order.
        #[derive(Debug)]
        pub enum Input { $($($inputs)*)* }
    };
}

exchanges! {
    "front ends" {
        effects {
            /// Show everybody what happened.
            Publish(Stamped),
            /// Show the front ends what an opened record already has.
            Replay(Stamped),
            /// Close everything and end.
            End,
        }
        inputs {
            /// A front end asks for something.
            Request(Request),
            /// A front end answers a question for a password.
            Secret(SecretAnswer),
        }
    }
    "scan" {
        effects {
            /// Scan for hosts; stops an earlier scan.
            Scan(ScanRequest),
            /// Stop the scan.
            StopScan,
        }
        inputs {
            /// News of the scan.
            Scan(ScanNews),
            /// The scan ended.
            ScanEnded(Result<ScanEnd, ScanError>),
        }
    }
    "operator's key" {
        effects {
            /// Find the operator's key, and make one where `make` is set.
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
        }
        inputs {
            /// Answers [`Effect::FindKey`]: the operator's key, if there is one.
            Key(Result<Option<OperatorKey>, ConnectError>),
            /// Answers [`Effect::FindKey`] with `make`: not to be mixed up with the answer to a question of before.
            KeyMade(Result<OperatorKey, ConnectError>),
            /// Comes before [`Input::Key`] where an unfinished rotation has left a new key pair for the operator: some nodes
            /// may have this one only.
            NextKey(OperatorKey),
            /// Answers [`Effect::RenewKey`].
            Renewed(Result<OperatorKey, ConnectError>),
            /// Answers [`Effect::SettleKey`].
            Settled(Result<OperatorKey, ConnectError>),
        }
    }
    "connections" {
        effects {
            /// Find the address of a jump host.
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
            /// Find out whether a node still answers.
            Probe(NodeId),
            /// Come back with `timer` after this long.
            After(Duration, Timer),
        }
        inputs {
            /// Answers [`Effect::Resolve`].
            Resolved {
                /// The name.
                name: String,
                /// Its address, or why there is none.
                result: Result<IpAddr, ResolveError>,
            },
            /// Answers [`Effect::Connect`].
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
            /// Answers [`Effect::Probe`].
            Probed {
                /// Which node.
                node: NodeId,
                /// It answers.
                answers: bool,
            },
            /// Answers [`Effect::After`]: the time has come.
            Timer(Timer),
        }
    }
    "nodes" {
        effects {
            /// Read what the node is, and look for an MPI in this folder too.
            Read(NodeId, Option<MpiPrefix>),
            /// Read what work on keys needs to know of it.
            ReadKeys {
                /// Which node.
                node: NodeId,
                /// With the names that it knows.
                names: bool,
                /// With how to become root.
                root: bool,
            },
            /// Read the node's sensors for as long as it is connected.
            Watch(NodeId),
            /// Try a sudo password.
            TrySudo {
                /// On which node.
                node: NodeId,
                /// Which.
                password: Secret,
            },
        }
        inputs {
            /// Answers [`Effect::Read`] and [`Effect::ReadKeys`].
            Read {
                /// Which node.
                node: NodeId,
                /// What it reported.
                result: Result<Box<NodeReading>, RemoteError>,
            },
            /// So many readings were dropped, because there were far too many.
            Dropped(u64),
            /// Follows [`Effect::Watch`] again and again.
            Sampled {
                /// Which node.
                node: NodeId,
                /// The values.
                sample: Sample,
            },
            /// Answers [`Effect::TrySudo`].
            SudoTried {
                /// On which node.
                node: NodeId,
                /// Whether the password is right.
                result: Result<(), RemoteError>,
            },
        }
    }
    "setup" {
        effects {
            /// Perform a step's actions, one after another.
            Do {
                /// On which node.
                node: NodeId,
                /// For which step.
                step: StepId,
                /// What.
                actions: Vec<Action>,
                /// How to become root.
                root: Option<Rights>,
                /// How to log in with the operator's key alone.
                key_login: Option<Box<ConnectSpec>>,
            },
            /// Drop all steps at work; their channels are closed.
            DropSteps,
        }
        inputs {
            /// News from a step at work.
            StepNews {
                /// On which node.
                node: NodeId,
                /// Which step.
                step: StepId,
                /// What it reports.
                news: StepNews,
            },
            /// Answers [`Effect::Do`].
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
        }
    }
    "runs" {
        effects {
            /// Find runs that nobody saw the end of.
            LookBack,
            /// Open the record of a run that was left running.
            Open(RunId),
            /// Launch a run, or join one.
            Launch(Box<LaunchOrder>),
            /// Stop or kill the launch.
            Control(Control),
            /// Pass on more of the program's standard input.
            Feed {
                /// What comes next.
                bytes: Vec<u8>,
                /// Nothing follows.
                end: bool,
            },
        }
        inputs {
            /// Answers [`Effect::LookBack`] where there are some, newest first.
            Unfinished(Vec<RunPlan>),
            /// Answers [`Effect::Open`].
            Opened {
                /// Which run.
                run: RunId,
                /// The record, or why it cannot be continued.
                result: Result<Box<Opened>, RecordError>,
            },
            /// Follows [`Effect::Launch`]: what ran before this run.
            Earlier(Box<Earlier>),
            /// Follows [`Effect::Launch`] and [`Effect::Control`]: news of the run, its end among them.
            Run {
                /// Which run.
                run: RunId,
                /// What.
                news: News,
            },
        }
    }
    "commands" {
        effects {
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
                /// On how many nodes it runs: they share what pictl takes in.
                of: usize,
            },
            /// Ask all commands to end, with all that they started. Each reports when it has.
            StopExecs,
            /// Drop all commands; their channels are closed.
            DropExecs,
        }
        inputs {
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
            /// Output of a command that was left out.
            ExecOmitted {
                /// Of which job.
                job: JobId,
                /// On which node.
                node: NodeId,
                /// How much.
                left_out: LeftOut,
            },
            /// Answers [`Effect::Exec`].
            ExecEnded {
                /// Of which job.
                job: JobId,
                /// On which node.
                node: NodeId,
                /// Its exit status, or why there is none.
                result: Result<Option<i32>, String>,
            },
        }
    }
    "identify" {
        effects {
            /// Make a board's LED blink.
            Blink {
                /// For which job.
                job: JobId,
                /// On which node.
                node: NodeId,
                /// For how long.
                time: Duration,
                /// With which rights.
                rights: Rights,
            },
            /// End all blinking: the channels are closed, and the boards put their LEDs back.
            DropBlinks,
        }
        inputs {
            /// Follows [`Effect::Blink`].
            Blink {
                /// For which job.
                job: JobId,
                /// On which node.
                node: NodeId,
                /// What.
                news: BlinkNews,
            },
        }
    }
    "operator's disk" {
        effects {
            /// Make these changes to the saved inventory. The answer comes before any other input.
            SaveMembers {
                /// The changes, in order.
                changes: Vec<Change>,
                /// Host keys to save with them: both, or none.
                known: Option<Arc<KnownHosts>>,
                /// Who wants it.
                reason: Saving,
            },
            /// Save the host keys. The answer comes before any other input.
            SaveKnown(Arc<KnownHosts>),
            /// Save on which nodes launcher and MPI were proved to belong together: one hash for each such set, or none any
            /// more.
            SaveProved(Vec<String>),
        }
        inputs {
            /// Answers [`Effect::SaveMembers`].
            MembersSaved {
                /// Who wanted it.
                reason: Saving,
                /// All members that there are now, and the host keys that were saved with them; or why nothing was saved.
                result: Result<(Vec<Member>, Option<Arc<KnownHosts>>), SaveError>,
            },
            /// Answers [`Effect::SaveKnown`]: all host keys that there are now, or why nothing was saved.
            KnownSaved(Result<Arc<KnownHosts>, StoreError>),
            /// Somebody else has changed the saved inventory.
            MembersRead(Vec<Member>),
            /// Somebody else has changed the saved host keys.
            KnownRead(KnownHosts),
            /// Somebody else has changed a saved file, and it cannot be used.
            NotRead(StoreError),
            /// Something could not be saved on the operator's disk.
            NotSaved(String),
        }
    }
}

/// A launch as the dispatcher orders it; the driver adds the connections.
#[derive(Clone, Debug)]
pub struct LaunchOrder {
    /// Its nodes and its head, where they reach one another.
    pub places: Vec<Place>,
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
    /// The run is ended after it was silent for this long.
    pub silence: Option<Duration>,
    /// What must be proved before.
    pub proof: Option<Proof>,
    /// Its rank 0 reads standard input.
    pub input: bool,
    /// It was launched before, and so much of its output is known.
    pub joined: Option<Taken>,
}

/// That launcher, MPI and Python belong together on the nodes of a run.
#[derive(Clone, Debug)]
pub struct Proof {
    /// A hash of these nodes, their addresses, users and MPI: what was proved once need not be proved again.
    pub hash: String,
    /// How to prove it.
    pub plan: SmokePlan,
}
