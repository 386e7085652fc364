//! The main job by the command line: from freshly booted hosts to a benchmarked cluster.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::collections::BTreeSet;
use std::f64::consts::PI;

use pictl_tests::{Ended, LIMIT, Lab, Operator, eventually, run, skip, unless_lab_runs_here};
use serde_json::Value;

const SETUP: [&str; 7] = ["setup", "--user", "pi", "--password-stdin", "--trust", "new", "--yes"];
const BENCH: [&str; 6] = ["bench", "pi", "--slices", "16", "--slice-size", "200000"];

/// All that a second setup could have changed on a node: name, time and hash of every file, links with their goals.
/// Left out are caches, the programs that runs deploy, and the folder in which runs come and go.
const FINGERPRINT: &str = "sudo find /etc /home/pi '(' -path /home/pi/.cache -o -path /home/pi/.pictl/bench \
    -o -path /home/pi/.pictl/runs ')' -prune -o -type f -printf '%T@ ' -exec sha256sum '{}' ';' \
    -o -printf '%T@ %p %y %l\\n' | sort";

/// What a run's record says of its end.
fn summary(run: &Value) -> &Value {
    let summary = &run["summary"];
    assert!(summary.is_object(), "the run has no end: {run}");
    summary
}

fn check_pi(summary: &Value, ranks: usize) {
    assert_eq!(summary["outcome"], "succeeded", "{summary}");
    let value = summary["value"].as_f64().unwrap();
    // The error of Leibniz's series is below its first term left out.
    let bound = 4.0 / (2.0 * 16.0 * 200_000.0);
    assert!((value - PI).abs() < bound, "{value}");
    let all = summary["ranks"].as_array().unwrap();
    assert_eq!(all.len(), ranks);
    assert!(all.iter().all(|r| r["done"] == true), "a rank is not complete: {summary}");
    let slices: u64 = all.iter().map(|r| r["slices"].as_u64().unwrap()).sum();
    assert_eq!(slices, 16, "{summary}");
    for node in summary["nodes"].as_array().unwrap() {
        assert!(node["max_temp"].as_f64().is_some_and(|t| (20.0..100.0).contains(&t)), "no temperature: {node}");
    }
}

/// The last state of every step on every node, as `setup --json` reports it.
fn outcomes(ended: &Ended) -> Vec<(String, String)> {
    let events = ended.json();
    let mut last = std::collections::BTreeMap::new();
    for event in events.iter().filter(|e| e["event"]["kind"] == "step") {
        let report = &event["event"]["report"];
        let word = |key: &str| report[key].as_str().unwrap().to_owned();
        last.insert((word("node"), word("step")), word("state"));
    }
    last.into_iter().map(|((node, step), state)| (format!("{step} on {node}"), state)).collect()
}

/// A host name as `ssh pi01` finds it on the head, without a question and without an option of ours.
fn every_pair_works(me: &Operator, nodes: usize) {
    let names: Vec<_> = (1..=nodes).map(|n| format!("pi{n:02}")).collect();
    let line = format!(
        "for n in {}; do ssh -o BatchMode=yes -o StrictHostKeyChecking=yes $n hostname </dev/null; done",
        names.join(" ")
    );
    for from in 1..=nodes {
        assert_eq!(me.on(from, &line).lines().collect::<Vec<_>>(), names, "from pi{from:02}");
    }
}

/// `mpirun` typed by hand on the head.
fn mpirun_by_hand(me: &Operator, options: &str, ranks: usize) -> Vec<String> {
    let ended = run(me.ssh(1, &format!("mpirun -machinefile machinefile {options} -n {ranks} hostname")), "").with(0);
    let mut names: Vec<_> = ended.out.lines().map(str::to_owned).collect();
    names.sort();
    names
}

fn scan_finds_four_pis(me: &Operator) {
    let hosts = me.run(&["scan", "--json"]).with(0).json();
    let addresses: Vec<_> = hosts.iter().map(|h| h["ip"].as_str().unwrap()).collect();
    assert_eq!(addresses, ["10.77.0.31", "10.77.0.32", "10.77.0.33", "10.77.0.34"]);
    let macs: BTreeSet<_> = hosts.iter().map(|h| h["mac"].as_str().unwrap()).collect();
    assert_eq!(macs.len(), 4, "{macs:?}");
    for host in &hosts {
        assert_eq!(host["pi"], true, "{host}");
        assert_eq!(host["vendor"], "Raspberry Pi", "{host}");
        assert!(host["ssh"].as_str().unwrap().starts_with("SSH-2.0-OpenSSH_"), "{host}");
        assert!(host["rtt_ms"].is_number() && host["names"].is_array(), "{host}");
        assert!(host["seen_by"].as_array().unwrap().iter().any(|how| how == "arp"), "{host}");
    }
}

