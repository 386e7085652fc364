//! What to ask, and how: decided before anything is sent.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};

use pictl_engine::ports::ScanError;
use pictl_formats::targets::{TargetError, Targets};
use pictl_model::request::{ScanMethod, ScanRequest};
use pictl_model::text::clean;

use super::interfaces::{self, Interface, worth_scanning};

/// Networks wider than this are only scanned when asked for: a /22 has 1022 addresses.
const WIDEST_UNASKED: u8 = 22;

/// And networks wider than this are not scanned at all: [`Targets`] holds no more addresses.
const WIDEST: u8 = 12;

/// What a scan will do.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The targets as text.
    pub(super) targets: String,
    /// By ARP, through each interface.
    pub(super) arp: Vec<(Interface, Vec<Ipv4Addr>)>,
    /// By what the kernel finds out when something is sent to them, through each interface.
    pub(super) udp: Vec<(Interface, Vec<Ipv4Addr>)>,
    /// By TCP connections.
    pub(super) connect: Vec<IpAddr>,
    /// Host names, to be looked up and then asked like other addresses.
    pub(super) names: Vec<String>,
    /// Host names whose addresses are to be left out.
    pub(super) exclude_names: Vec<String>,
    /// What is left out.
    pub(super) problems: Vec<String>,
    pub(super) excluded: Targets,
    /// What is in the lists already, and what must not come in.
    pub(super) taken: HashSet<IpAddr>,
}

impl Plan {
    /// Plans `request` for a machine with the interfaces `all`, which may send ARP or not.
    pub(super) fn new(request: &ScanRequest, all: &[Interface], may_arp: bool) -> Result<Self, ScanError> {
        let interfaces = chosen(request, all)?;
        let excluded =
            Targets::parse_excluded(&request.exclude).map_err(|error| bad_targets(&request.exclude, &error))?;
        let mut plan = Self { exclude_names: excluded.names().to_vec(), ..Self::default() };
        let texts = match &request.targets[..] {
            [] => plan.own_networks(request, all, &interfaces)?,
            texts => texts.to_vec(),
        };
        let named = Targets::parse(&texts).map_err(|error| bad_targets(&texts, &error))?;
        if named.repeated() > 0 {
            plan.problems.push(format!("{} addresses were named more than once: each is asked once", named.repeated()));
        }
        let targets = named.without(&excluded).map_err(|error| bad_targets(&texts, &error))?;
        plan.targets = targets.to_string();
        plan.names = targets.names().to_vec();
        plan.excluded = excluded;
        let addresses = targets.iter().map(IpAddr::V4).chain(targets.v6().iter().copied().map(IpAddr::V6));
        plan.split(request.method, addresses.collect(), &interfaces, may_arp)?;
        Ok(plan)
    }

    /// How many addresses there are to ask, names not yet counted.
    pub(super) fn addresses(&self) -> u64 {
        let local = self.arp.iter().chain(&self.udp).map(|(_, targets)| targets.len());
        (self.connect.len() + local.sum::<usize>()) as u64
    }

    /// The name of the method.
    pub(super) fn method(&self, request: &ScanRequest, may_arp: bool) -> String {
        // That this machine itself is asked by TCP need not be said.
        let local = || self.arp.iter().chain(&self.udp).map(|(interface, _)| interface);
        let oneself = |address: &IpAddr| local().any(|i| IpAddr::V4(i.subnet.address) == *address);
        let rest = if self.connect.iter().all(oneself) { "" } else { ", TCP connect for the rest" };
        let why = if request.method == ScanMethod::Auto && !may_arp { " (ARP needs root or CAP_NET_RAW)" } else { "" };
        match (&self.arp[..], &self.udp[..]) {
            ([], []) => "TCP connect".into(),
            ([], udp) => format!("UDP and the neighbour table on {}{why}{rest}", links(udp)),
            (arp, _) => format!("ARP on {}{rest}", links(arp)),
        }
    }

