//! The one owner of the state: takes one input after another and answers with what must be done.
//!
//! Nothing here waits, and nothing here touches the network, the disk or the clock: the time comes with the input. So
//! every rule can be tested by feeding inputs and checking the effects.

mod boards;
mod core;
mod exec;
mod hosts;
mod identify;
mod inventory;
mod job;
mod journal;
mod links;
mod places;
mod run;
mod scan;
mod setup;
mod sudo;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use pictl_formats::facts::NodeReading;
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::event::{Event, Level};
use pictl_model::node::{Member, MpiFamily};
use pictl_model::request::{Answer, Question, Request, SecretAnswer};
use pictl_model::world::World;
use pictl_model::{NodeId, QuestionId, Timestamp};

use self::core::Core;
use self::exec::Exec;
use self::identify::Identify;
use self::job::Job;
use self::run::Run;
use self::scan::Scan;
use self::setup::Setup;
use crate::input::{Effect, Input, Timer};
use crate::ports::OperatorSsh;
use crate::remote::RemoteError;

/// The dispatcher: what all jobs work with, and the jobs.
pub struct Dispatcher {
    core: Core,
    jobs: Vec<Box<dyn Job + Send>>,
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
        let mut core = Core::new(known, salt, now);
        core.publish(Event::Inventory { cluster: cluster.to_owned(), members });
        let effects = std::mem::take(&mut core.journal.effects);
        (Self { core, jobs: vec![Box::new(Scan::default())] }, effects)
    }

    /// Reports what had to be mended in the inventory.
    pub fn explain_mended(&mut self, remarks: Vec<String>) -> Vec<Effect> {
        for text in remarks {
            self.core.notice(Level::Warn, None, text);
        }
        std::mem::take(&mut self.core.journal.effects)
    }

    /// Takes over on which nodes launcher and MPI were proved to belong together, in sessions before.
    pub fn remember_proved(&mut self, proved: Vec<String>) {
        self.core.proved = proved;
    }

    /// Learns which MPI is configured for clusters that have none yet.
    pub fn remember_configured_mpi(&mut self, mpi: Option<MpiFamily>) {
        self.core.configured_mpi = mpi;
    }

    /// Learns where the host keys are.
    pub fn remember_known_hosts(&mut self, path: PathBuf) {
        self.core.links.known_path = Some(path);
    }

    /// The host keys that are trusted.
    pub fn known_hosts(&self) -> &KnownHosts {
        &self.core.links.known
    }

    /// Says something that is to be known from the beginning.
    pub fn note(&mut self, level: Level, text: String) -> Vec<Effect> {
        self.core.notice(level, None, text);
        std::mem::take(&mut self.core.journal.effects)
    }

    /// Learns how OpenSSH's client is configured on this machine.
    pub fn remember_ssh(&mut self, ssh: OperatorSsh) {
        self.core.links.ssh = ssh;
    }

    /// What the events so far add up to.
    pub fn world(&self) -> &World {
        &self.core.journal.world
    }

    /// Takes one input in and says what must be done about it, in order.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        self.core.journal.now = now;
        self.take(input);
        self.check_links();
        self.core.ask_for_root();
        std::mem::take(&mut self.core.journal.effects)
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Request(request) => self.request(request),
            Input::Secret(answer) => self.secret(&answer),
            Input::Key(found) => {
                self.core.links.key_found(&mut self.core.journal, found);
                self.offer(Input::Key(Ok(self.core.links.key.clone())));
                self.core.links.connect_with_key(&mut self.core.journal);
            }
            Input::KeyMade(made) => {
                if let Ok(key) = &made {
                    self.core.links.key_found(&mut self.core.journal, Ok(Some(key.clone())));
                }
                self.offer(Input::KeyMade(made));
                self.core.links.connect_with_key(&mut self.core.journal);
            }
            Input::NextKey(key) => self.core.links.next_key = Some(key),
            Input::Renewed(made) => {
                self.core.key_renewed(&made);
                self.offer(Input::Renewed(made));
            }
            Input::Settled(settled) => {
                self.core.key_settled(&settled);
                self.offer(Input::Settled(settled));
            }
            Input::Resolved { name, result } => self.core.links.resolved(&mut self.core.journal, name, result),
            Input::Connected { node, result } => self.core.links.connected(&mut self.core.journal, &node, result),
            Input::Lost { node, loss } => self.core.links.lost(&mut self.core.journal, &node, loss),
            Input::Timer(Timer::Reconnect(node, number)) => {
                self.core.links.reconnect_due(&mut self.core.journal, &node, number);
            }
            Input::Read { node, result } => self.read(&node, result),
            Input::SudoTried { node, result } => self.core.sudo_tried(&node, result),
            Input::Sampled { node, sample } => self.core.publish(Event::Sampled { node, sample }),
            Input::Dropped(count) => self.core.publish(Event::Dropped { count }),
            Input::Unfinished(runs) => self.core.publish(Event::Unfinished { runs }),
            Input::Earlier(earlier) => self.core.journal.observer.earlier(earlier),
            Input::MembersSaved { reason, result } => {
                self.core.members_saved(&reason, &result);
                drop(self.offer(Input::MembersSaved { reason, result }));
            }
            Input::KnownSaved(result) => self.core.links.known_saved(&mut self.core.journal, result),
            Input::MembersRead(members) => self.core.members_read(members),
            Input::KnownRead(known) => self.core.links.known = Arc::new(known),
            Input::NotRead(e) => {
                let text = format!("another program changed a file of pictl: {e}; this session goes on without it");
                self.core.notice(Level::Warn, None, text);
            }
            Input::NotSaved(text) => self.core.publish(Event::NotSaved { text }),
            // An input for a job that is over has no taker.
            other => drop(self.offer(other)),
        }
    }

    fn request(&mut self, request: Request) {
        match request {
            Request::Setup(request) => self.begin(Setup::new(request)),
            Request::Bench(request) => self.begin(Run::new(request)),
            Request::Attach { run, login } => self.begin(Run::attach(run, login)),
            Request::Exec(request) => self.begin(Exec::new(request)),
            Request::Watch { login } => self.core.links.watch(&mut self.core.journal, &login),
            Request::Answer { id, answer } => self.answered(id, &answer),
            Request::Cancel => self.cancel(),
            Request::SetMember { node, change } => self.core.set_member(&node, &change),
            Request::Adopt { nodes, prefix, login } => self.core.adopt(&nodes, &prefix, &login),
            Request::AddUnseen { addresses, prefix, change, login } => {
                self.core.add_unseen(&addresses, &prefix, &change, &login);
            }
            Request::RemoveMember { node } => self.core.remove_member(&node),
            Request::Shutdown => {
                self.core.links.end_links(&mut self.core.journal);
                self.core.sudo.wipe();
                self.core.publish(Event::Ended);
                self.core.journal.effects.push(Effect::End);
            }
            other => {
                if let Some(Input::Request(Request::Identify { nodes, time, login })) =
                    self.offer(Input::Request(other))
                {
                    self.begin(Identify::new(nodes, time, login));
                }
            }
        }
    }

    // ---- jobs

    fn begin(&mut self, mut job: impl Job + Send + 'static) {
        if job.is_exclusive() && self.core.journal.refuse_if_busy(job.name()) {
            return;
        }
        job.start(&mut self.core);
        self.jobs.push(Box::new(job));
        self.dismiss();
    }

    /// Offers an input to one job after another; gives back one that none of them takes.
    fn offer(&mut self, input: Input) -> Option<Input> {
        let mut left = Some(input);
        for job in &mut self.jobs {
            let Some(input) = left.take() else { break };
            left = job.input(&mut self.core, input);
        }
        self.dismiss();
        left
    }

    fn each(&mut self, mut act: impl FnMut(&mut dyn Job, &mut Core)) {
        for job in &mut self.jobs {
            act(&mut **job, &mut self.core);
        }
        self.dismiss();
    }

    /// Jobs that are over go.
    fn dismiss(&mut self) {
        let over: Vec<_> = self.jobs.extract_if(.., |job| job.is_over()).collect();
        if over.iter().any(|job| job.is_exclusive()) {
            self.core.journal.rest();
        }
    }

    /// A node was read: all jobs see it, whichever of them asked.
    fn read(&mut self, node: &NodeId, result: Result<Box<NodeReading>, RemoteError>) {
        let Some(reading) = self.core.take_reading(node, result) else { return };
        self.each(|job, core| job.reading(core, node, &reading));
    }

    /// Lets the jobs check the connections that came, failed or went, and at those that change thereby.
    fn check_links(&mut self) {
        while let Some(changed) = self.core.links.take_changed() {
            self.core.leave_lost();
            self.each(|job, core| job.links_changed(core, &changed));
            self.core.after_jobs();
        }
    }

    /// Stops all jobs, and closes the open questions after that: a No to a question only leaves out the nodes it is about, and
    /// a job would go on with the others.
    fn cancel(&mut self) {
        self.each(|job, core| job.cancel(core));
        while let Some((id, _)) = self.core.journal.world.questions.first() {
            self.answered(*id, &Answer::No);
        }
    }

    // ---- questions

    fn answered(&mut self, id: QuestionId, answer: &Answer) {
        match self.core.journal.close_question(id) {
            Some(Question::Trust { rows }) => self.core.links.trust_answered(&mut self.core.journal, &rows, answer),
            Some(Question::Apply { .. }) => {
                self.offer(Input::Request(Request::Answer { id, answer: answer.clone() }));
            }
            Some(Question::Password { user, nodes, .. }) => {
                self.core.links.password_answered(&mut self.core.journal, &user, &nodes, None);
            }
            Some(Question::Passphrase { key, nodes, .. }) => {
                self.core.links.passphrase_answered(&mut self.core.journal, &key, &nodes, None);
            }
            Some(Question::SudoPassword { nodes, .. }) => {
                self.core.root_answered(nodes.into_iter().map(|node| (node, None)).collect());
            }
            None => {}
        }
        // Others may have waited for it.
        self.core.links.ask_when_settled(&mut self.core.journal);
        self.check_links();
    }

    fn secret(&mut self, answer: &SecretAnswer) {
        use pictl_model::request::SecretWord;
        let wants_secret = |(id, question): &(QuestionId, Question)| {
            *id == answer.id && !matches!(question, Question::Trust { .. } | Question::Apply { .. })
        };
        if !self.core.journal.world.questions.iter().any(wants_secret) {
            return;
        }
        let given = match &answer.answer {
            SecretWord::This(secret) => Some(secret.clone()),
            SecretWord::SameAsLogin | SecretWord::Cancel => None,
        };
        match self.core.journal.close_question(answer.id) {
            Some(Question::Password { user, nodes, .. }) => {
                self.core.links.password_answered(&mut self.core.journal, &user, &nodes, given.as_ref());
            }
            Some(Question::Passphrase { key, nodes, .. }) => {
                self.core.links.passphrase_answered(&mut self.core.journal, &key, &nodes, given);
            }
            Some(Question::SudoPassword { nodes, .. }) => {
                let same = matches!(answer.answer, SecretWord::SameAsLogin);
                let password =
                    |node: &NodeId| if same { self.core.links.password_on(node).cloned() } else { given.clone() };
                let answers = nodes.into_iter().map(|node| (node.clone(), password(&node))).collect();
                self.core.root_answered(answers);
            }
            _ => {}
        }
        self.core.links.ask_when_settled(&mut self.core.journal);
    }
}
