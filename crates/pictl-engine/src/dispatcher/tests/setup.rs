//! Setups: order, barriers, questions, failures of one node, and the two rungs of stopping.

use std::collections::BTreeMap;

use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::node::{MpiFamily, Sudo, Swap};
use pictl_model::request::{Answer, Ground, Question, Request, SecretWord, SetupRequest};
use pictl_model::step::{SetupSummary, StepId, StepState};

use super::rig::{Rig, setup};
use crate::common::{id, operator_line};
use crate::input::{Effect, Input};
use crate::ports::ConnectError;
use crate::setup::step::Wanted;
use crate::setup::steps::{CHECKED, of};

fn begin(rig: &mut Rig, change: impl FnOnce(&mut SetupRequest)) {
    let nodes: Vec<u8> = (1..=u8::try_from(rig.nodes.len()).expect("few")).collect();
    let mut request = setup(&nodes);
    change(&mut request);
    rig.ask(Request::Setup(request));
}

/// Begins a setup, trusts the host keys and types the password.
fn log_in(rig: &mut Rig, change: impl FnOnce(&mut SetupRequest)) {
    begin(rig, change);
    rig.settle();
    rig.reply(Answer::Yes);
    rig.settle();
    rig.type_in("raspberry");
    rig.settle();
}

/// Logged in everywhere: the plan is shown and the next question open.
fn planned(n: u8) -> Rig {
    let mut rig = Rig::seen(n);
    log_in(&mut rig, |_| {});
    rig
}

/// The same, and the first steps are at work.
fn applying(n: u8) -> Rig {
    let mut rig = planned(n);
    rig.reply(Answer::Yes);
    rig
}

fn summary(rig: &Rig) -> SetupSummary {
    rig.world().setup.as_ref().and_then(|s| s.summary).expect("it ended")
}

/// It is done only when it is asked for.
fn on_request(step: StepId) -> bool {
    matches!(of(step).wanted, Wanted::With(_))
}

fn states(rig: &Rig, n: u8) -> Vec<StepState> {
    let on_node = StepId::ALL.into_iter().filter(|s| !on_request(*s) && (n == 1 || !s.on_head_only()));
    on_node.map(|step| rig.state(n, step)).collect()
}

/// Lets the first piece of work on `n` happen.
fn work_on(rig: &mut Rig, n: u8) {
    let at = rig.due.iter().position(|e| matches!(e, Effect::Do { node, .. } if *node == id(n))).expect("work");
    rig.happen(at);
}

#[test]
fn a_fresh_cluster_is_set_up_and_the_second_time_nothing_changes() {
    let mut rig = Rig::seen(3);
    begin(&mut rig, |_| {});
    rig.agree();
    let first = summary(&rig);
    // Read and not changed: facts, identity and swap on three nodes.
    assert_eq!((first.done, first.already_so, first.failed + first.skipped + first.warned), (3 * 9 + 2, 3 * 3, 0));
    assert_eq!(rig.members.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(), ["pi01", "pi02", "pi03"]);
    assert!(rig.members.iter().all(|m| m.host_key.is_some() && m.mac.is_some() && m.head == (m.id == id(1))));

    let files: Vec<_> = rig.nodes.values().map(|n| n.reading.clone()).collect();
    let events = rig.events.len();
    rig.worked.clear();
    begin(&mut rig, |_| {});
    rig.settle();
    let second = summary(&rig);
    assert_eq!((second.already_so, second.done), (3 * 12 + 2, 0), "{:?}", states(&rig, 1));
    assert!(rig.worked.iter().all(|(_, step)| step.is_proof()), "the proofs are made again, and nothing else");
    assert_eq!(rig.worked.len(), 3 + 1);
    assert!(!rig.events[events..].iter().any(|e| matches!(e, Event::Asked { .. })), "there is nothing to ask");
    assert_eq!(rig.nodes.values().map(|n| n.reading.clone()).collect::<Vec<_>>(), files);
}

