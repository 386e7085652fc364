//! Inputs in every order, also in those that nobody would meet in a year.

use pictl_model::event::Event;
use pictl_model::node::{Flag, Link, SeenBy, Sighting};
use pictl_model::request::{Answer, MemberChange, Question, Request, ScanRequest, SecretAnswer, SecretWord};
use pictl_model::step::StepId;
use pictl_model::trust::TrustPolicy;
use pictl_model::{Millis, NodeId, Rank, Secret};
use proptest::prelude::*;

use super::rig::{Rig, bench, exec, setup};
use crate::common;
use crate::dispatcher::journal::Kind;
use crate::input::{Effect, Input, Timer};
use crate::launch::News;
use crate::ports::{ScanEnd, ScanError, ScanNews};
use crate::remote::RemoteError;

const NODES: u8 = 3;

/// Something that happens.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// One of the effects that are due happens.
    Happen(usize),
    Setup {
        yes: bool,
        dry_run: bool,
        policy: TrustPolicy,
    },
    Bench {
        repeat: u32,
    },
    Exec,
    Watch,
    Scan {
        watch: bool,
    },
    StopScan,
    /// A pass begins, ends, or cannot be made; at an address nobody answers.
    Look,
    PassEnds(u8),
    PassFails,
    /// An interface answers at an address, and what it is called.
    See {
        interface: u8,
        place: u8,
        name: u8,
        proxied: bool,
    },
    Identify(u8),
    /// A board's time is over.
    EndBlinking(usize),
    Cancel,
    Lose(u8),
    Reach(u8, bool),
    /// The host that others are reached through goes away; it answers or does not.
    LoseJumpHost,
    ReachJumpHost(bool),
    /// The SD card of a node is reflashed, and the node is seen.
    Flash(u8),
    Break(u8, usize),
    /// The first open question is answered: no, yes, or with a password.
    No,
    Yes,
    /// Every host key is trusted by name.
    Trust,
    Password(&'static str),
    SameAsLogin,
    Remove(u8),
    Jump(u8, bool),
    Adopt,
    Head(u8),
    /// News that nobody waits for any more.
    StrayRead(u8),
    StrayStep(u8, usize),
    StrayRun,
    StrayTimer(u8),
}

fn acts() -> impl Strategy<Value = Act> {
    let node = 1..=NODES;
    let policy = prop_oneof![Just(TrustPolicy::Ask), Just(TrustPolicy::New), Just(TrustPolicy::Strict)];
    prop_oneof![
        20 => any::<prop::sample::Index>().prop_map(|at| Act::Happen(at.index(1000))),
        3 => (any::<bool>(), prop::bool::weighted(0.1), policy)
            .prop_map(|(yes, dry_run, policy)| Act::Setup { yes, dry_run, policy }),
        2 => (1..3_u32).prop_map(|repeat| Act::Bench { repeat }),
        1 => Just(Act::Exec),
        1 => Just(Act::Watch),
        1 => any::<bool>().prop_map(|watch| Act::Scan { watch }),
        1 => Just(Act::StopScan),
        1 => Just(Act::Look),
        2 => places().prop_map(Act::PassEnds),
        1 => Just(Act::PassFails),
        6 => (1..=NODES + 2, places(), 0..3_u8, prop::bool::weighted(0.1))
            .prop_map(|(interface, place, name, proxied)| Act::See { interface, place, name, proxied }),
        2 => node.clone().prop_map(Act::Identify),
        2 => any::<prop::sample::Index>().prop_map(|at| Act::EndBlinking(at.index(1000))),
        1 => Just(Act::Cancel),
        2 => node.clone().prop_map(Act::Lose),
        1 => (node.clone(), any::<bool>()).prop_map(|(n, on)| Act::Reach(n, on)),
        1 => Just(Act::LoseJumpHost),
        1 => any::<bool>().prop_map(Act::ReachJumpHost),
        1 => node.clone().prop_map(Act::Flash),
        1 => (node.clone(), any::<bool>()).prop_map(|(n, on)| Act::Jump(n, on)),
        1 => (node.clone(), 2..StepId::ALL.len()).prop_map(|(n, step)| Act::Break(n, step)),
        1 => Just(Act::No),
        5 => Just(Act::Yes),
        2 => Just(Act::Trust),
        3 => Just(Act::Password("raspberry")),
        1 => Just(Act::Password("wrong")),
        1 => Just(Act::SameAsLogin),
        1 => node.clone().prop_map(Act::Remove),
        1 => Just(Act::Adopt),
        1 => node.clone().prop_map(Act::Head),
        1 => node.clone().prop_map(Act::StrayRead),
        1 => (node.clone(), 0..StepId::ALL.len()).prop_map(|(n, step)| Act::StrayStep(n, step)),
        1 => Just(Act::StrayRun),
        1 => node.prop_map(Act::StrayTimer),
    ]
}

