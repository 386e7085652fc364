//! `pictl.toml`: the user's preferences. The sample in `config/` documents them; a test parses it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use pictl_formats::rules::{RuleText, Rules};
use pictl_model::MacPrefix;
use pictl_model::node::MpiFamily;
use pictl_model::request::ScanMethod;
use pictl_model::run::{Map, Spawn};
use pictl_model::trust::TrustPolicy;
use serde::{Deserialize, Serialize};

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
    pub user: Option<String>,
    /// SSH port.
    pub port: Option<u16>,
    /// Private key file; `~/` is the home directory.
    pub identity: Option<PathBuf>,
    /// Who decides on unknown host keys.
    pub trust: Option<TrustPolicy>,
    /// Whether the OpenSSH configuration is used, and which.
    pub ssh_config: SshConfigFile,
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
    pub timeout: Option<u64>,
    /// Time limit without output, in seconds.
    pub silence: Option<u64>,
}

/// What benchmarks run with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Bench {
    /// Slices of the π programs in Python.
    pub slices: Option<u32>,
    /// Terms per slice of the π programs in Python.
    pub slice_size: Option<u64>,
    /// Number of runs.
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
    /// Reads `path`, which may be missing unless it was `asked_for`.
    pub(crate) fn read(path: &Path, asked_for: bool) -> Result<Self, Trouble> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && !asked_for => return Ok(Self::default()),
            Err(e) => return Err(Trouble::usage(anyhow::anyhow!("cannot read {}: {e}", path.display()))),
        };
        let odd = || format!("{} is not valid; `pictl config --sample` prints a valid one", path.display());
        let config: Self = toml::from_str(&text).with_context(odd).map_err(Trouble::usage)?;
        Rules::compile(&config.rules).with_context(odd).map_err(Trouble::usage)?;
        Ok(config)
    }
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
    fn an_unknown_key_is_named() {
        let error = toml::from_str::<Config>("[login]\nusr = 'pi'").expect_err("unknown").to_string();
        assert!(error.contains("usr"), "{error}");
    }
}
