//! Failures of launchers, of programs and of a node's system.

use super::Failure;

/// Order matters: what explains comes before what only says that something went wrong.
pub(super) const FAILURES: &[Failure] = &[
    Failure {
        id: "F-20",
        patterns: &[
            r"\b(?:orted|prted|hydra_pmi_proxy): (?:command )?not found",
            r"orted: No such file",
            r"prted: No such file",
        ],
        cause: "a node does not have the launcher's own program",
        hint: "run `pictl setup --only mpi`: all nodes need the same MPI",
    },
    Failure {
        id: "F-11",
        patterns: &[r"sudo: a terminal is required", r"sudo: a password is required", r"is not in the sudoers file"],
        cause: "the login may not become root without a password",
        hint: "give the password: `--sudo-password-stdin`, or in the dashboard when it asks",
    },
    Failure {
        id: "F-14",
        patterns: &[r"Could not get lock /var/lib/(?:dpkg|apt)", r"Unable to acquire the dpkg frontend lock"],
        cause: "another package manager is at work on the node, often the first boot's updates",
        hint: "wait some minutes and run `pictl setup --only mpi` again",
    },
    Failure {
        id: "F-15",
        patterns: &[r"is not valid yet \(invalid for another"],
        cause: "the node's clock is behind",
        hint: "wait until its time is set: `timedatectl` on the node tells",
    },
    Failure {
        id: "F-16",
        patterns: &[r"externally-managed-environment"],
        cause: "pip may not install into the system's Python",
        hint: "run `pictl setup --only mpi`: it takes the distribution's python3-mpi4py",
    },
    Failure {
        id: "F-27",
        patterns: &[
            r"mismatch in versions between two processes",
            r"UI version string does not match proxy version",
            r"Data unpack would read past end of buffer",
            r"unpack.*past end of buffer",
        ],
        cause: "the nodes have different versions of MPI",
        hint: "bring all nodes to the same release of the system, then run `pictl setup --only mpi`",
    },
    Failure {
        id: "F-30",
        patterns: &[
            r"token \S+ not supported at this time",
            r"unrecognized argument",
            r"detected a parse error in the hostfile",
            r"While trying to create a regular expression of the node names",
        ],
        cause: "the launcher does not understand the machinefile or an option: it belongs to another MPI",
        hint: "run `pictl setup --only machinefile`",
    },
    Failure {
        id: "F-25",
        patterns: &[r"There are not enough slots available", r"more cpus than (?:are|what is) available"],
        cause: "more ranks than slots were asked for",
        hint: "ask for fewer ranks, or for nodes with more cores",
    },
    Failure {
        id: "F-31",
        patterns: &[r"unable to connect to server (?P<node>[\w.:-]+) at port", r"HYDU_sock_connect"],
        cause: "the nodes do not reach the launcher back: a name they do not know, or a firewall",
        hint: "run `pictl setup --only hosts`, and look for a firewall on the head",
    },
    Failure {
        id: "F-36",
        patterns: &[r"proxy:\d+:\d+@(?P<node>[\w.-]+)\] launch_procs [^\n]{0,200}unable to change wdir"],
        cause: "the node does not have the folder that the program is started in, the home on the head",
        hint: "use the same user, with the same home folder, on all nodes",
    },
    Failure {
        id: "F-56",
        patterns: &[
            r"lost communication with a remote daemon[\s\S]{0,600}?Remote daemon:.{0,200}? on node (?P<node>[\w.:-]+)",
            r"lost communication with a remote daemon",
            r"Connection to (?P<node>[\w.:-]+) closed by remote host",
            r"Timeout, server (?P<node>[\w.:-]+) not responding",
            // Hydra does not say whose connection.
            r"control_cb \([^)\n]{1,80}\): assert \(!closed\) failed",
        ],
        cause: "a node went away during the run: its power, its cable, or a crash",
        hint: "look at the node's power supply and cable, and whether it restarted",
    },
    Failure {
        id: "F-58",
        patterns: &[
            r"process rank (?P<rank>\d+) with PID \d+ on node (?P<node>[\w.:-]+) exited on signal (?P<signal>\d+)",
        ],
        cause: "rank {rank} was ended by signal {signal}",
        hint: "its last lines may tell why; signal 9 is often a lack of memory: look at the node's dmesg",
    },
    Failure {
        id: "F-58",
        patterns: &[r"\[(?P<node>[\w.-]+):\d+ +:\d+:\d+\] Caught signal (?P<signal>\d+)"],
        cause: "a rank was ended by signal {signal}",
        hint: "its last lines may tell why",
    },
    Failure {
        id: "F-59",
        patterns: &[
            r"BAD TERMINATION[^\n]{0,80}\s+=\s+PID \d+ RUNNING AT (?P<node>[\w.:-]+)\s+=\s+EXIT CODE: (?P<status>\d+)",
        ],
        cause: "a rank ended with {status}: an exit status, or the number of a signal",
        hint: "its last lines may tell why",
    },
    Failure {
        id: "F-57",
        patterns: &[
            r"[Rr]emote host:?\s+(?P<node>[\w.:-]+)[\s\S]{0,200}?Connection reset by peer",
            r"Connection reset by peer",
        ],
        cause: "a rank died while others talked to it, often for lack of memory",
        hint: "look for `Killed process` in the output of dmesg on the node",
    },
    Failure {
        id: "F-32",
        patterns: &[
            r"connect\(\) to (?P<node>[\d.]+):\d+ failed",
            r"failed to TCP connect to a peer",
            r"received unexpected process identifier",
            r"No network interfaces were found for out-of-band",
            r"unable to find interface \S+",
        ],
        cause: "ranks try to reach each other over a network that does not lead there",
        hint: "all nodes must be in one subnet; take down interfaces such as docker0 on the nodes",
    },
    Failure {
        id: "F-35",
        patterns: &[
            r"could not access or execute an executable[\s\S]{0,600}?Host:\s+(?P<node>[\w.:-]+)",
            r"could not access or execute an executable",
            r"unable to find the specified executable[\s\S]{0,600}?(?:Node|Host):\s+(?P<node>[\w.:-]+)",
            r"unable to find the specified executable",
            r"execvp error on file",
            r"can't open file '[^'\n]{1,300}': \[Errno 2\]",
        ],
        cause: "the program is not there on every node",
        hint: "start the run again: it copies its files; python3 must be in /usr/bin on every node",
    },
    Failure {
        id: "F-17",
        patterns: &[r"No module named '?mpi4py", r"cannot load MPI library"],
        cause: "Python on a node has no mpi4py that works",
        hint: "run `pictl setup --only mpi`",
    },
    Failure {
        id: "F-51",
        patterns: &[r"suspicious MPI execution environment"],
        cause: "mpi4py belongs to another MPI than the launcher",
        hint: "run `pictl setup --only mpi`",
    },
    Failure {
        id: "F-37",
        patterns: &[r"detected an attempt to run as root"],
        cause: "Open MPI refuses to run as root",
        hint: "log in as an ordinary user: `--user NAME`",
    },
    Failure {
        id: "F-72",
        patterns: &[r"Too many open files"],
        cause: "a node allows too few open files for so many ranks",
        hint: "ask for fewer ranks, or raise `ulimit -n` on the nodes",
    },
    Failure {
        id: "F-18",
        patterns: &[r"No space left on device", r"Read-only file system"],
        cause: "a node's disk is full or can only be read",
        hint: "free some space; a card that turned read-only is dying",
    },
    Failure {
        id: "F-24",
        patterns: &[
            r"daemon has unexpectedly failed after launch and before[\s\S]{0,900}?(?:Remote host|Node):?\s+(?P<node>[\w.:-]+)",
            r"daemon has unexpectedly failed after launch and before",
        ],
        cause: "a node started the launcher's program, which did not reach the head back",
        hint: "look for a firewall between the nodes; all must be in one subnet",
    },
    Failure {
        id: "F-21",
        patterns: &[r"unable to reliably start one or more daemons", r"Launch proxy failed"],
        cause: "the launcher could not start its program on some node",
        hint: "run `pictl setup --dry-run` to see which node is not ready",
    },
];
