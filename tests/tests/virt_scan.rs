//! Scans of a network with hosts of every kind: by root, by users with the one capability that they need, and by a user
//! without any privilege.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::chown;
use std::path::PathBuf;
use std::process::Command;

use pictl_tests::{Dashboard, Ended, Home, LIMIT, Running, Segment, pictl, run, skip, unless_lab_runs_here};
use rustix::process::Signal;
use serde_json::{Value, json};

/// nobody.
const ANYBODY: u32 = 65534;
const BANNER: &str = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3";

/// Who scans.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Root,
    /// An ordinary user; the program has the capability, as `setcap` gives it.
    WithCapableFile,
    /// An ordinary user who has the capability and passes it on.
    WithCapability,
    /// An ordinary user.
    Anybody,
}

/// A home, and the program that its user starts there.
struct User {
    who: Who,
    home: Home,
    program: PathBuf,
}

impl User {
    fn new(who: Who) -> Self {
        let home = Home::new();
        // Where an ordinary user can read it.
        let program = home.path().join("pictl");
        fs::copy(pictl(), &program).unwrap();
        if who == Who::WithCapableFile {
            let mut setcap = Command::new("setcap");
            setcap.arg("cap_net_raw+ep").arg(&program);
            run(setcap, "").with(0);
        }
        if who != Who::Root {
            for path in [home.path(), &home.path().join("tmp")] {
                chown(path, Some(ANYBODY), Some(ANYBODY)).unwrap();
            }
        }
        Self { who, home, program }
    }

    /// A scan that prints JSON.
    fn scan(&self, segment: &Segment, words: &[&str]) -> Ended {
        let mut all = vec!["setpriv", "--clear-groups"];
        if self.who != Who::Root {
            all.extend(["--reuid=65534", "--regid=65534"]);
        }
        if self.who == Who::WithCapability {
            all.extend(["--inh-caps=+net_raw", "--ambient-caps=+net_raw"]);
        }
        all.extend([self.program.to_str().unwrap(), "--json", "scan"]);
        all.extend(words);
        run(segment.command(&self.home, &all), "")
    }
}

/// A host with an SSH server as a Raspberry Pi's, at 10.78.0.LAST.
fn pi(name: &str, last: u8) -> Value {
    json!({
        "name": name,
        "mac": format!("b8:27:eb:00:00:{last:02x}"),
        "addresses": [format!("10.78.0.{last}")],
        "ssh": { "banner": BANNER },
    })
}

/// The same with more, or other, fields.
fn odd(name: &str, last: u8, fields: Value) -> Value {
    let mut host = pi(name, last);
    let Value::Object(fields) = fields else { panic!("{fields}") };
    host.as_object_mut().unwrap().extend(fields);
    host
}

/// Hosts of every kind.
fn zoo() -> Vec<Value> {
    let mdns = |name: &str| json!({ "mdns": { "name": name, "services": ["_ssh._tcp", "_sftp-ssh._tcp"] } });
    let ssh = |banner: &str, manner: &str| json!({ "ssh": { "banner": banner, "manner": manner } });
    let with_mac = |mac: &str| json!({ "mac": mac });
    let second_interface = json!({
        "also": { "mac": "b8:27:eb:00:00:51", "addresses": ["10.78.0.51"] },
        "mdns": { "name": "bothcards" },
    });
    let router = json!({ "mac": "00:16:3e:00:00:60", "ssh": null, "arp": { "claims": ["10.78.0.64/28"] } });
    vec![
        odd("named", 31, mdns("raspberrypi")),
        odd("prefix28", 32, with_mac("f0:40:af:9a:00:32")),
        odd("nas", 33, with_mac("00:11:32:00:00:33")),
        odd("made-up", 34, with_mac("52:54:00:00:00:34")),
        odd("nossh", 35, json!({ "ssh": null })),
        odd("port", 36, json!({ "ssh": { "port": 2222 } })),
        odd("long", 37, ssh(&"SSH-2.0-".repeat(1250), "line")),
        odd("escapes", 38, ssh("SSH-2.0-\u{1b}[2J\u{1b}]0;owned\u{7}x\u{9b}31m", "line")),
        odd("endless", 39, ssh(&"x".repeat(1000), "endless")),
        odd("drip", 40, ssh(BANNER, "drip")),
        odd("mute", 41, ssh(BANNER, "mute")),
        odd("colours", 42, mdns("evil\u{1b}[31m\n\u{202e}pi")),
        odd("late", 43, json!({ "arp": { "late": 300 } })),
        odd("later", 44, json!({ "arp": { "late": 900 } })),
        odd("half", 45, json!({ "arp": { "every": 2 } })),
        odd("comes", 46, json!({ "arp": { "after": 1 } })),
        odd("goes", 47, json!({ "arp": { "leaves": true } })),
        odd("one", 48, with_mac("b8:27:eb:00:01:48")),
        odd("other", 48, with_mac("b8:27:eb:00:02:48")),
        odd("liar", 49, json!({ "mdns": { "name": "liar", "claims": ["10.78.0.32"] } })),
        odd("both", 50, second_interface),
        odd("router", 60, router),
        pi("left", 99),
    ]
}

