//! Asks a host whether it runs an SSH server, by the only connection that a scan makes to it. The connection is
//! parked for a login.

use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pictl_model::text::clean_bytes;
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::timeout;

use super::hub::Note;
use super::quality::Quality;
use crate::parked::{Parked, Stage, Waiting};

/// Connections at once: enough for 250 silent addresses a second, and few enough for the neighbour table on systems
/// where that cannot be read.
const AT_ONCE: usize = 96;

/// The port of "discard" (RFC 863).
pub(super) const DISCARD: u16 = 9;

/// Time for the identification string. A Pi under load is slow.
const BANNER: Duration = Duration::from_millis(1500);

/// Where packets are lost, the system asks for a connection again after one second; the third time, after three, is
/// too late here. The second figure includes the identification string.
const SLOW_CONNECT: Duration = Duration::from_millis(2200);
const SLOW: Duration = Duration::from_millis(2700);

/// What is not done where a connection fails here.
const CONNECTING: &str = "no connection could be made";

/// Longest identification string (RFC 4253, 4.2).
const LONGEST: usize = 255;
/// Bytes of other lines that may come before it.
const MOST_BEFORE: usize = 4096;

/// How long an address has to accept a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// Nothing is known of the address: the system asks once.
    Unknown,
    /// A host is expected there: the system asks at once, after 1 and after 3 seconds.
    Expected,
    /// The host was heard just now: one lost packet costs a second.
    Known,
}

impl Patience {
    fn limit(self) -> Duration {
        Duration::from_millis(match self {
            Self::Unknown => 400,
            Self::Expected => 3200,
            Self::Known => 1200,
        })
    }
}

/// Makes the connections of one scan.
#[derive(Clone, Debug)]
pub(super) struct Prober {
    turns: Arc<Semaphore>,
    port: u16,
    interface: Option<String>,
    parked: Parked,
    quality: Quality,
    /// Addresses that were connected to, or are at the moment.
    attempted: Arc<Mutex<HashSet<IpAddr>>>,
}

