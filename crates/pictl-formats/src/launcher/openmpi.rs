//! What the releases of Open MPI have in common. What differs is in a file for each release.
//!
//! The spellings that work on every version in Debian were measured.

use std::net::IpAddr;
use std::time::Duration;

use pictl_model::node::MpiFamily;
use pictl_model::run::{Map, Spawn, Stream};
use pictl_model::text::clean;
use pictl_model::units::Rank;

use super::common::{IPV4, libraries, major, rank, strings};
use super::contract::{Compiler, Daemons, Launcher, Library, Packages};
use super::launch::{Launch, MARK};
use super::tags::{Number, Tag, Tags, number};
use crate::failure::{self, Failure, Sign};

/// Up to this many nodes the launcher's own node starts all daemons itself (`routed_radix`).
const TREE: usize = 64;
/// In a tree each node starts this many others: with a wider one, clusters of a few nodes would have no tree at all.
const RADIX: &str = "2";
/// From the last rank's last line to the launcher's end. Open MPI 5 once did not end at all, in a dozen runs.
const EXIT: Duration = Duration::from_secs(10);

/// A release of Open MPI: what it does differently from the others.
#[derive(Debug)]
pub(super) struct OpenMpi {
    pub(super) name: &'static str,
    /// Its major versions.
    pub(super) is_major: fn(u32) -> bool,
    pub(super) version_example: &'static str,
    /// The option that sets a parameter of the runtime.
    pub(super) runtime: &'static str,
    /// The component that starts daemons by SSH.
    pub(super) ssh: &'static str,
    /// The parameter for the width of the tree of daemons.
    pub(super) radix: &'static str,
    /// The options that keep it on the cluster's network.
    pub(super) network: fn(&Launch) -> Vec<String>,
    pub(super) tags: &'static OpenMpiTags,
    pub(super) daemons: &'static [&'static str],
    /// What only this release prints when something fails.
    pub(super) signs: &'static [Sign],
}

