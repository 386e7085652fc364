//! What is written on real hosts: when somebody else writes as well, when pictl is killed in the middle, and when files of others
//! say something else.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::collections::BTreeSet;
use std::process::Command;

use pictl_tests::{Ended, LIMIT, Lab, Operator, Running, eventually, run, skip, unless_lab_runs_here};
use rustix::process::Signal;

const PUSH: [&str; 8] = ["keys", "push", "--user", "pi", "--password-stdin", "--trust", "new", "--yes"];
const MPI: [&str; 5] = ["setup", "--only", "mpi", "--yes", "--json"];
/// For apt on a machine with other work.
const APT: std::time::Duration = LIMIT.saturating_mul(6);

/// A new operator whose key all nodes accept.
fn with_key(lab: &Lab) -> Operator<'_> {
    let me = Operator::new(lab);
    me.run(&["scan", "--save"]).with(0);
    run(me.pictl(&PUSH), "raspberry\n").with(0);
    me
}

// ---- /etc/hosts

/// Puts these lines above all others in `/etc/hosts` of node `number`.
fn put_above(me: &Operator, number: usize, lines: &str) {
    me.on(
        number,
        &format!("{{ printf '{lines}'; cat /etc/hosts; }} >hosts.new && sudo cp hosts.new /etc/hosts && rm hosts.new"),
    );
}

#[test]
fn lines_of_others_that_lead_a_name_elsewhere_are_found_shown_and_repaired() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "3", "--with-mpi", "openmpi"]);
    let me = Operator::new(&lab);
    me.set_up();

    // The file is the reason, and nobody is suspected.
    put_above(&me, 1, "127.0.1.2 pi02\\n");
    let check = me.run(&["keys", "check"]);
    assert_ne!(check.code, 0, "{}", check.out);
    let all = format!("{}{}", check.out, check.err);
    assert!(all.contains("/etc/hosts on pi01 leads pi02 to 127.0.1.2 (line 1)"), "{all}");
    assert!(all.contains("pictl setup --only hosts"), "{all}");
    assert!(!all.contains("intercept"), "{all}");

    // Another address, another family, the name of another node, another case, an alias; and lines that are right.
    put_above(&me, 2, "10.77.0.99 nas Pi01 # store\\n::1 pi03\\n10.77.0.33 pi03 third\\n");
    put_above(&me, 3, "10.77.0.32 pi01 pi02\\n127.0.1.1 pi02.local\\n");
    let before: Vec<_> = (1..=3).map(|n| me.on(n, "cat /etc/hosts")).collect();
    let plan = me.run(&["setup", "--only", "hosts", "--dry-run"]).with(0);
    let all = format!("{}{}", plan.out, plan.err);
    for shown in ["lines of others lead pi02 to 127.0.1.2", "lead pi01 to 10.77.0.99, pi03 to ::1", "-127.0.1.2 pi02"] {
        assert!(all.contains(shown), "{shown} is not in\n{all}");
    }
    me.run(&["setup", "--only", "hosts", "--yes"]).with(0);
    let after: Vec<_> = (1..=3).map(|n| me.on(n, "cat /etc/hosts")).collect();
    assert!(!after[0].contains("127.0.1.2"), "{}", after[0]);
    assert!(after[1].starts_with("10.77.0.99\tnas # store\n10.77.0.33 pi03 third\n"), "{}", after[1]);
    assert!(after[2].starts_with("10.77.0.32\tpi02\n"), "{}", after[2]);
    for (n, before) in (1..=3).zip(&before) {
        let saved = me.on(n, "sudo sh -c 'cat $(ls -td ~root/.pictl/backup/*/hosts | head -n 1)'");
        assert_eq!(saved, *before, "node {n}");
    }
    me.run(&["keys", "check"]).with(0).says(&["6 of 6"]);
    for from in 1..=3 {
        let names = me.on(from, "for n in 1 2 3; do ssh -n -o BatchMode=yes pi0$n hostname; done");
        assert_eq!(names, "pi01\npi02\npi03\n", "from node {from}");
    }
}

// ---- two at once

/// Runs pictl of both with these words at the same time.
fn at_once(commands: [Command; 2], input: &str) -> [Ended; 2] {
    commands.map(|command| Running::start(command, input)).map(|running| running.wait_for_end(APT))
}

