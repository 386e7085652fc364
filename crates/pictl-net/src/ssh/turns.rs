//! Logins take turns: so many in all, and so many through one host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use pictl_engine::ports::Session;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Logins at once through one host, which carries all of their key exchanges.
const THROUGH_ONE: usize = 8;

/// Who may log in now.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// Through which session. It is known by its place in memory, which no other gets while a login through it holds it.
    through: Arc<Mutex<HashMap<usize, Weak<Semaphore>>>>,
}

/// A turn: it ends when this is dropped.
pub(super) struct Turn {
    _through: Option<OwnedSemaphorePermit>,
    _all: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// At most `all` at once.
    pub(super) fn new(all: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all.max(1))), through: Arc::default() }
    }

    /// Waits for a turn. Nobody closes the semaphores, so errors cannot come; without a permit a login merely is not
    /// counted.
    pub(super) async fn wait(&self, via: Option<&Arc<dyn Session>>) -> Turn {
        // First the narrow one: whoever waits for it takes no place from others.
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
