//! The programs of `assets/bench`, carried in the binary and written to the nodes before a launch.

pub mod hpl;
mod launch_test;

use pictl_model::run::Workload;
use pictl_model::world::RunView;
use pictl_report::{Check, exact_check, pi_check, primes_below, primes_sum_below, sum_to};

use crate::remote::PutFile;

/// Why something cannot be run: the reason, and what to do.
pub type Obstacle = (String, String);

/// The folder on every node that deployed programs go to, from the login's home.
pub const FOLDER: &str = ".pictl/bench";

/// A file of `assets/bench`: its name and its text.
type File = (&'static str, &'static str);

macro_rules! asset {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../assets/bench/", $name)))
    };
}

const PROGRESS: File = asset!("pictl_progress.py");
const SLICES: File = asset!("pictl_slices.py");
const PI_FILE: File = asset!("pi.py");
const PRIMES: File = asset!("pictl_primes.py");
const RANK: File = asset!("pictl_rank.py");
const PPFT: File = asset!("pictl_ppft.py");
/// What starts every program in Python.
const START: File = asset!("start.py");

/// A program that pictl brings along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its name for people and on the command line.
    pub name: &'static str,
    /// What it does, in one line.
    pub title: &'static str,
    /// How its work is divided.
    pub work: Work,
    expected: Expected,
    start: Start,
    main: File,
    /// What it imports.
    modules: &'static [File],
    /// Why it does not work with one rank, for programs that do not.
    alone: Option<&'static str>,
    /// By default one rank for each node, instead of one for each slot.
    by_node: bool,
}

/// How a program is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// By the launcher, in Python with mpi4py.
    Mpi4py,
    /// By the launcher, in Python without MPI.
    Python,
    /// By the launcher, once it was compiled.
    Compiled,
    /// By itself on the head. It starts what it needs on the nodes, and these nodes are its ranks.
    Client,
}

/// How a program's work is divided, with its defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// It has no parameters.
    Fixed,
    /// One part for each rank, of so many numbers.
    Parts {
        /// Numbers in a part.
        size: u64,
    },
    /// Slices that ranks take one after another.
    Slices {
        /// How many.
        count: u32,
        /// Terms or numbers in a slice.
        size: u64,
    },
}

/// What a program's result should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// The sum of the numbers of all ranks.
    RankSum,
    /// The sum of the numbers from 1 on that were scattered.
    NumberSum,
    /// This, added up once for each rank.
    ForEachRank(u32),
    /// What the terms of all slices add up to in Leibniz's series.
    Leibniz,
    /// How many primes there are below the last slice's end.
    Primes,
    /// The sum of these primes.
    PrimesSum,
    /// Each rank's line has the name of the host that it is to run on.
    Hosts,
    /// Each two ranks were measured.
    Pairs,
    /// HPL's own checks.
    Hpl,
}

/// More numbers than Python can test for primes in a year, and few enough that their primes are counted quickly here.
const MOST_TESTED: u64 = 10_000_000_000;
/// Rank 0 has all numbers at once before it scatters them: some 400 MB for so many.
const MOST_SCATTERED: u64 = 10_000_000;
/// Up to here the number of a term is an exact double.
const MOST_TERMS: u64 = 1 << 53;

/// Slices of the π programs: the published figures are of a million terms each; 64 of them keep eight ranks busy.
const PI_SLICES: Work = Work::Slices { count: 64, size: 1_000_000 };

/// Slices of the programs that search for primes.
const PRIME_SLICES: Work = Work::Slices { count: 64, size: 10_000 };

/// Prints where each rank runs; the smoke test.
pub const HELLO: Program = Program {
    name: "hello",
    title: "every rank says where it runs",
    work: Work::Fixed,
    expected: Expected::RankSum,
    start: Start::Mpi4py,
    main: asset!("hello.py"),
    modules: &[PROGRESS, RANK],
    alone: None,
    by_node: false,
};

