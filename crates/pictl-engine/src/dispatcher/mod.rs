//! The one owner of the state: takes one input after another and answers with what is to be done.
//!
//! Nothing here waits, and nothing here touches the network, the disk or the clock: the time comes with the input. So
//! every rule can be tested by feeding inputs and looking at the effects.

mod bench;
mod exec;
mod hosts;
mod identify;
mod inventory;
mod links;
mod places;
mod plan;
mod scan;
mod setup;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use pictl_formats::facts::NodeReading;
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::event::{Event, Level, Stamped, VERSION};
use pictl_model::node::Member;
use pictl_model::request::{Answer, Ground, Login, Question, Refusal, Request, SecretAnswer};
use pictl_model::world::World;
use pictl_model::{JobId, NodeId, QuestionId, Timestamp};

use crate::input::{Effect, Input, Timer};
use crate::ports::{ConnectError, OperatorKey, OperatorSsh};
use crate::setup::steps::Readings;
use links::Links;

/// The dispatcher.
pub struct Dispatcher {
    /// The fold of everything published: what the front ends see is what the dispatcher knows.
    world: World,
    places: places::Places,
    scan: scan::Scan,
    known: Arc<KnownHosts>,
    /// Where they are kept, for SSH clients that are not pictl.
    known_path: Option<PathBuf>,
    ssh: OperatorSsh,
    links: Links,
    /// The last reading of each node, with its files.
    readings: Readings,
    /// The last reading of the operator's own machine, where it was the head of a run.
    outside: Option<Arc<NodeReading>>,
    key: Option<OperatorKey>,
    /// The key that is to take its place, in the middle of a rotation: some nodes may have this one only.
    next_key: Option<OperatorKey>,
    /// Logins wait for the operator's key, which is being looked for.
    waiting_for_key: bool,
    setup: Option<setup::Setup>,
    bench: Option<bench::Bench>,
    /// A record is being opened to join its run; how to log in then.
    attaching: Option<Login>,
    exec: Option<exec::Exec>,
    blinks: identify::Blinks,
    /// What runs' figures are worth.
    observer: bench::Observer,
    /// Nodes on which launcher and MPI were proved to belong together, one word for each set of them.
    proved: Vec<String>,
    watching: bool,
    /// Runs that nobody saw the end of were asked for.
    looked_back: bool,
    ending: bool,
    salt: u32,
    seq: u64,
    last_job: u32,
    last_question: u32,
    now: Timestamp,
    effects: Vec<Effect>,
}

impl Dispatcher {
    /// A dispatcher for a cluster with these members and trusted host keys. `salt` tells apart the runs of processes that
    /// start in the same second. The inventory is published at once.
    pub fn new(
        cluster: &str,
        members: Vec<Member>,
        known: KnownHosts,
        salt: u32,
        now: Timestamp,
    ) -> (Self, Vec<Effect>) {
        let mut this = Self {
            world: World::default(),
            places: places::Places::default(),
            scan: scan::Scan::default(),
            known: Arc::new(known),
            known_path: None,
            ssh: OperatorSsh::default(),
            links: Links::default(),
            readings: Readings::new(),
            outside: None,
            key: None,
            next_key: None,
            waiting_for_key: false,
            setup: None,
            bench: None,
            attaching: None,
            exec: None,
            blinks: identify::Blinks::default(),
            observer: bench::Observer::default(),
            proved: Vec::new(),
            watching: false,
            looked_back: false,
            ending: false,
            salt,
            seq: 0,
            last_job: 0,
            last_question: 0,
            now,
            effects: Vec::new(),
        };
        this.publish(Event::Inventory { cluster: cluster.to_owned(), members });
        let effects = std::mem::take(&mut this.effects);
        (this, effects)
    }

    /// Takes over on which nodes launcher and MPI were proved to belong together, in sessions before.
    pub fn remember_proved(&mut self, proved: Vec<String>) {
        self.proved = proved;
    }

    /// Learns where the host keys are kept.
    pub fn remember_known_hosts(&mut self, path: PathBuf) {
        self.known_path = Some(path);
    }

    /// Learns what OpenSSH's client is told on this machine.
    pub fn remember_ssh(&mut self, ssh: OperatorSsh) {
        self.ssh = ssh;
    }

