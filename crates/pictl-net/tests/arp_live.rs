//! Real scans between two network namespaces that each test makes. Needs root on Linux; skipped, with a message,
//! without.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![cfg(target_os = "linux")]

use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Command, Stdio};

use pictl_engine::ports::{Discover, ScanEnd, ScanError, ScanNews};
use pictl_model::node::{Flag, SeenBy, Sighting};
use pictl_model::request::{Expected, ScanMethod, ScanRequest};
use pictl_net::scan::{Scanner, own_address_towards, own_subnets};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Hosts at the far end.
const HOSTS: [u8; 5] = [2, 31, 77, 200, 254];

/// The environment variable that the other half of a test, in the near namespace, finds its arguments in.
const INSIDE: &str = "PICTL_TEST_INSIDE";

/// How the other half of a test runs.
const ROOT: &[&str] = &[];
const NOBODY: &[&str] = &["setpriv", "--reuid", "65534", "--clear-groups"];
const WITH_CAPABILITY: &[&str] =
    &["setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps", "+net_raw", "--ambient-caps", "+net_raw"];

/// Two namespaces with a cable between them.
struct Namespaces {
    near: String,
    far: String,
}

impl Namespaces {
    fn new(test: &str, hosts: &[String], near_address: &str) -> Option<Self> {
        let id = format!("pictlnet-{}-{:x}", std::process::id(), test.len());
        let made = Self { near: format!("{id}-near"), far: format!("{id}-far") };
        if !(ip(&["netns", "add", &made.near]) && ip(&["netns", "add", &made.far])) {
            pictl_tests::skip("network namespaces need Linux and root");
            return None;
        }
        let (near, far) = (made.near.as_str(), made.far.as_str());
        assert!(ip(&["link", "add", "eth0", "netns", near, "type", "veth", "peer", "name", "eth0", "netns", far]));
        assert!(ip(&["-n", near, "addr", "add", near_address, "dev", "eth0"]));
        let mut batch =
            Command::new("ip").args(["-n", far, "-batch", "-"]).stdin(Stdio::piped()).spawn().expect("ip is there");
        let lines: Vec<String> = hosts.iter().map(|host| format!("addr add {host} dev eth0")).collect();
        batch.stdin.take().unwrap().write_all(lines.join("\n").as_bytes()).unwrap();
        assert!(batch.wait().unwrap().success());
        for namespace in [near, far] {
            assert!(ip(&["-n", namespace, "link", "set", "lo", "up"]));
            assert!(ip(&["-n", namespace, "link", "set", "eth0", "up"]));
        }
        Some(made)
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        for namespace in [&self.near, &self.far] {
            ip(&["netns", "del", namespace]);
        }
    }
}

fn ip(arguments: &[&str]) -> bool {
    Command::new("ip").args(arguments).output().is_ok_and(|output| output.status.success())
}

