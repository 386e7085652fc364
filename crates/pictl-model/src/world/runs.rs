//! A run as the events describe it.

use std::collections::{BTreeMap, VecDeque};

use crate::ids::NodeId;
use crate::run::{NodeSummary, RankSummary, RunEvent, RunPhase, RunPlan, RunSummary, Stream};
use crate::telemetry::Sample;
use crate::units::{Celsius, Millis, Rank, Throttled, Timestamp};

/// Lines of ordinary output kept for the screen; the record has all of them.
const OUTPUT: usize = 2_000;
/// Finished slices kept for the timeline; sums count all of them.
const MARKS: usize = 20_000;

/// A line of ordinary output.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputLine {
    /// When it arrived.
    pub at: Timestamp,
    /// By which stream.
    pub stream: Stream,
    /// From whom, where the launcher told.
    pub rank: Option<Rank>,
    /// The text.
    pub line: String,
}

/// A finished slice, for the timeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SliceMark {
    /// When its line arrived.
    pub at: Timestamp,
    /// Who did it.
    pub rank: Rank,
    /// Which slice.
    pub slice: u32,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// One rank.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RankView {
    /// The host it runs on, by the host's own name.
    pub host: Option<String>,
    /// The slice it has in hand.
    pub current: Option<u32>,
    /// Share of that slice done, 0 to 1.
    pub fraction: f32,
    /// Slices finished.
    pub slices: u32,
    /// Seconds spent in finished slices.
    pub seconds: f64,
    /// Its last line arrived.
    pub done: bool,
    /// Its program's exit status, where that was told.
    pub exit: Option<i32>,
    /// Share of one core and memory in KiB that its process used last, where that was told.
    pub usage: Option<(f32, u64)>,
    /// When it was last heard of.
    pub heard: Option<Timestamp>,
}

/// What the way between two ranks is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairView {
    /// Half of the time there and back of a small message, in seconds.
    pub latency: f64,
    /// Bytes a second of a large message, one way.
    pub bandwidth: f64,
}

/// What a node's sensors said during the run.
#[derive(Clone, Debug, Default, PartialEq)]
struct NodeHeat {
    max_temp: Option<Celsius>,
    throttled: Throttled,
}

/// The last or present run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunView {
    /// Its plan.
    pub plan: RunPlan,
    /// What it is busy with.
    pub phase: RunPhase,
    /// When it was planned.
    pub planned: Timestamp,
    /// When the launcher was started.
    pub launched: Option<Timestamp>,
    /// When the program said that it begins.
    pub begun: Option<Timestamp>,
    /// Ranks that MPI gave the program, once it told.
    pub size: Option<u32>,
    /// Slices in all, once the program told.
    pub slices: Option<u32>,
    /// Each rank that was heard of.
    pub ranks: BTreeMap<Rank, RankView>,
    /// Finished slices, oldest first.
    pub marks: VecDeque<SliceMark>,
    /// The sum of the finished slices' values, where the program tells them.
    pub partial: Option<f64>,
    /// The program's result: value and its own seconds.
    pub result: Option<(f64, f64)>,
    /// What was measured between ranks, the lower one first.
    pub pairs: BTreeMap<(Rank, Rank), PairView>,
    /// Since when and why the operator has no connection to the head, while it has none.
    pub out_of_sight: Option<(Timestamp, String)>,
    /// Ordinary output, newest last.
    pub output: VecDeque<OutputLine>,
    /// Lines of output in all.
    pub output_lines: u64,
    /// Why and how hard it is being stopped.
    pub stopping: Option<(String, u8)>,
    /// What sweeping found: processes left on each node, `None` where it could not be asked.
    pub swept: BTreeMap<NodeId, Option<u32>>,
    /// How it ended.
    pub summary: Option<RunSummary>,
    heat: BTreeMap<NodeId, NodeHeat>,
}

impl RunView {
    /// A run that was just planned.
    pub fn new(at: Timestamp, plan: RunPlan) -> Self {
        Self {
            slices: plan.workload.slices,
            plan,
            phase: RunPhase::Deploying,
            planned: at,
            launched: None,
            begun: None,
            size: None,
            ranks: BTreeMap::new(),
            marks: VecDeque::new(),
            partial: None,
            result: None,
            pairs: BTreeMap::new(),
            out_of_sight: None,
            output: VecDeque::new(),
            output_lines: 0,
            stopping: None,
            swept: BTreeMap::new(),
            summary: None,
            heat: BTreeMap::new(),
        }
    }

    /// It ended.
    pub fn is_over(&self) -> bool {
        self.phase == RunPhase::Over
    }

    /// Slices finished by all ranks together.
    pub fn slices_done(&self) -> u32 {
        self.ranks.values().map(|r| r.slices).sum()
    }

    /// Time from the launcher's start to `now` or to the end.
    pub fn elapsed(&self, now: Timestamp) -> Millis {
        match (&self.summary, self.launched) {
            (Some(summary), _) => summary.elapsed,
            (None, Some(started)) => now - started,
            (None, None) => Millis(0),
        }
    }

    /// Time still to go: the slices left at the rate so far. `None` before the first slice and after the last.
    pub fn eta(&self, now: Timestamp) -> Option<Millis> {
        let (all, done, begun) = (self.slices?, self.slices_done(), self.begun?);
        if done == 0 || done >= all || self.is_over() {
            return None;
        }
        let rate = f64::from(done) / (now - begun).seconds().max(1e-3);
        Some(Millis((f64::from(all - done) / rate * 1e3) as u64))
    }

