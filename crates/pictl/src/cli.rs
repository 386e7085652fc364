//! The command line: what all commands share, and which commands there are.

mod cluster;
pub(crate) mod foreign;
mod help;
mod keys;
mod run;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
pub(crate) use cluster::{Demo, Exec, Machinefile, NodesCommand, Scan, Setup};
pub(crate) use help::{examples, grammar, manual};
pub(crate) use keys::{Keys, KeysCommand, KeysHow, Passwords};
use pictl_formats::ssh_config::Hop;
pub(crate) use run::{Attach, Bench, HostArgs, Language, LaunchArgs, Run, RunsCommand};

use crate::config::KeyType;
use crate::lab_cmd::LabCommand;

/// Turns Raspberry Pis on a LAN into a benchmarked MPI cluster
///
/// Without a command, pictl opens the dashboard.
#[derive(Debug, Parser)]
#[command(name = "pictl", version, max_term_width = 110, subcommand_required = false)]
#[command(after_long_help = examples(&[
    ("pictl", "open the dashboard"),
    ("pictl demo", "try it without hardware"),
    ("pictl --user pi setup --nodes 10.0.0.31-34", "make a cluster of four hosts"),
]))]
pub(crate) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of all commands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Print one JSON object per line on standard output
    #[arg(long, global = true, conflicts_with = "plain", hide_short_help = true, help_heading = "Output")]
    pub json: bool,
    /// Plain output, even on a terminal
    #[arg(long, global = true, hide_short_help = true, help_heading = "Output")]
    pub plain: bool,
    /// No colours
    #[arg(long, global = true, hide_short_help = true, help_heading = "Output")]
    pub no_color: bool,
    /// More detail (twice: even more)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, hide_short_help = true, help_heading = "Output")]
    pub verbose: u8,
    /// Write a log to this file
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true, help_heading = "Output")]
    pub log: Option<PathBuf>,
    // It stands here because help shows the groups in this order.
    #[command(flatten)]
    pub login: LoginArgs,
    /// The cluster to work on
    #[arg(long, global = true, default_value = "default", value_name = "NAME", value_parser = cluster_name)]
    #[arg(hide_short_help = true, help_heading = "Global")]
    pub cluster: String,
    /// Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true, help_heading = "Global")]
    pub config: Option<PathBuf>,
    // Its help is not a doc comment: there brackets are links.
    #[arg(long, global = true, value_name = "SEL", hide_short_help = true, help_heading = "Global")]
    #[arg(help = "Only these nodes, such as pi[01-04] or 10.0.0.31-34")]
    #[arg(long_help = "Only these nodes: names, addresses or ranges, such as pi[01-04] or 10.0.0.31-34")]
    pub nodes: Option<String>,
}

/// How to log in on nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct LoginArgs {
    /// User name on the nodes
    #[arg(long, global = true, value_name = "U", hide_short_help = true, help_heading = "Login")]
    pub user: Option<String>,
    /// SSH port of the nodes
    #[arg(long, global = true, value_name = "P", hide_short_help = true, help_heading = "Login")]
    pub port: Option<u16>,
    /// Private key file to offer
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true, help_heading = "Login")]
    pub identity: Option<PathBuf>,
    /// What a key is that pictl makes for you
    #[arg(long, global = true, value_enum, value_name = "TYPE", hide_short_help = true, help_heading = "Login")]
    pub key_type: Option<KeyType>,
    // Its help is not a doc comment: there brackets are links.
    #[arg(long, global = true, value_name = "HOST", value_parser = jump, hide_short_help = true, help_heading = "Login")]
    #[arg(help = "Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route")]
    pub jump: Option<String>,
    /// Read the login password from standard input (its first line)
    #[arg(long, global = true, hide_short_help = true, help_heading = "Login")]
    pub password_stdin: bool,
    /// Read the sudo password from standard input (the next line)
    #[arg(long, global = true, hide_short_help = true, help_heading = "Login")]
    pub sudo_password_stdin: bool,
    /// Read the passphrase of your key from standard input (the line after the passwords)
    #[arg(long, global = true, hide_short_help = true, help_heading = "Login")]
    pub passphrase_stdin: bool,
    /// Who decides on unknown host keys; without a terminal, `ask` means `strict`
    #[arg(long, global = true, value_enum, value_name = "HOW", hide_short_help = true, help_heading = "Login")]
    pub trust: Option<Trust>,
}

