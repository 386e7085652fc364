//! Every benchmark that pictl brings along, on real hosts, with its result checked.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::time::Duration;

use pictl_tests::{Ended, LIMIT, Lab, Operator, Process, Running, address, run, skip, unless_lab_runs_here};
use rustix::process::Signal;
use serde_json::Value;

/// hpcc takes seconds on an idle machine, and minutes where all cores are taken.
const LONG: Duration = LIMIT.saturating_mul(20);

/// Runs a benchmark that has to succeed, and what its record says of its end.
#[track_caller]
fn bench(me: &Operator, words: &[&str]) -> Value {
    me.run(&[&["bench"], words].concat()).with(0).says(&["outcome  succeeded"]);
    last(me, words)
}

/// What the record of the newest run says of its end.
#[track_caller]
fn last(me: &Operator, words: &[&str]) -> Value {
    let runs = me.run(&["runs", "list", "--json"]).with(0).json();
    let summary = runs[0]["summary"].clone();
    assert_eq!(summary["workload"]["name"], words[0], "{summary}");
    let ranks = summary["ranks"].as_array().unwrap();
    assert!(ranks.iter().all(|r| r["done"] == true), "{summary}");
    summary
}

/// Slices done by each rank.
fn slices(summary: &Value) -> Vec<u64> {
    summary["ranks"].as_array().unwrap().iter().map(|r| r["slices"].as_u64().unwrap()).collect()
}

/// What a benchmark computed and what it was compared with.
fn values(summary: &Value) -> (f64, f64) {
    (summary["value"].as_f64().unwrap(), summary["expected"].as_f64().unwrap())
}

fn whole_numbers_come_out_exactly(me: &Operator) {
    let hello = bench(me, &["hello", "-n", "4"]);
    assert_eq!(values(&hello), (6.0, 6.0));
    let hosts: Vec<_> = hello["ranks"].as_array().unwrap().iter().map(|r| r["host"].as_str().unwrap()).collect();
    assert!(hosts.contains(&"pi01") && hosts.contains(&"pi02"), "{hosts:?}");

    let scatter = bench(me, &["scatter", "-n", "4", "--slice-size", "1000"]);
    assert_eq!(values(&scatter), (8_002_000.0, 8_002_000.0));
    assert_eq!(slices(&scatter), [1, 1, 1, 1]);

    let example = bench(me, &["example", "-n", "3"]);
    assert_eq!(values(&example), (3.0 * 68e6, 3.0 * 68e6));
    assert!(example["program_seconds"].as_f64().unwrap() > 0.0, "{example}");

    me.run(&["runs", "show"]).with(0).says(&["value    204000000, exactly right"]);

    let primes = bench(me, &["primes", "-n", "4", "--slices", "20", "--slice-size", "1000"]);
    assert_eq!(values(&primes), (2262.0, 2262.0));
    assert_eq!(slices(&primes).iter().sum::<u64>(), 20);
}

fn pi_is_dealt_out_in_both_schemes(me: &Operator) {
    let size = ["--slices", "30", "--slice-size", "100000"];
    let ours = bench(me, &[&["pi", "-n", "3"], &size[..]].concat());
    let theirs = bench(me, &[&["pi-published", "-n", "3"], &size[..]].concat());
    for summary in [&ours, &theirs] {
        assert_eq!(slices(summary).iter().sum::<u64>(), 30, "{summary}");
    }
    assert!(slices(&ours).iter().all(|n| *n > 0), "every rank works: {ours}");
    assert_eq!(slices(&theirs)[0], 0, "rank 0 only gives out slices: {theirs}");

    let alone = me.run(&["bench", "pi-published", "-n", "1"]).with(2);
    alone.says(&["pi-published needs at least 2 ranks"]);
    let by_hand = "timeout 120 mpirun -n 1 /usr/bin/python3 -m mpi4py .pictl/bench/pi-published.py";
    let ended = run(me.ssh(1, by_hand), "");
    assert!(ended.code != 0 && ended.code != 124, "it waits for ever: {}", ended.code);
    ended.says(&["start it with at least 2 ranks"]);
}