#[test]
fn two_operators_at_once_both_succeed_and_nothing_is_lost() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "3", "--with-mpi", "openmpi"]);
    let first = with_key(&lab);
    for n in 1..=3 {
        first.on(n, "echo '# mine' >>.ssh/authorized_keys");
    }
    // Two more, who come at the same time, twice: the second time they remove and add.
    let others = [Operator::new(&lab), Operator::new(&lab)];
    for other in &others {
        other.run(&["scan", "--save"]).with(0);
    }
    for ended in at_once([others[0].pictl(&PUSH), others[1].pictl(&PUSH)], "raspberry\n") {
        ended.with(0).says(&["lets you in on 3 of 3 nodes"]);
    }
    for n in 1..=3 {
        let keys = first.on(n, "cat .ssh/authorized_keys");
        assert_eq!(keys.lines().filter(|line| line.starts_with("ssh-ed25519 ")).count(), 3, "{keys}");
        assert!(keys.contains("# mine\n"), "{keys}");
        // Each of the two saved what it overwrote, in a folder of its own.
        let saved = first.on(n, "sha256sum .pictl/backup/*/authorized_keys");
        let different: BTreeSet<_> = saved.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!((saved.lines().count(), different.len()), (2, 2), "{saved}");
    }
    // The same for every file of a setup.
    let setup = ["setup", "--yes", "--trust", "new"];
    for ended in at_once([others[0].pictl(&setup), others[1].pictl(&setup)], "") {
        let all = format!("{}{}", ended.out, ended.err);
        assert_eq!(ended.code, 0, "{all}");
        assert!(!all.contains("SD card"), "{all}");
    }
    for n in 1..=3 {
        let twice = first.on(n, "sort .ssh/authorized_keys .ssh/known_hosts /etc/hosts | grep -v '^#' | uniq -d");
        assert_eq!(twice.trim(), "", "node {n}");
        assert_eq!(first.on(n, "ls -A . .ssh /etc | grep -e pictl- -e pictl-lock; true"), "", "node {n}");
    }
    let again = others[0].run(&["setup", "--yes"]).with(0).says(&[" unchanged in "]);
    assert!(!again.err.contains(" done, "), "{}", again.err);
}

// ---- apt

/// Starts `setup --only mpi` and waits until apt is in the middle of its work on some node.
fn apt_at_work(me: &Operator) -> Running {
    let mut running = Running::start(me.pictl(&MPI), "");
    running.wait_for("Unpacking ", APT);
    running
}

/// dpkg has nothing left to do on node `number`, and MPI is there.
fn complete(me: &Operator, number: usize) -> bool {
    let line =
        "pgrep -x 'apt-get|dpkg' >/dev/null || { sudo dpkg --audit; command -v mpirun; python3 -c 'import mpi4py'; }";
    let ended = run(me.ssh(number, line), "");
    ended.code == 0 && ended.out == "/usr/bin/mpirun\n"
}

fn without_mpi(me: &Operator, number: usize) {
    let purge = "export DEBIAN_FRONTEND=noninteractive; sudo -E apt-get -y -q purge libopenmpi3 openmpi-common python3-mpi4py \
                 >/dev/null 2>&1; sudo -E apt-get -y -q autoremove >/dev/null 2>&1; command -v mpirun; sudo dpkg --audit";
    assert_eq!(run(me.ssh(number, purge), "").out, "", "MPI is gone from node {number}");
}

