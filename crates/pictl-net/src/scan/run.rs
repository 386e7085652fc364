//! A scan under way: which host is asked how, and what follows from the answers.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use futures_util::StreamExt as _;
use pictl_engine::ports::{ScanEnd, ScanError, ScanNews};
use pictl_model::MacAddr;
use pictl_model::request::{Expected, ScanRequest};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::connect::{Patience, Prober};
use super::hub::{Hub, Note};
use super::interfaces::Interface;
use super::mdns;
use super::permission::RawSocket;
#[cfg(target_os = "linux")]
use super::permission::failed;
use super::plan::Plan;
use super::quality::Quality;
#[cfg(target_os = "linux")]
use super::{arp, neighbour_probe};
#[cfg(target_os = "linux")]
use crate::netlink;
use crate::parked::Parked;

/// Time between two progress reports; also how often the neighbour table is read for what else it has of the hosts.
const TICK: Duration = Duration::from_millis(100);

/// Addresses that are connected to at once, including those that wait for their turn.
const PROBES: usize = 256;

/// A scan under way.
pub(super) struct Scan {
    hub: Hub,
    prober: Prober,
    quality: Quality,
    expected: HashMap<IpAddr, Expected>,
    thorough: bool,
    notes: UnboundedSender<Note>,
    noted: UnboundedReceiver<Note>,
    /// Everything that must end before the scan does. Dropping it ends all of it.
    work: JoinSet<()>,
    /// The tasks that ask for names, and the channel to the one of each network.
    namers: JoinSet<()>,
    ask_name: Vec<(Interface, UnboundedSender<Ipv4Addr>)>,
    /// This machine's own addresses.
    own: HashSet<IpAddr>,
    /// The addresses in local networks that are asked.
    local: HashSet<Ipv4Addr>,
    /// Names that hosts announced, while nothing else is known of them.
    announced: HashMap<Ipv4Addr, String>,
}

impl Scan {
    /// A scan of `plan`. It takes the problems out of the plan.
    pub(super) fn new(
        request: &ScanRequest,
        interfaces: &[&Interface],
        parked: Parked,
        news: UnboundedSender<ScanNews>,
        plan: &mut Plan,
    ) -> Self {
        let (notes, noted) = mpsc::unbounded_channel();
        let quality = Quality::default();
        let mut namers = JoinSet::new();
        let mut ask_name = Vec::new();
        let networks = || plan.arp.iter().chain(&plan.udp);
        for &interface in interfaces {
            // A network that is not scanned is not asked for names either.
            if !networks().any(|(asked, _)| asked == interface) {
                continue;
            }
            let (ask, asked) = mpsc::unbounded_channel();
            let namer = mdns::ask_names(interface.subnet.clone(), asked, quality.clone(), notes.clone());
            let (name, problems) = (interface.subnet.interface.clone(), notes.clone());
            // Names are an extra: without multicast the scan has none, and says so.
            namers.spawn(async move {
                if let Err(error) = namer.await {
                    let text =
                        format!("names could not be asked for on {name}, because this computer refused: {error}");
                    let _ = problems.send(Note::Problem(text));
                }
            });
            ask_name.push((interface.clone(), ask));
        }
        let local = networks().flat_map(|(_, targets)| targets).copied().collect();
        let own: HashMap<IpAddr, _> = interfaces.iter().map(|i| (i.subnet.address.into(), i.mac)).collect();
        Self {
            own: own.keys().copied().collect(),
            hub: Hub::new(request, news, std::mem::take(&mut plan.problems), own),
            prober: Prober::new(request.port, request.interface.clone(), parked, quality.clone()),
            quality,
            expected: request.expected.iter().map(|expected| (expected.address, expected.clone())).collect(),
            thorough: request.thorough,
            notes,
            noted,
            work: JoinSet::new(),
            namers,
            ask_name,
            local,
            announced: HashMap::new(),
        }
    }

