//! What happens in a run, and what its program says.

use serde::{Deserialize, Serialize};

use super::{RunPlan, RunSummary};
use crate::ids::NodeId;
use crate::units::Rank;

/// What a run is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    /// One rank on every node proves that launcher, MPI and Python fit together.
    Checking,
    /// The program is copied to the nodes and verified.
    #[default]
    Deploying,
    /// The launcher was started; no rank has reported yet.
    Launching,
    /// Ranks are at work.
    Running,
    /// It is being stopped.
    Stopping,
    /// It ended; pictl ends what it left behind on the nodes.
    Sweeping,
    /// It is over.
    Over,
}

/// The stream of a program that a line came from.
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
    /// A rank reported where it runs.
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
    /// A rank finished a part of its slice. Droppable: the latest counts.
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
        /// What the slice adds to the result, where the program reports it.
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
    /// The program's own figure for its time, where it comes without a result or apart from it.
    Time {
        /// In seconds.
        seconds: f64,
    },
    /// A message of the program.
    Note {
        /// What.
        text: String,
    },
    /// A line of ordinary output.
    Output {
        /// By which stream.
        stream: Stream,
        /// From which rank, where the launcher tags lines.
        rank: Option<Rank>,
        /// The line, cleaned and bounded.
        line: String,
    },
    /// The program printed more than pictl takes in, and this was left out. What it reports of its work (slices, ends of ranks,
    /// the result) is never left out.
    Omitted {
        /// How many lines of ordinary output and messages.
        lines: u64,
        /// How many bytes, those of the ends of too long lines included.
        bytes: u64,
        /// How many reports of progress within a slice.
        #[serde(default)]
        parts: u64,
    },
    /// A line of the protocol whose event is not known here; kept as it was.
    Other {
        /// Its JSON.
        json: String,
    },
    /// Latency and bandwidth between two ranks.
    Pair {
        /// One of them.
        a: Rank,
        /// The other.
        b: Rank,
        /// Half of the round trip of a small message, in seconds.
        latency: f64,
        /// Bytes a second of a large message, in one direction.
        bandwidth: f64,
    },
    /// A rank of the user's own program ended.
    Exit {
        /// Who.
        rank: Rank,
        /// With this exit status (128 and the signal's number when a signal ended it).
        status: i32,
    },
    /// A rank's own report of its MPI. A program can belong to another MPI than the launcher: each of its ranks is alone then.
    Mpi {
        /// Who, by the launcher's count.
        rank: Rank,
        /// Ranks that its MPI gave it, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<u32>,
        /// Its MPI library: what the library calls itself, or the file that the program is linked with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        library: Option<String>,
        /// The program that is linked with that library; `None` where the rank reported the library at work.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
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
    /// All output up to here was taken in; after a restart, pictl continues the record from here.
    Read {
        /// Bytes of the launcher's standard output.
        out: u64,
        /// Bytes of its standard error.
        err: u64,
    },
    /// pictl has no connection to the head any more; the run goes on there.
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
        /// How hard: 1 asked to stop, 2 killed.
        rung: u8,
    },
    /// Cleanup on a node: what the run left behind was ended.
    Swept {
        /// Which node.
        node: NodeId,
        /// Processes found and ended there.
        killed: u32,
        /// Processes still there afterwards; `None` when the node could not be read.
        left: Option<u32>,
    },
    /// It is over; always the last event of a run.
    Finished {
        /// How it ended.
        summary: Box<RunSummary>,
    },
}
