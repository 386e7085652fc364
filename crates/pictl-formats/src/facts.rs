//! What a node says of itself: the answer of `facts.sh`.
//!
//! `key value` lines between `facts 1` and `end facts`. What a login shell's start files print before is passed over.
//! Every value is hostile text until it was cleaned, bounded and read into its type.

use std::collections::BTreeMap;

use pictl_model::node::{Facts, IfAddr, MpiInstall, Sudo, Swap};
use pictl_model::text::clean;
use pictl_model::trust::HostKey;
use pictl_model::units::{Millis, Throttled, Timestamp};
use pictl_model::{MacAddr, MpiPrefix};
use thiserror::Error;

use crate::interfaces::{is_internal, is_veth};
use crate::key::blob_of;

mod files;
mod mpi;

use files::file_of;
pub use files::{FileKind, FileState, Unusable};
pub use mpi::FailedBuild;
use mpi::{hpcc_of, mpi_of, mpi4py_of};

/// Longest answer taken: some files of at most 256 KiB in base64, and some.
const MAX_TEXT: usize = 2 << 20;
/// Longest value of a plain key, in characters.
const MAX_VALUE: usize = 256;
/// Most interfaces' addresses, and most host keys, that are kept.
const MAX_LIST: usize = 64;

/// An answer without reliable content.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FactsError {
    /// More than any node has to say.
    #[error("the node's facts are longer than {MAX_TEXT} bytes")]
    TooLong,
    /// It is not the script's output.
    #[error("the node did not answer with facts but {said:?}")]
    NotFacts {
        /// What it said, its beginning.
        said: String,
    },
    /// The end is missing.
    #[error("the node's facts break off")]
    Truncated,
    /// Something that every node has is missing or senseless.
    #[error("the node's facts have no usable {key}")]
    Missing {
        /// What is missing.
        key: &'static str,
    },
}

impl FactsError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TooLong => "look at what the node's shell prints at login",
            Self::NotFacts { .. } => {
                "the login shell there must run commands, and it must be Debian or Raspberry Pi OS"
            }
            Self::Truncated => "the connection was lost or the disk is full; try again",
            Self::Missing { .. } => "is it Debian or Raspberry Pi OS?",
        }
    }
}

/// All that one reading of a node contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeReading {
    /// What the node is.
    pub facts: Facts,
    /// The login's user id; 0 is root.
    pub uid: u32,
    /// Every [`FileKind`].
    pub files: BTreeMap<FileKind, FileState>,
    /// The node's host keys, as its own files have them.
    pub host_keys: Vec<HostKey>,
    /// Everything was asked for; otherwise only what work on keys needs, and the facts have gaps.
    pub complete: bool,
    /// What the kernel calls this boot: one word for one machine, whatever its addresses.
    pub boot_id: Option<String>,
    /// What Debian's alternatives have made of the command `mpirun`, such as `/usr/bin/mpirun.openmpi`.
    pub mpirun: Option<String>,
    /// The last attempt to build mpi4py, where it failed.
    pub mpi4py_failed: Option<FailedBuild>,
    /// Permission bits of the login's home.
    pub home_mode: Option<u32>,
    /// Permission bits of `~/.ssh`, where it is there.
    pub ssh_mode: Option<u32>,
    /// sshd accepts passwords of this user, as its whole configuration says; reported where pictl's drop-in is there and root
    /// needs no password.
    pub passwords: Option<bool>,
}

impl NodeReading {
    /// Takes in a later reading, and keeps what that one did not ask for.
    pub fn update(&mut self, mut later: Self) {
        if !later.complete {
            later.fill_from(&self.facts);
            later.complete = self.complete;
            for (kind, state) in std::mem::take(&mut self.files) {
                if matches!(later.files.get(&kind), Some(FileState::NotReported { .. })) {
                    later.files.insert(kind, state);
                }
            }
        }
        *self = later;
    }

    /// Fills the gaps of a reading that is not complete with what was known before.
    pub fn fill_from(&mut self, known: &Facts) {
        let (known, now) = (known.clone(), &mut self.facts);
        *now = Facts {
            hostname: std::mem::take(&mut now.hostname),
            machine_id: now.machine_id.take(),
            os: std::mem::take(&mut now.os),
            codename: std::mem::take(&mut now.codename),
            user: std::mem::take(&mut now.user),
            home: std::mem::take(&mut now.home),
            shell: now.shell.take(),
            sudo: now.sudo.or(known.sudo),
            ..known
        };
    }
}

