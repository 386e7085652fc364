//! Runs: from the wish to the plan, the launch, the watch over its nodes, and the verdict.

mod alone;
mod attach;
mod head;
mod install;
mod order;
mod own;
mod ppsum;
mod validity;
mod verdict;
mod watch;

use std::collections::BTreeSet;

use pictl_model::event::{Event, Level};
use pictl_model::node::Member;
use pictl_model::request::{BenchRequest, Ground, Refusal, Request};
use pictl_model::run::{RunEvent, RunPlan};
use pictl_model::{NodeId, RunId};

use self::order::preface;
pub(super) use self::validity::Observer;
use self::verdict::judge;
use super::core::Core;
use super::job::{Job, Reading};
use super::journal::Kind;
use crate::input::{Effect, Input, LaunchOrder};
use crate::launch::{Control, End, News};
use crate::payload::Payload;

/// A request for runs under way.
pub(super) struct Run {
    request: BenchRequest,
    /// The run to join, until its record is open.
    opening: Option<RunId>,
    /// What is run; not known where a run is joined.
    payload: Option<Payload>,
    members: Vec<Member>,
    /// Nodes whose reading is on its way.
    asked: BTreeSet<NodeId>,
    /// Repetitions begun.
    begun: u32,
    first: Option<RunId>,
    /// The repetition at work.
    current: Option<Current>,
    /// A run that will be joined once its nodes are connected.
    joining: Option<LaunchOrder>,
    /// Standard input for the program that is not launched yet.
    typed: Vec<(Vec<u8>, bool)>,
    cancelled: u8,
    over: bool,
}

struct Current {
    id: RunId,
    /// Where its launcher is.
    head: NodeId,
    /// Why it is ended before its time, and by whom.
    ending: Option<Ending>,
    damaged: u64,
    /// It was said that its MPI is not the launcher's.
    warned: bool,
    /// The hash of what it proves before it begins.
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
            warned: false,
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

impl Run {
    /// Runs that a request asks for.
    pub(super) fn new(request: BenchRequest) -> Self {
        Self {
            request,
            opening: None,
            payload: None,
            members: Vec::new(),
            asked: BTreeSet::new(),
            begun: 0,
            first: None,
            current: None,
            joining: None,
            typed: Vec::new(),
            cancelled: 0,
            over: false,
        }
    }

    /// Ends the job, and says why it could not begin.
    fn give_up(&mut self, core: &mut Core, ground: Ground, reasons: Vec<Refusal>) {
        self.over = true;
        core.refuse(self.name(), ground, reasons);
    }

    fn begin(&mut self, core: &mut Core) {
        let request = &self.request;
        let mut reasons = Vec::new();
        let mut refuse =
            |reason: String, hint: &str| reasons.push(Refusal { node: None, reason, hint: hint.to_owned() });
        self.payload = Payload::of(request).map_err(|(reason, hint)| refuse(reason, &hint)).ok();
        let all = core.journal.members().into_iter();
        self.members = all.filter(|m| request.nodes.is_empty() || request.nodes.contains(&m.id)).collect();
        // Ranks are placed in the order in which nodes were chosen.
        self.members.sort_by_key(|m| request.nodes.iter().position(|node| *node == m.id));
        if self.members.is_empty() {
            refuse("the cluster has no nodes".into(), "scan, choose some and set them up");
        }
        if request.ranks == Some(0) || request.repeat == 0 {
            refuse("nothing would be run".into(), "give at least one rank and one repetition");
        }
        if request.workload.slices == Some(0) || request.workload.slice_size == Some(0) {
            refuse("there would be nothing to compute".into(), "give at least one slice of at least one term");
        }
        if !reasons.is_empty() {
            return self.give_up(core, Ground::Input, reasons);
        }
        for member in &self.members {
            core.readings.remove(&member.id);
        }
        core.outside = None;
        self.connect(core);
    }

    /// Logs in on the nodes and reads their sensors: without those a run could not be judged.
    fn connect(&mut self, core: &mut Core) {
        let nodes: Vec<_> = self.members.iter().map(|m| m.id.clone()).collect();
        core.journal.work(Kind::Run, &nodes);
        core.links.watching = true;
        core.want_links(&nodes, &self.request.login);
        let up: Vec<_> = nodes.into_iter().filter(|n| core.is_up(n)).collect();
        core.journal.effects.extend(up.into_iter().map(Effect::Watch));
        self.check_nodes(core);
    }

