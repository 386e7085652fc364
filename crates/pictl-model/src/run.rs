//! Runs: one launch of an MPI program, what it was asked, what it said and how it ended.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::ids::{NodeId, RunId};
use crate::node::MpiInstall;
use crate::units::{Celsius, Millis, Rank, Timestamp};

/// Where a program comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A benchmark that pictl brings along and whose result it can check.
    #[default]
    Benchmark,
    /// The user's own: it succeeded when every rank ended with exit status 0.
    Own,
}

/// A program to run and what it needs to know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// Its short name: `pi`, or the file name of a program pictl does not know.
    pub name: String,
    /// Where it comes from.
    #[serde(default)]
    pub origin: Origin,
    /// Slices of work, where it works in slices.
    pub slices: Option<u32>,
    /// Terms a slice.
    pub slice_size: Option<u64>,
    /// Words after the program's name, for programs that pictl does not know.
    pub args: Vec<String>,
    /// What HPL shall solve, where it is HPL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hpl: Option<Hpl>,
}

/// What HPL solves. In a wish, what is not said is chosen by pictl; in a plan all is said but `memory_percent`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hpl {
    /// Rows and columns of the matrix (N).
    pub size: Option<u32>,
    /// Columns of a block (NB).
    pub block: Option<u32>,
    /// The grid of processes, P by Q.
    pub grid: Option<(u32, u32)>,
    /// Share of the free memory that the matrix may take, where its size is to be chosen.
    pub memory_percent: Option<u8>,
    /// How long it should take, in seconds; in a plan.
    pub estimate: Option<u32>,
}

/// A node in a run, in the order of the machinefile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHost {
    /// Which node.
    pub node: NodeId,
    /// Its name in the cluster.
    pub name: String,
    /// The address that the machinefile names.
    pub address: IpAddr,
    /// Slots it offers.
    pub slots: u16,
}

/// The place of a run among the repetitions of one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// The id of the first run of the series.
    pub first: RunId,
    /// Which repetition this is, from 1.
    pub index: u32,
    /// How many there are.
    pub of: u32,
}

/// How ranks are dealt out to the slots of the machinefile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Map {
    /// Round the nodes one by one: few ranks use many nodes.
    #[default]
    Node,
    /// All slots of a node before the next node.
    Slot,
}

/// How the launcher starts its daemons on the nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spawn {
    /// As the launcher does by itself up to 64 nodes, and from the head beyond.
    #[default]
    Auto,
    /// All of them from the head, one SSH login each.
    Linear,
    /// Nodes that were reached start those further on; every node must be able to log in on the others.
    Tree,
}

/// All that decides what a run will be, fixed before it starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunPlan {
    /// The run.
    pub id: RunId,
    /// Its place among repetitions.
    pub series: Option<Series>,
    /// What is run.
    pub workload: Workload,
    /// Number of ranks (`-n`).
    pub ranks: u32,
    /// The nodes, in machinefile order.
    pub hosts: Vec<RunHost>,
    /// Where the launcher runs.
    pub head: NodeId,
    /// The launcher's MPI.
    pub mpi: MpiInstall,
    /// The exact command on the head, word by word, as a person could type it.
    pub command: Vec<String>,
    /// When it was asked for.
    pub planned_at: Timestamp,
}

/// What a run is busy with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    /// One rank on every node proves that launcher, MPI and Python belong together.
    Checking,
    /// The program is copied to the nodes and verified.
    #[default]
    Deploying,
    /// The launcher was started; no rank has spoken yet.
    Launching,
    /// Ranks are at work.
    Running,
    /// It is being stopped.
    Stopping,
    /// It ended; what is left on the nodes is looked for.
    Sweeping,
    /// It is over.
    Over,
}

