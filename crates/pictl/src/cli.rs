//! The command line: what all commands share, and which commands there are.

mod cluster;
mod keys;
mod run;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
pub(crate) use cluster::{Demo, Exec, Machinefile, NodesCommand, Scan, Setup};
pub(crate) use keys::{Keys, KeysCommand, Passwords};
use pictl_formats::ssh_config::Hop;
pub(crate) use run::{Attach, Bench, Language, LaunchArgs, Run, RunsCommand};

use crate::lab_cmd::LabCommand;

/// Takes a box of Raspberry Pis on a LAN to a benchmarked MPI cluster. Without a command: the dashboard.
#[derive(Debug, Parser)]
#[command(name = "pictl", version, max_term_width = 110, subcommand_required = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(flatten)]
    pub login: LoginArgs,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of all commands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// The cluster to work on
    #[arg(long, global = true, default_value = "default", value_name = "NAME", value_parser = cluster_name)]
    pub cluster: String,
    /// Preferences, instead of $XDG_CONFIG_HOME/pictl/pictl.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One JSON object a line on standard output
    #[arg(long, global = true, conflicts_with = "plain")]
    pub json: bool,
    /// Plain lines, also where a terminal is there
    #[arg(long, global = true)]
    pub plain: bool,
    /// Write a log to this file
    #[arg(long, global = true, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Tell more (twice: much more)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// No colours
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Only these nodes: names, addresses or ranges, such as pi[01-04] or 10.0.0.31-34 (with demo and lab: how many)
    #[arg(long, global = true, value_name = "SEL")]
    pub nodes: Option<String>,
}

/// How to log in on nodes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Login")]
pub(crate) struct LoginArgs {
    /// User name on the nodes
    #[arg(long, global = true, value_name = "U")]
    pub user: Option<String>,
    /// SSH port of the nodes
    #[arg(long, global = true, value_name = "P")]
    pub port: Option<u16>,
    /// Private key to offer
    #[arg(long, global = true, value_name = "FILE")]
    pub identity: Option<PathBuf>,
    // Its help is not a doc comment: there brackets are links.
    #[arg(long, global = true, value_name = "HOST", value_parser = jump, help = "Host through which the nodes are reached, [USER@]HOST[:PORT]; several in the order of the way, with commas between")]
    pub jump: Option<String>,
    /// Read the login password from standard input (its first line)
    #[arg(long, global = true)]
    pub password_stdin: bool,
    /// Read the sudo password from standard input (the next line)
    #[arg(long, global = true)]
    pub sudo_password_stdin: bool,
    /// Read the passphrase of your key from standard input (the line after the passwords)
    #[arg(long, global = true)]
    pub passphrase_stdin: bool,
    /// Host keys never seen: ask, take as new, or refuse. Without a terminal `ask` means `strict`
    #[arg(long, global = true, value_enum, value_name = "HOW")]
    pub trust: Option<Trust>,
}

/// Who decides on host keys never seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Trust {
    /// You, by fingerprint, in one table
    Ask,
    /// They are taken, and told
    New,
    /// They are refused
    Strict,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole job on a simulated cluster; needs nothing, changes nothing
    Demo(Demo),
    /// Make a virtual cluster of real Debian hosts on this machine (Linux, root)
    #[command(subcommand)]
    Lab(LabCommand),
    /// Find hosts: Raspberry Pis and others
    Scan(Scan),
    /// The nodes of the cluster
    Nodes {
        #[command(subcommand)]
        command: Option<NodesCommand>,
    },
    /// SSH keys: give them out, prove them, change them, take them away
    Keys(Keys),
    /// Make a cluster of the nodes: keys, names, MPI, machinefile, and a test that it works
    Setup(Setup),
    /// Run a command on all nodes at once; equal output is shown once
    Exec(Exec),
    /// Print a machinefile of the nodes
    Machinefile(Machinefile),
    /// Run any MPI program on the nodes, with its files
    Run(Run),
    /// Run a benchmark
    Bench(Bench),
    /// Join a run that outlived its terminal
    Attach(Attach),
    /// Runs so far
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Print the preferences in force, or a commented sample
    Config {
        /// The commented sample instead
        #[arg(long)]
        sample: bool,
    },
    /// Print what the dashboard's keys mean
    Keymap {
        /// As a table in Markdown
        #[arg(long)]
        markdown: bool,
    },
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page
    Man {
        /// Write the pages of all commands into this folder instead
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

fn cluster_name(word: &str) -> Result<String, String> {
    let fine = (1..=64).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        && !word.starts_with('-');
    if fine { Ok(word.to_owned()) } else { Err("letters, digits, - and _ make the name of a cluster".to_owned()) }
}

/// A way through other hosts; `none` is the straight way. Nothing at all takes the way out of the inventory.
fn jump(word: &str) -> Result<String, String> {
    if word.is_empty() {
        return Ok(String::new());
    }
    Hop::parse_list(word).map(|_| word.to_owned()).map_err(|e| e.to_string())
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
    fn a_way_through_other_hosts_is_looked_at_first() {
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
