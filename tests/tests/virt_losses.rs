//! Everything that ends a run before its time, on every launcher: what pictl reports, what is left of the run, and what its
//! record shows.
//!
//! One table of rows, tried on one virtual cluster for each launcher. On Open MPI 4.1 nearly all rows run, on the others only the
//! most telling ones, and with `PICTL_SLOW` (`tests/run --slow`) all of them on all. `PICTL_ROW` chooses rows by a part of
//! their names.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]
#![allow(clippy::print_stderr, reason = "a test's output is what its runner shows")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use pictl_model::run::{RunEvent, RunOutcome, RunPhase};
use pictl_tests::{
    LIMIT, Lab, Operator, Process, Watch, Watched, eventually, nothing_left, skip, unless_lab_runs_here,
};
use rustix::process::{Pid, Signal, kill_process};

const NODES: [usize; 3] = [1, 2, 3];
/// Much longer than any row takes.
const ENDLESS: [&str; 8] = ["bench", "pi", "-n", "3", "--slices", "100000", "--slice-size", "500000"];
/// A launcher that was asked to stop is killed after 8 s; the cleanup takes some more.
const STOPPED: Duration = LIMIT.saturating_mul(2);
/// For a run of some seconds on a machine with other work, seen by a pictl that has to be found again.
const ENOUGH: Duration = LIMIT.saturating_mul(6);
/// A node without power is noticed after 12 s.
const LOST: Duration = LIMIT.saturating_mul(2);
/// Launchers' daemons notice by themselves that their launcher has ended.
const ALONE: Duration = LIMIT.saturating_mul(2);

/// Bytes of output that a record keeps.
const KEPT: u64 = 64 << 20;

/// Where the rows are tried.
struct Scene<'a> {
    lab: &'a Lab,
    me: &'a Operator<'a>,
    /// Bytes of output without a line end that its launcher passes on in a minute.
    flood: u32,
}

/// Where a row is tried.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Where {
    /// On every launcher.
    Everywhere,
    /// On one: the others differ little in it.
    Once,
    /// Only where time does not matter: another row, or another test, shows nearly the same.
    Slow,
}

/// One reason to end.
struct Row {
    name: &'static str,
    tried: Where,
    go: fn(&Scene),
}

const fn row(name: &'static str, tried: Where, go: fn(&Scene)) -> Row {
    Row { name, tried, go }
}

const ROWS: &[Row] = &[
    row("every benchmark is done", Where::Slow, every_benchmark),
    row("the user stops it", Where::Everywhere, stopped),
    row("the user stops it at once", Where::Once, stopped_twice),
    row("its time is over", Where::Once, overdue),
    row("the launcher is killed", Where::Everywhere, launcher_killed),
    row("a launcher's daemon is killed", Where::Everywhere, daemon_killed),
    row("a node loses its power", Where::Everywhere, node_killed),
    row("a node's cable is pulled", Where::Slow, node_unplugged),
    row("the head loses its power", Where::Once, head_killed),
    row("the head's cable is pulled", Where::Slow, head_unplugged),
    row("pictl is killed, and the run joined again", Where::Everywhere, pictl_killed),
    row("the run is left, and joined after its end", Where::Slow, joined_late),
    row("the connections to the head are cut", Where::Everywhere, connections_killed),
    row("the operator's cable is pulled", Where::Once, operator_unplugged),
    row("a rank ignores every request to end", Where::Everywhere, deaf_rank),
    row("a rank crashes", Where::Everywhere, rank_crashes),
    row("a rank of a benchmark crashes", Where::Everywhere, benchmark_crashes),
    row("a rank fails", Where::Once, rank_fails),
    row("a rank prints without a line end", Where::Once, flood),
    row("the head's disk is full", Where::Once, full_head),
    row("the head's disk fills up", Where::Once, filling_head),
];

