//! Logging in: one table of keys, one password a user, and no node that stops the others.

use pictl_model::event::Event;
use pictl_model::node::Link;
use pictl_model::request::{Answer, Question, Request, SecretWord};
use pictl_model::trust::TrustPolicy;

use super::rig::{Rig, exec, setup};
use crate::common::{id, key, member, sighting};
use crate::input::{Effect, Input};
use crate::ports::{ConnectError, Credential, ScanNews};

/// Members that nobody has logged in to yet, and a command that needs them all.
fn wanted(n: u8, policy: TrustPolicy) -> Rig {
    let mut rig = Rig::with_members(n, (1..=n).map(member).collect());
    let mut request = exec("uptime");
    request.login.trust = policy;
    rig.ask(Request::Exec(request));
    rig.settle();
    rig
}

fn link(rig: &Rig, n: u8) -> Link {
    rig.world().nodes[&id(n)].link.clone()
}

fn why(rig: &Rig, n: u8) -> String {
    match link(rig, n) {
        Link::Failed { why, .. } | Link::Lost { why, .. } => why,
        other => format!("{other:?}"),
    }
}

#[test]
fn unknown_keys_are_asked_for_once_in_one_table() {
    let mut rig = Rig::with_members(3, (1..=3).map(member).collect());
    rig.node(&id(3)).offers = key(2);
    rig.ask(Request::Exec(exec("uptime")));
    // The question waits for the slowest node.
    rig.happen(0);
    rig.happen(0);
    rig.happen(0);
    assert!(rig.world().questions.is_empty());
    rig.happen(0);
    let (_, Question::Trust { rows }) = rig.question() else { panic!("{:?}", rig.world().questions) };
    assert_eq!(rows.iter().map(|r| r.node.clone()).collect::<Vec<_>>(), [id(1), id(2), id(3)]);
    assert!(rows.iter().all(|r| r.fingerprint.0.starts_with("SHA256:") && r.mac.is_none()));
    assert_eq!((&rows[0].same_as, &rows[1].same_as, &rows[2].same_as), (&vec![], &vec![id(3)], &vec![id(2)]));
}

#[test]
fn only_the_keys_that_were_accepted_are_saved() {
    let mut rig = wanted(3, TrustPolicy::Ask);
    rig.reply(Answer::Trust { nodes: vec![id(1), id(3)] });
    let kept = rig.saved_keys.as_ref().expect("saved").to_string();
    assert_eq!(kept.lines().count(), 2);
    assert!(kept.contains("10.0.0.1 ") && kept.contains("10.0.0.3 ") && !kept.contains("10.0.0.2 "), "{kept}");
    assert!(why(&rig, 2).contains("not trusted"));
    rig.settle();
    assert!(matches!(rig.question().1, Question::Password { nodes, .. } if nodes == [id(1), id(3)]));
}

#[test]
fn new_takes_keys_and_reports_each_and_strict_takes_none() {
    let rig = wanted(2, TrustPolicy::New);
    let reported = rig.world().notices.iter().filter(|n| n.text.contains("taken as new: SHA256:")).count();
    assert_eq!(reported, 2);
    assert!(matches!(rig.question().1, Question::Password { .. }));

    let rig = wanted(2, TrustPolicy::Strict);
    assert!(rig.world().questions.is_empty() && rig.saved_keys.is_none());
    assert!(rig.world().exec.as_ref().is_some_and(|e| e.finished), "nobody is waited for");
}

#[test]
fn a_changed_key_and_another_algorithm_stop_their_node_whatever_the_policy() {
    for policy in [TrustPolicy::Ask, TrustPolicy::New] {
        let mut rig = Rig::ready(3);
        rig.node(&id(1)).offers = key(77);
        let mut other = key(2);
        other.algorithm = "ssh-rsa".into();
        rig.node(&id(2)).offers = other;
        let mut request = exec("uptime");
        request.login.trust = policy;
        rig.ask(Request::Exec(request));
        rig.settle();
        assert!(rig.world().questions.is_empty(), "{policy:?}");
        for n in [1, 2] {
            assert!(why(&rig, n).contains("has changed"), "{}", why(&rig, n));
            assert!(matches!(link(&rig, n), Link::Failed { hint, .. } if hint.contains("in between")));
        }
        assert_eq!(link(&rig, 3), Link::Up);
        assert!(rig.world().exec.as_ref().is_some_and(|e| e.nodes[&id(3)].status == Some(0)));
    }
}

#[test]
fn a_password_is_asked_for_once_a_user() {
    let mut members: Vec<_> = (1..=3).map(member).collect();
    members[1].user = "ann".into();
    let mut rig = Rig::with_members(3, members);
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    rig.reply(Answer::Yes);
    rig.settle();
    let asked = |rig: &Rig| match rig.question().1 {
        Question::Password { user, nodes, retry } => (user, nodes, retry),
        other => panic!("{other:?}"),
    };
    assert_eq!(asked(&rig), ("ann".to_owned(), vec![id(2)], None));
    rig.type_in("raspberry");
    rig.settle();
    assert_eq!(asked(&rig), ("pi".to_owned(), vec![id(1), id(3)], None));
    rig.type_in("raspberry");
    rig.settle();
    assert!(rig.world().exec.as_ref().is_some_and(|e| e.finished && e.nodes.values().all(|n| n.status == Some(0))));
}

