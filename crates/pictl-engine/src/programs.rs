//! The programs of `assets/bench`, carried in the binary and written to the nodes before a launch.

use pictl_model::run::{RunPlan, Workload};
use pictl_report::{Check, exact_check, pi_check, primes_below, sum_to};

use crate::remote::PutFile;

/// The folder on every node that deployed programs go to, from the login's home.
pub const FOLDER: &str = ".pictl/bench";

/// A file of `assets/bench`: its name and its text.
type File = (&'static str, &'static str);

macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../assets/bench/", $name)))
    };
}

const PROGRESS: File = file!("pictl_progress.py");
const SLICES: File = file!("pictl_slices.py");
const PI_FILE: File = file!("pi.py");

/// A program that pictl brings along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its name for people and on the command line.
    pub name: &'static str,
    /// What it does, in one line.
    pub title: &'static str,
    /// How its work is cut.
    pub work: Work,
    right: Right,
    main: File,
    /// What it imports.
    modules: &'static [File],
    /// With fewer ranks it would compute nothing.
    min_ranks: u32,
}

/// How a program's work is cut, with what is taken where nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Nothing about it can be chosen.
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
enum Right {
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
}

/// More numbers than Python tests for primes in a year, and few enough to count the primes among them in no time.
const MOST_TESTED: u64 = 10_000_000_000;
/// Rank 0 has all numbers at once before it scatters them: some 400 MB for so many.
const MOST_SCATTERED: u64 = 10_000_000;
/// Up to here the number of a term is an exact double.
const MOST_TERMS: u64 = 1 << 53;

/// Slices of the π programs: the published figures are of a million terms each; 64 of them keep eight ranks busy.
const PI_SLICES: Work = Work::Slices { count: 64, size: 1_000_000 };

/// Says who runs where; the smoke test.
pub const HELLO: Program = Program {
    name: "hello",
    title: "every rank says where it runs",
    work: Work::Fixed,
    right: Right::RankSum,
    main: file!("hello.py"),
    modules: &[PROGRESS],
    min_ranks: 1,
};

