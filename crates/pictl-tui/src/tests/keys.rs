//! The Keys screen: what it shows as pairs are tried, and what its keys ask for. Logins of several members at once.

use std::any::Any;
use std::path::PathBuf;

use pictl_model::event::PairProblem;
use pictl_model::request::{KeyWork, Request, SetupRequest};
use pictl_model::step::StepId as S;
use pictl_model::{Event, NodeId};

use super::job::{at, requests, seen};
use crate::fixtures::{Session, id_at};
use crate::messages::{Effect, Msg};
use crate::screens::keys::{KeysScreen, Routes, Spot};

/// The one setup that was asked for.
fn setup(session: &mut Session) -> SetupRequest {
    let wanted = requests(session);
    let [Request::Setup(setup)] = wanted.as_slice() else { panic!("{wanted:?}") };
    assert!(!setup.yes && !setup.dry_run && setup.nodes.is_empty(), "all members, and the plan is asked about");
    setup.clone()
}

#[test]
fn harmless_work_begins_at_once_with_its_own_steps() {
    for (key, steps) in
        [("c", &[S::Pairs][..]), ("r", &[S::NodeKey, S::Mesh, S::KnownHosts, S::Pairs]), ("p", &[S::OperatorKey])]
    {
        let mut s = at("keys-failing");
        s.keys(key);
        let setup = setup(&mut s);
        assert_eq!((setup.only.as_slice(), setup.keys), (steps, KeyWork::default()), "{key}");
    }
}

#[test]
fn what_can_lock_somebody_out_is_explained_first_and_esc_does_nothing() {
    let none = KeyWork::default();
    for (key, work) in [
        ("R", KeyWork { rotate: true, ..none.clone() }),
        ("N", KeyWork { rotate_nodes: true, ..none.clone() }),
        ("o", KeyWork { passwords: Some(false), ..none.clone() }),
        ("O", KeyWork { passwords: Some(true), ..none.clone() }),
        ("i", KeyWork { unclone: true, ..none.clone() }),
    ] {
        let mut s = at("keys-failing");
        s.keys(key);
        let shown = seen(&mut s);
        assert!(shown.contains("If something fails: ") && shown.contains("Esc change nothing"), "{key}\n{shown}");
        s.keys("esc enter");
        assert!(requests(&mut s).is_empty(), "{key}");
        let mut s = at("keys-failing");
        s.keys(key).keys("enter");
        assert_eq!(setup(&mut s).keys, work, "{key}");
    }
}

#[test]
fn work_on_keys_waits_for_other_work_and_its_steps_are_one_key_away() {
    let mut s = at("keys-trying");
    for key in ["c", "r", "R", "d", "o"] {
        assert!(seen(s.keys(key)).contains("wait: setup of 4 nodes"), "{key}");
    }
    assert!(requests(&mut s).is_empty());
    let shown = seen(&mut s);
    assert!(shown.contains("login to every other node, 4 nodes  Enter steps"), "{shown}");
    assert!(seen(s.keys("enter")).contains("of 8 steps on 4 nodes"), "the Setup screen");
}

#[test]
fn pairs_appear_as_they_are_tried() {
    let mut s = at("keys-trying");
    assert!(seen(&mut s).contains("5 work, 7 being tried"));
    let problem = Some(PairProblem { why: "no route".to_owned(), hint: "look at the cable".to_owned() });
    s.event(Event::Pair { from: id_at(31), to: id_at(34), problem });
    let shown = seen(s.keys("l"));
    assert!(shown.contains("1 fails, 5 work, 6 being tried"), "{shown}");
    assert!(shown.contains("pi01 → pi04") && shown.contains("no route") && shown.contains("→ look at the cable"));
}

/// The Keys screen, which is shown.
fn screen(session: &Session) -> &KeysScreen {
    let shown: &dyn Any = session.app.screen();
    shown.downcast_ref().expect("the Keys screen")
}

#[test]
fn one_key_goes_from_failing_pair_to_failing_pair_and_round() {
    let mut s = at("keys-failing");
    let spot = |s: &Session| Routes::of(&s.app.cx).spot(screen(s));
    let mut places = vec![spot(&s)];
    for _ in 0..2 {
        s.keys("n");
        places.push(spot(&s));
    }
    let (first, second) = (Some(Spot::Pair(1, 2)), Some(Spot::Pair(3, 2)));
    assert_eq!(places, [first, second, first]);
    let mut s = at("keys-clones");
    assert!(seen(s.keys("n")).contains("no pair fails"));
    let mut s = at("keys-120");
    for _ in 0..7 {
        s.keys("n");
    }
    assert_eq!(screen(&s).row, 0, "eight fail, and it was on the second");
}

