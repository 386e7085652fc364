//! Runs and commands: what stands against them, how they end, and by whose doing.

use std::collections::BTreeMap;
use std::f64::consts::PI;

use pictl_formats::facts::FileKind;
use pictl_model::event::{Event, Level, Stamped, VERSION};
use pictl_model::node::MpiFamily;
use pictl_model::request::{BenchRequest, Ground, Login, Request};
use pictl_model::run::{RunEvent, RunOutcome, RunPhase, RunSummary, Stream};
use pictl_model::step::StepId;
use pictl_model::telemetry::Sample;
use pictl_model::units::{Celsius, Throttled};
use pictl_model::world::World;
use pictl_model::{LeftOut, Rank, RunId};

use super::rig::{Rig, bench, exec, over, setup};
use crate::common::{self, id};
use crate::dispatcher::journal::Kind;
use crate::input::{Effect, Input, Timer};
use crate::launch::{Control, End, News, Taken};
use crate::record::{Opened, RecordError, RunFile};

fn request(rig: &mut Rig, change: impl FnOnce(&mut BenchRequest)) -> Vec<Event> {
    let mut request = bench();
    change(&mut request);
    let reported = rig.ask(Request::Bench(request));
    rig.settle();
    reported
}

/// Two nodes, and a run of two ranks that was launched on them.
fn launched() -> Rig {
    let mut rig = Rig::ready(2);
    request(&mut rig, |_| {});
    assert_eq!(rig.orders.len(), 1);
    rig
}

fn run(rig: &Rig) -> RunId {
    rig.orders.last().expect("an order").plan.id.clone()
}

fn report(rig: &mut Rig, event: RunEvent) {
    let run = run(rig);
    rig.input(Input::Run { run, news: News::Event(event) });
}

fn end(rig: &mut Rig, end: End) {
    let run = run(rig);
    rig.due.retain(|e| !matches!(e, Effect::Launch(_)));
    for input in over(&run, end) {
        rig.input(input);
    }
}

fn clean(status: i32) -> End {
    End { status: Some(status), ..End::default() }
}

/// The first 4000 terms of Leibniz's series, as the run of four slices of a thousand computes them.
fn sum() -> f64 {
    (0..4000).map(|k| if k % 2 == 0 { 4.0 } else { -4.0 } / f64::from(2 * k + 1)).sum()
}

/// Everything that two ranks say, up to and without their last lines.
fn computed(rig: &mut Rig, slices: u32, value: f64) {
    report(rig, RunEvent::Phase { phase: RunPhase::Launching });
    report(rig, RunEvent::Begin { size: 2, slices: 4, slice_size: 1000, program: "pi".into() });
    for slice in 0..slices {
        let rank = Rank(slice % 2);
        report(rig, RunEvent::Assign { rank, slice });
        report(rig, RunEvent::Slice { rank, slice, seconds: 0.5, value: None });
    }
    report(rig, RunEvent::Result { value, seconds: 1.25 });
}

fn done(rig: &mut Rig, ranks: u32) {
    for rank in 0..ranks {
        report(rig, RunEvent::Done { rank: Rank(rank) });
    }
}

fn summary(rig: &Rig) -> RunSummary {
    rig.world().run.as_ref().and_then(|r| r.summary.clone()).expect("it ended")
}

fn says(rig: &mut Rig, line: &str) {
    report(rig, RunEvent::Output { stream: Stream::Err, rank: None, line: line.into() });
}