/// A program whose ranks do not come to a good end.
const PROGRAM: &str = r#"
rank=${OMPI_COMM_WORLD_RANK:-${PMIX_RANK:-$PMI_RANK}}
[ "$1" != deaf ] || trap '' HUP INT TERM
echo ready
case $1.$rank in
    crash.1) kill -s SEGV $$ ;;
    fail.1) echo 'cannot go on' >&2; exit 7 ;;
    flood.1) head -c "$2" /dev/zero | tr '\0' x; exit 0 ;;
    flood.*) exit 0 ;;
    lines.1) while :; do echo 'a line of some length that is to fill a small disk'; done ;;
esac
sleep 1000
"#;

impl Scene<'_> {
    fn start(&self, words: &[&str]) -> Watch<'_> {
        Watch::start(self.me, words)
    }

    /// A run of [`PROGRAM`] with these arguments, on every node, whose ranks are all at work.
    fn own(&self, what: &str) -> Watch<'_> {
        let mut run = self.start_own(what);
        run.until_printed("ready", 3);
        run
    }

    fn start_own(&self, what: &str) -> Watch<'_> {
        let file = self.me.home.path().join("program.sh");
        fs::write(&file, PROGRAM).unwrap();
        let words = what.split(' ').collect::<Vec<_>>();
        self.start(&[&["run", "-n", "3", "--", "sh", file.to_str().unwrap()], &words[..]].concat())
    }

    /// A run in the midst of its work.
    fn at_work(&self) -> Watch<'_> {
        let mut run = self.start(&ENDLESS);
        run.until_slices(10);
        run
    }

    /// Kills the processes on node `number` that are `chosen`.
    fn kill(&self, number: usize, chosen: impl Fn(&Process) -> bool) {
        self.signal(number, Signal::KILL, chosen);
    }

    fn signal(&self, number: usize, signal: Signal, chosen: impl Fn(&Process) -> bool) {
        let all: Vec<_> = self.lab.processes(number).into_iter().filter(|p| chosen(p)).collect();
        assert!(!all.is_empty(), "none of those runs on node {number}");
        for process in all {
            // It can have ended by itself meanwhile.
            let _ = kill_process(Pid::from_raw(process.pid).unwrap(), signal);
        }
    }

    fn nothing_left(&self) {
        nothing_left(self.lab, &NODES, ALONE);
    }
}

/// The end of a run that failed, with all of `texts` in its reason or its hint.
fn fails(run: Watch, limit: Duration, texts: &[&str]) -> Watched {
    let watched = ends(run, limit, 1, RunOutcome::Failed);
    let summary = watched.summary();
    let (reason, hint) = (summary.reason.clone().expect("a reason"), summary.hint.clone().expect("a hint"));
    for text in texts {
        assert!(reason.contains(text) || hint.contains(text), "not said: {text:?}\n{reason}\n{hint}");
    }
    watched
}

fn ends(run: Watch, limit: Duration, code: i32, outcome: RunOutcome) -> Watched {
    let mut watched = run.end(limit);
    let summary = watched.summary();
    assert_eq!(summary.outcome, outcome, "{:?}\n{}", summary.reason, watched.ended.err);
    watched.ended = watched.ended.with(code);
    watched
}

fn is_launcher(process: &Process) -> bool {
    process.name().is_some_and(|name| ["mpirun.openmpi", "orterun", "prterun", "mpiexec.hydra"].contains(&name))
}

fn is_daemon(process: &Process) -> bool {
    process.name().is_some_and(|name| ["orted", "prted", "hydra_pmi_proxy"].contains(&name))
}

fn stopped(scene: &Scene) {
    let run = scene.at_work();
    run.signal(Signal::INT);
    let watched = ends(run, STOPPED, 130, RunOutcome::Aborted);
    assert_eq!(watched.summary().reason.as_deref(), Some("stopped by the user"));
    swept(&watched, 3);
    scene.nothing_left();
}

fn stopped_twice(scene: &Scene) {
    let mut run = scene.at_work();
    run.signal(Signal::INT);
    run.until_stopping(1);
    run.signal(Signal::INT);
    let watched = ends(run, STOPPED, 130, RunOutcome::Aborted);
    swept(&watched, 3);
    scene.nothing_left();
}

