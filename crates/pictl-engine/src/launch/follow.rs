//! Follows a launcher until it ends, over as many connections as that needs, and stops it on request or after a time limit.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use pictl_formats::launcher;
use pictl_model::run::{RunEvent, RunPhase};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, sleep_until, timeout};

use super::feed::{Feed, Sending};
use super::reader::Reader;
use super::times::Times;
use super::{Control, Launch, LaunchInput, News, SHORT, Sessions};
use crate::ports::{Chunk, ExecError, Output, Session};
use crate::script::Script;

/// A launcher that was asked to stop is killed after this. Open MPI needs up to 2 s, and must not be asked again within 6 s.
const GRACE: Duration = Duration::from_secs(8);
/// Once it is killed, its output is followed for this long at most.
const LAST_OUTPUT: Duration = Duration::from_secs(3);
/// From the launch to the first output of the program.
const FIRST_LINE: Duration = Duration::from_secs(60);
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

/// Follows one launcher.
pub(super) struct Follower<'a> {
    launch: &'a Launch,
    sessions: &'a mut Sessions,
    inputs: &'a mut mpsc::UnboundedReceiver<LaunchInput>,
    feed: Feed,
    reader: Reader,
    room: Arc<Semaphore>,
    stage: Stage,
    deadline: Instant,
    problem: Option<String>,
}

impl<'a> Follower<'a> {
    pub(super) fn new(
        launch: &'a Launch,
        sessions: &'a mut Sessions,
        inputs: &'a mut mpsc::UnboundedReceiver<LaunchInput>,
        feed: Feed,
        news: mpsc::UnboundedSender<News>,
    ) -> Self {
        let reader = Reader::new(launch, news);
        let (room, deadline) = (Arc::new(Semaphore::new(ROOM)), Instant::now() + FIRST_LINE);
        Self { launch, sessions, inputs, feed, reader, room, stage: Stage::Watching, deadline, problem: None }
    }

    /// Follows to the launcher's end; returns what was wrong, if anything.
    pub(super) async fn follow(mut self) -> Option<String> {
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
        self.problem
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
                    self.stage = Stage::Asked;
                    self.reader.publish(RunEvent::Phase { phase: RunPhase::Stopping });
                }
                Some(LaunchInput::Typed { bytes, end }) => self.feed.add(bytes, end),
                Some(LaunchInput::Asked(Control::Kill)) | None => return false,
            }
        }
    }

    /// Until when ranks may work without output.
    fn patience(&self) -> Instant {
        // Longer than any run.
        Instant::now() + self.launch.silence.unwrap_or(Duration::from_secs(365 * 24 * 3600))
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
                    (LaunchInput::Asked(Control::Stop), Stage::Watching) => "TERM",
                    (LaunchInput::Asked(Control::Kill), _) => "KILL",
                    // Asked a second time within seconds, Open MPI 4 leaves its ranks behind.
                    (LaunchInput::Asked(Control::Stop), _) => continue,
                },
                () = sleep_until(self.deadline) => match self.stage {
                    // There may be output: nothing is read while there is no room for it.
                    Stage::Watching if self.room.available_permits() == 0 => {
                        self.allow();
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

    fn heard(&mut self, chunk: Chunk, room: OwnedSemaphorePermit) {
        self.reader.take(chunk, room);
        if self.stage == Stage::Watching {
            let before = self.deadline;
            self.allow();
            if self.reader.is_settled() {
                // Output of the launcher at its end is not a reason to wait longer for it.
                self.deadline = self.deadline.min(before);
            }
        }
    }

    /// Sets the deadline for the next output, or for the launcher's end.
    fn allow(&mut self) {
        self.deadline = if self.reader.is_settled() { Instant::now() + self.exit() } else { self.patience() };
    }

    /// How long a launcher may take to end once all ranks have.
    fn exit(&self) -> Duration {
        launcher::of(&self.launch.install).exit_limit()
    }

    /// What is wrong when the deadline has come.
    fn overdue(&self) -> Option<String> {
        if self.reader.is_settled() {
            return None;
        }
        Some(match (self.reader.taken().running, self.launch.silence) {
            (true, Some(limit)) => format!("no rank printed anything for {} s", limit.as_secs()),
            _ => format!("the program printed nothing within {} s", FIRST_LINE.as_secs()),
        })
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
        None => std::future::pending().await,
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