#[test]
fn a_run_begins_when_all_nodes_are_logged_in_and_read() {
    let mut rig = Rig::ready(2);
    rig.ask(Request::Bench(bench()));
    assert_eq!(rig.count(|e| matches!(e, Effect::Read(..))), 0, "nobody is logged in yet");
    rig.settle();
    let order = &rig.orders[0];
    assert_eq!(order.hostfile.lines().skip(1).collect::<Vec<_>>(), ["10.0.0.1 slots=4", "10.0.0.2 slots=4"]);
    let home = format!("/home/pi/.pictl/runs/{}/hostfile", order.plan.id);
    let command = order.plan.command.join(" ");
    for part in [
        "/usr/bin/mpirun.openmpi",
        &home,
        "-n 2",
        "btl_tcp_if_include 10.0.0.0/24",
        &format!("PICTL_RUN={}", order.plan.id),
        "/usr/bin/python3 -I /home/pi/.pictl/bench/start.py -m mpi4py pi.py --slices 4 --slice-size 1000",
    ] {
        assert!(command.contains(part), "{part}: {command}");
    }
    assert_eq!(
        order.files.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(),
        ["pi.py", "pictl_progress.py", "pictl_slices.py", "start.py"].map(|name| format!("~/.pictl/bench/{name}"))
    );
    assert_eq!((order.plan.ranks, &order.plan.head, &order.plan.series), (2, &id(1), &None));
    assert_eq!(rig.count(|e| matches!(e, Effect::Launch(_))), 1);
}

#[test]
fn of_two_mpis_the_one_is_used_that_setup_chose() {
    for (machinefile, launcher) in
        [("pi01:4\npi02:4\n", "mpiexec.hydra"), ("pi01 slots=4\n", "mpirun.openmpi"), ("", "mpirun.openmpi")]
    {
        let mut rig = Rig::ready(2);
        for n in 1..=2 {
            let reading = rig.node(&id(n)).reading.clone();
            rig.node(&id(n)).reading = common::with_mpi(reading, MpiFamily::Mpich, "4.0.2");
        }
        common::put(&mut rig.node(&id(1)).reading, FileKind::Machinefile, 0o644, machinefile.as_bytes());
        request(&mut rig, |r| (r.workload.name, r.workload.slices) = ("pi-c".into(), None));
        assert_eq!(rig.orders[0].plan.command[0], format!("/usr/bin/{launcher}"), "{machinefile:?}");
        end(&mut rig, clean(1));
        // Python works with the MPI of its mpi4py only, which is the last one here.
        request(&mut rig, |_| {});
        assert_eq!(rig.orders[1].plan.command[0], "/usr/bin/mpiexec.hydra");
    }
}

#[test]
fn ranks_are_as_many_as_slots_unless_asked_otherwise() {
    let mut rig = Rig::ready(2);
    request(&mut rig, |r| (r.ranks, r.workload.slices, r.workload.slice_size) = (None, None, None));
    let plan = &rig.orders[0].plan;
    assert_eq!((plan.ranks, plan.workload.slices, plan.workload.slice_size), (8, Some(64), Some(1_000_000)));
}

#[test]
fn wishes_that_make_no_sense_are_refused_with_all_their_reasons() {
    let mut rig = Rig::with_members(0, Vec::new());
    let reported = request(&mut rig, |r| {
        r.workload.name = "linpack".into();
        r.ranks = Some(0);
        r.workload.slices = Some(0);
    });
    assert!(matches!(reported[..], [Event::Refused { ground: Ground::Input, .. }]));
    let reasons = rig.refusals();
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    assert!(reasons[0].contains("linpack"));
}

#[test]
fn nodes_that_cannot_be_had_are_all_named_at_once() {
    let mut rig = Rig::ready(3);
    rig.node(&id(1)).reachable = false;
    rig.node(&id(3)).reachable = false;
    request(&mut rig, |_| {});
    let reasons = rig.refusals();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons[0].starts_with("pi01: cannot reach") && reasons[1].starts_with("pi03: "), "{reasons:?}");
    assert!(rig.orders.is_empty());
    assert!(rig.events.iter().any(|e| matches!(e, Event::Refused { ground: Ground::Access, .. })));
}