    /// Takes one event in.
    pub fn apply(&mut self, at: Timestamp, event: &RunEvent) {
        match event {
            RunEvent::Phase { phase } => {
                if *phase == RunPhase::Launching {
                    self.launched = Some(at);
                }
                self.phase = *phase;
            }
            RunEvent::Begin { size, slices, .. } => {
                self.begun = Some(at);
                (self.size, self.slices) = (Some(*size), Some(*slices));
            }
            RunEvent::Host { rank, host } => self.rank(at, *rank).host = Some(host.clone()),
            RunEvent::Assign { rank, slice } => {
                let view = self.rank(at, *rank);
                (view.current, view.fraction) = (Some(*slice), 0.0);
            }
            RunEvent::Part { rank, slice, fraction } => {
                let view = self.rank(at, *rank);
                (view.current, view.fraction) = (Some(*slice), fraction.clamp(0.0, 1.0));
            }
            RunEvent::Slice { rank, slice, seconds, value } => {
                let view = self.rank(at, *rank);
                view.slices += 1;
                view.seconds += seconds;
                if view.current == Some(*slice) {
                    (view.current, view.fraction) = (None, 0.0);
                }
                if let Some(value) = value {
                    *self.partial.get_or_insert(0.0) += value;
                }
                if self.marks.len() == MARKS {
                    self.marks.pop_front();
                }
                self.marks.push_back(SliceMark { at, rank: *rank, slice: *slice, seconds: *seconds });
            }
            RunEvent::Done { rank } => {
                let view = self.rank(at, *rank);
                (view.done, view.current) = (true, None);
            }
            RunEvent::Result { value, seconds } => self.result = Some((*value, *seconds)),
            RunEvent::Note { text } => self.say(at, Stream::Out, None, text),
            RunEvent::Output { stream, rank, line } => self.say(at, *stream, *rank, line),
            RunEvent::Pair { a, b, latency, bandwidth } => {
                let pair = PairView { latency: *latency, bandwidth: *bandwidth };
                self.pairs.insert((*a.min(b), *a.max(b)), pair);
            }
            RunEvent::Exit { rank, status } => {
                let view = self.rank(at, *rank);
                (view.exit, view.current) = (Some(*status), None);
            }
            RunEvent::Usage { rank, cpu, memory_kib } => {
                self.ranks.entry(*rank).or_default().usage = Some((*cpu, *memory_kib));
            }
            RunEvent::OutOfSight { why } => self.out_of_sight = Some((at, why.clone())),
            RunEvent::InSight => self.out_of_sight = None,
            RunEvent::Planned { .. } | RunEvent::Other { .. } | RunEvent::Read { .. } => {}
            RunEvent::Stopping { reason, rung } => self.stopping = Some((reason.clone(), *rung)),
            RunEvent::Swept { node, left, .. } => {
                self.swept.insert(node.clone(), *left);
            }
            RunEvent::Finished { summary } => {
                self.phase = RunPhase::Over;
                self.summary = Some((**summary).clone());
            }
        }
    }

    /// Takes a node's reading in, for the run's own maxima.
    pub fn sample(&mut self, node: &NodeId, sample: &Sample) {
        if self.launched.is_none() {
            return;
        }
        let heat = self.heat.entry(node.clone()).or_default();
        if let Some(temp) = sample.temp
            && heat.max_temp.is_none_or(|max| temp.0 > max.0)
        {
            heat.max_temp = Some(temp);
        }
        heat.throttled.0 |= sample.throttled.map_or(0, |t| t.0 & 0xf);
    }

    /// What each rank of the plan did, also those never heard of.
    pub fn rank_summaries(&self) -> Vec<RankSummary> {
        let last = self.ranks.keys().next_back().map_or(0, |r| r.0 + 1);
        (0..self.plan.ranks.max(last))
            .map(|n| {
                let view = self.ranks.get(&Rank(n)).cloned().unwrap_or_default();
                RankSummary {
                    rank: Rank(n),
                    host: view.host,
                    slices: view.slices,
                    seconds: view.seconds,
                    done: view.done,
                }
            })
            .collect()
    }

    /// What each node of the plan measured during the run.
    pub fn node_summaries(&self) -> Vec<NodeSummary> {
        let hosts = self.plan.hosts.iter();
        hosts
            .map(|host| {
                let heat = self.heat.get(&host.node).cloned().unwrap_or_default();
                let throttled = heat.throttled.words().into_iter().map(str::to_owned).collect();
                NodeSummary { node: host.node.clone(), name: host.name.clone(), max_temp: heat.max_temp, throttled }
            })
            .collect()
    }

    fn rank(&mut self, at: Timestamp, rank: Rank) -> &mut RankView {
        let view = self.ranks.entry(rank).or_default();
        view.heard = Some(at);
        view
    }

    fn say(&mut self, at: Timestamp, stream: Stream, rank: Option<Rank>, line: &str) {
        if self.output.len() == OUTPUT {
            self.output.pop_front();
        }
        self.output_lines += 1;
        self.output.push_back(OutputLine { at, stream, rank, line: line.to_owned() });
    }
}
