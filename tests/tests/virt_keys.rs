//! Keys on real hosts: installed, proved, exchanged, rotated and removed again, with pictl killed in the middle; files
//! of `~/.ssh` in every state; SD cards that were cloned or reflashed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::collections::BTreeSet;
use std::fs;
use std::time::Instant;

use pictl_tests::{
    Ended, LIMIT, Lab, Operator, RELOAD_SSHD, Running, eventually, key, limit, run, skip, unless_lab_runs_here,
};
use rustix::process::Signal;
use serde_json::Value;

const NODES: usize = 4;
const PUSH: [&str; 8] = ["keys", "push", "--user", "pi", "--password-stdin", "--trust", "new", "--yes"];
const MESH: [&str; 3] = ["keys", "mesh", "--yes"];
const ROTATE: [&str; 3] = ["keys", "rotate", "--yes"];
const ROTATE_NODES: [&str; 4] = ["keys", "rotate", "--of-nodes", "--yes"];

/// Starts pictl with these arguments and kills it in the middle of `step`, without a chance to clean up.
fn kill_in(me: &Operator, words: &[&str], input: &str, step: &str) {
    let mut running = Running::start(me.pictl(&[words, &["--json"]].concat()), input);
    running.wait_for_line(&format!("{step} at work"), LIMIT, |line| is_at(line, step));
    running.signal(Signal::KILL);
    running.wait_for_end(LIMIT).with(-9);
}

fn is_at(line: &str, step: &str) -> bool {
    let event: Value = serde_json::from_str(line).unwrap();
    let report = &event["event"]["report"];
    event["event"]["kind"] == "step" && report["step"] == step && report["state"] == "applying"
}

/// What `keys check --json` says of the pairs that fail: from, to, and why.
fn failing(ended: &Ended) -> Vec<(String, String, String)> {
    let pairs = ended.json();
    assert_eq!(pairs.len(), NODES * (NODES - 1), "{}", ended.out);
    let word = |pair: &Value, key: &str| pair[key].as_str().unwrap().to_owned();
    let bad = pairs.iter().filter(|pair| pair["ok"] == false);
    bad.map(|pair| (word(pair, "from"), word(pair, "to"), word(pair, "why"))).collect()
}

/// Every pair of nodes reaches each other, nothing stands anywhere twice, and nothing lies about.
fn all_is_well(me: &Operator) {
    let check = me.run(&["keys", "check", "--json"]).with(0);
    assert_eq!(failing(&check), []);
    let look = format!(
        "{{ ls -A .ssh | grep -v -x -e authorized_keys -e known_hosts -e id_ed25519 -e id_ed25519.pub -e id_ed25519.pub.old; \
           ls -A /etc/ssh /etc/ssh/sshd_config.d | grep pictl- | grep -v -e pictl-lab -e '^00-pictl-password-login.conf$'; \
           sort .ssh/authorized_keys | uniq -d; sort .ssh/known_hosts | uniq -d; \
           [ $(wc -l <.ssh/authorized_keys) = {} ] || cat .ssh/authorized_keys; \
           stat -c '%a %n' .ssh .ssh/id_ed25519 .ssh/authorized_keys | grep -v -x -e '700 .ssh' -e '600 .*'; true; }}",
        NODES + 1
    );
    for n in 1..=NODES {
        // A script without a connection ends by itself, and cleans up.
        let deadline = Instant::now() + limit(LIMIT);
        while let wrong = me.on(n, &look)
            && !wrong.is_empty()
        {
            assert!(Instant::now() < deadline, "on node {n}:\n{wrong}");
        }
    }
}

