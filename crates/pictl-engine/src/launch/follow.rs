//! Follows a launcher until it ends, over as many connections as that needs, and stops it on request or after a time limit.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, pending};
use pictl_formats::{diagnosis, failure, launcher};
use pictl_model::run::{RunEvent, RunPhase};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, sleep_until, timeout};

use super::cleanup::ONE_RANK;
use super::feed::{Feed, Sending};
use super::reader::Reader;
use super::times::Times;
use super::{Control, Found, Launch, LaunchInput, News, SHORT, Sessions, examine, reach};
use crate::ports::{Chunk, ExecError, Output, Session};
use crate::script::Script;

/// A launcher that was asked to stop is killed after this. Open MPI needs up to 2 s, and must not be asked again within 6 s.
const GRACE: Duration = Duration::from_secs(8);
/// Once it is killed, its output is followed for this long at most.
const LAST_OUTPUT: Duration = Duration::from_secs(3);
/// From the launch to the first output of the program.
const FIRST_LINE: Duration = Duration::from_secs(60);
/// Without output for this long, it is checked whether the nodes can connect to one another.
const QUIET: Duration = Duration::from_secs(5);
/// A program of the user's own with one rank can wait for others that do not exist, or compute.
const ALONE: Duration = Duration::from_secs(30);
/// Longer than any run.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 3600);
/// While what is read waits to be handled.
const NO_ROOM: Duration = Duration::from_secs(1);
/// Most pieces of output that are read and not handled yet: 8 MiB.
const ROOM: usize = 256;

/// The stages in which a launcher is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Watching,
    Asked,
    Killed,
}

/// How following over one connection ended.
enum Heard {
    /// The launcher ended, or its output is not waited for any more.
    All,
    /// The connection broke.
    Broken(String),
}

/// What was seen of a launcher until its end.
#[derive(Debug)]
pub(super) struct Followed {
    /// What was wrong, if anything.
    pub(super) problem: Option<String>,
    /// What to do about that, where it is known for sure.
    pub(super) hint: Option<String>,
    /// What pictl itself found on the nodes.
    pub(super) found: Option<Found>,
    /// The program printed something.
    pub(super) ran: bool,
    /// Every rank of it reported its host.
    pub(super) begun: bool,
    /// Every rank was done, or one failed.
    pub(super) settled: bool,
    /// The user wanted it to end.
    pub(super) asked: bool,
    /// The launcher got a signal.
    pub(super) stopped: bool,
    /// How long there was no output at its end.
    pub(super) silent: Duration,
    /// What the launcher printed, and ranks on standard error.
    pub(super) errors: String,
}

impl Followed {
    /// What pictl finds on the nodes can explain this end: the program did not begin, or its ranks speak of connections.
    pub(super) fn is_doubtful(&self) -> bool {
        let of_network = [failure::WRONG_NETWORK.id, failure::NO_ANSWER_BACK.id, failure::PEER_DIED.id];
        !self.begun
            || self.problem.is_some()
            || diagnosis::explain(&self.errors).is_some_and(|why| of_network.contains(&why.id))
    }
}

/// Whether the nodes can connect to one another: checked once, when there is no output.
enum Doubt {
    /// There is still time.
    None(Instant),
    /// It is being checked.
    Checking(BoxFuture<'static, Option<Found>>),
    /// It was checked.
    Settled,
}

/// What comes of doubt.
enum Doubted {
    /// There was no output for long enough.
    Quiet,
    /// This was found.
    Found(Option<Found>),
}

impl Doubt {
    fn after(time: Duration) -> Self {
        Self::None(Instant::now() + time)
    }

    async fn next(&mut self) -> Doubted {
        let found = match self {
            Self::None(at) => {
                sleep_until(*at).await;
                return Doubted::Quiet;
            }
            Self::Checking(check) => check.await,
            Self::Settled => pending().await,
        };
        *self = Self::Settled;
        Doubted::Found(found)
    }
}

/// What ends the wait for output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// The first output does not come.
    First,
    /// Ranks do not print anything any more.
    Silence(Duration),
    /// The launcher does not end.
    Exit,
}

