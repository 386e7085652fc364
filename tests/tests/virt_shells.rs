//! Logins and nodes that are not as Debian makes them, on real hosts: files of the user's that shadow modules, other login shells,
//! start files that print, sudo with odd rules, a full /tmp, addresses that were swapped, and things where a file should be.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use pictl_tests::{Ended, Lab, Operator, RELOAD_SSHD, address, run, skip, unless_lab_runs_here};

/// Files that Python would take for its own modules, and that leave a trace.
const SHADOWS: &str = "for m in mpi4py random json socket site runpy; do \
    printf 'import os\\nopen(os.path.expanduser(\"~/taken\"), \"w\")\\nraise SystemExit(\"taken: %s\")\\n' $m >~/$m.py; done; \
    echo 'export PYTHONPATH=$HOME' | cat - ~/.bashrc >~/b && mv ~/b ~/.bashrc";

/// A login shell that knows neither assignments nor POSIX's operators, as fish.
const FOREIGN: &str = r#"sudo tee /usr/local/bin/fish >/dev/null <<'END'
#!/usr/bin/python3 -I
import os, re, shlex, sys
line = sys.argv[2]
bare = re.sub(r"'[^']*'|\"[^\"]*\"|\\.", "x", line)
if re.search(r"[;&|()<>$`\n]", bare) or "=" in bare.split()[0]:
    sys.exit("fish: Unsupported use of '='. In fish, please use 'set ...'.")
words = shlex.split(line)
if words[0] == "exec":
    del words[0]
os.execvp(words[0], words)
END
sudo chmod 755 /usr/local/bin/fish; sudo usermod -s /usr/local/bin/fish pi"#;

const BENCH: [&str; 8] = ["bench", "pi", "-n", "4", "--slices", "8", "--slice-size", "20000"];

fn set_up_again(me: &Operator) -> Ended {
    me.run(&["setup", "--trust", "strict", "--yes"])
}

/// A change on a node as root, from its own side.
fn on(me: &Operator, node: usize, line: &str) {
    run(me.ssh(node, line), "").with(0);
}

#[test]
fn odd_logins_and_odd_sudo_rules() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "openmpi"]);
    let me = Operator::new(&lab);
    me.set_up();

    // Files of the user's home are not modules of ours.
    for node in 1..=2 {
        on(&me, node, SHADOWS);
    }
    let again = set_up_again(&me).with(0);
    assert!(!again.err.contains("install"), "mpi4py is still found: {}", again.err);
    me.run(&BENCH).with(0);
    for node in 1..=2 {
        assert_eq!(me.on(node, "ls ~/taken 2>/dev/null || echo none"), "none\n");
    }

    // A start file that prints without a newline, and leaves a PATH in which nothing is found.
    for node in 1..=2 {
        on(
            &me,
            node,
            "printf \"printf '\\\\033]0;title\\\\a'; PATH=/nowhere\\n\" | cat - ~/.bashrc >~/b && mv ~/b ~/.bashrc",
        );
    }
    set_up_again(&me).with(0);
    for node in 1..=2 {
        on(&me, node, "/bin/sed -i 1d ~/.bashrc");
    }

    // Login shells that do not understand what launchers write: on the other node, and on both.
    for node in [2, 1] {
        on(&me, node, FOREIGN);
        set_up_again(&me).with(0);
        me.run(&BENCH).with(0);
        let said = me.run(&["run", "-n", "4", "--", "hostname"]).with(0);
        assert!(said.out.contains("pi01") && said.out.contains("pi02"), "{}", said.out);
    }
    for node in 1..=2 {
        on(&me, node, "sudo usermod -s /bin/bash pi");
    }

    sudo(&me);
    nologin(&me);
}

/// What root has to write on the second node: the block in `/etc/hosts` is not there.
fn without_block(me: &Operator) {
    on(me, 2, "sudo sed -i '/>>> pictl/,/<<< pictl/d' /etc/hosts");
}

