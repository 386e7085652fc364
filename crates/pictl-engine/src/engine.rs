//! The loop around the dispatcher: inputs in, effects out, and everything that waits in tasks of its own.

mod log;
mod tasks;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use pictl_formats::rules::{RuleReader, Rules};
use pictl_model::event::{Event, Stamped};
use pictl_model::request::{Request, SecretAnswer};
use pictl_model::run::{Origin, RunEvent, RunPlan};
use pictl_model::{JobId, NodeId, RunId};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::{AbortHandle, JoinHandle};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::dispatcher::Dispatcher;
use crate::input::{Effect, Input, LaunchOrder};
use crate::launch::{Launch, Piece, Word};
use crate::ports::{Connect, ConnectError, ConnectSpec, Discover, OperatorKeys, RemoteCommand, Session};
use crate::record::{self, Opened, RecordError, Recorder};
use crate::remote::{self, RemoteError};
use crate::script::Rights;
use crate::setup::action::Action;
use crate::setup::hands::Hands;
use crate::store::{Store, StoreError};

/// Connections that do not close in good order within this are dropped.
const GOODBYE: Duration = Duration::from_secs(2);
/// Messages handled in one turn at most: the record is flushed once a turn, and a request waits for no longer.
const TURN: usize = 256;

/// What the engine is made of.
pub struct Parts {
    /// The cluster's name.
    pub cluster: String,
    /// Where it is kept.
    pub store: Store,
    /// Finds hosts.
    pub discover: Arc<dyn Discover>,
    /// Logs in.
    pub connect: Arc<dyn Connect>,
    /// The operator's key pair.
    pub keys: Arc<dyn OperatorKeys>,
    /// How progress is read out of what the user's own programs print.
    pub rules: Rules,
}

/// The way to a running engine. When `requests` and `secrets` are dropped it ends as after [`Request::Shutdown`].
pub struct Engine {
    /// What is asked of it.
    pub requests: UnboundedSender<Request>,
    /// Passwords, by a channel of their own.
    pub secrets: UnboundedSender<SecretAnswer>,
    /// Its events, in order.
    pub events: UnboundedReceiver<Arc<Stamped>>,
    /// Its end.
    pub ending: Ending,
}

/// The end of an engine.
pub struct Ending(JoinHandle<()>);

impl Ending {
    /// Waits until all connections are closed, which follows [`Request::Shutdown`] within seconds.
    pub async fn wait(self) {
        if let Err(e) = self.0.await {
            tracing::error!(error = %e, "the engine ended by a panic");
        }
    }
}

impl Engine {
    /// Starts an engine; reads the inventory and the host keys.
    pub fn start(parts: Parts) -> Result<Self, StoreError> {
        parts.store.prepare()?;
        let members = parts.store.members()?;
        let known = parts.store.known_hosts()?;
        let (requests, asked) = mpsc::unbounded_channel();
        let (secrets, told) = mpsc::unbounded_channel();
        let (publish, events) = mpsc::unbounded_channel();
        let salt = std::process::id();
        let (mut dispatcher, effects) = Dispatcher::new(&parts.cluster, members, known, salt, crate::clock::now());
        dispatcher.remember_proved(parts.store.proved());
        dispatcher.remember_known_hosts(parts.store.known_hosts_path());
        let (inbox, arriving) = mpsc::unbounded_channel();
        let operator = parts.connect.operator().map(|session| Live { session, generation: 0, watched: true });
        let driver = Driver {
            parts,
            dispatcher,
            publish,
            published: Vec::new(),
            inbox,
            generation: 0,
            sessions: operator.map(|live| (NodeId::operator(), live)).into_iter().collect(),
            scan: None,
            scans: 0,
            steps: Vec::new(),
            execs: Vec::new(),
            launched: None,
            recorder: None,
        };
        let runs = driver.parts.store.runs();
        driver.spawn_blocking(move || {
            let unfinished = record::unfinished(&runs);
            (!unfinished.is_empty()).then_some(Message::Input(Input::Unfinished(unfinished)))
        });
        let task = tokio::spawn(driver.run(effects, asked, told, arriving));
        Ok(Self { requests, secrets, events, ending: Ending(task) })
    }
}