/// Follows one launcher.
pub(super) struct Follower<'a> {
    launch: &'a Launch,
    sessions: &'a mut Sessions,
    inputs: &'a mut mpsc::UnboundedReceiver<LaunchInput>,
    feed: Feed,
    reader: Reader,
    room: Arc<Semaphore>,
    news: mpsc::UnboundedSender<News>,
    stage: Stage,
    began: Instant,
    deadline: Instant,
    wait: Wait,
    doubt: Doubt,
    /// Found while ranks were at work, which can do without it.
    remark: Option<Found>,
    problem: Option<String>,
    hint: Option<String>,
    asked: bool,
    heard_at: Instant,
}

impl<'a> Follower<'a> {
    pub(super) fn new(
        launch: &'a Launch,
        sessions: &'a mut Sessions,
        inputs: &'a mut mpsc::UnboundedReceiver<LaunchInput>,
        feed: Feed,
        news: mpsc::UnboundedSender<News>,
    ) -> Self {
        let reader = Reader::new(launch, news.clone());
        let now = Instant::now();
        Self {
            launch,
            sessions,
            inputs,
            feed,
            reader,
            room: Arc::new(Semaphore::new(ROOM)),
            news,
            stage: Stage::Watching,
            began: now,
            deadline: now + FIRST_LINE,
            wait: Wait::First,
            doubt: Doubt::after(QUIET),
            remark: None,
            problem: None,
            hint: None,
            asked: false,
            heard_at: now,
        }
    }

    /// Follows to the launcher's end; returns what was seen of it.
    pub(super) async fn follow(mut self) -> Followed {
        let mut gap = self.launch.joined.is_some();
        while let Some(head) = self.sessions.get(&self.launch.head).cloned() {
            if gap {
                self.catch_up(&*head).await;
            }
            match self.listen(&*head).await {
                Heard::All => break,
                Heard::Broken(why) => {
                    self.reader.publish(RunEvent::OutOfSight { why: why.clone() });
                    if !self.wait_for_the_head().await {
                        self.problem = Some(format!("the connection to the head broke: {why}"));
                        break;
                    }
                    self.reader.publish(RunEvent::InSight);
                    gap = true;
                }
            }
        }
        self.reader.finish();
        Followed {
            ran: self.reader.taken().running,
            begun: self.reader.has_begun(),
            settled: self.reader.is_settled(),
            silent: self.heard_at.elapsed(),
            errors: self.reader.errors().to_owned(),
            problem: self.problem,
            hint: self.hint,
            found: self.remark,
            asked: self.asked,
            stopped: self.stage != Stage::Watching,
        }
    }

    /// Finds out when the output that is not read yet was written.
    async fn catch_up(&mut self, head: &dyn Session) {
        self.allow();
        let asked = crate::clock::now();
        if let Ok(output) = head.run(Script::RUN_TIMES.command(&[self.launch.run.as_str()], Some(SHORT))).await {
            self.reader.catch_up(Times::parse(&String::from_utf8_lossy(&output.out), asked));
        }
        // Asked to stop while there was no connection.
        if self.stage == Stage::Asked {
            self.signal(head, "TERM").await;
        }
    }

    /// Waits for a new connection to the head; false when it is not waited for any more.
    async fn wait_for_the_head(&mut self) -> bool {
        loop {
            match self.inputs.recv().await {
                Some(LaunchInput::Connected(node, session)) => {
                    let head = node == self.launch.head;
                    self.sessions.insert(node, session);
                    if head {
                        return true;
                    }
                }
                Some(LaunchInput::Asked(Control::Stop)) => {
                    self.asked = true;
                    self.stage = Stage::Asked;
                    self.reader.publish(RunEvent::Phase { phase: RunPhase::Stopping });
                }
                Some(LaunchInput::Typed { bytes, end }) => self.feed.add(bytes, end),
                Some(LaunchInput::Asked(Control::Kill)) | None => {
                    self.asked = true;
                    return false;
                }
            }
        }
    }

