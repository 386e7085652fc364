//! One command on one channel.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use pictl_engine::ports::{BEAT, ENDING, ExecError, NotBegun, Output, RemoteCommand};
use pictl_formats::shell;
use pictl_model::text::clean;
use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use tokio::sync::oneshot;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::opening::Opening;
use super::shared::Shared;
use super::sink::{Sink, Stream};

/// Time to close a channel.
const HANG_UP: Duration = Duration::from_secs(5);

/// How long the last output of a command that was asked to end is passed on.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

/// How long the channel of a script that has ended may stay open in silence. What a start file of the login shell left running
/// holds it open.
const LINGER: Duration = Duration::from_secs(5);

/// The extended data that is standard error (RFC 4254, 5.2).
const STDERR: u32 = 1;

/// Runs `command` to its end. With `attended`, its standard input stays open until then, or until it is to end: at its limit,
/// or when `attended` fires. A dropped [`Channel`] stays open on the host, so a task of its own owns it, and closes it when this
/// future is dropped.
pub(super) async fn execute(
    shared: Arc<Shared>,
    command: RemoteCommand,
    sink: Sink,
    attended: Option<CancellationToken>,
) -> Result<Output, ExecError> {
    let stop = CancellationToken::new();
    let _dropped = stop.clone().drop_guard();
    let (sender, receiver) = oneshot::channel();
    let asked = attended.map(|stop| Asked::new(command.limit, stop));
    tokio::spawn(drive(shared, command, sink, asked, stop, sender));
    receiver.await.unwrap_or_else(|_| Err(ExecError::Lost("the runtime is shutting down".into())))
}

/// A time limit of a command, and when it has passed.
#[derive(Clone, Copy)]
struct Limit {
    length: Duration,
    at: Instant,
}

impl Limit {
    fn from_now(length: Duration) -> Self {
        Self { length, at: Instant::now() + length }
    }
}

/// Resolves when the limit has passed, with its length; never without one.
async fn over(limit: Option<Limit>) -> Duration {
    let Some(limit) = limit else { return pending().await };
    sleep_until(limit.at).await;
    limit.length
}

/// When an attended command is asked to end.
#[derive(Clone)]
struct Asked {
    limit: Option<Limit>,
    stop: CancellationToken,
}

impl Asked {
    fn new(limit: Option<Duration>, stop: CancellationToken) -> Self {
        Self { limit: limit.map(Limit::from_now), stop }
    }

    /// Resolves when it is, with the reason.
    async fn ended(self) -> ExecError {
        tokio::select! {
            limit = over(self.limit) => ExecError::TimedOut(limit),
            () = self.stop.cancelled() => ExecError::Stopped,
        }
    }

    /// Resolves when it was and the host had the time for it.
    async fn in_vain(self) -> ExecError {
        let why = self.ended().await;
        sleep(ENDING).await;
        ExecError::Unconfirmed(why.to_string())
    }
}

