//! The operator's own files: many programs at once, saves that fail, who can read them, and what stands in them.
#![allow(clippy::unwrap_used, reason = "in tests a surprise is a failure")]
#![allow(clippy::print_stdout, reason = "a test's output is what its runner shows")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pictl_tests::{Ended, Home, LIMIT, Running, Terminal, eventually, pictl, repository, run, skip};
use rustix::process::Signal;
use serde_json::Value;

/// The cluster's folder.
fn folder(home: &Home) -> PathBuf {
    home.path().join("data/pictl/clusters/default")
}

fn inventory(home: &Home) -> PathBuf {
    folder(home).join("cluster.toml")
}

/// Writes the inventory.
fn save(home: &Home, nodes: &str) {
    fs::create_dir_all(folder(home)).unwrap();
    fs::write(inventory(home), format!("version = 1\n{nodes}")).unwrap();
}

/// A node of the inventory. Nothing but this computer's own loopback interface is ever asked.
fn node(n: u8, port: u16, more: &str) -> String {
    format!(
        "[[node]]\nid = \"127.77.0.{n}\"\nname = \"pi{n:02}\"\naddress = \"127.77.0.{n}\"\nport = {port}\nuser = \"pi\"\n\
         head = {}\n{more}\n",
        n == 1
    )
}

/// Adds a host that no scan sees, behind a jump host that nobody connects to.
fn add(home: &Home, n: u8) -> Command {
    home.pictl(&["nodes", "add", &format!("127.77.0.{n}"), "--jump", "me@127.0.0.1:1"])
}

/// The names of the members and who is the head.
fn members(home: &Home) -> Vec<(String, bool)> {
    let listed = run(home.pictl(&["nodes", "list", "--json"]), "").with(0);
    let name = |m: &Value| (m["name"].as_str().unwrap().to_owned(), m["head"].as_bool().unwrap());
    listed.json().iter().map(name).collect()
}

// ---- many at once

#[test]
fn nodes_that_are_added_at_the_same_time_are_all_there() {
    let home = Home::new();
    let running: Vec<_> = (1..=6).map(|n| Running::start(add(&home, n), "")).collect();
    for one in running {
        one.wait_for_end(LIMIT).with(0);
    }
    let members = members(&home);
    let names: Vec<_> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["pi01", "pi02", "pi03", "pi04", "pi05", "pi06"]);
    assert_eq!(members.iter().filter(|(_, head)| *head).count(), 1, "one head: {members:?}");
}

#[test]
fn changes_of_the_same_node_at_the_same_time_are_all_made() {
    let home = Home::new();
    save(&home, &node(1, 22, ""));
    let key = home.path().join("key");
    fs::write(&key, "").unwrap();
    let changes = [["--user", "ada"], ["--port", "2222"], ["--name", "head"], ["--identity", key.to_str().unwrap()]];
    let set = |change: &[&str; 2]| {
        let words = ["nodes", "set", "127.77.0.1", change[0], change[1]];
        Running::start(home.pictl(&words), "")
    };
    let running: Vec<_> = changes.iter().map(set).collect();
    for one in running {
        one.wait_for_end(LIMIT).with(0);
    }
    let listed = run(home.pictl(&["nodes", "list", "--json"]), "").with(0).json();
    let all = ["user", "port", "name", "identity"].map(|key| listed[0][key].clone());
    assert_eq!(serde_json::json!(all), serde_json::json!(["ada", 2222, "head", key.to_str().unwrap()]));
}

#[test]
fn a_dashboard_sees_what_a_command_adds_and_does_not_write_over_it() {
    let home = Home::new();
    // Nobody listens there: it stays at that.
    save(&home, &node(1, 1, ""));
    let mut terminal = Terminal::start((120, 40), &pictl(), &["--no-color"], home.environment());
    terminal.wait_for_text("pi01", LIMIT);
    run(add(&home, 2), "").with(0);
    terminal.wait_for_text("another program changed the inventory: pi02 added", LIMIT);
    terminal.wait_for_text("pi02", LIMIT);
    // The dashboard changes the other node.
    terminal.send(":nodes set pi01 --user ada\r");
    eventually("the change is saved", LIMIT, || {
        fs::read_to_string(inventory(&home)).ok().filter(|text| text.contains("user = \"ada\""))
    });
    let names: Vec<_> = members(&home).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["pi01", "pi02"]);
    terminal.send("q");
    terminal.wait_for_end(LIMIT);
}

// ---- saves that fail

