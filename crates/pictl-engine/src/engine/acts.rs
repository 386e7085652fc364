//! What the dispatcher wants done, each effect in its own way; what waits goes into tasks of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use pictl_formats::rules::RuleReader;
use pictl_model::run::{Origin, RunPlan};
use pictl_model::{JobId, NodeId};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use super::driver::{Driver, Launched, Message};
use super::tasks;
use crate::flow::Allowance;
use crate::input::{Effect, Input, LaunchOrder};
use crate::launch::{Launch, LaunchInput};
use crate::ports::{ConnectSpec, Session};
use crate::record;
use crate::remote::{self, RemoteError};
use crate::script::Rights;
use crate::setup::action::Action;
use crate::setup::executor::Executor;
use crate::smoke;

impl Driver {
    /// Does what the dispatcher wants; false after the last effect there is.
    pub(super) fn act(&mut self, effects: Vec<Effect>) -> bool {
        for effect in effects {
            match effect {
                Effect::Publish(stamped) => self.publish(stamped),
                Effect::Scan(request) => {
                    self.stop_scan();
                    let cancel = CancellationToken::new();
                    self.scan = Some(cancel.clone());
                    let (show, news) = mpsc::unbounded_channel();
                    let scan = self.parts.discover.scan(request, show, cancel);
                    self.scans += 1;
                    tokio::spawn(tasks::scan(self.scans, scan, news, self.inbox.clone()));
                }
                Effect::StopScan => self.stop_scan(),
                Effect::FindKey { identity, make } => {
                    let (keys, inbox) = (self.parts.keys.clone(), self.inbox.clone());
                    self.spawn(async move {
                        if let Some(next) = keys.pending().await {
                            let _ = inbox.send(Message::Input(Input::NextKey(next)));
                        }
                        if make {
                            Input::KeyMade(keys.ensure(identity).await)
                        } else {
                            Input::Key(keys.find(identity).await)
                        }
                    });
                }
                Effect::RenewKey => {
                    let keys = self.parts.keys.clone();
                    self.spawn(async move { Input::Renewed(keys.renew().await) });
                }
                Effect::SettleKey => {
                    let keys = self.parts.keys.clone();
                    self.spawn(async move { Input::Settled(keys.settle().await) });
                }
                Effect::Resolve(name) => {
                    let look_up = self.parts.connect.resolve(name.clone());
                    self.spawn(async move { Input::Resolved { name, result: look_up.await } });
                }
                Effect::Connect { node, spec } => self.connect(node, *spec),
                Effect::Disconnect(node) => {
                    if let Some(live) = self.sessions.remove(&node) {
                        tokio::spawn(async move { live.session.close().await });
                    }
                }
                Effect::Read(node, _) if node.is_operator() && !self.sessions.contains_key(&node) => {
                    let error =
                        RemoteError::new("nothing can be started on this machine", "run from the cluster's head");
                    self.spawn(async { Input::Read { node, result: Err(error) } });
                }
                Effect::Read(node, prefix) => {
                    self.with_session(node, move |session, node| async move {
                        let result = remote::read_all(&*session, prefix.as_ref()).await.map(Box::new);
                        Input::Read { node, result }
                    });
                }
                Effect::ReadKeys { node, names, root } => {
                    self.with_session(node, move |session, node| async move {
                        let parts = [("keys", true), ("names", names), ("root", root)];
                        let parts: Vec<_> = parts.iter().filter(|(_, wanted)| *wanted).map(|(part, _)| *part).collect();
                        let result = remote::read(&*session, &parts).await.map(Box::new);
                        Input::Read { node, result }
                    });
                }
                Effect::TrySudo { node, password } => {
                    self.with_session(node, |session, node| async move {
                        let result = tasks::try_sudo(&*session, password).await;
                        Input::SudoTried { node, result }
                    });
                }
                Effect::Do { node, step, actions, root, key_login } => {
                    self.perform(node, step, actions, root, key_login.map(|spec| *spec));
                }
                Effect::DropSteps => abort(&mut self.steps),
                Effect::Watch(node) => self.watch(node),
                Effect::Launch(order) => self.launch(*order),
                Effect::Control(control) => {
                    if let Some(launched) = &self.launched {
                        let _ = launched.inputs.send(LaunchInput::Asked(control));
                    }
                }
                Effect::Feed { bytes, end } => {
                    if let Some(launched) = &self.launched {
                        let _ = launched.inputs.send(LaunchInput::Typed { bytes, end });
                    }
                }
                Effect::LookBack => {
                    let runs = self.parts.store.runs();
                    self.spawn_blocking(move || {
                        let unfinished = record::unfinished(&runs);
                        (!unfinished.is_empty()).then_some(Message::Input(Input::Unfinished(unfinished)))
                    });
                }
                Effect::Open(run) => {
                    // The lock of an attempt before goes with its recorder.
                    self.recorder = None;
                    let runs = self.parts.store.runs();
                    self.spawn_blocking(move || {
                        let result = record::open(&runs, &run).map(Box::new);
                        Some(Message::Opened { run, result })
                    });
                }
                Effect::Replay(stamped) => self.show(stamped),
                Effect::Probe(node) => self.with_session(node, |session, node| async move {
                    let answers = tasks::answers(&*session).await;
                    Input::Probed { node, answers }
                }),
                Effect::SaveProved(proved) => self.keep(|store| store.save_proved(&proved)),
                Effect::Exec { job, node, command: line, limit, of } => {
                    let allowance = Allowance::OUTPUT.among(of);
                    self.exec(tasks::Command { job, node, line, limit, stop: self.stop_execs.clone(), allowance });
                }
                Effect::StopExecs => std::mem::take(&mut self.stop_execs).cancel(),
                Effect::DropExecs => abort(&mut self.execs),
                Effect::Blink { job, node, time, rights } => self.blink(job, node, time, rights),
                Effect::DropBlinks => abort(&mut self.blinks),
                Effect::SaveMembers { changes, known, reason } => {
                    let mut known = known.map(|known| (*known).clone());
                    let result = self.parts.store.change_members(&changes, known.as_mut());
                    let result = result.map(|members| (members, known.map(Arc::new)));
                    self.answers.push_back(Input::MembersSaved { reason, result });
                }
                Effect::SaveKnown(known) => {
                    let mut known = (*known).clone();
                    let result = self.parts.store.save_known_hosts(&mut known).map(|()| Arc::new(known));
                    self.answers.push_back(Input::KnownSaved(result));
                }
                Effect::After(span, timer) => self.spawn(async move {
                    tokio::time::sleep(span).await;
                    Input::Timer(timer)
                }),
                Effect::End => return false,
            }
        }
        true
    }

