//! The user's own programs, and launchers that are elsewhere than on the cluster's head.

use pictl_formats::facts::NodeReading;
use pictl_model::event::Event;
use pictl_model::node::{IfAddr, Member, MpiFamily};
use pictl_model::request::{BenchRequest, Head, OwnProgram, Request};
use pictl_model::run::{Map, Origin, RunEvent, RunOutcome, RunSummary, Spawn, Stream, Workload};
use pictl_model::{Millis, NodeId, Rank};

use super::rig::{Node, Rig, bench, over};
use crate::common::{self, id, member};
use crate::input::{Effect, Input, LaunchOrder};
use crate::launch::{End, News};

/// Asks for a run on a cluster of two, and lets it begin.
fn asked(rig: &mut Rig, change: impl FnOnce(&mut BenchRequest)) {
    let mut request = bench();
    change(&mut request);
    rig.ask(Request::Bench(request));
    rig.settle();
}

fn own(words: &[&str]) -> impl FnOnce(&mut BenchRequest) {
    let program = OwnProgram {
        words: words.iter().map(|&w| w.to_owned()).collect(),
        files: vec!["my.py".into()],
        private: false,
        input: false,
    };
    |request| {
        request.workload = Workload::default();
        request.program = Some(program);
    }
}

fn order(rig: &Rig) -> &LaunchOrder {
    rig.orders.last().expect("an order")
}

/// The run ends so, after the ranks said this.
fn ended(rig: &mut Rig, said: Vec<RunEvent>, end: End) -> RunSummary {
    let run = order(rig).plan.id.clone();
    for event in said {
        rig.input(Input::Run { run: run.clone(), news: News::Event(event) });
    }
    rig.due.retain(|e| !matches!(e, Effect::Launch(_)));
    for input in over(&run, end) {
        rig.input(input);
    }
    rig.world().run.as_ref().and_then(|r| r.summary.clone()).expect("it ended")
}

fn done(rank: u32) -> RunEvent {
    RunEvent::Done { rank: Rank(rank) }
}

/// A cluster of two, and an operator's machine that was reported of so.
fn with_operator(change: impl FnOnce(&mut NodeReading)) -> Rig {
    let mut rig = Rig::ready(2);
    let mut reading = common::with_mpi(common::reading(99), MpiFamily::OpenMpi, "4.1.4");
    reading.facts.home = "/home/me".into();
    reading.facts.user = "me".into();
    change(&mut reading);
    let node = Node { reading, up: true, ..Node::new(99) };
    rig.nodes.insert(NodeId::operator(), node);
    // One of them takes another key of the operator's.
    rig.dispatcher.core.journal.put_member(Member { identity: Some("/keys/two".into()), ..member(2) });
    asked(&mut rig, |request| request.launch.head = Head::Operator);
    rig
}

#[test]
fn an_own_program_succeeds_when_every_rank_is_done() {
    let mut rig = Rig::ready(2);
    asked(&mut rig, own(&["python3", "my.py", "3"]));
    let reported = order(&rig);
    assert_eq!((reported.plan.workload.name.as_str(), reported.plan.workload.origin), ("my.py", Origin::Own));
    assert!(reported.plan.id.as_str().contains("-mypy-"), "{}", reported.plan.id);
    assert!(
        reported.plan.command.ends_with(&["my.py", "python3", "my.py", "3"].map(str::to_owned)),
        "{:?}",
        reported.plan.command
    );
    assert_eq!((reported.own_files[0].to.as_str(), reported.silence), ("my.py", None));
    assert_eq!(reported.files.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["~/.pictl/bench/rank.sh"]);
    let summary = ended(&mut rig, vec![done(0), done(1)], End { status: Some(0), ..End::default() });
    assert_eq!((summary.outcome, summary.reason, summary.value), (RunOutcome::Succeeded, None, None));
}

#[test]
fn its_name_makes_it_no_benchmark() {
    let mut rig = Rig::ready(2);
    asked(&mut rig, own(&["./pi"]));
    let wrong = RunEvent::Result { value: 4.0, seconds: 1.0 };
    let summary = ended(&mut rig, vec![wrong, done(0), done(1)], End::default());
    assert_eq!((summary.outcome, summary.value, summary.expected), (RunOutcome::Succeeded, Some(4.0), None));
}