fn overdue(scene: &Scene) {
    let run = scene.start(&[&ENDLESS[..], &["--timeout", "4"]].concat());
    let watched = fails(run, STOPPED, &["4 s", "--timeout"]);
    swept(&watched, 3);
    scene.nothing_left();
}

fn launcher_killed(scene: &Scene) {
    let run = scene.at_work();
    scene.kill(1, is_launcher);
    let watched = fails(run, STOPPED, &["launcher was killed", "pi01"]);
    swept(&watched, 3);
    scene.nothing_left();
}

fn daemon_killed(scene: &Scene) {
    let run = scene.at_work();
    scene.kill(2, is_daemon);
    let watched = fails(run, STOPPED, &["the launcher lost its daemon on", "which answers", "dmesg"]);
    swept(&watched, 3);
    scene.nothing_left();
}

fn node_killed(scene: &Scene) {
    let run = scene.at_work();
    scene.lab.fault("kill", "n3");
    // The launcher can notice before pictl does, and words it differently.
    let watched = fails(run, LOST, &["pi03", "power", "cable"]);
    swept(&watched, 2);
    nothing_left(scene.lab, &[1, 2], ALONE);
    scene.lab.fault("start", "n3");
}

fn node_unplugged(scene: &Scene) {
    let run = scene.at_work();
    scene.lab.fault("unplug", "n3");
    let watched = fails(run, LOST, &["pi03", "power", "cable"]);
    swept(&watched, 2);
    nothing_left(scene.lab, &[1, 2], ALONE);
    // The node without a cable could not be asked. It notices by itself, at the latest when it is connected again.
    scene.lab.fault("plug", "n3");
    scene.nothing_left();
}

fn head_killed(scene: &Scene) {
    let run = scene.at_work();
    scene.lab.fault("kill", "n1");
    let watched = fails(run, LOST, &["pi01 was lost", "check power, temperature and cable of pi01"]);
    swept(&watched, 2);
    nothing_left(scene.lab, &[2, 3], ALONE);
    scene.lab.fault("start", "n1");
}

fn head_unplugged(scene: &Scene) {
    let run = scene.at_work();
    scene.lab.fault("unplug", "n1");
    let watched = fails(run, LOST, &["pi01 was lost", "check power, temperature and cable of pi01"]);
    swept(&watched, 2);
    nothing_left(scene.lab, &[2, 3], ALONE);
    // The launcher is still there, and is alone.
    scene.lab.fault("plug", "n1");
    scene.nothing_left();
}

/// Long enough to be left and joined again.
const PART: usize = 200;
const SOME_SECONDS: [&str; 8] = ["bench", "pi", "-n", "3", "--slices", "200", "--slice-size", "500000"];

/// The run did all of its work, and its record has every slice once.
fn whole(scene: &Scene, run: Watch) -> Watched {
    let watched = ends(run, ENOUGH, 0, RunOutcome::Succeeded);
    let mut slices: Vec<_> = watched.run.marks.iter().map(|mark| mark.slice as usize).collect();
    slices.sort_unstable();
    assert!(slices.iter().copied().eq(0..PART), "{slices:?}");
    scene.nothing_left();
    watched
}

fn pictl_killed(scene: &Scene) {
    let mut run = scene.start(&SOME_SECONDS);
    let id = run.id();
    run.until_slices(20);
    run.signal(Signal::KILL);
    run.killed();
    swept(&whole(scene, scene.start(&["attach", &id])), 3);
}

