//! Finding hosts: ARP where this user may, TCP connections everywhere, the kernel's neighbour table for what those
//! leave in it, and multicast DNS for names.
//!
//! One scan makes at most one TCP connection to a host: OpenSSH counts a connection that ends without a login against
//! its address (PerSourcePenalties, 9.8 and later).

#[cfg(target_os = "linux")]
mod arp;
mod connect;
mod hub;
mod mdns;
#[cfg(target_os = "linux")]
mod netlink;
mod own;
#[cfg(target_os = "linux")]
mod packet;
mod plan;

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use futures_util::{FutureExt as _, StreamExt as _};
use pictl_engine::ports::{Discover, ScanEnd, ScanError, ScanNews};
use pictl_model::MacAddr;
use pictl_model::request::{ScanMethod, ScanRequest};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::kept::Kept;
use connect::Prober;
use hub::{Hub, Note};
use own::Interface;
use plan::Plan;

pub use own::{Subnet, own_address_towards, own_subnets};

/// Between two news of progress; also how often the neighbour table is looked at.
const TICK: Duration = Duration::from_millis(100);

/// Time to look up a host name.
const LOOK_UP: Duration = Duration::from_secs(5);

/// Addresses that are being connected to at once, while their connections wait for their turn.
const PROBES: usize = 256;

/// How long the neighbour table is still watched after the last connection: a host that slept answers the kernel's
/// second question, one second after the first.
const LINGER: Duration = Duration::from_millis(700);

/// Finds hosts on the network.
#[derive(Clone, Debug, Default)]
pub struct Scanner {
    kept: Kept,
}

impl Scanner {
    /// Keeps its connections to SSH servers in `kept`, for the logins that follow.
    pub fn new(kept: Kept) -> Self {
        Self { kept }
    }
}

