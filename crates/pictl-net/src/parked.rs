//! Connections to SSH servers that wait for a login.
//!
//! OpenSSH counts a connection that ends without a login against its address (PerSourcePenalties, 9.8 and later), so that one
//! connection serves the scan, which wants to know what is there, the question whether the host key is right, and the login.

use std::collections::HashMap;
use std::fmt::{Debug, Formatter, Result as FmtResult};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::ssh::Exchange;

/// How long a connection is parked: sshd ends one that nobody logs in on after 120 seconds (LoginGraceTime), and counts that
/// worse than an end by the other side.
pub(crate) const LONGEST: Duration = Duration::from_secs(100);

/// Connections parked at once: all of a /24, and no more than half of the 1,024 files that a process may have open where the system
/// does not grant it more (one that waits in mid-exchange is two).
const MOST: usize = 256;

/// The connections that are parked, one to an address and port; whoever has a clone has the same ones. They end with the last clone.
#[derive(Clone, Default)]
pub struct Parked(Arc<Mutex<HashMap<SocketAddr, Waiting>>>);

impl Debug for Parked {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        f.debug_set().entries(self.all().keys()).finish()
    }
}

/// A connection that waits.
pub(crate) struct Waiting {
    /// What the host said before anybody spoke.
    pub(crate) said: Vec<u8>,
    pub(crate) stage: Stage,
    /// When it has waited for too long.
    pub(crate) until: Instant,
}

/// How far a connection has got.
pub(crate) enum Stage {
    /// Nothing was sent. The socket does not block.
    Greeted(TcpStream),
    /// Somebody has to decide whether the host's key is right.
    Asking(Exchange),
}

impl Waiting {
    /// One that was made just now.
    pub(crate) fn new(said: Vec<u8>, stage: Stage) -> Self {
        Self { said, stage, until: Instant::now() + LONGEST }
    }

    fn is_good(&self) -> bool {
        let socket = match &self.stage {
            Stage::Greeted(socket) => Some(socket),
            Stage::Asking(exchange) => exchange.socket(),
        };
        let open = socket.is_some_and(|socket| match socket.peek(&mut [0]) {
            Ok(length) => length > 0,
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        });
        open && self.until > Instant::now()
    }
}

impl Parked {
    /// Keeps a connection to `address`; an earlier one to the same, or the oldest where there are too many, ends.
    pub(crate) fn park(&self, address: SocketAddr, waiting: Waiting) {
        let until = waiting.until;
        let mut all = self.all();
        all.insert(address, waiting);
        if all.len() > MOST {
            let oldest = all.iter().min_by_key(|(_, waiting)| waiting.until).map(|(address, _)| *address);
            oldest.map(|oldest| all.remove(&oldest));
        }
        drop(all);
        let parked = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            sleep_until(until).await;
            if let Some(parked) = parked.upgrade() {
                Self(parked).all().retain(|_, waiting| waiting.until > until);
            }
        });
    }

    /// The connection to `address`, no longer parked; `None` as well when it is too old, or the host has ended it.
    pub(crate) fn take(&self, address: SocketAddr) -> Option<Waiting> {
        let waiting = self.all().remove(&address)?;
        waiting.is_good().then_some(waiting)
    }

    /// What the host at `address` said on a connection that could be taken now.
    pub(crate) fn said(&self, address: SocketAddr) -> Option<Vec<u8>> {
        self.all().get(&address).filter(|waiting| waiting.is_good()).map(|waiting| waiting.said.clone())
    }

    fn all(&self) -> MutexGuard<'_, HashMap<SocketAddr, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// A connection as a scan hands it over, and the host's side of it.
    fn connection() -> (SocketAddr, Waiting, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nonblocking(true).unwrap();
        (address, Waiting::new(b"SSH-2.0-x\r\n".to_vec(), Stage::Greeted(stream)), listener.accept().unwrap().0)
    }

    /// The other side has ended the connection properly.
    fn has_ended(mut host: &TcpStream) -> bool {
        host.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        host.read(&mut [0]).unwrap() == 0
    }

    fn is_open(mut host: &TcpStream) -> bool {
        host.set_nonblocking(true).unwrap();
        host.read(&mut [0]).unwrap_err().kind() == ErrorKind::WouldBlock
    }

    #[tokio::test]
    async fn a_connection_is_taken_once_with_all_that_was_said() {
        let parked = Parked::default();
        let (address, greeted, mut host) = connection();
        parked.park(address, greeted);
        // As hosts do that do not wait for us to say who we are.
        host.write_all(b"more").unwrap();
        assert_eq!(parked.said(address).unwrap(), b"SSH-2.0-x\r\n");
        let Waiting { said, stage: Stage::Greeted(mut stream), .. } = parked.clone().take(address).unwrap() else {
            panic!()
        };
        assert_eq!(said, b"SSH-2.0-x\r\n");
        stream.set_nonblocking(false).unwrap();
        let mut more = [0; 4];
        stream.read_exact(&mut more).unwrap();
        assert_eq!(&more, b"more");
        assert!(parked.take(address).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_too_old_is_ended_whether_or_not_anybody_asks_for_it() {
        let parked = Parked::default();
        let (address, greeted, host) = connection();
        parked.park(address, greeted);
        tokio::time::sleep(LONGEST * 99 / 100).await;
        assert!(parked.said(address).is_some() && is_open(&host));
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(parked.said(address).is_none());
        assert!(parked.take(address).is_none());

        let (address, greeted, host) = connection();
        parked.park(address, greeted);
        tokio::time::sleep(LONGEST + Duration::from_millis(1)).await;
        assert!(has_ended(&host));
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_one_for_an_address_and_its_time_is_its_own() {
        let parked = Parked::default();
        let (address, first, first_host) = connection();
        parked.park(address, first);
        tokio::time::sleep(LONGEST / 2).await;
        let (_, second, second_host) = connection();
        parked.park(address, second);
        assert!(has_ended(&first_host));
        tokio::time::sleep(LONGEST * 3 / 4).await;
        assert!(is_open(&second_host), "the first one's time is over, not the second one's");
        assert!(parked.take(address).is_some());
    }

    #[tokio::test]
    async fn one_that_the_host_has_ended_is_none() {
        let parked = Parked::default();
        let (address, greeted, host) = connection();
        let Stage::Greeted(stream) = &greeted.stage else { panic!() };
        let mut ours = stream.try_clone().unwrap();
        parked.park(address, greeted);
        drop(host);
        // Its end has come here.
        ours.set_nonblocking(false).unwrap();
        assert_eq!(ours.read(&mut [0]).unwrap(), 0);
        assert!(parked.said(address).is_none());
        assert!(parked.take(address).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_are_not_kept_and_all_end_with_their_keeper() {
        let parked = Parked::default();
        let mut hosts = Vec::new();
        for n in 0..=MOST {
            let (_, greeted, host) = connection();
            parked.park(([127, 0, 0, 1], n as u16).into(), greeted);
            hosts.push(host);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(has_ended(&hosts[0]) && is_open(&hosts[1]) && is_open(&hosts[MOST]));
        assert_eq!(parked.all().len(), MOST);
        drop(parked);
        hosts[1].set_nonblocking(false).unwrap();
        assert!(has_ended(&hosts[1]));
    }
}
