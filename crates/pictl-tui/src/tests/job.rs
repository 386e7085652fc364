//! The whole job by keyboard, and what the keys of the screens ask for.

use pictl_model::event::Level;
use pictl_model::node::{Member, MpiFamily};
use pictl_model::request::{Answer, Question, Request, SecretAnswer, SecretWord};
use pictl_model::{Event, Millis, QuestionId};

use super::screens::text;
use crate::fixtures::{BEGIN, SCENES, Session, member_at, options, scene};
use crate::messages::Effect;
use crate::{Clock, Options, Player};

/// What was asked of the engine since the last look.
pub(super) fn requests(session: &mut Session) -> Vec<Request> {
    let effects = std::mem::take(&mut session.effects);
    effects.into_iter().filter_map(|e| if let Effect::Send(request) = e { Some(request) } else { None }).collect()
}

/// The picture at 80x24 as text.
pub(super) fn seen(session: &mut Session) -> String {
    text(&session.picture(80, 24))
}

/// The scene of this name.
pub(super) fn at(name: &str) -> Session {
    let mut session = scene(name).unwrap_or_else(|| panic!("no scene {name}"));
    session.effects.clear();
    session
}

#[test]
fn from_nothing_to_a_running_benchmark_in_nine_keys_and_a_password() {
    let mut keys = 0;
    let mut s = Session::new(options());
    let press = |s: &mut Session, key: &str| {
        s.keys(key);
        requests(s)
    };
    // The engine's part is taken from the scenes: each begins where the one before ended.
    keys += 1;
    assert!(matches!(press(&mut s, "s").as_slice(), [Request::Scan(_)]));
    let mut s = at("found-4");
    keys += 2;
    s.keys("a u");
    keys += 1;
    let wanted = press(&mut s, "enter");
    let [Request::Setup(setup)] = wanted.as_slice() else { panic!("{wanted:?}") };
    assert_eq!((setup.nodes.len(), setup.prefix.as_str(), setup.yes), (4, "pi", false));
    assert_eq!(setup.head.as_ref(), setup.nodes.first());
    assert_eq!(setup.login.user.as_deref(), Some("pi"));

    let mut s = at("trust");
    keys += 1;
    let answers = press(&mut s, "enter");
    let [Request::Answer { id: QuestionId(7), answer: Answer::Trust { nodes } }] = answers.as_slice() else {
        panic!("{answers:?}")
    };
    assert_eq!(nodes.len(), 4);

    let id = QuestionId(8);
    let nodes = nodes.clone();
    s.event(Event::Asked { id, question: Question::Password { user: "pi".to_owned(), nodes, retry: None } }).wait(400);
    s.keys("raspberry enter");
    keys += 1;
    let secret = s.effects.drain(..).next();
    let Some(Effect::Secret(SecretAnswer { id: QuestionId(8), answer: SecretWord::This(word) })) = secret else {
        panic!("{secret:?}")
    };
    assert_eq!(word.expose(), "raspberry");

    let mut s = at("apply");
    keys += 1;
    assert!(matches!(press(&mut s, "enter").as_slice(), [Request::Answer { answer: Answer::Yes, .. }]));

    let mut s = at("setup-done");
    assert!(seen(&mut s).contains("Next: b run a benchmark"));
    keys += 2;
    s.keys("b");
    let wanted = press(&mut s, "enter");
    let [Request::Bench(bench)] = wanted.as_slice() else { panic!("{wanted:?}") };
    assert_eq!((bench.ranks, bench.workload.slices, bench.repeat), (None, Some(1_000), 1));
    assert!(keys <= 12, "{keys}");
}

#[test]
fn a_screen_without_content_names_the_first_key() {
    let mut s = at("empty");
    assert!(seen(&mut s).contains("Press s to scan for hosts"));
    assert!(seen(s.keys("2")).contains("Press s to scan for nodes first"));
    assert!(seen(s.keys("3")).contains("Press s to scan for nodes"));
}

