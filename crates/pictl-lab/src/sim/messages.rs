//! What Open MPI 4.1 says when something goes wrong, in its own words: pictl looks for the cause in them.

/// The line that frames Open MPI's messages.
const RULE: &str = "--------------------------------------------------------------------------\n";

/// A message in its frame.
pub(super) fn framed(text: &str) -> String {
    format!("{RULE}{text}{RULE}")
}

/// A hostfile that is not there.
pub(super) fn no_hostfile(path: &str) -> String {
    framed(&format!(
        "Open RTE was unable to open the hostfile:
    {path}
Check to make sure the path and filename are correct.
"
    ))
}

/// A line of a hostfile that cannot be read.
pub(super) fn bad_hostfile(line: usize, token: &str) -> String {
    framed(&format!(
        "Open RTE detected a parse error in the hostfile:
    line {line} token {token}
"
    ))
}

/// An option that `mpirun` does not know.
pub(super) fn unknown_option(word: &str) -> String {
    format!("mpirun: Error: unknown option \"{word}\"\nType 'mpirun --help' for usage.\n")
}

/// A number that is none.
pub(super) fn no_number(option: &str, word: &str) -> String {
    framed(&format!("mpirun: Error: option \"{option}\" did not have a number ({word})\n"))
}

/// No program was named.
pub(super) fn nothing_to_do() -> String {
    framed(
        "mpirun could not find anything to do.

It is possible that you forgot to specify how many processes to run
via the \"-np\" argument.
",
    )
}

/// More ranks than slots.
pub(super) fn no_slots(ranks: usize, program: &str) -> String {
    framed(&format!(
        "There are not enough slots available in the system to satisfy the {ranks}
slots that were requested by the application:

  {program}

Either request fewer slots for your application, or make more slots
available for use.
"
    ))
}

/// A daemon that did not start, after what `ssh` said of it.
pub(super) fn no_daemon(said: &str) -> String {
    let text = framed(
        "ORTE was unable to reliably start one or more daemons.
This usually is caused by:

* not finding the required libraries and/or binaries on
  one or more nodes. Please check your PATH and LD_LIBRARY_PATH
  settings, or configure OMPI with --enable-orterun-prefix-by-default

* lack of authority to execute on one or more specified nodes.
  Please verify your allocation and authorities.

* the inability to write startup files into /tmp (--tmpdir/orte_tmpdir_base).
  Please check with your sys admin to determine the correct location to use.

*  compilation of the orted with dynamic libraries when static are required
  (e.g., on Cray). Please check your configure cmd line and consider using
  one of the contrib/platform definitions for your system type.

* an inability to create a connection back to mpirun due to a
  lack of common network interfaces and/or no route found between
  them. Please check network connectivity (including firewalls
  and network routing requirements).
",
    );
    format!("{said}{text}")
}

/// A rank that ended with a status other than 0.
pub(super) fn exited(rank: usize, status: u32) -> String {
    let aborted = framed(
        "Primary job  terminated normally, but 1 process returned
a non-zero exit code. Per user-direction, the job has been aborted.
",
    );
    let first = framed(&format!(
        "mpirun detected that one or more processes exited with non-zero status, thus causing
the job to be terminated. The first process to do so was:

  Process name: [[23456,1],{rank}]
  Exit code:    {status}
"
    ));
    aborted + &first
}

/// A rank that a signal ended.
pub(super) fn signalled(rank: usize, pid: u32, host: &str, signal: u32) -> String {
    let word = if signal == 9 { "Killed" } else { "Terminated" };
    framed(&format!(
        "mpirun noticed that process rank {rank} with PID {pid} on node {host} exited on signal {signal} ({word}).\n"
    ))
}

/// A node that does not answer any more.
pub(super) fn lost(head: &str, host: &str) -> String {
    framed(&format!(
        "ORTE has lost communication with a remote daemon.

  HNP daemon   : [[23456,0],0] on node {head}
  Remote daemon: [[23456,0],1] on node {host}

This is usually due to either a failure of the TCP network
connection to the node, or possibly an internal failure of
the daemon itself. We cannot recover from this failure, and
therefore will terminate the job.
"
    ))
}
