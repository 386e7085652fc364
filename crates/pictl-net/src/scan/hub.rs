//! Where everything that a scan hears comes together, and is told on.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use pictl_engine::ports::ScanNews;
use pictl_formats::pi;
use pictl_model::ids::MacAddr;
use pictl_model::node::{SeenBy, Sighting};
use pictl_model::units::Millis;
use tokio::sync::mpsc::UnboundedSender;

/// Sentences about what could not be done that are kept; more of the same would help nobody.
const MOST_PROBLEMS: usize = 20;

/// From this many addresses on, one card that answers for them all is told of.
const PROXY: usize = 8;

/// What one of a scan's tasks tells.
#[derive(Debug)]
pub(super) enum Note {
    /// So many more addresses were asked.
    Asked(u64),
    /// A host answered ARP.
    Arp { address: Ipv4Addr, mac: MacAddr, rtt: Duration },
    /// A host took a connection.
    Open { address: IpAddr, rtt: Duration },
    /// A host is there and refused a connection.
    Refused { address: IpAddr, rtt: Duration },
    /// An address did not answer in the time it had.
    Silent { address: IpAddr },
    /// What a host's SSH server calls itself (cleaned, at most 255 characters).
    Ssh { address: IpAddr, banner: String },
    /// A host's name for itself.
    Named { address: Ipv4Addr, name: String },
    /// Something could not be done.
    Problem(String),
}

/// What a scan knows so far.
#[derive(Debug)]
pub(super) struct Hub {
    port: u16,
    news: UnboundedSender<ScanNews>,
    hosts: HashMap<IpAddr, Sighting>,
    /// Cards known before their hosts are: this machine's own, and those of the neighbour table.
    cards: HashMap<IpAddr, MacAddr>,
    asked: u64,
    /// What the last progress news said.
    told: (u64, u64),
    problems: Vec<String>,
}

impl Hub {
    /// `cards` are this machine's own.
    pub(super) fn new(
        port: u16,
        news: UnboundedSender<ScanNews>,
        problems: Vec<String>,
        cards: HashMap<IpAddr, MacAddr>,
    ) -> Self {
        Self { port, news, hosts: HashMap::new(), cards, asked: 0, told: (0, 0), problems }
    }

    /// `address` was told of.
    pub(super) fn knows(&self, address: IpAddr) -> bool {
        self.hosts.contains_key(&address)
    }

    /// Takes in a note. Gives the address of a host that was not known before.
    pub(super) fn take(&mut self, note: Note) -> Option<IpAddr> {
        match note {
            Note::Asked(count) => self.asked += count,
            Note::Problem(text) => self.problem(text),
            Note::Arp { address, mac, rtt } => {
                return self.see(address.into(), SeenBy::Arp, Some(rtt), |host| host.mac = Some(mac));
            }
            Note::Silent { .. } => {}
            Note::Open { address, rtt } | Note::Refused { address, rtt } => {
                return self.see(address, SeenBy::Connect, Some(rtt), |_| ());
            }
            Note::Ssh { address, banner } => {
                return self.see(address, SeenBy::Connect, None, |host| host.ssh = Some(banner));
            }
            Note::Named { address, name } => {
                return self.see(address.into(), SeenBy::Mdns, None, |host| host.hostname = Some(name));
            }
        }
        None
    }

    /// What the kernel's neighbour table has of an address. Gives it when it is a host that was not known before, which
    /// only happens when the entry `may_add` one.
    #[cfg(target_os = "linux")]
    pub(super) fn neighbour(&mut self, address: IpAddr, mac: MacAddr, may_add: bool) -> Option<IpAddr> {
        self.cards.insert(address, mac);
        let wanted = self.hosts.get(&address).map_or(may_add, |host| host.mac.is_none());
        if wanted { self.see(address, SeenBy::Neighbour, None, |host| host.mac = Some(mac)) } else { None }
    }

    fn see(
        &mut self,
        address: IpAddr,
        by: SeenBy,
        rtt: Option<Duration>,
        learn: impl FnOnce(&mut Sighting),
    ) -> Option<IpAddr> {
        let fresh = !self.knows(address);
        let host = self.hosts.entry(address).or_insert_with(|| Sighting {
            address,
            port: self.port,
            mac: self.cards.get(&address).copied(),
            vendor: None,
            hints: Vec::new(),
            hostname: None,
            ssh: None,
            rtt: None,
            seen_by: Vec::new(),
            others: Vec::new(),
            flags: Vec::new(),
        });
        let before = host.clone();
        learn(host);
        if !host.seen_by.contains(&by) {
            host.seen_by.push(by);
        }
        host.rtt = host.rtt.or(rtt.map(Millis::from));
        if fresh || *host != before {
            Self::tell(&self.news, host);
        }
        fresh.then_some(address)
    }

