//! What the dashboard is started with.

use std::sync::Arc;

use pictl_model::Millis;
use pictl_model::request::{BenchRequest, Login, ScanRequest};

use crate::clock::Clock;
use crate::grammar::LineGrammar;
use crate::keymap::Keymap;

/// How the dashboard is to behave, and what its requests begin with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Always visible in the header, such as `SIMULATED Pis - nothing here is real hardware`.
    pub banner: Option<String>,
    /// Without colours. `NO_COLOR` in the environment is the caller's to read.
    pub no_color: bool,
    /// Only ASCII symbols.
    pub ascii: bool,
    /// How to log in.
    pub login: Login,
    /// Names of nodes: this and a number.
    pub prefix: String,
    /// What a scan asks.
    pub scan: ScanRequest,
    /// What a scan would have to do, or what is wrong with it; nothing is sent.
    pub outlook: fn(&ScanRequest) -> Result<Outlook, String>,
    /// From this many named addresses on a scan is asked about before it begins.
    pub ask_from: u64,
    /// Scan at once.
    pub auto_scan: bool,
    /// What the benchmark dialog begins with.
    pub run_defaults: BenchRequest,
    /// The benchmarks to choose from.
    pub benchmarks: Vec<Benchmark>,
    /// What the keys mean.
    pub keymap: Keymap,
    /// What can be typed behind `:`.
    pub grammar: Arc<dyn LineGrammar>,
    /// The nodes are still there when pictl has ended, so that a run can be left running on them.
    pub lasting: bool,
    /// What time it is.
    pub clock: Clock,
    /// It is a record over a live dashboard, which leaving it comes back to.
    pub over_live: bool,
}

/// How much a scan has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Addresses to ask.
    pub addresses: u64,
    /// About how long it takes, where that is known.
    pub about: Option<Millis>,
}

/// A benchmark as the dialog offers it.
#[derive(Clone, Debug)]
pub struct Benchmark {
    /// Its name on the command line.
    pub name: String,
    /// What it does, in a few words.
    pub title: String,
    /// Slices that it is proposed with; `None` where it does not work in slices.
    pub slices: Option<u32>,
    /// Terms or numbers in a slice that it is proposed with; `None` where it takes no such number.
    pub slice_size: Option<u64>,
}
