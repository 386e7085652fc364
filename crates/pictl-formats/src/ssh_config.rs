//! The configuration of OpenSSH's client (ssh_config(5)), as far as it says where a host is and how to log in there.
//!
//! Read are `Host`, `HostName`, `User`, `Port`, `IdentityFile`, `IdentitiesOnly`, `ProxyJump` and `Include`; a
//! `ProxyCommand` is reported. All other keywords are ignored. Blocks of `Match` are skipped, except `Match all`.
//! Where OpenSSH gives up at a line that it does not understand, this reader reports it and goes on with the next
//! one.

mod arguments;
mod hop;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};

pub use hop::{Hop, HopError};
use pictl_model::text::clean;

use crate::pattern::any_matches;

/// [`Problem::file`] of the text that [`SshConfig::parse`] reads.
pub const USUAL_FILE: &str = "~/.ssh/config";

/// How deep files may include each other, as in OpenSSH.
const MAX_DEPTH: usize = 16;
/// Files that are read, and their bytes all together: two files that include each other twice would otherwise be read
/// 65,536 times.
const MAX_FILES: usize = 256;
const MAX_BYTES: usize = 1024 * 1024;
/// Longest value taken, in bytes.
const MAX_VALUE: usize = 4096;
/// Most problems that are reported.
const MAX_PROBLEMS: usize = 50;
/// Most names that are checked for aliases.
const MAX_ALIASES: usize = 1000;
/// Most key files of one host, as in OpenSSH.
const MAX_IDENTITIES: usize = 100;

/// A line that was not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file in which it stands.
    pub file: String,
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it, and what follows from that.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}: {}", self.file, self.line, self.text)
    }
}

/// The configuration of one host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostOptions {
    /// The name or address to connect to, in lower case.
    pub host_name: Option<String>,
    /// The user who logs in.
    pub user: Option<String>,
    /// The port of its SSH server.
    pub port: Option<u16>,
    /// Private key files in the order in which they are offered, `~` and tokens expanded. A relative path is relative to
    /// the working folder. `none` is left out.
    pub identity_files: Vec<PathBuf>,
    /// Offer only these files, and of an agent's keys only those that belong to them.
    pub identities_only: bool,
    /// The jump hosts, in order.
    pub proxy_jump: Vec<Hop>,
    /// OpenSSH would run a program (`ProxyCommand`) to reach it, which pictl does not do.
    pub proxy_command: bool,
}

/// Settings that hold under one condition.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    /// The block in which the file of this one was included; it must hold too.
    inside: Option<usize>,
    /// The hosts it is for. Without patterns it never holds.
    patterns: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Setting {
    HostName(String),
    User(String),
    Port(u16),
    IdentityFile(String),
    IdentitiesOnly(bool),
    Jump(Vec<Hop>),
    /// The command matters only if it is `none`.
    Command {
        none: bool,
    },
}

/// A configuration with all that it includes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SshConfig {
    /// A block follows the one that it is inside of.
    blocks: Vec<Block>,
    /// Settings in the order of the files, each with the number of its block.
    settings: Vec<(usize, Setting)>,
    /// Aliases: where each leads, in the order of the files.
    aliases: Vec<(String, String)>,
    local_user: Option<String>,
}

impl SshConfig {
    /// Reads a configuration. `include` gets each argument of an `Include` line as it is (a path that may begin with
    /// `~`, be relative to `~/.ssh`, and hold wildcards) and returns names and texts of the files that it means, in
    /// order.
    pub fn parse(text: &str, include: &mut dyn FnMut(&str) -> Vec<(String, String)>) -> (Self, Vec<Problem>) {
        let mut reader = Reader { config: Self::default(), problems: Vec::new(), include, files: 0, bytes: 0 };
        let every = reader.open(None, vec!["*".to_owned()]);
        reader.file(USUAL_FILE, text, every, 0);
        let Reader { mut config, problems, .. } = reader;
        config.aliases = config.find_aliases();
        (config, problems)
    }

    /// The names on `Host` lines, without wildcards, that lead to another name or address.
    fn find_aliases(&self) -> Vec<(String, String)> {
        let arguments = self.blocks.iter().flat_map(|block| &block.patterns);
        let literal = arguments.filter(|argument| !argument.contains(['*', '?', '!'])).take(MAX_ALIASES);
        let leads = |argument: &String| Some((argument.clone(), self.lookup(&[argument], "").host_name?));
        literal.filter_map(leads).filter(|(alias, name)| !alias.eq_ignore_ascii_case(name)).collect()
    }

