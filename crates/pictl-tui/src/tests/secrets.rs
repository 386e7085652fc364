//! Dialogs for passwords and passphrases: what they show, and what they take.

use pictl_model::request::SecretWord;
use zeroize::Zeroizing;

use super::job::{at, seen};
use super::screens::text;
use crate::fixtures::Session;
use crate::messages::{Effect, Msg};

fn secret(session: &mut Session) -> Option<String> {
    let effects = std::mem::take(&mut session.effects);
    effects.into_iter().find_map(|effect| match effect {
        Effect::Secret(answer) => match answer.answer {
            SecretWord::This(word) => Some(word.expose().to_owned()),
            _ => None,
        },
        _ => None,
    })
}

/// The line of the field.
fn field(session: &mut Session) -> String {
    let shown = seen(session);
    shown.lines().find(|line| line.contains("│ ▸ ")).expect("a field").to_owned()
}

#[test]
fn how_long_a_secret_is_is_not_shown_but_every_key_is_seen_to_arrive() {
    let mut s = at("sudo-password");
    assert!(field(&mut s).contains("Enter alone"));
    let mut looks = Vec::new();
    for key in ["p", "w", "x", "backspace"] {
        looks.push(field(s.keys(key)));
    }
    assert!(looks.iter().all(|look| look.matches('•').count() == 8), "{looks:?}");
    assert!(looks.windows(2).all(|pair| pair[0] != pair[1]), "{looks:?}");
    assert!(!field(s.keys("ctrl-u")).contains('•'), "nothing is there, and that is shown");
}

#[test]
fn only_one_line_of_text_is_pasted_and_the_reason_is_shown() {
    for (pasted, why) in [("two\nlines", "it has more than one line"), ("a\u{7}b", "it has a control character in it")]
    {
        let mut s = at("sudo-password");
        s.send(Msg::Paste(Zeroizing::new(pasted.to_owned())));
        assert!(seen(&mut s).contains(&format!("! Not pasted: {why}")));
        s.keys("p w");
        assert!(!seen(&mut s).contains("Not pasted"), "old news");
        s.keys("enter");
        assert_eq!(secret(&mut s).as_deref(), Some("pw"));
    }
}

#[test]
fn capitals_alone_bring_a_hint() {
    let mut s = at("passphrase");
    assert!(seen(&mut s).contains("is Caps Lock on?"));
    assert!(!seen(s.keys("e")).contains("Caps Lock"));
    let small = text(&at("passphrase").picture(40, 12));
    assert!(small.contains("Caps Lock") && small.contains("▸ ••••••••"), "{small}");
}

#[test]
fn a_passphrase_names_its_key_and_how_many_nodes_would_take_it() {
    let shown = seen(&mut at("passphrase"));
    assert!(shown.contains("/home/lena/.ssh/id_ed25519, which 4 nodes"), "{shown}");
    let mut s = at("passphrase-retry");
    assert!(seen(&mut s).contains("✗ The last one was refused: it does not open the key"));
    s.keys("enter");
    assert!(secret(&mut s).is_none());
    assert!(seen(&mut s).contains("type the passphrase; Esc skips"));
    s.keys("esc");
    assert!(s.app.question.is_none() && secret(&mut s).is_none());
}
