//! A rank on a simulated node: what it prints, and how it ends.

use std::sync::Arc;

use pictl_formats::progress::crc;

use super::files;
use super::job::Job;
use super::node::Cell;

/// How a rank ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Finished,
    Exited(u32),
    Signalled(u32),
    /// Its node lost power.
    Lost,
}

/// A rank that ended.
pub(super) struct RankEnd {
    pub(super) rank: usize,
    /// Its host as the hostfile calls it.
    pub(super) host: String,
    pub(super) pid: u32,
    pub(super) how: How,
}

/// A rank while it runs.
pub(super) struct RankTask {
    pub(super) job: Arc<Job>,
    pub(super) cell: Arc<Cell>,
    pub(super) rank: usize,
    /// Number of ranks.
    pub(super) size: usize,
    /// Its lines are tagged.
    pub(super) tag: bool,
}

impl RankTask {
    /// Says a line as the launcher passes it on.
    pub(super) fn print(&self, stream: &str, line: &str) {
        let tag = if self.tag { format!("[1,{}]<{stream}>:", self.rank) } else { String::new() };
        let text = format!("{tag}{line}\n");
        if stream == "stderr" { self.job.err(&text) } else { self.job.out(&text) }
    }

    /// Says a line of the protocol.
    pub(super) fn say(&self, json: &str) {
        self.print("stdout", &format!("@pictl {json} {:04x}", crc(json.as_bytes())));
    }

    /// Says the first line of all, where it is rank 0's to say.
    pub(super) fn say_begin(&self, program: &str, slices: usize, length: u64) {
        if self.rank == 0 {
            let size = self.size;
            self.say(&format!(
                r#"{{"e":"begin","size":{size},"slices":{slices},"slice_size":{length},"program":"{program}","v":1}}"#
            ));
        }
    }

    /// Says a rank's last line.
    pub(super) fn say_done(&self) {
        self.say(&format!(r#"{{"e":"done","r":{}}}"#, self.rank));
    }

    pub(super) fn say_host(&self) {
        let host = self.cell.lock().hostname.clone();
        self.say(&format!(r#"{{"e":"host","r":{},"host":"{host}"}}"#, self.rank));
    }

    /// Whether Python finds the program and what it imports.
    pub(super) fn python(&self, path: &str) -> Result<(), How> {
        let state = self.cell.lock();
        let progress = format!("{}/pictl_progress.py", files::parent(path));
        let why = if state.files.read(path).is_none() {
            format!("FileNotFoundError: [Errno 2] No such file or directory: '{path}'")
        } else if state.files.read(&progress).is_none() {
            "ModuleNotFoundError: No module named 'pictl_progress'".into()
        } else {
            return Ok(());
        };
        drop(state);
        self.print("stderr", &why);
        Err(How::Exited(1))
    }
}
