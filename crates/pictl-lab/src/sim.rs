//! Simulated Raspberry Pis: SSH servers in this process on loopback addresses, for the demo, for scale and for faults.
//!
//! Each node has an address of its own (127.77.0.31, .32, …; the same port everywhere), a host key, a file tree in
//! memory, sensors with a thermal model, and answers the scripts of `assets/remote/` as a freshly installed Pi would.
//! No command of this machine is ever executed: scripts are recognised by their `pictl-NAME` word and modelled here.
//! The simulated `mpirun` really computes what its programs compute; only the time it takes is a model.

mod board;
mod clock;
mod command;
mod diagnostics;
mod facts;
mod files;
mod forward;
mod heat;
mod job;
mod keys;
mod launch;
mod launchers;
mod led;
mod messages;
mod mpirun;
mod network;
mod node;
mod plain;
mod program;
mod put;
mod rank;
mod run;
mod scripts;
mod server;
mod shell;
mod slice;
mod spec;
mod sshd;
mod world;

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use pictl_model::MacAddr;
use russh::keys::PublicKey;
use tokio::net::TcpListener;

pub use board::{Board, Cooling, Model};
use node::Cell;
pub use spec::{Fault, FaultKind, OtherLogin, SimSpec};
use world::World;

/// How many ports are tried when the system may choose one.
const PORT_TRIES: u32 = 20;

/// Why the simulation cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// A value that makes no sense.
    #[error("{what}: {why}")]
    Bad {
        /// Which value.
        what: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The system refused an address.
    #[error("cannot listen on {address}: {source}; {hint}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
        /// What to do.
        hint: &'static str,
    },
}

/// What is known of a simulated node from outside.
#[derive(Clone, Debug)]
pub struct SimNodeInfo {
    /// Where it answers.
    pub address: SocketAddr,
    /// What it is.
    pub model: Model,
    /// Its Ethernet address.
    pub mac: MacAddr,
    /// Its host key.
    pub host_key: PublicKey,
}

/// A running simulation. Dropping it ends it without waiting.
pub struct Sim {
    world: Arc<World>,
    note: Option<String>,
}

/// Starts the nodes; they answer when this returns.
pub async fn start(spec: SimSpec) -> Result<Sim, SimError> {
    if spec.nodes == 0 {
        return Err(SimError::Bad { what: "nodes", why: "at least one is needed" });
    }
    let last = u32::from(spec.first) + u32::from(spec.nodes) - 1;
    if !spec.first.is_loopback() || !Ipv4Addr::from(last).is_loopback() {
        return Err(SimError::Bad { what: "first address", why: "all addresses must be inside 127.0.0.0/8" });
    }
    if !(spec.speed.is_finite() && spec.speed > 0.0) {
        return Err(SimError::Bad { what: "speed", why: "a positive number is expected" });
    }
    let (listeners, note) = listen(&spec).await?;
    Ok(Sim { world: begin(spec, listeners), note })
}

/// A node behind each listener.
fn begin(spec: SimSpec, listeners: Listeners) -> Arc<World> {
    let mut nodes = Vec::with_capacity(listeners.len());
    for (index, (_, address)) in listeners.iter().enumerate() {
        let models: &[Model] = if spec.models.is_empty() { &board::MIX } else { &spec.models };
        nodes.push(Arc::new(Cell::new(index, *address, models[index % models.len()], &spec)));
    }
    let world = Arc::new(World::new(spec, nodes));
    for ((listener, _), cell) in listeners.into_iter().zip(&world.nodes) {
        world.tasks.spawn(server::serve(Arc::clone(&world), Arc::clone(cell), listener));
    }
    world
}

type Listeners = Vec<(TcpListener, SocketAddr)>;

/// A listener for each node, and what to say when they could not have addresses of their own.
async fn listen(spec: &SimSpec) -> Result<(Listeners, Option<String>), SimError> {
    let own = |i: u32| IpAddr::from(Ipv4Addr::from(u32::from(spec.first) + i));
    let mut tries = if spec.port == 0 { PORT_TRIES } else { 1 };
    loop {
        tries -= 1;
        match listen_all(spec, own, false).await {
            Ok(listeners) => return Ok((listeners, None)),
            Err(SimError::Listen { source, .. }) if source.kind() == ErrorKind::AddrNotAvailable => break,
            // The port that was free on the first address is not on another.
            Err(SimError::Listen { source, .. }) if source.kind() == ErrorKind::AddrInUse && tries > 0 => {}
            Err(error) => return Err(error),
        }
    }
    let listeners = listen_all(spec, |_| IpAddr::from(Ipv4Addr::LOCALHOST), true).await?;
    let note = "this system has one loopback address only: the simulated Pis differ by port, not by address";
    Ok((listeners, Some(note.into())))
}

