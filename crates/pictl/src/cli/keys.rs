//! Words of `pictl keys`.

use clap::{Args, Subcommand, ValueEnum};

/// `pictl keys`.
#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(flatten)]
    pub how: KeysHow,
    #[command(subcommand)]
    pub command: KeysCommand,
}

/// Options of everything that is done with keys.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct KeysHow {
    /// Say what would change, and change nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Do not ask before something is taken away (push, mesh and check take nothing away and never ask)
    #[arg(long, global = true)]
    pub yes: bool,
}

/// What is done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Your key onto every node
    Push,
    /// Every node's key onto every node
    Mesh,
    /// Prove that every node logs in to every other one by key, from the node itself; changes nothing
    Check,
    /// A new key of yours in the place of the one before, which no node takes afterwards
    Rotate {
        /// The keys of the nodes instead of yours: each makes itself a new one
        #[arg(long)]
        of_nodes: bool,
    },
    /// Take keys out of every node's authorized keys: of a laptop that is lost, of somebody who left
    Remove {
        /// A key file (private or .pub), a fingerprint SHA256:…, or the comment at the end of the key
        #[arg(required = true, value_name = "KEY")]
        keys: Vec<String>,
    },
    /// Give nodes whose card is a copy of another's host keys and a machine-id of their own
    Unclone,
    /// Let the nodes take passwords, or keys only; `off` is undone by itself unless a login by key works afterwards
    Passwords {
        /// on or off
        #[arg(value_enum)]
        wanted: Passwords,
    },
}

/// Whether nodes take passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Passwords {
    /// Passwords and keys
    On,
    /// Keys only
    Off,
}
