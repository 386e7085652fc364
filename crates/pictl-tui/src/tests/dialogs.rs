//! Who gets the keys, and what a question makes of them.

use pictl_model::request::{Answer, Ground, Question, Refusal, Rejected, Request, SecretWord};
use pictl_model::{Event, QuestionId};
use zeroize::Zeroizing;

use super::job::{at, requests, seen};
use super::screens::text;
use crate::fixtures::Session;
use crate::messages::{Effect, Msg};

fn secret(session: &mut Session) -> Option<SecretWord> {
    let effects = std::mem::take(&mut session.effects);
    effects.into_iter().find_map(|e| if let Effect::Secret(answer) = e { Some(answer.answer) } else { None })
}

fn apply(id: u32) -> Event {
    Event::Asked { id: QuestionId(id), question: Question::Apply { changes: 1, nodes: 1 } }
}

#[test]
fn a_question_swallows_no_key_meant_for_something_else() {
    let mut s = at("found-4");
    s.event(apply(1)).wait(100).keys("enter y n esc");
    assert!(requests(&mut s).is_empty(), "too soon after it came up");
    assert!(!seen(&mut s).contains("Enter make these changes"), "no key is offered that does not work yet");
    s.wait(250);
    assert!(seen(&mut s).contains("Enter make these changes"));
    s.keys("enter");
    assert!(matches!(requests(&mut s).as_slice(), [Request::Answer { answer: Answer::Yes, .. }]));
}

#[test]
fn a_question_behind_a_form_waits_for_it_and_has_its_own_grace_then() {
    let mut s = at("setup-form");
    s.event(apply(1)).wait(1_000);
    assert!(seen(&mut s).contains("a question waits behind this"));
    s.keys("esc enter");
    assert!(requests(&mut s).is_empty(), "the second key came at once");
    s.wait(400).keys("enter");
    assert!(matches!(requests(&mut s).as_slice(), [Request::Answer { .. }]));
}

#[test]
fn the_next_question_has_a_grace_of_its_own() {
    let mut s = at("found-4");
    s.event(apply(1)).event(apply(2)).wait(400).keys("enter enter");
    assert_eq!(requests(&mut s).len(), 1);
    s.wait(400).keys("enter");
    assert!(matches!(requests(&mut s).as_slice(), [Request::Answer { id: QuestionId(2), .. }]));
}

#[test]
fn a_withdrawn_question_goes_away() {
    let mut s = at("trust");
    s.event(Event::Answered { id: QuestionId(7) });
    assert!(!seen(&mut s).contains("Trust 4 host keys?"));
}

#[test]
fn keys_not_ticked_are_not_trusted_and_none_is_no() {
    let mut s = at("trust");
    s.keys("j space enter");
    let answers = requests(&mut s);
    let [Request::Answer { answer: Answer::Trust { nodes }, .. }] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(nodes.len(), 3);
    let mut s = at("trust");
    s.keys("space space space space y");
    assert!(matches!(requests(&mut s).as_slice(), [Request::Answer { answer: Answer::No, .. }]));
    let mut s = at("trust");
    s.keys("n");
    assert!(matches!(requests(&mut s).as_slice(), [Request::Answer { answer: Answer::No, .. }]));
}

#[test]
fn a_password_takes_every_letter_also_those_of_commands() {
    let mut s = at("sudo-password");
    s.keys("q ? : / n y s");
    assert!(requests(&mut s).is_empty());
    s.keys("enter");
    assert!(matches!(secret(&mut s), Some(SecretWord::This(word)) if word.expose() == "q?:/nys"));
}

#[test]
fn typing_ahead_reaches_the_password_but_enter_does_not() {
    let mut s = at("found-4");
    let nodes = s.app.cx.setup_nodes();
    let question = Question::Password { user: "pi".to_owned(), nodes, retry: None };
    s.event(Event::Asked { id: QuestionId(1), question });
    s.keys("p w enter");
    assert!(secret(&mut s).is_none());
    s.wait(400).keys("enter");
    assert!(matches!(secret(&mut s), Some(SecretWord::This(word)) if word.expose() == "pw"));
}

