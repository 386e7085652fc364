//! What the keys mean. The help line, the `?` page and the table in the documentation come from here.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use crate::key::{Key, NoKey};
use crate::keymap::Command as C;
use crate::keymap::Mode as M;

/// Where the keyboard's attention is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// On every screen.
    Everywhere,
    /// On the Nodes screen.
    Nodes,
    /// On the Run screen.
    Run,
    /// In a dialog without a text field.
    Dialog,
    /// In a text field; characters are typed and mean nothing else.
    Field,
    /// Always, also in dialogs and text fields.
    Always,
}

impl Mode {
    /// All modes, in the order in which they are explained.
    pub const ALL: [Self; 6] = [M::Everywhere, M::Nodes, M::Run, M::Dialog, M::Field, M::Always];

    /// Its name in the keymap file.
    pub fn word(self) -> &'static str {
        match self {
            M::Everywhere => "everywhere",
            M::Nodes => "nodes",
            M::Run => "run",
            M::Dialog => "dialog",
            M::Field => "field",
            M::Always => "always",
        }
    }

    /// Its heading on the help page.
    pub fn title(self) -> &'static str {
        match self {
            M::Everywhere => "On every screen",
            M::Nodes => "On the Nodes screen",
            M::Run => "On the Run screen",
            M::Dialog => "In a dialog",
            M::Field => "While typing",
            M::Always => "Always, also in dialogs and while typing",
        }
    }

    /// Modes whose keys may be pressed while this one has the keyboard.
    fn heard_with(self) -> &'static [Self] {
        match self {
            M::Nodes => &[M::Nodes, M::Everywhere, M::Always],
            M::Run => &[M::Run, M::Everywhere, M::Always],
            M::Everywhere => &[M::Everywhere, M::Always],
            M::Dialog => &[M::Dialog, M::Always],
            M::Field => &[M::Field, M::Always],
            M::Always => &[M::Always],
        }
    }
}

/// What a key can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the table below explains each in the words that users read")]
pub enum Command {
    Scan,
    SetUp,
    Bench,
    Exec,
    ExecOutput,
    Messages,
    Help,
    Search,
    CommandLine,
    GoNodes,
    GoSetup,
    GoRun,
    NextScreen,
    PreviousScreen,
    Up,
    Down,
    Left,
    Right,
    Top,
    Bottom,
    PageUp,
    PageDown,
    Back,
    Quit,
    Mark,
    MarkPis,
    Open,
    Rename,
    MakeHead,
    Remove,
    Output,
    Timeline,
    Cards,
    Table,
    ZoomIn,
    ZoomOut,
    Freeze,
    Again,
    Accept,
    Refuse,
    Toggle,
    StopAndQuit,
    LeaveRunning,
    Pause,
    StepOn,
    StepBack,
    Faster,
    Slower,
    NextField,
    PreviousField,
    Cancel,
    Suspend,
    Redraw,
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) mode: Mode,
    pub(crate) command: Command,
    /// Its name in the keymap file.
    pub(crate) name: &'static str,
    keys: &'static [&'static str],
    /// For the help line; empty where it would only take room.
    pub(crate) label: &'static str,
    /// For the help page.
    pub(crate) text: &'static str,
}

#[cfg(test)]
impl Entry {
    /// The keys it has by default, as they are written.
    pub(crate) fn own_keys(&self) -> &'static [&'static str] {
        self.keys
    }
}

const fn entry(
    mode: Mode,
    command: Command,
    name: &'static str,
    keys: &'static [&'static str],
    label: &'static str,
    text: &'static str,
) -> Entry {
    Entry { mode, command, name, keys, label, text }
}

