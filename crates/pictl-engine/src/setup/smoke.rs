//! The smoke test: `mpirun` reaches every node, and mpi4py sees the right size.

use std::collections::BTreeSet;
use std::time::Duration;

use pictl_formats::diagnosis;
use pictl_formats::launcher;
use pictl_model::RunId;
use pictl_model::run::{RunEvent, Stream};
use tokio::sync::mpsc;

use super::action::{ActionError, Hands, Outcome, SmokePlan};
use crate::launch::{self, End, Launch, News, hostfile_path};
use crate::programs::HELLO;

/// The launch takes a second or two; a first start of Python on a slow card may take twenty.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs it on the head.
pub async fn run(plan: &SmokePlan, hands: &Hands) -> Result<Outcome, ActionError> {
    let now = crate::clock::now();
    let run = RunId::new(now, "smoke", std::process::id());
    let reading = super::action::read(&*hands.session).await?;
    let ranks = u32::try_from(plan.nodes.len()).unwrap_or(u32::MAX);
    let program = if plan.python {
        HELLO.words(&plan.homes.iter().map(String::as_str).collect::<Vec<_>>(), &[])
    } else {
        vec!["hostname".to_owned()]
    };
    let command = launcher::command(&launcher::Launch {
        install: plan.install.clone(),
        ranks,
        hostfile: hostfile_path(&reading.facts.home, &run),
        subnet: None,
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
            .filter(|(n, _)| plan.nodes.iter().any(|(m, _)| m == *n))
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
            plan.nodes.iter().filter(|(_, name)| !self.hosts.contains(name)).map(|(_, name)| name.as_str()).collect();
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
