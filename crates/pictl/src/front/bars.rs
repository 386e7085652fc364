//! Bars below the lines of a run at a terminal: the whole run, and each node of it. They stand at the bottom for as long as
//! nothing else is printed; who prints a line takes them away first.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use pictl_model::run::{RunHost, RunPhase, Stream};
use pictl_model::world::{RunView, World};
use pictl_model::{Rank, Timestamp};

use super::count;

/// They are drawn again at most this often: a program may print thousands of lines a second.
const PAUSE: Duration = Duration::from_millis(100);
/// Most nodes that have a bar.
const NODES: usize = 16;
/// Columns of a bar.
const BAR: usize = 20;
/// What a terminal is taken for that does not say its size: columns and rows.
const USUAL: (usize, usize) = (80, 24);

/// Lines of bars on the screen now.
static DRAWN: AtomicU16 = AtomicU16::new(0);

/// Bars can be drawn here.
pub(super) fn fit_here() -> bool {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    !dumb && io::stdout().is_terminal() && io::stderr().is_terminal()
}

/// Takes the bars away, where there are any.
pub(crate) fn erase() {
    let lines = DRAWN.swap(0, Ordering::Relaxed);
    if lines > 0 {
        // Up to the first of them, and everything below.
        let _ = write!(io::stderr().lock(), "\r\x1b[{lines}A\x1b[J");
    }
}

/// The bars of the run under way.
#[derive(Debug, Default)]
pub(crate) struct Bars {
    drawn: Option<Instant>,
}

impl Bars {
    /// Draws the run of `world`, or takes the bars away when it is over.
    pub(crate) fn draw(&mut self, world: &World, now: Timestamp) {
        let Some(run) = world.run.as_ref().filter(|run| is_at_work(run) && world.questions.is_empty()) else {
            return erase();
        };
        if self.drawn.is_some_and(|drawn| drawn.elapsed() < PAUSE) {
            return;
        }
        self.drawn = Some(Instant::now());
        let (columns, rows) = size();
        let lines = lines(run, now, columns.saturating_sub(1), rows.saturating_sub(2));
        erase();
        let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        let mut err = io::stderr().lock();
        if err.write_all(text.as_bytes()).and_then(|()| err.flush()).is_ok() {
            DRAWN.store(u16::try_from(lines.len()).unwrap_or(0), Ordering::Relaxed);
        }
    }
}

fn is_at_work(run: &RunView) -> bool {
    matches!(run.phase, RunPhase::Launching | RunPhase::Running | RunPhase::Stopping | RunPhase::Sweeping)
}

/// Columns and rows of the terminal.
fn size() -> (usize, usize) {
    #[cfg(unix)]
    if let Ok(size) = rustix::termios::tcgetwinsize(io::stderr())
        && size.ws_col > 0
        && size.ws_row > 0
    {
        return (size.ws_col.into(), size.ws_row.into());
    }
    USUAL
}

/// The whole run, then its nodes, as far as there is room.
fn lines(run: &RunView, now: Timestamp, columns: usize, rows: usize) -> Vec<String> {
    let mut lines = vec![total(run, now)];
    let hosts = &run.plan.hosts;
    let room = rows.saturating_sub(1).min(NODES);
    let shown = if hosts.len() > room { room.saturating_sub(1) } else { hosts.len() };
    let names = hosts.iter().map(|host| host.name.chars().count()).max().unwrap_or(0);
    let nodes: Vec<Node> = (0..hosts.len()).map(|place| Node::of(run, place)).collect();
    let most = nodes.iter().map(|node| node.slices).max().unwrap_or(0).max(1);
    for (host, node) in hosts.iter().zip(&nodes).take(shown) {
        lines.push(node.line(run, host, names, most));
    }
    if shown < hosts.len() {
        lines.push(format!("  and {} more nodes", hosts.len() - shown));
    }
    lines.truncate(rows.max(1));
    lines.into_iter().map(|line| line.chars().take(columns).collect()).collect()
}

fn total(run: &RunView, now: Timestamp) -> String {
    let done = run.slices_done();
    let elapsed = run.elapsed(now);
    let left = run.eta(now).map(|eta| format!(", about {eta} left")).unwrap_or_default();
    let ranks_done = run.ranks.values().filter(|rank| rank.done || rank.exit.is_some()).count();
    match run.slices.filter(|all| *all > 0) {
        Some(all) => {
            let share = f64::from(done) / f64::from(all);
            format!("{} {done} of {all} slices, {:.0} %  {elapsed} so far{left}", bar(share), (share * 100.0).floor())
        }
        None if done > 0 => format!("{done} slices  {elapsed} so far"),
        None => format!(
            "{} {ranks_done} of {} ranks finished, {} lines of output  {elapsed} so far",
            bar(ranks_done as f64 / f64::from(run.plan.ranks.max(1))),
            run.plan.ranks,
            run.output_lines
        ),
    }
}

/// What the ranks of a node did together.
#[derive(Default)]
struct Node {
    ranks: usize,
    done: usize,
    slices: u32,
    /// Shares of cores.
    cpu: f64,
    memory_kib: u64,
    /// Ranks of which these are known.
    used: usize,
}

impl Node {
    fn of(run: &RunView, place: usize) -> Self {
        let mut node = Self::default();
        for rank in run.ranks.values().filter(|rank| rank.place == Some(place)) {
            node.ranks += 1;
            node.done += usize::from(rank.done || rank.exit.is_some());
            node.slices += rank.slices;
            if let Some((cpu, memory)) = rank.usage {
                node.cpu += f64::from(cpu);
                node.memory_kib += memory;
                node.used += 1;
            }
        }
        node
    }