    /// The networks that are scanned when nothing is named, as targets are written.
    fn own_networks(
        &mut self,
        request: &ScanRequest,
        all: &[Interface],
        chosen: &[&Interface],
    ) -> Result<Vec<String>, ScanError> {
        let candidates = if request.interface.is_some() {
            chosen.to_vec()
        } else {
            let (worth, left) = worth_scanning(all);
            if !left.is_empty() {
                let left = left.join(", ");
                self.problems
                    .push(format!("left out: {left} (inside this machine, or a tunnel; --interface takes one)"));
            }
            worth
        };
        let widest = if request.wide { WIDEST } else { WIDEST_UNASKED };
        let (mut nets, mut wide, mut unconnected) = (Vec::new(), Vec::new(), Vec::new());
        for Interface { subnet, .. } in candidates {
            if subnet.net.prefix_len() >= widest {
                nets.push(subnet.net);
            } else {
                let addresses = (1u64 << (32 - subnet.net.prefix_len())) - 2;
                wide.push(format!("{} on {} has {addresses} addresses", subnet.net, subnet.interface));
            }
            if interfaces::is_unconnected(&subnet.interface) {
                unconnected.push(subnet.interface.as_str());
            }
        }
        let hint = if request.wide { "name a part of it" } else { "--yes takes it, or name a part of it" };
        if nets.is_empty() {
            let (why, hint) = match wide.pop() {
                Some(wide) => (wide, hint),
                None => (
                    "no Ethernet-like interface that is up has an IPv4 network".into(),
                    "name what to scan, such as 192.168.1.0/24",
                ),
            };
            return Err(ScanError::Target { target: "this machine's own networks".into(), why, hint: hint.into() });
        }
        self.problems.extend(wide.iter().map(|wide| format!("left out: {wide}; {hint}")));
        unconnected.dedup();
        self.problems.extend(unconnected.iter().map(|name| format!("{name} has no link: is its cable plugged in?")));
        nets.sort_unstable();
        // Two interfaces in one network.
        nets.dedup();
        Ok(nets.iter().map(ToString::to_string).collect())
    }

    /// Takes out addresses that a host name to be left out turned out to have, and keeps them out.
    pub(super) fn leave_out(&mut self, addresses: &[IpAddr]) -> Result<(), ScanError> {
        let before = self.addresses();
        let remains = |address: &IpAddr| !addresses.contains(address);
        for (_, targets) in self.arp.iter_mut().chain(&mut self.udp) {
            targets.retain(|address| remains(&IpAddr::V4(*address)));
        }
        self.connect.retain(remains);
        self.taken.extend(addresses);
        if before > 0 && self.addresses() == 0 && self.names.is_empty() {
            let texts = [self.targets.clone()];
            return Err(bad_targets(&texts, &TargetError::NothingLeft { texts: clean(&self.targets, 60) }));
        }
        Ok(())
    }

