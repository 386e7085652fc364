//! What goes wrong is reported: lost nodes, stopped runs, refused logins, damaged records, full disks.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::fs;
use std::path::{Path, PathBuf};

use pictl_tests::{Ended, LIMIT, Lab, Operator, Running, nothing_left, run, skip, unless_lab_runs_here};
use rustix::process::Signal;

const SETUP: [&str; 7] = ["setup", "--user", "pi", "--password-stdin", "--trust", "new", "--yes"];
/// Much longer than any test here takes.
const LONG: [&str; 6] = ["bench", "pi", "--slices", "64", "--slice-size", "50000000"];
const SHORT: [&str; 6] = ["bench", "pi", "--slices", "16", "--slice-size", "200000"];

fn lab(nodes: &str) -> Lab {
    Lab::up(&["--nodes", nodes, "--with-mpi", "openmpi"])
}

fn runs(me: &Operator) -> PathBuf {
    me.home.path().join("data/pictl/clusters/default/runs")
}

/// The folder of the run that was made last.
fn last_run(me: &Operator) -> PathBuf {
    let mut all: Vec<_> = fs::read_dir(runs(me)).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    all.pop().expect("a run")
}

#[test]
fn a_node_lost_in_a_run_fails_it_and_is_named() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = lab("3");
    let me = Operator::new(&lab);
    me.set_up();
    let mut bench = Running::start(me.pictl(&[&LONG[..], &["-n", "3", "-v"]].concat()), "");
    bench.wait_for("slice 1/64", 2 * LIMIT);
    lab.fault("kill", "n3");
    let ended = bench.wait_for_end(2 * LIMIT).with(1).says(&["outcome  failed: pi03", "cable"]);
    assert!(!ended.err.contains("slice 64/64"), "the loss was noticed at the end only\n{}", ended.err);
    nothing_left(&lab, &[1, 2], LIMIT);

    // A run on what is left works, and the lost node is named where it is asked for.
    me.run(&[&SHORT[..], &["--nodes", "pi[01-02]"]].concat()).with(0);
    me.run(&SHORT).with(3).says(&["pi03"]);
    let setup = run(me.pictl(&SETUP), "raspberry\n").with(1);
    assert!(setup.err.contains("pi03     connect       failed"), "{}", setup.err);
    assert!(setup.err.contains("pi02     connect       unchanged"), "{}", setup.err);
}

#[test]
fn unfinished_and_damaged_records() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = lab("2");
    let me = Operator::new(&lab);
    me.set_up();

    // pictl is killed: the run goes on, and pictl says so, and how to join it.
    let middle = ["bench", "pi", "-n", "2", "--slices", "16", "--slice-size", "2000000"];
    let mut bench = Running::start(me.pictl(&middle), "");
    bench.wait_for("slice 1/16", 2 * LIMIT);
    bench.signal(Signal::KILL);
    bench.wait_for_end(LIMIT).with(-9);
    me.run(&["runs", "show"]).with(0).says(&["not seen: it was left running", "pictl attach"]);
    me.run(&["runs", "list"]).with(0).says(&["not finished"]);
    me.run(&["attach"]).with(0).says(&["outcome  succeeded", "slices   16 of 16"]);
    nothing_left(&lab, &[1, 2], LIMIT);

    damaged_records(&me);
}

