//! Collects everything that a scan learns, and reports it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use pictl_engine::ports::{ScanEnd, ScanError, ScanNews};
use pictl_formats::pi;
use pictl_model::ids::{MacAddr, MacPrefix};
use pictl_model::node::{Flag, SeenBy, Sighting};
use pictl_model::request::ScanRequest;
use pictl_model::units::Millis;
use tokio::sync::mpsc::UnboundedSender;

/// Problems reported at most; more of the same would help nobody.
const MOST_PROBLEMS: usize = 20;

/// From this many addresses on, one network interface that answers for all of them is flagged.
const PROXY: usize = 8;

/// IPv6 addresses recorded of one network interface; a host with privacy addresses has several.
const MOST_OTHERS: usize = 8;

/// Time after which progress is reported although there is none: all targets were asked and may still answer.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// What a task of a scan reports.
#[derive(Debug)]
pub(super) enum Note {
    /// So many more addresses were asked.
    Asked(u64),
    /// A host sent an ARP packet; with the round trip time if it was an answer.
    Arp { address: Ipv4Addr, mac: MacAddr, rtt: Option<Duration> },
    /// Another network interface claims an address.
    Contested { address: IpAddr, mac: MacAddr },
    /// The kernel knew a neighbour before the scan began; `fresh` if it answered within the last half minute or so.
    Known { address: Ipv4Addr, mac: MacAddr, fresh: bool },
    /// A host answered a request of the kernel.
    Neighbour { address: Ipv4Addr, mac: MacAddr },
    /// A host accepted a connection.
    Open { address: IpAddr, rtt: Duration },
    /// A host is there and refused a connection.
    Refused { address: IpAddr, rtt: Duration },
    /// A host was expected at this address, and nothing answered several requests over several seconds.
    Unanswered { address: IpAddr },
    /// The identification of a host's SSH server (cleaned, at most 255 characters).
    Ssh { address: IpAddr, banner: String },
    /// The name that a host announces.
    Named { address: Ipv4Addr, name: String },
    /// This machine did not ask there: its system refused.
    Unasked { address: IpAddr, what: &'static str, why: String },
    /// Something failed.
    Problem(String),
}

/// What is known of a network interface.
#[derive(Debug, Default)]
struct NetworkInterface {
    /// The IPv4 addresses that it answers for.
    hosts: Vec<IpAddr>,
    /// Its IPv6 addresses.
    others: BTreeSet<IpAddr>,
}

/// What a scan knows so far.
#[derive(Debug)]
pub(super) struct Hub {
    port: u16,
    prefixes: Vec<MacPrefix>,
    /// The MAC address of each host that is expected, where it is known.
    expected: HashMap<IpAddr, Option<MacAddr>>,
    /// Which network interfaces are known to be of one host: those with the same number.
    boards: HashMap<MacAddr, usize>,
    news: UnboundedSender<ScanNews>,
    hosts: HashMap<IpAddr, Sighting>,
    /// The MAC address behind each address, whether or not a host was found there: those of this machine, of the
    /// neighbour table and of hosts.
    known: HashMap<IpAddr, MacAddr>,
    interfaces: HashMap<MacAddr, NetworkInterface>,
    /// Addresses that two network interfaces claim, by both MAC addresses, the lower one first.
    contested: HashMap<[MacAddr; 2], BTreeSet<IpAddr>>,
    rivals: HashMap<IpAddr, [MacAddr; 2]>,
    unanswered: Vec<IpAddr>,
    /// Addresses that could not be asked; and how many, by what failed and why.
    unasked: HashSet<IpAddr>,
    refusals: BTreeMap<(&'static str, String), HashSet<IpAddr>>,
    asked: u64,
    /// What the last progress report said.
    reported: (u64, u64),
    reported_at: Instant,
    problems: Vec<String>,
}

impl Hub {
    /// `own` are the MAC addresses of this machine.
    pub(super) fn new(
        request: &ScanRequest,
        news: UnboundedSender<ScanNews>,
        problems: Vec<String>,
        own: HashMap<IpAddr, MacAddr>,
    ) -> Self {
        let mut hub = Self {
            port: request.port,
            prefixes: request.prefixes.clone(),
            expected: request.expected.iter().map(|expected| (expected.address, expected.mac)).collect(),
            boards: (request.expected.iter().enumerate())
                .flat_map(|(at, host)| host.mac.iter().chain(&host.interfaces).map(move |mac| (*mac, at)))
                .collect(),
            news,
            hosts: HashMap::new(),
            known: own,
            interfaces: HashMap::new(),
            contested: HashMap::new(),
            rivals: HashMap::new(),
            unanswered: Vec::new(),
            unasked: HashSet::new(),
            refusals: BTreeMap::new(),
            asked: 0,
            reported: (0, 0),
            reported_at: Instant::now(),
            problems: Vec::new(),
        };
        for text in problems {
            hub.problem(text);
        }
        hub
    }

