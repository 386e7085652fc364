//! What the keys mean. The help line, the `?` page and the table in the documentation come from here.

mod command;
mod pages;
mod table;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

pub use command::{Command, Mode};
pub use pages::{keymap_markdown, keymap_toml};
pub(crate) use table::{Entry, TABLE};

use toml::Spanned;

use crate::key::{Key, NoKey};

/// Why a keymap cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("keymap: {fault}")]
pub struct KeymapError {
    /// What is wrong.
    pub fault: KeymapFault,
    /// Where, in bytes of the text; none where the text says nothing of it.
    pub span: Option<Range<usize>>,
}

/// What is wrong with a keymap.
#[derive(Debug, thiserror::Error)]
pub enum KeymapFault {
    /// It is not TOML of the expected shape.
    #[error("{}", .0.message().trim_end())]
    Syntax(toml::de::Error),
    /// It names a mode that does not exist.
    #[error("there is no mode {0:?}: {modes} are known", modes = modes())]
    Mode(String),
    /// It names a command that the mode does not have.
    #[error("mode {mode} has no command {command:?}: `pictl keymap` lists them")]
    Command {
        /// The mode.
        mode: &'static str,
        /// The unknown name.
        command: String,
    },
    /// It names a key that does not exist.
    #[error(transparent)]
    Key(#[from] NoKey),
    /// One key would mean two things at once.
    #[error("{key} means both {first} and {second} in mode {mode}: give one of them another key")]
    Twice {
        /// The key.
        key: String,
        /// The mode.
        mode: &'static str,
        /// One command.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
}

impl KeymapFault {
    fn at(self, span: Range<usize>) -> KeymapError {
        KeymapError { fault: self, span: Some(span) }
    }
}

impl From<toml::de::Error> for KeymapError {
    fn from(e: toml::de::Error) -> Self {
        Self { span: e.span(), fault: KeymapFault::Syntax(e) }
    }
}

/// Other keys by mode and command, each word with its place in the text.
type Overrides = BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Vec<Spanned<String>>>>;

/// The part of the preferences that is about keys.
#[derive(serde::Deserialize)]
struct Preferences {
    #[serde(default)]
    keys: Overrides,
}

/// A word of the user for a message.
fn clean(word: &str) -> String {
    pictl_model::text::clean(word, 40)
}

/// The names of all modes.
fn modes() -> String {
    let words = Mode::ALL.map(Mode::word);
    let (last, others) = words.split_last().unwrap_or((&"", &[]));
    format!("{} and {last}", others.join(", "))
}

/// The keys of every command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    keys: BTreeMap<(Mode, Command), Vec<Key>>,
}

impl Default for Keymap {
    fn default() -> Self {
        let keys = TABLE.iter().map(|entry| {
            // A test proves that every key of the table can be read.
            ((entry.mode, entry.command), entry.keys.iter().filter_map(|key| key.parse().ok()).collect())
        });
        Self { keys: keys.collect() }
    }
}

impl Keymap {
    /// The default keymap with the changes of a TOML text: a table for each mode, in it lists of keys by command.
    ///
    /// ```toml
    /// [everywhere]
    /// scan = ["s", "f5"]
    /// ```
    pub fn with_overrides(text: &str) -> Result<Self, KeymapError> {
        Self::changed(toml::from_str(text)?)
    }

    /// The same with the tables below `keys` of the user's preferences, whose text this is.
    pub fn of_preferences(text: &str) -> Result<Self, KeymapError> {
        Self::changed(toml::from_str::<Preferences>(text)?.keys)
    }

    fn changed(wanted: Overrides) -> Result<Self, KeymapError> {
        let mut keymap = Self::default();
        let mut places = HashMap::new();
        for (word, commands) in wanted {
            let mode = Mode::ALL.into_iter().find(|m| m.word() == word.get_ref());
            let mode = mode.ok_or_else(|| KeymapFault::Mode(clean(word.get_ref())).at(word.span()))?;
            for (name, keys) in commands {
                let entry = TABLE.iter().find(|e| e.mode == mode && e.name == name.get_ref());
                let unknown = || KeymapFault::Command { mode: mode.word(), command: clean(name.get_ref()) };
                let entry = entry.ok_or_else(|| unknown().at(name.span()))?;
                let read = |key: &Spanned<String>| {
                    key.get_ref().parse().map_err(|e: NoKey| KeymapFault::from(e).at(key.span()))
                };
                let keys = keys.iter().map(read).collect::<Result<_, _>>()?;
                places.insert((mode, entry.command), name.span());
                keymap.keys.insert((mode, entry.command), keys);
            }
        }
        keymap.check(&places)?;
        Ok(keymap)
    }

