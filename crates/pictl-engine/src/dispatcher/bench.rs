//! Runs: from the wish to the plan, the launch, the watch over its nodes, and the verdict.

mod attach;
mod head;
mod order;
mod own;
mod ppsum;
mod validity;
mod verdict;
mod watch;

use std::collections::BTreeSet;

use pictl_formats::facts::NodeReading;
use pictl_model::event::{Event, Level};
use pictl_model::node::Member;
use pictl_model::request::{BenchRequest, Ground, Refusal};
use pictl_model::run::{RunEvent, RunPlan};
use pictl_model::{NodeId, RunId};

pub(super) use self::validity::Observer;
use super::Dispatcher;
use super::core::Exclusive;
use crate::input::{Effect, LaunchOrder};
use crate::job::Job;
use crate::launch::{Control, End, News};
use crate::remote::RemoteError;

/// A request for runs under way.
pub(super) struct Bench {
    request: BenchRequest,
    /// What it is of; not known where a run is joined.
    job: Option<Job>,
    members: Vec<Member>,
    /// Nodes whose reading is on its way.
    asked: BTreeSet<NodeId>,
    /// Repetitions begun.
    begun: u32,
    first: Option<RunId>,
    /// The run at work.
    run: Option<Current>,
    /// A run that is to be joined once its nodes are there.
    joining: Option<LaunchOrder>,
    cancelled: u8,
}

struct Current {
    id: RunId,
    /// Where its launcher is.
    head: NodeId,
    /// Why it is ended before its time, and by whom.
    ending: Option<Ending>,
    damaged: u64,
    /// The word of what it proves before it begins.
    proof: Option<String>,
    /// Since a connection was lost: nodes that were asked whether they still answer, and have not answered yet.
    asked: BTreeSet<NodeId>,
    /// Nodes without a connection while others answer: if they cannot be reached now, they are lost.
    suspects: BTreeSet<NodeId>,
}