#[test]
fn a_command_that_cannot_be_given_says_why_and_asks_for_nothing() {
    let mut s = at("empty");
    assert!(seen(s.keys("b")).contains("there is no cluster yet: find nodes (s), then set up (u)"));
    assert!(seen(s.keys("u")).contains("nothing to set up yet: s scans for nodes"));
    assert!(seen(s.keys("a")).contains("no Raspberry Pi has been found yet"));
    assert!(requests(&mut s).is_empty());
    let mut s = at("run-running");
    assert!(seen(s.keys("u")).contains("wait: pi on 4 nodes"));
    assert!(requests(&mut s).is_empty());
}

#[test]
fn members_are_watched_as_soon_as_they_are_known_and_once() {
    let mut s = Session::new(options());
    let members = at("bench-form").app.cx.world.members().iter().filter_map(|n| n.member.clone()).collect();
    s.event(Event::Inventory { cluster: "lab".to_owned(), members });
    assert!(matches!(requests(&mut s).as_slice(), [Request::Watch { .. }]));
    s.wait(5_000);
    assert!(requests(&mut s).is_empty());
}

#[test]
fn a_scan_on_start_is_asked_for_when_wanted() {
    let mut wanted = options();
    wanted.auto_scan = true;
    assert!(matches!(requests(&mut Session::new(wanted)).as_slice(), [Request::Scan(_)]));
}

#[test]
fn marks_decide_what_is_set_up_and_members_come_along_when_the_cluster_grows() {
    let mut s = at("found-4");
    s.keys("space u enter");
    let wanted = requests(&mut s);
    assert!(matches!(wanted.as_slice(), [Request::Setup(r)] if r.nodes.len() == 1), "{wanted:?}");

    // One member chosen: only that one. One new host chosen: it and all members.
    let mut s = at("cluster-stale");
    s.keys("space u enter");
    assert!(matches!(requests(&mut s).as_slice(), [Request::Setup(r)] if r.nodes.len() == 1));
    let mut s = at("cluster-stale");
    s.event(crate::fixtures::pi_at(35)).keys("G space u");
    assert!(seen(&mut s).contains("4 nodes in the cluster, 1 new"), "{}", seen(&mut s));
    s.keys("enter");
    assert!(matches!(requests(&mut s).as_slice(), [Request::Setup(r)] if r.nodes.len() == 5));
}

#[test]
fn the_mpi_of_the_cluster_is_shown_and_not_asked_for_again() {
    let mut s = at("cluster-stale");
    assert!(!seen(&mut s).contains("MPICH"), "{}", seen(&mut s));
    s.keys("u");
    assert!(seen(&mut s).contains("what is there, else Open MPI"), "{}", seen(&mut s));
    s.keys("esc");
    s.event(Event::MemberSet { member: Member { mpi: Some(MpiFamily::Mpich), ..member_at(1) } });
    assert!(seen(&mut s).contains("in the cluster · MPICH"), "{}", seen(&mut s));
    s.keys("u");
    assert!(!seen(&mut s).contains("automatic"), "{}", seen(&mut s));
    s.keys("enter");
    let wanted = requests(&mut s);
    assert!(matches!(wanted.as_slice(), [Request::Setup(r)] if r.mpi.is_none()), "it stays: {wanted:?}");
    let mut s = at("cluster-stale");
    s.event(Event::MemberSet { member: Member { mpi: Some(MpiFamily::Mpich), ..member_at(1) } });
    s.keys("u tab tab tab left enter");
    let wanted = requests(&mut s);
    assert!(matches!(wanted.as_slice(), [Request::Setup(r)] if r.mpi == Some(MpiFamily::OpenMpi)), "{wanted:?}");
}

#[test]
fn names_given_before_the_setup_go_with_it() {
    let mut s = at("found-4");
    s.keys("e ctrl-u blue enter a u enter");
    let wanted = requests(&mut s);
    let [Request::Setup(setup)] = wanted.as_slice() else { panic!("{wanted:?}") };
    assert_eq!(setup.names.len(), 1);
    assert_eq!(setup.names[0].1.as_str(), "blue");
}