    /// No key may mean two things where both could be meant. `places`: where the text speaks of commands.
    fn check(&self, places: &HashMap<(Mode, Command), Range<usize>>) -> Result<(), KeymapError> {
        for mode in Mode::ALL {
            let mut taken: HashMap<Key, &Entry> = HashMap::new();
            for entry in TABLE.iter().filter(|e| mode.heard_with().contains(&e.mode)) {
                for key in self.of(entry.mode, entry.command) {
                    if let Some(other) = taken.insert(*key, entry) {
                        let span = [entry, other].iter().find_map(|e| places.get(&(e.mode, e.command)).cloned());
                        let fault = KeymapFault::Twice {
                            key: key.to_string(),
                            mode: mode.word(),
                            first: other.name,
                            second: entry.name,
                        };
                        return Err(KeymapError { fault, span });
                    }
                }
            }
        }
        Ok(())
    }

    /// What `key` means while `mode` has the keyboard.
    pub fn command(&self, mode: Mode, key: Key) -> Option<Command> {
        let heard = mode.heard_with();
        self.keys.iter().find(|((m, _), keys)| heard.contains(m) && keys.contains(&key)).map(|((_, c), _)| *c)
    }

    /// The keys of a command in a mode.
    pub(crate) fn of(&self, mode: Mode, command: Command) -> &[Key] {
        self.keys.get(&(mode, command)).map_or(&[], Vec::as_slice)
    }

    /// The first key of a command in `mode`, or else wherever it has one, for texts such as "press s".
    pub(crate) fn key(&self, mode: Mode, command: Command) -> String {
        let elsewhere = TABLE.iter().filter(|e| e.command == command).map(|e| e.mode);
        let key = std::iter::once(mode).chain(elsewhere).find_map(|mode| self.of(mode, command).first());
        key.map_or_else(|| "(no key)".to_owned(), Key::to_string)
    }

    /// The keys of a command as text, for tables.
    pub(crate) fn shown(&self, mode: Mode, command: Command) -> String {
        self.of(mode, command).iter().map(Key::to_string).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keymap::Command as C;
    use crate::keymap::Mode as M;

    #[test]
    fn every_key_of_the_table_can_be_read_and_none_means_two_things() {
        for entry in TABLE {
            for key in entry.keys {
                assert!(key.parse::<Key>().is_ok(), "{key}");
            }
        }
        Keymap::default().check(&HashMap::new()).expect("no key means two things");
    }

    #[test]
    fn names_are_unique_in_their_mode() {
        for (i, a) in TABLE.iter().enumerate() {
            assert!(
                !TABLE[..i].iter().any(|b| b.mode == a.mode && (b.name == a.name || b.command == a.command)),
                "{a:?}"
            );
        }
    }

    #[test]
    fn the_sample_in_config_is_the_default() {
        let sample = include_str!("../../../config/keymap.toml");
        assert_eq!(sample, keymap_toml(), "write keymap_toml() to config/keymap.toml");
        assert_eq!(Keymap::with_overrides(sample).expect("the sample parses"), Keymap::default());
    }

    #[test]
    fn an_override_moves_a_command_and_leaves_the_rest() {
        let keymap = Keymap::with_overrides("[everywhere]\nscan = [\"f5\"]").expect("fine");
        assert_eq!(keymap.command(M::Nodes, "f5".parse().expect("key")), Some(C::Scan));
        assert_eq!(keymap.command(M::Nodes, "s".parse().expect("key")), None);
        assert_eq!(keymap.command(M::Run, "b".parse().expect("key")), Some(C::Bench));
        assert_eq!(keymap.command(M::Field, "b".parse().expect("key")), None, "typed, not commanded");
    }

    #[test]
    fn bad_overrides_say_what_is_wrong() {
        let error = |text: &str| Keymap::with_overrides(text).expect_err(text).to_string();
        assert!(error("[everywhere]\nscan = [\"q\"]").contains("q means both scan and quit"));
        assert!(error("[nodes]\nmark = [\"u\"]").contains("u means both"), "across modes that are heard together");
        assert!(error("[nowhere]\nscan = [\"q\"]").contains("no mode \"nowhere\""));
        assert!(error("[nodes]\nfly = [\"q\"]").contains("no command \"fly\""));
        assert!(error("[nodes]\nmark = [\"hyper-q\"]").contains("is not the name of a key"));
        assert!(error("[nodes").contains("keymap: "));
    }

    #[test]
    fn what_is_wrong_is_found_in_the_text_of_the_preferences() {
        for (text, part) in [
            ("[login]\nuser = 'x'\n[keys.nowhere]\nscan = ['q']", "nowhere"),
            ("[keys.nodes]\nfly = ['q']", "fly"),
            ("[keys.nodes]\nmark = ['x', 'hyper-q']", "'hyper-q'"),
            ("[keys.everywhere]\nscan = ['q']", "scan"),
            ("[keys.nodes]\nmark = 'x'", "'x'"),
        ] {
            let error = Keymap::of_preferences(text).expect_err(text);
            assert_eq!(error.span.map(|span| &text[span]), Some(part), "{text}");
        }
        assert_eq!(Keymap::of_preferences("[login]\nuser = 'x'").expect("fine"), Keymap::default());
    }

    #[test]
    fn the_table_for_the_documentation_names_every_command() {
        let table = keymap_markdown();
        for entry in TABLE {
            assert!(table.contains(&format!("`{}.{}`", entry.mode.word(), entry.name)), "{entry:?}");
        }
    }
}
