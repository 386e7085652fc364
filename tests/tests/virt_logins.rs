//! Every kind of login, against the OpenSSH of two releases: passwords, questions, keys, agents, other users and ports,
//! hosts that are reached through another one, and that no secret can be read afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use pictl_tests::{
    Ended, LIMIT, Lab, Operator, RELOAD_SSHD, address, key, processes_that_say, run, skip, unless_lab_runs_here,
};

const NODES: usize = 4;
const ALL: &str = "10.77.0.31-34";
const PUSH: [&str; 6] = ["keys", "push", "--password-stdin", "--trust", "new", "--yes"];

/// A user whose cluster are these nodes, and who has no key yet.
fn newcomer<'a>(lab: &'a Lab, nodes: &str) -> Operator<'a> {
    let me = Operator::new(lab);
    me.run(&["nodes", "add", nodes]).with(0);
    me
}

/// `whoami` on all nodes of the cluster.
fn whoami(me: &Operator, words: &[&str], input: &str) -> Ended {
    run(me.pictl(&[&["exec", "--trust", "new"], words, &["--", "whoami"]].concat()), input)
}

/// Makes a key pair in the home of `me`, lets it in on node `number`, and gives its file.
fn key_pair(me: &Operator, owner: &Operator, number: usize, kind: &[&str], passphrase: &str) -> PathBuf {
    let file = me.home.path().join(format!("key-{}", kind.concat()));
    let words = [&["ssh-keygen", "-q", "-N", passphrase, "-f", file.to_str().unwrap(), "-t"], kind].concat();
    run(me.command(&words), "").with(0);
    let public = fs::read_to_string(file.with_extension("pub")).unwrap();
    owner.on(number, &format!("echo '{}' >>.ssh/authorized_keys", public.trim()));
    file
}

/// Lines of the log of node `number`'s sshd with this text in them, since it was booted.
fn logged(owner: &Operator, number: usize, text: &str) -> usize {
    let line = format!("sudo journalctl -q --no-pager -b -u ssh | grep -c '{text}' || true");
    owner.on(number, &line).trim().parse().unwrap()
}

/// Gives node `number`'s sshd these settings before all others; none: only what it came with.
fn sshd(owner: &Operator, number: usize, lines: &str) {
    let file = "/etc/ssh/sshd_config.d/00-test.conf";
    let line = format!("sudo sh -c 'cat >{file} && sshd -t && {{ {RELOAD_SSHD}; }}'");
    run(owner.ssh(number, &line), lines).with(0);
}

/// sshd of trixie keeps count of failed logins by address, and there are more of them here than anybody makes in a minute.
fn forgiven(owner: &Operator) {
    owner.run(&["exec", "--", "sudo systemctl restart ssh"]).with(0);
}

/// An agent with keys, and its socket.
struct Agent {
    process: Child,
    socket: PathBuf,
}

impl Agent {
    fn with(me: &Operator, keys: &[PathBuf]) -> Self {
        let socket = me.home.path().join("agent");
        let _ = fs::remove_file(&socket);
        let mut start = Command::new("ssh-agent");
        let mut process = start.arg("-D").arg("-a").arg(&socket).stdout(Stdio::piped()).spawn().unwrap();
        // It prints where it listens once it does.
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut add = Command::new("ssh-add");
        add.arg("-q").args(keys).env("SSH_AUTH_SOCK", &socket);
        run(add, "").with(0);
        Self { process, socket }
    }