/// Compiled on each node, once.
fn pi_in_c(me: &Operator) {
    let words = ["pi", "--lang", "c", "-n", "2", "--slices", "8", "--slice-size", "20000000"];
    me.run(&[&["bench"], &words[..]].concat()).with(0).says(&["outcome  succeeded"]);
    let summary = last(me, &["pi-c"]);
    assert_eq!(slices(&summary).iter().sum::<u64>(), 8, "{summary}");
    let made = |number| me.on(number, "stat -c %y .pictl/bench/pi; cat .pictl/bench/pi.hash");
    let before = [made(1), made(2)];
    bench(me, &["pi-c", "-n", "2", "--slices", "8", "--slice-size", "20000000"]);
    assert_eq!(before, [made(1), made(2)], "it was compiled again");
}

fn what_is_no_benchmark_is_refused(me: &Operator) {
    me.run(&["bench", "chess"]).with(2).says(&["pi-published", "primes", "hello", "scatter", "example"]);
    me.run(&["bench", "hello", "--slices", "3"]).with(2).says(&["has no option --slices"]);
    me.run(&["bench", "--help"]).with(0).says(&["primes counted by trial division"]);
}

/// A shell line after which this Python adds up wrongly: what a user has in the home does not count for pictl's programs, a
/// module of the system does.
fn sums_wrongly(python: &str) -> String {
    format!(
        "echo 'import builtins; builtins.sum = lambda *a, right=sum: right(*a) + 1' >/tmp/wrong.pth && \
         sudo cp /tmp/wrong.pth $({python} -c 'import site; print(site.getsitepackages()[0])')/"
    )
}

const SUMS_RIGHT: &str =
    "sudo rm -f /usr/local/lib/python3*/dist-packages/wrong.pth ~/.pictl/venv/lib/python3*/site-packages/wrong.pth";

/// A node whose Python adds up wrongly, as one with broken memory might.
fn a_wrong_result_is_found_out(me: &Operator) {
    me.on(2, &sums_wrongly("/usr/bin/python3"));
    for words in [&["scatter", "-n", "2"][..], &["primes", "-n", "2", "--slices", "8", "--slice-size", "1000"]] {
        let wrong = me.run(&[&["bench"], words].concat()).with(4);
        wrong.says(&["outcome  wrong result", "would be right"]);
        let summary = last(me, words);
        let (value, expected) = values(&summary);
        assert!(value > expected, "{summary}");
    }
    me.on(2, SUMS_RIGHT);
}

fn without_a_compiler(me: &Operator) {
    me.on(2, "sudo rm /usr/bin/mpicc.openmpi");
    let ended = me.run(&["bench", "pi-c", "-n", "2"]).with(1);
    ended.says(&["no C compiler for MPI on 1 of 2 nodes", "libopenmpi-dev"]);
}

fn the_launch_test_names_every_host(me: &Operator) {
    let names = bench(me, &["hostname", "-n", "3"]);
    assert_eq!(values(&names), (3.0, 3.0));
}

/// A node that does not go by the name it has in the cluster.
fn a_stray_host_is_found_out(me: &Operator) {
    me.on(2, "sudo hostname raspberrypi");
    let wrong = me.run(&["bench", "hostname", "-n", "2"]).with(4);
    wrong.says(&["rank 1 ran on raspberrypi, which is not a node of this run"]);
    me.on(2, "sudo hostname pi02");
}

