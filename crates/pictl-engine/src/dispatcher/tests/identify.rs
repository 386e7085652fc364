//! Boards whose LEDs blink, members and others, beside whatever else is at work.

use pictl_model::event::Event;
use pictl_model::node::{Link, Sudo};
use pictl_model::request::{Answer, Ground, Login, Question, Request, SecretWord};
use pictl_model::{Millis, NodeId};

use super::rig::{Rig, exec, setup};
use crate::common::{id, sighting};
use crate::input::{BlinkNews, Effect, Input};
use crate::ports::ScanNews;
use crate::remote::RemoteError;

fn identify(rig: &mut Rig, nodes: &[u8]) -> Vec<Event> {
    let nodes = nodes.iter().map(|n| id(*n)).collect();
    rig.ask(Request::Identify { nodes, time: Millis(15_000), login: Login::default() })
}

/// What was reported of a board: `on`, `off`, or why it does not blink.
fn reported(rig: &Rig, n: u8) -> Vec<String> {
    let reported = rig.events.iter().filter_map(|e| match e {
        Event::Blinking { node, on, problem } if *node == id(n) => {
            Some(problem.clone().unwrap_or_else(|| if *on { "on" } else { "off" }.to_owned()))
        }
        _ => None,
    });
    reported.collect()
}

fn with_sudo(rig: &mut Rig, sudo: Sudo) {
    for node in rig.nodes.values_mut() {
        node.reading.facts.sudo = Some(sudo);
    }
}

fn link(rig: &Rig, n: u8) -> Link {
    rig.world().nodes[&id(n)].link.clone()
}

#[test]
fn a_member_blinks_and_stays_connected() {
    let mut rig = Rig::ready(2);
    identify(&mut rig, &[2]);
    rig.settle();
    assert_eq!((reported(&rig, 2), rig.world().nodes[&id(2)].blinking), (vec!["on".into()], true));
    assert!(rig.dispatcher.core.journal.busy().is_none());
    rig.end_blinking(&id(2));
    assert_eq!((reported(&rig, 2), rig.world().nodes[&id(2)].blinking), (vec!["on".into(), "off".into()], false));
    assert_eq!((link(&rig, 2), link(&rig, 1)), (Link::Up, Link::Idle));
    // It is known now how root is had there.
    identify(&mut rig, &[2]);
    assert_eq!(rig.count(|e| matches!(e, Effect::Read(..))), 0);
    assert_eq!(rig.count(|e| matches!(e, Effect::Blink { time, .. } if time.as_secs() == 15)), 1);
}

#[test]
fn a_board_that_is_in_no_cluster_is_logged_in_to_and_let_go_afterwards() {
    let mut rig = Rig::seen(2);
    identify(&mut rig, &[1, 2]);
    rig.settle();
    assert!(matches!(rig.question().1, Question::Trust { rows } if rows.len() == 2));
    rig.agree();
    assert_eq!(rig.blinking.len(), 2);
    assert!(rig.members.is_empty());
    rig.end_blinking(&id(1));
    assert_eq!((link(&rig, 1), link(&rig, 2)), (Link::Idle, Link::Up));
    assert!(!rig.node(&id(1)).up);
    // What it reported of itself is still known.
    assert!(rig.world().nodes[&id(1)].model().is_some());
}

#[test]
fn a_connection_that_others_want_stays() {
    let mut rig = Rig::seen(1);
    identify(&mut rig, &[1]);
    rig.agree();
    rig.ask(Request::Setup(setup(&[1])));
    rig.end_blinking(&id(1));
    assert_eq!(link(&rig, 1), Link::Up);
    rig.agree();
    identify(&mut rig, &[1]);
    rig.settle();
    rig.end_blinking(&id(1));
    assert_eq!(link(&rig, 1), Link::Up, "it was connected before");
}

