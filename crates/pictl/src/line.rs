//! The `:` line of the dashboard: the grammar of the command line, and what the dashboard makes of it.

mod complete;
mod words;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use pictl_formats::nodeset::{self, NodeName};
use pictl_model::node::Member;
use pictl_model::request::{BenchRequest, ExecRequest, Login, MemberChange, ScanRequest, SetupRequest};
use pictl_model::world::NodeView;
use pictl_model::{HostName, Millis, NodeId};
use pictl_tui::{Command as Key, KeysHow, LineCommand, LineContext, LineGrammar};

use crate::cli::{self, Global, KeysCommand, LoginArgs, NodesCommand, Passwords};
use crate::commands::{bench, chosen, nodes, run, scan, setup};
use crate::exit::Trouble;
use crate::wire::Setting;

/// A watch scans again this many seconds after the last pass.
const EVERY: u64 = 5;

/// The commands that mean something in the dashboard, in the order in which they are offered.
const OFFERED: [&str; 15] = [
    "scan", "watch", "identify", "setup", "bench", "exec", "name", "head", "remove", "keys", "nodes", "run", "runs",
    "help", "quit",
];

/// A line as clap parses it: all commands of the program, and some that only the dashboard has.
#[derive(Debug, Parser)]
#[command(name = "pictl", no_binary_name = true, disable_help_subcommand = true, disable_version_flag = true)]
struct Line {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Verb,
}

/// What a line begins with.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Scan again and again, and report what changes
    Watch(cli::Scan),
    /// Make LEDs blink
    Identify {
        /// Names, addresses or ranges
        #[arg(required = true, value_name = "NODE")]
        names: Vec<String>,
        /// For how long
        #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=3600))]
        seconds: u64,
    },
    /// Give a node a name
    Name {
        /// Its name or address
        node: String,
        /// Its new name
        name: HostName,
    },
    /// Make a node the head node
    Head {
        /// Its name or address
        node: String,
    },
    /// Remove a node from the cluster
    Remove {
        /// Its name or address
        node: String,
    },
    /// Show the keys
    Help,
    /// Leave
    #[command(alias = "q")]
    Quit,
    #[command(flatten)]
    Program(cli::Command),
}

/// The grammar of the command line for the dashboard.
#[derive(Debug)]
pub(crate) struct Grammar {
    setting: Setting,
}

impl Grammar {
    /// The grammar where a line says nothing else than `setting` does.
    pub(crate) fn new(setting: &Setting) -> Self {
        Self { setting: setting.clone() }
    }
}

impl LineGrammar for Grammar {
    fn commands(&self) -> &[&'static str] {
        &OFFERED
    }

    fn parse(&self, line: &str, cx: &LineContext<'_>) -> Result<LineCommand, String> {
        let words = words::split(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let words = match words.as_slice() {
            // The form asks which key.
            ["keys", "remove"] => return Ok(on_keys(Key::RemoveKey, String::new(), KeysHow::default())),
            // Once it was typed like this.
            ["keys", "rotate-nodes", rest @ ..] => [&["keys", "rotate", "--of-nodes"], rest].concat(),
            words => words.to_vec(),
        };
        let mut grammar = Line::command();
        let words = cli::foreign::translate(words.iter().map(Into::into).collect(), &grammar)?;
        let parsed = grammar.try_get_matches_from_mut(words).and_then(|matches| Line::from_arg_matches(&matches));
        let parsed = parsed.map_err(|e| one_line(&cli::foreign::explain(e, &grammar)))?;
        Understood::new(&self.setting, parsed.global, cx)?.command(parsed.command, line)
    }

    fn members(&self, expr: &str, cx: &LineContext<'_>) -> Result<Vec<NodeId>, String> {
        let setting = self.setting.clone();
        let members = cx.world.members().iter().filter_map(|n| n.member.clone()).collect();
        Understood { setting, said: LoginArgs::default(), cx, members }.selected(expr)
    }

    fn complete(&self, before: &str, cx: &LineContext<'_>) -> Vec<String> {
        complete::candidates(before, cx)
    }
}

/// A line with its shared options taken in.
struct Understood<'a> {
    /// The program's, with what the line says.
    setting: Setting,
    /// What the line itself says of logins.
    said: LoginArgs,
    cx: &'a LineContext<'a>,
    members: Vec<Member>,
}

