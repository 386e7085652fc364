//! Arguments of the commands that find nodes, make a cluster of them and work on it.

use clap::{Args, Subcommand, ValueEnum};
use pictl_model::node::MpiFamily;
use pictl_model::request::ScanMethod;
use pictl_model::step::StepId;
use pictl_model::{HostName, MpiPrefix};

use super::{HostArgs, examples};

/// `pictl demo`.
#[derive(Debug, Args)]
#[command(after_long_help = examples(&[
    ("pictl demo", "in the dashboard, with 4 nodes"),
    ("pictl demo --nodes 16 --plain", "in plain lines"),
    ("pictl demo --real", "on real Debian hosts"),
]))]
pub(crate) struct Demo {
    /// Use a fresh virtual cluster of real hosts (Linux, root); it is removed afterwards
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
#[command(after_long_help = examples(&[
    ("pictl scan", "this computer's own networks"),
    ("pictl scan 10.0.0.0/24 --exclude 10.0.0.1 --save", "keep the Raspberry Pis"),
    ("pictl scan --watch=10", "report what changes"),
]))]
pub(crate) struct Scan {
    /// CIDR, 10.0.0.1-50, 192.168.1.*, an address or a name; none: this computer's own networks
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Leave out this target; may be given several times
    #[arg(long, value_name = "TARGET")]
    pub exclude: Vec<String>,
    /// How to find hosts
    #[arg(long, value_enum)]
    pub method: Option<Method>,
    /// Only through this interface
    #[arg(long, value_name = "IF")]
    pub interface: Option<String>,
    /// Listen for seconds, even on a quick network: for boards that sleep long
    #[arg(long)]
    pub thorough: bool,
    /// Repeat the scan after this many seconds (5) and report who comes, goes or moves, until Ctrl-C
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "5",
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub watch: Option<u64>,
    /// Add the Raspberry Pis that are found to the inventory
    #[arg(long, conflicts_with = "watch")]
    pub save: bool,
    /// Scan even more than 1024 addresses, or own networks of that size
    #[arg(long)]
    pub yes: bool,
}

/// How to find hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// The best method that this user can use
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
    /// List the nodes
    #[command(after_long_help = examples(&[
        ("pictl nodes list", "all of them"),
        ("pictl nodes list --json", "for a script"),
    ]))]
    List,
    /// Add hosts by address; a scan checks them first, unless a jump host leads to them
    #[command(after_long_help = examples(&[
        ("pictl nodes add 10.0.0.31-34", "four hosts"),
        ("pictl nodes add 192.168.7.2 --jump me@gate", "one behind a jump host"),
    ]))]
    Add {
        /// Addresses or ranges
        #[arg(required = true, value_name = "TARGET")]
        targets: Vec<String>,
    },
    /// Remove nodes from the inventory and forget their host keys; the nodes stay as they are
    #[command(after_long_help = examples(&[
        ("pictl nodes remove pi03", "one"),
        ("pictl nodes remove pi[05-08]", "several"),
    ]))]
    Remove {
        /// Names, addresses or ranges
        #[arg(value_name = "SEL")]
        select: String,
    },
    /// Change the inventory: --user, --port, --identity and --jump of many nodes, --name and --head of one
    #[command(after_long_help = examples(&[
        ("pictl nodes set pi03 --name blue", "another name"),
        ("pictl nodes set pi01 --head", "mpirun runs there"),
        ("pictl nodes set pi[01-04] --user ubuntu --identity ~/.ssh/pi", "another login"),
    ]))]
    Set {
        /// Names, addresses or ranges
        #[arg(value_name = "SEL")]
        select: String,
        /// New name
        #[arg(long)]
        name: Option<HostName>,
        /// Make it the head node, which mpirun runs on
        #[arg(long)]
        head: bool,
    },
    /// Make the green LED of boards blink: of all nodes, or of --nodes; an unknown address is scanned first
    #[command(after_long_help = examples(&[
        ("pictl nodes identify --nodes pi03", "which board is pi03?"),
        ("pictl nodes identify --nodes 10.0.0.31 --seconds 60", "any Raspberry Pi"),
    ]))]
    Identify {
        /// For how long
        #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=3600))]
        seconds: u64,
    },
}

/// `pictl setup`.
#[derive(Debug, Args)]
#[command(after_long_help = examples(&[
    ("pictl setup --nodes 10.0.0.31-34", "make a cluster of four hosts"),
    ("pictl setup --dry-run", "show what would change"),
    ("pictl setup --only mpi,machinefile --yes", "two steps, without asking"),
]))]
pub(crate) struct Setup {
    /// Only these steps, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "STEP", long_help = steps_help())]
    pub only: Vec<StepId>,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before changing
    #[arg(long)]
    pub yes: bool,
    /// The head node, which mpirun runs on
    #[arg(long, value_name = "NODE")]
    pub head: Option<String>,
    /// openmpi or mpich
    #[arg(long)]
    pub mpi: Option<MpiFamily>,
    /// The folder of the MPI, such as /opt/openmpi or '~/mpi-install'; /usr for the distribution's
    #[arg(long, value_name = "DIR")]
    pub mpi_prefix: Option<MpiPrefix>,
    /// New nodes are named with this prefix and a number
    #[arg(long)]
    pub prefix: Option<String>,
}

/// `pictl exec`.
#[derive(Debug, Args)]
#[command(after_long_help = examples(&[
    ("pictl exec -- uptime", "on all nodes"),
    ("pictl exec --nodes pi[01-02] -- vcgencmd measure_temp", "on two"),
    ("pictl exec 'ls /tmp | wc -l'", "a line for the shell"),
]))]
pub(crate) struct Exec {
    #[command(flatten)]
    pub hosts: HostArgs,
    /// End it after this many seconds, with all that it started
    #[arg(long, value_name = "S")]
    pub timeout: Option<u64>,
    /// The command, for the shell of each node
    #[arg(required = true, trailing_var_arg = true, value_name = "CMD")]
    pub command: Vec<String>,
}

/// `pictl machinefile`.
#[derive(Debug, Args)]
#[command(after_long_help = examples(&[
    ("pictl machinefile", "of all nodes"),
    ("pictl machinefile --mpi mpich --names > hosts", "for MPICH, with names"),
    ("pictl machinefile --nodes pi[01-02] --write half", "~/half on the head, of two nodes"),
]))]
pub(crate) struct Machinefile {
    /// For which MPI: openmpi or mpich
    #[arg(long)]
    pub mpi: Option<MpiFamily>,
    /// Write names of nodes
    #[arg(long, conflicts_with = "addresses")]
    pub names: bool,
    /// Write addresses of nodes (the default)
    #[arg(long)]
    pub addresses: bool,
    /// Write the user of every node, as in pi@10.0.0.31
    ///
    /// Without it a user is left out where mpirun assumes it, on the head and on this computer.
    #[arg(long)]
    pub users: bool,
    /// Connect to the nodes and look how many cores they have; otherwise nothing is sent to them
    #[arg(long)]
    pub refresh: bool,
    /// Write it to this file in the head's home directory, instead of printing it; none: machinefile
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "machinefile")]
    pub write: Option<String>,
}

fn steps_help() -> String {
    let lines = StepId::ALL.iter().map(|s| format!("  {:<13} {}", s.word(), s.title()));
    format!(
        "Only these steps, separated by commas, and the steps that they need:\n{}",
        lines.collect::<Vec<_>>().join("\n")
    )
}