    /// Scans until every target was asked or `cancel` is cancelled. `socket` is for the first network that is asked
    /// by ARP.
    pub(super) async fn run(
        mut self,
        plan: Plan,
        socket: Option<RawSocket>,
        cancel: CancellationToken,
    ) -> Result<ScanEnd, ScanError> {
        // That this machine reaches itself does not count.
        let oneself = plan.connect.iter().filter(|address| self.own.contains(address)).count() as u64;
        let targets = plan.addresses() - oneself;
        #[cfg(target_os = "linux")]
        self.ask_neighbours(plan.arp, plan.udp, socket)?;
        #[cfg(not(target_os = "linux"))]
        drop(socket);
        if !plan.connect.is_empty() {
            let distant: Vec<_> = plan.connect.into_iter().map(|at| (at, self.expected.contains_key(&at))).collect();
            self.work.spawn(connect_all(distant, self.prober.clone(), self.notes.clone()));
        }
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.is_over() {
            tokio::select! {
                () = cancel.cancelled() => break,
                Some(note) = self.noted.recv() => self.take(note),
                Some(_) = self.work.join_next() => {}
                Some(_) = self.namers.join_next() => {}
                _ = tick.tick() => {
                    self.read_neighbours();
                    self.hub.progress();
                }
            }
        }
        self.hub.finish(targets, cancel.is_cancelled())
    }

    /// Begins to ask the hosts of local networks, by ARP or by neighbour probes.
    #[cfg(target_os = "linux")]
    fn ask_neighbours(
        &mut self,
        by_arp: Vec<(Interface, Vec<Ipv4Addr>)>,
        by_udp: Vec<(Interface, Vec<Ipv4Addr>)>,
        mut socket: Option<RawSocket>,
    ) -> Result<(), ScanError> {
        let all_expected = &self.expected;
        let expected_of = |targets: &[Ipv4Addr]| -> HashSet<_> {
            targets.iter().copied().filter(|address| all_expected.contains_key(&(*address).into())).collect()
        };
        // A host that the kernel knows is probably still there.
        let known = if by_arp.is_empty() { Vec::new() } else { netlink::neighbours().unwrap_or_default() };
        let known: HashSet<_> = known.iter().filter(|entry| entry.mac().is_some()).map(|entry| entry.address).collect();
        for (interface, targets) in by_arp {
            let socket =
                socket.take().map_or_else(RawSocket::open, Ok).and_then(|socket| socket.listen(interface.index));
            let socket = socket.map_err(|error| failed("opening a packet socket", error))?;
            let first = targets.iter().copied().filter(|address| known.contains(&(*address).into())).collect();
            let expected = expected_of(&targets);
            let order = arp::Order { targets, first, expected, thorough: self.thorough };
            self.work.spawn(arp::scan(socket, interface, order, self.notes.clone()));
        }
        if !by_udp.is_empty() {
            let expected = by_udp.iter().flat_map(|(_, targets)| expected_of(targets)).collect();
            let order = neighbour_probe::Order {
                networks: by_udp,
                expected,
                thorough: self.thorough,
                quality: self.quality.clone(),
            };
            self.work.spawn(neighbour_probe::scan(neighbour_probe::System, order, self.notes.clone()));
        }
        Ok(())
    }

    /// Nothing is left to do. First every target has been asked, then the last names have arrived.
    fn is_over(&mut self) -> bool {
        if !self.work.is_empty() {
            return false;
        }
        // All notes of a task are here before it ends, and they may bring more work.
        while let Ok(note) = self.noted.try_recv() {
            self.take(note);
        }
        self.read_neighbours();
        // A host that has only announced itself so far has no known MAC address.
        for (address, name) in std::mem::take(&mut self.announced) {
            self.see(Note::Named { address, name });
        }
        if self.work.is_empty() {
            self.ask_name.clear();
        }
        self.work.is_empty() && self.namers.is_empty()
    }

