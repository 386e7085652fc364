//! What pictl saves of a cluster on the operator's disk: the inventory, the host keys, and where its runs lie.

mod merge;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use pictl_formats::known_hosts::KnownHosts;
use pictl_model::node::Member;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What kind of failure a [`StoreError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// The disk is full, or your share of it.
    Full,
    /// The file or folder may not be read or written.
    NotAllowed,
    /// The system refused for another reason.
    Io,
    /// What stands in the file does not make sense.
    Damaged,
    /// A newer pictl wrote the file.
    Newer,
    /// pictl itself made something that cannot be written.
    Internal,
}

impl StoreErrorKind {
    /// What to do.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Full => "free some space on that disk",
            Self::NotAllowed => "check who owns it, or set XDG_DATA_HOME to a folder that you may write",
            Self::Io => "check the path, or set XDG_DATA_HOME to another folder",
            Self::Damaged => "repair it by hand, or move it away and set the cluster up again",
            Self::Newer => "use a newer pictl",
            Self::Internal => "please report this",
        }
    }
}

impl From<io::ErrorKind> for StoreErrorKind {
    fn from(kind: io::ErrorKind) -> Self {
        match kind {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::NotAllowed,
            _ => Self::Io,
        }
    }
}

/// Something on the operator's disk cannot be read or written.
#[derive(Debug, Error)]
#[error("cannot {operation} {path}: {why}; {}", .kind.hint())]
pub struct StoreError {
    /// What kind of failure it is.
    pub kind: StoreErrorKind,
    /// What was tried.
    pub operation: &'static str,
    /// With which file or folder.
    pub path: PathBuf,
    /// What went wrong.
    pub why: String,
}

impl StoreError {
    pub(crate) fn io(operation: &'static str, path: &Path, error: &io::Error) -> Self {
        Self { kind: error.kind().into(), operation, path: path.to_owned(), why: error.to_string() }
    }
}

/// How often a writer checks whether it is its turn, and how long it waits between.
const TURNS: u32 = 50;
const TURN: Duration = Duration::from_millis(10);

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClusterFile {
    version: u32,
    #[serde(default)]
    node: Vec<Member>,
}

/// One cluster's folder: `cluster.toml`, `known_hosts` and `runs/`.
#[derive(Clone, Debug)]
pub struct Store {
    dir: PathBuf,
    /// The host keys as this process had them when it last read or saved them: so its own changes are known among those of
    /// others.
    known: Arc<Mutex<String>>,
}

impl Store {
    /// The store of `cluster` below `data` (`$XDG_DATA_HOME/pictl`). Nothing is created yet.
    pub fn new(data: &Path, cluster: &str) -> Self {
        Self { dir: data.join("clusters").join(cluster), known: Arc::default() }
    }

    /// Where the runs lie, one folder each.
    pub fn runs(&self) -> PathBuf {
        self.dir.join("runs")
    }

    /// Where the host keys lie.
    pub fn known_hosts_path(&self) -> PathBuf {
        self.dir.join("known_hosts")
    }

    /// Makes the folder and proves that it can be written, so that nothing is begun whose outcome could not be kept.
    pub fn prepare(&self) -> Result<(), StoreError> {
        let runs = self.runs();
        fs::create_dir_all(&runs).map_err(|e| StoreError::io("make", &runs, &e))?;
        let probe = self.dir.join(format!(".probe-{}", unique()));
        fs::write(&probe, b"x").map_err(|e| StoreError::io("write into", &self.dir, &e))?;
        fs::remove_file(&probe).map_err(|e| StoreError::io("write into", &self.dir, &e))
    }

    /// Sets of nodes on which launcher and MPI were proved to belong together; none when that cannot be read: it is proved
    /// again then.
    pub fn proved(&self) -> Vec<String> {
        let text = fs::read_to_string(self.dir.join("proved")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Keeps these instead.
    pub fn save_proved(&self, proved: &[String]) -> Result<(), StoreError> {
        let text: String = proved.iter().flat_map(|word| [word, "\n"]).collect();
        write_whole(&self.dir.join("proved"), text.as_bytes())
    }

    /// The members; none when there is no inventory yet.
    pub fn members(&self) -> Result<Vec<Member>, StoreError> {
        let path = self.dir.join("cluster.toml");
        let Some(text) = read(&path)? else { return Ok(Vec::new()) };
        let file: ClusterFile = toml::from_str(&text).map_err(|e| StoreError {
            kind: StoreErrorKind::Damaged,
            operation: "understand",
            path: path.clone(),
            why: e.message().to_owned(),
        })?;
        if file.version > 1 {
            let why = format!("it is of version {}, and this pictl knows version 1", file.version);
            return Err(StoreError { kind: StoreErrorKind::Newer, operation: "understand", path, why });
        }
        Ok(file.node)
    }

    /// Replaces the inventory.
    pub fn save_members(&self, members: &[Member]) -> Result<(), StoreError> {
        let path = self.dir.join("cluster.toml");
        let file = ClusterFile { version: 1, node: members.to_vec() };
        let text = toml::to_string(&file).map_err(|e| StoreError {
            kind: StoreErrorKind::Internal,
            operation: "write",
            path: path.clone(),
            why: e.to_string(),
        })?;
        write_whole(&path, format!("# The nodes of this cluster, kept by pictl.\n{text}").as_bytes())
    }

    /// The host keys that are believed.
    pub fn known_hosts(&self) -> Result<KnownHosts, StoreError> {
        let text = read(&self.known_hosts_path())?.unwrap_or_default();
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&text);
        let (known, problems) = KnownHosts::parse(&text);
        for problem in problems {
            tracing::warn!(?problem, "line of known_hosts cannot be used");
        }
        Ok(known)
    }

    /// Keeps the host keys: what changed since they were read or kept last is done to the file as it is now, for other
    /// programs may have changed it meanwhile.
    pub fn save_known_hosts(&self, known: &KnownHosts) -> Result<(), StoreError> {
        let mut base = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.known_hosts_path();
        let _turn = self.turn();
        let ours = known.to_string();
        let text = merge::merge(&base, &ours, &read(&path)?.unwrap_or_default());
        write_whole(&path, text.as_bytes())?;
        *base = ours;
        Ok(())
    }

    /// Holds other writers of the host keys off for as long as it lives. One that does not get its turn writes all the same:
    /// it might be waiting for a process that was stopped, or on a file system that knows no locks.
    fn turn(&self) -> Option<File> {
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(self.dir.join("known_hosts.lock")).ok()?;
        let mut tries = 0..TURNS;
        tries.any(|_| lock.try_lock().inspect_err(|_| thread::sleep(TURN)).is_ok()).then_some(lock)
    }
}

fn read(path: &Path) -> Result<Option<String>, StoreError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(StoreError::io("read", path, &e)),
    }
}

/// A name that no other writer on this machine has at this moment, be it another process or another thread.
fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Writes `bytes` to `path` whole or not at all: beside it, flushed to the disk, renamed.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let fail = |e: io::Error| StoreError::io("write", path, &e);
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(fail)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", unique()));
    let beside = path.with_file_name(name);
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(e) = written.and_then(|()| fs::rename(&beside, path)) {
        // The half-written file must not stay; if even that fails, the first error is the one to report.
        let _ = fs::remove_file(&beside);
        return Err(fail(e));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str) -> Member {
        Member {
            id: pictl_model::NodeId::from_mac("dc:a6:32:01:02:03".parse().expect("mac")),
            name: name.parse().expect("name"),
            address: "10.0.0.31".parse().expect("address"),
            port: 22,
            user: "pi".into(),
            mac: Some("dc:a6:32:01:02:03".parse().expect("mac")),
            host_key: None,
            head: true,
            identity: None,
            jump: None,
        }
    }

    #[test]
    fn the_inventory_comes_back_as_it_was() {
        let dir = tempfile::tempdir().expect("dir");
        let store = Store::new(dir.path(), "default");
        assert_eq!(store.members().expect("none"), []);
        store.save_members(&[member("pi01")]).expect("saved");
        assert_eq!(store.members().expect("read"), [member("pi01")]);
    }

    #[test]
    fn how_to_log_in_is_saved_and_files_without_it_are_still_read() {
        let dir = tempfile::tempdir().expect("dir");
        let store = Store::new(dir.path(), "default");
        let far = Member { identity: Some("/keys/far".into()), jump: Some("ann@gate:2200".into()), ..member("pi02") };
        store.save_members(&[member("pi01"), far.clone()]).expect("saved");
        assert_eq!(store.members().expect("read"), [member("pi01"), far]);

        let before = "version = 1\n[[node]]\nid = \"dc:a6:32:01:02:03\"\nname = \"pi01\"\naddress = \"10.0.0.31\"\nport = 22\n\
                      user = \"pi\"\nmac = \"dc:a6:32:01:02:03\"\nhead = true\n";
        fs::write(store.dir.join("cluster.toml"), before).expect("written");
        assert_eq!(store.members().expect("read"), [member("pi01")]);
    }

    #[test]
    fn a_broken_inventory_is_reported_and_left_alone() {
        let dir = tempfile::tempdir().expect("dir");
        let store = Store::new(dir.path(), "default");
        store.prepare().expect("prepared");
        fs::write(store.dir.join("cluster.toml"), "version = 1\n[[node]]\nid=").expect("written");
        let error = store.members().expect_err("broken");
        assert_eq!(error.kind, StoreErrorKind::Damaged);
        let reported = error.to_string();
        assert!(reported.contains("cluster.toml") && reported.contains("repair"), "{reported}");
        fs::write(store.dir.join("cluster.toml"), "version = 2\n").expect("written");
        assert_eq!(store.members().expect_err("newer").kind, StoreErrorKind::Newer);
    }

    #[test]
    fn a_failed_write_keeps_the_old_file_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("f");
        fs::create_dir(&path).expect("a folder where the file should be");
        assert_eq!(write_whole(&path, b"x").expect_err("a folder").kind, StoreErrorKind::Io);
        assert_eq!(fs::read_dir(dir.path()).expect("dir").count(), 1);
    }
}
