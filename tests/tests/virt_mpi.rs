//! The cluster's MPI on real hosts: MPICH stays MPICH, and a program of another MPI than the launcher's has failed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::fs;
use std::process::Command;

use pictl_tests::{Lab, Operator, run, skip, unless_lab_runs_here};

const SETUP: [&str; 7] = ["setup", "--user", "pi", "--password-stdin", "--trust", "new", "--yes"];

/// What both MPIs declare alike.
const HELLO: &str = r#"
int MPI_Init(int *, char ***), MPI_Comm_rank(MPI_Comm, int *), MPI_Comm_size(MPI_Comm, int *), MPI_Finalize(void);
int printf(const char *, ...);
int main(int count, char **words) {
    int rank, size;
    MPI_Init(&count, &words);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    printf("rank %d of %d\n", rank, size);
    return MPI_Finalize();
}
"#;

/// An MPI library of this machine, and what a communicator is to its programs.
struct Library {
    soname: &'static str,
    declares: &'static str,
}

const MPICH: Library = Library {
    soname: "libmpich.so.12",
    declares: "typedef int MPI_Comm;\n#define MPI_COMM_WORLD ((MPI_Comm)0x44000000)\n",
};

const OPEN_MPI: Library = Library {
    soname: "libmpi.so.40",
    declares: "typedef void *MPI_Comm;\nextern struct communicator ompi_mpi_comm_world;\n\
               #define MPI_COMM_WORLD ((MPI_Comm)&ompi_mpi_comm_world)\n",
};

/// The program above in the user's home, linked with this library.
fn hello(me: &Operator, library: &Library) {
    let home = me.home.path();
    fs::write(home.join("hello.c"), [library.declares, HELLO].concat()).unwrap();
    let pattern = library.soname.replace('.', "\\.");
    let line = format!("cc -o hello hello.c \"$(ldconfig -p | sed -n 's/.*\t{pattern} .*=> //p' | head -n 1)\"");
    assert!(Command::new("sh").args(["-c", &line]).current_dir(home).status().unwrap().success());
}

/// Installs a package of the offline repository beside what is there.
fn install(me: &Operator, package: &str) {
    for node in [1, 2] {
        let line = format!("sudo apt-get -q update && sudo apt-get -q -y install --no-install-recommends {package}");
        me.on(node, &line);
    }
}

/// Three ranks of `./hello`, each of which is alone: the run has failed, and says why by these words.
fn is_refused(me: &Operator, words: &[&str]) {
    let ended = me.run(&["run", "-n", "3", "--", "./hello"]).with(1);
    assert_eq!(ended.out.lines().filter(|line| *line == "rank 0 of 1").count(), 3, "{}", ended.out);
    ended.says(&[&["3 ranks said that they were alone"], words].concat());
    let last = me.run(&["runs", "list", "--json"]).with(0).json()[0]["summary"].clone();
    assert_eq!((last["outcome"].as_str(), last["validity"].is_null()), (Some("failed"), true), "{last}");
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
    // Also where something else is configured since then.
    let machinefile = me.on(1, "cat machinefile");
    me.home.prefer("[setup]\nmpi = \"openmpi\"\n");
    let again = me.run(&["setup", "--yes"]).with(0);
    assert!(!again.err.contains(" done"), "it changed something:\n{}", again.err);
    assert_eq!(me.on(1, "cat machinefile"), machinefile, "a plain setup keeps it");
    assert!(!me.run(&["machinefile"]).with(0).out.contains("slots="));
    me.run(&["run", "-n", "2", "--", "hostname"]).with(0).says(&["mpiexec.hydra"]);
    me.home.prefer("");
}

#[test]
fn a_cluster_with_mpich_stays_one() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "mpich"]);
    let me = Operator::new(&lab);
    me.run(&["scan", "--save"]).with(0);
    // These nodes have no source of a compiler: that is said, and MPI works without mpi4py.
    let ended = run(me.pictl(&SETUP), "raspberry\n").with(0);
    ended.says(&["without mpi4py", "has no installation candidate", "/etc/pip.conf", "pictl setup --only mpi"]);
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
    install(&me, "libmpich12");
    hello(&me, &MPICH);
    is_refused(&me, &["hello is linked with MPICH (", "libmpich.so.12", "launcher is Open MPI 4.1", "mpicc.openmpi"]);
    // By its words alone.
    let said = me.run(&["run", "-n", "3", "--", "sh", "-c", "echo process 0 of 1"]).with(1);
    said.says(&["does not use the launcher's MPI, which is Open MPI 4.1"]);
    me.run(&["run", "-n", "3", "--", "sh", "-c", "echo rank $OMPI_COMM_WORLD_RANK of 3"]).with(0);
}

#[test]
fn a_program_of_open_mpi_has_failed_under_the_launcher_of_mpich() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "mpich"]);
    let me = Operator::new(&lab);
    me.set_up();
    install(&me, "openmpi-bin");
    hello(&me, &OPEN_MPI);
    is_refused(&me, &["hello is linked with Open MPI (", "libmpi.so.40", "launcher is MPICH 4.0", "mpicc.mpich"]);
    // Debian gives the commands to the MPI that came last; a setup gives them back to the cluster's own.
    assert_eq!(me.on(1, "readlink /etc/alternatives/mpirun"), "/usr/bin/mpirun.openmpi\n");
    me.run(&["setup", "--yes"]).with(0);
    assert_eq!(me.on(1, "readlink /etc/alternatives/mpirun"), "/usr/bin/mpirun.mpich\n");
}

/// What the system's Python finds as mpi4py on both nodes.
fn has_mpi4py_of(me: &Operator, library: &str) {
    for node in [1, 2] {
        let line = "python3 -c 'from mpi4py import MPI; print(MPI.Get_library_version())'";
        let found = me.on(node, line);
        assert!(found.starts_with(library), "{found}");
    }
}

/// A benchmark in Python runs on two ranks, by this launcher.
fn python_works(me: &Operator, launcher: &str) {
    let ended = me.run(&["bench", "pi", "-n", "2", "--slices", "4", "--slice-size", "1000"]).with(0);
    ended.says(&[launcher, "outcome  succeeded"]);
}

#[test]
fn mpich_gets_an_mpi4py_of_its_own_and_each_mpi_keeps_to_its_own() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "mpich-source"]);
    let me = Operator::new(&lab);
    me.run(&["scan", "--save"]).with(0);
    run(me.pictl(&SETUP), "raspberry\n").with(0).says(&["MPICH 4.0.2, mpi4py 3.1.4"]);
    has_mpi4py_of(&me, "MPICH");
    python_works(&me, "mpiexec.hydra");
    is_a_cluster_of_mpich(&me);

    // The other MPI with the distribution's mpi4py, and back: nothing is built a second time.
    me.run(&["setup", "--mpi", "openmpi", "--yes"]).with(0);
    assert_eq!(me.on(1, "readlink /etc/alternatives/mpirun"), "/usr/bin/mpirun.openmpi\n");
    has_mpi4py_of(&me, "Open MPI");
    python_works(&me, "mpirun.openmpi");
    assert!(me.run(&["machinefile"]).with(0).out.contains("slots="));
    for node in [1, 2] {
        me.on(node, "sudo rm -r /opt/pictl-lab/pip");
    }
    me.run(&["setup", "--mpi", "mpich", "--yes"]).with(0);
    assert_eq!(me.on(1, "readlink /etc/alternatives/mpirun"), "/usr/bin/mpirun.mpich\n");
    has_mpi4py_of(&me, "MPICH");
    python_works(&me, "mpiexec.hydra");
}
