//! `pictl.toml`: the user's preferences. The sample in `config/` documents them; a test parses it.

use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pictl_formats::rules::{RuleText, Rules};
use pictl_model::node::MpiFamily;
use pictl_model::request::ScanMethod;
use pictl_model::run::{Map, Spawn};
use pictl_model::trust::TrustPolicy;
use pictl_model::{HostName, MacPrefix};
use pictl_tui::Keymap;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use toml::Spanned;

use crate::exit::Trouble;

/// The commented sample.
pub(crate) const SAMPLE: &str = include_str!("../../../config/pictl.toml");

/// All preferences.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// How to log in.
    pub login: Login,
    /// What to scan.
    pub scan: Scan,
    /// What setup makes.
    pub setup: Setup,
    /// How runs are launched.
    pub run: Run,
    /// What benchmarks run with.
    pub bench: Bench,
    /// How progress is read from the output of programs.
    pub rules: Vec<RuleText>,
    /// How the dashboard looks.
    pub screen: Screen,
    /// Other keys, by mode and command.
    pub keys: toml::Table,
}

/// How to log in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Login {
    /// User name.
    #[serde(deserialize_with = "user")]
    pub user: Option<String>,
    /// SSH port.
    #[serde(deserialize_with = "port")]
    pub port: Option<u16>,
    /// Private key file; `~/` is the home directory.
    pub identity: Option<PathBuf>,
    /// What a new key of the user is.
    pub key_type: KeyType,
    /// Who decides on unknown host keys.
    pub trust: Option<TrustPolicy>,
    /// Whether the OpenSSH configuration is used, and which.
    pub ssh_config: SshConfigFile,
}

/// What a new key of the user is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeyType {
    /// Ed25519
    #[default]
    Ed25519,
    /// RSA of 4096 bits
    Rsa,
}

impl From<KeyType> for pictl_net::ssh::KeyType {
    fn from(key: KeyType) -> Self {
        match key {
            KeyType::Ed25519 => Self::Ed25519,
            KeyType::Rsa => Self::Rsa,
        }
    }
}

/// The configuration of OpenSSH's client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum SshConfigFile {
    /// `~/.ssh/config`, or none.
    Usual(bool),
    /// This file; `~/` is the home directory.
    File(PathBuf),
}

impl Default for SshConfigFile {
    fn default() -> Self {
        Self::Usual(true)
    }
}

/// What to scan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Scan {
    /// Targets.
    pub targets: Vec<String>,
    /// By which method.
    pub method: ScanMethod,
    /// Through which interface.
    pub interface: Option<String>,
    /// Targets that are left out.
    pub exclude: Vec<String>,
    /// Additional MAC prefixes of Raspberry Pis.
    pub prefixes: Vec<MacPrefix>,
}

/// What setup makes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Setup {
    /// Prefix of new names.
    #[serde(deserialize_with = "prefix")]
    pub prefix: Option<String>,
    /// The MPI to install.
    pub mpi: Option<MpiFamily>,
}

/// How runs are launched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Run {
    /// How ranks are placed.
    pub map: Map,
    /// How the launcher starts its daemons.
    pub launch: Spawn,
    /// Time limit of a run, in seconds.
    #[serde(deserialize_with = "positive")]
    pub timeout: Option<u64>,
    /// Time limit without output, in seconds.
    #[serde(deserialize_with = "positive")]
    pub silence: Option<u64>,
}

/// What benchmarks run with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Bench {
    /// Slices of the π programs in Python.
    #[serde(deserialize_with = "positive")]
    pub slices: Option<u32>,
    /// Terms per slice of the π programs in Python.
    #[serde(deserialize_with = "positive")]
    pub slice_size: Option<u64>,
    /// Number of runs.
    #[serde(deserialize_with = "positive")]
    pub repeat: Option<u32>,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Color {
    /// Unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How the dashboard looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Screen {
    /// When colours are used.
    pub color: Color,
    /// ASCII symbols only.
    pub ascii: bool,
}

