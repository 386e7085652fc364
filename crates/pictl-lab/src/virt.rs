//! A virtual cluster: real Debian hosts on this machine, each booted by systemd-nspawn in a network namespace of its
//! own, joined by a bridge in a switch namespace. Packets never leave these namespaces; a process that talks to a
//! node does so from the operator namespace ([`Lab::operator_command`]).
//!
//! Nothing is remembered about processes: a node is a control group, an interface is named after its lab, and what
//! is mounted lives in the node's own mount namespace. So [`Lab::remove`] works from what really exists, whatever
//! became of the process that made it. `docs/design/lab.md` has the design.

#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "used by the Linux half"))]
mod error;
mod plan;
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "used by the Linux half"))]
mod sensor;
mod spec;

pub use error::LabError;
pub use plan::{NodePlan, Release};
pub use sensor::{Sensor, Setting};
pub use spec::{LabSpec, Os, SudoPolicy, WithMpi, parse_latency};

#[cfg(target_os = "linux")]
mod cgroup;
#[cfg(target_os = "linux")]
mod host;
#[cfg(target_os = "linux")]
mod image;
#[cfg(target_os = "linux")]
mod lab;
#[cfg(target_os = "linux")]
mod netns;
#[cfg(target_os = "linux")]
mod node;
#[cfg(target_os = "linux")]
mod place;
#[cfg(target_os = "linux")]
mod shape;
#[cfg(target_os = "linux")]
mod tool;
#[cfg(target_os = "linux")]
mod wait;
#[cfg(target_os = "linux")]
pub use host::{install_missing, missing_packages};
#[cfg(target_os = "linux")]
pub use lab::Lab;

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Lab, install_missing, missing_packages};

use std::net::Ipv4Addr;

pub use ipnet::Ipv4Net;

use pictl_model::MacAddr;
use serde::Serialize;

/// Reports while something takes its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A new phase has begun.
    Phase(String),
    /// A line of output of the present phase.
    Line(String),
    /// A node answers.
    Ready {
        /// Its name.
        node: String,
        /// Its address.
        address: Ipv4Addr,
        /// The banner of its SSH server.
        banner: String,
    },
}

/// What a node is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Power {
    /// Its processes run.
    On,
    /// It has been killed, has shut itself down, or was never started.
    Off,
}

/// One node as it is now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeStatus {
    /// Name in the lab, `n1`, `n2`, … (the node itself says `raspberrypi` until someone renames it).
    pub name: String,
    /// Address in the lab's subnet.
    pub address: Ipv4Addr,
    /// Hardware address, from a range of the Raspberry Pi makers.
    pub mac: MacAddr,
    /// The board it pretends to be.
    pub model: String,
    /// Debian release.
    pub release: Release,
    /// On or off.
    pub power: Power,
    /// Whether its cable is in.
    pub plugged: bool,
    /// What its sensors say, if it is on.
    pub sensors: Option<Sensors>,
}

/// The sensors of a node, as its `vcgencmd` answers them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sensors {
    /// Temperature of the processor in °C.
    pub celsius: f32,
    /// Clock of the processor in Hz.
    pub hertz: u64,
    /// Core voltage in V.
    pub volts: f32,
    /// Throttle flags as `get_throttled` has them.
    pub throttled: u32,
}