#[test]
fn a_wrong_password_is_reported_and_after_three_the_node_is_left_alone() {
    let mut rig = wanted(1, TrustPolicy::New);
    for retry in [false, true, true] {
        let Question::Password { retry: reported, .. } = rig.question().1 else { panic!("a password is wanted") };
        assert_eq!(reported.is_some(), retry);
        rig.type_in("wrong");
        rig.settle();
    }
    assert!(rig.world().questions.is_empty());
    assert!(why(&rig, 1).contains("was refused"), "{}", why(&rig, 1));
}

#[test]
fn one_refused_node_does_not_ask_the_others_again() {
    let mut rig = wanted(2, TrustPolicy::New);
    rig.node(&id(2)).password = "other".into();
    rig.type_in("raspberry");
    rig.settle();
    assert_eq!(link(&rig, 1), Link::Up);
    assert!(matches!(rig.question().1, Question::Password { nodes, retry: Some(_), .. } if nodes == [id(2)]));
    rig.secret(SecretWord::Cancel);
    assert!(why(&rig, 2).contains("the password of pi was refused"));
}

#[test]
fn who_gives_no_password_leaves_the_nodes_out() {
    let mut rig = wanted(2, TrustPolicy::New);
    rig.secret(SecretWord::Cancel);
    assert!(rig.world().questions.is_empty());
    assert!(why(&rig, 1).contains("no password was given for pi"));
    assert!(rig.world().exec.as_ref().is_some_and(|e| e.finished));
}

#[test]
fn a_password_typed_into_another_question_answers_nothing() {
    let mut rig = wanted(1, TrustPolicy::Ask);
    rig.type_in("raspberry");
    assert!(matches!(rig.question().1, Question::Trust { .. }));
}

#[test]
fn credentials_go_in_a_fixed_order_and_passwords_last() {
    let mut rig = wanted(1, TrustPolicy::New);
    rig.type_in("raspberry");
    let Some(Effect::Connect { spec, .. }) = rig.due.back() else { panic!("{:?}", rig.due) };
    let kinds: Vec<_> = spec
        .credentials
        .iter()
        .map(|c| match c {
            Credential::Key { .. } => "key",
            Credential::Agent { .. } => "agent",
            Credential::Password(_) => "password",
        })
        .collect();
    assert_eq!(kinds, ["key", "agent", "password"]);
    assert!(!format!("{:?} {:?}", rig.due, rig.events).contains("\"raspberry\""), "no password in any debug text");
}

#[test]
fn a_login_that_goes_on_is_not_begun_again() {
    let mut rig = Rig::ready(1);
    rig.ask(Request::Watch { login: setup(&[]).login });
    rig.happen(0);
    rig.ask(Request::Exec(exec("uptime")));
    rig.ask(Request::Watch { login: setup(&[]).login });
    assert_eq!(rig.count(|e| matches!(e, Effect::Connect { .. })), 1);
}

#[test]
fn a_watched_node_that_goes_away_is_tried_again() {
    let mut rig = Rig::ready(1);
    rig.ask(Request::Watch { login: setup(&[]).login });
    rig.settle();
    rig.lose(1);
    assert!(matches!(link(&rig, 1), Link::Lost { .. }));
    rig.node(&id(1)).reachable = false;
    assert!(rig.world().nodes[&id(1)].next_try.is_some());
    rig.tick();
    assert!(matches!(link(&rig, 1), Link::Failed { .. }));
    assert_eq!(rig.count(|e| matches!(e, Effect::After(..))), 1, "it is tried again after that");
    rig.node(&id(1)).reachable = true;
    rig.tick();
    assert_eq!(link(&rig, 1), Link::Up);
}

#[test]
fn a_key_that_cannot_be_used_is_reported_and_passwords_are_tried() {
    let mut rig = Rig::ready(1);
    rig.ask(Request::Exec(exec("uptime")));
    rig.due.clear();
    rig.key = None;
    rig.input(Input::Key(Err(ConnectError::Key { path: "/home/me/.ssh/id".into(), why: "it is encrypted".into() })));
    assert!(rig.world().notices.back().is_some_and(|n| n.text.contains("encrypted")));
    rig.settle();
    assert!(matches!(rig.question().1, Question::Password { .. }));
}

#[test]
fn a_removed_node_is_disconnected_and_logged_in_again_when_it_is_back() {
    let mut rig = Rig::ready(2);
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    rig.ask(Request::RemoveMember { node: id(2) });
    assert!(!rig.node(&id(2)).up);
    assert_eq!(link(&rig, 2), Link::Idle);
    rig.input(Input::Scan(ScanNews::Host(sighting(2))));
    rig.ask(Request::Adopt { nodes: vec![id(2)], prefix: "pi".into(), login: setup(&[]).login });
    rig.ask(Request::Exec(exec("uptime")));
    assert_eq!(rig.count(|e| matches!(e, Effect::Connect { node, .. } if *node == id(2))), 1);
    rig.settle();
    // A reflashed SD card has another key: the old one was forgotten with the node.
    assert!(matches!(rig.question().1, Question::Trust { rows } if rows[0].node == id(2)));
    rig.reply(Answer::Yes);
    rig.settle();
    assert!(rig.events.iter().rev().any(|e| matches!(e, Event::ExecFinished { .. })));
    assert!(rig.world().exec.as_ref().is_some_and(|e| e.nodes[&id(2)].status == Some(0)));
}
