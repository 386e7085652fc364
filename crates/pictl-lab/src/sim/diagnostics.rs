//! Programs that test the launcher and the network: `hostname.py` and `pingpong.py`.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::time::Instant;

use super::node::Cell;
use super::rank::{How, RankTask};
use super::slice::rounded;

/// Simulated seconds that one pair takes.
const PAIR: f64 = 0.6;
/// Latency in seconds and bytes a second between two ranks of one node: its memory.
const MEMORY: (f64, f64) = (1e-6, 1.5e9);

impl RankTask {
    pub(super) fn hostname(&self, path: &str) -> Result<(), How> {
        self.python(path)?;
        self.say_begin("hostname", 0, 0);
        self.say_host();
        let host = self.cell.lock().hostname.clone();
        self.print("stdout", &host);
        self.say_done();
        Ok(())
    }

    /// One pair after the other, each reported by the rank that leads it; the others wait.
    pub(super) async fn pingpong(&self, path: &str, all: &Barrier, cells: &[Arc<Cell>]) -> Result<(), How> {
        self.python(path)?;
        let pairs: Vec<_> = (0..cells.len()).flat_map(|a| (a + 1..cells.len()).map(move |b| (a, b))).collect();
        self.say_begin("pingpong", pairs.len(), 4 << 20);
        self.say_host();
        let start = Instant::now();
        for (slice, (a, b)) in pairs.iter().enumerate() {
            all.wait().await;
            if self.rank != *a {
                continue;
            }
            let begun = Instant::now();
            self.say(&format!(r#"{{"e":"assign","r":{a},"slice":{slice}}}"#));
            self.job.pass(PAIR).await;
            let (latency, bandwidth) = link(&cells[*a], &cells[*b]);
            self.say(&format!(r#"{{"e":"pair","r":{a},"to":{b},"l":{latency:?},"b":{bandwidth:.0}}}"#));
            let seconds = rounded(begun.elapsed());
            self.say(&format!(r#"{{"e":"slice","r":{a},"slice":{slice},"s":{seconds:?},"v":1}}"#));
        }
        all.wait().await;
        if self.rank == 0 {
            let (count, seconds) = (pairs.len(), rounded(start.elapsed()));
            self.say(&format!(r#"{{"e":"result","value":{count},"s":{seconds:?}}}"#));
        }
        self.say_done();
        Ok(())
    }
}

/// Latency in seconds and bytes a second between two nodes: as good as the worse one.
fn link(a: &Arc<Cell>, b: &Arc<Cell>) -> (f64, f64) {
    if Arc::ptr_eq(a, b) {
        return MEMORY;
    }
    let (one, other) = (a.model.board.network(), b.model.board.network());
    (one.0.max(other.0), one.1.min(other.1))
}