impl<'a> Understood<'a> {
    fn new(setting: &Setting, mut global: Global, cx: &'a LineContext<'a>) -> Result<Self, String> {
        let said = global.login.clone();
        for (option, given) in [
            ("--json", global.json),
            ("--plain", global.plain),
            ("--no-color", global.no_color),
            ("--verbose", global.verbose > 0),
            ("--log", global.log.is_some()),
            ("--config", global.config.is_some()),
            ("--cluster", global.cluster != "default"),
        ] {
            if given {
                return Err(format!("{option} is chosen when pictl starts: leave it out here"));
            }
        }
        if said.password_stdin || said.sudo_password_stdin || said.passphrase_stdin {
            return Err("the dashboard asks for passwords itself: leave out the options that read them".to_owned());
        }
        if said.key_type.is_some() {
            return Err("keys are made as the dashboard was started: pictl --key-type rsa".to_owned());
        }
        let usual = &setting.login_args;
        let login_args = LoginArgs {
            user: said.user.clone().or_else(|| cx.login.user.clone()).or_else(|| usual.user.clone()),
            port: said.port.or(usual.port),
            identity: said.identity.clone().or_else(|| usual.identity.clone()),
            jump: said.jump.clone().or_else(|| usual.jump.clone()),
            trust: said.trust.or(usual.trust),
            key_type: usual.key_type,
            ..LoginArgs::default()
        };
        global.cluster.clone_from(&setting.global.cluster);
        let setting = Setting { global, login_args, config: setting.config.clone(), paths: setting.paths.clone() };
        let members = cx.world.members().iter().filter_map(|n| n.member.clone()).collect();
        Ok(Self { setting, said, cx, members })
    }

    fn command(&self, verb: Verb, line: &str) -> Result<LineCommand, String> {
        let setting = &self.setting;
        Ok(match verb {
            Verb::Watch(args) => {
                LineCommand::Scan(self.scan(&cli::Scan { watch: args.watch.or(Some(EVERY)), ..args })?)
            }
            Verb::Identify { names, seconds } => {
                let nodes = names.iter().map(|name| self.some(name)).collect::<Result<Vec<_>, _>>()?;
                self.blink(nodes.concat(), seconds)
            }
            Verb::Name { node, name } => LineCommand::Rename { node: self.one(&node)?.id.clone(), name },
            Verb::Head { node } => {
                let change = MemberChange { head: true, ..MemberChange::default() };
                LineCommand::Change { nodes: vec![self.member(&node)?], change }
            }
            Verb::Remove { node } => LineCommand::Remove(self.member(&node)?),
            Verb::Help => LineCommand::Press(Key::Help),
            Verb::Quit => LineCommand::Press(Key::Quit),
            Verb::Program(command) => match command {
                cli::Command::Scan(args) => LineCommand::Scan(self.scan(&args)?),
                cli::Command::Nodes { command } => self.nodes(command.unwrap_or(NodesCommand::List))?,
                cli::Command::Keys(args) => self.keys(&args)?,
                cli::Command::Setup(args) => self.setup(&args)?,
                cli::Command::Exec(args) => LineCommand::Exec(ExecRequest {
                    nodes: if args.hosts.is_empty() {
                        self.chosen_members()?
                    } else {
                        chosen::chosen(setting, &args.hosts, &self.members).map_err(text)?.nodes
                    },
                    command: words::shell_line(line, &args.command),
                    timeout: args.timeout.map(|s| Millis(s.saturating_mul(1000))),
                    login: self.login(),
                }),
                cli::Command::Bench(args) => {
                    joined(&args.launch)?;
                    let request = bench::request(setting, &args, &self.members).map_err(text)?;
                    LineCommand::Bench(BenchRequest { login: self.login(), ..request })
                }
                cli::Command::Run(args) => {
                    joined(&args.launch)?;
                    let request = run::request(setting, &args, &self.members).map_err(text)?;
                    LineCommand::Run(BenchRequest { login: self.login(), ..request })
                }
                cli::Command::Demo(_) => return Err(elsewhere("demo")),
                cli::Command::Lab(_) => return Err(elsewhere("lab")),
                cli::Command::Machinefile(_) => return Err(elsewhere("machinefile")),
                cli::Command::Attach(_) => return Err(elsewhere("attach")),
                cli::Command::Runs(cli::RunsCommand::List) => LineCommand::Press(Key::GoHistory),
                cli::Command::Runs(_) => return Err("the History screen does this: runs list shows it".to_owned()),
                cli::Command::Config { .. } => return Err(elsewhere("config")),
                cli::Command::Keymap { .. } => return Err("help shows the keys".to_owned()),
                cli::Command::Completions { .. } => return Err(elsewhere("completions")),
                cli::Command::Man { .. } => return Err(elsewhere("man")),
            },
        })
    }

