//! What to ask, and how: decided before anything is sent.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;
use pictl_engine::ports::ScanError;
use pictl_formats::targets::Targets;
use pictl_model::request::{ScanMethod, ScanRequest};
use pictl_model::text::clean;

use super::own::{Interface, worth_scanning};

/// Networks wider than this are only scanned when named: a /22 has 1022 addresses.
const WIDEST_UNASKED: u8 = 22;

/// Local addresses from which on the kernel's neighbour table (1024 entries by default) may be too small.
const NEIGHBOUR_TABLE: usize = 1000;

/// What a scan will do.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The targets, in words.
    pub(super) targets: String,
    /// By ARP, through each interface.
    pub(super) arp: Vec<(Interface, Vec<Ipv4Addr>)>,
    /// By TCP connections.
    pub(super) connect: Vec<IpAddr>,
    /// Host names, to be looked up and then asked like other addresses.
    pub(super) names: Vec<String>,
    /// What is left out.
    pub(super) problems: Vec<String>,
}

impl Plan {
    /// Plans `request` for a machine with the interfaces `all`, which may send ARP or not.
    pub(super) fn new(request: &ScanRequest, all: &[Interface], may_arp: bool) -> Result<Self, ScanError> {
        let interfaces = chosen(request, all)?;
        let mut plan = Self::default();
        let addresses: Vec<IpAddr> = if request.targets.is_empty() {
            plan.own_networks(request, all, &interfaces)?
        } else {
            let targets = Targets::parse(&request.targets).map_err(|error| ScanError::Target {
                target: clean(&request.targets.join(" "), 80),
                why: clean(&error.to_string(), 200),
                hint: "see `pictl scan --help` for the forms that are understood".into(),
            })?;
            plan.targets = targets.to_string();
            plan.names = targets.names().to_vec();
            targets.iter().map(IpAddr::V4).chain(targets.v6().iter().copied().map(IpAddr::V6)).collect()
        };
        plan.split(request.method, addresses, &interfaces, may_arp)?;
        Ok(plan)
    }

    /// How many addresses there are to ask, names not yet counted.
    pub(super) fn addresses(&self) -> u64 {
        (self.connect.len() + self.arp.iter().map(|(_, targets)| targets.len()).sum::<usize>()) as u64
    }

    /// The method in words.
    pub(super) fn method(&self, request: &ScanRequest, may_arp: bool) -> String {
        let mut links: Vec<_> = self.arp.iter().map(|(interface, _)| interface.subnet.interface.as_str()).collect();
        links.dedup();
        // That this machine itself is asked by TCP need not be said.
        let oneself = |address: &IpAddr| self.arp.iter().any(|(i, _)| IpAddr::V4(i.subnet.address) == *address);
        match (links.is_empty(), request.method) {
            (false, _) if self.connect.iter().all(oneself) => format!("ARP on {}", links.join(" and ")),
            (false, _) => format!("ARP on {}, TCP connect for the rest", links.join(" and ")),
            (true, ScanMethod::Auto) if !may_arp => "TCP connect and the neighbour table (ARP needs root)".into(),
            (true, _) => "TCP connect and the neighbour table".into(),
        }
    }

    /// The addresses of the networks that are scanned when nothing is named.
    fn own_networks(
        &mut self,
        request: &ScanRequest,
        all: &[Interface],
        chosen: &[&Interface],
    ) -> Result<Vec<IpAddr>, ScanError> {
        let taken = if request.interface.is_some() {
            chosen.to_vec()
        } else {
            let (taken, left) = worth_scanning(all);
            if !left.is_empty() {
                self.problems.push(format!("left out: {} (virtual; --interface takes one)", left.join(", ")));
            }
            taken
        };
        let (taken, wide): (Vec<_>, Vec<_>) =
            taken.into_iter().partition(|i| i.subnet.net.prefix_len() >= WIDEST_UNASKED);
        let why_wide = |i: &Interface| {
            let net = i.subnet.net;
            format!("{net} on {} has {} addresses", i.subnet.interface, net.hosts().count())
        };
        if taken.is_empty() {
            let why = wide.first().map_or("no Ethernet-like interface has an IPv4 network".into(), |i| why_wide(i));
            return Err(ScanError::Target {
                target: "this machine's own networks".into(),
                why,
                hint: "name what to scan, such as 192.168.1.0/24".into(),
            });
        }
        self.problems.extend(wide.iter().map(|i| format!("left out: {}; name it, or a part of it", why_wide(i))));
        let mut nets: Vec<Ipv4Net> = taken.iter().map(|i| i.subnet.net).collect();
        nets.sort_unstable();
        nets.dedup();
        self.targets = nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        Ok(nets.iter().flat_map(Ipv4Net::hosts).map(IpAddr::V4).collect())
    }