    /// Where the name `alias` leads, if it is an alias of another name or an address.
    pub fn leads_to(&self, alias: &str) -> Option<&str> {
        self.aliases.iter().find(|(argument, _)| argument.eq_ignore_ascii_case(alias)).map(|(_, name)| name.as_str())
    }

    /// The names that lead to the host with these `names` and addresses.
    pub fn aliases_of(&self, names: &[&str]) -> impl Iterator<Item = &str> {
        let meant = move |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        self.aliases.iter().filter(move |(_, name)| meant(name)).map(|(alias, _)| alias.as_str())
    }

    /// The same configuration on behalf of the local user `name`, for the token `%u`. Without it that is the name of
    /// the home folder.
    #[must_use]
    pub fn with_user(self, name: &str) -> Self {
        Self { local_user: Some(name.to_owned()), ..self }
    }

    /// The configuration of the host with these names (and addresses); the first is the one that a user would type. A
    /// block is for this host when a pattern matches any of the names and no negated one does. `home` is the home
    /// folder of the local user.
    pub fn lookup(&self, names: &[&str], home: &str) -> HostOptions {
        let mut found = HostOptions::default();
        let mut identities: Vec<&str> = Vec::new();
        let mut identities_only = None;
        let mut way = None;
        // The first value wins, except for key files, which add up.
        for setting in self.settings_of(names) {
            match setting {
                Setting::HostName(name) => _ = found.host_name.get_or_insert_with(|| name.clone()),
                Setting::User(user) => _ = found.user.get_or_insert_with(|| user.clone()),
                Setting::Port(port) => _ = found.port.get_or_insert(*port),
                Setting::IdentitiesOnly(only) => _ = identities_only.get_or_insert(*only),
                Setting::IdentityFile(file) => {
                    if identities.len() < MAX_IDENTITIES && !identities.contains(&file.as_str()) {
                        identities.push(file);
                    }
                }
                Setting::Jump(_) | Setting::Command { .. } => _ = way.get_or_insert(setting),
            }
        }
        found.identities_only = identities_only.unwrap_or(false);
        match way {
            Some(Setting::Jump(hops)) => found.proxy_jump.clone_from(hops),
            Some(Setting::Command { none }) => found.proxy_command = !none,
            _ => {}
        }
        let typed = names.first().copied().unwrap_or_default();
        let name = found.host_name.as_deref().and_then(|name| arguments::expand(name, |_| Some(typed.to_owned())));
        found.host_name = name.map(|name| name.to_ascii_lowercase());

        let me = self.local_user.as_deref().or_else(|| Path::new(home).file_name()?.to_str()).unwrap_or_default();
        let value = |token| {
            Some(match token {
                'd' => home.to_owned(),
                'h' => found.host_name.clone().unwrap_or_else(|| typed.to_ascii_lowercase()),
                'n' => typed.to_owned(),
                'p' => found.port.unwrap_or(22).to_string(),
                'r' => found.user.clone().unwrap_or_else(|| me.to_owned()),
                'u' => me.to_owned(),
                _ => return None,
            })
        };
        let path = |file: &str| match file.strip_prefix('~') {
            Some(rest) => arguments::expand(rest, value).map(|rest| PathBuf::from(format!("{home}{rest}"))),
            None => arguments::expand(file, value).map(PathBuf::from),
        };
        let named = identities.into_iter().filter(|file| !file.eq_ignore_ascii_case("none"));
        let identity_files = named.filter_map(path).collect();
        HostOptions { identity_files, ..found }
    }

    /// The settings for the host with these names, in the order of the files.
    fn settings_of(&self, names: &[&str]) -> impl Iterator<Item = &Setting> {
        let mut holds: Vec<bool> = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            let outer = block.inside.is_none_or(|outer| holds[outer]);
            holds.push(outer && any_matches(block.patterns.iter().map(String::as_str), names));
        }
        self.settings.iter().filter(move |(block, _)| holds[*block]).map(|(_, setting)| setting)
    }
}

struct Reader<'a> {
    config: SshConfig,
    problems: Vec<Problem>,
    include: &'a mut dyn FnMut(&str) -> Vec<(String, String)>,
    files: usize,
    bytes: usize,
}