/// The addresses for which the router answers although there is no host. How many of them a scan reports does not matter.
fn is_claimed(last: u8) -> bool {
    (64..80).contains(&last)
}

/// What is asked for in [`zoo`], and what is left out of it.
const ASKED: [&str; 2] = ["10.78.0.16-127", "10.78.0.200"];
const LEFT_OUT: [&str; 2] = ["10.78.0.99", "10.78.0.100-110"];

/// The hosts of a scan by address.
fn hosts(ended: &Ended) -> BTreeMap<String, Value> {
    let all = ended.json().into_iter().map(|host| (host["ip"].as_str().unwrap().to_owned(), host));
    all.collect()
}

/// Their addresses; all are in 10.78.0.0/24.
fn found(hosts: &BTreeMap<String, Value>) -> BTreeSet<u8> {
    hosts.keys().map(|address| address.strip_prefix("10.78.0.").unwrap().parse().unwrap()).collect()
}

fn at(hosts: &BTreeMap<String, Value>, last: u8) -> &Value {
    &hosts[&format!("10.78.0.{last}")]
}

fn has_flag(host: &Value, flag: &str) -> bool {
    host["flags"].as_array().is_some_and(|flags| flags.iter().any(|f| f["flag"] == flag))
}

/// It could change what a terminal shows, or the order in which it is read.
fn is_hostile(c: char) -> bool {
    c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)
}

fn seen_by(host: &Value, by: &str) -> bool {
    host["seen_by"].as_array().unwrap().iter().any(|b| b == by)
}

/// Scans the zoo as `who`, and checks everything that must hold.
fn scan_the_zoo(who: Who, method: &str) {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let mut segment = Segment::up(&json!({ "capture": true, "hosts": zoo() }));
    let mut words = vec!["--method", method];
    words.extend(LEFT_OUT.iter().flat_map(|range| ["--exclude", range]));
    words.extend(ASKED);
    let ended = User::new(who).scan(&segment, &words).with(0);
    let by_arp = method == "arp" || (method == "auto" && who != Who::Anybody);

    let hosts = hosts(&ended);
    everybody_is_there(&hosts, by_arp);
    they_are_what_they_are(&hosts);
    what_is_odd_is_reported(&hosts, by_arp);
    each_took_one_connection(&segment.connections());
    asked_only(&mut segment, |last| (16..=127).contains(&last) && !(99..=110).contains(&last) || last == 200);
}

/// Every host that is there, no other, and two network interfaces of one machine as one host.
fn everybody_is_there(hosts: &BTreeMap<String, Value>, by_arp: bool) {
    let mut all: BTreeSet<u8> = found(hosts).into_iter().filter(|last| !is_claimed(*last)).collect();
    assert!(all.contains(&50) != all.contains(&51), "{all:?}");
    let (host, other) = if all.contains(&50) { (50, 51) } else { (51, 50) };
    assert_eq!(at(hosts, host)["also"][0]["address"], format!("10.78.0.{other}"));
    all.insert(other);
    assert_eq!(all, (31..=51).chain([60]).collect());
    for host in hosts.values() {
        assert_eq!(seen_by(host, "arp"), by_arp, "{host}");
        assert!(host["mac"].is_string(), "{host}");
    }
}

