//! Every benchmark that pictl brings along, on real hosts, with its result checked.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use pictl_tests::{Lab, Operator, run, skip, unless_lab_runs_here};
use serde_json::Value;

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
    assert_eq!(slices(&theirs)[0], 0, "rank 0 only hands out: {theirs}");

    let alone = me.run(&["bench", "pi-published", "-n", "1"]).with(2);
    alone.says(&["pi-published needs at least 2 ranks"]);
    let by_hand = "timeout 20 mpirun -n 1 /usr/bin/python3 -m mpi4py .pictl/bench/pi-published.py";
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
    me.run(&["bench", "hello", "--slices", "3"]).with(2).says(&["takes no --slices"]);
    me.run(&["bench", "--help"]).with(0).says(&["primes counted by trial division"]);
}

/// A node whose Python adds up wrongly, as one with broken memory might.
fn a_wrong_result_is_found_out(me: &Operator) {
    let break_it = "d=$(python3 -c 'import site; print(site.getusersitepackages())'); mkdir -p \"$d\"; \
        echo 'import builtins; right = sum; builtins.sum = lambda *a: right(*a) + 1' >\"$d/usercustomize.py\"";
    me.on(2, break_it);
    for words in [&["scatter", "-n", "2"][..], &["primes", "-n", "2", "--slices", "8", "--slice-size", "1000"]] {
        let wrong = me.run(&[&["bench"], words].concat()).with(4);
        wrong.says(&["outcome  wrong result", "would be right"]);
        let summary = last(me, words);
        let (value, expected) = values(&summary);
        assert!(value > expected, "{summary}");
    }
}

fn without_a_compiler(me: &Operator) {
    me.on(2, "sudo rm /usr/bin/mpicc.openmpi");
    let ended = me.run(&["bench", "pi-c", "-n", "2"]).with(1);
    ended.says(&["1 of 2 nodes have no C compiler for MPI", "libopenmpi-dev"]);
}

#[test]
fn each_benchmark_runs_and_its_result_is_checked() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "openmpi-dev"]);
    let me = Operator::new(&lab);
    me.set_up();
    what_is_no_benchmark_is_refused(&me);
    whole_numbers_come_out_exactly(&me);
    pi_is_dealt_out_in_both_schemes(&me);
    pi_in_c(&me);
    a_wrong_result_is_found_out(&me);
    without_a_compiler(&me);
}
