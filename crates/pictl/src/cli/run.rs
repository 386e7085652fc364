//! Words of the commands that run programs and tell of runs.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Subcommand, ValueEnum};
use pictl_engine::programs::BENCHMARKS;

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

fn grid(word: &str) -> Result<(u32, u32), String> {
    let number = |word: &str| word.parse().ok().filter(|n| (1..=10_000).contains(n));
    let parts = word.split_once(['x', 'X']).and_then(|(p, q)| number(p).zip(number(q)));
    parts.ok_or_else(|| "two numbers are expected, as 2x4".to_owned())
}

fn speed(word: &str) -> Result<f64, String> {
    let fine = |speed: &f64| (0.01..=10_000.0).contains(speed);
    word.parse().ok().filter(fine).ok_or_else(|| "a number from 0.01 to 10000 is expected".to_owned())
}

fn benchmark() -> PossibleValuesParser {
    BENCHMARKS.into_iter().map(|p| PossibleValue::new(p.name).help(p.title)).collect::<Vec<_>>().into()
}
