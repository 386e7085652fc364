//! One simulated node: what it is, what is on it, what runs on it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pictl_model::node::MpiFamily;
use pictl_model::{MacAddr, Secret};
use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::keys::{PrivateKey, PublicKey};
use russh::{MethodKind, MethodSet};
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::FaultKind;
use super::board::Model;
use super::files::{Files, ROOT, USER};
use super::heat::Heat;

/// The name of a fresh card.
const FRESH_NAME: &str = "raspberrypi";
/// What `ssh-keygen -A` writes behind the host keys of a fresh card.
const HOST_KEY_COMMENT: &str = "root@raspberrypi";
/// Raspberry Pi OS of 32 bit, release 12, which calls itself Raspbian.
const OS_RELEASE: &str = "PRETTY_NAME=\"Raspbian GNU/Linux 12 (bookworm)\"\nNAME=\"Raspbian GNU/Linux\"\n\
    VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=raspbian\nID_LIKE=debian\n";
const FRESH_HOSTS: &str = "127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost ip6-loopback\n\
    ff02::1\t\tip6-allnodes\nff02::2\t\tip6-allrouters\n\n127.0.1.1\traspberrypi\n";

/// On, and the how-manieth boot this is; or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Power {
    pub(super) on: bool,
    pub(super) boot: u32,
}

/// A node: what never changes, and the rest behind a lock that is never held across an await.
pub(super) struct Cell {
    pub(super) index: usize,
    pub(super) address: SocketAddr,
    pub(super) model: Model,
    pub(super) mac: MacAddr,
    pub(super) serial: String,
    pub(super) user: String,
    pub(super) password: Secret,
    pub(super) faults: Vec<FaultKind>,
    /// Rings when a file grew or a process ended.
    pub(super) changed: Notify,
    pub(super) power: watch::Sender<Power>,
    seed: u64,
    speed: f64,
    mpi_preinstalled: bool,
    state: Mutex<Node>,
}

/// What changes.
pub(super) struct Node {
    pub(super) files: Files,
    pub(super) hostname: String,
    pub(super) heat: Heat,
    pub(super) processes: BTreeMap<u32, Process>,
    pub(super) mpi: BTreeSet<&'static str>,
    pub(super) host_key: PrivateKey,
    /// Ends everything that runs, at power off.
    pub(super) boot: CancellationToken,
    /// How many it has had.
    cards: u32,
    host_keys: u32,
    user_keys: u32,
    next_pid: u32,
}

/// A process that carries a run's mark.
#[derive(Clone)]
pub(super) struct Process {
    /// The run.
    pub(super) mark: String,
    pub(super) term: CancellationToken,
    pub(super) kill: CancellationToken,
}

/// A key pair that depends on nothing but these.
fn key_pair(seed: u64, node: usize, what: &str, generation: u32, comment: &str) -> PrivateKey {
    let pair = Ed25519Keypair::from_seed(&digest(seed, node, &format!("{what} {generation}")));
    let mut key = PrivateKey::from(pair);
    key.set_comment(comment.to_owned());
    key
}