fn joined_late(scene: &Scene) {
    let id = scene.me.run(&[&SOME_SECONDS[..], &["--detach"]].concat()).with(0).out.trim().to_owned();
    // MPICH's ranks can wait for each other for ever after that.
    let output = scene.lab.disk(1).join("home/pi/.pictl/runs").join(&id).join("out");
    eventually("every rank's last line", ENOUGH, || {
        let done = fs::read_to_string(&output).unwrap().matches(r#""e":"done""#).count();
        (done == NODES.len()).then_some(())
    });
    swept(&whole(scene, scene.start(&["attach", &id])), 3);
}

fn connections_killed(scene: &Scene) {
    let mut run = scene.start(&SOME_SECONDS);
    run.until_slices(20);
    // The one with a login, not the one that listens.
    scene.kill(1, |p| p.command_line.starts_with("sshd") && p.command_line.contains(": pi"));
    swept(&whole(scene, run), 3);
}

fn operator_unplugged(scene: &Scene) {
    let mut run = scene.start(&SOME_SECONDS);
    run.until_slices(20);
    scene.lab.operator_cable(false);
    run.until("out of sight", |event| matches!(event, RunEvent::OutOfSight { .. }));
    scene.lab.operator_cable(true);
    // The run may end before all nodes are connected again: those are reported as not asked.
    assert_eq!(whole(scene, run).run.swept.len(), NODES.len());
}

fn deaf_rank(scene: &Scene) {
    let run = scene.own("deaf");
    run.signal(Signal::INT);
    let watched = ends(run, STOPPED, 130, RunOutcome::Aborted);
    swept(&watched, 3);
    scene.nothing_left();
}

fn rank_crashes(scene: &Scene) {
    let watched = fails(scene.own("crash"), STOPPED, &["rank 1 on pi02 was ended by signal SEGV"]);
    swept(&watched, 3);
    scene.nothing_left();
}

fn rank_fails(scene: &Scene) {
    let run = scene.own("fail");
    let watched = fails(run, STOPPED, &["rank 1 on pi02 ended with exit status 7: cannot go on"]);
    swept(&watched, 3);
    scene.nothing_left();
}

fn benchmark_crashes(scene: &Scene) {
    let run = scene.at_work();
    let rank =
        |p: &Process| p.command_line.contains("pi.py") && p.name().is_some_and(|name| name.starts_with("python"));
    scene.signal(2, Signal::SEGV, rank);
    let watched = fails(run, STOPPED, &["pi02", "rank", "signal"]);
    swept(&watched, 3);
    scene.nothing_left();
}

fn flood(scene: &Scene) {
    let mut run = scene.start_own(&format!("flood {}", scene.flood));
    let id = run.id();
    let before = run.peak_memory();
    run.until("the sweep", |event| matches!(event, RunEvent::Phase { phase: RunPhase::Sweeping }));
    let held = run.peak_memory();
    let watched = ends(run, ENOUGH, 0, RunOutcome::Succeeded);
    // pictl holds no more than twice what a record keeps: what it shows, and what is under way.
    let grown = (held - before) << 10;
    assert!(grown < 2 * KEPT, "pictl held {} MiB more", grown >> 20);
    let record = scene.me.home.path().join("data/pictl/clusters/default/runs").join(id);
    let size: u64 = fs::read_dir(record).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).sum();
    assert!(size < KEPT + KEPT / 4, "the record has {} MiB", size >> 20);
    eprintln!("          pictl held {} MiB, the record has {} MiB", held >> 10, size >> 20);
    swept(&watched, 3);
    scene.nothing_left();
}

/// A small disk under the folder of runs on the head, as long as `during` takes.
fn small_disk(scene: &Scene, during: impl FnOnce()) {
    let mount = "mkdir -p .pictl/runs && sudo mount -t tmpfs -o size=64k,mode=700,uid=$(id -u) none .pictl/runs";
    scene.me.on(1, mount);
    let ended = catch_unwind(AssertUnwindSafe(during));
    scene.me.on(1, "sudo umount -l .pictl/runs");
    ended.unwrap_or_else(|panic| resume_unwind(panic));
}

fn full_head(scene: &Scene) {
    small_disk(scene, || {
        scene.me.on(1, "cat /dev/zero >.pictl/runs/filler 2>/dev/null || true");
        let watched = fails(scene.start(&ENDLESS), STOPPED, &["pi01: ", "No space left", "free some space"]);
        swept(&watched, 3);
        scene.nothing_left();
    });
}

fn filling_head(scene: &Scene) {
    small_disk(scene, || {
        let watched = fails(scene.start_own("lines"), STOPPED, &["pi01: its disk is full", "free some space"]);
        swept(&watched, 3);
        scene.nothing_left();
    });
}

