//! Connections to SSH servers that are parked until a login.
//!
//! OpenSSH counts a connection that ends without a login against its address (PerSourcePenalties, 9.8 and later). So
//! one connection serves the scan, the question whether the host key is right, and the login.

use std::collections::HashMap;
use std::fmt::{Debug, Formatter, Result as FmtResult};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::ssh::exchange::Exchange;

/// How long a connection stays parked: sshd ends a connection without a login after 120 seconds (LoginGraceTime), and
/// counts that worse than an end by the other side.
pub(crate) const LONGEST: Duration = Duration::from_secs(100);

/// Most connections parked at once: all of a /24, and at most half of the 1,024 files that a process may have open by
/// default (a connection in mid-exchange is two).
const MOST: usize = 256;

/// The parked connections, one for each address and port. Clones share them; they end with the last clone.
#[derive(Clone, Default)]
pub struct Parked(Arc<Mutex<HashMap<SocketAddr, Waiting>>>);

impl Debug for Parked {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        f.debug_set().entries(self.all().keys()).finish()
    }
}

/// A parked connection.
pub(crate) struct Waiting {
    /// What the host sent first.
    pub(crate) said: Vec<u8>,
    pub(crate) stage: Stage,
    /// When it has been parked for too long.
    pub(crate) until: Instant,
}

/// How far a connection has got.
pub(crate) enum Stage {
    /// We have sent nothing. The socket is non-blocking.
    Greeted(TcpStream),
    /// The key exchange waits for a decision on the host key.
    Asking(Exchange),
}

impl Waiting {
    /// A connection that was made just now.
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
    /// Parks a connection to `address`. An earlier one to the same address ends, and so does the oldest when there
    /// are too many.
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

    /// Takes the parked connection to `address`; `None` also when it is too old, or when the host has closed it.
    pub(crate) fn take(&self, address: SocketAddr) -> Option<Waiting> {
        let waiting = self.all().remove(&address)?;
        waiting.is_good().then_some(waiting)
    }

    /// What the host at `address` sent first on its parked connection, if that can still be taken.
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

    /// A connection as a scan parks it, and the host's end of it.
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
    async fn a_connection_is_taken_once_with_all_that_the_host_sent() {
        let parked = Parked::default();
        let (address, greeted, mut host) = connection();
        parked.park(address, greeted);
        // Some hosts go on before we have said who we are.
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
    async fn a_connection_that_is_too_old_is_closed_even_if_nobody_takes_it() {
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
    async fn an_address_has_one_connection_with_a_time_limit_of_its_own() {
        let parked = Parked::default();
        let (address, first, first_host) = connection();
        parked.park(address, first);
        tokio::time::sleep(LONGEST / 2).await;
        let (_, second, second_host) = connection();
        parked.park(address, second);
        assert!(has_ended(&first_host));
        tokio::time::sleep(LONGEST * 3 / 4).await;
        assert!(is_open(&second_host), "the time limit of the first is over, that of the second is not");
        assert!(parked.take(address).is_some());
    }

    #[tokio::test]
    async fn a_connection_that_the_host_has_closed_is_not_taken() {
        let parked = Parked::default();
        let (address, greeted, host) = connection();
        let Stage::Greeted(stream) = &greeted.stage else { panic!() };
        let mut ours = stream.try_clone().unwrap();
        parked.park(address, greeted);
        drop(host);
        // The end has arrived here.
        ours.set_nonblocking(false).unwrap();
        assert_eq!(ours.read(&mut [0]).unwrap(), 0);
        assert!(parked.said(address).is_none());
        assert!(parked.take(address).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_is_dropped_when_there_are_too_many_and_all_end_with_the_last_clone() {
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
