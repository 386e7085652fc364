//! Passwords and passphrases: one question for all who want the same, one try a node, and what a node took is its own.

use std::path::PathBuf;

use pictl_model::NodeId;
use pictl_model::node::{Link, Sudo};
use pictl_model::request::{Question, Rejected, Request, SecretWord, SetupRequest};
use pictl_model::step::StepId;
use pictl_model::trust::TrustPolicy;

use super::rig::{Rig, exec, setup};
use crate::common::{self, id, member};
use crate::input::{Effect, Input};
use crate::ports::{ConnectError, Credential, Unanswered};
use pictl_formats::facts::FileKind;

/// `n` members whose host keys are known and that the operator's key does not open.
fn by_password(n: u8) -> Rig {
    let mut rig = Rig::ready(n);
    for node in rig.nodes.values_mut() {
        common::put(&mut node.reading, FileKind::AuthorizedKeys, 0o600, b"");
    }
    rig
}

/// `n` members that take the operator's key, which has a passphrase.
fn locked(n: u8) -> Rig {
    let mut rig = Rig::ready(n);
    rig.passphrase = Some("open sesame");
    rig
}

fn link(rig: &Rig, n: u8) -> Link {
    rig.world().nodes[&id(n)].link.clone()
}

/// The user's passwords that logins now due would try, and on which node.
fn offered(rig: &Rig) -> Vec<(NodeId, String)> {
    let due = rig.due.iter().filter_map(|effect| match effect {
        Effect::Connect { node, spec } => Some((node, spec)),
        _ => None,
    });
    let words = |credential: &Credential| match credential {
        Credential::Password(word) => Some(word.expose().to_owned()),
        _ => None,
    };
    due.flat_map(|(node, spec)| spec.credentials.iter().filter_map(words).map(|word| (node.clone(), word))).collect()
}

fn asked_password(rig: &Rig) -> (Vec<NodeId>, Option<Rejected>) {
    match rig.question().1 {
        Question::Password { nodes, retry, .. } => (nodes, retry),
        other => panic!("{other:?}"),
    }
}

