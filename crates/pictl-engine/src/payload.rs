//! What a run is of: a program that pictl brings along, or one of the user's own with the files it needs.

mod private;
mod program;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use pictl_model::Millis;
use pictl_model::request::{BenchRequest, OwnProgram};
use pictl_model::run::{Origin, Workload};
use program::{Named, named};
use thiserror::Error;

use crate::programs::{self, BENCHMARKS, FOLDER, Obstacle, Program, arguments, folder_command};
use crate::remote::PutFile;

pub use private::secret_in;

/// The folder on every node that the user's own programs work in, from the login's home.
pub const PROGRAMS: &str = ".pictl/programs";
/// Most bytes of the user's files that go to every node: over a Pi's 100 Mbit/s a few seconds for each node.
pub const MOST_BYTES: u64 = 64 << 20;
/// What each rank of the user's own program is started by.
const RANK: (&str, &str) = ("rank.sh", include_str!("../../../assets/bench/rank.sh"));

/// What a run is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A program that pictl brings along.
    Known(Program),
    /// The user's own.
    Own(Own),
}

/// The user's own program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Its folder below [`PROGRAMS`], and the run's name.
    name: String,
    /// The command of each rank, with each deployed file where it is on the nodes.
    words: Vec<String>,
    files: Vec<OwnFile>,
}

/// A file of the operator that goes to every node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFile {
    /// Where it is here.
    pub from: PathBuf,
    /// Where it will be there.
    pub to: String,
    /// It may go there even if it holds a secret.
    pub private: bool,
}

/// A file of the user's that cannot go to the nodes.
#[derive(Debug, Error)]
pub enum FileError {
    /// The system does not hand it out.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is a folder, a device, or something else that cannot be copied.
    #[error("cannot copy {path}: it is not a file")]
    NoFile {
        /// Which.
        path: PathBuf,
    },
    /// It holds a secret, and nobody said that it may go there.
    #[error("will not copy {path} to the nodes: {why}")]
    Secret {
        /// Which.
        path: PathBuf,
        /// What says so.
        why: &'static str,
    },
    /// Together with those before it, it is too large.
    #[error(
        "cannot copy {path}: the program's files are {size} bytes so far, and at most {MOST_BYTES} go to the nodes"
    )]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// Bytes of all files up to this one.
        size: u64,
    },
}

impl FileError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check its path and rights",
            Self::NoFile { .. } => "give its files one by one with --file, or pack them",
            Self::Secret { .. } => {
                "everybody who can read it there has it; leave it out, or add --private-files if that is what you want"
            }
            Self::TooLarge { .. } => {
                "put large data on the nodes by other means (scp, a share), and give its path there"
            }
        }
    }
}

impl Payload {
    /// What `request` wants to be run.
    pub fn of(request: &BenchRequest) -> Result<Self, Obstacle> {
        if let Some(own) = &request.program {
            return Own::new(own).map(Self::Own);
        }
        let name = &request.workload.name;
        programs::named(name).map(Self::Known).ok_or_else(|| {
            let known: Vec<_> = BENCHMARKS.iter().map(|p| p.name).collect();
            (format!("there is no benchmark {name}"), format!("choose one of: {}", known.join(", ")))
        })
    }

    /// What was asked for, completed for this program.
    pub fn workload(&self, asked: &Workload) -> Workload {
        match self {
            Self::Known(program) => program.workload(asked),
            Self::Own(own) => {
                Workload { name: own.name.clone(), origin: Origin::Own, args: own.words.clone(), ..Workload::default() }
            }
        }
    }

    /// How many ranks it has where nothing is said, on nodes with so many slots together.
    pub fn ranks(&self, nodes: usize, slots: u32) -> u32 {
        match self {
            Self::Known(program) => program.ranks(nodes, slots),
            Self::Own(_) => slots,
        }
    }

    /// Whether it is started on the head alone and not by the launcher; its ranks are then nodes.
    pub fn is_client(&self) -> bool {
        matches!(self, Self::Known(program) if program.is_client())
    }

    /// Why it cannot be run like this, and what to do instead.
    pub fn obstacle(&self, workload: &Workload, ranks: u32) -> Option<(String, &'static str)> {
        match self {
            Self::Known(program) => program.obstacle(workload, ranks),
            Self::Own(_) => None,
        }
    }

    /// Longest silence of a program at work: a benchmark's ranks report how far they are at least every second or two, and
    /// one slice of the slowest takes minutes. Of the user's own nothing is known.
    pub fn silence(&self) -> Option<Millis> {
        match self {
            Self::Known(_) => Some(Millis(600_000)),
            Self::Own(_) => None,
        }
    }

    /// Whether its ranks are Python, and MPI is mpi4py to them.
    pub fn is_python(&self) -> bool {
        match self {
            Self::Known(program) => program.needs_mpi4py(),
            Self::Own(own) => named(&own.words).python,
        }
    }

    /// The command that starts each rank, on nodes whose login homes are `homes`.
    pub fn command(&self, homes: &[&str], workload: &Workload) -> Vec<String> {
        match self {
            Self::Known(program) => program.command(homes, &arguments(workload)),
            Self::Own(own) => {
                let mut command = folder_command(&["sh"], RANK.0, homes, &own.name);
                command.push(own.name.clone());
                command.extend_from_slice(&own.words);
                command
            }
        }
    }

