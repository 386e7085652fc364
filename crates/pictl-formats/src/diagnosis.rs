//! What the error output of a launcher, of `ssh` or of apt means, and what to do about it.
//!
//! The ids are those of pictl's failure catalogue. Order matters: what explains comes before what only says that
//! something went wrong.

use std::sync::LazyLock;

use pictl_model::text::clean;
use regex::Regex;

/// Only so many bytes at the beginning and at the end of the text are looked at.
const WINDOW: usize = 64 * 1024;

/// A known failure found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Its number in the catalogue.
    pub id: &'static str,
    /// What went wrong, one sentence.
    pub cause: String,
    /// What to do.
    pub hint: String,
    /// The node it is about, by name or address, where the text tells.
    pub node: Option<String>,
}

/// A failure of the catalogue.
struct Failure {
    id: &'static str,
    /// Any of these tells it; a group `node` is the node to blame.
    patterns: &'static [&'static str],
    /// In braces, the name of a group that stands there.
    cause: &'static str,
    hint: &'static str,
}

const FAILURES: &[Failure] = &[
    Failure {
        id: "F-22",
        patterns: &[r"Host key verification failed", r"REMOTE HOST IDENTIFICATION HAS CHANGED"],
        cause: "the head does not know the node's host key under the name in the machinefile",
        hint: "run `pictl setup --only known-hosts`",
    },
    Failure {
        id: "F-23",
        patterns: &[
            r"\S+@(?P<node>[\w.:-]+): Permission denied \((?:publickey|password)",
            r"Permission denied \((?:publickey|password)",
            r"Permission denied, please try again",
        ],
        cause: "the node does not let the head's key in",
        hint: "run `pictl setup --only mesh`",
    },
    Failure {
        id: "F-07",
        patterns: &[
            r"Could not resolve hostname (?P<node>[\w.-]+)",
            r"unable to get host address for (?P<node>[\w.-]+)",
            r"getaddrinfo failed for (?P<node>[\w.-]+)",
        ],
        cause: "the name of a node is not known where it is needed",
        hint: "run `pictl setup --only hosts`",
    },
    Failure {
        id: "F-08",
        patterns: &[
            r"connect to host (?P<node>[\w.:-]+) port \d+: (?:No route to host|Connection timed out|Host is down)",
            r"connect to address (?P<node>[\w.:-]+) port \d+: (?:No route to host|Connection timed out)",
        ],
        cause: "the head does not reach the node: it is off, or has another address",
        hint: "look at its power and cable, then run `pictl scan`",
    },
    Failure {
        id: "F-02",
        patterns: &[r"connect to host (?P<node>[\w.:-]+) port \d+: Connection refused"],
        cause: "no SSH server answers on the node",
        hint: "start it on the node: sudo systemctl enable --now ssh",
    },
    Failure {
        id: "F-05",
        patterns: &[
            r"Connection closed by (?:remote host|UNKNOWN|(?P<node>[\w.:-]+) port \d+)",
            r"kex_exchange_identification",
            r"Connection reset by (?P<node>[\w.:-]+) port \d+",
        ],
        cause: "the node's SSH server turned the connection away before the login",
        hint: "wait half a minute and try again; too many logins at once, or failed ones, make it do so",
    },
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

static PATTERNS: LazyLock<Vec<(Regex, &'static Failure)>> = LazyLock::new(|| {
    let all = FAILURES.iter().flat_map(|failure| failure.patterns.iter().map(move |pattern| (pattern, failure)));
    all.filter_map(|(pattern, failure)| Regex::new(pattern).ok().map(|regex| (regex, failure))).collect()
});

/// The last line of `errors` that says something: launchers frame their messages with rules of dashes.
pub fn last_words(errors: &str) -> Option<&str> {
    errors.lines().rev().map(str::trim).find(|line| line.chars().any(char::is_alphanumeric))
}

/// The first failure of the catalogue that `stderr` tells of; `None` when it tells of none.
pub fn explain(stderr: &str) -> Option<Explanation> {
    let (head, tail) = ends(stderr);
    PATTERNS.iter().find_map(|(regex, failure)| {
        let found = regex.captures(head).or_else(|| regex.captures(tail))?;
        let node = found.name("node").map(|node| clean(node.as_str().trim_end_matches(['.', ':']), 253));
        let cause = regex.capture_names().flatten().fold(failure.cause.to_owned(), |cause, name| {
            cause.replace(&format!("{{{name}}}"), found.name(name).map_or("", |text| text.as_str()))
        });
        Some(Explanation { id: failure.id, cause, hint: failure.hint.to_owned(), node })
    })
}

