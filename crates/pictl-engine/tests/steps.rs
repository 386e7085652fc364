//! What each step's check finds on nodes in all sorts of states. Pure functions: readings in, a verdict out.
#![allow(clippy::expect_used, reason = "a test that cannot be prepared has failed")]

mod common;

use std::sync::Arc;

use common::{
    address, id, key, mpi, new_operator_line, next_line, operator_line, public_line, put, reading, take_away, with_mpi,
};
use pictl_engine::remote::PutFile;
use pictl_engine::script::Script;
use pictl_engine::setup::action::{Action, LoginProof, Peer, ScriptRun, Undo};
use pictl_engine::setup::check::Check;
use pictl_engine::setup::plan::{ClusterPlan, KeyPlan, PlanNode, Readings};
use pictl_engine::setup::steps::check;
use pictl_engine::smoke::SmokePlan;
use pictl_formats::facts::{FailedBuild, FileKind, FileState, NodeReading};
use pictl_formats::launcher;
use pictl_model::link::LoginMethod;
use pictl_model::node::{MpiFamily, Swap};
use pictl_model::request::KeyWork;
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
        mpi_prefix: None,
        mpi_asked: false,
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

/// The plan with this work on keys.
fn with_work(n: u8, work: KeyWork) -> ClusterPlan {
    ClusterPlan { keys: KeyPlan { work, ..KeyPlan::default() }, ..cluster(n) }
}

/// One more login with the operator's key.
fn by_key() -> Action {
    Action::ProveLogin(LoginProof::ByKey { doubt: None })
}

/// The script runs that are ordered.
fn user(script: Script, args: &[&str]) -> Action {
    Action::Run(ScriptRun::new(script, args))
}

fn root(script: Script, args: &[&str]) -> Action {
    Action::Run(ScriptRun::new(script, args).as_root())
}

fn actions(found: Check) -> Vec<Action> {
    match found {
        Check::Change { actions, .. } => actions,
        other => panic!("{other:?}"),
    }
}

fn lines_of(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.trim(), "\n"]).collect()
}

/// A node's own key pair, and one line of `authorized_keys` for each of these.
fn with_keys(r: &mut NodeReading, n: u8, lines: &[String]) {
    put(r, FileKind::PublicKey, 0o644, public_line(n).as_bytes());
    let text = lines_of(lines);
    put(r, FileKind::AuthorizedKeys, 0o600, text.as_bytes());
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
        assert_eq!(more, [by_key()]);
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
    let found = on_first(StepId::Hosts, &latin);
    let keeps =
        |action: &Action| matches!(action, Action::Put(file) if file.content.windows(5).any(|w| w == b"caf\xe9\n"));
    assert!(found.actions().iter().any(keeps), "a byte that is no text stops nothing, and stays: {found:?}");
    let untold = with_first(|r| drop(r.files.remove(&FileKind::Hosts)));
    assert!(failure(on_first(StepId::Hosts, &untold)).contains("did not report"));
    let half = with_first(|r| put(r, FileKind::Hosts, 0o644, b"# >>> pictl lab >>>\n10.0.0.1 x\n"));
    assert!(failure(on_first(StepId::Hosts, &half)).contains("has no end"));
}