/// The script's arguments for these `parts` of a reading, of which `keys` is the first; without any for all of it.
pub fn arguments(parts: &[&str]) -> Vec<String> {
    if parts.is_empty() { mpi::arguments(None) } else { parts.iter().map(|&part| part.to_owned()).collect() }
}

/// The script's arguments for all of a reading, with an MPI in this folder.
pub fn arguments_with(prefix: Option<&MpiPrefix>) -> Vec<String> {
    mpi::arguments(prefix)
}

/// Reads the script's answer, which was complete at `read_at` and took `round_trip` from the question on.
pub fn parse(text: &[u8], read_at: Timestamp, round_trip: Millis) -> Result<NodeReading, FactsError> {
    if text.len() > MAX_TEXT {
        return Err(FactsError::TooLong);
    }
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines();
    if !lines.any(|line| line == "facts 1") {
        return Err(FactsError::NotFacts { said: clean(text.trim_start(), 80) });
    }
    let mut answer = Answer::default();
    for line in lines {
        if line == "end facts" {
            return answer.reading(read_at, round_trip);
        }
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        answer.take(key, value.trim());
    }
    Err(FactsError::Truncated)
}

/// The lines read so far.
#[derive(Default)]
struct Answer<'a> {
    /// Keys of which there is one, with their first value, cleaned.
    single: BTreeMap<&'a str, String>,
    addresses: Vec<IfAddr>,
    macs: Vec<MacAddr>,
    mpi: Vec<MpiInstall>,
    swap: Vec<Swap>,
    files: BTreeMap<FileKind, FileState>,
    host_keys: Vec<HostKey>,
    /// Paths and their permission bits.
    modes: Vec<(&'a str, u32)>,
}

impl<'a> Answer<'a> {
    fn take(&mut self, key: &'a str, value: &'a str) {
        match key {
            "address" if self.addresses.len() < MAX_LIST => self.addresses.extend(address_of(value)),
            "mac" if self.macs.len() < MAX_LIST => {
                let mac = mac_of(value).filter(|mac| !self.macs.contains(mac));
                self.macs.extend(mac);
            }
            "mpi" if self.mpi.len() < MAX_LIST => self.mpi.extend(mpi_of(value)),
            "swap" if self.swap.len() < MAX_LIST => self.swap.extend(swap_of(value)),
            "host_key" if self.host_keys.len() < MAX_LIST => self.host_keys.extend(host_key_of(value)),
            "mode" if self.modes.len() < MAX_LIST => self.modes.extend(mode_of(value)),
            "file" => {
                if let Some((kind, state)) = file_of(value) {
                    self.files.entry(kind).or_insert(state);
                }
            }
            _ if self.single.len() < MAX_LIST => {
                self.single.entry(key).or_insert_with(|| clean(value, MAX_VALUE));
            }
            _ => {}
        }
    }