#[test]
fn apt_is_never_cut_off_and_what_was_is_repaired() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "none"]);
    let me = with_key(&lab);

    // pictl is killed: apt goes on, and the next setup follows the same work.
    let running = apt_at_work(&me);
    running.signal(Signal::KILL);
    running.wait_for_end(LIMIT).with(-9);
    let next = me.run(&MPI).with(0);
    assert!(next.out.contains("joins what an earlier connection began"), "{}", next.out);
    assert!((1..=2).all(|n| complete(&me, n)));

    // Ctrl-C twice: nobody waits any more, apt goes on, and pictl says so.
    without_mpi(&me, 2);
    let mut running = apt_at_work(&me);
    running.signal(Signal::INT);
    running.wait_for("press Ctrl-C again", LIMIT);
    running.signal(Signal::INT);
    let left = running.wait_for_end(LIMIT).with(130);
    assert!(left.out.contains("goes on to its end on the node"), "{}\n{}", left.out, left.err);
    eventually("apt ends by itself", APT, || complete(&me, 2).then_some(()));

    // The connection breaks.
    without_mpi(&me, 2);
    let running = apt_at_work(&me);
    lab.fault("unplug", "n2");
    let lost = running.wait_for_end(APT);
    assert_ne!(lost.code, 0, "{}\n{}", lost.out, lost.err);
    lab.fault("plug", "n2");
    eventually("apt ends by itself", APT, || complete(&me, 2).then_some(()));

    // It was killed on the node, as by a loss of power: the next setup finishes what it began.
    without_mpi(&me, 2);
    let running = apt_at_work(&me);
    me.on(2, "sudo pkill -KILL -x dpkg; sudo pkill -KILL -x apt-get; true");
    running.wait_for_end(APT).with(1);
    assert_ne!(me.on(2, "sudo dpkg --audit; ls /var/lib/dpkg/updates"), "", "dpkg was interrupted");
    let repaired = me.run(&MPI).with(0);
    assert!(repaired.out.contains("dpkg was interrupted on this node"), "{}", repaired.out);
    assert!(complete(&me, 2));

    // Another apt holds the locks: it is waited for, and named.
    without_mpi(&me, 2);
    let hold = "import fcntl, os, time\nopen('/run/hold.pid', 'w').write(str(os.getpid()))\n\
                files = [open('/var/lib/dpkg/lock-frontend', 'w'), open('/var/lib/apt/lists/lock', 'w')]\n\
                [fcntl.lockf(file, fcntl.LOCK_EX) for file in files]\nprint('held', flush=True)\ntime.sleep(600)\n";
    let mut holder = Running::start(me.ssh(2, &format!("sudo python3 -c \"{hold}\"")), "");
    holder.wait_for("held", LIMIT);
    let mut running = Running::start(me.pictl(&MPI), "");
    running.wait_for("waiting for another apt", APT);
    me.on(2, "sudo kill $(cat /run/hold.pid)");
    holder.wait_for_end(LIMIT);
    running.wait_for_end(APT).with(0);
    assert!(complete(&me, 2));
}

// ---- sshd, and what is saved

const DROP_IN: &str = "/etc/ssh/sshd_config.d/00-pictl-password-login.conf";
const OFF: [&str; 4] = ["keys", "passwords", "off", "--yes"];

/// The exit code of a login by password on node `number`, by somebody without a key.
fn by_password(lab: &Lab, number: usize) -> i32 {
    let other = Operator::new(lab);
    other.run(&["nodes", "add", &pictl_tests::address(number)]).with(0);
    run(other.pictl(&["exec", "--trust", "new", "--password-stdin", "--", "true"]), "raspberry\n").code
}

/// The newest copy of this file in root's backups on node `number`.
fn saved(me: &Operator, number: usize, path: &str) -> String {
    me.on(number, &format!("sudo sh -c 'cat $(ls -td ~root/.pictl/backup/*/{path} | head -n 1)'"))
}

