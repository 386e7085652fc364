//! The simulated `mpirun` of Open MPI 4.1: its options, its hostfile, where it puts ranks, and its own words for what
//! goes wrong. Which node reaches which is decided by the nodes' own files, see [`super::world`].

use std::sync::Arc;

use tokio::task::JoinSet;

use super::board::CORES;
use super::job::{Job, KEEPALIVE};
use super::keys;
use super::launchers::RUNS;
use super::messages;
use super::node::Cell;
use super::plain;
use super::program::{self, Program};
use super::rank::{How, RankEnd};
use super::world::{NEIGHBOUR_LIMIT, NoLink, SSH_PORT};

/// Simulated seconds until the ranks of a fresh `mpirun` begin.
const START: f64 = 0.5;
/// What `mpirun` was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    hostfile: Option<String>,
    ranks: Option<usize>,
    by_node: bool,
    per_node: Option<usize>,
    oversubscribe: bool,
    tag: bool,
    program: Vec<String>,
}

/// A line of the hostfile.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Host {
    user: Option<String>,
    name: String,
    slots: usize,
}

/// The text of a failure and the status that `mpirun` ends with.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    status: u32,
    text: String,
}

/// `mpirun` refuses what it was asked for.
fn refused(text: String) -> Failure {
    Failure { status: 1, text }
}

/// Runs a launcher's command line; ranks are put into `ranks`, which outlives this. Gives the status.
pub(super) async fn run(job: &Arc<Job>, command: &[String], ranks: &mut JoinSet<RankEnd>) -> u32 {
    let Some((launcher, args)) = command.split_first() else { return 0 };
    let name = launcher.rsplit('/').next().unwrap_or(launcher);
    if name == "sleep" {
        job.pass(args.first().and_then(|word| word.parse().ok()).unwrap_or(0.0)).await;
        return 0;
    }
    let is_open_mpi = matches!(name, "mpirun" | "mpirun.openmpi" | "mpiexec" | "mpiexec.openmpi" | "orterun");
    if !is_open_mpi || args.first().is_some_and(|word| word == "--version") {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let answer = plain::answer(&job.head, false, launcher, &args);
        job.out(&String::from_utf8_lossy(&answer.out));
        job.err(&String::from_utf8_lossy(&answer.err));
        return answer.status;
    }
    if !job.head.lock().mpi.contains(&RUNS) {
        job.err(&format!("pictl-run: 4: {launcher}: not found\n"));
        return 127;
    }
    match begin(job, args, ranks).await {
        Ok(()) => watch(job, ranks).await,
        Err(failure) => {
            job.err(&failure.text);
            failure.status
        }
    }
}

/// Everything up to the start of the ranks.
async fn begin(job: &Arc<Job>, args: &[String], ranks: &mut JoinSet<RankEnd>) -> Result<(), Failure> {
    let options = options(args)?;
    let hosts = match &options.hostfile {
        Some(path) => {
            let full = if path.starts_with('/') { path.clone() } else { format!("{}/{path}", job.head.home(false)) };
            let text = job.head.lock().files.text(&full);
            hosts(&text.ok_or_else(|| refused(messages::no_hostfile(path)))?)?
        }
        None => vec![Host { user: None, name: "localhost".into(), slots: CORES.into() }],
    };
    let places = place(&options, &hosts)?;
    let mut cells: Vec<Option<Arc<Cell>>> = vec![None; hosts.len()];
    let mut silent = None;
    for at in places.iter().copied() {
        if cells[at].is_none() {
            match reach(job, &hosts[at]) {
                Ok(cell) => cells[at] = Some(cell),
                // The others are told at once; this one only when ssh has given up.
                Err((failure, true)) => silent = silent.or(Some(failure)),
                Err((failure, false)) => return Err(failure),
            }
        }
    }
    if let Some(failure) = silent {
        job.pass(NEIGHBOUR_LIMIT).await;
        return Err(failure);
    }
    let cells: Vec<(Arc<Cell>, String)> =
        places.iter().filter_map(|at| Some((cells[*at].clone()?, hosts[*at].name.clone()))).collect();
    let program =
        Program::parse(&options.program, &job.head.home(false)).map_err(|(status, text)| Failure { status, text })?;
    job.pass(START).await;
    program::start(job, &program, &cells, options.tag, ranks);
    Ok(())
}

