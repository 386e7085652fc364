//! The catalogue of known failures: what each one means, and what to do about it.
//!
//! The texts by which a failure is recognised stand with the program that prints them: in the file of each launcher, and in
//! [`crate::diagnosis`] for `ssh`, apt, Python and the system. A failure that only one of them has is defined there too; here
//! are those that several share.

/// A failure of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its place: when a text shows several failures, the one with the smallest number is reported. What explains comes before
    /// what only says that something went wrong.
    pub order: u8,
    /// Its number in the catalogue. Failures with one number are variants of one another.
    pub id: &'static str,
    /// What went wrong. Here and in the hint, the name of a group of the pattern, in braces, stands for what the group found.
    pub cause: &'static str,
    /// What to do.
    pub hint: &'static str,
}

/// The texts that show a failure.
#[derive(Clone, Copy, Debug)]
pub struct Sign {
    /// Which failure.
    pub failure: Failure,
    /// Regular expressions, any of which shows it. A group `node` is the node to blame.
    pub patterns: &'static [&'static str],
}

/// A node does not have the launcher's daemon.
pub const DAEMON_MISSING: Failure = Failure {
    order: 10,
    id: "F-20",
    cause: "the launcher's daemon is missing on a node",
    hint: "run `pictl setup --only mpi`: all nodes need the same MPI",
};
/// A node has the launcher's daemon and cannot run it.
pub const DAEMON_BROKEN: Failure = Failure {
    order: 11,
    id: "F-81",
    cause: "the launcher's daemon cannot be run on a node",
    hint: "install MPI there again: `sudo apt-get install --reinstall` with the package of MPI; all nodes need the same \
           architecture",
};
/// Settings of the user's choose networks, and pictl does too.
pub const NETWORK_SETTINGS: Failure = Failure {
    order: 75,
    id: "F-82",
    cause: "settings of Open MPI on a node contradict the network that pictl chooses",
    hint: "take the lines with `if_exclude` and `if_include` out of ~/.openmpi/mca-params.conf and \
           /etc/openmpi/openmpi-mca-params.conf on the nodes",
};
/// The daemons do not reach the launcher.
pub const NO_ANSWER_BACK: Failure = Failure {
    order: 90,
    id: "F-31",
    cause: "the nodes cannot connect back to the launcher: they do not know its name, or a firewall is in between",
    hint: "run `pictl setup --only hosts`, and check for a firewall on the head",
};
/// The runtime finds no network that it may use.
pub const NO_NETWORK: Failure = Failure {
    order: 155,
    id: "F-83",
    cause: "Open MPI finds no network interface that it may use",
    hint: "check on each node that it has an address in the cluster's network (`ip -brief address`), and that no setting in \
           ~/.openmpi/mca-params.conf or /etc/openmpi/openmpi-mca-params.conf excludes it",
};
/// A node has the program and may not run it.
pub const PROGRAM_REFUSED: Failure = Failure {
    order: 165,
    id: "F-84",
    cause: "a node refuses to run {file}: it is not executable, or its disk is mounted with noexec",
    hint: "make it executable on every node: `chmod +x {file}`; `findmnt -no OPTIONS -T {file}` shows noexec",
};
/// The releases of MPI differ.
pub const VERSION_MISMATCH: Failure = Failure {
    order: 60,
    id: "F-27",
    cause: "the nodes have different versions of MPI",
    hint: "bring all nodes to the same release of the system, then run `pictl setup --only mpi`",
};
/// The launcher refuses its hostfile or an option.
pub const NOT_UNDERSTOOD: Failure = Failure {
    order: 70,
    id: "F-30",
    cause: "the launcher does not understand the hostfile or an option: they were written for another MPI",
    hint: "run `pictl setup --only machinefile`",
};
/// A node went away.
pub const NODE_LOST: Failure = Failure {
    order: 110,
    id: "F-56",
    cause: "a node went away during the run: its power, its cable, or a crash",
    hint: "check the node's power supply and cable, and whether it restarted",
};
/// A rank died, and the others noticed.
pub const PEER_DIED: Failure = Failure {
    order: 150,
    id: "F-57",
    cause: "a rank died while others communicated with it, often because memory ran out",
    hint: "search for `Killed process` in the output of `dmesg` on the node",
};
/// Ranks use a network that does not connect them.
pub const WRONG_NETWORK: Failure = Failure {
    order: 160,
    id: "F-32",
    cause: "ranks use a network that does not connect them",
    hint: "all nodes must be in one subnet; take down interfaces such as docker0 on the nodes",
};
/// A node does not have the program.
pub const PROGRAM_MISSING: Failure = Failure {
    order: 170,
    id: "F-35",
    cause: "the program is missing on a node",
    hint: "start the run again: it copies its files; python3 must be in /usr/bin on every node",
};
/// The launcher gives up, without a reason.
pub const DAEMON_NOT_STARTED: Failure = Failure {
    order: 240,
    id: "F-21",
    cause: "the launcher could not start its daemon on a node",
    hint: "run `pictl setup --dry-run` to see which node is not ready",
};