fn sudo(me: &Operator) {
    let rules = |text: &str| {
        let file = "/etc/sudoers.d/010_pi-nopasswd";
        on(
            me,
            2,
            &format!(
                "printf '{text}\\n' | sudo tee {file}.new >/dev/null && sudo chmod 440 {file}.new && sudo mv {file}.new {file}"
            ),
        );
    };
    // Backups of root's go to root's own home.
    without_block(me);
    rules("Defaults env_keep += \"HOME\"\\npi ALL=(ALL) NOPASSWD: ALL");
    set_up_again(me).with(0);
    assert_ne!(me.on(2, "sudo find /root/.pictl/backup -type f"), "");
    assert_eq!(me.on(2, "find ~/.pictl -user root"), "");

    // `sh` is free and `true` is not: nothing is asked.
    without_block(me);
    rules(
        "Defaults env_keep -= \"HOME\"\\npi ALL=(ALL) PASSWD: ALL, NOPASSWD: /usr/bin/sh, /usr/bin/sed, /usr/bin/tee, /usr/bin/chmod, /usr/bin/mv, /usr/bin/cat",
    );
    set_up_again(me).with(0);

    // And the other way round; the password is that of another user.
    without_block(me);
    rules(
        "Defaults rootpw, passwd_tries=1, lecture=always, timestamp_timeout=0\\npi ALL=(ALL) PASSWD: ALL, NOPASSWD: /usr/bin/true, /usr/bin/tee, /usr/bin/chmod, /usr/bin/mv, /usr/bin/cat",
    );
    let setup = ["setup", "--trust", "strict", "--yes", "--sudo-password-stdin"];
    let wrong = run(me.pictl(&setup), "raspberry\n");
    assert_ne!(wrong.code, 0);
    assert!(wrong.err.contains("asks for the password of root, not of pi"), "{}", wrong.err);
    rules(
        "pi ALL=(ALL) PASSWD: ALL, NOPASSWD: /usr/bin/true, /usr/bin/tee, /usr/bin/chmod, /usr/bin/mv, /usr/bin/cat, /usr/bin/sed",
    );
    run(me.pictl(&setup), "raspberry\n").with(0);
    assert!(me.on(2, "cat /etc/hosts").contains(">>> pictl"));

    // A sudo that wants a terminal, and the hint.
    without_block(me);
    rules("Defaults requiretty\\npi ALL=(ALL) NOPASSWD: ALL");
    let refused = set_up_again(me).with(1);
    assert!(
        refused.err.contains("sudo on the node wants a terminal") && refused.err.contains("requiretty"),
        "{}",
        refused.err
    );
    let line = "sudo sed -i /requiretty/d /etc/sudoers.d/010_pi-nopasswd";
    run(me.command(&tty(me, &["-tt", line]).iter().map(String::as_str).collect::<Vec<_>>()), "").with(0);
    set_up_again(me).with(0);
}

/// The words of OpenSSH's client to the second node with a terminal there.
fn tty(me: &Operator, last: &[&str]) -> Vec<String> {
    let home = me.home.path().display();
    let mut words: Vec<String> = ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o"].map(str::to_owned).into();
    words.push(format!("UserKnownHostsFile={home}/data/pictl/clusters/default/known_hosts"));
    words.extend(["-i".to_owned(), format!("{home}/.ssh/pictl_ed25519"), last[0].to_owned()]);
    words.extend([format!("pi@{}", address(2)), last[1].to_owned()]);
    words
}

fn nologin(me: &Operator) {
    on(me, 2, "sudo usermod -s /usr/sbin/nologin pi");
    let refused = set_up_again(me);
    assert_ne!(refused.code, 0);
    assert!(refused.err.contains("This account is currently not available."), "{}", refused.err);
    assert!(refused.err.contains("chsh -s /bin/bash"), "{}", refused.err);
}

const BY_PASSWORD: [&str; 5] = ["--user", "pi", "--password-stdin", "--trust", "strict"];

fn by_password(me: &Operator, before: &[&str], after: &[&str]) -> Ended {
    run(me.pictl(&[before, &BY_PASSWORD, after].concat()), "raspberry\n")
}