    pub(super) fn stop_scan(&mut self) {
        if let Some(scan) = self.scan.take() {
            scan.cancel();
        }
    }

    fn spawn_blocking(&self, work: impl FnOnce() -> Option<Message> + Send + 'static) {
        let inbox = self.inbox.clone();
        tokio::task::spawn_blocking(move || {
            if let Some(message) = work() {
                // A loop that is gone wants no messages.
                let _ = inbox.send(message);
            }
        });
    }

    fn spawn(&self, work: impl Future<Output = Input> + Send + 'static) {
        let inbox = self.inbox.clone();
        tokio::spawn(async move {
            let _ = inbox.send(Message::Input(work.await));
        });
    }

    /// Runs `work` with the node's connection; when there is none any more, the loss is known already.
    fn with_session<F>(&self, node: NodeId, work: impl FnOnce(Arc<dyn Session>, NodeId) -> F)
    where
        F: Future<Output = Input> + Send + 'static,
    {
        if let Some(live) = self.sessions.get(&node) {
            self.spawn(work(live.session.clone(), node));
        }
    }

    fn connect(&self, node: NodeId, spec: ConnectSpec) {
        let (connect, inbox) = (self.parts.connect.clone(), self.inbox.clone());
        let via = spec.via.as_ref().and_then(|via| self.sessions.get(via)).map(|live| live.session.clone());
        tokio::spawn(async move {
            let result = connect.connect(spec, via).await;
            let _ = inbox.send(Message::Session { node, result });
        });
    }

    fn perform(
        &mut self,
        node: NodeId,
        step: pictl_model::step::StepId,
        actions: Vec<Action>,
        root: Option<Rights>,
        key_login: Option<ConnectSpec>,
    ) {
        let Some(live) = self.sessions.get(&node) else { return };
        let (news, lines) = mpsc::unbounded_channel();
        let executor = Executor {
            session: live.session.clone(),
            sessions: self.all_sessions(),
            root,
            connect: self.parts.connect.clone(),
            key_login,
            news,
        };
        let task = tokio::spawn(tasks::perform(node, step, actions, executor, lines, self.inbox.clone()));
        self.steps.retain(|task| !task.is_finished());
        self.steps.push(task.abort_handle());
    }

