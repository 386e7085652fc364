//! Work as named steps: check → apply → verify, on each node, with a closed set of outcomes.

use serde::{Deserialize, Serialize};

use crate::ids::{HostName, JobId, NodeId, NotA};
use crate::units::Millis;

/// The steps that make a cluster, in the order in which they are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepId {
    /// Host key trusted, logged in.
    Connect,
    /// The node's facts read.
    Facts,
    /// Its host keys and its machine-id are its own, not those of a card that was copied.
    Identity,
    /// The operator's key is among the node's authorized keys, and a login with it works.
    OperatorKey,
    /// The node has a key pair of its own.
    NodeKey,
    /// The cluster's block in `/etc/hosts`, and no `127.0.1.1` line for the node's own name.
    Hosts,
    /// The node's host name is its name in the cluster, also after a reboot.
    Hostname,
    /// Every node's key is authorized on every node.
    Mesh,
    /// Every node knows every node's host key, by name and by address.
    KnownHosts,
    /// The node logs in to every other one by key, without a question and with strict host key checking.
    Pairs,
    /// Keys that are to be forgotten are not among the node's authorized keys.
    Revoke,
    /// Logins by password are possible, or not, as it was asked for.
    PasswordLogin,
    /// MPI and mpi4py are installed.
    Mpi,
    /// The machinefile lies on the head.
    Machinefile,
    /// `mpirun` reaches every node and mpi4py sees the right size.
    Smoke,
}

impl StepId {
    /// All steps in order.
    pub const ALL: [Self; 15] = [
        Self::Connect,
        Self::Facts,
        Self::Identity,
        Self::OperatorKey,
        Self::NodeKey,
        Self::Hosts,
        Self::Hostname,
        Self::Mesh,
        Self::KnownHosts,
        Self::Pairs,
        Self::Revoke,
        Self::PasswordLogin,
        Self::Mpi,
        Self::Machinefile,
        Self::Smoke,
    ];

    /// The name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Facts => "facts",
            Self::Identity => "identity",
            Self::OperatorKey => "operator-key",
            Self::NodeKey => "node-key",
            Self::Hosts => "hosts",
            Self::Hostname => "hostname",
            Self::Mesh => "mesh",
            Self::KnownHosts => "known-hosts",
            Self::Pairs => "pairs",
            Self::Revoke => "revoke",
            Self::PasswordLogin => "password-login",
            Self::Mpi => "mpi",
            Self::Machinefile => "machinefile",
            Self::Smoke => "smoke",
        }
    }

    /// What it makes true, in words for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Connect => "log in, host key trusted",
            Self::Facts => "read what the node is",
            Self::Identity => "host keys and machine-id of its own",
            Self::OperatorKey => "your key on the node",
            Self::NodeKey => "key pair of the node",
            Self::Hosts => "names in /etc/hosts",
            Self::Hostname => "host name",
            Self::Mesh => "keys between all nodes",
            Self::KnownHosts => "host keys known on the node",
            Self::Pairs => "logs in to every other node",
            Self::Revoke => "old keys taken out",
            Self::PasswordLogin => "login by password on or off",
            Self::Mpi => "MPI and mpi4py installed",
            Self::Machinefile => "machinefile on the head",
            Self::Smoke => "mpirun reaches every node",
        }
    }

    /// Done only when it is asked for: no part of what makes a cluster.
    pub fn on_request(self) -> bool {
        matches!(self, Self::Revoke | Self::PasswordLogin)
    }

    /// It proves something and changes nothing, so it is done every time.
    pub fn is_proof(self) -> bool {
        matches!(self, Self::Pairs | Self::Smoke)
    }

    /// It needs to know nothing of a node but what its keys are.
    pub fn is_about_keys(self) -> bool {
        !matches!(self, Self::Hosts | Self::Hostname | Self::Mpi | Self::Machinefile | Self::Smoke)
    }

    /// Done on the head only.
    pub fn on_head_only(self) -> bool {
        matches!(self, Self::Machinefile | Self::Smoke)
    }
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
    /// Looking what is there.
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
    /// True now, with a reservation that the message tells.
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
            Self::AlreadySo => "already so",
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
