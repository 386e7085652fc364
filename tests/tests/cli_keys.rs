//! `pictl keys` and logins without a dashboard, on simulated Pis.
#![allow(clippy::unwrap_used, reason = "in tests a surprise is a failure")]

mod sim;

use std::fs;
use std::process::Command;

use pictl_lab::sim::{Fault, FaultKind, OtherLogin, SimSpec};
use pictl_model::Secret;
use pictl_tests::{LIMIT, Terminal, pictl, run};
use sim::Cluster;

const PUSH: [&str; 5] = ["keys", "push", "--password-stdin", "--trust", "new"];
/// Lines of other people in an `authorized_keys`, with everything that can be odd about them; the file does not end with a newline.
const OTHERS: &str = "# mine\r\nno-pty,from=\"10.*\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g lost@laptop\r\n\r\nnot a key";

fn some(nodes: u16) -> SimSpec {
    SimSpec { nodes, ..SimSpec::default() }
}

/// What `ssh-keygen -lf` prints of a public key: its length, fingerprint, comment and type.
fn printed(key: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.pub");
    fs::write(&file, key).unwrap();
    let ended = Command::new("ssh-keygen").arg("-lf").arg(&file).output().unwrap();
    String::from_utf8(ended.stdout).unwrap().trim().to_owned()
}

/// Nodes that know the operator's key and each other's.
fn meshed(nodes: u16) -> Cluster {
    let cluster = Cluster::known(some(nodes));
    cluster.run(&PUSH, "raspberry\n").with(0);
    cluster.run(&["keys", "mesh"], "").with(0);
    cluster
}

#[test]
fn push_mesh_and_check_end_with_what_is_true_now() {
    let cluster = Cluster::known(some(3));
    cluster.node(1).write("/home/pi/.ssh/authorized_keys", OTHERS.as_bytes(), 0o600);
    let pushed = cluster.run(&PUSH, "raspberry\n").with(0);
    assert_eq!(pushed.out.trim_end(), "your key ~/.ssh/pictl_ed25519 lets you in on 3 of 3 nodes");
    assert!(cluster.authorized(1).starts_with(OTHERS), "{}", cluster.authorized(1));
    // From here on by key, and twice is once.
    let before = cluster.authorized(1);
    cluster.run(&["keys", "push"], "").with(0);
    assert_eq!(cluster.authorized(1), before);

    let checked = cluster.run(&["keys", "check"], "").with(1).says(&["FAILED", "pictl keys mesh"]);
    assert!(checked.out.ends_with("0 of 6 pairs reach each other by key, without a question\n"), "{}", checked.out);
    cluster.run(&["keys", "mesh", "--dry-run"], "").with(0).says(&["nothing was changed"]);
    assert_eq!(cluster.authorized(1), before);
    cluster.run(&["keys", "mesh"], "").with(0).says(&["6 of 6 pairs"]);
    cluster.run(&["keys", "check"], "").with(0).says(&["6 of 6 pairs"]);
}

#[test]
fn a_check_tells_each_pair_and_why_it_fails() {
    let cluster = meshed(3);
    let pairs = cluster.run(&["keys", "check", "--json"], "").with(0).json();
    assert_eq!(pairs.len(), 6);
    assert!(pairs.iter().all(|pair| pair["ok"] == true && pair["why"].is_null() && pair["hint"].is_null()));

    // pi02 forgets the key of pi03.
    let left: String = cluster.authorized(1).split_inclusive('\n').filter(|line| !line.contains("@pi03")).collect();
    assert_ne!(left, cluster.authorized(1));
    cluster.node(1).write("/home/pi/.ssh/authorized_keys", left.as_bytes(), 0o600);
    let pairs = cluster.run(&["keys", "check", "--json"], "").with(1).json();
    let failed: Vec<_> = pairs.iter().filter(|pair| pair["ok"] == false).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!((&failed[0]["from"], &failed[0]["to"]), (&"pi03".into(), &"pi02".into()));
    assert!(
        !failed[0]["why"].as_str().unwrap().is_empty() && failed[0]["hint"].as_str().unwrap().contains("keys mesh")
    );
    let told = cluster.run(&["keys", "check"], "").with(1).says(&["pi03 -> pi02: ", "5 of 6 pairs"]);
    assert!(told.out.lines().any(|line| line.split_whitespace().eq(["pi03", "ok", "FAILED", "-"])), "{}", told.out);

    cluster.run(&["keys", "check", "--cluster", "other"], "").with(2);
}

#[test]
fn who_cannot_be_reached_is_not_well_and_nobody_is_another_thing() {
    let cluster =
        Cluster::known(SimSpec { faults: vec![Fault { node: 1, kind: FaultKind::RefusesLogins }], ..some(2) });
    cluster.run(&PUSH, "raspberry\n").with(1).says(&["1 of 2 nodes"]);
    let pairs = cluster.run(&["keys", "check", "--json"], "").with(1).json();
    assert_eq!(pairs.len(), 2, "also those that could not be tried");
    assert!(pairs.iter().all(|pair| pair["ok"] == false), "{pairs:?}");
    cluster.run(&["keys", "check", "--nodes", "pi02"], "").with(3);
}