impl Discover for Scanner {
    fn scan(
        &self,
        request: ScanRequest,
        news: UnboundedSender<ScanNews>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Result<ScanEnd, ScanError>> {
        scan(request, self.kept.clone(), news, cancel).boxed()
    }
}

async fn scan(
    request: ScanRequest,
    kept: Kept,
    news: UnboundedSender<ScanNews>,
    cancel: CancellationToken,
) -> Result<ScanEnd, ScanError> {
    let all = match own::interfaces() {
        Ok(all) => all,
        // Targets that are named can be asked without knowing the own networks.
        Err(_) if !request.targets.is_empty() => Vec::new(),
        Err(error) => return Err(failed("asking the kernel for its interfaces", error)),
    };
    let may_arp = may_arp(&request, &all)?;
    let mut plan = Plan::new(&request, &all, may_arp)?;
    let begun = ScanNews::Started {
        targets: plan.targets.clone(),
        method: plan.method(&request, may_arp),
        addresses: plan.addresses() + plan.names.len() as u64,
    };
    let _ = news.send(begun);

    let interfaces = plan::chosen(&request, &all)?;
    let names = std::mem::take(&mut plan.names);
    let look_ups = join_all(names.iter().map(|name| look_up(name, request.port)));
    // Cancelled: nothing is known yet, and nothing more will be.
    let Some(found) = cancel.run_until_cancelled(look_ups).await else { return Ok(ScanEnd::default()) };
    for result in found {
        match result {
            Ok(address) => plan.split(request.method, vec![address], &interfaces, may_arp)?,
            Err(problem) => plan.problems.push(problem),
        }
    }
    Scan::new(&request, &interfaces, kept, news, &mut plan).run(plan, cancel).await
}

fn failed(operation: &str, source: io::Error) -> ScanError {
    ScanError::Io { operation: operation.to_owned(), source }
}

/// Whether this user may send ARP; an error when that was asked for and is not so.
fn may_arp(request: &ScanRequest, all: &[Interface]) -> Result<bool, ScanError> {
    #[cfg(target_os = "linux")]
    let attempt = match (request.method, all.first()) {
        (ScanMethod::Connect, _) | (_, None) => Ok(false),
        (_, Some(interface)) => packet::PacketSocket::open(interface.index).map(|_| true),
    };
    #[cfg(not(target_os = "linux"))]
    let attempt = {
        let _ = all;
        Ok::<_, io::Error>(false)
    };
    match attempt {
        Err(error) if request.method == ScanMethod::Arp && error.kind() != io::ErrorKind::PermissionDenied => {
            Err(failed("opening a packet socket", error))
        }
        Ok(true) => Ok(true),
        _ if request.method == ScanMethod::Arp => Err(ScanError::NotAllowed {
            method: "ARP".into(),
            hint:
                "run it as root on Linux, or once: sudo setcap cap_net_raw+ep PATH-TO-PICTL; or leave out --method arp"
                    .into(),
        }),
        _ => Ok(false),
    }
}

/// The address of a host name, as the system's resolver gives it.
async fn look_up(name: &str, port: u16) -> Result<IpAddr, String> {
    let found = timeout(LOOK_UP, tokio::net::lookup_host((name, port))).await;
    match found {
        // One address a host, for the others would be the same host again; IPv4, for a link-local IPv6 address is of no
        // use without its interface.
        Ok(Ok(addresses)) => {
            let address = addresses.map(|address| address.ip()).min_by_key(IpAddr::is_ipv6);
            address.ok_or_else(|| format!("{name} has no address"))
        }
        Ok(Err(_)) => Err(format!("no address is known for {name}")),
        Err(_) => Err(format!("nobody told the address of {name} within {LOOK_UP:?}")),
    }
}

/// A scan under way.
struct Scan {
    hub: Hub,
    prober: Prober,
    notes: UnboundedSender<Note>,
    noted: UnboundedReceiver<Note>,
    /// Everything that must end before the scan does. Dropping it ends all of it.
    work: JoinSet<()>,
    /// Those who ask for names, and for each network the way to them.
    namers: JoinSet<()>,
    ask_name: Vec<(Interface, UnboundedSender<Ipv4Addr>)>,
    /// Addresses on which the neighbour table is asked, because they are not asked by ARP.
    connects: HashSet<IpAddr>,
    /// Those of them that took no connection in the short time given to an address of which nothing is known.
    silent: HashSet<IpAddr>,
}

impl Scan {
    fn new(
        request: &ScanRequest,
        interfaces: &[&Interface],
        kept: Kept,
        news: UnboundedSender<ScanNews>,
        plan: &mut Plan,
    ) -> Self {
        let (notes, noted) = mpsc::unbounded_channel();
        let mut namers = JoinSet::new();
        let mut ask_name = Vec::new();
        for &interface in interfaces {
            let (ask, asked) = mpsc::unbounded_channel();
            let namer = mdns::ask_names(interface.subnet.address, asked, notes.clone());
            // Names are an extra: without multicast there are none.
            namers.spawn(async move { drop(namer.await) });
            ask_name.push((interface.clone(), ask));
        }
        let own = interfaces.iter().map(|i| (i.subnet.address.into(), i.mac)).collect();
        Self {
            hub: Hub::new(request.port, news, std::mem::take(&mut plan.problems), own),
            prober: Prober::new(request.port, request.interface.clone(), kept),
            notes,
            noted,
            work: JoinSet::new(),
            namers,
            ask_name,
            connects: plan.connect.iter().copied().collect(),
            silent: HashSet::new(),
        }
    }