#[test]
fn it_disturbs_no_work_and_work_does_not_disturb_it() {
    let mut rig = Rig::ready(2);
    rig.ask(Request::Exec(exec("uptime")));
    identify(&mut rig, &[1]);
    assert_eq!(rig.refusals(), [""; 0]);
    rig.settle();
    assert_eq!(reported(&rig, 1), ["on"]);
    assert!(rig.world().exec.as_ref().is_some_and(|exec| exec.finished));
    rig.ask(Request::Setup(setup(&[1, 2])));
    rig.agree();
    assert!(rig.world().setup.as_ref().and_then(|s| s.summary).is_some_and(|summary| summary.failed == 0));
    rig.end_blinking(&id(1));
    assert_eq!(reported(&rig, 1), ["on", "off"]);
}

#[test]
fn a_board_that_cannot_be_read_does_not_blink_and_a_run_that_is_prepared_goes_on() {
    let mut rig = Rig::ready(2);
    rig.ask(Request::Bench(super::rig::bench()));
    let n9 = NodeId::from_mac(crate::common::mac(9));
    rig.nodes.insert(n9.clone(), super::rig::Node::new(9));
    rig.input(Input::Scan(ScanNews::Host(sighting(9))));
    identify(&mut rig, &[9]);
    while !rig.due.iter().any(|e| matches!(e, Effect::Read(node, _) if *node == n9)) {
        if rig.world().questions.is_empty() {
            rig.happen(0);
        } else {
            match rig.question().1 {
                Question::Trust { .. } => drop(rig.reply(Answer::Yes)),
                _ => rig.type_in("raspberry"),
            }
        }
    }
    rig.due.retain(|e| !matches!(e, Effect::Read(node, _) if *node == n9));
    rig.input(Input::Read { node: n9, result: Err(RemoteError::new("timed out after 60 s", "look at it")) });
    assert_eq!(reported(&rig, 9), ["timed out after 60 s; look at it"]);
    rig.settle();
    assert_eq!((rig.refusals(), rig.orders.len()), (vec![], 1));
}

#[test]
fn the_password_of_sudo_is_asked_for_once_and_remembered() {
    let mut rig = Rig::ready(3);
    with_sudo(&mut rig, Sudo::Password);
    identify(&mut rig, &[1, 2]);
    rig.settle();
    let question = |rig: &Rig| match rig.question().1 {
        Question::SudoPassword { user, nodes, same_offered, retry } => (user, nodes.len(), same_offered, retry),
        other => panic!("{other:?}"),
    };
    assert_eq!(question(&rig), ("pi".into(), 2, false, None));
    rig.type_in("wrong");
    rig.settle();
    assert_eq!(question(&rig), ("pi".into(), 2, false, Some("Sorry, try again.".into())));
    rig.type_in("raspberry");
    rig.settle();
    assert_eq!(rig.blinking.len(), 2);
    // A setup need not ask for it, and neither does it once more.
    assert_eq!(rig.dispatcher.core.sudo.len(), 2);
    rig.end_blinking(&id(1));
    identify(&mut rig, &[1]);
    rig.settle();
    assert_eq!(reported(&rig, 1), ["on", "off", "on"]);
    // A password that is not right any more is forgotten.
    rig.end_blinking(&id(1));
    rig.node(&id(1)).sudo = "another".into();
    identify(&mut rig, &[1]);
    rig.settle();
    for word in ["wrong", "wrong", "wrong"] {
        assert!(matches!(rig.question().1, Question::SudoPassword { .. }));
        rig.type_in(word);
        rig.settle();
    }
    assert_eq!(reported(&rig, 1).last().map(String::as_str), Some("Sorry, try again.; check the sudo password"));
    assert!(rig.world().questions.is_empty() && rig.dispatcher.core.sudo.password(&id(1)).is_none());
}

#[test]
fn who_gives_no_password_sees_nothing_blink() {
    let mut rig = Rig::ready(2);
    with_sudo(&mut rig, Sudo::Password);
    identify(&mut rig, &[1, 2]);
    rig.settle();
    rig.secret(SecretWord::Cancel);
    assert_eq!(reported(&rig, 1), ["switching its LED needs sudo's password; none was given"]);
    assert!(!rig.is_identified(&id(2)));
}