#[test]
fn the_mesh_waits_for_every_key_and_the_smoke_test_for_everything() {
    let mut rig = applying(3);
    // Two nodes go as far as they can alone.
    for n in [1, 2] {
        while rig.due.iter().any(|e| matches!(e, Effect::Do { node, .. } if *node == id(n))) {
            work_on(&mut rig, n);
        }
        assert_eq!(rig.state(n, StepId::Hostname), StepState::Done);
        assert_eq!(rig.state(n, StepId::Mesh), StepState::Planned, "pi03 has no key pair yet");
    }
    work_on(&mut rig, 3);
    assert_eq!(rig.worked.iter().filter(|(_, s)| *s == StepId::Mesh).count(), 0);
    work_on(&mut rig, 3);
    assert_eq!(rig.state(3, StepId::NodeKey), StepState::Done);
    assert_eq!(rig.state(1, StepId::Mesh), StepState::Applying);
    rig.settle();
    assert_eq!(summary(&rig).failed, 0);
    assert_eq!(rig.worked.last(), Some(&(id(1), StepId::Smoke)));
    for n in 1..=3 {
        let mine: Vec<_> = rig.worked.iter().filter(|(node, _)| *node == id(n)).map(|(_, step)| *step).collect();
        assert!(mine.is_sorted(), "{mine:?}");
    }
}

#[test]
fn a_step_that_fails_leaves_out_what_needs_it_and_stops_nobody_else() {
    let mut rig = planned(3);
    rig.broken.insert((id(2), StepId::Hosts));
    rig.reply(Answer::Yes);
    rig.settle();
    assert_eq!(rig.state(2, StepId::Hosts), StepState::Failed);
    assert_eq!(rig.state(2, StepId::Hostname), StepState::Skipped);
    assert!(rig.message(2, StepId::Hostname).contains("`hosts` is not done"));
    assert_eq!(rig.state(2, StepId::Mpi), StepState::Done, "what does not need it is done");
    assert_eq!((rig.state(1, StepId::Hostname), rig.state(3, StepId::Mesh)), (StepState::Done, StepState::Done));
    let cell = rig.world().setup.as_ref().expect("a setup").cell(&id(2), StepId::Hosts);
    assert_eq!(cell.hint.as_deref(), Some("free some space on the node's SD card"));
    assert_eq!((summary(&rig).failed, summary(&rig).skipped), (1, 1));
}

#[test]
fn a_node_without_a_login_is_left_out_and_the_others_are_set_up() {
    let mut rig = Rig::seen(3);
    rig.node(&id(3)).reachable = false;
    begin(&mut rig, |_| {});
    rig.agree();
    assert_eq!(rig.state(3, StepId::Connect), StepState::Failed);
    assert!(states(&rig, 3)[1..].iter().all(|s| *s == StepState::Skipped), "{:?}", states(&rig, 3));
    assert_eq!(rig.state(1, StepId::Smoke), StepState::Done);
    assert_eq!(rig.members.len(), 2, "who could not be read is no member");
}

#[test]
fn a_node_lost_in_the_middle_fails_once_and_the_others_go_on() {
    for works in 0..=4 {
        let mut rig = applying(3);
        for _ in 0..works {
            work_on(&mut rig, 2);
        }
        rig.lose(2);
        rig.settle();
        let states = states(&rig, 2);
        assert_eq!(states.iter().filter(|s| **s == StepState::Failed).count(), 1, "{works}: {states:?}");
        assert!(states.iter().all(|s| s.is_final()), "{works}: {states:?}");
        assert_eq!(rig.state(1, StepId::Smoke), StepState::Done, "{works}: {}", rig.message(1, StepId::Smoke));
        assert_eq!(rig.state(3, StepId::Mesh), StepState::Done, "{works}");
    }
}

#[test]
fn a_node_lost_before_its_plan_is_agreed_on_is_not_worked_on() {
    let mut rig = planned(2);
    rig.lose(2);
    rig.reply(Answer::Yes);
    rig.settle();
    assert!(rig.worked.iter().all(|(node, _)| *node == id(1)));
    assert_eq!(rig.state(2, StepId::Identity), StepState::Failed, "the first that would have been next");
    assert_eq!(rig.state(1, StepId::Smoke), StepState::Done);
}