/// Waits for the ranks.
async fn watch(job: &Arc<Job>, ranks: &mut JoinSet<RankEnd>) -> u32 {
    while let Some(ended) = ranks.join_next().await {
        // A rank that panicked is a fault of the simulation; it ends the run as a crash does.
        let Ok(RankEnd { rank, host, pid, how }) = ended else { return 134 };
        match how {
            How::Finished => {}
            How::Exited(status) => {
                job.err(&messages::exited(rank, status));
                return status;
            }
            How::Signalled(signal) => {
                job.err(&messages::signalled(rank, pid, &host, signal));
                return 128 + signal;
            }
            How::Lost => {
                job.pass(KEEPALIVE).await;
                let head = job.head.lock().hostname.clone();
                job.err(&messages::lost(&head, &host));
                return 205;
            }
        }
    }
    0
}

/// The node of a host line, or what `ssh` and `mpirun` say; true: only after a while.
fn reach(job: &Arc<Job>, host: &Host) -> Result<Arc<Cell>, (Failure, bool)> {
    let failed = |why: NoLink| {
        let (said, late) = match why {
            NoLink::Refused(said) => (said, false),
            NoLink::Silent(said) => (said, true),
        };
        (Failure { status: 255, text: messages::no_daemon(&said) }, late)
    };
    // A line that means the head itself needs no ssh.
    if host.name == "localhost" || job.world.find(&job.head, &host.name).is_ok_and(|cell| cell.index == job.head.index)
    {
        return Ok(Arc::clone(&job.head));
    }
    let user = host.user.as_deref().unwrap_or(&job.head.user);
    let cell = job.world.link(&job.head, keys::KEY, user, &host.name, SSH_PORT).map_err(failed)?;
    if !cell.lock().mpi.contains(&RUNS) {
        let text = messages::no_daemon("bash: line 1: orted: command not found\n");
        return Err((Failure { status: 127, text }, false));
    }
    Ok(cell)
}

fn options(args: &[String]) -> Result<Options, Failure> {
    let mut options = Options::default();
    let mut args = args.iter().map(String::as_str);
    while let Some(word) = args.next() {
        let (name, mut given) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value)),
            _ => (word, None),
        };
        let Some(option) = name.strip_prefix('-') else {
            options.program = std::iter::once(word).chain(args).map(str::to_owned).collect();
            return Ok(options);
        };
        let mut value = || given.take().or_else(|| args.next()).unwrap_or_default();
        let number = |word: &str| word.parse().map_err(|_| refused(messages::no_number(name, word)));
        match option.strip_prefix('-').unwrap_or(option) {
            "hostfile" | "machinefile" => options.hostfile = Some(value().to_owned()),
            "n" | "np" | "c" => options.ranks = Some(number(value())?),
            "N" | "npernode" => options.per_node = Some(number(value())?),
            "map-by" => {
                let policy = value();
                let mut parts = policy.split(':');
                match parts.next().unwrap_or_default() {
                    "node" => options.by_node = true,
                    "ppr" => options.per_node = Some(number(parts.next().unwrap_or_default())?),
                    _ => {}
                }
                options.oversubscribe |= policy.split(':').any(|part| part.eq_ignore_ascii_case("oversubscribe"));
            }
            "oversubscribe" => options.oversubscribe = true,
            "tag-output" => options.tag = true,
            "mca" | "gmca" => {
                value();
                args.next();
            }
            "x" | "am" | "bind-to" | "rank-by" | "wdir" | "wd" | "timeout" | "output-filename" | "prefix" | "host"
            | "H" => {
                value();
            }
            "allow-run-as-root" | "nooversubscribe" | "report-bindings" | "display-map" | "display-allocation"
            | "q" | "quiet" | "nolocal" | "enable-recovery" => {}
            _ => return Err(refused(messages::unknown_option(word))),
        }
    }
    Err(refused(messages::nothing_to_do()))
}

