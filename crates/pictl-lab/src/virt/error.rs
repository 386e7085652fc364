//! What can go wrong with a virtual cluster.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A failure of the virtual cluster: what was tried, on what, and what helps.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// This machine cannot do it.
    #[error("a virtual cluster needs {needs}")]
    NotHere {
        /// What it would take.
        needs: String,
    },
    /// Only root can make namespaces.
    #[error("a virtual cluster needs root: run it with sudo")]
    NotRoot,
    /// Programs that the lab calls are not installed.
    #[error("not installed: {}; run: apt-get install {}", programs.join(", "), packages.join(" "))]
    Missing {
        /// The programs.
        programs: Vec<String>,
        /// The Debian packages that bring them.
        packages: Vec<String>,
    },
    /// A value that makes no sense.
    #[error("{what} {value:?}: {why}")]
    Bad {
        /// Which value.
        what: &'static str,
        /// As given.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// There is a lab of this name, or what was left of one.
    #[error("lab {name:?} exists already; take it down with: pictl lab down --name {name}")]
    Exists {
        /// Name of the lab.
        name: String,
    },
    /// There is no lab of this name.
    #[error("there is no lab {name:?}; make it with: pictl lab up --name {name}")]
    NoLab {
        /// Name of the lab.
        name: String,
    },
    /// The lab has no such node.
    #[error("lab {lab:?} has no node {node:?}; it has n1 to n{nodes}")]
    NoNode {
        /// Name of the lab.
        lab: String,
        /// As given.
        node: String,
        /// How many it has.
        nodes: u16,
    },
    /// The node is off.
    #[error("node {node} is off; start it with: pictl lab start {node}")]
    Off {
        /// Name of the node.
        node: String,
    },
    /// A tool failed.
    #[error("{command} failed ({status}){}", after_colon(said))]
    Tool {
        /// The command line.
        command: String,
        /// How it ended.
        status: String,
        /// The end of what it said.
        said: String,
    },
    /// The image could not be built.
    #[error("building image {image} failed while {phase}{}", after_colon(tail))]
    Image {
        /// Name in the cache.
        image: String,
        /// What it was doing.
        phase: String,
        /// The last lines of output.
        tail: String,
    },
    /// Something did not happen in time.
    #[error("{what} did not come within {} s{}", limit.as_secs(), after_colon(tail))]
    Late {
        /// What was waited for.
        what: String,
        /// For how long.
        limit: Duration,
        /// What can explain it.
        tail: String,
    },
    /// A node ended while it was booting.
    #[error("node {node} ended while booting{}", after_colon(tail))]
    BootFailed {
        /// Name of the node.
        node: String,
        /// The last lines of its console.
        tail: String,
    },
    /// A file or directory.
    #[error("cannot {operation} {}: {source}", path.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl LabError {
    /// For `map_err` on file operations.
    pub(crate) fn io(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { operation, path, source }
    }
}

fn after_colon(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() { String::new() } else { format!(": {text}") }
}