#[test]
fn members_are_renamed_made_head_and_removed_by_request() {
    let mut s = at("cluster-stale");
    s.keys("j H e ctrl-u blue enter");
    let wanted = requests(&mut s);
    assert!(
        matches!(wanted.as_slice(), [
            Request::SetMember { change: head, .. },
            Request::SetMember { change: name, .. },
        ] if head.head && name.name.as_ref().is_some_and(|n| n.as_str() == "blue")),
        "{wanted:?}"
    );
    s.keys("d");
    assert!(seen(&mut s).contains("Nothing changes on the node"));
    s.keys("esc");
    assert!(requests(&mut s).is_empty(), "Esc keeps it");
    s.keys("d enter");
    assert!(matches!(requests(&mut s).as_slice(), [Request::RemoveMember { .. }]));
}

#[test]
fn the_filter_takes_every_letter_and_esc_shows_all_again() {
    let mut s = at("found-4");
    s.keys("/").type_text("desk");
    assert!(requests(&mut s).is_empty(), "s and d were typed, not commanded");
    let shown = seen(s.keys("enter"));
    assert!(shown.contains("10.0.0.17") && !shown.contains("10.0.0.31"), "{shown}");
    assert!(seen(s.keys("esc")).contains("10.0.0.31"));
}

#[test]
fn output_scrolls_back_and_is_searched() {
    let mut s = at("run-output");
    assert!(seen(&mut s).contains("↓ 2 newer"));
    s.keys("/").type_text("line 7:");
    let shown = seen(s.keys("enter"));
    assert!(shown.contains("says line 7:") && !shown.contains("says line 8:"), "{shown}");
    s.keys("esc esc");
    assert!(seen(&mut s).contains("Ranks"), "the second Esc leaves the output");
}

#[test]
fn the_same_benchmark_runs_again_by_one_key() {
    let mut s = at("bench-form");
    s.keys("4 tab ctrl-u 64 enter");
    let first = requests(&mut s);
    s.keys("n");
    assert_eq!(first, requests(&mut s));
    assert!(matches!(first.as_slice(), [Request::Bench(b)] if b.ranks == Some(4) && b.workload.slices == Some(64)));
}

#[test]
fn marks_choose_the_nodes_of_a_run_and_the_form_shows_and_changes_them() {
    let mut s = at("cluster-stale");
    let names = |s: &Session, nodes: &[pictl_model::NodeId]| -> Vec<String> {
        nodes.iter().map(|id| s.app.cx.called(id)).collect()
    };
    s.keys("space space b");
    let shown = seen(&mut s);
    assert!(shown.contains("On 2 of 4 nodes: pi01 and pi02.") && shown.contains("pi01,pi02"), "{shown}");
    s.keys("enter");
    let wanted = requests(&mut s);
    let [Request::Bench(bench)] = wanted.as_slice() else { panic!("{wanted:?}") };
    assert_eq!(names(&s, &bench.nodes), ["pi01", "pi02"]);

    // Another choice in the form; nothing at all means all nodes.
    let mut s = at("cluster-stale");
    s.keys("space space b up up ctrl-u").type_text("pi09");
    s.keys("enter");
    assert!(seen(&mut s).contains("there is no node \"pi09\"") && requests(&mut s).is_empty(), "{}", seen(&mut s));
    s.keys("ctrl-u").type_text("pi03");
    assert!(seen(&mut s).contains("On 1 of 4 nodes: pi03."), "{}", seen(&mut s));
    s.keys("enter");
    let wanted = requests(&mut s);
    let [Request::Bench(bench)] = wanted.as_slice() else { panic!("{wanted:?}") };
    assert_eq!(names(&s, &bench.nodes), ["pi03"]);
    let mut s = at("cluster-stale");
    s.keys("space b up up ctrl-u");
    assert!(seen(&mut s).contains("On 4 nodes."));
    s.keys("enter");
    assert!(matches!(requests(&mut s).as_slice(), [Request::Bench(b)] if b.nodes.is_empty()));
}