async fn drive(
    shared: Arc<Shared>,
    command: RemoteCommand,
    sink: Sink,
    asked: Option<Asked>,
    stop: CancellationToken,
    sender: oneshot::Sender<Result<Output, ExecError>>,
) {
    let (limit, last) = (command.limit.map(Limit::from_now), asked.clone());
    let patience = async {
        match last {
            Some(asked) => asked.in_vain().await,
            None => ExecError::TimedOut(over(limit).await),
        }
    };
    let mut interruption = pin!(interruption(&shared, patience, &stop));
    // What has not begun need not be ended.
    let mut unwanted = pin!(asked_to_end(asked.clone()));

    // The limit includes the time to wait for a free channel.
    let _slot = tokio::select! {
        slot = Arc::clone(&shared.slots).acquire_owned() => slot,
        why = &mut interruption => return drop(sender.send(Err(why))),
        why = &mut unwanted => return drop(sender.send(Err(why))),
    };

    let mut opening = pin!(open(&shared));
    let channel = tokio::select! {
        channel = &mut opening => channel,
        why = async { tokio::select! { why = &mut interruption => why, why = &mut unwanted => why } } => {
            let _ = sender.send(Err(why));
            // The host may still open it, and it would stay open.
            if let Ok(Ok(channel)) = timeout(HANG_UP, opening).await {
                let (mut reader, writer) = channel.split();
                hang_up(&mut reader, &writer).await;
            }
            return;
        }
    };
    let (mut reader, writer) = match channel.map(Channel::split) {
        Ok(halves) => halves,
        Err(russh::Error::ChannelOpenFailure(why)) => {
            let _ = sender.send(Err(ExecError::NoChannel { why: format!("{why:?}"), others: shared.others() }));
            return;
        }
        Err(_) => {
            let _ = sender.send(Err(ExecError::Lost(shared.why_lost().await)));
            return;
        }
    };

    let mut opening = Opening::of(command.script);
    let end = tokio::select! {
        end = converse(&shared, command, sink, asked, &mut opening, &mut reader, &writer) => end,
        why = &mut interruption => End { result: Err(why), open: true },
    };
    let result = match end.result {
        Err(ExecError::TimedOut(limit)) if !opening.begun() => {
            Err(ExecError::NotBegun(NotBegun { printed: opening.printed(), status: None, waited: Some(limit) }))
        }
        result => result,
    };
    let _ = sender.send(result);
    if end.open {
        hang_up(&mut reader, &writer).await;
    }
}

/// Opens a channel, with attempts for about a second: sshd counts a session for a moment after its channel has
/// closed, so that the next one may exceed its MaxSessions.
async fn open(shared: &Shared) -> Result<Channel<Msg>, russh::Error> {
    let mut pause = Duration::from_millis(5);
    loop {
        match shared.handle.channel_open_session().await {
            Err(russh::Error::ChannelOpenFailure(_)) if pause < Duration::from_secs(1) => {
                sleep(pause).await;
                pause *= 2;
            }
            settled => return settled,
        }
    }
}

/// Resolves when the command must not go on: there is no more `patience`, its caller is gone, or the session closes.
async fn interruption(
    shared: &Shared,
    patience: impl Future<Output = ExecError>,
    stop: &CancellationToken,
) -> ExecError {
    tokio::select! {
        why = patience => why,
        () = stop.cancelled() => ExecError::Lost("given up".into()),
        () = shared.closing.cancelled() => ExecError::Lost("closed".into()),
    }
}

/// How a command ended, and whether its channel is still open.
struct End {
    result: Result<Output, ExecError>,
    open: bool,
}

