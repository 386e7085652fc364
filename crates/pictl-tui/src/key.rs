//! One key press, as it is written in the keymap.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers. Shift is not among them: it shows in the character itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// Ctrl is held down.
    pub ctrl: bool,
    /// Alt is held down.
    pub alt: bool,
}

impl Key {
    /// A key with nothing held down.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    /// The character that this key types into a text, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let code = match event.code {
            KeyCode::Char(c) if ctrl => KeyCode::Char(c.to_ascii_lowercase()),
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        Self { code, ctrl, alt: event.modifiers.contains(KeyModifiers::ALT) }
    }
}

/// Names of keys that are no characters: as the keymap writes them, and as people read them.
const NAMED: [(KeyCode, &str, &str); 16] = [
    (KeyCode::Enter, "enter", "Enter"),
    (KeyCode::Esc, "esc", "Esc"),
    (KeyCode::Char(' '), "space", "Space"),
    (KeyCode::Tab, "tab", "Tab"),
    (KeyCode::BackTab, "shift-tab", "Shift-Tab"),
    (KeyCode::Backspace, "backspace", "Backspace"),
    (KeyCode::Delete, "delete", "Delete"),
    (KeyCode::Insert, "insert", "Insert"),
    (KeyCode::Up, "up", "↑"),
    (KeyCode::Down, "down", "↓"),
    (KeyCode::Left, "left", "←"),
    (KeyCode::Right, "right", "→"),
    (KeyCode::Home, "home", "Home"),
    (KeyCode::End, "end", "End"),
    (KeyCode::PageUp, "pageup", "PgUp"),
    (KeyCode::PageDown, "pagedown", "PgDn"),
];

/// As people read it: `Enter`, `Ctrl-C`, `q`, `↑`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        if let Some((_, _, shown)) = NAMED.iter().find(|(code, ..)| *code == self.code) {
            return f.write_str(shown);
        }
        match self.code {
            KeyCode::Char(c) if self.ctrl => write!(f, "{}", c.to_ascii_uppercase()),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "F{n}"),
            _ => f.write_str("?"),
        }
    }
}

/// A text that names no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not the name of a key: use a character, or one of enter, esc, space, tab, shift-tab, up, pageup, f1 …"
)]
pub struct NoKey(pub String);

impl FromStr for Key {
    type Err = NoKey;

    /// Reads `q`, `ctrl-c`, `alt-x`, `shift-tab`, `f1`.
    fn from_str(text: &str) -> Result<Self, NoKey> {
        let (mut rest, mut ctrl, mut alt) = (text, false, false);
        loop {
            if let Some(after) = rest.strip_prefix("ctrl-") {
                (rest, ctrl) = (after, true);
            } else if let Some(after) = rest.strip_prefix("alt-") {
                (rest, alt) = (after, true);
            } else {
                break;
            }
        }
        let named = NAMED.iter().find(|(_, name, _)| *name == rest).map(|(code, ..)| *code);
        let code = named.or_else(|| {
            let mut chars = rest.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) if !c.is_control() => Some(KeyCode::Char(c)),
                (Some('f'), Some(_)) => rest[1..].parse().ok().filter(|n| (1..=12).contains(n)).map(KeyCode::F),
                _ => None,
            }
        });
        code.map(|code| Self { code, ctrl, alt }).ok_or_else(|| NoKey(pictl_model::text::clean(text, 40)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        for (text, shown) in
            [("q", "q"), ("ctrl-c", "Ctrl-C"), ("space", "Space"), ("shift-tab", "Shift-Tab"), ("f5", "F5"), ("-", "-")]
        {
            assert_eq!(text.parse::<Key>().expect(text).to_string(), shown);
        }
        for bad in ["", "hyper-x", "qq", "f13", "ctrl-"] {
            assert!(bad.parse::<Key>().is_err(), "{bad}");
        }
    }

    #[test]
    fn shift_and_tab_are_one_key_and_control_ignores_case() {
        let key = |code, modifiers| Key::from(KeyEvent::new(code, modifiers));
        assert_eq!(key(KeyCode::Tab, KeyModifiers::SHIFT), Key::plain(KeyCode::BackTab));
        assert_eq!(key(KeyCode::Char('C'), KeyModifiers::CONTROL).to_string(), "Ctrl-C");
        assert_eq!(key(KeyCode::Char('H'), KeyModifiers::SHIFT).typed(), Some('H'));
    }
}
