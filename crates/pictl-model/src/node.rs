//! Nodes: how they were found, what they are, and how they are reached.

mod facts;

use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::ids::{HostName, MacAddr, NodeId};
use crate::link::LinkFailure;
use crate::prefix::MpiPrefix;
use crate::trust::Fingerprint;
use crate::units::Millis;

pub use facts::{Facts, Hpcc, IfAddr, Mpi4py, MpiFamily, MpiInstall, Sudo, Swap};

/// How a host was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenBy {
    /// It answered an ARP request of ours.
    Arp,
    /// It was in the kernel's neighbour table.
    Neighbour,
    /// It took or refused a TCP connection on its SSH port.
    Connect,
    /// It announced itself by multicast DNS.
    Mdns,
}

/// Why a host is thought to be a Raspberry Pi; each is a hint, none a proof before login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PiHint {
    /// Its MAC begins with a prefix of Raspberry Pi Ltd.
    Prefix,
    /// Its SSH banner is that of Raspbian.
    Banner,
    /// It is called `raspberrypi`.
    Name,
    /// It reported its model after login: this one is proof.
    Model,
}

impl PiHint {
    /// What it counts of 100. A prefix is shared by boards of other kinds (Pico W), a banner by every machine with Raspbian,
    /// and any host can have that name; all three together are still not a proof.
    fn weight(self) -> u8 {
        match self {
            Self::Prefix => 60,
            Self::Banner | Self::Name => 20,
            Self::Model => 100,
        }
    }

    /// A short name of the hint.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prefix => "MAC",
            Self::Banner => "banner",
            Self::Name => "name",
            Self::Model => "model",
        }
    }

    /// How sure it is that a host with these hints is a Raspberry Pi: 0 (nothing says so) to 100 (it said so after login).
    pub fn score(hints: &[Self]) -> u8 {
        let sum = hints.iter().fold(0u8, |sum, hint| sum.saturating_add(hint.weight()));
        if hints.contains(&Self::Model) { 100 } else { sum.min(99) }
    }
}

/// How sure it is that a host is a Raspberry Pi.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likelihood {
    /// It reported it itself, after login.
    Yes,
    /// Its MAC address shows it: the best evidence there is without a login.
    Likely,
    /// It has a sign that any host could have.
    Maybe,
    /// Nothing says so.
    No,
}

impl Likelihood {
    /// What a [`PiHint::score`] means.
    pub fn of(score: u8) -> Self {
        match score {
            100.. => Self::Yes,
            60.. => Self::Likely,
            1.. => Self::Maybe,
            0 => Self::No,
        }
    }

    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Likely => "likely",
            Self::Maybe => "maybe",
            Self::No => "no",
        }
    }
}

/// Something odd about a host, which a scan reports without deciding what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "flag", rename_all = "snake_case")]
pub enum Flag {
    /// Its MAC was made up by software (a virtual machine, Wi-Fi privacy), so it can have another one next time.
    LocalMac,
    /// Another network interface claims the same address.
    Contested {
        /// The MAC address of that one.
        mac: MacAddr,
    },
    /// Its network interface answers for many addresses: a router with proxy ARP, and there may be no such host.
    ProxyArp {
        /// For how many in this scan.
        addresses: u32,
    },
}

impl Flag {
    /// What is odd, in a line. It begins with `!` where the user should do something.
    pub fn summary(&self) -> String {
        match self {
            Self::LocalMac => "made-up MAC".to_owned(),
            Self::Contested { mac } => format!("! {mac} claims this address, too"),
            Self::ProxyArp { addresses } => {
                format!("! proxy ARP: its network interface answers for {addresses} addresses")
            }
        }
    }
}

/// What became of a node since the scan before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// It was not there before.
    New,
    /// It was at another address.
    Moved {
        /// Where.
        from: IpAddr,
    },
    /// It does not answer any more.
    Gone,
}

/// By what two addresses are known to be of one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameHost {
    /// The same network interface answers at both.
    Interface,
    /// The host itself reported the address.
    Reported,
    /// Both have the same name.
    Name,
    /// Both are the board with the same serial number.
    Serial,
}

impl Change {
    /// A short name of the change.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Moved { .. } => "moved",
            Self::Gone => "gone",
        }
    }
}

/// Another address of a host that has several network interfaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherAddress {
    /// The address.
    pub address: IpAddr,
    /// The MAC behind it, where known.
    pub mac: Option<MacAddr>,
    /// Why it is thought to be of the same host, in words.
    pub why: String,
    /// By what; `None` in old records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<SameHost>,
}