/// The text's beginning and its end, without what lies between when it is very long.
fn ends(text: &str) -> (&str, &str) {
    if text.len() <= WINDOW {
        return (text, "");
    }
    let character_at = |at: usize| (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    (&text[..character_at(WINDOW / 2)], &text[character_at(text.len() - WINDOW / 2)..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rules_of_dashes_are_no_last_words() {
        assert_eq!(last_words("what went wrong\n\n-----------\n"), Some("what went wrong"));
        assert_eq!(last_words("-----\n\n"), None);
    }

    #[test]
    fn every_pattern_compiles_and_every_failure_is_complete() {
        assert_eq!(PATTERNS.len(), FAILURES.iter().map(|f| f.patterns.len()).sum::<usize>());
        for failure in FAILURES {
            assert!(!failure.cause.is_empty() && !failure.hint.is_empty() && failure.id.starts_with("F-"));
        }
    }

    #[test]
    fn texts_of_real_launchers_are_explained() {
        for (text, id, node) in [
            (
                "Host key verification failed.\r\n--------\nORTE was unable to reliably start one or more daemons.\nThis usually is caused by:\n",
                "F-22",
                None,
            ),
            ("pi@10.0.0.33: Permission denied (publickey,password).", "F-23", Some("10.0.0.33")),
            ("ssh: Could not resolve hostname pi07: Name or service not known", "F-07", Some("pi07")),
            ("ssh: connect to host 10.0.0.33 port 22: No route to host", "F-08", Some("10.0.0.33")),
            ("ssh: connect to host pi03 port 2222: Connection refused", "F-02", Some("pi03")),
            ("kex_exchange_identification: Connection closed by remote host", "F-05", None),
            ("bash: line 1: orted: command not found", "F-20", None),
            ("sh: 1: prted: not found\n", "F-20", None),
            (
                "There are not enough slots available in the system to satisfy the 9\nslots that were requested by the application:",
                "F-25",
                None,
            ),
            ("UI version string does not match proxy version", "F-27", None),
            (
                "[mpiexec@pi01] HYDU_parse_hostfile (utils/args/args.c:319): token slots not supported at this time",
                "F-30",
                None,
            ),
            (
                "[proxy:0:1@pi02] HYDU_sock_connect (utils/sock/sock.c:145): unable to connect to server pi01 at port 38487 (check for firewalls!)",
                "F-31",
                Some("pi01"),
            ),
            (
                "ORTE has lost communication with a remote daemon.\n\n  HNP daemon   : [[8193,0],0] on node pi01\n  Remote daemon: [[8193,0],2] on node pi03\n\nThis is usually due to",
                "F-56",
                Some("pi03"),
            ),
            (
                "PRTE has lost communication with a remote daemon.\n\n  HNP daemon   : [prterun-pi01-8@0,0] on node pi01\n  Remote daemon: [prterun-pi01-8@0,1] on node pi02\n",
                "F-56",
                Some("pi02"),
            ),
            (
                "[pi02][[1,1],1][btl_tcp_endpoint.c:625] connect() to 172.17.0.1:1026 failed: No route to host (113)",
                "F-32",
                Some("172.17.0.1"),
            ),
            ("/usr/bin/python3: No module named mpi4py", "F-17", None),
            ("python3: can't open file '/home/pi/x.py': [Errno 2] No such file or directory", "F-35", None),
            ("mpirun has detected an attempt to run as root.", "F-37", None),
            ("Connection to 10.0.0.33 closed by remote host.", "F-56", Some("10.0.0.33")),
            ("[mpiexec@pi01] control_cb (pm/pmiserv/pmiserv_cb.c:206): assert (!closed) failed", "F-56", None),
            (
                "[proxy:0:2@pi03] launch_procs (pm/pmiserv/pmip_cb.c:621): unable to change wdir to /home/a (No such file or directory)\n\
                 [mpiexec@pi01] control_cb (pm/pmiserv/pmiserv_cb.c:206): assert (!closed) failed",
                "F-36",
                Some("pi03"),
            ),
            ("No network interfaces were found for out-of-band communications. We require", "F-32", None),
            ("sudo: a terminal is required to read the password; either use", "F-11", None),
            ("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (apt)", "F-14", None),
            ("E: Release file for http://x/InRelease is not valid yet (invalid for another 39d 2h).", "F-15", None),
            ("error: externally-managed-environment", "F-16", None),
            (
                "An ORTE daemon has unexpectedly failed after launch and before\ncommunicating back to mpirun.",
                "F-24",
                None,
            ),
            ("ORTE was unable to reliably start one or more daemons.", "F-21", None),
        ] {
            let found = explain(text).unwrap_or_else(|| panic!("unexplained: {text}"));
            assert_eq!((found.id, found.node.as_deref()), (id, node), "{text}");
        }
    }

    #[test]
    fn a_rank_that_a_signal_ended_is_told_with_its_number() {
        let cause = |text: &str| explain(text).map(|found| (found.cause, found.node));
        let said = |cause: &str, node: &str| Some((cause.to_owned(), Some(node.to_owned())));
        // After what the others say of it.
        let open_mpi_4 = "An MPI communication peer process has unexpectedly disconnected.\n  Peer host:  10.77.0.32\n\
            mpirun.openmpi noticed that process rank 1 with PID 397 on node 10.77.0.32 exited on signal 11 (Segmentation fault).\n\
            [pi01][[1,1],0][btl_tcp_endpoint.c:625] connect() to 10.77.0.32:1026 failed: Connection refused (111)";
        assert_eq!(cause(open_mpi_4), said("rank 1 was ended by signal 11", "10.77.0.32"));
        let ucx = "[pi02:481  :0:481] Caught signal 11 (Segmentation fault: kill(2) or raise(3) at address (nil))";
        assert_eq!(cause(ucx), said("a rank was ended by signal 11", "pi02"));
        let hydra = "=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES\n=   PID 391 RUNNING AT 10.77.0.32\n=   EXIT CODE: 11\n";
        assert_eq!(cause(hydra), said("a rank ended with 11: an exit status, or the number of a signal", "10.77.0.32"));
    }

    #[test]
    fn a_programs_own_errors_are_left_alone() {
        for text in ["", "Traceback (most recent call last):\nZeroDivisionError: division by zero\n", "hello"] {
            assert_eq!(explain(text), None, "{text}");
        }
    }

    #[test]
    fn the_end_of_a_long_text_counts_too() {
        let long = format!("{}Host key verification failed.\n", "é\n".repeat(WINDOW));
        assert_eq!(explain(&long).map(|e| e.id), Some("F-22"));
    }

    proptest! {
        #[test]
        fn garbage_never_panics(text in any::<String>()) {
            let _ = explain(&text);
        }
    }
}