impl Prober {
    /// Connects to `port`, through `interface` if one is named, and parks the connections in `parked`; `quality` says
    /// how long they may take.
    pub(super) fn new(port: u16, interface: Option<String>, parked: Parked, quality: Quality) -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), port, interface, parked, quality, attempted: Arc::default() }
    }

    /// Connects to `address`, unless this scan has done so, and reports the result. Returns whether a host answered.
    /// Where a host is known to be there, a connection that is parked since an earlier scan is as good as a new one;
    /// otherwise the parked one ends, so that there are never two.
    pub(super) async fn probe(&self, address: IpAddr, patience: Patience, notes: &UnboundedSender<Note>) -> bool {
        if !self.attempted().insert(address) {
            return true;
        }
        // Nobody closes the semaphore.
        let _permit = self.turns.acquire().await.ok();
        let answered = self.connect_once(address, patience, notes).await;
        if !answered {
            self.attempted().remove(&address);
        }
        answered
    }

    /// Whether `address` accepts or refuses a connection to a port where hardly any program listens: a sign of life
    /// that no SSH server counts.
    pub(super) async fn is_there(&self, address: IpAddr) -> bool {
        let _permit = self.turns.acquire().await.ok();
        match timeout(Patience::Unknown.limit(), self.connect(SocketAddr::new(address, DISCARD))).await {
            Ok(Err(Failure::Network(error))) => error.kind() == ErrorKind::ConnectionRefused,
            Ok(Err(Failure::Here(_))) | Err(_) => false,
            Ok(Ok(_)) => true,
        }
    }

    fn attempted(&self) -> MutexGuard<'_, HashSet<IpAddr>> {
        self.attempted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect_once(&self, address: IpAddr, patience: Patience, notes: &UnboundedSender<Note>) -> bool {
        // A receiver that is gone ends this task.
        let report = |note| drop(notes.send(note));
        let at = SocketAddr::new(address, self.port);
        if patience == Patience::Known
            && let Some(found) = self.parked.said(at).and_then(|said| find(&said, false))
        {
            report(Note::Ssh { address, banner: found.banner });
            return true;
        }
        drop(self.parked.take(at));

        let begin = Instant::now();
        let connected = match patience {
            Patience::Known => {
                let connected = self.within([patience.limit(), SLOW_CONNECT], self.connect(at));
                let connected = self.quality.wait(connected).await;
                if !matches!(connected, None | Some(Err(Failure::Here(_)))) {
                    self.quality.answered_after(begin.elapsed());
                }
                connected
            }
            _ => timeout(patience.limit(), self.connect(at)).await.ok(),
        };
        let rtt = begin.elapsed();
        let mut stream = match connected {
            Some(Ok(stream)) => stream,
            // All of 127/8 is this machine, so a refusal there does not mean a host.
            Some(Err(Failure::Network(error)))
                if error.kind() == ErrorKind::ConnectionRefused && !address.is_loopback() =>
            {
                report(Note::Refused { address, rtt });
                return true;
            }
            Some(Err(Failure::Here(error))) => {
                report(Note::Unasked { address, what: CONNECTING, why: error.to_string() });
                return false;
            }
            Some(Err(Failure::Network(_))) | None => return false,
        };
        report(Note::Open { address, rtt });
        let mut said = Vec::new();
        let limits = [BANNER, SLOW.saturating_sub(rtt)];
        let found = self.within(limits, identification(&mut stream, &mut said)).await.flatten();
        if found.as_ref().is_some_and(|found| found.whole) {
            if let Ok(stream) = stream.into_std() {
                self.parked.park(at, Waiting::new(said, Stage::Greeted(stream)));
            }
        } else {
            // An orderly end instead of a reset, which sshd would log as an error.
            let _ = stream.shutdown().await;
        }
        if let Some(Found { banner, .. }) = found {
            report(Note::Ssh { address, banner });
        }
        true
    }

    /// Waits for an answer up to the first limit, or up to the second if the network turns out to be slow.
    async fn within<T>(&self, limits: [Duration; 2], answer: impl Future<Output = T>) -> Option<T> {
        let mut answer = std::pin::pin!(answer);
        match timeout(limits[0], &mut answer).await {
            Ok(answer) => Some(answer),
            Err(_) if self.quality.is_slow() => timeout(limits[1].saturating_sub(limits[0]), answer).await.ok(),
            Err(_) => None,
        }
    }

    /// Connects as [`TcpStream::connect`] does, and keeps apart what it would not: whether this machine did not even send the
    /// question.
    async fn connect(&self, address: SocketAddr) -> Result<TcpStream, Failure> {
        let socket = self.begin(address).map_err(Failure::at_once)?;
        let stream = TcpStream::from_std(socket.into()).map_err(Failure::Here)?;
        stream.writable().await.map_err(Failure::Here)?;
        match stream.take_error() {
            Ok(None) => Ok(stream),
            Ok(Some(error)) | Err(error) => Err(Failure::arrived(error)),
        }
    }

    /// A socket that connects.
    fn begin(&self, address: SocketAddr) -> io::Result<Socket> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        // Only where it was asked for: without a name the call would lift a limit that is not there, and emulators of other
        // processors (qemu-user) refuse it.
        #[cfg(target_os = "linux")]
        if let Some(interface) = &self.interface {
            socket.bind_device(Some(interface.as_bytes()))?;
        }
        match socket.connect(&address.into()) {
            Err(error) if error.raw_os_error() == Some(IN_PROGRESS) || error.kind() == ErrorKind::WouldBlock => {
                Ok(socket)
            }
            connected => connected.map(|()| socket),
        }
    }
}

/// The connection goes on while this program does something else.
const IN_PROGRESS: i32 = rustix::io::Errno::INPROGRESS.raw_os_error();

/// Why there is no connection.
#[derive(Debug)]
enum Failure {
    /// This machine refused the attempt: nothing was asked, so nothing follows from it.
    Here(io::Error),
    /// Somebody on the network answered, or nobody did.
    Network(io::Error),
}

impl Failure {
    /// An error of the attempt itself, before anything could come back: it was made here. Only one's own address refuses at once.
    fn at_once(error: io::Error) -> Self {
        if error.kind() == ErrorKind::ConnectionRefused { Self::Network(error) } else { Self::Here(error) }
    }

