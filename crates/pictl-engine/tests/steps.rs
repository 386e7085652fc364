//! What each step's check finds on nodes in all sorts of states. Pure functions: readings in, a verdict out.
#![allow(clippy::expect_used, reason = "a test that cannot be prepared has failed")]

mod common;

use std::sync::Arc;

use common::{address, id, key, mpi, operator_line, public_line, put, reading, with_mpi};
use pictl_engine::remote::PutFile;
use pictl_engine::setup::action::{Action, SmokePlan};
use pictl_engine::setup::steps::{Check, ClusterPlan, KeyPlan, PlanNode, Readings, check};
use pictl_formats::facts::{FileKind, FileState, NodeReading};
use pictl_model::node::MpiFamily;
use pictl_model::step::StepId;

fn cluster(n: u8) -> ClusterPlan {
    let node = |n: u8| PlanNode {
        node: id(n),
        name: format!("pi{n:02}").parse().expect("a name"),
        address: address(n),
        port: 22,
        user: "pi".into(),
        head: n == 1,
        wanted: true,
    };
    ClusterPlan {
        cluster: "lab".into(),
        nodes: (1..=n).map(node).collect(),
        operator_key: Some(operator_line()),
        mpi: None,
        backup: "~/.pictl/backup/now".into(),
        known: Arc::default(),
        all_pairs: true,
        keys: KeyPlan::default(),
    }
}

fn readings(nodes: [(u8, NodeReading); 2]) -> Readings {
    nodes.into_iter().map(|(n, reading)| (id(n), Arc::new(reading))).collect()
}

fn of(readings: &mut Readings, n: u8) -> &mut NodeReading {
    Arc::make_mut(readings.get_mut(&id(n)).expect("it was read"))
}

/// The first node in this state, and a fresh second one.
fn with_first(change: impl FnOnce(&mut NodeReading)) -> Readings {
    let mut first = reading(1);
    change(&mut first);
    readings([(1, first), (2, reading(2))])
}

fn on_first(step: StepId, readings: &Readings) -> Check {
    check(step, &cluster(2), readings, &id(1))
}

/// The one file that would be written, and what else would be done.
fn written(found: Check) -> (PutFile, Vec<Action>) {
    let Check::Change { actions, .. } = found else { panic!("{found:?}") };
    let mut actions = actions.into_iter();
    let Some(Action::Put(file)) = actions.next() else { panic!("no file is written") };
    (file, actions.collect())
}

fn text_of(file: &PutFile) -> String {
    String::from_utf8(file.content.clone()).expect("text")
}

fn is_so(found: &Check) -> bool {
    matches!(found, Check::AlreadySo(_))
}

fn failure(found: Check) -> String {
    let Check::Fail { message, hint } = found else { panic!("{found:?}") };
    assert!(!hint.is_empty());
    message
}

#[test]
fn nothing_can_be_said_of_a_node_that_was_not_read() {
    for step in StepId::ALL {
        assert!(matches!(check(step, &cluster(2), &Readings::new(), &id(1)), Check::Fail { .. }), "{step}");
    }
}

#[test]
fn facts_are_told_in_one_line() {
    let Check::AlreadySo(text) = on_first(StepId::Facts, &with_first(|_| {})) else { panic!("facts are there") };
    assert_eq!(text, "Raspberry Pi 4 Model B Rev 1.4, 4 cores, Debian GNU/Linux 12 (bookworm), arm64");
}