/// What tasks send to the loop.
enum Message {
    Input(Input),
    Session { node: NodeId, result: Result<Arc<dyn Session>, ConnectError> },
    Lost { node: NodeId, generation: u64, why: String },
    Scan { number: u64, input: Input },
    Opened { run: RunId, result: Result<(Opened, Recorder), RecordError> },
    Output(Piece),
}

struct Live {
    session: Arc<dyn Session>,
    generation: u64,
    watched: bool,
}

/// The way to the launch at work.
struct Launched {
    nodes: BTreeSet<NodeId>,
    words: UnboundedSender<Word>,
}

struct Driver {
    parts: Parts,
    dispatcher: Dispatcher,
    publish: UnboundedSender<Arc<Stamped>>,
    /// Events of this turn, not told yet.
    published: Vec<Arc<Stamped>>,
    inbox: UnboundedSender<Message>,
    generation: u64,
    sessions: HashMap<NodeId, Live>,
    scan: Option<CancellationToken>,
    scans: u64,
    steps: Vec<AbortHandle>,
    execs: Vec<AbortHandle>,
    launched: Option<Launched>,
    recorder: Option<Recorder>,
}

impl Driver {
    async fn run(
        mut self,
        first: Vec<Effect>,
        mut asked: UnboundedReceiver<Request>,
        mut told: UnboundedReceiver<SecretAnswer>,
        mut arriving: UnboundedReceiver<Message>,
    ) {
        let mut messages = Vec::with_capacity(TURN);
        let mut more = self.act(first);
        self.end_turn();
        while more {
            let input = tokio::select! {
                request = asked.recv() => Some(Input::Request(request.unwrap_or(Request::Shutdown))),
                Some(secret) = told.recv() => Some(Input::Secret(secret)),
                _ = arriving.recv_many(&mut messages, TURN) => None,
            };
            more = input.is_none_or(|input| self.handle(input));
            for message in messages.drain(..) {
                if more && let Some(input) = self.receive(message) {
                    more = self.handle(input);
                }
            }
            self.end_turn();
        }
        if let Some(scan) = &self.scan {
            scan.cancel();
        }
        for task in self.steps.iter().chain(&self.execs) {
            task.abort();
        }
        let goodbyes = self.sessions.values().map(|live| live.session.close());
        let _ = tokio::time::timeout(GOODBYE, futures_util::future::join_all(goodbyes)).await;
    }

    /// Lets the dispatcher take an input in, and does what it wants; false after the last effect there is.
    fn handle(&mut self, input: Input) -> bool {
        let effects = self.dispatcher.handle(crate::clock::now(), input);
        self.act(effects)
    }

    /// Before the next wait: what happened is on the disk first, and told then.
    fn end_turn(&mut self) {
        if let Some(Err(e)) = self.recorder.as_mut().map(Recorder::flush) {
            self.send_not_kept(&e);
        }
        for stamped in self.published.drain(..) {
            // A front end that is gone wants no events.
            let _ = self.publish.send(stamped);
        }
    }

    /// What a task's message means for the dispatcher; connections are kept here.
    fn receive(&mut self, message: Message) -> Option<Input> {
        match message {
            Message::Input(input) => Some(input),
            // A scan that was replaced has nothing to say any more.
            Message::Scan { number, input } => (number == self.scans).then_some(input),
            Message::Session { node, result } => Some(match result {
                Err(error) => Input::Connected { node, result: Err(error) },
                Ok(session) => {
                    self.generation += 1;
                    let generation = self.generation;
                    let told = (session.host_key(), session.logged_in_by());
                    let (lost, inbox, of) = (session.lost(), self.inbox.clone(), node.clone());
                    tokio::spawn(async move {
                        let why = lost.await;
                        let _ = inbox.send(Message::Lost { node: of, generation, why });
                    });
                    if let Some(launched) = self.launched.as_ref().filter(|l| l.nodes.contains(&node)) {
                        // A launch that is over needs it no more.
                        let _ = launched.words.send(Word::Connected(node.clone(), session.clone()));
                    }
                    self.sessions.insert(node.clone(), Live { session, generation, watched: false });
                    Input::Connected { node, result: Ok(told) }
                }
            }),
            Message::Lost { node, generation, why } => {
                // The end of a connection that was replaced or closed on purpose is no news.
                if self.sessions.get(&node).is_none_or(|live| live.generation != generation) {
                    return None;
                }
                self.sessions.remove(&node);
                Some(Input::Lost { node, why })
            }
            Message::Opened { run, result } => {
                let result = result.map(|(opened, recorder)| {
                    self.recorder = Some(recorder);
                    Box::new(opened)
                });
                Some(Input::Opened { run, result })
            }
            Message::Output(piece) => {
                let failed = self.recorder.as_mut().and_then(|r| r.output(&piece.bytes).err());
                failed.map(|e| self.not_kept(&e))
            }
        }
    }