/// The names that the hosts have now are those on the network, a moment after the names were changed.
fn scan_finds_the_new_names(me: &Operator) {
    eventually("all four names are heard", LIMIT, || {
        let hosts = me.run(&["scan", "--json"]).with(0).json();
        let names: Vec<_> = hosts.iter().map(|h| h["hostname"].as_str().unwrap_or_default()).collect();
        (names == ["pi01.local", "pi02.local", "pi03.local", "pi04.local"]).then_some(())
    });
}

fn a_second_setup_changes_nothing(me: &Operator) {
    let before: Vec<_> = (1..=4).map(|n| me.on(n, FINGERPRINT)).collect();
    assert!(before.iter().all(|files| files.contains("  /etc/hosts\n")), "{}", before[0]);
    assert!(before[0].contains("  /home/pi/machinefile\n"), "{}", before[0]);
    let again = me.run(&["setup", "--yes", "--json"]).with(0);
    let outcomes = outcomes(&again);
    assert_eq!(outcomes.len(), 4 * 12 + 2, "steps: {outcomes:?}");
    for (step, state) in outcomes {
        assert_eq!(state, "already_so", "{step}");
    }
    for (number, before) in (1..=4).zip(before) {
        let after = me.on(number, FINGERPRINT);
        let changed: Vec<_> = after.lines().filter(|line| !before.lines().any(|old| old == *line)).collect();
        assert!(changed.is_empty() && after.len() == before.len(), "changed on node {number}: {changed:#?}");
    }
}

fn a_name_outlives_a_restart(lab: &Lab, me: &Operator) {
    lab.fault("kill", "n2");
    lab.fault("start", "n2");
    let name = eventually("pi02 answers again", LIMIT, || {
        let ended = run(me.ssh(2, "hostname; cat /etc/hosts"), "");
        (ended.code == 0).then_some(ended.out)
    });
    assert!(name.starts_with("pi02\n"), "{name}");
    for n in 1..=4 {
        let line = format!("10.77.0.{}", 30 + n);
        let there = name.lines().any(|l| l.split_whitespace().eq([line.as_str(), &format!("pi{n:02}")]));
        assert!(there, "{line} is not in /etc/hosts:\n{name}");
    }
}

fn benchmarks_and_their_records(me: &Operator) {
    let ended = me.run(&[&BENCH[..], &["-n", "4"]].concat()).with(0).says(&["outcome  succeeded", "slices   16 of 16"]);
    assert!(ended.out.contains("value    3.14159"), "{}", ended.out);
    me.run(&[&BENCH[..], &["-n", "1"]].concat()).with(0);
    me.run(&[&BENCH[..], &["-n", "2", "--repeat", "2"]].concat()).with(0);

    // Newest first.
    let runs = me.run(&["runs", "list", "--json"]).with(0).json();
    let ranks: Vec<_> = runs.iter().map(|r| r["plan"]["ranks"].as_u64().unwrap()).collect();
    assert_eq!(ranks, [2, 2, 1, 4]);
    for (record, ranks) in runs.iter().zip([2, 2, 1, 4]) {
        check_pi(summary(record), ranks);
    }
    let places: Vec<_> = runs.iter().map(|r| (&r["plan"]["series"]["index"], &r["plan"]["series"]["of"])).collect();
    assert_eq!(places[..2], [(&2.into(), &2.into()), (&1.into(), &2.into())]);
    let hosts: BTreeSet<_> =
        runs[3]["summary"]["ranks"].as_array().unwrap().iter().map(|r| r["host"].as_str()).collect();
    assert_eq!(hosts.len(), 4, "the ranks are not spread over the nodes: {hosts:?}");

    let listed = me.run(&["runs", "list"]).with(0).out;
    let id = runs[3]["plan"]["id"].as_str().unwrap();
    assert!(listed.contains(id) && listed.matches("succeeded").count() == 4, "{listed}");
    me.run(&["runs", "show", id]).with(0).says(&["pi[01-04]", "Open MPI 4.1.4", "slices   16 of 16"]);
    me.run(&["runs", "show", "nothing"]).with(2).says(&["no run"]);
}

