//! The messages of a host about connections that it could not make.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use pictl_model::text::clean;
use tokio::sync::watch;
use tokio::time::timeout;

/// Messages of failures that are stored until they are read.
const MAX_REFUSALS: usize = 16;

/// Time for the message of a failure to follow the failure itself.
const MESSAGE: Duration = Duration::from_millis(100);

/// The messages of a host about connections that it could not make. russh returns the number of the reason to the
/// caller, and passes the message to its handler a moment later, without the connection it belongs to: the messages
/// are taken in their order.
#[derive(Clone, Default)]
pub(super) struct Refusals(Arc<watch::Sender<Said>>);

#[derive(Default)]
struct Said {
    /// How many there were in all.
    count: u64,
    /// The last of them, each with its number, until they are read.
    messages: VecDeque<(u64, String)>,
}

/// The messages after a certain time.
pub(super) struct SinceNow {
    since: u64,
    said: Arc<watch::Sender<Said>>,
}

impl Refusals {
    /// The host said `description`.
    pub(super) fn note(&self, description: &str) {
        self.0.send_modify(|said| {
            said.count += 1;
            if said.messages.len() == MAX_REFUSALS {
                said.messages.pop_front();
            }
            said.messages.push_back((said.count, clean(description.trim(), 100)));
        });
    }

    /// The messages from now on.
    pub(super) fn since_now(&self) -> SinceNow {
        SinceNow { since: self.0.borrow().count, said: Arc::clone(&self.0) }
    }
}

impl SinceNow {
    /// Takes the first message.
    pub(super) async fn message(&mut self) -> Option<String> {
        let place = |said: &Said| said.messages.iter().position(|(number, _)| *number > self.since);
        let mut news = self.said.subscribe();
        timeout(MESSAGE, news.wait_for(|said| place(said).is_some())).await.ok()?.ok()?;
        let mut taken = None;
        self.said.send_modify(|said| taken = place(said).and_then(|place| said.messages.remove(place)));
        taken.map(|(_, message)| message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    pub(super) async fn messages_are_taken_once_in_their_order_and_never_older_ones() {
        let refusals = Refusals::default();
        refusals.note("old");
        let (mut first, mut second) = (refusals.since_now(), refusals.since_now());
        refusals.note("Connection refused\r\n");
        refusals.note("No route to host");
        assert_eq!(first.message().await.as_deref(), Some("Connection refused"));
        assert_eq!(second.message().await.as_deref(), Some("No route to host"));
        assert_eq!(refusals.since_now().message().await, None);
    }
}
