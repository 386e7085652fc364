//! Processes of this machine, by what is in their environment or where they are.

use std::fs;

/// A process that runs.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its number on this machine.
    pub pid: i32,
    /// Its command line, with a blank between the arguments.
    pub command_line: String,
    environment: String,
    group: String,
}

/// Launchers and their daemons: Open MPI 4, Open MPI 5, MPICH.
const LAUNCHERS: [&str; 9] = [
    "mpirun",
    "mpirun.openmpi",
    "orterun",
    "orted",
    "prterun",
    "prted",
    "mpiexec.hydra",
    "hydra_pmi_proxy",
    "hydra_bstrap_proxy",
];

impl Process {
    /// It belongs to a run of pictl: it carries the mark of one, or is a launcher.
    pub fn is_of_a_run(&self) -> bool {
        self.environment.split('\0').any(|entry| entry.starts_with("PICTL_RUN="))
            || self.name().is_some_and(|name| LAUNCHERS.contains(&name))
    }

    /// The last part of its program's path.
    pub fn name(&self) -> Option<&str> {
        self.command_line.split_whitespace().next()?.rsplit('/').next()
    }
}

/// All processes but this one, as far as they can be read. Linux only; none elsewhere.
fn all() -> impl Iterator<Item = Process> {
    let me = std::process::id().cast_signed();
    let entries = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let numbered = entries.filter_map(move |entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        (pid != me).then_some((pid, entry.path()))
    });
    numbered.filter_map(|(pid, folder)| {
        let read = |name: &str| fs::read(folder.join(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let command_line = read("cmdline").ok()?.replace('\0', " ");
        Some(Process { pid, command_line, environment: read("environ").ok()?, group: read("cgroup").ok()? })
    })
}

/// The command lines of all processes whose environment has `mark` in it, but this one's. Linux only; none elsewhere.
pub fn processes_with(mark: &str) -> Vec<String> {
    all().filter(|process| process.environment.contains(mark)).map(|process| process.command_line).collect()
}

/// The command lines of all processes that have one of `texts` in their command line or environment, but this one's. Linux
/// only; none elsewhere.
pub fn processes_that_say(texts: &[&str]) -> Vec<String> {
    let says =
        |process: &Process| texts.iter().any(|t| process.command_line.contains(t) || process.environment.contains(t));
    all().filter(says).map(|process| process.command_line).collect()
}

/// All processes in the control group `name` and below.
pub(crate) fn processes_in(name: &str) -> Vec<Process> {
    all().filter(|process| process.group.split(['/', '\n']).any(|part| part == name)).collect()
}
