//! The command line.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use pictl_engine::programs::BENCHMARKS;
use pictl_model::HostName;
use pictl_model::node::MpiFamily;
use pictl_model::step::StepId;

use crate::lab_cmd::LabCommand;

/// Takes a box of Raspberry Pis on a LAN to a benchmarked MPI cluster. Without a command: the dashboard.
#[derive(Debug, Parser)]
#[command(name = "pictl", version, max_term_width = 110, subcommand_required = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(flatten)]
    pub login: LoginArgs,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of all commands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// The cluster to work on
    #[arg(long, global = true, default_value = "default", value_name = "NAME", value_parser = cluster_name)]
    pub cluster: String,
    /// Preferences, instead of $XDG_CONFIG_HOME/pictl/pictl.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One JSON object a line on standard output
    #[arg(long, global = true, conflicts_with = "plain")]
    pub json: bool,
    /// Plain lines, also where a terminal is there
    #[arg(long, global = true)]
    pub plain: bool,
    /// Write a log to this file
    #[arg(long, global = true, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Tell more (twice: much more)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// No colours
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Only these nodes: names, addresses or ranges, such as pi[01-04] or 10.0.0.31-34 (with demo and lab: how many)
    #[arg(long, global = true, value_name = "SEL")]
    pub nodes: Option<String>,
}

/// How to log in on nodes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Login")]
pub(crate) struct LoginArgs {
    /// User name on the nodes
    #[arg(long, global = true, value_name = "U")]
    pub user: Option<String>,
    /// SSH port of the nodes
    #[arg(long, global = true, value_name = "P")]
    pub port: Option<u16>,
    /// Private key to offer
    #[arg(long, global = true, value_name = "FILE")]
    pub identity: Option<PathBuf>,
    /// Read the login password from standard input (its first line)
    #[arg(long, global = true)]
    pub password_stdin: bool,
    /// Read the sudo password from standard input (the next line)
    #[arg(long, global = true)]
    pub sudo_password_stdin: bool,
    /// Host keys never seen: ask, take as new, or refuse. Without a terminal `ask` means `strict`
    #[arg(long, global = true, value_enum, value_name = "HOW")]
    pub trust: Option<Trust>,
}

/// Who decides on host keys never seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Trust {
    /// You, by fingerprint, in one table
    Ask,
    /// They are taken, and told
    New,
    /// They are refused
    Strict,
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

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole job on a simulated cluster; needs nothing, changes nothing
    Demo(Demo),
    /// Make a virtual cluster of real Debian hosts on this machine (Linux, root)
    #[command(subcommand)]
    Lab(LabCommand),
    /// Find hosts: Raspberry Pis and others
    Scan(Scan),
    /// The nodes of the cluster
    Nodes {
        #[command(subcommand)]
        command: Option<NodesCommand>,
    },
    /// Distribute SSH keys
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Make a cluster of the nodes: keys, names, MPI, machinefile, and a test that it works
    Setup(Setup),
    /// Run a command on all nodes at once; equal output is shown once
    Exec(Exec),
    /// Print a machinefile of the nodes
    Machinefile(Machinefile),
    /// Run any MPI program on the nodes, with its files
    Run(Run),
    /// Run a benchmark
    Bench(Bench),
    /// Join a run that outlived its terminal
    Attach(Attach),
    /// Runs so far
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Print the preferences in force, or a commented sample
    Config {
        /// The commented sample instead
        #[arg(long)]
        sample: bool,
    },
    /// Print what the dashboard's keys mean
    Keymap {
        /// As a table in Markdown
        #[arg(long)]
        markdown: bool,
    },
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page
    Man {
        /// Write the pages of all commands into this folder instead
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

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
    /// How to look
    #[arg(long, value_enum)]
    pub method: Option<Method>,
    /// Only through this interface
    #[arg(long, value_name = "IF")]
    pub interface: Option<String>,
    /// Put the Raspberry Pis that are found into the inventory
    #[arg(long)]
    pub save: bool,
    /// Scan also more than 1024 addresses
    #[arg(long)]
    pub yes: bool,
}

/// `pictl nodes`.
#[derive(Debug, Subcommand)]
pub(crate) enum NodesCommand {
    /// List them
    List,
    /// Add hosts by address; they are looked for first
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
    /// Change what the inventory says of a node
    Set {
        /// Its name or address
        #[arg(value_name = "NODE")]
        node: String,
        /// Another name
        #[arg(long)]
        name: Option<HostName>,
        /// Make it the head, where mpirun runs
        #[arg(long)]
        head: bool,
    },
}

/// `pictl keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Your key onto every node
    Push,
    /// Every node's key onto every node
    Mesh,
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

