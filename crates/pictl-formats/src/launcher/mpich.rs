//! MPICH with its launcher Hydra, `mpiexec.hydra`.

use std::net::IpAddr;
use std::time::Duration;

use pictl_model::node::MpiFamily;
use pictl_model::run::{Map, Spawn, Stream};
use pictl_model::text::clean;
use pictl_model::units::Rank;

use super::common::{IPV4, rank, strings};
use super::contract::{Compiler, Daemons, Launcher, Library, Packages};
use super::launch::Launch;
use super::tags::{Number, Tag, Tags, number};
use crate::failure::{self, Failure, Sign};

/// MPICH's ranks never come to the end of their end in every third run (MPICH 4.0 over UCX, three nodes).
const EXIT: Duration = Duration::from_secs(3);

/// Hydra, in the releases that Debian has: 4.0 and 4.2.
#[derive(Debug)]
pub(super) struct Mpich;

impl Launcher for Mpich {
    fn name(&self) -> &'static str {
        "MPICH"
    }

    fn family(&self) -> MpiFamily {
        MpiFamily::Mpich
    }

    fn is_of_version(&self, _version: &str) -> bool {
        true
    }

    /// `HYDRA build details:`, and then `    Version:                                 4.0.2`.
    fn version_in(&self, printed: &str) -> Option<String> {
        let (_, version) = printed.split_once("Version:")?;
        let version = version.split_ascii_whitespace().next()?;
        version.starts_with(|c: char| c.is_ascii_digit()).then(|| clean(version, 32))
    }

    fn version_example(&self) -> &'static str {
        "HYDRA build details:\n    Version:                                 4.0.2\n"
    }

    fn program(&self) -> &'static str {
        "mpiexec.hydra"
    }

    fn own_program(&self) -> &'static str {
        self.program()
    }

    fn library(&self) -> Library {
        Library { name: "MPICH", sonames: &["libmpich.so.12", "libmpi.so.12"] }
    }

    fn packages(&self) -> Packages {
        Packages { launcher: "mpich", mpi4py: "python3-mpi4py" }
    }

    fn is_packaged(&self, _arch: &str, _codename: &str) -> bool {
        true
    }

    /// Debian's default MPI is MPICH on 32-bit ARM from trixie on; elsewhere it is Open MPI.
    fn mpi4py_package(&self, arch: &str, codename: &str) -> Option<&'static str> {
        let is_default = arch == "armhf" && !matches!(codename, "bullseye" | "bookworm");
        is_default.then_some(self.packages().mpi4py)
    }

    fn compiler(&self) -> Compiler {
        Compiler { program: "mpicc.mpich", packages: "gcc libc6-dev libmpich-dev" }
    }

    fn cannot_spawn(&self, spawn: Spawn) -> Option<&'static str> {
        (spawn == Spawn::Tree)
            .then_some("MPICH's launcher starts its daemons one by one, from the head; it has no tree")
    }

    fn command(&self, launch: &Launch) -> Vec<String> {
        let mut words = Vec::new();
        let ranks = launch.ranks.to_string();
        let mut add = |these: &[&str]| words.extend(strings(these));
        if let Some(file) = &launch.options.ssh_config {
            add(&["env", &format!("HYDRA_LAUNCHER_EXTRA_ARGS=-F {file}")]);
        }
        add(&[&launch.install.launcher, "-f", &launch.hostfile, "-n", &ranks]);
        if launch.options.map == Map::Node {
            add(&["-ppn", "1"]);
        }
        // Characters that no program prints by accident; `-l` writes `[0] `, which many do.
        add(&["-prepend-pattern", "\x1e%r\x1f"]);
        if let Some(interface) = launch.interfaces.first() {
            add(&["-iface", interface]);
        }
        if launch.options.outside {
            // A folder that the nodes do not have, such as a home outside of the cluster, ends Hydra.
            add(&["-wdir", "/"]);
        }
        // Ranks would otherwise get the environment of the head, its user's HOME among it.
        add(&["-genvnone"]);
        for (name, value) in &launch.env {
            add(&["-genv", name, value]);
        }
        words.extend(rank(launch));
        words
    }

    fn hostfile_line(&self, host: &str, slots: u16, user: Option<&str>) -> String {
        match user {
            Some(user) => format!("{host}:{slots} user={user}"),
            None => format!("{host}:{slots}"),
        }
    }

    fn refuses_host(&self, host: &str) -> Option<(&'static str, &'static str)> {
        matches!(host.parse(), Ok(IpAddr::V6(_))).then_some(("Hydra reads what follows a colon as a number", IPV4))
    }

    fn accepts_user(&self, user: &str) -> bool {
        user.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
            && user.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
    }

    fn is_own_line(&self, line: &str) -> bool {
        let mut words = line.split_ascii_whitespace();
        let host = words.next().and_then(|word| word.rsplit_once(':'));
        host.is_some_and(|(host, _)| !host.contains(':')) && !words.any(|word| word.starts_with("slots="))
    }

    fn tags(&self) -> &'static dyn Tags {
        &HydraTags
    }

    fn daemons(&self) -> Daemons {
        Daemons { names: &["hydra_pmi_proxy"], mark: "=" }
    }

    fn exit_limit(&self) -> Duration {
        EXIT
    }

    fn signs(&self) -> Vec<Sign> {
        SIGNS.to_vec()
    }
}