impl Config {
    /// Reads `path`, which may be missing unless it was `asked_for`. What cannot be used is refused now, whatever the command is,
    /// and not first where it matters.
    pub(crate) fn read(path: &Path, asked_for: bool) -> Result<Self, Trouble> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && !asked_for => return Ok(Self::default()),
            Err(e) => return Err(Trouble::usage(anyhow::anyhow!("cannot read {}: {e}", path.display()))),
        };
        Self::parse(&bytes).map_err(|Fault { at, what }| {
            let (file, place) = (path.display(), at.map(|(line, column)| format!(", line {line}, column {column}")));
            let place = place.unwrap_or_default();
            Trouble::usage(anyhow::anyhow!("{file}{place}: {what}; `pictl config --sample` prints a valid file"))
        })
    }

    fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let before = String::from_utf8_lossy(&bytes[..e.valid_up_to()]);
            Fault::at(&before, before.len(), "a byte that is not text (UTF-8)".to_owned())
        })?;
        let config: Self = toml::from_str(text).map_err(|e| Fault::new(text, e.span(), shape(&e)))?;
        if let Err(e) = Rules::compile(&config.rules) {
            // Which one it is, its number says.
            let places = toml::from_str::<RulePlaces>(text).map(|places| places.rules).unwrap_or_default();
            return Err(Fault::new(text, places.get(e.number - 1).map(Spanned::span), e.to_string()));
        }
        Keymap::of_preferences(text).map_err(|e| Fault::new(text, e.span.clone(), e.to_string()))?;
        Ok(config)
    }
}

/// The message of an error of shape, in one line.
fn shape(e: &toml::de::Error) -> String {
    e.message().trim_end().replace('\n', ", ")
}

/// Something in the file that cannot be used.
#[derive(Debug)]
struct Fault {
    /// Its line and column, from 1.
    at: Option<(usize, usize)>,
    /// What is wrong.
    what: String,
}

impl Fault {
    fn new(text: &str, span: Option<Range<usize>>, what: String) -> Self {
        match span {
            Some(span) => Self::at(text, span.start, what),
            None => Self { at: None, what },
        }
    }

    fn at(text: &str, byte: usize, what: String) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { at: Some((before.matches('\n').count() + 1, column)), what }
    }
}

/// Where the rules are.
#[derive(Deserialize)]
struct RulePlaces {
    #[serde(default)]
    rules: Vec<Spanned<toml::Table>>,
}

/// A port of SSH.
fn port<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u16>, D::Error> {
    let port = u16::deserialize(from)?;
    if port == 0 { Err(D::Error::custom("0 is not a port; the usual one is 22")) } else { Ok(Some(port)) }
}

/// A login name.
fn user<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let user = String::deserialize(from)?;
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if user.is_empty() || user.starts_with('-') || user.contains(odd) {
        return Err(D::Error::custom("the name of a user is expected"));
    }
    Ok(Some(user))
}

/// What names begin with.
fn prefix<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let prefix = String::deserialize(from)?;
    match format!("{prefix}01").parse::<HostName>() {
        Ok(_) => Ok(Some(prefix)),
        Err(e) => Err(D::Error::custom(format!("the prefix makes no host names: {e}"))),
    }
}

/// A number of 1 or more.
fn positive<'de, D: Deserializer<'de>, T: Deserialize<'de> + PartialEq + From<u8>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    let number = T::deserialize(from)?;
    if number == T::from(0) { Err(D::Error::custom("a number of 1 or more is expected")) } else { Ok(Some(number)) }
}