#[test]
fn a_new_key_takes_the_place_of_the_one_before() {
    let cluster = meshed(2);
    let (before, nodes) = (cluster.at_home(".ssh/pictl_ed25519.pub"), cluster.authorized(0));
    let old = before.split_whitespace().nth(1).unwrap();
    // Nothing is taken away without a yes.
    let asked = cluster.run(&["keys", "rotate"], "").with(3).says(&["nobody can be asked", "--yes"]);
    assert_eq!(asked.out.trim_end(), "nothing was changed");
    assert_eq!((cluster.at_home(".ssh/pictl_ed25519.pub"), cluster.authorized(0)), (before.clone(), nodes));

    cluster.run(&["keys", "rotate", "--yes"], "").with(0).says(&["is a new one and lets you in on 2 of 2 nodes"]);
    let new = cluster.at_home(".ssh/pictl_ed25519.pub");
    assert_ne!(new, before);
    for node in 0..2 {
        let keys = cluster.authorized(node);
        assert!(keys.contains(new.split_whitespace().nth(1).unwrap()) && !keys.contains(old), "{keys}");
    }
    cluster.run(&["exec", "--", "hostname"], "").with(0);
    // Those of the nodes.
    let own = cluster.read(0, "/home/pi/.ssh/id_ed25519.pub");
    cluster.run(&["keys", "rotate", "--of-nodes", "--yes"], "").with(0).says(&["2 of 2 pairs"]);
    assert_ne!(cluster.read(0, "/home/pi/.ssh/id_ed25519.pub"), own);
    assert!(!cluster.authorized(1).contains(own.split_whitespace().nth(1).unwrap()));
}

#[test]
fn a_key_is_removed_by_comment_fingerprint_or_file_and_nothing_else_is() {
    const LOST: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g lost@laptop";
    let cluster = meshed(2);
    let file = cluster.home.path().join("lost.pub");
    fs::write(&file, LOST).unwrap();
    let printed = printed(LOST);
    let fingerprint = printed.split_whitespace().nth(1).unwrap();
    let before = cluster.authorized(0);
    for key in ["lost@laptop", fingerprint, file.to_str().unwrap()] {
        for node in cluster.nodes() {
            node.write("/home/pi/.ssh/authorized_keys", format!("{LOST}\n{before}").as_bytes(), 0o600);
        }
        cluster.run(&["keys", "remove", key, "--yes"], "").with(0).says(&["2 of 2 nodes let nobody in"]);
        assert_eq!(cluster.authorized(0), before, "by {key}");
    }
    // Not the branch that one sits on.
    let mine = cluster.home.path().join(".ssh/pictl_ed25519");
    cluster.run(&["keys", "remove", mine.to_str().unwrap(), "--yes"], "").with(1).says(&["that you log in with"]);
    cluster.run(&["keys", "check"], "").with(0);
    cluster.run(&["keys", "remove", "SHA256:short"], "").with(2).says(&["fingerprint"]);
    cluster.run(&["keys", "remove", "./gone.pub"], "").with(2).says(&["gone.pub"]);
}

#[test]
fn passwords_are_switched_off_and_on_again() {
    let cluster = meshed(2);
    cluster.run(&["keys", "passwords", "off", "--yes"], "").with(0).says(&["2 of 2 nodes take keys only"]);
    let stranger = Cluster::start(some(1));
    let target = format!("{}-32", cluster.address(0));
    let words = ["nodes", "add", &target, "--port", &cluster.port()];
    run(stranger.home.pictl(&words), "").with(0);
    run(stranger.home.pictl(&PUSH), "raspberry\n").with(3);
    cluster.run(&["keys", "passwords", "on", "--yes"], "").with(0);
    run(stranger.home.pictl(&PUSH), "raspberry\n").with(0);
}

#[test]
fn copied_cards_get_keys_of_their_own() {
    let faults = vec![Fault { node: 2, kind: FaultKind::CopyOf { node: 1 } }];
    let cluster = Cluster::known(SimSpec { faults, ..some(3) });
    cluster.run(&PUSH, "raspberry\n").with(0);
    let keys = || cluster.nodes().iter().map(|node| node.info().host_key.key_data().clone()).collect::<Vec<_>>();
    assert_eq!(keys()[1], keys()[2]);
    cluster.run(&["keys", "unclone", "--yes"], "").with(0).says(&["3 of 3 nodes have host keys"]);
    assert_ne!(keys()[1], keys()[2]);
    cluster.run(&["exec", "--trust", "strict", "--", "hostname"], "").with(0);
}

