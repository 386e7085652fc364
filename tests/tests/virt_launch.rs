//! Launches that cannot work, on every launcher: what pictl says names both ends, the node or the file, and what it advises
//! helps. Each row does what the hint says, and sees the next launch work.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]
#![allow(clippy::print_stderr, reason = "a test's output is what its runner shows")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pictl_model::run::RunOutcome;
use pictl_tests::{Ended, LIMIT, Lab, Operator, RELOAD_SSHD, Watch, run, skip, unless_lab_runs_here};
use rustix::process::{Pid, Signal, kill_process};

struct Scene<'a> {
    lab: &'a Lab,
    me: &'a Operator<'a>,
}

type Row = (&'static str, fn(&Scene));

impl Scene<'_> {
    /// The proof at the end of a setup: one rank on every node.
    fn proof(&self) -> Ended {
        self.me.run(&["setup", "--only", "smoke", "--yes"])
    }

    /// It works, and so does a run.
    #[track_caller]
    fn works(&self) {
        self.proof().with(0);
        self.me.run(&["run", "-n", "3", "--", "hostname"]).with(0);
    }

    /// A run of the user's own shell line on every node, which all have begun.
    fn own(&self, line: &str) -> Watch<'_> {
        let file = self.me.home.path().join("own.sh");
        fs::write(&file, format!("echo ready\n{line}\n")).unwrap();
        let mut run = Watch::start(self.me, &["run", "-n", "3", "--", "sh", file.to_str().unwrap()]);
        run.until_printed("ready", 3);
        run
    }

    fn reason(run: Watch) -> (String, String) {
        let watched = run.end(LIMIT * 2);
        let summary = watched.summary();
        assert_eq!(summary.outcome, RunOutcome::Failed, "{summary:?}");
        (summary.reason.clone().expect("a reason"), summary.hint.clone().expect("a hint"))
    }
}

/// TCP from one node to another is dropped or refused; SSH is not.
fn firewall(scene: &Scene) {
    // What is proved is not proved again: the run itself has to find it.
    scene.works();
    for (at, (from, to), refuse) in
        [(1, (2, 1), false), (2, (1, 2), false), (3, (2, 3), false), (1, (3, 1), true), (2, (3, 2), true)]
    {
        scene.lab.firewall(at, (from, to), refuse);
        let both = format!("pi0{from} cannot connect to pi0{to} (10.77.0.3{to}) on TCP port");
        let ended = catch_unwind(AssertUnwindSafe(|| {
            // A host that refuses does not say so each time.
            let why = if refuse { ": " } else { "no answer within 4 s" };
            scene.proof().with(1).says(&[&both, why, "a firewall is likely", "allow TCP ports 1024 to 65535"]);
            if to == 1 && !refuse {
                scene.me.run(&["run", "-n", "3", "--", "hostname"]).with(1).says(&[&both]);
            }
        }));
        // As the hint says.
        scene.lab.no_firewall(at);
        assert!(ended.is_ok(), "{both}");
    }
    scene.works();
}

/// Its ranks only report that they were ended.
fn lost_node(scene: &Scene) {
    let run = scene.own("sleep 1000");
    scene.lab.fault("kill", "n3");
    let (reason, hint) = Scene::reason(run);
    scene.lab.fault("start", "n3");
    assert!(reason.contains("pi03") && !reason.contains("rank "), "{reason}");
    assert!(hint.contains("power") && hint.contains("cable"), "{hint}");
}

/// A benchmark's rank is killed, and not the launcher.
fn rank_killed(scene: &Scene) {
    let mut run = Watch::start(scene.me, &["bench", "pi", "-n", "3", "--slices", "100000", "--slice-size", "500000"]);
    run.until_slices(10);
    let mut ranks = scene.lab.processes(2).into_iter().filter(|p| p.command_line.contains("pi.py"));
    let rank = ranks.rfind(|p| p.name().is_some_and(|name| name.starts_with("python"))).expect("a rank");
    kill_process(Pid::from_raw(rank.pid).unwrap(), Signal::KILL).unwrap();
    let (reason, _) = Scene::reason(run);
    assert!(reason.contains("pi02") && !reason.contains("launcher was killed"), "{reason}");
}

/// One node's SSH server listens on another port.
fn other_port(scene: &Scene) {
    let listen = |port: u16| {
        let file = "/etc/ssh/sshd_config.d/port.conf";
        format!("echo 'Port {port}' | sudo tee {file} && sudo sh -c '{RELOAD_SSHD}'")
    };
    scene.me.on(2, &listen(2222));
    // Its port is not known yet: nothing is launched.
    assert_ne!(scene.proof().code, 0);
    scene.me.run(&["nodes", "set", "pi02", "--port", "2222"]).with(0);
    run(scene.me.pictl(&["setup", "--trust", "new", "--yes"]), "").with(0).says(&["3 ranks on 3 nodes answered"]);
    scene.works();
    scene.me.run(&["bench", "pi", "-n", "6", "--slices", "6", "--slice-size", "10000"]).with(0);
    scene.me.run(&["exec", "--nodes", "pi02", "--", &listen(22)]).with(0);
    scene.me.run(&["nodes", "set", "pi02", "--port", "22"]).with(0);
    run(scene.me.pictl(&["setup", "--trust", "new", "--yes"]), "").with(0);
}

