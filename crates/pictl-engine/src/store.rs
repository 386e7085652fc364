//! What pictl saves of a cluster on the operator's disk: the inventory, the host keys, and where its runs lie.

mod files;
mod inventory;
mod merge;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use pictl_formats::bytes;
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::inventory::mend;
use pictl_model::node::Member;
use thiserror::Error;

pub use files::{Tightened, make_dir, private, target_of, tighten, tighten_all, tightened_text, write_whole};
use files::{read, stamp, turn, unique};
use inventory::Unreadable;
pub(crate) use inventory::fault;
pub use inventory::{Change, Conflict, merge};

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
    /// Another program keeps it locked.
    Busy,
    /// pictl itself made something that cannot be written.
    Internal,
}

impl StoreErrorKind {
    /// What to do.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Full => "free some space on that disk",
            Self::NotAllowed => {
                "check its owner, its mode and `lsattr`, or set XDG_DATA_HOME to a folder that you may write"
            }
            Self::Io => "check the path, or set XDG_DATA_HOME to another folder",
            Self::Damaged => "repair it by hand, or move it away and set the cluster up again",
            Self::Newer => "use a newer pictl",
            Self::Busy => "end the pictl that writes there, then try again",
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

/// A change of the inventory was not saved; nothing was changed.
#[derive(Debug, Error)]
pub enum SaveError {
    /// A file cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It does not fit to what others have saved meanwhile.
    #[error(transparent)]
    Conflict(#[from] Conflict),
}

impl SaveError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Store(e) => e.kind.hint(),
            Self::Conflict(_) => "look at `pictl nodes list`, and try again",
        }
    }
}

/// Which versions of inventory and host keys are on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamps {
    members: Option<(SystemTime, u64, u64)>,
    known: Option<(SystemTime, u64, u64)>,
}

impl Stamps {
    /// The inventory is another one.
    pub fn other_members(&self, other: &Self) -> bool {
        self.members != other.members
    }

    /// The host keys are others.
    pub fn other_known(&self, other: &Self) -> bool {
        self.known != other.known
    }
}

/// One cluster's folder: `cluster.toml`, `known_hosts` and `runs/`.
#[derive(Clone, Debug)]
pub struct Store {
    dir: PathBuf,
    /// The host keys as this process has last read or saved them: so its own changes are known among those of others.
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

    /// Makes the folder and proves that it can be written, so that nothing is begun whose outcome could not be kept. Returns
    /// what others had access to until now.
    pub fn prepare(&self) -> Result<Vec<Tightened>, StoreError> {
        /// The folders of a cluster, of its runs, and of one run.
        const DEPTH: usize = 2;
        make_dir(&self.runs())?;
        let probe = self.dir.join(format!(".probe-{}", unique()));
        let fail = |e: io::Error| StoreError::io("write into", &self.dir, &e);
        let written = private().create_new(true).write(true).open(&probe);
        written.and_then(|mut file| io::Write::write_all(&mut file, b"x")).map_err(fail)?;
        fs::remove_file(&probe).map_err(fail)?;
        // The folders above: their names are those of clusters.
        let above = self.dir.ancestors().skip(1).take(2).collect::<Vec<_>>().into_iter().rev().filter_map(tighten);
        Ok(above.chain(tighten_all(&self.dir, DEPTH)).collect())
    }

    /// Which versions of the files are there.
    pub fn stamps(&self) -> Stamps {
        Stamps { members: stamp(&self.members_path()), known: stamp(&self.known_hosts_path()) }
    }

    fn members_path(&self) -> PathBuf {
        self.dir.join("cluster.toml")
    }

