//! Limits the logins at once: in all, and through one jump host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use pictl_engine::ports::Session;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Logins at once through one jump host, which carries all of their key exchanges.
const THROUGH_ONE: usize = 8;

/// The permits for logins.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// By the session that they go through. Its address in memory identifies it: no other session gets that while a
    /// login through it holds it.
    through: Arc<Mutex<HashMap<usize, Weak<Semaphore>>>>,
}

/// A permit for one login; dropping it returns it.
pub(super) struct Turn {
    _through: Option<OwnedSemaphorePermit>,
    _all: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// At most `all` at once.
    pub(super) fn new(all: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all.max(1))), through: Arc::default() }
    }

    /// Waits for a permit. The semaphores are never closed, so there are no errors; without a permit a login would
    /// only not be counted.
    pub(super) async fn wait(&self, via: Option<&Arc<dyn Session>>) -> Turn {
        // First the narrow limit: a login that waits for it does not block others.
        let through = match via {
            Some(via) => self.queue(via).acquire_owned().await.ok(),
            None => None,
        };
        Turn { _through: through, _all: Arc::clone(&self.all).acquire_owned().await.ok() }
    }

    fn queue(&self, via: &Arc<dyn Session>) -> Arc<Semaphore> {
        let session = Arc::as_ptr(via).cast::<()>().addr();
        let mut queues = self.through.lock().unwrap_or_else(PoisonError::into_inner);
        queues.retain(|_, queue| queue.strong_count() > 0);
        queues.get(&session).and_then(Weak::upgrade).unwrap_or_else(|| {
            let queue = Arc::new(Semaphore::new(THROUGH_ONE));
            queues.insert(session, Arc::downgrade(&queue));
            queue
        })
    }
}