/// The one table; the help line shows its rows in this order.
pub(crate) const TABLE: &[Entry] = &[
    entry(M::Nodes, C::Mark, "mark", &["space"], "mark", "mark this node, or take the mark off"),
    entry(M::Nodes, C::MarkPis, "mark-pis", &["a"], "mark all Pis", "mark every Raspberry Pi (again: none)"),
    entry(M::Run, C::Pause, "pause", &["space"], "pause", "in a record: stand still, and go on"),
    entry(M::Run, C::StepBack, "step-back", &[","], "10 s back", "in a record: ten seconds back"),
    entry(M::Run, C::StepOn, "step-on", &["."], "1 s on", "in a record: one second on"),
    entry(M::Run, C::Slower, "slower", &["<"], "slower", "in a record: half as fast"),
    entry(M::Run, C::Faster, "faster", &[">"], "faster", "in a record: twice as fast"),
    entry(M::Run, C::Output, "output", &["o"], "output", "show the program's output on the whole screen, and back"),
    entry(M::Run, C::Again, "again", &["n"], "run again", "run the same benchmark again"),
    entry(
        M::Run,
        C::Timeline,
        "timeline",
        &["t"],
        "timeline",
        "show which rank did what when, with temperatures and throttling, and back",
    ),
    entry(M::Run, C::Cards, "cards", &["c"], "nodes", "show a card for every node, and back"),
    entry(
        M::Run,
        C::Table,
        "table",
        &["p"],
        "table",
        "show what the program tells in a table (ping-pong: pairs, ppsum: jobs), and back",
    ),
    entry(M::Run, C::Freeze, "freeze", &["f"], "freeze", "keep what is shown while the run goes on, and go on"),
    entry(M::Run, C::ZoomIn, "zoom-in", &["enter", "+"], "zoom", "show only the node of the cursor, and all again"),
    entry(M::Run, C::ZoomOut, "zoom-out", &["-"], "", "show all nodes again"),
    entry(M::Everywhere, C::Scan, "scan", &["s"], "scan", "look for hosts on the network"),
    entry(M::Everywhere, C::SetUp, "set-up", &["u"], "set up", "make a cluster of the marked nodes"),
    entry(M::Everywhere, C::Bench, "bench", &["b"], "benchmark", "run a benchmark on the cluster"),
    entry(M::Everywhere, C::Exec, "exec", &["x"], "run a command", "run one command on the nodes"),
    entry(M::Everywhere, C::ExecOutput, "exec-output", &["X"], "", "show what that command printed"),
    entry(M::Nodes, C::Open, "open", &["enter"], "details", "all that is known of the node; with marks: set them up"),
    entry(M::Nodes, C::Rename, "rename", &["e"], "name", "give the node another name"),
    entry(M::Nodes, C::MakeHead, "make-head", &["H"], "head", "make the node the head: mpirun starts there"),
    entry(M::Nodes, C::Remove, "remove", &["d"], "remove", "take the node out of the cluster (it stays as it is)"),
    entry(M::Everywhere, C::Help, "help", &["?"], "help", "this page"),
    entry(M::Everywhere, C::Quit, "quit", &["q"], "quit", "leave pictl; asks while something runs"),
    entry(
        M::Everywhere,
        C::GoNodes,
        "go-nodes",
        &["1"],
        "",
        "the Nodes screen: what was found, what is in the cluster",
    ),
    entry(M::Everywhere, C::GoSetup, "go-setup", &["2"], "", "the Setup screen: every step on every node"),
    entry(M::Everywhere, C::GoRun, "go-run", &["3"], "", "the Run screen: every rank, temperatures, output"),
    entry(M::Everywhere, C::NextScreen, "next-screen", &["tab"], "", "the next screen"),
    entry(M::Everywhere, C::PreviousScreen, "previous-screen", &["shift-tab"], "", "the screen before"),
    entry(M::Everywhere, C::Search, "search", &["/"], "filter", "show only nodes (Run: output lines) with these words"),
    entry(M::Everywhere, C::CommandLine, "command-line", &[":"], "command", "type a command; Tab completes it"),
    entry(M::Everywhere, C::Messages, "messages", &["m"], "", "messages of this session"),
    entry(M::Everywhere, C::Up, "up", &["up", "k"], "", "up"),
    entry(M::Everywhere, C::Down, "down", &["down", "j"], "", "down"),
    entry(M::Everywhere, C::Left, "left", &["left", "h"], "", "left"),
    entry(M::Everywhere, C::Right, "right", &["right", "l"], "", "right"),
    entry(M::Everywhere, C::Top, "top", &["g", "home"], "", "to the top"),
    entry(M::Everywhere, C::Bottom, "bottom", &["G", "end"], "", "to the bottom"),
    entry(M::Everywhere, C::PageUp, "page-up", &["pageup"], "", "a page up"),
    entry(M::Everywhere, C::PageDown, "page-down", &["pagedown"], "", "a page down"),
    entry(
        M::Everywhere,
        C::Back,
        "back",
        &["esc"],
        "",
        "back: closes what is open, clears the filter, never does harm",
    ),
    entry(M::Dialog, C::Accept, "accept", &["enter", "y"], "yes", "yes, go on"),
    entry(M::Dialog, C::Refuse, "refuse", &["esc", "n"], "no", "no; close"),
    entry(M::Dialog, C::Toggle, "toggle", &["space"], "tick", "tick, or take the tick off"),
    entry(
        M::Dialog,
        C::StopAndQuit,
        "stop-and-quit",
        &["s"],
        "stop and quit",
        "when asked on leaving: stop what runs, then leave",
    ),
    entry(
        M::Dialog,
        C::LeaveRunning,
        "leave-running",
        &["l"],
        "leave it running",
        "when asked on leaving: leave, and let the run go on on its head; the next start joins it again",
    ),
    entry(M::Dialog, C::Up, "up", &["up", "k"], "", "up"),
    entry(M::Dialog, C::Down, "down", &["down", "j"], "", "down"),
    entry(M::Dialog, C::Top, "top", &["g", "home"], "", "to the top"),
    entry(M::Dialog, C::Bottom, "bottom", &["G", "end"], "", "to the bottom"),
    entry(M::Dialog, C::PageUp, "page-up", &["pageup"], "", "a page up"),
    entry(M::Dialog, C::PageDown, "page-down", &["pagedown"], "", "a page down"),
    entry(M::Field, C::Accept, "accept", &["enter"], "go", "take it and go on"),
    entry(M::Field, C::Refuse, "refuse", &["esc"], "leave", "leave without doing it"),
    entry(
        M::Field,
        C::NextField,
        "next-field",
        &["tab"],
        "next field",
        "next field; on the command line: complete the word",
    ),
    entry(M::Field, C::PreviousField, "previous-field", &["shift-tab"], "", "field before"),
    entry(M::Field, C::Up, "up", &["up"], "", "field before; on the command line: an earlier command"),
    entry(M::Field, C::Down, "down", &["down"], "", "next field; on the command line: a later command"),
    entry(
        M::Always,
        C::Cancel,
        "cancel",
        &["ctrl-c"],
        "stop",
        "stop what runs: once asks it to, twice kills it, thrice leaves pictl",
    ),
    entry(M::Always, C::Suspend, "suspend", &["ctrl-z"], "", "put pictl into the background; `fg` brings it back"),
    entry(M::Always, C::Redraw, "redraw", &["ctrl-l"], "", "draw the whole screen again"),
];