#[test]
fn different_versions_of_mpi_are_refused_with_the_names() {
    let mut rig = Rig::ready(3);
    rig.node(&id(3)).reading.facts.mpi[0].version = "5.0.7".into();
    request(&mut rig, |_| {});
    assert_eq!(rig.refusals(), ["pi01 has Open MPI 4.1.4, and pi03 not"]);

    let mut rig = Rig::ready(2);
    for node in rig.nodes.values_mut() {
        node.reading.facts.mpi.clear();
    }
    request(&mut rig, |_| {});
    assert_eq!(rig.refusals(), ["there is no MPI on pi01"]);

    let mut rig = Rig::ready(2);
    for node in rig.nodes.values_mut() {
        node.reading.facts.mpi.push(common::mpi(MpiFamily::Mpich, "4.0.2"));
    }
    rig.node(&id(2)).reading.facts.mpi[0].version = "5.0.7".into();
    request(&mut rig, |_| {});
    assert_eq!(rig.orders[0].plan.mpi.family, MpiFamily::Mpich, "the one that all have alike");
}

#[test]
fn a_run_uses_the_mpi_that_was_decided_for_the_cluster_and_no_other() {
    let both = || {
        let mut rig = Rig::ready(2);
        for node in rig.nodes.values_mut() {
            node.reading.facts.mpi.push(common::mpi(MpiFamily::Mpich, "4.0.2"));
        }
        rig
    };
    let mut rig = both();
    rig.dispatcher.remember_configured_mpi(Some(MpiFamily::Mpich));
    request(&mut rig, |_| {});
    assert_eq!(rig.orders[0].plan.mpi.family, MpiFamily::Mpich);

    let mut rig = both();
    rig.dispatcher.remember_configured_mpi(Some(MpiFamily::Mpich));
    rig.node(&id(2)).reading.facts.mpi.pop();
    request(&mut rig, |_| {});
    assert_eq!(rig.refusals(), ["pi01 has MPICH 4.0.2, and pi02 not"], "Open MPI would be there");

    let mut rig = Rig::ready(2);
    rig.dispatcher.remember_configured_mpi(Some(MpiFamily::Mpich));
    request(&mut rig, |_| {});
    assert_eq!(rig.refusals(), ["there is no MPICH, which this cluster uses, on pi01"]);
}

#[test]
fn a_run_succeeds_when_all_ranks_are_done_and_the_sum_is_right() {
    let mut rig = launched();
    computed(&mut rig, 4, sum());
    let sample = Sample { temp: Some(Celsius(81.5)), throttled: Some(Throttled(0x4)), ..Sample::default() };
    rig.input(Input::Sampled { node: id(2), sample });
    done(&mut rig, 2);
    end(&mut rig, clean(0));
    let summary = summary(&rig);
    assert_eq!((summary.outcome, &summary.reason, &summary.hint), (RunOutcome::Succeeded, &None, &None));
    assert_eq!(summary.ranks.iter().map(|r| (r.slices, r.done)).collect::<Vec<_>>(), [(2, true), (2, true)]);
    assert_eq!((summary.value, summary.expected, summary.program_seconds), (Some(sum()), Some(PI), Some(1.25)));
    assert_eq!(
        (summary.nodes[1].max_temp, &summary.nodes[1].throttled[..]),
        (Some(Celsius(81.5)), &["throttled".to_owned()][..])
    );
    let validity = summary.validity.expect("a stamp");
    assert_eq!(validity.reasons[0].text, "pi02 was throttled during the run", "{validity:?}");
    assert!(!rig.has(Kind::Run));
}

#[test]
fn exit_status_0_is_no_proof() {
    let mut rig = launched();
    computed(&mut rig, 4, sum());
    done(&mut rig, 1);
    end(&mut rig, clean(0));
    let summary = summary(&rig);
    assert_eq!((summary.outcome, summary.exit_status), (RunOutcome::Failed, Some(0)));
    let reason = summary.reason.expect("a reason");
    assert!(reason.contains("exit status 0 before every rank had finished"), "{reason}");
    assert!(!summary.ranks[1].done);
}