fn each_pair_is_measured(me: &Operator) {
    let words = ["pingpong", "-n", "3"];
    me.run(&[&["bench"], &words[..]].concat()).with(0).says(&["above: latency in µs, below: bandwidth in MB/s"]);
    let summary = last(me, &words);
    assert_eq!(values(&summary), (3.0, 3.0));
    assert_eq!(slices(&summary), [2, 1, 0], "each pair is reported by its first rank");
    me.run(&["runs", "show"]).with(0).says(&["above: latency in µs"]);
    let events = me.run(&["runs", "replay", "--json"]).with(0).json();
    let pairs: Vec<_> = events.iter().map(|e| &e["event"]["event"]).filter(|e| e["what"] == "pair").collect();
    assert_eq!(pairs.len(), 3);
    let seconds = summary["elapsed"].as_f64().unwrap() / 1000.0;
    for pair in pairs {
        let (latency, bandwidth) = (pair["latency"].as_f64().unwrap(), pair["bandwidth"].as_f64().unwrap());
        // Seconds and bytes a second: the program took longer than one message, and sent more than a mebibyte each way.
        assert!(latency > 0.0 && latency < seconds && bandwidth * seconds > f64::from(1 << 20), "{pair}");
    }
    // One rank a node where nothing is said.
    assert_eq!(values(&bench(me, &["pingpong"])), (1.0, 1.0));
    me.run(&["bench", "pingpong", "-n", "1"]).with(2).says(&["needs at least 2 ranks"]);
}

#[track_caller]
fn hpl(me: &Operator, words: &[&str]) -> Ended {
    let words = [&["bench", "hpl", "-n", "2", "--size", "256", "--block", "32"], words].concat();
    Running::start(me.pictl(&words), "").wait_for_end(LONG)
}

fn hpl_solves_what_it_is_asked(me: &Operator) {
    hpl(me, &[]).with(0).says(&[
        "HPL: N 256, NB 32, grid 1x2",
        "by published results of such boards",
        "...... PASSED",
        "HPL_N=256",
        "GFLOPS",
        "outcome  succeeded",
    ]);
    let summary = last(me, &["hpl"]);
    assert!(summary["value"].as_f64().unwrap() > 0.0, "{summary}");
    assert!(summary["program_seconds"].as_f64().unwrap() > 0.0, "{summary}");
    let wish = &summary["workload"]["hpl"];
    assert_eq!((&wish["size"], &wish["block"]), (&Value::from(256), &Value::from(32)));
    assert!(slices(&summary)[0] >= 16, "{summary}");
    me.run(&["bench", "hpl", "-n", "2", "--grid", "2x2"]).with(2).says(&["a grid of 2x2 needs 4 ranks"]);
    me.run(&["bench", "hello", "--size", "256"]).with(2).says(&["are for hpl, not for hello"]);
}

/// An hpcc that solves something else, and calls that a success as it does itself with too few ranks.
fn another_matrix_is_found_out(me: &Operator) {
    let other = r#"#!/bin/sh\n[ ! -e hpccinf.txt ] || sed -i "s/^256 /128 /" hpccinf.txt\nexec /usr/bin/hpcc.true\n"#;
    me.on(1, "sudo mv /usr/bin/hpcc /usr/bin/hpcc.true");
    me.on(1, &format!("printf '{other}' | sudo tee /usr/bin/hpcc >/dev/null; sudo chmod 755 /usr/bin/hpcc"));
    hpl(me, &[]).with(4).says(&["outcome  wrong result", "hpcc solved N 128 NB 32 grid 1x2 instead of N 256"]);
}

fn without_hpcc(me: &Operator) {
    me.on(2, "sudo rm /usr/bin/hpcc");
    let refused = hpl(me, &[]).with(2);
    refused.says(&["hpcc is missing on pi02", "pictl exec -- sudo apt-get install -y hpcc libopenblas0-pthread"]);
}

fn parallel_python_adds_up(me: &Operator) {
    // The first time, where the distribution has none, each node makes its virtual environment.
    let words = ["ppsum", "--slices", "16", "--slice-size", "5000"];
    let ended = Running::start(me.pictl(&[&["bench"], &words[..]].concat()), "").wait_for_end(LONG).with(0);
    ended.says(&["job count | % of all jobs | job time sum | time per job | job server", &address(2)]);
    let summary = last(me, &words);
    assert_eq!(values(&summary), (296_488_208.0, 296_488_208.0));
    assert_eq!(slices(&summary).iter().sum::<u64>(), 16);
    assert_eq!(slices(&bench(me, &["ppsum", "-n", "1", "--slices", "4", "--slice-size", "1000"])), [4]);
    me.run(&["bench", "ppsum", "-n", "3"]).with(2).says(&["more than the 2 nodes"]);
}