    /// A host was reported at `address`.
    pub(super) fn knows(&self, address: IpAddr) -> bool {
        self.hosts.contains_key(&address)
    }

    /// The MAC address behind `address`, where it is known.
    pub(super) fn mac(&self, address: IpAddr) -> Option<MacAddr> {
        self.known.get(&address).copied()
    }

    /// Handles a note. Returns the address of a host that was not known before.
    pub(super) fn take(&mut self, note: Note) -> Option<IpAddr> {
        match note {
            Note::Asked(count) => self.asked += count,
            Note::Problem(text) => self.problem(text),
            Note::Unasked { address, what, why } => {
                self.unasked.insert(address);
                self.refusals.entry((what, why)).or_default().insert(address);
            }
            Note::Unanswered { address } => self.unanswered.push(address),
            Note::Contested { address, mac } => self.contest(address, mac),
            Note::Known { address, mac, .. } => self.learn_mac(address.into(), mac),
            Note::Arp { address, mac, rtt } => {
                self.known.insert(address.into(), mac);
                return self.see(address.into(), SeenBy::Arp, |host| host.rtt = host.rtt.or(rtt.map(Millis::from)));
            }
            Note::Neighbour { address, mac } => {
                self.known.insert(address.into(), mac);
                return self.see(address.into(), SeenBy::Neighbour, |_| ());
            }
            Note::Open { address, rtt } | Note::Refused { address, rtt } => {
                return self.see(address, SeenBy::Connect, |host| host.rtt = host.rtt.or(Some(rtt.into())));
            }
            Note::Ssh { address, banner } => {
                return self.see(address, SeenBy::Connect, |host| host.ssh = Some(banner));
            }
            Note::Named { address, name } => {
                return self.see(address.into(), SeenBy::Mdns, |host| host.hostname = Some(name));
            }
        }
        None
    }

    /// The MAC address behind an address according to the kernel, whether or not a host was found there.
    pub(super) fn learn_mac(&mut self, address: IpAddr, mac: MacAddr) {
        self.known.entry(address).or_insert(mac);
        self.report(address);
    }

    /// A network interface has this IPv6 address too.
    #[cfg(target_os = "linux")]
    pub(super) fn also(&mut self, mac: MacAddr, other: IpAddr) {
        let interface = self.interfaces.entry(mac).or_default();
        if interface.others.len() < MOST_OTHERS && interface.others.insert(other) {
            self.report_all(mac);
        }
    }

    fn contest(&mut self, address: IpAddr, rival: MacAddr) {
        let Some(mac) = self.mac(address).filter(|mac| *mac != rival) else { return };
        let pair = [mac.min(rival), mac.max(rival)];
        self.rivals.insert(address, pair);
        let addresses = self.contested.entry(pair).or_default();
        addresses.insert(address);
        let addresses = addresses.clone();
        if addresses.len() <= 2 && !self.is_contest(pair) {
            self.place(pair, &addresses);
        }
        for address in addresses {
            self.report(address);
        }
    }