#[test]
fn a_node_gets_a_key_pair_once() {
    let fresh = on_first(StepId::NodeKey, &with_first(|_| {}));
    let Check::Change { actions, .. } = fresh else { panic!("{fresh:?}") };
    assert_eq!(actions, [user(Script::NODE_KEY, &["pi@pi01"])]);
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
    assert_eq!(actions, [root(Script::SET_HOSTNAME, &["pi01", "~/.pictl/backup/now/hostname"])]);
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
            [Action::Run(run), .., Action::Read([])] if run.script == Script::INSTALL_MPI && run.root => {
                let of = |family: &MpiFamily| launcher::of_family(*family).packages().launcher;
                MpiFamily::ALL.into_iter().find(|family| run.args[0] == of(family)).expect("a family")
            }
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

    // Debian's mpi4py would bring Open MPI along, except where MPICH is its default.
    let wish = ClusterPlan { mpi: Some(Mpich), ..cluster(2) };
    for (arch, codename, packages) in [
        ("arm64", "bookworm", &["mpich"][..]),
        ("armhf", "bookworm", &["mpich"]),
        ("armhf", "trixie", &["mpich", "python3-mpi4py"]),
    ] {
        let bare = with_first(|r| (r.facts.arch, r.facts.codename) = (arch.into(), codename.into()));
        let found = check(StepId::Mpi, &wish, &bare, &id(1));
        let [Action::Run(run), rest @ .., Action::Read([])] = found.actions() else { panic!("{found:?}") };
        assert_eq!(run.args, packages, "{arch} {codename}");
        assert_eq!(rest.len(), 2 - packages.len(), "otherwise it is built: {rest:?}");
    }
    let alone = with_first(|r| r.facts.mpi.push(mpi(Mpich, "4.0.2")));
    // The commands are the other one's.
    let mut other = both.clone();
    of(&mut other, 1).mpirun = Some("/usr/bin/mpirun.openmpi".into());
    assert_eq!(installs(check(StepId::Mpi, &wish, &other, &id(1))), Mpich);
    of(&mut other, 1).mpirun = Some("/usr/bin/mpirun.mpich".into());
    assert!(is_so(&check(StepId::Mpi, &wish, &other, &id(1))));
    // What one node has already, the others get, where nothing else was chosen.
    assert_eq!(installs(check(StepId::Mpi, &cluster(2), &alone, &id(2))), Mpich);

    let mut foreign = readings([1, 2].map(|n| (n, with_mpi(reading(n), OpenMpi, "4.1.4"))));
    of(&mut foreign, 1).facts.mpi4py.as_mut().expect("there").family = Some(Mpich);
    assert!(
        matches!(on_first(StepId::Mpi, &foreign), Check::Warn { message: text, .. } if text.contains("another MPI"))
    );
}