#[test]
fn a_dry_run_shows_the_plan_asks_nothing_and_changes_nothing() {
    let mut rig = Rig::seen(2);
    rig.node(&id(1)).reading.facts.sudo = Some(Sudo::Password);
    log_in(&mut rig, |r| r.dry_run = true);
    assert!(rig.world().questions.is_empty() && rig.worked.is_empty() && rig.members.is_empty());
    assert_eq!(rig.state(1, StepId::Facts), StepState::AlreadySo);
    assert_eq!(rig.state(1, StepId::Identity), StepState::AlreadySo);
    for step in StepId::ALL.into_iter().skip(3).filter(|s| !on_request(*s) && *s != StepId::Swap) {
        assert_eq!(rig.state(1, step), StepState::Planned, "{step}");
    }
    assert_eq!(rig.state(1, StepId::Swap), StepState::AlreadySo);
    let change = rig.world().setup.as_ref().expect("a setup").cell(&id(1), StepId::OperatorKey).change;
    assert_eq!(change, [format!("+{}", operator_line())]);
    assert_eq!((summary(&rig).planned, summary(&rig).done), (8 * 2 + 2, 2));

    let mut rig = Rig::seen(2);
    begin(&mut rig, |_| {});
    rig.agree();
    begin(&mut rig, |r| r.dry_run = true);
    rig.settle();
    assert_eq!((summary(&rig).already_so, summary(&rig).planned), (2 * 11 + 1, 2 + 1), "only proofs are left");
}

#[test]
fn the_plan_is_done_after_a_yes_only() {
    let mut rig = planned(2);
    assert!(matches!(rig.question().1, Question::Apply { changes, nodes: 2 } if changes == 7 * 2 + 1));
    assert!(rig.worked.is_empty());
    rig.reply(Answer::No);
    assert_eq!(summary(&rig).aborted, 10 * 2 + 2);
    assert!(rig.worked.is_empty() && rig.members.is_empty());

    let mut rig = Rig::seen(2);
    log_in(&mut rig, |r| r.yes = true);
    assert_eq!(summary(&rig).failed, 0, "with --yes nothing but keys and passwords is asked");
}

/// Two nodes where sudo wants a password, just asked for it.
fn asked_for_sudo() -> Rig {
    let mut rig = Rig::seen(2);
    for node in rig.nodes.values_mut() {
        node.reading.facts.sudo = Some(Sudo::Password);
    }
    log_in(&mut rig, |_| {});
    rig
}

#[test]
fn the_sudo_password_may_be_the_login_s() {
    let mut rig = asked_for_sudo();
    let (_, Question::SudoPassword { user, nodes, same_offered, retry }) = rig.question() else { panic!("sudo") };
    assert_eq!((user.as_str(), nodes.len(), same_offered, retry), ("pi", 2, true, None));
    rig.secret(SecretWord::SameAsLogin);
    rig.settle();
    assert!(matches!(rig.question().1, Question::Apply { .. }));
    rig.agree();
    assert_eq!(summary(&rig).failed, 0);
}

#[test]
fn a_wrong_sudo_password_is_asked_for_again_where_it_is_wrong() {
    let mut rig = asked_for_sudo();
    rig.node(&id(2)).sudo = "other".into();
    rig.secret(SecretWord::SameAsLogin);
    rig.settle();
    assert!(matches!(rig.question().1, Question::SudoPassword { nodes, retry: Some(_), .. } if nodes == [id(2)]));
    rig.type_in("other");
    rig.settle();
    assert!(matches!(rig.question().1, Question::Apply { .. }));
}

