//! Host keys, and whether they are trusted.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::ids::{MacAddr, NodeId};

/// A host's public key as OpenSSH writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HostKey {
    /// The key's type, such as `ssh-ed25519`.
    pub algorithm: String,
    /// The key itself in base64, without a comment.
    pub base64: String,
}

impl HostKey {
    /// The two fields as they stand in `known_hosts`.
    pub fn line(&self) -> String {
        format!("{} {}", self.algorithm, self.base64)
    }
}

/// `SHA256:` and 43 base64 characters, as `ssh-keygen -lf` prints it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub String);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the recorded keys say of the key a host offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Nothing is recorded of this host.
    Unknown,
    /// This very key is recorded.
    Known,
    /// Another key of the same algorithm is recorded: a reflashed SD card, or somebody in between.
    Changed,
    /// Keys of other algorithms are recorded, and not this one. Treated as [`Trust::Changed`].
    OtherAlgorithm,
    /// The key is marked `@revoked`.
    Revoked,
}

/// Who decides on keys of hosts never seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustPolicy {
    /// The user, by fingerprint, in one table for all nodes.
    #[default]
    Ask,
    /// Keys of hosts never seen are accepted and shown.
    New,
    /// Only recorded keys.
    Strict,
}

/// One unknown key in the table that asks for trust.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustRow {
    /// Who offered it.
    pub node: NodeId,
    /// Where.
    pub address: IpAddr,
    /// The MAC address behind that address, where known.
    pub mac: Option<MacAddr>,
    /// What was offered.
    pub key: HostKey,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Other nodes with this very key: cloned SD cards, or one host with several addresses.
    pub same_as: Vec<NodeId>,
    /// The key that was trusted so far, where the node's MAC is known and it offers another key now: its SD card was
    /// reflashed, or somebody is in between.
    #[serde(default)]
    pub before: Option<Fingerprint>,
    /// The key as random art, nine lines of 17 characters in a frame, as `ssh-keygen -lv` prints it.
    #[serde(default)]
    pub art: String,
}