#[test]
fn a_launcher_that_had_to_be_ended_after_all_ranks_were_done_spoils_nothing() {
    let mut rig = launched();
    computed(&mut rig, 4, sum());
    done(&mut rig, 2);
    end(&mut rig, clean(1));
    assert_eq!(summary(&rig).outcome, RunOutcome::Succeeded);
}

#[test]
fn a_wrong_value_is_no_success() {
    for value in [3.0, sum() + 1e-6] {
        let mut rig = launched();
        computed(&mut rig, 4, value);
        done(&mut rig, 2);
        end(&mut rig, clean(0));
        let summary = summary(&rig);
        assert_eq!(summary.outcome, RunOutcome::CheckFailed);
        assert!(summary.reason.is_some_and(|r| r.contains("off")));
    }
}

#[test]
fn a_lost_slice_line_is_not_an_unfinished_slice() {
    let mut rig = launched();
    computed(&mut rig, 3, sum());
    let id = run(&rig);
    rig.input(Input::Run { run: id, news: News::Damaged });
    done(&mut rig, 2);
    end(&mut rig, clean(0));
    assert_eq!(summary(&rig).outcome, RunOutcome::Succeeded, "the sum is right to the last slice");
    let notice = rig.world().notices.back().expect("reported");
    assert!(notice.level == Level::Warn && notice.text.starts_with("1 lines"), "{notice:?}");

    let mut rig = launched();
    computed(&mut rig, 3, 3.0);
    done(&mut rig, 2);
    end(&mut rig, clean(0));
    assert_eq!(summary(&rig).outcome, RunOutcome::Failed);
}

#[test]
fn without_a_result_there_is_no_success() {
    let mut rig = launched();
    for slice in 0..4 {
        report(&mut rig, RunEvent::Slice { rank: Rank(slice % 2), slice, seconds: 0.5, value: None });
    }
    done(&mut rig, 2);
    end(&mut rig, clean(0));
    assert_eq!(summary(&rig).outcome, RunOutcome::Failed);
    assert!(summary(&rig).reason.is_some_and(|r| r.contains("result did not arrive")));
}

#[test]
fn known_errors_are_explained_and_the_node_is_named() {
    let mut rig = launched();
    says(&mut rig, "ssh: connect to host 10.0.0.2 port 22: No route to host");
    says(&mut rig, "ORTE was unable to reliably start one or more daemons.");
    end(&mut rig, clean(255));
    let summary = summary(&rig);
    assert_eq!(summary.outcome, RunOutcome::Failed);
    let reason = summary.reason.expect("a reason");
    assert!(reason.starts_with("pi02: the node does not answer"), "{reason}");
    assert!(summary.hint.is_some_and(|h| h.contains("power and cable")));
}

#[test]
fn unknown_errors_are_quoted_and_problems_of_the_launch_told() {
    let mut rig = launched();
    says(&mut rig, "something odd");
    says(&mut rig, "");
    end(&mut rig, clean(9));
    assert_eq!(summary(&rig).reason.as_deref(), Some("something odd"));

    let mut rig = launched();
    end(&mut rig, End { problem: Some("the disk is full".into()), hint: Some("free some".into()), ..End::default() });
    assert_eq!(
        (summary(&rig).reason.as_deref(), summary(&rig).hint.as_deref()),
        (Some("the disk is full"), Some("free some"))
    );
}

#[test]
fn a_lost_node_ends_the_run_and_is_named() {
    let mut rig = launched();
    computed(&mut rig, 2, 0.0);
    rig.vanish(2);
    rig.settle();
    assert_eq!(rig.controls, [Control::Stop]);
    let stopping = rig.world().run.as_ref().and_then(|r| r.stopping.clone()).expect("it is being stopped");
    assert!(stopping.0.starts_with("pi02 was lost"), "{stopping:?}");
    rig.vanish(1);
    rig.settle();
    assert_eq!(rig.controls, [Control::Stop], "it is asked once");
    end(&mut rig, clean(0));
    let summary = summary(&rig);
    assert_eq!(summary.outcome, RunOutcome::Failed);
    assert!(summary.reason.is_some_and(|r| r.contains("pi02 was lost: ") && r.contains("no answer")));
    assert!(summary.hint.is_some_and(|h| h.contains("cable of pi02")));
}

