//! `put-file` as it runs on a node, when somebody else writes to the same file in the same moment. The programs that the script
//! calls are replaced by some that write at exactly that point; and several of the script at once are a race without a script.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pictl_engine::script::Script;
use pictl_formats::hash::sha256_hex;
use tempfile::TempDir;

const OLD: &str = "old\n";
const NEW: &str = "new\n";

/// A home with a file in it, and a folder that comes first in PATH.
struct Home {
    dir: TempDir,
}

impl Home {
    fn new(text: Option<&str>) -> Self {
        let home = Self { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(home.path("bin")).unwrap();
        if let Some(text) = text {
            fs::write(home.path("file"), text).unwrap();
        }
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path("file")).unwrap()
    }

    /// Before `program` does its work for the first time, this line of a shell runs.
    fn before(&self, program: &str, line: &str) {
        let real = find(program).expect("it is installed");
        let once = self.path("bin/once");
        let text = format!(
            "#!/bin/sh\nif mkdir '{}' 2>/dev/null; then {line}; fi\nexec {} \"$@\"\n",
            once.display(),
            real.display()
        );
        let path = self.path("bin").join(program);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The exit status of `put-file`, with these programs alone where they are given.
    fn put(&self, content: &str, expect: &str, backup: &str, programs: Option<&Path>) -> i32 {
        let (size, hash) = (content.len().to_string(), sha256_hex(content.as_bytes()));
        let args = ["~/file", "600", &size, &hash, expect, backup];
        let path = match programs {
            Some(dir) => dir.display().to_string(),
            None => format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap()),
        };
        let mut child = Command::new("/bin/sh")
            .args(["-c", &Script::PUT_FILE.command(&args, None).line])
            .env_clear()
            .envs([("HOME", self.dir.path().as_os_str()), ("PATH", path.as_ref())])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(content.as_bytes()).unwrap();
        child.wait().unwrap().code().expect("an exit status")
    }

    /// Names in the home that the script made.
    fn left(&self) -> Vec<String> {
        let names = self.dir.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains("pictl")).collect()
    }
}

fn find(program: &str) -> Option<PathBuf> {
    let dirs = std::env::var("PATH").unwrap();
    dirs.split(':').map(|dir| Path::new(dir).join(program)).find(|path| path.exists())
}

#[test]
fn a_line_that_somebody_adds_meanwhile_is_never_lost() {
    // While the new file is flushed, which takes seconds on an SD card; between the comparison and the rename, at either of
    // the programs that run there.
    for at in ["sync", "flock", "ln", "mv"] {
        let home = Home::new(Some(OLD));
        home.before(at, "echo late >>\"$HOME/file\"");
        assert_eq!(home.put(NEW, &sha256_hex(OLD.as_bytes()), "-", None), 3, "at {at}");
        assert_eq!(home.text(), "old\nlate\n", "at {at}");
        assert_eq!(home.left(), [""; 0], "at {at}");
        // With what is there now it works.
        assert_eq!(home.put(NEW, &sha256_hex(b"old\nlate\n"), "-", None), 0, "at {at}");
        assert_eq!(home.text(), NEW);
    }
}

#[test]
fn a_file_that_somebody_makes_meanwhile_is_never_replaced() {
    for at in ["sync", "flock", "ln"] {
        let home = Home::new(None);
        home.before(at, "echo theirs >\"$HOME/file\"");
        assert_eq!(home.put(NEW, "-", "-", None), 3, "at {at}");
        assert_eq!((home.text().as_str(), home.left()), ("theirs\n", vec![]), "at {at}");
    }
}

#[test]
fn what_is_not_a_file_is_refused_at_once() {
    let home = Home::new(None);
    fs::create_dir(home.path("file")).unwrap();
    assert_eq!(home.put(NEW, "any", "-", None), 1);
    assert_eq!(home.left(), [""; 0]);
    let home = Home::new(None);
    assert!(Command::new("mkfifo").arg(home.path("file")).status().unwrap().success());
    assert_eq!(home.put(NEW, "any", "-", None), 1, "nobody waits for the other end of a fifo");
}

/// Adds a line to what is there, until nobody was faster.
fn add(home: &Home, line: &str, programs: Option<&Path>) {
    loop {
        let old = home.text();
        match home.put(&format!("{old}{line}\n"), &sha256_hex(old.as_bytes()), "~/backup/file", programs) {
            0 => return,
            3 => {}
            other => panic!("put-file ended with {other}"),
        }
    }
}

/// Three writers at once, ten lines each: all of them are there in the end.
fn race(home: &Home, programs: Option<&Path>) {
    std::thread::scope(|scope| {
        for writer in 0..3 {
            scope.spawn(move || (0..10).for_each(|n| add(home, &format!("{writer}-{n}"), programs)));
        }
    });
    let text = home.text();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    let mut all: Vec<String> = (0..30).map(|n| format!("{}-{}", n / 10, n % 10)).collect();
    all.sort_unstable();
    assert_eq!(lines, all);
    assert_eq!(home.left(), [""; 0]);
    assert_eq!(fs::read_to_string(home.path("backup/file")).unwrap(), "", "the oldest copy is kept");
}

#[test]
fn writers_at_once_do_not_overwrite_each_other() {
    race(&Home::new(Some("")), None);
}

/// Without `flock` a link is the lock. One that a dead process left, in this boot or an earlier one, does not stop anybody.
#[test]
fn without_flock_it_is_the_same() {
    for stale in ["an-earlier-boot:1".to_owned(), format!("{}:4194305", boot())] {
        let (home, programs) = (Home::new(Some("")), tempfile::tempdir().unwrap());
        for name in [
            "sh",
            "sha256sum",
            "readlink",
            "id",
            "mkdir",
            "rmdir",
            "chown",
            "stat",
            "chmod",
            "mktemp",
            "rm",
            "head",
            "sync",
            "cp",
            "mv",
            "ln",
            "tr",
            "sleep",
        ] {
            symlink(find(name).expect(name), programs.path().join(name)).unwrap();
        }
        symlink(stale, home.path(".pictl-lock")).unwrap();
        race(&home, Some(programs.path()));
    }
}

fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap().trim().to_owned()
}