    /// An error that came later. What tells of this machine's own network is no answer either.
    fn arrived(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::TimedOut
            | ErrorKind::HostUnreachable => Self::Network(error),
            _ => Self::Here(error),
        }
    }
}

/// A host's identification string.
struct Found {
    /// Cleaned, and cut if it is too long.
    banner: String,
    /// The line was complete, so that a login can go on from here.
    whole: bool,
}

/// Reads into `said` up to the first line that begins with `SSH-`, and what came with it; `None` when the host ends
/// the connection, or sends too much else before.
async fn identification(stream: &mut (impl AsyncRead + Unpin), said: &mut Vec<u8>) -> Option<Found> {
    let mut piece = [0; 512];
    loop {
        let length = stream.read(&mut piece).await.ok()?;
        said.extend_from_slice(&piece[..length]);
        let found = find(said, length == 0);
        if found.is_some() || length == 0 || said.len() > MOST_BEFORE {
            return found;
        }
    }
}

/// The first line of `said` that begins with `SSH-`; `ended`: nothing more will come.
fn find(said: &[u8], ended: bool) -> Option<Found> {
    let mut lines = said.split(|&byte| byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let too_long = line.len() >= LONGEST;
        let whole = lines.peek().is_some() && !too_long;
        if line.starts_with(b"SSH-") && (whole || too_long || ended) {
            return Some(Found { banner: clean_bytes(&line[..line.len().min(LONGEST)], LONGEST), whole });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(said: &[u8]) -> Option<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { identification(&mut &said[..], &mut Vec::new()).await }).map(|found| found.banner)
    }

    #[test]
    fn the_identification_is_found_and_cleaned() {
        assert_eq!(read(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\nmore").as_deref(), Some("SSH-2.0-OpenSSH_9.2p1 Debian-2"));
        assert_eq!(read(b"hello\r\n\r\nSSH-2.0-x\n").as_deref(), Some("SSH-2.0-x"));
        assert_eq!(read(b"SSH-2.0-\x1b[31mred\x1b]0;t\x07\r\n").as_deref(), Some("SSH-2.0-red"));
        assert_eq!(read(b"SSH-2.0-cut").as_deref(), Some("SSH-2.0-cut"));
        assert_eq!(read(&[b"SSH-2.0-".to_vec(), vec![b'A'; 10_000]].concat()).unwrap().len(), 255);
        assert_eq!(read(b"HTTP/1.1 400 Bad Request\r\n\r\n"), None);
        assert_eq!(read(&vec![b'x'; 10_000]), None);
        assert_eq!(read(b""), None);
    }

    #[tokio::test]
    async fn a_host_that_is_known_to_be_there_is_connected_to_once() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let host = tokio::spawn(async move {
            let mut connections = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                stream.write_all(b"SSH-2.0-x\r\n").await.unwrap();
                connections.push(stream);
                assert!(connections.len() < 2, "a second connection");
            }
        });
        let (notes, mut noted) = tokio::sync::mpsc::unbounded_channel();
        let parked = Parked::default();
        for _ in 0..3 {
            let prober = Prober::new(at.port(), None, parked.clone(), Quality::default());
            for _ in 0..2 {
                assert!(prober.probe(at.ip(), Patience::Known, &notes).await, "also when it was asked in this scan");
            }
        }
        drop(notes);
        let mut reported = Vec::new();
        while let Some(note) = noted.recv().await {
            reported.push(match note {
                Note::Open { .. } => "open".to_owned(),
                Note::Ssh { banner, .. } => banner,
                other => panic!("{other:?}"),
            });
        }
        assert_eq!(reported, ["open", "SSH-2.0-x", "SSH-2.0-x", "SSH-2.0-x"]);
        assert!(!host.is_finished(), "it had one connection");
    }

    proptest! {
        #[test]
        fn any_banner_stays_small_and_printable(said in prop::collection::vec(any::<u8>(), 0..6000)) {
            if let Some(banner) = read(&said) {
                prop_assert!(banner.chars().count() <= LONGEST && !banner.chars().any(char::is_control));
            }
        }
    }
}
