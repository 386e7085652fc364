//! What is done on one node by one script: reading it, and writing a file. What a script's failure means.

use std::time::Duration;

use pictl_formats::facts::{FileKind, NodeReading};
use pictl_formats::{hash, login_shell, sudo_rules};
use pictl_model::text::clean_bytes;
use pictl_model::{MpiPrefix, Timestamp};
use thiserror::Error;
use tokio::sync::mpsc;

use crate::flow::{Allowance, Meter};
use crate::lines::Lines;
use crate::ports::{Chunk, ExecError, Output, RemoteCommand, Session};
use crate::script::{Rights, Script};

/// For scripts that only touch a few files.
pub(crate) const SHORT: Duration = Duration::from_secs(60);

/// A file of more bytes than this is sent only when the node does not have it already: asking takes less time.
const WORTH_ASKING: usize = 1 << 20;

/// A file to be written on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutFile {
    /// Which of the known files it is, so that the reading can be kept up to date.
    pub kind: Option<FileKind>,
    /// Where, absolute or from `~/`.
    pub path: String,
    /// Its mode.
    pub mode: u32,
    /// Its content.
    pub content: Vec<u8>,
    /// Hash of what must be there now (`-`: nothing); `None`: anything.
    pub expect: Option<String>,
    /// Where the old content goes first, below the login's home; `None`: nowhere.
    pub backup: Option<String>,
    /// Written with root's rights.
    pub root: bool,
}

impl PutFile {
    /// A file of pictl or of a program, written with the login user's rights. It replaces what is there.
    pub fn new(path: String, mode: u32, content: Vec<u8>) -> Self {
        Self { kind: None, path, mode, content, expect: None, backup: None, root: false }
    }
}

/// Why something could not be done on a node.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct RemoteError {
    /// What went wrong, in one line.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// The connection failed: another attempt makes sense once it is back.
    pub connection: bool,
    /// A file was changed by somebody else since it was read: another attempt makes sense after another reading.
    pub outdated: bool,
    /// The command was not followed to its end.
    pub unfollowed: bool,
}

impl RemoteError {
    /// A failure, and what to do about it.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), connection: false, outdated: false, unfollowed: false }
    }
}

impl From<ExecError> for RemoteError {
    fn from(e: ExecError) -> Self {
        let connection = matches!(e, ExecError::Lost(_));
        let hint = match &e {
            ExecError::Lost(_) => "check power and cable of the node, then run the setup again".to_owned(),
            ExecError::NotBegun(shell) => login_shell::hint(&shell.printed, shell.status),
            ExecError::NoChannel { .. } => {
                "sshd on the node allows too few sessions a connection: set `MaxSessions 10` (its default) in \
                 /etc/ssh/sshd_config there, and reload ssh"
                    .to_owned()
            }
            ExecError::TimedOut(_)
            | ExecError::Stopped
            | ExecError::Unconfirmed(_)
            | ExecError::Denied(_)
            | ExecError::NotForwarded { .. } => "run the setup again".to_owned(),
        };
        let unfollowed = matches!(e, ExecError::Lost(_) | ExecError::TimedOut(_));
        Self { connection, unfollowed, ..Self::new(e.to_string(), hint) }
    }
}

/// Runs a command and takes a non-zero exit status for a failure.
pub async fn run(session: &dyn Session, command: RemoteCommand) -> Result<Output, RemoteError> {
    let output = session.run(command).await?;
    if output.status == Some(0) { Ok(output) } else { Err(failure(&output)) }
}

/// Runs a command and calls `each` with every line of its standard output as it comes, unless there are far too many; of its
/// standard error about `max_err` bytes are stored.
pub(crate) async fn by_line(
    session: &dyn Session,
    command: RemoteCommand,
    max_err: usize,
    mut each: impl FnMut(String),
) -> Result<Output, ExecError> {
    let (chunks, mut arriving) = mpsc::channel(64);
    let reading = async {
        let (mut lines, mut err, mut meter) = (Lines::default(), Vec::new(), Meter::new(Allowance::SCRIPT));
        while let Some(chunk) = arriving.recv().await {
            match chunk {
                Chunk::Err(bytes) => err.extend_from_slice(&bytes[..bytes.len().min(max_err - err.len())]),
                Chunk::Out(bytes) => lines.push(&bytes, |line| {
                    if meter.lets(line.len()) {
                        each(line);
                    }
                }),
            }
        }
        if let Some(left_out) = meter.rest() {
            tracing::warn!(%left_out, "a script printed too much");
        }
        err
    };
    let (ended, err) = tokio::join!(session.stream(command, chunks), reading);
    Ok(Output { err, ..ended? })
}

