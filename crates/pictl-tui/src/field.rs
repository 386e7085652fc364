//! Text fields: an ordinary one, and one for secrets.

use crossterm::event::KeyCode;
use pictl_model::Secret;
use pictl_model::text::clean;
use tui_input::{Input, InputRequest};
use zeroize::{Zeroize, Zeroizing};

use crate::key::Key;

/// Longest text that can be typed, in characters.
const LONGEST: usize = 1_000;

/// One line of text being typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextField {
    input: Input,
}

impl TextField {
    /// A field that already holds `text`, the cursor behind it.
    pub(crate) fn with(text: &str) -> Self {
        Self { input: Input::new(text.to_owned()) }
    }

    /// What stands in it.
    pub(crate) fn text(&self) -> &str {
        self.input.value()
    }

    /// The text before and after the cursor.
    pub(crate) fn around_cursor(&self) -> (String, String) {
        let chars: Vec<char> = self.text().chars().collect();
        let at = self.input.cursor().min(chars.len());
        (chars[..at].iter().collect(), chars[at..].iter().collect())
    }

    /// Takes a key that edits text; false when it is not one.
    pub(crate) fn key(&mut self, key: Key) -> bool {
        use InputRequest as R;
        let request = match (key.code, key.ctrl, key.alt) {
            (KeyCode::Backspace, false, false) => R::DeletePrevChar,
            (KeyCode::Delete, ..) => R::DeleteNextChar,
            (KeyCode::Left, false, false) => R::GoToPrevChar,
            (KeyCode::Right, false, false) => R::GoToNextChar,
            (KeyCode::Left, ..) => R::GoToPrevWord,
            (KeyCode::Right, ..) => R::GoToNextWord,
            (KeyCode::Home, ..) | (KeyCode::Char('a'), true, false) => R::GoToStart,
            (KeyCode::End, ..) | (KeyCode::Char('e'), true, false) => R::GoToEnd,
            (KeyCode::Char('w'), true, false) | (KeyCode::Backspace, ..) => R::DeletePrevWord,
            (KeyCode::Char('u'), true, false) => R::DeleteLine,
            (KeyCode::Char('k'), true, false) => R::DeleteTillEnd,
            _ => match key.typed() {
                Some(c) if self.text().chars().count() < LONGEST => R::InsertChar(c),
                Some(_) => return true,
                None => return false,
            },
        };
        self.input.handle(request);
        true
    }

    /// Takes pasted text, its line ends made blanks.
    pub(crate) fn paste(&mut self, text: &str) {
        let line = text.trim_end_matches(['\r', '\n']).replace(['\r', '\n'], " ");
        for c in clean(&line, LONGEST).chars() {
            self.key(Key::plain(KeyCode::Char(c)));
        }
    }
}

/// A secret being typed. Its buffer never moves and is wiped; nothing prints it.
pub(crate) struct SecretField {
    /// Turns with everything that was typed, so that a key is seen to have arrived; how many there were is not shown.
    pub(crate) strokes: usize,
    // Allocated once at its full size, so that growing leaves no copies behind.
    buffer: Zeroizing<String>,
}

impl Default for SecretField {
    fn default() -> Self {
        Self { strokes: 0, buffer: Zeroizing::new(String::with_capacity(LONGEST * 4)) }
    }
}

impl SecretField {
    /// Nothing was typed.
    pub(crate) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// There are letters in it, several and all of them capitals: Caps Lock may be on. Terminals do not report it
    /// without taking every key apart, which would lose what composed keys type.
    pub(crate) fn is_all_capitals(&self) -> bool {
        let letters = || self.buffer.chars().filter(|c| c.is_alphabetic());
        letters().count() > 1 && letters().all(char::is_uppercase)
    }

    /// Takes a key that edits it; false when it is not one.
    pub(crate) fn key(&mut self, key: Key) -> bool {
        match key.code {
            KeyCode::Backspace => {
                self.buffer.pop();
            }
            KeyCode::Char('u') if key.ctrl => self.buffer.zeroize(),
            _ => match key.typed() {
                Some(c) => self.push(c),
                None => return false,
            },
        }
        self.strokes = self.strokes.wrapping_add(1);
        true
    }

    /// Takes pasted text, without the line end that often comes with it. Text with other control characters is not what
    /// was meant and is left alone.
    pub(crate) fn paste(&mut self, text: &str) -> Result<(), &'static str> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.contains(['\r', '\n']) {
            return Err("it has more than one line");
        }
        if text.contains(char::is_control) {
            return Err("it has a control character in it");
        }
        if self.buffer.len() + text.len() > self.buffer.capacity() {
            return Err("it is too long");
        }
        self.strokes = self.strokes.wrapping_add(1);
        self.buffer.push_str(text);
        Ok(())
    }

    /// Returns the secret and wipes the field.
    pub(crate) fn take(&mut self) -> Secret {
        // A string of exactly this length is not moved again when it becomes a secret.
        let secret = Secret::new(self.buffer.as_str().to_owned());
        self.buffer.zeroize();
        secret
    }

    fn push(&mut self, c: char) {
        if self.buffer.len() + c.len_utf8() <= self.buffer.capacity() {
            self.buffer.push(c);
        }
    }
}

impl std::fmt::Debug for SecretField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretField(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        text.parse().expect("a key")
    }

    #[test]
    fn a_secret_never_outgrows_its_buffer_and_is_wiped_when_taken() {
        let mut field = SecretField::default();
        let place = field.buffer.as_ptr();
        assert_eq!(field.paste(&"é".repeat(5_000)), Err("it is too long"));
        "é".repeat(5_000).chars().for_each(|c| field.push(c));
        assert_eq!(field.buffer.as_ptr(), place, "no copy was left behind");
        assert_eq!(format!("{field:?}"), "SecretField(…)");
        assert!(!field.take().is_empty());
        assert!(field.is_empty());
    }

    #[test]
    fn a_secret_can_be_typed_pasted_and_corrected() {
        let mut field = SecretField::default();
        for k in ["q", "x", "backspace"] {
            assert!(field.key(key(k)));
        }
        assert_eq!(field.paste("b c\r\n"), Ok(()));
        assert!(!field.key(key("enter")));
        assert_eq!(field.take().expose(), "qb c");
    }

    #[test]
    fn what_cannot_be_one_secret_is_not_pasted() {
        for bad in ["two\nlines\n", "an\u{1b}escape", "a\ttab", "\n\n"] {
            let mut field = SecretField::default();
            assert!(field.paste(bad).is_err() && field.is_empty(), "{bad:?}");
        }
    }

    #[test]
    fn capitals_alone_are_noticed() {
        let shouted = |text: &str| {
            let mut field = SecretField::default();
            assert_eq!(field.paste(text), Ok(()));
            field.is_all_capitals()
        };
        assert!(shouted("RASPBERRY1") && shouted("ÄÖ"));
        assert!(!shouted("R") && !shouted("Raspberry") && !shouted("1234") && !shouted(""));
    }

    #[test]
    fn text_is_edited_at_the_cursor() {
        let mut field = TextField::with("pi");
        for k in ["left", "x", "end", "1"] {
            assert!(field.key(key(k)));
        }
        assert_eq!(field.text(), "pxi1");
        field.paste("a\nb\u{1b}\n");
        assert_eq!(field.text(), "pxi1a b");
        assert!(!field.key(key("tab")));
    }
}
