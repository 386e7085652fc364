//! What a screen shows: the fold of the event stream.

mod history;
mod mesh;
mod nodes;
mod runs;
mod setup;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

pub use history::{BINS, History, SensorBin, SliceTimes};
pub use mesh::{Mesh, Try};
pub use nodes::{NodeView, Reading};
pub use runs::{OutputLine, PairView, RankView, RunView, SliceMark};
pub use setup::{Cell, SetupView};

use crate::event::{Event, Level, PairProblem, Stamped};
use crate::ids::{JobId, NodeId, QuestionId, RunId};
use crate::node::{Change, MpiFamily, OtherAddress, Sighting};
use crate::request::{Question, Refusal};
use crate::run::{RunEvent, RunPhase, RunPlan, Stream};
use crate::units::{LeftOut, Millis, Timestamp};

/// Notices that are kept.
const NOTICES: usize = 200;
/// Lines kept of a command's output on all nodes together; every node has an equal part.
const EXEC_LINES: usize = 100_000;
/// Bytes kept of it.
const EXEC_BYTES: usize = 16 << 20;
/// A reading as old as this still says how a run began.
const STILL_SO: Millis = Millis(5_000);

/// The last or present scan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScanView {
    /// It goes on.
    pub active: bool,
    /// It is a further pass of a watch.
    pub again: bool,
    /// What is scanned.
    pub targets: String,
    /// How.
    pub method: String,
    /// Addresses in all.
    pub addresses: u64,
    /// Addresses asked.
    pub asked: u64,
    /// Hosts found.
    pub found: u64,
    /// Hosts that seem to be a Raspberry Pi.
    pub pis: u64,
    /// When it began.
    pub started: Timestamp,
    /// How long it took, once it ended.
    pub elapsed: Option<Millis>,
    /// What could not be done.
    pub problems: Vec<String>,
}

/// A text for the user.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// How much it matters.
    pub level: Level,
    /// The node it is about.
    pub node: Option<NodeId>,
    /// The text.
    pub text: String,
}

/// A command on one node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExecNode {
    /// Its output so far.
    pub lines: Vec<(Stream, String)>,
    /// The bytes of these lines.
    pub bytes: usize,
    /// Output that is not among them.
    pub left_out: LeftOut,
    /// There was no connection.
    pub unreached: bool,
    /// It ended.
    pub ended: bool,
    /// With this exit status.
    pub status: Option<i32>,
    /// Or with this problem.
    pub problem: Option<String>,
}

/// The last or present command.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecView {
    /// Its job.
    pub job: JobId,
    /// The command line.
    pub command: String,
    /// Each node's part.
    pub nodes: BTreeMap<NodeId, ExecNode>,
    /// All nodes ended.
    pub finished: bool,
}

/// What came of the last try of one node to log in to another.
#[derive(Clone, Debug, PartialEq)]
pub struct PairState {
    /// When.
    pub at: Timestamp,
    /// Why it could not; `None`: it works.
    pub problem: Option<PairProblem>,
}

/// Everything that the events so far add up to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    /// The cluster's name.
    pub cluster: String,
    /// All nodes, seen or in the inventory.
    pub nodes: BTreeMap<NodeId, NodeView>,
    /// The last or present scan.
    pub scan: Option<ScanView>,
    /// A scan has ended before the present one: who turns up now is new.
    pub scanned: bool,
    /// The network is being watched: how long after a pass the next one begins.
    pub watching: Option<Millis>,
    /// The last or present setup.
    pub setup: Option<SetupView>,
    /// Which node reaches which, from and to, as far as it was tried in this session.
    pub pairs: BTreeMap<(NodeId, NodeId), PairState>,
    /// The same pairs for a matrix, with what puts their results in doubt.
    pub mesh: Mesh,
    /// The last or present run.
    pub run: Option<RunView>,
    /// The last or present command.
    pub exec: Option<ExecView>,
    /// Runs that were left running before this session, newest first.
    pub unfinished: Vec<RunPlan>,
    /// Questions without an answer, oldest first.
    pub questions: Vec<(QuestionId, Question)>,
    /// Notices, newest last.
    pub notices: VecDeque<Notice>,
    /// The last refusal, for a dialog.
    pub refused: Option<(String, Vec<Refusal>)>,
    /// Droppable events dropped in this session.
    pub dropped: u64,
    /// The time of the newest event.
    pub now: Timestamp,
    /// The engine ended.
    pub ended: bool,
}