    async fn run(mut self, plan: Plan, cancel: CancellationToken) -> Result<ScanEnd, ScanError> {
        #[cfg(target_os = "linux")]
        for (interface, targets) in plan.arp {
            let socket = packet::PacketSocket::open(interface.index)
                .map_err(|error| failed("opening a packet socket", error))?;
            self.work.spawn(arp::sweep(socket, interface, targets, self.notes.clone()));
        }
        if !plan.connect.is_empty() {
            let local = plan.connect.iter().any(|a| self.ask_name.iter().any(|(i, _)| is_in(*a, i)));
            self.work.spawn(connect_all(plan.connect, local, self.prober.clone(), self.notes.clone()));
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
                    self.look_at_neighbours();
                    self.hub.progress();
                }
            }
        }
        Ok(ScanEnd { problems: self.hub.finish(), silent: Vec::new() })
    }

    /// Nothing is left to be done. First everybody has been asked, then the last names are waited for.
    fn is_over(&mut self) -> bool {
        if !self.work.is_empty() {
            return false;
        }
        // Whatever a task told, it told before it ended: its notes are here, and may bring more work.
        while let Ok(note) = self.noted.try_recv() {
            self.take(note);
        }
        if !self.ask_name.is_empty() {
            self.look_at_neighbours();
        }
        if self.work.is_empty() {
            self.ask_name.clear();
        }
        self.work.is_empty() && self.namers.is_empty()
    }

    /// Takes in a note, and asks a host that it brings for what is not known of it yet.
    fn take(&mut self, note: Note) {
        match note {
            Note::Silent { address } => {
                self.silent.insert(address);
                return;
            }
            // That this machine refuses its own connection is no news.
            Note::Refused { address, .. } if self.is_own(address) => return,
            // The connection has put the host's card into the table: a node is best told of with that from the first.
            Note::Open { address, .. } | Note::Refused { address, .. } if !self.hub.knows(address) => {
                self.look_at_neighbours();
            }
            _ => {}
        }
        let connect = matches!(note, Note::Arp { .. });
        if let Some(address) = self.hub.take(note) {
            self.greet(address, connect);
        }
    }

    fn is_own(&self, address: IpAddr) -> bool {
        self.ask_name.iter().any(|(interface, _)| IpAddr::V4(interface.subnet.address) == address)
    }

    /// Asks a new host for its name and, if that was not done yet, for its SSH server.
    fn greet(&mut self, address: IpAddr, connect: bool) {
        if let IpAddr::V4(v4) = address
            && let Some((_, ask)) = self.ask_name.iter().find(|(interface, _)| is_in(address, interface))
        {
            let _ = ask.send(v4);
        }
        if connect {
            let (prober, notes) = (self.prober.clone(), self.notes.clone());
            self.work.spawn(async move { prober.probe(address, true, &notes).await });
        }
    }

    /// Takes MACs from the neighbour table, and hosts that answered the kernel but were too slow for a connection.
    #[cfg(target_os = "linux")]
    fn look_at_neighbours(&mut self) {
        if self.connects.is_empty() {
            return;
        }
        match netlink::neighbours() {
            Ok(entries) => {
                for netlink::Neighbour { address, mac, fresh } in entries {
                    let may_add = fresh && self.silent.contains(&address);
                    if self.connects.contains(&address)
                        && let Some(address) = self.hub.neighbour(address, mac, may_add)
                    {
                        self.greet(address, true);
                    }
                }
            }
            Err(error) => self.hub.problem(format!("the neighbour table cannot be read: {error}")),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn look_at_neighbours(&mut self) {}
}

fn is_in(address: IpAddr, interface: &Interface) -> bool {
    matches!(address, IpAddr::V4(v4) if interface.subnet.net.contains(&v4))
}

/// Connects to every address. When some are local, the neighbour table is given time to learn of the last ones.
async fn connect_all(addresses: Vec<IpAddr>, local: bool, prober: Prober, notes: UnboundedSender<Note>) {
    futures_util::stream::iter(addresses)
        .for_each_concurrent(PROBES, |address| {
            let (prober, notes) = (&prober, &notes);
            async move {
                prober.probe(address, false, notes).await;
                let _ = notes.send(Note::Asked(1));
            }
        })
        .await;
    if local {
        tokio::time::sleep(LINGER).await;
    }
}

/// The network card behind `address` as the kernel knows it of a connection just made there; a neighbour of this machine only.
#[cfg(target_os = "linux")]
pub(crate) fn mac_of(address: IpAddr) -> Option<MacAddr> {
    netlink::neighbours().ok()?.into_iter().find(|entry| entry.address == address).map(|entry| entry.mac)
}

/// Elsewhere that is not looked up.
#[cfg(not(target_os = "linux"))]
pub(crate) fn mac_of(_: IpAddr) -> Option<MacAddr> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_scan_of_nothing_ends() {
        let all = own::interfaces().unwrap();
        let interfaces: Vec<_> = all.iter().collect();
        let mut plan = Plan { problems: vec!["no address is known for it".into()], ..Plan::default() };
        let scan = Scan::new(&ScanRequest::default(), &interfaces, Kept::default(), mpsc::unbounded_channel().0, &mut plan);
        let end = timeout(Duration::from_secs(5), scan.run(plan, CancellationToken::new())).await;
        assert_eq!(end.expect("it ends").unwrap().problems.len(), 1);
    }
}