/// The keys of operator and nodes, installed with an interruption in the middle of each step.
fn in_place(lab: &Lab, me: &Operator) {
    me.run(&["scan", "--save"]).with(0);
    kill_in(me, &PUSH, "raspberry\n", "operator-key");
    run(me.pictl(&PUSH), "raspberry\n").with(0).says(&["lets you in on 4 of 4 nodes"]);
    for n in 1..=NODES {
        assert_eq!(me.on(n, "wc -l <.ssh/authorized_keys").trim(), "1");
    }

    for step in ["node-key", "mesh", "known-hosts"] {
        kill_in(me, &MESH, "", step);
    }
    // The cable of a node is pulled out instead.
    let mut running = Running::start(me.pictl(&[&MESH[..], &["--json"]].concat()), "");
    running.wait_for_line("pairs at work", LIMIT, |line| is_at(line, "pairs"));
    lab.fault("unplug", "n2");
    running.wait_for_end(LIMIT);
    lab.fault("plug", "n2");
    me.run(&MESH).with(0).says(&["12 of 12 pairs"]);
    all_is_well(me);
    // Nothing is there to be done.
    let again = me.run(&[&MESH[..], &["--json"]].concat()).with(0);
    assert!(
        !again.out.lines().any(|line| is_at(line, "node-key") || is_at(line, "mesh") || is_at(line, "known-hosts"))
    );
}

/// A key that is missing is one pair that fails.
fn one_pair_is_broken(me: &Operator) {
    let key = me.on(2, "cut -d' ' -f2 .ssh/id_ed25519.pub");
    me.on(3, &format!("grep -vF {} .ssh/authorized_keys >new; cat new >.ssh/authorized_keys; rm new", key.trim()));
    let check = me.run(&["keys", "check", "--json"]).with(1);
    let [(from, to, why)] = &failing(&check)[..] else { panic!("{}", check.out) };
    assert_eq!((from.as_str(), to.as_str()), ("pi02", "pi03"));
    assert!(why.contains("refused the key"), "{why}");
    me.run(&["keys", "check"]).with(1).says(&["pi02 -> pi03", "keys mesh", "11 of 12 pairs"]);
    me.run(&MESH).with(0);
    all_is_well(me);
}

/// New keys in the place of those before, with cuts; who has the old one is let in nowhere.
fn changed(me: &Operator) {
    let folder = me.home.path().join(".ssh");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let before = read("pictl_ed25519");
    for step in ["operator-key", "revoke"] {
        kill_in(me, &ROTATE, "", step);
        // One of the two keys is let in, and pictl offers both.
        me.run(&["exec", "--", "true"]).with(0);
    }
    me.run(&ROTATE).with(0).says(&["is a new one and lets you in on 4 of 4 nodes"]);
    assert_ne!(read("pictl_ed25519"), before);
    let names: BTreeSet<_> =
        fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    let kept = ["pictl_ed25519", "pictl_ed25519.old", "pictl_ed25519.old.pub", "pictl_ed25519.pub"].map(str::to_owned);
    assert_eq!(names, BTreeSet::from(kept));
    fs::write(folder.join("before"), &before).unwrap();
    run(me.command(&["chmod", "600", folder.join("before").to_str().unwrap()]), "").with(0);
    for n in 1..=NODES {
        let old = run(me.ssh_with("before", n, "true"), "");
        old.with(255).says(&["Permission denied"]);
    }
    fs::remove_file(folder.join("before")).unwrap();
    all_is_well(me);

    let public = |n| me.on(n, "cat .ssh/id_ed25519.pub");
    let before: Vec<_> = (1..=NODES).map(public).collect();
    for step in ["node-key", "mesh", "pairs", "revoke"] {
        kill_in(me, &ROTATE_NODES, "", step);
        me.run(&["keys", "check"]).with(0);
    }
    me.run(&ROTATE_NODES).with(0).says(&["12 of 12 pairs"]);
    for n in 1..=NODES {
        assert!(!before.contains(&public(n)), "node {n} has its old key");
    }
    all_is_well(me);
}

/// Lines in `authorized_keys` that other people wrote.
const OTHERS: &str = "# of the lab\\r\\nno-pty,command=\"echo \\\\\"a, b\\\\\"\" ssh-ed25519 \
    AAAAC3NzaC1lZDI1NTE5AAAAIJmJTGLsmqWKWzvvaeFKb3fjuLHQV8k5aUlKsEJ8mYgk guest@desk\\r\\n\\n  # indented\\nwhat is this\\n";

