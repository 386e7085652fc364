//! From four fresh simulated Pis to a benchmark, by hand through the scripts; and what can go wrong.

use std::f64::consts::PI;
use std::fmt::Write as _;

use pictl_formats::{diagnosis::explain, hash::sha256_hex, progress::crc};
use pictl_lab::sim::{Sim, SimSpec};

use super::client::{Client, Output, line, up};

const HOSTFILE: &str = "/home/pi/machinefile";

fn name(i: usize) -> String {
    format!("pi{:02}", i + 1)
}

/// Four nodes, keyed, named, wired and with MPI.
async fn cluster(speed: f64) -> (Sim, Vec<Client>) {
    // At the real pace installing is not waited for.
    let sim = up(SimSpec { speed, mpi_preinstalled: speed < 2.0, ..SimSpec::default() }).await;
    let infos = sim.nodes();
    let mut clients = Vec::new();
    for i in 0..infos.len() {
        clients.push(Client::pi(&sim, i).await);
    }
    let (mut keys, mut hosts, mut known) = (String::new(), "127.0.0.1\tlocalhost\n".to_owned(), String::new());
    for (i, pi) in clients.iter().enumerate() {
        let said = pi.script("node-key", &[&format!("pi@{}", name(i))], b"").await;
        keys.push_str(said.out.strip_prefix("public ").unwrap());
        let address = infos[i].address.ip();
        writeln!(hosts, "{address}\t{}", name(i)).unwrap();
        writeln!(known, "{},{address} {}", name(i), infos[i].host_key.to_openssh().unwrap()).unwrap();
    }
    let machinefile = (0..4).map(|i| name(i) + " slots=4\n").collect::<String>();
    for (i, pi) in clients.iter().enumerate() {
        assert_eq!(pi.put("~/.ssh/authorized_keys", "600", keys.as_bytes(), "any", "-").await.status, Some(0));
        assert_eq!(pi.put("~/.ssh/known_hosts", "600", known.as_bytes(), "any", "-").await.status, Some(0));
        let sum = sha256_hex(hosts.as_bytes());
        let args = ["/etc/hosts", "644", &hosts.len().to_string(), &sum, "any", "-"];
        assert_eq!(pi.script_line("sudo -n ", "put-file", &args, hosts.as_bytes()).await.status, Some(0));
        assert_eq!(
            pi.script_line("sudo -n ", "set-hostname", &[&name(i)], b"").await.out,
            format!("hostname {}\n", name(i))
        );
        let installed = pi.script_line("sudo -n ", "install-mpi", &["openmpi-bin", "python3-mpi4py"], b"").await;
        assert!(installed.out.ends_with("installed openmpi-bin python3-mpi4py\n"), "{}", installed.out);
        for file in ["pi.py", "primes.py", "hello.py", "hostname.py", "pingpong.py", "pictl_progress.py"] {
            let path = format!("{}/../../assets/bench/{file}", env!("CARGO_MANIFEST_DIR"));
            let program = std::fs::read(path).unwrap();
            assert_eq!(pi.put(&format!("~/.pictl/bench/{file}"), "644", &program, "any", "-").await.status, Some(0));
        }
    }
    assert_eq!(clients[0].put("~/machinefile", "644", machinefile.as_bytes(), "-", "-").await.status, Some(0));
    (sim, clients)
}

/// Starts a run on the head.
async fn start(head: &Client, run: &str, ranks: usize, program: &str) {
    head.put(&format!("~/.pictl/runs/{run}/plan"), "600", b"", "any", "-").await;
    let command = format!(
        "/usr/bin/mpirun.openmpi --hostfile {HOSTFILE} -n {ranks} --map-by node:OVERSUBSCRIBE --bind-to none -x PICTL_RUN={run} --tag-output {program}"
    );
    let args: Vec<&str> = [run, "0"].into_iter().chain(command.split(' ')).collect();
    assert!(head.script("run-start", &args, b"").await.out.starts_with("pid "));
}

async fn end(head: &Client, run: &str) -> String {
    head.script("run-end", &[run], b"").await.out
}

/// The records of an output, checked: event name and JSON.
fn records(output: &Output) -> Vec<serde_json::Value> {
    let record = |line: &str| {
        let (tag, record) = line.split_once("@pictl ")?;
        assert!(tag.starts_with("[1,") && tag.ends_with("]<stdout>:"), "{line}");
        let (json, sum) = record.rsplit_once(' ')?;
        assert!((20..=512).contains(&("@pictl ".len() + record.len() + 1)), "{line}");
        assert_eq!(format!("{:04x}", crc(json.as_bytes())), sum, "{line}");
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        let rank = tag.trim_start_matches("[1,").split(']').next()?.parse::<u64>().ok()?;
        assert!(value["r"].as_u64().is_none_or(|r| r == rank), "{line}");
        Some(value)
    };
    output.out.lines().filter_map(record).collect()
}