impl Launcher for OpenMpi {
    fn name(&self) -> &'static str {
        self.name
    }

    fn family(&self) -> MpiFamily {
        MpiFamily::OpenMpi
    }

    fn is_of_version(&self, version: &str) -> bool {
        (self.is_major)(major(version))
    }

    /// `mpirun (Open MPI) 4.1.4`, and `mpirun.openmpi (OpenRTE) 4.1.4` under Debian's own name.
    fn version_in(&self, printed: &str) -> Option<String> {
        let (_, version) = ["(Open MPI) ", "(OpenRTE) "].iter().find_map(|name| printed.split_once(name))?;
        let version = version.split_ascii_whitespace().next()?;
        (version.starts_with(|c: char| c.is_ascii_digit()) && self.is_of_version(version)).then(|| clean(version, 32))
    }

    fn version_example(&self) -> &'static str {
        self.version_example
    }

    fn program(&self) -> &'static str {
        "mpirun.openmpi"
    }

    fn own_program(&self) -> &'static str {
        "mpirun"
    }

    fn library(&self) -> Library {
        Library { name: "Open MPI", sonames: &["libmpi.so.40"] }
    }

    fn packages(&self) -> Packages {
        Packages { launcher: "openmpi-bin", mpi4py: "python3-mpi4py" }
    }

    /// 32-bit Debian has no Open MPI from trixie on.
    fn is_packaged(&self, arch: &str, codename: &str) -> bool {
        arch != "armhf" || matches!(codename, "bullseye" | "bookworm")
    }

    fn mpi4py_package(&self, arch: &str, codename: &str) -> Option<&'static str> {
        self.is_packaged(arch, codename).then_some(self.packages().mpi4py)
    }

    fn compiler(&self) -> Compiler {
        Compiler { program: "mpicc.openmpi", packages: "gcc libc6-dev libopenmpi-dev" }
    }

    fn cannot_spawn(&self, _spawn: Spawn) -> Option<&'static str> {
        None
    }

    fn command(&self, launch: &Launch) -> Vec<String> {
        let prefix = launch.install.prefix();
        let mut words = Vec::new();
        let ranks = launch.ranks.to_string();
        let mut add = |these: &[&str]| words.extend(strings(these));
        if let Some(prefix) = prefix {
            // It may have been moved since it was compiled: it looks for its parts where this says, here and on the nodes.
            add(&["env", &format!("OPAL_PREFIX={prefix}"), &format!("LD_LIBRARY_PATH={}", libraries(prefix))]);
        }
        add(&[&launch.install.launcher]);
        if let Some(prefix) = prefix {
            add(&["--prefix", prefix]);
        }
        if launch.options.as_root {
            add(&["--allow-run-as-root"]);
        }
        add(&["--hostfile", &launch.hostfile, "-n", &ranks]);
        let map = match launch.options.map {
            Map::Node => "node",
            Map::Slot => "slot",
        };
        if launch.ranks > launch.slots_total {
            // With `--oversubscribe`, Open MPI 5 puts all ranks on the first node, and binds two of them to a core.
            add(&["--map-by", &format!("{map}:OVERSUBSCRIBE"), "--bind-to", "none"]);
        } else {
            add(&["--map-by", map]);
        }
        add(&["--tag-output"]);
        match launch.options.spawn {
            Spawn::Auto if launch.nodes <= TREE => {}
            Spawn::Auto | Spawn::Linear => add(&[self.runtime, &format!("{}_no_tree_spawn", self.ssh), "1"]),
            Spawn::Tree => add(&[self.runtime, self.radix, RADIX]),
        }
        if let Some(file) = &launch.options.ssh_config {
            add(&[self.runtime, &format!("{}_args", self.ssh), &format!("-F {file}")]);
        }
        if let Some(script) = &launch.options.rsh {
            add(&[self.runtime, &format!("{}_agent", self.ssh), &format!("/bin/sh {script}")]);
            // Otherwise it takes the head's login shell for that of all nodes, and csh's language is not sh's.
            add(&[self.runtime, &format!("{}_assume_same_shell", self.ssh), "0"]);
        }
        // A node that lost its power is noticed after about ten seconds, instead of eight minutes.
        for (name, value) in
            [("oob_tcp_keepalive_time", "5"), ("oob_tcp_keepalive_intvl", "2"), ("oob_tcp_keepalive_probes", "3")]
        {
            add(&[self.runtime, name, value]);
        }
        words.extend((self.network)(launch));
        let mut add = |these: &[&str]| words.extend(strings(these));
        for (name, value) in &launch.env {
            add(&["-x", &format!("{name}={value}")]);
        }
        if let Some(prefix) = prefix {
            add(&["-x", &format!("OPAL_PREFIX={prefix}")]);
        }
        // A parameter that nobody reads stands on the command line of the daemons too, which have no environment of ours.
        // PRRTE cuts values at an equals sign.
        for (name, value) in launch.env.iter().filter(|(name, _)| name == MARK) {
            add(&[self.runtime, "pictl_mark", &format!("{name}{}{value}", self.daemons().mark)]);
        }
        words.extend(rank(launch));
        words
    }

    fn hostfile_line(&self, host: &str, slots: u16, user: Option<&str>) -> String {
        match user {
            Some(user) => format!("{user}@{host} slots={slots}"),
            None => format!("{host} slots={slots}"),
        }
    }

    fn refuses_host(&self, host: &str) -> Option<(&'static str, &'static str)> {
        let address = host.parse::<IpAddr>();
        // Its daemons wait for ever for one another where there is nothing but IPv6 (5.0.7).
        if matches!(address, Ok(IpAddr::V6(_))) {
            return Some(("Open MPI needs IPv4", IPV4));
        }
        let is_name = address.is_err();
        (is_name && host.contains('.'))
            .then_some(("Open MPI 4 cuts names at the first dot", "use the address or the name without its domain"))
    }

    /// Its lexer (`hostfile_lex.l`) knows `[A-Za-z0-9][A-Za-z0-9_-]*` only.
    fn accepts_user(&self, user: &str) -> bool {
        user.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
            && user.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    }

    fn is_own_line(&self, line: &str) -> bool {
        line.split_ascii_whitespace().skip(1).any(|word| word.starts_with("slots="))
    }

    fn tags(&self) -> &'static dyn Tags {
        self.tags
    }

    fn daemons(&self) -> Daemons {
        Daemons { names: self.daemons, mark: ":" }
    }

    fn exit_limit(&self) -> Duration {
        EXIT
    }

    fn signs(&self) -> Vec<Sign> {
        [self.signs, SIGNS].concat()
    }
}

