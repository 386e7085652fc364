//! Who can log in where: users and passwords of single nodes, routes through other nodes, cloned and reflashed SD cards.

use std::time::{Duration, Instant};

use pictl_lab::sim::{Fault, FaultKind, OtherLogin, Sim, SimSpec};
use pictl_model::Secret;

use super::client::{self, Client, up};

async fn with_faults(faults: Vec<(u16, FaultKind)>) -> Sim {
    let faults = faults.into_iter().map(|(node, kind)| Fault { node, kind }).collect();
    up(SimSpec { faults, ..SimSpec::default() }).await
}

#[tokio::test]
async fn a_node_may_have_a_user_and_a_password_of_its_own() {
    let login = OtherLogin { node: 1, user: "ubuntu".into(), password: Secret::new("tux".into()) };
    let sim = up(SimSpec { logins: vec![login], sudo_password: true, ..SimSpec::default() }).await;
    let address = sim.node(1).info().address;
    assert!(!Client::connect(address).await.login("pi", "raspberry").await);
    assert!(!Client::connect(address).await.login("ubuntu", "raspberry").await);
    let other = Client::connect(address).await;
    assert!(other.login("ubuntu", "tux").await);
    assert_eq!(other.run("sudo -k -S -p '' id -u", b"raspberry\ntux\n").await.out, "0\n");
    let facts = other.script("facts", &[], b"").await.out;
    assert!(facts.contains("\nuser ubuntu\n") && facts.contains("\nhome /home/ubuntu\n"), "{facts}");
    // By key, and the others are as they were.
    let line = client::key(7).public_key().to_openssh().unwrap();
    sim.node(1).write("/home/ubuntu/.ssh/authorized_keys", line.as_bytes(), 0o600);
    assert!(Client::connect(address).await.login_by_key("ubuntu", &client::key(7)).await);
    Client::pi(&sim, 0).await;
    sim.stop().await;
}

#[tokio::test]
async fn a_key_with_options_before_it_opens_too() {
    let sim = up(SimSpec::default()).await;
    let line = format!("no-pty,from=\"127.*\" {}\r\n", client::key(7).public_key().to_openssh().unwrap());
    sim.node(0).write("/home/pi/.ssh/authorized_keys", line.as_bytes(), 0o600);
    assert!(Client::connect(sim.node(0).info().address).await.login_by_key("pi", &client::key(7)).await);
    sim.stop().await;
}

#[tokio::test]
async fn a_node_that_asks_takes_no_plain_password_and_one_that_refuses_takes_nothing() {
    let sim = with_faults(vec![(0, FaultKind::AsksForPassword), (1, FaultKind::RefusesLogins)]).await;
    let address = |node: usize| sim.node(node).info().address;
    assert!(!Client::connect(address(0)).await.login("pi", "raspberry").await);
    let asks = Client::connect(address(0)).await;
    assert_eq!(asks.login_by_answer("pi", "wrong").await, (vec!["Password: ".to_owned()], false));
    assert_eq!(asks.login_by_answer("pi", "raspberry").await, (vec!["Password: ".to_owned()], true));
    assert_eq!(asks.run("whoami", b"").await.out, "pi\n");
    // Elsewhere nothing is asked.
    assert_eq!(Client::connect(address(2)).await.login_by_answer("pi", "raspberry").await, (Vec::new(), false));

    let line = client::key(7).public_key().to_openssh().unwrap();
    sim.node(1).write("/home/pi/.ssh/authorized_keys", line.as_bytes(), 0o600);
    assert!(!Client::connect(address(1)).await.login("pi", "raspberry").await);
    assert!(!Client::connect(address(1)).await.login_by_key("pi", &client::key(7)).await);
    sim.stop().await;
}

#[tokio::test]
async fn a_slow_node_takes_its_time_for_login_and_command() {
    let delay = Duration::from_millis(150);
    let sim = with_faults(vec![(0, FaultKind::Slow(delay))]).await;
    let begun = Instant::now();
    let pi = Client::pi(&sim, 0).await;
    assert!(begun.elapsed() >= delay);
    let begun = Instant::now();
    assert_eq!(pi.run("echo a", b"").await.out, "a\n");
    assert!(begun.elapsed() >= delay);
    sim.stop().await;
}

#[tokio::test]
async fn a_node_behind_another_is_reached_through_that_one_alone() {
    let sim = with_faults(vec![(1, FaultKind::Behind { node: 0 }), (2, FaultKind::NoForwarding)]).await;
    let behind = sim.node(1).info();
    let port = u32::from(behind.address.port());
    assert!(!Client::reaches(behind.address).await);
    let jump = Client::pi(&sim, 0).await;
    let there = jump.through(&behind.address.ip().to_string(), port).await.unwrap();
    assert_eq!(there.host_key().key_data(), behind.host_key.key_data());
    assert!(there.login("pi", "raspberry").await);
    assert_eq!(there.run("hostname", b"").await.out, "raspberrypi\n");
    // By a name that the jump host knows, on the port that it knows.
    let hosts = format!("{} pi02\n", behind.address.ip());
    sim.node(0).write("/etc/hosts", hosts.as_bytes(), 0o644);
    assert!(jump.through("pi02", 22).await.is_some());
    // Nothing but simulated nodes: neither other ports nor other hosts.
    assert!(jump.through(&behind.address.ip().to_string(), 1).await.is_none());
    assert!(jump.through("192.0.2.1", 22).await.is_none());
    assert!(jump.through("localhost.localdomain", 22).await.is_none());
    // The wrong jump host, and one that forwards nothing.
    assert!(Client::pi(&sim, 3).await.through(&behind.address.ip().to_string(), port).await.is_none());
    let first = sim.node(0).info().address.ip().to_string();
    assert!(Client::pi(&sim, 2).await.through(&first, 22).await.is_none());
    sim.stop().await;
}