    /// Checks whether all nodes are connected and read; if so the first run begins, and if one is lost a run ends.
    fn check_nodes(&mut self, core: &mut Core) {
        if self.over || self.opening.is_some() {
            return;
        }
        if self.current.is_some() {
            return self.watch(core);
        }
        let mut down = Vec::new();
        for member in self.members.iter().filter(|m| core.is_down(&m.id)) {
            let (why, hint) = core.why_down(&member.id);
            let reason = format!("{}: {why}", member.name);
            down.push(Refusal { node: Some(member.id.clone()), reason, hint });
        }
        let settled = self.members.iter().all(|m| core.is_up(&m.id) || core.is_down(&m.id));
        if let Some(order) = &self.joining {
            // What nodes besides the head are gone is seen when the run is joined.
            match core.is_up(&order.plan.head) {
                true if settled => self.join(core),
                false if settled => self.give_up(core, Ground::Access, down),
                _ => {}
            }
            return;
        }
        if settled && !down.is_empty() {
            return self.give_up(core, Ground::Access, down);
        }
        let outside = self.has_outside_head().then(NodeId::operator);
        let wanted: Vec<_> = self.members.iter().map(|m| m.id.clone()).chain(outside).collect();
        let up: Vec<_> = wanted.iter().filter(|n| core.is_up(n)).cloned().collect();
        // One that went away and came back is asked again.
        self.asked.retain(|n| up.contains(n));
        for node in &up {
            if self.asked.insert(node.clone()) {
                core.read(node);
            }
        }
        let read = |n: &NodeId| if n.is_operator() { core.outside.is_some() } else { core.readings.contains_key(n) };
        if up.len() == wanted.len() && up.iter().all(read) {
            self.begin_next(core);
        }
    }

    /// Plans and launches the next repetition.
    fn begin_next(&mut self, core: &mut Core) {
        let order = match self.order(core) {
            Ok(order) => order,
            Err(reasons) => return self.give_up(core, Ground::Input, reasons),
        };
        let id = order.plan.id.clone();
        self.begun += 1;
        self.first.get_or_insert_with(|| id.clone());
        self.current = Some(Current::new(&order.plan, order.proof.as_ref().map(|proof| proof.hash.clone())));
        core.salt = core.salt.wrapping_add(1);
        if let Some(text) = preface(core, &order.plan) {
            core.notice(Level::Info, None, text);
        }
        core.publish(Event::Run { run: id, event: RunEvent::Planned { plan: Box::new(order.plan.clone()) } });
        core.journal.effects.push(Effect::Launch(Box::new(order)));
        for (bytes, end) in std::mem::take(&mut self.typed) {
            core.journal.effects.push(Effect::Feed { bytes, end });
        }
    }

    /// More standard input for the program; what comes before its launch waits for it.
    fn typed(&mut self, core: &mut Core, bytes: Vec<u8>, end: bool) {
        if self.current.is_some() {
            core.journal.effects.push(Effect::Feed { bytes, end });
        } else {
            self.typed.push((bytes, end));
        }
    }

    fn end(&mut self, core: &mut Core, ending: Ending, reason: &str, control: Control) {
        let Some(current) = &mut self.current else { return };
        current.ending = Some(ending);
        let run = current.id.clone();
        core.publish(Event::Run { run, event: RunEvent::Stopping { reason: reason.to_owned(), rung: 1 } });
        core.journal.effects.push(Effect::Control(control));
    }

    fn news(&mut self, core: &mut Core, run: RunId, news: News) {
        match news {
            News::Event(event) => {
                let about_mpi = matches!(event, RunEvent::Mpi { .. });
                core.publish(Event::Run { run, event });
                if about_mpi {
                    self.warn_of_another_mpi(core);
                }
            }
            News::Past { at, event } => core.journal.publish_past(at, Event::Run { run, event }),
            News::Proved => self.proved(core),
            News::Damaged => {
                if let Some(current) = &mut self.current {
                    current.damaged += 1;
                }
            }
            News::Notice(text) => core.notice(Level::Warn, None, text),
            News::Bytes(_) => {}
            News::Over(end) => self.ended(core, &end),
        }
    }

