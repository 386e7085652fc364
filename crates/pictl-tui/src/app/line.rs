//! The command line: `:`, with history and completion.

use std::sync::Arc;

use pictl_model::NodeId;
use pictl_model::event::Level;
use pictl_model::request::Request;

use super::App;
use crate::field::TextField;
use crate::grammar::{KeysHow, LineCommand};
use crate::jobs::{blink, scan, start};
use crate::key::Key;
use crate::keymap::Command;
use crate::messages::Effect;
use crate::screens::keys::{KeyTask, limited};
use crate::windows::Remove;
use crate::windows::forms::{remove_key, rename};
use crate::windows::key_work;

/// A command line being typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct CommandLine {
    pub(crate) field: TextField,
    /// Why the last try was not understood.
    pub(crate) error: Option<String>,
    /// Words that could stand here, after Tab found several.
    pub(crate) choices: Vec<String>,
    /// How far back in the history.
    back: usize,
}

/// Lines kept for going back to.
const HISTORY: usize = 100;

impl App {
    pub(super) fn open_line(&mut self, text: &str) {
        self.line = Some(CommandLine { field: TextField::with(text), ..CommandLine::default() });
    }

    pub(super) fn line_key(&mut self, key: Key, command: Option<Command>) -> Vec<Effect> {
        let Some(line) = &mut self.line else { return Vec::new() };
        if key.typed().is_none() {
            match command {
                Some(Command::Accept) => return self.run_line(),
                Some(Command::Refuse) => {
                    self.line = None;
                    return Vec::new();
                }
                Some(Command::NextField) => {
                    self.complete();
                    return Vec::new();
                }
                Some(Command::Up | Command::PreviousField) => {
                    self.recall(true);
                    return Vec::new();
                }
                Some(Command::Down) => {
                    self.recall(false);
                    return Vec::new();
                }
                _ => {}
            }
        }
        if line.field.key(key) {
            (line.error, line.choices) = (None, Vec::new());
        }
        Vec::new()
    }

    fn recall(&mut self, earlier: bool) {
        let Some(line) = &mut self.line else { return };
        line.back = if earlier { (line.back + 1).min(self.history.len()) } else { line.back.saturating_sub(1) };
        let text = if line.back == 0 { "" } else { &self.history[self.history.len() - line.back] };
        line.field = TextField::with(text);
    }

    fn complete(&mut self) {
        let Some(text) = self.line.as_ref().map(|line| line.field.text().to_owned()) else { return };
        let (before, word) = text.rsplit_once(' ').map_or(("", text.as_str()), |(b, w)| (b, w));
        let all = self.cx.options.grammar.complete(&text, &self.cx.line_context());
        let fitting: Vec<String> = all.into_iter().filter(|w| w.starts_with(word)).collect();
        let Some(line) = &mut self.line else { return };
        let common = common_start(&fitting);
        if common.len() > word.len() || fitting.len() == 1 {
            let gap = if before.is_empty() { "" } else { " " };
            let end = if fitting.len() == 1 { " " } else { "" };
            line.field = TextField::with(&format!("{before}{gap}{common}{end}"));
        }
        line.choices = if fitting.len() > 1 { fitting } else { Vec::new() };
    }

    fn run_line(&mut self) -> Vec<Effect> {
        let Some(mut line) = self.line.take() else { return Vec::new() };
        let text = line.field.text().trim().to_owned();
        if text.is_empty() {
            return Vec::new();
        }
        if self.history.last() != Some(&text) {
            self.history.push(text.clone());
            if self.history.len() > HISTORY {
                self.history.remove(0);
            }
        }
        self.perform(&text).unwrap_or_else(|why| {
            line.error = Some(why);
            self.line = Some(line);
            Vec::new()
        })
    }

    /// Does what a command line says, or says what is wrong with it.
    fn perform(&mut self, text: &str) -> Result<Vec<Effect>, String> {
        let grammar = Arc::clone(&self.cx.options.grammar);
        match grammar.parse(text, &self.cx.line_context())? {
            LineCommand::Press(command) => self.checked(command),
            LineCommand::Scan(request) => {
                self.obstacle(if request.every.is_some() { Command::WatchNet } else { Command::Scan })?;
                scan::scan_if_sure(&mut self.cx, request)
            }
            LineCommand::Identify { nodes, time, login } => {
                self.obstacle(Command::Identify)?;
                Ok(blink::blink(&mut self.cx, nodes, time, login))
            }
            LineCommand::Setup(request) => {
                self.obstacle(Command::SetUp)?;
                Ok(start::set_up(&mut self.cx, request))
            }
            LineCommand::Bench(mut request) => {
                let on = self.limit(Command::Bench, &mut request.nodes)?;
                self.cx.say(Level::Info, format!("benchmark asked for{on}"));
                Ok(start::bench(&mut self.cx, request))
            }
            LineCommand::Run(mut request) => {
                let on = self.limit(Command::Bench, &mut request.nodes)?;
                self.cx.say(Level::Info, format!("run asked for{on}"));
                Ok(start::bench(&mut self.cx, request))
            }
            LineCommand::Exec(mut request) => {
                let on = self.limit(Command::Exec, &mut request.nodes)?;
                if !on.is_empty() {
                    self.cx.say(Level::Info, format!("command asked for{on}"));
                }
                Ok(start::exec(&mut self.cx, request))
            }
            LineCommand::Rename { node, name } => rename::rename(&mut self.cx, node, name.as_str()),
            LineCommand::Change { nodes, change } => {
                let change = |node| Effect::Send(Request::SetMember { node, change: change.clone() });
                Ok(nodes.into_iter().map(change).collect())
            }
            LineCommand::Remove(node) => {
                self.cx.open(Remove(node));
                Ok(Vec::new())
            }
            LineCommand::Keys { command, key, how } => self.work_on_keys(command, &key, how),
        }
    }

    /// A line that names no nodes means the marked ones. Gives the words for that.
    fn limit(&self, command: Command, nodes: &mut Vec<NodeId>) -> Result<String, String> {
        if !nodes.is_empty() {
            // What is typed goes before the marks.
            self.cx.is_live()?;
            self.cx.is_free()?;
            return self.cx.has_members().map(|()| String::new());
        }
        self.obstacle(command)?;
        *nodes = self.cx.marked_members();
        Ok(if nodes.is_empty() { String::new() } else { format!(" on {}", self.cx.of_members(nodes)) })
    }

    fn work_on_keys(&mut self, command: Command, key: &str, how: KeysHow) -> Result<Vec<Effect>, String> {
        self.obstacle(command)?;
        self.cx.go(Command::GoKeys);
        let how = limited(&self.cx, command, how);
        if let Some(task) = KeyTask::of(command) {
            return Ok(key_work::ask(&mut self.cx, task, how));
        }
        // The form shows which key will go.
        remove_key::open(&mut self.cx, key, how);
        Ok(Vec::new())
    }

    fn checked(&mut self, command: Command) -> Result<Vec<Effect>, String> {
        self.obstacle(command)?;
        Ok(self.command(command))
    }
}

/// What all words begin with.
fn common_start(words: &[String]) -> String {
    let Some(first) = words.first() else { return String::new() };
    let shared = words.iter().map(|w| w.chars().zip(first.chars()).take_while(|(a, b)| a == b).count()).min();
    first.chars().take(shared.unwrap_or(0)).collect()
}
