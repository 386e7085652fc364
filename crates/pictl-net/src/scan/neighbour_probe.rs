//! Finds the hosts of local networks without any privilege. A datagram to a neighbour makes the kernel ask for its
//! MAC address (a neighbour probe), and every user may read the result in the neighbour table.
//!
//! The kernel asks three times, a second apart, and then gives up. An address that it asks for holds an entry of the
//! table, which is as large for a /8 as for a /24, and a packet, which is charged to the socket that sent it. What
//! does not fit into the table is silently not asked. So large networks are probed in turns, and an address counts as
//! asked only when it is in the table.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::time::Duration;

use pictl_model::MacAddr;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, sleep};

use super::connect::DISCARD;
use super::hub::Note;
use super::interfaces::{self, Interface};
use super::quality::Quality;
use crate::netlink::{self, Neighbour, State};

/// Datagrams that one socket sends: 256 that wait for their MAC address fill its buffer.
const PER_SOCKET: usize = 200;

/// Addresses that the kernel asks for at once.
const MOST: usize = 512;
/// The same when its table is nearly full.
const FEWEST: usize = 4;
/// Entries that the table holds by default.
const TABLE: usize = 1024;

/// Time between two readings of the table: shorter right after a probe, when most answers arrive.
const READ: Duration = Duration::from_millis(20);
const READ_SOON: Duration = Duration::from_millis(2);

/// Waiting time after the last probe on a network that is quick and loses nothing.
const QUICK: Duration = Duration::from_millis(700);
/// An answer that takes longer than this is not the answer to the first request.
const LOST: Duration = Duration::from_millis(900);
/// Waiting time on other networks: the kernel gives up after three requests, a second each.
const SLOW: Duration = Duration::from_millis(3300);
/// An address that failed sooner was being asked before it was probed.
const TOO_SOON: Duration = Duration::from_millis(2500);

/// Pause when the table is full.
const FULL: Duration = Duration::from_secs(1);
/// How often an address is probed again that does not enter the table.
const TRIES: u8 = 5;

/// Passes in which all silent addresses are asked again where requests are lost. Networks with more silent addresses
/// than the second figure are asked once.
const PASSES: usize = 3;
const MOST_AGAIN: usize = 1024;

/// What became of datagrams.
#[derive(Debug, Default)]
pub(super) struct Probed {
    /// With how many addresses the system is done.
    tried: usize,
    /// Those among them to which nothing was sent, and why.
    refused: Vec<(Ipv4Addr, io::Error)>,
}

/// What is not done where a probe fails here.
const PROBING: &str = "no neighbour probe could be sent";

/// What the scan needs of the system.
pub(super) trait Kernel: Send {
    /// Sends a datagram to each of `addresses` through `interface`.
    fn probe(&mut self, interface: &Interface, addresses: &[Ipv4Addr]) -> io::Result<Probed>;

    /// The neighbour table.
    fn table(&mut self) -> io::Result<Vec<Neighbour>>;
}

/// The system that this program runs on.
pub(super) struct System;

impl Kernel for System {
    fn probe(&mut self, interface: &Interface, addresses: &[Ipv4Addr]) -> io::Result<Probed> {
        // Not connected: the answers of hosts must not come back as errors.
        let socket = UdpSocket::bind((interface.subnet.address, 0))?;
        socket.set_nonblocking(true)?;
        // Kernels before 5.7 allow this to root only; it matters where two interfaces are in one network.
        let _ = socket2::SockRef::from(&socket).bind_device(Some(interface.subnet.interface.as_bytes()));
        let mut refused = Vec::new();
        for (tried, address) in addresses.iter().enumerate() {
            match socket.send_to(&[], (*address, DISCARD)) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Probed { tried, refused }),
                // The kernel gave up this neighbour a moment ago: that is in the table.
                Err(error) if error.kind() == ErrorKind::HostUnreachable => {}
                Err(error) => refused.push((*address, error)),
                Ok(_) => {}
            }
        }
        Ok(Probed { tried: addresses.len(), refused })
    }

    fn table(&mut self) -> io::Result<Vec<Neighbour>> {
        netlink::neighbours()
    }
}