/// `path` with a leading `~/` replaced by `home`.
pub(crate) fn expand(path: &Path, home: &Path) -> PathBuf {
    path.strip_prefix("~").map_or_else(|_| path.to_owned(), |rest| home.join(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_says_the_defaults() {
        assert_eq!(toml::from_str::<Config>(SAMPLE).expect("parses"), Config::default());
    }

    #[test]
    fn the_sample_with_every_value_switched_on_parses() {
        // A line that is a value without its comment sign; prose is not.
        let on: String = SAMPLE
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(value) if value.starts_with('[') || value.split(" = ").count() == 2 && !value.contains(". ") => {
                    format!("{value}\n")
                }
                _ => format!("{line}\n"),
            })
            .collect();
        let config: Config = toml::from_str(&on).unwrap_or_else(|e| panic!("{e}\n{on}"));
        assert_eq!(config.login.user.as_deref(), Some("pi"));
        assert_eq!(config.login.ssh_config, SshConfigFile::Usual(true));
        assert_eq!(config.bench.slices, Some(64));
        assert_eq!(config.run.timeout, Some(3600));
        assert!(Rules::compile(&config.rules).is_ok() && !config.rules.is_empty());
        assert!(!config.keys.is_empty());
    }

    #[test]
    fn a_rule_that_cannot_be_used_is_named() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("pictl.toml");
        std::fs::write(&path, "[[rules]]\npattern = '(?<slice>'\nevent = 'slice'\n").expect("written");
        let error = Config::read(&path, true).expect_err("a wrong rule");
        assert_eq!(error.exit, crate::exit::Exit::Usage);
        assert!(error.to_string().contains("rule 1 (for \"*\"): its pattern is not a regular expression"), "{error}");
    }

    #[test]
    fn an_invalid_mac_prefix_is_named_with_its_line() {
        let read = |prefixes: &str| toml::from_str::<Config>(&format!("[scan]\nexclude = []\nprefixes = [{prefixes}]"));
        let prefixes = read("'02:00:17', '8c:1f:64:34:a'").expect("prefixes").scan.prefixes;
        assert_eq!(prefixes, ["02:00:17", "8c:1f:64:34:a"].map(|text| text.parse().expect("a prefix")));
        let error = read("'b8:27:eb', 'b8:27:xx'").expect_err("no prefix").to_string();
        assert!(error.contains("line 3") && error.contains("\"b8:27:xx\" is not a valid MAC prefix"), "{error}");
    }

    #[test]
    fn the_configuration_of_ssh_is_a_switch_or_a_file() {
        let read = |value: &str| toml::from_str::<Config>(&format!("[login]\nssh_config = {value}"));
        assert_eq!(read("false").expect("a switch").login.ssh_config, SshConfigFile::Usual(false));
        let file = read("'~/.ssh/lab'").expect("a file").login.ssh_config;
        assert_eq!(file, SshConfigFile::File("~/.ssh/lab".into()));
        assert!(read("22").is_err());
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_its_place() {
        for (text, at, part) in [
            ("[login]\nusr = 'pi'", (2, 1), "usr"),
            ("[logn]", (1, 2), "logn"),
            ("[login]\nport = 0", (2, 8), "not a port"),
            ("[login]\nuser = ''", (2, 8), "name of a user"),
            ("[login]\n\nuser = '-x'", (3, 8), "name of a user"),
            ("[setup]\nprefix = 'Pi '", (2, 10), "host name"),
            ("[bench]\nrepeat = 0", (2, 10), "1 or more"),
            ("[run]\ntimeout = 0", (2, 11), "1 or more"),
            ("[screen]\ncolor = 'blue'", (2, 9), "blue"),
            ("[keys.everywhere]\nscan = ['q']", (2, 1), "q means both"),
            ("[keys.nodes]\nmark = ['hyper-q']", (2, 9), "hyper-q"),
            ("[keys.nowhere]", (1, 7), "nowhere"),
            (
                "[[rules]]\npattern = 'x(?<slice>\\d+)'\nevent = 'slice'\n[[rules]]\npattern = '('\nevent = 'slice'",
                (4, 1),
                "rule 2",
            ),
            ("[login", (1, 7), ""),
        ] {
            let fault = Config::parse(text.as_bytes()).expect_err(text);
            assert!(fault.what.contains(part), "{text}: {}", fault.what);
            assert_eq!(fault.at, Some(at), "{text}: {}", fault.what);
        }
        let fault = Config::parse(b"# caf\xe9\n").expect_err("no text");
        assert_eq!(fault.at, Some((1, 6)), "{}", fault.what);
    }
}
