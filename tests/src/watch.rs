//! A run whose every event is followed, and what must hold after each run, however it ended.

use std::time::{Duration, Instant};

use pictl_model::event::{Event, Stamped};
use pictl_model::run::{RunEvent, RunSummary};
use pictl_model::world::{RunView, World};
use rustix::process::Signal;

use crate::limits::deadline;
use crate::processes::Process;
use crate::{Ended, LIMIT, Lab, Operator, Running};

/// How long a lab can take to get to a point of a run.
const POINT: Duration = LIMIT.saturating_mul(4);

/// `pictl … --json` in the middle of a run.
pub struct Watch<'a> {
    me: &'a Operator<'a>,
    running: Running,
}

/// A run, watched from beginning to end.
#[derive(Debug)]
pub struct Watched {
    /// How the program ended; its output are the events.
    pub ended: Ended,
    /// The run at its end.
    pub run: RunView,
}

impl<'a> Watch<'a> {
    /// Starts `pictl` with these arguments and `--json`.
    pub fn start(me: &'a Operator<'a>, args: &[&str]) -> Self {
        Self { me, running: Running::start(me.pictl(&[&["--json"], args].concat()), "") }
    }

    /// Waits for an event of the run, among those that were not waited for yet.
    ///
    /// # Panics
    ///
    /// When it does not come.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut wanted: impl FnMut(&RunEvent) -> bool) {
        self.running.wait_for_line(what, POINT, |line| matches!(event(line), Some((_, event)) if wanted(&event)));
    }

    /// Waits until as many slices more are done.
    #[track_caller]
    pub fn until_slices(&mut self, count: usize) {
        let mut seen = 0;
        self.until(&format!("{count} slices"), |event| {
            seen += usize::from(matches!(event, RunEvent::Slice { .. }));
            seen == count
        });
    }

    /// Waits until the run is stopped by this rung of the ladder.
    #[track_caller]
    pub fn until_stopping(&mut self, wanted: u8) {
        let stopping = |event: &RunEvent| matches!(event, RunEvent::Stopping { rung, .. } if *rung == wanted);
        self.until(&format!("rung {wanted}"), stopping);
    }

    /// Waits until as many ranks of a program have printed `text` as a line of its own.
    #[track_caller]
    pub fn until_printed(&mut self, text: &str, ranks: usize) {
        let mut seen = 0;
        self.until(&format!("{text:?} from {ranks} ranks"), |event| {
            seen += usize::from(matches!(event, RunEvent::Output { line, .. } if line == text));
            seen == ranks
        });
    }

    /// Waits for the plan of the run; its id.
    #[track_caller]
    pub fn id(&mut self) -> String {
        let mut found = String::new();
        self.running.wait_for_line("a planned run", POINT, |line| match event(line) {
            Some((run, _)) => {
                found = run;
                true
            }
            None => false,
        });
        found
    }

    /// Sends a signal to pictl.
    pub fn signal(&self, signal: Signal) {
        self.running.signal(signal);
    }

    /// The most memory that pictl has held so far, in KiB.
    ///
    /// # Panics
    ///
    /// When pictl is gone.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.running.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Waits for the end of a pictl that was killed.
    #[track_caller]
    pub fn killed(self) {
        self.running.wait_for_end(POINT).with(-9);
    }

    /// Waits for the end. What holds after every run is checked: its record reads, and replaying it gives the same run.
    ///
    /// # Panics
    ///
    /// When there is no end within `limit`, or something does not hold.
    #[track_caller]
    pub fn end(self, limit: Duration) -> Watched {
        let ended = self.running.wait_for_end(limit);
        let live = fold(&ended.out).unwrap_or_else(|| panic!("no run\n{}{}", ended.out, ended.err));
        assert_eq!(replayed(self.me, live.plan.id.as_str()), live, "the record differs from what was reported");
        Watched { ended, run: live }
    }
}

impl Watched {
    /// How the run ended.
    ///
    /// # Panics
    ///
    /// When it did not.
    #[track_caller]
    pub fn summary(&self) -> &RunSummary {
        self.run.summary.as_ref().unwrap_or_else(|| panic!("the run has no end\n{}", self.ended.err))
    }
}

/// What the record of a run shows at its end.
///
/// # Panics
///
/// When it cannot be read whole.
#[track_caller]
pub fn replayed(me: &Operator, id: &str) -> RunView {
    let ended = me.run(&["runs", "replay", id, "--json"]).with(0);
    assert_eq!(ended.err, "", "a record that is not whole");
    fold(&ended.out).expect("a run")
}

/// What events add up to.
fn fold(lines: &str) -> Option<RunView> {
    let mut world = World::default();
    for line in lines.lines() {
        let stamped: Stamped = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        world.apply(&stamped);
    }
    world.run
}

/// The run's event in a line, and whose it is.
fn event(line: &str) -> Option<(String, RunEvent)> {
    match serde_json::from_str::<Stamped>(line).ok()?.event {
        Event::Run { run, event } => Some((run.to_string(), event)),
        _ => None,
    }
}

/// Checks that nothing of any run is left on these nodes: no rank, no launcher, no daemon of one. They are read from
/// outside, so a node that is cut off is no exception.
///
/// # Panics
///
/// When something is left after `limit`, with what it is.
#[track_caller]
pub fn nothing_left(lab: &Lab, numbers: &[usize], limit: Duration) {
    let mut left = Vec::new();
    let deadline = deadline(limit);
    loop {
        left.clear();
        for number in numbers {
            let here = lab.processes(*number).into_iter().filter(Process::is_of_a_run);
            left.extend(here.map(|process| format!("n{number}: {}", process.command_line)));
        }
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "left behind:\n{}", left.join("\n"));
        std::thread::sleep(Duration::from_millis(50));
    }
}