fn they_are_what_they_are(hosts: &BTreeMap<String, Value>) {
    let at = |last| at(hosts, last);
    assert!(at(31)["pi"] == true && at(31)["hostname"] == "raspberrypi.local" && at(31)["ssh"] == BANNER, "{}", at(31));
    assert!(seen_by(at(31), "mdns"), "{}", at(31));
    assert_eq!(at(32)["pi"], true, "a prefix of 28 bits");
    assert_eq!(at(32)["hostname"], Value::Null, "what another one says of it is not believed");
    assert_eq!(at(49)["hostname"], "liar.local");
    assert_eq!(at(33)["pi"], false);
    assert!(at(33)["vendor"].as_str().unwrap().contains("Synology"), "{}", at(33));
    for last in [35, 36, 39, 40, 41, 47] {
        assert_eq!(at(last)["ssh"], Value::Null, "{}", at(last));
    }
    for host in hosts.values() {
        let texts = ["ssh", "hostname", "vendor", "model"].map(|field| host[field].as_str().unwrap_or_default());
        assert!(texts.iter().all(|text| !text.contains(is_hostile) && text.len() < 300), "{host}");
    }
}

/// Also that it is reported nowhere else.
fn what_is_odd_is_reported(hosts: &BTreeMap<String, Value>, by_arp: bool) {
    for (address, host) in hosts {
        let last: u8 = address.rsplit('.').next().unwrap().parse().unwrap();
        assert_eq!(has_flag(host, "local_mac"), last == 34, "{host}");
        assert_eq!(has_flag(host, "proxy_arp"), last == 60 || is_claimed(last), "{host}");
        // The kernel's table has one MAC address for an IP address.
        if by_arp {
            assert_eq!(has_flag(host, "contested"), last == 48, "{host}");
        }
    }
}

/// OpenSSH counts connections that end without a login.
fn each_took_one_connection(connections: &BTreeMap<String, u32>) {
    for (host, &taken) in connections {
        let expected = match host.as_str() {
            // One is not asked, the other not at that port.
            "left" | "port" => 0..=0,
            "both" => 1..=2,
            // One is gone by then, and of the other two one has the address, whichever spoke last.
            "goes" | "one" | "other" => 0..=1,
            _ => 1..=1,
        };
        assert!(expected.contains(&taken), "{host} took {taken}");
    }
}

/// Checks that the operator's frames went to addresses that were asked for and nowhere else. The one exception is the group
/// of multicast DNS, where names are asked for.
#[track_caller]
fn asked_only(segment: &mut Segment, asked: impl Fn(u8) -> bool) {
    let sent = segment.sent();
    assert!(sent.iter().any(|sent| sent.protocol == "arp"), "nothing was captured: {sent:?}");
    for sent in sent {
        let last = sent.to.strip_prefix("10.78.0.").and_then(|last| last.parse().ok());
        let named = (sent.protocol.as_str(), sent.to.as_str()) == ("udp/5353", "224.0.0.251");
        assert!(named || last.is_some_and(&asked), "{sent:?}");
    }
}

#[test]
fn root_asks_by_arp() {
    scan_the_zoo(Who::Root, "arp");
}

#[test]
fn root_asks_without_arp() {
    scan_the_zoo(Who::Root, "connect");
}

#[test]
fn a_user_asks_by_arp_with_a_capable_program() {
    scan_the_zoo(Who::WithCapableFile, "auto");
}

#[test]
fn a_user_asks_by_arp_with_the_capability() {
    scan_the_zoo(Who::WithCapability, "auto");
}

#[test]
fn anybody_asks() {
    scan_the_zoo(Who::Anybody, "auto");
}

