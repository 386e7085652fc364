//! The specification of a lab, as given on the command line.

use std::fmt;
use std::time::Duration;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::LabError;

/// More would not boot on any machine that this runs on, and the last byte of the MAC counts them.
const MAX_NODES: u16 = 64;

/// The specification of a lab.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabSpec {
    /// Name of the lab: up to 24 of `a-z 0-9 -`. Labs of different names do not see each other.
    pub name: String,
    /// How many nodes.
    pub nodes: u16,
    /// Which Debian.
    pub os: Os,
    /// Name of the user on every node.
    pub user: String,
    /// Password of that user.
    pub password: String,
    /// How that user becomes root.
    pub sudo: SudoPolicy,
    /// The network of the nodes.
    pub subnet: Ipv4Net,
    /// All nodes have the same host keys and machine-id, as with cloned SD cards.
    pub cloned: bool,
    /// Which MPI is installed from the start.
    pub with_mpi: WithMpi,
    /// Delay added to every packet that a node sends.
    pub latency: Option<Duration>,
    /// Bandwidth of every node's cable, each way, as `tc` spells it (`100mbit`).
    pub rate: Option<String>,
}

impl Default for LabSpec {
    fn default() -> Self {
        Self {
            name: "pictl".into(),
            nodes: 4,
            os: Os::Bookworm,
            user: "pi".into(),
            password: "raspberry".into(),
            sudo: SudoPolicy::NoPasswd,
            subnet: Ipv4Net::new_assert(std::net::Ipv4Addr::new(10, 77, 0, 0), 24),
            cloned: false,
            with_mpi: WithMpi::None,
            latency: None,
            rate: None,
        }
    }
}

impl fmt::Debug for LabSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LabSpec({:?}: {} nodes, {} in {})", self.name, self.nodes, self.os, self.subnet)
    }
}

impl LabSpec {
    /// Checks everything that can be checked without touching the machine.
    pub fn check(&self) -> Result<(), LabError> {
        check_name(&self.name)?;
        if !(1..=MAX_NODES).contains(&self.nodes) {
            return Err(bad("number of nodes", self.nodes, format!("1 to {MAX_NODES} are possible")));
        }
        let user_ok = self.user.starts_with(|c: char| c.is_ascii_lowercase())
            && self.user.len() <= 32
            && self.user.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
            && self.user != "root";
        if !user_ok {
            return Err(bad("user", &self.user, "must be like `pi`: a-z, 0-9, - and _, at most 32, not root"));
        }
        if self.password.is_empty() || self.password.contains(['\n', '\r', '\0']) {
            return Err(bad("password", "…", "must be one line and not empty"));
        }
        if !self.subnet.addr().is_private() {
            return Err(bad("subnet", self.subnet, "must be a private network"));
        }
        let last = first_host(self.subnet) + u32::from(self.nodes) - 1;
        if last >= operator_host(self.subnet) {
            return Err(bad("subnet", self.subnet, format!("too small for {} nodes and an operator", self.nodes)));
        }
        if let Some(rate) = &self.rate {
            check_rate(rate)?;
        }
        Ok(())
    }
}

/// A lab's name becomes part of names of namespaces, control groups and directories.
pub(crate) fn check_name(name: &str) -> Result<(), LabError> {
    let ok = !name.is_empty()
        && name.len() <= 24
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !name.starts_with('-');
    if ok { Ok(()) } else { Err(bad("lab name", name, "must be up to 24 of a-z, 0-9 and -")) }
}

fn check_rate(rate: &str) -> Result<(), LabError> {
    let digits = rate.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let number_ok = digits.parse::<u32>().is_ok_and(|n| n > 0);
    if number_ok && ["kbit", "mbit", "gbit"].contains(&&rate[digits.len()..]) {
        Ok(())
    } else {
        Err(bad("rate", rate, "must be like 100mbit (kbit, mbit, gbit)"))
    }
}

pub(crate) fn bad(what: &'static str, value: impl fmt::Display, why: impl Into<String>) -> LabError {
    LabError::Bad { what, value: value.to_string(), why: why.into() }
}

/// A delay as `1ms`, `500us` or `2s`; at most ten seconds.
pub fn parse_latency(text: &str) -> Result<Duration, LabError> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let number: u64 = digits.parse().map_err(|_| bad("latency", text, "must be like 1ms (us, ms, s)"))?;
    let latency = match &text[digits.len()..] {
        "us" => Duration::from_micros(number),
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        _ => return Err(bad("latency", text, "must be like 1ms (us, ms, s)")),
    };
    if latency <= Duration::from_secs(10) { Ok(latency) } else { Err(bad("latency", text, "at most 10s")) }
}

/// `n1` gets .31, as the first Pi of many tutorials; in a small subnet the first address there is.
pub(crate) fn first_host(subnet: Ipv4Net) -> u32 {
    subnet.network().to_bits() + if subnet.prefix_len() <= 24 { 31 } else { 1 }
}

/// The operator's end of the network gets the last address.
pub(crate) fn operator_host(subnet: Ipv4Net) -> u32 {
    subnet.broadcast().to_bits().saturating_sub(1)
}

/// Which Debian the nodes run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Os {
    /// Debian 12: OpenSSH 9.2, Open MPI 4.1.
    Bookworm,
    /// Debian 13: OpenSSH 10, Open MPI 5.0.
    Trixie,
    /// Odd nodes bookworm, even nodes trixie.
    Mixed,
}