    /// The files that pictl brings along for it, for every node.
    pub fn files(&self) -> Vec<PutFile> {
        match self {
            Self::Known(program) => program.files(),
            Self::Own(_) => vec![PutFile::new(format!("~/{FOLDER}/{}", RANK.0), 0o644, RANK.1.as_bytes().to_vec())],
        }
    }

    /// The user's own files, for every node.
    pub fn own_files(&self) -> Vec<OwnFile> {
        match self {
            Self::Known(_) => Vec::new(),
            Self::Own(own) => own.files.clone(),
        }
    }
}

impl Own {
    fn new(program: &OwnProgram) -> Result<Self, Obstacle> {
        let mut files = Vec::new();
        let mut taken = BTreeSet::new();
        for from in &program.files {
            let to = place(from).ok_or_else(|| {
                let reason = format!("{} cannot be the name of a file on a node", from.display());
                (reason, "rename it: letters, digits and signs of the keyboard".to_owned())
            })?;
            if files.iter().any(|file: &OwnFile| is_same(&file.from, from)) {
                continue;
            }
            if !taken.insert(to.clone()) {
                let reason = format!("two files would both be {to} on the nodes");
                return Err((reason, "rename one, or give both by paths from the present folder".to_owned()));
            }
            files.push(OwnFile { from: from.clone(), to, private: program.private });
        }
        let there =
            |word: &str| files.iter().find(|file| is_same(&file.from, Path::new(word))).map(|file| file.to.clone());
        let mut words = program.words.iter();
        let first = words.next().ok_or_else(|| {
            ("there is no program to run".to_owned(), "say which: pictl run -- PROGRAM ARGUMENTS".to_owned())
        })?;
        // A shell looks for a bare name among its commands, and not in the present folder.
        let command = there(first).map_or_else(|| first.clone(), |to| format!("./{to}"));
        // A word that leads to the file there as it does here stays as it is: a program may start its argument, and of `./x` the
        // dot matters then.
        let rest = words.map(|word| match there(word) {
            Some(to) if Path::new(&to) != plain(Path::new(word)) => to,
            _ => word.clone(),
        });
        let words: Vec<_> = std::iter::once(command).chain(rest).collect();
        let program = match named(&program.words) {
            Named { name, wrapped: true, .. } => name,
            // A command that nobody knows here may be a wrapper too.
            _ => program.words.iter().find(|word| there(word).is_some()).unwrap_or(first).clone(),
        };
        Ok(Self { name: name(&program), words, files })
    }
}

/// The path without dots that lead nowhere.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// Whether both paths lead to one file, such as `my.py` and `./my.py`.
fn is_same(one: &Path, other: &Path) -> bool {
    if plain(one) == plain(other) {
        return true;
    }
    // A word that is no file is no path either.
    match (one.file_name() == other.file_name()).then(|| (fs::canonicalize(one), fs::canonicalize(other))) {
        Some((Ok(one), Ok(other))) => one == other,
        _ => false,
    }
}

/// Where a file of the operator will be in the program's folder: at the same path where that leads down from the present
/// folder, else under its name. `None` when that cannot be a path on a node.
fn place(from: &Path) -> Option<String> {
    let down = from.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let to = if down { plain(from) } else { PathBuf::from(from.file_name()?) };
    let to = to.to_str()?;
    (!to.is_empty() && to.len() <= 255 && !to.contains(char::is_control)).then(|| to.to_owned())
}

/// The name of a run and its folder: the file's name in harmless characters.
fn name(word: &str) -> String {
    let file = word.rsplit('/').next().unwrap_or_default();
    let harmless = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = file.chars().map(harmless).take(64).collect();
    let name = name.trim_start_matches(['.', '-']);
    if name.is_empty() { "program".to_owned() } else { name.to_owned() }
}

/// Reads the files of the program whose folder is called `name`; they stay runnable where they are.
pub fn read(name: &str, files: &[OwnFile]) -> Result<Vec<PutFile>, FileError> {
    let mut size = 0;
    files
        .iter()
        .map(|file| {
            let path = &file.from;
            let fail = |source| FileError::Read { path: path.clone(), source };
            let metadata = fs::metadata(path).map_err(fail)?;
            if !metadata.is_file() {
                return Err(FileError::NoFile { path: path.clone() });
            }
            size += metadata.len();
            if size > MOST_BYTES {
                return Err(FileError::TooLarge { path: path.clone(), size });
            }
            let content = fs::read(path).map_err(fail)?;
            if !file.private
                && let Some(why) = secret_in(path)
            {
                return Err(FileError::Secret { path: path.clone(), why });
            }
            let mode = mode_there(&metadata);
            Ok(PutFile::new(format!("~/{PROGRAMS}/{name}/{}", file.to), mode, content))
        })
        .collect()
}

/// The mode of the copy: who has no access to the file here has none there.
#[cfg(unix)]
fn mode_there(metadata: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    0o600 | metadata.permissions().mode() & 0o755
}

#[cfg(not(unix))]
fn mode_there(_: &fs::Metadata) -> u32 {
    0o755
}

#[cfg(test)]
mod tests;