/// Which of a program's streams a line came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// What happens in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum RunEvent {
    /// It was planned; always the first event of a run.
    Planned {
        /// The plan.
        plan: Box<RunPlan>,
    },
    /// It came into another phase.
    Phase {
        /// Which.
        phase: RunPhase,
    },
    /// The program began.
    Begin {
        /// Ranks that MPI gave it.
        size: u32,
        /// Slices of work.
        slices: u32,
        /// Terms a slice.
        slice_size: u64,
        /// What the program calls itself.
        program: String,
    },
    /// A rank told where it runs.
    Host {
        /// Who.
        rank: Rank,
        /// On which host, by its own name.
        host: String,
    },
    /// A rank got a slice to do.
    Assign {
        /// Who.
        rank: Rank,
        /// Which.
        slice: u32,
    },
    /// A rank is some way through its slice. Droppable: the latest counts.
    Part {
        /// Who.
        rank: Rank,
        /// Which.
        slice: u32,
        /// Share done, 0 to 1.
        fraction: f32,
    },
    /// A rank finished a slice.
    Slice {
        /// Who.
        rank: Rank,
        /// Which.
        slice: u32,
        /// Time it took, in seconds, by the rank's own clock.
        seconds: f64,
        /// What the slice adds to the result, where the program tells it.
        value: Option<f64>,
    },
    /// A rank's last line.
    Done {
        /// Who.
        rank: Rank,
    },
    /// The program's result.
    Result {
        /// The value.
        value: f64,
        /// Time it took, in seconds, by the program's own clock.
        seconds: f64,
    },
    /// The program says something to people.
    Note {
        /// What.
        text: String,
    },
    /// A line of ordinary output.
    Output {
        /// By which stream.
        stream: Stream,
        /// From which rank, where the launcher told.
        rank: Option<Rank>,
        /// The line, cleaned and bounded.
        line: String,
    },
    /// A line of the protocol whose event is not known here; kept as it was.
    Other {
        /// Its JSON.
        json: String,
    },
    /// What the way between two ranks is worth.
    Pair {
        /// One of them.
        a: Rank,
        /// The other.
        b: Rank,
        /// Half of the time there and back of a small message, in seconds.
        latency: f64,
        /// Bytes a second of a large message, one way.
        bandwidth: f64,
    },
    /// A rank of the user's own program ended.
    Exit {
        /// Who.
        rank: Rank,
        /// With this exit status (128 and the signal's number when a signal ended it).
        status: i32,
    },
    /// What a rank's process uses. Droppable: the latest counts.
    Usage {
        /// Who.
        rank: Rank,
        /// Share of one core since the reading before, 0 to the number of its threads.
        cpu: f32,
        /// Memory that it holds, in KiB.
        memory_kib: u64,
    },
    /// All output up to here was taken in; from here a record goes on after pictl was gone.
    Read {
        /// Bytes of the launcher's standard output.
        out: u64,
        /// Bytes of its standard error.
        err: u64,
    },
    /// The operator has no connection to the head any more; the run goes on there.
    OutOfSight {
        /// What broke.
        why: String,
    },
    /// The connection is back, and what was missed is read.
    InSight,
    /// It is being stopped.
    Stopping {
        /// Why.
        reason: String,
        /// The rung of the ladder: 1 asked, 2 killed.
        rung: u8,
    },
    /// A node was looked over for what the run left behind.
    Swept {
        /// Which node.
        node: NodeId,
        /// Processes found and ended there.
        killed: u32,
        /// Processes still there afterwards; `None` when the node could not be asked.
        left: Option<u32>,
    },
    /// It is over; always the last event of a run.
    Finished {
        /// How it ended.
        summary: Box<RunSummary>,
    },
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Every rank finished and the result is right (or there is none to check).
    Succeeded,
    /// It ended without all ranks having finished, or could not start.
    Failed,
    /// Every rank finished and the result is wrong.
    CheckFailed,
    /// The user stopped it.
    Aborted,
}

impl RunOutcome {
    /// One word for screens, plain output and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::CheckFailed => "wrong result",
            Self::Aborted => "aborted",
        }
    }
}

/// What one rank did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankSummary {
    /// Who.
    pub rank: Rank,
    /// Where.
    pub host: Option<String>,
    /// Slices finished.
    pub slices: u32,
    /// Seconds spent in slices.
    pub seconds: f64,
    /// Its last line arrived.
    pub done: bool,
}

/// What a node's sensors said over a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeSummary {
    /// Which node.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// Highest temperature, from the last reading before the launch on.
    pub max_temp: Option<Celsius>,
    /// Throttle conditions seen during the run, in words; empty when there were none.
    pub throttled: Vec<String>,
}

/// What a run's figures are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing speaks against them.
    Valid,
    /// They may be right; something may have disturbed them, or could not be watched.
    Doubtful,
    /// They are not what this cluster can do.
    Invalid,
}

impl Verdict {
    /// The word for screens, plain output and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Doubtful => "doubtful",
            Self::Invalid => "invalid",
        }
    }
}

/// Something that was noticed about a run's figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concern {
    /// What it makes of them; a mere remark leaves them valid.
    pub verdict: Verdict,
    /// One sentence, without its full stop, that names the node.
    pub text: String,
}

/// A run's stamp: what its figures are worth, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// The worst that any reason makes of them.
    pub verdict: Verdict,
    /// What was noticed, worst first.
    pub reasons: Vec<Concern>,
}

impl Validity {
    /// The stamp that these reasons make.
    pub fn of(mut reasons: Vec<Concern>) -> Self {
        reasons.sort_by_key(|concern| std::cmp::Reverse(concern.verdict));
        Self { verdict: reasons.first().map_or(Verdict::Valid, |worst| worst.verdict), reasons }
    }
}

/// A run's end, as the record keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// The run.
    pub id: RunId,
    /// What was run.
    pub workload: Workload,
    /// Its place among repetitions.
    pub series: Option<Series>,
    /// How it ended.
    pub outcome: RunOutcome,
    /// Why, when it did not succeed: one sentence that names the node, where one is to blame.
    pub reason: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// When the launcher was started.
    pub started: Timestamp,
    /// From the launcher's start to its end, by the operator's clock.
    pub elapsed: Millis,
    /// The program's own figure for its work, in seconds.
    pub program_seconds: Option<f64>,
    /// The program's result.
    pub value: Option<f64>,
    /// The true value, where it is known.
    pub expected: Option<f64>,
    /// Largest deviation from it that the method allows.
    pub tolerance: Option<f64>,
    /// The launcher's exit status; not a proof of anything by itself.
    pub exit_status: Option<i32>,
    /// Every rank, in order.
    pub ranks: Vec<RankSummary>,
    /// Every node, in machinefile order.
    pub nodes: Vec<NodeSummary>,
    /// What its figures are worth; `None` when it was never launched, and in old records.
    #[serde(default)]
    pub validity: Option<Validity>,
    /// Events that were dropped under load (progress and samples only).
    pub dropped: u64,
}

impl RunSummary {
    /// Slices finished by all ranks together.
    pub fn slices_done(&self) -> u32 {
        self.ranks.iter().map(|r| r.slices).sum()
    }
}
