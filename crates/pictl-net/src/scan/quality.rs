//! What shows that a network is not quick and sound: then silence there means little, and everybody gets more time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Neighbours on a cable answer within a few milliseconds. An answer that takes longer than this comes from a host that sleeps
/// between beacons (Wi-Fi), or over a network that loses packets.
const QUICK: Duration = Duration::from_millis(50);

/// The quality of one scan; all clones share them.
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

    /// Somebody noticed that the network is not quick and sound.
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

    /// Such an answer is being waited for, so that it is not known yet whether it will be late.
    pub(super) fn is_waiting(&self) -> bool {
        self.0.waiting.load(Ordering::Relaxed) > 0
    }
}