/// How the user of a node becomes root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SudoPolicy {
    /// Without a password, as Raspberry Pi OS had it until 2026.
    NoPasswd,
    /// With the user's password.
    Password,
}

/// Which MPI is installed from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WithMpi {
    /// Debian's Open MPI and mpi4py.
    OpenMpi,
    /// The same with a C compiler for it.
    #[serde(rename = "openmpi-dev")]
    OpenMpiDev,
    /// Debian's MPICH, without mpi4py: Debian's is linked with Open MPI on 64-bit machines.
    Mpich,
    /// MPICH with a C compiler, and an mpi4py that is linked with it as Debian's is on 32-bit machines from trixie on.
    #[serde(rename = "mpich-dev")]
    MpichDev,
    /// `openmpi-dev` with what some benchmarks also need: HPL in hpcc, OpenBLAS and Parallel Python.
    #[serde(rename = "openmpi-bench")]
    OpenMpiBench,
    /// `mpich-dev` with the same.
    #[serde(rename = "mpich-bench")]
    MpichBench,
    /// `mpich-dev` without its mpi4py, whose source waits in an offline package index for pip.
    #[serde(rename = "mpich-source")]
    MpichSource,
    /// None; both wait in the offline repository of every node.
    None,
}

impl WithMpi {
    /// The same with nothing but the MPI itself and, for Open MPI, mpi4py.
    pub(crate) fn launcher(self) -> Self {
        match self {
            Self::OpenMpi | Self::OpenMpiDev | Self::OpenMpiBench => Self::OpenMpi,
            Self::Mpich | Self::MpichDev | Self::MpichBench | Self::MpichSource => Self::Mpich,
            Self::None => Self::None,
        }
    }

    /// The further layers that it has, each upon those before it.
    pub(crate) fn extras(self) -> &'static [Extra] {
        match self {
            Self::None | Self::OpenMpi | Self::Mpich => &[],
            Self::OpenMpiDev | Self::MpichDev => &[Extra::Compiler],
            Self::OpenMpiBench | Self::MpichBench => &[Extra::Compiler, Extra::Bench],
            Self::MpichSource => &[Extra::Compiler, Extra::Source],
        }
    }
}

/// A layer above the one with an MPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extra {
    /// A C compiler.
    Compiler,
    /// What some benchmarks need.
    Bench,
    /// The source of mpi4py, and no mpi4py.
    Source,
}

/// `Display` and `FromStr` of an enum by the names that the command line uses.
macro_rules! names {
    ($type:ident, $what:literal, $($variant:ident = $name:literal),+) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $(Self::$variant => $name),+ })
            }
        }

        impl std::str::FromStr for $type {
            type Err = LabError;

            fn from_str(text: &str) -> Result<Self, LabError> {
                match text {
                    $($name => Ok(Self::$variant),)+
                    _ => Err(bad($what, text, concat!("must be one of", $(" ", $name),+))),
                }
            }
        }
    };
}
pub(crate) use names;

names!(Os, "os", Bookworm = "bookworm", Trixie = "trixie", Mixed = "mixed");
names!(SudoPolicy, "sudo policy", NoPasswd = "nopasswd", Password = "password");
names!(
    WithMpi,
    "mpi",
    OpenMpi = "openmpi",
    OpenMpiDev = "openmpi-dev",
    Mpich = "mpich",
    MpichDev = "mpich-dev",
    OpenMpiBench = "openmpi-bench",
    MpichBench = "mpich-bench",
    MpichSource = "mpich-source",
    None = "none"
);

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut LabSpec)) -> String {
        let mut spec = LabSpec::default();
        change(&mut spec);
        spec.check().unwrap_err().to_string()
    }

    #[test]
    fn the_default_is_a_lab() {
        LabSpec::default().check().unwrap();
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        assert!(refused(|s| s.name = "../etc".into()).contains("lab name"));
        assert!(refused(|s| s.name = "a.b".into()).contains("lab name"));
        assert!(refused(|s| s.nodes = 0).contains("number of nodes"));
        assert!(refused(|s| s.user = "root".into()).contains("user"));
        assert!(refused(|s| s.user = "a;b".into()).contains("user"));
        assert!(refused(|s| s.password = "a\nb".into()).contains("password"));
        assert!(refused(|s| s.subnet = "8.8.8.0/24".parse().unwrap()).contains("private"));
        assert!(refused(|s| s.subnet = "10.0.0.0/30".parse().unwrap()).contains("too small"));
        assert!(refused(|s| s.subnet = "10.0.0.0/32".parse().unwrap()).contains("too small"));
        assert!(refused(|s| s.rate = Some("100 mbit".into())).contains("rate"));
    }

    #[test]
    fn words_read_back() {
        for os in [Os::Bookworm, Os::Trixie, Os::Mixed] {
            assert_eq!(os.to_string().parse::<Os>().unwrap(), os);
        }
        assert_eq!("sid".parse::<Os>().unwrap_err().to_string(), r#"os "sid": must be one of bookworm trixie mixed"#);
    }

    #[test]
    fn latencies_have_units() {
        assert_eq!(parse_latency("1ms").unwrap(), Duration::from_millis(1));
        assert_eq!(parse_latency("250us").unwrap(), Duration::from_micros(250));
        for wrong in ["1", "ms", "-1ms", "1.5ms", "11s", "1h"] {
            assert!(parse_latency(wrong).is_err(), "{wrong}");
        }
    }
}