#[test]
fn a_lost_head_cannot_be_asked_to_stop_anything() {
    let mut rig = launched();
    computed(&mut rig, 2, 0.0);
    rig.vanish(1);
    rig.settle();
    assert_eq!(rig.controls, [Control::Kill]);
}

#[test]
fn an_operator_who_lost_all_nodes_has_lost_his_own_network_and_the_run_goes_on() {
    let mut rig = launched();
    computed(&mut rig, 2, 0.0);
    rig.vanish(1);
    rig.vanish(2);
    rig.settle();
    rig.tick();
    assert!(rig.controls.is_empty(), "nobody answers, so nothing is known of any node");
    // The network is back, and one node is looked for later than the other.
    rig.node(&id(1)).reachable = true;
    rig.node(&id(2)).reachable = true;
    let later = |e: &Effect| matches!(e, Effect::After(_, Timer::Reconnect(node, _)) if *node == id(1));
    let first = rig.due.iter().position(|e| matches!(e, Effect::After(..)) && !later(e)).expect("it is looked for");
    rig.happen(first);
    rig.settle();
    rig.tick();
    assert!(rig.controls.is_empty(), "{:?}", rig.controls);
    computed_rest(&mut rig);
    assert_eq!(summary(&rig).outcome, RunOutcome::Succeeded);
}

#[test]
fn a_connection_that_breaks_and_can_be_made_again_is_not_a_lost_node() {
    let mut rig = launched();
    computed(&mut rig, 2, 0.0);
    rig.lose(2);
    rig.settle();
    assert!(rig.controls.is_empty() && rig.dispatcher.core.is_up(&id(2)));
    computed_rest(&mut rig);
    assert_eq!(summary(&rig).outcome, RunOutcome::Succeeded);
}

#[test]
fn a_node_that_went_away_while_the_launcher_ended_is_why_it_ended() {
    let mut rig = launched();
    computed(&mut rig, 2, 0.0);
    rig.vanish(2);
    end(&mut rig, clean(0));
    assert!(summary(&rig).reason.is_some_and(|r| r.starts_with("pi02 was lost: ")));
}

/// The rest of a run of which two slices were computed.
fn computed_rest(rig: &mut Rig) {
    for slice in 2..4 {
        report(rig, RunEvent::Slice { rank: Rank(slice % 2), slice, seconds: 0.5, value: None });
    }
    report(rig, RunEvent::Result { value: sum(), seconds: 1.25 });
    done(rig, 2);
    end(rig, clean(0));
}

#[test]
fn mpi_is_proved_before_the_first_run_and_after_a_change() {
    let mut rig = launched();
    let proof = |rig: &Rig| rig.orders.last().expect("an order").proof.as_ref().map(|p| p.hash.clone());
    let first = proof(&rig).expect("nothing was proved yet");
    let news = Input::Run { run: run(&rig), news: News::Proved };
    rig.input(news);
    assert!(rig.due.iter().any(|e| matches!(e, Effect::SaveProved(words) if *words == [first.clone()])));
    computed(&mut rig, 4, sum());
    done(&mut rig, 2);
    end(&mut rig, clean(0));
    request(&mut rig, |_| {});
    assert_eq!(proof(&rig), None, "it was proved");
    computed(&mut rig, 4, sum());
    done(&mut rig, 2);
    end(&mut rig, clean(0));
    rig.node(&id(2)).reading.facts.mpi4py = None;
    request(&mut rig, |_| {});
    assert!(proof(&rig).is_some_and(|word| word != first), "another mpi4py");
}

// ---- joining

