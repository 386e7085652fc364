//! One board is one node, whatever interface answers; and what this computer refuses to do is no silence.
#![allow(clippy::unwrap_used, reason = "in tests a surprise is a failure")]

use std::collections::BTreeSet;
use std::fs;

use pictl_tests::{Ended, Home, LIMIT, Lab, Operator, Running, Segment, repository, run, skip, unless_lab_runs_here};
use serde_json::{Value, json};

const LOGIN: [&str; 6] = ["setup", "--user", "pi", "--password-stdin", "--trust", "new"];
const STEPS: [&str; 2] = ["--only", "operator-key,hosts,hostname"];
const WIFI: (&str, &str) = ("2c:cf:67:e9:02:f2", "10.77.0.42");

/// The members as `nodes list` has them: name, address, MAC.
fn members(me: &Operator) -> Vec<(String, String, String)> {
    let text = |member: &Value, key: &str| member[key].as_str().unwrap_or_default().to_owned();
    let listed = me.run(&["--json", "nodes", "list"]).with(0).json();
    listed.iter().map(|m| (text(m, "name"), text(m, "address"), text(m, "mac"))).collect()
}

fn names(me: &Operator) -> Vec<String> {
    members(me).into_iter().map(|(name, ..)| name).collect()
}

/// `ip LINE` in the network namespace of a node; its output.
fn on_node(lab: &Lab, number: usize, line: &str) -> String {
    let mut command = std::process::Command::new("ip");
    command.args(["-n", &format!("pictl-lab.{}.n{number}", lab.name())]).args(line.split(' '));
    run(command, "").with(0).out
}

/// A setup of names and keys by password; no MPI is needed to see who is who.
fn set_up(me: &Operator) -> Ended {
    run(me.pictl(&[&LOGIN[..], &["--yes"], &STEPS].concat()), "raspberry\n")
}

/// The cable and the Wi-Fi of one board in one network: a setup, and then the Wi-Fi comes up.
#[test]
fn a_board_with_cable_and_wifi_stays_one_node_after_a_setup() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "3", "--with-mpi", "none"]);
    let me = Operator::new(&lab);
    me.run(&["scan", "--save"]).with(0);
    set_up(&me).with(0);
    let before = members(&me);
    assert_eq!(before.len(), 3);

    lab.second_interface(2, WIFI.0, WIFI.1);
    for method in ["arp", "connect", "arp"] {
        if method == "connect" {
            // Without ARP a scan sees one interface for an address: it has to know the board's, which the board reports.
            me.run(&[&["setup", "--yes"], &STEPS[..]].concat()).with(0);
        }
        let ended = me.run(&["scan", "--save", "--method", method]).with(0).says(&["0 new nodes"]);
        assert!(!ended.err.contains("does not answer"), "{}", ended.err);
        assert_eq!(names(&me), ["pi01", "pi02", "pi03"], "{method}");
    }
    // Nobody is renamed, and nothing is left to do.
    me.run(&[&["setup", "--yes"], &STEPS[..]].concat()).with(0);
    assert_eq!(me.on(2, "hostname").trim(), "pi02");
    assert_eq!(names(&me), ["pi01", "pi02", "pi03"]);

    // Its cable is pulled: it is reached by its Wi-Fi, without a question.
    lab.fault("unplug", "n2");
    // As a network manager does then; an address that stays is answered for by the other interface.
    on_node(&lab, 2, "addr del 10.77.0.32/24 dev eth0");
    let ended = me.run(&["scan", "--save"]).with(0).says(&["0 new nodes"]);
    assert!(!ended.err.contains("does not answer"), "{}", ended.err);
    assert_eq!(members(&me)[1].1, WIFI.1);
    me.run(&["exec", "--", "hostname"]).with(0).says(&["pi01", "pi02", "pi03"]);
    lab.fault("plug", "n2");
    on_node(&lab, 2, "addr add 10.77.0.32/24 dev eth0");
    me.run(&["scan", "--save"]).with(0).says(&["0 new nodes"]);
    assert_eq!(names(&me), ["pi01", "pi02", "pi03"]);
}

