//! One simulated node: what it is, what is on it, what runs on it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pictl_model::node::MpiFamily;
use pictl_model::{MacAddr, Secret};
use russh::keys::ssh_key::LineEnding;
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
use super::launchers::{RUNS, Simulated};

/// The host name of a fresh SD card.
const FRESH_NAME: &str = "raspberrypi";
/// What `ssh-keygen -A` writes behind the host keys of a fresh SD card.
const HOST_KEY_COMMENT: &str = "root@raspberrypi";
/// Its host key; `.pub` is the public half.
pub(super) const HOST_KEY: &str = "/etc/ssh/ssh_host_ed25519_key";
/// The drop-in that forbids passwords.
pub(super) const DROP_IN: &str = "/etc/ssh/sshd_config.d/00-pictl-password-login.conf";
/// What makes the LED shine.
pub(super) const TRIGGER: &str = "/sys/class/leds/ACT/trigger";
/// What distinguishes one system from all others, unless its SD card was cloned.
pub(super) const MACHINE_ID: &str = "/etc/machine-id";
/// Raspberry Pi OS of 32 bit, release 12, which calls itself Raspbian.
const OS_RELEASE: &str = "PRETTY_NAME=\"Raspbian GNU/Linux 12 (bookworm)\"\nNAME=\"Raspbian GNU/Linux\"\n\
    VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=raspbian\nID_LIKE=debian\n";
const FRESH_HOSTS: &str = "127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost ip6-loopback\n\
    ff02::1\t\tip6-allnodes\nff02::2\t\tip6-allrouters\n\n127.0.1.1\traspberrypi\n";

/// On or off, and the number of boots so far.
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
    /// Notified when a file grew or a process ended.
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
    pub(super) mpi: BTreeSet<MpiFamily>,
    /// What the last attempt to build mpi4py has left for `facts`.
    pub(super) mpi4py_failed: Option<String>,
    /// What sshd has read: its key, and whether it lets in by password.
    pub(super) host_key: PrivateKey,
    pub(super) passwords: bool,
    /// Cancelled when it is settled whether passwords stay forbidden.
    pub(super) unconfirmed: Option<CancellationToken>,
    /// How many commands blink the LED.
    pub(super) blinkers: u32,
    /// Ends everything that runs, at power off.
    pub(super) boot: CancellationToken,
    /// How many SD cards, host keys, machine-ids and user keys it has had.
    flashed: u32,
    host_keys: u32,
    machine_ids: u32,
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

/// Has the LED shine by this trigger: the one in brackets.
pub(super) fn set_trigger(files: &mut Files, chosen: &str) {
    let all = ["none", "timer", "heartbeat", "default-on", "mmc0"];
    let words = all.map(|trigger| if trigger == chosen { format!("[{trigger}]") } else { trigger.into() });
    files.write(TRIGGER, words.join(" ") + "\n", 0o644, ROOT);
}