#[test]
fn nodes_behind_another_are_added_unseen_and_reached_through_it() {
    let faults = vec![Fault { node: 1, kind: FaultKind::Behind { node: 0 } }];
    let cluster = Cluster::start(SimSpec { faults, ..some(2) });
    let (port, behind) = (cluster.port(), cluster.address(1));
    let jump = format!("pi@{}:{port}", cluster.address(0));
    cluster.run(&["nodes", "add", &behind, "--port", &port, "--jump", &jump], "").with(0).says(&["unseen"]);
    let listed = cluster.run(&["nodes", "list"], "").with(0).out;
    assert!(listed.ends_with(&format!("pi01: user pi, port {port}, through {jump}\n")), "{listed}");
    let exec = ["exec", "--password-stdin", "--trust", "new", "--", "echo there"];
    let said = cluster.run(&exec, "raspberry\n").with(0);
    assert!(said.out.contains("there"), "{}", said.out);
    // A route that was removed is not used.
    cluster.run(&["nodes", "set", "pi01", "--jump", "none"], "").with(0);
    cluster.run(&exec, "raspberry\n").with(3);
    cluster.run(&["exec", "--jump", "a,,b", "--", "true"], "").with(2);
}

#[test]
fn many_nodes_are_changed_at_once_and_names_one_by_one() {
    let cluster = Cluster::known(some(3));
    cluster.run(&["nodes", "set", "pi[01-02]", "--user", "ubuntu"], "").with(0);
    // What stands there already is no trouble.
    cluster.run(&["nodes", "set", "pi[01-03]", "--user", "ubuntu", "--port", "2022"], "").with(0);
    cluster.run(&["nodes", "set", "pi03", "--user", "pi"], "").with(0);
    let listed = cluster.run(&["nodes", "list"], "").with(0).out;
    assert!(listed.contains("pi[01-02]: user ubuntu, port 2022\n"), "{listed}");
    cluster.run(&["nodes", "set", "pi[01-02]", "--name", "one"], "").with(2).says(&["for one"]);
    cluster.run(&["nodes", "set", "pi01", "--identity", "/gone"], "").with(2).says(&["no key file"]);
    cluster.run(&["nodes", "set", "pi01"], "").with(2);
}

#[test]
fn the_configuration_of_ssh_is_followed_and_what_is_not_is_told() {
    let logins = vec![OtherLogin { node: 0, user: "ubuntu".into(), password: Secret::new("tux".into()) }];
    let cluster = Cluster::start(SimSpec { logins, ..some(1) });
    fs::create_dir(cluster.home.path().join(".ssh")).unwrap();
    let config = format!("Host {}\n  User ubuntu\nMatch user root\n  Port 1\n", cluster.address(0));
    fs::write(cluster.home.path().join(".ssh/config"), config).unwrap();
    let add = ["nodes", "add", &cluster.address(0), "--port", &cluster.port()];
    cluster.run(&add, "").with(0);
    let exec = ["exec", "--password-stdin", "--trust", "new", "--", "true"];
    let told = cluster.run(&exec, "tux\n").with(0).err;
    assert_eq!(told.matches("Match").count(), 1, "{told}");
    // Not where it is switched off.
    cluster.run(&["nodes", "remove", "pi01"], "").with(0);
    cluster.home.prefer("[login]\nssh_config = false\n");
    cluster.run(&add, "").with(0);
    let told = cluster.run(&exec, "tux\n").with(3).err;
    assert!(!told.contains("Match"), "{told}");
    cluster.home.prefer("[login]\nssh_config = \"~/gone\"\n");
    cluster.run(&["exec", "--", "true"], "").with(2).says(&["gone"]);
}

#[test]
fn nobody_is_trusted_where_nobody_can_be_asked() {
    let cluster = Cluster::known(some(2));
    cluster.run(&["keys", "push", "--password-stdin"], "raspberry\n").with(3).says(&["SHA256:", "trust"]);
    assert!(cluster.nodes().iter().all(|node| node.read("/home/pi/.ssh/authorized_keys").is_none()));
}

#[test]
fn a_fingerprint_is_an_answer_and_a_password_is_asked_for_again() {
    let cluster = Cluster::known(some(2));
    let words = ["keys", "push", "-v"];
    let mut terminal = Terminal::start((150, 60), &pictl(), &words, cluster.home.environment());
    let see = |terminal: &mut Terminal, text: &str| terminal.wait_for(text, LIMIT, |screen| screen.contains(text));
    see(&mut terminal, "[y/N/fingerprint]");
    assert!(terminal.screen().contains("+--[ED25519"), "random art with -v\n{}", terminal.screen());
    // As the node's own console prints it.
    let print = |node: usize| printed(&cluster.node(node).info().host_key.to_openssh().unwrap());
    terminal.send(&format!("{}\r", print(1)));
    see(&mut terminal, "pi02: that is the key; 1 left");
    terminal.send(&format!("{}\r", print(0)));
    see(&mut terminal, "password of pi on pi[01-02]:");
    terminal.send("q-not-it\r");
    see(&mut terminal, "the password was refused");
    terminal.wait_for("asked again", LIMIT, |screen| screen.trim_end().ends_with("password of pi on pi[01-02]:"));
    terminal.send("raspberry\r");
    see(&mut terminal, "lets you in on 2 of 2 nodes");
    let raw = String::from_utf8_lossy(terminal.raw()).into_owned();
    assert!(!raw.contains("q-not-it") && !raw.replace("raspberrypi", "").contains("raspberry"), "{raw}");
}