/// Starts the command, sends its input, and reads until the host closes the channel: data may follow the exit status
/// and even the end-of-file mark.
async fn converse(
    shared: &Shared,
    command: RemoteCommand,
    mut sink: Sink,
    asked: Option<Asked>,
    opening: &mut Opening,
    reader: &mut ChannelReadHalf,
    writer: &ChannelWriteHalf<Msg>,
) -> End {
    let mut status = None;
    let mut signal = None;
    let script = command.script;
    let line = if script { shell::carry("pictl", &command.line) } else { command.line };
    if writer.exec(true, line).await.is_err() {
        return End { result: Err(ExecError::Lost(shared.why_lost().await)), open: false };
    }
    let at_once = command.stdin.is_empty() && asked.is_none();
    // What has not begun has nothing that reads its input, and so would not notice that it is to end.
    let mut unwanted = pin!(asked_to_end(asked.clone()));
    let mut fed = false;
    // Why it was asked to end.
    let mut ended = None;
    // A command that ends without reading all of its input is not an error: its own result counts. Our copy of the
    // input is wiped, the copies of russh are not.
    let mut feed = pin!(async {
        let fed = writer.data(&command.stdin[..]).await.is_ok();
        let why = match asked {
            Some(asked) => Some(tokio::select! {
                why = asked.ended() => why,
                why = keep_alive(writer) => why,
            }),
            None => None,
        };
        if fed {
            let _ = writer.eof().await;
        }
        why
    });
    loop {
        let message = tokio::select! {
            // A shell that start files put in the place of the login shell would execute what it reads.
            why = &mut feed, if !fed && (at_once || opening.begun()) => {
                (fed, ended) = (true, why);
                continue;
            }
            why = &mut unwanted, if !opening.begun() => return End { result: Err(why), open: true },
            handed_on = sink.hand_on() => match handed_on {
                Ok(()) => continue,
                Err(_) => return End { result: Ok(Output { status, signal, ..Output::default() }), open: true },
            },
            // Its end must not wait behind what nobody has read yet.
            message = next(reader, script && status.is_some()), if sink.has_room() || ended.is_some() => message,
        };
        let lingers = message.is_err();
        match message.unwrap_or(Some(ChannelMsg::Close)) {
            Some(ChannelMsg::Data { .. } | ChannelMsg::ExtendedData { .. }) if !sink.has_room() => {}
            Some(ChannelMsg::Data { data }) => pass(&mut sink, opening, Stream::Out, &data),
            Some(ChannelMsg::ExtendedData { data, ext: STDERR }) => pass(&mut sink, opening, Stream::Err, &data),
            Some(ChannelMsg::ExitStatus { exit_status }) => status = Some(exit_status.cast_signed()),
            Some(ChannelMsg::ExitSignal { signal_name, .. }) => signal = Some(name(&signal_name)),
            Some(ChannelMsg::Failure) => {
                let why = ExecError::Denied("it refused to execute anything".into());
                return End { result: Err(why), open: true };
            }
            Some(ChannelMsg::Close) => {
                if let Some(why) = ended {
                    let _ = timeout(LAST_OUTPUT, sink.finish()).await;
                    return End { result: Err(why), open: lingers };
                }
                let output = Output { status, signal, ..sink.finish().await };
                let result = opening.failure(&output).map_or(Ok(output), |shell| Err(ExecError::NotBegun(shell)));
                return End { result, open: lingers };
            }
            Some(_) => {}
            None => return End { result: Err(ExecError::Lost(shared.why_lost().await)), open: false },
        }
    }
}

/// The next message; an error when it is over and only its channel lingers.
async fn next(reader: &mut ChannelReadHalf, over: bool) -> Result<Option<ChannelMsg>, Elapsed> {
    if over { timeout(LINGER, reader.wait()).await } else { Ok(reader.wait().await) }
}

/// Resolves when an attended command is asked to end; never for others.
async fn asked_to_end(asked: Option<Asked>) -> ExecError {
    match asked {
        Some(asked) => asked.ended().await,
        None => pending().await,
    }
}

/// Shows an attended command that somebody is here, for as long as this is waited for.
async fn keep_alive(writer: &ChannelWriteHalf<Msg>) -> ExecError {
    loop {
        sleep(BEAT).await;
        // A connection that is gone shows elsewhere.
        let _ = writer.data(&b"."[..]).await;
    }
}

/// What of a piece is output of the command.
fn pass(sink: &mut Sink, opening: &mut Opening, stream: Stream, piece: &[u8]) {
    let piece = opening.take(stream, piece);
    if !piece.is_empty() {
        sink.take(stream, &piece);
    }
}

/// Closes the channel. russh forgets it at once, so the close of the host is not seen any more.
async fn hang_up(reader: &mut ChannelReadHalf, writer: &ChannelWriteHalf<Msg>) {
    // Reading goes on meanwhile: a full channel would block the connection, and with it this message.
    let read_on = async { while reader.wait().await.is_some() {} };
    tokio::select! {
        _ = writer.close() => {}
        () = read_on => {}
        () = sleep(HANG_UP) => {}
    }
}

/// A signal's name without `SIG`.
fn name(signal: &Sig) -> String {
    match signal {
        Sig::Custom(name) => clean(name, 32),
        known => format!("{known:?}"),
    }
}
