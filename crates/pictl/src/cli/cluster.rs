//! Words of the commands that find nodes, make a cluster of them and work on it.

use clap::{Args, Subcommand, ValueEnum};
use pictl_model::HostName;
use pictl_model::node::MpiFamily;
use pictl_model::request::ScanMethod;
use pictl_model::step::StepId;

/// `pictl demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// On a fresh virtual cluster of real hosts (Linux, root); it is taken down afterwards
    #[arg(long)]
    pub real: bool,
    /// Do not ask before installing what --real needs
    #[arg(long)]
    pub yes: bool,
    /// Only for pictl itself: the demo inside the lab's operator namespace
    #[arg(long, hide = true, value_name = "CIDR")]
    pub inside: Option<String>,
}

/// `pictl scan`.
#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// CIDR, 10.0.0.1-50, 192.168.1.*, an address or a name; none: this machine's own networks
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Leave this out, written as a target is; may be given several times
    #[arg(long, value_name = "TARGET")]
    pub exclude: Vec<String>,
    /// How to look
    #[arg(long, value_enum)]
    pub method: Option<Method>,
    /// Only through this interface
    #[arg(long, value_name = "IF")]
    pub interface: Option<String>,
    /// Listen for seconds, also where everybody answers at once: for boards that sleep long
    #[arg(long)]
    pub thorough: bool,
    /// Look again this many seconds after each look (5), and tell who comes, goes or moves, until Ctrl-C
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "5",
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub watch: Option<u64>,
    /// Put the Raspberry Pis that are found into the inventory
    #[arg(long, conflicts_with = "watch")]
    pub save: bool,
    /// Scan also more than 1024 addresses, and own networks of such a size
    #[arg(long)]
    pub yes: bool,
}

/// How to look for hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// The best this user may do
    #[default]
    Auto,
    /// ARP requests (root)
    Arp,
    /// TCP connections to the SSH port
    Connect,
}

impl From<Method> for ScanMethod {
    fn from(method: Method) -> Self {
        match method {
            Method::Auto => Self::Auto,
            Method::Arp => Self::Arp,
            Method::Connect => Self::Connect,
        }
    }
}

/// `pictl nodes`.
#[derive(Debug, Subcommand)]
pub(crate) enum NodesCommand {
    /// List them
    List,
    /// Add hosts by address; they are looked for first, unless they are behind a --jump host
    Add {
        /// Addresses or ranges
        #[arg(required = true, value_name = "TARGET")]
        targets: Vec<String>,
    },
    /// Take nodes out of the inventory and forget their host keys; nothing is done on them
    Remove {
        /// Names, addresses or ranges
        #[arg(value_name = "SEL")]
        select: String,
    },
    /// Change what the inventory says of nodes: --user, --port, --identity and --jump of many, --name and --head of one
    Set {
        /// Names, addresses or ranges
        #[arg(value_name = "SEL")]
        select: String,
        /// Another name
        #[arg(long)]
        name: Option<HostName>,
        /// Make it the head, where mpirun runs
        #[arg(long)]
        head: bool,
    },
    /// Let the green LED of the boards blink, so that they are found on the table: of all nodes, or of --nodes; an address
    /// that is no node is looked for first
    Identify {
        /// For how long
        #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=3600))]
        seconds: u64,
    },
}

/// `pictl setup`.
#[derive(Debug, Args)]
pub(crate) struct Setup {
    /// Only these steps
    #[arg(long, value_delimiter = ',', value_name = "STEP", long_help = steps_help())]
    pub only: Vec<StepId>,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before changing
    #[arg(long)]
    pub yes: bool,
    /// The node on which mpirun runs
    #[arg(long, value_name = "NODE")]
    pub head: Option<String>,
    /// openmpi or mpich
    #[arg(long)]
    pub mpi: Option<MpiFamily>,
    /// New names are this and a number
    #[arg(long)]
    pub prefix: Option<String>,
}

/// `pictl exec`.
#[derive(Debug, Args)]
pub(crate) struct Exec {
    /// Give up after this many seconds
    #[arg(long, value_name = "S")]
    pub timeout: Option<u64>,
    /// The command, as the nodes' shells shall see it
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    pub command: Vec<String>,
}

/// `pictl machinefile`.
#[derive(Debug, Args)]
pub(crate) struct Machinefile {
    /// For which MPI
    #[arg(long)]
    pub mpi: Option<MpiFamily>,
    /// Name the nodes by name
    #[arg(long, conflicts_with = "addresses")]
    pub names: bool,
    /// Name the nodes by address (the default)
    #[arg(long)]
    pub addresses: bool,
}

fn steps_help() -> String {
    let lines = StepId::ALL.iter().map(|s| format!("  {:<13} {}", s.word(), s.title()));
    format!("Only these steps, with what they cannot do without:\n{}", lines.collect::<Vec<_>>().join("\n"))
}
