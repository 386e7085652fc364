//! The loop around the dispatcher: inputs in, effects out, and what happened onto the disk before it is shown.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use pictl_model::event::{Event, Stamped};
use pictl_model::request::{Request, SecretAnswer};
use pictl_model::run::RunEvent;
use pictl_model::{NodeId, RunId};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::AbortHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::backlog::Backlog;
use super::{Parts, log};
use crate::dispatcher::Dispatcher;
use crate::input::{Effect, Input};
use crate::launch::{LaunchInput, Piece};
use crate::ports::{ConnectError, Loss, Session};
use crate::record::{Opened, RecordError, Recorder};
use crate::store::{Stamps, Store, StoreError};

/// Connections that do not close in good order within this are dropped.
const GOODBYE: Duration = Duration::from_secs(2);
/// How often it is checked whether other programs have changed the cluster's files.
const CHECK: Duration = Duration::from_secs(1);
/// Messages handled in one turn at most: the record is flushed once a turn, and a request waits for no longer.
const TURN: usize = 256;

/// What tasks send to the loop.
pub(super) enum Message {
    Input(Input),
    Session {
        node: NodeId,
        result: Result<Arc<dyn Session>, ConnectError>,
    },
    Lost {
        node: NodeId,
        generation: u64,
        loss: Loss,
    },
    Scan {
        number: u64,
        input: Input,
    },
    Opened {
        run: RunId,
        result: Result<Box<(Opened, Recorder)>, RecordError>,
    },
    Output(Piece),
    /// What came before it is handled, and so there is room for more.
    Room(OwnedSemaphorePermit),
}

pub(super) struct Live {
    pub(super) session: Arc<dyn Session>,
    pub(super) generation: u64,
    pub(super) watched: bool,
}

/// The way to the launch at work.
pub(super) struct Launched {
    pub(super) nodes: BTreeSet<NodeId>,
    pub(super) inputs: UnboundedSender<LaunchInput>,
}

pub(super) struct Driver {
    pub(super) parts: Parts,
    pub(super) dispatcher: Dispatcher,
    pub(super) publish: UnboundedSender<Arc<Stamped>>,
    /// Events of this turn, not sent yet.
    pub(super) published: Vec<Arc<Stamped>>,
    /// What was sent and is not taken yet.
    backlog: Backlog,
    pub(super) inbox: UnboundedSender<Message>,
    pub(super) generation: u64,
    pub(super) sessions: HashMap<NodeId, Live>,
    pub(super) scan: Option<CancellationToken>,
    pub(super) scans: u64,
    pub(super) steps: Vec<AbortHandle>,
    pub(super) execs: Vec<AbortHandle>,
    /// Asks the commands of now to end.
    pub(super) stop_execs: CancellationToken,
    pub(super) blinks: Vec<AbortHandle>,
    pub(super) launched: Option<Launched>,
    pub(super) recorder: Option<Recorder>,
    /// Answers to effects of this turn.
    pub(super) answers: VecDeque<Input>,
    /// Which versions of the cluster's files are known.
    stamps: Stamps,
}

impl Driver {
    /// A driver that has done nothing yet.
    pub(super) fn new(
        parts: Parts,
        dispatcher: Dispatcher,
        publish: UnboundedSender<Arc<Stamped>>,
        inbox: UnboundedSender<Message>,
    ) -> Self {
        let stamps = parts.store.stamps();
        let operator = parts.connect.operator().map(|session| Live { session, generation: 0, watched: true });
        Driver {
            parts,
            dispatcher,
            publish,
            published: Vec::new(),
            backlog: Backlog::default(),
            inbox,
            generation: 0,
            sessions: operator.map(|live| (NodeId::operator(), live)).into_iter().collect(),
            scan: None,
            scans: 0,
            steps: Vec::new(),
            execs: Vec::new(),
            stop_execs: CancellationToken::new(),
            blinks: Vec::new(),
            launched: None,
            recorder: None,
            answers: VecDeque::new(),
            stamps,
        }
    }