/// Makes the file immutable, or not any more; false where this file system or user cannot.
fn immutable(path: &Path, on: bool) -> bool {
    let sign = if on { "+i" } else { "-i" };
    Command::new("chattr").arg(sign).arg(path).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Immutable as long as it lives.
struct Immutable(PathBuf);

impl Immutable {
    fn new(path: PathBuf) -> Option<Self> {
        immutable(&path, true).then(|| Self(path))
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        immutable(&self.0, false);
    }
}

/// A host key on record for a node.
const KEY: &str = "127.77.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n";

#[test]
fn an_inventory_that_cannot_be_replaced_fails_every_command_that_saves_and_nothing_is_half_done() {
    let home = Home::new();
    save(&home, &(node(1, 22, "") + &node(2, 22, "")));
    let known = folder(&home).join("known_hosts");
    fs::write(&known, KEY).unwrap();
    let before = fs::read_to_string(inventory(&home)).unwrap();
    let Some(locked) = Immutable::new(inventory(&home)) else {
        return skip("chattr +i does not work here");
    };
    for words in [
        &["nodes", "set", "pi01", "--user", "ada"][..],
        &["nodes", "set", "pi02", "--head"],
        &["nodes", "remove", "pi01"],
        &["nodes", "add", "127.77.0.3", "--jump", "me@127.0.0.1:1"],
    ] {
        let ended = run(home.pictl(words), "").with(3).says(&["cluster.toml", "lsattr"]);
        assert!(!ended.err.contains("are in the cluster"), "{words:?}: {}", ended.err);
    }
    assert_eq!(fs::read_to_string(inventory(&home)).unwrap(), before);
    assert_eq!(fs::read_to_string(&known).unwrap(), KEY, "the host key is not forgotten either");
    drop(locked);

    // The other way round: the key cannot be forgotten, so the node stays.
    let Some(locked) = Immutable::new(known.clone()) else {
        return skip("chattr +i does not work here");
    };
    run(home.pictl(&["nodes", "remove", "pi01"]), "").with(3).says(&["known_hosts", "lsattr"]);
    assert_eq!(members(&home).len(), 2);
    drop(locked);
    let left: Vec<_> = fs::read_dir(folder(&home)).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains(".new-")), "{left:?}");
    run(home.pictl(&["nodes", "remove", "pi01"]), "").with(0);
    assert_eq!((members(&home).len(), fs::read_to_string(&known).unwrap().as_str()), (1, ""));
}

/// Runs pictl with the data folder on a small file system of its own, after `prepare` was done to it.
fn on_own_disk(home: &Home, prepare: &str, words: &[&str]) -> Option<Ended> {
    let data = home.path().join("data");
    fs::create_dir_all(&data).unwrap();
    let script = "set -eu; d=$1; shift; mount -t tmpfs -o size=64k tmpfs \"$d\" || exit 99; \
                  mkdir -p \"$d/pictl/clusters/default\"; cp \"$HOME/saved.toml\" \"$d/pictl/clusters/default/cluster.toml\"; ";
    let script = format!("{script}{prepare}; exec \"$@\"");
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", &script, "sh"]).arg(&data).arg(pictl()).args(words);
    command.env_clear().envs(home.environment()).current_dir(home.path());
    let ended = run(command, "");
    let cannot = ended.code == 99 || (ended.code == 1 && ended.err.starts_with("unshare"));
    (!cannot).then_some(ended)
}

#[test]
fn a_full_and_a_read_only_disk_are_reported_before_anything_is_done() {
    let home = Home::new();
    fs::write(home.path().join("saved.toml"), format!("version = 1\n{}", node(1, 22, ""))).unwrap();
    for (prepare, word) in [
        ("head -c 100000 /dev/zero >\"$d/full\" 2>/dev/null || :", "free some space"),
        ("mount -o remount,ro \"$d\"", "XDG_DATA_HOME"),
    ] {
        for words in [&["nodes", "set", "pi01", "--user", "ada"][..], &["nodes", "remove", "pi01"]] {
            let Some(ended) = on_own_disk(&home, prepare, words) else {
                return skip("no file system can be mounted here");
            };
            ended.with(3).says(&[word, "data/pictl"]);
        }
    }
}

// ---- who can read them

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).permissions().mode() & 0o777
}

/// pictl with another mask for the rights of new files.
fn with_umask(home: &Home, umask: &str, words: &[&str]) -> Ended {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"]).arg(pictl()).args(words);
    command.env_clear().envs(home.environment()).current_dir(home.path());
    run(command, "")
}