/// `[1,R]<stdout>:`, in some releases with a blank behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenMpiTags {
    pub(super) blank: bool,
}

impl Tags for OpenMpiTags {
    fn first_byte(&self) -> u8 {
        b'['
    }

    fn tag(&self, text: &[u8], end: bool) -> Tag {
        let (rest, job_digits) = match number(&text[1..]) {
            Number::Of(_, [b',', rest @ ..], digits) => (rest, digits),
            Number::Of(_, [], _) | Number::None([]) => return Tag::Begun,
            _ => return Tag::No,
        };
        let (rank, rest, digits) = match number(rest) {
            Number::Of(rank, [b']', rest @ ..], digits) => (rank, rest, digits),
            Number::Of(_, [], _) | Number::None([]) => return Tag::Begun,
            _ => return Tag::No,
        };
        let names: [(&[u8], Stream); 3] =
            [(b"<stdout>:", Stream::Out), (b"<stderr>:", Stream::Err), (b"<stddiag>:", Stream::Err)];
        for (name, stream) in names {
            if let Some(after) = rest.strip_prefix(name) {
                if self.blank && after.is_empty() && !end {
                    return Tag::Begun;
                }
                let blank = usize::from(self.blank && after.first() == Some(&b' '));
                return Tag::Of((Some(Rank(rank)), stream), 3 + job_digits + digits + name.len() + blank);
            }
        }
        if names.iter().any(|(name, _)| name.starts_with(rest)) { Tag::Begun } else { Tag::No }
    }
}

/// More ranks than slots.
const TOO_FEW_SLOTS: Failure = Failure {
    order: 80,
    id: "F-25",
    cause: "more ranks than slots were asked for",
    hint: "ask for fewer ranks, or for nodes with more cores",
};
/// A signal ended a rank.
const RANK_KILLED: Failure = Failure {
    order: 120,
    id: "F-58",
    cause: "rank {rank} was ended by signal {signal}",
    hint: "its last lines may say why; signal 9 often means that memory ran out: check `dmesg` on the node",
};
/// A rank ended between `MPI_Init` and `MPI_Finalize`; where it was killed, the daemon may have seen only that it was gone.
const RANK_ENDED_EARLY: Failure = Failure {
    order: 125,
    id: "F-85",
    cause: "rank {rank} ended before its MPI_Finalize: it was killed, or its program ended early",
    hint: "its last lines may say why; `Killed process` in the output of `dmesg` on the node means that memory ran out; a program \
           that ends well calls MPI_Finalize first (in mpi4py, leave mpi4py.rc.finalize as it is)",
};
/// It does not run as root.
const RUN_AS_ROOT: Failure = Failure {
    order: 200,
    id: "F-37",
    cause: "Open MPI refuses to run as root",
    hint: "log in as an ordinary user: `--user NAME`",
};
/// A daemon started, and was not heard of again.
const DAEMON_SILENT: Failure = Failure {
    order: 230,
    id: "F-24",
    cause: "the launcher's daemon started on a node, but could not connect back to the head",
    hint: "check for a firewall between the nodes; all must be in one subnet",
};

