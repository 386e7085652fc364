//! Scans of a network with hosts of every kind on it: by root, by users with the one capability they need, and by one who
//! may do nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::chown;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use pictl_tests::{Dashboard, Ended, Home, Running, Segment, pictl, run, skip, unless_lab_runs_here};
use rustix::process::Signal;
use serde_json::{Value, json};

/// nobody.
const ANYBODY: u32 = 65534;
const BANNER: &str = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3";
const LIMIT: Duration = Duration::from_secs(30);

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Root,
    /// An ordinary user; the program has the capability, as `setcap` gives it.
    WithCapableFile,
    /// An ordinary user who has the capability and hands it on.
    WithCapability,
    /// An ordinary user.
    Anybody,
}

/// A home, and the program that somebody starts there.
struct User {
    who: Who,
    home: Home,
    program: PathBuf,
}

impl User {
    fn new(who: Who) -> Self {
        let home = Home::new();
        // Where an ordinary user may read it.
        let program = home.path().join("pictl");
        fs::copy(pictl(), &program).unwrap();
        if who == Who::WithCapableFile {
            run(command("setcap", &["cap_net_raw+ep", program.to_str().unwrap()]), "").with(0);
        }
        if who != Who::Root {
            for path in [home.path(), &home.path().join("tmp")] {
                chown(path, Some(ANYBODY), Some(ANYBODY)).unwrap();
            }
        }
        Self { who, home, program }
    }

    /// A scan that tells JSON.
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

fn command(program: &str, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(words);
    command
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
    let services = json!(["_ssh._tcp", "_sftp-ssh._tcp", "_workstation._tcp"]);
    let ssh = |banner: &str, manner: &str| json!({ "banner": banner, "manner": manner });
    vec![
        odd("pi", 31, json!({ "mdns": { "name": "raspberrypi", "services": services } })),
        odd("small", 32, json!({ "mac": "f0:40:af:9a:00:32", "ssh": ssh("SSH-2.0-OpenSSH_9.2p1 Raspbian-2+deb12u3", "") })),
        odd("nas", 33, json!({ "mac": "00:11:32:00:00:33", "ssh": ssh("SSH-2.0-dropbear_2022.83", "") })),
        odd("machine", 34, json!({ "mac": "52:54:00:00:00:34" })),
        odd("nossh", 35, json!({ "ssh": null })),
        odd("port", 36, json!({ "ssh": { "banner": BANNER, "port": 2222 } })),
        odd("long", 37, json!({ "ssh": ssh(&"SSH-2.0-".repeat(1250), "") })),
        odd("escapes", 38, json!({ "ssh": ssh("SSH-2.0-\u{1b}[2J\u{1b}]0;owned\u{7}x\u{9b}31m", "") })),
        odd("endless", 39, json!({ "ssh": ssh(&"x".repeat(1000), "endless") })),
        odd("drip", 40, json!({ "ssh": ssh(BANNER, "drip") })),
        odd("mute", 41, json!({ "ssh": ssh(BANNER, "mute") })),
        odd("colours", 42, json!({ "mdns": { "name": "evil\u{1b}[31m\n\u{202e}pi", "services": services } })),
        odd("late", 43, json!({ "arp": { "late": 300 } })),
        odd("later", 44, json!({ "arp": { "late": 900 } })),
        odd("half", 45, json!({ "arp": { "every": 2 } })),
        odd("comes", 46, json!({ "arp": { "after": 1 } })),
        odd("goes", 47, json!({ "arp": { "leaves": true } })),
        odd("one", 48, json!({ "mac": "b8:27:eb:00:01:48" })),
        odd("other", 48, json!({ "mac": "b8:27:eb:00:02:48" })),
        odd("liar", 49, json!({ "mdns": { "name": "liar", "claims": ["10.78.0.32"] } })),
        odd("both", 50, json!({
            "also": { "mac": "b8:27:eb:00:00:51", "addresses": ["10.78.0.51"] },
            "mdns": { "name": "bothcards", "services": services },
        })),
        odd("router", 60, json!({ "mac": "00:16:3e:00:00:60", "ssh": null, "arp": { "claims": ["10.78.0.64/28"] } })),
        pi("left", 99),
    ]
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

/// Looks at the zoo as `who`, and checks everything that must hold.
fn look_at_the_zoo(who: Who, method: &str) {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let mut segment = Segment::up(&json!({ "capture": true, "hosts": zoo() }));
    let mut words = vec!["--method", method];
    words.extend(LEFT_OUT.iter().flat_map(|range| ["--exclude", range]));
    words.extend(ASKED);
    let ended = User::new(who).scan(&segment, &words).with(0);
    let hosts = hosts(&ended);
    let by_arp = method == "arp" || (method == "auto" && who != Who::Anybody);

    // Everybody, and nobody who is not there; how many of a router's claims are told does not matter.
    let claimed = 64..80;
    let there: BTreeSet<u8> = (31..=50).chain([51, 60]).collect();
    let really: BTreeSet<u8> = found(&hosts).into_iter().filter(|last| !claimed.contains(last)).collect();
    // A folded card is told with its host.
    let folded: BTreeSet<u8> = there.difference(&really).copied().collect();
    assert!(folded == BTreeSet::from([51]) || folded == BTreeSet::from([50]), "missing: {folded:?}\n{}", ended.err);
    assert_eq!(really.difference(&there).count(), 0, "{really:?}");

    let at = |last: u8| &hosts[&format!("10.78.0.{last}")];
    for last in there.difference(&folded) {
        let host = at(*last);
        assert_eq!(seen_by(host, "arp"), by_arp, "{host}");
        assert!(host["mac"].is_string(), "{host}");
    }
    let both = &hosts[if folded.contains(&50) { "10.78.0.51" } else { "10.78.0.50" }];
    let also = both["also"].to_string();
    assert!(also.contains("10.78.0.50") || also.contains("10.78.0.51"), "{both}");

    // Who is what.
    assert_eq!(at(31)["pi"], true);
    assert_eq!(at(31)["hostname"], "raspberrypi.local");
    assert_eq!(at(31)["ssh"], BANNER);
    assert!(seen_by(at(31), "mdns"));
    assert_eq!(at(32)["pi"], true, "a prefix of 28 bits");
    assert_eq!(at(32)["hostname"], Value::Null, "what another one says of it is not believed");
    assert_eq!(at(49)["hostname"], "liar.local");
    assert_eq!(at(33)["pi"], false);
    assert!(at(33)["vendor"].as_str().unwrap().contains("Synology"), "{}", at(33));
    for last in [35, 36, 40, 41, 47] {
        assert_eq!(at(last)["ssh"], Value::Null, "{}", at(last));
    }

    // What is odd is told, and only where it is so.
    for (address, host) in &hosts {
        let last: u8 = address.rsplit('.').next().unwrap().parse().unwrap();
        assert_eq!(has_flag(host, "local_mac"), last == 34, "{host}");
        assert_eq!(has_flag(host, "proxy_arp"), last == 60 || claimed.contains(&last), "{host}");
        if by_arp {
            assert_eq!(has_flag(host, "contested"), last == 48, "{host}");
        }
        // Nothing of a host can do anything to a screen.
        let texts = ["ssh", "hostname", "vendor", "model"].map(|field| host[field].as_str().unwrap_or_default());
        assert!(texts.iter().all(|text| !text.contains(is_hostile) && text.len() < 300), "{host}");
    }

    // OpenSSH counts connections that end without a login.
    for (host, connections) in segment.connections() {
        let most = u32::from(host != "left" && host != "port") * if host == "both" { 2 } else { 1 };
        assert!(connections <= most, "{connections} to {host}");
        assert!(connections >= 1 || most == 0 || host == "goes" || host == "one" || host == "other", "none to {host}");
    }
    asked_only(&mut segment, |last| (16..=127).contains(&last) && !(99..=110).contains(&last) || last == 200);
}

/// Checks that the operator's own frames went to addresses that were asked for and nowhere else. The one exception is the group of
/// multicast DNS, where names are asked for.
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
    look_at_the_zoo(Who::Root, "arp");
}

#[test]
fn root_asks_without_arp() {
    look_at_the_zoo(Who::Root, "connect");
}

#[test]
fn a_user_asks_by_arp_with_a_capable_program() {
    look_at_the_zoo(Who::WithCapableFile, "auto");
}

#[test]
fn a_user_asks_by_arp_with_the_capability() {
    look_at_the_zoo(Who::WithCapability, "auto");
}

#[test]
fn anybody_asks() {
    look_at_the_zoo(Who::Anybody, "auto");
}

#[test]
fn who_may_not_ask_by_arp_is_told() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let segment = Segment::up(&json!({ "hosts": [pi("pi", 31)] }));
    User::new(Who::Anybody).scan(&segment, &["--method", "arp"]).with(3).says(&["setcap cap_net_raw+ep"]);
}