#[test]
fn nobody_else_can_read_what_pictl_keeps_whatever_the_umask_is() {
    let home = Home::new();
    let words = ["--log", "log", "-v", "nodes", "add", "127.77.0.1", "--jump", "me@127.0.0.1:1"];
    let ended = with_umask(&home, "000", &words).with(0);
    assert!(!ended.err.contains("other users"), "{}", ended.err);
    let data = home.path().join("data");
    let folders = ["", "pictl", "pictl/clusters", "pictl/clusters/default", "pictl/clusters/default/runs"];
    for path in folders {
        assert_eq!(mode(&data.join(path)), 0o700, "{path}");
    }
    for entry in fs::read_dir(folder(&home)).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
    }
    assert_eq!(mode(&home.path().join("log")), 0o600);

    // What an older pictl or an editor has left open is closed, and that is said once.
    let wide = [(folder(&home), 0o755), (inventory(&home), 0o666), (home.path().join("log"), 0o644)];
    for (path, mode) in &wide {
        fs::set_permissions(path, fs::Permissions::from_mode(*mode)).unwrap();
    }
    let set = ["--log", "log", "nodes", "set", "pi01", "--user", "ada"];
    with_umask(&home, "022", &set).with(0).says(&["clusters/default (mode 755) and one more", "log (mode 644)"]);
    for (path, _) in &wide {
        assert_eq!(mode(path) & 0o077, 0, "{}", path.display());
    }
    let again = with_umask(&home, "022", &["--log", "log", "nodes", "set", "pi01", "--user", "eve"]).with(0);
    assert!(!again.err.contains("other users"), "{}", again.err);
}

#[test]
fn a_crash_leaves_no_core_with_passwords_in_it() {
    let home = Home::new();
    // The limit that a user may have set to debug other programs.
    let crash = |program: &Path, words: &[&str]| {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -c unlimited; exec \"$@\"", "sh"]).arg(program).args(words);
        command.env_clear().envs(home.environment()).current_dir(home.path());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let pid = rustix::process::Pid::from_child(&child);
        if program == pictl() {
            let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
            let mut line = String::new();
            std::io::BufRead::read_line(&mut stderr, &mut line).unwrap();
            assert!(line.contains("scanning"), "{line}");
            let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
            let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap().to_owned();
            assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
            rustix::process::kill_process(pid, Signal::ABORT).unwrap();
            drop(stderr);
        } else {
            // Not the shell that starts it, before it has raised the limit.
            let name = format!("/proc/{}/comm", child.id());
            eventually("the program runs", LIMIT, || (fs::read_to_string(&name).ok()?.trim() == "sleep").then_some(()));
            rustix::process::kill_process(pid, Signal::ABORT).unwrap();
        }
        child.wait().unwrap()
    };
    let ended = crash(&pictl(), &["scan", "127.0.0.1", "--watch=60", "--plain"]);
    assert!(!ended.core_dumped() && ended.signal() == Some(Signal::ABORT.as_raw()), "{ended}");
    if !crash(Path::new("/bin/sleep"), &["60"]).core_dumped() {
        println!("no program leaves a core file here, so this shows the limit only");
    }
}

// ---- what stands in them

/// Escape sequences as a file can hold them, and what a terminal would take for one.
const HOSTILE: [char; 3] = ['\u{1b}', '\u{9b}', '\u{202e}'];

/// What somebody wrote into a record: it clears the screen, names the window, and turns text round.
const EVIL: &str = "p\u{1b}[2J\u{1b}]0;owned\u{7}i\u{9b}31m\u{202e}";