#[test]
fn the_operator_s_key_is_added_and_proved() {
    let key = operator_line();
    // What is there, its mode, and what it is to become with which mode.
    let cases = [
        (None, format!("{key}\n"), 0o600),
        (Some(("# mine\n".to_owned(), 0o600)), format!("# mine\n{key}\n"), 0o600),
        (Some(("# no end".to_owned(), 0o644)), format!("# no end\n{key}\n"), 0o644),
        (Some((format!("{key}\n"), 0o666)), format!("{key}\n"), 0o600),
    ];
    for (before, after, mode) in cases {
        let readings = with_first(|r| {
            if let Some((text, mode)) = &before {
                put(r, FileKind::AuthorizedKeys, *mode, text.as_bytes());
            }
        });
        let expect = readings[&id(1)].files[&FileKind::AuthorizedKeys].sha256_hex();
        let (file, more) = written(on_first(StepId::OperatorKey, &readings));
        assert_eq!((text_of(&file), file.mode), (after, mode), "{before:?}");
        assert_eq!((file.expect, file.root), (Some(expect), false));
        assert_eq!(file.backup.as_deref(), Some("~/.pictl/backup/now/authorized_keys"));
        assert_eq!(more, [Action::ProveLogin { doubt: None }]);
    }
    for mode in [0o600, 0o644, 0o400] {
        let there = with_first(|r| put(r, FileKind::AuthorizedKeys, mode, format!("{key} elsewhere\n").as_bytes()));
        assert!(is_so(&on_first(StepId::OperatorKey, &there)), "{mode:o}: who may read it is the owner's choice");
    }
    let keyless = ClusterPlan { operator_key: None, ..cluster(2) };
    assert!(matches!(check(StepId::OperatorKey, &keyless, &with_first(|_| {}), &id(1)), Check::Later(_)));
}

#[test]
fn files_that_cannot_be_edited_stop_their_step() {
    let unusable = |kind, why: &str| {
        with_first(|r| {
            let path = r.files[&kind].path().to_owned();
            r.files.insert(kind, FileState::Unusable { path, why: why.into() });
        })
    };
    for (step, kind) in [
        (StepId::OperatorKey, FileKind::AuthorizedKeys),
        (StepId::Hosts, FileKind::Hosts),
        (StepId::NodeKey, FileKind::PublicKey),
        (StepId::KnownHosts, FileKind::KnownHosts),
    ] {
        let message = failure(on_first(step, &unusable(kind, "unreadable")));
        assert!(message.starts_with('/') && message.ends_with("is unreadable"), "{step}: {message}");
    }
    let latin = with_first(|r| put(r, FileKind::Hosts, 0o644, b"10.0.0.9 caf\xe9\n"));
    assert!(failure(on_first(StepId::Hosts, &latin)).contains("no UTF-8"));
    let untold = with_first(|r| drop(r.files.remove(&FileKind::Hosts)));
    assert!(failure(on_first(StepId::Hosts, &untold)).contains("told nothing"));
    let half = with_first(|r| put(r, FileKind::Hosts, 0o644, b"# >>> pictl lab >>>\n10.0.0.1 x\n"));
    assert!(failure(on_first(StepId::Hosts, &half)).contains("does not end"));
}

#[test]
fn a_node_gets_a_key_pair_once() {
    let fresh = on_first(StepId::NodeKey, &with_first(|_| {}));
    let Check::Change { actions, .. } = fresh else { panic!("{fresh:?}") };
    assert_eq!(actions, [Action::NodeKey { comment: "pi@pi01".into() }]);
    let there = with_first(|r| put(r, FileKind::PublicKey, 0o644, public_line(1).as_bytes()));
    assert!(is_so(&on_first(StepId::NodeKey, &there)));
}

#[test]
fn etc_hosts_names_all_nodes_and_keeps_what_is_others() {
    let foreign = "127.0.0.1\tlocalhost\n127.0.1.1\traspberrypi\n192.168.7.7 printer # keep\n";
    let readings = with_first(|r| put(r, FileKind::Hosts, 0o644, foreign.as_bytes()));
    let (file, more) = written(on_first(StepId::Hosts, &readings));
    assert_eq!(
        text_of(&file),
        "127.0.0.1\tlocalhost\n192.168.7.7 printer # keep\n\
         # >>> pictl lab >>>\n10.0.0.1\tpi01\n10.0.0.2\tpi02\n# <<< pictl lab <<<\n"
    );
    assert_eq!((file.path.as_str(), file.mode, file.root, more), ("/etc/hosts", 0o644, true, vec![]));
    let again = with_first(|r| put(r, FileKind::Hosts, 0o644, &file.content));
    assert!(is_so(&on_first(StepId::Hosts, &again)));
    let open = with_first(|r| put(r, FileKind::Hosts, 0o666, &file.content));
    assert_eq!(written(on_first(StepId::Hosts, &open)).0.mode, 0o644, "whom it is writable for is no choice");
}