/// `\x1eR\x1f`, as the command asks for.
#[derive(Debug)]
struct HydraTags;

impl Tags for HydraTags {
    fn first_byte(&self) -> u8 {
        0x1e
    }

    fn tag(&self, text: &[u8], _end: bool) -> Tag {
        match number(&text[1..]) {
            Number::Of(rank, [0x1f, ..], digits) => Tag::Of((Some(Rank(rank)), Stream::Out), digits + 2),
            Number::Of(_, [], _) | Number::None([]) => Tag::Begun,
            _ => Tag::No,
        }
    }
}

/// A node does not have the working folder.
const FOLDER_MISSING: Failure = Failure {
    order: 100,
    id: "F-36",
    cause: "the node does not have the program's working folder, which is the home folder on the head",
    hint: "use the same user, with the same home folder, on all nodes",
};
/// A rank ended badly.
const BAD_TERMINATION: Failure = Failure {
    order: 140,
    id: "F-59",
    cause: "a rank ended with {status}: an exit status, or the number of a signal",
    hint: "its last lines may say why",
};

const SIGNS: &[Sign] = &[
    Sign {
        failure: failure::DAEMON_MISSING,
        patterns: &[
            r"\bhydra_pmi_proxy: (?:[Cc]ommand )?not found",
            r"\bhydra_pmi_proxy: No such file",
            r"(?:not found|no such file or directory): (?:\S*/)?hydra_pmi_proxy\b",
            r"Unknown command:? '?(?:\S*/)?hydra_pmi_proxy\b",
        ],
    },
    Sign {
        failure: failure::DAEMON_BROKEN,
        patterns: &[r"\bhydra_pmi_proxy: (?:[Pp]ermission denied|cannot execute|error while loading|Exec format)"],
    },
    Sign { failure: failure::VERSION_MISMATCH, patterns: &[r"UI version string does not match proxy version"] },
    Sign {
        failure: failure::NOT_UNDERSTOOD,
        patterns: &[r"token \S+ not supported at this time", r"unrecognized argument"],
    },
    Sign {
        failure: failure::NO_ANSWER_BACK,
        patterns: &[r"unable to connect to server (?P<node>[\w.:-]+) at port", r"HYDU_sock_connect"],
    },
    Sign {
        failure: FOLDER_MISSING,
        patterns: &[r"proxy:\d+:\d+@(?P<node>[\w.-]+)\] launch_procs [^\n]{0,200}unable to change wdir"],
    },
    // Hydra does not say whose connection.
    Sign { failure: failure::NODE_LOST, patterns: &[r"control_cb \([^)\n]{1,80}\): assert \(!closed\) failed"] },
    Sign {
        failure: BAD_TERMINATION,
        patterns: &[
            r"BAD TERMINATION[^\n]{0,80}\s+=\s+PID \d+ RUNNING AT (?P<node>[\w.:-]+)\s+=\s+EXIT CODE: (?P<status>\d+)",
        ],
    },
    Sign { failure: failure::WRONG_NETWORK, patterns: &[r"unable to find interface \S+"] },
    Sign {
        failure: failure::PROGRAM_REFUSED,
        patterns: &[
            r"proxy:\d+:\d+@(?P<node>[\w.-]+)\] [^\n]{0,200}execvp error on file (?P<file>\S+) \(Permission denied\)",
            r"execvp error on file (?P<file>\S+) \(Permission denied\)",
        ],
    },
    Sign {
        failure: failure::PROGRAM_MISSING,
        patterns: &[r"proxy:\d+:\d+@(?P<node>[\w.-]+)\] [^\n]{0,200}execvp error on file", r"execvp error on file"],
    },
    Sign { failure: failure::DAEMON_NOT_STARTED, patterns: &[r"Launch proxy failed"] },
];