    fn tell(news: &UnboundedSender<ScanNews>, host: &mut Sighting) {
        host.vendor = host.mac.and_then(pi::vendor);
        host.hints = pi::hints(host.mac, host.ssh.as_deref(), host.hostname.as_deref(), &[]);
        // Whoever does not listen any more cancels the scan by other means.
        let _ = news.send(ScanNews::Host(host.clone()));
    }

    pub(super) fn problem(&mut self, text: String) {
        if self.problems.len() < MOST_PROBLEMS && !self.problems.contains(&text) {
            self.problems.push(text);
        }
    }

    /// Tells how far the scan is, if it got further.
    pub(super) fn progress(&mut self) {
        let now = (self.asked, self.hosts.len() as u64);
        if now != self.told {
            self.told = now;
            let _ = self.news.send(ScanNews::Progress { asked: now.0, found: now.1 });
        }
    }

    /// The scan is over: what could not be done, one sentence each.
    pub(super) fn finish(mut self) -> Vec<String> {
        self.progress();
        let mut cards: BTreeMap<MacAddr, Vec<IpAddr>> = BTreeMap::new();
        for host in self.hosts.values() {
            if let Some(mac) = host.mac {
                cards.entry(mac).or_default().push(host.address);
            }
        }
        for (mac, addresses) in cards {
            if addresses.len() >= PROXY {
                let count = addresses.len();
                self.problem(format!(
                    "the card {mac} answers for {count} addresses: a router with proxy ARP, not {count} hosts"
                ));
            }
        }
        self.problems
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    const PI: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 7);
    const MAC: MacAddr = MacAddr([0xdc, 0xa6, 0x32, 1, 2, 3]);

    fn arp(address: Ipv4Addr) -> Note {
        Note::Arp { address, mac: MAC, rtt: Duration::from_millis(2) }
    }

    #[test]
    fn a_host_is_told_of_again_when_more_is_known_and_not_otherwise() {
        let (news, mut heard) = mpsc::unbounded_channel();
        let mut hub = Hub::new(22, news, Vec::new(), HashMap::new());
        assert_eq!(hub.take(arp(PI)), Some(PI.into()));
        assert_eq!(hub.take(arp(PI)), None);
        let banner = Some("SSH-2.0-OpenSSH_9.2p1 Debian-2".to_owned());
        hub.take(Note::Open { address: PI.into(), rtt: Duration::from_millis(9) });
        hub.take(Note::Ssh { address: PI.into(), banner: banner.clone().unwrap() });
        hub.take(Note::Ssh { address: PI.into(), banner: banner.clone().unwrap() });
        hub.take(Note::Named { address: PI, name: "raspberrypi.local".into() });
        hub.finish();

        let mut told = Vec::new();
        while let Ok(news) = heard.try_recv() {
            if let ScanNews::Host(host) = news {
                told.push(host);
            }
        }
        assert_eq!(told.len(), 4);
        let last = &told[3];
        assert_eq!((last.mac, &last.ssh, last.hostname.as_deref()), (Some(MAC), &banner, Some("raspberrypi.local")));
        assert_eq!(last.seen_by, [SeenBy::Arp, SeenBy::Connect, SeenBy::Mdns]);
        assert_eq!(last.vendor.as_deref(), Some("Raspberry Pi"));
        assert_eq!(last.rtt, Some(Duration::from_millis(2).into()), "the first answer's");
        assert!(last.is_pi());
    }

    #[test]
    fn silence_is_no_host() {
        let mut hub = Hub::new(22, mpsc::unbounded_channel().0, Vec::new(), HashMap::new());
        assert_eq!(hub.take(Note::Silent { address: PI.into() }), None);
        assert!(hub.hosts.is_empty());
    }

    #[test]
    fn one_card_for_many_addresses_is_told_and_problems_are_bounded() {
        let mut hub = Hub::new(22, mpsc::unbounded_channel().0, Vec::new(), HashMap::new());
        for n in 1..=PROXY as u8 {
            hub.take(arp(Ipv4Addr::new(10, 0, 0, n)));
        }
        let problems = hub.finish();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("proxy ARP"), "{problems:?}");

        let mut hub = Hub::new(22, mpsc::unbounded_channel().0, Vec::new(), HashMap::new());
        (0..1000).for_each(|n| hub.problem(format!("problem {}", n / 2)));
        assert_eq!(hub.finish().len(), MOST_PROBLEMS);
    }
}