/// Who decides on unknown host keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Trust {
    /// You compare the fingerprints in one table
    Ask,
    /// They are trusted, and reported
    New,
    /// They are refused
    Strict,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole job on simulated nodes; changes nothing
    Demo(Demo),
    /// Make a virtual cluster of real Debian hosts (Linux, root)
    #[command(subcommand)]
    #[command(after_long_help = examples(&[
        ("pictl lab up --nodes 8", "eight hosts, freshly booted"),
        ("pictl lab exec -- pictl scan", "run a command where they can be reached"),
        ("pictl lab down", "remove all of it"),
    ]))]
    Lab(LabCommand),
    /// Find hosts on the network: Raspberry Pis and others
    Scan(Scan),
    /// List the nodes of the cluster, or change the list
    #[command(after_long_help = examples(&[
        ("pictl nodes", "list them"),
        ("pictl nodes add 10.0.0.31-34", "add four hosts"),
    ]))]
    Nodes {
        #[command(subcommand)]
        command: Option<NodesCommand>,
    },
    /// SSH keys: install, check, replace and remove them
    Keys(Keys),
    /// Make a cluster of the nodes: keys, names, MPI, machinefile
    Setup(Setup),
    /// Run a command on all nodes at once; equal output is shown once
    Exec(Exec),
    /// Print a machinefile of the nodes
    Machinefile(Machinefile),
    /// Run any MPI program on the nodes, with its files
    Run(Run),
    /// Run a benchmark
    Bench(Bench),
    /// Join a run that was left running
    Attach(Attach),
    /// List, show, replay and delete runs
    #[command(subcommand)]
    #[command(after_long_help = examples(&[
        ("pictl runs list", "newest first"),
        ("pictl runs show last", "the last one"),
    ]))]
    Runs(RunsCommand),
    /// Print your preferences, or a commented sample
    #[command(after_long_help = examples(&[
        ("pictl config", "what is in force"),
        ("pictl config --sample > pictl.toml", "a file to begin with"),
    ]))]
    Config {
        /// Print the commented sample instead
        #[arg(long)]
        sample: bool,
    },
    /// Print the keys of the dashboard
    #[command(after_long_help = examples(&[
        ("pictl keymap", "as in pictl.toml"),
        ("pictl keymap --markdown", "as a table"),
    ]))]
    Keymap {
        /// As a table in Markdown
        #[arg(long)]
        markdown: bool,
    },
    /// Print completions for a shell
    #[command(after_long_help = examples(&[
        ("pictl completions bash > ~/.local/share/bash-completion/completions/pictl", "for bash"),
        ("pictl completions fish > ~/.config/fish/completions/pictl.fish", "for fish"),
    ]))]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page, or write all of them
    #[command(after_long_help = examples(&[
        ("pictl man | man -l -", "read it"),
        ("pictl man --dir ~/.local/share/man/man1", "write the pages of all commands"),
    ]))]
    Man {
        /// Write the pages of all commands into this folder instead
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

fn cluster_name(name: &str) -> Result<String, String> {
    let fine = (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        && !name.starts_with('-');
    let why = "the name of a cluster is made of letters, digits, - and _";
    if fine { Ok(name.to_owned()) } else { Err(why.to_owned()) }
}

/// Jump hosts; `none` is the direct route. Nothing at all removes them from the inventory.
fn jump(hosts: &str) -> Result<String, String> {
    if hosts.is_empty() {
        return Ok(String::new());
    }
    Hop::parse_list(hosts).map(|_| hosts.to_owned()).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_cluster_is_named_like_a_folder() {
        assert!(cluster_name("lab-1").is_ok());
        for bad in ["", "../x", "a/b", "-x", "a b"] {
            assert!(cluster_name(bad).is_err(), "{bad}");
        }
    }
    #[test]
    fn jump_hosts_are_checked_first() {
        for good in ["gate", "me@gate:2222", "a,b@10.0.0.1", "[fe80::1]:22", "none", ""] {
            assert!(jump(good).is_ok(), "{good}");
        }
        for bad in ["gate:0", "a,,b", "@gate", "gate:port"] {
            assert!(jump(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn work_on_keys_takes_its_options_before_and_after_its_name() {
        for words in [["--dry-run", "rotate"], ["rotate", "--dry-run"]] {
            let cli = Cli::try_parse_from([["pictl", "keys"], words].concat()).unwrap();
            let Some(Command::Keys(keys)) = cli.command else { panic!("{words:?}") };
            assert!(keys.how.dry_run && !keys.how.yes, "{words:?}");
        }
        assert!(Cli::try_parse_from(["pictl", "keys", "remove"]).is_err());
        assert!(Cli::try_parse_from(["pictl", "keys", "passwords", "maybe"]).is_err());
    }
}