/// The same before pictl has ever logged in: scans know the board by its interfaces, and what they cannot know the first login
/// finds out.
#[test]
fn a_board_with_cable_and_wifi_is_one_node_before_a_setup() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "none"]);
    lab.second_interface(2, WIFI.0, WIFI.1);
    let me = Operator::new(&lab);
    for _ in 0..2 {
        me.run(&["scan", "--save"]).with(0);
        assert_eq!(names(&me), ["pi01", "pi02"]);
    }
    // As if a scan had taken it for two: it is one again before anything is changed.
    let file = me.home.path().join("data/pictl/clusters/default/cluster.toml");
    let before = fs::read_to_string(&file).unwrap();
    let links = on_node(&lab, 2, "-br link show eth0");
    let cable = links.split_whitespace().find(|word| word.contains(':')).unwrap();
    let (others, _) = before.rsplit_once("[[node]]").unwrap();
    let node = |name: &str, (mac, at): (&str, &str)| {
        format!(
            "[[node]]\nid = \"{mac}\"\nname = \"{name}\"\naddress = \"{at}\"\nport = 22\nuser = \"pi\"\nmac = \"{mac}\"\nhead = false\n\n"
        )
    };
    fs::write(&file, format!("{others}{}{}", node("pi02", (cable, "10.77.0.32")), node("pi03", WIFI))).unwrap();
    assert_eq!(names(&me).len(), 3);
    set_up(&me).says(&["the same board as pi02"]);
    assert_eq!(names(&me), ["pi01", "pi02"]);
    assert_eq!(me.on(2, "hostname").trim(), "pi02");
    assert!(!me.on(1, "cat /etc/hosts").contains("pi03"));
}

/// What pictl once wrote for such a board: two entries at one address. It is explained, and becomes one.
#[test]
fn an_old_inventory_with_one_board_twice_is_explained_and_mended() {
    let home = Home::new();
    let folder = home.path().join("data/pictl/clusters/default");
    fs::create_dir_all(&folder).unwrap();
    let entry = |name: &str, mac: &str, head: bool| {
        format!(
            "[[node]]\nid = \"{mac}\"\nname = \"{name}\"\naddress = \"127.0.0.32\"\nport = 22\nuser = \"pi\"\nmac = \"{mac}\"\nhead = {head}\n"
        )
    };
    let text = format!("version = 1\n{}{}", entry("pi02", "dc:a6:32:00:00:02", true), entry("pi04", WIFI.0, false));
    fs::write(folder.join("cluster.toml"), text).unwrap();
    let mut list = std::process::Command::new(pictl_tests::pictl());
    list.args(["nodes", "list"]).env_clear().envs(home.environment()).current_dir(home.path());
    let ended = run(list, "").with(0).says(&["pi02 and pi04 were one board (address 127.0.0.32)"]);
    assert!(!ended.out.contains("pi04"), "{}", ended.out);
}

/// Two members that get each other's address from DHCP, and one that gets another.
#[test]
fn members_that_swap_addresses_are_recognised() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "3", "--with-mpi", "none"]);
    let me = Operator::new(&lab);
    me.run(&["scan", "--save"]).with(0);
    set_up(&me).with(0);
    let before = members(&me);
    let readdress = |number: usize, to: &str| {
        on_node(&lab, number, "addr flush dev eth0 scope global");
        on_node(&lab, number, &format!("addr add {to}/24 dev eth0"));
    };
    readdress(1, "10.77.0.77");
    readdress(2, "10.77.0.33");
    readdress(3, "10.77.0.32");
    me.run(&["scan", "--save"]).with(0).says(&["0 new nodes"]);
    let after = members(&me);
    let macs =
        |members: &[(String, String, String)]| members.iter().map(|m| (m.0.clone(), m.2.clone())).collect::<Vec<_>>();
    assert_eq!(macs(&after), macs(&before));
    let places: Vec<_> = after.iter().map(|m| m.1.as_str()).collect();
    assert_eq!(places, ["10.77.0.77", "10.77.0.33", "10.77.0.32"]);
    // Each is recognised by its host key: nothing is asked, and none is called an intruder.
    me.run(&["exec", "--", "hostname"]).with(0).says(&["pi01", "pi02", "pi03", "is recognised at"]);
}

// ---- what this computer refuses

/// A host with an SSH server at 10.78.0.LAST.
fn pi(name: &str, last: u8) -> Value {
    let mac = format!("b8:27:eb:00:00:{last:02x}");
    json!({ "name": name, "mac": mac, "addresses": [format!("10.78.0.{last}")], "ssh": {} })
}

fn segment() -> Segment {
    Segment::up(&json!({ "hosts": [pi("one", 31), pi("two", 32)] }))
}

/// `pictl --json scan` with these words, started by `before`.
fn scan(segment: &Segment, home: &Home, before: &[&str], words: &[&str]) -> Ended {
    let program = pictl_tests::pictl();
    let all = [before, &[program.to_str().unwrap(), "--json", "scan"], words].concat();
    run(segment.command(home, &all), "")
}

fn found(ended: &Ended) -> BTreeSet<String> {
    ended.json().iter().map(|host| host["ip"].as_str().unwrap().to_owned()).collect()
}

