//! Commands on this machine, for runs whose launcher is here: no socket, the same scripts, the same [`Session`].

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, pending};
use pictl_engine::ports::{Chunk, ExecError, Loss, Output, RemoteCommand, Session};
use pictl_model::link::LoginMethod;
use pictl_model::trust::HostKey;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Bytes read at once.
const PIECE: usize = 32 << 10;

/// This machine, as the user that pictl runs as.
#[derive(Clone, Debug, Default)]
pub struct Local {
    closing: CancellationToken,
}

impl Session for Local {
    /// No key: there is no network in between.
    fn host_key(&self) -> HostKey {
        HostKey { algorithm: "none".into(), base64: String::new() }
    }

    fn logged_in_by(&self) -> LoginMethod {
        LoginMethod::Operator
    }

    fn run(&self, command: RemoteCommand) -> BoxFuture<'static, Result<Output, ExecError>> {
        let to = Target::Keep(command.max_output);
        execute(command, to, self.closing.clone()).boxed()
    }

    fn stream(
        &self,
        command: RemoteCommand,
        chunks: mpsc::Sender<Chunk>,
    ) -> BoxFuture<'static, Result<Output, ExecError>> {
        execute(command, Target::HandOn(chunks), self.closing.clone()).boxed()
    }

    fn lost(&self) -> BoxFuture<'static, Loss> {
        let closing = self.closing.clone();
        async move {
            closing.cancelled().await;
            Loss::closed()
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        self.closing.cancel();
        async {}.boxed()
    }
}

/// The destination of output.
enum Target {
    /// Stored: the first bytes of each stream, up to this number.
    Keep(usize),
    /// Passed on.
    HandOn(mpsc::Sender<Chunk>),
}

/// A command and all that it started in its process group, which is killed when this value is dropped, unless the
/// command has ended by itself. What it put into sessions of their own, as a launcher does, goes on.
struct Group {
    child: Child,
    ended: bool,
}

impl Group {
    async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        let status = self.child.wait().await;
        self.ended = true;
        status
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if !self.ended
            && let Some(pid) = self.child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()))
        {
            // An error means that it is gone already.
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }
}

async fn execute(command: RemoteCommand, to: Target, closing: CancellationToken) -> Result<Output, ExecError> {
    let RemoteCommand { line, stdin, limit, .. } = command;
    let mut sh = Command::new("sh");
    sh.arg("-c").arg(&line).kill_on_drop(true);
    sh.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Ctrl-C at the terminal is for pictl alone, which ends the rest in an orderly way.
    #[cfg(unix)]
    sh.process_group(0);
    let child = sh.spawn().map_err(|e| ExecError::Denied(format!("sh cannot be started here: {e}")))?;
    let mut group = Group { child, ended: false };
    let (input, out, err) = (group.child.stdin.take(), group.child.stdout.take(), group.child.stderr.take());
    let feed = async {
        if let Some(mut input) = input {
            // A command that ends without reading all of its input is not an error: its own result counts.
            let _ = input.write_all(&stdin).await;
        }
    };
    let unread = async {
        match &to {
            Target::Keep(_) => pending().await,
            Target::HandOn(chunks) => chunks.closed().await,
        }
    };
    let work = async {
        let ((), out, err) = tokio::join!(feed, pump(out, &to, Chunk::Out), pump(err, &to, Chunk::Err));
        let status = group.wait().await.map_err(|e| ExecError::Lost(e.to_string()))?;
        Ok(Output { status: status.code(), signal: signal(status), truncated: out.1 || err.1, out: out.0, err: err.0 })
    };
    tokio::select! {
        output = work => output,
        () = unread => Ok(Output::default()),
        limit = over(limit) => Err(ExecError::TimedOut(limit)),
        () = closing.cancelled() => Err(ExecError::Lost("closed".into())),
    }
}

async fn over(limit: Option<Duration>) -> Duration {
    match limit {
        Some(limit) => {
            tokio::time::sleep(limit).await;
            limit
        }
        None => pending().await,
    }
}