/// What to probe.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The addresses behind each interface.
    pub(super) networks: Vec<(Interface, Vec<Ipv4Addr>)>,
    /// Where a host is expected: the scan waits for all three requests.
    pub(super) expected: HashSet<Ipv4Addr>,
    /// Waits for the last request of the kernel everywhere, and asks all addresses once more.
    pub(super) thorough: bool,
    /// Shows whether that is necessary anyway.
    pub(super) quality: Quality,
}

/// Scans, and reports every host that answers.
pub(super) async fn scan(kernel: impl Kernel, order: Order, notes: UnboundedSender<Note>) {
    NeighbourScan::new(kernel, order, notes).run().await;
}

/// The entries of the table that the scan is about, by interface and address.
type Table = HashMap<(u32, Ipv4Addr), State>;

#[derive(Clone, Copy, Debug)]
struct Target {
    /// Which of the order's networks it is in.
    network: usize,
    key: (u32, Ipv4Addr),
    /// It was reported as asked.
    counted: bool,
    /// How often it was probed without entering the table.
    tries: u8,
}

struct NeighbourScan<K> {
    kernel: K,
    notes: UnboundedSender<Note>,
    interfaces: Vec<Interface>,
    expected: HashSet<Ipv4Addr>,
    thorough: bool,
    quality: Quality,
    /// To be probed.
    queue: VecDeque<Target>,
    /// Probed, and asked for by the kernel since then.
    asked: Vec<(Target, Instant)>,
    /// In the table before the scan, and whether the entry was fresh.
    known: Vec<(Target, bool)>,
    /// No answer; and no answer from those that the kernel had asked already before the probe.
    silent: Vec<Target>,
    hasty: Vec<Target>,
    /// Addresses that never entered the table.
    unasked: usize,
    /// How many addresses may be asked at once in general, at present, and how many were after the last probe.
    most: usize,
    limit: usize,
    in_flight: usize,
    /// No address is probed before then.
    pause: Instant,
    /// How many times in a row no address at all entered the table.
    full: u8,
    /// How many times there were not enough files or memory for a socket.
    starved: u8,
    read_at: Instant,
    probed: Instant,
    /// A host answered a later request than the first.
    lost: bool,
}

impl<K: Kernel> NeighbourScan<K> {
    fn new(kernel: K, order: Order, notes: UnboundedSender<Note>) -> Self {
        let (mut interfaces, mut queue) = (Vec::new(), VecDeque::new());
        for (network, (interface, addresses)) in order.networks.into_iter().enumerate() {
            let target = |address| Target { network, key: (interface.index, address), counted: false, tries: 0 };
            // A datagram to the network or broadcast address asks no host.
            let net = interface.subnet.net;
            let (hosts, nobody): (Vec<_>, Vec<_>) = addresses
                .into_iter()
                .partition(|address| net.prefix_len() > 30 || ![net.network(), net.broadcast()].contains(address));
            let _ = notes.send(Note::Asked(nobody.len() as u64));
            queue.extend(hosts.into_iter().map(target));
            interfaces.push(interface);
        }
        if interfaces.iter().any(|interface: &Interface| interfaces::is_wireless(&interface.subnet.interface)) {
            order.quality.slow();
        }
        let now = Instant::now();
        Self {
            kernel,
            notes,
            interfaces,
            expected: order.expected,
            thorough: order.thorough,
            quality: order.quality,
            queue,
            asked: Vec::new(),
            known: Vec::new(),
            silent: Vec::new(),
            hasty: Vec::new(),
            unasked: 0,
            most: MOST,
            limit: MOST,
            in_flight: 0,
            pause: now,
            full: 0,
            starved: 0,
            read_at: now,
            probed: now,
            lost: false,
        }
    }

    /// Scans to the end, or until the system refuses: then what was not asked is reported so.
    async fn run(mut self) {
        if let Err(error) = self.ask().await {
            self.report(Note::Problem(format!("the scan by neighbour probes ended early: {error}")));
            let asked = std::mem::take(&mut self.asked).into_iter().map(|(target, _)| target);
            let left: Vec<_> = self.queue.drain(..).chain(asked).chain(self.hasty.drain(..)).collect();
            for target in left {
                self.refused(target.key.1, &error);
            }
        }
        self.finish();
    }