#[test]
fn members_left_out_keep_their_names_and_keys() {
    let mut plan = cluster(3);
    plan.nodes[2].wanted = false;
    Arc::make_mut(&mut plan.known).add(&[address(3).to_string()], &key(3));
    let readings = with_first(|_| {});
    let hosts = text_of(&written(check(StepId::Hosts, &plan, &readings, &id(1))).0);
    assert!(hosts.contains("10.0.0.3\tpi03\n"), "{hosts}");
    let known = text_of(&written(check(StepId::KnownHosts, &plan, &readings, &id(1))).0);
    assert!(known.contains(&format!("pi03,10.0.0.3 {}\n", key(3).line())), "{known}");
}

#[test]
fn a_host_name_changes_when_it_is_another() {
    let found = on_first(StepId::Hostname, &with_first(|_| {}));
    let Check::Change { change, actions, .. } = found else { panic!("{found:?}") };
    assert_eq!(change, ["- raspberrypi", "+ pi01"]);
    assert_eq!(actions, [Action::Hostname { name: "pi01".parse().expect("a name") }]);
    assert!(is_so(&on_first(StepId::Hostname, &with_first(|r| r.facts.hostname = "pi01".into()))));
}

#[test]
fn the_mesh_waits_for_all_keys_and_then_authorizes_them_everywhere() {
    let one = with_first(|r| put(r, FileKind::PublicKey, 0o644, public_line(1).as_bytes()));
    assert!(matches!(on_first(StepId::Mesh, &one), Check::Later(_)));

    let mut both = one.clone();
    put(of(&mut both, 2), FileKind::PublicKey, 0o644, public_line(2).as_bytes());
    put(of(&mut both, 1), FileKind::AuthorizedKeys, 0o600, b"# mine\n");
    let (file, _) = written(on_first(StepId::Mesh, &both));
    assert_eq!(text_of(&file), format!("# mine\n{}{}", public_line(1), public_line(2)));
    put(of(&mut both, 1), FileKind::AuthorizedKeys, 0o600, &file.content);
    assert!(is_so(&on_first(StepId::Mesh, &both)));

    put(of(&mut both, 2), FileKind::PublicKey, 0o644, b"rm -rf /\n");
    assert!(failure(on_first(StepId::Mesh, &both)).starts_with("the public key of pi02 cannot be used"));
}

#[test]
fn host_keys_are_known_by_name_and_address() {
    let readings = with_first(|r| put(r, FileKind::KnownHosts, 0o600, b"github.com ssh-rsa AAAA\n"));
    let (file, _) = written(on_first(StepId::KnownHosts, &readings));
    let lines = format!("pi01,10.0.0.1 {}\npi02,10.0.0.2 {}\n", key(1).line(), key(2).line());
    assert_eq!(text_of(&file), format!("github.com ssh-rsa AAAA\n# >>> pictl lab >>>\n{lines}# <<< pictl lab <<<\n"));
    let again = with_first(|r| put(r, FileKind::KnownHosts, 0o600, &file.content));
    assert!(is_so(&on_first(StepId::KnownHosts, &again)));

    let mut plan = cluster(2);
    plan.nodes[1].port = 2222;
    let (file, _) = written(check(StepId::KnownHosts, &plan, &readings, &id(1)));
    assert!(text_of(&file).contains("[pi02]:2222,[10.0.0.2]:2222 "), "{}", text_of(&file));
}