    fn scan(&self, args: &cli::Scan) -> Result<ScanRequest, String> {
        if args.save {
            return Err("--save is for the command line: here, mark hosts and set them up".to_owned());
        }
        Ok(scan::wanted(&self.setting, args))
    }

    fn blink(&self, nodes: Vec<NodeId>, seconds: u64) -> LineCommand {
        LineCommand::Identify { nodes, time: Millis(1000 * seconds), login: self.login() }
    }

    fn nodes(&self, command: NodesCommand) -> Result<LineCommand, String> {
        Ok(match command {
            NodesCommand::List => LineCommand::Press(Key::GoNodes),
            NodesCommand::Add { .. } => {
                return Err("nodes add is for the command line: here, scan the address and set it up".to_owned());
            }
            NodesCommand::Remove { select } => match self.selected(&select)?.as_slice() {
                [node] => LineCommand::Remove(node.clone()),
                many => return Err(format!("{select} is {} nodes: remove them one by one here", many.len())),
            },
            NodesCommand::Set { select, name, head } => {
                let nodes = self.selected(&select)?;
                let login = nodes::login_change(&self.setting, &self.said).map_err(text)?;
                let change = MemberChange { name, head, ..login };
                nodes::check_change(&select, nodes.len(), &change).map_err(text)?;
                LineCommand::Change { nodes, change }
            }
            NodesCommand::Identify { seconds } => {
                let nodes = match &self.setting.global.nodes {
                    Some(expr) => self.some(expr)?,
                    None => self.members.iter().map(|m| m.id.clone()).collect(),
                };
                self.blink(nodes, seconds)
            }
        })
    }

    fn keys(&self, args: &cli::Keys) -> Result<LineCommand, String> {
        let (command, key) = match &args.command {
            KeysCommand::Push => (Key::PushKey, String::new()),
            KeysCommand::Mesh => (Key::Mesh, String::new()),
            KeysCommand::Check => (Key::CheckPairs, String::new()),
            KeysCommand::Rotate { of_nodes: false } => (Key::RotateKey, String::new()),
            KeysCommand::Rotate { of_nodes: true } => (Key::RotateNodes, String::new()),
            // A key's line and many comments have blanks in them.
            KeysCommand::Remove { keys } => (Key::RemoveKey, keys.join(" ")),
            KeysCommand::Ssh { .. } => return Err(elsewhere("keys ssh")),
            KeysCommand::Unclone => (Key::Unclone, String::new()),
            KeysCommand::Passwords { wanted: Passwords::On } => (Key::PasswordsOn, String::new()),
            KeysCommand::Passwords { wanted: Passwords::Off } => (Key::PasswordsOff, String::new()),
        };
        let how = KeysHow {
            nodes: self.chosen_members()?,
            dry_run: args.how.dry_run,
            yes: args.how.yes,
            login: (self.said != LoginArgs::default()).then(|| self.login()),
        };
        Ok(on_keys(command, key, how))
    }

    fn setup(&self, args: &cli::Setup) -> Result<LineCommand, String> {
        let nodes = self.setting.global.nodes.as_deref().map(|expr| self.some(expr)).transpose()?;
        let head = args.head.as_deref().map(|head| self.one(head).map(|node| node.id.clone())).transpose()?;
        let is_plain = args.only.is_empty()
            && !args.dry_run
            && !args.yes
            && args.mpi.is_none()
            && args.mpi_prefix.is_none()
            && args.prefix.is_none();
        // Without options it is the same as its key: a form asks.
        if is_plain && nodes.is_none() && head.is_none() && self.said == LoginArgs::default() {
            return Ok(LineCommand::Press(Key::SetUp));
        }
        Ok(LineCommand::Setup(SetupRequest {
            prefix: args.prefix.clone().unwrap_or_else(|| self.cx.prefix.to_owned()),
            login: self.login(),
            ..setup::request(&self.setting, args, nodes.unwrap_or_default(), head)
        }))
    }

    fn login(&self) -> Login {
        self.setting.login(true)
    }