    /// Says once that the record cannot be kept any more; the run goes on without it.
    fn not_kept(&mut self, error: &StoreError) -> Input {
        self.recorder = None;
        Input::NotKept(format!("the record of this run is cut off: {error}"))
    }

    /// Does what the dispatcher wants; false after the last effect there is.
    fn act(&mut self, effects: Vec<Effect>) -> bool {
        for effect in effects {
            match effect {
                Effect::Publish(stamped) => self.publish(stamped),
                Effect::Scan(request) => {
                    self.stop_scan();
                    let cancel = CancellationToken::new();
                    self.scan = Some(cancel.clone());
                    let (tell, news) = mpsc::unbounded_channel();
                    let scan = self.parts.discover.scan(request, tell, cancel);
                    self.scans += 1;
                    tokio::spawn(tasks::scan(self.scans, scan, news, self.inbox.clone()));
                }
                Effect::StopScan => self.stop_scan(),
                Effect::FindKey { identity, make } => {
                    let keys = self.parts.keys.clone();
                    self.spawn(async move {
                        Input::Key(if make { keys.ensure(identity).await.map(Some) } else { keys.find(identity).await })
                    });
                }
                Effect::Connect { node, spec } => self.connect(node, *spec),
                Effect::Disconnect(node) => {
                    if let Some(live) = self.sessions.remove(&node) {
                        tokio::spawn(async move { live.session.close().await });
                    }
                }
                Effect::Read(node) if node.is_operator() && !self.sessions.contains_key(&node) => {
                    let error = RemoteError::new("nothing can be started on this machine", "run from the cluster's head");
                    self.spawn(async { Input::Read { node, result: Err(error) } });
                }
                Effect::Read(node) => {
                    self.with_session(node, |session, node| async move {
                        let result = remote::read(&*session).await.map(Box::new);
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
                        let _ = launched.words.send(Word::Asked(control));
                    }
                }
                Effect::Open(run) => {
                    // The lock of an attempt before goes with its recorder.
                    self.recorder = None;
                    let runs = self.parts.store.runs();
                    self.spawn_blocking(move || {
                        let result = record::open(&runs, &run);
                        Some(Message::Opened { run, result })
                    });
                }
                Effect::Replay(stamped) => self.tell(stamped),
                Effect::Probe(node) => self.with_session(node, |session, node| async move {
                    let answers = tasks::answers(&*session).await;
                    Input::Probed { node, answers }
                }),
                Effect::SaveProved(proved) => self.keep(|store| store.save_proved(&proved)),
                Effect::Exec { job, node, command, limit } => self.exec(job, node, command, limit),
                Effect::DropExecs => abort(&mut self.execs),
                Effect::SaveMembers(members) => self.keep(|store| store.save_members(&members)),
                Effect::SaveKnown(known) => self.keep(|store| store.save_known_hosts(&known)),
                Effect::After(span, timer) => self.spawn(async move {
                    tokio::time::sleep(span).await;
                    Input::Timer(timer)
                }),
                Effect::End => return false,
            }
        }
        true
    }

    fn publish(&mut self, stamped: Stamped) {
        log::event(&stamped.event);
        if let Event::Run { event: RunEvent::Planned { plan }, .. } = &stamped.event {
            let nodes = self.dispatcher.world().members();
            let members: Vec<_> = nodes.iter().filter_map(|n| n.member.clone()).collect();
            let facts = nodes.iter().filter_map(|n| Some((n.id.clone(), n.facts.clone()?))).collect();
            match Recorder::begin(&self.parts.store.runs(), plan, &self.parts.cluster, &members, &facts) {
                Ok(recorder) => self.recorder = Some(recorder),
                Err(e) => self.send_not_kept(&e),
            }
        }
        match self.recorder.as_mut().map(|r| r.event(&stamped)) {
            Some(Ok(true)) => self.recorder = None,
            Some(Err(e)) => self.send_not_kept(&e),
            _ => {}
        }
        self.tell(stamped);
    }

    fn tell(&mut self, stamped: Stamped) {
        self.published.push(Arc::new(stamped));
    }

    fn send_not_kept(&mut self, error: &StoreError) {
        let input = self.not_kept(error);
        let _ = self.inbox.send(Message::Input(input));
    }

    fn keep(&self, save: impl FnOnce(&Store) -> Result<(), StoreError>) {
        if let Err(e) = save(&self.parts.store) {
            let _ = self.inbox.send(Message::Input(Input::NotKept(e.to_string())));
        }
    }

    fn stop_scan(&mut self) {
        if let Some(scan) = self.scan.take() {
            scan.cancel();
        }
    }

    fn spawn_blocking(&self, work: impl FnOnce() -> Option<Message> + Send + 'static) {
        let inbox = self.inbox.clone();
        tokio::task::spawn_blocking(move || work().map(|message| inbox.send(message)));
    }

    fn spawn(&self, work: impl Future<Output = Input> + Send + 'static) {
        let inbox = self.inbox.clone();
        tokio::spawn(async move {
            let _ = inbox.send(Message::Input(work.await));
        });
    }

    /// Runs `work` with the node's connection; when there is none any more, the loss is told already.
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
        tokio::spawn(async move {
            let result = connect.connect(spec).await;
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
        let hands = Hands {
            session: live.session.clone(),
            sessions: self.all_sessions(),
            root,
            connect: self.parts.connect.clone(),
            key_login,
            news,
        };
        let task = tokio::spawn(tasks::perform(node, step, actions, hands, lines, self.inbox.clone()));
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
            ranks: order.plan.ranks,
            command: order.plan.command.clone(),
            hostfile: order.hostfile,
            ssh_config: order.ssh_config,
            files: order.files,
            limit: order.limit,
            silence: order.silence,
            proof: order.proof.map(|proof| proof.plan),
            rules: self.rules(&order.plan),
            joined: order.joined,
            sessions: self.all_sessions().into_iter().filter(|(node, _)| nodes.contains(node)).collect(),
        };
        let (runs, run, program) = (self.parts.store.runs(), launch.run.clone(), order.plan.workload.name.clone());
        self.spawn_blocking(move || {
            let earlier = record::earlier(&runs, &run, &program)?;
            Some(Message::Input(Input::Earlier(Box::new(earlier))))
        });
        let (words, told) = mpsc::unbounded_channel();
        self.launched = Some(Launched { nodes, words });
        let (tell, news) = mpsc::unbounded_channel();
        let (inbox, sessions) = (self.inbox.clone(), launch.sessions.clone());
        tokio::spawn(tasks::launch(launch, order.plan.workload.name, order.own_files, told, tell));
        let forward = tasks::forward(order.plan.id.clone(), news, inbox.clone());
        tokio::spawn(async move {
            // Only of the user's own programs pids are known. They are read for as long as the run goes on.
            tokio::select! {
                () = forward => {}
                () = tasks::usage(&order.plan.id, sessions, inbox), if own => {}
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

    fn exec(&mut self, job: JobId, node: NodeId, command: String, limit: Option<Duration>) {
        let Some(live) = self.sessions.get(&node) else { return };
        let command = RemoteCommand { line: command, stdin: Zeroizing::default(), limit, max_output: 0 };
        let task = tokio::spawn(tasks::exec(live.session.clone(), job, node, command, self.inbox.clone()));
        self.execs.retain(|task| !task.is_finished());
        self.execs.push(task.abort_handle());
    }
}

fn abort(tasks: &mut Vec<AbortHandle>) {
    for task in tasks.drain(..) {
        task.abort();
    }
}
