//! What waits beside the loop; each task reports its result as a message.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use pictl_formats::telemetry::SampleReader;
use pictl_formats::usage::{Usage, UsageReader};
use pictl_formats::{shell, sudo_rules};
use pictl_model::run::{RunEvent, Stream};
use pictl_model::step::StepId;
use pictl_model::text::{MAX_LINE, clean_bytes};
use pictl_model::{JobId, LeftOut, NodeId, RunId, Secret};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::driver::Message;
use crate::clock;
use crate::flow::{Allowance, Meter};
use crate::input::{BlinkNews, Input};
use crate::launch::{End, Launch, LaunchInput, News, Sessions};
use crate::lines::Lines;
use crate::payload::{self, OwnFile};
use crate::ports::{Chunk, ExecError, Output, RemoteCommand, ScanEnd, ScanError, ScanNews, Session};
use crate::remote::{self, RemoteError};
use crate::script::{Rights, Script};
use crate::setup::action::{Action, StepNews};
use crate::setup::executor::Executor;

/// A try of `sudo` is short, but a name that cannot be resolved makes it slow.
const SUDO: Duration = Duration::from_secs(30);
/// A node that is there answers at once.
const ANSWER: Duration = Duration::from_secs(3);
/// What a board needs besides to begin, and to put its LED back.
const BLINK_MORE: Duration = Duration::from_secs(10);
/// Bytes of its errors that are looked at.
const MAX_ERR: usize = 4096;
/// The board has no LED that could be switched.
const NO_LED: i32 = 4;
/// Switching it was not allowed.
const NOT_ALLOWED: i32 = 5;
/// Most pieces of a command's output that are read and not handled yet.
const ROOM: usize = 8;
/// Seconds between two readings of what ranks use.
const USAGE_INTERVAL: &str = "2";

/// Where messages go. The loop that is gone wants none.
type Inbox = UnboundedSender<Message>;

/// Passes on what a scan finds, and then how it ended.
pub(super) async fn scan(
    number: u64,
    scan: BoxFuture<'static, Result<ScanEnd, ScanError>>,
    mut news: UnboundedReceiver<ScanNews>,
    inbox: Inbox,
) {
    let forward = async {
        while let Some(news) = news.recv().await {
            let _ = inbox.send(Message::Scan { number, input: Input::Scan(news) });
        }
    };
    let (end, ()) = tokio::join!(scan, forward);
    let _ = inbox.send(Message::Scan { number, input: Input::ScanEnded(end) });
}

/// Does a step's actions, one after another.
pub(super) async fn perform(
    node: NodeId,
    step: StepId,
    actions: Vec<Action>,
    executor: Executor,
    mut news: UnboundedReceiver<StepNews>,
    inbox: Inbox,
) {
    // The executor goes with the work: its news end when the work does.
    let work = async move { executor.perform(step, &actions).await };
    let forward = async {
        while let Some(news) = news.recv().await {
            let _ = inbox.send(Message::Input(Input::StepNews { node: node.clone(), step, news }));
        }
    };
    let ((outcomes, result), ()) = tokio::join!(work, forward);
    let _ = inbox.send(Message::Input(Input::StepEnded { node, step, outcomes, result }));
}

/// Reads a node's sensors for as long as it is connected.
pub(super) async fn sample(session: Arc<dyn Session>, node: NodeId, inbox: Inbox) {
    let (chunks, mut arriving) = mpsc::channel(16);
    let sampling = session.stream(Script::SAMPLE.command(&["1"], None), chunks);
    let reading = async {
        let (mut lines, mut reader) = (Lines::default(), SampleReader::new(clock::now()));
        let mut meter = Meter::new(Allowance::NEWS);
        while let Some(chunk) = arriving.recv().await {
            let Chunk::Out(bytes) = chunk else { continue };
            lines.push(&bytes, |line| {
                // A node that sends far more readings than one a second is not asked again: a later one replaces these.
                if !meter.lets(line.len()) {
                    return;
                }
                if let Some(sample) = reader.line(&line, clock::now()) {
                    let _ = inbox.send(Message::Input(Input::Sampled { node: node.clone(), sample }));
                }
            });
            if let Some(LeftOut { lines: count, .. }) = meter.now_and_then() {
                let _ = inbox.send(Message::Input(Input::Dropped(count)));
            }
        }
    };
    let (ended, ()) = tokio::join!(sampling, reading);
    tracing::debug!(?ended, "sampler ended");
}