#[test]
fn mpi4py_is_built_where_the_distribution_has_none_for_the_mpi() {
    use MpiFamily::{Mpich, OpenMpi};
    let wish = ClusterPlan { mpi: Some(Mpich), backup: "~/.pictl/backup/now-1".into(), ..cluster(2) };
    let builds = |plan: &ClusterPlan, readings: &Readings| match check(StepId::Mpi, plan, readings, &id(1)) {
        Check::Change { actions, .. } => match &actions[..] {
            [Action::Run(run), Action::Read([])] if run.script == Script::MPI4PY && run.root => {
                Some(run.args.join(" "))
            }
            other => panic!("{other:?}"),
        },
        _ => None,
    };
    let mut alone = with_first(|r| r.facts.mpi.push(mpi(Mpich, "4.0.2")));
    let words = builds(&wish, &alone).expect("built");
    assert!(words.starts_with("mpich mpicc.mpich now-1 gcc libc6-dev libmpich-dev python3-dev "), "{words}");
    // That of another MPI is not its own.
    let mut foreign = alone.clone();
    of(&mut foreign, 1).facts.mpi4py = with_mpi(reading(1), OpenMpi, "4.1.4").facts.mpi4py;
    assert!(builds(&wish, &foreign).is_some());
    // What failed is not tried again by itself.
    let failed = |attempt: &str| {
        Some(FailedBuild { family: Mpich, attempt: attempt.into(), reason: "pip found no network".into() })
    };
    of(&mut alone, 1).mpi4py_failed = failed("earlier");
    let Check::Warn { message, hint } = check(StepId::Mpi, &wish, &alone, &id(1)) else { panic!("it has failed") };
    assert!(message.starts_with("MPICH 4.0.2, without mpi4py") && message.ends_with("pip found no network"));
    assert!(hint.is_some_and(|hint| hint.contains("pictl setup --only mpi")));
    let asked = ClusterPlan { mpi_asked: true, ..wish.clone() };
    assert!(builds(&asked, &alone).is_some());
    of(&mut alone, 1).mpi4py_failed = failed("now-1");
    assert_eq!(builds(&asked, &alone), None, "once for each setup");
    of(&mut alone, 1).facts.mpi4py = with_mpi(reading(1), Mpich, "4.0.2").facts.mpi4py;
    assert!(is_so(&check(StepId::Mpi, &asked, &alone, &id(1))));
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

#[test]
fn swap_on_the_card_is_a_warning_and_compressed_memory_is_not() {
    let swaps = |paths: &[&str]| {
        let swap = paths.iter().map(|&path| Swap { path: path.into(), kib: 524_272 }).collect();
        on_first(StepId::Swap, &with_first(|r| r.facts.swap = swap))
    };
    assert!(is_so(&swaps(&[])));
    assert!(is_so(&swaps(&["/dev/zram0"])));
    let Check::Warn { message, hint } = swaps(&["/dev/zram0", "/var/swap", "/dev/sda2"]) else { panic!("swap is on") };
    assert!(message.contains("1022 MiB in /var/swap and 1 more"), "{message}");
    assert!(hint.is_some_and(|hint| hint.contains("dphys-swapfile")));
    let trixie = with_first(|r| {
        r.facts.codename = "trixie".into();
        r.facts.swap = vec![Swap { path: "/var/swap".into(), kib: 1_048_560 }];
    });
    let Check::Warn { hint: Some(hint), .. } = on_first(StepId::Swap, &trixie) else { panic!("swap is on") };
    assert!(hint.contains("/etc/rpi/swap.conf"), "{hint}");
}

fn smoke(found: Check) -> (SmokePlan, Option<String>) {
    match found {
        Check::Change { mut actions, reservation, .. } => match (actions.pop(), actions.len()) {
            (Some(Action::Launch(plan)), 0) => (plan, reservation),
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

#[test]
fn an_open_ssh_folder_is_closed_and_a_doubtful_home_is_told() {
    let line = format!("{}\n", operator_line());
    let open = with_first(|r| {
        put(r, FileKind::AuthorizedKeys, 0o600, line.as_bytes());
        (r.ssh_mode, r.home_mode) = (Some(0o775), Some(0o777));
    });
    let (file, more) = written(on_first(StepId::OperatorKey, &open));
    assert_eq!((text_of(&file), file.mode), (line.clone(), 0o600));
    assert!(
        matches!(&more[..], [Action::ProveLogin(LoginProof::ByKey { doubt: Some(why) })] if why.contains("777")),
        "{more:?}"
    );

    let closed = with_first(|r| {
        put(r, FileKind::AuthorizedKeys, 0o600, line.as_bytes());
        (r.ssh_mode, r.home_mode) = (Some(0o700), Some(0o755));
    });
    assert!(is_so(&on_first(StepId::OperatorKey, &closed)));
}

#[test]
fn a_key_that_is_there_in_vain_is_proved() {
    let there = with_first(|r| put(r, FileKind::AuthorizedKeys, 0o600, operator_line().as_bytes()));
    let mut plan = cluster(2);
    for by in [LoginMethod::Password, LoginMethod::KeyboardInteractive] {
        plan.keys.logins.insert(id(1), by);
        assert_eq!(actions(check(StepId::OperatorKey, &plan, &there, &id(1))), [by_key()]);
    }
    plan.keys.logins.insert(id(1), LoginMethod::Key("/home/me/.ssh/id_ed25519".into()));
    assert!(is_so(&check(StepId::OperatorKey, &plan, &there, &id(1))));
    let bound = with_first(|r| {
        let line = format!("no-pty,command=\"backup\" {}\n", operator_line());
        put(r, FileKind::AuthorizedKeys, 0o600, line.as_bytes());
    });
    assert!(failure(on_first(StepId::OperatorKey, &bound)).contains("command=\"backup\""));
}

/// Three nodes, of which each finds the first by name.
fn three() -> (ClusterPlan, Readings) {
    let mut all = readings([1, 2].map(|n| (n, reading(n))));
    all.insert(id(3), Arc::new(reading(3)));
    for n in 1..=3 {
        put(of(&mut all, n), FileKind::Hosts, 0o644, b"127.0.0.1 localhost\n10.0.0.1 x pi01 # first\n10.9.9.9 pi02\n");
    }
    (cluster(3), all)
}

fn targets(plan: &ClusterPlan, readings: &Readings, n: u8) -> Vec<String> {
    match &actions(check(StepId::Pairs, plan, readings, &id(n)))[0] {
        Action::Run(run) if run.script == Script::PAIR_CHECK => {
            assert_eq!(run.args, ["-"]);
            run.peers.iter().map(Peer::argument).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_line_of_others_that_leads_a_name_elsewhere_is_the_reason_that_counts() {
    let (plan, mut all) = three();
    let text = b"127.0.0.1 localhost\n127.0.1.2 pi02\n10.0.0.2 pi02\n10.0.0.3 pi03\n";
    put(of(&mut all, 1), FileKind::Hosts, 0o644, text);
    let ordered = actions(check(StepId::Pairs, &plan, &all, &id(1)));
    let [Action::Run(run)] = &ordered[..] else { panic!("{ordered:?}") };
    let misled: Vec<_> =
        run.peers.iter().map(|peer| peer.misled.as_ref().map(|problem| problem.why.as_str())).collect();
    let why = "/etc/hosts on pi01 leads pi02 to 127.0.1.2 (line 2), which is not its address";
    assert_eq!(misled, [Some(why), None]);

    // The step that repairs it names it, and finds nothing to do afterwards.
    let Check::Change { message, change, .. } = check(StepId::Hosts, &plan, &all, &id(1)) else { panic!("no change") };
    assert_eq!(message, "edit /etc/hosts; lines of others lead pi02 to 127.0.1.2");
    assert!(change.contains(&"-127.0.1.2 pi02".to_owned()), "{change:?}");
    let (file, _) = written(check(StepId::Hosts, &plan, &all, &id(1)));
    put(of(&mut all, 1), FileKind::Hosts, 0o644, &file.content);
    assert!(is_so(&check(StepId::Hosts, &plan, &all, &id(1))));
}

#[test]
fn every_node_begins_with_another_one_and_reaches_by_name_who_has_one() {
    let (mut plan, mut readings) = three();
    plan.nodes[1].port = 2222;
    assert_eq!(targets(&plan, &readings, 1), ["ssh://pi@10.0.0.2:2222", "pi@10.0.0.3"]);
    assert_eq!(targets(&plan, &readings, 2), ["pi@10.0.0.3", "pi@pi01"]);
    assert_eq!(targets(&plan, &readings, 3), ["pi@pi01", "ssh://pi@10.0.0.2:2222"]);
    plan.nodes[1].address = "fd00::2".parse().expect("an address");
    assert_eq!(targets(&plan, &readings, 3)[1], "ssh://pi@[fd00::2]:2222");
    plan.all_pairs = false;
    assert_eq!(targets(&plan, &readings, 1).len(), 2);
    assert_eq!(targets(&plan, &readings, 2), ["pi@pi01"]);
    readings.remove(&id(1));
    readings.remove(&id(3));
    assert!(is_so(&check(StepId::Pairs, &plan, &readings, &id(2))));
}

#[test]
fn a_lost_key_goes_wherever_it_stands_and_nothing_else_does() {
    let lost = format!("{} student", key(9).line());
    let mut two = with_first(|_| {});
    let rest = [operator_line(), public_line(1), public_line(2), "# mine".into()];
    let lines = [&rest[..], &[format!("no-pty,from=\"10.0.0.0/8\" {lost}"), lost.clone()]].concat();
    with_keys(of(&mut two, 1), 1, &lines);
    with_keys(of(&mut two, 2), 2, &rest);
    let print = pictl_formats::known_hosts::fingerprint(&key(9)).0;
    for word in [lost.clone(), key(9).line(), print, "student".into()] {
        let plan = with_work(2, KeyWork { remove: vec![word.clone(), "nobody".into()], ..KeyWork::default() });
        let (file, more) = written(check(StepId::Revoke, &plan, &two, &id(1)));
        assert_eq!((text_of(&file), more), (lines_of(&rest), vec![]), "{word}");
        assert!(is_so(&check(StepId::Revoke, &plan, &two, &id(2))));
    }
}

#[test]
fn keys_that_somebody_needs_are_not_taken_out() {
    let mut two = with_first(|_| {});
    for n in [1, 2] {
        let third = format!("{} pi@pi03", key(103).line());
        with_keys(of(&mut two, n), n, &[operator_line(), public_line(1), public_line(2), third]);
    }
    let message_of = |word: &str, change: fn(&mut ClusterPlan)| {
        let mut plan = with_work(3, KeyWork { remove: vec![word.into()], ..KeyWork::default() });
        change(&mut plan);
        failure(check(StepId::Revoke, &plan, &two, &id(1)))
    };
    assert!(message_of("me@laptop", |_| {}).contains("that you log in with"));
    assert!(message_of("pi@2", |_| {}).contains("the key of pi02"));
    // The third was not read; its key has the name that pictl gave it.
    assert!(message_of("pi@pi03", |_| {}).contains("the key of pi03"));
    let by_agent = |plan: &mut ClusterPlan| {
        plan.operator_key = None;
        plan.keys.logins.insert(id(1), LoginMethod::AgentKey("me@laptop".into()));
    };
    assert!(message_of("me@laptop", by_agent).contains("that you log in with"));
    // A login by a key in another file stays possible.
    let by_file = |plan: &mut ClusterPlan| {
        plan.operator_key = Some(new_operator_line());
        plan.keys.logins.insert(id(1), LoginMethod::Key("/home/me/.ssh/id_rsa".into()));
    };
    assert!(message_of("me@laptop", by_file).contains("usual key is not among"));
}

#[test]
fn the_operator_s_old_key_goes_where_the_new_one_is_proved() {
    let mut two = with_first(|_| {});
    with_keys(of(&mut two, 1), 1, &[operator_line(), public_line(1)]);
    let mut plan = with_work(2, KeyWork { rotate: true, ..KeyWork::default() });
    (plan.operator_key, plan.keys.replaced) = (None, Some(operator_line()));
    assert!(matches!(check(StepId::OperatorKey, &plan, &two, &id(1)), Check::Later(_)), "there is no new one yet");
    plan.operator_key = Some(new_operator_line());
    let (file, _) = written(check(StepId::OperatorKey, &plan, &two, &id(1)));
    assert!(text_of(&file).contains(&operator_line()) && text_of(&file).contains(&new_operator_line()));
    assert!(matches!(check(StepId::Revoke, &plan, &two, &id(1)), Check::Later(_)));

    // It is there from a rotation that was cut off: that is no proof.
    put(of(&mut two, 1), FileKind::AuthorizedKeys, 0o600, &file.content);
    let proof = [by_key()];
    assert_eq!(actions(check(StepId::OperatorKey, &plan, &two, &id(1))), proof);
    assert!(matches!(check(StepId::Revoke, &plan, &two, &id(1)), Check::Later(_)));
    plan.keys.proved.insert(id(1));
    assert!(is_so(&check(StepId::OperatorKey, &plan, &two, &id(1))));
    let (file, _) = written(check(StepId::Revoke, &plan, &two, &id(1)));
    assert_eq!(text_of(&file), format!("{}{}\n", public_line(1), new_operator_line()));
}

#[test]
fn a_node_s_new_key_is_let_in_before_the_old_one_goes() {
    let mut two = with_first(|_| {});
    let both = [public_line(1), public_line(2)];
    for n in [1, 2] {
        with_keys(of(&mut two, n), n, &both);
    }
    let mut plan = with_work(2, KeyWork { rotate_nodes: true, ..KeyWork::default() });
    let look = |plan: &ClusterPlan, two: &Readings, step| check(step, plan, two, &id(1));
    assert_eq!(actions(look(&plan, &two, StepId::NodeKey)), [user(Script::NODE_KEY, &["pi@pi01", "next"])]);
    for step in [StepId::Mesh, StepId::Revoke] {
        assert!(matches!(look(&plan, &two, step), Check::Later(_)), "{step}");
    }
    for n in [1, 2] {
        put(of(&mut two, n), FileKind::NextKey, 0o644, next_line(n).as_bytes());
    }
    // One that is there may be half-way in its place: the node looks again.
    assert!(matches!(look(&plan, &two, StepId::NodeKey), Check::Change { .. }));
    plan.keys.renewed = [id(1), id(2)].into();
    assert!(is_so(&look(&plan, &two, StepId::NodeKey)));
    let (file, _) = written(look(&plan, &two, StepId::Mesh));
    assert_eq!(text_of(&file), format!("{}{}\n{}\n", both.concat(), next_line(1), next_line(2)));
    put(of(&mut two, 1), FileKind::AuthorizedKeys, 0o600, &file.content);
    let work = actions(look(&plan, &two, StepId::Pairs));
    assert!(matches!(&work[..], [Action::Run(pairs), _] if pairs.args == ["next"] && pairs.peers.len() == 1));
    assert_eq!(work[1], user(Script::NODE_KEY, &["pi@pi01", "take"]));
    assert!(is_so(&look(&plan, &two, StepId::Revoke)), "both keys of both nodes are in use");

    // The second has taken its new key, the first could not.
    put(of(&mut two, 2), FileKind::PublicKey, 0o644, next_line(2).as_bytes());
    put(of(&mut two, 2), FileKind::OldKeys, 0o600, format!("{}{}", public_line(42), public_line(2)).as_bytes());
    take_away(of(&mut two, 2), FileKind::NextKey);
    let (file, _) = written(look(&plan, &two, StepId::Revoke));
    assert_eq!(text_of(&file), format!("{}{}\n{}\n", public_line(1), next_line(1), next_line(2)));
}

#[test]
fn copied_cards_are_told_and_repaired_but_for_the_first() {
    let copy = |r: &mut NodeReading| (r.host_keys, r.facts.machine_id) = (vec![key(1)], reading(1).facts.machine_id);
    let mut two = with_first(|_| {});
    copy(of(&mut two, 2));
    let plan = cluster(2);
    let second = |plan: &ClusterPlan, two: &Readings| check(StepId::Identity, plan, two, &id(2));
    assert!(matches!(on_first(StepId::Identity, &two), Check::AlreadySo(text) if text.contains("1 other")));
    assert!(
        matches!(second(&plan, &two), Check::Warn { message: text, .. } if text.contains("pi01") && text.contains("pictl keys unclone"))
    );

    let mut plan = with_work(2, KeyWork { unclone: true, ..KeyWork::default() });
    assert!(is_so(&check(StepId::Identity, &plan, &two, &id(1))), "the first keeps what it has");
    let backup = "~/.pictl/backup/now/identity".to_owned();
    assert_eq!(actions(second(&plan, &two)), [root(Script::NEW_IDENTITY, &["make", &backup])]);
    plan.keys.fresh.insert(id(2), vec![key(52)]);
    let take = |parts: &[&str]| {
        let undo = Undo { args: vec!["back".into(), backup.clone()], said: "; its old identity is back" };
        let args = [&["take", &backup], parts].concat();
        Action::Run(ScriptRun { undo: Some(undo), ..ScriptRun::new(Script::NEW_IDENTITY, &args).as_root() })
    };
    let read = Action::Read(&["keys", "names", "root"]);
    let shown = Action::ProveLogin(LoginProof::HostKey(vec![key(52)]));
    assert_eq!(actions(second(&plan, &two)), [take(&["keys", "machine-id"]), shown, read.clone()]);
    // The machine-id alone is no matter of host keys.
    of(&mut two, 2).host_keys = vec![key(2)];
    plan.keys.fresh.clear();
    assert_eq!(actions(second(&plan, &two)), [take(&["machine-id"]), read]);
    of(&mut two, 2).facts.machine_id = Some("its own".into());
    assert!(is_so(&second(&plan, &two)));

    // One machine with two addresses has nothing to be repaired.
    copy(of(&mut two, 2));
    of(&mut two, 2).boot_id = reading(1).boot_id;
    for n in [1, 2] {
        assert!(
            matches!(check(StepId::Identity, &plan, &two, &id(n)), Check::Warn { message: text, .. } if text.contains("same machine"))
        );
    }
}

#[test]
fn passwords_are_switched_off_after_a_proof_and_on_again() {
    let mut two = with_first(|_| {});
    let plan = |passwords| with_work(2, KeyWork { passwords, ..KeyWork::default() });
    let look = |two: &Readings, on: bool| check(StepId::PasswordLogin, &plan(Some(on)), two, &id(1));
    let args = |what| [what, "pi", "~/.pictl/backup/now/password-login"];
    let script = |what| ScriptRun::new(Script::PASSWORD_LOGIN, &args(what)).as_root();
    let undo = Undo { args: args("back").map(str::to_owned).to_vec(), said: "" };
    let read = Action::Read(&["keys", "names", "root"]);
    let off = [
        by_key(),
        Action::Run(ScriptRun { undo: Some(undo), ..script("off") }),
        by_key(),
        Action::ProveLogin(LoginProof::Refused),
        Action::Run(script("confirm")),
        read.clone(),
    ];
    assert!(matches!(check(StepId::PasswordLogin, &plan(None), &two, &id(1)), Check::Warn { .. }));
    assert_eq!(actions(look(&two, false)), off);
    assert!(is_so(&look(&two, true)));
    put(of(&mut two, 1), FileKind::PasswordLogin, 0o644, b"# taken away in a minute\nPasswordAuthentication no\n");
    assert_eq!(actions(look(&two, false)), off, "what a timer will take away is not there for good");
    put(of(&mut two, 1), FileKind::PasswordLogin, 0o644, b"# Written by pictl: logins by key only.\n");
    assert!(is_so(&look(&two, false)));
    assert_eq!(actions(look(&two, true)), [Action::Run(script("on")), read]);
    let still = b"# Written by pictl: logins by key only.\n# Still accepted: passwords of guest, because of X line 3 (Match User guest)\n";
    put(of(&mut two, 1), FileKind::PasswordLogin, 0o644, still);
    of(&mut two, 1).passwords = Some(true);
    assert_eq!(actions(look(&two, false)).len(), 6, "sshd says that the drop-in is not what counts");
    of(&mut two, 1).passwords = Some(false);
    let Check::Warn { message, .. } = look(&two, false) else { panic!("guest is not reported") };
    assert_eq!(
        message,
        "password login is off for pi, but sshd still accepts passwords of guest, because of X line 3 (Match User guest)"
    );
    let keyless = ClusterPlan { operator_key: None, ..plan(Some(false)) };
    take_away(of(&mut two, 1), FileKind::PasswordLogin);
    assert!(failure(check(StepId::PasswordLogin, &keyless, &two, &id(1))).contains("no key"));
}
