//! A run as the events describe it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::history::{History, SliceTimes};
use crate::ids::NodeId;
use crate::run::{NodeSummary, RankSummary, RunEvent, RunPhase, RunPlan, RunSummary, Stream};
use crate::telemetry::Sample;
use crate::units::{Celsius, LeftOut, Millis, Rank, Throttled, Timestamp};

/// Lines of ordinary output kept for the screen; the record has all of them.
const OUTPUT: usize = 2_000;
/// Finished slices kept for the timeline; sums count all of them.
const MARKS: usize = 20_000;
/// Readings of a process further apart than these seconds say nothing about the time between.
const USAGE_GAP: f64 = 5.0;

/// A line of ordinary output.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputLine {
    /// When it arrived.
    pub at: Timestamp,
    /// By which stream.
    pub stream: Stream,
    /// From which rank, where the launcher tags lines.
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
    /// That host's place in the plan, where the plan knows the name.
    pub place: Option<usize>,
    /// The slice it works on.
    pub current: Option<u32>,
    /// The slice that it was sent ahead, for after the current one.
    pub ahead: Option<u32>,
    /// Since when it works on that slice, or on none.
    pub since: Option<Timestamp>,
    /// Share of that slice done, 0 to 1.
    pub fraction: f32,
    /// It reports parts of slices; otherwise that share says nothing.
    pub parts: bool,
    /// Slices finished.
    pub slices: u32,
    /// Seconds spent in finished slices.
    pub seconds: f64,
    /// Its last line arrived.
    pub done: bool,
    /// Its program's exit status, where that is known.
    pub exit: Option<i32>,
    /// Share of one core and memory in KiB that its process used last, where that is known.
    pub usage: Option<(f32, u64)>,
    /// When that was read.
    pub used: Option<Timestamp>,
    /// When it last reported anything.
    pub heard: Option<Timestamp>,
}

impl RankView {
    /// It works on another slice now, or on none.
    fn take(&mut self, at: Timestamp, slice: Option<u32>) {
        (self.current, self.since, self.fraction) = (slice, Some(at), 0.0);
    }
}

/// Most sizes that are kept of one rank, or of a program's beginnings.
const SIZES: usize = 8;

/// The MPI of one rank, by its own reports.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RankMpi {
    /// Ranks that its MPI gave it, by the MPI itself.
    pub size: Option<u32>,
    /// The sizes that its own words name.
    pub claimed: BTreeSet<u32>,
    /// What its MPI library calls itself at work.
    pub library: Option<String>,
    /// The program and the file of the MPI library that it is linked with.
    pub linked: Option<(String, String)>,
}

/// Latency and bandwidth between two ranks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairView {
    /// Half of the round trip of a small message, in seconds.
    pub latency: f64,
    /// Bytes a second of a large message, in one direction.
    pub bandwidth: f64,
}

