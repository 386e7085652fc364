//! The smoke test: every node reaches every other without a question, `mpirun` reaches them all, and mpi4py sees the right
//! size.

use std::collections::BTreeSet;
use std::time::Duration;

use pictl_formats::diagnosis;
use pictl_formats::launcher;
use pictl_model::RunId;
use pictl_model::run::{RunEvent, Stream};
use pictl_model::text::clean;
use tokio::sync::mpsc;

use super::action::{ActionError, Hands, Outcome, SmokePlan};
use crate::launch::{self, End, Launch, News, hostfile_path};
use crate::programs::HELLO;
use crate::script::Script;

/// The launch takes a second or two; a first start of Python on a slow card may take twenty.
const LIMIT: Duration = Duration::from_secs(60);

/// With more nodes than this, trying every pair would take longer than it is worth.
const ALL_PAIRS: usize = 16;

/// Runs it on the head.
pub async fn run(plan: &SmokePlan, hands: &Hands) -> Result<Outcome, ActionError> {
    let now = crate::clock::now();
    let run = RunId::new(now, "smoke", std::process::id());
    check_pairs(plan, hands).await?;
    let ranks = u32::try_from(plan.nodes.len()).unwrap_or(u32::MAX);
    let program = if plan.python {
        HELLO.words(&plan.homes.iter().map(String::as_str).collect::<Vec<_>>(), &[])
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
        slots_total: ranks,
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
        files: if plan.python { HELLO.files() } else { Vec::new() },
        limit: Some(LIMIT),
        sessions: hands
            .sessions
            .iter()
            .filter(|(n, _)| plan.nodes.iter().any(|m| m.node == **n))
            .map(|(n, s)| (n.clone(), s.clone()))
            .collect(),
    };
    let (_control, asked) = mpsc::unbounded_channel();
    let (tell, mut news) = mpsc::unbounded_channel();
    let going = launch::go(launch, asked, tell);
    let listening = async {
        let mut seen = Seen::default();
        while let Some(news) = news.recv().await {
            match news {
                News::Event(event) => seen.take(event),
                News::Damaged | News::Bytes(_) => {}
                News::Over(end) => seen.end = end,
            }
        }
        seen
    };
    let ((), seen) = tokio::join!(going, listening);
    seen.judge(plan)
}

/// Logs in from every node to every other one, as `mpirun` will: by key, with strict host key checking. Nodes take turns, so
/// that no `sshd` meets more than one new login at a time (it refuses some above ten). Beyond [`ALL_PAIRS`] nodes only
/// the head's pairs are tried.
async fn check_pairs(plan: &SmokePlan, hands: &Hands) -> Result<(), ActionError> {
    for from in &plan.nodes {
        let Some(session) = hands.sessions.get(&from.node) else { continue };
        let to = plan.nodes.iter().filter(|to| {
            to.node != from.node && (plan.nodes.len() <= ALL_PAIRS || from.node == plan.head || to.node == plan.head)
        });
        let targets: Vec<_> = to.map(|to| format!("{}@{}", to.user, to.name)).collect();
        if targets.is_empty() {
            continue;
        }
        let words: Vec<_> = targets.iter().map(String::as_str).collect();
        let output = super::action::run(&**session, Script::PAIR_CHECK.command(&words, Some(LIMIT))).await?;
        let said = String::from_utf8_lossy(&output.out);
        let answers =
            |target: &str| said.lines().find(|line| line.split(' ').nth(1) == Some(target)).map(str::to_owned);
        for target in &targets {
            let answer = answers(target).unwrap_or_else(|| "no answer".to_owned());
            if !answer.starts_with("ok ") {
                let why = answer.splitn(3, ' ').nth(2).unwrap_or("no answer").trim().to_owned();
                return Err(ActionError::new(
                    format!("{} cannot log in to {target}: {}", from.name, clean(&why, 200)),
                    "see the steps node-key, mesh and known-hosts of both nodes, and try it by hand",
                ));
            }
        }
    }
    Ok(())
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

    fn judge(self, plan: &SmokePlan) -> Result<Outcome, ActionError> {
        let wanted = plan.nodes.len();
        let missing: Vec<_> =
            plan.nodes.iter().map(|n| n.name.as_str()).filter(|name| !self.hosts.contains(*name)).collect();
        if plan.python && self.size.is_some_and(|size| size as usize != wanted) {
            return Err(ActionError::new(
                format!(
                    "mpi4py saw {} ranks, not {wanted}: it belongs to another MPI than the launcher",
                    self.size.unwrap_or(0)
                ),
                "remove the other MPI, or choose it with --mpi",
            ));
        }
        if missing.is_empty() && (self.done == wanted || !plan.python) {
            return Ok(Outcome::Proved(format!("{wanted} ranks on {wanted} nodes answered")));
        }
        if let Some(why) = diagnosis::explain(&self.errors) {
            return Err(ActionError::new(why.cause, why.hint));
        }
        let said =
            self.end.problem.or_else(|| self.errors.lines().rev().find(|l| !l.trim().is_empty()).map(str::to_owned));
        Err(ActionError::new(
            format!(
                "no rank answered from {}: {}",
                missing.join(", "),
                said.unwrap_or_else(|| "the launcher said nothing".into())
            ),
            "run the same by hand on the head: mpirun -machinefile ~/machinefile hostname",
        ))
    }
}