#[test]
fn three_wrong_sudo_passwords_or_none_fail_what_needs_root_and_no_more() {
    for cancel in [false, true] {
        let mut rig = asked_for_sudo();
        if cancel {
            rig.secret(SecretWord::Cancel);
        } else {
            for _ in 0..3 {
                rig.type_in("wrong");
                rig.settle();
            }
        }
        assert!(matches!(rig.question().1, Question::Apply { .. }), "{:?}", rig.world().questions);
        rig.reply(Answer::Yes);
        rig.settle();
        assert_eq!(rig.state(1, StepId::Hosts), StepState::Failed, "{cancel}");
        assert!(rig.message(1, StepId::Hosts).contains("needs root"));
        assert_eq!(rig.state(1, StepId::Mesh), StepState::Done, "{cancel}");
    }
}

#[test]
fn a_node_lost_while_sudo_is_asked_for_holds_nobody_up() {
    let mut rig = asked_for_sudo();
    rig.lose(2);
    rig.type_in("raspberry");
    rig.lose(1);
    assert_eq!(rig.world().questions, [], "nobody is left to try it on, or to change");
    assert!(rig.world().setup.as_ref().is_some_and(|s| s.summary.is_some()));
}

#[test]
fn the_first_stop_lets_work_end_and_the_second_drops_it() {
    let mut rig = applying(2);
    rig.ask(Request::Cancel);
    assert_eq!(rig.state(1, StepId::OperatorKey), StepState::Applying);
    assert_eq!(rig.state(1, StepId::NodeKey), StepState::Aborted);
    rig.settle();
    assert_eq!(rig.state(1, StepId::OperatorKey), StepState::Done, "what was at work is whole");
    assert_eq!((summary(&rig).aborted, rig.worked.len()), (8 * 2 + 2, 2));

    let mut rig = applying(2);
    rig.ask(Request::Cancel);
    rig.ask(Request::Cancel);
    assert_eq!(rig.count(|e| matches!(e, Effect::Do { .. })), 0);
    assert_eq!(rig.state(1, StepId::OperatorKey), StepState::Aborted);
    assert!(rig.world().setup.as_ref().is_some_and(|s| s.summary.is_some()));
}

#[test]
fn stopping_at_a_question_closes_it_and_begins_nothing() {
    let mut asked = vec![planned(2), asked_for_sudo()];
    let mut rig = Rig::seen(2);
    begin(&mut rig, |r| r.yes = true);
    rig.settle();
    asked.push(rig);
    for mut rig in asked {
        rig.ask(Request::Cancel);
        rig.settle();
        assert_eq!(rig.world().questions, []);
        assert!(rig.worked.is_empty());
        assert_eq!(summary(&rig).done + summary(&rig).already_so + summary(&rig).aborted, 26, "{:?}", summary(&rig));
    }
}

#[test]
fn no_step_begins_before_the_key_that_it_needs_is_made() {
    // A changed connection makes a setup continue, and a tried sudo password counts as one.
    let mut rig = Rig::seen(2);
    rig.key = None;
    for node in rig.nodes.values_mut() {
        node.reading.facts.sudo = Some(Sudo::Password);
    }
    log_in(&mut rig, |r| r.yes = true);
    rig.secret(SecretWord::SameAsLogin);
    rig.settle();
    assert_eq!(summary(&rig).failed, 0, "{:?}", rig.message(1, StepId::OperatorKey));
    assert_eq!(rig.state(1, StepId::OperatorKey), StepState::Done);
}

#[test]
fn a_key_is_made_where_there_is_none_after_the_yes() {
    let mut rig = Rig::seen(1);
    rig.key = None;
    log_in(&mut rig, |_| {});
    assert!(rig.key.is_none(), "nothing was agreed on yet");
    rig.agree();
    assert!(rig.key.is_some());
    assert_eq!(rig.state(1, StepId::OperatorKey), StepState::Done);
}

