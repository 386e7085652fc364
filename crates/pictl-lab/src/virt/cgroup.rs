//! Control groups: every node, and every build of an image, is one. Ending it ends all that was started in it,
//! atomically and nothing else: no process id is ever remembered.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{LabError, wait};

/// A killed process is gone in milliseconds, unless it waits for a disk.
const KILL_LIMIT: Duration = Duration::from_secs(60);

/// A control group by its name at the top of the tree.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// In the cgroup2 tree, which can kill.
    path: PathBuf,
    /// In the `name=systemd` tree of hosts that have it: systemd-nspawn puts the node at the same path there.
    legacy: Option<PathBuf>,
}

impl Group {
    pub(crate) fn new(name: &str) -> Result<Self, LabError> {
        let trees = Trees::mounted()?;
        Ok(Self { path: trees.unified.join(name), legacy: trees.legacy.map(|tree| tree.join(name)) })
    }

    /// The groups at the top whose names begin so.
    pub(crate) fn list(prefix: &str) -> Result<Vec<String>, LabError> {
        let trees = Trees::mounted()?;
        let mut names = subdirectories(&trees.unified);
        names.extend(trees.legacy.iter().flat_map(|tree| subdirectories(tree)));
        names.retain(|name| name.starts_with(prefix));
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn directories(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(&*self.path).chain(self.legacy.as_deref())
    }

    pub(crate) fn create(&self) -> Result<(), LabError> {
        for path in self.directories() {
            match fs::create_dir(path) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(LabError::io("create control group", path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A command that enters the group before anything else; it fails if the group has gone meanwhile.
    pub(crate) fn command(&self, program: &str) -> Command {
        let enter = r#"for group in $CGROUPS; do echo 0 >"$group/cgroup.procs" || exit; done; exec "$0" "$@""#;
        let groups: Vec<_> = self.directories().map(Path::to_string_lossy).collect();
        let mut command = Command::new("sh");
        command.args(["-c", enter, program]).env("CGROUPS", groups.join(" "));
        command
    }

    /// Whether anything runs in it.
    pub(crate) fn populated(&self) -> bool {
        fs::read_to_string(self.path.join("cgroup.events")).is_ok_and(|events| events.contains("populated 1"))
    }

    /// A process of the node itself (not of systemd-nspawn, which is outside), through which the node's files can be read.
    pub(crate) fn process_inside(&self) -> Option<u32> {
        let processes = fs::read_to_string(self.path.join("payload/init.scope/cgroup.procs")).ok()?;
        processes.lines().next()?.parse().ok()
    }

    /// Ends everything in it, waits until it is gone, and removes the group. Nothing to do if there is none.
    pub(crate) fn destroy(&self) -> Result<(), LabError> {
        let what = format!("the processes in {}", self.path.display());
        wait::until_gone(&what, KILL_LIMIT, || {
            if !self.path.exists() {
                return Ok(Vec::new());
            }
            // Again and again: a process can have come in meanwhile.
            match fs::write(self.path.join("cgroup.kill"), "1") {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(LabError::io("kill control group", &self.path)(error));
                }
                _ => {}
            }
            Ok(if self.populated() { processes(&self.path) } else { Vec::new() })
        })?;
        // A group that has just become empty can be busy for a moment.
        wait::until_gone(&format!("control group {}", self.path.display()), KILL_LIMIT, || {
            let mut busy = Vec::new();
            for directory in self.directories() {
                match remove_tree(directory) {
                    Err(LabError::Io { source, .. }) if source.kind() == ErrorKind::ResourceBusy => {
                        busy.push(directory.display().to_string());
                        busy.extend(processes(directory));
                    }
                    ended => ended?,
                }
            }
            Ok(busy)
        })
    }
}

/// The processes in a control group and below, with their names and states; one line at least.
fn processes(path: &Path) -> Vec<String> {
    let mut found = vec![format!("something in {}", path.display())];
    let mut groups = vec![path.to_owned()];
    while let Some(group) = groups.pop() {
        groups.extend(subdirectories(&group).into_iter().map(|name| group.join(name)));
        let pids = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
        found.extend(pids.lines().map(|pid| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // pid (name) state
            let end = stat.rfind(')').map_or(0, |at| (at + 3).min(stat.len()));
            stat.get(..end).filter(|text| !text.is_empty()).unwrap_or(pid).to_owned()
        }));
    }
    found
}

/// Only `rmdir` works on control groups, from the leaves up.
fn remove_tree(path: &Path) -> Result<(), LabError> {
    for name in subdirectories(path) {
        remove_tree(&path.join(name))?;
    }
    match fs::remove_dir(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(LabError::io("remove control group", path)(error)),
        _ => Ok(()),
    }
}

fn subdirectories(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let directories = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    directories.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Where the trees of control groups are mounted.
#[derive(Debug, PartialEq, Eq)]
struct Trees {
    unified: PathBuf,
    legacy: Option<PathBuf>,
}

impl Trees {
    fn mounted() -> Result<Self, LabError> {
        let path = Path::new("/proc/self/mountinfo");
        let mounts = fs::read_to_string(path).map_err(LabError::io("read", path))?;
        Self::find(&mounts)
            .ok_or_else(|| LabError::NotHere { needs: "a mounted cgroup2 tree (a kernel of 5.14 or later)".into() })
    }

    /// From `/proc/self/mountinfo`: `… mountpoint options … - type source superoptions`.
    fn find(mountinfo: &str) -> Option<Self> {
        let (mut unified, mut legacy) = (None, None);
        for line in mountinfo.lines() {
            let Some((left, right)) = line.split_once(" - ") else { continue };
            let Some(point) = left.split(' ').nth(4) else { continue };
            match right.split(' ').next() {
                Some("cgroup2") => unified = unified.or(Some(PathBuf::from(point))),
                Some("cgroup") if right.contains("name=systemd") => legacy = Some(PathBuf::from(point)),
                _ => {}
            }
        }
        Some(Self { unified: unified?, legacy })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_of_both_arrangements_are_found() {
        let unified = "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
        let tree = |path: &str| PathBuf::from(path);
        assert_eq!(Trees::find(unified), Some(Trees { unified: tree("/sys/fs/cgroup"), legacy: None }));

        let hybrid = "40 24 0:27 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n\
                      41 24 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n\
                      42 24 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n";
        let expected = Trees { unified: tree("/sys/fs/cgroup/unified"), legacy: Some(tree("/sys/fs/cgroup/systemd")) };
        assert_eq!(Trees::find(hybrid), Some(expected));

        assert_eq!(Trees::find("42 24 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"), None);
    }
}
