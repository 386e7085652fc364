//! What readers of other instructions type, on real hosts: options of mpirun, standard input, and what a run leaves to read.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use pictl_tests::{Ended, LIMIT, Lab, Operator, Running, address, skip, unless_lab_runs_here};
use serde_json::Value;

/// Longer than any run here takes.
const RUN: Duration = LIMIT.saturating_mul(5);

/// As `cpi-cco` of mpi4py does it: rank 0 reads how many intervals, until there are no more.
const READS: &str = r#"from mpi4py import MPI
import sys
comm = MPI.COMM_WORLD
while True:
    line = sys.stdin.readline() if comm.rank == 0 else None
    n = comm.bcast(int(line) if line and line.strip() else 0, root=0)
    if n == 0:
        break
    h = 1.0 / n
    mine = sum(4.0 / (1.0 + (h * (i + 0.5)) ** 2) for i in range(comm.rank, n, comm.size)) * h
    pi = comm.reduce(mine, root=0)
    if comm.rank == 0:
        print("pi is approximately %.6f with %d intervals" % (pi, n), flush=True)
others = comm.gather(len(sys.stdin.read()) if comm.rank else 0, root=0)
if comm.rank == 0:
    print("the others read", sum(others))
"#;

/// The program of the Spanish source, with fewer and smaller slices.
const PHI: &str = r#"import time
from mpi4py import MPI

start_time = time.time()
comm = MPI.COMM_WORLD
rank = comm.Get_rank()
size = comm.Get_size()

slice_size = 1000
total_slices = 12

# This is the master node.
if rank == 0:
    pi = 0
    slice = 0
    process = 1

    print (size)

    # Send the first batch of processes to the nodes.
    while process < size and slice < total_slices:
        comm.send(slice, dest=process, tag=1)
        print ("Sending slice",slice,"to process",process)
        slice += 1
        process += 1

    # Wait for the data to come back
    received_processes = 0
    while received_processes < total_slices:
        pi += comm.recv(source=MPI.ANY_SOURCE, tag=1)
        process = comm.recv(source=MPI.ANY_SOURCE, tag=2)
        print ("Recieved data from process", process)
        received_processes += 1

        if slice < total_slices:
            comm.send(slice, dest=process, tag=1)
            print ("Sending slice",slice,"to process",process)
            slice += 1

    # Send the shutdown signal
    for process in range(1,size):
        comm.send(-1, dest=process, tag=1)

    print ("Pi is ", 4.0 * pi)
    print("Tiempo de Ejecución: ", time.time() - start_time)

# These are the slave nodes, where rank > 0. They do the real work
else:
    while True:
        start = comm.recv(source=0, tag=1)
        if start == -1: break

        i = 0
        slice_value = 0
        while i < slice_size:
            if i%2 == 0:
                slice_value += 1.0 / (2*(start*slice_size+i)+1)
            else:
                slice_value -= 1.0 / (2*(start*slice_size+i)+1)
            i += 1

        comm.send(slice_value, dest=0, tag=1)
        comm.send(rank, dest=0, tag=2)
"#;

#[track_caller]
fn go(me: &Operator, words: &[&str], input: &str) -> Ended {
    Running::start(me.pictl(&[&["run"], words].concat()), input).wait_for_end(RUN)
}

/// The record of the newest run.
fn last(me: &Operator) -> Value {
    me.run(&["runs", "list", "--json"]).with(0).json()[0].clone()
}

