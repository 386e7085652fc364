//! Work on keys: light readings, rotations that are cut off and gone on with, copied cards, pairs, and passwords.

use pictl_formats::authorized_keys::contains;
use pictl_formats::facts::FileKind;
use pictl_formats::known_hosts::fingerprint;
use pictl_model::event::{Event, PairProblem};
use pictl_model::node::Sudo;
use pictl_model::request::{KeyWork, Request};
use pictl_model::step::{SetupSummary, StepId, StepState};
use pictl_model::trust::Trust;

use super::rig::{Rig, setup};
use crate::common::{address, id, key, new_operator_line, next_line, operator_line, public_line};
use crate::input::{Effect, Input};
use crate::setup::action::StepNews;

const ROTATE: [StepId; 2] = [StepId::OperatorKey, StepId::Revoke];
const MESH: [StepId; 4] = [StepId::NodeKey, StepId::Mesh, StepId::KnownHosts, StepId::Pairs];

fn begin(rig: &mut Rig, only: &[StepId], keys: KeyWork) {
    let nodes: Vec<u8> = (1..=u8::try_from(rig.nodes.len()).expect("few")).collect();
    let mut request = setup(&nodes);
    (request.only, request.keys, request.yes) = (only.to_vec(), keys, true);
    rig.ask(Request::Setup(request));
}

fn work(rig: &mut Rig, only: &[StepId], keys: KeyWork) -> SetupSummary {
    begin(rig, only, keys);
    rig.agree();
    rig.world().setup.as_ref().and_then(|s| s.summary).expect("it ended")
}

fn lets_in(rig: &mut Rig, n: u8, line: &str) -> bool {
    let file = rig.node(&id(n)).reading.files[&FileKind::AuthorizedKeys].content().to_vec();
    contains(&String::from_utf8_lossy(&file), line)
}