#[test]
fn marks_choose_the_nodes_of_commands_and_of_work_on_keys() {
    let marked = |keys: &str| {
        let mut s = at("cluster-stale");
        s.keys("space space").keys(keys);
        s
    };
    let mut s = marked("x");
    assert!(seen(&mut s).contains("On 2 of 4 nodes: pi01 and pi02."), "{}", seen(&mut s));
    s.type_text("id");
    s.keys("enter");
    assert!(matches!(requests(&mut s).as_slice(), [Request::Exec(r)] if r.nodes.len() == 2));
    let mut s = marked("");
    s.app.cx.go(crate::Command::GoKeys);
    let nodes = s.app.cx.marked_members();
    let of = |command, how| crate::screens::keys::limited(&s.app.cx, command, how).nodes;
    for command in [
        crate::Command::CheckPairs,
        crate::Command::Mesh,
        crate::Command::PushKey,
        crate::Command::RemoveKey,
        crate::Command::PasswordsOff,
        crate::Command::PasswordsOn,
    ] {
        assert_eq!(of(command, crate::KeysHow::default()), nodes, "{command:?}");
        let typed = crate::KeysHow { nodes: nodes[..1].to_vec(), ..crate::KeysHow::default() };
        assert_eq!(of(command, typed), nodes[..1], "{command:?}: what is typed goes first");
    }
    // With a new key on some nodes only, the others would be shut.
    for command in [crate::Command::RotateKey, crate::Command::RotateNodes, crate::Command::Unclone] {
        assert!(of(command, crate::KeysHow::default()).is_empty(), "{command:?}");
    }
}

#[test]
fn marks_on_hosts_outside_the_cluster_do_not_mean_all_of_it() {
    for key in ["b", "x"] {
        let mut s = at("cluster-stale");
        s.event(crate::fixtures::pi_at(35)).keys("G space").keys(key);
        let shown = seen(&mut s);
        assert!(shown.contains("the marked hosts are not in the cluster: u sets them up"), "{key}: {shown}");
        assert!(requests(&mut s).is_empty());
    }
}

#[test]
fn the_help_page_and_the_messages_close_by_the_keys_that_open_them() {
    let mut s = at("empty");
    assert!(seen(s.keys("?")).contains("On every screen"));
    assert!(!seen(s.keys("?")).contains("On every screen"));
    s.event(Event::Notice { level: Level::Error, node: None, text: "disk full".to_owned() });
    assert!(seen(&mut s).contains("error: disk full"));
    assert!(seen(s.wait(60_000)).lines().all(|l| !l.contains("disk full")), "old news");
    assert!(seen(s.keys("m")).contains("error: disk full"));
    assert!(!seen(s.keys("m")).contains("disk full"));
}

#[test]
fn scenes_have_names_of_their_own() {
    for (i, (name, _)) in SCENES.iter().enumerate() {
        assert!(SCENES[..i].iter().all(|(other, _)| other != name), "{name}");
    }
}

#[test]
fn a_record_begins_with_the_run_and_offers_nothing_that_it_cannot_do() {
    let record =
        |from| Options { clock: Clock::Record(Player::new(from, from.plus(Millis(60_000)), 1.0)), ..options() };
    let mut s = Session::new(record(BEGIN));
    assert!(seen(&mut s).contains("The record has nothing to show here."));
    s.app.cx.world = at("run-done").app.cx.world;
    let shown = seen(&mut s);
    assert!(shown.contains("✓ succeeded"), "{shown}");
    let shown = text(&s.picture(120, 40));
    let help = shown.lines().last().expect("the line of keys");
    assert!(help.contains("Space pause") && help.contains("o output") && help.contains("q quit"), "{help}");
    for words in ["benchmark", "run again", "scan", "set up", "run a command"] {
        assert!(!help.contains(words), "{help}");
    }
    assert!(!text(&s.picture(120, 40)).contains("Next:"));
    for key in ["s", "u", "b", "n", "x", "1 d"] {
        assert!(seen(s.keys(key)).contains("this is a record of a run"), "{key}");
        s.keys("esc");
    }
    assert!(s.effects.is_empty());
}

#[test]
fn changes_are_counted_as_in_the_question_before_them() {
    let shown = seen(&mut at("setup-done"));
    assert!(shown.contains("Setup done on 4 nodes in 1:14: 1 warned, 24 changes made, 25 unchanged\n"), "{shown}");
}