/// What a pictl that was killed left of a run on two nodes.
fn left(events: Vec<RunEvent>) -> Input {
    let plan = common::plan("20261120-084501-pi-0007", 2, 2);
    let run = plan.id.clone();
    let planned = RunEvent::Planned { plan: Box::new(plan.clone()) };
    let stamp = |(n, event)| {
        let at = common::START.plus(pictl_model::Millis(n as u64));
        Stamped { v: VERSION, seq: n as u64, at, event: Event::Run { run: run.clone(), event } }
    };
    let events: Vec<_> = std::iter::once(planned).chain(events).enumerate().map(stamp).collect();
    let file = RunFile { v: VERSION, plan, facts: BTreeMap::new(), summary: None };
    let taken = Taken { out: 100, ..Taken::default() };
    Input::Opened { run, result: Ok(Box::new(Opened { file, events, taken })) }
}

fn attach(rig: &mut Rig, left: Input) {
    let Input::Opened { run, .. } = &left else { panic!("no record") };
    rig.ask(Request::Attach { run: run.clone(), login: Login::default() });
    assert_eq!(rig.count(|e| matches!(e, Effect::Open(_))), 1);
    rig.input(left);
    rig.settle();
}

#[test]
fn a_run_that_was_left_is_joined_with_what_its_record_has() {
    let mut rig = Rig::ready(2);
    let begin = RunEvent::Begin { size: 2, slices: 4, slice_size: 1000, program: "pi".into() };
    let slice = |slice| RunEvent::Slice { rank: Rank(slice % 2), slice, seconds: 0.5, value: None };
    attach(&mut rig, left(vec![RunEvent::Phase { phase: RunPhase::Launching }, begin, slice(0), slice(1)]));
    assert_eq!(rig.orders.len(), 1);
    assert_eq!(rig.orders[0].joined.as_ref().map(|t| t.out), Some(100));
    let view = rig.world().run.as_ref().expect("it is shown");
    assert_eq!((view.slices_done(), view.planned), (2, common::START));
    computed_rest(&mut rig);
    assert_eq!(summary(&rig).outcome, RunOutcome::Succeeded);
    assert_eq!(summary(&rig).slices_done(), 4);
}

#[test]
fn runs_that_were_left_are_found_once_and_only_in_a_watch() {
    let looks = |rig: &Rig| rig.count(|e| matches!(e, Effect::LookBack));
    let mut rig = Rig::ready(1);
    let watch = Request::Watch { login: Login::default() };
    let attach = Request::Attach { run: "20261120-084501-pi-0007".parse().unwrap(), login: Login::default() };
    for other in [Request::Exec(exec("uptime")), Request::Setup(setup(&[1])), Request::Bench(bench()), attach] {
        let mut rig = Rig::ready(1);
        rig.ask(other.clone());
        assert_eq!(looks(&rig), 0, "{other:?}");
    }
    rig.ask(watch.clone());
    rig.ask(watch);
    assert_eq!(looks(&rig), 1);
    let left = common::plan("20261120-084501-pi-0007", 2, 1);
    assert_eq!(rig.input(Input::Unfinished(vec![left.clone()])), [Event::Unfinished { runs: vec![left] }]);
}

#[test]
fn a_run_whose_head_cannot_be_reached_is_not_joined_and_stays_as_it_is() {
    let mut rig = Rig::ready(2);
    rig.node(&id(1)).reachable = false;
    attach(&mut rig, left(Vec::new()));
    assert!(rig.orders.is_empty() && !rig.has(Kind::Run));
    assert!(rig.refusals()[0].starts_with("pi01: cannot reach"), "{:?}", rig.refusals());
    assert!(rig.events.iter().any(|e| matches!(e, Event::Refused { ground: Ground::Access, .. })));
}