    fn all_sessions(&self) -> BTreeMap<NodeId, Arc<dyn Session>> {
        self.sessions.iter().map(|(node, live)| (node.clone(), live.session.clone())).collect()
    }

    fn watch(&mut self, node: NodeId) {
        let Some(live) = self.sessions.get_mut(&node) else { return };
        if std::mem::replace(&mut live.watched, true) {
            return;
        }
        tokio::spawn(tasks::sample(live.session.clone(), node, self.inbox.clone()));
    }

    fn launch(&mut self, order: LaunchOrder) {
        let mut nodes: BTreeSet<_> = order.plan.hosts.iter().map(|h| h.node.clone()).collect();
        nodes.insert(order.plan.head.clone());
        let own = order.plan.workload.origin == Origin::Own;
        let launch = Launch {
            run: order.plan.id.clone(),
            head: order.plan.head.clone(),
            install: order.plan.mpi.clone(),
            places: order.places,
            own,
            ranks: order.plan.ranks,
            command: order.plan.command.clone(),
            hostfile: order.hostfile,
            ssh_config: order.ssh_config,
            files: order.files,
            limit: order.limit,
            silence: order.silence,
            proof: order.proof.map(|proof| smoke::prove(proof.plan)),
            rules: self.rules(&order.plan),
            input: order.input,
            joined: order.joined,
            sessions: self.all_sessions().into_iter().filter(|(node, _)| nodes.contains(node)).collect(),
        };
        let (runs, run, program) = (self.parts.store.runs(), launch.run.clone(), order.plan.workload.name.clone());
        self.spawn_blocking(move || {
            let earlier = record::earlier(&runs, &run, &program);
            Some(Message::Input(Input::Earlier(Box::new(earlier))))
        });
        let (inputs, received) = mpsc::unbounded_channel();
        self.launched = Some(Launched { nodes, inputs });
        let (show, news) = mpsc::unbounded_channel();
        let (inbox, sessions) = (self.inbox.clone(), launch.sessions.clone());
        tokio::spawn(tasks::launch(launch, order.plan.workload.name, order.own_files, received, show));
        let forward = tasks::forward(order.plan.id.clone(), news, inbox.clone());
        tokio::spawn(async move {
            // Only of the user's own programs pids are known. They are read for as long as the run goes on.
            tokio::select! {
                () = forward => {}
                () = tasks::usage(&order.plan.id, order.plan.ranks as usize, sessions, inbox), if own => {}
            }
        });
    }

    /// What reads progress out of the program's own words. It knows what ranks of a run that is joined have in hand.
    fn rules(&self, plan: &RunPlan) -> RuleReader {
        if plan.workload.origin != Origin::Own {
            return RuleReader::default();
        }
        let mut rules = self.parts.rules.reader(&plan.workload.name, plan.ranks);
        let joined = self.dispatcher.world().run.iter().filter(|run| run.plan.id == plan.id).flat_map(|run| &run.ranks);
        for (rank, view) in joined {
            if let (Some(slice), Some(since)) = (view.current, view.since) {
                rules.resume(*rank, slice, since);
            }
        }
        rules
    }

    fn exec(&mut self, command: tasks::Command) {
        let Some(live) = self.sessions.get(&command.node) else { return };
        let task = tokio::spawn(tasks::exec(live.session.clone(), command, self.inbox.clone()));
        self.execs.retain(|task| !task.is_finished());
        self.execs.push(task.abort_handle());
    }

    fn blink(&mut self, job: JobId, node: NodeId, time: Duration, rights: Rights) {
        let Some(live) = self.sessions.get(&node) else { return };
        let task = tokio::spawn(tasks::blink(live.session.clone(), job, node, time, rights, self.inbox.clone()));
        self.blinks.retain(|task| !task.is_finished());
        self.blinks.push(task.abort_handle());
    }
}

fn abort(tasks: &mut Vec<AbortHandle>) {
    for task in tasks.drain(..) {
        task.abort();
    }
}