/// What every release prints when something fails.
const SIGNS: &[Sign] = &[
    Sign {
        failure: failure::VERSION_MISMATCH,
        patterns: &[
            r"mismatch in versions between two processes",
            r"Data unpack would read past end of buffer",
            r"unpack.*past end of buffer",
        ],
    },
    Sign { failure: failure::NOT_UNDERSTOOD, patterns: &[r"detected a parse error in the hostfile"] },
    Sign {
        failure: TOO_FEW_SLOTS,
        patterns: &[r"There are not enough slots available", r"more cpus than (?:are|what is) available"],
    },
    Sign {
        failure: failure::NODE_LOST,
        patterns: &[
            r"lost communication with a remote daemon[\s\S]{0,600}?Remote daemon:.{0,200}? on node (?P<node>[\w.:-]+)",
            r"lost communication with a remote daemon",
        ],
    },
    Sign {
        failure: RANK_KILLED,
        patterns: &[
            r"process rank (?P<rank>\d+) with PID \d+ on node (?P<node>[\w.:-]+) exited on signal (?P<signal>\d+)",
        ],
    },
    Sign {
        failure: RANK_ENDED_EARLY,
        patterns: &[
            r"due to process rank (?P<rank>\d+) with PID \d+ on\s+node (?P<node>[\w.:-]+)\s+exiting\s+improperly",
        ],
    },
    Sign {
        failure: failure::PEER_DIED,
        patterns: &[r"[Rr]emote host:?\s+(?P<node>[\w.:-]+)[\s\S]{0,200}?Connection reset by peer"],
    },
    Sign {
        failure: failure::WRONG_NETWORK,
        patterns: &[
            r"connect\(\) to (?P<node>[\d.]+):\d+ failed",
            r"failed to TCP connect to a peer",
            r"received unexpected process identifier",
        ],
    },
    Sign {
        failure: failure::NETWORK_SETTINGS,
        patterns: &[
            r"Both TCP interface include and exclude lists were specified",
            r"mutually-exclusive MCA variables were specified[\s\S]{0,400}_if_(?:in|ex)clude",
        ],
    },
    Sign {
        failure: failure::NO_NETWORK,
        patterns: &[
            r"invalid value was given for \w+_if_\w+[\s\S]{0,200}?Local host:\s+(?P<node>[\w.:-]+)[\s\S]{0,600}No network interfaces were found",
            r"No network interfaces were found for out-of-band",
            r"None of the TCP networks specified to be included for out-of-band",
            r"excluded for TCP out-of-band communications\s+resulted in no networks",
        ],
    },
    Sign {
        failure: failure::NO_ANSWER_BACK,
        patterns: &[
            r"unable to complete a TCP connection\s+to another process:\s+Local host:\s+(?P<node>[\w.-]+)\s+Remote host:\s+(?P<peer>[\w.-]+)",
            r"does not know how to route a message[\s\S]{0,200}?target node:\s+(?P<node>[\w.:-]+)",
        ],
    },
    Sign {
        failure: failure::PROGRAM_MISSING,
        patterns: &[
            r"could not access or execute an executable[\s\S]{0,600}?Host:\s+(?P<node>[\w.:-]+)",
            r"could not access or execute an executable",
            r"unable to find the specified executable[\s\S]{0,600}?(?:Node|Host):\s+(?P<node>[\w.:-]+)",
            r"unable to find the specified executable",
        ],
    },
    Sign { failure: RUN_AS_ROOT, patterns: &[r"detected an attempt to run as root"] },
    Sign {
        failure: DAEMON_SILENT,
        patterns: &[
            r"daemon has unexpectedly failed after launch and before[\s\S]{0,900}?(?:Remote host|Node):?\s+(?P<node>[\w.:-]+)",
            r"daemon has unexpectedly failed after launch and before",
        ],
    },
    Sign { failure: failure::DAEMON_NOT_STARTED, patterns: &[r"unable to reliably start one or more daemons"] },
];
