//! Finding hosts.

use std::net::IpAddr;

use futures_util::future::BoxFuture;
use pictl_model::node::Sighting;
use pictl_model::request::ScanRequest;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Finds hosts.
pub trait Discover: Send + Sync + 'static {
    /// Searches for hosts until every target was asked or `cancel` fires, and reports what it finds at once. The first
    /// news is always [`ScanNews::Started`]. A host may be reported several times, each time with more known about it.
    fn scan(
        &self,
        request: ScanRequest,
        news: mpsc::UnboundedSender<ScanNews>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Result<ScanEnd, ScanError>>;
}

/// What a scan reports while it goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum ScanNews {
    /// It begins.
    Started {
        /// What is scanned, for people.
        targets: String,
        /// How, for people (`ARP on eth0`, `TCP connect, no root`).
        method: String,
        /// How many addresses.
        addresses: u64,
    },
    /// Something that it leaves out or could not do, as soon as that is known; [`ScanEnd::problems`] has all of them again.
    Problem(String),
    /// It got further.
    Progress {
        /// Addresses asked so far.
        asked: u64,
        /// Hosts found so far.
        found: u64,
    },
    /// A host, or more of one.
    Host(Sighting),
}

/// How a scan ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanEnd {
    /// What could not be done, one sentence each.
    pub problems: Vec<String>,
    /// Addresses at which somebody was expected, that were asked patiently to the end, and where nobody answered. Empty when the
    /// scan was cancelled.
    pub silent: Vec<IpAddr>,
}

/// Why a scan could not be made at all.
#[derive(Debug, Error)]
pub enum ScanError {
    /// A target or an interface that makes no sense: bad usage.
    #[error("cannot scan {target}: {why}; {hint}")]
    Target {
        /// What was asked for (cleaned).
        target: String,
        /// What is wrong with it.
        why: String,
        /// What to do.
        hint: String,
    },
    /// This user may not.
    #[error("not allowed to scan by {method}: {hint}")]
    NotAllowed {
        /// Which method.
        method: String,
        /// What to do.
        hint: String,
    },
    /// The system of this computer refused every question.
    #[error("none of the {count} addresses could be asked, because this computer refused: {why}")]
    NothingAsked {
        /// How many were to be asked.
        count: u64,
        /// What the system said.
        why: String,
    },
    /// The system refused.
    #[error("cannot scan: {operation}: {source}")]
    Io {
        /// What was tried.
        operation: String,
        /// What the system said.
        source: std::io::Error,
    },
}
