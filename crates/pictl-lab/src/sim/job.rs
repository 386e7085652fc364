//! One run on simulated nodes: its head, its folder, and the processes that belong to it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::files::USER;
use super::node::{Cell, Process};
use super::world::World;

/// Simulated seconds until a cable that says nothing counts as cut, with the keep-alive options that pictl gives.
pub(super) const KEEPALIVE: f64 = 8.8;

/// One run on its head.
pub(super) struct Job {
    pub(super) world: Arc<World>,
    pub(super) head: Arc<Cell>,
    /// The run's name, which marks its processes.
    pub(super) run: String,
    folder: String,
}

impl Job {
    pub(super) fn new(world: Arc<World>, head: Arc<Cell>, run: &str, folder: String) -> Self {
        Self { world, head, run: run.to_owned(), folder }
    }

    /// Adds to the run's standard output.
    pub(super) fn out(&self, text: &str) {
        self.head.append(&format!("{}/out", self.folder), text.as_bytes());
    }

    /// Adds to the run's standard error.
    pub(super) fn err(&self, text: &str) {
        self.head.append(&format!("{}/err", self.folder), text.as_bytes());
    }

    /// The standard input of the launcher, once all of it is there.
    pub(super) async fn input(&self) -> Vec<u8> {
        loop {
            let changed = self.head.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let state = self.head.lock();
                let Some(input) = state.files.read(&format!("{}/in", self.folder)) else { return Vec::new() };
                if state.files.get(&format!("{}/in.end", self.folder)).is_some() {
                    return input.to_vec();
                }
            }
            changed.await;
        }
    }

    /// Lets simulated time pass.
    pub(super) async fn pass(&self, seconds: f64) {
        self.world.pass(seconds).await;
    }

    pub(super) fn write_status(&self, status: u32) {
        let path = format!("{}/rc", self.folder);
        self.head.lock().files.write(&path, format!("{status}\n"), 0o644, USER);
    }
}

/// A process in a node's table, for as long as this is held.
pub(super) struct Running {
    pub(super) cell: Arc<Cell>,
    pub(super) pid: u32,
    pub(super) process: Process,
    boot: CancellationToken,
    /// Whether it keeps a core busy.
    works: bool,
}

impl Running {
    pub(super) fn start(cell: &Arc<Cell>, mark: &str, works: bool) -> Self {
        let mut state = cell.lock();
        let (pid, process) = state.spawn(mark);
        state.heat.work(i32::from(works));
        let boot = state.boot.clone();
        drop(state);
        Self { cell: Arc::clone(cell), pid, process, boot, works }
    }

    /// Whether the node went off under it.
    pub(super) fn is_lost(&self) -> bool {
        self.boot.is_cancelled()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // After a power cut the table and the sensors began again without it.
        if !self.is_lost() {
            let mut state = self.cell.lock();
            state.processes.remove(&self.pid);
            state.heat.work(-i32::from(self.works));
        }
        self.cell.changed.notify_waiters();
    }
}