    /// What the events so far add up to.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Takes one input in and says what is to be done about it, in order.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        self.now = now;
        match input {
            Input::Request(request) => self.request(request),
            Input::Secret(answer) => self.secret(&answer),
            Input::Scan(news) => self.scan_news(news),
            Input::ScanEnded(end) => self.scan_ended(end),
            Input::Key(found) => self.key_found(found),
            Input::NextKey(key) => self.next_key = Some(key),
            Input::Renewed(made) => self.key_renewed(made),
            Input::Settled(key) => self.key_settled(key),
            Input::Resolved { name, result } => self.resolved(name, result),
            Input::Connected { node, result } => self.connected(&node, result),
            Input::Lost { node, why } => self.lost(&node, why),
            Input::Read { node, result } => self.read(&node, result),
            Input::SudoTried { node, result } => {
                self.sudo_tried(&node, result);
                self.ask_for_root();
            }
            Input::StepNews { node, step, news } => self.step_news(&node, step, news),
            Input::StepEnded { node, step, outcomes, result } => self.step_ended(&node, step, outcomes, result),
            Input::Sampled { node, sample } => self.publish(Event::Sampled { node, sample }),
            Input::Unfinished(runs) => self.publish(Event::Unfinished { runs }),
            Input::Opened { run, result } => self.opened(&run, result),
            Input::Probed { node, answers } => self.probed(&node, answers),
            Input::Run { run, news } => self.run_news(&run, news),
            Input::ExecLine { job, node, stream, line } => self.exec_line(job, node, stream, line),
            Input::ExecEnded { job, node, result } => self.exec_ended(job, &node, result),
            Input::Blink { job, node, news } => self.blink_news(job, &node, news),
            Input::Earlier(earlier) => self.observer.earlier(earlier),
            Input::NotKept(text) => self.notice(Level::Error, None, text),
            Input::Timer(Timer::Reconnect(node, number)) => self.reconnect_due(&node, number),
            Input::Timer(Timer::Look(number)) => self.look_due(number),
        }
        std::mem::take(&mut self.effects)
    }

    fn request(&mut self, request: Request) {
        match request {
            Request::Scan(request) => self.scan_requested(request),
            Request::StopScan => self.stop_scan(),
            Request::Identify { nodes, time, login } => self.identify_requested(nodes, time, &login),
            Request::Setup(request) => self.setup_requested(request),
            Request::Watch { login } => self.watch(&login),
            Request::Bench(request) => self.bench_requested(request),
            Request::Attach { run, login } => self.attach_requested(run, login),
            Request::Exec(request) => self.exec_requested(request),
            Request::Answer { id, answer } => self.answered(id, &answer),
            Request::Cancel => self.cancel(),
            Request::SetMember { node, change } => self.set_member(&node, change),
            Request::Adopt { nodes, prefix, login } => self.adopt(&nodes, &prefix, &login),
            Request::RemoveMember { node } => self.remove_member(&node),
            Request::Shutdown => {
                self.ending = true;
                self.end_links();
                self.publish(Event::Ended);
                self.effects.push(Effect::End);
            }
        }
    }

    /// Publishes an event; the world takes it in first, so later decisions in the same turn see it.
    fn publish(&mut self, event: Event) {
        self.publish_past(self.now, event);
    }

    /// Publishes what happened at an earlier moment.
    fn publish_past(&mut self, at: Timestamp, event: Event) {
        self.seq += 1;
        let stamped = Stamped { v: VERSION, seq: self.seq, at, event };
        self.fold(&stamped);
        self.effects.push(Effect::Publish(stamped));
    }

    /// Tells the front ends what a record has.
    fn replay(&mut self, stamped: Stamped) {
        self.seq += 1;
        let stamped = Stamped { seq: self.seq, ..stamped };
        self.fold(&stamped);
        self.effects.push(Effect::Replay(stamped));
    }

    fn fold(&mut self, stamped: &Stamped) {
        self.world.apply(stamped);
        self.places.take(&stamped.event, &self.world);
        self.observer.take(stamped.at, &stamped.event);
    }

    fn notice(&mut self, level: Level, node: Option<&NodeId>, text: impl Into<String>) {
        self.publish(Event::Notice { level, node: node.cloned(), text: text.into() });
    }

    fn refuse(&mut self, what: &str, ground: Ground, reasons: Vec<Refusal>) {
        self.publish(Event::Refused { what: what.to_owned(), ground, reasons });
    }

    fn next_job(&mut self) -> JobId {
        self.last_job += 1;
        JobId(self.last_job)
    }

    fn ask(&mut self, question: Question) -> QuestionId {
        self.last_question += 1;
        let id = QuestionId(self.last_question);
        self.publish(Event::Asked { id, question });
        id
    }

    /// Takes the open question `id` from the table.
    fn close_question(&mut self, id: QuestionId) -> Option<Question> {
        let question = self.world.questions.iter().find(|(open, _)| *open == id).map(|(_, q)| q.clone())?;
        self.publish(Event::Answered { id });
        Some(question)
    }

    fn answered(&mut self, id: QuestionId, answer: &Answer) {
        match self.close_question(id) {
            Some(Question::Trust { rows }) => self.trust_answered(&rows, answer),
            Some(Question::Apply { .. }) => self.apply_answered(*answer == Answer::Yes),
            Some(Question::Password { user, nodes, .. }) => self.password_answered(&user, &nodes, None),
            Some(Question::Passphrase { key, nodes, .. }) => self.passphrase_answered(&key, &nodes, None),
            Some(Question::SudoPassword { nodes, .. }) => {
                self.root_answered(id, nodes.into_iter().map(|node| (node, None)).collect());
            }
            None => {}
        }
        self.question_over();
    }

    /// Others may have waited for it.
    fn question_over(&mut self) {
        self.ask_when_settled();
        self.ask_for_root();
    }

    fn secret(&mut self, answer: &SecretAnswer) {
        use pictl_model::request::SecretWord;
        let wants_word = |(id, question): &(QuestionId, Question)| {
            *id == answer.id && !matches!(question, Question::Trust { .. } | Question::Apply { .. })
        };
        if !self.world.questions.iter().any(wants_word) {
            return;
        }
        let given = match &answer.answer {
            SecretWord::This(secret) => Some(secret.clone()),
            SecretWord::SameAsLogin | SecretWord::Cancel => None,
        };
        match self.close_question(answer.id) {
            Some(Question::Password { user, nodes, .. }) => self.password_answered(&user, &nodes, given.as_ref()),
            Some(Question::Passphrase { key, nodes, .. }) => self.passphrase_answered(&key, &nodes, given),
            Some(Question::SudoPassword { nodes, .. }) => {
                let same = matches!(answer.answer, SecretWord::SameAsLogin);
                let word = |node: &NodeId| if same { self.links.password_on(node).cloned() } else { given.clone() };
                let words = nodes.into_iter().map(|node| (node.clone(), word(&node))).collect();
                self.root_answered(answer.id, words);
            }
            _ => {}
        }
        self.question_over();
    }

    fn key_found(&mut self, found: Result<Option<OperatorKey>, ConnectError>) {
        match found {
            Ok(Some(key)) => self.key = Some(key),
            Ok(None) => {}
            Err(error) => self.no_key(&error),
        }
        self.key_ready();
        if std::mem::take(&mut self.waiting_for_key) {
            self.connect_waiting();
            self.settle();
        }
    }

    /// Stops what runs: setup, run and command alike; there is at most one of each, and mostly one of all.
    fn cancel(&mut self) {
        self.stop_scan();
        // The jobs first: a No to their questions would let them go on without the nodes it is about.
        self.cancel_setup();
        self.cancel_bench();
        self.cancel_exec();
        self.cancel_blinks();
        while let Some((id, _)) = self.world.questions.first() {
            self.answered(*id, &Answer::No);
        }
    }

    /// Some node's connection came, failed or went: whoever waits for it looks again.
    fn links_changed(&mut self) {
        let changed = self.links.take_changed();
        self.setup_links_changed();
        self.bench_links_changed();
        self.exec_links_changed(&changed);
        self.identify_links_changed(&changed);
    }

    /// Every job but `what` that would be disturbed by another one beside it.
    fn busy(&self) -> Option<&'static str> {
        if self.setup.is_some() {
            Some("a setup")
        } else if self.bench.is_some() {
            Some("a run")
        } else if self.exec.is_some() {
            Some("a command")
        } else {
            None
        }
    }

    /// Refuses `what` when something else is at work; true when it was refused.
    fn refuse_if_busy(&mut self, what: &str) -> bool {
        let Some(busy) = self.busy() else { return false };
        let reason = format!("{busy} is at work");
        self.refuse(
            what,
            Ground::Input,
            vec![Refusal { node: None, reason, hint: "wait for it, or stop it first".into() }],
        );
        true
    }
}