    /// One host with two network interfaces in the network answers with both for either address (Linux: arp_ignore).
    /// Nothing shows which interface has which address: where one of them is expected it stays so, and otherwise the report
    /// must at least be the same each time.
    fn place(&mut self, pair: [MacAddr; 2], addresses: &BTreeSet<IpAddr>) {
        let expected = |at: &IpAddr| self.expected.get(at).copied().flatten().filter(|mac| pair.contains(mac));
        let first = addresses.iter().find_map(|at| Some((*at, expected(at)?)));
        let other_of = |mac: MacAddr| if pair[0] == mac { pair[1] } else { pair[0] };
        let placed: Vec<_> = match first {
            Some((known, mac)) => {
                addresses.iter().map(|at| (*at, if *at == known { mac } else { other_of(mac) })).collect()
            }
            None => addresses.iter().copied().zip(pair).collect(),
        };
        self.known.extend(placed);
    }

    fn see(&mut self, address: IpAddr, by: SeenBy, learn: impl FnOnce(&mut Sighting)) -> Option<IpAddr> {
        let fresh = !self.knows(address);
        let host = self.hosts.entry(address).or_insert_with(|| Sighting {
            address,
            port: self.port,
            mac: None,
            vendor: None,
            hints: Vec::new(),
            hostname: None,
            ssh: None,
            rtt: None,
            seen_by: Vec::new(),
            others: Vec::new(),
            flags: Vec::new(),
            interfaces: Vec::new(),
        });
        let before = host.clone();
        learn(host);
        if !host.seen_by.contains(&by) {
            host.seen_by.push(by);
        }
        let changed = *host != before;
        self.complete(address, changed);
        fresh.then_some(address)
    }

    /// Reports the host at `address` again if more is known of it.
    fn report(&mut self, address: IpAddr) {
        self.complete(address, false);
    }

    /// Reports all hosts behind a network interface again, as far as more is known of them.
    fn report_all(&mut self, mac: MacAddr) {
        let hosts = self.interfaces.get(&mac).map(|interface| interface.hosts.clone()).unwrap_or_default();
        for address in hosts {
            self.report(address);
        }
    }

    /// Adds to a host what is known of its network interface, and reports it if that `changed` it or something did
    /// before.
    fn complete(&mut self, address: IpAddr, changed: bool) {
        let Some(mut host) = self.hosts.get(&address).cloned() else { return };
        let proxied = self.join(address, host.mac);
        if let Some(mac) = self.mac(address) {
            host.mac = Some(mac);
            host.vendor = pi::vendor(mac);
            host.flags = self.flags(address, mac);
            host.interfaces = self.partner(address, mac).into_iter().collect();
            let others = self.interfaces.get(&mac).map(|interface| &interface.others).into_iter().flatten();
            host.others = others.copied().filter(|other| *other != address).collect();
        }
        host.hints = pi::hints(host.mac, host.ssh.as_deref(), host.hostname.as_deref(), &self.prefixes);
        if changed || self.hosts.get(&address) != Some(&host) {
            // A receiver that is gone cancels the scan by other means.
            let _ = self.news.send(ScanNews::Host(host.clone()));
            self.hosts.insert(address, host);
        }
        if let Some(mac) = proxied {
            self.report_all(mac);
        }
    }

    /// Counts a host among those behind its network interface, which was `before` so far. Returns the interface when
    /// its hosts are to be reported again with their number: not for each further host, which would be too much for a
    /// whole network.
    fn join(&mut self, address: IpAddr, before: Option<MacAddr>) -> Option<MacAddr> {
        let mac = self.mac(address).filter(|mac| before != Some(*mac) && address.is_ipv4())?;
        if let Some(interface) = before.and_then(|before| self.interfaces.get_mut(&before)) {
            interface.hosts.retain(|host| *host != address);
        }
        let interface = self.interfaces.entry(mac).or_default();
        interface.hosts.push(address);
        (interface.hosts.len() >= PROXY && interface.hosts.len().is_power_of_two()).then_some(mac)
    }

    /// The flags of the host at `address` with the MAC address `mac`.
    fn flags(&self, address: IpAddr, mac: MacAddr) -> Vec<Flag> {
        let mut flags = Vec::new();
        if mac.is_local() {
            flags.push(Flag::LocalMac);
        }
        if let Some(&[one, other]) = self.rivals.get(&address).filter(|interfaces| self.is_contest(**interfaces)) {
            flags.push(Flag::Contested { mac: if one == mac { other } else { one } });
        }
        let proxied = self.interfaces.get(&mac).map_or(0, |interface| interface.hosts.len());
        if proxied >= PROXY && address.is_ipv4() {
            flags.push(Flag::ProxyArp { addresses: proxied as u32 });
        }
        flags
    }

