//! Arguments of `pictl keys`.

use clap::{Args, Subcommand, ValueEnum};

use super::examples;

/// `pictl keys`.
#[derive(Debug, Args)]
#[command(after_long_help = examples(&[
    ("pictl keys push", "no more passwords for you"),
    ("pictl keys check", "which node can log in to which"),
    ("pictl keys remove lost@laptop", "lock out a lost laptop"),
]))]
pub(crate) struct Keys {
    #[command(flatten)]
    pub how: KeysHow,
    #[command(subcommand)]
    pub command: KeysCommand,
}

/// Options of all work on keys.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct KeysHow {
    /// Show what would change, and change nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Do not ask before something is removed
    ///
    /// push, mesh and check remove nothing and never ask.
    #[arg(long, global = true)]
    pub yes: bool,
}

/// Work on keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Install your key on every node
    #[command(after_long_help = examples(&[
        ("pictl keys push", "on all nodes"),
        ("pictl keys push --identity ~/.ssh/lab --nodes pi05", "one key on one node"),
    ]))]
    Push,
    /// Install the key of every node on every other node
    #[command(after_long_help = examples(&[
        ("pictl keys mesh", "all pairs"),
        ("pictl keys mesh --dry-run", "show what is missing"),
    ]))]
    Mesh,
    /// Check that all nodes can log in to each other; changes nothing
    #[command(after_long_help = examples(&[
        ("pictl keys check", "a table of all pairs"),
        ("pictl keys check --json", "for a script"),
    ]))]
    Check,
    /// Replace your key; no node accepts the old one afterwards
    #[command(after_long_help = examples(&[
        ("pictl keys rotate", "your own key"),
        ("pictl keys rotate --of-nodes", "the keys of the nodes"),
    ]))]
    Rotate {
        /// Replace the keys of the nodes instead: each makes a new one
        #[arg(long)]
        of_nodes: bool,
    },
    /// Remove keys from every node's authorized keys, for example after a laptop is lost
    #[command(after_long_help = examples(&[
        ("pictl keys remove lost@laptop", "by its comment"),
        ("pictl keys remove ./old.pub --dry-run", "show where a key file is used"),
    ]))]
    Remove {
        /// A key file (private or .pub), a fingerprint SHA256:…, or the comment at the end of the key
        #[arg(required = true, value_name = "KEY")]
        keys: Vec<String>,
    },
    /// Give nodes with a cloned SD card host keys and a machine-id of their own
    #[command(after_long_help = examples(&[
        ("pictl keys unclone", "all that need it"),
        ("pictl keys unclone --dry-run", "show which do"),
    ]))]
    Unclone,
    /// Let plain ssh on this computer log in, too
    ///
    /// It shows what it would write to ~/.ssh/config and ~/.ssh/pictl, and asks.
    #[command(after_long_help = examples(&[
        ("pictl keys ssh", "show what would be written, and ask"),
        ("pictl keys ssh --remove", "take it away"),
    ]))]
    Ssh {
        /// Take away what it wrote
        #[arg(long)]
        remove: bool,
    },
    /// Enable or disable password login; `off` is undone unless a login by key works afterwards
    #[command(after_long_help = examples(&[
        ("pictl keys passwords off", "keys only"),
        ("pictl keys passwords on --yes", "passwords and keys, without asking"),
    ]))]
    Passwords {
        /// on or off
        #[arg(value_enum)]
        wanted: Passwords,
    },
}

/// Whether nodes accept passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Passwords {
    /// Passwords and keys
    On,
    /// Keys only
    Off,
}