fn asked_passphrase(rig: &Rig) -> (PathBuf, Vec<NodeId>, Option<String>) {
    match rig.question().1 {
        Question::Passphrase { key, nodes, retry } => (key, nodes, retry),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nodes_with_another_password_are_asked_for_together_and_each_keeps_its_own() {
    let mut rig = by_password(4);
    for n in [2, 4] {
        rig.node(&id(n)).password = "other".into();
    }
    rig.ask(Request::Watch { login: setup(&[]).login });
    rig.settle();
    assert_eq!(asked_password(&rig), ((1..=4).map(id).collect(), None));
    rig.type_in("raspberry");
    assert_eq!(offered(&rig).len(), 4, "one try a node");
    rig.settle();
    assert_eq!((link(&rig, 1), link(&rig, 3)), (Link::Up, Link::Up));
    assert_eq!(asked_password(&rig), (vec![id(2), id(4)], Some(Rejected::NoReason)));
    rig.type_in("other");
    assert_eq!(offered(&rig), [(id(2), "other".into()), (id(4), "other".into())]);
    rig.settle();
    assert!((1..=4).all(|n| link(&rig, n) == Link::Up));

    // Each is logged in to again with what it took, without a question.
    for n in 1..=4 {
        rig.lose(n);
    }
    let timers: Vec<_> = (0..rig.due.len()).filter(|at| matches!(rig.due[*at], Effect::After(..))).collect();
    for at in timers.into_iter().rev() {
        rig.happen(at);
    }
    let mut again = offered(&rig);
    again.sort();
    let word = |n: u8| if n.is_multiple_of(2) { "other" } else { "raspberry" };
    assert_eq!(again, (1..=4).map(|n| (id(n), word(n).to_owned())).collect::<Vec<_>>());
    rig.settle();
    assert!((1..=4).all(|n| link(&rig, n) == Link::Up) && rig.world().questions.is_empty());
}

#[test]
fn a_question_that_only_a_person_can_answer_is_named_and_the_password_is_not_asked_for_again() {
    for (new_password, advice) in [(false, "`AuthenticationMethods publickey`"), (true, "choose a new password")] {
        let mut rig = by_password(1);
        let question = "Verification code".to_owned();
        (rig.node(&id(1)).password, rig.node(&id(1)).unanswered) =
            ("other".into(), Some(Unanswered { question, new_password }));
        rig.ask(Request::Watch { login: setup(&[]).login });
        rig.settle();
        match link(&rig, 1) {
            Link::Failed { hint, .. } => assert!(hint.contains(advice), "{hint}"),
            other => panic!("{other:?}"),
        }
        assert!(rig.world().questions.is_empty());
        // Once the host does not ask it any more, the password is asked for as ever.
        rig.node(&id(1)).unanswered = None;
        rig.ask(Request::Exec(exec("uptime")));
        rig.settle();
        assert_eq!(asked_password(&rig), (vec![id(1)], None));
    }
}

#[test]
fn a_node_that_comes_later_is_tried_with_the_password_that_the_first_took() {
    let mut rig = by_password(3);
    rig.node(&id(2)).password = "other".into();
    let mut request = exec("uptime");
    request.nodes = vec![id(1), id(2)];
    rig.ask(Request::Exec(request));
    rig.settle();
    rig.type_in("raspberry");
    rig.settle();
    rig.type_in("other");
    rig.settle();
    rig.ask(Request::Exec(exec("uptime")));
    assert_eq!(offered(&rig), [(id(3), "raspberry".into())]);
    rig.settle();
    assert_eq!(link(&rig, 3), Link::Up);
}

#[test]
fn nobody_is_told_of_a_refused_password_where_none_was_given() {
    let mut rig = by_password(2);
    let mut request = exec("uptime");
    request.nodes = vec![id(1)];
    rig.node(&id(1)).password = "other".into();
    rig.ask(Request::Exec(request));
    rig.settle();
    rig.type_in("raspberry");
    rig.happen(0);
    assert_eq!(asked_password(&rig).0, [id(1)]);
    // While that question is open, somebody wants the other one too.
    rig.ask(Request::Watch { login: setup(&[]).login });
    rig.settle();
    rig.type_in("other");
    rig.settle();
    assert_eq!(link(&rig, 1), Link::Up);
    assert_eq!(asked_password(&rig), (vec![id(2)], None));
    rig.type_in("raspberry");
    rig.settle();
    assert_eq!(link(&rig, 2), Link::Up);
}

#[test]
fn a_node_that_starts_may_refuse_a_key_that_it_took_before() {
    let mut rig = Rig::ready(1);
    rig.ask(Request::Watch { login: setup(&[]).login });
    rig.settle();
    let keys = rig.node(&id(1)).reading.clone();
    common::put(&mut rig.node(&id(1)).reading, FileKind::AuthorizedKeys, 0o600, b"");
    rig.lose(1);
    rig.tick();
    assert!(rig.world().questions.is_empty(), "nobody is asked for a password because a node restarts");
    assert!(matches!(link(&rig, 1), Link::Failed { hint, .. } if hint.contains("starting")));
    rig.node(&id(1)).reading = keys;
    rig.tick();
    assert_eq!(link(&rig, 1), Link::Up);

    // One that goes on refusing is asked about in the end.
    common::put(&mut rig.node(&id(1)).reading, FileKind::AuthorizedKeys, 0o600, b"");
    rig.lose(1);
    for _ in 0..6 {
        rig.tick();
    }
    assert_eq!(asked_password(&rig).0, [id(1)]);
}

#[test]
fn a_passphrase_is_asked_for_once_for_all_nodes_and_remembered() {
    let mut rig = locked(3);
    rig.ask(Request::Watch { login: setup(&[]).login });
    rig.settle();
    let all: Vec<_> = (1..=3).map(id).collect();
    assert_eq!(asked_passphrase(&rig), ("/home/me/.ssh/id_ed25519".into(), all.clone(), None));
    rig.type_in("open says me");
    rig.settle();
    assert_eq!(asked_passphrase(&rig).1, all);
    assert!(asked_passphrase(&rig).2.is_some());
    rig.type_in("open sesame");
    rig.settle();
    assert!((1..=3).all(|n| link(&rig, n) == Link::Up));
    rig.lose(2);
    rig.tick();
    assert_eq!(link(&rig, 2), Link::Up);
    let proof = rig.dispatcher.core.links.key_login(&id(1)).expect("a key");
    assert!(matches!(&proof.credentials[..], [Credential::Key { passphrase: Some(_), .. }]));
    assert!(!format!("{:?} {:?}", rig.due, rig.events).contains("sesame"), "no passphrase in any debug text");
    rig.ask(Request::Shutdown);
    let proof = rig.dispatcher.core.links.key_login(&id(1)).expect("a key");
    assert!(matches!(&proof.credentials[..], [Credential::Key { passphrase: None, .. }]), "it is forgotten at the end");
}

/// The nodes do not know the key yet, so no login has asked for its passphrase; the proof that it works needs it.
#[test]
fn a_key_with_a_passphrase_is_put_there_and_proved_in_one_go() {
    for given in [true, false] {
        let mut rig = by_password(2);
        rig.key.as_mut().expect("a key").locked = true;
        rig.ask(Request::Setup(SetupRequest { only: vec![StepId::OperatorKey], yes: true, ..setup(&[]) }));
        rig.settle();
        rig.type_in("raspberry");
        rig.settle();
        assert_eq!(asked_passphrase(&rig), ("/home/me/.ssh/id_ed25519".into(), vec![id(1), id(2)], None));
        if given {
            rig.type_in("open sesame");
        } else {
            rig.secret(SecretWord::Cancel);
        }
        let proofs = rig.due.iter().filter_map(|effect| match effect {
            Effect::Do { key_login: Some(spec), .. } => Some(&spec.credentials[..]),
            _ => None,
        });
        let opened = proofs.map(|with| matches!(with, [Credential::Key { passphrase: Some(_), .. }]));
        assert_eq!(opened.collect::<Vec<_>>(), [given, given]);
        rig.settle();
        assert!(rig.world().questions.is_empty() && rig.state(1, StepId::OperatorKey).is_final());
    }
}

#[test]
fn without_the_passphrase_a_password_is_asked_for() {
    for cancel in [false, true] {
        let mut rig = locked(2);
        rig.ask(Request::Exec(exec("uptime")));
        rig.settle();
        if cancel {
            rig.secret(SecretWord::Cancel);
        } else {
            for _ in 0..3 {
                rig.type_in("open says me");
                rig.settle();
            }
        }
        rig.settle();
        assert_eq!(asked_password(&rig), (vec![id(1), id(2)], None));
        rig.type_in("raspberry");
        rig.settle();
        assert_eq!((link(&rig, 1), link(&rig, 2)), (Link::Up, Link::Up));
    }
}

#[test]
fn without_a_passphrase_a_host_without_passwords_fails_with_the_reason() {
    let mut rig = locked(1);
    rig.node(&id(1)).passwords = false;
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    rig.secret(SecretWord::Cancel);
    rig.settle();
    assert!(
        matches!(link(&rig, 1), Link::Failed { hint, .. } if hint.contains("passphrase of /home/me/.ssh/id_ed25519"))
    );
    // Whoever tries again is asked again.
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    assert_eq!(asked_passphrase(&rig).1, [id(1)]);
}

#[test]
fn a_key_file_that_cannot_be_read_is_reported_once_and_left_out() {
    let mut members: Vec<_> = (1..=2).map(member).collect();
    for one in &mut members {
        one.identity = Some("/home/me/.ssh/old".into());
    }
    let mut rig = Rig::with_members(2, members);
    let mut request = exec("uptime");
    request.login.trust = TrustPolicy::New;
    rig.ask(Request::Exec(request));
    rig.happen(0);
    rig.due.clear();
    for n in [1, 2] {
        let error = ConnectError::Key { path: "/home/me/.ssh/old".into(), why: "it is no private key".into() };
        rig.input(Input::Connected { node: id(n), result: Err(error) });
    }
    assert_eq!(rig.world().notices.iter().filter(|n| n.text.contains("/home/me/.ssh/old")).count(), 1);
    for effect in &rig.due {
        let Effect::Connect { spec, .. } = effect else { panic!("{effect:?}") };
        let offered = format!("{:?}", spec.credentials);
        assert!(!offered.contains("/old") && offered.contains("id_ed25519"), "{offered}");
    }
    assert_eq!(rig.due.len(), 2);
}

#[test]
fn sudo_is_given_each_node_s_own_password_and_asked_for_user_by_user() {
    let mut members: Vec<_> = (1..=3).map(member).collect();
    members[2].user = "ann".into();
    let mut rig = Rig::with_members(3, members);
    for (n, word) in [(1, "one"), (2, "two"), (3, "three")] {
        let node = rig.node(&id(n));
        (node.password, node.sudo) = (word.into(), word.into());
        node.reading.facts.sudo = Some(Sudo::Password);
    }
    rig.node(&id(2)).sudo = "another".into();
    let mut request = setup(&[]);
    request.login.trust = TrustPolicy::New;
    rig.ask(Request::Setup(request));
    rig.settle();
    for word in ["three", "one", "two"] {
        rig.type_in(word);
        rig.settle();
    }
    let asked = |rig: &Rig| match rig.question().1 {
        Question::SudoPassword { user, nodes, same_offered, retry } => (user, nodes, same_offered, retry.is_some()),
        other => panic!("{other:?}"),
    };
    assert_eq!(asked(&rig), ("ann".into(), vec![id(3)], true, false));
    rig.secret(SecretWord::SameAsLogin);
    rig.settle();
    assert_eq!(asked(&rig), ("pi".into(), vec![id(1), id(2)], true, false));
    rig.secret(SecretWord::SameAsLogin);
    rig.settle();
    assert_eq!(asked(&rig), ("pi".into(), vec![id(2)], true, true));
    rig.type_in("another");
    rig.settle();
    assert!(matches!(rig.question().1, Question::Apply { .. }));
}