impl Current {
    fn new(plan: &RunPlan, proof: Option<String>) -> Self {
        Self {
            id: plan.id.clone(),
            head: plan.head.clone(),
            ending: None,
            damaged: 0,
            proof,
            asked: BTreeSet::new(),
            suspects: BTreeSet::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Ending {
    User,
    NodeLost { name: String, why: String },
}

impl Dispatcher {
    pub(super) fn bench_requested(&mut self, request: BenchRequest) {
        if self.core.refuse_if_busy("run") {
            return;
        }
        let mut reasons = Vec::new();
        let mut refuse =
            |reason: String, hint: &str| reasons.push(Refusal { node: None, reason, hint: hint.to_owned() });
        let job = Job::of(&request).map_err(|(reason, hint)| refuse(reason, &hint)).ok();
        let members: Vec<Member> = self
            .core
            .members()
            .into_iter()
            .filter(|m| request.nodes.is_empty() || request.nodes.contains(&m.id))
            .collect();
        if members.is_empty() {
            refuse("the cluster has no nodes".into(), "scan, choose some and set them up");
        }
        if request.ranks == Some(0) || request.repeat == 0 {
            refuse("nothing would be run".into(), "give at least one rank and one repetition");
        }
        if request.workload.slices == Some(0) || request.workload.slice_size == Some(0) {
            refuse("there would be nothing to compute".into(), "give at least one slice of at least one term");
        }
        match job {
            Some(job) if reasons.is_empty() => {
                let nodes: Vec<_> = members.iter().map(|m| m.id.clone()).collect();
                let login = request.login.clone();
                let asked = BTreeSet::new();
                self.core.work(Exclusive::Run, &nodes);
                self.bench = Some(Bench {
                    request,
                    job: Some(job),
                    members,
                    asked,
                    begun: 0,
                    first: None,
                    run: None,
                    joining: None,
                    cancelled: 0,
                });
                // A run without its sensors could not be judged.
                self.core.watching = true;
                self.core.want_links(&nodes, &login);
                let up: Vec<_> = nodes.iter().filter(|n| self.core.is_up(n)).cloned().collect();
                self.core.effects.extend(up.into_iter().map(Effect::Watch));
                for node in &nodes {
                    self.core.readings.remove(node);
                }
                self.core.outside = None;
                self.bench_links_changed();
            }
            _ => self.core.refuse("run", Ground::Input, reasons),
        }
    }

    fn leave_bench(&mut self) {
        self.bench = None;
        self.core.rest();
    }

    /// Looks whether all nodes are there and read; if so the first run begins, and if one is lost a run ends.
    pub(super) fn bench_links_changed(&mut self) {
        let Some(bench) = &self.bench else { return };
        if bench.run.is_some() {
            return self.watch_run();
        }
        let nodes: Vec<_> = bench.members.iter().map(|m| (m.id.clone(), m.name.to_string())).collect();
        let mut down = Vec::new();
        for (node, name) in &nodes {
            if self.core.is_down(node) {
                let (why, hint) = self.core.why_down(node);
                down.push(Refusal { node: Some(node.clone()), reason: format!("{name}: {why}"), hint });
            }
        }
        let settled = nodes.iter().all(|(n, _)| self.core.is_up(n) || self.core.is_down(n));
        if let Some(order) = &bench.joining {
            // What nodes besides the head are gone is seen when the run is joined.
            match self.core.is_up(&order.plan.head) {
                true if settled => self.join_run(),
                false if settled => {
                    self.leave_bench();
                    self.core.refuse("attach", Ground::Access, down);
                }
                _ => {}
            }
            return;
        }
        if settled && !down.is_empty() {
            self.leave_bench();
            return self.core.refuse("run", Ground::Access, down);
        }
        let outside = bench.has_outside_head().then(NodeId::operator);
        let wanted: Vec<_> = nodes.into_iter().map(|(n, _)| n).chain(outside).collect();
        let up: Vec<_> = wanted.iter().filter(|n| self.core.is_up(n)).cloned().collect();
        let Some(bench) = &mut self.bench else { return };
        // One that went away and came back is asked again.
        bench.asked.retain(|n| up.contains(n));
        let fresh = up.iter().filter(|n| bench.asked.insert((*n).clone()));
        self.core.effects.extend(fresh.cloned().map(Effect::Read));
        let read =
            |n: &NodeId| if n.is_operator() { self.core.outside.is_some() } else { self.core.readings.contains_key(n) };
        if up.len() == wanted.len() && up.iter().all(read) {
            self.begin_run();
        }
    }

    pub(super) fn read(&mut self, node: &NodeId, result: Result<Box<NodeReading>, RemoteError>) {
        let Some(result) = self.core.take_reading(node, result) else { return };
        if self.setup.is_some() {
            self.setup_read(node, &result);
        }
        self.identify_read(node, result.as_ref().err());
        match (&self.bench, result) {
            (Some(bench), Err(e)) if bench.run.is_none() && bench.asked.contains(node) => {
                self.leave_bench();
                let refusal = Refusal { node: Some(node.clone()), reason: e.message, hint: e.hint };
                self.core.refuse("run", Ground::Access, vec![refusal]);
            }
            _ => self.bench_links_changed(),
        }
    }

    /// Plans and launches the next repetition.
    fn begin_run(&mut self) {
        let Some(bench) = &self.bench else { return };
        match self.order(bench) {
            Err(reasons) => {
                self.leave_bench();
                self.core.refuse("run", Ground::Input, reasons);
            }
            Ok(order) => {
                let id = order.plan.id.clone();
                if let Some(bench) = &mut self.bench {
                    bench.begun += 1;
                    bench.first.get_or_insert_with(|| id.clone());
                    let proof = order.proof.as_ref().map(|proof| proof.word.clone());
                    bench.run = Some(Current::new(&order.plan, proof));
                }
                self.core.salt = self.core.salt.wrapping_add(1);
                if let Some(text) = self.preface(&order.plan) {
                    self.core.notice(Level::Info, None, text);
                }
                self.core
                    .publish(Event::Run { run: id, event: RunEvent::Planned { plan: Box::new(order.plan.clone()) } });
                self.core.effects.push(Effect::Launch(Box::new(order)));
            }
        }
    }

    fn end_run(&mut self, ending: Ending, reason: &str, control: Control) {
        let Some(current) = self.bench.as_mut().and_then(|b| b.run.as_mut()) else { return };
        current.ending = Some(ending);
        let run = current.id.clone();
        self.core.publish(Event::Run { run, event: RunEvent::Stopping { reason: reason.to_owned(), rung: 1 } });
        self.core.effects.push(Effect::Control(control));
    }

    pub(super) fn cancel_bench(&mut self) {
        let Some(bench) = &mut self.bench else { return };
        bench.cancelled = bench.cancelled.saturating_add(1);
        let (rung, run) = (bench.cancelled, bench.run.as_ref().map(|r| (r.id.clone(), r.ending.is_some())));
        match run {
            None if bench.joining.is_some() => {
                self.leave_bench();
                let reason = "it was not joined, and goes on".to_owned();
                let hint = "attach to it later".to_owned();
                self.core.refuse("attach", Ground::Input, vec![Refusal { node: None, reason, hint }]);
            }
            None => {
                self.leave_bench();
                let reason = "it was stopped before it began".to_owned();
                self.core.refuse(
                    "run",
                    Ground::Input,
                    vec![Refusal { node: None, reason, hint: "start it again".into() }],
                );
            }
            Some((_, false)) => self.end_run(Ending::User, "stopped by the user", Control::Stop),
            Some((id, true)) if rung >= 2 => {
                let event = RunEvent::Stopping { reason: "stopped by the user, at once".into(), rung: 2 };
                self.core.publish(Event::Run { run: id, event });
                self.core.effects.push(Effect::Control(Control::Kill));
            }
            Some(_) => {}
        }
    }

    pub(super) fn run_news(&mut self, run: &RunId, news: News) {
        let Some(current) = self.bench.as_mut().and_then(|b| b.run.as_mut()).filter(|r| r.id == *run) else { return };
        match news {
            News::Event(event) => self.core.publish(Event::Run { run: run.clone(), event }),
            News::Past { at, event } => self.core.publish_past(at, Event::Run { run: run.clone(), event }),
            News::Proved => self.run_proved(),
            News::Damaged => current.damaged += 1,
            News::Bytes(_) => {}
            News::Over(end) => self.run_over(&end),
        }
    }

    fn run_over(&mut self, end: &End) {
        let Some(bench) = &mut self.bench else { return };
        let Some(mut current) = bench.run.take() else { return };
        let again = bench.begun < bench.request.repeat && bench.cancelled == 0 && current.ending.is_none();
        if current.damaged > 0 {
            let text = format!("{} lines of the program arrived damaged and were not counted", current.damaged);
            self.core.notice(Level::Warn, None, text);
        }
        if current.ending.is_none() {
            current.ending = self.lost_meanwhile();
        }
        if let Some(summary) = self.judge(&current, end) {
            self.core.publish(Event::Run { run: current.id, event: RunEvent::Finished { summary: Box::new(summary) } });
        }
        if again {
            self.begin_run();
        } else {
            self.leave_bench();
        }
    }
}
