//! Work as named steps: check → apply → verify, on each node, with a closed set of outcomes.

use serde::{Deserialize, Serialize};

use crate::ids::{HostName, JobId, NodeId, NotA};
use crate::units::Millis;

/// Makes [`StepId`] and everything that front ends need to know of a step from one table: a row is a name, the name on the
/// command line, a title, where it is done (`each` node or the `head` only), and whether it does `work` or is a `proof`.
macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $title:literal, $scope:ident, $kind:ident;)*) => {
        /// The steps that make a cluster, in the order in which they are done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum StepId {
            $($(#[$doc])* $name,)*
        }

        impl StepId {
            /// All steps in order.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$name),*];

            /// The name on the command line.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// What it makes true, in words for people.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                }
            }

            /// It is done on the head only.
            pub fn on_head_only(self) -> bool {
                match self {
                    $(Self::$name => steps!(@scope $scope),)*
                }
            }

            /// It proves something and changes nothing, so it is done every time.
            pub fn is_proof(self) -> bool {
                match self {
                    $(Self::$name => steps!(@kind $kind),)*
                }
            }
        }
    };
    (@scope each) => { false };
    (@scope head) => { true };
    (@kind work) => { false };
    (@kind proof) => { true };
}

steps! {
    /// Host key trusted, logged in.
    Connect = "connect", "log in, host key trusted", each, work;
    /// The node's facts read.
    Facts = "facts", "facts of the node", each, work;
    /// Its host keys and its machine-id are its own, not those of a cloned SD card.
    Identity = "identity", "unique host keys and machine-id", each, work;
    /// The operator's key is among the node's authorized keys, and a login with it works.
    OperatorKey = "operator-key", "your key on the node", each, work;
    /// The node has a key pair of its own.
    NodeKey = "node-key", "key pair of the node", each, work;
    /// The cluster's block in `/etc/hosts`, and no `127.0.1.1` line for the node's own name.
    Hosts = "hosts", "names in /etc/hosts", each, work;
    /// The node's host name is its name in the cluster, also after a reboot.
    Hostname = "hostname", "host name", each, work;
    /// Every node's key is authorized on every node.
    Mesh = "mesh", "keys between all nodes", each, work;
    /// Every node knows every node's host key, by name and by address.
    KnownHosts = "known-hosts", "host keys known on the node", each, work;
    /// The node logs in to every other one by key, without a question and with strict host key checking.
    Pairs = "pairs", "login to every other node", each, proof;
    /// Keys that are no longer wanted are not among the node's authorized keys.
    Revoke = "revoke", "old keys removed", each, work;
    /// Password login is on or off, as it was asked for.
    PasswordLogin = "password-login", "password login on or off", each, work;
    /// Swap is off: it would make ranks slow and wear the SD card.
    Swap = "swap", "no swap on the SD card", each, work;
    /// MPI and mpi4py are installed.
    Mpi = "mpi", "MPI and mpi4py installed", each, work;
    /// The machinefile is on the head.
    Machinefile = "machinefile", "machinefile on the head", head, work;
    /// `mpirun` reaches every node and mpi4py sees the right size.
    Smoke = "smoke", "mpirun reaches every node", head, proof;
}

impl std::fmt::Display for StepId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

impl std::str::FromStr for StepId {
    type Err = NotA;
    fn from_str(s: &str) -> Result<Self, NotA> {
        Self::ALL
            .into_iter()
            .find(|step| step.word() == s)
            .ok_or_else(|| NotA::new("step", s, "`pictl setup --help` lists the steps"))
    }
}

/// Where one step stands on one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun.
    #[default]
    Pending,
    /// Waits for other nodes or for the user; the message says for what.
    Waiting,
    /// Reading what is there.
    Checking,
    /// Checked: something has to change, and the change says what.
    Planned,
    /// Changing it.
    Applying,
    /// Reading back.
    Verifying,
    /// Changed and verified.
    Done,
    /// Nothing had to change.
    AlreadySo,
    /// True now, with a reservation; the message says which.
    Warned,
    /// Left out, on purpose or because something before it failed.
    Skipped,
    /// It did not work; message and hint say why and what to do.
    Failed,
    /// Stopped by the user.
    Aborted,
}

impl StepState {
    /// An outcome: it will not change any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::AlreadySo | Self::Warned | Self::Skipped | Self::Failed | Self::Aborted)
    }

    /// The step is at work: it checks, changes or verifies something.
    pub fn is_at_work(self) -> bool {
        matches!(self, Self::Checking | Self::Applying | Self::Verifying)
    }

    /// What the step stands for is true.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Done | Self::AlreadySo | Self::Warned)
    }

    /// One word for screens, plain output and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Waiting => "waiting",
            Self::Checking => "checking",
            Self::Planned => "planned",
            Self::Applying => "applying",
            Self::Verifying => "verifying",
            Self::Done => "done",
            Self::AlreadySo => "unchanged",
            Self::Warned => "warned",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
        }
    }
}

/// A step on a node changed its state, or has news of its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepReport {
    /// The setup it belongs to.
    pub job: JobId,
    /// On which node.
    pub node: NodeId,
    /// Which step.
    pub step: StepId,
    /// Its state now.
    pub state: StepState,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Time since this attempt began.
    pub elapsed: Millis,
    /// What happened or happens, in one line.
    pub message: String,
    /// What to do, where something went wrong.
    pub hint: Option<String>,
    /// What will change or has changed: lines beginning with `+` or `-`.
    pub change: Vec<String>,
}

/// A node in a setup's plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupNode {
    /// Which node.
    pub node: NodeId,
    /// The name it has or gets.
    pub name: HostName,
    /// It is (to be) the head.
    pub head: bool,
}

/// What a setup is about to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupPlan {
    /// Its job.
    pub job: JobId,
    /// Which nodes, in the order of their names.
    pub nodes: Vec<SetupNode>,
    /// Which steps, in order.
    pub steps: Vec<StepId>,
    /// Only the check half is done.
    pub dry_run: bool,
}

/// How a setup ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupSummary {
    /// Steps changed and verified, over all nodes.
    pub done: u32,
    /// Steps with nothing to change.
    pub already_so: u32,
    /// Steps that only a dry run left planned.
    pub planned: u32,
    /// Steps with a reservation.
    pub warned: u32,
    /// Steps left out.
    pub skipped: u32,
    /// Steps failed.
    pub failed: u32,
    /// Steps stopped by the user.
    pub aborted: u32,
    /// Time from start to end.
    pub elapsed: Millis,
}

impl SetupSummary {
    /// Counts one step's last state.
    pub fn count(&mut self, state: StepState) {
        match state {
            StepState::Done => self.done += 1,
            StepState::AlreadySo => self.already_so += 1,
            StepState::Planned => self.planned += 1,
            StepState::Warned => self.warned += 1,
            StepState::Skipped => self.skipped += 1,
            StepState::Failed => self.failed += 1,
            _ => self.aborted += 1,
        }
    }
}
