//! What every job works with: the world, the connections, the keys, the readings and the questions.
//!
//! No job is known here. What a job has to know of another one stands here as a fact: what is at work, and on which nodes.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use pictl_formats::facts::NodeReading;
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::event::{Event, Level, Stamped, VERSION};
use pictl_model::request::{Ground, Question, Refusal};
use pictl_model::world::World;
use pictl_model::{JobId, NodeId, QuestionId, Timestamp};

use super::hosts::Sightings;
use super::links::Links;
use super::places::Places;
use super::run::Observer;
use super::sudo::Sudo;
use crate::input::Effect;
use crate::ports::{ConnectError, OperatorKey, OperatorSsh};
use crate::remote::RemoteError;
use crate::setup::plan::Readings;

/// Work that goes on alone: another one beside it would disturb it.
#[derive(Debug)]
pub(super) struct AtWork {
    /// Which.
    pub(super) what: Kind,
    /// On which nodes.
    pub(super) nodes: BTreeSet<NodeId>,
}

/// The jobs of which one goes on at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A setup.
    Setup,
    /// A run.
    Run,
    /// A command on many nodes.
    Exec,
}

impl Kind {
    /// What it is called in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Setup => "a setup",
            Self::Run => "a run",
            Self::Exec => "a command",
        }
    }
}

/// What every job works with.
pub(super) struct Core {
    /// The fold of everything published: what the front ends see is what the dispatcher knows.
    pub(super) world: World,
    pub(super) places: Places,
    pub(super) sightings: Sightings,
    pub(super) known: Arc<KnownHosts>,
    /// Where they are, for SSH clients that are not pictl.
    pub(super) known_path: Option<PathBuf>,
    pub(super) ssh: OperatorSsh,
    pub(super) links: Links,
    pub(super) sudo: Sudo,
    /// The last reading of each node, with its files.
    pub(super) readings: Readings,
    /// Nodes whose reading is on its way.
    pub(super) asked: BTreeSet<NodeId>,
    /// The last reading of the operator's own machine, where it was the head of a run.
    pub(super) outside: Option<Arc<NodeReading>>,
    pub(super) key: Option<OperatorKey>,
    /// The key that will take its place, in the middle of a rotation: some nodes may have this one only.
    pub(super) next_key: Option<OperatorKey>,
    /// Logins wait until it is known whether the operator has a key.
    pub(super) waiting_for_key: bool,
    /// The exclusive job.
    pub(super) at_work: Option<AtWork>,
    /// What runs' figures are worth.
    pub(super) observer: Observer,
    /// Nodes on which launcher and MPI were proved to belong together, one hash for each set of them.
    pub(super) proved: Vec<String>,
    pub(super) watching: bool,
    /// Runs that nobody saw the end of were asked for.
    pub(super) looked_back: bool,
    pub(super) ending: bool,
    pub(super) salt: u32,
    seq: u64,
    last_job: u32,
    last_question: u32,
    pub(super) now: Timestamp,
    pub(super) effects: Vec<Effect>,
}

impl Core {
    pub(super) fn new(known: KnownHosts, salt: u32, now: Timestamp) -> Self {
        Self {
            world: World::default(),
            places: Places::default(),
            sightings: Sightings::default(),
            known: Arc::new(known),
            known_path: None,
            ssh: OperatorSsh::default(),
            links: Links::default(),
            sudo: Sudo::default(),
            readings: Readings::new(),
            asked: BTreeSet::new(),
            outside: None,
            key: None,
            next_key: None,
            waiting_for_key: false,
            at_work: None,
            observer: Observer::default(),
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
        }
    }

    // ---- publishing

    /// Publishes an event; the world takes it in first, so later decisions in the same turn see it.
    pub(super) fn publish(&mut self, event: Event) {
        self.publish_past(self.now, event);
    }

    /// Publishes what happened at an earlier moment.
    pub(super) fn publish_past(&mut self, at: Timestamp, event: Event) {
        self.seq += 1;
        let stamped = Stamped { v: VERSION, seq: self.seq, at, event };
        self.fold(&stamped);
        self.effects.push(Effect::Publish(stamped));
    }

    /// Publishes again what a record has.
    pub(super) fn replay(&mut self, stamped: Stamped) {
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

    pub(super) fn notice(&mut self, level: Level, node: Option<&NodeId>, text: impl Into<String>) {
        self.publish(Event::Notice { level, node: node.cloned(), text: text.into() });
    }

    pub(super) fn refuse(&mut self, what: &str, ground: Ground, reasons: Vec<Refusal>) {
        self.publish(Event::Refused { what: what.to_owned(), ground, reasons });
    }

    // ---- jobs and questions

    /// The exclusive job is such a one.
    pub(super) fn is_at_work(&self, what: Kind) -> bool {
        self.at_work.as_ref().is_some_and(|work| work.what == what)
    }

    /// The exclusive job is at work on `node`.
    pub(super) fn is_worked_on(&self, node: &NodeId) -> bool {
        self.at_work.as_ref().is_some_and(|work| work.nodes.contains(node))
    }

    pub(super) fn next_job(&mut self) -> JobId {
        self.last_job += 1;
        JobId(self.last_job)
    }

    /// From now on `what` is at work on `nodes`, until [`Core::rest`].
    pub(super) fn work<'a>(&mut self, what: Kind, nodes: impl IntoIterator<Item = &'a NodeId>) {
        self.at_work = Some(AtWork { what, nodes: nodes.into_iter().cloned().collect() });
    }