/// Passes on what a launch reports, the program's own bytes apart.
pub(super) async fn forward(run: RunId, mut news: UnboundedReceiver<News>, inbox: Inbox) {
    while let Some(news) = news.recv().await {
        let message = match news {
            News::Bytes(piece) => Message::Output(piece),
            news => Message::Input(Input::Run { run: run.clone(), news }),
        };
        let _ = inbox.send(message);
    }
}

/// Reads the user's own files and launches. What cannot be read ends it before anything is started.
pub(super) async fn launch(
    mut launch: Launch,
    program: String,
    files: Vec<OwnFile>,
    inputs: UnboundedReceiver<LaunchInput>,
    news: UnboundedSender<News>,
) {
    let read = tokio::task::spawn_blocking(move || payload::read(&program, &files)).await;
    let end = match read {
        Ok(Ok(files)) => {
            launch.files.extend(files);
            return crate::launch::go(launch, inputs, news).await;
        }
        Ok(Err(e)) => End { problem: Some(e.to_string()), hint: Some(e.hint().to_owned()), ..End::default() },
        Err(_) => End { problem: Some("reading the program's files was given up".into()), ..End::default() },
    };
    let _ = news.send(News::Over(end));
}

/// Reads what the processes of a run use, for as long as this is waited for.
pub(super) async fn usage(run: &RunId, ranks: usize, nodes: Sessions, inbox: Inbox) {
    let reading = nodes.into_iter().filter(|(node, _)| !node.is_operator()).map(|(_, session)| {
        let inbox = &inbox;
        async move {
            let (chunks, mut arriving) = mpsc::channel(16);
            let command = Script::RUN_USAGE.command(&[run.as_str(), USAGE_INTERVAL], None);
            let reading = async {
                let (mut lines, mut reader) = (Lines::default(), UsageReader::default());
                let mut meter = Meter::new(Allowance::NEWS.times(ranks));
                while let Some(chunk) = arriving.recv().await {
                    let Chunk::Out(bytes) = chunk else { continue };
                    lines.push(&bytes, |line| {
                        if !meter.lets(line.len()) {
                            return;
                        }
                        if let Some(Usage { rank, cpu, memory_kib }) = reader.line(&line) {
                            let news = News::Event(RunEvent::Usage { rank, cpu, memory_kib });
                            let _ = inbox.send(Message::Input(Input::Run { run: run.clone(), news }));
                        }
                    });
                    if let Some(LeftOut { lines: count, .. }) = meter.now_and_then() {
                        let _ = inbox.send(Message::Input(Input::Dropped(count)));
                    }
                }
            };
            let (ended, ()) = tokio::join!(session.stream(command, chunks), reading);
            tracing::debug!(?ended, "reading of what ranks use ended");
        }
    });
    join_all(reading).await;
    std::future::pending::<()>().await;
}

/// A command of the user on one node.
pub(super) struct Command {
    pub(super) job: JobId,
    pub(super) node: NodeId,
    pub(super) line: String,
    pub(super) limit: Option<Duration>,
    /// Asks it to end.
    pub(super) stop: CancellationToken,
    /// How much of its output is taken in.
    pub(super) allowance: Allowance,
}

/// Runs a command and passes on its lines, as far as they are taken in.
pub(super) async fn exec(session: Arc<dyn Session>, command: Command, inbox: Inbox) {
    let Command { job, node, line, limit, stop, allowance } = command;
    let (chunks, mut arriving) = mpsc::channel(64);
    let send = |input| {
        let _ = inbox.send(Message::Input(input));
    };
    let reading = async {
        let room = Arc::new(Semaphore::new(ROOM));
        let (mut out, mut err, mut meter) = (Lines::default(), Lines::default(), Meter::new(allowance));
        let line = |meter: &mut Meter, stream, line: String| {
            if meter.lets(line.len()) {
                send(Input::ExecLine { job, node: node.clone(), stream, line });
            }
        };
        let report = |left_out: Option<LeftOut>| {
            if let Some(left_out) = left_out {
                send(Input::ExecOmitted { job, node: node.clone(), left_out });
            }
        };
        while let Some(chunk) = arriving.recv().await {
            // While too many pieces wait to be handled, no more is read. Nobody closes the semaphore.
            let Ok(room) = Arc::clone(&room).acquire_owned().await else { break };
            match chunk {
                Chunk::Out(bytes) => out.push(&bytes, |text| line(&mut meter, Stream::Out, text)),
                Chunk::Err(bytes) => err.push(&bytes, |text| line(&mut meter, Stream::Err, text)),
            }
            meter.cut(out.cut() + err.cut());
            report(meter.now_and_then());
            let _ = inbox.send(Message::Room(room));
        }
        out.finish().into_iter().for_each(|text| line(&mut meter, Stream::Out, text));
        err.finish().into_iter().for_each(|text| line(&mut meter, Stream::Err, text));
        report(meter.rest());
    };
    let command = Script::EXEC.command(&[&line], limit);
    let (ended, ()) = tokio::join!(session.attend(command, chunks, stop), reading);
    let result = match ended {
        Ok(output) => match output.signal {
            Some(signal) => Err(format!("ended by signal {signal}")),
            None => Ok(output.status),
        },
        Err(e @ (ExecError::NotBegun(_) | ExecError::NoChannel { .. })) => {
            let e = RemoteError::from(e);
            Err(format!("{}; {}", e.message, e.hint))
        }
        Err(e @ (ExecError::TimedOut(_) | ExecError::Stopped)) => Err(format!("{e}; it was ended there")),
        Err(e) => Err(e.to_string()),
    };
    send(Input::ExecEnded { job, node, result });
}

