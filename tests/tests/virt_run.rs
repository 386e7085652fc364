//! The user's own programs on real hosts: with their files, failures, left and joined again, and from a
//! launcher outside of the cluster.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use pictl_tests::{Ended, LIMIT, Lab, Operator, Running, eventually, processes_with, run, skip, unless_lab_runs_here};
use rustix::process::Signal;
use serde_json::Value;

/// Longer than any run here takes.
const RUN: Duration = LIMIT.saturating_mul(5);

/// Adds up what a file next to it holds, over all ranks.
const SUM: &str = r#"from mpi4py import MPI
comm = MPI.COMM_WORLD
with open("input/numbers") as numbers:
    share = sum(int(word) for word in numbers.read().split())
print("rank", comm.rank, "has", share)
total = comm.reduce(share)
if comm.rank == 0:
    print("total", total)
"#;

/// One rank gives up while the others wait for it.
const GIVES_UP: &str = r#"from mpi4py import MPI
if MPI.COMM_WORLD.rank == 1:
    raise ValueError("no more of this")
MPI.COMM_WORLD.barrier()
"#;

/// Gives out slices and reports them as the published pi programs do.
const DEALS: &str = r#"from mpi4py import MPI
comm = MPI.COMM_WORLD
if comm.rank == 0:
    for slice in range(6):
        process = 1 + slice % (comm.size - 1)
        comm.send(slice, dest=process)
        print ("Sending slice",slice,"to process",process)
        comm.recv(source=process)
        print ("Recieved data from process", process)
    for process in range(1, comm.size):
        comm.send(-1, dest=process)
else:
    while comm.recv(source=0) != -1:
        comm.send(0, dest=0)
"#;

/// Ends with 7 on rank 1, and does not end on the others.
const SEVEN: &str = "#!/bin/sh
rank=${OMPI_COMM_WORLD_RANK:-$PMI_RANK}
echo \"$rank got $*\"
[ $rank != 1 ] || { echo 'cannot go on' >&2; exit 7; }
sleep 100000
";

/// Prints its argument, and crashes on rank 2.
const CRASH: &str = r#"#include <stdio.h>
#include <stdlib.h>
int main(int words, char **word) {
    const char *rank = getenv("OMPI_COMM_WORLD_RANK");
    if (!rank) rank = getenv("PMI_RANK");
    printf("C says %s on %s\n", words > 1 ? word[1] : "nothing", rank);
    if (rank[0] == '2') abort();
    return 0;
}
"#;