fn hosts(text: &str) -> Result<Vec<Host>, Failure> {
    let mut hosts: Vec<Host> = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let wrong = |token: &str| refused(messages::bad_hostfile(number + 1, token));
        if line.contains('\r') {
            return Err(wrong("\\r"));
        }
        let mut words = line.split_whitespace();
        let Some(host) = words.next() else { continue };
        let (user, name) = host.rsplit_once('@').map_or((None, host), |(user, name)| (Some(user.to_owned()), name));
        let fits = |user: &str| {
            user.starts_with(|c: char| c.is_ascii_alphanumeric())
                && user.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        };
        if name.contains(':') || user.as_deref().is_some_and(|user| !fits(user)) {
            return Err(wrong(host));
        }
        let mut parsed = Host { user, name: name.to_owned(), slots: CORES.into() };
        for word in words {
            match word.split_once('=') {
                Some(("slots" | "cpu" | "count", value)) => parsed.slots = value.parse().map_err(|_| wrong(word))?,
                Some(("username", value)) => parsed.user = Some(value.to_owned()),
                Some(("max_slots" | "max-slots" | "slots_max" | "port", _)) => {}
                _ => return Err(wrong(word)),
            }
        }
        hosts.push(parsed);
    }
    Ok(hosts)
}

/// For each rank the index of its host.
fn place(options: &Options, hosts: &[Host]) -> Result<Vec<usize>, Failure> {
    let limit = |host: &Host| options.per_node.map_or(host.slots, |per_node| per_node.min(host.slots));
    let total: usize = hosts.iter().map(limit).sum();
    let ranks = options.ranks.unwrap_or(total);
    if ranks == 0 || hosts.is_empty() || (ranks > total && !options.oversubscribe) {
        let program = options.program.first().map_or("", String::as_str);
        return Err(refused(messages::no_slots(ranks, program)));
    }
    let slots: Vec<usize> = hosts.iter().map(limit).collect();
    let mut places = Vec::with_capacity(ranks);
    if options.by_node {
        for round in 0..slots.iter().copied().max().unwrap_or(0) {
            places.extend((0..hosts.len()).filter(|i| slots[*i] > round));
        }
    } else {
        for (i, slots) in slots.iter().enumerate() {
            places.extend(std::iter::repeat_n(i, *slots));
        }
    }
    // What is beyond the slots goes around once more.
    let full = places.clone();
    while places.len() < ranks {
        if full.is_empty() {
            places.extend(0..hosts.len());
        } else {
            places.extend(&full);
        }
    }
    places.truncate(ranks);
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn options_end_where_the_program_begins() {
        let line = "--hostfile /h -n 8 --map-by node:OVERSUBSCRIBE --bind-to none --mca btl_tcp_if_include eth0 -x PICTL_RUN=a \
                    --tag-output /usr/bin/python3 -m mpi4py pi.py --slices 4";
        let options = options(&words(line)).unwrap();
        assert_eq!(options.ranks, Some(8));
        assert!(options.by_node && options.oversubscribe && options.tag);
        assert_eq!(options.program, words("/usr/bin/python3 -m mpi4py pi.py --slices 4"));
    }

    #[test]
    fn what_mpirun_does_not_know_it_refuses() {
        for line in ["-f hosts hostname", "-ppn 1 hostname", "-prepend-rank hostname"] {
            assert_eq!(options(&words(line)).unwrap_err().status, 1, "{line}");
        }
    }

    #[test]
    fn ranks_go_round_by_node_and_fill_by_slot() {
        let hosts = hosts("# Written by pictl\npi@pi01 slots=2\npi02 slots=1 # weak\n").unwrap();
        let by = |line: &str| place(&options(&words(line)).unwrap(), &hosts).map_err(|f| f.status);
        assert_eq!(by("-n 3 --map-by node x"), Ok(vec![0, 1, 0]));
        assert_eq!(by("-n 3 --map-by slot x"), Ok(vec![0, 0, 1]));
        assert_eq!(by("-n 5 --map-by node:OVERSUBSCRIBE x"), Ok(vec![0, 1, 0, 0, 1]));
        assert_eq!(by("x"), Ok(vec![0, 0, 1]));
        assert_eq!(by("-n 4 x"), Err(1));
    }

    #[test]
    fn hostfiles_that_open_mpi_refuses_are_refused() {
        for text in ["pi01\r\n", "first.last@pi01\n", "pi01:2\n", "pi01 slots=two\n", "_x@pi01\n"] {
            assert!(hosts(text).is_err(), "{text:?}");
        }
    }
}