/// Puts it into every text that is shown.
fn poison(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(poison),
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if ["line", "text", "reason", "hint", "why"].contains(&key.as_str()) => {
                        text.insert_str(0, EVIL);
                    }
                    Value::Object(workload) if key == "workload" => {
                        let name = workload["name"].as_str().unwrap().to_owned();
                        workload["name"] = format!("{EVIL}{name}").into();
                    }
                    Value::Array(hosts) if key == "hosts" => {
                        for host in hosts.iter_mut().filter(|host| host["name"].is_string()) {
                            host["name"] = format!("{EVIL}{}", host["name"].as_str().unwrap()).into();
                        }
                    }
                    other => poison(other),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn escape_sequences_in_records_do_not_reach_the_terminal() {
    let home = Home::new();
    let name = "20261130-205715-pi-2848";
    let (from, to) = (repository().join("assets/fixtures/runs").join(name), folder(&home).join("runs").join(name));
    fs::create_dir_all(&to).unwrap();
    let mut run_file: Value = serde_json::from_str(&fs::read_to_string(from.join("run.json")).unwrap()).unwrap();
    poison(&mut run_file);
    assert_eq!(run_file["plan"]["workload"]["name"], format!("{EVIL}pi"));
    fs::write(to.join("run.json"), run_file.to_string()).unwrap();
    let events = fs::read_to_string(from.join("events.jsonl")).unwrap();
    let poisoned = events.lines().map(|line| {
        let mut event = serde_json::from_str(line).unwrap();
        poison(&mut event);
        format!("{event}\n")
    });
    fs::write(to.join("events.jsonl"), poisoned.collect::<String>()).unwrap();
    let bad = |text: &str| text.chars().any(|c| HOSTILE.contains(&c) || (c.is_control() && !"\n\t".contains(c)));
    for words in
        [&["runs", "list"][..], &["runs", "show"], &["runs", "replay", "--plain"], &["runs", "replay", "-v", "--plain"]]
    {
        for json in [false, true] {
            // One excludes the other.
            let words = words.iter().copied().filter(|word| !json || *word != "--plain");
            let all: Vec<_> = words.chain(json.then_some("--json")).collect();
            let ended = run(home.pictl(&all), "").with(0);
            let shown = if json { "owned" } else { "pi31m" };
            assert!(ended.out.contains(shown) || ended.err.contains(shown), "{all:?}: {}{}", ended.out, ended.err);
            assert!(!bad(&ended.out) && !bad(&ended.err), "{all:?}: {:?}{:?}", ended.out, ended.err);
            if json {
                ended.json();
            }
        }
    }
    let mut dashboard =
        Terminal::start((120, 40), &pictl(), &["runs", "replay", "--speed", "10000"], home.environment());
    dashboard.wait_for_text("RECORD of", LIMIT);
    let raw = String::from_utf8_lossy(dashboard.raw()).into_owned();
    assert!(!raw.contains("owned\u{7}") && !raw.contains('\u{9b}') && !raw.contains('\u{202e}'), "{raw:?}");
}

#[test]
fn an_inventory_that_makes_no_sense_is_refused_with_file_line_and_fix() {
    let home = Home::new();
    let twice = node(2, 22, "").replace("127.77.0.2\"\nname", "127.77.0.1\"\nname");
    for (nodes, line, fix) in [
        (node(1, 22, "") + &twice, "line 11: ", "remove one of the two"),
        (node(1, 0, ""), "line 6: ", "usually 22"),
        (node(1, 22, "").replace("\"pi\"", "\"\""), "line 7: ", "the name to log in with"),
        (node(1, 22, "").replace("\"pi\"", r#""p\u001b[31mi""#), "line 7: ", "control characters"),
        (node(1, 22, "jump = \"a\\u009bb\""), "line 9: ", "control characters"),
        (node(1, 22, "").replace("port = 22", "port = 70000"), "line 6, column 8: ", "70000"),
    ] {
        save(&home, &nodes);
        for words in [&["nodes", "list"][..], &["setup", "--yes"], &["nodes", "set", "pi01", "--user", "x"]] {
            let ended = run(home.pictl(words), "").with(2).says(&["cluster.toml", line, fix]);
            assert!(!HOSTILE.iter().any(|c| ended.err.contains(*c)), "{:?}", ended.err);
        }
    }
    save(&home, &node(1, 22, ""));
    run(home.pictl(&["nodes", "set", "pi01", "--user", ""]), "").with(2);
    run(home.pictl(&["nodes", "set", "pi01", "--user", "-oProxyCommand=x"]), "").with(2);
    run(home.pictl(&["nodes", "set", "pi01", "--user", "a\u{1b}b"]), "").with(2);
}

#[test]
fn known_hosts_with_a_byte_that_is_no_text_works_and_keeps_it() {
    let home = Home::new();
    save(&home, &(node(1, 22, "") + &node(2, 22, "")));
    let known = folder(&home).join("known_hosts");
    let comment = b"# caf\xe9\n".to_vec();
    fs::write(&known, [comment.as_slice(), KEY.as_bytes()].concat()).unwrap();
    run(home.pictl(&["nodes", "set", "pi02", "--user", "ada"]), "").with(0);
    run(home.pictl(&["nodes", "remove", "pi01"]), "").with(0);
    assert_eq!(fs::read(&known).unwrap(), comment);
}

#[test]
fn symbolic_links_of_the_user_stay_and_their_targets_are_written() {
    let home = Home::new();
    save(&home, &(node(1, 22, "") + &node(2, 22, "")));
    let mine = home.path().join("dotfiles");
    fs::create_dir(&mine).unwrap();
    fs::write(folder(&home).join("known_hosts"), KEY).unwrap();
    for name in ["cluster.toml", "known_hosts"] {
        fs::rename(folder(&home).join(name), mine.join(name)).unwrap();
        symlink(mine.join(name), folder(&home).join(name)).unwrap();
    }
    run(home.pictl(&["nodes", "remove", "pi01"]), "").with(0);
    for name in ["cluster.toml", "known_hosts"] {
        assert!(fs::symlink_metadata(folder(&home).join(name)).unwrap().is_symlink(), "{name}");
    }
    assert_eq!(fs::read_to_string(mine.join("known_hosts")).unwrap(), "");
    let text = fs::read_to_string(mine.join("cluster.toml")).unwrap();
    assert!(text.contains("pi02") && !text.contains("pi01"), "{text}");
}

#[test]
fn a_private_key_does_not_go_to_the_nodes_unless_asked_twice() {
    let home = Home::new();
    save(&home, &node(1, 1, ""));
    let key = home.path().join("mykey");
    fs::write(&key, "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n").unwrap();
    let netrc = home.path().join(".netrc");
    fs::write(&netrc, "machine example.org password x\n").unwrap();
    for words in [
        vec!["run", "--", "cat", key.to_str().unwrap()],
        vec!["run", "--file", key.to_str().unwrap(), "--", "hostname"],
        vec!["run", "--", "cat", netrc.to_str().unwrap()],
    ] {
        let ended = run(home.pictl(&words), "").with(2).says(&["will not copy", "--private-files"]);
        assert!(!ended.err.contains("pi01"), "nothing was begun: {}", ended.err);
    }
    // Asked twice, it goes on to the node, where nobody answers.
    run(home.pictl(&["run", "--private-files", "--", "cat", key.to_str().unwrap()]), "").with(3).says(&["pi01"]);
}

// ---- machinefiles

#[test]
fn a_machinefile_is_printed_from_the_inventory_and_nobody_is_asked() {
    let home = Home::new();
    // It would notice a connection.
    let listener = TcpListener::bind("127.77.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let two = node(2, port, "cores = 2").replace("\"pi\"", "\"ada\"");
    save(&home, &(node(1, port, "cores = 4") + &two + &node(3, port, "")));
    let lines = |words: &[&str], user: &str, code| {
        let mut command = home.pictl(words);
        command.env("USER", user);
        let ended = run(command, "").with(code);
        let lines = ended.out.lines().filter(|line| !line.starts_with('#')).map(str::to_owned);
        (lines.collect::<Vec<_>>(), ended)
    };
    let (all, ended) = lines(&["machinefile"], "pi", 1);
    assert_eq!(all, ["127.77.0.1 slots=4", "ada@127.77.0.2 slots=2"]);
    ended.says(&["pi03", "--refresh"]);
    let some = ["machinefile", "--nodes", "pi[01-02]"];
    let (outside, _) = lines(&some, "me", 0);
    assert_eq!(outside, ["pi@127.77.0.1 slots=4", "ada@127.77.0.2 slots=2"], "mpirun on this computer logs in as me");
    let (named, _) = lines(&[&some[..], &["--names", "--mpi", "mpich", "--users"]].concat(), "pi", 0);
    assert_eq!(named, ["pi01:4 user=pi", "pi02:2 user=ada"]);
    run(home.pictl(&["machinefile", "--write", "../x"]), "").with(2).says(&["--write"]);
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "nobody connected");
}

// ---- preferences

#[test]
fn preferences_that_cannot_be_used_are_refused_with_file_line_and_column() {
    let home = Home::new();
    for (text, parts) in [
        ("[login]\nusr = 'pi'\n", &["line 2, column 1", "usr"][..]),
        ("[logn]\nuser = 'pi'\n", &["line 1, column 2", "logn"]),
        ("[keys.everywhere]\nscan = ['nonsense-key']\n", &["line 2, column 9", "nonsense-key"]),
        ("[keys.everywhere]\nscan = ['q']\n", &["line 2, column 1", "q means both"]),
        ("[keys.everywhere]\nno-such-command = ['x']\n", &["line 2, column 1", "no-such-command"]),
        ("[keys.no-such-mode]\nup = ['x']\n", &["line 1, column 7", "no-such-mode"]),
    ] {
        home.prefer(text);
        for words in [&["config"][..], &["nodes", "list"]] {
            run(home.pictl(words), "").with(2).says(&["pictl.toml"]).says(parts);
        }
    }
    home.prefer("[keys]\n");
    run(home.pictl(&["config"]), "").with(0);
}