/// Nobody there but one who answers after most of a second, as Wi-Fi in deep sleep does.
#[test]
fn patience_finds_those_who_sleep() {
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

#[test]
fn a_card_is_known_by_its_ipv6_addresses_too() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let segment = Segment::up(&json!({ "ipv6": true, "hosts": [pi("pi", 31), pi("other", 32)] }));
    let neighbour = "ip neigh add fe80::31 lladdr b8:27:eb:00:00:1f dev eth0 nud stale";
    run(segment.command(&Home::new(), &neighbour.split(' ').collect::<Vec<_>>()), "").with(0);
    for who in [Who::Root, Who::Anybody] {
        let hosts = hosts(&User::new(who).scan(&segment, &[]).with(0));
        let knows = |last: u8| hosts[&format!("10.78.0.{last}")]["others"].as_array().unwrap().contains(&json!("fe80::31"));
        assert!(knows(31) && !knows(32), "{who:?}: {hosts:?}");
    }
}

#[test]
fn only_networks_of_real_cards_are_looked_at_unasked() {
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
fn a_watch_tells_who_comes_who_goes_and_who_moves() {
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

/// What a look again finds changed is marked, and who was marked by the user stays so.
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
        let row = |address: &str, words: &str| screen.lines().any(|line| line.contains(address) && line.contains(words));
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
    let hosts: Vec<_> = zoo().into_iter().filter(|host| host["name"] == "escapes" || host["name"] == "colours").collect();
    let segment = Segment::up(&json!({ "hosts": hosts }));
    let ended = segment.run(&Home::new(), &["--plain", "scan"]).with(0).says(&["10.78.0.38", "10.78.0.42"]);
    let hostile = |c: char| c != '\n' && is_hostile(c);
    assert!(!ended.out.contains(hostile) && !ended.err.contains(hostile), "{ended:?}");
}

/// The card and the Wi-Fi of one machine, each of which answers for both addresses, as Linux does unless told otherwise.
#[test]
fn a_machine_whose_cards_answer_for_each_other_is_one() {
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