    /// Whether two network interfaces that claim an address belong to two hosts.
    fn is_contest(&self, interfaces: [MacAddr; 2]) -> bool {
        let [one, other] = interfaces.map(|mac| self.boards.get(&mac));
        let is_known = one.is_some() && one == other;
        !is_known && self.contested.get(&interfaces).is_some_and(|addresses| addresses.len() == 1)
    }

    /// The other network interface of the host at `address`, where both answer for it.
    fn partner(&self, address: IpAddr, mac: MacAddr) -> Option<MacAddr> {
        let pair = self.rivals.get(&address).filter(|pair| pair.contains(&mac) && !self.is_contest(**pair))?;
        pair.iter().copied().find(|other| *other != mac)
    }

    /// Reports a problem: something failed, or was left out.
    pub(super) fn problem(&mut self, text: String) {
        if self.problems.len() < MOST_PROBLEMS && !self.problems.contains(&text) {
            let _ = self.news.send(ScanNews::Problem(text.clone()));
            self.problems.push(text);
        }
    }

    /// Reports progress if there is some, and now and then that the scan goes on.
    pub(super) fn progress(&mut self) {
        let now = (self.asked, self.hosts.len() as u64);
        if now != self.reported || self.reported_at.elapsed() >= HEARTBEAT {
            (self.reported, self.reported_at) = (now, Instant::now());
            let _ = self.news.send(ScanNews::Progress { asked: now.0, found: now.1 });
        }
    }

    /// Reports as problems what could only be known at the end.
    fn report_oddities(&mut self) {
        let mut proxieds: Vec<_> =
            self.interfaces.iter().map(|(mac, interface)| (*mac, interface.hosts.len())).collect();
        proxieds.retain(|(_, count)| *count >= PROXY);
        proxieds.sort_unstable();
        for (mac, count) in proxieds {
            self.report_all(mac);
            self.problem(format!(
                "the network interface {mac} answers for {count} addresses: a router with proxy ARP, not {count} hosts"
            ));
        }
        let mut rivals: Vec<_> = self.rivals.iter().map(|(address, interfaces)| (*address, *interfaces)).collect();
        rivals.retain(|(_, interfaces)| self.is_contest(*interfaces));
        rivals.sort_unstable();
        for (address, [one, other]) in rivals {
            self.problem(format!("{address} is claimed by two network interfaces: {one} and {other}"));
        }
    }

    /// Reports what this machine refused to do.
    fn report_refusals(&mut self) {
        for ((what, why), addresses) in std::mem::take(&mut self.refusals) {
            let count = addresses.len();
            let addresses = if count == 1 { "address" } else { "addresses" };
            self.problem(format!("{what} to {count} {addresses}, because this computer refused: {why}"));
        }
    }

    /// Why nothing at all could be asked of `targets` addresses; none where something was.
    fn nothing_asked(&self, targets: u64) -> Option<ScanError> {
        let none = targets > 0 && self.hosts.is_empty() && self.unasked.len() as u64 >= targets;
        let whys: BTreeSet<_> = self.refusals.keys().map(|(_, why)| why.as_str()).collect();
        let why = whys.into_iter().collect::<Vec<_>>().join("; ");
        none.then_some(ScanError::NothingAsked { count: targets, why })
    }

    /// Ends the scan of so many addresses; `cancelled`: before its time. It is an error when none of them could be asked.
    pub(super) fn finish(mut self, targets: u64, cancelled: bool) -> Result<ScanEnd, ScanError> {
        self.progress();
        let nothing = self.nothing_asked(targets).filter(|_| !cancelled);
        self.report_refusals();
        self.report_oddities();
        if let Some(error) = nothing {
            return Err(error);
        }
        let unasked = self.unasked;
        let mut silent = self.unanswered;
        silent.retain(|address| !unasked.contains(address));
        silent.retain(|address| self.expected.contains_key(address) && !self.hosts.contains_key(address));
        if cancelled {
            silent.clear();
        }
        Ok(ScanEnd { problems: self.problems, silent })
    }
}

#[cfg(test)]
mod tests {
    use pictl_model::request::Expected;
    use tokio::sync::mpsc::{self, UnboundedReceiver};