    async fn ask(&mut self) -> io::Result<()> {
        let mut table = self.read()?;
        // The kernel drops failed entries when it needs the room.
        let taken = table.values().filter(|state| **state != State::Failed).count();
        let free = netlink::table_size().unwrap_or(TABLE).saturating_sub(taken);
        self.most = (free / 2).clamp(FEWEST, MOST);
        self.limit = self.most;
        self.report_known(&table);
        for pass_number in 1.. {
            self.lost = false;
            self.probe(&table)?;
            while !self.is_over() {
                sleep(self.probed.elapsed().clamp(READ_SOON, READ)).await;
                let before = self.read_at;
                table = self.read()?;
                self.judge(&table, before);
                self.probe(&table)?;
            }
            self.silent.extend(self.asked.drain(..).map(|(target, _)| target).chain(self.hasty.drain(..)));
            let again = self.lost && pass_number < PASSES || self.thorough && pass_number < 2;
            if !again || self.silent.len() > MOST_AGAIN {
                break;
            }
            self.queue.extend(self.silent.drain(..));
        }
        Ok(())
    }

    /// This computer did not ask there.
    fn refused(&self, address: Ipv4Addr, error: &io::Error) {
        self.report(Note::Unasked { address: address.into(), what: PROBING, why: error.to_string() });
    }

    fn report(&self, note: Note) {
        // A receiver that is gone ends this task.
        let _ = self.notes.send(note);
    }

    fn read(&mut self) -> io::Result<Table> {
        self.read_at = Instant::now();
        let entries = self.kernel.table()?.into_iter();
        Ok(entries
            .filter_map(|entry| match entry.address {
                IpAddr::V4(address) => Some(((entry.interface, address), entry.state)),
                IpAddr::V6(_) => None,
            })
            .collect())
    }

    /// Reports the hosts that are in the table already. Whether they are still there is verified by other means,
    /// because the kernel would take its time.
    fn report_known(&mut self, table: &Table) {
        let (known, rest): (Vec<_>, Vec<_>) = self.queue.drain(..).partition(|target| mac_of(table, target).is_some());
        self.queue.extend(rest);
        self.report(Note::Asked(known.len() as u64));
        for target in known {
            let Some((mac, fresh)) = mac_of(table, &target) else { continue };
            self.report(Note::Known { address: target.key.1, mac, fresh });
            self.known.push((Target { counted: true, ..target }, fresh));
        }
    }

    /// Probes as many addresses as may be asked for at once.
    fn probe(&mut self, table: &Table) -> io::Result<()> {
        let now = Instant::now();
        if now < self.pause {
            return Ok(());
        }
        let room = self.limit.saturating_sub(self.asked.len());
        let mut batch = Vec::new();
        while batch.len() < room
            && let Some(target) = self.queue.pop_front()
        {
            if table.get(&target.key) == Some(&State::Asking) {
                // Another scan or program made the kernel ask within the last second.
                self.report(Note::Asked(u64::from(!target.counted)));
                self.asked.push((Target { counted: true, ..target }, now));
            } else {
                batch.push(target);
            }
        }
        for part in batch.chunk_by(|a, b| a.network == b.network).flat_map(|part| part.chunks(PER_SOCKET)) {
            let addresses: Vec<_> = part.iter().map(|target| target.key.1).collect();
            let probed = self.kernel.probe(&self.interfaces[part[0].network], &addresses);
            let Probed { tried, refused } = match probed {
                Ok(probed) => probed,
                // Connections of this scan hold the files or the memory that a socket needs: they end soon.
                Err(error) if is_short(&error) && self.starved < TRIES => {
                    self.starved += 1;
                    self.pause = Instant::now() + FULL;
                    let left: Vec<_> = batch.iter().filter(|target| !self.is_asked(target)).copied().collect();
                    self.queue.extend(left);
                    return Ok(());
                }
                Err(error) => {
                    // What was taken out of the queue is not asked either.
                    batch.iter().filter(|target| !self.is_asked(target)).for_each(|t| self.refused(t.key.1, &error));
                    return Err(error);
                }
            };
            self.probed = Instant::now();
            let (tried, unsent) = part.split_at(tried);
            self.report(Note::Asked(tried.iter().filter(|target| !target.counted).count() as u64));
            let is_refused = |target: &&Target| refused.iter().any(|(address, _)| *address == target.key.1);
            let sent = tried.iter().filter(|target| !is_refused(target));
            self.asked.extend(sent.map(|target| (Target { counted: true, ..*target }, self.probed)));
            for (address, error) in &refused {
                self.refused(*address, error);
            }
            self.queue.extend(unsent);
            self.in_flight = self.asked.len();
        }
        Ok(())
    }