    /// Reads the launcher's output by one connection, from where reading ended before.
    async fn listen(&mut self, head: &dyn Session) -> Heard {
        let (chunks, mut arriving) = mpsc::channel(256);
        let taken = self.reader.taken();
        let (out, err) = (taken.out.to_string(), taken.err.to_string());
        let command = Script::RUN_FOLLOW.command(&[self.launch.run.as_str(), &out, &err], None);
        let mut followed = head.stream(command, chunks);
        let mut ended: Option<Result<Output, ExecError>> = None;
        let mut sending: Option<Sending> = None;
        // Where a piece of input does not arrive, the next connection is tried.
        let mut takes_input = true;
        loop {
            if sending.is_none() && takes_input {
                sending = self.feed.send(&self.launch.run, head);
            }
            let signal = tokio::select! {
                chunk = next(&self.room, &mut arriving) => match chunk {
                    Some((chunk, room)) => {
                        self.heard(chunk, room);
                        continue;
                    }
                    // Everything that was sent has been read, and nobody sends any more.
                    None => return end(ended, followed).await,
                },
                result = &mut followed, if ended.is_none() => {
                    ended = Some(result);
                    continue;
                }
                result = arrival(&mut sending) => {
                    sending = None;
                    match result.map(|output| self.feed.sent(&output)) {
                        Ok(Ok(())) => {}
                        Ok(Err(why)) => {
                            let text = format!("standard input could not be passed to rank 0: {why}");
                            self.reader.publish(RunEvent::Note { text });
                        }
                        Err(_) => takes_input = false,
                    }
                    continue;
                }
                Some(input) = self.inputs.recv() => match (input, self.stage) {
                    (LaunchInput::Typed { bytes, end }, _) => {
                        self.feed.add(bytes, end);
                        continue;
                    }
                    (LaunchInput::Connected(node, session), _) => {
                        self.sessions.insert(node, session);
                        continue;
                    }
                    (LaunchInput::Asked(Control::Stop), Stage::Watching) => {
                        self.asked = true;
                        "TERM"
                    }
                    (LaunchInput::Asked(Control::Kill), _) => {
                        self.asked = true;
                        "KILL"
                    }
                    // Asked a second time within seconds, Open MPI 4 leaves its ranks behind.
                    (LaunchInput::Asked(Control::Stop), _) => continue,
                },
                doubted = self.doubt.next() => match self.doubted(doubted) {
                    Some(found) if self.stage == Stage::Watching => {
                        (self.problem, self.hint) = (Some(found.problem), Some(found.hint));
                        "TERM"
                    }
                    _ => continue,
                },
                () = sleep_until(self.deadline) => match self.stage {
                    // There may be output: nothing is read while there is no room for it.
                    Stage::Watching if self.room.available_permits() == 0 => {
                        self.allow();
                        self.deadline = self.deadline.max(Instant::now() + NO_ROOM);
                        continue;
                    }
                    Stage::Watching => {
                        self.problem = self.overdue();
                        "TERM"
                    }
                    Stage::Asked => "KILL",
                    // The launcher's output cannot be read any more; the cleanup will find what is left.
                    Stage::Killed => return Heard::All,
                },
            };
            self.signal(head, signal).await;
        }
    }

    /// One rank, of a program of which nothing is known.
    fn is_alone(&self) -> bool {
        self.launch.own && self.launch.ranks == 1
    }

    /// How long ranks at work are silent before something may be wrong.
    fn quiet(&self) -> Duration {
        if self.is_alone() { ALONE } else { QUIET }
    }

