//! Watching a launcher until it ends, over as many connections as that takes, and stopping it when asked or overdue.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use pictl_formats::launcher;
use pictl_model::run::{RunEvent, RunPhase};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, sleep_until, timeout};

use super::reader::Reader;
use super::times::Times;
use super::{Control, Launch, News, SHORT, Sessions, Word};
use crate::ports::{Chunk, ExecError, Output, Session};
use crate::script::Script;

/// A launcher asked to stop is killed after this; Open MPI needs up to 2 s, and must not be asked twice before 6 s.
const GRACE: Duration = Duration::from_secs(8);
/// Once killed, its output is followed for this long at most.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// From launch to the first sign of life of the program.
const FIRST_LINE: Duration = Duration::from_secs(60);
/// Pieces of output read and not handled yet at most: 8 MiB.
const ROOM: usize = 256;

/// The rungs of the ladder by which a launcher is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rung {
    Watching,
    Asked,
    Killed,
}

/// How one connection's worth of following ended.
enum Heard {
    /// The launcher ended, or what it says is not waited for any more.
    All,
    /// The connection broke.
    Broken(String),
}

/// Follows one launcher.
pub(super) struct Follower<'a> {
    launch: &'a Launch,
    sessions: &'a mut Sessions,
    words: &'a mut mpsc::UnboundedReceiver<Word>,
    reader: Reader,
    room: Arc<Semaphore>,
    rung: Rung,
    deadline: Instant,
    problem: Option<String>,
}

impl<'a> Follower<'a> {
    pub(super) fn new(
        launch: &'a Launch,
        sessions: &'a mut Sessions,
        words: &'a mut mpsc::UnboundedReceiver<Word>,
        news: mpsc::UnboundedSender<News>,
    ) -> Self {
        let reader = Reader::new(launch, news);
        let (room, deadline) = (Arc::new(Semaphore::new(ROOM)), Instant::now() + FIRST_LINE);
        Self { launch, sessions, words, reader, room, rung: Rung::Watching, deadline, problem: None }
    }

    /// Goes on to the launcher's end. What was wrong, if anything.
    pub(super) async fn follow(mut self) -> Option<String> {
        let mut gap = self.launch.joined.is_some();
        while let Some(head) = self.sessions.get(&self.launch.head).cloned() {
            if gap {
                self.catch_up(&*head).await;
            }
            match self.listen(&*head).await {
                Heard::All => break,
                Heard::Broken(why) => {
                    self.reader.tell(RunEvent::OutOfSight { why: why.clone() });
                    if !self.wait_for_the_head().await {
                        self.problem = Some(format!("the connection to the head broke: {why}"));
                        break;
                    }
                    self.reader.tell(RunEvent::InSight);
                    gap = true;
                }
            }
        }
        self.reader.finish();
        self.problem
    }

    /// Learns when the output was written that nobody has read yet.
    async fn catch_up(&mut self, head: &dyn Session) {
        self.allow();
        let asked = crate::clock::now();
        if let Ok(output) = head.run(Script::RUN_TIMES.command(&[self.launch.run.as_str()], Some(SHORT))).await {
            self.reader.catch_up(Times::parse(&String::from_utf8_lossy(&output.out), asked));
        }
        // Asked to stop while nobody could be told.
        if self.rung == Rung::Asked {
            self.signal(head, "TERM").await;
        }
    }

    /// Waits for a new connection to the head; false when it is not waited for any more.
    async fn wait_for_the_head(&mut self) -> bool {
        loop {
            match self.words.recv().await {
                Some(Word::Connected(node, session)) => {
                    let head = node == self.launch.head;
                    self.sessions.insert(node, session);
                    if head {
                        return true;
                    }
                }
                Some(Word::Asked(Control::Stop)) => {
                    self.rung = Rung::Asked;
                    self.reader.tell(RunEvent::Phase { phase: RunPhase::Stopping });
                }
                Some(Word::Asked(Control::Kill)) | None => return false,
            }
        }
    }

    /// How long nothing need be heard while ranks work.
    fn patience(&self) -> Instant {
        // Longer than any run lives.
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
        loop {
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
                Some(word) = self.words.recv() => match (word, self.rung) {
                    (Word::Connected(node, session), _) => {
                        self.sessions.insert(node, session);
                        continue;
                    }
                    (Word::Asked(Control::Stop), Rung::Watching) => "TERM",
                    (Word::Asked(Control::Kill), _) => "KILL",
                    // Asked a second time within seconds, Open MPI 4 leaves its ranks behind.
                    (Word::Asked(Control::Stop), _) => continue,
                },
                () = sleep_until(self.deadline) => match self.rung {
                    // It may well speak: nothing is read for want of room.
                    Rung::Watching if self.room.available_permits() == 0 => {
                        self.allow();
                        continue;
                    }
                    Rung::Watching => {
                        self.problem = self.overdue();
                        "TERM"
                    }
                    Rung::Asked => "KILL",
                    // The launcher cannot be read any more; the sweep will find what is left.
                    Rung::Killed => return Heard::All,
                },
            };
            self.signal(head, signal).await;
        }
    }

    fn heard(&mut self, chunk: Chunk, room: OwnedSemaphorePermit) {
        self.reader.take(chunk, room);
        if self.rung == Rung::Watching {
            let before = self.deadline;
            self.allow();
            if self.reader.is_settled() {
                // What the launcher says at its end is no reason to wait longer for it.
                self.deadline = self.deadline.min(before);
            }
        }
    }

    /// Sets the deadline by which something must be heard, or the launcher must have ended.
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
            (true, Some(limit)) => format!("no rank said anything for {} s", limit.as_secs()),
            _ => format!("the program gave no sign of life within {} s", FIRST_LINE.as_secs()),
        })
    }

    /// Sends the launcher a signal, and allows it the time that this rung has.
    async fn signal(&mut self, head: &dyn Session, signal: &str) {
        (self.rung, self.deadline) = match signal {
            "TERM" => (Rung::Asked, Instant::now() + GRACE),
            _ => (Rung::Killed, Instant::now() + LAST_WORDS),
        };
        self.reader.tell(RunEvent::Phase { phase: RunPhase::Stopping });
        let command = Script::RUN_STOP.command(&[self.launch.run.as_str(), signal], Some(SHORT));
        // A head that does not answer is no reason to stop reading: the deadline goes on.
        let _ = timeout(LAST_WORDS, head.run(command)).await;
    }
}

/// The next piece of output, once there is room for it.
async fn next(room: &Arc<Semaphore>, arriving: &mut mpsc::Receiver<Chunk>) -> Option<(Chunk, OwnedSemaphorePermit)> {
    // Nobody closes it.
    let room = room.clone().acquire_owned().await.ok()?;
    Some((arriving.recv().await?, room))
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