async fn listen_all(spec: &SimSpec, ip: impl Fn(u32) -> IpAddr, by_port: bool) -> Result<Listeners, SimError> {
    let mut listeners = Listeners::with_capacity(spec.nodes.into());
    let mut port = spec.port;
    for i in 0..u32::from(spec.nodes) {
        let address = SocketAddr::new(ip(i), port);
        let failed = |source: io::Error| {
            let hint = match source.kind() {
                ErrorKind::AddrInUse => "another demo may be running: end it or choose another port",
                ErrorKind::AddrNotAvailable => "this system has no such loopback address",
                _ => "allow more open files (ulimit -n) or simulate fewer nodes",
            };
            SimError::Listen { address, source, hint }
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        port = match spec.port {
            0 if by_port => 0,
            _ if by_port => port.wrapping_add(1),
            _ => address.port(),
        };
        listeners.push((listener, address));
    }
    Ok(listeners)
}

impl Sim {
    /// What it consists of.
    pub fn nodes(&self) -> Vec<SimNodeInfo> {
        self.world.nodes.iter().map(|cell| info(cell)).collect()
    }

    /// What to scan to find it: `127.77.0.31-34`.
    pub fn targets(&self) -> String {
        let ips: Vec<IpAddr> = self.world.nodes.iter().map(|cell| cell.address.ip()).collect();
        match (ips.first(), ips.last()) {
            (Some(IpAddr::V4(first)), Some(IpAddr::V4(last))) if first != last => {
                let [.., end] = last.octets();
                if first.octets()[..3] == last.octets()[..3] {
                    format!("{first}-{end}")
                } else {
                    format!("{first}-{last}")
                }
            }
            (Some(first), _) => first.to_string(),
            (None, _) => String::new(),
        }
    }

    /// Something the user should know of how it runs here.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// A hold on one node.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn node(&self, index: usize) -> SimNode {
        SimNode { cell: Arc::clone(&self.world.nodes[index]) }
    }

    /// Ends all nodes and what runs on them, and waits for that.
    pub async fn stop(self) {
        self.world.tasks.close();
        self.world.stop.cancel();
        self.world.tasks.wait().await;
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.world.stop.cancel();
    }
}

fn info(cell: &Cell) -> SimNodeInfo {
    let host_key = cell.lock().host_public().clone();
    SimNodeInfo { address: cell.address, model: cell.model, mac: cell.mac, host_key }
}

/// A hold on one simulated node, to do things to it from outside.
#[derive(Clone)]
pub struct SimNode {
    cell: Arc<Cell>,
}

impl SimNode {
    /// What it is.
    pub fn info(&self) -> SimNodeInfo {
        info(&self.cell)
    }

    /// Takes its power: all that ran is gone, open connections fall silent without an end, and new ones get no answer.
    pub fn kill(&self) {
        self.cell.power_off();
    }

    /// Boots it again; its files are as they were.
    pub fn revive(&self) {
        self.cell.power_on();
    }

    /// Gives it another host key, as a reflashed SD card has.
    pub fn reset_host_key(&self) {
        self.cell.change_host_key();
    }

    /// Reflashes its SD card and boots it: all files are those of a fresh system, with another host key and
    /// another machine-id. The board and its Ethernet address stay.
    pub fn reflash(&self) {
        self.cell.power_off();
        self.cell.new_card();
        self.cell.power_on();
    }

    /// Holds its temperature at this value (°C), or gives it back to the model.
    pub fn set_temp(&self, celsius: Option<f64>) {
        self.cell.lock().heat.fix_temp(celsius);
    }

    /// Holds its throttle flags at this value, or gives them back to the model.
    pub fn set_throttled(&self, flags: Option<u32>) {
        self.cell.lock().heat.fix_flags(flags);
    }

    /// Its present host name.
    pub fn hostname(&self) -> String {
        self.cell.lock().hostname.clone()
    }

    /// The paths of its files, with permission bits, user number and content.
    pub fn files(&self) -> Vec<SimFile> {
        let state = self.cell.lock();
        let file = |(path, entry): (&String, &files::Entry)| match &entry.kind {
            files::Kind::File(content) => {
                Some(SimFile { path: path.clone(), mode: entry.mode, owner: entry.owner, content: content.clone() })
            }
            _ => None,
        };
        state.files.iter().filter_map(file).collect()
    }

    /// The content of one file, links followed.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.cell.lock().files.read(path).map(<[u8]>::to_vec)
    }

    /// Puts a file there as the login user, as if somebody else had been there.
    pub fn write(&self, path: &str, content: &[u8], mode: u32) {
        self.cell.lock().files.write(path, content, mode, files::USER);
    }

    /// Takes away what stands there, a folder with all that is in it.
    pub fn remove(&self, path: &str) {
        self.cell.lock().files.remove_tree(path);
    }

    /// Puts a symbolic link there.
    pub fn link(&self, path: &str, to: &str) {
        self.cell.lock().files.link(path, to, files::USER);
    }

    /// How many processes of runs it has.
    pub fn processes(&self) -> usize {
        self.cell.lock().processes.len()
    }
}

/// A file on a simulated node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimFile {
    /// Where.
    pub path: String,
    /// Permission bits.
    pub mode: u32,
    /// User number; 0 is root.
    pub owner: u32,
    /// What stands in it.
    pub content: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn with_one_loopback_address_nodes_differ_by_port_and_know_each_other_by_name() {
        let spec = SimSpec { nodes: 3, port: 0, ..SimSpec::default() };
        let listeners = listen_all(&spec, |_| IpAddr::from(Ipv4Addr::LOCALHOST), true).await.unwrap();
        let world = begin(spec, listeners);
        let ports: std::collections::BTreeSet<u16> = world.nodes.iter().map(|cell| cell.address.port()).collect();
        assert_eq!(ports.len(), 3);
        for (cell, name) in world.nodes.iter().zip(["pi01", "pi02", "pi03"]) {
            let mut state = cell.lock();
            state.set_hostname(name);
            state.files.write("/etc/hosts", "127.0.0.1 localhost\n127.0.0.1 pi01 pi02 pi03\n", 0o644, files::ROOT);
        }
        let head = &world.nodes[0];
        let index = |host: &str| world.find(head, host).map(|cell| cell.index);
        assert_eq!(["pi02", "pi03", "localhost"].map(index), [Ok(1), Ok(2), Ok(0)]);
        assert!(index("pi09").is_err());
        world.stop.cancel();
    }
}