/// The benchmarks that `pictl bench` knows; the first is the one to begin with.
pub const BENCHMARKS: [Program; 11] = [
    Program {
        name: "pi",
        title: "pi by Leibniz's series, handed out in slices",
        work: PI_SLICES,
        expected: Expected::Leibniz,
        main: PI_FILE,
        modules: &[PROGRESS, SLICES],
        ..HELLO
    },
    Program {
        name: "pi-published",
        title: "the same as published: rank 0 does not compute",
        work: PI_SLICES,
        expected: Expected::Leibniz,
        main: asset!("pi-published.py"),
        modules: &[PROGRESS, SLICES, PI_FILE],
        alone: Some("its rank 0 does not compute"),
        ..HELLO
    },
    Program {
        name: "pi-c",
        title: "pi in C, compiled on every node",
        work: Work::Slices { count: 64, size: 500_000_000 },
        expected: Expected::Leibniz,
        start: Start::Compiled,
        main: asset!("pi.c"),
        modules: &[],
        ..HELLO
    },
    Program {
        name: "primes",
        title: "primes counted by trial division, in slices",
        work: PRIME_SLICES,
        expected: Expected::Primes,
        main: asset!("primes.py"),
        modules: &[PROGRESS, SLICES, PRIMES],
        ..HELLO
    },
    Program {
        name: "ppsum",
        title: "sum of primes by Parallel Python, without MPI",
        work: PRIME_SLICES,
        expected: Expected::PrimesSum,
        start: Start::Client,
        main: asset!("ppsum.py"),
        modules: &[PROGRESS, PPFT, PRIMES, asset!("ppsum_server.py")],
        by_node: true,
        ..HELLO
    },
    Program {
        name: "hpl",
        title: "Linpack (HPL) by hpcc, with memory and network",
        expected: Expected::Hpl,
        start: Start::Python,
        main: asset!("hpl.py"),
        modules: &[PROGRESS, RANK],
        ..HELLO
    },
    Program {
        name: "pingpong",
        title: "latency and bandwidth between each two ranks",
        expected: Expected::Pairs,
        main: asset!("pingpong.py"),
        modules: &[PROGRESS],
        alone: Some("it measures between two ranks"),
        by_node: true,
        ..HELLO
    },
    Program {
        name: "hostname",
        title: "every rank prints its host's name, without MPI",
        expected: Expected::Hosts,
        start: Start::Python,
        main: asset!("hostname.py"),
        modules: &[PROGRESS, RANK],
        ..HELLO
    },
    HELLO,
    Program {
        name: "scatter",
        title: "numbers scattered, added up and gathered",
        work: Work::Parts { size: 10_000 },
        expected: Expected::NumberSum,
        main: asset!("scatter.py"),
        modules: &[PROGRESS],
        ..HELLO
    },
    Program {
        name: "example",
        title: "a small sum that every rank times by itself",
        expected: Expected::ForEachRank(4_000_000 * (12 + 5)),
        main: asset!("example.py"),
        modules: &[PROGRESS],
        ..HELLO
    },
];

/// The name that a source in C among deployed files is compiled under.
pub fn compiled_name(file: &PutFile) -> Option<&str> {
    file.path.strip_prefix("~/")?.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(".c")
}

/// The benchmark of this name.
pub fn named(name: &str) -> Option<Program> {
    BENCHMARKS.into_iter().find(|p| p.name == name)
}

impl Program {
    /// What was asked for, completed with the program's defaults, and without the parameters that it does not have.
    pub fn workload(self, asked: &Workload) -> Workload {
        let (slices, slice_size) = match self.work {
            Work::Fixed => (None, None),
            Work::Parts { size } => (None, asked.slice_size.or(Some(size))),
            Work::Slices { count, size } => (asked.slices.or(Some(count)), asked.slice_size.or(Some(size))),
        };
        let hpl = (self.expected == Expected::Hpl).then(|| asked.hpl.unwrap_or_default());
        Workload { slices, slice_size, hpl, ..asked.clone() }
    }

    /// Its default number of ranks, on nodes with so many slots together.
    pub fn ranks(self, nodes: usize, slots: u32) -> u32 {
        if self.by_node { u32::try_from(nodes).unwrap_or(slots) } else { slots }
    }

    /// Why it cannot be run with these parameters, and what to do instead.
    pub fn obstacle(self, workload: &Workload, ranks: u32) -> Option<(String, &'static str)> {
        if let Some(why) = self.alone.filter(|_| ranks < 2) {
            return Some((format!("{} needs at least 2 ranks: {why}", self.name), "give -n 2 or more"));
        }
        let (asked, most) = match self.expected {
            Expected::Primes | Expected::PrimesSum => (numbers(workload), MOST_TESTED),
            Expected::NumberSum => (u64::from(ranks).saturating_mul(workload.slice_size.unwrap_or(0)), MOST_SCATTERED),
            Expected::Leibniz => (numbers(workload), MOST_TERMS),
            Expected::RankSum | Expected::ForEachRank(_) | Expected::Hosts | Expected::Pairs | Expected::Hpl => {
                return None;
            }
        };
        let reason = format!("{} takes at most {most} numbers, and this would be {asked}", self.name);
        (asked > most).then_some((reason, "choose fewer or smaller slices"))
    }

    /// Its result and how many seconds it took: as it reported them, or from its output when it cannot.
    pub fn result(self, view: &RunView) -> Option<(f64, f64)> {
        match self.expected {
            Expected::Hosts => launch_test::result(view),
            _ => view.result,
        }
    }