/// Rank 0 reads a pipe, a file and nothing; the others read nothing.
fn reads(me: &Operator) {
    let words = ["-np", "4", "python3", "reads.py"];
    let ended = go(me, &words, "10\n100\n0\nwhat nobody reads\n").with(0);
    let lines: Vec<&str> = ended.out.lines().collect();
    let expected = [
        "pi is approximately 3.142426 with 10 intervals",
        "pi is approximately 3.141601 with 100 intervals",
        "the others read 0",
    ];
    assert_eq!(lines, expected, "{}", ended.err);
    // Longer than a pipe holds, and the end of it is all that says when it ends.
    let many = "1000\n".repeat(30_000);
    let mut file = me.pictl(&["run", "-np", "2", "wc", "-l"]);
    fs::write(me.home.path().join("many"), &many).unwrap();
    file.stdin(Stdio::from(fs::File::open(me.home.path().join("many")).unwrap()));
    let output = file.output().unwrap();
    let mut counted: Vec<String> =
        String::from_utf8(output.stdout).unwrap().lines().map(|l| l.trim().to_owned()).collect();
    counted.sort();
    assert_eq!(counted, ["0", "30000"], "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(go(me, &words, "").with(0).out.trim(), "the others read 0");
}

#[test]
fn what_is_typed_for_mpirun_runs_and_what_it_printed_is_there_to_read() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "3", "--with-mpi", "openmpi"]);
    let me = Operator::new(&lab);
    me.set_up();
    let home = me.home.path();
    for (name, text) in [("reads.py", READS), ("phi.py", PHI), ("x.sh", "echo hello; echo trouble >&2; exit 3\n")] {
        fs::write(home.join(name), text).unwrap();
    }
    reads(&me);

    // A machinefile as the sources have it: addresses, one a line.
    fs::write(home.join("machinefile"), format!("{}\n{}\n", address(3), address(1))).unwrap();
    let shown = go(&me, &["-np", "2", "-machinefile", "machinefile", "hostname"], "").with(0).out;
    let mut names: Vec<&str> = shown.lines().collect();
    names.sort_unstable();
    assert_eq!(names, ["pi01", "pi03"]);
    assert_eq!(last(&me)["plan"]["hosts"][0]["name"], "pi03", "in the order of the file");
    // More slots than cores, as the file says.
    fs::write(home.join("machinefile"), "pi02 slots=9\n").unwrap();
    let shown = go(&me, &["-f", "machinefile", "hostname"], "").with(0).out;
    assert_eq!(shown.lines().collect::<Vec<_>>(), ["pi02"; 9]);

    // The program's own figures are recorded without a rule.
    go(&me, &["-np", "3", "python3", "phi.py"], "").with(0);
    let record = last(&me);
    assert_eq!(record["plan"]["workload"]["name"], "phi.py");
    assert!(record["summary"]["program_seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{record}");
    assert!(record["summary"]["value"].as_f64().is_some_and(|pi| (pi - std::f64::consts::PI).abs() < 1e-3), "{record}");

    // A failed run leads to its output.
    let failed = go(&me, &["-n", "3", "env", "A=b", "bash", "x.sh"], "").with(1);
    assert!(failed.err.contains("pictl runs show"), "{}", failed.err);
    assert_eq!(last(&me)["plan"]["workload"]["name"], "x.sh");
    let shown = me.run(&["runs", "show"]).with(0).out;
    assert!(shown.contains("  hello\n") && shown.contains("  ! trouble\n"), "{shown}");
    let all = me.run(&["runs", "show", "--output"]).with(0).out;
    assert!(all.lines().any(|line| line == "trouble"), "{all}");

    // At a terminal its lines say who printed them, and the bars are gone at the end.
    let end = me.terminal(&["run", "-n", "3", "hostname"]).wait_for_end(RUN);
    assert!(end.code == 0 && end.screen.contains("2 pi03 | pi03"), "{}", end.screen);
    assert!(!end.screen.contains('█'), "{}", end.screen);
    assert!(end.screen.contains("on pi01: finished") && !end.screen.contains("slices/s"), "{}", end.screen);
}

#[test]
fn rank_0_reads_standard_input_under_mpich_too() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "mpich"]);
    let me = Operator::new(&lab);
    me.set_up();
    let mut command = me.pictl(&["run", "-np", "2", "wc", "-l"]);
    fs::write(me.home.path().join("three"), "a\nb\nc\n").unwrap();
    command.stdin(Stdio::from(fs::File::open(me.home.path().join("three")).unwrap()));
    let output = command.output().unwrap();
    let mut counted: Vec<String> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| line.trim().to_owned()).collect();
    counted.sort();
    assert_eq!(counted, ["0", "3"], "{}", String::from_utf8_lossy(&output.stderr));
}