    fn pictl(&self, me: &Operator, words: &[&str]) -> Command {
        let mut command = me.pictl(words);
        command.env("SSH_AUTH_SOCK", &self.socket);
        command
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn keys_of_every_kind(lab: &Lab, owner: &Operator) {
    let me = newcomer(lab, "10.77.0.31");
    for kind in [&["ed25519"][..], &["ecdsa", "-b", "521"], &["rsa", "-b", "3072"]] {
        let key = key_pair(&me, owner, 1, kind, "");
        whoami(&me, &["--identity", key.to_str().unwrap()], "").with(0);
    }
    let accepted = |kind: &str| logged(owner, 1, &format!("Accepted publickey for pi .*: {kind} SHA256"));
    assert!(["ED25519", "ECDSA", "RSA"].iter().all(|kind| accepted(kind) > 0), "a key was not the one that let in");

    // A passphrase is asked for where the host would take the key. One node for each, for hosts keep count of who leaves.
    let locked = key_pair(&me, owner, 1, &["ed25519", "-C", "locked"], "open sesame");
    let public = fs::read_to_string(locked.with_extension("pub")).unwrap();
    let words = ["--identity", locked.to_str().unwrap(), "--passphrase-stdin"];
    whoami(&me, &words, "open sesame\n").with(0);
    for (number, words, input) in [(3, &words[..], "wrong\n"), (4, &words[..2], "")] {
        owner.on(number, &format!("echo '{}' >>.ssh/authorized_keys", public.trim()));
        let me = newcomer(lab, &address(number));
        whoami(&me, words, input).with(3).says(&["passphrase"]);
    }
    let stranger = newcomer(lab, "10.77.0.32");
    let ended = whoami(&stranger, &[&words[..2], &["--password-stdin"]].concat(), "raspberry\n").with(0);
    assert!(!ended.err.contains("passphrase"), "it was asked for where the host does not take the key\n{}", ended.err);
}

/// The agent's keys: one of which there is no file, and many of which none is let in.
fn keys_of_an_agent(lab: &Lab, owner: &Operator) {
    let me = newcomer(lab, "10.77.0.32");
    let key = key_pair(&me, owner, 2, &["ed25519"], "");
    let agent = Agent::with(&me, std::slice::from_ref(&key));
    fs::remove_file(&key).unwrap();
    let words = ["exec", "--trust", "new", "--", "whoami"];
    run(agent.pictl(&me, &words), "").with(0);

    let others: Vec<_> = (0..8).map(|n| key_pair(&me, owner, 1, &["ed25519", "-C", &n.to_string()], "")).collect();
    drop(agent);
    let full = Agent::with(&me, &others);
    run(full.pictl(&me, &[&words[..3], &["--password-stdin", "--", "whoami"]].concat()), "raspberry\n").with(0);
    assert_eq!(logged(owner, 2, "Too many authentication failures"), 0);
}

/// One wrong password is one failed login a node, and the right one is let in right after it.
fn a_wrong_password_is_tried_once(lab: &Lab, owner: &Operator) {
    let me = newcomer(lab, ALL);
    let failed = |n| logged(owner, n, "Failed password for pi");
    let before: Vec<_> = (1..=NODES).map(failed).collect();
    whoami(&me, &["--password-stdin"], "wrong\n").with(3).says(&["the password of pi was refused"]);
    let after: Vec<_> = (1..=NODES).map(failed).collect();
    assert_eq!(after, before.iter().map(|count| count + 1).collect::<Vec<_>>());
    whoami(&me, &["--password-stdin"], "raspberry\n").with(0);
}

fn questions_instead_of_a_password(lab: &Lab, owner: &Operator) {
    sshd(owner, 1, "PasswordAuthentication no\nKbdInteractiveAuthentication yes\n");
    let me = newcomer(lab, "10.77.0.31");
    whoami(&me, &["--password-stdin"], "wrong\n").with(3).says(&["the password of pi was refused"]);
    run(me.pictl(&PUSH), "raspberry\n").with(0);
    whoami(&me, &[], "").with(0);
    sshd(owner, 1, "");
}

/// Two passwords of one user, typed: pictl asks again for the node that refused the first, and for no other.
fn other_passwords_are_asked_for_together(lab: &Lab, owner: &Operator) {
    let set = |password: &str| {
        for n in [2, 3] {
            run(owner.ssh(n, "sudo chpasswd"), &format!("pi:{password}\n")).with(0);
        }
    };
    set("blueberry");
    let me = newcomer(lab, ALL);
    let mut terminal = me.terminal(&["keys", "push"]);
    terminal.wait_for_text("[y/N/fingerprint]", LIMIT);
    terminal.send(&format!("y{}", key::ENTER));
    for (nodes, password) in [("pi[01-04]", "raspberry"), ("pi[02-03]", "blueberry")] {
        let asked = format!("password of pi on {nodes}:");
        terminal.wait_until(&asked, LIMIT, |t| t.screen().contains(&asked) && t.modes_are_changed());
        terminal.send(&format!("{password}{}", key::ENTER));
    }
    let end = terminal.wait_for_end(LIMIT);
    assert_eq!(end.code, 0, "{}", end.screen);
    assert!(end.screen.contains("4 of 4 nodes") && !end.screen.contains("berry"), "{}", end.screen);
    set("raspberry");
}

/// Two users and two ports in one cluster.
fn users_and_ports(lab: &Lab, owner: &Operator) {
    for n in [2, 3] {
        owner.on(n, "sudo useradd -m -s /bin/bash ubuntu");
        run(owner.ssh(n, "sudo chpasswd"), "ubuntu:orange\n").with(0);
    }
    sshd(owner, 4, "Port 22\nPort 2222\n");
    let me = newcomer(lab, ALL);
    me.run(&["nodes", "set", "pi[02-03]", "--user", "ubuntu"]).with(0);
    me.run(&["nodes", "set", "pi04", "--port", "2222"]).with(0);
    for (nodes, password) in [("pi[01,04]", "raspberry\n"), ("pi[02-03]", "orange\n")] {
        run(me.pictl(&[&PUSH[..], &["--nodes", nodes]].concat()), password).with(0);
    }
    let who = whoami(&me, &["--json"], "").with(0);
    let count = |user: &str| who.out.matches(user).count();
    assert_eq!((count("\"line\":\"ubuntu\""), count("\"line\":\"pi\"")), (2, 2), "{}", who.out);
    assert_eq!(logged(owner, 4, "Server listening on .* port 2222").min(1), 1);
    sshd(owner, 4, "");
}

/// The user ubuntu is let in on nodes 2 and 3 only from node 1, and from node 4.
fn through_another_host(lab: &Lab, owner: &Operator) {
    for (n, from) in [(2, "10.77.0.31"), (3, "10.77.0.34")] {
        sshd(owner, n, &format!("AllowUsers pi ubuntu@{from}\n"));
    }
    // `~/.ssh/config` is not there yet, and --user is for those behind.
    let jumps = "pi@10.77.0.31,pi@10.77.0.34";
    for (number, jump) in [(2, "pi@10.77.0.31"), (3, jumps)] {
        let me = newcomer(lab, "10.77.0.31,10.77.0.34");
        run(me.pictl(&PUSH), "raspberry\n").with(0);
        let node = format!("10.77.0.3{number}");
        me.run(&["nodes", "add", &node, "--user", "ubuntu"]).with(0);
        let name =
            me.run(&["nodes", "list", "--json"]).json().into_iter().find(|m| m["address"] == node.as_str()).unwrap();
        let name = name["name"].as_str().unwrap().to_owned();
        let there = [&PUSH[..], &["--nodes", &name]].concat();
        // A direct login is refused.
        run(me.pictl(&there), "orange\n").with(3);
        run(me.pictl(&[&there[..], &["--jump", jump]].concat()), "orange\n").with(0);
        let through = whoami(&me, &["--nodes", &name, "--jump", jump], "").with(0);
        assert!(through.out.contains("ubuntu"), "{}", through.out);
        // A route that does not work fails the node, and says where.
        whoami(&me, &["--nodes", &name, "--jump", "pi@10.77.0.31:2200"], "").with(3).says(&["10.77.0.31"]);
    }
    sshd(owner, 3, "");
}

/// As [`through_another_host`], but all of it stands in `~/.ssh/config`.
fn from_ssh_config(lab: &Lab, owner: &Operator) {
    let me = Operator::new(lab);
    let key = key_pair(&me, owner, 1, &["ed25519"], "");
    let public = fs::read_to_string(key.with_extension("pub")).unwrap();
    owner.on(
        2,
        &format!(
            "sudo sh -c 'mkdir -p ~ubuntu/.ssh && echo \"{}\" >>~ubuntu/.ssh/authorized_keys && chown -R \
        ubuntu: ~ubuntu/.ssh'",
            public.trim()
        ),
    );
    sshd(owner, 2, "Port 22\nPort 2222\nAllowUsers pi ubuntu@10.77.0.31\n");
    let folder = me.home.path().join(".ssh");
    fs::create_dir_all(&folder).unwrap();
    fs::write(
        folder.join("config"),
        "Include lab.conf\nMatch host 10.77.0.32 exec true\n  User nobody\nHost *\n  User pi\n",
    )
    .unwrap();
    let key = key.display();
    fs::write(
        folder.join("lab.conf"),
        format!(
            "Host 10.77.0.32\n  User ubuntu\n  Port 2222\n  ProxyJump 10.77.0.31\n\
             Host 10.77.0.3?\n  IdentityFile {key}\n  IdentitiesOnly yes\n"
        ),
    )
    .unwrap();
    me.run(&["nodes", "add", "10.77.0.32"]).with(0);
    let who = whoami(&me, &[], "").with(0).says(&["Match"]);
    assert!(who.out.contains("ubuntu"), "{}", who.out);
    // The command line goes before it: ubuntu is not let in straight, and pi has no such key there.
    whoami(&me, &["--user", "pi"], "").with(3);
    sshd(owner, 2, "");
}

/// Node 2 wants a password for sudo, the others do not.
fn sudo_of_both_kinds(_: &Lab, owner: &Operator) {
    let rule = "/etc/sudoers.d/010_pi-nopasswd";
    owner.on(2, &format!("sudo mv {rule} /root/rule"));
    let setup = ["setup", "--only", "hosts", "--yes", "--sudo-password-stdin"];
    let wrong = run(owner.pictl(&setup), "wrong\n").with(1).says(&["give the right sudo password"]);
    let line = |node: &str, state: &str| {
        wrong.err.lines().any(|l| l.starts_with(node) && l.contains("hosts") && l.contains(state))
    };
    assert!(line("pi02", "failed") && line("pi01", "done") && line("pi04", "done"), "{}", wrong.err);
    let connected = wrong.err.lines().any(|l| l.starts_with("pi02") && l.contains("connect") && !l.contains("failed"));
    assert!(connected, "the login itself works\n{}", wrong.err);
    let right = run(owner.pictl(&[&setup[..], &["--json"]].concat()), "raspberry\n").with(0).json();
    let asked: Vec<_> = right.iter().filter(|e| e["event"]["question"]["question"] == "sudo_password").collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0]["event"]["question"]["nodes"].as_array().unwrap().len(), 1, "{asked:?}");
    run(owner.ssh(2, &format!("sudo -S -p '' mv /root/rule {rule}")), "raspberry\n").with(0);
}

