//! The one owner of the state: takes one input after another and answers with what is to be done.
//!
//! Nothing here waits, and nothing here touches the network, the disk or the clock: the time comes with the input. So
//! every rule can be tested by feeding inputs and looking at the effects.

mod bench;
mod core;
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

use pictl_formats::known_hosts::KnownHosts;
use pictl_model::event::{Event, Level};
use pictl_model::node::Member;
use pictl_model::request::{Answer, Login, Question, Request, SecretAnswer};
use pictl_model::world::World;
use pictl_model::{NodeId, QuestionId, Timestamp};

use self::core::Core;
use crate::input::{Effect, Input, Timer};
use crate::ports::{ConnectError, OperatorKey, OperatorSsh};

/// The dispatcher.
pub struct Dispatcher {
    core: Core,
    scan: scan::Scan,
    setup: Option<setup::Setup>,
    bench: Option<bench::Bench>,
    /// A record is being opened to join its run; how to log in then.
    attaching: Option<Login>,
    exec: Option<exec::Exec>,
    blinks: identify::Blinks,
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
        let effects = std::mem::take(&mut core.effects);
        let this = Self {
            core,
            scan: scan::Scan::default(),
            setup: None,
            bench: None,
            attaching: None,
            exec: None,
            blinks: identify::Blinks::default(),
        };
        (this, effects)
    }

    /// Takes over on which nodes launcher and MPI were proved to belong together, in sessions before.
    pub fn remember_proved(&mut self, proved: Vec<String>) {
        self.core.proved = proved;
    }

    /// Learns where the host keys are kept.
    pub fn remember_known_hosts(&mut self, path: PathBuf) {
        self.core.known_path = Some(path);
    }

    /// Learns what OpenSSH's client is told on this machine.
    pub fn remember_ssh(&mut self, ssh: OperatorSsh) {
        self.core.ssh = ssh;
    }

    /// What the events so far add up to.
    pub fn world(&self) -> &World {
        &self.core.world
    }

    /// Takes one input in and says what is to be done about it, in order.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        self.core.now = now;
        match input {
            Input::Request(request) => self.request(request),
            Input::Secret(answer) => self.secret(&answer),
            Input::Scan(news) => self.scan_news(news),
            Input::ScanEnded(end) => self.scan_ended(end),
            Input::Key(found) => self.key_found(found),
            Input::NextKey(key) => self.core.next_key = Some(key),
            Input::Renewed(made) => self.key_renewed(made),
            Input::Settled(key) => self.key_settled(key),
            Input::Resolved { name, result } => self.core.resolved(name, result),
            Input::Connected { node, result } => self.core.connected(&node, result),
            Input::Lost { node, why } => self.core.lost(&node, why),
            Input::Read { node, result } => self.read(&node, result),
            Input::SudoTried { node, result } => {
                self.sudo_tried(&node, result);
                self.ask_for_root();
            }
            Input::StepNews { node, step, news } => self.step_news(&node, step, news),
            Input::StepEnded { node, step, outcomes, result } => self.step_ended(&node, step, outcomes, result),
            Input::Sampled { node, sample } => self.core.publish(Event::Sampled { node, sample }),
            Input::Unfinished(runs) => self.core.publish(Event::Unfinished { runs }),
            Input::Opened { run, result } => self.opened(&run, result),
            Input::Probed { node, answers } => self.probed(&node, answers),
            Input::Run { run, news } => self.run_news(&run, news),
            Input::ExecLine { job, node, stream, line } => self.exec_line(job, node, stream, line),
            Input::ExecEnded { job, node, result } => self.exec_ended(job, &node, result),
            Input::Blink { job, node, news } => self.blink_news(job, &node, news),
            Input::Earlier(earlier) => self.core.observer.earlier(earlier),
            Input::NotKept(text) => self.core.notice(Level::Error, None, text),
            Input::Timer(Timer::Reconnect(node, number)) => self.core.reconnect_due(&node, number),
            Input::Timer(Timer::Look(number)) => self.look_due(number),
        }
        self.look_at_links();
        std::mem::take(&mut self.core.effects)
    }

    fn request(&mut self, request: Request) {
        match request {
            Request::Scan(request) => self.scan_requested(request),
            Request::StopScan => self.stop_scan(),
            Request::Identify { nodes, time, login } => self.identify_requested(nodes, time, &login),
            Request::Setup(request) => self.setup_requested(request),
            Request::Watch { login } => self.core.watch(&login),
            Request::Bench(request) => self.bench_requested(request),
            Request::Attach { run, login } => self.attach_requested(run, login),
            Request::Exec(request) => self.exec_requested(request),
            Request::Answer { id, answer } => self.answered(id, &answer),
            Request::Cancel => self.cancel(),
            Request::SetMember { node, change } => self.core.set_member(&node, change),
            Request::Adopt { nodes, prefix, login } => self.core.adopt(&nodes, &prefix, &login),
            Request::RemoveMember { node } => self.core.remove_member(&node),
            Request::Shutdown => {
                self.core.ending = true;
                self.core.end_links();
                self.core.publish(Event::Ended);
                self.core.effects.push(Effect::End);
            }
        }
    }

    fn answered(&mut self, id: QuestionId, answer: &Answer) {
        match self.core.close_question(id) {
            Some(Question::Trust { rows }) => self.core.trust_answered(&rows, answer),
            Some(Question::Apply { .. }) => self.apply_answered(*answer == Answer::Yes),
            Some(Question::Password { user, nodes, .. }) => self.core.password_answered(&user, &nodes, None),
            Some(Question::Passphrase { key, nodes, .. }) => self.core.passphrase_answered(&key, &nodes, None),
            Some(Question::SudoPassword { nodes, .. }) => {
                self.root_answered(id, nodes.into_iter().map(|node| (node, None)).collect());
            }
            None => {}
        }
        self.question_over();
    }

    /// Others may have waited for it.
    fn question_over(&mut self) {
        self.core.ask_when_settled();
        self.look_at_links();
        self.ask_for_root();
    }

    fn secret(&mut self, answer: &SecretAnswer) {
        use pictl_model::request::SecretWord;
        let wants_word = |(id, question): &(QuestionId, Question)| {
            *id == answer.id && !matches!(question, Question::Trust { .. } | Question::Apply { .. })
        };
        if !self.core.world.questions.iter().any(wants_word) {
            return;
        }
        let given = match &answer.answer {
            SecretWord::This(secret) => Some(secret.clone()),
            SecretWord::SameAsLogin | SecretWord::Cancel => None,
        };
        match self.core.close_question(answer.id) {
            Some(Question::Password { user, nodes, .. }) => self.core.password_answered(&user, &nodes, given.as_ref()),
            Some(Question::Passphrase { key, nodes, .. }) => self.core.passphrase_answered(&key, &nodes, given),
            Some(Question::SudoPassword { nodes, .. }) => {
                let same = matches!(answer.answer, SecretWord::SameAsLogin);
                let word =
                    |node: &NodeId| if same { self.core.links.password_on(node).cloned() } else { given.clone() };
                let words = nodes.into_iter().map(|node| (node.clone(), word(&node))).collect();
                self.root_answered(answer.id, words);
            }
            _ => {}
        }
        self.question_over();
    }

    fn key_found(&mut self, found: Result<Option<OperatorKey>, ConnectError>) {
        self.core.key_found(found);
        self.key_ready();
        self.core.connect_with_key();
    }

    /// Stops what runs: setup, run and command alike; there is at most one of each, and mostly one of all.
    fn cancel(&mut self) {
        self.stop_scan();
        // The jobs first: a No to their questions would let them go on without the nodes it is about.
        self.cancel_setup();
        self.cancel_bench();
        self.cancel_exec();
        self.cancel_blinks();
        while let Some((id, _)) = self.core.world.questions.first() {
            self.answered(*id, &Answer::No);
        }
    }

    /// Lets the jobs look at the connections that came, failed or went, and at those that change thereby.
    fn look_at_links(&mut self) {
        while let Some(changed) = self.core.links.take_changed() {
            self.setup_links_changed();
            self.bench_links_changed();
            self.exec_links_changed(&changed);
            self.identify_links_changed(&changed);
            self.core.read_fresh();
        }
    }
}