#[test]
fn a_user_without_the_right_to_send_arp_gets_a_hint() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let segment = Segment::up(&json!({ "hosts": [pi("pi", 31)] }));
    User::new(Who::Anybody).scan(&segment, &["--method", "arp"]).with(3).says(&["setcap cap_net_raw+ep"]);
}

/// One host alone, which answers after almost a second, as Wi-Fi in deep sleep does.
#[test]
fn a_thorough_scan_finds_hosts_that_answer_late() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let segment = Segment::up(&json!({ "hosts": [odd("sleeper", 31, json!({ "arp": { "late": 900 } }))] }));
    for who in [Who::Root, Who::Anybody] {
        let ended = User::new(who).scan(&segment, &["--thorough"]).with(0);
        assert_eq!(found(&hosts(&ended)), BTreeSet::from([31]), "{who:?}");
    }
}

/// Eight Raspberry Pis at 10.78.0.31 and up.
fn pis() -> Vec<Value> {
    (1..=8).map(|n| pi(&format!("pi{n}"), 30 + n)).collect()
}

#[test]
fn a_bad_network_hides_nobody() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let segment = Segment::up(&json!({ "loss": 0.2, "delay": 80, "hosts": pis() }));
    let home = Home::new();
    let runs = if std::env::var_os("PICTL_SLOW").is_some() { 10 } else { 3 };
    for n in 1..=runs {
        let ended = segment.run(&home, &["--json", "scan"]).with(0);
        assert_eq!(found(&hosts(&ended)), (31..=38).collect(), "in run {n}");
    }
}

/// Twice as many addresses as the kernel's table of neighbours takes at once.
#[test]
fn anybody_asks_a_wide_network() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let addresses: BTreeSet<_> = (0..8).map(|n| format!("10.78.{n}.{}", 7 + 31 * n)).collect();
    let there = |(address, n): (&String, u8)| odd(&format!("pi{n}"), n, json!({ "addresses": [address] }));
    let there: Vec<_> = addresses.iter().zip(1..).map(there).collect();
    let segment = Segment::up(&json!({ "subnet": "10.78.0.0/21", "operator": "10.78.7.254", "hosts": there }));
    let ended = User::new(Who::Anybody).scan(&segment, &["--yes", "10.78.0.0/21"]).with(0);
    assert_eq!(hosts(&ended).into_keys().collect::<BTreeSet<_>>(), addresses);
}

#[test]
fn a_host_is_known_by_its_ipv6_addresses_too() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let segment = Segment::up(&json!({ "ipv6": true, "hosts": [pi("pi", 31), pi("other", 32)] }));
    let neighbour = "ip neigh add fe80::31 lladdr b8:27:eb:00:00:1f dev eth0 nud stale";
    run(segment.command(&Home::new(), &neighbour.split(' ').collect::<Vec<_>>()), "").with(0);
    for who in [Who::Root, Who::Anybody] {
        let hosts = hosts(&User::new(who).scan(&segment, &[]).with(0));
        let knows = |last| at(&hosts, last)["others"].as_array().unwrap().contains(&json!("fe80::31"));
        assert!(knows(31) && !knows(32), "{who:?}: {hosts:?}");
    }
}

#[test]
fn only_networks_of_real_interfaces_are_scanned_by_default() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let mut segment = Segment::up(&json!({ "capture": true, "hosts": [pi("pi", 31)] }));
    let home = Home::new();
    let others = "
        ip link add docker0 type bridge && ip addr add 172.17.0.1/24 dev docker0 && ip link set docker0 up
        ip link add virbr0 type bridge && ip addr add 192.168.122.1/24 dev virbr0 && ip link set virbr0 up
        ip tuntap add dev tun0 mode tun && ip addr add 10.6.0.1/24 dev tun0 && ip link set tun0 up";
    run(segment.command(&home, &["sh", "-ec", others]), "").with(0);
    let ended = segment.run(&home, &["--json", "scan"]).with(0).says(&["docker0", "virbr0"]);
    assert_eq!(found(&hosts(&ended)), BTreeSet::from([31]));
    asked_only(&mut segment, |_| true);

    // Of all that was asked for nothing can be asked.
    segment.run(&home, &["scan", "--interface", "eth7"]).with(2).says(&["eth7"]);
    run(segment.command(&home, &["ip", "link", "set", "eth0", "down"]), "").with(0);
    segment.run(&home, &["scan", "--interface", "eth0"]).with(2).says(&["eth0", "down"]);
}