fn of<'a>(records: &'a [serde_json::Value], event: &str) -> Vec<&'a serde_json::Value> {
    records.iter().filter(|record| record["e"] == event).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_fresh_cards_to_pi() {
    let (sim, pis) = cluster(5.0).await;
    let head = &pis[0];
    for (i, pi) in pis.iter().enumerate() {
        let targets: Vec<String> = (0..4).filter(|j| *j != i).map(|j| format!("pi@{}", name(j))).collect();
        let args: Vec<&str> = std::iter::once("-").chain(targets.iter().map(String::as_str)).collect();
        let said = pi.script("pair-check", &args, b"").await;
        let expected: Vec<String> = (0..4).filter(|j| *j != i).map(|j| format!("ok pi@{0} {0}", name(j))).collect();
        // Three at a time, so their order is not defined.
        let mut said: Vec<&str> = said.out.lines().collect();
        said.sort_unstable();
        assert_eq!(said, expected);
    }

    start(head, "r-hello", 8, "/usr/bin/python3 -m mpi4py /home/pi/.pictl/bench/hello.py").await;
    let hello = head.script("run-follow", &["r-hello"], b"").await;
    assert_eq!((hello.status, end(head, "r-hello").await.as_str()), (Some(0), "rc 0\n"), "{}", hello.err);
    let said = records(&hello);
    let mut hosts: Vec<_> =
        of(&said, "host").iter().map(|r| (r["r"].as_u64().unwrap(), r["host"].as_str().unwrap().to_owned())).collect();
    hosts.sort();
    assert_eq!(hosts, (0..8).map(|r| (r as u64, name(r % 4))).collect::<Vec<_>>(), "round by node");
    assert_eq!(of(&said, "begin")[0]["size"], 8);
    assert_eq!(of(&said, "result")[0]["value"], 28);
    assert_eq!(of(&said, "done").len(), 8);

    start(head, "r-pi", 16, "/usr/bin/python3 -m mpi4py /home/pi/.pictl/bench/pi.py --slices 64 --slice-size 250000")
        .await;
    let pi = head.script("run-follow", &["r-pi"], b"").await;
    assert_eq!(end(head, "r-pi").await, "rc 0\n", "{}", pi.err);
    let said = records(&pi);
    let mut slices: Vec<u64> = of(&said, "slice").iter().map(|r| r["slice"].as_u64().unwrap()).collect();
    slices.sort_unstable();
    assert_eq!(slices, (0..64).collect::<Vec<u64>>(), "each slice once");
    assert_eq!(of(&said, "assign").len(), 64);
    assert_eq!(of(&said, "done").len(), 16);
    let value = of(&said, "result")[0]["value"].as_f64().unwrap();
    assert!((value - PI).abs() < 1e-6, "{value}");
    let sum: f64 = of(&said, "slice").iter().map(|r| r["v"].as_f64().unwrap()).sum();
    assert!((sum - value).abs() < 1e-9, "the slices add up: {sum} and {value}");
    // Rank 1 sits on a Pi 5, rank 2 on a Pi 3. Who does more slices also hangs on this machine's load.
    let fastest = |rank: u64| {
        let took = of(&said, "slice").into_iter().filter(|r| r["r"] == rank).map(|r| r["s"].as_f64().unwrap());
        took.fold(f64::INFINITY, f64::min)
    };
    assert!(fastest(1) < fastest(2), "{} and {}", fastest(1), fastest(2));
    assert_eq!(head.script("run-sweep", &["r-pi"], b"").await.out, "killed 0 left 0\n");
    assert_eq!((0..4).map(|i| sim.node(i).processes()).sum::<usize>(), 0);
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_rank_alone_computes_too() {
    let (sim, pis) = cluster(50.0).await;
    start(&pis[0], "r1", 1, "/usr/bin/python3 -m mpi4py /home/pi/.pictl/bench/pi.py --slices=5 --slice-size=1000")
        .await;
    let said = records(&pis[0].script("run-follow", &["r1"], b"").await);
    assert_eq!(of(&said, "slice").len(), 5);
    assert!((of(&said, "result")[0]["value"].as_f64().unwrap() - PI).abs() < 1e-3);
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn primes_are_counted_and_other_programs_refused_in_words() {
    let (sim, pis) = cluster(50.0).await;
    let bench = "/usr/bin/python3 -m mpi4py /home/pi/.pictl/bench";
    start(&pis[0], "r2", 4, &format!("{bench}/primes.py --slices 20 --slice-size 1000")).await;
    let said = records(&pis[0].script("run-follow", &["r2"], b"").await);
    assert_eq!((of(&said, "slice").len(), of(&said, "done").len()), (20, 4));
    assert_eq!(of(&said, "begin")[0]["program"], "primes");
    assert_eq!(of(&said, "result")[0]["value"].as_f64(), Some(2262.0));

    start(&pis[0], "r3", 4, &format!("{bench}/scatter.py")).await;
    let refused = pis[0].script("run-follow", &["r3"], b"").await;
    assert!(
        refused.err.contains("this Pi is simulated: it runs pi, primes, hello, hostname and pingpong"),
        "{}",
        refused.err
    );
    let compiled = pis[0].script("compile", &["pi", "mpicc.openmpi"], b"").await;
    assert_eq!((compiled.status, compiled.err.contains("no C compiler")), (Some(4), true));
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_are_named_and_ways_between_them_are_as_good_as_the_worse_board() {
    let (sim, pis) = cluster(50.0).await;
    let bench = "/home/pi/.pictl/bench";
    start(&pis[0], "r-names", 5, &format!("/usr/bin/python3 {bench}/hostname.py")).await;
    let said = pis[0].script("run-follow", &["r-names"], b"").await;
    let mut printed: Vec<_> =
        said.out.lines().filter_map(|line| line.split_once("stdout>:").map(|(_, text)| text)).collect();
    printed.retain(|text| !text.starts_with('@'));
    printed.sort_unstable();
    assert_eq!(printed, [name(0), name(0), name(1), name(2), name(3)]);
    assert_eq!(of(&records(&said), "done").len(), 5);

    start(&pis[0], "r-pairs", 5, &format!("/usr/bin/python3 -m mpi4py {bench}/pingpong.py")).await;
    let said = records(&pis[0].script("run-follow", &["r-pairs"], b"").await);
    assert_eq!((of(&said, "pair").len(), of(&said, "done").len()), (10, 5));
    let bandwidth = |r: u64, to: u64| {
        let pair = of(&said, "pair").into_iter().find(|pair| pair["r"] == r && pair["to"] == to).unwrap();
        pair["b"].as_f64().unwrap()
    };
    // Rank 2 is on the Pi 3; ranks 0 and 4 are on one node.
    assert!(bandwidth(1, 2) < bandwidth(0, 1) && bandwidth(0, 1) < bandwidth(0, 4));
    assert_eq!(of(&said, "result")[0]["value"], 10);
    sim.stop().await;
}

const LONG: &str = "/usr/bin/python3 -m mpi4py /home/pi/.pictl/bench/pi.py --slices 1000 --slice-size 1000000";

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_stopped_and_leaves_nothing() {
    let (sim, pis) = cluster(10.0).await;
    let head = &pis[0];
    start(head, "r1", 8, LONG).await;
    let mut follow = head.open(&line("", "run-follow", &["r1"])).await;
    follow.wait_for(r#""e":"slice""#).await;
    assert_eq!(end(head, "r1").await, "running\n");
    assert!(head.script("run-start", &["r1", "0", "true"], b"").await.status == Some(3), "no second start");
    let rank = sim.node(1).processes();
    assert_eq!(rank, 2, "two of eight ranks sit on each node");
    assert_eq!(head.script("run-stop", &["r1", "TERM"], b"").await.out, "sent\n");
    assert_eq!(follow.rest().await.status, Some(0), "following ends with the run");
    assert_eq!(end(head, "r1").await, "rc 1\n");
    assert_eq!(head.script("run-stop", &["r1", "TERM"], b"").await.out, "gone\n");
    assert_eq!((0..4).map(|i| sim.node(i).processes()).sum::<usize>(), 0);
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_launcher_leaves_is_swept() {
    let (sim, pis) = cluster(1.0).await;
    let head = &pis[0];
    start(head, "r1", 8, LONG).await;
    let mut follow = head.open(&line("", "run-follow", &["r1"])).await;
    follow.wait_for(r#""e":"part""#).await;
    assert_eq!(head.script("run-stop", &["r1", "KILL"], b"").await.out, "sent\n");
    follow.rest().await;
    assert_eq!(end(head, "r1").await, "rc 137\n");
    for pi in &pis {
        assert_eq!(pi.script("run-sweep", &["r1"], b"").await.out, "killed 2 left 0\n");
    }
    assert_eq!(end(head, "r1").await, "lost\n", "a sweep takes the folder away");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_power_ends_the_run_by_name() {
    let (sim, pis) = cluster(20.0).await;
    let head = &pis[0];
    start(head, "r1", 8, LONG).await;
    let mut follow = head.open(&line("", "run-follow", &["r1"])).await;
    follow.wait_for(r#""e":"slice""#).await;
    sim.node(2).kill();
    let said = follow.rest().await;
    assert!(said.err.contains("ORTE has lost communication with a remote daemon."), "{}", said.err);
    assert_eq!(explain(&said.err).unwrap().node.as_deref(), Some("pi03"), "{}", said.err);
    assert_eq!(end(head, "r1").await, "rc 205\n");
    assert_eq!((0..4).map(|i| sim.node(i).processes()).sum::<usize>(), 0);
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rank_that_is_killed_ends_the_run() {
    let (sim, pis) = cluster(10.0).await;
    start(&pis[0], "r1", 4, LONG).await;
    let mut follow = pis[0].open(&line("", "run-follow", &["r1"])).await;
    follow.wait_for(r#""e":"slice""#).await;
    assert_eq!(pis[1].script("run-sweep", &["r1"], b"").await.out, "killed 1 left 0\n");
    let said = follow.rest().await;
    assert!(
        said.err.contains("process rank 1") && said.err.contains("on node pi02 exited on signal 15"),
        "{}",
        said.err
    );
    assert_eq!(end(&pis[0], "r1").await, "rc 143\n");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_ends_the_run_as_timeout_does() {
    let (sim, pis) = cluster(10.0).await;
    let head = &pis[0];
    head.put("~/.pictl/runs/r1/plan", "600", b"", "-", "-").await;
    assert!(head.script("run-start", &["r1", "1", "sleep", "100000"], b"").await.out.starts_with("pid "));
    head.script("run-follow", &["r1"], b"").await;
    assert_eq!(end(head, "r1").await, "rc 124\n");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_in_open_mpis_words() {
    let (sim, pis) = cluster(50.0).await;
    let head = &pis[0];
    let hello = "/usr/bin/python3 -m mpi4py /home/pi/.pictl/bench/hello.py";
    let known = sim.node(0).read("/home/pi/.ssh/known_hosts").unwrap();
    let authorized = sim.node(1).read("/home/pi/.ssh/authorized_keys").unwrap();
    let program = sim.node(1).read("/home/pi/.pictl/bench/hello.py").unwrap();
    let mut runs = 0;
    let mut attempt = async |what: &str, status: &str| {
        runs += 1;
        let run = format!("r{runs}");
        start(head, &run, 4, hello).await;
        let said = head.script("run-follow", &[&run], b"").await;
        assert!(said.err.contains(what), "{what}: {}", said.err);
        assert!(status != "255" || explain(&said.err).is_some(), "{what}: what the launcher says is understood");
        assert_eq!(end(head, &run).await, format!("rc {status}\n"), "{what}");
        head.script("pair-check", &["-", "pi@pi02"], b"").await.out
    };
    sim.node(0).write("/home/pi/.ssh/known_hosts", b"", 0o600);
    let pair = attempt("Host key verification failed.", "255").await;
    assert!(pair.starts_with("bad pi@pi02 No ED25519 host key is known for pi02"), "{pair}");
    sim.node(0).write("/home/pi/.ssh/known_hosts", &known, 0o600);

    sim.node(1).write("/home/pi/.ssh/authorized_keys", b"", 0o600);
    let pair = attempt("Permission denied (publickey", "255").await;
    assert!(pair.starts_with("bad pi@pi02 pi@pi02: Permission denied"), "{pair}");
    sim.node(1).write("/home/pi/.ssh/authorized_keys", &authorized, 0o600);

    sim.node(1).remove("/home/pi/.pictl/bench/hello.py");
    let pair = attempt("No such file or directory: '/home/pi/.pictl/bench/hello.py'", "1").await;
    assert_eq!(pair, "ok pi@pi02 pi02\n");
    sim.node(1).write("/home/pi/.pictl/bench/hello.py", &program, 0o644);

    sim.node(1).kill();
    let pair = attempt("connect to host pi02 port 22: No route to host", "255").await;
    assert!(pair.starts_with("bad pi@pi02 ssh: connect to host pi02"), "{pair}");
    sim.node(1).revive();

    sim.node(1).reset_host_key();
    let pair = attempt("REMOTE HOST IDENTIFICATION HAS CHANGED", "255").await;
    assert!(pair.contains("Host key verification failed."), "{pair}");

    sim.node(0).write("/etc/hosts", b"127.0.0.1 localhost\n", 0o644);
    let pair = attempt("Could not resolve hostname pi0", "255").await;
    assert!(pair.starts_with("bad pi@pi02 ssh: Could not resolve hostname pi02"), "{pair}");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_command_runs_on_every_node() {
    let (sim, pis) = cluster(50.0).await;
    start(&pis[0], "r1", 4, "hostname").await;
    let said = pis[0].script("run-follow", &["r1"], b"").await;
    let mut lines: Vec<&str> = said.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["[1,0]<stdout>:pi01", "[1,1]<stdout>:pi02", "[1,2]<stdout>:pi03", "[1,3]<stdout>:pi04"]);
    sim.stop().await;
}
