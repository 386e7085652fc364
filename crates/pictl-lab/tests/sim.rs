//! The simulated Pis over real SSH connections, and their scripts against the real ones of `assets/remote/`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

#[path = "sim/client.rs"]
mod client;
#[path = "sim/cluster.rs"]
mod cluster;
#[path = "sim/contract.rs"]
mod contract;
#[path = "sim/identify.rs"]
mod identify;
#[path = "sim/keys.rs"]
mod keys;

use std::time::{Duration, Instant};

use client::{Client, up};
use pictl_formats::telemetry::SampleReader;
use pictl_lab::sim::{self, Fault, FaultKind, SimSpec};
use pictl_model::{Hertz, Throttled, Timestamp};

#[tokio::test]
async fn the_right_password_opens_and_everything_else_does_not() {
    let sim = up(SimSpec::default()).await;
    let address = sim.nodes()[0].address;
    assert!(Client::connect(address).await.login("pi", "raspberry").await);
    assert!(!Client::connect(address).await.login("pi", "raspberri").await);
    assert!(!Client::connect(address).await.login("root", "raspberry").await);
    sim.stop().await;
}

#[tokio::test]
async fn a_key_opens_once_it_is_authorized() {
    let sim = up(SimSpec::default()).await;
    let key = client::key(7);
    let address = sim.nodes()[0].address;
    assert!(!Client::connect(address).await.login_by_key("pi", &key).await);
    let line = format!("# mine\n{}\n", key.public_key().to_openssh().unwrap());
    sim.node(0).write("/home/pi/.ssh/authorized_keys", line.as_bytes(), 0o600);
    assert!(Client::connect(address).await.login_by_key("pi", &key).await);
    assert!(!Client::connect(address).await.login_by_key("pi", &client::key(8)).await);
    // A file that others can write to is ignored.
    sim.node(0).write("/home/pi/.ssh/authorized_keys", line.as_bytes(), 0o666);
    assert!(!Client::connect(address).await.login_by_key("pi", &key).await);
    sim.stop().await;
}

#[tokio::test]
async fn host_keys_depend_on_the_seed_and_differ_between_nodes() {
    let (a, b) = (up(SimSpec::default()).await, up(SimSpec::default()).await);
    let other = up(SimSpec { seed: 2, ..SimSpec::default() }).await;
    let keys = |sim: &sim::Sim| -> Vec<_> { sim.nodes().into_iter().map(|node| node.host_key).collect() };
    assert_eq!(keys(&a), keys(&b));
    assert_ne!(keys(&a)[0], keys(&a)[1]);
    assert_ne!(keys(&a)[0], keys(&other)[0]);
    let seen = Client::connect(a.nodes()[2].address).await;
    assert_eq!(seen.host_key().key_data(), keys(&a)[2].key_data());
    a.node(2).reset_host_key();
    let seen = Client::connect(a.nodes()[2].address).await;
    assert_ne!(seen.host_key().key_data(), keys(&b)[2].key_data());
    for sim in [a, b, other] {
        sim.stop().await;
    }
}

#[tokio::test]
async fn the_first_line_is_that_of_a_pi() {
    use tokio::io::{AsyncBufReadExt, BufReader};
    let sim = up(SimSpec::default()).await;
    let stream = tokio::net::TcpStream::connect(sim.nodes()[0].address).await.unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await.unwrap();
    assert_eq!(line, "SSH-2.0-OpenSSH_9.2p1 Raspbian-2+deb12u10\r\n");
    sim.stop().await;
}

#[tokio::test]
async fn plain_commands_answer_and_unknown_ones_say_why_not() {
    let sim = up(SimSpec::default()).await;
    let pi = Client::pi(&sim, 0).await;
    assert_eq!(pi.run("hostname", b"").await.out, "raspberrypi\n");
    assert_eq!(pi.run("echo 'a  b' c", b"").await.out, "a  b c\n");
    assert_eq!(pi.run("whoami", b"").await.out, "pi\n");
    assert_eq!(pi.run("sudo -n whoami", b"").await.out, "root\n");
    assert_eq!(pi.run("false", b"").await.status, Some(1));
    assert!(pi.run("vcgencmd measure_temp", b"").await.out.starts_with("temp="));
    assert_eq!(pi.run("vcgencmd measure_clock arm", b"").await.out, "frequency(48)=600000000\n");
    assert_eq!(pi.run("vcgencmd get_throttled", b"").await.out, "throttled=0x0\n");
    let unknown = pi.run("rm -rf /", b"").await;
    assert_eq!(unknown.status, Some(127));
    assert_eq!(unknown.err, "sh: 1: rm: not found (this Pi is simulated and knows few commands)\n");
    assert!(pi.run("cat /etc/hosts", b"").await.out.contains("127.0.1.1\traspberrypi"));
    assert_eq!(pi.run("cat /etc/shadow", b"").await.status, Some(1), "nothing of this machine is read");
    assert_eq!(pi.run("mpirun --version", b"").await.status, Some(127), "a fresh SD card has no MPI");
    sim.stop().await;
}