/// Runs `body`, the inner half of the test called `test`, in a namespace with `hosts` beside it, by the arguments of `by`.
fn beside(test: &str, hosts: &[String], near_address: &str, by: &[&[&str]], body: impl Future<Output = ()>) {
    if std::env::var_os(INSIDE).is_some() {
        return tokio::runtime::Runtime::new().unwrap().block_on(body);
    }
    let Some(namespaces) = Namespaces::new(test, hosts, near_address) else { return };
    // Where everybody may read it.
    let place =
        tempfile::Builder::new().permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755)).tempdir().unwrap();
    let program = place.path().join("test");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for arguments in by {
        let output = Command::new("ip")
            .args(["netns", "exec", &namespaces.near])
            .args(*arguments)
            .arg(&program)
            .args(["--exact", test, "--nocapture"])
            .env(INSIDE, arguments.join(" "))
            .output()
            .unwrap();
        assert!(output.status.success(), "as {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

fn hosts_of_24() -> Vec<String> {
    HOSTS.iter().map(|host| format!("10.89.0.{host}/24")).collect()
}

/// The reports of a scan.
#[derive(Default)]
struct Heard {
    method: String,
    /// The first and the last report of each host.
    hosts: HashMap<IpAddr, (Sighting, Sighting)>,
}

impl Heard {
    fn addresses(&self) -> HashSet<IpAddr> {
        self.hosts.keys().copied().collect()
    }
}

/// Never called in the machine's own namespace. `at_first` is called when the first host has been reported.
async fn scan(request: ScanRequest, mut at_first: impl FnMut()) -> (Heard, Result<ScanEnd, ScanError>) {
    let (news, mut from) = mpsc::unbounded_channel();
    let mut heard = Heard::default();
    let request = ScanRequest { port: 22, ..request };
    let mut scan = tokio::spawn(Scanner::default().scan(request, news, CancellationToken::new()));
    while let Some(news) = from.recv().await {
        match news {
            ScanNews::Started { method, .. } => heard.method = method,
            ScanNews::Host(host) => {
                if heard.hosts.is_empty() {
                    at_first();
                }
                heard
                    .hosts
                    .entry(host.address)
                    .and_modify(|(_, last)| last.clone_from(&host))
                    .or_insert((host.clone(), host));
            }
            ScanNews::Progress { .. } | ScanNews::Problem(_) => {}
        }
    }
    let end = (&mut scan).await.unwrap();
    (heard, end)
}

fn by(method: ScanMethod) -> ScanRequest {
    ScanRequest { method, ..ScanRequest::default() }
}

fn expected() -> HashSet<IpAddr> {
    HOSTS.iter().map(|host| Ipv4Addr::new(10, 89, 0, *host).into()).collect()
}

#[test]
fn a_network_of_namespaces_is_scanned() {
    beside("a_network_of_namespaces_is_scanned", &hosts_of_24(), "10.89.0.1/24", &[ROOT], async {
        let subnets = own_subnets().unwrap();
        assert_eq!(subnets.len(), 1);
        assert_eq!((subnets[0].interface.as_str(), subnets[0].net.to_string()), ("eth0", "10.89.0.0/24".to_owned()));
        let own = Ipv4Addr::new(10, 89, 0, 1);
        assert_eq!(own_address_towards(Ipv4Addr::new(10, 89, 0, 31).into()), Some(own.into()));

        for (method, seen) in [(ScanMethod::Arp, SeenBy::Arp), (ScanMethod::Connect, SeenBy::Neighbour)] {
            let (heard, end) = scan(by(method), || ()).await;
            assert_eq!((heard.addresses(), end.unwrap()), (expected(), ScanEnd::default()));
            // From the first, so that a host whose MAC address is known later is not taken for another one.
            let macs: HashSet<_> =
                heard.hosts.values().map(|(first, _)| first.mac.expect("the MAC address is known")).collect();
            assert_eq!(macs.len(), 1, "one MAC address has all these addresses");
            assert!(heard.hosts.values().all(|(host, _)| host.seen_by.contains(&seen)), "{:?}", heard.hosts);
        }
    });
}

#[test]
fn arp_needs_the_capability_and_nothing_more() {
    let by_whom = [WITH_CAPABILITY, NOBODY];
    beside("arp_needs_the_capability_and_nothing_more", &hosts_of_24(), "10.89.0.1/24", &by_whom, async {
        let may = std::env::var(INSIDE).unwrap().contains("net_raw");
        let (heard, end) = scan(by(ScanMethod::Auto), || ()).await;
        assert_eq!((heard.addresses(), end.unwrap()), (expected(), ScanEnd::default()));
        assert_eq!(heard.method.starts_with("ARP on eth0"), may, "{}", heard.method);
        let (_, end) = scan(by(ScanMethod::Arp), || ()).await;
        match end {
            Ok(_) => assert!(may),
            Err(error) => assert!(!may && error.to_string().contains("setcap"), "{error}"),
        }
    });
}

#[test]
fn an_expected_host_that_is_not_there_is_reported() {
    beside("an_expected_host_that_is_not_there_is_reported", &hosts_of_24(), "10.89.0.1/24", &[ROOT], async {
        let absent: IpAddr = [10, 89, 0, 99].into();
        let expect = |address| Expected { address, mac: None, interfaces: Vec::new(), ssh_known: false };
        let expected = vec![expect(absent), expect([10, 89, 0, 31].into())];
        let (heard, end) = scan(ScanRequest { expected, ..by(ScanMethod::Arp) }, || ()).await;
        assert_eq!((heard.hosts.len(), end.unwrap().silent), (5, vec![absent]));
    });
}

#[test]
fn an_interface_that_goes_down_is_one_clear_problem() {
    beside("an_interface_that_goes_down_is_one_clear_problem", &hosts_of_24(), "10.89.0.1/24", &[ROOT], async {
        let expected =
            vec![Expected { address: [10, 89, 0, 99].into(), mac: None, interfaces: Vec::new(), ssh_known: false }];
        let request = ScanRequest { thorough: true, expected, ..by(ScanMethod::Arp) };
        let (_, end) = scan(request, || assert!(ip(&["link", "set", "eth0", "down"]))).await;
        let end = end.unwrap();
        assert_eq!(end.problems[0], "ARP on eth0 ended early: the interface went down; hosts may be missing");
        // What was not asked is counted, with its reason.
        assert!(
            end.problems[1..].iter().all(|text| text.contains("because this computer refused")),
            "{:?}",
            end.problems
        );
        assert!(end.silent.is_empty(), "nobody could be asked to the end");

        // And from now on it cannot be scanned at all.
        for (interface, why) in [("eth0", "is down"), ("lo", "not like Ethernet"), ("eth7", "no such interface")] {
            let request = ScanRequest { interface: Some(interface.into()), ..by(ScanMethod::Auto) };
            let text = scan(request, || ()).await.1.unwrap_err().to_string();
            assert!(text.contains(why), "{text}");
        }
        let text = scan(by(ScanMethod::Auto), || ()).await.1.unwrap_err().to_string();
        assert!(text.contains("no Ethernet-like interface"), "{text}");
        assert!(ip(&["addr", "flush", "dev", "eth0"]) && ip(&["link", "set", "eth0", "up"]));
        let request = ScanRequest { interface: Some("eth0".into()), ..by(ScanMethod::Auto) };
        let text = scan(request, || ()).await.1.unwrap_err().to_string();
        assert!(text.contains("has no IPv4 address"), "{text}");
    });
}

/// They answer within milliseconds, and all with one MAC address.
#[test]
fn two_hundred_hosts_that_answer_at_once_are_all_heard() {
    let address = |host: usize| Ipv4Addr::from_bits(Ipv4Addr::new(10, 89, 16, 0).to_bits() + 20 * host as u32);
    let hosts: Vec<_> = (1..=200).map(|host| format!("{}/20", address(host))).collect();
    beside("two_hundred_hosts_that_answer_at_once_are_all_heard", &hosts, "10.89.16.1/20", &[ROOT], async {
        let request = ScanRequest { wide: true, ..by(ScanMethod::Arp) };
        let (heard, end) = scan(request, || ()).await;
        assert_eq!(heard.addresses(), (1..=200).map(|host| address(host).into()).collect());
        assert!(heard.hosts.values().all(|(_, last)| last.flags.contains(&Flag::ProxyArp { addresses: 200 })));
        assert_eq!(end.unwrap().problems.len(), 1, "the one interface");
    });
}