/// The nodes' own, and some more.
fn places() -> impl Strategy<Value = u8> {
    prop_oneof![1..=NODES, 40..44_u8]
}

fn jump_host() -> NodeId {
    NodeId::from_address(common::address(200), 22)
}

fn secret(rig: &mut Rig, answer: SecretWord) {
    if let Some((id, _)) = rig.world().questions.first().cloned() {
        rig.input(Input::Secret(SecretAnswer { id, answer }));
    }
}

fn answer(rig: &mut Rig, answer: Answer) {
    if let Some((id, _)) = rig.world().questions.first().cloned() {
        rig.ask(Request::Answer { id, answer });
    }
}

fn act(rig: &mut Rig, act: Act) {
    match act {
        Act::Happen(at) => {
            if !rig.due.is_empty() {
                rig.happen(at % rig.due.len());
            }
        }
        Act::Setup { yes, dry_run, policy } => {
            let mut request = setup(&[1, 2, 3]);
            (request.yes, request.dry_run, request.login.trust) = (yes, dry_run, policy);
            rig.ask(Request::Setup(request));
        }
        Act::Bench { repeat } => {
            let mut request = bench();
            request.repeat = repeat;
            rig.ask(Request::Bench(request));
        }
        Act::Exec => drop(rig.ask(Request::Exec(exec("uptime")))),
        Act::Watch => drop(rig.ask(Request::Watch { login: setup(&[]).login })),
        Act::Scan { watch } => {
            let every = watch.then_some(Millis(1_000));
            rig.ask(Request::Scan(ScanRequest { every, ..ScanRequest::default() }));
        }
        Act::StopScan => drop(rig.ask(Request::StopScan)),
        Act::Look => {
            let started = ScanNews::Started { targets: "lan".into(), method: "memory".into(), addresses: 9 };
            rig.input(Input::Scan(started));
        }
        Act::PassEnds(_) | Act::PassFails if !rig.scanning => {}
        Act::PassEnds(silent) => {
            let silent = vec![common::address(silent)];
            rig.input(Input::ScanEnded(Ok(ScanEnd { problems: Vec::new(), silent })));
        }
        Act::PassFails => {
            let source = std::io::Error::other("no such device");
            rig.input(Input::ScanEnded(Err(ScanError::Io { operation: "bind".into(), source })));
        }
        Act::See { interface, place, name, proxied } => {
            let mut seen = Sighting { address: common::address(place), ..common::sighting(interface) };
            if name > 0 {
                (seen.hostname, seen.seen_by) = (Some(format!("pi{name}.local")), vec![SeenBy::Mdns]);
            }
            if proxied {
                seen.flags.push(Flag::ProxyArp { addresses: 8 });
            }
            let before = rig.world().nodes.clone();
            let reported = rig.input(Input::Scan(ScanNews::Host(seen)));
            for event in reported {
                if let Event::Folded { node, .. } = event {
                    let harmless = before.get(&node).is_none_or(|n| n.member.is_none() && n.link != Link::Up);
                    assert!(harmless, "{node} was taken away");
                }
            }
        }
        Act::Identify(n) => {
            let login = setup(&[]).login;
            rig.ask(Request::Identify { nodes: vec![common::id(n)], time: Millis(5_000), login });
        }
        Act::EndBlinking(at) => {
            let node = rig.blinking.keys().nth(at % rig.blinking.len().max(1)).cloned();
            if let Some(node) = node {
                rig.end_blinking(&node);
            }
        }
        Act::Cancel => drop(rig.ask(Request::Cancel)),
        Act::Lose(n) => {
            if rig.node(&common::id(n)).up {
                rig.lose(n);
            }
        }
        Act::LoseJumpHost => {
            let gate = jump_host();
            if rig.node(&gate).up {
                rig.lose_host(&gate);
            }
        }
        Act::ReachJumpHost(reachable) => rig.node(&jump_host()).reachable = reachable,
        Act::Flash(n) => {
            rig.node(&common::id(n)).offers = common::key(50 + n);
            rig.input(Input::Scan(ScanNews::Host(common::sighting(n))));
        }
        Act::Jump(n, on) => {
            let jump = Some(if on { "gate".into() } else { String::new() });
            rig.ask(Request::SetMember {
                node: common::id(n),
                change: MemberChange { jump, ..MemberChange::default() },
            });
        }
        Act::Reach(n, reachable) => rig.node(&common::id(n)).reachable = reachable,
        Act::Break(n, step) => drop(rig.broken.insert((common::id(n), StepId::ALL[step]))),
        Act::No => answer(rig, Answer::No),
        Act::Yes => answer(rig, Answer::Yes),
        Act::Trust => {
            let nodes = rig.world().nodes.keys().cloned().collect();
            answer(rig, Answer::Trust { nodes });
        }
        Act::Password(word) => secret(rig, SecretWord::This(Secret::new(word.into()))),
        Act::SameAsLogin => secret(rig, SecretWord::SameAsLogin),
        Act::Remove(n) => drop(rig.ask(Request::RemoveMember { node: common::id(n) })),
        Act::Adopt => {
            let nodes = (1..=NODES).map(common::id).collect();
            rig.ask(Request::Adopt { nodes, prefix: "pi".into(), login: setup(&[]).login });
        }
        Act::Head(n) => {
            let change = MemberChange { head: true, ..MemberChange::default() };
            rig.ask(Request::SetMember { node: common::id(n), change });
        }
        Act::StrayRead(n) => {
            let result = Err(RemoteError::new("connection lost: gone", ""));
            rig.input(Input::Read { node: common::id(n), result });
        }
        Act::StrayStep(n, step) => {
            rig.input(Input::StepEnded {
                node: common::id(n),
                step: StepId::ALL[step],
                outcomes: Vec::new(),
                result: Ok(()),
            });
        }
        Act::StrayRun => {
            if let Some(order) = rig.orders.last() {
                let (run, event) = (order.plan.id.clone(), pictl_model::run::RunEvent::Done { rank: Rank(0) });
                rig.input(Input::Run { run, news: News::Event(event) });
            }
        }
        Act::StrayTimer(n) => drop(rig.input(Input::Timer(Timer::Reconnect(common::id(n), 1)))),
    }
}

