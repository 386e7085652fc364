//! The standard input of a program: what was typed here goes to the head, piece by piece, and is kept until it has arrived.

use std::collections::VecDeque;

use futures_util::future::BoxFuture;
use pictl_model::RunId;

use super::SHORT;
use crate::ports::{ExecError, Output, RemoteCommand, Session};
use crate::script::{Rights, Script};

/// Input that has not arrived on the head yet.
#[derive(Debug, Default)]
pub(super) struct Feed {
    waiting: VecDeque<Piece>,
    /// Bytes of all pieces so far.
    bytes: u64,
}

#[derive(Debug)]
struct Piece {
    /// What came before it.
    offset: u64,
    bytes: Vec<u8>,
    end: bool,
}

/// A piece on its way.
pub(super) type Sending = BoxFuture<'static, Result<Output, ExecError>>;

impl Feed {
    /// Takes more input in; `end`: nothing follows.
    pub(super) fn add(&mut self, bytes: Vec<u8>, end: bool) {
        let offset = self.bytes;
        self.bytes += bytes.len() as u64;
        self.waiting.push_back(Piece { offset, bytes, end });
    }

    /// Sends the next piece, if there is one.
    pub(super) fn send(&self, run: &RunId, head: &dyn Session) -> Option<Sending> {
        self.waiting.front().map(|piece| head.run(piece.command(run)))
    }

    /// The piece that was sent has arrived, or it cannot be taken: then nothing more is sent, for this reason.
    pub(super) fn sent(&mut self, output: &Output) -> Result<(), String> {
        if output.status == Some(0) {
            self.waiting.pop_front();
            return Ok(());
        }
        self.waiting.clear();
        Err(String::from_utf8_lossy(&output.err).trim().to_owned())
    }
}

impl Piece {
    /// Running it twice is running it once: the head knows how much it has.
    fn command(&self, run: &RunId) -> RemoteCommand {
        let (offset, size) = (self.offset.to_string(), self.bytes.len().to_string());
        let mut args = vec![run.as_str(), &offset, &size];
        args.extend(self.end.then_some("end"));
        Script::RUN_INPUT.with(&Rights::User, &args, &self.bytes, Some(SHORT))
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::io::Write as _;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use super::*;

    const RUN: &str = "20261120-102826-cat-7e48";
    /// Only ends what hangs.
    const LIMIT: Duration = Duration::from_secs(60);

    /// Runs the command as a node's shell does in this home; gives what it prints.
    fn on_node(home: &Path, command: &RemoteCommand) -> String {
        let mut child = Command::new("sh")
            .args(["-c", &command.line])
            .env("HOME", home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        // A script may end without having read all of it.
        let _ = child.stdin.take().expect("a pipe").write_all(&command.stdin);
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", command.line);
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// The launcher `words` in a fresh home, and its run's folder.
    fn started(words: &[&str], input: bool) -> (tempfile::TempDir, std::path::PathBuf) {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join(".pictl/runs").join(RUN);
        std::fs::create_dir_all(&folder).expect("a folder");
        if input {
            std::fs::write(folder.join("in"), "").expect("a file");
        }
        let args = [&[RUN, "0"], words].concat();
        on_node(home.path(), &Script::RUN_START.command(&args, None));
        (home, folder)
    }

    fn ended(home: &Path) -> String {
        let deadline = Instant::now() + LIMIT;
        loop {
            let end = on_node(home, &Script::RUN_END.command(&[RUN], None));
            if end != "running" {
                return end;
            }
            assert!(Instant::now() < deadline, "it still runs");
        }
    }

    fn piece(offset: u64, text: &str, end: bool) -> RemoteCommand {
        Piece { offset, bytes: text.into(), end }.command(&RUN.parse().expect("a run id"))
    }

    #[test]
    fn what_is_typed_reaches_the_launcher_in_order_and_once() {
        let (home, folder) = started(&["cat"], true);
        on_node(home.path(), &piece(0, "one\n", false));
        // The answer to the first was lost, so it comes again; then a part of it.
        on_node(home.path(), &piece(0, "one\n", false));
        on_node(home.path(), &piece(2, "e\ntwo\n", false));
        on_node(home.path(), &piece(8, "", true));
        assert_eq!(ended(home.path()), "rc 0");
        assert_eq!(std::fs::read_to_string(folder.join("out")).expect("its output"), "one\ntwo\n");
    }

    #[test]
    fn a_launcher_that_reads_nothing_ends_and_input_after_its_end_is_no_fault() {
        let (home, _) = started(&["true"], true);
        assert_eq!(ended(home.path()), "rc 0");
        on_node(home.path(), &piece(0, "late\n", true));
    }

    #[test]
    fn without_input_there_is_nothing_to_read() {
        let (home, folder) = started(&["cat"], false);
        assert_eq!(ended(home.path()), "rc 0");
        assert_eq!(std::fs::read_to_string(folder.join("out")).expect("its output"), "");
        assert_eq!(on_node(home.path(), &piece(0, "x", true)), "input");
    }
}