    /// Handles a note, and does what follows from it.
    fn take(&mut self, note: Note) {
        match note {
            // This machine refused its own connection: nothing new.
            Note::Refused { address, .. } if self.own.contains(&address) => {}
            Note::Named { address, name } if !self.hub.knows(address.into()) => {
                if self.local.contains(&address) {
                    // A host is best reported with its MAC address from the beginning. It will be in the table soon,
                    // because the host had to ask for the address of this machine.
                    self.announced.insert(address, name);
                }
            }
            Note::Known { address, mac, fresh } => {
                self.hub.learn_mac(address.into(), mac);
                let serves = self.expected.get(&address.into()).is_some_and(|expected| expected.ssh_known);
                let (prober, notes) = (self.prober.clone(), self.notes.clone());
                self.work.spawn(prove(address, mac, fresh, serves, prober, notes));
            }
            _ => self.see(note),
        }
    }

    /// Records what is known of a host, and asks a new one for the rest.
    fn see(&mut self, note: Note) {
        if let Note::Arp { rtt: Some(rtt), .. } = note {
            self.quality.answered_after(rtt);
        }
        let connect = matches!(note, Note::Arp { .. } | Note::Neighbour { .. } | Note::Named { .. });
        let Some(address) = self.hub.take(note) else { return };
        if let IpAddr::V4(v4) = address {
            if let Some(name) = self.announced.remove(&v4) {
                self.hub.take(Note::Named { address: v4, name });
            } else if let Some((_, ask)) = self.ask_name.iter().find(|(i, _)| i.subnet.net.contains(&v4)) {
                let _ = ask.send(v4);
            }
        }
        if connect && !self.is_known(address) {
            let (prober, notes) = (self.prober.clone(), self.notes.clone());
            self.work.spawn(async move {
                prober.probe(address, Patience::Known, &notes).await;
            });
        }
    }

    /// It is the expected host, and the identification of its SSH server is known.
    fn is_known(&self, address: IpAddr) -> bool {
        let mac = self.hub.mac(address);
        self.expected.get(&address).is_some_and(|expected| expected.ssh_known && mac.is_some() && expected.mac == mac)
    }