#[test]
fn password_login_is_judged_by_sshd_and_what_is_overwritten_is_saved() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--os", "trixie", "--with-mpi", "none"]);
    let me = with_key(&lab);

    // systemd's socket starts sshd on node 1: a reload of the service would fail there.
    let socket = "systemctl disable ssh.service; systemctl enable ssh.socket; systemctl stop ssh.service; systemctl start ssh.socket";
    me.on(1, &format!("sudo systemd-run --quiet --wait --collect sh -c '{socket}' >/dev/null 2>&1"));
    eventually("sshd by its socket", LIMIT, || {
        (run(me.ssh(1, "systemctl is-active ssh.socket"), "").out == "active\n").then_some(())
    });
    me.run(&OFF).with(0).says(&["2 of 2 nodes take keys only"]);
    for n in 1..=2 {
        assert!(me.on(n, &format!("cat {DROP_IN}")).contains("logins by key only"), "node {n}");
        assert_eq!(by_password(&lab, n), 3, "node {n}");
    }
    // What is removed is saved.
    me.run(&["keys", "passwords", "on", "--yes"]).with(0);
    for n in 1..=2 {
        assert!(saved(&me, n, &format!("password-login{DROP_IN}")).contains("logins by key only"), "node {n}");
        assert_eq!(by_password(&lab, n), 0, "node {n}");
    }

    // Another user is let in by a `Match` block: that is no node that takes keys only, and the line is named.
    let append = |lines: &str| {
        me.on(
            2,
            &format!("printf '{lines}' | sudo tee -a /etc/ssh/sshd_config >/dev/null; grep -c '' /etc/ssh/sshd_config"),
        )
    };
    let tidy = || me.on(2, "sudo sed -i '/^Match/,$d' /etc/ssh/sshd_config");
    me.on(2, "sudo useradd -m guest");
    let line = append("Match User guest\\n  PasswordAuthentication yes\\n").trim().to_owned();
    let guest = me.run(&OFF).with(0).says(&["1 of 2 nodes take keys only", "1 of 2 nodes still accept"]);
    let because = format!("passwords of guest, because of /etc/ssh/sshd_config line {line} (Match User guest)");
    assert!(guest.err.contains(&because) || guest.out.contains(&because), "{}\n{}", guest.out, guest.err);
    me.run(&["keys", "passwords", "on", "--yes"]).with(0);
    tidy();

    // The login user is: it fails before anything is changed.
    let line = append("Match User pi\\n  PasswordAuthentication yes\\n").trim().to_owned();
    let failed = me.run(&OFF).with(1);
    let because =
        format!("sshd would still accept passwords of pi, because of /etc/ssh/sshd_config line {line} (Match User pi)");
    assert!(failed.err.contains(&because), "{}\n{}", failed.out, failed.err);
    assert_eq!(me.on(2, &format!("ls {DROP_IN} 2>/dev/null; systemctl list-timers --no-legend 'pictl*'")), "");
    tidy();

    // A drop-in that something outweighs later is not taken for what counts.
    me.run(&OFF).with(0).says(&["2 of 2 nodes take keys only"]);
    append("Match User pi\\n  PasswordAuthentication yes\\n");
    let failed = me.run(&OFF).with(1);
    assert!(failed.err.contains("sshd would still accept passwords of pi"), "{}\n{}", failed.out, failed.err);
    assert!(me.on(2, &format!("cat {DROP_IN}")).contains("logins by key only"), "for other users it still counts");
    tidy();
    me.run(&["keys", "passwords", "on", "--yes"]).with(0);

    // sshd_config is broken: sshd's own message, and nothing is changed.
    let line = append("Match User pi\\n  Nonsense yes\\n").trim().to_owned();
    let broken = me.run(&OFF).with(1);
    let because = format!("sshd does not accept its configuration: /etc/ssh/sshd_config line {line}: ");
    assert!(broken.err.contains(&because), "{}\n{}", broken.out, broken.err);
    assert_eq!(me.on(2, &format!("ls {DROP_IN} 2>/dev/null; true")), "");
    tidy();
    me.run(&OFF).with(0).says(&["2 of 2 nodes take keys only"]);

    // The host name, and what cloud-init would restore.
    me.on(1, "sudo mkdir -p /etc/cloud/cloud.cfg.d /boot/firmware; echo 'preserve_hostname: false' | sudo tee /etc/cloud/cloud.cfg.d/99-pictl.cfg");
    me.on(1, "printf 'hostname: raspberrypi\\npasswd: secret-hash\\n' | sudo tee /boot/firmware/user-data; sudo chmod 600 /boot/firmware/user-data");
    me.run(&["setup", "--only", "hosts", "--only", "hostname", "--yes"]).with(0);
    assert_eq!(me.on(1, "hostname; sudo cat /boot/firmware/user-data"), "pi01\nhostname: pi01\npasswd: secret-hash\n");
    assert_eq!(me.on(1, "sudo stat -c %a /boot/firmware/user-data; ls /boot/firmware"), "600\nuser-data\n");
    assert_eq!(saved(&me, 1, "hostname/etc/hostname").trim(), "raspberrypi");
    assert_eq!(saved(&me, 1, "hostname/etc/cloud/cloud.cfg.d/99-pictl.cfg"), "preserve_hostname: false\n");
    assert_eq!(saved(&me, 1, "hostname/boot/firmware/user-data"), "hostname: raspberrypi\npasswd: secret-hash\n");
}