#[test]
fn a_password_is_pasted_never_shown_and_gone_after_sending() {
    let mut s = at("sudo-password");
    s.send(Msg::Paste(Zeroizing::new("s3cret word\n".to_owned())));
    let shown = seen(&mut s);
    assert!(!shown.contains("s3cret") && shown.contains("▸ ••••••••   "), "{shown}");
    assert!(!format!("{:?}", s.app.question).contains("s3cret"));
    assert!(!format!("{:?}", s.app.cx.world).contains("s3cret"));
    s.keys("enter");
    let effects = std::mem::take(&mut s.effects);
    assert!(!format!("{effects:?}").contains("s3cret"));
    assert!(s.app.question.is_none());
}

#[test]
fn an_empty_password_is_the_logins_only_where_that_is_offered() {
    let mut s = at("sudo-password");
    s.keys("enter");
    assert!(matches!(secret(&mut s), Some(SecretWord::SameAsLogin)));
    let mut s = at("password-retry");
    assert!(seen(&mut s).contains("permission denied (2 tries left)"));
    s.keys("ctrl-u enter");
    assert!(secret(&mut s).is_none());
    assert!(seen(&mut s).contains("type the password; Esc skips these nodes"));
    s.keys("esc");
    assert!(matches!(secret(&mut s), Some(SecretWord::Cancel)));
}

#[test]
fn pasted_text_is_never_taken_for_commands() {
    for scene in ["found-4", "trust", "apply", "quit-busy", "run-running"] {
        let mut s = at(scene);
        s.send(Msg::Paste(Zeroizing::new("y\nq s u\n".to_owned())));
        assert!(s.effects.is_empty(), "{scene}");
    }
}

#[test]
fn a_form_keeps_what_is_wrong_open_and_says_so() {
    let mut s = at("bench-form");
    s.keys("many enter");
    assert!(seen(&mut s).contains("\"many\" is not a whole number from 1 up"));
    assert!(requests(&mut s).is_empty());
    s.keys("ctrl-u 1 , 0 enter");
    assert!(matches!(requests(&mut s).as_slice(), [Request::Bench(b)] if b.ranks == Some(10)));
    let mut s = at("setup-form");
    s.keys("tab ctrl-u PI enter");
    assert!(seen(&mut s).contains("only a-z, 0-9 and - are allowed"));
}

#[test]
fn another_benchmark_brings_its_own_numbers_along() {
    let mut s = at("bench-form");
    assert!(seen(s.keys("up")).contains("pi: pi by Leibniz's series"));
    let shown = seen(s.keys("right"));
    assert!(
        shown.contains("primes: primes counted") && shown.contains("10000") && !shown.contains("100000"),
        "{shown}"
    );
    s.keys("down 4 down ctrl-u 3 2 enter");
    let wanted = requests(&mut s);
    let [Request::Bench(bench)] = wanted.as_slice() else { panic!("{wanted:?}") };
    let workload = &bench.workload;
    assert_eq!((workload.name.as_str(), workload.slices, workload.slice_size), ("primes", Some(32), Some(10_000)));
    assert_eq!(bench.ranks, Some(4));
    // One that takes no numbers sends none.
    let mut s = at("bench-form");
    s.keys("up left enter");
    let wanted = requests(&mut s);
    let [Request::Bench(bench)] = wanted.as_slice() else { panic!("{wanted:?}") };
    let workload = &bench.workload;
    assert_eq!((workload.name.as_str(), workload.slices, workload.slice_size), ("hello", None, None));
}

#[test]
fn a_choice_is_made_by_the_arrows_and_letters_do_nothing() {
    let mut s = at("setup-form");
    s.keys("tab tab right q s u right enter");
    let wanted = requests(&mut s);
    let [Request::Setup(setup)] = wanted.as_slice() else { panic!("{wanted:?}") };
    assert_eq!(setup.head.as_ref(), setup.nodes.get(2));
}

#[test]
fn a_refusal_shows_every_reason_and_what_to_do() {
    let mut s = at("refused");
    let shown = seen(&mut s);
    assert!(shown.contains("no SSH server answers on port 22") && shown.contains("given twice"), "{shown}");
    s.keys("enter");
    assert!(!seen(&mut s).contains("Not done"));
}

#[test]
fn a_refused_command_does_not_hide_its_reason_behind_its_own_page() {
    let mut s = at("cluster-stale");
    s.keys("x").type_text("id");
    s.keys("enter");
    let reasons = vec![Refusal { node: None, reason: "no node is reachable".to_owned(), hint: String::new() }];
    s.event(Event::Refused { what: "command".to_owned(), ground: Ground::Access, reasons });
    assert!(seen(&mut s).contains("no node is reachable"));
}