impl Reader<'_> {
    fn open(&mut self, inside: Option<usize>, patterns: Vec<String>) -> usize {
        self.config.blocks.push(Block { inside, patterns });
        self.config.blocks.len() - 1
    }

    /// Reads a file that is included in the block `outer`.
    fn file(&mut self, name: &str, text: &str, outer: usize, depth: usize) {
        self.files += 1;
        self.bytes += text.len();
        if self.files > MAX_FILES || self.bytes > MAX_BYTES {
            return self.report(name, 1, "the configuration is too long: this file is not read".into());
        }
        let mut block = outer;
        for (at, line) in text.lines().enumerate() {
            if let Err(text) = self.line(line, outer, &mut block, depth) {
                self.report(name, at + 1, text);
            }
        }
    }

    fn report(&mut self, file: &str, line: usize, text: String) {
        let problem = Problem { file: clean(file, 200), line, text };
        // A file can be included many times.
        if self.problems.len() < MAX_PROBLEMS && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn line(&mut self, line: &str, outer: usize, block: &mut usize, depth: usize) -> Result<(), String> {
        let Some((keyword, value)) = arguments::keyword(line) else { return Ok(()) };
        let arguments = arguments(value);
        let setting = match keyword.as_str() {
            "host" => {
                let patterns = arguments.as_ref().map_or_else(|_| Vec::new(), Vec::clone);
                *block = self.open(Some(outer), patterns);
                return arguments.map(drop);
            }
            "match" => {
                let all = arguments
                    .as_ref()
                    .is_ok_and(|arguments| arguments.len() == 1 && arguments[0].eq_ignore_ascii_case("all"));
                *block = self.open(Some(outer), if all { vec!["*".to_owned()] } else { Vec::new() });
                return if all {
                    Ok(())
                } else {
                    Err("what follows this Match is skipped: only Host is understood".into())
                };
            }
            "include" => return self.include(&arguments?, *block, depth),
            "hostname" => Setting::HostName(tokens(one(arguments?)?, "h")?),
            "user" => Setting::User(one(arguments?)?),
            "port" => {
                let text = one(arguments?)?;
                let port = hop::port_number(&text);
                Setting::Port(port.ok_or_else(|| format!("{:?} is not a port between 1 and 65535", clean(&text, 40)))?)
            }
            "identityfile" => Setting::IdentityFile(identity(one(arguments?)?)?),
            "identitiesonly" => Setting::IdentitiesOnly(flag(&one(arguments?)?)?),
            "proxyjump" => Setting::Jump(Hop::parse_list(&arguments?.join(" ")).map_err(|e| e.to_string())?),
            "proxycommand" => Setting::Command { none: arguments?.join(" ").eq_ignore_ascii_case("none") },
            _ => return Ok(()),
        };
        self.config.settings.push((*block, setting));
        Ok(())
    }

    fn include(&mut self, arguments: &[String], block: usize, depth: usize) -> Result<(), String> {
        if depth == MAX_DEPTH {
            return Err(format!("files include each other more than {MAX_DEPTH} deep; this one is not read"));
        }
        for argument in arguments {
            for (name, text) in (self.include)(argument) {
                self.file(&name, &text, block, depth + 1);
            }
        }
        Ok(())
    }
}

/// The arguments of a value, none of them empty.
fn arguments(value: &str) -> Result<Vec<String>, String> {
    if value.len() > MAX_VALUE {
        return Err("the line is too long".into());
    }
    if value.contains(|c: char| c.is_control() && c != '\t') {
        return Err("the line is not plain text".into());
    }
    let arguments = arguments::split(value)?;
    if arguments.is_empty() || arguments.iter().any(String::is_empty) {
        Err("a value is missing".into())
    } else {
        Ok(arguments)
    }
}

fn one(mut arguments: Vec<String>) -> Result<String, String> {
    let first = arguments.pop().ok_or("a value is missing")?;
    if arguments.is_empty() { Ok(first) } else { Err("only one value is expected".into()) }
}

fn flag(argument: &str) -> Result<bool, String> {
    match argument.to_ascii_lowercase().as_str() {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err(format!("{:?} is neither yes nor no", clean(argument, 40))),
    }
}

/// `text`, if it has no tokens but these and `%%`.
fn tokens(text: String, letters: &str) -> Result<String, String> {
    match arguments::expand(&text, |letter| letters.contains(letter).then(String::new)) {
        Some(_) => Ok(text),
        None => Err(format!("{:?} has a token that is not understood", clean(&text, 80))),
    }
}

fn identity(file: String) -> Result<String, String> {
    if file.starts_with('~') && file != "~" && !file.starts_with("~/") {
        return Err("homes of other users are not looked up; write the whole path".into());
    }
    if file.contains("${") {
        return Err("environment variables are not expanded; write the whole path".into());
    }
    tokens(file, "dhnpru")
}