/// Each benchmark, with more ranks than nodes, and its result checked.
fn every_benchmark(scene: &Scene) {
    for words in BENCHMARKS {
        let run = scene.start(&[&["bench"], *words].concat());
        let watched = ends(run, ENOUGH, 0, RunOutcome::Succeeded);
        let summary = watched.summary();
        let (value, expected) = (summary.value.expect("a value"), summary.expected.expect("what is right"));
        assert!((value - expected).abs() <= summary.tolerance.unwrap_or(0.0), "{summary:?}");
        assert!(summary.ranks.iter().all(|rank| rank.done && rank.host.is_some()), "{summary:?}");
        swept(&watched, 3);
    }
    scene.nothing_left();
}

/// Small enough for a second each.
const BENCHMARKS: &[&[&str]] = &[
    &["hello", "-n", "4"],
    &["scatter", "-n", "4", "--slice-size", "1000"],
    &["example", "-n", "4"],
    &["primes", "-n", "4", "--slices", "20", "--slice-size", "1000"],
    &["pi", "-n", "4", "--slices", "30", "--slice-size", "100000"],
    &["pi-published", "-n", "4", "--slices", "30", "--slice-size", "100000"],
    &["pi-c", "-n", "4", "--slices", "8", "--slice-size", "20000000"],
];

/// So many nodes were cleaned up and have nothing left; the others could not be asked.
fn swept(watched: &Watched, nodes: usize) {
    let clean = watched.run.swept.values().filter(|left| **left == Some(0)).count();
    let silent = watched.run.swept.values().filter(|left| left.is_none()).count();
    assert_eq!((clean, silent), (nodes, NODES.len() - nodes), "{:?}", watched.run.swept);
}

fn slow() -> bool {
    std::env::var_os("PICTL_SLOW").is_some()
}

/// Tries the rows up to `most` on one cluster, each whatever the others do.
fn rows_on(os: &str, mpi: &str, most: Where) {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "3", "--os", os, "--with-mpi", mpi]);
    let me = Operator::new(&lab);
    me.set_up();
    let flood = match os {
        // Open MPI 5.0 needs a time by the square of a line's length: a minute for 16 MiB.
        "trixie" => 4 << 20,
        _ if slow() => 1 << 30,
        // Four times what a record keeps.
        _ => 256 << 20,
    };
    let scene = Scene { lab: &lab, me: &me, flood };
    let only = std::env::var("PICTL_ROW").ok();
    let mut failed = Vec::new();
    let most = if slow() { Where::Slow } else { most };
    for row in ROWS.iter().filter(|row| row.tried <= most) {
        if only.as_ref().is_some_and(|only| !row.name.contains(only.as_str())) {
            continue;
        }
        let began = Instant::now();
        let ended = catch_unwind(AssertUnwindSafe(|| (row.go)(&scene)));
        eprintln!(
            "{:6.1} s  {}{}",
            began.elapsed().as_secs_f64(),
            row.name,
            if ended.is_err() { ": FAILED" } else { "" }
        );
        if ended.is_err() {
            failed.push(row.name);
            put_right(&scene);
        }
    }
    assert!(failed.is_empty(), "failed: {}", failed.join("; "));
}

/// After a row that failed: nodes, cables and processes as the next row wants them.
fn put_right(scene: &Scene) {
    scene.lab.operator_cable(true);
    for number in NODES {
        let node = format!("n{number}");
        if scene.lab.processes(number).is_empty() {
            scene.lab.fault("start", &node);
        }
        scene.lab.fault("plug", &node);
        for process in scene.lab.processes(number).iter().filter(|p| p.is_of_a_run()) {
            let _ = kill_process(Pid::from_raw(process.pid).unwrap(), Signal::KILL);
        }
    }
}

#[test]
fn open_mpi_4() {
    rows_on("bookworm", "openmpi-dev", Where::Once);
}

#[test]
fn open_mpi_5() {
    rows_on("trixie", "openmpi-dev", Where::Everywhere);
}

#[test]
fn mpich() {
    rows_on("bookworm", "mpich-dev", Where::Everywhere);
}
