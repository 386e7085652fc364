//! Runs: one launch of an MPI program, what it was asked, what it said and how it ended.

mod event;
mod plan;
mod summary;

pub use event::{RunEvent, RunPhase, Stream};
pub use plan::{Hpl, Map, Origin, RunHost, RunPlan, Series, Spawn, Workload};
pub use summary::{Concern, NodeSummary, RankSummary, RunOutcome, RunSummary, Validity, Verdict};