/// Each odd thing has its cause, on its node, and goes away by what the hint says.
#[test]
fn odd_nodes_have_their_causes_and_the_hints_help() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "openmpi"]);
    let me = Operator::new(&lab);
    me.set_up();
    no_file(&me);
    full_tmp(&me);
    one_session(&me);
    swapped(&lab, &me);
}

/// Something else stands where a file should be, or its folder.
fn no_file(me: &Operator) {
    let keys = "/home/pi/.ssh/authorized_keys";
    for (make, away) in [("mkfifo", keys), ("mkdir", keys), ("touch", "/home/pi/.ssh")] {
        on(me, 2, &format!("mv {away} {away}.before && {make} {away}"));
        let refused = by_password(me, &["setup", "--yes"], &[]).with(1);
        assert!(refused.err.contains("pi02") && refused.err.contains(keys), "{make}: {}", refused.err);
        let hint = format!("mv {away} {away}.old");
        assert!(refused.err.contains(&hint), "{make}: {}", refused.err);
        by_password(me, &["exec", "--nodes", "pi02"], &["--", &hint]).with(0);
        by_password(me, &["setup", "--yes"], &[]).with(0);
        me.run(&["keys", "check"]).with(0);
        on(me, 2, &format!("rm -rf {away}.before {away}.old"));
    }
}

/// Open MPI has its own files in /tmp.
fn full_tmp(me: &Operator) {
    on(
        me,
        2,
        "sudo mount -t tmpfs -o size=32m,mode=1777 none /tmp; head -c 64M /dev/zero >/tmp/full 2>/dev/null; true",
    );
    for cause in ["pi02: nothing can be written to /tmp: ", "pi02: /tmp is nearly full: only "] {
        let failed = me.run(&BENCH);
        assert_ne!(failed.code, 0);
        let said = format!("{}{}", failed.out, failed.err);
        assert!(said.contains(cause) && said.contains("`df -h /tmp"), "{said}");
        // Some bytes can be written then, and too few.
        on(me, 2, "truncate -s -100K /tmp/full");
    }
    on(me, 2, "rm /tmp/full");
    me.run(&BENCH).with(0);
    on(me, 2, "sudo umount -l /tmp");
}

/// sshd that opens one session a connection: one command works, and a second one at the same time has its cause.
fn one_session(me: &Operator) {
    let sessions = |number: usize| {
        let line = format!("sudo sh -c 'cat >/etc/ssh/sshd_config.d/00-test.conf && sshd -t && {{ {RELOAD_SSHD}; }}'");
        run(me.ssh(2, &line), &format!("MaxSessions {number}\n")).with(0);
    };
    sessions(1);
    me.run(&["exec", "--", "true"]).with(0);
    let failed = me.run(&BENCH);
    assert_ne!(failed.code, 0);
    let said = format!("{}{}", failed.out, failed.err);
    assert!(said.contains("pi02: sshd on the node opens no session") && said.contains("`MaxSessions 10`"), "{said}");
    sessions(10);
    me.run(&BENCH).with(0);
}

fn swapped(lab: &Lab, me: &Operator) {
    lab.swap_addresses(1, 2);
    let failed = me.run(&["exec", "--trust", "strict", "--", "hostname"]);
    assert_eq!(failed.code, 3, "{}", failed.err);
    for (number, other) in [(1, "pi02"), (2, "pi01")] {
        let cause = format!("{other} answers at {}: the host key there is the one of {other}", address(number));
        assert!(failed.err.contains(&cause), "{}", failed.err);
    }
    assert!(failed.err.contains("`pictl scan --save`"), "{}", failed.err);
    me.run(&["scan", "--save"]).with(0);
    let said = me.run(&["exec", "--trust", "strict", "--", "hostname"]).with(0);
    assert!(said.out.contains("pi01") && said.out.contains("pi02"), "{}", said.out);
    // The nodes know each other's new addresses after a setup.
    set_up_again(me).with(0);
    me.run(&["keys", "check"]).with(0);
}
