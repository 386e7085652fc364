//! The command line: `:`, with history and completion.

use std::str::FromStr;

use pictl_model::event::Level;
use pictl_model::request::{MemberChange, Request};

use super::{App, Effect};
use crate::field::TextField;
use crate::jobs::{self, blink, scan};
use crate::key::Key;
use crate::keymap::Command;
use crate::windows::Remove;
use crate::windows::forms::{remove_key, rename};

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

/// The commands with what follows them.
pub(crate) const VERBS: [(&str, &str); 12] = [
    ("scan", "[TARGET …] [--exclude TARGET] [--interface IF] [--thorough]"),
    ("watch", "[TARGET …] [--exclude TARGET] [--interface IF] [--thorough]"),
    ("identify", "NODE …"),
    ("setup", ""),
    ("bench", "NAME [-n RANKS] [--slices N] [--slice-size N] [--repeat N]"),
    ("exec", "COMMAND"),
    ("name", "NODE NAME"),
    ("head", "NODE"),
    ("remove", "NODE"),
    ("keys", "check|mesh|push|rotate|rotate-nodes|unclone|remove [KEY]|passwords on|passwords off"),
    ("help", ""),
    ("quit", ""),
];

/// What can follow `keys`; the last takes `off` or `on` besides.
const KEY_WORDS: [(&str, Command); 8] = [
    ("check", Command::CheckPairs),
    ("mesh", Command::Mesh),
    ("push", Command::PushKey),
    ("rotate", Command::RotateKey),
    ("rotate-nodes", Command::RotateNodes),
    ("unclone", Command::Unclone),
    ("remove", Command::RemoveKey),
    ("passwords", Command::PasswordsOff),
];

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
        let verb = before.split_whitespace().next();
        let all: Vec<String> = match verb {
            None => VERBS.iter().map(|(verb, _)| (*verb).to_owned()).collect(),
            Some("bench") => {
                let names = self.cx.options.benchmarks.iter().map(|b| b.name.as_str());
                names.chain(["-n", "--slices", "--slice-size", "--repeat"]).map(str::to_owned).collect()
            }
            Some("keys") if before.trim() == "keys" => KEY_WORDS.map(|(word, _)| word.to_owned()).to_vec(),
            Some("keys") => vec!["on".to_owned(), "off".to_owned()],
            Some("scan" | "watch") => ["--exclude", "--interface", "--thorough"].map(str::to_owned).to_vec(),
            Some("identify") => self.cx.world.nodes.values().map(|n| self.cx.name_of(n)).collect(),
            Some("name" | "head" | "remove") if !before.trim().contains(' ') => {
                self.cx.world.nodes.values().map(|n| self.cx.name_of(n)).collect()
            }
            Some(_) => Vec::new(),
        };
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
        let (verb, rest) = text.split_once(char::is_whitespace).map_or((text, ""), |(v, r)| (v, r.trim()));
        let words: Vec<&str> = rest.split_whitespace().collect();
        match (verb, words.as_slice()) {
            ("scan", words) => {
                self.obstacle(Command::Scan)?;
                let scan = scan::scan_of(&self.cx, verb, words)?;
                scan::scan_if_sure(&mut self.cx, scan)
            }
            ("watch", words) => {
                self.obstacle(Command::WatchNet)?;
                let scan = scan::scan_of(&self.cx, verb, words)?;
                scan::scan_if_sure(&mut self.cx, scan::watched(scan))
            }
            ("identify", [_, ..]) => {
                self.obstacle(Command::Identify)?;
                let nodes = words.iter().map(|node| self.known_node(node)).collect::<Result<_, _>>()?;
                Ok(blink::blink(&mut self.cx, nodes))
            }
            ("setup", []) => self.checked(Command::SetUp),
            ("bench", [name, args @ ..]) => self.bench_line(name, args),
            ("exec", [_, ..]) => {
                self.obstacle(Command::Exec)?;
                Ok(jobs::exec(&mut self.cx, Vec::new(), rest))
            }
            ("name", [node, name]) => {
                let node = self.known_node(node)?;
                rename::rename(&mut self.cx, node, name)
            }
            ("head", [node]) => {
                let node = self.member(node)?;
                let change = MemberChange { head: true, ..MemberChange::default() };
                Ok(vec![Effect::Send(Request::SetMember { node, change })])
            }
            ("remove", [node]) => {
                let node = self.member(node)?;
                self.cx.open(Remove(node));
                Ok(Vec::new())
            }
            ("keys", words) => self.keys_line(words).unwrap_or_else(|| Err(usage(verb))),
            ("help", []) => self.checked(Command::Help),
            ("quit" | "q", []) => self.checked(Command::Quit),
            _ => Err(usage(verb)),
        }
    }

    /// What `keys` and these words do; `None` when they are no words of it.
    fn keys_line(&mut self, words: &[&str]) -> Option<Result<Vec<Effect>, String>> {
        let command = |word: &str| KEY_WORDS.iter().find(|(known, _)| *known == word).map(|(_, command)| *command);
        let (command, key) = match words {
            ["passwords", "on"] => (Command::PasswordsOn, &[][..]),
            ["passwords", "off"] => (Command::PasswordsOff, &[][..]),
            ["passwords", ..] => return None,
            ["remove", key @ ..] => (Command::RemoveKey, key),
            [word] => (command(word)?, &[][..]),
            _ => return None,
        };
        let done = self.checked(command);
        if done.is_ok() {
            self.cx.go(Command::GoKeys);
        }
        // What the key is stands in the form, which tells what will happen.
        if done.is_ok() && command == Command::RemoveKey && !key.is_empty() {
            remove_key::open(&mut self.cx, &key.join(" "));
        }
        Some(done)
    }

    fn checked(&mut self, command: Command) -> Result<Vec<Effect>, String> {
        self.obstacle(command)?;
        Ok(self.command(command))
    }

    fn known_node(&self, text: &str) -> Result<pictl_model::NodeId, String> {
        self.cx.find_node(text).ok_or_else(|| format!("there is no node {text:?}: names and addresses are known"))
    }

    fn member(&self, text: &str) -> Result<pictl_model::NodeId, String> {
        let node = self.known_node(text)?;
        let member = self.cx.world.nodes.get(&node).is_some_and(|n| n.member.is_some());
        if member { Ok(node) } else { Err(format!("{text} is not in the cluster: set it up first")) }
    }

    fn bench_line(&mut self, name: &str, args: &[&str]) -> Result<Vec<Effect>, String> {
        self.obstacle(Command::Bench)?;
        let all = &self.cx.options.benchmarks;
        let Some(benchmark) = all.iter().find(|b| b.name == name) else {
            let known: Vec<_> = all.iter().map(|b| b.name.as_str()).collect();
            return Err(format!("there is no benchmark {name:?}: {}", known.join(", ")));
        };
        let mut request = self.cx.options.run_defaults.clone();
        request.workload.name.clone_from(&benchmark.name);
        (request.workload.slices, request.workload.slice_size) = (benchmark.slices, benchmark.slice_size);
        let mut args = args.iter();
        while let Some(option) = args.next() {
            let value = args.next().ok_or_else(|| format!("{option} needs a number"))?;
            match *option {
                "-n" => request.ranks = Some(positive(option, value)?),
                "--slices" => request.workload.slices = Some(positive(option, value)?),
                "--slice-size" => request.workload.slice_size = Some(positive(option, value)?),
                "--repeat" => request.repeat = positive(option, value)?,
                other => return Err(format!("bench has no option {other:?}: -n --slices --slice-size --repeat")),
            }
        }
        self.cx.say(Level::Info, "benchmark asked for");
        Ok(jobs::bench(&mut self.cx, request))
    }
}

/// How a command is written, or which ones there are.
fn usage(verb: &str) -> String {
    if let Some((verb, follows)) = VERBS.iter().find(|(known, _)| *known == verb) {
        return format!("usage: {verb} {follows}").trim_end().to_owned();
    }
    let known: Vec<&str> = VERBS.iter().map(|(verb, _)| *verb).collect();
    format!("there is no command {verb:?}: {}", known.join(", "))
}

fn positive<N: FromStr + PartialOrd + From<u8>>(option: &str, value: &str) -> Result<N, String> {
    let number = value.parse::<N>().ok().filter(|n| *n >= N::from(1));
    number.ok_or_else(|| format!("{option}: {value:?} is no whole number from 1 on"))
}

/// What all words begin with.
fn common_start(words: &[String]) -> String {
    let Some(first) = words.first() else { return String::new() };
    let shared = words.iter().map(|w| w.chars().zip(first.chars()).take_while(|(a, b)| a == b).count()).min();
    first.chars().take(shared.unwrap_or(0)).collect()
}