/// The daemon of the launcher is missing on a node, or may not be run there.
fn daemon(scene: &Scene, name: &str, package: &str) {
    let again = format!("sudo apt-get update && sudo apt-get install --reinstall -y {package}");
    let hint = format!("pictl exec --nodes pi02 -- \"{again}\"");
    for (spoil, said) in [("rm", "is missing"), ("chmod 644", "may not be executed")] {
        scene.me.on(2, &format!("sudo {spoil} /usr/bin/{name}"));
        scene.proof().with(1).says(&["pi02", name, said, &hint]);
        scene.me.run(&["exec", "--nodes", "pi02", "--", &again]).with(0);
        scene.works();
    }
}

fn orted(scene: &Scene) {
    daemon(scene, "orted", "openmpi-bin");
}

fn prted(scene: &Scene) {
    daemon(scene, "prted", "openmpi-bin");
}

fn hydra(scene: &Scene) {
    daemon(scene, "hydra_pmi_proxy", "mpich");
}

/// The head has an old host key of a node.
fn stale_host_key(scene: &Scene) {
    let other = "ssh-keygen -q -t ed25519 -N '' -f /tmp/other && key=$(cut -d ' ' -f 2 /tmp/other.pub) && \
                 sed -i -E \"s#^(pi02,10.77.0.32 ssh-ed25519) .*#\\1 $key#;/^pi02,10.77.0.32 (ssh-rsa|ecdsa)/d\" \
                 ~/.ssh/known_hosts";
    scene.me.on(1, other);
    scene.proof().with(1).says(&["pi02", "another host key than the one on record", "pictl keys mesh"]);
    scene.me.run(&["keys", "mesh", "--yes"]).with(0);
    scene.works();
}

/// A user's setting names networks to leave out, and pictl names the one to use.
fn settings(scene: &Scene) {
    let file = ".openmpi/mca-params.conf";
    scene.me.on(1, &format!("mkdir -p .openmpi && printf '# mine\\noob_tcp_if_exclude = lo,docker0\\n' >{file}"));
    let ended = scene.proof().with(1);
    let ended = ended.says(&["pi01", "line 2 of /home/pi/.openmpi/mca-params.conf", "oob_tcp_if_exclude = lo,docker0"]);
    assert!(!ended.out.contains("take down") && !ended.err.contains("take down"), "{}{}", ended.out, ended.err);
    scene.me.on(1, &format!("sed -i 2d {file}"));
    scene.works();
}

/// The rows on one cluster, each whatever the others do.
fn rows_on(os: &str, mpi: &str, rows: &[Row]) {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "3", "--os", os, "--with-mpi", mpi]);
    let me = Operator::new(&lab);
    me.set_up();
    let scene = Scene { lab: &lab, me: &me };
    let only = std::env::var("PICTL_ROW").ok();
    let mut failed = Vec::new();
    for (name, go) in rows {
        if only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        let ended = catch_unwind(AssertUnwindSafe(|| go(&scene)));
        eprintln!("{name}{}", if ended.is_err() { ": FAILED" } else { "" });
        if ended.is_err() {
            failed.push(*name);
        }
    }
    assert!(failed.is_empty(), "failed: {}", failed.join("; "));
}

#[test]
fn open_mpi_4() {
    let rows: &[Row] = &[
        ("a firewall between two nodes", firewall),
        ("a node is lost", lost_node),
        ("a rank is killed", rank_killed),
        ("another port", other_port),
        ("no daemon", orted),
        ("a stale host key", stale_host_key),
        ("settings of the user's", settings),
    ];
    rows_on("bookworm", "openmpi", rows);
}

#[test]
fn open_mpi_5() {
    let rows: &[Row] = &[
        ("a firewall between two nodes", firewall),
        ("a node is lost", lost_node),
        ("a rank is killed", rank_killed),
        ("another port", other_port),
        ("no daemon", prted),
    ];
    rows_on("trixie", "openmpi", rows);
}

#[test]
fn mpich() {
    let rows: &[Row] = &[
        ("a firewall between two nodes", firewall),
        ("a node is lost", lost_node),
        ("another port", other_port),
        ("no daemon", hydra),
    ];
    rows_on("bookworm", "mpich-dev", rows);
}