    use super::*;

    const PI: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 7);
    const MAC: MacAddr = MacAddr([0xdc, 0xa6, 0x32, 1, 2, 3]);

    fn arp(address: Ipv4Addr, mac: MacAddr) -> Note {
        Note::Arp { address, mac, rtt: Some(Duration::from_millis(2)) }
    }

    fn hub() -> (Hub, UnboundedReceiver<ScanNews>) {
        let (news, heard) = mpsc::unbounded_channel();
        let request = ScanRequest { port: 22, ..ScanRequest::default() };
        (Hub::new(&request, news, Vec::new(), HashMap::new()), heard)
    }

    /// The hosts reported since the last call.
    fn reported(heard: &mut UnboundedReceiver<ScanNews>) -> Vec<Sighting> {
        std::iter::from_fn(|| heard.try_recv().ok())
            .filter_map(|news| match news {
                ScanNews::Host(host) => Some(host),
                _ => None,
            })
            .collect()
    }

    fn last(n: u8) -> Ipv4Addr {
        Ipv4Addr::new(192, 168, 1, n)
    }

    #[test]
    fn a_host_is_reported_again_only_when_more_is_known() {
        let (mut hub, mut heard) = hub();
        assert_eq!(hub.take(arp(PI, MAC)), Some(PI.into()));
        assert_eq!(hub.take(arp(PI, MAC)), None);
        let banner = Some("SSH-2.0-OpenSSH_9.2p1 Debian-2".to_owned());
        hub.take(Note::Open { address: PI.into(), rtt: Duration::from_millis(9) });
        hub.take(Note::Ssh { address: PI.into(), banner: banner.clone().unwrap() });
        hub.take(Note::Ssh { address: PI.into(), banner: banner.clone().unwrap() });
        hub.take(Note::Named { address: PI, name: "raspberrypi.local".into() });
        hub.finish(0, false).unwrap();

        let reported = reported(&mut heard);
        assert_eq!(reported.len(), 4);
        let last = &reported[3];
        assert_eq!((last.mac, &last.ssh, last.hostname.as_deref()), (Some(MAC), &banner, Some("raspberrypi.local")));
        assert_eq!(last.seen_by, [SeenBy::Arp, SeenBy::Connect, SeenBy::Mdns]);
        assert!(last.vendor.as_deref().is_some_and(|vendor| vendor.contains("Raspberry Pi")));
        assert_eq!(last.rtt, Some(Duration::from_millis(2).into()), "the first answer's");
        assert!(last.is_pi() && last.flags.is_empty());
    }

    #[test]
    fn what_the_kernel_knows_is_added_to_hosts_and_creates_none() {
        let (mut hub, mut heard) = hub();
        hub.take(Note::Known { address: PI, mac: MAC, fresh: false });
        let other: IpAddr = "fe80::dea6:32ff:fe01:203".parse().unwrap();
        hub.also(MAC, other);
        assert_eq!((reported(&mut heard), hub.mac(PI.into())), (vec![], Some(MAC)));
        hub.take(Note::Open { address: PI.into(), rtt: Duration::from_millis(9) });
        hub.also(MAC, other);
        let more: IpAddr = "2001:db8::7".parse().unwrap();
        hub.also(MAC, more);
        let hosts = reported(&mut heard);
        assert_eq!(hosts.len(), 2);
        assert_eq!((hosts[0].mac, &hosts[0].others), (Some(MAC), &vec![other]));
        assert_eq!(hosts[1].others, [more, other]);

        hub.take(Note::Open { address: last(8).into(), rtt: Duration::from_millis(9) });
        hub.learn_mac(last(8).into(), MacAddr([0xb8, 0x27, 0xeb, 0, 0, 1]));
        assert!(reported(&mut heard)[1].is_pi());
    }

