//! The network between the simulated nodes: who reaches whom by which name, and whether SSH would let them in. The
//! answers come from the nodes' own files, as a real `ssh` would read them.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use pictl_formats::known_hosts::KnownHosts;
use pictl_model::trust::{HostKey, Trust};
use russh::keys::{PrivateKey, PublicKey};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::node::{Cell, Node};
use super::{FaultKind, SimSpec};

/// Everything that is simulated.
pub(super) struct World {
    pub(super) spec: SimSpec,
    pub(super) nodes: Vec<Arc<Cell>>,
    by_address: HashMap<IpAddr, Vec<usize>>,
    /// How many slices are computed at once in truth.
    pub(super) compute: Arc<Semaphore>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// Why one node cannot log in on another, as `ssh` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoLink {
    /// At once.
    Refused(String),
    /// Only after [`NEIGHBOUR_LIMIT`].
    Silent(String),
}

/// Where nodes find each other, whatever port they have for this machine.
pub(super) const SSH_PORT: u16 = 22;

/// Simulated seconds until a neighbour that does not answer ARP counts as unreachable: Linux asks three times.
pub(super) const NEIGHBOUR_LIMIT: f64 = 3.1;

impl World {
    pub(super) fn new(spec: SimSpec, nodes: Vec<Arc<Cell>>) -> Self {
        let mut by_address: HashMap<IpAddr, Vec<usize>> = HashMap::new();
        for cell in &nodes {
            by_address.entry(cell.address.ip()).or_default().push(cell.index);
        }
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            spec,
            nodes,
            by_address,
            compute: Arc::new(Semaphore::new(threads)),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    /// The network that all nodes are in: a /24, or wider where they need it.
    pub(super) fn prefix(&self) -> u32 {
        let first = u32::from(self.spec.first);
        let last = first + u32::from(self.spec.nodes) - 1;
        (first ^ last).leading_zeros().min(24)
    }

    /// Lets this much simulated time pass; none when it is no time.
    pub(super) async fn pass(&self, seconds: f64) {
        tokio::time::sleep(Duration::try_from_secs_f64(seconds / self.spec.speed).unwrap_or_default()).await;
    }

    /// The address that a name has on a node: its own `/etc/hosts` decides.
    pub(super) fn resolve(from: &Cell, host: &str) -> Option<IpAddr> {
        if let Ok(address) = host.parse() {
            return Some(address);
        }
        let hosts = from.lock().files.text("/etc/hosts")?;
        hosts.lines().find_map(|line| {
            let mut words = line.split('#').next()?.split_whitespace();
            let address: Ipv4Addr = words.next()?.parse().ok()?;
            words.any(|name| name.eq_ignore_ascii_case(host)).then_some(IpAddr::V4(address))
        })
    }

    /// The node that a name means on another node; the error is what `ssh` says.
    pub(super) fn find(&self, from: &Arc<Cell>, host: &str) -> Result<Arc<Cell>, NoLink> {
        let address = Self::resolve(from, host).ok_or_else(|| {
            NoLink::Refused(format!("ssh: Could not resolve hostname {host}: Name or service not known\r\n"))
        })?;
        match self.by_address.get(&address).map(Vec::as_slice) {
            Some(&[one]) => Ok(Arc::clone(&self.nodes[one])),
            // Where the system has one loopback address only, all nodes share it, and their names distinguish them.
            Some(many) => {
                let named = many.iter().find(|i| self.nodes[**i].lock().hostname == host);
                Ok(named.map_or_else(|| Arc::clone(from), |i| Arc::clone(&self.nodes[*i])))
            }
            None if [[127, 0, 0, 1], [127, 0, 1, 1]].iter().any(|own| address == IpAddr::from(*own)) => {
                Ok(Arc::clone(from))
            }
            None => Err(NoLink::Refused(format!("ssh: connect to host {host} port 22: No route to host\r\n"))),
        }
    }

    /// Whether a connection from this address comes through to the node.
    pub(super) fn reaches(&self, from: IpAddr, to: &Cell) -> bool {
        to.faults.iter().all(|fault| match fault {
            FaultKind::Behind { node } => {
                self.nodes.get(usize::from(*node)).is_some_and(|jump| jump.address.ip() == from)
            }
            _ => true,
        })
    }

    /// Whether `ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -p PORT user@host` from a node gets in with the private
    /// key at this path below the home directory, and where.
    pub(super) fn link(
        &self,
        from: &Arc<Cell>,
        key: &str,
        user: &str,
        host: &str,
        port: u16,
    ) -> Result<Arc<Cell>, NoLink> {
        let to = self.find(from, host)?;
        let no = |why: &str| format!("ssh: connect to host {host} port {port}: {why}\r\n");
        if !to.power.borrow().on {
            return Err(NoLink::Silent(no("No route to host")));
        }
        if ![SSH_PORT, to.address.port()].contains(&port) {
            return Err(NoLink::Refused(no("Connection refused")));
        }
        // Never two locks at once: each side is read by itself.
        let (host_key, authorized) = {
            let state = to.lock();
            (state.host_public().clone(), authorized_keys(&state, &to.home(false)))
        };
        let state = from.lock();
        let home = from.home(false);
        let known = [format!("{home}/.ssh/known_hosts"), "/etc/ssh/ssh_known_hosts".into()];
        let known: String = known.iter().filter_map(|path| state.files.text(path)).collect();
        match judge(&known, host, to.address.port(), &host_key) {
            Trust::Known => {}
            Trust::Unknown | Trust::OtherAlgorithm => {
                return Err(NoLink::Refused(format!(
                    "No ED25519 host key is known for {host} and you have requested strict checking.\r\n\
                     Host key verification failed.\r\n"
                )));
            }
            Trust::Changed | Trust::Revoked => return Err(NoLink::Refused(changed(host, &home))),
        }
        let key = own_key(&state, &format!("{home}/{key}"));
        let open = user == to.user && !to.has(&FaultKind::RefusesLogins);
        if open && key.is_some_and(|key| authorized.iter().any(|other| other.key_data() == key.key_data())) {
            Ok(to)
        } else {
            Err(NoLink::Refused(format!("{user}@{host}: Permission denied (publickey,password).\r\n")))
        }
    }
}

/// The keys that let the user in: none when others could have written the file, as sshd's `StrictModes` has it.
pub(super) fn authorized_keys(state: &Node, home: &str) -> Vec<PublicKey> {
    let path = format!("{home}/.ssh/authorized_keys");
    let loose = |path: &str| state.files.get(path).is_some_and(|entry| entry.mode & 0o022 != 0);
    if loose(&path) || loose(&format!("{home}/.ssh")) || loose(home) {
        return Vec::new();
    }
    let text = state.files.text(&path).unwrap_or_default();
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    // The key begins the line, or follows its options.
    let key = |line: &str| {
        let rests = line.match_indices(' ').map(|(at, _)| &line[at + 1..]);
        std::iter::once(line).chain(rests).find_map(|rest| PublicKey::from_openssh(rest).ok())
    };
    lines.filter_map(key).collect()
}

/// The key that the user's `ssh` offers: none that has a passphrase or that others could read (the last six bits).
fn own_key(state: &Node, path: &str) -> Option<PublicKey> {
    state.files.get(path).filter(|entry| entry.mode.trailing_zeros() >= 6)?;
    let key = PrivateKey::from_openssh(state.files.read(path)?).ok()?;
    (!key.is_encrypted()).then(|| key.public_key().clone())
}

/// What the text of `known_hosts` files says of a host. Nodes reach each other on port 22 and are reached from outside
/// on the simulation's port, so an entry for either counts.
fn judge(known: &str, host: &str, port: u16, key: &PublicKey) -> Trust {
    let line = key.to_openssh().unwrap_or_default();
    let mut words = line.split(' ').map(str::to_owned);
    let (Some(algorithm), Some(base64)) = (words.next(), words.next()) else { return Trust::Unknown };
    let (known, _) = KnownHosts::parse(known);
    let key = HostKey { algorithm, base64 };
    match known.judge(host, SSH_PORT, &key) {
        Trust::Known => Trust::Known,
        of_ssh => Some(known.judge(host, port, &key)).filter(|trust| *trust != Trust::Unknown).unwrap_or(of_ssh),
    }
}

fn changed(host: &str, home: &str) -> String {
    let line = "@".repeat(59);
    format!(
        "{line}\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n{line}\r\n\
         IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\r\n\
         Offending ED25519 key in {home}/.ssh/known_hosts\r\n\
         Host key for {host} has changed and you have requested strict checking.\r\n\
         Host key verification failed.\r\n"
    )
}