    /// Adds `addresses`, each by the way that fits it, unless it is there already.
    pub(super) fn split(
        &mut self,
        method: ScanMethod,
        addresses: Vec<IpAddr>,
        interfaces: &[&Interface],
        may_arp: bool,
    ) -> Result<(), ScanError> {
        let own: HashSet<IpAddr> = interfaces.iter().map(|i| i.subnet.address.into()).collect();
        let mut asked: HashSet<IpAddr> = self.connect.iter().copied().collect();
        asked.extend(self.arp.iter().flat_map(|(_, targets)| targets).copied().map(IpAddr::V4));
        let (mut elsewhere, mut local) = (0, 0);
        let wanted = addresses.len();
        for address in addresses {
            if !asked.insert(address) {
                continue;
            }
            let link = link_to(address, interfaces);
            local += usize::from(link.is_some());
            match (link, address) {
                // Nobody answers one's own question, so this machine is asked like a distant one.
                (Some(link), IpAddr::V4(v4)) if may_arp && method != ScanMethod::Connect && !own.contains(&address) => {
                    match self.arp.iter_mut().find(|(interface, _)| interface == link) {
                        Some((_, targets)) => targets.push(v4),
                        None => self.arp.push((link.clone(), vec![v4])),
                    }
                }
                (None, _) if method == ScanMethod::Arp => elsewhere += 1,
                _ => self.connect.push(address),
            }
        }
        if elsewhere > 0 {
            let why = format!("{elsewhere} of its {wanted} addresses are not in a network of this machine");
            if self.arp.is_empty() && self.names.is_empty() {
                let hint = "ARP only reaches the own network: leave out --method arp".into();
                return Err(ScanError::Target { target: self.targets.clone(), why, hint });
            }
            self.problems.push(format!("left out: {why}, and ARP reaches no others"));
        }
        if self.arp.is_empty() && local > NEIGHBOUR_TABLE {
            self.problems.push(format!(
                "{local} local addresses without ARP are more than the system's neighbour table holds: hosts may be missed"
            ));
        }
        Ok(())
    }
}

/// The interfaces that may be used: all, or the one that was asked for.
pub(super) fn chosen<'a>(request: &ScanRequest, all: &'a [Interface]) -> Result<Vec<&'a Interface>, ScanError> {
    let Some(wanted) = &request.interface else { return Ok(all.iter().collect()) };
    let found: Vec<_> = all.iter().filter(|i| i.subnet.interface == *wanted).collect();
    // Systems that cannot be asked for their interfaces find out when they connect.
    if found.is_empty() && cfg!(target_os = "linux") {
        let mut names: Vec<_> = all.iter().map(|i| i.subnet.interface.as_str()).collect();
        names.dedup();
        return Err(ScanError::Target {
            target: format!("interface {}", clean(wanted, 40)),
            why: "it is not there, not up, not like Ethernet, or has no IPv4 address".into(),
            hint: format!("interfaces that could be scanned: {}", names.join(", ")),
        });
    }
    Ok(found)
}

/// The interface whose network `address` is in; of several, the narrowest.
fn link_to<'a>(address: IpAddr, interfaces: &[&'a Interface]) -> Option<&'a Interface> {
    let IpAddr::V4(address) = address else { return None };
    let around = interfaces.iter().copied().filter(|i| i.subnet.net.contains(&address));
    around.max_by_key(|i| i.subnet.net.prefix_len())
}

#[cfg(test)]
mod tests {
    use pictl_model::ids::MacAddr;

    use super::*;
    use crate::scan::own::{Kind, Subnet};

