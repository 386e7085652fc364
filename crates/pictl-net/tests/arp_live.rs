//! ARP for real, between two network namespaces that this test makes. Needs root on Linux; skipped, with a word, without.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "tests")]
#![cfg(target_os = "linux")]

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::process::Command;
use std::time::{Duration, Instant};

use pictl_engine::ports::{Discover, ScanNews};
use pictl_model::node::SeenBy;
use pictl_model::request::{ScanMethod, ScanRequest};
use pictl_net::scan::{Scanner, own_address_towards, own_subnets};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Hosts at the far end.
const HOSTS: [u8; 5] = [2, 31, 77, 200, 254];

/// Two namespaces with a cable between them.
/// Tells the other half of the test, which runs in the near namespace, what it is.
const INSIDE: &str = "PICTL_TEST_INSIDE";

struct Namespaces {
    near: String,
    far: String,
}

impl Namespaces {
    fn new() -> Option<Self> {
        let id = std::process::id();
        let made = Self { near: format!("pictlnet-{id}-near"), far: format!("pictlnet-{id}-far") };
        if !(ip(&["netns", "add", &made.near]) && ip(&["netns", "add", &made.far])) {
            pictl_tests::skip("network namespaces need Linux and root");
            return None;
        }
        let (near, far) = (made.near.as_str(), made.far.as_str());
        assert!(ip(&["link", "add", "eth0", "netns", near, "type", "veth", "peer", "name", "eth0", "netns", far]));
        assert!(ip(&["-n", near, "addr", "add", "10.89.0.1/24", "dev", "eth0"]));
        for host in HOSTS {
            assert!(ip(&["-n", far, "addr", "add", &format!("10.89.0.{host}/24"), "dev", "eth0"]));
        }
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

fn ip(words: &[&str]) -> bool {
    Command::new("ip").args(words).output().is_ok_and(|output| output.status.success())
}

#[test]
fn a_network_of_namespaces_is_scanned() {
    if std::env::var_os(INSIDE).is_some() {
        return tokio::runtime::Runtime::new().unwrap().block_on(scan_from_inside());
    }
    let Some(namespaces) = Namespaces::new() else { return };
    let test = std::env::current_exe().unwrap();
    let output = Command::new("ip")
        .args(["netns", "exec", &namespaces.near])
        .arg(test)
        .args(["--exact", "a_network_of_namespaces_is_scanned", "--nocapture"])
        .env(INSIDE, &namespaces.near)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Never called in the machine's own namespace.
async fn scan_from_inside() {
    let subnets = own_subnets().unwrap();
    assert_eq!(subnets.len(), 1);
    assert_eq!((subnets[0].interface.as_str(), subnets[0].net.to_string()), ("eth0", "10.89.0.0/24".to_owned()));
    let own = Ipv4Addr::new(10, 89, 0, 1);
    assert_eq!(own_address_towards(Ipv4Addr::new(10, 89, 0, 31).into()), Some(own.into()));

    for (method, by) in [(ScanMethod::Arp, SeenBy::Arp), (ScanMethod::Connect, SeenBy::Connect)] {
        let (news, mut heard) = mpsc::unbounded_channel();
        let request = ScanRequest { method, port: 22, ..ScanRequest::default() };
        let begin = Instant::now();
        Scanner::default().scan(request, news, CancellationToken::new()).await.unwrap();
        let took = begin.elapsed();
        assert!(took < Duration::from_secs(4), "{method:?} took {took:?}");
        let (mut found, mut cards) = (HashSet::new(), HashSet::new());
        while let Some(news) = heard.recv().await {
            if let ScanNews::Host(host) = news {
                assert!(host.seen_by.contains(&by), "{host:?}");
                found.insert(host.address);
                // From the first, so that nobody takes a host whose card is known later for another one.
                cards.insert(host.mac.expect("the card is known"));
            }
        }
        assert_eq!(found, HOSTS.iter().map(|host| Ipv4Addr::new(10, 89, 0, *host).into()).collect());
        assert_eq!(cards.len(), 1, "one card has all these addresses");
    }
}