/// One host as a scan saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// Its IP address.
    pub address: IpAddr,
    /// The SSH port that was tried.
    pub port: u16,
    /// Its MAC, where the subnet is local.
    pub mac: Option<MacAddr>,
    /// The maker of its network interface, where known.
    pub vendor: Option<String>,
    /// Why it may be a Raspberry Pi; empty when nothing says so.
    pub hints: Vec<PiHint>,
    /// The name it goes by (reverse DNS, mDNS), where known.
    pub hostname: Option<String>,
    /// SSH identification string (cleaned, at most 255 characters), when an SSH server answered.
    pub ssh: Option<String>,
    /// Time from question to first answer.
    pub rtt: Option<Millis>,
    /// How it was noticed.
    pub seen_by: Vec<SeenBy>,
    /// Other addresses of the same network interface, where this computer knows them: IPv6 neighbours.
    #[serde(default)]
    pub others: Vec<IpAddr>,
    /// What is odd about it.
    #[serde(default)]
    pub flags: Vec<Flag>,
    /// MAC addresses of its other network interfaces: they and its own one answer for the same addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<MacAddr>,
}

impl Sighting {
    /// The id this host gets if it was never seen before.
    pub fn fresh_id(&self) -> NodeId {
        self.mac.map_or_else(|| NodeId::from_address(self.address, self.port), NodeId::from_mac)
    }

    /// A MAC answered for it that answers for many addresses, so perhaps there is no such host.
    pub fn is_proxied(&self) -> bool {
        self.flags.iter().any(|flag| matches!(flag, Flag::ProxyArp { .. }))
    }

    /// At least one hint says Raspberry Pi.
    pub fn is_pi(&self) -> bool {
        !self.hints.is_empty()
    }
}

/// A node that belongs to the cluster, as the inventory keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its id.
    pub id: NodeId,
    /// Its name in the cluster, which is (or will be) its host name.
    pub name: HostName,
    /// Where it was last seen.
    pub address: IpAddr,
    /// Its SSH port.
    pub port: u16,
    /// Whom pictl logs in as.
    pub user: String,
    /// Its MAC, where known.
    pub mac: Option<MacAddr>,
    /// Its host key, once trusted: what it is recognised by when there is no MAC.
    pub host_key: Option<Fingerprint>,
    /// `mpirun` runs here.
    pub head: bool,
    /// How many cores it has, once it has reported them: its slots in a machinefile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cores: Option<u16>,
    /// The MPI that a setup has chosen for the cluster; the same on all of its members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mpi: Option<MpiFamily>,
    /// The folder of that MPI, where it is not the distribution's; the same on all of its members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mpi_prefix: Option<MpiPrefix>,
    /// The private key file to offer there first, where it is not the operator's usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<PathBuf>,
    /// The host through which it is reached: `[USER@]HOST[:PORT]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jump: Option<String>,
    /// What else the board is recognised by.
    #[serde(default, skip_serializing_if = "Board::is_empty")]
    pub board: Board,
}

/// By what a board is recognised besides its address, its MAC and its host key: reported by the node itself after a login.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// Its serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// The MACs of its other network interfaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub macs: Vec<MacAddr>,
    /// The host key that it offers, where another member had it first: its SD card is a clone, and the key recognises nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_key: Option<Fingerprint>,
}

impl Board {
    /// Nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Member {
    /// Where it was last seen; none when another host has that address since then.
    pub fn place(&self) -> Option<IpAddr> {
        Some(self.address).filter(|address| !address.is_unspecified())
    }

    /// The host key that it offered last, its own or that of a cloned SD card.
    pub fn offered_key(&self) -> Option<&Fingerprint> {
        self.host_key.as_ref().or(self.board.shared_key.as_ref())
    }

    /// The MACs of all its network interfaces, as far as they are known.
    pub fn macs(&self) -> impl Iterator<Item = MacAddr> {
        self.mac.into_iter().chain(self.board.macs.iter().copied())
    }
}

/// The state of pictl's own connection to a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Link {
    /// No connection was wanted yet.
    #[default]
    Idle,
    /// Connecting or logging in.
    Connecting,
    /// It waits for the user: a fingerprint or a password.
    Waiting {
        /// What it waits for.
        what: String,
    },
    /// Logged in.
    Up,
    /// There was a connection and it broke.
    Lost {
        /// Why.
        why: String,
        /// What kind of failure it is; `None` in old records.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<LinkFailure>,
    },
    /// The connection could not be made.
    Failed {
        /// Why.
        why: String,
        /// What to do.
        hint: String,
        /// What kind of failure it is; `None` in old records.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<LinkFailure>,
    },
}

#[cfg(test)]
mod tests {
    use super::Likelihood;
    use super::PiHint::{self, Banner, Model, Name, Prefix};

    #[test]
    fn only_the_board_itself_makes_sure() {
        assert_eq!(PiHint::score(&[]), 0);
        assert_eq!(PiHint::score(&[Prefix, Banner, Name]), 99);
        assert_eq!(PiHint::score(&[Name, Model]), 100);
        let word = |hints: &[PiHint]| Likelihood::of(PiHint::score(hints)).word();
        assert_eq!(
            [word(&[Model]), word(&[Prefix]), word(&[Banner, Name]), word(&[])],
            ["yes", "likely", "maybe", "no"]
        );
    }
}