#[test]
fn a_long_plan_can_be_read_to_its_end_before_it_is_accepted() {
    let mut s = at("apply");
    assert!(!seen(&mut s).contains("+pi04"));
    s.keys("G");
    assert!(seen(&mut s).contains("+pi04"));
    s.keys("g");
    assert!(seen(&mut s).contains("8 changes on 4 nodes"));
    assert!(s.effects.is_empty());
}

#[test]
fn keys_shown_in_dialogs_are_those_of_the_keymap() {
    let mut s = at("trust");
    s.app.cx.options.keymap = crate::Keymap::with_overrides("[dialog]\naccept = [\"f2\"]").expect("fine");
    assert!(seen(&mut s).contains("F2 trust 4"));
    s.keys("enter");
    assert!(s.effects.is_empty());
    s.keys("f2");
    assert!(matches!(requests(&mut s).as_slice(), [Request::Answer { .. }]));
}

#[test]
fn hostile_text_reaches_the_screen_without_its_control_characters() {
    let mut s = at("cluster-stale");
    let text = "\u{1b}]0;owned\u{7}\u{1b}[2J\r\n\u{9b}31mhi\u{202e}".to_owned();
    s.event(Event::Notice { level: pictl_model::event::Level::Error, node: None, text });
    for (keys, width) in [("", 80), ("m", 80), ("", 40)] {
        let picture = s.keys(keys).picture(width, 24);
        assert!(picture.content.iter().all(|cell| !cell.symbol().contains(char::is_control)));
    }
}

#[test]
fn a_marked_host_without_ssh_is_named_before_the_setup() {
    let mut s = at("found-4");
    s.keys("j j j j space u");
    assert!(seen(&mut s).contains("No SSH server answered on gateway."), "{}", seen(&mut s));
}

#[test]
fn a_refused_password_is_shown_once_and_nodes_stand_by_name() {
    let mut s = at("setup-running");
    let nodes = [33, 31, 32].map(crate::fixtures::id_at).into();
    let retry = Some(Rejected::NoReason);
    s.event(Event::Asked { id: QuestionId(9), question: Question::Password { user: "pi".to_owned(), nodes, retry } });
    let shown = seen(s.wait(400));
    assert_eq!(shown.matches("refused").count(), 1, "{shown}");
    assert!(shown.contains("pi on pi01 (10.0.0.31), pi02 (10.0.0.32) and pi03"), "{shown}");
    let small = text(&s.picture(40, 12));
    for words in ["✗ The last one was refused", "▸ ", "Enter go on", "Esc skip", "of pi on pi01, pi02 and"] {
        assert!(small.contains(words), "{words}\n{small}");
    }
}

#[test]
fn on_the_smallest_screen_no_window_has_a_cut_line_of_keys() {
    for name in ["setup-form", "bench-form", "trust", "password-retry", "sudo-password", "apply", "quit-busy", "help"] {
        let shown = text(&at(name).picture(40, 12));
        let rows: Vec<&str> = shown.lines().collect();
        let border = rows.iter().position(|row| row.starts_with('└')).expect("a window");
        let keys = rows[border - 1];
        assert!(keys.contains("Esc ") && !keys.contains('…'), "{name}\n{shown}");
    }
}

#[test]
fn the_smallest_screen_shows_every_field_of_the_setup() {
    let shown = text(&at("setup-form").picture(40, 12));
    for field in ["User", "Names", "Head", "MPI"] {
        assert!(shown.contains(field), "{field}\n{shown}");
    }
}

#[test]
fn beside_a_wide_window_no_crumbs_of_the_screen_are_left() {
    for name in ["setup-form", "trust", "password-retry", "apply", "help", "exec"] {
        let shown = text(&at(name).picture(80, 24));
        for row in shown.lines().skip_while(|row| !row.contains('┌')).take_while(|row| !row.contains('└')) {
            let outside = row.split(['│', '┌', '┐']).collect::<Vec<_>>();
            let (first, last) = (outside.first().expect("left"), outside.last().expect("right"));
            assert!(first.trim().is_empty() && last.trim().is_empty(), "{name}\n{shown}");
        }
    }
}

#[test]
fn what_does_not_fit_a_window_is_shown_with_the_keys_that_show_it() {
    let mut s = at("apply");
    assert!(seen(&mut s).contains("↓ 6 more: ↑ ↓ PgDn"));
    assert!(seen(s.keys("pagedown")).contains("↑ 6 more: ↑ ↓ PgDn"));
}