/// Depends on nothing but these.
fn digest(seed: u64, node: usize, what: &str) -> [u8; 32] {
    Sha256::digest(format!("{seed} {node} {what}")).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Cell {
    pub(super) fn new(index: usize, address: SocketAddr, model: Model, spec: &super::SimSpec) -> Self {
        let digest = digest(spec.seed, index, "board");
        let [a, b, c] = model.board.mac_prefix();
        let of_node = |node: u16| usize::from(node) == index;
        let login = spec.logins.iter().find(|login| of_node(login.node));
        let (user, password) = login.map_or((&spec.user, &spec.password), |login| (&login.user, &login.password));
        let cell = Self {
            index,
            address,
            model,
            // The last two bytes count, so that no two nodes of a room share an address.
            mac: MacAddr([a, b, c, digest[0], (index >> 8) as u8 ^ digest[1], index as u8]),
            serial: format!("10000000{}", hex(&digest[3..7])),
            user: user.clone(),
            password: password.clone(),
            faults: spec.faults.iter().filter(|fault| of_node(fault.node)).map(|fault| fault.kind.clone()).collect(),
            changed: Notify::new(),
            power: watch::Sender::new(Power { on: true, boot: 1 }),
            seed: spec.seed,
            speed: spec.speed,
            mpi_preinstalled: spec.mpi_preinstalled,
            state: Mutex::new(Node {
                files: Files::default(),
                hostname: String::new(),
                heat: Heat::new(model, spec.speed, 600.0 + f64::from(digest[2]) * 7.3),
                processes: BTreeMap::new(),
                mpi: BTreeSet::new(),
                // That of the first card comes at once.
                host_key: key_pair(spec.seed, index, "host", 0, HOST_KEY_COMMENT),
                boot: CancellationToken::new(),
                cards: 0,
                host_keys: 0,
                user_keys: 0,
                next_pid: 900 + u32::from(digest[8]),
            }),
        };
        cell.new_card();
        cell
    }

    /// A newly written card: fresh files, a host key and a machine-id of its own.
    pub(super) fn new_card(&self) {
        let home = self.home(false);
        let mut state = self.lock();
        state.cards += 1;
        state.files = Files::default();
        state.mpi.clear();
        // Whose card the first one is a copy of; a later one is nobody's copy.
        let copied = self.faults.iter().find_map(|fault| match fault {
            FaultKind::CopyOf { node } if state.cards == 1 => Some(usize::from(*node)),
            _ => None,
        });
        let card = copied.unwrap_or(self.index);
        let machine_id = digest(self.seed, card, &format!("machine {}", state.cards));
        let files = &mut state.files;
        files.write("/etc/hosts", FRESH_HOSTS, 0o644, ROOT);
        files.write("/etc/machine-id", format!("{}\n", hex(&machine_id[..16])), 0o444, ROOT);
        files.write("/etc/os-release", OS_RELEASE, 0o644, ROOT);
        files.write("/proc/device-tree/model", format!("{}\0", self.model.board.name()), 0o444, ROOT);
        files.write("/proc/device-tree/serial-number", format!("{}\0", self.serial), 0o444, ROOT);
        files.make_dirs("/tmp", 0o1777, ROOT);
        files.make_dirs(&home, 0o755, USER);
        files.write(&format!("{home}/.profile"), "# ~/.profile\n", 0o644, USER);
        state.set_hostname(FRESH_NAME);
        if copied.is_some() {
            let key = key_pair(self.seed, card, "host", 1, HOST_KEY_COMMENT);
            state.set_host_key(key);
        } else {
            self.make_host_key(&mut state);
        }
        if self.mpi_preinstalled {
            state.install(MpiFamily::OpenMpi);
        }
    }

    /// The state; a panic elsewhere while it was held does not make it worse.
    pub(super) fn lock(&self) -> MutexGuard<'_, Node> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `$HOME` of the login user, or of root.
    pub(super) fn home(&self, root: bool) -> String {
        if root { "/root".into() } else { format!("/home/{}", self.user) }
    }

    /// Whether it has this fault.
    pub(super) fn has(&self, fault: &FaultKind) -> bool {
        self.faults.contains(fault)
    }

    /// How one may log in.
    pub(super) fn methods(&self) -> MethodSet {
        let password =
            if self.has(&FaultKind::AsksForPassword) { MethodKind::KeyboardInteractive } else { MethodKind::Password };
        MethodSet::from(&[MethodKind::PublicKey, password][..])
    }

    /// What a login and a command take longer here than elsewhere.
    pub(super) fn slowness(&self) -> Duration {
        let slow =
            self.faults.iter().map(|fault| if let FaultKind::Slow(delay) = fault { *delay } else { Duration::ZERO });
        slow.sum()
    }

    /// A key pair for the user, another one each time.
    pub(super) fn new_user_key(&self, state: &mut Node, comment: &str) -> PrivateKey {
        state.user_keys += 1;
        key_pair(self.seed, self.index, "user", state.user_keys, comment)
    }

    /// Another host key from now on.
    pub(super) fn new_host_key(&self) {
        self.make_host_key(&mut self.lock());
    }

    fn make_host_key(&self, state: &mut Node) {
        state.host_keys += 1;
        state.set_host_key(key_pair(self.seed, self.index, "host", state.host_keys, HOST_KEY_COMMENT));
    }

    /// Pulls the plug: all that runs ends, and nothing is said any more.
    pub(super) fn power_off(&self) {
        let mut state = self.lock();
        state.boot.cancel();
        state.processes.clear();
        self.power.send_modify(|power| power.on = false);
    }

    /// Boots it again.
    pub(super) fn power_on(&self) {
        let mut state = self.lock();
        if self.power.borrow().on {
            return;
        }
        state.boot = CancellationToken::new();
        state.heat = Heat::new(self.model, self.speed, 0.0);
        self.power.send_modify(|power| *power = Power { on: true, boot: power.boot + 1 });
    }

    /// Adds to a file and tells who follows it.
    pub(super) fn append(&self, path: &str, more: &[u8]) {
        self.lock().files.append(path, more);
        self.changed.notify_waiters();
    }
}

impl Node {
    /// The public half of the host key.
    pub(super) fn host_public(&self) -> &PublicKey {
        self.host_key.public_key()
    }

    /// Names the node for now and for every boot.
    pub(super) fn set_hostname(&mut self, name: &str) {
        name.clone_into(&mut self.hostname);
        for path in ["/etc/hostname", "/proc/sys/kernel/hostname"] {
            self.files.write(path, format!("{name}\n"), 0o644, ROOT);
        }
    }

    /// What apt would have put there; the packages' programs are marks in the file tree, nothing is ever executed.
    pub(super) fn install(&mut self, family: MpiFamily) {
        let (word, programs): (_, &[&str]) = match family {
            MpiFamily::OpenMpi => ("openmpi", &["mpirun.openmpi", "mpirun", "mpiexec", "orted"]),
            MpiFamily::Mpich => ("mpich", &["mpiexec.hydra", "mpirun", "mpiexec", "hydra_pmi_proxy"]),
        };
        self.mpi.insert(word);
        for program in programs {
            self.files.write(&format!("/usr/bin/{program}"), "\x7fELF", 0o755, ROOT);
        }
    }

    /// Starts a process with a run's mark.
    pub(super) fn spawn(&mut self, mark: &str) -> (u32, Process) {
        self.next_pid += 1 + self.next_pid % 3;
        let process = Process { mark: mark.to_owned(), term: self.boot.child_token(), kill: self.boot.child_token() };
        self.processes.insert(self.next_pid, process.clone());
        (self.next_pid, process)
    }

    fn set_host_key(&mut self, key: PrivateKey) {
        self.host_key = key;
        let line = self.host_public().to_openssh().unwrap_or_default();
        self.files.write("/etc/ssh/ssh_host_ed25519_key.pub", format!("{line}\n"), 0o644, ROOT);
    }
}