#[test]
fn a_failure_is_that_of_the_rank_or_of_the_launcher() {
    let exit = || RunEvent::Exit { rank: Rank(1), status: 7 };
    let words = RunEvent::Output { stream: Stream::Err, rank: Some(Rank(1)), line: "no".into() };
    let failed = |said: Vec<RunEvent>, end: End| {
        let mut rig = Rig::ready(2);
        asked(&mut rig, own(&["my.py"]));
        let summary = ended(&mut rig, said, end);
        assert_eq!(summary.outcome, RunOutcome::Failed);
        summary.reason.expect("a reason")
    };
    assert_eq!(failed(vec![words, exit()], End::default()), "rank 1 ended with exit status 7: no");
    let problem = End { problem: Some("cannot read my.py: gone".into()), ..End::default() };
    assert_eq!(failed(Vec::new(), problem), "cannot read my.py: gone");
    let silent = failed(vec![done(0)], End { status: Some(1), ..End::default() });
    assert!(silent.contains("exit status 1"), "{silent}");
}

#[test]
fn it_has_failed_when_the_launcher_says_so_although_every_rank_ended_well() {
    let judged = |said: &[&str], end: End| {
        let mut rig = Rig::ready(2);
        asked(&mut rig, own(&["my.py"]));
        let line = |line: &&str| RunEvent::Output { stream: Stream::Err, rank: None, line: (*line).to_owned() };
        let events = said.iter().map(line).chain([done(0), done(1)]).collect();
        let summary = ended(&mut rig, events, end);
        (summary.outcome, summary.reason.unwrap_or_default(), summary.hint.unwrap_or_default())
    };
    let failed = End { status: Some(1), ..End::default() };
    let improper = [
        "mpirun has exited due to process rank 1 with PID 0 on",
        "node 10.0.0.2 exiting improperly. There are three reasons this could occur:",
        "2. this process called \"init\", but exited without calling \"finalize\".",
    ];
    let (outcome, reason, hint) = judged(&improper, failed.clone());
    assert_eq!(outcome, RunOutcome::Failed);
    assert!(reason.starts_with("pi02: rank 1 ended before its MPI_Finalize"), "{reason}");
    assert!(hint.contains("rc.finalize"), "{hint}");
    let (outcome, reason, _) = judged(&[], failed.clone());
    assert_eq!(outcome, RunOutcome::Failed);
    assert_eq!(reason, "every rank ended with exit status 0, but the launcher ended with exit status 1");
    // Open MPI 5 may hang after its last rank. That pictl ends it then is no failure of the run.
    assert_eq!(judged(&[], End { stopped: true, ..failed }).0, RunOutcome::Succeeded);
}

#[test]
fn what_the_launcher_knows_of_a_node_goes_before_what_ranks_say() {
    let line = |line: &str, rank| RunEvent::Output { stream: Stream::Err, rank, line: line.into() };
    let lost = |rank, swept: Option<u32>| {
        vec![
            line("ORTE has lost communication with a remote daemon.", rank),
            line("  HNP daemon   : [[8193,0],0] on node pi01", rank),
            line("  Remote daemon: [[8193,0],1] on node 10.0.0.2", rank),
            RunEvent::Exit { rank: Rank(0), status: 143 },
            RunEvent::Swept { node: id(1), killed: 1, left: Some(0) },
            RunEvent::Swept { node: id(2), killed: 0, left: swept },
        ]
    };
    let failed = |said| {
        let mut rig = Rig::ready(2);
        asked(&mut rig, own(&["my.py"]));
        let summary = ended(&mut rig, said, End { status: Some(205), ..End::default() });
        assert_eq!(summary.outcome, RunOutcome::Failed);
        (summary.reason.expect("a reason"), summary.hint.expect("a hint"))
    };
    let (reason, hint) = failed(lost(None, None));
    assert!(reason.starts_with("pi02: a node went away") && hint.contains("power"), "{reason}; {hint}");
    // It answers: what was lost is the daemon on it.
    let (reason, hint) = failed(lost(None, Some(0)));
    assert!(reason.contains("lost its daemon on pi02, which answers") && hint.contains("dmesg"), "{reason}; {hint}");
    // A program can print what it likes.
    assert_eq!(failed(lost(Some(Rank(0)), None)).0.split(" was").next(), Some("rank 0"));
}

#[test]
fn what_is_not_a_program_is_refused() {
    let mut rig = Rig::ready(2);
    asked(&mut rig, own(&[]));
    assert_eq!(rig.refusals(), ["there is no program to run"]);
}