/// A password, a sudo password and a passphrase that stand nowhere by themselves.
const SECRETS: [&str; 3] = ["Heron-login-7431", "Otter-sudo-5290", "Zebra-phrase-1187"];

/// A session with all three: none of them can be seen while it goes on or found after it.
fn no_secret_is_left_anywhere(lab: &Lab, owner: &Operator) {
    let [login, sudo, passphrase] = SECRETS;
    let rules = "chpasswd && echo Defaults rootpw >/etc/sudoers.d/020_rootpw && rm /etc/sudoers.d/010_pi-nopasswd";
    for n in 1..=NODES {
        run(owner.ssh(n, &format!("sudo sh -c '{rules}'")), &format!("pi:{login}\nroot:{sudo}\n")).with(0);
    }
    let me = newcomer(lab, ALL);
    let home = me.home.path();
    let (key, log) = (home.join("locked"), home.join("log"));
    let words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", key.to_str().unwrap()];
    run(me.command(&words), "").with(0);

    let session = [
        "setup",
        "--only",
        "operator-key,hosts,node-key,mesh,known-hosts,pairs",
        "--yes",
        "--trust",
        "new",
        "-v",
        "--log",
        log.to_str().unwrap(),
    ];
    let secrets =
        ["--identity", key.to_str().unwrap(), "--password-stdin", "--sudo-password-stdin", "--passphrase-stdin"];
    let over = AtomicBool::new(false);
    let (mut seen, mut looks) = (Vec::new(), 0);
    let ended = std::thread::scope(|scope| {
        let ended = scope.spawn(|| {
            let ended = run(me.pictl(&[&session[..], &secrets].concat()), &format!("{login}\n{sudo}\n{passphrase}\n"));
            over.store(true, Ordering::Release);
            ended
        });
        while !over.load(Ordering::Acquire) && !ended.is_finished() {
            // On this machine the nodes' processes are seen too.
            seen.extend(processes_that_say(&SECRETS));
            looks += 1;
        }
        ended.join().unwrap()
    });
    let ended = ended.with(0);
    assert_eq!(seen, Vec::<String>::new());
    assert!(looks > 3, "it was read {looks} times");
    assert!(fs::metadata(&log).unwrap().len() > 0);

    let says = |text: &str| SECRETS.iter().any(|secret| text.contains(secret));
    assert!(!says(&ended.out) && !says(&ended.err), "{}{}", ended.out, ended.err);
    for n in 1..=NODES {
        let journal =
            run(owner.ssh(n, "sudo -S -p '' journalctl -q --no-pager -b -o verbose"), &format!("{sudo}\n")).with(0).out;
        assert!(journal.contains("sshd") && !says(&journal), "the journal of node {n}");
        nothing_says_them(&lab.disk(n));
    }
    nothing_says_them(home);

    // All three were needed.
    me.run(&["exec", "--identity", key.to_str().unwrap(), "--", "true"]).with(3).says(&["passphrase"]);
    run(
        me.pictl(&["exec", "--identity", key.to_str().unwrap(), "--passphrase-stdin", "--", "sudo -n true"]),
        &format!("{passphrase}\n"),
    )
    .with(1);
}

