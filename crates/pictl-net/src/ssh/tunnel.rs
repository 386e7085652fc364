//! A way through one host to another.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use pictl_engine::ports::{ExecError, Tunnel};
use pictl_model::text::clean;
use russh::ChannelOpenFailure;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use super::session::Shared;
use super::words;

/// Failures whose words are remembered until somebody asks for them.
const MAX_REFUSALS: usize = 16;

/// Time for the words of a failure to follow the failure itself.
const WORDS: Duration = Duration::from_millis(100);

/// Connects from `shared`'s host to `address`.
///
/// A tunnel that is not read holds up the whole connection to `shared`'s host, and with it all hosts behind that;
/// [`super::sink`] says why, and after how much.
pub(super) async fn open(shared: Arc<Shared>, address: SocketAddr) -> Result<Box<dyn Tunnel>, ExecError> {
    let (tell, told) = oneshot::channel();
    // A task of its own, for whoever asked may go before the host has answered. The stream is dropped then, and a
    // stream, other than a channel, closes on the host when it is dropped.
    tokio::spawn(async move {
        let _ = tell.send(dial(&shared, address).await);
    });
    told.await.unwrap_or_else(|_| Err(ExecError::Lost("the runtime is shutting down".into())))
}

async fn dial(shared: &Shared, address: SocketAddr) -> Result<Box<dyn Tunnel>, ExecError> {
    let mut refused = shared.refusals.since_now();
    let to = (address.ip().to_string(), u32::from(address.port()));
    match shared.handle.channel_open_direct_tcpip(to.0, to.1, "127.0.0.1", 0).await {
        Ok(channel) => Ok(Box::new(channel.into_stream())),
        Err(russh::Error::ChannelOpenFailure(reason)) => {
            let said = match reason {
                ChannelOpenFailure::ConnectFailed => refused.words().await,
                _ => None,
            };
            Err(words::not_forwarded(shared.address, address, &reason, said))
        }
        Err(_) => Err(ExecError::Lost(shared.why_lost().await)),
    }
}

/// What a host says of connections that it could not make. russh gives the reason's number to whoever waits for the
/// connection and the words to its handler, a moment later and without telling for which connection: the words are
/// taken in the order in which they come.
#[derive(Clone, Default)]
pub(super) struct Refusals(Arc<watch::Sender<Said>>);

#[derive(Default)]
struct Said {
    /// How many there were in all.
    count: u64,
    /// The last of them, each with its number, until they are taken.
    words: VecDeque<(u64, String)>,
}

/// The words that come from a certain moment on.
struct SinceNow {
    since: u64,
    said: Arc<watch::Sender<Said>>,
}

impl Refusals {
    /// The host said `description`.
    pub(super) fn note(&self, description: &str) {
        self.0.send_modify(|said| {
            said.count += 1;
            if said.words.len() == MAX_REFUSALS {
                said.words.pop_front();
            }
            said.words.push_back((said.count, clean(description.trim(), 100)));
        });
    }

    fn since_now(&self) -> SinceNow {
        SinceNow { since: self.0.borrow().count, said: Arc::clone(&self.0) }
    }
}

impl SinceNow {
    /// Takes the first words.
    async fn words(&mut self) -> Option<String> {
        let place = |said: &Said| said.words.iter().position(|(number, _)| *number > self.since);
        let mut news = self.said.subscribe();
        timeout(WORDS, news.wait_for(|said| place(said).is_some())).await.ok()?.ok()?;
        let mut taken = None;
        self.said.send_modify(|said| taken = place(said).and_then(|place| said.words.remove(place)));
        taken.map(|(_, words)| words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn words_are_taken_once_in_their_order_and_never_older_ones() {
        let refusals = Refusals::default();
        refusals.note("old");
        let (mut first, mut second) = (refusals.since_now(), refusals.since_now());
        refusals.note("Connection refused\r\n");
        refusals.note("No route to host");
        assert_eq!(first.words().await.as_deref(), Some("Connection refused"));
        assert_eq!(second.words().await.as_deref(), Some("No route to host"));
        assert_eq!(refusals.since_now().words().await, None);
    }
}