#[tokio::test]
async fn an_interactive_shell_is_explained_and_ends() {
    let sim = up(SimSpec::default()).await;
    let shell = Client::pi(&sim, 0).await.shell().await;
    assert!(shell.out.contains("simulated"), "{}", shell.out);
    assert_eq!(shell.status, Some(1));
    sim.stop().await;
}

#[tokio::test]
async fn sudo_asks_where_it_is_configured_to() {
    let sim = up(SimSpec { sudo_password: true, ..SimSpec::default() }).await;
    let pi = Client::pi(&sim, 0).await;
    let refused = pi.run("sudo -n id -u", b"").await;
    assert_eq!((refused.status, refused.err.as_str()), (Some(1), "sudo: a password is required\n"));
    assert_eq!(pi.run("sudo -k -S -p '' id -u", b"raspberry\n").await.out, "0\n");
    let wrong = pi.run("sudo -k -S -p '' id -u", b"hunter2\n").await;
    assert_eq!((wrong.status, wrong.out.as_str()), (Some(1), ""));
    assert!(wrong.err.contains("1 incorrect password attempt"), "{}", wrong.err);
    // The password line is not the script's data.
    let named = pi.script_line("sudo -k -S -p '' ", "set-hostname", &["pi07"], b"raspberry\n").await;
    assert_eq!(named.out, "hostname pi07\n");
    sim.stop().await;
}

#[tokio::test]
async fn a_killed_node_is_silent_and_comes_back_with_its_files() {
    let sim = up(SimSpec::default()).await;
    let address = sim.nodes()[1].address;
    let pi = Client::pi(&sim, 1).await;
    sim.node(1).write("/home/pi/file", b"x", 0o644);
    sim.node(1).kill();
    let silence = Duration::from_millis(300);
    assert!(tokio::time::timeout(silence, pi.run("hostname", b"")).await.is_err(), "no answer and no reset");
    assert!(tokio::time::timeout(silence, Client::connect(address)).await.is_err(), "no banner either");
    sim.node(1).revive();
    assert_eq!(Client::pi(&sim, 1).await.run("cat file", b"").await.status, Some(1), "cat takes absolute paths only");
    assert_eq!(Client::pi(&sim, 1).await.run("cat /home/pi/file", b"").await.out, "x");
    pi.ended().await;
    sim.stop().await;
}

#[tokio::test]
async fn what_is_set_from_outside_is_what_the_sensors_report() {
    let sim = up(SimSpec::default()).await;
    sim.node(0).set_temp(Some(83.0));
    sim.node(0).set_throttled(Some(0x5_0005));
    let pi = Client::pi(&sim, 0).await;
    assert_eq!(pi.run("vcgencmd measure_temp", b"").await.out, "temp=83.0'C\n");
    assert_eq!(pi.run("vcgencmd get_throttled", b"").await.out, "throttled=0x50005\n");
    sim.stop().await;
}

#[tokio::test]
async fn samples_come_as_long_as_they_are_read() {
    let sim = up(SimSpec::default()).await;
    let pi = Client::pi(&sim, 0).await;
    let mut stream = pi.open(&client::line("", "sample", &["0.02"])).await;
    let mut reader = SampleReader::new(Timestamp(0));
    assert!(stream.wait_for("\n").await.starts_with("T "));
    for _ in 0..3 {
        let line = stream.wait_for("\n").await;
        let sample = reader.line(line.trim_end(), Timestamp(0)).unwrap();
        assert!(sample.temp.is_some_and(|temp| (20.0..90.0).contains(&temp.0)), "{line}");
        assert_eq!((sample.clock, sample.throttled), (Some(Hertz(600_000_000)), Some(Throttled(0))));
        assert_eq!((sample.fan, sample.power), (None, None), "a Pi 4 does not report it");
        assert!(sample.swapped.is_some() && sample.time.is_some(), "{line}");
    }
    stream.close().await;
    assert_eq!(pi.run("true", b"").await.status, Some(0), "the connection serves on");
    sim.stop().await;
}