    #[test]
    fn prefixes_of_the_users_own_count_as_a_pis() {
        let (news, mut heard) = mpsc::unbounded_channel();
        let prefixes = vec!["00:11:22".parse().unwrap()];
        let mut hub = Hub::new(&ScanRequest { prefixes, ..ScanRequest::default() }, news, Vec::new(), HashMap::new());
        hub.take(arp(PI, MacAddr([0, 0x11, 0x22, 1, 2, 3])));
        assert!(reported(&mut heard)[0].is_pi());
    }

    #[test]
    fn made_up_macs_and_contested_addresses_are_flagged() {
        let (mut hub, mut heard) = hub();
        let made_up = MacAddr([2, 0, 0, 0, 0, 1]);
        hub.take(arp(PI, made_up));
        hub.take(Note::Contested { address: PI.into(), mac: MAC });
        let reported = reported(&mut heard);
        assert_eq!(reported[0].flags, [Flag::LocalMac]);
        assert_eq!(reported[1].flags, [Flag::LocalMac, Flag::Contested { mac: MAC }]);
        let problems = hub.finish(0, false).unwrap().problems;
        assert_eq!(
            problems,
            ["192.168.1.7 is claimed by two network interfaces: 02:00:00:00:00:01 and dc:a6:32:01:02:03"]
        );
    }

    #[test]
    fn two_interfaces_with_the_same_two_addresses_are_one_host() {
        let (mut hub, mut heard) = hub();
        let wireless = MacAddr([0xdc, 0xa6, 0x32, 1, 2, 4]);
        hub.take(arp(last(8), MAC));
        hub.take(arp(PI, MAC));
        hub.take(Note::Contested { address: last(8).into(), mac: wireless });
        hub.take(Note::Contested { address: PI.into(), mac: wireless });
        let mut last_of = HashMap::new();
        last_of.extend(reported(&mut heard).into_iter().map(|host| (host.address, (host.mac, host.flags))));
        assert_eq!(last_of[&IpAddr::from(PI)], (Some(MAC), vec![]));
        assert_eq!(last_of[&IpAddr::from(last(8))], (Some(wireless), vec![]));
        assert_eq!(hub.finish(0, false).unwrap().problems, [""; 0]);
    }

    #[test]
    fn interfaces_that_answer_for_each_other_are_reported_as_one_host_s() {
        let wireless = MacAddr([0xdc, 0xa6, 0x32, 1, 2, 4]);
        // What is expected stays as it is, whichever answers first.
        for (expected, at_pi, at_other) in [(None, MAC, wireless), (Some(wireless), wireless, MAC)] {
            let known = Expected { address: PI.into(), mac: expected, interfaces: Vec::new(), ssh_known: false };
            let request = ScanRequest { expected: vec![known], ..ScanRequest::default() };
            let (news, mut heard) = mpsc::unbounded_channel();
            let mut hub = Hub::new(&request, news, Vec::new(), HashMap::new());
            for address in [PI, last(8)] {
                hub.take(arp(address, MAC));
            }
            for address in [PI, last(8)] {
                hub.take(Note::Contested { address: address.into(), mac: wireless });
            }
            let last_of: HashMap<_, _> = reported(&mut heard).into_iter().map(|host| (host.address, host)).collect();
            let of = |address: Ipv4Addr| last_of[&IpAddr::from(address)].clone();
            if expected.is_some() {
                assert_eq!((of(PI).mac, of(last(8)).mac), (Some(at_pi), Some(at_other)));
            }
            for host in last_of.values() {
                let both = [host.mac.unwrap(), host.interfaces[0]];
                assert!(both.contains(&MAC) && both.contains(&wireless) && host.flags.is_empty(), "{host:?}");
            }
        }
        // Of a board that is known one address is enough.
        let known = Expected { address: PI.into(), mac: Some(MAC), interfaces: vec![wireless], ssh_known: false };
        let request = ScanRequest { expected: vec![known], ..ScanRequest::default() };
        let (news, mut heard) = mpsc::unbounded_channel();
        let mut hub = Hub::new(&request, news, Vec::new(), HashMap::new());
        hub.take(arp(PI, wireless));
        hub.take(Note::Contested { address: PI.into(), mac: MAC });
        let host = reported(&mut heard).pop().unwrap();
        assert_eq!((host.mac, &host.interfaces[..], host.flags.len()), (Some(MAC), &[wireless][..], 0));
        assert_eq!(hub.finish(1, false).unwrap().problems, [""; 0]);
    }

