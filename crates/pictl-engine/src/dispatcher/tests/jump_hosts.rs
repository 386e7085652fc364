//! Hosts that others are reached through.

use pictl_model::NodeId;
use pictl_model::event::Event;
use pictl_model::node::Link;
use pictl_model::request::{Answer, ExecRequest, MemberChange, Question, Request};

use super::rig::{Rig, exec, setup};
use crate::common::{address, id, key};
use crate::input::{Effect, Timer};

/// Members of a cluster that is ready, of which all but the first stand behind `gate`; the route is in the inventory.
fn behind(n: u8) -> (Rig, NodeId) {
    let mut rig = Rig::ready(n);
    let gate = rig.add_jump_host("gate", 200);
    for n in 2..=n {
        jump(&mut rig, n, "gate");
        rig.node(&id(n)).behind = Some(gate.clone());
    }
    (rig, gate)
}

fn jump(rig: &mut Rig, n: u8, through: &str) {
    let change = MemberChange { jump: Some(through.into()), ..MemberChange::default() };
    rig.ask(Request::SetMember { node: id(n), change });
}

fn watched(n: u8) -> (Rig, NodeId) {
    let (mut rig, gate) = behind(n);
    rig.ask(Request::Watch { login: setup(&[]).login });
    rig.settle();
    (rig, gate)
}

fn link(rig: &Rig, node: &NodeId) -> Link {
    rig.world().nodes[node].link.clone()
}

fn why(rig: &Rig, n: u8) -> String {
    match link(rig, &id(n)) {
        Link::Failed { why, .. } | Link::Lost { why, .. } => why,
        other => format!("{other:?}"),
    }
}

/// Through what the logins go that are due.
fn ways(rig: &Rig) -> Vec<(NodeId, Option<NodeId>)> {
    let due = rig.due.iter().filter_map(|effect| match effect {
        Effect::Connect { node, spec } => Some((node.clone(), spec.via.clone())),
        _ => None,
    });
    due.collect()
}

fn timers(rig: &Rig) -> Vec<NodeId> {
    let due = rig.due.iter().filter_map(|effect| match effect {
        Effect::After(_, Timer::Reconnect(node, _)) => Some(node.clone()),
        _ => None,
    });
    due.collect()
}

#[test]
fn nodes_behind_a_host_wait_for_it_and_go_through_it() {
    let (mut rig, gate) = behind(3);
    rig.ask(Request::Exec(exec("uptime")));
    while !rig.due.iter().any(|e| matches!(e, Effect::Connect { node, .. } if *node == gate)) {
        rig.happen(0);
    }
    assert_eq!(link(&rig, &id(3)), Link::Waiting { what: "the route through gate".into() });
    rig.settle();
    let up = [id(1), id(2), id(3), gate.clone()];
    assert!(up.iter().all(|node| link(&rig, node) == Link::Up));
    assert!(rig.world().exec.as_ref().is_some_and(|e| e.finished && e.nodes.len() == 3));
    // It has a name, and is no member.
    assert_eq!(rig.world().name_of(&gate), "gate");
    assert!(rig.world().nodes[&gate].member.is_none() && rig.members.iter().all(|m| m.id != gate));
    assert_eq!(rig.dispatcher.core.links.key_login(&id(2)).and_then(|spec| spec.via), Some(gate));
}