#[tokio::test]
async fn faults_are_what_they_say() {
    let kinds = [
        FaultKind::WrongOutput,
        FaultKind::DiskFull,
        FaultKind::SudoRefuses,
        FaultKind::HostKeyChanges,
        FaultKind::CloseDuringCommand { script: "facts".into() },
        FaultKind::EndlessOutput,
        FaultKind::SlowBanner(Duration::from_millis(200)),
        FaultKind::SilentAfterLogin,
    ];
    let faults: Vec<Fault> = (0..).zip(kinds).map(|(node, kind)| Fault { node, kind }).collect();
    let sim = up(SimSpec { nodes: 8, faults, ..SimSpec::default() }).await;

    let wrong = Client::pi(&sim, 0).await.script("facts", &[], b"").await;
    assert!(wrong.status == Some(0) && !wrong.out.contains("end facts") && wrong.out.contains('\x1b'), "{wrong:?}");

    let full = Client::pi(&sim, 1).await.put("~/x", "644", b"content", "any", "-").await;
    assert_eq!(full.status, Some(1));
    assert!(full.err.contains("No space left on device"), "{}", full.err);
    assert_eq!(sim.node(1).read("/home/pi/x"), None, "nothing is half written");

    let refused = Client::pi(&sim, 2).await.run("sudo -S -p '' true", b"raspberry\n").await;
    assert_eq!((refused.status, refused.err.as_str()), (Some(1), "pi is not in the sudoers file.\n"));

    let before = Client::pi(&sim, 3).await.host_key();
    assert_ne!(Client::connect(sim.nodes()[3].address).await.host_key(), before);

    let broken = Client::pi(&sim, 4).await;
    assert_eq!(broken.script("facts", &[], b"").await.status, None);
    broken.ended().await;

    let endless = Client::pi(&sim, 5).await;
    let mut stream = endless.open("hostname").await;
    for _ in 0..200 {
        stream.wait_for("and so on\n").await;
    }
    stream.close().await;

    let start = Instant::now();
    Client::pi(&sim, 6).await;
    assert!(start.elapsed() >= Duration::from_millis(200));

    let silent = Client::pi(&sim, 7).await;
    let answer = tokio::time::timeout(Duration::from_millis(300), silent.run("hostname", b"")).await;
    assert!(answer.is_err(), "it must not answer");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_nodes_let_two_hundred_clients_in() {
    let start = Instant::now();
    let sim = up(SimSpec { nodes: 200, ..SimSpec::default() }).await;
    println!("200 nodes up: {:?}", start.elapsed());
    let start = Instant::now();
    let clients = sim.nodes().into_iter().map(|node| {
        tokio::spawn(async move {
            let pi = Client::connect(node.address).await;
            assert!(pi.login("pi", "raspberry").await);
            pi.script("facts", &[], b"").await.out.ends_with("end facts\n")
        })
    });
    for client in clients.collect::<Vec<_>>() {
        assert!(client.await.unwrap());
    }
    println!("200 logins with facts: {:?}", start.elapsed());
    sim.stop().await;
}

#[tokio::test]
async fn a_thousand_nodes_start() {
    let start = Instant::now();
    let sim = up(SimSpec { nodes: 1000, ..SimSpec::default() }).await;
    println!("1000 nodes up: {:?}", start.elapsed());
    assert_eq!(sim.targets(), "127.77.0.31-127.77.4.6");
    let facts = Client::pi(&sim, 0).await.script("facts", &[], b"").await.out;
    assert!(facts.contains("\naddress eth0 127.77.0.31/21\n"), "one network for all: {facts}");
    let macs: std::collections::BTreeSet<_> = sim.nodes().iter().map(|node| node.mac).collect();
    assert_eq!(macs.len(), 1000, "no two share an Ethernet address");
    assert!(Client::pi(&sim, 999).await.run("true", b"").await.status == Some(0));
    sim.stop().await;
}

#[tokio::test]
async fn what_cannot_be_simulated_is_refused_in_words() {
    let refused = |spec| async { sim::start(spec).await.err().unwrap().to_string() };
    assert!(refused(SimSpec { nodes: 0, ..SimSpec::default() }).await.contains("at least one"));
    let outside = SimSpec { first: [127, 255, 255, 254].into(), ..SimSpec::default() };
    assert!(refused(outside).await.contains("127.0.0.0/8"));
    let first = up(SimSpec::default()).await;
    let port = first.nodes()[0].address.port();
    let why = refused(SimSpec { port, ..SimSpec::default() }).await;
    assert!(why.contains("another demo may be running"), "{why}");
    first.stop().await;
}