/// Whatever is under way waits for somebody: a node, or the user.
fn not_stuck(rig: &Rig) -> Result<(), TestCaseError> {
    let members: Vec<_> = rig.world().members().into_iter().filter_map(|n| n.member.clone()).collect();
    prop_assert_eq!(pictl_model::inventory::broken(&members), None);
    prop_assert_eq!(pictl_model::inventory::broken(&rig.members), None);
    let waits = rig.due.iter().any(|e| rig.is_outstanding(e)) || !rig.world().questions.is_empty();
    for id in rig.world().nodes.keys().filter(|id| rig.is_identified(id)) {
        prop_assert!(waits || rig.blinking.contains_key(id), "{} is to blink and waits for nothing", id);
    }
    let looks = rig.scanning || rig.due.iter().any(|e| matches!(e, Effect::After(_, Timer::Pass(_))));
    prop_assert!(looks || rig.world().watching.is_none(), "the watch has fallen asleep");
    prop_assert!(waits || !rig.has(Kind::Setup), "the setup waits for nothing");
    prop_assert!(waits || !rig.has(Kind::Run), "the run waits for nothing");
    prop_assert!(waits || !rig.has(Kind::Exec), "the command waits for nothing");
    prop_assert_eq!(
        rig.has(Kind::Setup),
        rig.world().setup.as_ref().is_some_and(|s| s.summary.is_none()),
        "every setup that began is finished or goes on"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_gets_stuck_whatever_happens(
        sudo in any::<bool>(),
        members in any::<bool>(),
        key in any::<bool>(),
        locked in any::<bool>(),
        jump in any::<bool>(),
        script in prop::collection::vec(acts(), 1..120),
    ) {
        let mut rig = if members { Rig::ready(NODES) } else { Rig::seen(NODES) };
        if sudo {
            for node in rig.nodes.values_mut() {
                node.reading.facts.sudo = Some(pictl_model::node::Sudo::Password);
            }
        }
        if !key {
            rig.key = None;
        }
        rig.passphrase = locked.then_some("wrong");
        rig.add_jump_host("gate", 200);
        if jump && members {
            act(&mut rig, Act::Jump(3, true));
        }
        for one in script {
            act(&mut rig, one);
            not_stuck(&rig)?;
        }
        // In the end all questions can be closed, and all work ends.
        for _ in 0..200 {
            while let Some(at) = rig.due.iter().position(|e| !matches!(e, Effect::After(..))) {
                rig.happen(at);
            }
            let Some((_, question)) = rig.world().questions.first().cloned() else { break };
            match question {
                Question::Trust { .. } => answer(&mut rig, Answer::Yes),
                _ => answer(&mut rig, Answer::No),
            }
            not_stuck(&rig)?;
        }
        while let Some(node) = rig.blinking.keys().next().cloned() {
            rig.end_blinking(&node);
        }
        let dark = rig.world().nodes.values().all(|n| !n.blinking && !rig.is_identified(&n.id));
        prop_assert!(dark, "a board blinks for ever");
        prop_assert_eq!(&rig.world().questions, &[]);
        let links: Vec<_> = rig.world().nodes.values().map(|n| (&n.id, &n.link)).collect();
        prop_assert_eq!(rig.dispatcher.core.journal.busy(), None, "{:?}, due {:?}", links, rig.due);
        prop_assert!(!rig.world().is_busy());
    }
}