/// Speaks once a second, so many times; before that it waits for a file of the given name in the home directory, if any.
const SPEAKS: &str = "#!/bin/sh
[ -z \"$2\" ] || until [ -e \"$HOME/$2\" ]; do sleep 0.2; done
i=0
while [ $i -lt $1 ]; do i=$((i + 1)); echo \"word $i\"; sleep 1; done
";

/// A user with these programs in their home, on a cluster that is set up.
fn with_programs<'a>(lab: &'a Lab, setup: &[&str]) -> Operator<'a> {
    let me = Operator::new(lab);
    me.run(&["scan", "--save"]).with(0);
    let words = ["setup", "--user", "pi", "--password-stdin", "--trust", "new", "--yes"];
    run(me.pictl(&[&words, setup].concat()), "raspberry\n").with(0);
    let home = me.home.path();
    fs::create_dir(home.join("input")).unwrap();
    for (name, text) in [
        ("sum.py", SUM),
        ("gives-up.py", GIVES_UP),
        ("deals.py", DEALS),
        ("seven.sh", SEVEN),
        ("speaks.sh", SPEAKS),
        ("crash.c", CRASH),
        ("input/numbers", "40 2\n"),
    ] {
        fs::write(home.join(name), text).unwrap();
    }
    for script in ["seven.sh", "speaks.sh"] {
        fs::set_permissions(home.join(script), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let compiled = Command::new("cc").args(["-o", "crash", "crash.c"]).current_dir(home).status().unwrap();
    assert!(compiled.success());
    me
}

#[track_caller]
fn go(me: &Operator, words: &[&str]) -> Ended {
    Running::start(me.pictl(&[&["run"], words].concat()), "").wait_for_end(RUN)
}

/// What the record of the newest run says of its end.
fn last(me: &Operator) -> Value {
    me.run(&["runs", "list", "--json"]).with(0).json()[0]["summary"].clone()
}

/// The lines of a program, in an order that does not depend on who was faster.
fn lines(ended: &Ended) -> Vec<&str> {
    let mut lines: Vec<_> = ended.out.lines().collect();
    lines.sort_unstable();
    lines
}

/// No process and no folder of a run is left on the nodes.
fn nothing_left(lab: &Lab, me: &Operator) {
    for node in [1, 2] {
        eventually(&format!("nothing is left on node {node}"), LIMIT, || {
            let folders = me.on(node, "ls .pictl/runs 2>/dev/null || true");
            let left = lab.processes(node).into_iter().filter(pictl_tests::Process::is_of_a_run).count();
            (left == 0 && folders.trim().is_empty()).then_some(())
        });
    }
}

fn files_go_along(me: &Operator) {
    let words = ["-n", "4", "--file", "input/numbers", "--", "python3", "sum.py"];
    let ended = go(me, &words).with(0).says(&["outcome  succeeded", "rank.sh sum.py python3 sum.py"]);
    assert_eq!(lines(&ended), ["rank 0 has 42", "rank 1 has 42", "rank 2 has 42", "rank 3 has 42", "total 168"]);
    let summary = last(me);
    assert_eq!(
        (summary["workload"]["name"].as_str(), summary["workload"]["origin"].as_str()),
        (Some("sum.py"), Some("own"))
    );
    let hosts: Vec<_> = summary["ranks"].as_array().unwrap().iter().map(|r| r["host"].as_str().unwrap()).collect();
    assert_eq!(hosts, ["pi01", "pi02", "pi01", "pi02"]);

    // Changed here, changed there; and the ranks of one node first.
    fs::write(me.home.path().join("input/numbers"), "1 2\n").unwrap();
    let ended = go(me, &[&["--map", "slot", "--head", "pi02"], &words[..]].concat()).with(0).says(&["--map-by slot"]);
    assert!(lines(&ended).contains(&"total 12"), "{}", ended.out);
    let hosts: Vec<_> = last(me)["ranks"].as_array().unwrap().iter().map(|r| r["host"].to_string()).collect();
    // Open MPI begins with its own node.
    assert_eq!(hosts, ["\"pi02\"", "\"pi02\"", "\"pi01\"", "\"pi01\""]);

    go(me, &["--file", "none", "--", "python3", "sum.py"]).with(2).says(&["--file none: No such file"]);
    fs::File::create(me.home.path().join("large")).unwrap().set_len(65 << 20).unwrap();
    go(me, &["--", "cat", "large"]).with(2).says(&["at most 67108864 are copied"]);
    me.home.prefer("[[rules]]\npattern = '(x'\nevent = 'note'\n");
    go(me, &["--", "hostname"]).with(2).says(&["rule 1", "not a regular expression"]);
    me.home.prefer("");
}

fn compiled_and_shell_programs(me: &Operator) {
    let ended = go(me, &["-n", "2", "--", "./crash", "a word"]).with(0);
    assert_eq!(lines(&ended), ["C says a word on 0", "C says a word on 1"]);
    let ended = go(me, &["-n", "2", "--", "./speaks.sh", "1"]).with(0);
    assert_eq!(lines(&ended), ["word 1", "word 1"]);
}

fn failures_name_the_rank(me: &Operator, more: &[&str]) {
    // Its other ranks would go on for a day.
    go(me, &[more, &["-n", "4", "--", "./seven.sh", "it's", "me"]].concat())
        .with(1)
        .says(&["0 got it's me", "failed: rank 1 on pi02 ended with exit status 7: cannot go on"]);
    go(me, &[more, &["-n", "4", "--", "./crash"]].concat()).with(1).says(&["rank 2 on pi01 was ended by signal ABRT"]);
    go(me, &[more, &["-n", "2", "--", "no-such-program"]].concat()).with(1).says(&["could not start its program"]);
    go(me, &[more, &["-n", "2", "--timeout", "3", "--", "sleep", "60"]].concat()).with(1).says(&["time", "--timeout"]);
}

fn an_exception_ends_the_job(me: &Operator) {
    // Its other ranks would wait for ever.
    let told = "failed: rank 1 on pi02 ended with exit status 1: ValueError: no more of this";
    go(me, &["-n", "3", "--", "python3", "-u", "gives-up.py"]).with(1).says(&[told]);
}

/// By the built-in rules, and by one of the user's own.
fn words_of_a_program_are_progress(me: &Operator) {
    let slices = |summary: &Value| -> Vec<u64> {
        summary["ranks"].as_array().unwrap().iter().map(|r| r["slices"].as_u64().unwrap()).collect()
    };
    go(me, &["-n", "3", "--", "python3", "deals.py"]).with(0).says(&["slice 6: rank 2 did slice 5"]);
    assert_eq!(slices(&last(me)), [0, 3, 3]);
    me.home.prefer("[[rules]]\nprogram = 'sp*.sh'\npattern = '^word (?<slice>\\d+)'\nevent = 'slice'\n");
    go(me, &["-n", "2", "--", "./speaks.sh", "3"]).with(0);
    assert_eq!(slices(&last(me)), [3, 3]);
    me.home.prefer("");
}

fn left_and_joined(lab: &Lab, me: &Operator) {
    // --detach does not wait for the end: the run has none before the nodes have the file.
    let ended = go(me, &["-n", "2", "--detach", "--", "./speaks.sh", "8", "go"]).with(0);
    let id = ended.out.lines().last().unwrap().to_owned();
    for node in [1, 2] {
        assert!(
            lab.processes(node).iter().any(|p| p.command_line.contains("speaks.sh 8 go")),
            "nothing runs on node {node}"
        );
        me.on(node, "touch go");
    }
    let joined = Running::start(me.pictl(&["attach", &id]), "").wait_for_end(RUN).with(0);
    assert_eq!(lines(&joined).iter().filter(|l| l.starts_with("word ")).count(), 16, "{}", joined.out);
    assert_eq!(last(me)["id"], id.as_str());
    // What its processes used meanwhile is in the record.
    let record = me.home.path().join("data/pictl/clusters/default/runs").join(&id).join("events.jsonl");
    let usage = fs::read_to_string(record).unwrap().lines().filter(|l| l.contains("\"what\":\"usage\"")).count();
    assert!(usage >= 2, "{usage} readings");

    // The terminal goes away.
    let running = {
        let mut running = Running::start(me.pictl(&["run", "-n", "2", "--", "./speaks.sh", "8"]), "");
        running.wait_for("word 1", RUN);
        running
    };
    running.signal(Signal::HUP);
    running.wait_for_end(RUN).with(130);
    Running::start(me.pictl(&["attach"]), "").wait_for_end(RUN).with(0).says(&["word 8", "outcome  succeeded"]);

    // Ctrl-C stops it.
    let mut running = Running::start(me.pictl(&["run", "-n", "4", "--", "./speaks.sh", "60"]), "");
    running.wait_for("word 1", RUN);
    running.signal(Signal::INT);
    running.wait_for_end(RUN).with(130).says(&["outcome  aborted"]);
    nothing_left(lab, me);
}

/// The launcher runs here, in the operator's namespace; no rank does.
fn an_outside_master(lab: &Lab, me: &Operator) {
    fs::write(me.home.path().join("input/numbers"), "40 2\n").unwrap();
    let outside = ["--head", "operator", "-n", "4"];
    let words = [&outside[..], &["--file", "input/numbers", "--", "python3", "sum.py"]].concat();
    let ended = go(me, &words).with(0).says(&["plm_rsh_args", "ssh_config", "outcome  succeeded"]);
    assert!(lines(&ended).contains(&"total 168"), "{}", ended.out);
    let hosts: Vec<_> = last(me)["ranks"].as_array().unwrap().iter().map(|r| r["host"].to_string()).collect();
    assert_eq!(hosts, ["\"pi01\"", "\"pi02\"", "\"pi01\"", "\"pi02\""]);
    failures_name_the_rank(me, &["--head", "operator"]);

    // pictl is killed: the launcher goes on beside it, and is found again.
    let mut running = Running::start(me.pictl(&[&["run"], &outside[..], &["--", "./speaks.sh", "10"]].concat()), "");
    running.wait_for("word 1", RUN);
    running.signal(Signal::KILL);
    running.wait_for_end(RUN);
    Running::start(me.pictl(&["attach"]), "").wait_for_end(RUN).with(0).says(&["word 10", "outcome  succeeded"]);

    // Stopped, it leaves nothing behind, here or there.
    let mut running = Running::start(me.pictl(&[&["run"], &outside[..], &["--", "./speaks.sh", "60"]].concat()), "");
    running.wait_for("word 1", RUN);
    running.signal(Signal::INT);
    running.wait_for_end(RUN).with(130);
    nothing_left(lab, me);
    let id = last(me)["id"].as_str().unwrap().to_owned();
    assert_eq!(processes_with(&format!("PICTL_RUN={id}")), Vec::<String>::new());
    assert_eq!(fs::read_dir(me.home.path().join(".pictl/runs")).unwrap().count(), 0);
}

#[test]
fn own_programs_on_open_mpi() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "openmpi"]);
    let me = with_programs(&lab, &[]);
    files_go_along(&me);
    compiled_and_shell_programs(&me);
    failures_name_the_rank(&me, &[]);
    an_exception_ends_the_job(&me);
    words_of_a_program_are_progress(&me);
    left_and_joined(&lab, &me);
}

