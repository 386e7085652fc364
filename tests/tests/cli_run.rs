//! `pictl run`, `bench`, `exec` and `runs` without a dashboard, on simulated Pis: how they are asked for, and what they print.
#![allow(clippy::unwrap_used, reason = "in tests a surprise is a failure")]

mod sim;

use std::fs;

use pictl_lab::sim::SimSpec;
use pictl_tests::{LIMIT, Terminal, pictl, run};
use sim::Cluster;

/// A cluster on which programs run, its nodes called pi01, pi02, …
fn cluster(nodes: u16) -> Cluster {
    let cluster = Cluster::known(SimSpec { nodes, ..SimSpec::default() });
    cluster.run(&["setup", "--password-stdin", "--trust", "new", "--yes"], "raspberry\n").with(0);
    cluster
}

/// The hosts of the newest run, in their order, with their slots.
fn hosts(cluster: &Cluster) -> Vec<(String, u64)> {
    let runs = cluster.run(&["runs", "list", "--json"], "").with(0).json();
    let hosts = runs[0]["plan"]["hosts"].as_array().unwrap().clone();
    hosts.iter().map(|host| (host["name"].as_str().unwrap().to_owned(), host["slots"].as_u64().unwrap())).collect()
}

#[test]
fn no_option_becomes_the_program() {
    let cluster = Cluster::start(SimSpec { nodes: 1, ..SimSpec::default() });
    for (words, says) in [
        (&["run", "--timout", "5", "hostname"][..], "'--timeout'"),
        (&["run", "--repeat", "3", "hostname"], "--repeat is an option of pictl bench"),
        (&["run", "--only", "mpi", "hostname"], "--only is an option of pictl setup"),
        (&["run", "-np", "many", "hostname"], "invalid value 'many' for '-n <N>'"),
        (&["run", "--mca", "btl", "tcp", "hostname"], "--mca is an option of mpirun"),
        (&["bench", "pi", "--timout", "5"], "'--timeout'"),
        (&["exec", "--timout", "5", "--", "hostname"], "'--timeout'"),
        (&["exec", "-np", "2", "hostname"], "pictl run starts ranks"),
        (&["scan", "-sn", "10.0.0.0/24"], "try: pictl scan 10.0.0.0/24"),
        (&["lab", "exec", "--nmae", "x", "--", "true"], "'--name'"),
    ] {
        let ended = cluster.run(words, "").with(2);
        assert!(ended.err.contains(says) && ended.out.is_empty(), "{words:?}: {}", ended.err);
    }
    // None of them was a run.
    assert_eq!(cluster.run(&["runs", "list"], "").with(0).out, "");
}

#[test]
fn options_of_mpirun_are_understood_and_choose_nodes() {
    let cluster = cluster(3);
    let shown = cluster.run(&["run", "-np", "4", "--", "hostname"], "").with(0).out;
    let mut names: Vec<&str> = shown.lines().collect();
    names.sort_unstable();
    assert_eq!(names, ["pi01", "pi01", "pi02", "pi03"]);

    // A machinefile of either kind: its hosts in its order, with its slots.
    let file = cluster.home.path().join("hosts");
    fs::write(&file, format!("pi03 slots=1\n# {}\n{}\n", cluster.address(1), cluster.address(0))).unwrap();
    for option in ["-machinefile", "--machinefile", "--hostfile", "-hostfile", "-f"] {
        cluster.run(&["run", "-np", "2", option, "hosts", "hostname"], "").with(0);
    }
    let cores = hosts(&cluster)[1].1;
    assert_eq!(hosts(&cluster), [("pi03".to_owned(), 1), ("pi01".to_owned(), cores)]);
    let lines = cluster.run(&["run", "-f", "hosts", "hostname"], "").with(0).out.lines().count();
    assert_eq!(lines as u64, 1 + cores, "one rank for each slot");
    cluster.run(&["bench", "hostname", "-host", "pi02:2,pi03"], "").with(0);
    assert_eq!(hosts(&cluster)[0], ("pi02".to_owned(), 2));
    let ended = cluster.run(&["exec", "-f", "hosts", "hostname"], "").with(0);
    assert!(ended.out.contains("pi03") && !ended.out.contains("pi02"), "{}", ended.out);

    fs::write(&file, "pi01\npi09 slots=2\n").unwrap();
    for words in
        [&["run", "-f", "hosts", "hostname"][..], &["bench", "hello", "-f", "hosts"], &["exec", "-f", "hosts", "id"]]
    {
        cluster.run(words, "").with(2).says(&["line 2: pi09 is not a node of the cluster; its nodes are pi[01-03]"]);
    }
    cluster.run(&["run", "-f", "hosts", "--nodes", "pi01", "hostname"], "").with(2).says(&["give one of them"]);
    cluster.run(&["run", "-f", "no-such", "hostname"], "").with(2).says(&["machinefile no-such: "]);
}

