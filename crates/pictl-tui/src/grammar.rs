//! What can be typed behind `:`. The grammar is that of the command line, so the program brings it along: this crate
//! knows neither the command line nor how it is parsed.

use std::collections::BTreeMap;
use std::fmt::Debug;

use pictl_model::request::{BenchRequest, ExecRequest, Login, MemberChange, ScanRequest, SetupRequest};
use pictl_model::world::{NodeView, World};
use pictl_model::{HostName, Millis, NodeId};

use crate::keymap::Command;

/// The grammar of the `:` line.
pub trait LineGrammar: Debug + Send + Sync {
    /// The commands, in the order in which they are offered.
    fn commands(&self) -> &[&'static str];

    /// What `line` asks for.
    ///
    /// # Errors
    ///
    /// Why it cannot be understood, in one line of plain text.
    fn parse(&self, line: &str, cx: &LineContext<'_>) -> Result<LineCommand, String>;

    /// The members that `expr` names: names, addresses and ranges.
    ///
    /// # Errors
    ///
    /// Which part of it names no member, in one line of plain text.
    fn members(&self, expr: &str, cx: &LineContext<'_>) -> Result<Vec<NodeId>, String>;

    /// What the word at the end of `before` could be: whole words, whether or not they begin with what is typed of it. It
    /// may be empty, after a blank.
    fn complete(&self, before: &str, cx: &LineContext<'_>) -> Vec<String>;
}

/// What a line may refer to.
#[derive(Debug)]
pub struct LineContext<'a> {
    /// What is known.
    pub world: &'a World,
    /// What each node is called on screen.
    pub names: BTreeMap<NodeId, String>,
    /// How to log in where the line says nothing else.
    pub login: &'a Login,
    /// The prefix of new names where the line says nothing else.
    pub prefix: &'a str,
}

impl LineContext<'_> {
    /// The node called `text`: by name, address or id.
    pub fn find(&self, text: &str) -> Option<&NodeView> {
        self.world.nodes.values().find(|n| {
            self.names.get(&n.id).is_some_and(|name| name == text)
                || n.name() == text
                || n.id.as_str() == text
                || n.address().is_some_and(|a| a.to_string() == text)
        })
    }
}

/// What a line asks for, understood.
#[derive(Clone, Debug, PartialEq)]
pub enum LineCommand {
    /// The same as the key of this command.
    Press(Command),
    /// Scan, once or again and again.
    Scan(ScanRequest),
    /// Make LEDs blink.
    Identify {
        /// Of these nodes.
        nodes: Vec<NodeId>,
        /// For how long.
        time: Millis,
        /// How to log in.
        login: Login,
    },
    /// Make a cluster; no nodes means those that the key of a setup means.
    Setup(SetupRequest),
    /// Run a benchmark.
    Bench(BenchRequest),
    /// Run the user's own program.
    Run(BenchRequest),
    /// Run a command.
    Exec(ExecRequest),
    /// Give a node a name.
    Rename {
        /// Which.
        node: NodeId,
        /// The name.
        name: HostName,
    },
    /// Change members.
    Change {
        /// Which.
        nodes: Vec<NodeId>,
        /// What of them.
        change: MemberChange,
    },
    /// Remove a member, after a question.
    Remove(NodeId),
    /// Work on keys.
    Keys {
        /// Which, as the command of its key.
        command: Command,
        /// The key to remove; empty where none was typed, and for other work.
        key: String,
        /// On which nodes, and how.
        how: KeysHow,
    },
}

/// How work on keys is done. The default is how its keys do it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeysHow {
    /// On these members; none means all.
    pub nodes: Vec<NodeId>,
    /// Show what would change, and change nothing.
    pub dry_run: bool,
    /// Do not ask before something is removed.
    pub yes: bool,
    /// How to log in, where not as usual.
    pub login: Option<Login>,
}
