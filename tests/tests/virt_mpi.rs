//! The cluster's MPI on real hosts: MPICH stays MPICH, and a program of another MPI than the launcher's has failed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::fs;
use std::process::Command;

use pictl_tests::{Lab, Operator, run, skip, unless_lab_runs_here};

const SETUP: [&str; 7] = ["setup", "--user", "pi", "--password-stdin", "--trust", "new", "--yes"];

/// MPICH's own declarations: a handle is a number.
const HELLO: &str = r#"#include <stdio.h>
typedef int MPI_Comm;
#define MPI_COMM_WORLD ((MPI_Comm)0x44000000)
int MPI_Init(int *, char ***), MPI_Comm_rank(MPI_Comm, int *), MPI_Comm_size(MPI_Comm, int *), MPI_Finalize(void);
int main(int count, char **words) {
    int rank, size;
    MPI_Init(&count, &words);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    printf("rank %d of %d\n", rank, size);
    return MPI_Finalize();
}
"#;

/// The program above in the user's home, linked with this machine's MPICH.
fn hello_of_mpich(me: &Operator) {
    let home = me.home.path();
    fs::write(home.join("hello.c"), HELLO).unwrap();
    let line = "cc -o hello hello.c \"$(ldconfig -p | sed -n 's/.*libmpich\\.so\\.12 .*=> //p' | head -n 1)\"";
    assert!(Command::new("sh").args(["-c", line]).current_dir(home).status().unwrap().success());
}

/// The cluster is MPICH's: by hand, in the inventory, in the machinefile and for runs.
fn is_a_cluster_of_mpich(me: &Operator) {
    let ended = run(me.ssh(1, "mpiexec -f machinefile -n 4 hostname"), "").with(0);
    let mut names: Vec<_> = ended.out.lines().collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, ["pi01", "pi02"], "{}", ended.out);
    for node in [1, 2] {
        assert_eq!(me.on(node, "readlink /etc/alternatives/mpirun"), "/usr/bin/mpirun.mpich\n");
        assert_eq!(me.on(node, "ls /usr/bin/mpirun.openmpi 2>/dev/null || true"), "", "Open MPI came along");
    }
    let nodes = me.run(&["nodes", "list", "--json"]).with(0).json();
    assert!(nodes.iter().all(|node| node["mpi"] == "mpich"), "{nodes:?}");
    assert!(!me.run(&["machinefile"]).with(0).out.contains("slots="));
    me.run(&["run", "-n", "2", "--", "hostname"]).with(0).says(&["mpiexec.hydra"]);
    let machinefile = me.on(1, "cat machinefile");
    me.run(&["setup", "--yes"]).with(0);
    assert_eq!(me.on(1, "cat machinefile"), machinefile, "a plain setup keeps it");
}

#[test]
fn a_cluster_with_mpich_stays_one() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "mpich"]);
    let me = Operator::new(&lab);
    me.run(&["scan", "--save"]).with(0);
    run(me.pictl(&SETUP), "raspberry\n").with(0).says(&["without mpi4py"]);
    is_a_cluster_of_mpich(&me);
}

#[test]
fn bare_nodes_become_a_cluster_with_the_mpi_that_was_asked_for() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2"]);
    let me = Operator::new(&lab);
    me.run(&["scan", "--save"]).with(0);
    run(me.pictl(&[&SETUP[..], &["--mpi", "mpich"]].concat()), "raspberry\n").with(0);
    is_a_cluster_of_mpich(&me);
}

#[test]
fn a_program_of_another_mpi_than_the_launchers_has_failed() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "openmpi"]);
    let me = Operator::new(&lab);
    me.set_up();
    for node in [1, 2] {
        me.on(node, "sudo apt-get -q update && sudo apt-get -q -y install --no-install-recommends libmpich12");
    }
    hello_of_mpich(&me);
    let ended = me.run(&["run", "-n", "3", "--", "./hello"]).with(1);
    assert_eq!(ended.out.lines().filter(|line| *line == "rank 0 of 1").count(), 3, "{}", ended.out);
    ended.says(&["3 ranks said that they were alone", "hello is linked with MPICH (", "launcher is Open MPI 4.1"]);
    let last = me.run(&["runs", "list", "--json"]).with(0).json()[0]["summary"].clone();
    assert_eq!((last["outcome"].as_str(), last["validity"].is_null()), (Some("failed"), true), "{last}");
    // By its words alone.
    let said = me.run(&["run", "-n", "3", "--", "sh", "-c", "echo process 0 of 1"]).with(1);
    said.says(&["does not use the launcher's MPI, which is Open MPI 4.1"]);
    me.run(&["run", "-n", "3", "--", "sh", "-c", "echo rank $OMPI_COMM_WORLD_RANK of 3"]).with(0);
}