#[test]
fn another_node_can_be_the_head_and_the_wishes_stand_in_the_command() {
    let mut rig = Rig::ready(2);
    asked(&mut rig, |request| {
        request.launch.head = Head::Node(id(2));
        (request.launch.map, request.launch.spawn) = (Map::Slot, Spawn::Linear);
        request.launch.silence = Some(Millis(5_000));
    });
    let reported = order(&rig);
    let command = reported.plan.command.join(" ");
    assert_eq!((&reported.plan.head, reported.silence.map(|s| s.as_secs())), (&id(2), Some(5)));
    assert!(command.contains("--map-by slot ") && command.contains("plm_rsh_no_tree_spawn 1"), "{command}");
    assert!(reported.ssh_config.is_none() && !command.contains("--allow-run-as-root"), "{command}");

    let mut rig = Rig::ready(2);
    asked(&mut rig, |request| {
        request.nodes = vec![id(1)];
        request.launch.head = Head::Node(id(2));
    });
    assert_eq!(rig.refusals(), ["pi02 is not a node of this run and cannot be its head"]);
}

#[test]
fn a_tree_is_refused_where_the_launcher_has_none() {
    let mut rig = Rig::ready(2);
    for node in rig.nodes.values_mut() {
        node.reading.facts.mpi = vec![common::mpi(MpiFamily::Mpich, "4.0.2")];
    }
    asked(&mut rig, |request| request.launch.spawn = Spawn::Tree);
    assert!(rig.refusals()[0].contains("it has no tree"), "{:?}", rig.refusals());
    assert!(rig.orders.is_empty());
}

#[test]
fn an_outside_master_has_pictls_keys_and_computes_nothing() {
    let rig = with_operator(|reading| reading.uid = 0);
    let reported = order(&rig);
    assert_eq!(reported.plan.head, NodeId::operator());
    assert_eq!(reported.plan.hosts.len(), 2);
    let lines: Vec<_> = reported.hostfile.lines().skip(1).collect();
    assert_eq!(lines, ["pi@10.0.0.1 slots=4", "pi@10.0.0.2 slots=4"], "its own user is another one");
    let command = reported.plan.command.join(" ");
    let folder = format!("/home/me/.pictl/runs/{}", reported.plan.id);
    for part in [
        "--allow-run-as-root".to_owned(),
        format!("--hostfile {folder}/hostfile"),
        format!("--mca plm_rsh_args -F {folder}/ssh_config"),
        "oob_tcp_if_include 10.0.0.0/24".into(),
        "/home/pi/.pictl/bench/start.py".into(),
    ] {
        assert!(command.contains(&part), "{part}: {command}");
    }
    let config = reported.ssh_config.as_deref().expect("options of SSH");
    for line in [
        "Host 10.0.0.1\n  Port 22\nHost",
        "Host 10.0.0.2\n  Port 22\n  IdentityFile \"/keys/two\"\n",
        "  StrictHostKeyChecking yes\n",
        "  IdentityFile \"/home/me/.ssh/id_ed25519\"",
    ] {
        assert!(config.contains(line), "{line}: {config}");
    }
    assert!(!rig.world().nodes.contains_key(&NodeId::operator()), "it is no node");
    let read = |e: &Event| matches!(e, Event::FactsRead { node, .. } if node.is_operator());
    assert!(!rig.events.iter().any(read));
}

#[test]
fn what_an_outside_head_lacks_is_reported() {
    let reason = |change: fn(&mut NodeReading)| {
        let rig = with_operator(change);
        assert!(rig.orders.is_empty());
        let (_, reasons) = rig.world().refused.clone().expect("refused");
        format!("{}; {}", reasons[0].reason, reasons[0].hint)
    };
    let none = reason(|reading| reading.facts.mpi.clear());
    assert!(
        none.contains("no MPI on this machine; the nodes have Open MPI 4.1.4") && none.contains("openmpi-bin"),
        "{none}"
    );
    let other = reason(|reading| reading.facts.mpi[0].version = "5.0.7".into());
    assert!(other.contains("this machine has Open MPI 5.0.7, and pi01, pi02 not"), "{other}");
    let far = reason(|reading| {
        reading.facts.addresses =
            vec![IfAddr { interface: "wlan0".into(), address: [192, 168, 0, 9].into(), prefix: 24 }];
    });
    assert!(far.contains("no address in the network of pi01 (10.0.0.1)"), "{far}");
}