impl World {
    /// Takes one event in. Events of unknown nodes, runs or jobs are accepted: a record can begin in
    /// the middle.
    pub fn apply(&mut self, stamped: &Stamped) {
        let at = stamped.at;
        self.now = self.now.max(at);
        self.mesh.apply(stamped, &self.nodes, self.setup.as_ref());
        match &stamped.event {
            Event::Inventory { cluster, members } => {
                self.cluster.clone_from(cluster);
                for member in members {
                    self.node(&member.id).set_member(member.clone());
                }
            }
            Event::MemberSet { member } => {
                if member.head {
                    for node in self.nodes.values_mut() {
                        if let Some(other) = &mut node.member {
                            other.head = false;
                        }
                    }
                }
                self.node(&member.id).set_member(member.clone());
            }
            Event::MemberRemoved { node } => {
                if let Some(view) = self.nodes.get_mut(node) {
                    view.member = None;
                }
            }
            Event::ScanStarted { .. }
            | Event::ScanProblem { .. }
            | Event::ScanProgress { .. }
            | Event::ScanFinished { .. } => self.scan(at, &stamped.event),
            Event::Seen { node, sighting } => self.seen(at, node, sighting),
            Event::Moved { node, from, to } => self.node(node).moved(at, *from, *to),
            Event::Gone { node } => self.node(node).change = Some((at, Change::Gone)),
            Event::Folded { node, into, other } => self.folded(node, into, other),
            Event::Watching { every } => self.watching = *every,
            Event::Blinking { node, on, .. } => self.node(node).blinking = *on,
            Event::LinkChanged { node, link } => self.node(node).set_link(at, link.clone()),
            Event::LoggedIn { node, by } => self.node(node).login = Some(by.clone()),
            Event::TriedAgain { node, at } => self.node(node).next_try = Some(*at),
            Event::FactsRead { node, facts } => {
                let view = self.node(node);
                view.facts = Some((**facts).clone());
                view.last_seen = Some(at);
            }
            Event::Sampled { node, sample } => {
                self.node(node).sample(at, *sample);
                if let Some(run) = self.run.as_mut().filter(|run| !run.is_over()) {
                    run.sample(at, node, sample);
                }
            }
            Event::Asked { id, question } => self.questions.push((*id, question.clone())),
            Event::Answered { id } => self.questions.retain(|(open, _)| open != id),
            Event::SetupStarted { plan } => self.setup = Some(SetupView::new(at, plan.clone())),
            Event::Step { report } => {
                if let Some(setup) = self.setup.as_mut().filter(|s| s.plan.job == report.job) {
                    setup.report(report);
                }
            }
            Event::Pair { from, to, problem } => {
                self.pairs.insert((from.clone(), to.clone()), PairState { at, problem: problem.clone() });
            }
            Event::SetupFinished { job, summary } => {
                if let Some(setup) = self.setup.as_mut().filter(|s| s.plan.job == *job) {
                    setup.summary = Some(*summary);
                }
            }
            Event::Run { run, event } => self.run_event(at, run, event),
            Event::ExecStarted { .. }
            | Event::ExecLine { .. }
            | Event::ExecOmitted { .. }
            | Event::ExecEnded { .. }
            | Event::ExecFinished { .. } => {
                self.exec(&stamped.event);
            }
            Event::Unfinished { runs } => self.unfinished(at, runs),
            Event::Refused { what, reasons, .. } => self.refused = Some((what.clone(), reasons.clone())),
            Event::Notice { level, node, text } => {
                self.note(Notice { at, level: *level, node: node.clone(), text: text.clone() });
            }
            Event::NotSaved { text } => {
                self.note(Notice { at, level: Level::Error, node: None, text: text.clone() });
            }
            Event::Dropped { count } => self.dropped += count,
            Event::Ended => self.ended = true,
        }
    }

    /// The members in the order of their names.
    pub fn members(&self) -> Vec<&NodeView> {
        let mut members: Vec<_> = self.nodes.values().filter(|n| n.member.is_some()).collect();
        members.sort_by_key(|a| a.name());
        members
    }

    /// The MPI that a setup has chosen for the cluster.
    pub fn mpi(&self) -> Option<MpiFamily> {
        self.nodes.values().find_map(|n| n.member.as_ref()?.mpi)
    }

    /// What a node is called: its name in the cluster, else the name it goes by, else its address.
    pub fn name_of(&self, node: &NodeId) -> String {
        self.nodes.get(node).map_or_else(|| node.to_string(), NodeView::name)
    }

    /// Something runs that you would lose by quitting.
    pub fn is_busy(&self) -> bool {
        self.setup.as_ref().is_some_and(|s| s.summary.is_none())
            || self.run.as_ref().is_some_and(|r| !r.is_over())
            || self.exec.as_ref().is_some_and(|e| !e.finished)
    }

    fn note(&mut self, notice: Notice) {
        if self.notices.len() == NOTICES {
            self.notices.pop_front();
        }
        self.notices.push_back(notice);
    }

    /// The front end joins the newest; the others become notices.
    fn unfinished(&mut self, at: Timestamp, runs: &[RunPlan]) {
        self.unfinished = runs.to_vec();
        for plan in runs.iter().skip(1).rev() {
            let text = format!("{} was left running too: `pictl attach {}` shows it", plan.workload.name, plan.id);
            self.note(Notice { at, level: Level::Info, node: Some(plan.head.clone()), text });
        }
    }

    fn node(&mut self, id: &NodeId) -> &mut NodeView {
        self.nodes.entry(id.clone()).or_insert_with(|| NodeView::new(id.clone()))
    }