/// Reads a stream to its end; returns what was stored of it, and whether that is not all.
async fn pump(from: Option<impl AsyncRead + Unpin>, to: &Target, chunk: fn(Vec<u8>) -> Chunk) -> (Vec<u8>, bool) {
    let (mut kept, mut truncated) = (Vec::new(), false);
    let Some(mut from) = from else { return (kept, truncated) };
    let mut piece = vec![0; PIECE];
    // A pipe that cannot be read any more is at its end.
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        match to {
            Target::Keep(most) => {
                let room = most.saturating_sub(kept.len()).min(read);
                kept.extend_from_slice(&piece[..room]);
                truncated |= room < read;
            }
            Target::HandOn(chunks) => {
                if chunks.send(chunk(piece[..read].to_vec())).await.is_err() {
                    break;
                }
            }
        }
    }
    (kept, truncated)
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<String> {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal().map(|number| number.to_string())
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<String> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn command(line: &str, stdin: &str, limit: Option<Duration>) -> RemoteCommand {
        let stdin = Zeroizing::new(stdin.as_bytes().to_vec());
        RemoteCommand { line: line.into(), script: true, stdin, limit, max_output: 10 }
    }

    fn is_alive(pid: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        // A process that was killed and not reaped yet does not count.
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| !rest.trim().is_empty() && !rest.trim_start().starts_with(['Z', 'X']))
    }

    async fn until_gone(pid: &str) {
        while is_alive(pid) {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_command_gets_its_input_and_its_output_is_kept_up_to_a_bound() {
        let output = Local::default().run(command("cat; echo 12345678901234 >&2; exit 3", "in\n", None)).await.unwrap();
        assert_eq!((output.status, output.out.as_slice(), output.truncated), (Some(3), &b"in\n"[..], true));
        assert_eq!(output.err, b"1234567890");
        let killed = Local::default().run(command("kill -9 $$", "", None)).await.unwrap();
        assert_eq!((killed.status, killed.signal.as_deref()), (None, Some("9")));
    }

    #[tokio::test]
    async fn a_limit_ends_the_command_and_what_it_started() {
        let dir = tempfile::tempdir().unwrap();
        let line = format!("sleep 100 & echo $! >{}/pid; wait", dir.path().display());
        let limit = Duration::from_secs(3600);
        let running = tokio::spawn(Local::default().run(command(&line, "", Some(limit))));
        let pid = loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let pid = std::fs::read_to_string(dir.path().join("pid")).unwrap_or_default();
            if pid.ends_with('\n') {
                break pid;
            }
        };
        // The command says nothing more, so the clock goes on to its limit at once.
        tokio::time::pause();
        let error = running.await.unwrap().unwrap_err();
        tokio::time::resume();
        assert!(matches!(error, ExecError::TimedOut(l) if l == limit), "{error}");
        until_gone(&pid).await;
    }

    #[tokio::test]
    async fn a_stream_ends_with_its_reader_and_with_the_session() {
        for close in [false, true] {
            let local = Local::default();
            let (chunks, mut arriving) = mpsc::channel(1);
            let stream = tokio::spawn(local.stream(command("sleep 100 & echo $!; wait", "", None), chunks));
            let Some(Chunk::Out(pid)) = arriving.recv().await else { panic!("no pid") };
            let pid = String::from_utf8(pid).unwrap();
            assert!(is_alive(&pid));
            if close {
                local.close().await;
                assert_eq!(local.lost().await, Loss::closed());
                assert!(matches!(stream.await.unwrap(), Err(ExecError::Lost(_))));
            } else {
                drop(arriving);
                assert!(stream.await.unwrap().is_ok());
            }
            until_gone(&pid).await;
        }
    }

    #[tokio::test]
    async fn what_is_in_a_session_of_its_own_outlives_a_command_that_ended() {
        let line = "setsid sleep 100 >/dev/null 2>&1 & echo $!";
        let output = Local::default().run(command(line, "", None)).await.unwrap();
        let pid = String::from_utf8(output.out).unwrap();
        assert!(is_alive(&pid));
        Local::default().run(command(&format!("kill {pid}"), "", None)).await.unwrap();
        until_gone(&pid).await;
    }
}
