//! Arguments of the commands that run programs and show runs.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Subcommand, ValueEnum};
use pictl_engine::programs::BENCHMARKS;

use super::examples;

/// `pictl bench`.
#[derive(Debug, Args)]
#[command(after_long_help = examples(&[
    ("pictl bench pi", "one rank for each core"),
    ("pictl bench pi --lang c -n 8 --repeat 3", "in C, three times"),
    ("pictl bench hpl --size 8000 --grid 2x4", "Linpack"),
]))]
pub(crate) struct Bench {
    /// Which benchmark
    #[arg(value_parser = benchmark())]
    pub name: String,
    /// In this language: `pi --lang c` is pi-c
    #[arg(long, value_enum)]
    pub lang: Option<Language>,
    /// Number of ranks; none: one for each slot
    ///
    /// Without it, pingpong and ppsum run one rank on each node, and all others one for each slot.
    #[arg(short = 'n', value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub ranks: Option<u32>,
    /// Number of slices of work
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub slices: Option<u32>,
    /// Terms or numbers in a slice
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub slice_size: Option<u64>,
    /// Run it this many times, one after another
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: Option<u32>,
    /// Rows of the matrix; none: as many as fit in memory
    #[arg(long, value_name = "N", hide_short_help = true, help_heading = "HPL", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub size: Option<u32>,
    /// Columns of a block; none: 256, and fewer for small matrices
    #[arg(long, value_name = "NB", hide_short_help = true, help_heading = "HPL", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub block: Option<u32>,
    /// The grid of processes, such as 2x4; none: as square as the ranks allow
    #[arg(long, value_name = "PxQ", hide_short_help = true, help_heading = "HPL", value_parser = grid)]
    pub grid: Option<(u32, u32)>,
    /// Share of the free memory for the matrix; none: 75
    #[arg(long, value_name = "PERCENT", hide_short_help = true, help_heading = "HPL", value_parser = clap::value_parser!(u8).range(1..=95))]
    pub memory: Option<u8>,
    #[command(flatten)]
    pub launch: LaunchArgs,
}

/// What a benchmark is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Python with mpi4py
    Python,
    /// C, compiled on every node
    C,
}

/// `pictl run`.
#[derive(Debug, Args)]
#[command(after_long_help = examples(&[
    ("pictl run -n 8 python3 heat.py 1000", "a script of yours; it is copied"),
    ("pictl run --file data.csv ./solver data.csv", "a program with a file"),
    ("pictl run --head operator --detach ./solver", "mpirun here, left running"),
]))]
pub(crate) struct Run {
    /// Number of ranks; none: one for each slot
    #[arg(short = 'n', value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub ranks: Option<u32>,
    /// Copy this file to every node, too; files among the arguments are copied anyway
    #[arg(long = "file", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Copy files that hold a private key or passwords, too; without it they are refused
    #[arg(long, hide_short_help = true)]
    pub private_files: bool,
    /// Let rank 0 read the terminal; it reads a pipe or a file at standard input anyway
    #[arg(long)]
    pub stdin: bool,
    #[command(flatten)]
    pub launch: LaunchArgs,
    /// The program and its arguments; it starts in a folder of its own that holds its files
    #[arg(help_heading = None, required = true, trailing_var_arg = true, value_name = "PROGRAM")]
    pub words: Vec<String>,
}

/// Nodes, chosen as launchers choose them.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct HostArgs {
    /// Only the hosts of this machinefile, with their slots
    ///
    /// A hostfile of Open MPI (`pi01 slots=4`) or a machinefile of MPICH (`pi01:4`). A host without a number has as many slots
    /// as the node has cores. Every host must be a node of the cluster.
    #[arg(short = 'f', long, visible_alias = "machinefile", value_name = "FILE", hide_short_help = true)]
    #[arg(conflicts_with = "host", help_heading = "Launch")]
    pub hostfile: Option<PathBuf>,
    /// Only these hosts, with their slots: pi01:4,pi02
    #[arg(long, value_name = "LIST", hide_short_help = true, help_heading = "Launch")]
    pub host: Option<String>,
}

impl HostArgs {
    /// No hosts were chosen.
    pub(crate) fn is_empty(&self) -> bool {
        self.hostfile.is_none() && self.host.is_none()
    }
}