/// One whole run, and three that are copies of it with something broken.
fn damaged_records(me: &Operator) {
    me.run(&[&SHORT[..], &["-n", "2"]].concat()).with(0);
    let whole = last_run(me);
    let copy = |suffix: &str| {
        let name = whole.file_name().unwrap().to_str().unwrap();
        let id = format!("{}{suffix}", &name[..name.len() - suffix.len()]);
        let dir = whole.with_file_name(&id);
        fs::create_dir(&dir).unwrap();
        for file in ["run.json", "events.jsonl", "output.log"] {
            let text = fs::read_to_string(whole.join(file)).unwrap();
            fs::write(dir.join(file), text.replace(name, &id)).unwrap();
        }
        (dir, id)
    };
    let events = fs::read_to_string(whole.join("events.jsonl")).unwrap();

    let (dir, torn) = copy("aaaa");
    fs::write(dir.join("events.jsonl"), &events[..events.len() - 20]).unwrap();
    me.run(&["runs", "show", &torn]).with(0).says(&["last line is torn", "outcome  succeeded"]);

    let (dir, holed) = copy("bbbb");
    let mut lines: Vec<_> = events.lines().collect();
    lines[9] = "{\"v\":1,\"seq\":";
    fs::write(dir.join("events.jsonl"), lines.join("\n") + "\n").unwrap();
    me.run(&["runs", "show", &holed]).with(2).says(&["events.jsonl is damaged", "line 10"]);
    me.run(&["runs", "list"]).with(0).says(&[&torn, &holed]);

    let (dir, cut) = copy("cccc");
    let json = fs::read(dir.join("run.json")).unwrap();
    fs::write(dir.join("run.json"), &json[..json.len() / 2]).unwrap();
    me.run(&["runs", "show", &cut]).with(2).says(&["run.json is damaged"]);
    let listed = me.run(&["runs", "list"]).with(2).says(&["run.json is damaged"]);
    let good = whole.file_name().unwrap().to_str().unwrap();
    assert!([good, &torn, &holed].iter().all(|id| listed.out.contains(*id)), "{}", listed.out);
    assert!(!listed.out.contains(&cut) && listed.err.contains(&cut), "{}", listed.err);
}

/// Lines of a node's sshd about refused passwords.
fn refused(me: &Operator, node: usize, words: &str) -> String {
    me.on(node, &format!("sudo journalctl -q --no-pager -b | grep -c '{words}' || true")).trim().to_owned()
}

#[test]
fn refused_logins() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = lab("3");
    let me = Operator::new(&lab);
    me.set_up();
    let nodes = ["--nodes", "10.77.0.31-33"];
    let stranger = |words: &[&str], password: &str| -> Ended {
        let other = Operator::new(&lab);
        let ended = run(other.pictl(words), password);
        assert!(fs::read_dir(runs(&other)).unwrap().next().is_none());
        ended
    };

    let words = [&SETUP[..], &nodes].concat();
    stranger(&words, "wrong\n").with(3).says(&["the password of pi was refused"]);
    let mut words = words;
    words[2] = "nobody";
    stranger(&words, "raspberry\n").with(3).says(&["the password of nobody was refused"]);
    for node in 1..=3 {
        assert_eq!(refused(&me, node, "Failed password for pi from"), "1", "node {node}");
        assert_eq!(refused(&me, node, "Failed password for .*nobody from"), "1", "node {node}");
    }

    // Addresses that nobody has, or whose owner is cut off.
    stranger(&[&SETUP[..], &["--nodes", "10.77.0.77"]].concat(), "raspberry\n")
        .with(3)
        .says(&["10.77.0.77", "nobody answers"]);
    lab.fault("unplug", "n3");
    me.run(&["exec", "--nodes", "pi03", "--", "true"]).with(3).says(&["pi03"]);
    let ended = me.run(&["exec", "--", "hostname"]).with(1).says(&["pi03"]);
    assert!(ended.out.contains("pi01") && ended.out.contains("pi02"), "{}", ended.out);
    lab.fault("plug", "n3");

    // A node has other keys than the last time.
    me.on(2, "sudo sh -c 'rm /etc/ssh/ssh_host_*; ssh-keygen -qA; systemctl restart ssh'");
    let known = me.home.path().join("data/pictl/clusters/default/known_hosts");
    let before = fs::read(&known).unwrap();
    let setup = me.run(&["setup", "--yes", "--trust", "new"]).with(1).says(&["has changed"]);
    let line = |words: &str| setup.err.lines().any(|l| l.contains(words));
    assert!(line("pi02     connect       failed     its host key has changed"), "{}", setup.err);
    assert!(line("pi01     connect       unchanged") && line("pi03     connect       unchanged"), "{}", setup.err);
    assert_eq!(fs::read(&known).unwrap(), before, "a changed key was recorded");
    let ended = me.run(&["exec", "--", "hostname"]).with(1).says(&["pi02: its host key has changed"]);
    assert!(ended.out.contains("pi01") && ended.out.contains("pi03"), "{}", ended.out);
}

