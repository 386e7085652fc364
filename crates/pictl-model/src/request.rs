//! What a front end can ask for, what it can be asked, and how a request is refused.

mod launch;
mod question;

use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::ids::{HostName, MacAddr, MacPrefix, NodeId, QuestionId, RunId};
use crate::node::{Member, MpiFamily};
use crate::prefix::MpiPrefix;
use crate::step::StepId;
use crate::trust::TrustPolicy;
use crate::units::Millis;

pub use launch::{BenchRequest, Head, LaunchWish, OwnProgram};
pub use question::{Answer, Question, Rejected, SecretAnswer, SecretWord};

/// How hosts are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanMethod {
    /// The best that this user can do.
    #[default]
    Auto,
    /// Raw ARP requests (root or `CAP_NET_RAW`, local subnets only).
    Arp,
    /// TCP connections to the SSH port, and the neighbour table that they fill.
    Connect,
}

/// A request to scan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanRequest {
    /// Targets as the user wrote them; none means the machine's own subnets.
    pub targets: Vec<String>,
    /// By which method.
    pub method: ScanMethod,
    /// Only through this interface.
    pub interface: Option<String>,
    /// The SSH port to try.
    pub port: u16,
    /// Targets to exclude, written as targets are.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Also own networks that are wider than a scan takes by itself.
    #[serde(default)]
    pub wide: bool,
    /// Listen for seconds, also where the network seems quick and sound: for hosts that sleep long.
    #[serde(default)]
    pub thorough: bool,
    /// MAC prefixes that count as a Raspberry Pi's besides the known ones.
    #[serde(default)]
    pub prefixes: Vec<MacPrefix>,
    /// Begin another pass each time that this long has passed since the last one, until it is stopped.
    #[serde(default)]
    pub every: Option<Millis>,
    /// Hosts to expect; the engine fills it in.
    #[serde(skip)]
    pub expected: Vec<Expected>,
}

/// A host that a scan has a reason to expect at an address: it is patient there, and says so when nobody answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Where.
    pub address: IpAddr,
    /// Its MAC, where known.
    pub mac: Option<MacAddr>,
    /// The MACs of its other network interfaces, where known: it may answer with any of them.
    pub interfaces: Vec<MacAddr>,
    /// The identification of its SSH server is known, or pictl is connected to it: as long as the MAC is the same, the scan
    /// does not connect to it again, which OpenSSH would count against this computer.
    pub ssh_known: bool,
}

/// The user to log in as, and with what. Passwords are not here: they travel as [`SecretAnswer`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// User name for nodes that have none in the inventory.
    pub user: Option<String>,
    /// SSH port for nodes that have none in the inventory.
    pub port: Option<u16>,
    /// A private key file to offer first.
    pub identity: Option<PathBuf>,
    /// Who decides on unknown host keys.
    pub trust: TrustPolicy,
    /// The jump hosts, whatever the inventory says: `[USER@]HOST[:PORT]`, several with commas
    /// between; `none`: a direct connection.
    #[serde(default)]
    pub jump: Option<String>,
}

/// Work on keys beyond what makes a cluster. Nothing of it is done unless it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyWork {
    /// A new key pair for the operator is made and proved on every node, and the one before is taken out there.
    pub rotate: bool,
    /// Every node makes itself a new key pair, which takes the place of the one before everywhere.
    pub rotate_nodes: bool,
    /// Taken out of every node's authorized keys: public key lines, fingerprints (`SHA256:…`) or comments.
    pub remove: Vec<String>,
    /// Nodes that share host keys or machine-id with another get their own.
    pub unclone: bool,
    /// Enables or disables password login.
    pub passwords: Option<bool>,
}

/// A request to make a cluster of nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupRequest {
    /// Which nodes, in the order in which names are counted; none means all members.
    pub nodes: Vec<NodeId>,
    /// Names that you chose.
    pub names: Vec<(NodeId, HostName)>,
    /// Names of the rest: this and a number, `pi01`, `pi02`, …
    pub prefix: String,
    /// The head; otherwise the present one, otherwise the first node.
    pub head: Option<NodeId>,
    /// The MPI wanted; otherwise the one that the cluster has, then the configured one, then the one found on every node, then Open MPI
    /// where the distribution has it.
    pub mpi: Option<MpiFamily>,
    /// The folder that it is in: `/opt/openmpi`, `~/mpi-install`; `/usr` for the distribution's.
    #[serde(default)]
    pub mpi_prefix: Option<MpiPrefix>,
    /// Only these steps (and what they cannot do without); none means all.
    pub only: Vec<StepId>,
    /// Show the plan, change nothing.
    pub dry_run: bool,
    /// Do not ask before changing.
    pub yes: bool,
    /// Work on keys that is wanted besides.
    #[serde(default)]
    pub keys: KeyWork,
    /// How to log in.
    pub login: Login,
}