    fn line(&self, run: &RunView, host: &RunHost, names: usize, most: u32) -> String {
        let (share, words) = if run.slices_done() > 0 || run.slices.is_some_and(|all| all > 0) {
            (f64::from(self.slices) / f64::from(most), count(self.slices.into(), "slice", "slices"))
        } else if self.used > 0 {
            let memory = self.memory_kib / 1024;
            (self.cpu / self.used as f64, format!("CPU {:.0} %  {memory} MiB", self.cpu * 100.0))
        } else {
            (0.0, String::new())
        };
        let ranks = match (self.ranks, self.done) {
            (0, _) => "no rank yet".to_owned(),
            (1, 0) => "1 rank".to_owned(),
            (n, 0) => format!("{n} ranks"),
            (n, done) => format!("{done} of {n} ranks finished"),
        };
        format!("{:<names$} {} {ranks}  {words}", host.name, bar(share)).trim_end().to_owned()
    }
}

fn bar(share: f64) -> String {
    let full = ((share.clamp(0.0, 1.0) * BAR as f64).round() as usize).min(BAR);
    format!("{}{}", "█".repeat(full), "░".repeat(BAR - full))
}

/// A line of the program with the rank and host that printed it, where the launcher says whose it is.
pub(crate) fn tagged(run: &RunView, stream: Stream, rank: Option<Rank>, line: &str) -> String {
    let Some(rank) = rank else { return line.to_owned() };
    let digits = run.plan.ranks.saturating_sub(1).checked_ilog10().unwrap_or(0) as usize + 1;
    let names = run.plan.hosts.iter().map(|host| host.name.chars().count()).max().unwrap_or(0);
    let host = run.ranks.get(&rank).and_then(|view| view.host.as_deref()).unwrap_or("");
    let sign = if stream == Stream::Err { '!' } else { '|' };
    format!("{:>digits$} {host:<names$} {sign} {line}", rank.0)
}

#[cfg(test)]
mod tests {
    use pictl_model::run::{RunEvent, RunPlan};
    use serde_json::json;

    use super::*;

    fn run() -> RunView {
        let host = |n: u8| json!({"node": format!("serial-{n}"), "name": format!("pi{n:02}"), "address": format!("10.0.0.{n}"), "slots": 2});
        let plan: RunPlan = serde_json::from_value(json!({
            "id": "20261120-102826-apy-7e48", "series": null, "workload": {"name": "a.py", "origin": "own", "args": []},
            "ranks": 4, "hosts": [host(1), host(2)], "head": "serial-1", "command": [], "planned_at": 0,
            "mpi": {"family": "openmpi", "version": "4.1.4", "launcher": "x"},
        }))
        .unwrap();
        let mut run = RunView::new(Timestamp(0), plan);
        run.apply(Timestamp(0), &RunEvent::Phase { phase: RunPhase::Launching });
        for rank in 0..4 {
            let host = format!("pi0{}", rank % 2 + 1);
            run.apply(Timestamp(10), &RunEvent::Host { rank: Rank(rank), host });
        }
        run
    }

    #[test]
    fn a_run_without_slices_shows_its_ranks_and_what_they_use() {
        let mut run = run();
        run.apply(Timestamp(20), &RunEvent::Done { rank: Rank(1) });
        run.apply(Timestamp(20), &RunEvent::Usage { rank: Rank(0), cpu: 0.5, memory_kib: 20_480 });
        let shown = lines(&run, Timestamp(2_000), 79, 20);
        assert_eq!(shown.len(), 3);
        assert_eq!(shown[0], format!("{} 1 of 4 ranks finished, 0 lines of output  2.0 s so far", bar(0.25)));
        assert_eq!(shown[1], format!("pi01 {} 2 ranks  CPU 50 %  20 MiB", bar(0.5)));
        assert_eq!(shown[2], format!("pi02 {} 1 of 2 ranks finished", bar(0.0)));
    }

    #[test]
    fn slices_are_shown_for_the_run_and_each_node() {
        let mut run = run();
        run.apply(Timestamp(0), &RunEvent::Begin { size: 4, slices: 8, slice_size: 1, program: "a.py".to_owned() });
        for (slice, rank) in [0, 0, 1].into_iter().enumerate() {
            let slice = RunEvent::Slice { rank: Rank(rank), slice: slice as u32, seconds: 0.1, value: None };
            run.apply(Timestamp(1_000), &slice);
        }
        let shown = lines(&run, Timestamp(3_000), 100, 20);
        assert!(shown[0].contains("3 of 8 slices, 37 %  3.0 s so far, about 5.0 s left"), "{}", shown[0]);
        assert_eq!(shown[1], format!("pi01 {} 2 ranks  2 slices", bar(1.0)));
        assert_eq!(shown[2], format!("pi02 {} 2 ranks  1 slice", bar(0.5)));
        // No line is broken, and no more lines are drawn than there are rows.
        let small = lines(&run, Timestamp(3_000), 10, 2);
        assert!(small.len() == 2 && small.iter().all(|line| line.chars().count() <= 10), "{small:?}");
    }

    #[test]
    fn a_line_says_who_printed_it() {
        let run = run();
        assert_eq!(tagged(&run, Stream::Out, Some(Rank(3)), "hi"), "3 pi02 | hi");
        assert_eq!(tagged(&run, Stream::Err, Some(Rank(0)), "no"), "0 pi01 ! no");
        assert_eq!(tagged(&run, Stream::Out, None, "as it is"), "as it is");
    }
}