/// The benchmarks that `pictl bench` knows; the first is the one to begin with.
pub const BENCHMARKS: [Program; 7] = [
    Program {
        name: "pi",
        title: "pi by Leibniz's series, dealt out in slices",
        work: PI_SLICES,
        right: Right::Leibniz,
        main: PI_FILE,
        modules: &[PROGRESS, SLICES],
        min_ranks: 1,
    },
    Program {
        name: "pi-published",
        title: "the same as published: rank 0 does not compute",
        work: PI_SLICES,
        right: Right::Leibniz,
        main: file!("pi-published.py"),
        modules: &[PROGRESS, SLICES, PI_FILE],
        min_ranks: 2,
    },
    Program {
        name: "pi-c",
        title: "pi in C, compiled on every node",
        work: Work::Slices { count: 64, size: 500_000_000 },
        right: Right::Leibniz,
        main: file!("pi.c"),
        modules: &[],
        min_ranks: 1,
    },
    Program {
        name: "primes",
        title: "primes counted by trial division, in slices",
        work: Work::Slices { count: 64, size: 10_000 },
        right: Right::Primes,
        main: file!("primes.py"),
        modules: &[PROGRESS, SLICES],
        min_ranks: 1,
    },
    HELLO,
    Program {
        name: "scatter",
        title: "numbers scattered, added up and gathered",
        work: Work::Parts { size: 10_000 },
        right: Right::NumberSum,
        main: file!("scatter.py"),
        modules: &[PROGRESS],
        min_ranks: 1,
    },
    Program {
        name: "example",
        title: "a small sum that every rank times by itself",
        work: Work::Fixed,
        right: Right::ForEachRank(4_000_000 * (12 + 5)),
        main: file!("example.py"),
        modules: &[PROGRESS],
        min_ranks: 1,
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
    /// What was wished, with this program's own numbers where nothing was said, and without those that it does not take.
    pub fn workload(self, wished: &Workload) -> Workload {
        let (slices, slice_size) = match self.work {
            Work::Fixed => (None, None),
            Work::Parts { size } => (None, wished.slice_size.or(Some(size))),
            Work::Slices { count, size } => (wished.slices.or(Some(count)), wished.slice_size.or(Some(size))),
        };
        Workload { slices, slice_size, ..wished.clone() }
    }

    /// Why it cannot be run like this, and what to do instead.
    pub fn obstacle(self, workload: &Workload, ranks: u32) -> Option<(String, &'static str)> {
        if ranks < self.min_ranks {
            let reason = format!("{} needs at least {} ranks: its rank 0 does not compute", self.name, self.min_ranks);
            return Some((reason, "give -n 2 or more"));
        }
        let (wished, most) = match self.right {
            Right::Primes => (numbers(workload), MOST_TESTED),
            Right::NumberSum => (u64::from(ranks).saturating_mul(workload.slice_size.unwrap_or(0)), MOST_SCATTERED),
            Right::Leibniz => (numbers(workload), MOST_TERMS),
            Right::RankSum | Right::ForEachRank(_) => return None,
        };
        let reason = format!("{} takes at most {most} numbers, and this would be {wished}", self.name);
        (wished > most).then_some((reason, "choose fewer or smaller slices"))
    }

    /// Compares a result with what the operator computes by another way.
    pub fn check(self, value: f64, plan: &RunPlan) -> Check {
        let ranks = u64::from(plan.ranks);
        match self.right {
            Right::RankSum => exact_check(value, sum_to(ranks.saturating_sub(1))),
            Right::NumberSum => exact_check(value, sum_to(ranks.saturating_mul(plan.workload.slice_size.unwrap_or(0)))),
            Right::ForEachRank(share) => exact_check(value, u128::from(ranks) * u128::from(share)),
            Right::Leibniz => pi_check(value, numbers(&plan.workload)),
            Right::Primes => exact_check(value, primes_below(numbers(&plan.workload)).into()),
        }
    }

    /// Whether it is a π program in Python, for which preferences of slices are meant.
    pub fn is_python_pi(self) -> bool {
        self.right == Right::Leibniz && !self.is_c()
    }

    /// Whether it is written in C.
    pub fn is_c(self) -> bool {
        self.main.0.strip_suffix(".c").is_some()
    }

    /// The files it needs on every node.
    pub fn files(self) -> Vec<PutFile> {
        std::iter::once(&self.main)
            .chain(self.modules)
            .map(|(file, text)| PutFile {
                kind: None,
                path: format!("~/{FOLDER}/{file}"),
                mode: 0o644,
                content: text.as_bytes().to_vec(),
                expect: None,
                backup: None,
                root: false,
            })
            .collect()
    }

    /// The words that start it with `args` on nodes whose login homes are `homes`.
    ///
    /// `-m mpi4py` makes an uncaught exception on one rank end the job, which would otherwise hang. Where homes differ,
    /// a shell finds each rank's own: one absolute path cannot.
    pub fn words(self, homes: &[&str], args: &[String]) -> Vec<String> {
        let (interpreter, file): (&[&str], _) = match self.main.0.strip_suffix(".c") {
            Some(compiled) => (&[], compiled),
            None => (&["/usr/bin/python3", "-m", "mpi4py"], self.main.0),
        };
        let same = homes.windows(2).all(|pair| pair[0] == pair[1]);
        let mut words: Vec<String> = match homes.first() {
            Some(home) if same => {
                interpreter.iter().map(|&word| word.to_owned()).chain([format!("{home}/{FOLDER}/{file}")]).collect()
            }
            _ => {
                let find = [&["exec"], interpreter].concat().join(" ");
                let find = format!("{find} \"$HOME/{FOLDER}/{file}\" \"$@\"");
                vec!["sh".to_owned(), "-c".to_owned(), find, self.name.to_owned()]
            }
        };
        words.extend_from_slice(args);
        words
    }
}

/// Terms or numbers of all slices.
fn numbers(workload: &Workload) -> u64 {
    u64::from(workload.slices.unwrap_or(0)).saturating_mul(workload.slice_size.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn asked(name: &str, slices: Option<u32>, slice_size: Option<u64>) -> Workload {
        Workload { name: name.into(), slices, slice_size, ..Workload::default() }
    }

    /// The names that a Python text imports.
    fn imports(text: &str) -> BTreeSet<&str> {
        text.lines()
            .filter_map(|line| line.strip_prefix("from ").or_else(|| line.strip_prefix("import ")))
            .filter_map(|rest| rest.split_whitespace().next())
            .collect()
    }

    #[test]
    fn every_program_brings_what_it_imports() {
        let ours: BTreeSet<_> =
            [PROGRESS, SLICES, PI_FILE].iter().map(|(file, _)| file.trim_end_matches(".py")).collect();
        for program in BENCHMARKS {
            let files: Vec<File> = std::iter::once(program.main).chain(program.modules.iter().copied()).collect();
            let brought: BTreeSet<_> = files.iter().map(|(file, _)| file.trim_end_matches(".py")).collect();
            let wanted: BTreeSet<_> = files.iter().flat_map(|(_, text)| imports(text)).collect();
            let missing: Vec<_> = wanted.intersection(&ours).filter(|name| !brought.contains(*name)).collect();
            assert!(missing.is_empty(), "{} lacks {missing:?}", program.name);
            assert_eq!(program.files().len(), brought.len(), "{}", program.name);
        }
    }

    #[test]
    fn names_are_unique_and_titles_fit_a_line() {
        let names: BTreeSet<_> = BENCHMARKS.iter().map(|p| p.name).collect();
        assert_eq!(names.len(), BENCHMARKS.len());
        assert!(BENCHMARKS.iter().all(|p| p.title.chars().count() <= 50));
        assert_eq!(named("pi").map(|p| p.name), Some("pi"));
        assert_eq!(named("nothing"), None);
    }

    #[test]
    fn a_program_takes_its_own_numbers_and_leaves_those_it_does_not_know() {
        let of = |name: &str, slices, size| {
            let workload = named(name).unwrap().workload(&asked(name, slices, size));
            (workload.slices, workload.slice_size)
        };
        assert_eq!(of("pi", None, None), (Some(64), Some(1_000_000)));
        assert_eq!(of("primes", Some(7), None), (Some(7), Some(10_000)));
        assert_eq!(of("scatter", Some(7), Some(5)), (None, Some(5)));
        assert_eq!(of("hello", Some(7), Some(5)), (None, None));
    }

    #[test]
    fn a_program_in_c_is_compiled_and_started_without_python() {
        let c = named("pi-c").unwrap();
        let files = c.files();
        assert_eq!(files.iter().filter_map(compiled_name).collect::<Vec<_>>(), ["pi"]);
        assert_eq!(c.words(&["/home/pi", "/home/pi"], &["-x".into()]), ["/home/pi/.pictl/bench/pi", "-x"]);
        let apart = ["sh", "-c", "exec \"$HOME/.pictl/bench/pi\" \"$@\"", "pi-c"];
        assert_eq!(c.words(&["/home/pi", "/home/bo"], &[]), apart);
        let python = named("pi").unwrap();
        assert_eq!(python.files().iter().filter_map(compiled_name).count(), 0);
        let apart = "exec /usr/bin/python3 -m mpi4py \"$HOME/.pictl/bench/pi.py\" \"$@\"";
        assert_eq!(python.words(&["/home/pi", "/home/bo"], &[])[2], apart);
    }

    #[test]
    fn what_would_wait_for_ever_or_take_all_memory_is_refused() {
        let published = named("pi-published").unwrap();
        let workload = published.workload(&asked("pi-published", None, None));
        assert!(published.obstacle(&workload, 1).unwrap().0.contains("at least 2 ranks"));
        assert_eq!(published.obstacle(&workload, 2), None);
        let primes = named("primes").unwrap();
        assert_eq!(primes.obstacle(&asked("primes", Some(10), Some(1_000_000_000)), 1), None);
        assert!(primes.obstacle(&asked("primes", Some(10), Some(1_000_000_001)), 1).is_some());
        let scatter = named("scatter").unwrap();
        assert_eq!(scatter.obstacle(&asked("scatter", None, Some(1_000_000)), 10), None);
        assert!(scatter.obstacle(&asked("scatter", None, Some(1_000_000)), 11).unwrap().0.contains("11000000"));
        assert!(named("pi-c").unwrap().obstacle(&asked("pi-c", Some(2), Some(u64::MAX)), 1).is_some());
    }
}