fn small_commands(me: &Operator) {
    let cores = me.on(1, "nproc").trim().to_owned();
    let text = |words: &[&str]| me.run(words).with(0).out;
    let hosts = |text: &str| text.lines().filter(|l| !l.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    let addresses = hosts(&text(&["machinefile"]));
    assert_eq!(addresses, [31, 32, 33, 34].map(|n| format!("pi@10.77.0.{n} slots={cores}")));
    let names = hosts(&text(&["machinefile", "--mpi", "mpich", "--names", "--nodes", "pi[02-03]"]));
    assert_eq!(names, ["pi02", "pi03"].map(|n| format!("{n}:{cores} user=pi")));

    let nodes = me.run(&["nodes", "list", "--json"]).with(0).json();
    let heads: Vec<_> = nodes.iter().map(|n| (n["name"].as_str().unwrap(), n["head"].as_bool().unwrap())).collect();
    assert_eq!(heads, [("pi01", true), ("pi02", false), ("pi03", false), ("pi04", false)]);

    let ended = me.run(&["exec", "--", "echo same; [ $(hostname) != pi02 ] || { echo other; exit 5; }"]).with(1);
    let lines: Vec<_> = ended.out.lines().collect();
    assert_eq!(lines, ["pi[01,03-04] (3)", "  same", "pi02 (1)", "  same", "  other", "  exit status 5"]);
}

#[test]
fn four_fresh_hosts_become_a_cluster() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "4"]);
    let me = Operator::new(&lab);
    scan_finds_four_pis(&me);
    me.run(&["scan", "--save"]).with(0).says(&["4 new nodes"]);
    let setup = run(me.pictl(&[&SETUP[..], &["--json"]].concat()), "raspberry\n").with(0);
    let failed: Vec<_> = outcomes(&setup).into_iter().filter(|(_, s)| s != "done" && s != "already_so").collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert!(!setup.out.contains("raspberry\""), "the password is in the output");

    let cores: usize = me.on(1, "nproc").trim().parse().unwrap();
    let names = ["pi01", "pi02", "pi03", "pi04"];
    // Four ranks fill the slots of the first nodes; one rank a node, or as many as there are slots, reach every node.
    assert_eq!(mpirun_by_hand(&me, "", 4).len(), 4);
    assert_eq!(mpirun_by_hand(&me, "--map-by node", 4), names);
    let all_slots: Vec<_> = names.iter().flat_map(|name| vec![*name; cores]).collect();
    assert_eq!(mpirun_by_hand(&me, "", 4 * cores), all_slots);
    every_pair_works(&me, 4);
    scan_finds_the_new_names(&me);

    a_second_setup_changes_nothing(&me);
    benchmarks_and_their_records(&me);
    small_commands(&me);
    a_name_outlives_a_restart(&lab, &me);
}

#[test]
fn trixie_and_its_open_mpi_5() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--os", "trixie"]);
    let me = Operator::new(&lab);
    me.set_up();
    every_pair_works(&me, 2);
    assert_eq!(mpirun_by_hand(&me, "--map-by node", 2), ["pi01", "pi02"]);
    let again = me.run(&["setup", "--yes", "--json"]).with(0);
    assert!(outcomes(&again).iter().all(|(_, state)| state == "already_so"), "{:?}", outcomes(&again));
    me.run(&[&BENCH[..], &["-n", "2"]].concat()).with(0);
    me.run(&["runs", "show"]).with(0).says(&["Open MPI 5.0"]);
    let runs = me.run(&["runs", "list", "--json"]).with(0).json();
    check_pi(summary(&runs[0]), 2);
}

#[test]
fn sudo_with_a_password() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--sudo", "password", "--with-mpi", "openmpi"]);
    let me = Operator::new(&lab);
    me.run(&["scan", "--save"]).with(0);

    // The login password is right, that for sudo is not.
    let with_sudo = [&SETUP[..], &["--sudo-password-stdin"]].concat();
    let wrong = run(me.pictl(&with_sudo), "raspberry\nwrong\n").with(1);
    let wrong = wrong.says(&["sudo: 1 incorrect password attempt", "give the right sudo password"]);
    let steps = |word: &str| wrong.err.lines().filter(|l| l.contains(word)).count();
    assert_eq!(steps("connect       done"), 2, "the login itself works\n{}", wrong.err);
    assert_eq!(steps("hosts         failed"), 2, "{}", wrong.err);
    assert_eq!(me.on(1, "grep -c pictl /etc/hosts || true"), "0\n");

    // The same password is tried for sudo, on all nodes at once.
    let right = run(me.pictl(&[&SETUP[..], &["--json"]].concat()), "raspberry\n").with(0);
    let asked = right.json().iter().filter(|e| e["event"]["question"]["question"] == "sudo_password").count();
    assert_eq!(asked, 1);
    every_pair_works(&me, 2);
    me.run(&[&BENCH[..], &["-n", "2"]].concat()).with(0);
}