/// The keys of people who left are removed from every node, and no other keys are.
fn taken_out(me: &Operator) {
    let home = me.home.path();
    let make = |name: &str, comment: &str| {
        let file = home.join(name);
        let words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file.to_str().unwrap()];
        run(me.command(&words), "").with(0);
        fs::read_to_string(file.with_extension("pub")).unwrap().trim().to_owned()
    };
    let (laptop, student, guest) =
        (make("laptop", "old laptop"), make("student", "student@2024"), make("guest", "guest"));
    let all = |n| me.on(n, "cat .ssh/authorized_keys");
    for n in 1..=NODES {
        me.on(n, &format!("printf '{OTHERS}' >>.ssh/authorized_keys"));
    }
    let before: Vec<_> = (1..=NODES).map(all).collect();
    for n in 1..=NODES {
        me.on(n, &format!("cd .ssh && cp -p authorized_keys all && {{ echo 'from=\"10.0.0.0/8\" {student}'; cat all; echo '{laptop}'; \
            printf '%s' '{guest}'; }} >authorized_keys && rm all"));
    }
    let fingerprint =
        run(me.command(&["ssh-keygen", "-lf", home.join("laptop.pub").to_str().unwrap()]), "").with(0).out;
    let fingerprint = fingerprint.split(' ').nth(1).unwrap().to_owned();
    kill_in(me, &["keys", "remove", "--yes", &fingerprint], "", "revoke");
    me.run(&["keys", "remove", "--yes", &fingerprint, "student@2024", home.join("guest.pub").to_str().unwrap()])
        .with(0);
    assert_eq!((1..=NODES).map(all).collect::<Vec<_>>(), before);

    // One's own key and those of the nodes stay.
    me.run(&["keys", "remove", "--yes", "pi@pi02"]).with(1).says(&["is the key of pi02"]);
    let mine = home.join(".ssh/pictl_ed25519.pub");
    me.run(&["keys", "remove", "--yes", mine.to_str().unwrap()]).with(1).says(&["that you log in with"]);
    assert_eq!((1..=NODES).map(all).collect::<Vec<_>>(), before);
    for n in 1..=NODES {
        me.on(n, "head -n 5 .ssh/authorized_keys >new && cat new >.ssh/authorized_keys && rm new");
    }
    all_is_well(me);
}

/// A login by password on node 4, by a user without a key.
fn by_password(lab: &Lab, line: &str) -> Ended {
    let other = Operator::new(lab);
    other.run(&["nodes", "add", "10.77.0.34"]).with(0);
    run(other.pictl(&["exec", "--trust", "new", "--password-stdin", "--", line]), "raspberry\n")
}

const DROP_IN: &str = "etc/ssh/sshd_config.d/00-pictl-password-login.conf";

fn passwords_off_and_on(lab: &Lab, me: &Operator) {
    me.run(&["keys", "passwords", "off", "--yes"]).with(0);
    by_password(lab, "true").with(3);
    all_is_well_without_passwords(me);
    let again = me.run(&["keys", "passwords", "off", "--yes", "--json"]).with(0);
    assert!(!again.out.lines().any(|line| is_at(line, "password-login")));
    me.run(&["keys", "passwords", "on", "--yes"]).with(0);
    by_password(lab, "true").with(0);

    // Logins by key stop working when sshd reloads its settings: the proof fails, and nothing has changed.
    let refuse = "/etc/ssh/sshd_config.d/05-test.conf";
    me.on(4, &format!("echo PubkeyAuthentication no | sudo tee {refuse}"));
    let off = ["keys", "passwords", "off", "--yes", "--nodes", "pi04"];
    let failed = me.run(&off).with(1);
    assert!(failed.err.contains("pi04     password-login failed"), "{}", failed.err);
    let put_back = format!("sudo rm {refuse} && sudo sh -c '{RELOAD_SSHD}' && ! ls /{DROP_IN} 2>/dev/null");
    by_password(lab, &put_back).with(0);

    // pictl is killed between the two: the node goes back by itself, a minute later, which is waited for at the end.
    let file = lab.disk(4).join(DROP_IN);
    for _ in 0..5 {
        let running = Running::start(me.pictl(&off), "");
        eventually("passwords that are off", LIMIT, || file.exists().then_some(()));
        running.signal(Signal::KILL);
        running.wait_for_end(LIMIT).with(-9);
        if fs::read_to_string(&file).unwrap().contains("in a minute") {
            return;
        }
        me.run(&["keys", "passwords", "on", "--yes", "--nodes", "pi04"]).with(0);
    }
    panic!("pictl was never killed before it had proved a login");
}

