//! The life of a launcher: from `run-start` to the status in its `rc` file, and what becomes of its ranks.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::job::{Job, KEEPALIVE, Running};
use super::mpirun;
use super::rank::RankEnd;

/// Simulated seconds from TERM to the end of Open MPI 4 and its ranks.
const TERM: f64 = 0.6;
/// Simulated seconds that ranks outlive a launcher that was killed: until they miss their connection to it.
const ORPHANED: f64 = 3.0;
/// Runs the command to its end; `limit` as `timeout` has it.
pub(super) async fn launch(
    job: Job,
    limit: Option<Duration>,
    command: Vec<String>,
    launcher: Running,
    wrapper: Running,
) {
    let job = Arc::new(job);
    let mut ranks: JoinSet<RankEnd> = JoinSet::new();
    let (term, kill) = (launcher.process.term.clone(), launcher.process.kill.clone());
    let over = async {
        match limit {
            Some(limit) => tokio::time::sleep(limit).await,
            None => std::future::pending().await,
        }
    };
    let status = tokio::select! {
        biased;
        () = kill.cancelled() => 137,
        () = term.cancelled() => 1,
        () = over => 124,
        status = mpirun::run(&job, &command, &mut ranks) => status,
    };
    if launcher.is_lost() {
        // The head has no power; the others miss it only after a while.
        job.pass(KEEPALIVE).await;
        ranks.shutdown().await;
        return;
    }
    let killed = kill.is_cancelled();
    if !killed && !ranks.is_empty() {
        job.pass(TERM).await;
        ranks.shutdown().await;
    }
    // The wrapper writes the status, unless it was ended too.
    if !wrapper.process.term.is_cancelled() && !wrapper.process.kill.is_cancelled() {
        job.write_status(status);
    }
    drop((launcher, wrapper));
    if killed {
        job.pass(ORPHANED).await;
        ranks.shutdown().await;
    }
}