/// No file in this folder has one of the secrets in it.
fn nothing_says_them(folder: &Path) {
    let mut grep = Command::new("grep");
    grep.args(["-rlaF", "-D", "skip"]).args(SECRETS.iter().flat_map(|secret| ["-e", secret])).arg(folder);
    assert_eq!(run(grep, "").with(1).out, "");
}

fn every_kind_of_login(os: &str) {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", &NODES.to_string(), "--os", os, "--with-mpi", "none"]);
    let owner = Operator::new(&lab);
    owner.run(&["scan", "--save"]).with(0);
    run(owner.pictl(&[&PUSH[..], &["--user", "pi"]].concat()), "raspberry\n").with(0);

    for scene in [
        keys_of_every_kind,
        keys_of_an_agent,
        other_passwords_are_asked_for_together,
        users_and_ports,
        through_another_host,
        from_ssh_config,
        sudo_of_both_kinds,
        a_wrong_password_is_tried_once,
        questions_instead_of_a_password,
        no_secret_is_left_anywhere,
    ] {
        forgiven(&owner);
        scene(&lab, &owner);
    }
}

#[test]
fn every_kind_of_login_on_bookworm() {
    every_kind_of_login("bookworm");
}

#[test]
fn every_kind_of_login_on_trixie() {
    every_kind_of_login("trixie");
}