#[test]
fn what_cannot_be_joined_says_why() {
    let mut rig = Rig::ready(1);
    attach(&mut rig, left(Vec::new()));
    assert!(rig.refusals()[0].contains("not in the cluster any more"), "{:?}", rig.refusals());

    let mut rig = Rig::ready(2);
    let run: RunId = "20261120-084501-pi-0007".parse().expect("a run id");
    rig.ask(Request::Attach { run: run.clone(), login: Login::default() });
    rig.input(Input::Opened { run: run.clone(), result: Err(RecordError::Over(run)) });
    assert!(rig.refusals()[0].contains("is over"), "{:?}", rig.refusals());

    let mut rig = launched();
    let other = "20261120-084501-pi-0008".parse().expect("a run id");
    rig.ask(Request::Attach { run: other, login: Login::default() });
    assert!(rig.refusals()[0].contains("at work"), "{:?}", rig.refusals());
}

#[test]
fn the_user_stops_a_run_in_two_rungs() {
    let mut rig = launched();
    computed(&mut rig, 2, 0.0);
    rig.ask(Request::Cancel);
    assert_eq!(rig.controls, [Control::Stop]);
    assert!(rig.world().is_busy(), "it ends when it has ended");
    rig.ask(Request::Cancel);
    assert_eq!(rig.controls, [Control::Stop, Control::Kill]);
    assert_eq!(rig.world().run.as_ref().and_then(|r| r.stopping.clone()).map(|s| s.1), Some(2));
    end(&mut rig, clean(1));
    assert_eq!(
        (summary(&rig).outcome, summary(&rig).reason.as_deref()),
        (RunOutcome::Aborted, Some("stopped by the user"))
    );
}

#[test]
fn a_run_stopped_before_it_began_leaves_nothing() {
    let mut rig = Rig::ready(2);
    rig.ask(Request::Bench(bench()));
    rig.ask(Request::Cancel);
    assert_eq!(rig.refusals(), ["it was stopped before it began"]);
    rig.settle();
    assert!(rig.orders.is_empty() && !rig.has(Kind::Run));
}

#[test]
fn repetitions_follow_each_other_as_one_series() {
    let mut rig = Rig::ready(2);
    request(&mut rig, |r| r.repeat = 3);
    for _ in 0..3 {
        computed(&mut rig, 4, sum());
        done(&mut rig, 2);
        end(&mut rig, clean(0));
    }
    let ids: Vec<_> = rig.orders.iter().map(|o| o.plan.id.clone()).collect();
    let series: Vec<_> = rig.orders.iter().map(|o| o.plan.series.clone().expect("a series")).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]) && ids.len() == 3, "{ids:?}");
    assert!(series.iter().all(|s| s.first == ids[0] && s.of == 3));
    assert_eq!(series.iter().map(|s| s.index).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(!rig.has(Kind::Run));
}

#[test]
fn a_stop_ends_the_series_and_not_only_its_run() {
    let mut rig = Rig::ready(2);
    request(&mut rig, |r| r.repeat = 3);
    computed(&mut rig, 4, sum());
    done(&mut rig, 2);
    end(&mut rig, clean(0));
    assert_eq!(rig.orders.len(), 2);
    rig.ask(Request::Cancel);
    end(&mut rig, clean(1));
    assert_eq!((rig.orders.len(), summary(&rig).outcome), (2, RunOutcome::Aborted));
    assert!(!rig.has(Kind::Run));
}

#[test]
fn news_of_another_run_is_no_news() {
    let mut rig = launched();
    let before = rig.events.len();
    let stranger: RunId = "20260101-000000-pi-0000".parse().expect("an id");
    rig.input(Input::Run { run: stranger.clone(), news: News::Event(RunEvent::Done { rank: Rank(0) }) });
    for input in over(&stranger, clean(0)) {
        rig.input(input);
    }
    assert_eq!(rig.events.len(), before);
    assert!(rig.has(Kind::Run));
}