#[test]
fn full_disks() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = lab("3");
    let me = Operator::new(&lab);

    // On a node, while setup writes /etc/hosts: the folder is a disk of its own with no block left.
    me.run(&["scan", "--save"]).with(0);
    run(me.pictl(&[&SETUP[..], &["--only", "operator-key"]].concat()), "raspberry\n").with(0);
    let before = me.on(2, "cat /etc/hosts");
    me.on(2, FILL_ETC);
    let setup = me.run(&SETUP_AGAIN).with(1).says(&["No space left"]);
    let line = |words: &str| setup.err.lines().any(|l| l.contains(words));
    assert!(line("pi02     hosts         failed"), "{}", setup.err);
    assert!(line("pi01     hosts         done") && line("pi03     hosts         done"), "{}", setup.err);
    assert_eq!(me.on(2, "cat /etc/hosts"), before);
    assert_eq!(me.on(2, "ls -d /etc/hosts.pictl-* 2>/dev/null || true"), "", "a half-written file stayed");
    me.on(2, "sudo rm /etc/filler");
    me.run(&SETUP_AGAIN).with(0);

    // On the operator, in the middle of a run.
    let small = me.home.path().join("small");
    fs::create_dir(&small).unwrap();
    let disk = SmallDisk::mount(&small);
    copy_cluster(&me.home.path().join("data"), &small);
    let mut bench = me.pictl(&["bench", "pi", "-n", "3", "--slices", "3000", "--slice-size", "10000"]);
    bench.env("XDG_DATA_HOME", &small);
    // The run is worth more than its record: it goes on to its end. That something is not saved is in the exit code.
    run(bench, "").with(3).says(&["slices   3000 of 3000", "the record of this run is cut off", "No space left"]);
    nothing_left(&lab, &[1, 2, 3], LIMIT);
    let mut show = me.pictl(&["runs", "show"]);
    show.env("XDG_DATA_HOME", &small);
    run(show, "").with(0);
    let run_dir = fs::read_dir(small.join("pictl/clusters/default/runs")).unwrap().next().unwrap().unwrap().path();
    let names: Vec<_> = fs::read_dir(&run_dir).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(names.iter().all(|n| !n.to_string_lossy().contains(".new-")), "half-written: {names:?}");
    drop(disk);
}

const SETUP_AGAIN: [&str; 2] = ["setup", "--yes"];

/// Puts `/etc` onto a small disk of its own, and fills that.
const FILL_ETC: &str = "sudo sh -c 'mkdir /run/etc && mount -t tmpfs -o size=8m none /run/etc && cp -a /etc/. /run/etc \
    && mount --bind /run/etc /etc && (cat /dev/zero >/etc/filler 2>/dev/null; true)'";

/// A disk of 200 KiB.
struct SmallDisk<'a> {
    at: &'a Path,
}

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Self {
        let disk = Self { at };
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=200k", "pictl-test"]).arg(at);
        run(mount, "").with(0);
        disk
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let mut umount = std::process::Command::new("umount");
        umount.arg(self.at);
        run(umount, "");
    }
}

fn copy_cluster(from: &Path, to: &Path) {
    let (from, to) = (from.join("pictl/clusters/default"), to.join("pictl/clusters/default"));
    fs::create_dir_all(to.join("runs")).unwrap();
    for file in ["cluster.toml", "known_hosts"] {
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
}