    /// Nothing is at work any more.
    pub(super) fn rest(&mut self) {
        self.at_work = None;
    }

    /// What is at work and would be disturbed by another job beside it.
    pub(super) fn busy(&self) -> Option<&'static str> {
        self.at_work.as_ref().map(|work| work.what.name())
    }

    /// Refuses `what` when something else is at work; true when it was refused.
    pub(super) fn refuse_if_busy(&mut self, what: &str) -> bool {
        let Some(busy) = self.busy() else { return false };
        let reason = format!("{busy} is at work");
        self.refuse(
            what,
            Ground::Input,
            vec![Refusal { node: None, reason, hint: "wait for it, or stop it first".into() }],
        );
        true
    }

    pub(super) fn ask(&mut self, question: Question) -> QuestionId {
        self.last_question += 1;
        let id = QuestionId(self.last_question);
        self.publish(Event::Asked { id, question });
        id
    }

    /// Takes the open question `id` from the table.
    pub(super) fn close_question(&mut self, id: QuestionId) -> Option<Question> {
        let question = self.world.questions.iter().find(|(open, _)| *open == id).map(|(_, q)| q.clone())?;
        self.publish(Event::Answered { id });
        Some(question)
    }

    // ---- keys and readings

    /// The operator's key was found or made, or there is none.
    pub(super) fn key_found(&mut self, found: Result<Option<OperatorKey>, ConnectError>) {
        match found {
            Ok(Some(key)) => self.key = Some(key),
            Ok(None) => {}
            Err(error) => self.no_key(&error),
        }
    }

    /// Begins the logins that waited for the operator's key.
    pub(super) fn connect_with_key(&mut self) {
        if std::mem::take(&mut self.waiting_for_key) {
            self.connect_waiting();
            self.settle();
        }
    }

    /// Has all of `node` read.
    pub(super) fn read(&mut self, node: &NodeId) {
        self.asked.insert(node.clone());
        self.effects.push(Effect::Read(node.clone()));
    }

    /// What waits until the jobs have checked the connections: nodes that are logged in on again, and watched ones of which
    /// nothing is known and that no job reads.
    pub(super) fn after_jobs(&mut self) {
        for node in std::mem::take(&mut self.links.fresh) {
            let unknown = self.world.nodes.get(&node).is_some_and(|n| n.facts.is_none());
            if unknown && self.at_work.is_none() && !self.asked.contains(&node) && self.is_up(&node) {
                self.read(&node);
            }
        }
        let again = std::mem::take(&mut self.links.again);
        if !again.is_empty() {
            let login = self.links.login.clone();
            self.want_links(&again, &login);
        }
    }

    /// Takes a node's reading in; `None` when nobody can use it.
    pub(super) fn take_reading(
        &mut self,
        node: &NodeId,
        result: Result<Box<NodeReading>, RemoteError>,
    ) -> Option<Result<Arc<NodeReading>, RemoteError>> {
        let result = result.map(|mut reading| {
            if let Some(known) = self.world.nodes.get(node).and_then(|n| n.facts.as_ref()).filter(|_| !reading.complete)
            {
                reading.fill_from(known);
            }
            Arc::new(*reading)
        });
        self.asked.remove(node);
        match &result {
            // It was asked for by work on keys that is over: all others need the whole of it.
            Ok(reading) if !reading.complete && !self.is_at_work(Kind::Setup) => return None,
            // It is not a node of the cluster: nothing of it is shown or set up.
            Ok(reading) if node.is_operator() => self.outside = Some(Arc::clone(reading)),
            Ok(reading) => {
                self.readings.insert(node.clone(), Arc::clone(reading));
                self.publish_facts(node, reading);
            }
            Err(_) => {}
        }
        Some(result)
    }

    /// Publishes what a node is, where it says something new. What only work on keys has read of a node that nothing was
    /// known of is too little to be shown.
    pub(super) fn publish_facts(&mut self, node: &NodeId, reading: &NodeReading) {
        let known = self.world.nodes.get(node).and_then(|n| n.facts.as_ref());
        let news =
            if reading.complete { known != Some(&reading.facts) } else { known.is_some_and(|k| *k != reading.facts) };
        if news {
            self.publish(Event::FactsRead { node: node.clone(), facts: Box::new(reading.facts.clone()) });
            self.fold_by_facts(node, &reading.facts);
        }
    }
}
