//! Files and folders of pictl on the operator's disk: for the user alone, and written whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use super::{StoreError, StoreErrorKind};

/// How often a writer checks whether it is its turn, and how long it waits between.
const TURNS: u32 = 1_000;
const TURN: Duration = Duration::from_millis(10);
/// Links that are followed from one to the next, as by Linux.
const LINKS: usize = 40;

/// Makes a folder that only the user can enter, and those above it that are missing.
pub fn make_dir(path: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| StoreError::io("make", path, &e))
}

/// Options with which a file that is made belongs to the user alone.
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Something that others could read or write. They cannot any more, or `problem` says why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tightened {
    /// The file or folder.
    pub path: PathBuf,
    /// Its mode before.
    pub mode: u32,
    /// Why it is still so.
    pub problem: Option<String>,
}

/// Takes away what others may do with the file or folder `path`. `None` where that is nothing, where there is no such file, and
/// for devices.
pub fn tighten(path: &Path) -> Option<Tightened> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let about = fs::metadata(path).ok().filter(|about| about.is_file() || about.is_dir())?;
        let mode = about.permissions().mode() & 0o7777;
        if mode.trailing_zeros() >= 6 {
            return None;
        }
        let changed = fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700));
        Some(Tightened { path: path.to_owned(), mode, problem: changed.err().map(|e| e.to_string()) })
    }
    #[cfg(not(unix))]
    None
}

/// [`tighten`] for everything below `dir` down to `depth` folders, and for `dir` itself.
pub fn tighten_all(dir: &Path, depth: usize) -> Vec<Tightened> {
    let mut all: Vec<_> = tighten(dir).into_iter().collect();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_dir && depth > 0 {
            all.extend(tighten_all(&entry.path(), depth - 1));
        } else {
            all.extend(tighten(&entry.path()));
        }
    }
    all
}

/// What was tightened, in sentences for people.
pub fn tightened_text(all: &[Tightened]) -> Vec<String> {
    let (done, left): (Vec<_>, Vec<_>) = all.iter().partition(|one| one.problem.is_none());
    let mut sentences = Vec::new();
    if let Some(first) = done.first() {
        let (path, mode) = (first.path.display(), first.mode);
        let others = match done.len() - 1 {
            0 => String::new(),
            1 => " and one more".to_owned(),
            more => format!(" and {more} more"),
        };
        sentences.push(format!(
            "other users of this computer had access to {path} (mode {mode:o}){others}; from now on only you have"
        ));
    }
    for one in left {
        let (path, mode, why) = (one.path.display(), one.mode, one.problem.as_deref().unwrap_or_default());
        sentences.push(format!(
            "other users of this computer have access to {path} (mode {mode:o}), and that cannot be changed: {why}; \
             check who owns it"
        ));
    }
    sentences
}

/// The file that `path` means in the end: itself, or what a symbolic link there points to, even where nothing is there yet.
pub fn target_of(path: &Path) -> PathBuf {
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        let Ok(next) = fs::read_link(&target) else { break };
        target = match target.parent() {
            Some(dir) => dir.join(next),
            None => next,
        };
    }
    target
}

/// The file's bytes; none when there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(StoreError::io("read", path, &e)),
    }
}

/// Which version of a file is there: it changes when somebody writes the file.
pub(super) fn stamp(path: &Path) -> Option<(std::time::SystemTime, u64, u64)> {
    let about = fs::metadata(path).ok()?;
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&about);
    #[cfg(not(unix))]
    let inode = 0;
    Some((about.modified().ok()?, about.len(), inode))
}

/// Holds other writers of a cluster off for as long as the file lives.
pub(super) fn turn(dir: &Path) -> Result<Option<File>, StoreError> {
    let path = dir.join("lock");
    // Where it cannot be made, the write fails too, with an error that names the file that matters.
    let Ok(lock) = private().create(true).truncate(false).write(true).open(&path) else { return Ok(None) };
    for _ in 0..TURNS {
        match lock.try_lock() {
            Ok(()) => return Ok(Some(lock)),
            Err(fs::TryLockError::WouldBlock) => thread::sleep(TURN),
            // Some network file systems do not have locks.
            Err(fs::TryLockError::Error(_)) => return Ok(None),
        }
    }
    Err(StoreError {
        kind: StoreErrorKind::Busy,
        operation: "lock",
        path,
        why: "another pictl writes there and does not end".to_owned(),
    })
}

/// A name that no other writer on this machine has at this moment, be it another process or another thread.
pub(super) fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Writes `bytes` to `path` whole or not at all: beside it, flushed to the disk, renamed. Where `path` is a symbolic link, that
/// stays, and what it points to is written. Only the user can read it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let fail = |e: io::Error| StoreError::io("write", path, &e);
    let target = target_of(path);
    if fs::symlink_metadata(&target).is_ok_and(|about| about.is_symlink()) {
        return Err(fail(io::Error::other("it is a symbolic link to itself")));
    }
    if let Some(dir) = target.parent() {
        make_dir(dir)?;
    }
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", unique()));
    let beside = target.with_file_name(name);
    let written = private().create_new(true).write(true).open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(e) = written.and_then(|()| fs::rename(&beside, &target)) {
        // The half-written file must not stay; if even that fails, the first error is the one to report.
        let _ = fs::remove_file(&beside);
        return Err(fail(e));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_keeps_the_old_file_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("f");
        fs::create_dir(&path).expect("a folder where the file should be");
        assert_eq!(write_whole(&path, b"x").expect_err("a folder").kind, StoreErrorKind::Io);
        assert_eq!(fs::read_dir(dir.path()).expect("dir").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_and_its_target_is_written() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let dir = tempfile::tempdir().expect("dir");
        let (link, second, target) = (dir.path().join("f"), dir.path().join("second"), dir.path().join("mine/real"));
        symlink("second", &link).expect("a link");
        symlink("mine/real", &second).expect("a link");
        for text in ["one", "two"] {
            write_whole(&link, text.as_bytes()).expect("written");
            assert_eq!(fs::read_to_string(&target).expect("there"), text);
        }
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::metadata(&target).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(dir.path().join("mine")).expect("there").permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::read_dir(dir.path().join("mine")).expect("dir").count(), 1, "nothing is left beside it");
        // Links in a circle are an error, and not a loop.
        fs::remove_file(&second).expect("removed");
        symlink("f", &second).expect("a link");
        write_whole(&link, b"x").expect_err("a circle");
    }

    #[cfg(unix)]
    #[test]
    fn what_others_can_read_is_tightened_and_reported() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("dir");
        let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("changed");
        let (folder, file) = (dir.path().join("runs"), dir.path().join("runs/f"));
        fs::create_dir(&folder).expect("made");
        fs::write(&file, "x").expect("written");
        mode(dir.path(), 0o700);
        mode(&folder, 0o755);
        mode(&file, 0o644);
        let all = tighten_all(dir.path(), 3);
        let modes: Vec<_> = all.iter().map(|one| (one.path.clone(), one.mode)).collect();
        assert_eq!(modes, [(folder.clone(), 0o755), (file.clone(), 0o644)]);
        assert!(tightened_text(&all)[0].contains("(mode 755) and one more"), "{:?}", tightened_text(&all));
        let now = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((now(&folder), now(&file)), (0o700, 0o600));
        assert_eq!(tighten_all(dir.path(), 3), []);
        assert_eq!(tighten(Path::new("/dev/null")), None, "devices stay as they are");
    }
}
