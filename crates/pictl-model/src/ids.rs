//! Names of things: nodes, runs, jobs, questions, hosts and network cards.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A 48-bit Ethernet address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MacAddr(pub [u8; 6]);

impl MacAddr {
    /// Made up by software (randomised Wi-Fi, virtual machines) rather than assigned to the hardware by its maker.
    pub fn is_local(self) -> bool {
        self.0[0] & 0x02 != 0
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, rest @ ..] = self.0;
        write!(f, "{first:02x}")?;
        rest.iter().try_for_each(|byte| write!(f, ":{byte:02x}"))
    }
}

/// A text that is not what its type needs.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is no {what}: {why}")]
pub struct NotA {
    /// What was expected, in words.
    pub what: &'static str,
    /// What was given (cleaned, bounded).
    pub text: String,
    /// Which rule it breaks.
    pub why: &'static str,
}

impl NotA {
    /// A refusal of `text` as a `what`.
    pub fn new(what: &'static str, text: &str, why: &'static str) -> Self {
        Self { what, text: crate::text::clean(text, 80), why }
    }
}

impl FromStr for MacAddr {
    type Err = NotA;

    /// Six two-digit hexadecimal bytes between `:` or `-`.
    fn from_str(s: &str) -> Result<Self, NotA> {
        let no = || NotA::new("MAC address", s, "six hexadecimal bytes like dc:a6:32:01:02:03 are expected");
        let mut bytes = [0; 6];
        let mut parts = s.split([':', '-']);
        for byte in &mut bytes {
            let part = parts.next().filter(|p| p.len() == 2).ok_or_else(no)?;
            *byte = u8::from_str_radix(part, 16).map_err(|_| no())?;
        }
        if parts.next().is_some() { Err(no()) } else { Ok(Self(bytes)) }
    }
}

impl TryFrom<String> for MacAddr {
    type Error = NotA;
    fn try_from(s: String) -> Result<Self, NotA> {
        s.parse()
    }
}

impl From<MacAddr> for String {
    fn from(mac: MacAddr) -> Self {
        mac.to_string()
    }
}

/// What a node is called inside pictl, for ever: made once from the best evidence at first sight (its MAC, else
/// its address) and then only compared. Whether a later sighting is the same node is decided by MAC, else by host
/// key, so an id outlives a change of address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(String);

impl NodeId {
    /// The id of a node first seen with this MAC.
    pub fn from_mac(mac: MacAddr) -> Self {
        Self(mac.to_string())
    }

    /// The id of a node first seen at this address, its MAC unknown (another subnet, loopback).
    pub fn from_address(address: IpAddr, port: u16) -> Self {
        Self(if port == 22 { address.to_string() } else { format!("{address}_{port}") })
    }

    /// The machine that pictl runs on, where it is the head of a run; never a member.
    pub fn operator() -> Self {
        Self("operator".to_owned())
    }

    /// Whether it is the machine that pictl runs on.
    pub fn is_operator(&self) -> bool {
        self.0 == "operator"
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A host name of one label that every program of a cluster accepts: `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`.
///
/// Stricter than RFC 1123 on purpose: no dots (Open MPI 4 cuts at the first one), no capitals, no underscore.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostName(String);

impl HostName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for HostName {
    type Err = NotA;
    fn from_str(s: &str) -> Result<Self, NotA> {
        let no = |why| Err(NotA::new("host name", s, why));
        if s.is_empty() || s.len() > 63 {
            return no("1 to 63 characters are expected");
        }
        if !s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            return no("only a-z, 0-9 and - are allowed");
        }
        if s.starts_with('-') || s.ends_with('-') {
            return no("it must begin and end with a letter or a digit");
        }
        if s == "localhost" {
            return no("that name is every machine's own");
        }
        Ok(Self(s.to_owned()))
    }
}

impl TryFrom<String> for HostName {
    type Error = NotA;
    fn try_from(s: String) -> Result<Self, NotA> {
        s.parse()
    }
}

impl From<HostName> for String {
    fn from(name: HostName) -> Self {
        name.0
    }
}

/// A run's name, its folder's name and the mark its processes carry: `20261120-084501-pi-k3f9`, which sorts by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

impl RunId {
    /// The id of a run of `program` that starts `at`; `salt` tells apart runs of one second.
    pub fn new(at: crate::Timestamp, program: &str, salt: u32) -> Self {
        let when = jiff::Timestamp::from_millisecond(at.0)
            .map_or_else(|_| "00000000-000000".to_owned(), |t| t.strftime("%Y%m%d-%H%M%S").to_string());
        let name: String =
            program.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).take(16).collect();
        Self(format!("{when}-{}-{:04x}", if name.is_empty() { "run" } else { &name }, salt & 0xffff))
    }

    /// The id as text; safe as a file name and as a shell word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RunId {
    type Err = NotA;
    fn from_str(s: &str) -> Result<Self, NotA> {
        let fine = (1..=64).contains(&s.len())
            && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !s.starts_with('-');
        if fine { Ok(Self(s.to_owned())) } else { Err(NotA::new("run id", s, "letters, digits and - are expected")) }
    }
}

impl TryFrom<String> for RunId {
    type Error = NotA;
    fn try_from(s: String) -> Result<Self, NotA> {
        s.parse()
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> Self {
        id.0
    }
}

/// Names one piece of work (a setup, an exec) within a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub u32);

/// Names one question within a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QuestionId(pub u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_what_all_launchers_take() {
        for good in ["pi01", "a", "node-7"] {
            assert_eq!(good.parse::<HostName>().map(String::from).as_deref(), Ok(good));
        }
        for bad in ["", "Pi", "pi_1", "-a", "a-", "pi.local", "localhost", &"x".repeat(64), "pi 1", "é"] {
            assert!(bad.parse::<HostName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn macs_read_and_print() {
        let mac: MacAddr = "DC-A6-32-01-02-0f".parse().expect("a MAC");
        assert_eq!(mac.to_string(), "dc:a6:32:01:02:0f");
        assert!(!mac.is_local());
        for bad in ["", "dc:a6:32:01:02", "dc:a6:32:01:02:03:04", "dc:a6:32:01:02:zz", "d:ca:63:20:10:20"] {
            assert!(bad.parse::<MacAddr>().is_err(), "{bad}");
        }
    }

    #[test]
    fn run_ids_sort_by_time_and_are_safe_words() {
        let id = RunId::new(crate::Timestamp(1_795_164_301_000), "../Pi x", 0x1f);
        assert_eq!(id.as_str(), "20261120-084501-pix-001f");
        assert_eq!(id.as_str().parse::<RunId>(), Ok(id));
        assert!("../etc".parse::<RunId>().is_err());
    }
}