    /// Says once, while it can still be stopped, that the program's MPI is not the launcher's.
    fn warn_of_another_mpi(&mut self, core: &mut Core) {
        let Some(current) = self.current.as_mut().filter(|current| !current.warned) else { return };
        if let Some(text) = core.journal.world.run.as_ref().and_then(alone::warning) {
            current.warned = true;
            core.notice(Level::Warn, None, text);
        }
    }

    fn ended(&mut self, core: &mut Core, end: &End) {
        let Some(mut current) = self.current.take() else { return };
        let again = self.begun < self.request.repeat && self.cancelled == 0 && current.ending.is_none();
        if current.damaged > 0 {
            let text = format!("{} lines of the program arrived damaged and were not counted", current.damaged);
            core.notice(Level::Warn, None, text);
        }
        if current.ending.is_none() {
            current.ending = self.lost_meanwhile(core);
        }
        if let Some(summary) = judge(core, &current, end) {
            core.publish(Event::Run { run: current.id, event: RunEvent::Finished { summary: Box::new(summary) } });
        }
        if again {
            self.begin_next(core);
        } else {
            self.over = true;
        }
    }
}

impl Job for Run {
    fn name(&self) -> &'static str {
        if self.is_joined() { "attach" } else { "run" }
    }

    fn start(&mut self, core: &mut Core) {
        match self.opening.clone() {
            Some(run) => {
                core.journal.work(Kind::Run, []);
                core.journal.effects.push(Effect::Open(run));
            }
            None => self.begin(core),
        }
    }

    fn input(&mut self, core: &mut Core, input: Input) -> Option<Input> {
        match input {
            Input::Opened { run, result } if self.opening.as_ref() == Some(&run) => self.opened(core, &run, result),
            Input::Request(Request::Input { bytes, end }) => self.typed(core, bytes, end),
            Input::Probed { node, answers } => self.probed(core, &node, answers),
            Input::Run { run, news } if self.current.as_ref().is_some_and(|current| current.id == run) => {
                self.news(core, run, news);
            }
            other => return Some(other),
        }
        None
    }

    fn links_changed(&mut self, core: &mut Core, _: &[NodeId]) {
        self.check_nodes(core);
    }

    fn reading(&mut self, core: &mut Core, node: &NodeId, reading: &Reading) {
        match reading {
            Err(e) if self.current.is_none() && self.asked.contains(node) => {
                let refusal = Refusal { node: Some(node.clone()), reason: e.message.clone(), hint: e.hint.clone() };
                self.give_up(core, Ground::Access, vec![refusal]);
            }
            _ => self.check_nodes(core),
        }
    }

    fn cancel(&mut self, core: &mut Core) {
        self.cancelled = self.cancelled.saturating_add(1);
        let one = |reason: &str, hint: &str| vec![Refusal { node: None, reason: reason.into(), hint: hint.into() }];
        match self.current.as_ref().map(|current| (current.id.clone(), current.ending.is_some())) {
            None if self.is_joined() => {
                let reasons = one("it was not joined, and goes on", "attach to it later");
                self.give_up(core, Ground::Input, reasons);
            }
            None => {
                let reasons = one("it was stopped before it began", "start it again");
                self.give_up(core, Ground::Input, reasons);
            }
            Some((_, false)) => self.end(core, Ending::User, "stopped by the user", Control::Stop),
            Some((id, true)) if self.cancelled >= 2 => {
                let event = RunEvent::Stopping { reason: "stopped by the user, at once".into(), rung: 2 };
                core.publish(Event::Run { run: id, event });
                core.journal.effects.push(Effect::Control(Control::Kill));
            }
            Some(_) => {}
        }
    }

    fn is_exclusive(&self) -> bool {
        true
    }

    fn is_over(&self) -> bool {
        self.over
    }

    #[cfg(test)]
    fn is_on(&self, node: &NodeId) -> bool {
        self.members.iter().any(|member| member.id == *node)
    }
}