#[test]
fn own_programs_on_open_mpi_5() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--os", "trixie", "--with-mpi", "openmpi"]);
    let me = with_programs(&lab, &[]);
    compiled_and_shell_programs(&me);
    failures_name_the_rank(&me, &["--launch", "tree"]);
    an_exception_ends_the_job(&me);
    words_of_a_program_are_progress(&me);
    nothing_left(&lab, &me);
}

#[test]
fn a_launcher_outside_of_the_cluster() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "openmpi"]);
    let me = with_programs(&lab, &[]);
    an_outside_master(&lab, &me);
}

#[test]
fn own_programs_on_mpich() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "mpich"]);
    let me = with_programs(&lab, &["--mpi", "mpich"]);
    compiled_and_shell_programs(&me);
    failures_name_the_rank(&me, &[]);
    go(&me, &["--launch", "tree", "--", "hostname"]).with(2).says(&["it has no tree"]);
    let outside = go(&me, &["--head", "operator", "-n", "4", "--", "./speaks.sh", "1"]);
    outside.with(0).says(&["HYDRA_LAUNCHER_EXTRA_ARGS=-F ", "-wdir /", "word 1", "outcome  succeeded"]);
    let ended = go(&me, &["-n", "2", "--map", "slot", "--", "hostname"]).with(0);
    assert_eq!(lines(&ended), ["pi01", "pi01"]);
    nothing_left(&lab, &me);
}