    /// The value of a key that may be missing or empty.
    fn get(&self, key: &str) -> Option<&str> {
        self.single.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn text(&self, key: &str) -> Option<String> {
        self.get(key).map(str::to_owned)
    }

    fn need(&self, key: &'static str) -> Result<String, FactsError> {
        self.text(key).ok_or(FactsError::Missing { key })
    }

    fn number<T: std::str::FromStr>(&self, key: &'static str) -> Result<T, FactsError> {
        self.get(key).and_then(|value| value.parse().ok()).ok_or(FactsError::Missing { key })
    }

    fn reading(mut self, read_at: Timestamp, round_trip: Millis) -> Result<NodeReading, FactsError> {
        let home = self.need("home")?;
        if !home.starts_with('/') {
            return Err(FactsError::Missing { key: "home" });
        }
        // As NTP does it: of question and answer, both have taken half of what the node itself did not take.
        let time = |key| self.get(key).and_then(|time| time.parse::<i128>().ok());
        let asked = i128::from(read_at.0) - i128::from(round_trip.0);
        let begun = time("now");
        let clock = begun.map(|begun| (begun - asked + time("now_end").unwrap_or(begun) - i128::from(read_at.0)) / 2);
        let unquoted = |key| self.get(key).map(|value| value.trim_matches(['"', '\'']).to_owned()).unwrap_or_default();
        let complete = self.get("part").is_none();
        let facts = Facts {
            hostname: self.need("hostname")?,
            machine_id: self.text("machine_id"),
            os: unquoted("os"),
            codename: unquoted("codename"),
            arch: if complete { self.need("arch")? } else { String::new() },
            model: self.text("model"),
            serial: self.text("serial"),
            cores: if complete { self.number("cores")? } else { 0 },
            mem_total_kib: if complete { self.number("mem_total_kib")? } else { 0 },
            mem_available_kib: self.number("mem_available_kib").ok(),
            swap: std::mem::take(&mut self.swap),
            hpcc: self.get("hpcc").map(hpcc_of),
            user: self.need("user")?,
            home,
            shell: self.text("shell"),
            sudo: self.get("sudo").and_then(sudo_of),
            addresses: std::mem::take(&mut self.addresses),
            macs: std::mem::take(&mut self.macs),
            mpi: std::mem::take(&mut self.mpi),
            mpi4py: self.get("mpi4py").map(mpi4py_of),
            clock_offset_ms: clock.and_then(|clock| i64::try_from(clock).ok()),
            throttled: self.get("throttled").and_then(|v| throttled_of(v.strip_prefix("throttled=")?)),
            kernel: self.text("kernel"),
            governor: self.text("governor"),
            cloud_init: self.get("cloud_init") == Some("yes"),
            read_at,
        };
        let uid = self.number("uid")?;
        for kind in FileKind::ALL {
            let not_reported = || FileState::NotReported { path: kind.key().to_owned() };
            self.files.entry(kind).or_insert_with(not_reported);
        }
        let mode = |path: &str| self.modes.iter().find(|(of, _)| *of == path).map(|(_, mode)| *mode);
        Ok(NodeReading {
            complete,
            passwords: self.get("passwords").map(|how| how == "accepted"),
            boot_id: self.text("boot_id"),
            mpirun: self.text("mpirun"),
            mpi4py_failed: self.get("mpi4py_failed").and_then(FailedBuild::read),
            home_mode: mode(&facts.home),
            ssh_mode: mode(&format!("{}/.ssh", facts.home)),
            facts,
            uid,
            files: self.files,
            host_keys: self.host_keys,
        })
    }
}

/// `755 1000 /home/pi`: permission bits, owner, path.
fn mode_of(value: &str) -> Option<(&str, u32)> {
    let (mode, rest) = value.split_once(' ')?;
    let (_owner, path) = rest.split_once(' ')?;
    Some((path, u32::from_str_radix(mode, 8).ok()?))
}

fn sudo_of(word: &str) -> Option<Sudo> {
    match word {
        "root" => Some(Sudo::Root),
        "no_password" => Some(Sudo::NoPassword),
        "password" => Some(Sudo::Password),
        "missing" => Some(Sudo::Missing),
        "wants_terminal" => Some(Sudo::WantsTerminal),
        _ => None,
    }
}

/// `0x50005`.
pub(crate) fn throttled_of(word: &str) -> Option<Throttled> {
    u32::from_str_radix(word.strip_prefix("0x")?, 16).ok().map(Throttled)
}

/// `eth0 10.0.0.31/24`.
fn address_of(value: &str) -> Option<IfAddr> {
    let (interface, cidr) = value.split_once(' ')?;
    let net: ipnet::IpNet = cidr.parse().ok()?;
    Some(IfAddr { interface: clean(interface, 15), address: net.addr(), prefix: net.prefix_len() })
}

/// `eth0 dc:a6:32:01:02:03`, unless a program made the interface.
fn mac_of(value: &str) -> Option<MacAddr> {
    let (interface, mac) = value.split_once(' ')?;
    let mac: MacAddr = mac.parse().ok()?;
    (!is_internal(interface) && !is_veth(interface) && mac.bits() != 0).then_some(mac)
}

/// `/var/swap 524272`: the file or device, and its size in KiB.
fn swap_of(value: &str) -> Option<Swap> {
    let (path, kib) = value.rsplit_once(' ')?;
    let kib = kib.parse().ok()?;
    path.starts_with('/').then(|| Swap { path: clean(path, MAX_VALUE), kib })
}

/// A public host key as nodes report it: `ssh-ed25519 AAAA…`.
pub fn host_key_of(value: &str) -> Option<HostKey> {
    let (algorithm, base64) = value.split_once(' ')?;
    let key = HostKey { algorithm: algorithm.to_owned(), base64: base64.to_owned() };
    blob_of(&key).map(|_| key)
}

#[cfg(test)]
mod tests;