    /// Compares a result with what the operator computes by another method.
    pub fn check(self, value: f64, view: &RunView) -> Check {
        let workload = &view.plan.workload;
        let ranks = u64::from(view.plan.ranks);
        match self.expected {
            // Of so many ranks there are as many pairs as their numbers add up to.
            Expected::RankSum | Expected::Pairs => exact_check(value, sum_to(ranks.saturating_sub(1))),
            Expected::NumberSum => exact_check(value, sum_to(ranks.saturating_mul(workload.slice_size.unwrap_or(0)))),
            Expected::ForEachRank(share) => exact_check(value, u128::from(ranks) * u128::from(share)),
            Expected::Leibniz => pi_check(value, numbers(workload)),
            Expected::Primes => exact_check(value, primes_below(numbers(workload)).into()),
            Expected::PrimesSum => exact_check(value, primes_sum_below(numbers(workload))),
            Expected::Hosts => launch_test::check(value, view),
            Expected::Hpl => hpl::check(value, view),
        }
    }

    /// Whether it is a π program in Python: the user's default numbers of slices are for these.
    pub fn is_python_pi(self) -> bool {
        self.expected == Expected::Leibniz && !self.is_c()
    }

    /// Whether it is HPL.
    pub fn is_hpl(self) -> bool {
        self.expected == Expected::Hpl
    }

    /// Whether it is written in C.
    pub fn is_c(self) -> bool {
        self.start == Start::Compiled
    }

    /// Whether it needs mpi4py.
    pub fn needs_mpi4py(self) -> bool {
        self.start == Start::Mpi4py
    }

    /// Whether it is started on the head alone and not by the launcher; its ranks are then nodes.
    pub fn is_client(self) -> bool {
        self.start == Start::Client
    }

    /// The files it needs on every node.
    pub fn files(self) -> Vec<PutFile> {
        std::iter::once(&self.main)
            .chain(self.modules)
            .chain((self.start != Start::Compiled).then_some(&START))
            .map(|(file, text)| PutFile::new(format!("~/{FOLDER}/{file}"), 0o644, text.as_bytes().to_vec()))
            .collect()
    }

    /// The command that starts it with `args` on nodes whose login homes are `homes`.
    ///
    /// Python is isolated (`-I`) from what is in the folder that a launcher starts in and from the user's settings: a file
    /// `random.py` there would otherwise be taken for Python's own. Where homes differ, a shell finds each rank's own, since
    /// there is not one absolute path.
    pub fn command(self, homes: &[&str], args: &[String]) -> Vec<String> {
        let python: &[&str] = &["/usr/bin/python3", "-I"];
        let (interpreter, file, words): (_, _, &[&str]) = match self.start {
            Start::Compiled => (&[][..], self.main.0.trim_end_matches(".c"), &[]),
            Start::Mpi4py => (python, START.0, &["-m", "mpi4py", self.main.0]),
            Start::Python | Start::Client => (python, START.0, &[self.main.0]),
        };
        let mut command = folder_command(interpreter, file, homes, self.name);
        command.extend(words.iter().map(|&word| word.to_owned()));
        command.extend_from_slice(args);
        command
    }
}

/// The command that starts `file` of [`FOLDER`] with `interpreter` on nodes whose login homes are `homes`. Where a shell has
/// to find the file, it calls itself `name`.
pub(crate) fn folder_command(interpreter: &[&str], file: &str, homes: &[&str], name: &str) -> Vec<String> {
    let same = homes.windows(2).all(|pair| pair[0] == pair[1]);
    match homes.first() {
        Some(home) if same => {
            interpreter.iter().map(|&word| word.to_owned()).chain([format!("{home}/{FOLDER}/{file}")]).collect()
        }
        _ => {
            let find = [&["exec"], interpreter].concat().join(" ");
            let find = format!("{find} \"$HOME/{FOLDER}/{file}\" \"$@\"");
            vec!["sh".to_owned(), "-c".to_owned(), find, name.to_owned()]
        }
    }
}

/// The arguments that say what a program computes.
pub(crate) fn arguments(workload: &Workload) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut add = |option: &str, value: String| arguments.extend([option.to_owned(), value]);
    if let Some(slices) = workload.slices {
        add("--slices", slices.to_string());
    }
    if let Some(size) = workload.slice_size {
        add("--slice-size", size.to_string());
    }
    if let Some(hpl) = &workload.hpl {
        hpl::arguments(hpl, &mut add);
    }
    arguments.extend(workload.args.iter().cloned());
    arguments
}

/// Terms or numbers of all slices.
fn numbers(workload: &Workload) -> u64 {
    u64::from(workload.slices.unwrap_or(0)).saturating_mul(workload.slice_size.unwrap_or(0))
}

#[cfg(test)]
mod tests;
