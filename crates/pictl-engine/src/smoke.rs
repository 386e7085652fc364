//! The smoke test: `mpirun` reaches every node, and mpi4py sees the right size. Setup ends with it, and a run begins with it
//! where this was not proved before.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use pictl_formats::diagnosis;
use pictl_formats::launcher;
use pictl_formats::rules::RuleReader;
use pictl_model::node::MpiInstall;
use pictl_model::run::{RunEvent, Stream};
use pictl_model::{NodeId, RunId};
use tokio::sync::mpsc;

use crate::launch::{
    self, Control, End, Launch, LaunchInput, News, Pin, Prove, Sessions, hostfile_path, ssh_config_path,
};
use crate::programs::HELLO;
use crate::remote::RemoteError;

/// The launch takes a second or two; a first start of Python from a slow SD card may take twenty.
const LIMIT: Duration = Duration::from_secs(60);

/// The smoke test: one rank on every node.
#[derive(Clone, Debug, PartialEq)]
pub struct SmokePlan {
    /// Where the launcher runs.
    pub head: NodeId,
    /// The launcher.
    pub install: MpiInstall,
    /// Every node, in machinefile order.
    pub nodes: Vec<SmokeNode>,
    /// The machinefile.
    pub machinefile: String,
    /// The login's home on the head.
    pub home: String,
    /// The login's home on each node.
    pub homes: Vec<String>,
    /// Network and interface that the job is pinned to.
    pub pin: Pin,
    /// mpi4py takes part; otherwise only the launcher is tried.
    pub python: bool,
    /// The launcher runs as root.
    pub as_root: bool,
    /// SSH's options for a launcher outside of the cluster.
    pub ssh_config: Option<String>,
}

/// A node in the smoke test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmokeNode {
    /// Which node.
    pub node: NodeId,
    /// Its name, which its rank must report.
    pub name: String,
    /// The login on it.
    pub user: String,
}

/// The smoke test as what a launch proves first: that launcher, MPI and mpi4py belong together on its nodes.
pub(crate) fn prove(plan: SmokePlan) -> Prove {
    Arc::new(move |sessions| {
        let plan = plan.clone();
        async move { run(&plan, &sessions).await.map(|_| ()) }.boxed()
    })
}

/// Runs it on the head; gives what there is to say about it.
pub(crate) async fn run(plan: &SmokePlan, sessions: &Sessions) -> Result<String, RemoteError> {
    let run = RunId::new(crate::clock::now(), "smoke", std::process::id());
    let ranks = ranks(plan);
    let program = if plan.python {
        HELLO.command(&plan.homes.iter().map(String::as_str).collect::<Vec<_>>(), &[])
    } else {
        vec!["hostname".to_owned()]
    };
    let command = launcher::command(&launcher::Launch {
        install: plan.install.clone(),
        ranks,
        hostfile: hostfile_path(&plan.home, &run),
        subnet: plan.pin.subnet,
        interfaces: plan.pin.interfaces.clone(),
        nodes: plan.nodes.len(),
        slots_total: plan.nodes.len() as u32,
        options: launcher::Options {
            ssh_config: plan.ssh_config.as_ref().map(|_| ssh_config_path(&plan.home, &run)),
            as_root: plan.as_root,
            ..launcher::Options::default()
        },
        env: vec![("PICTL_RUN".to_owned(), run.to_string())],
        program,
    });
    let launch = Launch {
        run,
        head: plan.head.clone(),
        install: plan.install.clone(),
        ranks,
        command,
        hostfile: plan.machinefile.clone(),
        ssh_config: plan.ssh_config.clone(),
        files: if plan.python { HELLO.files() } else { Vec::new() },
        limit: Some(LIMIT),
        silence: None,
        proof: None,
        rules: RuleReader::default(),
        input: false,
        joined: None,
        sessions: sessions
            .iter()
            .filter(|(n, _)| plan.head == **n || plan.nodes.iter().any(|m| m.node == **n))
            .map(|(n, s)| (n.clone(), s.clone()))
            .collect(),
    };
    let (control, asked) = mpsc::unbounded_channel();
    let (report, mut news) = mpsc::unbounded_channel();
    // A task of its own: when the test is given up the launch is not, but brought to its end.
    let _given_up = KillOnDrop(control);
    tokio::spawn(launch::go(launch, asked, report));
    let mut seen = Seen::default();
    while let Some(news) = news.recv().await {
        match news {
            News::Event(RunEvent::OutOfSight { why }) => {
                return Err(RemoteError::new(format!("lost the connection to the head: {why}"), "check its cable"));
            }
            News::Event(event) | News::Past { event, .. } => seen.take(event),
            News::Damaged | News::Bytes(_) | News::Proved => {}
            News::Over(end) => seen.end = end,
        }
    }
    seen.judge(plan)
}

/// One on every node; two where there is but one node, since one rank alone does not show that ranks find each other.
fn ranks(plan: &SmokePlan) -> u32 {
    u32::try_from(plan.nodes.len()).unwrap_or(u32::MAX).max(2)
}

/// Ends the launch when nobody waits for it any more; one that is over does not hear it.
struct KillOnDrop(mpsc::UnboundedSender<LaunchInput>);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        let _ = self.0.send(LaunchInput::Asked(Control::Kill));
    }
}

/// What the test said.
#[derive(Default)]
struct Seen {
    hosts: BTreeSet<String>,
    size: Option<u32>,
    done: usize,
    errors: String,
    end: End,
}

