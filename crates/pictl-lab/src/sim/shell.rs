//! A command while it runs: who runs it, and what it reads and writes.

use std::sync::Arc;

use russh::ChannelWriteHalf;
use russh::server::Msg;
use tokio::sync::mpsc;

use super::node::Cell;
use super::world::World;

/// Nobody reads any more; the command ends, as by SIGPIPE.
pub(super) struct Gone;

/// The end of a command: its status.
pub(super) type Status = Result<u32, Gone>;

/// A command while it runs.
pub(super) struct Shell {
    pub(super) world: Arc<World>,
    pub(super) cell: Arc<Cell>,
    /// Whether it runs as root, by `sudo`.
    pub(super) root: bool,
    pub(super) input: Input,
    pub(super) output: ChannelWriteHalf<Msg>,
}

/// Standard input.
pub(super) struct Input {
    pub(super) chunks: mpsc::Receiver<Vec<u8>>,
    pub(super) buffer: Vec<u8>,
}

impl Input {
    /// One that is at its end.
    pub(super) fn none() -> Self {
        Self { chunks: mpsc::channel(1).1, buffer: Vec::new() }
    }

    /// Reads to the end.
    pub(super) async fn end(&mut self) {
        while self.fill().await {
            self.buffer.clear();
        }
    }

    async fn fill(&mut self) -> bool {
        let more = self.chunks.recv().await;
        more.map(|chunk| self.buffer.extend(chunk)).is_some()
    }

    /// Up to `size` bytes; fewer at the end.
    pub(super) async fn read(&mut self, size: usize) -> Vec<u8> {
        while self.buffer.len() < size && self.fill().await {}
        let rest = self.buffer.split_off(size.min(self.buffer.len()));
        std::mem::replace(&mut self.buffer, rest)
    }

    /// A line without its end; `None` at the end.
    pub(super) async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let rest = self.buffer.split_off(end + 1);
                let mut line = std::mem::replace(&mut self.buffer, rest);
                line.pop();
                return Some(String::from_utf8_lossy(&line).into_owned());
            }
            if !self.fill().await {
                return None;
            }
        }
    }
}

impl Shell {
    /// `$HOME`.
    pub(super) fn home(&self) -> String {
        self.cell.home(self.root)
    }

    /// Says a line on standard output.
    pub(super) async fn say(&self, line: impl AsRef<str>) -> Result<(), Gone> {
        self.out(format!("{}\n", line.as_ref())).await
    }

    /// Writes to standard output.
    pub(super) async fn out(&self, bytes: impl Into<Vec<u8>>) -> Result<(), Gone> {
        self.output.data_bytes(bytes.into()).await.map_err(|_| Gone)
    }

    /// Writes to standard error.
    pub(super) async fn err(&self, bytes: impl Into<Vec<u8>>) -> Result<(), Gone> {
        self.output.extended_data_bytes(1, bytes.into()).await.map_err(|_| Gone)
    }

    /// Says a line on standard error and ends with this status.
    pub(super) async fn fail(&self, status: u32, line: impl AsRef<str>) -> Status {
        self.err(format!("{}\n", line.as_ref())).await?;
        Ok(status)
    }

    /// Lets this much simulated time pass.
    pub(super) async fn pass(&self, seconds: f64) {
        self.world.pass(seconds).await;
    }
}