/// How a run is launched.
#[derive(Clone, Debug, Args)]
pub(crate) struct LaunchArgs {
    #[command(flatten)]
    pub hosts: HostArgs,
    /// Give up after this many seconds
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Launch")]
    pub timeout: Option<u64>,
    /// Give up after this many seconds without output
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..), hide_short_help = true)]
    #[arg(help_heading = "Launch")]
    pub silence: Option<u64>,
    /// How ranks are placed
    #[arg(long, value_enum, hide_short_help = true, help_heading = "Launch")]
    pub map: Option<Map>,
    /// How the launcher starts its daemons on the nodes
    #[arg(long, value_enum, value_name = "HOW", hide_short_help = true, help_heading = "Launch")]
    pub launch: Option<Spawn>,
    /// The node that mpirun runs on; operator: this computer
    ///
    /// With `operator`, this computer starts the ranks and computes nothing itself.
    #[arg(long, value_name = "NODE", help_heading = "Launch")]
    pub head: Option<String>,
    /// Start it, print its id and leave; `pictl attach` joins it
    #[arg(long, help_heading = "Launch")]
    pub detach: bool,
}

/// How ranks are placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Map {
    /// One rank on each node in turn
    Node,
    /// Fill the slots of a node before the next node
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
    /// As the launcher does by default; from the head node beyond 64 nodes
    Auto,
    /// All from the head node
    Linear,
    /// Nodes start other nodes (Open MPI)
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
#[command(after_long_help = examples(&[
    ("pictl attach", "the last one"),
    ("pictl attach 7e48 --plain", "by the end of its id"),
]))]
pub(crate) struct Attach {
    /// Its id, the beginning or end of its id, or `last`
    #[arg(value_name = "RUN", default_value = "last")]
    pub run: String,
}

/// `pictl runs`.
#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List the runs, newest first
    #[command(after_long_help = examples(&[
        ("pictl runs list", "as a table"),
        ("pictl runs list --json", "for a script"),
    ]))]
    List,
    /// Show a run: what ran, how it ended, what each rank did and printed last
    #[command(after_long_help = examples(&[
        ("pictl runs show", "the last one"),
        ("pictl runs show 20261120-1028", "by the beginning of its id"),
        ("pictl runs show --output > out.txt", "all that its program printed"),
    ]))]
    Show {
        /// Its id, the beginning or end of its id, or `last`
        #[arg(value_name = "RUN", default_value = "last")]
        run: String,
        /// Print all output of its program instead
        #[arg(long)]
        output: bool,
    },
    /// Replay the record of a run in the dashboard; without a terminal, print it at once
    #[command(after_long_help = examples(&[
        ("pictl runs replay", "the last one"),
        ("pictl runs replay 7e48 --speed 10", "ten times as fast"),
    ]))]
    Replay {
        /// Its id, the beginning or end of its id, or `last`
        #[arg(value_name = "RUN", default_value = "last")]
        run: String,
        /// How many times as fast as the run
        #[arg(long, default_value_t = 1.0, value_parser = speed)]
        speed: f64,
    },
    /// Delete a run and its record
    #[command(after_long_help = examples(&[
        ("pictl runs delete 7e48", "asks first"),
        ("pictl runs delete 7e48 --yes", "does not ask"),
    ]))]
    Delete {
        /// Its id, or the beginning or end of its id
        #[arg(value_name = "RUN")]
        run: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

fn grid(text: &str) -> Result<(u32, u32), String> {
    let number = |text: &str| text.parse().ok().filter(|n| (1..=10_000).contains(n));
    let parts = text.split_once(['x', 'X']).and_then(|(p, q)| number(p).zip(number(q)));
    parts.ok_or_else(|| "two numbers are expected, such as 2x4".to_owned())
}

fn speed(text: &str) -> Result<f64, String> {
    let fine = |speed: &f64| (0.01..=10_000.0).contains(speed);
    text.parse().ok().filter(fine).ok_or_else(|| "a number from 0.01 to 10000 is expected".to_owned())
}

fn benchmark() -> PossibleValuesParser {
    BENCHMARKS.into_iter().map(|p| PossibleValue::new(p.name).help(p.title)).collect::<Vec<_>>().into()
}
