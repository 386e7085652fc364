//! Carries out what steps order, and lets the step read what comes back before the next action begins.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pictl_formats::facts::FileKind;
use pictl_model::NodeId;
use pictl_model::step::StepId;
use pictl_model::trust::HostKey;
use tokio::sync::mpsc;

use super::action::{Action, LoginProof, Outcome, Replied, Reply, ScriptRun, StepNews, Undo};
use super::step::Step;
use super::steps;
use crate::ports::{Connect, ConnectError, ConnectSpec, Output, Session};
use crate::remote::{RemoteError, by_line, failure, put_file, read, run};
use crate::script::{Rights, Script};
use crate::smoke;

/// Bytes of a followed script's errors that are read.
const MAX_ERR: usize = 64 << 10;
/// Bytes of a followed script's lines that are kept until its end.
const MAX_OUT: usize = 256 << 10;
/// The facts with all files but the machinefile.
const PARTS: [&str; 3] = ["keys", "names", "root"];
/// Before a connection that was not answered is tried once more.
const PAUSES: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1500)];

/// Carries out the actions of one step on one node.
#[derive(Clone)]
pub struct Executor {
    /// The connection to the node.
    pub session: Arc<dyn Session>,
    /// Connections to every node of the cluster that has one, for actions that concern all.
    pub sessions: BTreeMap<NodeId, Arc<dyn Session>>,
    /// How to become root, when it is known.
    pub root: Option<Rights>,
    /// Logs in once more.
    pub connect: Arc<dyn Connect>,
    /// How to log in with the operator's key alone.
    pub key_login: Option<ConnectSpec>,
    /// Takes news while it goes on.
    pub news: mpsc::UnboundedSender<StepNews>,
}

impl Executor {
    /// Does these actions, one after another, up to the first that fails; then what can be taken back is taken back.
    pub async fn perform(&self, step: StepId, actions: &[Action]) -> (Vec<Outcome>, Result<(), RemoteError>) {
        let step = steps::of(step);
        let mut outcomes = Vec::new();
        let mut undo = None;
        for (at, action) in actions.iter().enumerate() {
            match action {
                Action::Run(run) => undo = run.undo.as_ref().map(|undo| (run, undo)),
                Action::ProveLogin(_) => {}
                Action::Put(_) | Action::Read(_) | Action::Launch(_) => undo = None,
            }
            let ended = match self.act(step, action).await {
                Ok(reply) => (step.reply)(&mut Replied { actions, at, reply, news: &mut |news| self.publish(news) }),
                Err(e) => {
                    if e.outdated {
                        outcomes.extend(self.read_again(action).await);
                    }
                    Err(e)
                }
            };
            match (ended, undo) {
                (Ok(outcome), _) => outcomes.push(outcome),
                (Err(e), None) => return (outcomes, Err(e)),
                (Err(e), Some((run, undo))) => return (outcomes, Err(self.undo(run, undo, e).await)),
            }
        }
        (outcomes, Ok(()))
    }

    /// What the node's files hold now, where somebody else has changed one since it was read.
    async fn read_again(&self, action: &Action) -> Option<Outcome> {
        let kind = match action {
            Action::Put(file) => file.kind,
            _ => None,
        };
        let parts: &'static [&'static str] = if kind == Some(FileKind::Machinefile) { &[] } else { &PARTS };
        let reading = read(&*self.session, parts).await.ok()?;
        Some(Outcome::learnt(move |memory| {
            if parts.is_empty() {
                *memory.reading = reading;
            } else {
                memory.reading.update(reading);
            }
        }))
    }

    async fn act(&self, step: &Step, action: &Action) -> Result<Reply, RemoteError> {
        match action {
            Action::Put(file) => {
                put_file(self.session.as_ref(), self.rights(file.root)?, file.clone()).await.map(Reply::Written)
            }
            Action::Run(run) => self.run(step, run).await.map(Reply::Ran),
            Action::Read(parts) => read(&*self.session, parts).await.map(|read| Reply::Read(Box::new(read))),
            Action::ProveLogin(proof) => Ok(Reply::Login(self.log_in(proof).await)),
            Action::Launch(plan) => smoke::run(plan, &self.sessions).await.map(Reply::Launched),
        }
    }

    async fn run(&self, step: &Step, order: &ScriptRun) -> Result<Output, RemoteError> {
        let arguments = order.arguments();
        let args: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let command = order.script.with(&self.rights(order.root)?, &args, &[], Some(order.limit));
        if !order.follow {
            return run(&*self.session, command).await.map_err(|e| goes_on(order.script, e));
        }
        let mut out = String::new();
        let output = by_line(&*self.session, command, MAX_ERR, |line| {
            if out.len() + line.len() < MAX_OUT {
                out.extend([line.as_str(), "\n"]);
            }
            if let Some(news) = (step.line)(order, &line) {
                self.publish(news);
            }
        })
        .await
        .map_err(|e| goes_on(order.script, e.into()))?;
        if output.status == Some(0) { Ok(Output { out: out.into_bytes(), ..output }) } else { Err(failure(&output)) }
    }

    /// Takes back what `order` did. The failure stays the same, whether this works or not.
    async fn undo(&self, order: &ScriptRun, undo: &Undo, e: RemoteError) -> RemoteError {
        let Ok(rights) = self.rights(order.root) else { return e };
        let args: Vec<&str> = undo.args.iter().map(String::as_str).collect();
        let ended = run(&*self.session, order.script.with(&rights, &args, &[], Some(order.limit))).await;
        tracing::debug!(ok = ended.is_ok(), "what failed was taken back");
        match ended {
            Ok(_) => RemoteError { message: format!("{}{}", e.message, undo.said), ..e },
            Err(_) => e,
        }
    }

    async fn log_in(&self, proof: &LoginProof) -> Option<Result<HostKey, ConnectError>> {
        let mut spec = self.key_login.clone()?;
        if matches!(proof, LoginProof::Refused) {
            spec.credentials.clear();
        }
        let ended = self.connect(spec).await;
        Some(match ended {
            Ok(session) => {
                let shown = session.host_key();
                session.close().await;
                Ok(shown)
            }
            Err(e) => Err(e),
        })
    }

    /// Connects once more. An sshd that has just read its configuration again listens on its port a moment later.
    async fn connect(&self, spec: ConnectSpec) -> Result<Arc<dyn Session>, ConnectError> {
        let via = spec.via.as_ref().and_then(|via| self.sessions.get(via)).cloned();
        for pause in PAUSES {
            match self.connect.connect(spec.clone(), via.clone()).await {
                Err(ConnectError::Unreachable { .. }) => tokio::time::sleep(pause).await,
                ended => return ended,
            }
        }
        self.connect.connect(spec, via).await
    }

    fn rights(&self, root: bool) -> Result<Rights, RemoteError> {
        if !root {
            return Ok(Rights::User);
        }
        self.root.clone().ok_or_else(|| {
            RemoteError::new(
                "needs root, but sudo is not available",
                "give the right sudo password, allow this user to use sudo, or log in as a user who can",
            )
        })
    }

    fn publish(&self, news: StepNews) {
        // Nobody listens any more when the step was given up.
        let _ = self.news.send(news);
    }
}

/// What nobody follows any more goes on all the same, where it is detached: then this is the hint.
fn goes_on(script: Script, e: RemoteError) -> RemoteError {
    if !script.is_detached() || !e.unfollowed {
        return e;
    }
    let hint = "the work goes on to its end on the node; run the setup again, and it continues from there";
    RemoteError { hint: hint.to_owned(), ..e }
}