/// `pictl bench`.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Which benchmark
    #[arg(value_parser = benchmark())]
    pub name: String,
    /// The same in another language, where there is one: `pi --lang c` is pi-c
    #[arg(long, value_enum)]
    pub lang: Option<Language>,
    /// Number of ranks; none: one for each slot, and of pingpong and ppsum one for each node
    #[arg(short = 'n', value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub ranks: Option<u32>,
    /// Slices of work, where the benchmark works in slices
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub slices: Option<u32>,
    /// Terms or numbers in a slice
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub slice_size: Option<u64>,
    /// How many times, one after another
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: Option<u32>,
    /// hpl: rows of its matrix; none: as many as fit the memory
    #[arg(long, value_name = "N", help_heading = "HPL", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub size: Option<u32>,
    /// hpl: columns of a block; none: 256, and fewer for small matrices
    #[arg(long, value_name = "NB", help_heading = "HPL", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub block: Option<u32>,
    /// hpl: the grid of processes, as 2x4; none: as square as the ranks allow
    #[arg(long, value_name = "PxQ", help_heading = "HPL", value_parser = grid)]
    pub grid: Option<(u32, u32)>,
    /// hpl: share of the free memory that the matrix may take; none: 75
    #[arg(long, value_name = "PERCENT", help_heading = "HPL", value_parser = clap::value_parser!(u8).range(1..=95))]
    pub memory: Option<u8>,
    #[command(flatten)]
    pub launch: LaunchArgs,
}

/// `pictl run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Number of ranks; none: one for each slot
    #[arg(short = 'n', value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub ranks: Option<u32>,
    /// Copy this file to every node too; files among the program's words are copied anyway
    #[arg(long = "file", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub launch: LaunchArgs,
    /// The program and its arguments; it starts in a folder of its own that holds its files
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "PROGRAM")]
    pub words: Vec<String>,
}

/// How a run is launched.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Launch")]
pub(crate) struct LaunchArgs {
    /// Give up after this many seconds
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: Option<u64>,
    /// Give up when nothing is heard of it for this many seconds
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..))]
    pub silence: Option<u64>,
    /// How ranks are dealt out
    #[arg(long, value_enum)]
    pub map: Option<Map>,
    /// How the launcher starts its daemons on the nodes
    #[arg(long, value_enum, value_name = "HOW")]
    pub launch: Option<Spawn>,
    /// Where mpirun runs: a node, or `operator` for this machine, which computes nothing then
    #[arg(long, value_name = "NODE")]
    pub head: Option<String>,
    /// Start it, print its id and leave; it goes on, and `pictl attach` joins it
    #[arg(long)]
    pub detach: bool,
}

/// How ranks are dealt out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Map {
    /// Round the nodes, one by one
    Node,
    /// All slots of a node before the next node
    Slot,
}

impl From<Map> for pictl_model::run::Map {
    fn from(map: Map) -> Self {
        match map {
            Map::Node => Self::Node,
            Map::Slot => Self::Slot,
        }
    }
}

/// How the launcher starts its daemons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Spawn {
    /// As the launcher does by itself; from the head beyond 64 nodes
    Auto,
    /// All from the head
    Linear,
    /// Nodes start further nodes (Open MPI)
    Tree,
}

impl From<Spawn> for pictl_model::run::Spawn {
    fn from(spawn: Spawn) -> Self {
        match spawn {
            Spawn::Auto => Self::Auto,
            Spawn::Linear => Self::Linear,
            Spawn::Tree => Self::Tree,
        }
    }
}

/// `pictl attach`.
#[derive(Debug, Args)]
pub(crate) struct Attach {
    /// Its id, the beginning or end of it, or `last`
    #[arg(value_name = "RUN", default_value = "last")]
    pub run: String,
}

/// What a benchmark is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Python with mpi4py
    Python,
    /// C, compiled on every node
    C,
}

/// `pictl runs`.
#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List them, newest first
    List,
    /// Show one: what was run, how it ended, what each rank did
    Show {
        /// Its id, the beginning or end of it, or `last`
        #[arg(value_name = "RUN", default_value = "last")]
        run: String,
    },
    /// Show the screens of one again, from its record; without a terminal, its lines at once
    Replay {
        /// Its id, the beginning or end of it, or `last`
        #[arg(value_name = "RUN", default_value = "last")]
        run: String,
        /// Times as fast as it was
        #[arg(long, default_value_t = 1.0, value_parser = speed)]
        speed: f64,
    },
    /// Delete one and its record
    Delete {
        /// Its id, or the beginning or end of it
        #[arg(value_name = "RUN")]
        run: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

fn cluster_name(word: &str) -> Result<String, String> {
    let fine = (1..=64).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        && !word.starts_with('-');
    if fine { Ok(word.to_owned()) } else { Err("letters, digits, - and _ make the name of a cluster".to_owned()) }
}

fn grid(word: &str) -> Result<(u32, u32), String> {
    let number = |word: &str| word.parse().ok().filter(|n| (1..=10_000).contains(n));
    let parts = word.split_once(['x', 'X']).and_then(|(p, q)| number(p).zip(number(q)));
    parts.ok_or_else(|| "two numbers are expected, as 2x4".to_owned())
}

fn speed(word: &str) -> Result<f64, String> {
    let fine = |speed: &f64| (0.01..=10_000.0).contains(speed);
    word.parse().ok().filter(fine).ok_or_else(|| "a number from 0.01 to 10000 is expected".to_owned())
}

fn steps_help() -> String {
    let lines = StepId::ALL.iter().map(|s| format!("  {:<13} {}", s.word(), s.title()));
    format!("Only these steps, with what they cannot do without:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn benchmark() -> PossibleValuesParser {
    BENCHMARKS.into_iter().map(|p| PossibleValue::new(p.name).help(p.title)).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_cluster_is_named_like_a_folder() {
        assert!(cluster_name("lab-1").is_ok());
        for bad in ["", "../x", "a/b", "-x", "a b"] {
            assert!(cluster_name(bad).is_err(), "{bad}");
        }
    }
}
