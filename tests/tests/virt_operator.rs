//! The operator's side of a cluster of real hosts: machinefiles here and on the head, plain ssh, an RSA key, and what other
//! users of a node can do to a run.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::fs;

use pictl_tests::{Lab, Operator, address, run, skip, unless_lab_runs_here};

/// The lines of a machinefile that name a host.
fn hosts(text: &str) -> Vec<String> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// Machinefiles of the inventory: printed without a connection, and put on the head, where `mpirun` takes them.
fn machinefiles(lab: &Lab, me: &Operator) {
    let cores: u16 = me.on(1, "nproc").trim().parse().unwrap();
    let entry = |n: usize| format!("pi@{} slots={cores}", address(n));
    let all: Vec<_> = (1..=3).map(entry).collect();
    // Nothing is needed but the inventory: this works without the cable, and is the same as what the nodes report.
    lab.operator_cable(false);
    let printed = hosts(&me.run(&["machinefile"]).with(0).out);
    lab.operator_cable(true);
    assert_eq!(printed, all);
    assert_eq!(hosts(&me.run(&["machinefile", "--refresh"]).with(0).out), all);

    let file = fs::read_to_string(me.home.path().join("data/pictl/clusters/default/cluster.toml")).unwrap();
    let wrong = file.replace(&format!("cores = {cores}"), "cores = 63");
    fs::write(me.home.path().join("data/pictl/clusters/default/cluster.toml"), wrong).unwrap();
    assert!(hosts(&me.run(&["machinefile"]).with(0).out)[0].ends_with("slots=63"), "it is not looked up again");
    assert_eq!(hosts(&me.run(&["machinefile", "--refresh"]).with(0).out), all, "--refresh looks again");
    assert_eq!(hosts(&me.run(&["machinefile"]).with(0).out), all, "and what it saw is kept");

    let usual = me.on(1, "cat machinefile");
    me.run(&["machinefile", "--nodes", "pi[02-03]", "--names", "--write", "half"]).with(0).says(&["~/half on pi01"]);
    assert_eq!(hosts(&me.on(1, "cat half")), [format!("pi02 slots={cores}"), format!("pi03 slots={cores}")]);
    let ranks = me.on(1, "mpirun --machinefile half --map-by node -n 2 hostname");
    let mut ranks: Vec<_> = ranks.lines().collect();
    ranks.sort_unstable();
    assert_eq!(ranks, ["pi02", "pi03"]);
    me.run(&["machinefile", "--users", "--write", "half"]).with(0).says(&["the file before is ~/.pictl/backup/"]);
    assert_eq!(hosts(&me.on(1, "cat half")), all);
    assert_eq!(me.on(1, "cat machinefile"), usual, "the file of setup stays");
    // The guide's check shows every node once.
    let shown = me.on(1, "mpirun -machinefile ~/machinefile --map-by node -n 3 hostname");
    let mut shown: Vec<_> = shown.lines().collect();
    shown.sort_unstable();
    assert_eq!(shown, ["pi01", "pi02", "pi03"]);
}

/// Plain ssh logs in after `keys ssh` and not before; the user's own lines stay.
fn plain_ssh(me: &Operator) {
    let config = me.home.path().join(".ssh/config");
    let mine = "# mine\nHost elsewhere\n    User somebody\n";
    fs::write(&config, mine).unwrap();
    let ssh = |to: &str| {
        let config = config.to_str().unwrap();
        me.command(&["ssh", "-F", config, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", to, "hostname"])
    };
    assert_ne!(run(ssh(&format!("pi@{}", address(2))), "").code, 0, "its host key is not known");
    // Nothing is written without a yes.
    me.run(&["keys", "ssh"]).with(2).says(&["Host pi02", "nothing was written"]);
    assert_eq!(fs::read_to_string(&config).unwrap(), mine);
    me.run(&["keys", "ssh", "--yes"]).with(0).says(&["plain ssh knows 3 nodes"]);
    for to in [&format!("pi@{}", address(2))[..], "pi02"] {
        assert_eq!(run(ssh(to), "").with(0).out, "pi02\n", "{to}");
    }
    assert!(fs::read_to_string(&config).unwrap().ends_with(mine));
    me.run(&["keys", "ssh", "--yes"]).with(0).says(&["already"]);
    // It follows the inventory from now on.
    me.run(&["nodes", "set", "pi02", "--name", "zulu"]).with(0);
    assert_eq!(run(ssh("zulu"), "").with(0).out, "pi02\n");
    me.run(&["nodes", "set", "zulu", "--name", "pi02"]).with(0);
    me.run(&["keys", "ssh", "--remove", "--yes"]).with(0);
    assert_eq!(fs::read_to_string(&config).unwrap().trim_start(), mine);
    assert!(!me.home.path().join(".ssh/pictl").exists());
    fs::remove_file(&config).unwrap();
}

/// A user of a node who writes the mark of a run on a command line is not counted as a rank that is left.
fn forged_marks(me: &Operator) {
    let run_id = "20261201-000000-forged-0001";
    let forge = format!(
        "nohup setpriv --reuid=65534 --regid=65534 --clear-groups sh -c 'sleep 600; :' PICTL_RUN:{run_id} \
         >/dev/null 2>&1 & echo $!"
    );
    let pid = me.on(2, &format!("sudo sh -c {}", quoted(&forge)));
    let script = fs::read_to_string(pictl_tests::repository().join("assets/remote/run-sweep.sh")).unwrap();
    let swept = run(me.ssh(2, &format!("sh -s {run_id}")), &script).with(0).out;
    assert_eq!(swept, "killed 0 left 0\n");
    assert_eq!(me.on(2, &format!("sudo kill {} && echo alive", pid.trim())), "alive\n");
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[test]
fn the_operator_s_side_of_a_cluster() {
    if let Some(why) = unless_lab_runs_here() {
        return skip(why);
    }
    let lab = Lab::up(&["--nodes", "3", "--with-mpi", "openmpi"]);
    let me = Operator::new(&lab);
    me.run(&["scan", "--save"]).with(0);
    let push = ["keys", "push", "--user", "pi", "--password-stdin", "--trust", "new", "--key-type", "rsa"];
    run(me.pictl(&push), "raspberry\n").with(0);
    // A password hash stands in what Raspberry Pi Imager writes.
    for n in 1..=3 {
        let write = "mkdir -p /boot/firmware; cd /boot/firmware; umask 077; \
                     printf \"#cloud-config\\nhostname: raspberrypi\\npasswd: x\\n\" >user-data; chmod 600 user-data";
        me.on(n, &format!("sudo sh -c {}", quoted(write)));
    }
    me.run(&["setup", "--yes"]).with(0).says(&["pictl keys ssh"]);
    let public = fs::read_to_string(me.home.path().join(".ssh/pictl_ed25519.pub")).unwrap();
    assert!(public.starts_with("ssh-rsa "), "{public}");
    for n in 1..=3 {
        let data = me.on(n, "sudo stat -c '%a %n' /boot/firmware/user-data*; sudo cat /boot/firmware/user-data");
        assert!(data.contains(&format!("hostname: pi{n:02}\n")), "{data}");
        assert!(data.lines().filter(|line| line.contains("/user-data")).all(|line| line.starts_with("600 ")), "{data}");
    }
    machinefiles(&lab, &me);
    plain_ssh(&me);
    forged_marks(&me);
}