    fn is_asked(&self, target: &Target) -> bool {
        self.asked.iter().any(|(asked, _)| asked.key == target.key)
    }

    /// Checks what became of the addresses that were asked; the table was read before that at `before`.
    fn judge(&mut self, table: &Table, before: Instant) {
        let mut missing = Vec::new();
        for (target, at) in std::mem::take(&mut self.asked) {
            let soon = at.elapsed() < TOO_SOON;
            match table.get(&target.key) {
                Some(State::Fresh(mac) | State::Old(mac)) => {
                    // It was not there when the table was read before.
                    let took = before.saturating_duration_since(at);
                    self.quality.answered_after(took);
                    self.lost |= took > LOST;
                    self.report(Note::Neighbour { address: target.key.1, mac: *mac });
                }
                Some(State::Asking) => self.asked.push((target, at)),
                Some(State::Failed) if soon => self.hasty.push(target),
                None if soon => missing.push(target),
                Some(State::Failed) | None => self.silent.push(target),
            }
        }
        if !missing.is_empty() {
            self.table_is_full(missing);
        } else if self.pause.elapsed() > TOO_SOON {
            self.limit = self.most.min(self.limit + 1);
        }
        for (target, fresh) in std::mem::take(&mut self.known) {
            match table.get(&target.key) {
                Some(State::Fresh(mac)) if !fresh => self.report(Note::Neighbour { address: target.key.1, mac: *mac }),
                Some(State::Failed) | None => self.queue.push_back(target),
                _ => self.known.push((target, fresh)),
            }
        }
    }

    /// These addresses are not in the table although they were probed: for some time no more are asked at once than
    /// entered it.
    fn table_is_full(&mut self, missing: Vec<Target>) {
        self.limit = self.in_flight.saturating_sub(missing.len()).max(FEWEST);
        self.pause = Instant::now() + FULL;
        for target in missing {
            self.again(target);
        }
        self.full = if self.asked.is_empty() { self.full + 1 } else { 0 };
        if self.full > TRIES {
            self.unasked += self.queue.drain(..).len();
        }
    }

    fn again(&mut self, target: Target) {
        if target.tries < TRIES {
            self.queue.push_back(Target { tries: target.tries + 1, ..target });
        } else {
            self.unasked += 1;
        }
    }

    /// All addresses have had the time that this network needs.
    fn is_over(&mut self) -> bool {
        let mut unheard = self.asked.iter().map(|(target, _)| target).chain(&self.hasty);
        let patient =
            self.thorough || self.quality.is_slow() || unheard.any(|target| self.expected.contains(&target.key.1));
        if patient {
            // They get all three requests.
            for target in std::mem::take(&mut self.hasty) {
                self.again(target);
            }
        }
        let wait = if patient { SLOW } else { QUICK };
        let waited = self.probed.elapsed() >= wait && (patient || !self.quality.is_waiting());
        self.queue.is_empty() && (self.asked.is_empty() || waited)
    }

    fn finish(self) {
        for target in self.silent.iter().filter(|target| self.expected.contains(&target.key.1)) {
            self.report(Note::Unanswered { address: target.key.1.into() });
        }
        if self.unasked > 0 {
            let names: Vec<_> = self.interfaces.iter().map(|interface| interface.subnet.interface.as_str()).collect();
            let (count, names) = (self.unasked, names.join(", "));
            self.report(Note::Problem(format!(
                "{count} addresses on {names} were not asked: the neighbour table of the kernel is full"
            )));
        }
    }
}

/// Something is used up for the moment.
fn is_short(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM))
}

/// The MAC address of `target` in `table`, and whether it answered lately.
fn mac_of(table: &Table, target: &Target) -> Option<(MacAddr, bool)> {
    match table.get(&target.key)? {
        State::Fresh(mac) => Some((*mac, true)),
        State::Old(mac) => Some((*mac, false)),
        State::Asking | State::Failed => None,
    }
}

#[cfg(test)]
mod tests;