#[tokio::test]
async fn a_connection_through_a_node_ends_with_its_power() {
    let sim = with_faults(vec![(1, FaultKind::Behind { node: 0 })]).await;
    let jump = Client::pi(&sim, 0).await;
    let there = jump.through(&sim.node(1).info().address.ip().to_string(), 22).await.unwrap();
    assert!(there.login("pi", "raspberry").await);
    sim.node(0).kill();
    let silence = Duration::from_millis(300);
    assert!(tokio::time::timeout(silence, there.run("hostname", b"")).await.is_err(), "no answer and no reset");
    sim.stop().await;
}

#[tokio::test]
async fn a_cloned_sd_card_has_the_keys_of_the_other_and_a_reflashed_one_has_its_own() {
    let sim = with_faults(vec![(2, FaultKind::CopyOf { node: 1 })]).await;
    let machine_id = |node: usize| sim.node(node).read("/etc/machine-id").unwrap();
    let host_key = |node: usize| sim.node(node).info().host_key;
    assert_eq!((host_key(2), machine_id(2)), (host_key(1), machine_id(1)));
    assert_ne!((host_key(0), machine_id(0)), (host_key(1), machine_id(1)));
    assert_eq!(Client::connect(sim.node(2).info().address).await.host_key().key_data(), host_key(1).key_data());

    let (mac, pi) = (sim.node(2).info().mac, Client::pi(&sim, 2).await);
    sim.node(2).write("/home/pi/mine", b"x", 0o644);
    sim.node(2).reflash();
    pi.ended().await;
    assert_ne!(host_key(2), host_key(1));
    assert_ne!(machine_id(2), machine_id(1));
    assert_eq!((sim.node(2).info().mac, sim.node(2).read("/home/pi/mine")), (mac, None));
    assert_eq!(Client::pi(&sim, 2).await.run("hostname", b"").await.out, "raspberrypi\n");
    sim.stop().await;
}

#[tokio::test]
async fn passwords_are_forbidden_and_allowed_again() {
    let sim = up(SimSpec::default()).await;
    let address = sim.node(0).info().address;
    let pi = Client::pi(&sim, 0).await;
    assert_eq!(pi.script("password-login", &["off"], b"").await.status, Some(2), "only root can");
    let set = async |what: &str| pi.script_line("sudo -n ", "password-login", &[what], b"").await;
    let early = set("confirm").await;
    assert_eq!((early.status, early.out.as_str()), (Some(3), ""));
    let by_password = async || Client::connect(address).await.login("pi", "raspberry").await;
    for (what, said, possible) in [
        ("off", "no", false),
        ("back", "yes", true),
        ("off", "no", false),
        ("confirm", "no", false),
        ("on", "yes", true),
    ] {
        assert_eq!(set(what).await.out, format!("password-login {said}\n"), "{what}");
        assert_eq!(by_password().await, possible, "{what}");
    }
    sim.stop().await;
}

#[tokio::test]
async fn passwords_that_are_not_confirmed_to_be_off_are_on_again_after_a_minute() {
    let sim = up(SimSpec::default()).await;
    let pi = Client::pi(&sim, 0).await;
    assert_eq!(pi.script_line("sudo -n ", "password-login", &["off"], b"").await.out, "password-login no\n");
    let drop_in = || sim.node(0).read("/etc/ssh/sshd_config.d/00-pictl-password-login.conf");
    // The clock stands but for what it is moved, and nothing here waits for the network.
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(58)).await;
    assert!(drop_in().is_some());
    tokio::time::advance(Duration::from_secs(3)).await;
    while drop_in().is_some() {
        tokio::task::yield_now().await;
    }
    tokio::time::resume();
    assert!(Client::connect(sim.node(0).info().address).await.login("pi", "raspberry").await);
    sim.stop().await;
}

#[tokio::test]
async fn a_node_with_a_cloned_sd_card_gets_an_identity_of_its_own_and_can_have_the_old_one_back() {
    let sim = with_faults(vec![(1, FaultKind::CopyOf { node: 0 })]).await;
    let (node, address) = (sim.node(1), sim.node(1).info().address);
    let copied = (node.info().host_key, node.read("/etc/machine-id"));
    let shown = async || Client::connect(address).await.host_key().to_openssh().unwrap();
    let said = |output: client::Output| output.out.lines().map(str::to_owned).collect::<Vec<_>>();
    let pi = Client::pi(&sim, 1).await;
    let script = async |args: &[&str]| said(pi.script_line("sudo -n ", "new-identity", args, b"").await);

    let made = script(&["make", "/var/backup"]).await;
    assert_eq!(node.info().host_key, copied.0, "nothing is in use yet");
    let taken = script(&["take", "/var/backup", "keys", "machine-id"]).await;
    assert_eq!((taken.len(), &taken[..1]), (2, &made[..]));
    let line = node.info().host_key.to_openssh().unwrap();
    assert!(line.starts_with(made[0].strip_prefix("host_key ").unwrap()), "{line}");
    assert!(shown().await.starts_with(made[0].strip_prefix("host_key ").unwrap()));
    let id = node.read("/etc/machine-id").unwrap();
    assert_eq!(format!("machine_id {}", String::from_utf8(id).unwrap()), format!("{}\n", taken[1]));
    assert_ne!(node.read("/etc/machine-id"), copied.1);
    // The connection that it came by lives on.
    assert_eq!(pi.run("whoami", b"").await.out, "pi\n");

    script(&["back", "/var/backup"]).await;
    assert_eq!((node.info().host_key, node.read("/etc/machine-id")), copied);
    sim.stop().await;
}