/// Lets a board's LED blink. When this is dropped the channel is closed, and the board puts its LED back.
pub(super) async fn blink(
    session: Arc<dyn Session>,
    job: JobId,
    node: NodeId,
    time: Duration,
    rights: Rights,
    inbox: Inbox,
) {
    let report = |news| {
        let _ = inbox.send(Message::Input(Input::Blink { job, node: node.clone(), news }));
    };
    if let Rights::SudoWith(password) = &rights {
        match try_sudo(&*session, password.clone()).await {
            Err(e) if !e.connection => return report(BlinkNews::NoSudo(e)),
            _ => {}
        }
    }
    let seconds = time.as_secs().to_string();
    let command = Script::IDENTIFY.with(&rights, &[&seconds], &[], Some(time + BLINK_MORE));
    // The same line comes again and again, as a sign of life.
    let mut blinks = false;
    let ended = remote::by_line(&*session, command, MAX_ERR, |line| {
        if line.starts_with("blinking ") && !std::mem::replace(&mut blinks, true) {
            report(BlinkNews::Began);
        }
    });
    report(BlinkNews::Ended(blink_result(ended.await)));
}

fn blink_result(ended: Result<Output, ExecError>) -> Result<(), RemoteError> {
    let output = ended?;
    let hint = match output.status {
        Some(0) => return Ok(()),
        Some(NO_LED) => "find it by its address, or unplug its cable and see who is gone",
        Some(NOT_ALLOWED) => "let this user use sudo on the node, or log in as root",
        _ => return Err(remote::failure(&output)),
    };
    // sudo may have warned before.
    let last = output.err.trim_ascii_end().rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
    Err(RemoteError::new(clean_bytes(last, MAX_LINE), hint))
}

/// Whether a node still answers by its connection.
pub(super) async fn answers(session: &dyn Session) -> bool {
    let command = RemoteCommand {
        line: "true".to_owned(),
        script: false,
        stdin: Zeroizing::default(),
        limit: Some(ANSWER),
        max_output: 0,
    };
    session.run(command).await.is_ok()
}

/// Tries a password for `sudo`, with the program that all scripts are for: rules can differ from command to command.
pub(super) async fn try_sudo(session: &dyn Session, password: Secret) -> Result<(), RemoteError> {
    let mut stdin = Zeroizing::new(password.expose().as_bytes().to_vec());
    stdin.push(b'\n');
    let line = format!("sudo -k -S -H -p {} /bin/sh -c :", shell::quote(sudo_rules::PROMPT));
    let command = RemoteCommand { line, script: true, stdin, limit: Some(SUDO), max_output: 4096 };
    remote::run(session, command).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_says_itself_why_it_does_not_blink() {
        let ended = |status, err: &str| {
            blink_result(Ok(Output { status: Some(status), err: err.into(), ..Output::default() }))
                .map_err(|e| (e.message, e.hint))
        };
        assert_eq!(ended(0, "sudo: unable to resolve host pi01\n"), Ok(()));
        let (message, hint) =
            ended(4, "sudo: unable to resolve host\nthis board has no LED that can be switched\n").expect_err("no LED");
        assert_eq!(message, "this board has no LED that can be switched");
        assert!(hint.contains("cable"), "{hint}");
        let (message, hint) = ended(5, "switching the LED needs root: \x1b[31mno\n").expect_err("no root");
        assert_eq!(message, "switching the LED needs root: no");
        assert!(hint.contains("sudo"), "{hint}");
        assert_eq!(ended(1, "").expect_err("unknown").0, "exit status 1");
        let lost = blink_result(Err(ExecError::Lost("gone".into()))).expect_err("lost");
        assert!(lost.connection);
    }
}