#[test]
fn a_watch_reports_hosts_that_come_go_and_move() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let hosts = [pi("stays", 31), pi("goes", 32), pi("moves", 33), odd("comes", 34, json!({ "away": true }))];
    let mut segment = Segment::up(&json!({ "hosts": hosts }));
    let home = Home::new();
    let mut watch = Running::start(segment.pictl(&home, &["--json", "scan", "--watch=1"]), "");
    let mut until = |address: &str, change: &Value| {
        watch.wait_for_line(&format!("{address} {change}"), LIMIT, |line| {
            let host: Value = serde_json::from_str(line).unwrap();
            host["ip"] == address && host["change"] == *change
        });
    };
    until("10.78.0.33", &Value::Null);
    segment.join("comes");
    until("10.78.0.34", &json!("new"));
    segment.leave("goes");
    until("10.78.0.32", &json!("gone"));
    segment.move_to("moves", "10.78.0.43");
    until("10.78.0.43", &json!("moved"));
    watch.signal(Signal::INT);
    watch.wait_for_end(LIMIT).with(0);
}

/// What a second scan finds changed is marked, and what the user has marked stays marked.
#[test]
fn the_dashboard_marks_what_changed() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let hosts = [pi("stays", 31), pi("goes", 32), pi("moves", 33), odd("comes", 34, json!({ "away": true }))];
    let mut segment = Segment::up(&json!({ "hosts": hosts }));
    let home = Home::new();
    let mut dashboard = Dashboard::on(segment.terminal(&home, &[]), 3);
    dashboard.find();
    segment.join("comes");
    segment.leave("goes");
    segment.move_to("moves", "10.78.0.43");
    dashboard.press("s");
    dashboard.terminal.wait_for("what changed", LIMIT, |screen| {
        let row =
            |address: &str, words: &str| screen.lines().any(|line| line.contains(address) && line.contains(words));
        row("10.78.0.34", "new") && row("10.78.0.32", "gone") && row("10.78.0.43", "moved from .33")
    });
    dashboard.see("3 marked");
    assert_eq!(dashboard.quit().code, 0);
}

/// Nothing that a host says of itself reaches the terminal as it is.
#[test]
fn no_name_and_no_banner_reaches_the_terminal_as_it_is() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let hosts: Vec<_> =
        zoo().into_iter().filter(|host| host["name"] == "escapes" || host["name"] == "colours").collect();
    let segment = Segment::up(&json!({ "hosts": hosts }));
    let ended = segment.run(&Home::new(), &["--plain", "scan"]).with(0).says(&["10.78.0.38", "10.78.0.42"]);
    let hostile = |c: char| c != '\n' && is_hostile(c);
    assert!(!ended.out.contains(hostile) && !ended.err.contains(hostile), "{ended:?}");
}

/// The Ethernet and Wi-Fi interfaces of one machine, each of which answers for both addresses, as Linux does by default.
#[test]
fn a_machine_whose_interfaces_answer_for_each_other_is_one_host() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let both = json!({
        "also": { "mac": "b8:27:eb:00:00:33", "addresses": ["10.78.0.51"] },
        "flux": true,
        "mdns": { "name": "bothcards" },
    });
    let segment = Segment::up(&json!({ "hosts": [odd("both", 50, both)] }));
    let ended = segment.run(&Home::new(), &["--json", "scan"]).with(0);
    let hosts = hosts(&ended);
    assert_eq!(hosts.len(), 1, "{}", ended.out);
    assert!(hosts.values().all(|host| !has_flag(host, "contested")), "{}", ended.out);
}