    fn card(name: &str, net: &str) -> Interface {
        let net: Ipv4Net = net.parse().unwrap();
        let subnet = Subnet { interface: name.into(), net: net.trunc(), address: net.addr() };
        Interface { index: 1, kind: Kind::Card, mac: MacAddr([2, 0, 0, 0, 0, 1]), subnet }
    }

    fn request(targets: &[&str]) -> ScanRequest {
        ScanRequest { targets: targets.iter().map(|t| (*t).into()).collect(), port: 22, ..ScanRequest::default() }
    }

    fn refusal(result: Result<Plan, ScanError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn the_own_network_is_asked_by_arp_and_oneself_by_tcp() {
        let all = [card("eth0", "192.168.1.5/24")];
        let plan = Plan::new(&request(&[]), &all, true).unwrap();
        assert_eq!((plan.targets.as_str(), plan.addresses()), ("192.168.1.0/24", 254));
        assert_eq!(plan.arp[0].1.len(), 253);
        assert_eq!(plan.connect, [IpAddr::from([192, 168, 1, 5])]);
        assert_eq!(plan.method(&request(&[]), true), "ARP on eth0");
    }

    #[test]
    fn without_privileges_everything_is_asked_by_tcp() {
        let all = [card("eth0", "192.168.1.5/24")];
        let plan = Plan::new(&request(&[]), &all, false).unwrap();
        assert!(plan.arp.is_empty());
        assert_eq!(plan.connect.len(), 254);
        assert!(plan.method(&request(&[]), false).contains("ARP needs root"));
    }

    #[test]
    fn wide_networks_are_only_scanned_when_named() {
        let wide = card("eth0", "10.0.0.5/16");
        assert!(refusal(Plan::new(&request(&[]), std::slice::from_ref(&wide), true)).contains("65534 addresses"));
        let both = [wide.clone(), card("eth1", "192.168.1.5/24")];
        let plan = Plan::new(&request(&[]), &both, true).unwrap();
        assert_eq!(plan.targets, "192.168.1.0/24");
        assert!(plan.problems[0].contains("name it"), "{:?}", plan.problems);
        let named = Plan::new(&request(&["10.0.0.0/16"]), &[wide], true).unwrap();
        assert_eq!(named.addresses(), 65534);
    }

    #[test]
    fn other_networks_and_loopback_are_asked_by_tcp() {
        let all = [card("eth0", "192.168.1.5/24")];
        let plan = Plan::new(&request(&["127.0.0.1", "192.168.1.7", "192.168.2.7"]), &all, true).unwrap();
        assert_eq!(plan.arp[0].1, [Ipv4Addr::new(192, 168, 1, 7)]);
        assert_eq!(plan.connect, [IpAddr::from([127, 0, 0, 1]), IpAddr::from([192, 168, 2, 7])]);
        assert_eq!(plan.method(&request(&[]), true), "ARP on eth0, TCP connect for the rest");

        let arp = |targets| ScanRequest { method: ScanMethod::Arp, ..request(targets) };
        let plan = Plan::new(&arp(&["192.168.1.7", "192.168.2.7"]), &all, true).unwrap();
        assert_eq!((plan.addresses(), plan.problems.len()), (1, 1));
        assert!(refusal(Plan::new(&arp(&["192.168.2.7"]), &all, true)).contains("not in a network"));
    }

    #[test]
    fn targets_and_interfaces_that_make_no_sense_are_refused() {
        let all = [card("eth0", "192.168.1.5/24")];
        assert!(refusal(Plan::new(&request(&["10.0.0.9-1"]), &all, true)).contains("reversed"));
        let elsewhere = ScanRequest { interface: Some("eth7\x1b[31m".into()), ..request(&[]) };
        let text = refusal(Plan::new(&elsewhere, &all, true));
        assert!(text.contains("eth0") && !text.contains('\x1b'), "{text}");
        assert!(refusal(Plan::new(&request(&[]), &[], true)).contains("name what to scan"));
    }

    #[test]
    fn an_address_in_two_networks_is_asked_through_the_narrower_one() {
        let all = [card("eth0", "10.0.0.5/8"), card("eth1", "10.0.1.5/24")];
        let plan = Plan::new(&request(&["10.0.1.9"]), &all, true).unwrap();
        assert_eq!(plan.arp[0].0.subnet.interface, "eth1");
    }
}