    /// Begins to check the nodes' connections, or takes what was found; gives what ends the launch.
    fn doubted(&mut self, doubted: Doubted) -> Option<Found> {
        let running = self.reader.has_begun();
        match doubted {
            Doubted::Quiet if self.stage != Stage::Watching || self.reader.is_settled() => {
                self.doubt = Doubt::after(QUIET);
            }
            Doubted::Quiet => {
                if running && self.is_alone() {
                    let _ = self.news.send(News::Notice(format!("no output for {} s: {ONE_RANK}", ALONE.as_secs())));
                }
                let (scene, sessions) = (super::scene(self.launch), self.sessions.clone());
                let errors = self.reader.errors().to_owned();
                let check = async move {
                    if running {
                        reach::blocked(&scene.places, &scene.head, &sessions).await
                    } else {
                        examine::examine(&scene, &sessions, &errors).await
                    }
                };
                self.doubt = Doubt::Checking(check.boxed());
            }
            Doubted::Found(found) if running => {
                // Not every program needs every connection.
                if let Some(found) = &found {
                    let text = format!("{}; ranks that need this connection wait for ever", found.problem);
                    let _ = self.news.send(News::Notice(text));
                }
                self.remark = found;
            }
            Doubted::Found(found) => return found,
        }
        None
    }

    fn heard(&mut self, chunk: Chunk, room: OwnedSemaphorePermit) {
        self.reader.take(chunk, room);
        self.heard_at = Instant::now();
        if matches!(self.doubt, Doubt::None(_)) && self.reader.has_begun() {
            self.doubt = Doubt::after(self.quiet());
        }
        if self.stage == Stage::Watching {
            let (wait, before) = (self.wait, self.deadline);
            self.allow();
            if wait == Wait::Exit {
                // Output of the launcher at its end is not a reason to wait longer for it.
                self.deadline = self.deadline.min(before);
            }
        }
    }

    /// Sets the deadline for the next output, or for the launcher's end. What a launcher reports by itself is not output of
    /// the program, and does not change how long that is waited for.
    fn allow(&mut self) {
        let now = Instant::now();
        (self.wait, self.deadline) = if self.reader.is_settled() {
            (Wait::Exit, now + self.exit())
        } else if self.reader.taken().running {
            let silence = self.launch.silence.unwrap_or(FOR_EVER);
            (Wait::Silence(silence), now + silence)
        } else {
            (Wait::First, self.began + FIRST_LINE)
        };
    }

    /// How long a launcher may take to end once all ranks have.
    fn exit(&self) -> Duration {
        launcher::of(&self.launch.install).exit_limit()
    }

    /// What is wrong when the deadline has come.
    fn overdue(&self) -> Option<String> {
        match self.wait {
            Wait::First => Some(format!("the program printed nothing within {} s", FIRST_LINE.as_secs())),
            Wait::Silence(limit) => Some(format!("no rank printed anything for {} s", limit.as_secs())),
            Wait::Exit => None,
        }
    }

    /// Sends the launcher a signal, and gives it the time of this stage.
    async fn signal(&mut self, head: &dyn Session, signal: &str) {
        (self.stage, self.deadline) = match signal {
            "TERM" => (Stage::Asked, Instant::now() + GRACE),
            _ => (Stage::Killed, Instant::now() + LAST_OUTPUT),
        };
        self.reader.publish(RunEvent::Phase { phase: RunPhase::Stopping });
        let command = Script::RUN_STOP.command(&[self.launch.run.as_str(), signal], Some(SHORT));
        // When the head does not answer, its output is still read: the deadline stays.
        let _ = timeout(LAST_OUTPUT, head.run(command)).await;
    }
}

/// The next piece of output, once there is room for it.
async fn next(room: &Arc<Semaphore>, arriving: &mut mpsc::Receiver<Chunk>) -> Option<(Chunk, OwnedSemaphorePermit)> {
    // Nobody closes it.
    let room = room.clone().acquire_owned().await.ok()?;
    Some((arriving.recv().await?, room))
}

/// The answer to a piece of input on its way; never where there is none.
async fn arrival(sending: &mut Option<Sending>) -> Result<Output, ExecError> {
    match sending {
        Some(sending) => sending.await,
        None => pending().await,
    }
}

async fn end(
    ended: Option<Result<Output, ExecError>>,
    followed: BoxFuture<'static, Result<Output, ExecError>>,
) -> Heard {
    let result = match ended {
        Some(result) => result,
        None => followed.await,
    };
    match result {
        Ok(_) => Heard::All,
        Err(e) => Heard::Broken(e.to_string()),
    }
}
