//! What a node reports of itself after login.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::ids::MacAddr;
use crate::units::{Throttled, Timestamp};

/// How root rights are available on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sudo {
    /// The login is root.
    Root,
    /// `sudo` asks nothing.
    NoPassword,
    /// `sudo` asks for a password.
    Password,
    /// There is no `sudo`.
    Missing,
    /// `sudo` works in a terminal only (`requiretty`).
    WantsTerminal,
}

/// An implementation of MPI: an identifier only. What pictl knows about its launchers is in `pictl_formats::launcher`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MpiFamily {
    /// Open MPI.
    OpenMpi,
    /// MPICH with its launcher Hydra.
    Mpich,
}

impl MpiFamily {
    /// Every one, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::OpenMpi, Self::Mpich];

    /// The name on the command line and in records, and the name for people.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::OpenMpi => ("openmpi", "Open MPI"),
            Self::Mpich => ("mpich", "MPICH"),
        }
    }

    /// The name on the command line and in records.
    pub fn word(self) -> &'static str {
        self.names().0
    }
}

impl std::fmt::Display for MpiFamily {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.names().1)
    }
}

impl std::str::FromStr for MpiFamily {
    type Err = crate::ids::NotA;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|family| family.word() == s);
        found.ok_or_else(|| crate::ids::NotA::new("MPI", s, "openmpi or mpich is expected"))
    }
}

/// An MPI found on a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MpiInstall {
    /// Which one.
    pub family: MpiFamily,
    /// Its version, such as `4.1.4`.
    pub version: String,
    /// Absolute path of its launcher under its own name (`mpirun.openmpi`, `mpiexec.hydra`), never the
    /// alternatives link that an installation of the other MPI can turn round. One that is not the distribution's is in a
    /// folder of its own: `/opt/openmpi/bin/mpirun`.
    pub launcher: String,
}

/// mpi4py as the system's Python sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mpi4py {
    /// Its version.
    pub version: String,
    /// The MPI it is linked to, where that is known.
    pub family: Option<MpiFamily>,
}

/// The program hpcc, as it is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hpcc {
    /// The MPI it is linked to, where that is known.
    pub family: Option<MpiFamily>,
    /// Its linear algebra is OpenBLAS; the reference BLAS is several times slower.
    pub open_blas: bool,
}

/// An address of one of a node's interfaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IfAddr {
    /// The interface's name.
    pub interface: String,
    /// Its address.
    pub address: IpAddr,
    /// Its prefix length.
    pub prefix: u8,
}

/// What a node reported of itself after login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Its present host name.
    pub hostname: String,
    /// `/etc/machine-id`; the same on two nodes means a cloned SD card.
    pub machine_id: Option<String>,
    /// `PRETTY_NAME` of `/etc/os-release`.
    pub os: String,
    /// `VERSION_CODENAME`, such as `bookworm`.
    pub codename: String,
    /// Debian's architecture name (`arm64`, `armhf`): that of the programs, which can differ from the kernel's.
    pub arch: String,
    /// The board's own model string.
    pub model: Option<String>,
    /// The board's serial number.
    pub serial: Option<String>,
    /// CPUs online.
    pub cores: u16,
    /// Memory in KiB.
    pub mem_total_kib: u64,
    /// Memory that programs can use now, in KiB.
    #[serde(default)]
    pub mem_available_kib: Option<u64>,
    /// The swap that is switched on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub swap: Vec<Swap>,
    /// hpcc, which has HPL in it, where it is installed.
    #[serde(default)]
    pub hpcc: Option<Hpcc>,
    /// The login's name.
    pub user: String,
    /// The login's home directory.
    pub home: String,
    /// The login's shell: a program's path.
    #[serde(default)]
    pub shell: Option<String>,
    /// How root rights are available.
    pub sudo: Option<Sudo>,
    /// IPv4 and IPv6 addresses, loopback left out.
    pub addresses: Vec<IfAddr>,
    /// The MACs of its network interfaces, those that programs made left out (Docker, bridges, tunnels).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub macs: Vec<MacAddr>,
    /// The MPIs installed.
    pub mpi: Vec<MpiInstall>,
    /// mpi4py for `/usr/bin/python3`.
    pub mpi4py: Option<Mpi4py>,
    /// The node's clock minus the operator's in milliseconds (half of the round trip taken off).
    pub clock_offset_ms: Option<i64>,
    /// Throttle flags at that moment.
    pub throttled: Option<Throttled>,
    /// The kernel's release, such as `6.12.47+rpt-rpi-v8`.
    #[serde(default)]
    pub kernel: Option<String>,
    /// How the kernel chooses the clock: `ondemand`, `performance`.
    #[serde(default)]
    pub governor: Option<String>,
    /// cloud-init is there and enabled, so it can undo names at the next boot.
    pub cloud_init: bool,
    /// When this was read, by the operator's clock.
    pub read_at: Timestamp,
}

/// A place to which memory is moved when it gets short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swap {
    /// The file or device, such as `/var/swap` or `/dev/zram0`.
    pub path: String,
    /// Its size in KiB.
    pub kib: u64,
}

impl Swap {
    /// It is compressed memory, and no disk.
    pub fn is_in_memory(&self) -> bool {
        self.path.starts_with("/dev/zram")
    }
}

impl Facts {
    /// The installation of `family`, if there is one.
    pub fn mpi_of(&self, family: MpiFamily) -> Option<&MpiInstall> {
        self.mpi.iter().find(|m| m.family == family)
    }
}
