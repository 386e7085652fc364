//! How a run ended, and what its figures are worth.

use serde::{Deserialize, Serialize};

use super::{Series, Workload};
use crate::ids::{NodeId, RunId};
use crate::units::{Celsius, Millis, Rank, Timestamp};

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
    /// The name for screens, plain output and tables.
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
    /// It reported its end.
    pub done: bool,
}

/// A node's sensors over a run.
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

/// Whether a run's figures can be compared with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing disturbed them.
    Valid,
    /// Perhaps right: something may have disturbed them, or could not be measured.
    Doubtful,
    /// They do not show what this cluster can do.
    Invalid,
}

impl Verdict {
    /// The name for screens, plain output and tables.
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
    /// What it makes of them; a remark alone leaves them valid.
    pub verdict: Verdict,
    /// One sentence, without its full stop, that names the node.
    pub text: String,
}

/// Whether a run's figures are valid, and why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// The worst verdict of all reasons.
    pub verdict: Verdict,
    /// What was noticed, worst first.
    pub reasons: Vec<Concern>,
}

impl Validity {
    /// The validity that these reasons give.
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
    /// Why, when it did not succeed: one sentence, which names the node that caused it.
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
    /// The launcher's exit status; by itself it proves nothing.
    pub exit_status: Option<i32>,
    /// Every rank, in order.
    pub ranks: Vec<RankSummary>,
    /// Every node, in machinefile order.
    pub nodes: Vec<NodeSummary>,
    /// Whether its figures are valid; `None` when it was never launched, and in old records.
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
