//! A program without a terminal: its arguments and its input go in, its lines and its exit code come out.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;

use crate::LIMIT;
use crate::limits::deadline;

/// A running program. Dropping it ends the program.
pub struct Running {
    events: Receiver<Happened>,
    /// `None` once the program has been reaped: its number can belong to another process then.
    pid: Option<Pid>,
    status: Option<ExitStatus>,
    open_streams: u8,
    out: String,
    /// How far [`Running::wait_for_line`] has read the output.
    searched: usize,
    err: String,
}

enum Happened {
    Out(String),
    Err(String),
    /// Nobody has one of the streams open any more.
    Closed,
    Exited(ExitStatus),
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code, or the number of the signal that ended it as a negative number.
    pub code: i32,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Running {
    /// Starts `command` with `input` on its standard input.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start(mut command: Command, input: &str) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|e| panic!("{command:?} does not start: {e}"));
        let mut stdin = child.stdin.take().expect("a pipe");
        // A program that reads nothing can have ended already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let (sender, events) = mpsc::channel();
        follow(child.stdout.take().expect("a pipe"), sender.clone(), Happened::Out);
        follow(child.stderr.take().expect("a pipe"), sender.clone(), Happened::Err);
        let pid = Pid::from_raw(child.id().cast_signed());
        std::thread::spawn(move || child.wait().map(|status| sender.send(Happened::Exited(status))));
        Self { events, pid, status: None, open_streams: 2, out: String::new(), searched: 0, err: String::new() }
    }

    /// Starts `command` as a shell does that gives each job a process group, so that [`Running::signal_group`] is what
    /// Ctrl-C at a terminal is.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start_in_a_group(mut command: Command) -> Self {
        command.process_group(0);
        Self::start(command, "")
    }

    /// Its process id.
    ///
    /// # Panics
    ///
    /// When the program is gone.
    pub fn id(&self) -> i32 {
        self.pid.expect("the program runs").as_raw_nonzero().get()
    }

    /// Sends a signal to the program and all that it started in its group.
    ///
    /// # Panics
    ///
    /// When the program is gone.
    pub fn signal_group(&self, signal: Signal) {
        kill_process_group(self.pid.expect("the program runs"), signal).expect("the group takes signals");
    }

    /// Sends a signal to the program.
    ///
    /// # Panics
    ///
    /// When the program is gone.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid.expect("the program runs"), signal).expect("the program takes signals");
    }

    /// Waits until `text` is somewhere in the program's output or errors.
    ///
    /// # Panics
    ///
    /// When that does not happen within `limit`, with what the program said.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str, limit: Duration) {
        let deadline = deadline(limit);
        while !self.out.contains(text) && !self.err.contains(text) {
            assert!(self.next(deadline), "no {text:?} within {limit:?}\n{}{}", self.out, self.err);
        }
    }

    /// Waits for a line of output that is `wanted`, among those that no earlier call has read.
    ///
    /// # Panics
    ///
    /// When that does not come within `limit`, with what the program said.
    #[track_caller]
    pub fn wait_for_line(&mut self, what: &str, limit: Duration, mut wanted: impl FnMut(&str) -> bool) {
        let deadline = deadline(limit);
        loop {
            while let Some(length) = self.out[self.searched..].find('\n') {
                let line = self.searched..self.searched + length;
                self.searched = line.end + 1;
                if wanted(&self.out[line]) {
                    return;
                }
            }
            assert!(self.next(deadline), "no {what} within {limit:?}\n{}{}", self.out, self.err);
        }
    }

    /// Waits for the end of the program and of everything that holds its output.
    ///
    /// # Panics
    ///
    /// When that does not happen within `limit`, with what the program said.
    #[track_caller]
    pub fn wait_for_end(mut self, limit: Duration) -> Ended {
        let deadline = deadline(limit);
        loop {
            if let (Some(status), 0) = (self.status, self.open_streams) {
                let code = status.code().or_else(|| status.signal().map(|s| -s)).expect("a code or a signal");
                return Ended { code, out: std::mem::take(&mut self.out), err: std::mem::take(&mut self.err) };
            }
            let state = if self.status.is_some() { "it ended, its output stayed open" } else { "it did not end" };
            assert!(self.next(deadline), "{state} within {limit:?}\n{}{}", self.out, self.err);
        }
    }

    /// Takes in what happens next; false when nothing does before `deadline`.
    fn next(&mut self, deadline: Instant) -> bool {
        match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Happened::Out(line)) => self.out.push_str(&line),
            Ok(Happened::Err(line)) => self.err.push_str(&line),
            Ok(Happened::Closed) => self.open_streams -= 1,
            Ok(Happened::Exited(status)) => {
                self.pid = None;
                self.status = Some(status);
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
        }
        true
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(1);
        if let Some(pid) = self.pid {
            let _ = kill_process(pid, Signal::KILL);
        }
        while self.pid.is_some() && self.next(deadline) {}
    }
}