    fn seen(&mut self, at: Timestamp, id: &NodeId, sighting: &Sighting) {
        let new = !self.nodes.contains_key(id);
        if new {
            self.nobody_else_has(sighting.address);
        }
        let is_news = new && self.scanned;
        let view = self.node(id);
        view.see(at, sighting);
        if is_news {
            view.change = Some((at, Change::New));
        }
    }

    fn folded(&mut self, id: &NodeId, into: &NodeId, other: &OtherAddress) {
        let before = if id == into { None } else { self.nodes.remove(id) };
        self.nobody_else_has(other.address);
        let view = self.node(into);
        view.last_seen = view.last_seen.max(before.as_ref().and_then(|b| b.last_seen));
        let own = view.address();
        let others = before.into_iter().flat_map(|b| b.also).chain([other.clone()]);
        view.also.extend(others.filter(|other| Some(other.address) != own));
    }

    /// What was taken for a further address of some host is another's.
    fn nobody_else_has(&mut self, address: IpAddr) {
        for view in self.nodes.values_mut() {
            view.also.retain(|also| also.address != address);
        }
    }

    fn scan(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::ScanStarted { targets, method, addresses, again } => {
                // What a watch notices stays until you start a scan yourself.
                for view in self.nodes.values_mut().filter(|_| !again) {
                    view.change.take_if(|(_, change)| *change != Change::Gone);
                }
                // What every pass of a watch leaves out must not come and go.
                let problems = self.scan.take().filter(|_| *again).map(|scan| scan.problems).unwrap_or_default();
                self.scan = Some(ScanView {
                    active: true,
                    problems,
                    again: *again,
                    targets: targets.clone(),
                    method: method.clone(),
                    addresses: *addresses,
                    started: at,
                    ..ScanView::default()
                });
            }
            Event::ScanProblem { text } => {
                if let Some(scan) = self.scan.as_mut().filter(|scan| !scan.problems.contains(text)) {
                    scan.problems.push(text.clone());
                }
            }
            Event::ScanProgress { asked, found } => {
                if let Some(scan) = &mut self.scan {
                    (scan.asked, scan.found) = (*asked, *found);
                }
            }
            Event::ScanFinished { found, pis, elapsed, problems } => {
                let scan = self.scan.get_or_insert_default();
                scan.active = false;
                self.scanned = true;
                (scan.found, scan.pis, scan.asked) = (*found, *pis, scan.addresses);
                scan.elapsed = Some(*elapsed);
                scan.problems.clone_from(problems);
            }
            _ => {}
        }
    }

    fn run_event(&mut self, at: Timestamp, id: &RunId, event: &RunEvent) {
        if let RunEvent::Planned { plan } = event {
            self.run = Some(RunView::new(at, (**plan).clone()));
            return;
        }
        let Some(run) = self.run.as_mut().filter(|run| run.plan.id == *id) else { return };
        run.apply(at, event);
        if let RunEvent::Omitted { parts, .. } = event {
            self.dropped += parts;
        }
        // A run shorter than the time between two readings has the last one before it, and not none.
        if let RunEvent::Phase { phase: RunPhase::Launching } = event {
            for host in run.plan.hosts.clone() {
                let readings = self.nodes.get(&host.node).into_iter().flat_map(|n| n.readings.iter().rev());
                let mut before = readings.skip_while(|r| r.at > at);
                if let Some(reading) = before.next().filter(|r| at - r.at <= STILL_SO) {
                    run.sample(at, &host.node, &reading.sample);
                }
            }
        }
    }

    fn exec(&mut self, event: &Event) {
        if let Event::ExecStarted { job, nodes, command } = event {
            let nodes = nodes.iter().map(|n| (n.clone(), ExecNode::default())).collect();
            self.exec = Some(ExecView { job: *job, command: command.clone(), nodes, finished: false });
            return;
        }
        let Some(exec) = &mut self.exec else { return };
        match event {
            Event::ExecLine { job, node, stream, line } if *job == exec.job => {
                let count = exec.nodes.len().max(1);
                let part = exec.nodes.entry(node.clone()).or_default();
                if part.lines.len() < EXEC_LINES / count && part.bytes + line.len() <= EXEC_BYTES / count {
                    part.bytes += line.len();
                    part.lines.push((*stream, line.clone()));
                } else {
                    part.left_out += LeftOut { lines: 1, bytes: line.len() as u64 };
                }
            }
            Event::ExecOmitted { job, node, lines, bytes } if *job == exec.job => {
                exec.nodes.entry(node.clone()).or_default().left_out += LeftOut { lines: *lines, bytes: *bytes };
            }
            Event::ExecEnded { job, node, status, problem, unreached, .. } if *job == exec.job => {
                let part = exec.nodes.entry(node.clone()).or_default();
                (part.ended, part.status, part.problem) = (true, *status, problem.clone());
                part.unreached = *unreached;
            }
            Event::ExecFinished { job } if *job == exec.job => exec.finished = true,
            _ => {}
        }
    }
}