#[test]
fn a_node_lost_while_the_key_is_made_fails_nobody_else() {
    let mut rig = Rig::seen(2);
    rig.key = None;
    log_in(&mut rig, |_| {});
    rig.reply(Answer::Yes);
    assert_eq!(rig.count(|e| matches!(e, Effect::FindKey { make: true, .. })), 1);
    // The connection that is made again asks for the key too, and the first answer is that there is none.
    rig.lose(2);
    rig.input(Input::Key(Ok(None)));
    assert_eq!(rig.state(1, StepId::OperatorKey), StepState::Planned, "{}", rig.message(1, StepId::OperatorKey));
    rig.settle();
    assert_eq!(rig.state(1, StepId::OperatorKey), StepState::Done, "{}", rig.message(1, StepId::OperatorKey));
    assert_eq!(rig.state(1, StepId::NodeKey), StepState::Done);
}

#[test]
fn a_key_that_cannot_be_made_is_the_reason_that_is_shown() {
    let mut rig = Rig::seen(1);
    rig.key = None;
    log_in(&mut rig, |_| {});
    rig.reply(Answer::Yes);
    let error = ConnectError::Key { path: "/home/me/.ssh".into(), why: "No space left on device".into() };
    rig.input(Input::KeyMade(Err(error)));
    assert_eq!(rig.state(1, StepId::OperatorKey), StepState::Failed);
    assert!(rig.message(1, StepId::OperatorKey).contains("No space left on device"));
}

/// Clocks are measured when facts are read.
#[test]
fn a_clock_that_is_wrong_is_warned_of() {
    let mut rig = Rig::ready(2);
    rig.node(&id(2)).reading.facts.clock_offset_ms = Some(-646_000);
    begin(&mut rig, |r| r.yes = true);
    rig.settle();
    assert_eq!(rig.state(2, StepId::Facts), StepState::Warned);
    let message = rig.message(2, StepId::Facts);
    assert!(message.contains("its clock is 10:46 behind this computer's"), "{message}");
    assert_eq!(rig.state(1, StepId::Facts), StepState::AlreadySo);
    assert_eq!(summary(&rig).failed, 0);
}

#[test]
fn where_sudo_cannot_work_the_cause_is_its_own() {
    for (sudo, part) in [(Sudo::Missing, "sudo is not installed"), (Sudo::WantsTerminal, "wants a terminal")] {
        let mut rig = Rig::ready(1);
        rig.node(&id(1)).reading.facts.sudo = Some(sudo);
        begin(&mut rig, |r| r.yes = true);
        rig.settle();
        assert_eq!(rig.state(1, StepId::Hosts), StepState::Failed);
        let message = rig.message(1, StepId::Hosts);
        assert!(message.contains("needs root") && message.contains(part), "{message}");
        assert_eq!(rig.state(1, StepId::NodeKey), StepState::Done);
    }
}

#[test]
fn impossible_wishes_are_refused_with_all_their_reasons() {
    let mut rig = Rig::seen(2);
    let reported = {
        let mut request = setup(&[1, 2]);
        request.nodes.push(NodeId::from_address([10, 9, 9, 9].into(), 22));
        request.prefix = "Pi_".into();
        request.names = [1, 2].map(|n| (id(n), "twin".parse().expect("a name"))).to_vec();
        request.head = Some(id(9));
        rig.ask(Request::Setup(request))
    };
    assert!(matches!(reported[..], [Event::Refused { ground: Ground::Input, .. }]), "{reported:?}");
    let reasons = rig.refusals().join("\n");
    for part in [
        "address is not known",
        "does not make valid host names",
        "two nodes would be called twin",
        "head is not among",
    ] {
        assert!(reasons.contains(part), "{part}: {reasons}");
    }
    rig.ask(Request::Setup(setup(&[])));
    assert_eq!(rig.refusals(), ["there are no nodes to set up"]);
}

#[test]
fn one_job_at_a_time() {
    let mut rig = planned(1);
    rig.ask(Request::Setup(setup(&[1])));
    assert_eq!(rig.refusals(), ["a setup is at work"]);
    assert!(matches!(rig.question().1, Question::Apply { .. }), "the first one is not disturbed");
}

#[test]
fn only_some_steps_are_done_when_only_some_are_wanted() {
    let mut rig = Rig::seen(2);
    begin(&mut rig, |r| r.only = vec![StepId::Hosts]);
    rig.agree();
    assert_eq!(rig.worked, [(id(1), StepId::Hosts), (id(2), StepId::Hosts)]);
    assert_eq!((summary(&rig).done, summary(&rig).already_so), (4, 2));
}

