//! Names of things: nodes, runs, jobs, questions, hosts and network interfaces.

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
    /// As a number of 48 bits, the first byte in the highest.
    pub fn bits(self) -> u64 {
        self.0.iter().fold(0, |bits, &byte| bits << 8 | u64::from(byte))
    }

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

/// The first bits of the MAC addresses of one maker: 24 (MA-L), 28 (MA-M) or 36 (MA-S), or as many as
/// you say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MacPrefix {
    /// Left-aligned in 48 bits; those beyond the length are zero.
    bits: u64,
    /// 1 to 48.
    length: u8,
}

impl MacPrefix {
    /// `mac` begins with these bits.
    pub fn covers(self, mac: MacAddr) -> bool {
        (mac.bits() ^ self.bits) >> (48 - self.length) == 0
    }
}

/// As whole hexadecimal digits with colons, and the length after a slash where it differs from that of the digits.
impl fmt::Display for MacPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.length.div_ceil(4);
        for at in 0..digits {
            if at > 0 && at % 2 == 0 {
                f.write_str(":")?;
            }
            write!(f, "{:x}", self.bits >> (44 - 4 * at) & 0xf)?;
        }
        if self.length.is_multiple_of(4) { Ok(()) } else { write!(f, "/{}", self.length) }
    }
}

impl FromStr for MacPrefix {
    type Err = NotA;

    /// Hexadecimal digits, with or without `:` or `-` between bytes (`b8:27:eb`, `f0:40:af:9`), and possibly the length
    /// in bits after a slash (`f0:40:af:90/28`).
    fn from_str(s: &str) -> Result<Self, NotA> {
        let no = |why| NotA::new("MAC prefix", s, why);
        let (digits, length) = s.split_once('/').map_or((s, None), |(digits, length)| (digits, Some(length)));
        let digits: Vec<u8> = digits.bytes().filter(|b| !b":-".contains(b)).collect();
        let text = std::str::from_utf8(&digits).ok().filter(|text| (1..=12).contains(&text.len()));
        let all_hex = text.filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        let text = all_hex.ok_or_else(|| no("one to twelve hexadecimal digits like b8:27:eb are expected"))?;
        let given = 4 * text.len() as u8;
        let length = match length {
            None => given,
            Some(length) => length
                .parse()
                .ok()
                .filter(|length| (1..=given).contains(length))
                .ok_or_else(|| no("behind the slash stands how many of the bits count"))?,
        };
        let bits = u64::from_str_radix(text, 16).map_err(|_| no("it is not hexadecimal"))? << (48 - given);
        Ok(Self { bits: bits >> (48 - length) << (48 - length), length })
    }
}

impl TryFrom<String> for MacPrefix {
    type Error = NotA;

    fn try_from(text: String) -> Result<Self, NotA> {
        text.parse()
    }
}

impl From<MacPrefix> for String {
    fn from(prefix: MacPrefix) -> Self {
        prefix.to_string()
    }
}

/// A text that is not valid for its type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is not a valid {what}: {why}")]
pub struct NotA {
    /// What was expected.
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

/// What a node is called inside pictl, for as long as it is known: made once, when it is first seen, of its MAC, else
/// of its address, and then only compared. Whether a later sighting is the same node is decided by MAC, else by host
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
    /// The id of a run of `program` that starts `at`; `salt` separates runs of one second.
    pub fn new(at: crate::Timestamp, program: &str, salt: u32) -> Self {
        let when = jiff::Timestamp::from_millisecond(at.0)
            .map_or_else(|_| "00000000-000000".to_owned(), |t| t.strftime("%Y%m%d-%H%M%S").to_string());
        let name: String =
            program.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).take(16).collect();
        Self(format!("{when}-{}-{:04x}", if name.is_empty() { "run" } else { &name }, salt & 0xffff))
    }

    /// The id as text; safe as a file name and as an argument in a shell.
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
    fn mac_prefixes_count_to_their_last_bit() {
        for (text, shown, covered, not) in [
            ("b8:27:eb", "b8:27:eb", "b8:27:eb:ff:00:01", "b8:27:ec:00:00:00"),
            ("B8-27-EB", "b8:27:eb", "b8:27:eb:00:00:00", "b8:27:ea:ff:ff:ff"),
            ("f0:40:af:9", "f0:40:af:9", "f0:40:af:9f:ff:ff", "f0:40:af:a0:00:00"),
            ("f0:40:af:9f/28", "f0:40:af:9", "f0:40:af:90:00:00", "f0:40:af:8f:ff:ff"),
            ("8c1f64348000/33", "8c:1f:64:34:8/33", "8c:1f:64:34:ff:ff", "8c:1f:64:34:7f:ff"),
            ("02/7", "02/7", "03:00:00:00:00:00", "04:00:00:00:00:00"),
        ] {
            let prefix: MacPrefix = text.parse().expect(text);
            assert_eq!(prefix.to_string(), shown);
            assert_eq!(shown.parse(), Ok(prefix));
            assert!(prefix.covers(covered.parse().expect("a MAC")), "{text}");
            assert!(!prefix.covers(not.parse().expect("a MAC")), "{text}");
        }
        for bad in ["", "/", "b8:27:eb/", "b8:27:eb/0", "b8:27:eb/25", "b8:27:zz", "dc:a6:32:01:02:03:04", "+1", "é"] {
            assert!(bad.parse::<MacPrefix>().is_err(), "{bad}");
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
