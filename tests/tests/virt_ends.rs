//! How programs end, on every launcher: what they print last, how the launcher judges them, and files that are named twice.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use pictl_tests::{Lab, Operator, skip, unless_lab_runs_here};

/// It ends well, and without saying so to MPI.
const NOT_FINALIZED: &str =
    "from mpi4py import rc\nrc.finalize = False\nfrom mpi4py import MPI\nprint('rank', MPI.COMM_WORLD.rank)\n";

/// Text that is not a whole line is no part of the record that follows it on the same pipe.
fn what_is_printed_last_is_shown(me: &Operator) {
    let ended = me.run(&["run", "-n", "2", "--", "printf", "one\\nhow many? "]).with(0);
    // A question is no whole line, so what the other rank prints can follow it on the same one.
    let count = |text: &str| ended.out.matches(text).count();
    assert_eq!((count("how many?"), count("one\n")), (2, 2), "{}", ended.out);
    let failed = me.run(&["run", "-n", "2", "--", "sh", "-c", "printf 'the last words'; exit 3"]).with(1);
    failed.says(&["ended with exit status 3", "the last words"]);
}

fn a_file_that_is_named_twice_is_one(me: &Operator) {
    let file = me.home.path().join("x.sh");
    fs::write(&file, "#!/bin/sh\nwc -l \"$1\" x.sh\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let words = ["run", "-n", "1", "--file", "x.sh", "--file", file.to_str().unwrap(), "--", "./x.sh", "./x.sh"];
    me.run(&words).with(0).says(&["4 total"]);
}

/// The same outcome as by hand.
fn a_rank_that_does_not_finalize(me: &Operator, by_hand: &str) {
    fs::write(me.home.path().join("end.py"), NOT_FINALIZED).unwrap();
    let ended = me.run(&["run", "-n", "2", "--", "python3", "end.py"]);
    // The run has left its file on both nodes.
    let line = format!("{by_hand} python3 .pictl/programs/end.py/end.py >ended 2>&1 </dev/null; echo $?; cat ended");
    let said = me.on(1, &line);
    let is_well = said.lines().next() == Some("0");
    assert_eq!(ended.code == 0, is_well, "by hand: {said}\npictl: {}{}", ended.out, ended.err);
    if !is_well {
        ended.with(1).says(&["ended before its MPI_Finalize", "mpi4py.rc.finalize"]);
    }
}

#[test]
fn a_program_ends_as_under_its_launcher() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let open_mpi = "mpirun --map-by node -np 2 -machinefile machinefile";
    for (os, mpi, by_hand) in [
        ("bookworm", "openmpi", open_mpi),
        ("trixie", "openmpi", open_mpi),
        ("bookworm", "mpich-dev", "mpiexec.hydra -ppn 1 -n 2 -f machinefile"),
    ] {
        let lab = Lab::up(&["--nodes", "2", "--os", os, "--with-mpi", mpi]);
        let me = Operator::new(&lab);
        me.set_up();
        what_is_printed_last_is_shown(&me);
        a_file_that_is_named_twice_is_one(&me);
        a_rank_that_does_not_finalize(&me, by_hand);
    }
}