/// A request to run one command on nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecRequest {
    /// Which members; none means all.
    pub nodes: Vec<NodeId>,
    /// The command line, for the login shell on the node.
    pub command: String,
    /// Give up after this long.
    pub timeout: Option<Millis>,
    /// How to log in.
    pub login: Login,
}

/// What a front end asks of the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// Scan for hosts.
    Scan(ScanRequest),
    /// End the scan or the watch that goes on, and nothing else.
    StopScan,
    /// Make the ACT LED of nodes blink, so that you can find them among the boards on the table.
    Identify {
        /// Which; also nodes that are not in the cluster.
        nodes: Vec<NodeId>,
        /// For how long.
        time: Millis,
        /// How to log in.
        login: Login,
    },
    /// Make a cluster.
    Setup(SetupRequest),
    /// Connect to the members and keep reading their sensors.
    Watch {
        /// How to log in.
        login: Login,
    },
    /// Run a benchmark or the user's own program.
    Bench(BenchRequest),
    /// Join a run that was left running, and show it from its beginning.
    Attach {
        /// Which.
        run: RunId,
        /// How to log in.
        login: Login,
    },
    /// Run a command.
    Exec(ExecRequest),
    /// Answer a question without a secret.
    Answer {
        /// Which question.
        id: QuestionId,
        /// The answer.
        answer: Answer,
    },
    /// More of the standard input of the user's own program.
    Input {
        /// What comes next.
        bytes: Vec<u8>,
        /// Nothing follows.
        end: bool,
    },
    /// Stop what runs: the first time asks, the second kills.
    Cancel,
    /// Change a member's name, user, port or part.
    SetMember {
        /// Who.
        node: NodeId,
        /// What to change.
        change: MemberChange,
    },
    /// Put nodes that were seen into the inventory, with the next free names; nothing is done on them.
    Adopt {
        /// Which, in the order in which names are counted.
        nodes: Vec<NodeId>,
        /// Names are this and a number.
        prefix: String,
        /// The user to log in as.
        login: Login,
    },
    /// Put hosts into the inventory that no scan can see, with the next free names; those that are in it are changed.
    AddUnseen {
        /// Where they are.
        addresses: Vec<IpAddr>,
        /// Names are this and a number.
        prefix: String,
        /// What is special about them.
        change: MemberChange,
        /// The user to log in as.
        login: Login,
    },
    /// Take a node out of the inventory.
    RemoveMember {
        /// Who.
        node: NodeId,
    },
    /// Close connections and end.
    Shutdown,
}

/// A change of one member; `None` leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberChange {
    /// Another name.
    pub name: Option<HostName>,
    /// Another user.
    pub user: Option<String>,
    /// Another port.
    pub port: Option<u16>,
    /// Make it the head.
    pub head: bool,
    /// Another private key file to offer first; an empty path removes it.
    #[serde(default)]
    pub identity: Option<PathBuf>,
    /// Another jump host; an empty text removes it.
    #[serde(default)]
    pub jump: Option<String>,
}

impl MemberChange {
    /// `member` with this change made.
    #[must_use]
    pub fn apply_to(&self, member: &Member) -> Member {
        let change = self.clone();
        Member {
            name: change.name.unwrap_or_else(|| member.name.clone()),
            user: change.user.unwrap_or_else(|| member.user.clone()),
            port: change.port.unwrap_or(member.port),
            head: member.head || change.head,
            identity: change.identity.or_else(|| member.identity.clone()).filter(|path| !path.as_os_str().is_empty()),
            jump: change.jump.or_else(|| member.jump.clone()).filter(|jump| !jump.is_empty()),
            ..member.clone()
        }
    }
}

/// Why a request is refused; all reasons are collected and shown together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The node it is about, if it is about one.
    pub node: Option<NodeId>,
    /// The reason.
    pub reason: String,
    /// What to do.
    pub hint: String,
}

/// On what ground a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// It makes no sense as asked: bad usage or bad input.
    Input,
    /// Something is unreachable, or this user has no permission.
    Access,
}
