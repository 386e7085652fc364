//! What is known and what was published: the world, the order of events, the open questions, and what must be done.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use pictl_formats::known_hosts::KnownHosts;
use pictl_model::event::{Event, Level, Stamped, VERSION};
use pictl_model::inventory;
use pictl_model::node::{Link, Member};
use pictl_model::request::{Ground, Login, Question, Refusal};
use pictl_model::world::World;
use pictl_model::{JobId, NodeId, QuestionId, Timestamp};

use super::places::Places;
use super::run::Observer;
use crate::input::{Effect, Saving};
use crate::store::Change;

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

/// What is known and what was published.
#[derive(Default)]
pub(super) struct Journal {
    /// The fold of everything published: what the front ends see is what the dispatcher knows.
    pub(super) world: World,
    pub(super) places: Places,
    /// What runs' figures are worth.
    pub(super) observer: Observer,
    /// The exclusive job.
    pub(super) at_work: Option<AtWork>,
    seq: u64,
    last_job: u32,
    last_question: u32,
    pub(super) now: Timestamp,
    pub(super) effects: Vec<Effect>,
    /// Changes of the inventory that are not saved yet.
    pub(super) changes: Vec<Change>,
}

impl Journal {
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

    /// From now on `what` is at work on `nodes`, until [`Journal::rest`].
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

    // ---- members

    pub(super) fn member_of(&self, node: &NodeId) -> Option<&Member> {
        self.world.nodes.get(node)?.member.as_ref()
    }

    pub(super) fn members(&self) -> Vec<Member> {
        self.world.members().into_iter().filter_map(|n| n.member.clone()).collect()
    }

    /// What was noticed of a member is known at once, and saved by the next [`Journal::save_members`].
    pub(super) fn put_member(&mut self, member: Member) {
        for member in self.with_others(member) {
            if self.note_change(member.clone()) {
                self.publish(Event::MemberSet { member });
            }
        }
    }

    /// Wants this entry; it is known as soon as it is saved. False when it is so already.
    pub(super) fn change_member(&mut self, member: Member) -> bool {
        let entries = self.with_others(member);
        let mut any = false;
        for member in entries {
            any |= self.note_change(member);
        }
        any
    }

    /// `member`, and what follows for other entries, those that are not saved yet included: no two can be mistaken for each other.
    fn with_others(&self, member: Member) -> Vec<Member> {
        let mut wanted: BTreeMap<&NodeId, Option<&Member>> = BTreeMap::new();
        for change in &self.changes {
            match change {
                Change::Add(member) => drop(wanted.insert(&member.id, Some(member))),
                Change::Set { after, .. } => drop(wanted.insert(&after.id, Some(after))),
                Change::Remove(node) => drop(wanted.insert(node, None)),
            }
        }
        let saved = self.world.nodes.values().filter_map(|n| n.member.as_ref());
        let saved: Vec<_> = saved.filter(|m| !wanted.contains_key(&m.id)).collect();
        inventory::put(saved.into_iter().chain(wanted.into_values().flatten()), member)
    }

    fn note_change(&mut self, member: Member) -> bool {
        let before = self.member_of(&member.id).cloned();
        let other = before.as_ref() != Some(&member);
        if other {
            self.changes.push(Change::Set { before: before.map(Box::new), after: Box::new(member) });
        }
        other
    }

    /// Saves what was changed, if anything.
    pub(super) fn save_members(&mut self, reason: Saving) {
        self.save_members_with(None, reason);
    }

    /// Saves what was changed, and the host keys with it: both, or none.
    pub(super) fn save_members_with(&mut self, known: Option<Arc<KnownHosts>>, reason: Saving) {
        let changes = std::mem::take(&mut self.changes);
        if !changes.is_empty() {
            self.effects.push(Effect::SaveMembers { changes, known, reason });
        }
    }

    /// The private key file to offer on `node` before others, and the hosts to go through, as the inventory is to keep
    /// them: what it has, else what was asked for.
    pub(super) fn saved_route(&self, node: &NodeId, login: &Login) -> (Option<PathBuf>, Option<String>) {
        let member = self.member_of(node);
        let identity = member.and_then(|m| m.identity.clone()).or_else(|| login.identity.clone());
        (identity, member.and_then(|m| m.jump.clone()).or_else(|| login.jump.clone()))
    }

    /// All that a member is called and all its addresses.
    pub(super) fn names_of(&self, node: &NodeId) -> Vec<String> {
        let Some(view) = self.world.nodes.get(node) else { return Vec::new() };
        let member = view.member.iter().flat_map(|m| [m.name.to_string(), m.address.to_string()]);
        let facts = view.facts.iter().flat_map(|f| &f.addresses).map(|a| a.address.to_string());
        member.chain(facts).chain(view.address().map(|a| a.to_string())).collect()
    }

    /// Why `node` is not connected, and what to do.
    pub(super) fn why_down(&self, node: &NodeId) -> (String, String) {
        match self.world.nodes.get(node).map(|n| &n.link) {
            Some(Link::Failed { why, hint, .. }) => (why.clone(), hint.clone()),
            Some(Link::Lost { why, .. }) => {
                (format!("the connection was lost: {why}"), "check its power and cable".into())
            }
            _ => ("it is not connected".into(), "check its power and cable".into()),
        }
    }
}