fn notices(rig: &Rig) -> Vec<&str> {
    let texts = rig.events.iter().filter_map(|e| match e {
        Event::Notice { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

#[test]
fn work_on_keys_reads_little_and_what_was_known_stays() {
    let mut rig = Rig::ready(2);
    work(&mut rig, &[], KeyWork::default());
    let facts = rig.world().nodes[&id(1)].facts.clone().expect("all was read");
    assert!(!facts.mpi.is_empty());
    begin(&mut rig, &[StepId::OperatorKey], KeyWork::default());
    assert_eq!(rig.count(|e| matches!(e, Effect::ReadKeys { names: false, root: false, .. })), 2);
    assert_eq!(rig.count(|e| matches!(e, Effect::Read(..))), 0);
    rig.settle();
    assert_eq!(rig.world().nodes[&id(1)].facts, Some(facts));

    let keys = KeyWork { passwords: Some(false), ..KeyWork::default() };
    begin(&mut rig, &[StepId::Pairs, StepId::PasswordLogin], keys);
    assert_eq!(rig.count(|e| matches!(e, Effect::ReadKeys { names: true, root: true, .. })), 2);
    rig.settle();
    begin(&mut rig, &[StepId::OperatorKey, StepId::Hosts], KeyWork::default());
    assert_eq!(rig.count(|e| matches!(e, Effect::Read(..))), 2, "names are no matter of keys");
}

#[test]
fn too_little_to_be_shown_is_not_shown() {
    let mut rig = Rig::seen(1);
    work(&mut rig, &[StepId::OperatorKey], KeyWork::default());
    assert_eq!(rig.state(1, StepId::OperatorKey), StepState::Done);
    assert_eq!(rig.world().nodes[&id(1)].facts, None);
}

#[test]
fn a_part_that_comes_late_is_not_taken_for_all() {
    let mut rig = Rig::ready(1);
    begin(&mut rig, &[StepId::OperatorKey], KeyWork::default());
    rig.settle();
    let part = crate::common::part(&rig.node(&id(1)).reading);
    rig.ask(Request::Bench(super::rig::bench()));
    let before = rig.events.len();
    rig.input(Input::Read { node: id(1), result: Ok(Box::new(part)) });
    assert_eq!(rig.events.len(), before, "the run waits for all of it");
}

#[test]
fn the_operator_s_key_is_rotated() {
    let mut rig = Rig::ready(3);
    let rotate = KeyWork { rotate: true, ..KeyWork::default() };
    let summary = work(&mut rig, &ROTATE, rotate);
    assert_eq!((summary.done, summary.failed), (3 * 2, 0));
    for n in 1..=3 {
        assert!(lets_in(&mut rig, n, &new_operator_line()) && !lets_in(&mut rig, n, &operator_line()));
    }
    assert!(rig.new_key.is_none(), "it is the operator's key now");
    assert!(notices(&rig).iter().any(|text| text.contains("your key is /home/me/.ssh/pictl_ed25519 ")));
    // The next login is made with it.
    rig.lose(1);
    let again = work(&mut rig, &[StepId::OperatorKey], KeyWork::default());
    assert_eq!((again.done, again.failed), (0, 0));
}

#[test]
fn a_rotation_that_is_cut_off_goes_on_with_the_same_key() {
    // The connection breaks before the first work on the second node, and before its second.
    for works in 0..=1 {
        let mut rig = Rig::ready(3);
        let rotate = KeyWork { rotate: true, ..KeyWork::default() };
        begin(&mut rig, &ROTATE, rotate.clone());
        let at_work = |rig: &Rig| rig.due.iter().position(|e| matches!(e, Effect::Do { node, .. } if *node == id(2)));
        while at_work(&rig).is_none() {
            rig.happen(0);
        }
        for _ in 0..works {
            let at = at_work(&rig).expect("work");
            rig.happen(at);
        }
        rig.vanish(2);
        rig.settle();
        assert!(lets_in(&mut rig, 2, &operator_line()), "{works}: the old key stays where the new is not proved");
        assert!(!lets_in(&mut rig, 1, &operator_line()), "{works}");
        assert!(rig.new_key.is_some() && rig.key.as_ref().is_some_and(|k| k.public == operator_line()), "{works}");
        assert!(notices(&rig).iter().any(|text| text.contains("continues")), "{works}");

        // Whoever begins anew has to come in to nodes that know the new key only.
        rig.node(&id(2)).reachable = true;
        for n in [1, 3] {
            rig.lose(n);
        }
        let summary = work(&mut rig, &ROTATE, rotate);
        assert_eq!(summary.failed, 0, "{works}");
        for n in 1..=3 {
            assert!(lets_in(&mut rig, n, &new_operator_line()) && !lets_in(&mut rig, n, &operator_line()), "{works}");
        }
        assert!(rig.new_key.is_none(), "{works}");
    }
}

/// The key was put there before its proof failed; whoever edits the same file next must know.
#[test]
fn what_was_done_before_a_step_failed_is_built_upon() {
    let mut rig = Rig::seen(2);
    rig.node(&id(1)).no_keys = true;
    let summary = work(&mut rig, &[StepId::OperatorKey, StepId::NodeKey, StepId::Mesh], KeyWork::default());
    assert_eq!((summary.failed, rig.state(1, StepId::OperatorKey)), (1, StepState::Failed));
    assert_eq!(rig.state(1, StepId::Mesh), StepState::Done);
    for line in [operator_line(), public_line(1), public_line(2)] {
        assert!(lets_in(&mut rig, 1, line.trim()), "{line}");
    }
}

#[test]
fn where_there_is_no_key_one_is_made_and_nothing_is_rotated() {
    let mut rig = Rig::seen(1);
    rig.key = None;
    let summary = work(&mut rig, &ROTATE, KeyWork { rotate: true, ..KeyWork::default() });
    assert_eq!((summary.failed, rig.new_key.is_none()), (0, true));
    assert!(lets_in(&mut rig, 1, &operator_line()));
}

#[test]
fn the_nodes_keys_are_rotated_in_an_order_in_which_every_pair_always_works() {
    let mut rig = Rig::ready(2);
    work(&mut rig, &MESH, KeyWork::default());
    assert!(lets_in(&mut rig, 1, &public_line(2)));
    rig.worked.clear();
    let keys = KeyWork { rotate_nodes: true, ..KeyWork::default() };
    let summary = work(&mut rig, &[&MESH[..], &[StepId::Revoke]].concat(), keys);
    assert_eq!((summary.failed, summary.skipped), (0, 0));
    for n in [1, 2] {
        assert_eq!(rig.state(n, StepId::Pairs), StepState::Done);
        for other in [1, 2] {
            assert!(lets_in(&mut rig, n, &next_line(other)) && !lets_in(&mut rig, n, &public_line(other)));
        }
    }
    let steps: Vec<_> = rig.worked.iter().map(|(_, step)| *step).collect();
    let wanted = [StepId::NodeKey, StepId::Mesh, StepId::Pairs, StepId::Revoke];
    assert_eq!(steps, wanted.iter().flat_map(|step| [*step; 2]).collect::<Vec<_>>());
}

#[test]
fn each_pair_is_reported_as_it_is_known() {
    let mut rig = Rig::ready(2);
    begin(&mut rig, &[StepId::Pairs], KeyWork::default());
    let problem = Some(PairProblem { why: "no".into(), hint: "look".into() });
    let news = StepNews::Pair { to: id(2), problem: problem.clone() };
    let reported = rig.input(Input::StepNews { node: id(1), step: StepId::Pairs, news });
    assert_eq!(reported, [Event::Pair { from: id(1), to: id(2), problem }]);
    assert!(rig.world().pairs.contains_key(&(id(1), id(2))));
    rig.settle();
    assert_eq!(rig.state(2, StepId::Pairs), StepState::AlreadySo);
}

/// Two nodes of which the second is a copy of the first.
fn copied() -> Rig {
    let mut rig = Rig::ready(2);
    let first = rig.node(&id(1)).reading.facts.machine_id.clone();
    let second = rig.node(&id(2));
    (second.reading.host_keys, second.reading.facts.machine_id, second.offers) = (vec![key(1)], first, key(1));
    let known = std::sync::Arc::make_mut(&mut rig.dispatcher.core.links.known);
    known.remove(&address(2).to_string(), 22);
    known.add(&[address(2).to_string()], &key(1));
    rig
}

#[test]
fn a_cloned_sd_card_is_a_reservation_of_every_setup() {
    let mut rig = copied();
    work(&mut rig, &[], KeyWork::default());
    assert_eq!(
        (rig.state(1, StepId::Identity), rig.state(2, StepId::Identity)),
        (StepState::AlreadySo, StepState::Warned)
    );
    assert_eq!(rig.state(1, StepId::Smoke), StepState::Done);
}

#[test]
fn new_host_keys_are_believed_before_they_are_used_and_known_everywhere_after() {
    let mut rig = copied();
    begin(&mut rig, &[StepId::Identity, StepId::KnownHosts], KeyWork { unclone: true, ..KeyWork::default() });
    while !rig.worked.contains(&(id(2), StepId::Identity)) {
        rig.happen(0);
    }
    let trust = |rig: &Rig, n| {
        let known = rig.saved_keys.clone().unwrap_or_default();
        known.judge(&address(2).to_string(), 22, &key(n))
    };
    assert_eq!(rig.state(1, StepId::KnownHosts), StepState::Planned, "which keys there will be is not known yet");
    let at = rig.due.iter().position(|e| matches!(e, Effect::Do { .. })).expect("work");
    rig.happen(at);
    assert_eq!((trust(&rig, 1), trust(&rig, 52)), (Trust::Known, Trust::Known), "both, while it is put in place");
    rig.settle();
    assert_eq!(rig.state(2, StepId::Identity), StepState::Done, "{}", rig.message(2, StepId::Identity));
    assert_eq!((trust(&rig, 1), trust(&rig, 52)), (Trust::Changed, Trust::Known));
    let member = rig.members.iter().find(|m| m.id == id(2)).expect("a member");
    assert_eq!(member.host_key, Some(fingerprint(&key(52))));
    for n in [1, 2] {
        let known = rig.node(&id(n)).reading.files[&FileKind::KnownHosts].content().to_vec();
        assert!(String::from_utf8_lossy(&known).contains(&key(52).line()), "on {n}");
    }
    let again =
        work(&mut rig, &[StepId::Identity, StepId::KnownHosts], KeyWork { unclone: true, ..KeyWork::default() });
    assert_eq!((again.done, again.failed, again.warned), (0, 0, 0));
}

#[test]
fn keys_that_are_nowhere_are_reported_and_names_that_mean_none_are_refused() {
    let mut rig = Rig::ready(2);
    let keys = |word: &str| KeyWork { remove: vec![word.into()], ..KeyWork::default() };
    let summary = work(&mut rig, &[StepId::Revoke], keys("nobody@home"));
    assert_eq!((summary.done, summary.failed), (0, 0));
    assert!(notices(&rig).iter().any(|text| text.contains("nobody@home")));
    begin(&mut rig, &[StepId::Revoke], keys("SHA256:short"));
    assert!(rig.refusals()[0].contains("does not name a key"));
}

#[test]
fn passwords_are_switched_off_with_root_s_rights() {
    let mut rig = Rig::ready(1);
    rig.node(&id(1)).reading.facts.sudo = Some(Sudo::Password);
    let passwords = |on| KeyWork { passwords: Some(on), ..KeyWork::default() };
    let off = work(&mut rig, &[StepId::PasswordLogin], passwords(false));
    assert_eq!((off.done, rig.state(1, StepId::PasswordLogin)), (1, StepState::Done));
    let again = work(&mut rig, &[StepId::PasswordLogin], passwords(false));
    assert_eq!((again.done, again.already_so), (0, 3));
    work(&mut rig, &[StepId::PasswordLogin], passwords(true));
    assert_eq!(rig.state(1, StepId::PasswordLogin), StepState::Done);
}