#[test]
fn mpi_is_installed_where_it_or_mpi4py_is_missing() {
    use MpiFamily::{Mpich, OpenMpi};
    let installs = |found: Check| match found {
        Check::Change { actions, .. } => match &actions[..] {
            [Action::InstallMpi { family }] => *family,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(installs(on_first(StepId::Mpi, &with_first(|_| {}))), OpenMpi);
    assert_eq!(installs(on_first(StepId::Mpi, &with_first(|r| r.facts.mpi.push(mpi(OpenMpi, "4.1.4"))))), OpenMpi);
    // 32-bit Debian has no Open MPI from trixie on.
    for (codename, family) in [("bookworm", OpenMpi), ("trixie", Mpich)] {
        let readings = with_first(|r| (r.facts.arch, r.facts.codename) = ("armhf".into(), codename.into()));
        assert_eq!(installs(on_first(StepId::Mpi, &readings)), family, "{codename}");
    }
    let both = readings([1, 2].map(|n| (n, with_mpi(reading(n), Mpich, "4.0.2"))));
    assert!(is_so(&on_first(StepId::Mpi, &both)), "what all have is taken");
    let wish = ClusterPlan { mpi: Some(OpenMpi), ..cluster(2) };
    assert_eq!(installs(check(StepId::Mpi, &wish, &both, &id(1))), OpenMpi);

    let mut foreign = both;
    of(&mut foreign, 1).facts.mpi4py.as_mut().expect("there").family = Some(OpenMpi);
    assert!(matches!(on_first(StepId::Mpi, &foreign), Check::Warn(text) if text.contains("another MPI")));
}

#[test]
fn the_machinefile_is_in_the_launcher_s_own_dialect() {
    let mut readings = with_first(|r| r.facts.cores = 2);
    let (file, _) = written(on_first(StepId::Machinefile, &readings));
    assert!(text_of(&file).ends_with("\n10.0.0.1 slots=2\n10.0.0.2 slots=4\n"), "{}", text_of(&file));
    assert_eq!((file.path.as_str(), file.mode), ("/home/pi/machinefile", 0o644));
    put(of(&mut readings, 1), FileKind::Machinefile, 0o644, &file.content);
    assert!(is_so(&on_first(StepId::Machinefile, &readings)));

    let mut plan = ClusterPlan { mpi: Some(MpiFamily::Mpich), ..cluster(2) };
    plan.nodes[1].user = "ann".into();
    let (file, _) = written(check(StepId::Machinefile, &plan, &readings, &id(1)));
    assert!(text_of(&file).ends_with("\n10.0.0.1:2\n10.0.0.2:4 user=ann\n"), "{}", text_of(&file));
}

#[test]
fn a_member_that_was_not_read_keeps_its_place_in_the_machinefile() {
    let mut readings = with_first(|_| {});
    put(of(&mut readings, 1), FileKind::Machinefile, 0o644, b"10.0.0.1 slots=2\n10.0.0.3 slots=8\n10.0.0.9 slots=1\n");
    let (file, _) = written(check(StepId::Machinefile, &cluster(3), &readings, &id(1)));
    // The third is a member and not there today; the ninth is none.
    assert!(text_of(&file).ends_with("\n10.0.0.1 slots=4\n10.0.0.2 slots=4\n10.0.0.3 slots=8\n"), "{}", text_of(&file));
}

fn smoke(found: Check) -> (SmokePlan, Option<String>) {
    match found {
        Check::Change { mut actions, reservation, .. } => match (actions.pop(), actions.len()) {
            (Some(Action::Smoke(plan)), 0) => (plan, reservation),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_smoke_test_starts_one_rank_on_every_node_that_was_read() {
    use MpiFamily::OpenMpi;
    assert!(matches!(on_first(StepId::Smoke, &with_first(|_| {})), Check::Later(_)));
    let readings = readings([1, 2].map(|n| (n, with_mpi(reading(n), OpenMpi, "4.1.4"))));
    let (plan, reservation) = smoke(check(StepId::Smoke, &cluster(3), &readings, &id(1)));
    let nodes: Vec<_> = plan.nodes.iter().map(|n| (n.node.clone(), n.name.as_str())).collect();
    assert_eq!(nodes, [(id(1), "pi01"), (id(2), "pi02")]);
    assert_eq!((&plan.head, plan.python, reservation), (&id(1), true, None));
    assert_eq!(plan.pin.interfaces, ["eth0"]);
    assert_eq!(plan.pin.subnet.map(|n| n.to_string()).as_deref(), Some("10.0.0.0/24"));

    let mut mixed = readings.clone();
    of(&mut mixed, 2).facts.mpi[0].version = "5.0.7".into();
    let message = failure(on_first(StepId::Smoke, &mixed));
    assert!(message.contains("4.1.4 on pi01; 5.0.7 on pi02"), "{message}");

    let mut foreign = readings.clone();
    of(&mut foreign, 2).facts.mpi4py = None;
    let (plan, reservation) = smoke(on_first(StepId::Smoke, &foreign));
    assert!(!plan.python && reservation.is_some_and(|r| r.contains("only the launcher")));

    let mut headless = cluster(3);
    for node in &mut headless.nodes {
        node.head = node.node == id(3);
    }
    assert!(failure(check(StepId::Smoke, &headless, &readings, &id(1))).contains("head could not be reached"));
}