#[test]
fn its_host_key_and_its_password_are_asked_for_first() {
    let (mut rig, gate) = behind(2);
    rig.node(&gate).offers = key(201);
    rig.dispatcher.core.links.known = std::sync::Arc::default();
    rig.forget_keys(&gate);
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    let asked = |rig: &Rig| match rig.question().1 {
        Question::Trust { rows } => rows.into_iter().map(|row| row.node).collect::<Vec<_>>(),
        Question::Password { user, nodes, .. } => {
            assert_eq!(user, "me", "where nothing is said it is the operator's own name, as with OpenSSH");
            nodes
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(asked(&rig), [gate.clone(), id(1)]);
    rig.reply(Answer::Yes);
    rig.settle();
    assert_eq!(asked(&rig), std::slice::from_ref(&gate));
    rig.type_in("raspberry");
    rig.settle();
    assert_eq!(asked(&rig), [id(2)]);
    rig.reply(Answer::Yes);
    rig.settle();
    assert_eq!((link(&rig, &id(1)), link(&rig, &id(2))), (Link::Up, Link::Up));
}

#[test]
fn when_it_fails_those_behind_fail_with_its_reason() {
    let (mut rig, gate) = behind(3);
    rig.node(&gate).reachable = false;
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    assert_eq!(link(&rig, &id(1)), Link::Up);
    for n in [2, 3] {
        assert!(
            why(&rig, n).starts_with("the route through gate is closed: cannot reach 10.0.0.200:22"),
            "{}",
            why(&rig, n)
        );
    }
    assert!(rig.world().exec.as_ref().is_some_and(|e| e.finished));

    // Whoever wants them again has it tried again.
    rig.node(&gate).reachable = true;
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    assert!(rig.world().exec.as_ref().is_some_and(|e| e.nodes.values().all(|n| n.status == Some(0))));
}

#[test]
fn an_unknown_name_and_a_key_that_is_not_believed_close_the_way() {
    let (mut rig, gate) = behind(2);
    rig.names.clear();
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    assert_eq!(why(&rig, 2), "the route through gate: no address is known for gate");

    rig.names.insert("gate".into(), address(200));
    rig.node(&gate).offers = key(201);
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    assert!(why(&rig, 2).starts_with("the route through gate is closed: its host key has changed"), "{}", why(&rig, 2));
}

#[test]
fn hosts_are_passed_one_after_another() {
    let mut rig = Rig::ready(1);
    let outer = rig.add_jump_host("outer", 200);
    let inner = rig.add_jump_host("inner", 201);
    rig.node(&inner).behind = Some(outer.clone());
    rig.node(&id(1)).behind = Some(inner.clone());
    jump(&mut rig, 1, "outer,ann@inner:22");
    rig.ask(Request::Exec(exec("uptime")));
    let mut tried = Vec::new();
    while !rig.due.is_empty() {
        tried.extend(ways(&rig));
        rig.happen(0);
    }
    tried.dedup();
    let through = |node: &NodeId| Some(node.clone());
    assert_eq!(tried, [(outer.clone(), None), (inner.clone(), through(&outer)), (id(1), through(&inner))]);
    assert_eq!(link(&rig, &id(1)), Link::Up);

    rig.node(&outer).reachable = false;
    for host in [&outer, &inner, &id(1)] {
        rig.lose_host(host);
    }
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    assert!(
        why(&rig, 1).contains("through inner is closed: the route through outer is closed: cannot"),
        "{}",
        why(&rig, 1)
    );
}

#[test]
fn when_it_comes_back_those_behind_follow() {
    let (mut rig, gate) = watched(4);
    rig.node(&gate).reachable = false;
    // The loss of a node may be noticed before that of the host before it, or after it.
    rig.lose(2);
    rig.lose_host(&gate);
    rig.lose(3);
    rig.lose(4);
    assert_eq!(timers(&rig), [id(2), gate.clone()], "those behind wait for it, not each for itself");
    for _ in 0..3 {
        rig.tick();
        assert!(matches!(link(&rig, &id(3)), Link::Lost { .. } | Link::Failed { .. }));
        assert_eq!(timers(&rig), std::slice::from_ref(&gate));
    }
    rig.node(&gate).reachable = true;
    rig.tick();
    assert!((1..=4).all(|n| link(&rig, &id(n)) == Link::Up) && timers(&rig).is_empty());
    assert_eq!(link(&rig, &gate), Link::Up);
}

#[test]
fn it_is_closed_when_nothing_goes_through_it_any_more() {
    let (mut rig, gate) = watched(3);
    rig.ask(Request::RemoveMember { node: id(2) });
    assert!(rig.node(&gate).up);
    // A member that is reached in another way is connected anew.
    rig.node(&id(3)).behind = None;
    jump(&mut rig, 3, "");
    assert!(!rig.node(&gate).up && link(&rig, &gate) == Link::Idle);
    assert_eq!(ways(&rig), [(id(3), None)]);
    rig.settle();
    assert_eq!(link(&rig, &id(3)), Link::Up);
    assert!(rig.events.iter().all(|e| !matches!(e, Event::Sampled { node, .. } if *node == gate)));
}

#[test]
fn it_is_not_measured_and_not_read() {
    let (mut rig, gate) = behind(2);
    rig.ask(Request::Watch { login: setup(&[]).login });
    let mut wanted = Vec::new();
    while !rig.due.is_empty() {
        let of_gate = |e: &&Effect| matches!(e, Effect::Read(n, _) | Effect::Watch(n) if *n == gate);
        wanted.extend(rig.due.iter().filter(of_gate).map(|e| format!("{e:?}")));
        rig.happen(0);
    }
    rig.ask(Request::Watch { login: setup(&[]).login });
    assert!(wanted.is_empty() && !rig.due.iter().any(|e| matches!(e, Effect::Watch(n) if *n == gate)), "{wanted:?}");
}

#[test]
fn a_member_can_be_the_jump_host_of_the_others() {
    let mut rig = Rig::ready(3);
    for n in [2, 3] {
        rig.node(&id(n)).behind = Some(id(1));
    }
    // By name and by address; the member itself is reached without.
    for through in ["pi01", "10.0.0.1"] {
        let mut request = exec("uptime");
        request.login.jump = Some(through.into());
        rig.ask(Request::Exec(request));
        rig.settle();
        assert!((1..=3).all(|n| link(&rig, &id(n)) == Link::Up), "{through}");
        assert_eq!(rig.world().nodes.len(), 3);
        for n in (1..=3).rev() {
            rig.lose(n);
        }
    }
}

#[test]
fn a_route_in_a_circle_is_refused() {
    let mut rig = Rig::ready(4);
    jump(&mut rig, 1, "pi02");
    jump(&mut rig, 2, "pi03");
    jump(&mut rig, 3, "pi01");
    rig.ask(Request::Exec(exec("uptime")));
    rig.settle();
    assert!(rig.world().exec.as_ref().is_some_and(|e| e.finished));
    for n in 1..=3 {
        assert!(why(&rig, n).contains("leads in a circle: "), "{}", why(&rig, n));
        assert!(why(&rig, n).contains("pi01") && why(&rig, n).contains("pi03"), "{}", why(&rig, n));
    }
    assert_eq!(link(&rig, &id(4)), Link::Up);
}

#[test]
fn a_name_that_cannot_be_looked_up_now_is_looked_up_again() {
    let (mut rig, _) = behind(2);
    let names = std::mem::take(&mut rig.names);
    rig.ask(Request::Watch { login: setup(&[]).login });
    rig.settle();
    rig.tick();
    assert_eq!(why(&rig, 2), "the route through gate: no address is known for gate");
    rig.names = names;
    rig.tick();
    assert_eq!(link(&rig, &id(2)), Link::Up);
}

#[test]
fn a_route_through_too_many_hosts_is_refused() {
    let mut rig = Rig::ready(12);
    for n in 1..12 {
        jump(&mut rig, n, &format!("pi{:02}", n + 1));
    }
    rig.ask(Request::Exec(ExecRequest { nodes: vec![id(1), id(12)], ..exec("uptime") }));
    rig.settle();
    assert!(why(&rig, 1).contains("through more than 8 jump hosts"), "{}", why(&rig, 1));
    assert_eq!(link(&rig, &id(12)), Link::Up);
    assert!(rig.world().exec.as_ref().is_some_and(|e| e.finished));
}