/// Who knows the secret can run code: nobody sees it, the servers listen in the cluster only, and they end with the run.
fn servers_are_the_runs_own(lab: &Lab, me: &Operator) {
    let words = ["bench", "ppsum", "--slices", "200", "--slice-size", "100000"];
    let mut running = Running::start(me.pictl(&words), "");
    running.wait_for("slice 20/200", LONG);
    for number in [1, 2] {
        let listening = me.on(number, "ss -Hltn | awk '{print $4}'");
        let servers: Vec<_> = listening.lines().filter(|line| !line.ends_with(":22")).collect();
        assert!(servers.len() == 1 && servers[0].starts_with(&address(number)), "{listening}");
        // 64 hexadecimal digits, as the secret is.
        let seen = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\000' '\\n' | grep -Ec '[0-9a-f]{64}' || :";
        assert_eq!(me.on(number, seen).trim(), "0");
    }
    running.signal(Signal::INT);
    running.wait_for_end(LONG).with(130).says(&["outcome  aborted"]);
    for number in [1, 2] {
        let left: Vec<_> = lab.processes(number).into_iter().filter(Process::is_of_a_run).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// A worker that adds up wrongly.
fn a_wrong_sum_is_found_out(me: &Operator) {
    let python = "$(for p in ~/.pictl/venv/bin/python3 /usr/bin/python3; do [ -x $p ] && $p -c 'import ppft' && echo $p && break; done)";
    me.on(2, &sums_wrongly(python));
    let words = ["ppsum", "--slices", "16", "--slice-size", "1000"];
    let wrong = me.run(&[&["bench"], &words[..]].concat()).with(4);
    wrong.says(&["outcome  wrong result", "would be right"]);
    me.on(
        2,
        "sudo rm -f /usr/local/lib/python3*/dist-packages/wrong.pth ~/.pictl/venv/lib/python3*/site-packages/wrong.pth",
    );
}

/// A node without Parallel Python and without access to PyPI.
fn without_parallel_python(me: &Operator) {
    me.on(2, "rm -rf ~/.pictl/venv; sudo rm /etc/pip.conf");
    let ended = Running::start(me.pictl(&["bench", "ppsum", "--slices", "4"]), "").wait_for_end(LONG).with(1);
    ended.says(&[
        "pi02 has no Parallel Python and could not get it",
        "sudo apt-get install -y python3-ppft",
        "python3-venv",
    ]);
}

/// What holds of every launcher.
fn every_benchmark_is_right(me: &Operator) {
    the_launch_test_names_every_host(me);
    whole_numbers_come_out_exactly(me);
    pi_is_dealt_out_in_both_schemes(me);
    pi_in_c(me);
    each_pair_is_measured(me);
    parallel_python_adds_up(me);
    hpl_solves_what_it_is_asked(me);
}

#[test]
fn each_benchmark_runs_and_its_result_is_checked() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "openmpi-bench"]);
    let me = Operator::new(&lab);
    me.set_up();
    what_is_no_benchmark_is_refused(&me);
    every_benchmark_is_right(&me);
}

#[test]
fn what_goes_wrong_in_a_benchmark_is_found_out() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "openmpi-bench"]);
    let me = Operator::new(&lab);
    me.set_up();
    servers_are_the_runs_own(&lab, &me);
    a_stray_host_is_found_out(&me);
    a_wrong_sum_is_found_out(&me);
    another_matrix_is_found_out(&me);
    a_wrong_result_is_found_out(&me);
    without_parallel_python(&me);
    without_hpcc(&me);
    without_a_compiler(&me);
}

#[test]
fn each_benchmark_is_right_with_open_mpi_5() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--os", "trixie", "--with-mpi", "openmpi-bench"]);
    let me = Operator::new(&lab);
    me.set_up();
    every_benchmark_is_right(&me);
}

#[test]
fn each_benchmark_is_right_with_mpich() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "mpich-bench"]);
    let me = Operator::new(&lab);
    me.set_up();
    every_benchmark_is_right(&me);
}
