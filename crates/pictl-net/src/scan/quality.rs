//! What a scan finds out about the quality of a network. On one that is slow or loses packets, silence means little,
//! and all hosts get more time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Neighbours on a cable answer within a few milliseconds. An answer that takes longer than this comes from a host
/// that sleeps between beacons (Wi-Fi), or over a network that loses packets.
const QUICK: Duration = Duration::from_millis(50);

/// What one scan knows of the network; all clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Quality(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    slow: AtomicBool,
    waiting: AtomicUsize,
}

impl Quality {
    /// A host answered after so long.
    pub(super) fn answered_after(&self, time: Duration) {
        if time > QUICK {
            self.slow();
        }
    }

    /// The network is slow, or loses packets.
    pub(super) fn slow(&self) {
        self.0.slow.store(true, Ordering::Relaxed);
    }

    /// Whether the network is slow, or loses packets, as far as is known.
    pub(super) fn is_slow(&self) -> bool {
        self.0.slow.load(Ordering::Relaxed)
    }

    /// Waits for the answer of a host that is known to be there.
    pub(super) async fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        self.0.waiting.fetch_add(1, Ordering::Relaxed);
        let answer = answer.await;
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
        answer
    }

    /// Whether such an answer is being waited for: it is not known yet whether it will be late.
    pub(super) fn is_waiting(&self) -> bool {
        self.0.waiting.load(Ordering::Relaxed) > 0
    }
}