/// An emulator of another processor refuses a call that is not needed.
#[test]
fn a_scan_makes_no_call_that_it_does_not_need() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let (segment, home) = (segment(), Home::new());
    let refuse = repository().join("tests/refuse.py");
    let before = ["python3", refuse.to_str().unwrap(), "bind_device", "EFAULT"];
    for method in ["connect", "arp"] {
        let ended = scan(&segment, &home, &before, &["--method", method, "10.78.0.31-40"]).with(0);
        assert_eq!(found(&ended), BTreeSet::from(["10.78.0.31".to_owned(), "10.78.0.32".to_owned()]), "{method}");
        assert!(ended.json().iter().all(|host| host["ssh"].is_string()), "{}", ended.out);
    }
}

#[test]
fn what_this_computer_refuses_is_counted_and_is_no_silence() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let (segment, home) = (segment(), Home::new());
    let refuse = repository().join("tests/refuse.py");
    let refuse = refuse.to_str().unwrap();
    scan(&segment, &home, &[], &["--save", "10.78.0.31-32"]).with(0);
    // Neighbours, by the neighbour probe.
    for (call, errno, words) in
        [("sendto", "EPERM", "Operation not permitted"), ("sendto", "ENOBUFS", "No buffer space")]
    {
        let before = ["python3", refuse, call, errno];
        let ended = scan(&segment, &home, &before, &["--method", "connect", "10.78.0.51-60"]).with(3).says(&[words]);
        assert!(ended.err.contains("none of the 10 addresses"), "{}", ended.err);
        assert!(!ended.err.contains("does not answer"), "{}", ended.err);
    }
    // Not even its own networks can be read: that is said, and the rest is done.
    let before = ["python3", refuse, "netlink", "EPERM"];
    let ended = scan(&segment, &home, &before, &["--method", "connect", "10.78.0.31-40"]).with(0);
    assert_eq!(found(&ended).len(), 2);
    ended.says(&["does not show its network interfaces", "Operation not permitted"]);
    scan(&segment, &home, &before, &["--method", "arp", "10.78.0.31-40"]).with(3).says(&["reading the interfaces"]);
    // Behind a router: a route that is forbidden, one that leads nowhere, and none.
    let route = |kind: &str| run(segment.command(&home, &["ip", "route", "add", kind, "10.79.0.0/24"]), "").with(0);
    for (kind, words) in [("prohibit", "Permission denied"), ("unreachable", "No route to host")] {
        route(kind);
        scan(&segment, &home, &[], &["10.79.0.1-9"]).with(3).says(&["none of the 9 addresses", words]);
        run(segment.command(&home, &["ip", "route", "del", kind, "10.79.0.0/24"]), "").with(0);
    }
    scan(&segment, &home, &[], &["10.79.0.1-9"]).with(3).says(&["none of the 9 addresses", "Network is unreachable"]);
    // Only a part of it: the rest is found, and the count is reported.
    let ended = scan(&segment, &home, &[], &["10.78.0.31-32", "10.79.0.1-9"]).with(0).says(&["to 9 addresses"]);
    assert_eq!(found(&ended).len(), 2);
    // A host that is found by ARP and cannot be connected to from here has not "no SSH server".
    let before = ["python3", refuse, "connect", "EPERM"];
    let ended = scan(&segment, &home, &before, &["--method", "arp", "10.78.0.31-32"]).with(0);
    assert_eq!(found(&ended).len(), 2);
    ended.says(&["no connection could be made to 2 addresses", "Operation not permitted"]);
}

#[test]
fn without_open_files_nothing_is_taken_for_silence() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let (segment, home) = (segment(), Home::new());
    // Enough for the program itself, and for a few connections of many.
    let ended = scan(&segment, &home, &["prlimit", "--nofile=40:40"], &["--method", "connect", "127.0.9.1-250"]);
    let reported = ended.err.contains("Too many open files");
    assert!(reported || ended.code == 0, "{}", ended.err);
    assert!(reported, "250 connections at once with 40 files: {}", ended.err);
}

#[test]
fn an_interface_that_goes_down_in_the_middle_makes_nobody_gone() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let (segment, home) = (segment(), Home::new());
    segment.run(&home, &["scan", "--save"]).with(0);
    for method in ["arp", "connect"] {
        let words = ["--plain", "scan", "--thorough", "--method", method];
        let mut scan = Running::start(segment.pictl(&home, &words), "");
        scan.wait_for("10.78.0.31", LIMIT);
        run(segment.command(&home, &["ip", "link", "set", "eth0", "down"]), "").with(0);
        let ended = scan.wait_for_end(LIMIT);
        assert!(!ended.err.contains("does not answer"), "{method}: {}", ended.err);
        let says = ["went down", "down", "unreachable"].iter().any(|why| ended.err.contains(why));
        assert!(says, "{method}: {}", ended.err);
        run(segment.command(&home, &["ip", "link", "set", "eth0", "up"]), "").with(0);
    }
}