#[test]
fn cloned_sd_cards_are_shown_until_one_of_them_has_its_own_keys() {
    use pictl_model::step::StepState;
    let mut s = at("keys-clones");
    assert!(
        seen(&mut s).contains("! as pi03") && seen(&mut s).contains("Next: i gives cloned SD cards their own keys")
    );
    let shown = seen(s.keys("i"));
    assert!(shown.contains("pi02 and pi03 share a host key"), "{shown}");
    let plan = crate::fixtures::setup_of(4, vec![S::Connect, S::Identity]);
    s.keys("esc").event(Event::SetupStarted { plan });
    s.event(Event::Step { report: crate::fixtures::report(3, S::Identity, StepState::Done) });
    let shown = seen(&mut s);
    assert!(!shown.contains("! as"), "{shown}");
    assert!(shown.contains("3 in doubt"), "the others do not know its new host key\n{shown}");
}

#[test]
fn a_key_is_removed_by_what_is_typed_of_it() {
    let print = format!("SHA256:{}", "k".repeat(43));
    let mut s = at("keys");
    s.keys("d").type_text(&print);
    s.keys("enter");
    let setup = setup(&mut s);
    assert_eq!((setup.only, setup.keys.remove), (vec![S::Revoke], vec![print]));
    let mut s = at("keys");
    s.keys("d enter");
    assert!(seen(&mut s).contains("enter the key"));
    s.keys("esc");
    assert!(s.effects.is_empty());
}

#[test]
fn the_file_of_a_key_is_read_before_anything_is_asked_for() {
    let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA lena@laptop";
    let mut s = at("keys");
    s.keys("d").type_text("~/old.pub");
    s.keys("enter");
    assert!(matches!(s.effects.drain(..).next(), Some(Effect::ReadKey(file)) if file.as_os_str() == "~/old.pub"));
    s.send(Msg::KeyRead(Err("cannot read ~/old.pub: no such file".to_owned())));
    assert!(seen(&mut s).contains("no such file"));
    s.keys("enter").send(Msg::KeyRead(Ok(format!("{line}\n"))));
    s.effects.retain(|effect| matches!(effect, Effect::Send(_)));
    assert_eq!(setup(&mut s).keys.remove, [line]);
    // Read too late: the form was left meanwhile.
    let mut s = at("keys");
    s.keys("d").type_text("~/old.pub");
    s.keys("enter esc").send(Msg::KeyRead(Ok(line.to_owned())));
    assert!(requests(&mut s).is_empty());
}

/// Who is changed, with user, identity and jump host.
type Change = (NodeId, Option<String>, Option<PathBuf>, Option<String>);

fn changes(session: &mut Session) -> Vec<Change> {
    let wanted = requests(session).into_iter();
    let change = |request| match request {
        Request::SetMember { node, change } => (node, change.user, change.identity, change.jump),
        other => panic!("{other:?}"),
    };
    wanted.map(change).collect()
}

#[test]
fn the_login_of_several_is_changed_at_once_and_blank_leaves_what_differs() {
    // All three are ubuntu; one of them is reached through another host.
    let mut s = at("login-form");
    s.keys("enter");
    assert!(changes(&mut s).is_empty(), "nothing was changed");
    let mut s = at("login-form");
    s.keys("ctrl-u pi tab tab").type_text("/home/lena/.ssh/lab");
    s.keys("enter");
    let wanted = changes(&mut s);
    assert_eq!(wanted.len(), 3);
    for (_, user, identity, jump) in &wanted {
        assert_eq!((user.as_deref(), jump), (Some("pi"), &None));
        assert_eq!(identity.as_deref(), Some(PathBuf::from("/home/lena/.ssh/lab").as_path()));
    }
    let mut s = at("login-form");
    s.keys("up none enter");
    assert_eq!(changes(&mut s), [(id_at(34), None, None, Some(String::new()))], "only one had one");
    let mut s = at("login-form");
    s.keys("up gate enter");
    assert_eq!(changes(&mut s).len(), 3);
}

#[test]
fn a_login_that_cannot_be_is_refused_where_it_is_wrong() {
    for (keys, why) in [
        ("ctrl-u enter", "enter a user name without blanks"),
        ("tab ctrl-u 0 enter", "a port is a number from 1 to 65535"),
        ("tab tab id.pub enter", "this is the public half"),
        ("up gate: enter", "write a jump host as"),
    ] {
        let mut s = at("login-form");
        let shown = seen(s.keys(keys));
        assert!(shown.contains(why), "{keys}\n{shown}");
        assert!(requests(&mut s).is_empty());
    }
    let mut s = at("found-4");
    assert!(seen(s.keys("L")).contains("only nodes in the cluster have a login of their own"));
}

#[test]
fn without_marks_the_login_of_the_node_at_the_cursor_is_asked_for() {
    let mut s = at("links");
    assert!(seen(s.keys("esc L")).contains("Login of pi02"));
    let shown = seen(s.keys("esc"));
    assert!(shown.contains("lost: no answer, next try in 5 s"), "{shown}");
    assert!(shown.contains("waits for the route through gate"), "{shown}");
    assert!(seen(s.wait(6_000)).contains("next try now"));
}

#[test]
fn a_record_begins_no_work_on_keys() {
    let mut s = at("run-record");
    s.keys("4");
    for key in ["c", "r", "R", "d", "i"] {
        assert!(seen(s.keys(key)).contains("this is a record of a run"), "{key}");
    }
    assert!(s.effects.is_empty());
}