    /// The loop, until the end was asked for.
    pub(super) async fn run(
        mut self,
        first: Vec<Effect>,
        mut asked: UnboundedReceiver<Request>,
        mut secrets: UnboundedReceiver<SecretAnswer>,
        mut arriving: UnboundedReceiver<Message>,
    ) {
        let mut messages = Vec::with_capacity(TURN);
        let mut more = self.act(first);
        self.end_turn();
        let mut check = tokio::time::interval(CHECK);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while more {
            let input = tokio::select! {
                request = asked.recv() => Some(Input::Request(request.unwrap_or(Request::Shutdown))),
                Some(secret) = secrets.recv() => Some(Input::Secret(secret)),
                _ = arriving.recv_many(&mut messages, TURN) => None,
                _ = check.tick() => {
                    self.follow_files();
                    None
                }
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
        for task in self.steps.iter().chain(&self.execs).chain(&self.blinks) {
            task.abort();
        }
        let goodbyes = self.sessions.values().map(|live| live.session.close());
        let _ = tokio::time::timeout(GOODBYE, futures_util::future::join_all(goodbyes)).await;
    }

    /// Lets the dispatcher take an input in, and does what it wants; false after the last effect there is. What was saved on
    /// the way is answered before anything else comes.
    fn handle(&mut self, input: Input) -> bool {
        let (mut next, mut more) = (Some(input), true);
        while let Some(input) = next {
            let effects = self.dispatcher.handle(crate::clock::now(), input);
            more &= self.act(effects);
            next = self.answers.pop_front();
        }
        more
    }

    /// Reads what other programs have changed in the cluster's files since they were last read or saved.
    fn follow_files(&mut self) {
        let (now, before) = (self.parts.store.stamps(), self.stamps);
        self.stamps = now;
        if now.other_members(&before) {
            // Where it was this program, the dispatcher knows it already.
            let read = self.parts.store.members();
            self.handle(read.map_or_else(Input::NotRead, Input::MembersRead));
        }
        if now.other_known(&before) {
            let read = self.parts.store.refreshed_known_hosts(self.dispatcher.known_hosts());
            self.handle(read.map_or_else(Input::NotRead, Input::KnownRead));
        }
    }

    /// Before the next wait: what happened is on the disk first, and sent then.
    fn end_turn(&mut self) {
        if let Some(Err(e)) = self.recorder.as_mut().map(Recorder::flush) {
            self.send_not_saved(&e);
        }
        for stamped in self.published.drain(..) {
            if let Some(dropped) = self.backlog.before(&stamped) {
                let _ = self.publish.send(dropped);
            }
            if self.backlog.lets(&stamped) {
                // A front end that is gone wants no events.
                let _ = self.publish.send(stamped);
            }
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
                    let login = (session.host_key(), session.logged_in_by());
                    let (lost, inbox, of) = (session.lost(), self.inbox.clone(), node.clone());
                    tokio::spawn(async move {
                        let loss = lost.await;
                        let _ = inbox.send(Message::Lost { node: of, generation, loss });
                    });
                    if let Some(launched) = self.launched.as_ref().filter(|l| l.nodes.contains(&node)) {
                        // A launch that is over needs it no more.
                        let _ = launched.inputs.send(LaunchInput::Connected(node.clone(), session.clone()));
                    }
                    self.sessions.insert(node.clone(), Live { session, generation, watched: false });
                    Input::Connected { node, result: Ok(login) }
                }
            }),
            Message::Lost { node, generation, loss } => {
                // The end of a connection that was replaced or closed on purpose is no news.
                if self.sessions.get(&node).is_none_or(|live| live.generation != generation) {
                    return None;
                }
                self.sessions.remove(&node);
                Some(Input::Lost { node, loss })
            }
            Message::Opened { run, result } => {
                let result = result.map(|opened| {
                    let (opened, recorder) = *opened;
                    self.recorder = Some(recorder);
                    Box::new(opened)
                });
                Some(Input::Opened { run, result })
            }
            Message::Room(room) => {
                drop(room);
                None
            }
            Message::Output(piece) => {
                let failed = self.recorder.as_mut().and_then(|r| r.output(&piece.bytes).err());
                failed.map(|e| self.not_saved(&e))
            }
        }
    }

    /// Says once that the record cannot be kept any more; the run goes on without it.
    fn not_saved(&mut self, error: &StoreError) -> Input {
        self.recorder = None;
        Input::NotSaved(format!("the record of this run is cut off: {error}"))
    }

    pub(super) fn publish(&mut self, stamped: Stamped) {
        log::event(&stamped.event);
        if let Event::Run { event: RunEvent::Planned { plan }, .. } = &stamped.event {
            match Recorder::begin(&self.parts.store.runs(), plan, self.dispatcher.world()) {
                Ok(recorder) => self.recorder = Some(recorder),
                Err(e) => self.send_not_saved(&e),
            }
        }
        match self.recorder.as_mut().map(|r| r.event(&stamped)) {
            Some(Ok(true)) => self.recorder = None,
            Some(Err(e)) => self.send_not_saved(&e),
            _ => {}
        }
        self.show(stamped);
    }

    pub(super) fn show(&mut self, stamped: Stamped) {
        self.published.push(Arc::new(stamped));
    }

    fn send_not_saved(&mut self, error: &StoreError) {
        let input = self.not_saved(error);
        let _ = self.inbox.send(Message::Input(input));
    }

    pub(super) fn keep(&self, save: impl FnOnce(&Store) -> Result<(), StoreError>) {
        if let Err(e) = save(&self.parts.store) {
            let _ = self.inbox.send(Message::Input(Input::NotSaved(e.to_string())));
        }
    }
}