#[test]
fn two_who_want_sudo_s_password_get_their_own() {
    let mut rig = Rig::ready(2);
    with_sudo(&mut rig, Sudo::Password);
    rig.ask(Request::Setup(setup(&[1, 2])));
    rig.settle();
    assert!(matches!(rig.question().1, Question::SudoPassword { .. }));
    identify(&mut rig, &[1]);
    rig.settle();
    // The question of the setup is the open one; what is typed there serves both.
    rig.type_in("raspberry");
    rig.settle();
    assert_eq!(reported(&rig, 1), ["on"]);
    rig.agree();
    assert!(rig.world().setup.as_ref().is_some_and(|s| s.summary.is_some_and(|summary| summary.failed == 0)));
}

#[test]
fn without_root_the_board_says_what_is_missing() {
    let mut rig = Rig::ready(1);
    with_sudo(&mut rig, Sudo::Missing);
    identify(&mut rig, &[1]);
    rig.settle();
    assert_eq!(reported(&rig, 1), ["switching the LED needs root; log in as root"]);
    rig.node(&id(1)).reading.facts.sudo = None;
    identify(&mut rig, &[1]);
    rig.settle();
    assert_eq!(reported(&rig, 1).len(), 2);
}

#[test]
fn a_board_that_cannot_be_reached_or_goes_away_is_reported() {
    let mut rig = Rig::ready(3);
    rig.node(&id(2)).reachable = false;
    identify(&mut rig, &[1, 2, 3]);
    rig.settle();
    assert_eq!(reported(&rig, 2), ["cannot reach 10.0.0.2:22: no answer within 5 s; check power and cable"]);
    assert!(matches!(link(&rig, 2), Link::Failed { .. }));
    rig.lose(1);
    assert_eq!(reported(&rig, 1)[1], "the connection was lost: no answer to keep-alive; check its power and cable");
    assert!(!rig.world().nodes[&id(1)].blinking && rig.world().nodes[&id(3)].blinking);
    // A word of the one before comes late.
    identify(&mut rig, &[1]);
    let job = pictl_model::JobId(1);
    assert_eq!(rig.input(Input::Blink { job, node: id(1), news: BlinkNews::Ended(Ok(())) }), []);
    rig.settle();
    assert_eq!(reported(&rig, 1).last().map(String::as_str), Some("on"));
}

#[test]
fn a_cancel_ends_all_blinking_whatever_it_waits_for() {
    let mut rig = Rig::ready(1);
    for n in 2..=3 {
        rig.nodes.insert(id(n), super::rig::Node::new(n));
        rig.input(Input::Scan(ScanNews::Host(sighting(n))));
    }
    identify(&mut rig, &[1]);
    rig.settle();
    identify(&mut rig, &[2, 3]);
    rig.settle();
    assert!(matches!(rig.question().1, Question::Trust { .. }));
    rig.ask(Request::Cancel);
    assert!((1..=3).all(|n| reported(&rig, n).last().map(String::as_str) == Some("off")));
    assert!(rig.blinking.is_empty() && rig.world().questions.is_empty());
    assert_eq!((link(&rig, 1), link(&rig, 2)), (Link::Up, Link::Idle));
}

#[test]
fn boards_that_nobody_knows_are_refused() {
    let mut rig = Rig::ready(1);
    let reported = identify(&mut rig, &[1, 9]);
    assert!(matches!(&reported[..], [Event::Refused { ground: Ground::Input, reasons, .. }] if reasons.len() == 1));
    assert!(matches!(identify(&mut rig, &[])[..], [Event::Refused { .. }]));
    assert!(!rig.is_identified(&id(1)));
    // A board that blinks already is left as it is.
    identify(&mut rig, &[1]);
    rig.settle();
    assert_eq!(identify(&mut rig, &[1]), []);
}