/// What a failed command printed, in one line, and what to do about it.
pub fn failure(output: &Output) -> RemoteError {
    if let Some(refusal) = sudo_rules::refusal(&String::from_utf8_lossy(&output.err)) {
        return RemoteError::new(refusal.message, refusal.hint);
    }
    let err = clean_bytes(&output.err, 4000);
    // sudo and apt warn before they fail: the last line is the one that counts.
    let text = String::from_utf8_lossy(&output.err);
    let last = text.lines().rev().find(|l| !l.trim().is_empty()).map(|l| clean_bytes(l.as_bytes(), 300));
    let status = output.status.map_or_else(
        || output.signal.as_ref().map_or("no exit status".to_owned(), |s| format!("signal {s}")),
        |s| format!("exit status {s}"),
    );
    let hint = if err.contains("No space left on device") && err.contains("/tmp/") {
        "/tmp of the node is full: `df -h /tmp; du -sh /tmp/*` shows of what; free some space there"
    } else if err.contains("No space left on device") || err.contains("Disk quota exceeded") {
        "free some space on the node's SD card"
    } else if err.contains("Input/output error") {
        "the node's SD card may be failing: `sudo dmesg` there shows more; save what is on it"
    } else if err.contains("Permission denied")
        && ["mktemp:", "mkdir:", "annot create"].iter().any(|by| err.contains(by))
    {
        "the login user may not write there: `ls -ld` shows whose folder it is; `sudo chown -R USER: ~/.ssh ~/.pictl` on the node \
         if they belong to root"
    } else if err.contains("Read-only file system") {
        "the node's SD card is read-only and may be failing: check it, and reboot the node"
    } else if err.contains("sshd does not accept its configuration") {
        "correct that line on the node (`sudo sshd -t` shows what is wrong), then try again"
    } else if err.contains("sshd would still accept passwords") {
        "take that line out of the node's sshd_config, or let it say no; password login stays as it was"
    } else if err.contains("dpkg was interrupted") {
        "on the node: sudo dpkg --configure -a"
    } else if err.contains("Could not get lock") {
        "another apt is at work on the node; wait for it, then run the setup again"
    } else if err.contains("Unable to locate package")
        || err.contains("Failed to fetch")
        || err.contains("Temporary failure resolving")
    {
        "the node cannot reach its package archive; check its internet connection"
    } else {
        "check the node, then run the setup again"
    };
    RemoteError::new(last.map_or(status.clone(), |l| format!("{l} ({status})")), hint)
}

/// What follows `key` on every line of the output that begins with it.
pub(crate) fn answers(output: &Output, key: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.out);
    text.lines().filter_map(|line| line.strip_prefix(key)).map(|value| clean_bytes(value.as_bytes(), 2000)).collect()
}

/// What follows `key` on the first line of the output that begins with it.
pub(crate) fn answer(output: &Output, key: &str) -> Result<String, RemoteError> {
    answers(output, key).into_iter().next().ok_or_else(|| {
        RemoteError::new(format!("the node did not answer with `{}`", key.trim()), "run the setup again")
    })
}

/// How long a file of so many bytes may take: a Pi with poor Wi-Fi receives half a megabyte a second.
fn patience(bytes: usize) -> Duration {
    SHORT + Duration::from_secs(bytes as u64 / 500_000)
}

/// The hash of a file, and its mode.
async fn hash_of(session: &dyn Session, path: &str) -> Result<String, RemoteError> {
    let output = run(session, Script::FILE_HASH.command(&[path], Some(SHORT))).await?;
    answer(&output, "sha256 ")
}