#[test]
fn a_configured_mpi_is_for_a_cluster_that_has_none() {
    let of = |rig: &Rig| rig.dispatcher.world().mpi();
    let mut rig = Rig::seen(2);
    rig.dispatcher.remember_configured_mpi(Some(MpiFamily::Mpich));
    begin(&mut rig, |r| r.only = vec![StepId::Hosts]);
    rig.agree();
    assert_eq!(of(&rig), None, "nothing of this setup needs one");
    begin(&mut rig, |_| {});
    rig.agree();
    assert_eq!((of(&rig), rig.state(1, StepId::Mpi)), (Some(MpiFamily::Mpich), StepState::Done));
    rig.dispatcher.remember_configured_mpi(Some(MpiFamily::OpenMpi));
    begin(&mut rig, |_| {});
    rig.settle();
    assert_eq!((of(&rig), rig.state(1, StepId::Mpi)), (Some(MpiFamily::Mpich), StepState::AlreadySo));
}

#[test]
fn a_foreign_mpi4py_is_a_reservation() {
    let mut rig = Rig::seen(1);
    let node = rig.node(&id(1));
    node.reading = crate::common::with_mpi(node.reading.clone(), MpiFamily::OpenMpi, "4.1.4");
    node.reading.facts.mpi4py.as_mut().expect("mpi4py").family = Some(MpiFamily::Mpich);
    begin(&mut rig, |_| {});
    rig.agree();
    assert_eq!((rig.state(1, StepId::Mpi), rig.state(1, StepId::Smoke)), (StepState::Warned, StepState::Warned));
    assert!(rig.message(1, StepId::Smoke).contains("only the launcher was tried"));
}

/// How often each cell was checked since this was asked last.
fn checks() -> BTreeMap<(NodeId, StepId), usize> {
    let mut counts = BTreeMap::new();
    for cell in CHECKED.take() {
        *counts.entry(cell).or_default() += 1;
    }
    counts
}

#[test]
fn a_cell_is_checked_once_as_long_as_nothing_is_read() {
    checks();
    let mut rig = asked_for_sudo();
    rig.secret(SecretWord::SameAsLogin);
    rig.settle();
    assert!(matches!(rig.question().1, Question::Apply { .. }), "the plan was shown twice by now");
    // Facts are settled as they are read, before the rest of the plan.
    let shown = checks();
    assert_eq!(shown.len(), 11 * 2 + 2, "{shown:?}");
    assert!(shown.values().all(|times| *times == 1), "{shown:?}");
    rig.agree();
    assert_eq!(summary(&rig).failed, 0);

    // Nothing is found that was not read before the first check: no step looks again at its turn.
    checks();
    begin(&mut rig, |_| {});
    rig.settle();
    assert_eq!(summary(&rig).done, 0);
    let again = checks();
    assert!(again.values().all(|times| *times == 1), "{again:?}");
}

#[test]
fn swap_is_a_warning_that_fails_nothing() {
    let mut rig = Rig::seen(2);
    rig.node(&id(2)).reading.facts.swap = vec![Swap { path: "/var/swap".into(), kib: 102_396 }];
    begin(&mut rig, |_| {});
    rig.agree();
    assert_eq!((rig.state(1, StepId::Swap), rig.state(2, StepId::Swap)), (StepState::AlreadySo, StepState::Warned));
    assert_eq!((summary(&rig).warned, summary(&rig).failed, summary(&rig).skipped), (1, 0, 0));
    assert_eq!(rig.state(1, StepId::Smoke), StepState::Done);
    let cell = rig.world().setup.as_ref().expect("a setup").cell(&id(2), StepId::Swap);
    assert!(cell.hint.is_some_and(|hint| hint.contains("dphys-swapfile")));
    assert!(!rig.worked.iter().any(|(_, step)| *step == StepId::Swap), "nothing is changed");
}
