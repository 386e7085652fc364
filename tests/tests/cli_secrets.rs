//! No password and no passphrase of a whole session is anywhere but where it was typed.
#![allow(clippy::unwrap_used, reason = "in tests a surprise is a failure")]
#![cfg(target_os = "linux")]

mod sim;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use pictl_lab::sim::SimSpec;
use pictl_model::Secret;
use pictl_tests::{LIMIT, eventually, pictl, run};
use sim::Cluster;

/// A text that is nowhere else: new, and of letters and digits only, so that no quoting changes it.
fn core(kind: &str) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    format!("{kind}{:x}{:x}", std::process::id(), now.as_nanos())
}

/// A password with `core` in it, and with everything around it that shells, formats and logs take for something else.
fn unusual(core: &str) -> String {
    format!(" \"q'$(x)`id`\\n%s{{}}ß{core}&;|<> #")
}

/// Looks again and again into the command lines and environments of all processes, as anybody on this machine can.
struct Sampler {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// Where one of the texts was.
    hits: BTreeSet<String>,
    /// Different processes of the program under test that were read.
    of_pictl: BTreeSet<u32>,
}

impl Sampler {
    fn start(words: &[String]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, words) = (Arc::clone(&stop), words.to_vec());
        let thread = std::thread::spawn(move || {
            let mut seen = Seen::default();
            while !stopped.load(Ordering::Relaxed) {
                look(&words, &mut seen);
                std::thread::sleep(Duration::from_millis(2));
            }
            seen
        });
        Self { stop, thread }
    }

    fn end(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn look(words: &[String], seen: &mut Seen) {
    for entry in fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        for name in ["cmdline", "environ"] {
            // It can have ended meanwhile, or belong to another user.
            let Ok(bytes) = fs::read(entry.path().join(name)) else { continue };
            if has_any(&bytes, words) {
                seen.hits.insert(format!("{name} of {pid}"));
            }
        }
        if fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == pictl()) {
            seen.of_pictl.insert(pid);
        }
    }
}

fn has_any(bytes: &[u8], words: &[String]) -> bool {
    words.iter().any(|word| bytes.windows(word.len()).any(|part| part == word.as_bytes()))
}

/// All files below `folder` with one of the texts in them, or in their path.
fn files_with(folder: &Path, words: &[String]) -> (usize, Vec<PathBuf>) {
    let (mut count, mut hits) = (0, Vec::new());
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                count += 1;
                if has_any(path.as_os_str().as_encoded_bytes(), words) || has_any(&fs::read(&path).unwrap(), words) {
                    hits.push(path);
                }
            }
        }
    }
    (count, hits)
}

#[test]
fn passwords_of_a_whole_session_are_nowhere() {
    let (password, wrong, passphrase) = (core("pw"), core("wr"), core("pp"));
    let cores = [password.clone(), wrong.clone(), passphrase.clone()];
    let [password, wrong, passphrase] = [password, wrong, passphrase].map(|core| unusual(&core));
    let cluster = Cluster::start(SimSpec {
        nodes: 3,
        speed: 20.0,
        password: Secret::new(password.clone()),
        sudo_password: true,
        ..SimSpec::default()
    });
    let home = cluster.home.path();
    for history in [".bash_history", ".zsh_history"] {
        fs::write(home.join(history), "pictl\n").unwrap();
    }
    // A key of the operator's that opens by a passphrase. This one program takes it as an argument, before the sampler begins.
    let locked = home.join("locked");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-a", "1", "-C", "locked", "-N", &passphrase, "-f"])
        .arg(&locked)
        .status();
    assert!(made.unwrap().success());

    let sampler = Sampler::start(&cores);
    let log = home.join("log");
    let (log, locked, port) = (log.to_str().unwrap(), locked.to_str().unwrap(), cluster.port());
    let mut said = String::new();
    let mut pictl = |words: &[&str], input: &str, code: i32| {
        let words = [words, &["-vv", "--log", log, "--port", &port]].concat();
        let ended = run(cluster.home.pictl(&words), input).with(code);
        said.extend([ended.out, ended.err]);
    };
    let targets = format!("{}-33", cluster.address(0));
    pictl(&["nodes", "add", &targets], "", 0);
    let both = ["--password-stdin", "--sudo-password-stdin", "--trust", "new"];
    let refused = [&["setup", "--yes", "--only", "operator-key"], &both[..]].concat();
    pictl(&refused, &format!("{wrong}\n{wrong}\n"), 3);
    pictl(&[&["setup", "--yes", "--json"], &both[..]].concat(), &format!("{password}\n{password}\n"), 0);
    pictl(&["keys", "check"], "", 0);
    let push = ["keys", "push", "--identity", locked, "--password-stdin", "--passphrase-stdin"];
    pictl(&push, &format!("{password}\n{passphrase}\n"), 0);
    pictl(&["exec", "--identity", locked, "--passphrase-stdin", "--", "hostname"], &format!("{wrong}\n"), 3);
    pictl(&["bench", "pi", "-n", "3", "--slices", "6", "--slice-size", "1000"], "", 0);
    pictl(&["keys", "passwords", "off", "--yes", "--sudo-password-stdin"], &format!("{password}\n"), 0);
    let seen = sampler.end();

    assert!(seen.hits.is_empty(), "{seen:?}");
    assert!(seen.of_pictl.len() >= 5, "hardly any process was read: {seen:?}");
    let (count, hits) = files_with(home, &cores);
    assert!(hits.is_empty(), "{hits:?}");
    assert!(count >= 12, "records, log, inventory, host keys and keys are more than {count} files");
    assert!(fs::metadata(log).unwrap().len() > 1_000, "nothing was logged");
    for node in cluster.nodes() {
        let files = node.files();
        let hits: Vec<_> = files.iter().filter(|f| has_any(&f.content, &cores)).map(|f| &f.path).collect();
        assert!(files.len() > 5 && hits.is_empty(), "on a node: {hits:?}");
    }
    assert!(!has_any(said.as_bytes(), &cores), "{said}");
}

#[test]
fn who_puts_a_password_into_a_command_line_or_an_environment_is_seen() {
    let words = [core("seen")];
    for in_environment in [false, true] {
        let mut command = Command::new("sh");
        command.args(["-c", "read line"]).stdin(Stdio::piped());
        if in_environment {
            command.env("PASSWORD", unusual(&words[0]));
        } else {
            command.arg(unusual(&words[0]));
        }
        let mut child = command.spawn().unwrap();
        eventually("the text is seen", LIMIT, || {
            let mut seen = Seen::default();
            look(&words, &mut seen);
            (!seen.hits.is_empty()).then_some(())
        });
        drop(child.stdin.take());
        child.wait().unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("runs")).unwrap();
    fs::write(folder.path().join("runs/events.jsonl"), format!("{{\"said\":{:?}}}", unusual(&words[0]))).unwrap();
    fs::write(folder.path().join("log"), "INFO all is well\n").unwrap();
    assert_eq!(files_with(folder.path(), &words), (2, vec![folder.path().join("runs/events.jsonl")]));
}
