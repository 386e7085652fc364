//! The specification of a simulation, and of what goes wrong in it.

use std::net::Ipv4Addr;
use std::time::Duration;

use pictl_model::Secret;

use super::Model;

/// What to simulate.
#[derive(Clone, Debug)]
pub struct SimSpec {
    /// How many nodes.
    pub nodes: u16,
    /// The user who can log in; also the only one who can use `sudo`.
    pub user: String,
    /// The user's password, for the login and for `sudo`.
    pub password: Secret,
    /// Whether `sudo` wants the password, as images since April 2026 do.
    pub sudo_password: bool,
    /// Address of the first node; the others follow. Inside 127.0.0.0/8.
    pub first: Ipv4Addr,
    /// Port of all nodes; 0: the system chooses one.
    pub port: u16,
    /// Keys, serial numbers and the like depend on this alone.
    pub seed: u64,
    /// Simulated seconds a second, for everything that takes time; sampling intervals and limits stay real.
    pub speed: f64,
    /// Open MPI and mpi4py are there from the beginning.
    pub mpi_preinstalled: bool,
    /// The models, repeated for as many nodes as there are; empty: a mix with one node that throttles under load.
    pub models: Vec<Model>,
    /// Nodes with a user or a password of their own.
    pub logins: Vec<OtherLogin>,
    /// What goes wrong, and where.
    pub faults: Vec<Fault>,
    /// Refused logins are answered after 10 ms instead of after 300 ms.
    pub fast_auth: bool,
}

impl Default for SimSpec {
    /// Four Pis of different models, as freshly flashed: `pi`, `raspberry`, no MPI.
    fn default() -> Self {
        Self {
            nodes: 4,
            user: "pi".into(),
            password: Secret::new("raspberry".into()),
            sudo_password: false,
            first: Ipv4Addr::new(127, 77, 0, 31),
            port: 2222,
            seed: 1,
            speed: 1.0,
            mpi_preinstalled: false,
            models: Vec::new(),
            logins: Vec::new(),
            faults: Vec::new(),
            fast_auth: false,
        }
    }
}

/// A node with a user or password of its own.
#[derive(Clone, Debug)]
pub struct OtherLogin {
    /// Which node, counted from 0.
    pub node: u16,
    /// Its user.
    pub user: String,
    /// That user's password, for the login and for `sudo`.
    pub password: Secret,
}

/// Something that goes wrong on one node.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// On which node, counted from 0.
    pub node: u16,
    /// What.
    pub kind: FaultKind,
}

/// What can go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Every script answers with something else, control characters included, and succeeds.
    WrongOutput,
    /// The identification string comes this late.
    SlowBanner(Duration),
    /// The connection breaks while this script (`facts`, `put-file`, …) runs.
    CloseDuringCommand {
        /// The script's name.
        script: String,
    },
    /// There is no space left for files.
    DiskFull,
    /// The user cannot use `sudo`.
    SudoRefuses,
    /// After a login the node has another host key.
    HostKeyChanges,
    /// Every command talks without end.
    EndlessOutput,
    /// It lets the user in and never answers again.
    SilentAfterLogin,
    /// Nobody gets in, whatever the key or the password.
    RefusesLogins,
    /// Every login and every command takes this much longer.
    Slow(Duration),
    /// A password is taken as the answer to a question only (keyboard-interactive).
    AsksForPassword,
    /// It has swap on its SD card, as Raspberry Pi OS has it up to bookworm.
    Swaps,
    /// It forwards no connections (`AllowTcpForwarding no`).
    NoForwarding,
    /// Its SD card is a clone of that of another node: the same host key and machine-id.
    CopyOf {
        /// Which node, counted from 0.
        node: u16,
    },
    /// It is reached through another node only; connections from elsewhere are reset.
    Behind {
        /// Which node, counted from 0.
        node: u16,
    },
}
