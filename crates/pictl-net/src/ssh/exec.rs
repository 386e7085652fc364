//! One command on one channel.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use pictl_engine::ports::{ExecError, NotBegun, Output, RemoteCommand};
use pictl_formats::shell;
use pictl_model::text::clean;
use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::opening::Opening;
use super::shared::Shared;
use super::sink::{Sink, Stream};

/// Time to close a channel.
const HANG_UP: Duration = Duration::from_secs(5);

/// The extended data that is standard error (RFC 4254, 5.2).
const STDERR: u32 = 1;

/// Runs `command` to its end. A dropped [`Channel`] stays open on the host, so a task of its own owns it, and closes it
/// when this future is dropped.
pub(super) async fn execute(shared: Arc<Shared>, command: RemoteCommand, sink: Sink) -> Result<Output, ExecError> {
    let stop = CancellationToken::new();
    let _dropped = stop.clone().drop_guard();
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(drive(shared, command, sink, stop, sender));
    receiver.await.unwrap_or_else(|_| Err(ExecError::Lost("the runtime is shutting down".into())))
}

async fn drive(
    shared: Arc<Shared>,
    command: RemoteCommand,
    sink: Sink,
    stop: CancellationToken,
    sender: oneshot::Sender<Result<Output, ExecError>>,
) {
    let mut interruption = pin!(interruption(&shared, command.limit, &stop));

    // The limit includes the time to wait for a free channel.
    let _slot = tokio::select! {
        slot = Arc::clone(&shared.slots).acquire_owned() => slot,
        why = &mut interruption => {
            let _ = sender.send(Err(why));
            return;
        }
    };

    let mut opening = pin!(open(&shared));
    let channel = tokio::select! {
        channel = &mut opening => channel,
        why = &mut interruption => {
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
        end = converse(&shared, command, sink, &mut opening, &mut reader, &writer) => Ok(end),
        why = &mut interruption => Err(why),
    };
    let end = end.unwrap_or_else(|why| {
        let result = match why {
            ExecError::TimedOut(limit) if !opening.begun() => {
                Err(ExecError::NotBegun(NotBegun { printed: opening.printed(), status: None, waited: Some(limit) }))
            }
            why => Err(why),
        };
        End { result, open: true }
    });
    let _ = sender.send(end.result);
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
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            settled => return settled,
        }
    }
}

/// Resolves when the command must not go on: its limit is over, its caller is gone, or the session closes.
async fn interruption(shared: &Shared, limit: Option<Duration>, stop: &CancellationToken) -> ExecError {
    let over = async {
        match limit {
            Some(limit) => {
                tokio::time::sleep(limit).await;
                limit
            }
            None => pending().await,
        }
    };
    tokio::select! {
        limit = over => ExecError::TimedOut(limit),
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
    opening: &mut Opening,
    reader: &mut ChannelReadHalf,
    writer: &ChannelWriteHalf<Msg>,
) -> End {
    let mut status = None;
    let mut signal = None;
    let line = if command.script { shell::carry("pictl", &command.line) } else { command.line };
    if writer.exec(true, line).await.is_err() {
        return End { result: Err(ExecError::Lost(shared.why_lost().await)), open: false };
    }
    let (mut fed, no_input) = (false, command.stdin.is_empty());
    // A command that ends without reading all of its input is not an error: its own result counts. Our copy of the
    // input is wiped, the copies of russh are not.
    let mut feed = pin!(async {
        if writer.data(&command.stdin[..]).await.is_ok() {
            let _ = writer.eof().await;
        }
    });
    loop {
        let message = tokio::select! {
            // A shell that start files put in the place of the login shell would execute what it reads.
            () = &mut feed, if !fed && (no_input || opening.begun()) => {
                fed = true;
                continue;
            }
            handed_on = sink.hand_on() => match handed_on {
                Ok(()) => continue,
                Err(_) => return End { result: Ok(Output { status, signal, ..Output::default() }), open: true },
            },
            message = reader.wait(), if sink.has_room() => message,
        };
        match message {
            Some(ChannelMsg::Data { data }) => pass(&mut sink, opening, Stream::Out, &data),
            Some(ChannelMsg::ExtendedData { data, ext: STDERR }) => pass(&mut sink, opening, Stream::Err, &data),
            Some(ChannelMsg::ExitStatus { exit_status }) => status = Some(exit_status.cast_signed()),
            Some(ChannelMsg::ExitSignal { signal_name, .. }) => signal = Some(name(&signal_name)),
            Some(ChannelMsg::Failure) => {
                let why = ExecError::Denied("it refused to execute anything".into());
                return End { result: Err(why), open: true };
            }
            Some(ChannelMsg::Close) => {
                let output = Output { status, signal, ..sink.finish().await };
                let result = opening.failure(&output).map_or(Ok(output), |shell| Err(ExecError::NotBegun(shell)));
                return End { result, open: false };
            }
            Some(_) => {}
            None => return End { result: Err(ExecError::Lost(shared.why_lost().await)), open: false },
        }
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
        () = tokio::time::sleep(HANG_UP) => {}
    }
}

/// A signal's name without `SIG`.
fn name(signal: &Sig) -> String {
    match signal {
        Sig::Custom(name) => clean(name, 32),
        known => format!("{known:?}"),
    }
}