#[expect(clippy::return_self_not_must_use, reason = "a check is worth something by itself")]
impl Ended {
    /// Checks the exit code.
    ///
    /// # Panics
    ///
    /// When it is another one, with what the program said.
    #[track_caller]
    pub fn with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n{}{}", self.out, self.err);
        self
    }

    /// Checks that all of `texts` are in the program's output or its errors.
    ///
    /// # Panics
    ///
    /// When one is missing, with what the program said.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            let said = self.out.contains(text) || self.err.contains(text);
            assert!(said, "not said: {text:?}\n{}{}", self.out, self.err);
        }
        self
    }

    /// Its output as JSON, one value a line.
    ///
    /// # Panics
    ///
    /// When a line is none.
    #[track_caller]
    pub fn json(&self) -> Vec<Value> {
        let lines = self.out.lines();
        lines.map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }
}

/// Runs `command` to its end, with `input` on its standard input. Even a setup that installs packages takes less than its limit.
///
/// # Panics
///
/// When it takes longer.
#[track_caller]
pub fn run(command: Command, input: &str) -> Ended {
    Running::start(command, input).wait_for_end(5 * LIMIT)
}

/// Calls `find` again and again until it finds something. For events that nothing reports.
///
/// # Panics
///
/// When it finds nothing within `limit`.
#[track_caller]
pub fn eventually<T>(what: &str, limit: Duration, mut find: impl FnMut() -> Option<T>) -> T {
    let deadline = deadline(limit);
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn follow(stream: impl Read + Send + 'static, sender: Sender<Happened>, kind: fn(String) -> Happened) {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while let Ok(1..) = reader.read_until(b'\n', &mut line) {
            if sender.send(kind(String::from_utf8_lossy(&line).into_owned())).is_err() {
                return;
            }
            line.clear();
        }
        let _ = sender.send(Happened::Closed);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn input_goes_in_and_lines_and_code_come_out() {
        let ended = run(shell("read a; echo \"$a\"; echo no >&2; exit 7"), "hello\n").with(7).says(&["hello", "no"]);
        assert_eq!((ended.out.as_str(), ended.err.as_str()), ("hello\n", "no\n"));
    }

    #[test]
    fn lines_are_read_once() {
        let mut running = Running::start(shell("echo one; echo two; echo one"), "");
        let mut seen = Vec::new();
        for _ in 0..2 {
            running.wait_for_line("one", LIMIT, |line| {
                seen.push(line.to_owned());
                line == "one"
            });
        }
        assert_eq!(seen, ["one", "two", "one"]);
        running.wait_for_end(LIMIT).with(0);
    }

    #[test]
    fn a_signal_reaches_it_once_it_said_something() {
        let mut running = Running::start(shell("trap 'echo caught; exit 3' INT; echo ready; while :; do :; done"), "");
        running.wait_for("ready", LIMIT);
        running.signal(Signal::INT);
        running.wait_for_end(LIMIT).with(3).says(&["caught"]);
    }

    #[test]
    fn a_program_that_does_not_end_is_reported_and_ended() {
        let running = Running::start(shell("echo $$; exec sleep 100"), "");
        let pid = running.pid.unwrap();
        let failure = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            running.wait_for_end(Duration::from_millis(100));
        }));
        assert!(failure.unwrap_err().downcast_ref::<String>().unwrap().contains("it did not end"));
        assert!(rustix::process::test_kill_process(pid).is_err());
    }
}
