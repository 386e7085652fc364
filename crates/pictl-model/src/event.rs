//! The one stream of events that feeds the dashboard, the plain and JSON front ends, the record and replay.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::ids::{JobId, NodeId, QuestionId, RunId};
use crate::link::LoginMethod;
use crate::node::{Facts, Link, Member, OtherAddress, Sighting};
use crate::request::{Ground, Question, Refusal};
use crate::run::{RunEvent, RunPlan, Stream};
use crate::step::{SetupPlan, SetupSummary, StepReport};
use crate::telemetry::Sample;
use crate::units::{Millis, Timestamp};

/// Version of the event format in records and JSON output.
pub const VERSION: u16 = 1;

/// An event with its place in the one order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// Format version, [`VERSION`].
    pub v: u16,
    /// Its number, from 1, without holes in the stream that the dispatcher makes; droppable events that were
    /// dropped on the way leave holes.
    pub seq: u64,
    /// When, in milliseconds since the epoch by the operator's clock.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Good to know.
    Info,
    /// Check it.
    Warn,
    /// Something did not work.
    Error,
}

/// Why one node cannot log in to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairProblem {
    /// What SSH reported.
    pub why: String,
    /// What to do.
    pub hint: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The inventory, as it was when the session began.
    Inventory {
        /// The cluster's name.
        cluster: String,
        /// Its members in the order of their names.
        members: Vec<Member>,
    },
    /// A node joined the inventory or its entry changed.
    MemberSet {
        /// The entry.
        member: Member,
    },
    /// A node left the inventory.
    MemberRemoved {
        /// Who.
        node: NodeId,
    },
    /// Something could not be saved on the operator's disk.
    NotSaved {
        /// What, why, and what to do.
        text: String,
    },
    /// A scan began.
    ScanStarted {
        /// What is scanned, in words.
        targets: String,
        /// How, in words.
        method: String,
        /// How many addresses.
        addresses: u64,
        /// It is a further pass of a watch; you did not ask for it.
        #[serde(default)]
        again: bool,
    },
    /// Something that the present scan leaves out or could not do; [`Self::ScanFinished`] has all of them again.
    ScanProblem {
        /// What, in a sentence.
        text: String,
    },
    /// A scan got further. Droppable.
    ScanProgress {
        /// Addresses asked so far.
        asked: u64,
        /// Hosts found so far.
        found: u64,
    },
    /// A host was found, or more is known about it. `node` is its id from now on.
    Seen {
        /// Its id.
        node: NodeId,
        /// What was seen.
        sighting: Sighting,
    },
    /// A known host was seen at another address.
    Moved {
        /// Which.
        node: NodeId,
        /// Where it was before.
        from: IpAddr,
        /// Where it is now.
        to: IpAddr,
    },
    /// A known host was asked patiently and does not answer any more.
    Gone {
        /// Which.
        node: NodeId,
    },
    /// Two hosts are one, with several network interfaces. The first is not a node of its own any more.
    Folded {
        /// Which is not one any more.
        node: NodeId,
        /// Which it is.
        into: NodeId,
        /// Its address there.
        other: OtherAddress,
    },
    /// A watch over the network began, or ended.
    Watching {
        /// How long after a pass the next one begins; `None`: it ended.
        every: Option<Millis>,
    },
    /// A board's LED began to blink, or stopped and is as it was before.
    Blinking {
        /// Which.
        node: NodeId,
        /// It blinks.
        on: bool,
        /// Why it does not, with what to do.
        problem: Option<String>,
    },
    /// A scan ended.
    ScanFinished {
        /// Hosts found.
        found: u64,
        /// Those that look like a Raspberry Pi.
        pis: u64,
        /// How long it took.
        elapsed: Millis,
        /// What could not be done, one sentence each; empty when all went well.
        problems: Vec<String>,
    },
    /// pictl's connection to a node changed.
    LinkChanged {
        /// Which node.
        node: NodeId,
        /// Its state now.
        link: Link,
    },
    /// pictl logged in on a node.
    LoggedIn {
        /// Which node.
        node: NodeId,
        /// By what: `password`, `keyboard-interactive`, `key` with its file, `agent key` with its comment.
        by: LoginMethod,
    },
    /// A node that cannot be reached is tried again at this time.
    TriedAgain {
        /// Which node.
        node: NodeId,
        /// When.
        at: Timestamp,
    },
    /// A node reported what it is.
    FactsRead {
        /// Which node.
        node: NodeId,
        /// What it reported.
        facts: Box<Facts>,
    },
    /// A node's sensors were read. Droppable.
    Sampled {
        /// Which node.
        node: NodeId,
        /// The reading.
        sample: Sample,
    },
    /// pictl asks you something.
    Asked {
        /// The question's number.
        id: QuestionId,
        /// The question.
        question: Question,
    },
    /// A question needs no answer any more.
    Answered {
        /// Its number.
        id: QuestionId,
    },
    /// A setup began.
    SetupStarted {
        /// Its plan.
        plan: SetupPlan,
    },
    /// A step changed its state.
    Step {
        /// The report.
        report: StepReport,
    },
    /// A node tried to log in to another one, by key and with strict host key checking.
    Pair {
        /// From where.
        from: NodeId,
        /// To which.
        to: NodeId,
        /// Why it could not, and what to do; `None`: it works.
        problem: Option<PairProblem>,
    },
    /// A setup ended.
    SetupFinished {
        /// Its job.
        job: JobId,
        /// How.
        summary: SetupSummary,
    },
    /// Something happened in a run.
    Run {
        /// Which.
        run: RunId,
        /// What.
        event: RunEvent,
    },
    /// A command began on nodes.
    ExecStarted {
        /// Its job.
        job: JobId,
        /// Where.
        nodes: Vec<NodeId>,
        /// The command line.
        command: String,
    },
    /// A command's output on one node.
    ExecLine {
        /// Its job.
        job: JobId,
        /// Where.
        node: NodeId,
        /// By which stream.
        stream: Stream,
        /// The line, cleaned and bounded.
        line: String,
    },
    /// A command printed more on one node than pictl takes in, and this was left out.
    ExecOmitted {
        /// Its job.
        job: JobId,
        /// Where.
        node: NodeId,
        /// How many lines.
        lines: u64,
        /// How many bytes, those of the ends of too long lines included.
        bytes: u64,
    },
    /// A command ended on one node.
    ExecEnded {
        /// Its job.
        job: JobId,
        /// Where.
        node: NodeId,
        /// Its exit status; `None` when it has none.
        status: Option<i32>,
        /// Why there is none, or why it could not start.
        problem: Option<String>,
        /// There was no connection to the node, and the command did not start there.
        #[serde(default)]
        unreached: bool,
        /// How long it took.
        elapsed: Millis,
    },
    /// A command ended on all nodes.
    ExecFinished {
        /// Its job.
        job: JobId,
    },
    /// Runs of this cluster that were left running, or whose end was not recorded; newest first.
    Unfinished {
        /// What each was to be.
        runs: Vec<RunPlan>,
    },
    /// A request was refused.
    Refused {
        /// What was asked for, in words.
        what: String,
        /// What kind of refusal it is; decides the exit code.
        ground: Ground,
        /// Every reason.
        reasons: Vec<Refusal>,
    },
    /// A message for you.
    Notice {
        /// How much it matters.
        level: Level,
        /// The node it is about.
        node: Option<NodeId>,
        /// The text.
        text: String,
    },
    /// Droppable events were dropped since the last time this was said.
    Dropped {
        /// How many.
        count: u64,
    },
    /// The engine has closed its connections; nothing follows.
    Ended,
}

impl Event {
    /// Can be dropped under load, because a later one replaces it.
    pub fn is_droppable(&self) -> bool {
        matches!(
            self,
            Self::ScanProgress { .. }
                | Self::Sampled { .. }
                | Self::Run { event: RunEvent::Part { .. } | RunEvent::Usage { .. }, .. }
        )
    }
}