    #[test]
    fn what_this_machine_refused_is_counted_by_its_error_and_is_no_silence() {
        let hub = |asked: u8, refused: u8| {
            let expected =
                |n| Expected { address: last(n).into(), mac: None, interfaces: Vec::new(), ssh_known: false };
            let request = ScanRequest { expected: (1..=9).map(expected).collect(), ..ScanRequest::default() };
            let mut hub = Hub::new(&request, mpsc::unbounded_channel().0, Vec::new(), HashMap::new());
            for n in 1..=refused {
                let why = if n == 1 { "EPERM" } else { "EMFILE" };
                hub.take(Note::Unasked { address: last(n).into(), what: "no probe could be sent", why: why.into() });
                hub.take(Note::Unanswered { address: last(n).into() });
            }
            hub.finish(u64::from(asked), false)
        };
        let end = hub(9, 3).unwrap();
        assert!(end.silent.is_empty(), "{:?}", end.silent);
        let counted = [
            "no probe could be sent to 2 addresses, because this computer refused: EMFILE",
            "no probe could be sent to 1 address, because this computer refused: EPERM",
        ];
        assert_eq!(end.problems, counted);
        let error = hub(3, 3).unwrap_err().to_string();
        assert_eq!(error, "none of the 3 addresses could be asked, because this computer refused: EMFILE; EPERM");
    }

    #[test]
    fn one_interface_for_many_addresses_is_flagged_on_all_of_them() {
        let (mut hub, mut heard) = hub();
        for n in 1..PROXY as u8 {
            hub.take(arp(last(n), MAC));
        }
        assert!(reported(&mut heard).iter().all(|host| host.flags.is_empty()));
        for n in PROXY as u8..=200 {
            hub.take(arp(last(n), MAC));
        }
        let problems = hub.finish(0, false).unwrap().problems;
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("200 addresses"), "{problems:?}");
        let reported = reported(&mut heard);
        assert!(reported.len() < 5 * 200, "{}", reported.len());
        let mut last_of = HashMap::new();
        last_of.extend(reported.into_iter().map(|host| (host.address, host.flags)));
        assert_eq!(last_of.len(), 200);
        assert!(last_of.values().all(|flags| *flags == [Flag::ProxyArp { addresses: 200 }]), "{last_of:?}");
    }

    #[test]
    fn expected_hosts_that_were_asked_to_the_end_are_silent() {
        let scan = |cancelled| {
            let expected = [1, 2, 3].map(|n| Expected {
                address: last(n).into(),
                mac: None,
                interfaces: Vec::new(),
                ssh_known: false,
            });
            let request = ScanRequest { expected: expected.to_vec(), ..ScanRequest::default() };
            let mut hub = Hub::new(&request, mpsc::unbounded_channel().0, Vec::new(), HashMap::new());
            for n in [1, 2, 4] {
                hub.take(Note::Unanswered { address: last(n).into() });
            }
            hub.take(Note::Open { address: last(2).into(), rtt: Duration::from_millis(9) });
            hub.finish(0, cancelled).unwrap().silent
        };
        assert_eq!(scan(false), [IpAddr::from(last(1))]);
        assert!(scan(true).is_empty());
    }

    #[test]
    fn problems_are_bounded_and_reported_at_once() {
        let (mut hub, mut heard) = hub();
        (0..1000).for_each(|n| hub.problem(format!("problem {}", n / 2)));
        assert_eq!(hub.finish(0, false).unwrap().problems.len(), MOST_PROBLEMS);
        let reported = std::iter::from_fn(|| heard.try_recv().ok());
        assert_eq!(reported.filter(|news| matches!(news, ScanNews::Problem(_))).count(), MOST_PROBLEMS);
    }
}
