//! Failures of the system and of programs that every launcher starts, by what they print.

use crate::failure::{self, Failure, Sign};

/// In any order: each failure knows its place.
pub(super) const SIGNS: &[Sign] = &[
    Sign {
        failure: Failure {
            order: 20,
            id: "F-11",
            cause: "the login user cannot use sudo without a password",
            hint: "give the password: `--sudo-password-stdin`, or in the dashboard when it asks",
        },
        patterns: &[r"sudo: a terminal is required", r"sudo: a password is required", r"is not in the sudoers file"],
    },
    Sign {
        failure: Failure {
            order: 30,
            id: "F-14",
            cause: "another package manager is at work on the node, often the first boot's updates",
            hint: "wait some minutes and run `pictl setup --only mpi` again",
        },
        patterns: &[r"Could not get lock /var/lib/(?:dpkg|apt)", r"Unable to acquire the dpkg frontend lock"],
    },
    Sign {
        failure: Failure {
            order: 40,
            id: "F-15",
            cause: "the node's clock is behind",
            hint: "wait until its clock is set; `timedatectl` on the node shows it",
        },
        patterns: &[r"is not valid yet \(invalid for another"],
    },
    Sign {
        failure: Failure {
            order: 50,
            id: "F-16",
            cause: "pip cannot install into the system's Python",
            hint: "run `pictl setup --only mpi`: it takes the distribution's python3-mpi4py",
        },
        patterns: &[r"externally-managed-environment"],
    },
    Sign {
        failure: failure::NODE_LOST,
        patterns: &[
            r"Connection to (?P<node>[\w.:-]+) closed by remote host",
            r"Timeout, server (?P<node>[\w.:-]+) not responding",
        ],
    },
    // UCX, by which ranks of any MPI may talk.
    Sign {
        failure: Failure {
            order: 130,
            id: "F-58",
            cause: "a rank was ended by signal {signal}",
            hint: "its last lines may say why",
        },
        patterns: &[r"\[(?P<node>[\w.-]+):\d+ +:\d+:\d+\] Caught signal (?P<signal>\d+)"],
    },
    Sign { failure: failure::PEER_DIED, patterns: &[r"Connection reset by peer"] },
    Sign { failure: failure::PROGRAM_MISSING, patterns: &[r"can't open file '[^'\n]{1,300}': \[Errno 2\]"] },
    Sign {
        failure: Failure {
            order: 180,
            id: "F-17",
            cause: "Python on a node has no mpi4py that works",
            hint: "run `pictl setup --only mpi`",
        },
        patterns: &[r"No module named '?mpi4py", r"cannot load MPI library"],
    },
    Sign {
        failure: Failure {
            order: 190,
            id: "F-51",
            cause: "mpi4py belongs to another MPI than the launcher",
            hint: "run `pictl setup --only mpi`",
        },
        patterns: &[r"suspicious MPI execution environment"],
    },
    Sign {
        failure: Failure {
            order: 210,
            id: "F-72",
            cause: "a node allows too few open files for so many ranks",
            hint: "ask for fewer ranks, or raise `ulimit -n` on the nodes",
        },
        patterns: &[r"Too many open files"],
    },
    Sign {
        failure: Failure {
            order: 220,
            id: "F-18",
            cause: "a node's disk is full or can only be read",
            hint: "free some space; an SD card that became read-only is failing",
        },
        patterns: &[r"No space left on device", r"Read-only file system"],
    },
];