#[test]
fn the_recorded_events_show_the_same_run() {
    let mut rig = launched();
    computed(&mut rig, 4, sum());
    says(&mut rig, "a warning");
    done(&mut rig, 2);
    end(&mut rig, clean(0));
    let mut replayed = World::default();
    for (at, event) in rig.events.iter().enumerate() {
        let text = serde_json::to_string(&Stamped { v: VERSION, seq: at as u64, at: rig.now, event: event.clone() });
        replayed.apply(&serde_json::from_str(&text.expect("JSON")).expect("the same event"));
    }
    let (live, replayed) = (rig.world().run.as_ref().expect("a run"), replayed.run.expect("a run"));
    assert_eq!((&replayed.summary, &replayed.ranks.len()), (&live.summary, &live.ranks.len()));
    assert_eq!(replayed.rank_summaries(), live.rank_summaries());
}

#[test]
fn a_command_runs_on_every_member_and_ends_when_all_have() {
    let mut rig = Rig::ready(2);
    rig.ask(Request::Exec(exec("uptime")));
    rig.node(&id(2)).reachable = false;
    rig.settle();
    let view = rig.world().exec.as_ref().expect("a command");
    assert!(view.finished && view.nodes[&id(1)].status == Some(0));
    assert!(view.nodes[&id(2)].problem.as_ref().is_some_and(|p| p.contains("cannot reach") && p.contains("power")));

    let mut rig = Rig::ready(2);
    rig.ask(Request::Exec(exec("sleep 99")));
    while rig.count(|e| matches!(e, Effect::Exec { .. })) < 2 {
        rig.happen(0);
    }
    let job = rig.dispatcher.world().exec.as_ref().expect("a command").job;
    rig.input(Input::ExecLine { job, node: id(1), stream: Stream::Out, line: "hello".into() });
    rig.lose(1);
    rig.input(Input::ExecOmitted { job, node: id(1), left_out: LeftOut { lines: 7, bytes: 70 } });
    rig.ask(Request::Cancel);
    let view = rig.world().exec.as_ref().expect("a command");
    assert!(!view.finished, "the node must report first that it ended there");
    rig.settle();
    let view = rig.world().exec.as_ref().expect("a command");
    assert!(view.finished && view.nodes[&id(1)].lines.len() == 1);
    assert_eq!(view.nodes[&id(1)].left_out, LeftOut { lines: 7, bytes: 70 });
    assert!(view.nodes[&id(1)].problem.as_ref().is_some_and(|p| p.contains("lost")));
    assert_eq!(view.nodes[&id(2)].problem.as_deref(), Some("stopped; it was ended there"));
    assert!(view.nodes.values().all(|node| !node.unreached));

    let mut rig = Rig::ready(2);
    rig.ask(Request::Exec(exec("sleep 99")));
    while rig.count(|e| matches!(e, Effect::Exec { .. })) < 1 {
        rig.happen(0);
    }
    rig.ask(Request::Cancel);
    rig.ask(Request::Cancel);
    assert_eq!(rig.count(|e| matches!(e, Effect::Exec { .. })), 0);
    let view = rig.world().exec.as_ref().expect("a command");
    assert!(view.finished && view.nodes[&id(1)].problem.as_ref().is_some_and(|p| p.contains("did not report")));
    assert!(view.nodes[&id(2)].unreached && view.nodes[&id(2)].problem.as_deref() == Some("stopped before it began"));

    for (nodes, command) in [(vec![], " "), (vec![id(9)], "uptime")] {
        let mut rig = Rig::ready(1);
        let mut request = exec(command);
        request.nodes = nodes;
        let reported = rig.ask(Request::Exec(request));
        assert!(matches!(reported[..], [Event::Refused { ground: Ground::Input, .. }]));
    }
}

#[test]
fn a_run_waits_for_no_setup_and_no_setup_for_a_run() {
    let mut rig = launched();
    rig.ask(Request::Setup(setup(&[1, 2])));
    assert_eq!(rig.refusals(), ["a run is at work"]);
    rig.ask(Request::Exec(exec("uptime")));
    assert_eq!(rig.refusals(), ["a run is at work"]);
    assert!(rig.worked.iter().all(|(_, step)| *step != StepId::Smoke));
}