    /// Reads the neighbour table: the MAC addresses of hosts that announced their names, and all IPv6 addresses.
    #[cfg(target_os = "linux")]
    fn read_neighbours(&mut self) {
        if self.ask_name.is_empty() {
            return;
        }
        let entries = match netlink::neighbours() {
            Ok(entries) => entries,
            Err(error) => return self.hub.problem(format!("could not read the neighbour table: {error}")),
        };
        let is_asked = |index| self.ask_name.iter().any(|(interface, _)| interface.index == index);
        let entries: Vec<_> = entries.into_iter().filter(|entry| is_asked(entry.interface)).collect();
        for entry in entries {
            match (entry.address, entry.mac()) {
                (IpAddr::V6(_), Some(mac)) => self.hub.also(mac, entry.address),
                (IpAddr::V4(address), Some(mac)) if self.announced.contains_key(&address) => {
                    self.see(Note::Neighbour { address, mac });
                }
                _ => {}
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn read_neighbours(&mut self) {}
}

/// Connects to every address outside the local networks; patiently where a host is `expected`.
async fn connect_all(addresses: Vec<(IpAddr, bool)>, prober: Prober, notes: UnboundedSender<Note>) {
    futures_util::stream::iter(addresses)
        .for_each_concurrent(PROBES, |(address, expected)| {
            let (prober, notes) = (&prober, &notes);
            async move {
                try_to_connect(address, expected, prober, notes).await;
                let _ = notes.send(Note::Asked(1));
            }
        })
        .await;
}

async fn try_to_connect(address: IpAddr, expected: bool, prober: &Prober, notes: &UnboundedSender<Note>) {
    let patience = if expected { Patience::Expected } else { Patience::Unknown };
    if !prober.probe(address, patience, notes).await && expected {
        let _ = notes.send(Note::Unanswered { address });
    }
}

/// Verifies that a host which the kernel knew before the scan is still there. `fresh`: it has answered within the
/// last half minute or so. `serves`: it is known to have an SSH server. The kernel itself would only ask when the
/// entry is old, and 5 seconds later.
async fn prove(
    address: Ipv4Addr,
    mac: MacAddr,
    fresh: bool,
    serves: bool,
    prober: Prober,
    notes: UnboundedSender<Note>,
) {
    // A firewall may drop the connection although the host is there: then the entry of the kernel counts.
    if prober.is_there(address.into()).await || fresh && !serves {
        let _ = notes.send(Note::Neighbour { address, mac });
    } else {
        try_to_connect(address.into(), serves, &prober, &notes).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;
    use crate::scan::interfaces;

    const HOST: Ipv4Addr = Ipv4Addr::LOCALHOST;
    const MAC: MacAddr = MacAddr([0xdc, 0xa6, 0x32, 1, 2, 3]);

    fn scan(request: &ScanRequest, plan: &mut Plan) -> (Scan, UnboundedReceiver<ScanNews>) {
        let (news, heard) = mpsc::unbounded_channel();
        (Scan::new(request, &[], Parked::default(), news, plan), heard)
    }

    #[tokio::test]
    async fn a_scan_of_nothing_ends() {
        let all = interfaces::interfaces().unwrap();
        let interfaces: Vec<_> = all.iter().collect();
        let mut plan = Plan { problems: vec!["no address is known for it".into()], ..Plan::default() };
        let news = mpsc::unbounded_channel().0;
        let scan = Scan::new(&ScanRequest::default(), &interfaces, Parked::default(), news, &mut plan);
        let end = timeout(Duration::from_secs(5), scan.run(plan, None, CancellationToken::new())).await;
        assert_eq!(end.expect("it ends").unwrap().problems.len(), 1);
    }

    #[tokio::test]
    async fn a_host_whose_ssh_server_is_known_is_not_connected_to_while_its_mac_is_the_same() {
        for (mac, connections) in [(Some(MAC), 0), (Some(MacAddr([2; 6])), 1), (None, 1)] {
            let expected = vec![Expected { address: HOST.into(), mac, interfaces: Vec::new(), ssh_known: true }];
            let request = ScanRequest { expected, port: 1, ..ScanRequest::default() };
            let (mut scan, _heard) = scan(&request, &mut Plan::default());
            scan.take(Note::Arp { address: HOST, mac: MAC, rtt: None });
            scan.take(Note::Arp { address: HOST, mac: MAC, rtt: None });
            assert_eq!(scan.work.len(), connections, "{mac:?}");
        }
    }

    #[tokio::test]
    async fn a_host_that_only_announced_itself_is_reported_at_the_end_if_it_is_a_target() {
        let (mut scan, mut heard) = scan(&ScanRequest { port: 1, ..ScanRequest::default() }, &mut Plan::default());
        scan.local.insert(HOST);
        let named = |address| Note::Named { address, name: "pi.local".into() };
        scan.take(named(HOST));
        scan.take(named(Ipv4Addr::new(127, 0, 0, 2)));
        assert!(heard.try_recv().is_err(), "its MAC address may become known yet");
        assert!(!scan.is_over(), "it is connected to");
        let ScanNews::Host(host) = heard.try_recv().unwrap() else { panic!("a host") };
        assert_eq!((host.address, host.hostname.as_deref()), (HOST.into(), Some("pi.local")));
        assert!(heard.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_host_that_announced_itself_before_it_was_found_has_its_name_at_once() {
        let (mut scan, mut heard) = scan(&ScanRequest { port: 1, ..ScanRequest::default() }, &mut Plan::default());
        scan.local.insert(HOST);
        scan.take(Note::Named { address: HOST, name: "pi.local".into() });
        scan.take(Note::Neighbour { address: HOST, mac: MAC });
        let mut last = None;
        while let Ok(ScanNews::Host(host)) = heard.try_recv() {
            assert_eq!(host.mac, Some(MAC));
            last = host.hostname;
        }
        assert_eq!(last.as_deref(), Some("pi.local"));
    }
}