/// Writes one file, and returns it once the hash of what was read back is right.
pub async fn put_file(session: &dyn Session, rights: Rights, file: PutFile) -> Result<PutFile, RemoteError> {
    let hash = hash::sha256_hex(&file.content);
    let there = format!("{hash} {:o}", file.mode);
    if file.content.len() > WORTH_ASKING && !file.root && hash_of(session, &file.path).await? == there {
        return Ok(file);
    }
    let (mode, size) = (format!("{:o}", file.mode), file.content.len().to_string());
    let expect = file.expect.as_deref().unwrap_or("any");
    let backup = file.backup.as_deref().unwrap_or("-");
    let args = [file.path.as_str(), &mode, &size, &hash, expect, backup];
    let output =
        session.run(Script::PUT_FILE.with(&rights, &args, &file.content, Some(patience(file.content.len())))).await?;
    match output.status {
        Some(0) => {}
        Some(3) => {
            let error = RemoteError::new(
                format!("{} was changed by somebody else meanwhile; nothing was written", file.path),
                "run the setup again: it will read the new content",
            );
            return Err(RemoteError { outdated: true, ..error });
        }
        Some(5) => {
            return Err(RemoteError::new(
                failure(&output).message,
                "somebody else changes files there, too: wait until that is over, then run the setup again",
            ));
        }
        _ => return Err(failure(&output)),
    }
    if answer(&output, "sha256 ")? == hash {
        Ok(file)
    } else {
        // The script compares what it wrote before the file takes its place, so this is news from somebody else.
        let error = RemoteError::new(
            format!("{} was changed by somebody else right after it was written", file.path),
            "run the setup again: it will read the new content",
        );
        Err(RemoteError { outdated: true, ..error })
    }
}

/// Reads what a node is and what is in its files: all of it, or only `parts`, of which `keys` is the first.
pub async fn read(session: &dyn Session, parts: &[&str]) -> Result<NodeReading, RemoteError> {
    read_with(session, &pictl_formats::facts::arguments(parts)).await
}

/// Reads all that a node is, and looks for an MPI in this folder too.
pub async fn read_all(session: &dyn Session, prefix: Option<&MpiPrefix>) -> Result<NodeReading, RemoteError> {
    read_with(session, &pictl_formats::facts::arguments_with(prefix)).await
}

async fn read_with(session: &dyn Session, args: &[String]) -> Result<NodeReading, RemoteError> {
    let asked = std::time::Instant::now();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let output = run(session, Script::FACTS.command(&args, Some(SHORT))).await?;
    parse(&output, crate::clock::now(), asked.elapsed())
}

fn parse(output: &Output, at: Timestamp, took: Duration) -> Result<NodeReading, RemoteError> {
    pictl_formats::facts::parse(&output.out, at, took.into())
        .map_err(|e| RemoteError::new(format!("could not read the node's facts: {e}"), e.hint()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_its_last_line_with_a_hint() {
        for (err, message, hint) in [
            (
                "warning: x\ncat: write error: No space left on device\n\n",
                "cat: write error: No space left on device (exit status 1)",
                "free some space",
            ),
            (
                "mv: cannot move: Read-only file system",
                "mv: cannot move: Read-only file system (exit status 1)",
                "SD card is read-only",
            ),
            ("sudo: 1 incorrect password attempt", "sudo: 1 incorrect password attempt", "sudo password"),
            ("pi is not in the sudoers file.", "pi is not in the sudoers file.", "can"),
            (
                "E: Could not get lock /var/lib/dpkg/lock",
                "E: Could not get lock /var/lib/dpkg/lock (exit status 1)",
                "another apt",
            ),
            (
                "E: Unable to locate package openmpi-bin",
                "E: Unable to locate package openmpi-bin (exit status 1)",
                "package archive",
            ),
            ("\x1b[31modd\x1b[0m", "odd (exit status 1)", "check the node"),
            ("", "exit status 1", "check the node"),
        ] {
            let error = failure(&Output { status: Some(1), err: err.into(), ..Output::default() });
            assert_eq!(error.message, message);
            assert!(error.hint.contains(hint), "{err}: {}", error.hint);
        }
        let killed = Output { signal: Some("KILL".into()), ..Output::default() };
        assert_eq!(failure(&killed).message, "signal KILL");
        assert_eq!(failure(&Output::default()).message, "no exit status");
    }

    #[test]
    fn only_a_lost_connection_is_worth_another_attempt() {
        assert!(RemoteError::from(ExecError::Lost("gone".into())).connection);
        assert!(!RemoteError::from(ExecError::TimedOut(SHORT)).connection);
        assert!(!RemoteError::from(ExecError::Denied("no".into())).connection);
    }

    #[test]
    fn answers_are_found_by_their_key_and_cleaned() {
        let output = Output { out: b"Welcome!\nhostname pi01\x07\n".to_vec(), ..Output::default() };
        assert_eq!(answer(&output, "hostname ").ok().as_deref(), Some("pi01"));
        assert!(answer(&output, "public ").is_err_and(|e| e.message.contains("`public`")));
    }
}