impl Seen {
    fn take(&mut self, event: RunEvent) {
        match event {
            RunEvent::Begin { size, .. } => self.size = Some(size),
            RunEvent::Host { host, .. } => {
                self.hosts.insert(host);
            }
            RunEvent::Done { .. } => self.done += 1,
            RunEvent::Output { stream: Stream::Err, line, .. } if self.errors.len() < 20_000 => {
                self.errors.push_str(&line);
                self.errors.push('\n');
            }
            RunEvent::Output { stream: Stream::Out, line, .. } => {
                // Without mpi4py it is `hostname` that speaks.
                self.hosts.insert(line.trim().to_owned());
            }
            _ => {}
        }
    }

    fn judge(self, plan: &SmokePlan) -> Result<String, RemoteError> {
        let wanted = ranks(plan) as usize;
        let missing: Vec<_> =
            plan.nodes.iter().map(|n| n.name.as_str()).filter(|name| !self.hosts.contains(*name)).collect();
        if plan.python && self.size.is_some_and(|size| size as usize != wanted) {
            return Err(RemoteError::new(
                format!(
                    "mpi4py saw {} ranks, not {wanted}: it belongs to another MPI than the launcher",
                    self.size.unwrap_or(0)
                ),
                "remove the other MPI, or choose it with --mpi",
            ));
        }
        if missing.is_empty() && (self.done == wanted || !plan.python) {
            return Ok(format!("{wanted} ranks on {} nodes answered", plan.nodes.len()));
        }
        if let Some(why) = diagnosis::explain(&self.errors) {
            return Err(RemoteError::new(why.cause, why.hint));
        }
        let problem = self
            .end
            .problem
            .map(|problem| plan.nodes.iter().fold(problem, |text, of| text.replace(&of.node.to_string(), &of.name)));
        if let (Some(problem), Some(hint)) = (&problem, self.end.hint) {
            return Err(RemoteError::new(problem.clone(), hint));
        }
        let said = problem.or_else(|| diagnosis::last_line(&self.errors).map(str::to_owned));
        let what = if missing.is_empty() {
            format!("only {} of {wanted} ranks finished", self.done)
        } else {
            format!("no rank answered from {}", missing.join(", "))
        };
        Err(RemoteError::new(
            format!("{what}: {}", said.unwrap_or_else(|| "the launcher printed nothing".into())),
            "run this on the head: mpirun -machinefile ~/machinefile hostname",
        ))
    }
}

#[cfg(test)]
mod tests {
    use pictl_model::Rank;
    use pictl_model::node::MpiFamily;

    use super::*;

    fn plan(python: bool) -> SmokePlan {
        let node = |n: u8| SmokeNode {
            node: NodeId::from_address([10, 0, 0, n].into(), 22),
            name: format!("pi{n:02}"),
            user: "pi".into(),
        };
        SmokePlan {
            head: node(1).node,
            home: "/home/pi".into(),
            install: MpiInstall {
                family: MpiFamily::OpenMpi,
                version: "4.1.4".into(),
                launcher: "/usr/bin/mpirun.openmpi".into(),
            },
            nodes: vec![node(1), node(2)],
            machinefile: String::new(),
            homes: vec!["/home/pi".into(); 2],
            pin: Pin::default(),
            python,
            as_root: false,
            ssh_config: None,
        }
    }

    /// What ranks of `size` say that run on these hosts, and of which so many come to their end.
    fn said(size: u32, hosts: &[&str], done: u32) -> Seen {
        let mut seen = Seen::default();
        seen.take(RunEvent::Begin { size, slices: 0, slice_size: 0, program: "hello".into() });
        for (rank, host) in hosts.iter().enumerate() {
            let rank = Rank(u32::try_from(rank).expect("few"));
            seen.take(RunEvent::Host { rank, host: (*host).to_owned() });
        }
        (0..done).for_each(|rank| seen.take(RunEvent::Done { rank: Rank(rank) }));
        seen
    }

    fn line(seen: &mut Seen, stream: Stream, line: &str) {
        seen.take(RunEvent::Output { stream, rank: None, line: line.into() });
    }

    fn failed(seen: Seen) -> String {
        seen.judge(&plan(true)).expect_err("it failed").message
    }

    #[test]
    fn every_node_must_have_answered_to_its_end() {
        let answer = said(2, &["pi01", "pi02"], 2).judge(&plan(true)).expect("proved");
        assert_eq!(answer, "2 ranks on 2 nodes answered");
        assert_eq!(failed(said(2, &["pi01", "pi02"], 1)), "only 1 of 2 ranks finished: the launcher printed nothing");
        assert_eq!(failed(said(2, &["pi01"], 2)), "no rank answered from pi02: the launcher printed nothing");
        // Both on one node: the machinefile was not heeded.
        assert!(failed(said(2, &["pi01", "pi01"], 2)).starts_with("no rank answered from pi02"));
    }

    #[test]
    fn an_mpi4py_of_another_mpi_shows_in_the_size() {
        assert!(failed(said(1, &["pi01", "pi02"], 2)).contains("mpi4py saw 1 ranks, not 2"));
    }

    #[test]
    fn what_is_known_is_explained_and_the_rest_is_quoted() {
        let mut seen = said(2, &[], 0);
        line(&mut seen, Stream::Err, "Host key verification failed.");
        line(&mut seen, Stream::Err, "and much more");
        assert!(failed(seen).contains("does not know the node's host key"));
        let mut seen = said(2, &[], 0);
        line(&mut seen, Stream::Err, "something odd");
        assert_eq!(failed(seen), "no rank answered from pi01, pi02: something odd");
    }

    #[test]
    fn without_mpi4py_host_names_are_enough() {
        let mut seen = Seen::default();
        line(&mut seen, Stream::Out, "pi01");
        line(&mut seen, Stream::Out, " pi02 ");
        assert!(seen.judge(&plan(false)).is_ok());
    }
}