    /// The node called `name`.
    fn one(&self, name: &str) -> Result<&'a NodeView, String> {
        self.cx.find(name).ok_or_else(|| format!("there is no node {name:?}: type the name or address of a known one"))
    }

    /// The member called `name`.
    fn member(&self, name: &str) -> Result<NodeId, String> {
        let node = self.one(name)?;
        if node.member.is_some() { Ok(node.id.clone()) } else { Err(not_in_cluster(name)) }
    }

    /// The nodes that `expr` means: one by its name, or names, addresses and ranges.
    fn some(&self, expr: &str) -> Result<Vec<NodeId>, String> {
        if let Some(node) = self.cx.find(expr) {
            return Ok(vec![node.id.clone()]);
        }
        let known: Vec<&NodeView> = self.cx.world.nodes.values().filter(|n| n.address().is_some()).collect();
        let name = |node: &&NodeView| {
            let name = self.cx.names.get(&node.id).cloned().unwrap_or_default();
            node.address().map(|address| NodeName { name, address })
        };
        let names: Vec<NodeName> = known.iter().filter_map(name).collect();
        match nodeset::select(expr, &names) {
            Ok(places) => Ok(places.into_iter().map(|at| known[at].id.clone()).collect()),
            Err(_) => self.one(expr).map(|node| vec![node.id.clone()]),
        }
    }

    /// The members that `expr` means.
    fn selected(&self, expr: &str) -> Result<Vec<NodeId>, String> {
        let nodes = self.some(expr)?;
        let member = |id: &NodeId| self.members.iter().any(|m| m.id == *id);
        if nodes.iter().all(member) { Ok(nodes) } else { Err(not_in_cluster(expr)) }
    }

    /// The members of `--nodes`; none where it is not given, which means all.
    fn chosen_members(&self) -> Result<Vec<NodeId>, String> {
        self.setting.global.nodes.as_deref().map_or(Ok(Vec::new()), |expr| self.selected(expr))
    }
}

fn on_keys(command: Key, key: String, how: KeysHow) -> LineCommand {
    LineCommand::Keys { command, key, how }
}

/// Leaving a run is done by quitting.
fn joined(launch: &cli::LaunchArgs) -> Result<(), String> {
    if launch.detach {
        return Err("--detach is for the command line: here, quit during the run and leave it running".to_owned());
    }
    Ok(())
}

fn elsewhere(command: &str) -> String {
    format!("{command} does not work in the dashboard: run `pictl {command}` in a shell")
}

fn not_in_cluster(name: &str) -> String {
    format!("{name} is not in the cluster: set it up first")
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn text(trouble: Trouble) -> String {
    trouble.to_string()
}

/// What clap says of a line that it does not understand, without line breaks and colours.
fn one_line(error: &clap::Error) -> String {
    const TOP: &str = "usage: [OPTIONS] <COMMAND>";
    let all = error.to_string();
    let usage = all.lines().find_map(|line| line.strip_prefix("Usage: "));
    let usage = usage.map(|usage| format!("usage: {}", usage.trim_start_matches("pictl ")));
    if usage.as_deref() == Some(TOP) {
        return match error.get(ContextKind::InvalidSubcommand) {
            Some(ContextValue::String(word)) => format!("there is no command {word:?}: {}", OFFERED.join(", ")),
            _ => format!("type a command: {}", OFFERED.join(", ")),
        };
    }
    let said =
        all.lines().take_while(|line| !line.starts_with("Usage: ") && !line.starts_with("For more")).map(str::trim);
    let said = said.filter(|line| !line.is_empty() && !line.starts_with("tip: to pass"));
    let mut text = String::new();
    // Help is its usage alone.
    if !matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) {
        for part in said {
            if !text.is_empty() {
                text.push_str(if text.ends_with(':') { " " } else { "; " });
            }
            text.push_str(part.trim_start_matches("error: "));
        }
    }
    let below = usage.as_deref().and_then(below).map(|names| format!(": {names}")).unwrap_or_default();
    let usage = usage.map(|usage| format!("{usage}{below}"));
    [text].into_iter().filter(|text| !text.is_empty()).chain(usage).collect::<Vec<_>>().join("; ")
}

/// What can stand for `<COMMAND>` in a usage.
fn below(usage: &str) -> Option<String> {
    let name = usage.strip_suffix(" [OPTIONS] <COMMAND>")?.strip_prefix("usage: ")?;
    let names: Vec<_> =
        Line::command().find_subcommand(name)?.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    Some(names.join(", "))
}

#[cfg(test)]
mod tests;