#[test]
fn a_failed_run_leads_to_its_output() {
    let cluster = cluster(2);
    let failed = cluster.run(&["run", "-n", "2", "cat", "/no/such/file"], "").with(1);
    let hint = failed.err.lines().find(|line| line.contains("pictl runs show")).unwrap().to_owned();
    let shown = cluster.run(&["runs", "show"], "").with(0).out;
    assert!(shown.contains("! cat: /no/such/file: No such file or directory"), "{shown}");
    // What the hint says works as it stands there.
    let command = hint.split_once("pictl ").unwrap().1;
    let words: Vec<&str> = command.split_whitespace().collect();
    let all = cluster.run(&words, "").with(0).out;
    assert!(all.lines().any(|line| line == "cat: /no/such/file: No such file or directory"), "{command}: {all}");
    let events = cluster.run(&["runs", "show", "--output", "--json"], "").with(0).json();
    assert!(!events.is_empty() && events.iter().all(|event| event["event"]["event"]["what"] == "output"));
}

#[test]
fn a_run_without_slices_ends_without_a_table_of_zeros() {
    let cluster = cluster(2);
    let ended = cluster.run(&["run", "-n", "2", "hostname"], "").with(0);
    assert!(ended.err.contains("on pi01: finished") && ended.err.contains("on pi02: finished"), "{}", ended.err);
    assert!(!ended.err.contains("slices"), "{}", ended.err);
    let ended = cluster.run(&["bench", "pi", "--slices", "4", "--slice-size", "1000"], "").with(0);
    assert!(ended.out.contains("slices   4 of 4"), "{}", ended.out);
}

#[test]
fn runs_are_called_by_their_program() {
    let cluster = cluster(1);
    fs::write(cluster.home.path().join("x.sh"), "true\n").unwrap();
    for (words, name) in [
        (&["env", "A=b", "hostname"][..], "hostname"),
        (&["python3", "-m", "timeit"], "timeit"),
        (&["bash", "x.sh"], "x.sh"),
    ] {
        // Whether the simulated Pi knows the program does not matter here.
        cluster.run(&[&["run", "-n", "1"], words].concat(), "");
        let runs = cluster.run(&["runs", "list", "--json"], "").with(0).json();
        assert_eq!(runs[0]["plan"]["workload"]["name"], name);
    }
}

#[test]
fn at_a_terminal_a_run_has_bars_and_its_lines_say_who_printed_them() {
    let cluster = cluster(2);
    let start = |words: &[&str]| Terminal::start((100, 30), &pictl(), words, cluster.home.environment());
    let mut terminal = start(&["run", "-n", "2", "hostname"]);
    terminal.wait_for_text("1 pi02 | pi02", LIMIT);
    let end = terminal.wait_for_end(LIMIT);
    assert_eq!(end.code, 0);
    assert!(end.screen.contains("0 pi01 | pi01") && end.screen.contains("outcome  succeeded"), "{}", end.screen);
    assert!(!end.screen.contains('█') && !end.screen.contains('░'), "the bars are gone: {}", end.screen);

    let words = ["bench", "pi", "--slices", "40", "--slice-size", "10000000"];
    let mut terminal = start(&words);
    terminal.wait_for_text("of 40 slices", LIMIT);
    let end = terminal.wait_for_end(5 * LIMIT);
    assert!(end.code == 0 && end.screen.contains("slices   40 of 40"), "{}", end.screen);

    // Plain lines stay as the program printed them, at a terminal too.
    let end = start(&["run", "--plain", "-n", "2", "hostname"]).wait_for_end(LIMIT);
    assert!(end.screen.lines().any(|line| line.trim_end() == "pi02"), "{}", end.screen);
    let piped = run(cluster.home.pictl(&["run", "-n", "2", "hostname"]), "").with(0);
    assert!(piped.out.lines().all(|line| ["pi01", "pi02"].contains(&line)), "{}", piped.out);
}