/// Depends on nothing but these.
fn digest(seed: u64, node: usize, what: &str) -> [u8; 32] {
    Sha256::digest(format!("{seed} {node} {what}")).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn machine_id(seed: u64, node: usize, generation: u32) -> String {
    format!("{}\n", hex(&digest(seed, node, &format!("machine {generation}"))[..16]))
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
                mpi4py_failed: None,
                // The host key of the first SD card is made below.
                host_key: key_pair(spec.seed, index, "host", 0, HOST_KEY_COMMENT),
                blinkers: 0,
                boot: CancellationToken::new(),
                flashed: 0,
                passwords: true,
                unconfirmed: None,
                host_keys: 0,
                machine_ids: 0,
                user_keys: 0,
                next_pid: 900 + u32::from(digest[8]),
            }),
        };
        cell.new_card();
        cell
    }

    /// A reflashed SD card: fresh files, a host key and a machine-id of its own.
    pub(super) fn new_card(&self) {
        let home = self.home(false);
        let mut state = self.lock();
        state.flashed += 1;
        state.files = Files::default();
        state.mpi.clear();
        state.mpi4py_failed = None;
        let copied = self.faults.iter().find_map(|fault| match fault {
            // A reflashed SD card is not a clone.
            FaultKind::CopyOf { node } if state.flashed == 1 => Some(usize::from(*node)),
            _ => None,
        });
        let (host_key, machine_id) = match copied {
            Some(other) => (key_pair(self.seed, other, "host", 1, HOST_KEY_COMMENT), machine_id(self.seed, other, 1)),
            None => (self.new_host_key(&mut state, HOST_KEY_COMMENT), self.new_machine_id(&mut state)),
        };
        let files = &mut state.files;
        files.write("/etc/hosts", FRESH_HOSTS, 0o644, ROOT);
        files.write(MACHINE_ID, machine_id, 0o444, ROOT);
        files.write("/etc/os-release", OS_RELEASE, 0o644, ROOT);
        files.write("/proc/device-tree/model", format!("{}\0", self.model.board.name()), 0o444, ROOT);
        files.write("/proc/device-tree/serial-number", format!("{}\0", self.serial), 0o444, ROOT);
        set_trigger(files, "mmc0");
        files.make_dirs("/tmp", 0o1777, ROOT);
        files.make_dirs(&home, 0o755, USER);
        files.write(&format!("{home}/.profile"), "# ~/.profile\n", 0o644, USER);
        state.set_hostname(FRESH_NAME);
        state.set_host_key(&host_key);
        state.unconfirmed = None;
        state.reload_sshd();
        if self.mpi_preinstalled {
            state.install(RUNS);
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

    /// The login methods that it offers.
    pub(super) fn methods(&self) -> MethodSet {
        let password =
            if self.has(&FaultKind::AsksForPassword) { MethodKind::KeyboardInteractive } else { MethodKind::Password };
        let methods = [MethodKind::PublicKey, password];
        MethodSet::from(&methods[..if self.lock().passwords { 2 } else { 1 }])
    }

    /// What a login and a command take longer here than elsewhere.
    pub(super) fn slowness(&self) -> Duration {
        let slow =
            self.faults.iter().map(|fault| if let FaultKind::Slow(delay) = fault { *delay } else { Duration::ZERO });
        slow.sum()
    }

    /// What distinguishes one boot of one node from all others.
    pub(super) fn boot_id(&self) -> String {
        let text = hex(&digest(self.seed, self.index, &format!("boot {}", self.power.borrow().boot))[..16]);
        format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
    }

    /// A key pair for the user, another one each time.
    pub(super) fn new_user_key(&self, state: &mut Node, comment: &str) -> PrivateKey {
        state.user_keys += 1;
        key_pair(self.seed, self.index, "user", state.user_keys, comment)
    }

    /// Another host key from now on.
    pub(super) fn change_host_key(&self) {
        let mut state = self.lock();
        let key = self.new_host_key(&mut state, HOST_KEY_COMMENT);
        state.set_host_key(&key);
        state.reload_sshd();
    }

    /// A host key, another one each time; it is not in use.
    pub(super) fn new_host_key(&self, state: &mut Node, comment: &str) -> PrivateKey {
        state.host_keys += 1;
        key_pair(self.seed, self.index, "host", state.host_keys, comment)
    }

    /// What a file with a machine-id has, another one each time.
    pub(super) fn new_machine_id(&self, state: &mut Node) -> String {
        state.machine_ids += 1;
        machine_id(self.seed, self.index, state.machine_ids)
    }

    /// Pulls the plug: all that runs ends, and nothing is said any more.
    pub(super) fn power_off(&self) {
        let mut state = self.lock();
        state.boot.cancel();
        state.processes.clear();
        state.unconfirmed = None;
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
        state.reload_sshd();
        self.power.send_modify(|power| *power = Power { on: true, boot: power.boot + 1 });
    }

    /// Adds to a file and wakes those that follow it.
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
        self.mpi.insert(family);
        for program in Simulated::of(family).into_iter().flat_map(Simulated::programs) {
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

    /// A host key for the next start of sshd.
    fn set_host_key(&mut self, key: &PrivateKey) {
        let private = key.to_openssh(LineEnding::LF).map(|text| text.as_bytes().to_vec()).unwrap_or_default();
        let line = key.public_key().to_openssh().unwrap_or_default();
        self.files.write(HOST_KEY, private, 0o600, ROOT);
        self.files.write(&format!("{HOST_KEY}.pub"), format!("{line}\n"), 0o644, ROOT);
    }

    /// sshd reads its key and its configuration again; it ignores a damaged key.
    pub(super) fn reload_sshd(&mut self) {
        if let Some(key) = self.files.read(HOST_KEY).and_then(|text| PrivateKey::from_openssh(text).ok()) {
            self.host_key = key;
        }
        let drop_in = self.files.text(DROP_IN).unwrap_or_default();
        self.passwords = !drop_in.lines().any(|line| line == "PasswordAuthentication no");
    }
}