/// A node's sensors during the run.
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
    /// What it is doing.
    pub phase: RunPhase,
    /// When it was planned.
    pub planned: Timestamp,
    /// When the launcher was started.
    pub launched: Option<Timestamp>,
    /// When the program said that it begins, or its first slice began.
    pub begun: Option<Timestamp>,
    /// Ranks that MPI gave the program, once it has reported that.
    pub size: Option<u32>,
    /// Every size with which the program said that it begins.
    pub sizes: BTreeSet<u32>,
    /// The MPI of each rank that reported it.
    pub mpi: BTreeMap<Rank, RankMpi>,
    /// Slices in all, once the program has reported that.
    pub slices: Option<u32>,
    /// Each rank that reported anything.
    pub ranks: BTreeMap<Rank, RankView>,
    /// Finished slices, oldest first.
    pub marks: VecDeque<SliceMark>,
    /// How long finished slices took.
    pub times: SliceTimes,
    /// Ranks and sensors over time.
    pub history: History,
    /// When the program, or a rank of it, last printed anything.
    pub heard: Option<Timestamp>,
    /// The sum of the finished slices' values, where the program reports them.
    pub partial: Option<f64>,
    /// The program's result: value and its own seconds.
    pub result: Option<(f64, f64)>,
    /// The program's own figure for its time, in seconds, where it gave one.
    pub seconds: Option<f64>,
    /// What was measured between ranks, the lower one first.
    pub pairs: BTreeMap<(Rank, Rank), PairView>,
    /// Since when and why the operator has no connection to the head, while it has none.
    pub out_of_sight: Option<(Timestamp, String)>,
    /// Ordinary output, newest last.
    pub output: VecDeque<OutputLine>,
    /// Lines of output in all, without those that were left out.
    pub output_lines: u64,
    /// Output that was left out because there was too much of it.
    pub left_out: LeftOut,
    /// Why and how hard it is being stopped.
    pub stopping: Option<(String, u8)>,
    /// What cleanup found: processes left on each node, `None` where the node could not be read.
    pub swept: BTreeMap<NodeId, Option<u32>>,
    /// How it ended.
    pub summary: Option<RunSummary>,
    heat: BTreeMap<NodeId, NodeHeat>,
    finished: u32,
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
            sizes: BTreeSet::new(),
            mpi: BTreeMap::new(),
            ranks: BTreeMap::new(),
            marks: VecDeque::new(),
            times: SliceTimes::default(),
            history: History::default(),
            heard: None,
            partial: None,
            result: None,
            seconds: None,
            pairs: BTreeMap::new(),
            out_of_sight: None,
            output: VecDeque::new(),
            output_lines: 0,
            left_out: LeftOut::default(),
            stopping: None,
            swept: BTreeMap::new(),
            summary: None,
            heat: BTreeMap::new(),
            finished: 0,
        }
    }

    /// It ended.
    pub fn is_over(&self) -> bool {
        self.phase == RunPhase::Over
    }

    /// Slices finished by all ranks together.
    pub fn slices_done(&self) -> u32 {
        self.finished
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
                    self.history.begin(at);
                }
                self.phase = *phase;
            }
            RunEvent::Begin { size, slices, .. } => {
                (self.begun, self.heard) = (Some(at), Some(at));
                (self.size, self.slices) = (Some(*size), Some(*slices));
                if self.sizes.len() < SIZES {
                    self.sizes.insert(*size);
                }
            }
            RunEvent::Host { rank, host } => {
                let place = self.plan.hosts.iter().position(|h| h.name == *host);
                let view = self.rank(at, *rank);
                (view.host, view.place) = (Some(host.clone()), place);
            }
            RunEvent::Assign { rank, slice } => {
                self.begun.get_or_insert(at);
                let view = self.rank(at, *rank);
                match (view.current, view.ahead) {
                    (Some(current), None) if current != *slice => view.ahead = Some(*slice),
                    // It has two already: the end of the first did not arrive.
                    (Some(_), Some(ahead)) if ahead != *slice => {
                        view.take(at, Some(ahead));
                        view.ahead = Some(*slice);
                    }
                    _ => view.take(at, Some(*slice)),
                }
            }
            RunEvent::Part { rank, slice, fraction } => {
                let view = self.rank(at, *rank);
                if view.current != Some(*slice) {
                    view.take(at, Some(*slice));
                    view.ahead = view.ahead.filter(|ahead| ahead != slice);
                }
                (view.fraction, view.parts) = (fraction.clamp(0.0, 1.0), true);
            }
            RunEvent::Slice { rank, slice, seconds, value } => {
                let view = self.rank(at, *rank);
                view.slices += 1;
                view.seconds += seconds;
                // Lines of several processes overtake each other: the end of an earlier slice says nothing of this one.
                if view.current == Some(*slice) || view.ahead == Some(*slice) || view.current.is_none() {
                    let next = view.ahead.take().filter(|ahead| ahead != slice);
                    view.take(at, next);
                }
                self.finished = self.finished.saturating_add(1);
                self.times.add(*seconds);
                self.history.worked(*rank, at, *seconds, 1.0);
                self.history.finished_slice(at);
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
                view.take(at, None);
                (view.done, view.ahead) = (true, None);
            }
            RunEvent::Result { value, seconds } => {
                self.result = Some((*value, *seconds));
                self.seconds = Some(*seconds).filter(|s| *s > 0.0).or(self.seconds);
            }
            RunEvent::Time { seconds } => self.seconds = Some(*seconds),
            RunEvent::Note { text } => self.say(at, Stream::Out, None, text),
            RunEvent::Output { stream, rank, line } => self.say(at, *stream, *rank, line),
            RunEvent::Pair { a, b, latency, bandwidth } => {
                let pair = PairView { latency: *latency, bandwidth: *bandwidth };
                self.pairs.insert((*a.min(b), *a.max(b)), pair);
            }
            RunEvent::Exit { rank, status } => {
                let view = self.rank(at, *rank);
                view.take(at, None);
                (view.exit, view.ahead) = (Some(*status), None);
            }
            RunEvent::Usage { rank, cpu, memory_kib } => {
                let view = self.ranks.entry(*rank).or_default();
                // What a rank reports of its slices says more than what its process uses.
                if let (Some(before), 0, None) = (view.used, view.slices, view.current) {
                    self.history.worked(*rank, at, (at - before).seconds().min(USAGE_GAP), cpu.min(1.0));
                }
                (view.usage, view.used) = (Some((*cpu, *memory_kib)), Some(at));
            }
            RunEvent::Mpi { rank, size, library, file } => {
                let mpi = self.mpi.entry(*rank).or_default();
                match (library, file) {
                    (Some(library), Some(file)) => mpi.linked = Some((file.clone(), library.clone())),
                    (Some(library), None) => (mpi.library, mpi.size) = (Some(library.clone()), size.or(mpi.size)),
                    (None, _) => {
                        let few = mpi.claimed.len() < SIZES;
                        mpi.claimed.extend(size.filter(|_| few));
                    }
                }
            }
            RunEvent::OutOfSight { why } => self.out_of_sight = Some((at, why.clone())),
            RunEvent::InSight => self.out_of_sight = None,
            RunEvent::Omitted { lines, bytes, .. } => {
                self.heard = Some(at);
                self.left_out += LeftOut { lines: *lines, bytes: *bytes };
            }
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

    /// Takes a node's reading in, for the run's own maxima and its time axis.
    pub fn sample(&mut self, at: Timestamp, node: &NodeId, sample: &Sample) {
        if self.launched.is_none() {
            return;
        }
        self.history.sample(node, at, sample);
        let heat = self.heat.entry(node.clone()).or_default();
        if let Some(temp) = sample.temp
            && heat.max_temp.is_none_or(|max| temp.0 > max.0)
        {
            heat.max_temp = Some(temp);
        }
        heat.throttled.0 |= sample.throttled.map_or(0, |t| t.0 & 0xf);
    }

    /// What each rank of the plan did, also those that reported nothing.
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
        self.heard = Some(at);
        let view = self.ranks.entry(rank).or_default();
        view.heard = Some(at);
        view
    }

    fn say(&mut self, at: Timestamp, stream: Stream, rank: Option<Rank>, line: &str) {
        if self.output.len() == OUTPUT {
            self.output.pop_front();
        }
        self.heard = Some(at);
        self.output_lines += 1;
        self.output.push_back(OutputLine { at, stream, rank, line: line.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Stamped, VERSION};
    use crate::run::RunHost;
    use crate::world::World;

    fn view() -> RunView {
        use crate::node::{MpiFamily, MpiInstall};
        use crate::run::Workload;
        let mpi = MpiInstall { family: MpiFamily::OpenMpi, version: String::new(), launcher: String::new() };
        let plan = RunPlan {
            id: crate::ids::RunId::new(Timestamp(0), "pi", 1),
            series: None,
            workload: Workload::default(),
            ranks: 1,
            hosts: Vec::new(),
            head: NodeId::operator(),
            mpi,
            command: Vec::new(),
            planned_at: Timestamp(0),
        };
        let mut view = RunView::new(Timestamp(0), plan);
        view.apply(Timestamp(0), &RunEvent::Phase { phase: RunPhase::Launching });
        view
    }

    #[test]
    fn a_slice_sent_ahead_is_in_hand_when_the_one_before_it_ends() {
        let (mut view, rank) = (view(), Rank(0));
        let assign = |slice| RunEvent::Assign { rank, slice };
        let slice = |slice| RunEvent::Slice { rank, slice, seconds: 1.0, value: None };
        let slices = |view: &RunView| (view.ranks[&rank].current, view.ranks[&rank].ahead, view.ranks[&rank].since);
        view.apply(Timestamp(10), &assign(7));
        view.apply(Timestamp(20), &assign(8));
        assert_eq!(slices(&view), (Some(7), Some(8), Some(Timestamp(10))));
        view.apply(Timestamp(30), &slice(7));
        assert_eq!(slices(&view), (Some(8), None, Some(Timestamp(30))));
        // The end of 8 is reported after what was sent ahead twice.
        view.apply(Timestamp(40), &assign(9));
        view.apply(Timestamp(50), &assign(10));
        assert_eq!(slices(&view), (Some(9), Some(10), Some(Timestamp(50))));
        view.apply(Timestamp(60), &slice(8));
        assert_eq!(slices(&view), (Some(9), Some(10), Some(Timestamp(50))));
        view.apply(Timestamp(70), &slice(10));
        assert_eq!(slices(&view), (None, None, Some(Timestamp(70))), "no slice since");
        assert_eq!((view.slices_done(), view.times.count()), (3, 3));
    }

    #[test]
    fn a_run_between_two_readings_has_the_last_one_before_it() {
        let (node, mut plan) = (NodeId::from_address([10, 0, 0, 1].into(), 22), view().plan);
        let (name, address) = ("pi01".to_owned(), [10, 0, 0, 1].into());
        plan.hosts = vec![RunHost { node: node.clone(), name, address, slots: 1 }];
        let max_temp = |read_at: i64| {
            let mut world = World::default();
            let mut happens = |at, event| world.apply(&Stamped { v: VERSION, seq: 0, at: Timestamp(at), event });
            let sample = Sample { temp: Some(Celsius(51.0)), ..Sample::default() };
            happens(read_at, Event::Sampled { node: node.clone(), sample });
            for event in
                [RunEvent::Planned { plan: Box::new(plan.clone()) }, RunEvent::Phase { phase: RunPhase::Launching }]
            {
                happens(9_000, Event::Run { run: plan.id.clone(), event });
            }
            world.run.expect("planned").node_summaries()[0].max_temp
        };
        assert_eq!(max_temp(8_900), Some(Celsius(51.0)));
        assert_eq!(max_temp(1_000), None, "too long ago");
        assert_eq!(max_temp(9_001), None, "not yet");
    }
}