fn all_is_well_without_passwords(me: &Operator) {
    let check = me.run(&["keys", "check", "--json"]).with(0);
    assert_eq!(failing(&check), []);
    assert!((1..=NODES).all(|n| !me.on(n, "hostname").is_empty()));
}

fn passwords_are_back(lab: &Lab) {
    let file = lab.disk(4).join(DROP_IN);
    eventually("passwords that are on again", 3 * LIMIT, || (!file.exists()).then_some(()));
    eventually("a login by password", LIMIT, || (by_password(lab, "true").code == 0).then_some(()));
}

/// A state of a home, in which a key is put among those that are let in.
struct Files {
    name: &'static str,
    /// As root on the node, in that home; `others` has lines of other people.
    before: &'static str,
    code: i32,
    says: &'static [&'static str],
    /// What must be so afterwards; the key is `$1`.
    after: &'static str,
}

const FILES: [Files; 10] = [
    Files {
        name: "there is no ~/.ssh",
        before: "rm -rf .ssh",
        code: 0,
        says: &[],
        after: "[ \"$(stat -c '%a %U %G' .ssh)\" = '700 student student' ]
            [ \"$(stat -c '%a %U %G' .ssh/authorized_keys)\" = '600 student student' ]
            [ \"$(cat .ssh/authorized_keys)\" = \"$1\" ]",
    },
    Files {
        name: "options, comments, CRLF, no end of the last line",
        before: "printf %s last | cat others - >.ssh/authorized_keys",
        code: 0,
        says: &[],
        after: "{ cat others; printf 'last\\r\\n%s\\r\\n' \"$1\"; } | cmp - .ssh/authorized_keys",
    },
    Files {
        name: "a link to elsewhere",
        before: "mkdir -p keys && cp others keys/mine && chown -R student: keys && ln -sf ../keys/mine .ssh/authorized_keys",
        code: 0,
        says: &[],
        after: "[ -L .ssh/authorized_keys ]; { cat others; printf '%s\\r\\n' \"$1\"; } | cmp - keys/mine
            [ \"$(stat -c %U keys/mine)\" = student ]; [ \"$(ls -A keys)\" = mine ]",
    },
    Files {
        name: "the key is there with an option",
        before: "rm .ssh/authorized_keys; { cat others; echo \"no-x11-forwarding $1\"; } >.ssh/authorized_keys",
        code: 0,
        says: &[],
        after: "{ cat others; echo \"no-x11-forwarding $1\"; } | cmp - .ssh/authorized_keys",
    },
    Files {
        name: "the key is there for one command",
        before: "echo \"command=\\\"date\\\" $1\" >.ssh/authorized_keys",
        code: 1,
        says: &["did not start pictl's script"],
        after: "[ \"$(cat .ssh/authorized_keys)\" = \"command=\\\"date\\\" $1\" ]",
    },
    Files {
        name: "everybody can write to ~/.ssh",
        before: "cp others .ssh/authorized_keys; chmod 666 .ssh/authorized_keys; chmod 777 .ssh",
        code: 0,
        says: &[],
        after: "[ \"$(stat -c %a .ssh)\" = 755 ]; [ \"$(stat -c %a .ssh/authorized_keys)\" = 600 ]",
    },
    Files {
        name: "everybody can write to the home",
        before: "cp others .ssh/authorized_keys; chmod 777 .",
        code: 1,
        says: &["other users can write to its home", "chmod go-w"],
        after: "[ \"$(stat -c %a .)\" = 777 ]; chmod 700 .",
    },
    Files {
        name: "a home that is read-only",
        before: "cp others .ssh/authorized_keys; mount --bind /home/student /home/student
            mount -o remount,bind,ro /home/student",
        code: 1,
        says: &["Read-only file system"],
        after: "cd /; umount -l /home/student; cd /home/student; cmp others .ssh/authorized_keys",
    },
    Files {
        name: "a disk that is full",
        before: "mount -t tmpfs -o size=64k,mode=700,uid=$(id -u student) none .ssh; cp others .ssh/authorized_keys
            chown student: .ssh/authorized_keys; cat /dev/zero >.ssh/filler 2>/dev/null || true",
        code: 1,
        says: &["No space left on device"],
        after: "cmp others .ssh/authorized_keys; [ \"$(echo $(ls -A .ssh))\" = 'authorized_keys filler' ]; umount -l .ssh",
    },
    Files {
        name: "a link to nowhere",
        before: "ln -sf /nowhere/at/all .ssh/authorized_keys",
        code: 1,
        says: &["link to nowhere"],
        after: "[ \"$(readlink .ssh/authorized_keys)\" = /nowhere/at/all ]; rm .ssh/authorized_keys",
    },
];

fn files_in_every_state(lab: &Lab, me: &Operator) {
    me.on(3, "sudo useradd -m -s /bin/bash student");
    run(me.ssh(3, "sudo chpasswd"), "student:pencil\n").with(0);
    me.on(3, &format!("printf '{OTHERS}' | sudo tee /home/student/others"));
    let student = Operator::new(lab);
    student.run(&["nodes", "add", "10.77.0.33", "--user", "student"]).with(0);
    let push = ["keys", "push", "--password-stdin", "--trust", "new", "--yes"];
    let key = || fs::read_to_string(student.home.path().join(".ssh/pictl_ed25519.pub")).unwrap_or_default();
    for Files { name, before, code, says, after } in FILES {
        let as_root = |script: &str| {
            let line = format!("sudo sh -s -- '{}'", key().trim());
            run(me.ssh(3, &line), &format!("set -eu; echo '{name}' >&2; cd /home/student; {script}\n"))
        };
        as_root(&format!("{before}; if [ -d .ssh ] && [ -w .ssh ]; then chown -R student: .ssh; fi")).with(0);
        let ended = run(student.pictl(&push), "pencil\n");
        // sshd of trixie keeps count of logins that came to nothing.
        let state =
            as_root(&format!("({after}) >&2; ls -lA .ssh; systemctl reset-failed ssh; systemctl restart ssh")).with(0);
        assert!(ended.code == code, "{name}: {}\n{}{}\n{}", ended.code, ended.out, ended.err, state.out);
        ended.says(says);
        // What is in the middle of being written has a name of this kind.
        assert!(!state.out.contains("pictl-"), "{name}: {}", state.out);
    }
}

/// A host key that is another one than before stops the node, whatever was said of keys never seen.
fn a_changed_host_key(me: &Operator) {
    me.on(2, "sudo sh -c 'rm /etc/ssh/ssh_host_*; ssh-keygen -qA; systemctl restart ssh'");
    let known = me.home.path().join("data/pictl/clusters/default/known_hosts");
    let before = fs::read(&known).unwrap();
    for trust in ["ask", "new", "strict"] {
        let only = ["exec", "--trust", trust, "--nodes", "pi02", "--", "true"];
        me.run(&only).with(3).says(&["pi02", "host key has changed"]);
        me.run(&["keys", "check", "--trust", trust]).with(1).says(&["pi02", "host key has changed"]);
        assert_eq!(fs::read(&known).unwrap(), before, "a changed key was recorded");
    }
}

/// The SD card of that node was reflashed: its network interface is still the same, which a terminal shows, where the new key
/// can be trusted; the other nodes learn it by the next mesh.
fn a_reflashed_sd_card(me: &Operator) {
    for (answer, code) in [("n", 3), ("y", 0)] {
        let mut terminal = me.terminal(&["exec", "--nodes", "pi02", "--", "whoami"]);
        terminal.wait_for_text("trust the new key of pi02? [y/N/fingerprint]", LIMIT);
        let screen = terminal.screen();
        assert!(screen.contains("same network interface as before") && screen.contains("before  SHA256:"), "{screen}");
        terminal.send(&format!("{answer}{}", key::ENTER));
        let end = terminal.wait_for_end(LIMIT);
        assert_eq!(end.code, code, "{}", end.screen);
    }
    assert_eq!(me.on(2, "whoami"), "pi\n");
    me.run(&["keys", "check"]).with(1).says(&["-> pi02", "keys mesh"]);
    me.run(&MESH).with(0);
    all_is_well(me);
}

fn keys_of_a_cluster(os: &str) {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", &NODES.to_string(), "--os", os, "--with-mpi", "none"]);
    let me = Operator::new(&lab);
    in_place(&lab, &me);
    one_pair_is_broken(&me);
    passwords_off_and_on(&lab, &me);
    changed(&me);
    taken_out(&me);
    files_in_every_state(&lab, &me);
    a_changed_host_key(&me);
    a_reflashed_sd_card(&me);
    passwords_are_back(&lab);
}

#[test]
fn keys_of_a_cluster_on_bookworm() {
    keys_of_a_cluster("bookworm");
}

#[test]
fn keys_of_a_cluster_on_trixie() {
    keys_of_a_cluster("trixie");
}

/// Two nodes of each release have cloned SD cards.
#[test]
fn cards_that_were_copied() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", &NODES.to_string(), "--os", "mixed", "--cloned", "--with-mpi", "none"]);
    let me = Operator::new(&lab);
    me.run(&["scan", "--save"]).with(0);
    let push = run(me.pictl(&PUSH), "raspberry\n").with(0);
    assert!(push.err.contains("the same key") || push.err.contains("copy"), "{}", push.err);
    let keys = |n| me.on(n, "cat /etc/ssh/ssh_host_*.pub");
    let ids = |n| me.on(n, "cat /etc/machine-id");
    assert_eq!((keys(1), ids(2)), (keys(3), ids(4)));
    let first = [keys(1), keys(2), ids(1), ids(2)];
    me.run(&MESH).with(0);

    // Somebody is logged in on a copy all the while.
    let mut session = Running::start(me.ssh(3, "echo here; sleep 3; cat /proc/sys/kernel/random/boot_id"), "");
    session.wait_for("here", LIMIT);
    kill_in(&me, &["keys", "unclone", "--yes"], "", "identity");
    assert!((1..=NODES).all(|n| me.run(&["exec", "--nodes", &format!("pi0{n}"), "--", "true"]).code == 0));
    me.run(&["keys", "unclone", "--yes"]).with(0).says(&["4 of 4 nodes"]);
    session.wait_for_end(LIMIT).with(0);
    assert_eq!([keys(1), keys(2), ids(1), ids(2)], first, "the first of each keeps what it has");
    for what in [&keys as &dyn Fn(usize) -> String, &ids] {
        let all: BTreeSet<_> =
            (1..=NODES).flat_map(|n| what(n).lines().map(str::to_owned).collect::<Vec<_>>()).collect();
        let count: usize = (1..=NODES).map(|n| what(n).lines().count()).sum();
        assert_eq!(all.len(), count, "{all:?}");
    }
    all_is_well(&me);
    me.run(&["setup", "--only", "identity", "--dry-run"]).with(0).says(&["its own"]);
}