/// Why a keymap cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeymapError {
    /// It is no TOML of the expected shape.
    #[error("keymap: {0}")]
    Syntax(#[from] toml::de::Error),
    /// It names a mode that does not exist.
    #[error("keymap: there is no mode {0:?}: everywhere, nodes, run, dialog, field and always are known")]
    Mode(String),
    /// It names a command that the mode does not have.
    #[error("keymap: mode {mode} has no command {command:?}: `pictl keymap` lists them")]
    Command {
        /// The mode.
        mode: &'static str,
        /// The unknown name.
        command: String,
    },
    /// It names a key that does not exist.
    #[error("keymap: {0}")]
    Key(#[from] NoKey),
    /// One key would mean two things at once.
    #[error("keymap: {key} means both {first} and {second} in mode {mode}: give one of them another key")]
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
        let wanted: BTreeMap<String, BTreeMap<String, Vec<String>>> = toml::from_str(text)?;
        let mut keymap = Self::default();
        for (mode, commands) in wanted {
            let mode = M::ALL.into_iter().find(|m| m.word() == mode).ok_or(KeymapError::Mode(mode))?;
            for (name, keys) in commands {
                let entry = TABLE
                    .iter()
                    .find(|e| e.mode == mode && e.name == name)
                    .ok_or(KeymapError::Command { mode: mode.word(), command: name })?;
                let keys = keys.iter().map(|key| key.parse()).collect::<Result<_, _>>()?;
                keymap.keys.insert((mode, entry.command), keys);
            }
        }
        keymap.check()?;
        Ok(keymap)
    }

    /// No key may mean two things where both could be meant.
    fn check(&self) -> Result<(), KeymapError> {
        for mode in M::ALL {
            let mut taken: HashMap<Key, &Entry> = HashMap::new();
            for entry in TABLE.iter().filter(|e| mode.heard_with().contains(&e.mode)) {
                for key in self.of(entry.mode, entry.command) {
                    if let Some(other) = taken.insert(*key, entry) {
                        return Err(KeymapError::Twice {
                            key: key.to_string(),
                            mode: mode.word(),
                            first: other.name,
                            second: entry.name,
                        });
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

/// The table of keys for the documentation, in Markdown.
pub fn keymap_markdown() -> String {
    let keymap = Keymap::default();
    let mut out = String::new();
    for mode in Mode::ALL {
        let _ = writeln!(out, "### {}\n\n| keys | name | what it does |\n|---|---|---|", mode.title());
        for entry in TABLE.iter().filter(|e| e.mode == mode) {
            let keys: Vec<_> = keymap.of(mode, entry.command).iter().map(|k| format!("`{k}`")).collect();
            let _ = writeln!(out, "| {} | `{}.{}` | {} |", keys.join(" "), mode.word(), entry.name, entry.text);
        }
        out.push('\n');
    }
    out
}

/// The default keymap as a commented TOML text: what `config/keymap.toml` holds.
pub fn keymap_toml() -> String {
    let mut out = String::from(
        "# The keys of the dashboard. This file holds the defaults; copy what you want to change.\n\
         # A key is a character or one of: enter esc space tab shift-tab backspace delete up down left right\n\
         # home end pageup pagedown f1 … f12; ctrl- and alt- stand before it.\n",
    );
    for mode in Mode::ALL {
        let _ = write!(out, "\n# {}\n[{}]\n", mode.title(), mode.word());
        for entry in TABLE.iter().filter(|e| e.mode == mode) {
            let keys: Vec<_> = entry.keys.iter().map(|k| format!("{k:?}")).collect();
            let _ = writeln!(out, "{} = [{}] # {}", entry.name, keys.join(", "), entry.text);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_can_be_read_and_none_means_two_things() {
        for entry in TABLE {
            for key in entry.keys {
                assert!(key.parse::<Key>().is_ok(), "{key}");
            }
        }
        Keymap::default().check().expect("no key means two things");
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
        assert!(error("[nodes]\nmark = [\"hyper-q\"]").contains("names no key"));
        assert!(error("[nodes").contains("keymap: "));
    }

    #[test]
    fn the_table_for_the_documentation_names_every_command() {
        let table = keymap_markdown();
        for entry in TABLE {
            assert!(table.contains(&format!("`{}.{}`", entry.mode.word(), entry.name)), "{entry:?}");
        }
    }
}