    /// Adds `addresses`, each by the way that fits it, unless it is there already or to be left out.
    pub(super) fn split(
        &mut self,
        method: ScanMethod,
        addresses: Vec<IpAddr>,
        interfaces: &[&Interface],
        may_arp: bool,
    ) -> Result<(), ScanError> {
        let own: HashSet<IpAddr> = interfaces.iter().map(|i| i.subnet.address.into()).collect();
        let excluded = |address: &IpAddr| match address {
            IpAddr::V4(v4) => self.excluded.contains(*v4),
            IpAddr::V6(v6) => self.excluded.v6().contains(v6),
        };
        let mut elsewhere = 0;
        let wanted = addresses.len();
        for address in addresses {
            if excluded(&address) || !self.taken.insert(address) {
                continue;
            }
            match (link_to(address, interfaces), address) {
                // Nobody answers one's own question, so this machine is asked like a distant one.
                (Some(link), IpAddr::V4(v4)) if !own.contains(&address) => {
                    let by_arp = may_arp && method != ScanMethod::Connect;
                    let lists = if by_arp { &mut self.arp } else { &mut self.udp };
                    match lists.iter_mut().find(|(interface, _)| interface == link) {
                        Some((_, targets)) => targets.push(v4),
                        None => lists.push((link.clone(), vec![v4])),
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
                return Err(ScanError::Target { target: clean(&self.targets, 80), why, hint });
            }
            self.problems.push(format!("left out: {why}, and ARP reaches no others"));
        }
        Ok(())
    }
}

/// Targets that name nothing to scan.
fn bad_targets(texts: &[String], error: &TargetError) -> ScanError {
    ScanError::Target {
        target: clean(&texts.join(" "), 80),
        why: clean(&error.to_string(), 200),
        hint: "see `pictl scan --help` for the forms that are understood".into(),
    }
}

/// The names of the interfaces of these lists.
fn links(lists: &[(Interface, Vec<Ipv4Addr>)]) -> String {
    let mut names: Vec<_> = lists.iter().map(|(interface, _)| interface.subnet.interface.as_str()).collect();
    names.dedup();
    names.join(" and ")
}

/// The interfaces that may be used: all, or the one that was asked for.
pub(super) fn chosen<'a>(request: &ScanRequest, all: &'a [Interface]) -> Result<Vec<&'a Interface>, ScanError> {
    let Some(wanted) = &request.interface else { return Ok(all.iter().collect()) };
    let found: Vec<_> = all.iter().filter(|i| i.subnet.interface == *wanted).collect();
    // Systems that cannot be asked for their interfaces find out when they connect.
    if found.is_empty() && cfg!(target_os = "linux") {
        let mut names: Vec<_> = all.iter().map(|i| i.subnet.interface.as_str()).collect();
        names.dedup();
        let hint = match &names[..] {
            [] => "no other interface could be scanned either".into(),
            names => format!("interfaces that could be scanned: {}", names.join(", ")),
        };
        let target = format!("interface {}", clean(wanted, 40));
        return Err(ScanError::Target { target, why: interfaces::why_not(wanted).into(), hint });
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
    use ipnet::Ipv4Net;
    use pictl_model::ids::MacAddr;

    use super::*;
    use crate::scan::interfaces::{Kind, Subnet};

    fn interface(name: &str, net: &str) -> Interface {
        let net: Ipv4Net = net.parse().unwrap();
        let subnet = Subnet { interface: name.into(), net: net.trunc(), address: net.addr() };
        Interface { index: 1, kind: Kind::Physical, mac: MacAddr([2, 0, 0, 0, 0, 1]), subnet }
    }

    fn request(targets: &[&str]) -> ScanRequest {
        ScanRequest { targets: targets.iter().map(|t| (*t).into()).collect(), port: 22, ..ScanRequest::default() }
    }

    fn refusal(result: Result<Plan, ScanError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn the_own_network_is_asked_by_arp_and_oneself_by_tcp() {
        let all = [interface("eth0", "192.168.1.5/24")];
        let plan = Plan::new(&request(&[]), &all, true).unwrap();
        assert_eq!((plan.targets.as_str(), plan.addresses()), ("192.168.1.0/24", 254));
        assert_eq!(plan.arp[0].1.len(), 253);
        assert_eq!(plan.connect, [IpAddr::from([192, 168, 1, 5])]);
        assert_eq!(plan.method(&request(&[]), true), "ARP on eth0");
    }

    #[test]
    fn without_privileges_the_kernel_asks() {
        let all = [interface("eth0", "192.168.1.5/24")];
        let plan = Plan::new(&request(&[]), &all, false).unwrap();
        assert!(plan.arp.is_empty());
        assert_eq!((plan.udp[0].1.len(), plan.connect.len(), plan.addresses()), (253, 1, 254));
        assert_eq!(
            plan.method(&request(&[]), false),
            "UDP and the neighbour table on eth0 (ARP needs root or CAP_NET_RAW)"
        );
        let connect = ScanRequest { method: ScanMethod::Connect, ..request(&["192.168.1.7", "10.9.9.9"]) };
        let plan = Plan::new(&connect, &all, true).unwrap();
        assert_eq!(plan.method(&connect, true), "UDP and the neighbour table on eth0, TCP connect for the rest");
    }

    #[test]
    fn wide_networks_are_only_scanned_when_asked_for() {
        let wide = interface("eth0", "10.0.0.5/16");
        let text = refusal(Plan::new(&request(&[]), std::slice::from_ref(&wide), true));
        assert!(text.contains("10.0.0.0/16 on eth0 has 65534 addresses") && text.contains("--yes"), "{text}");
        let both = [wide.clone(), interface("eth1", "192.168.1.5/24")];
        let plan = Plan::new(&request(&[]), &both, true).unwrap();
        assert_eq!(plan.targets, "192.168.1.0/24");
        assert!(plan.problems[0].contains("left out: 10.0.0.0/16"), "{:?}", plan.problems);
        for agreed in [request(&["10.0.0.0/16"]), ScanRequest { wide: true, ..request(&[]) }] {
            let plan = Plan::new(&agreed, std::slice::from_ref(&wide), true).unwrap();
            assert_eq!((plan.addresses(), plan.problems.len()), (65534, 0));
        }
        let huge = interface("eth0", "10.0.0.5/8");
        let text = refusal(Plan::new(&ScanRequest { wide: true, ..request(&[]) }, &[huge], true));
        assert!(text.contains("16777214 addresses") && text.contains("name a part"), "{text}");
    }

    #[test]
    fn what_is_excluded_is_not_asked() {
        let all = [interface("eth0", "192.168.1.5/24")];
        let except = |targets, exclude: &str| {
            let exclude = vec![exclude.to_owned()];
            Plan::new(&ScanRequest { exclude, ..request(targets) }, &all, true)
        };
        let plan = except(&[], "192.168.1.0-19,192.168.1.100,router").unwrap();
        assert_eq!((plan.addresses(), plan.targets.as_str()), (234, "192.168.1.20-99,192.168.1.101-254"));
        assert_eq!(plan.exclude_names, ["router"]);
        assert!(refusal(except(&[], "192.168.0.0/16")).contains("all of it is excluded"));
        assert!(refusal(except(&["192.168.1.7"], "192.168.1.7")).contains("all of it is excluded"));
        assert!(refusal(except(&[], "192.168.1.9-1")).contains("reversed"));
        assert!(refusal(except(&["pi01"], "PI01")).contains("all of it is excluded"));
        assert_eq!(except(&["fe80::1", "10.0.0.1"], "fe80::1").unwrap().connect, [IpAddr::from([10, 0, 0, 1])]);

        // Names are looked up later, those of targets as well.
        let mut plan = except(&["192.168.1.7-8", "pi01"], "router,192.168.1.30").unwrap();
        plan.leave_out(&[[192, 168, 1, 8].into(), [192, 168, 1, 9].into()]).unwrap();
        let found = [8, 9, 30, 31].map(|n| IpAddr::from([192, 168, 1, n])).to_vec();
        plan.split(ScanMethod::Auto, found, &all.iter().collect::<Vec<_>>(), true).unwrap();
        assert_eq!(plan.arp[0].1, [Ipv4Addr::new(192, 168, 1, 7), Ipv4Addr::new(192, 168, 1, 31)]);
        let mut plan = except(&["192.168.1.7"], "router").unwrap();
        assert!(plan.leave_out(&[[192, 168, 1, 7].into()]).unwrap_err().to_string().contains("excluded"));
    }

    #[test]
    fn what_is_named_twice_is_asked_once() {
        let all = [interface("eth0", "192.168.1.5/24"), interface("eth1", "192.168.1.6/24")];
        let plan = Plan::new(&request(&["192.168.1.7", "192.168.1.0/28"]), &all, true).unwrap();
        assert_eq!((plan.addresses(), plan.problems.len()), (14, 1));
        assert!(plan.problems[0].contains("more than once"), "{:?}", plan.problems);
        assert_eq!(Plan::new(&request(&[]), &all, true).unwrap().addresses(), 254);
    }

    #[test]
    fn other_networks_and_loopback_are_asked_by_tcp() {
        let all = [interface("eth0", "192.168.1.5/24")];
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
        let all = [interface("eth0", "192.168.1.5/24")];
        assert!(refusal(Plan::new(&request(&["10.0.0.9-1"]), &all, true)).contains("reversed"));
        let elsewhere = ScanRequest { interface: Some("eth7\x1b[31m".into()), ..request(&[]) };
        let text = refusal(Plan::new(&elsewhere, &all, true));
        assert!(text.contains("eth0") && !text.contains('\x1b'), "{text}");
        assert!(refusal(Plan::new(&request(&[]), &[], true)).contains("name what to scan"));
    }

    #[test]
    fn an_address_in_two_networks_is_asked_through_the_narrower_one() {
        let all = [interface("eth0", "10.0.0.5/8"), interface("eth1", "10.0.1.5/24")];
        let plan = Plan::new(&request(&["10.0.1.9"]), &all, true).unwrap();
        assert_eq!(plan.arp[0].0.subnet.interface, "eth1");
    }
}