    /// Sets of nodes on which launcher and MPI were proved to belong together; none when that cannot be read: it is proved
    /// again then.
    pub fn proved(&self) -> Vec<String> {
        let text = fs::read(self.dir.join("proved")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        text.lines().map(str::to_owned).collect()
    }

    /// Keeps these instead.
    pub fn save_proved(&self, proved: &[String]) -> Result<(), StoreError> {
        let text: String = proved.iter().flat_map(|word| [word, "\n"]).collect();
        write_whole(&self.dir.join("proved"), text.as_bytes())
    }

    /// The members; none when there is no inventory yet.
    pub fn members(&self) -> Result<Vec<Member>, StoreError> {
        Ok(self.inventory()?.0)
    }

    /// The members, and what had to be mended so that no two can be mistaken for each other, a sentence each: pictl once wrote
    /// such files, and they can be edited by hand.
    pub fn inventory(&self) -> Result<(Vec<Member>, Vec<String>), StoreError> {
        let path = self.members_path();
        let Some(text) = read(&path)? else { return Ok((Vec::new(), Vec::new())) };
        let members = inventory::read(&text).map_err(|unreadable| {
            let (kind, why) = match unreadable {
                Unreadable::Damaged(why) => (StoreErrorKind::Damaged, why),
                Unreadable::Newer(version) => {
                    (StoreErrorKind::Newer, format!("it is of version {version}, and this pictl knows version 1"))
                }
            };
            StoreError { kind, operation: "understand", path, why }
        })?;
        Ok(mend(members))
    }

    /// Replaces the inventory.
    pub fn save_members(&self, members: &[Member]) -> Result<(), StoreError> {
        let path = self.members_path();
        let (members, remarks) = mend(members.to_vec());
        for remark in remarks {
            tracing::warn!(remark, "the inventory was mended before it was written");
        }
        let text = inventory::write(&members).map_err(|e| StoreError {
            kind: StoreErrorKind::Internal,
            operation: "write",
            path: path.clone(),
            why: e.to_string(),
        })?;
        write_whole(&path, text.as_bytes())
    }

    /// Makes `changes` to the inventory as it is in the file now, and saves the host keys with it where there are some: both, or
    /// none of them. Returns the members that there are now; `known` gets what others have added.
    pub fn change_members(&self, changes: &[Change], known: Option<&mut KnownHosts>) -> Result<Vec<Member>, SaveError> {
        let _turn = turn(&self.dir)?;
        let before = read(&self.members_path())?;
        let theirs = self.members()?;
        let (members, _) = mend(merge(theirs.clone(), changes)?);
        if members != theirs {
            self.save_members(&members)?;
        }
        if let Some(Err(e)) = known.map(|known| self.put_known_hosts(known)) {
            let path = self.members_path();
            // It was written a moment ago. If that fails now, the first error is the one to report.
            let _ = match before {
                Some(text) => write_whole(&path, &text),
                None => fs::remove_file(&path).map_err(|e| StoreError::io("remove", &path, &e)),
            };
            return Err(e.into());
        }
        Ok(members)
    }

    /// The host keys that are trusted.
    pub fn known_hosts(&self) -> Result<KnownHosts, StoreError> {
        let text = bytes::to_text(&read(&self.known_hosts_path())?.unwrap_or_default());
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&text);
        let (known, problems) = KnownHosts::parse(&text);
        for problem in problems {
            tracing::warn!(?problem, "line of known_hosts cannot be used");
        }
        Ok(known)
    }

    /// The host keys with what others have changed in the file since this process has read or saved them. Nothing is written.
    pub fn refreshed_known_hosts(&self, known: &KnownHosts) -> Result<KnownHosts, StoreError> {
        let mut base = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = bytes::to_text(&read(&self.known_hosts_path())?.unwrap_or_default());
        let (merged, _) = KnownHosts::parse(&merge::merge(&base, &known.to_string(), &theirs));
        *base = theirs;
        Ok(merged)
    }

    /// Keeps the host keys: what changed since they were read or kept last is done to the file as it is now, for other
    /// programs may have changed it meanwhile. `known` becomes what the file has then.
    pub fn save_known_hosts(&self, known: &mut KnownHosts) -> Result<(), StoreError> {
        let _turn = turn(&self.dir)?;
        self.put_known_hosts(known)
    }

    fn put_known_hosts(&self, known: &mut KnownHosts) -> Result<(), StoreError> {
        let mut base = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.known_hosts_path();
        let theirs = bytes::to_text(&read(&path)?.unwrap_or_default());
        let text = merge::merge(&base, &known.to_string(), &theirs);
        if text != theirs {
            write_whole(&path, &bytes::of_text(&text))?;
        }
        *known = KnownHosts::parse(&text).0;
        *base = text;
        Ok(())
    }
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
            cores: None,
            mpi: None,
            mpi_prefix: None,
            identity: None,
            jump: None,
            board: pictl_model::node::Board::default(),
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
        let far = Member {
            id: pictl_model::NodeId::from_address("10.0.0.32".parse().expect("address"), 22),
            mac: None,
            head: false,
            identity: Some("/keys/far".into()),
            jump: Some("ann@gate:2200".into()),
            ..member("pi02")
        };
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
}
