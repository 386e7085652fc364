//! The smoke test: `mpirun` reaches every node, and mpi4py sees the right size. Setup ends with it, and a run begins with it
//! where this was not proved before.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use pictl_formats::diagnosis;
use pictl_formats::launcher;
use pictl_formats::rules::RuleReader;
use pictl_model::node::MpiInstall;
use pictl_model::run::{RunEvent, Spawn, Stream};
use pictl_model::text::count;
use pictl_model::{NodeId, RunId};
use tokio::sync::mpsc;

use crate::launch::{
    self, Control, End, Launch, LaunchInput, News, Pin, Place, Prove, Sessions, hostfile_path, rsh_path,
    ssh_config_path,
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
    /// The nodes and the head, where they reach one another.
    pub places: Vec<Place>,
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
    /// The login shells of the head and of the nodes, where they are known.
    pub shells: Vec<Option<String>>,
    /// SSH's options for a launcher outside of the cluster, or for nodes with ports of their own.
    pub ssh_config: Option<String>,
    /// The key's file of an outside master, where it opens by a passphrase only.
    pub locked_key: Option<PathBuf>,
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
            rsh: rsh_path(&plan.home, &run, Spawn::Auto, plan.shells.iter().map(Option::as_deref)),
            outside: plan.head.is_operator(),
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
        places: plan.places.clone(),
        own: false,
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
    // Ranks connect when they need to: that this program comes to its end does not show that every node reaches every other.
    let connections = launch::connections(&plan.places, &plan.head, sessions);
    tokio::pin!(connections);
    let mut tried = false;
    loop {
        let news = tokio::select! {
            biased;
            news = news.recv() => news,
            connected = &mut connections, if !tried => {
                connected?;
                tried = true;
                continue;
            }
        };
        match news {
            Some(News::Event(RunEvent::OutOfSight { why })) => {
                return Err(RemoteError::new(format!("lost the connection to the head: {why}"), "check its cable"));
            }
            Some(News::Event(event) | News::Past { event, .. }) => seen.take(event),
            Some(News::Damaged | News::Bytes(_) | News::Proved | News::Notice(_)) => {}
            Some(News::Over(end)) => seen.end = end,
            None => break,
        }
    }
    if !tried {
        connections.await?;
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
    /// What mpi4py's MPI calls itself, by a rank that is alone.
    library: Option<String>,
    done: usize,
    errors: String,
    end: End,
}

impl Seen {
    fn take(&mut self, event: RunEvent) {
        match event {
            RunEvent::Begin { size, .. } => self.size = Some(size),
            RunEvent::Mpi { size: Some(1), library, .. } => self.library = self.library.take().or(library),
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
                    "mpi4py saw {}, not {wanted}: it belongs to {}, and the launcher is {} {} ({})",
                    count(self.size.unwrap_or(0).into(), "rank", "ranks"),
                    self.library.as_deref().unwrap_or("another MPI"),
                    plan.install.family,
                    plan.install.version,
                    plan.install.launcher
                ),
                "run `pictl setup --only mpi`, or choose the other MPI: pictl setup --mpi NAME",
            ));
        }
        if missing.is_empty() && (self.done == wanted || !plan.python) {
            let nodes = count(plan.nodes.len() as u64, "node", "nodes");
            return Ok(format!("{wanted} ranks on {nodes} answered"));
        }
        let names = |text: &str| {
            let known = plan.places.iter().map(|place| (place.address, place.name.as_str()));
            diagnosis::with_names(text, known)
        };
        let problem = self.end.problem.as_ref().map(|problem| {
            plan.nodes.iter().fold(problem.clone(), |text, of| text.replace(&of.node.to_string(), &of.name))
        });
        // The time limit is this test's own: nobody can give it more.
        if let (Some(problem), Some(hint), false) = (&problem, &self.end.hint, self.end.timed_out) {
            return Err(RemoteError::new(problem.clone(), hint.clone()));
        }
        if let Some(why) = diagnosis::explain(&self.errors) {
            if let Some(key) = plan.locked_key.as_ref().filter(|_| why.id == diagnosis::KEY_REFUSED) {
                let key = key.display();
                return Err(RemoteError::new(
                    format!(
                        "ssh on this computer cannot use the key {key}: it has a passphrase, and nobody is asked for it"
                    ),
                    format!("give it to your SSH agent: ssh-add {key} (start one with: eval \"$(ssh-agent)\")"),
                ));
            }
            let place = why.node.as_deref().map(|node| format!("{}: ", names(node))).unwrap_or_default();
            return Err(RemoteError::new(
                format!("{place}{} (it printed: {})", names(&why.cause), names(&why.said)),
                names(&why.hint),
            ));
        }
        let said = problem.or_else(|| diagnosis::last_line(&self.errors).map(names));
        let what = if missing.is_empty() {
            format!("only {} of {wanted} ranks finished", self.done)
        } else {
            format!("no rank answered from {}", missing.join(", "))
        };
        Err(RemoteError::new(
            format!("{what}: {}", said.unwrap_or_else(|| "the launcher printed nothing".into())),
            "run this on the head, and read what it prints: mpirun -machinefile ~/machinefile hostname",
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
            places: Vec::new(),
            machinefile: String::new(),
            homes: vec!["/home/pi".into(); 2],
            pin: Pin::default(),
            python,
            as_root: false,
            shells: Vec::new(),
            ssh_config: None,
            locked_key: None,
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
        let mut seen = said(1, &["pi01", "pi02"], 2);
        assert!(failed(said(1, &["pi01", "pi02"], 2)).contains("mpi4py saw 1 rank, not 2: it belongs to another MPI"));
        let library = Some("MPICH Version: 4.0.2".to_owned());
        seen.take(RunEvent::Mpi { rank: Rank(1), size: Some(1), library, file: None });
        let text = failed(seen);
        assert!(text.contains("belongs to MPICH Version: 4.0.2, and the launcher is Open MPI 4.1.4 (/usr/"), "{text}");
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

    fn with_places(mut plan: SmokePlan) -> SmokePlan {
        let place = |n: u8| Place {
            node: NodeId::from_address([10, 0, 0, n].into(), 22),
            name: format!("pi{n:02}"),
            address: [10, 0, 0, n].into(),
            user: "pi".into(),
            port: 22,
        };
        plan.places = vec![place(1), place(2)];
        plan
    }

    #[test]
    fn the_node_is_named_and_what_was_printed_is_quoted() {
        let mut seen = said(2, &[], 0);
        line(&mut seen, Stream::Err, "ssh: connect to host 10.0.0.2 port 22: Connection refused");
        let e = seen.judge(&with_places(plan(true))).expect_err("it failed");
        assert_eq!(
            e.message,
            "pi02: no SSH server answers on port 22 of the node (it printed: ssh: connect to host pi02 port 22: \
             Connection refused)"
        );
        assert!(e.hint.contains("pictl nodes set pi02 --port PORT"), "{}", e.hint);
    }

    #[test]
    fn what_pictl_found_on_the_nodes_comes_first_and_the_limit_of_the_test_is_nobodys_to_give() {
        let ended = |timed_out| {
            let mut seen = said(2, &[], 0);
            line(&mut seen, Stream::Err, "ORTE was unable to reliably start one or more daemons.");
            seen.end =
                End { problem: Some("found".into()), hint: Some("more --timeout".into()), timed_out, ..End::default() };
            seen.judge(&plan(true)).expect_err("it failed")
        };
        assert_eq!((ended(false).message, ended(false).hint), ("found".into(), "more --timeout".into()));
        assert!(!ended(true).hint.contains("--timeout"), "{}", ended(true).hint);
    }

    #[test]
    fn a_key_with_a_passphrase_goes_to_an_agent() {
        let refused = |locked_key: Option<PathBuf>| {
            let mut seen = said(2, &[], 0);
            line(&mut seen, Stream::Err, "pi@10.0.0.2: Permission denied (publickey).");
            seen.judge(&SmokePlan { locked_key, ..with_places(plan(true)) }).expect_err("it failed")
        };
        assert!(refused(Some("/home/me/.ssh/id_rsa".into())).hint.contains("ssh-add /home/me/.ssh/id_rsa"));
        assert!(refused(None).hint.contains("keys mesh"));
    }

    #[test]
    fn without_mpi4py_host_names_are_enough() {
        let mut seen = Seen::default();
        line(&mut seen, Stream::Out, "pi01");
        line(&mut seen, Stream::Out, " pi02 ");
        assert!(seen.judge(&plan(false)).is_ok());
    }
}
