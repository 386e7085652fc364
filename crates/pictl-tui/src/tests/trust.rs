//! The table of host keys: reflashed SD cards, pictures, and comparing with a node's console.

use pictl_model::request::{Answer, Request};
use zeroize::Zeroizing;

use super::job::{at, requests, seen};
use super::screens::text;
use crate::fixtures::{Session, fingerprint_at, id_at};
use crate::messages::Msg;

fn trusted(session: &mut Session) -> Vec<pictl_model::NodeId> {
    let answers = requests(session);
    let [Request::Answer { answer: Answer::Trust { nodes }, .. }] = answers.as_slice() else { panic!("{answers:?}") };
    nodes.clone()
}

#[test]
fn a_key_in_place_of_a_trusted_one_is_accepted_only_when_it_is_ticked() {
    let mut s = at("trust-changed");
    assert!(seen(&mut s).contains("[ ] 10.0.0.33") && seen(&mut s).contains("Enter trust 2"));
    s.keys("enter");
    assert_eq!(trusted(&mut s), [id_at(31), id_at(32)]);
    let mut s = at("trust-changed");
    s.keys("space enter");
    assert_eq!(trusted(&mut s).len(), 3);
}

#[test]
fn an_equal_fingerprint_is_marked_and_a_different_one_is_not_trusted_any_more() {
    let mut s = at("trust-changed");
    // As the console prints it, pasted with its line end.
    let line = format!("256 {} root@raspberrypi (ED25519)\n", fingerprint_at(1).0);
    s.keys("g c").send(Msg::Paste(Zeroizing::new(line)));
    s.keys("enter");
    assert!(seen(&mut s).contains("✓ compared: its own console prints the same"));
    s.keys("j c").type_text(&fingerprint_at(3).0);
    s.keys("enter");
    let shown = seen(&mut s);
    assert!(
        shown.contains("[✗] 10.0.0.32") && shown.contains("✗ NOT this key: what you typed is the key of"),
        "{shown}"
    );
    s.keys("space");
    assert!(seen(&mut s).contains("printed another fingerprint: c compares it again"));
    s.keys("enter");
    assert_eq!(trusted(&mut s), [id_at(31)]);
}

#[test]
fn a_second_comparison_corrects_the_first_but_ticks_nothing() {
    let mut s = at("trust-changed");
    s.keys("g c").type_text(&fingerprint_at(9).0);
    s.keys("enter c").type_text(&fingerprint_at(1).0);
    s.keys("enter");
    assert!(seen(&mut s).contains("[ ] 10.0.0.31"));
    s.keys("space enter");
    assert_eq!(trusted(&mut s).len(), 2);
}

#[test]
fn what_is_typed_to_compare_answers_nothing() {
    let mut s = at("trust-changed");
    s.keys("c y n q s l space enter esc");
    assert!(requests(&mut s).is_empty());
    let shown = seen(&mut s);
    assert!(shown.contains("Trust 3 host keys?") && shown.contains("Enter trust 2"), "{shown}");
    s.keys("c").type_text("SHA256:short");
    assert!(seen(s.keys("enter")).contains("✗ a fingerprint is SHA256: and 43 letters and digits; these are 5"));
    s.event(pictl_model::Event::Answered { id: pictl_model::QuestionId(7) });
    s.keys("y n");
    assert!(requests(&mut s).is_empty(), "the question went away while it was typed");
}

#[test]
fn a_picture_comes_and_goes_by_one_key() {
    let mut s = at("trust-changed");
    assert!(!seen(&mut s).contains("[ED25519 256]"));
    assert!(text(&s.keys("a").picture(120, 40)).contains("|        .o+*=    |"));
    assert!(!seen(s.keys("a")).contains("[ED25519 256]"));
}
