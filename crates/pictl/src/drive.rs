//! A headless session: requests go in, questions are answered, events are shown, and the end decides the exit code.

use pictl_engine::Engine;
use pictl_model::event::{Event, Stamped};
use pictl_model::request::{Answer, Ground, Question, Request, SecretAnswer, SecretWord};
use pictl_model::run::{RunEvent, RunOutcome, RunPhase};
use pictl_model::world::World;
use pictl_model::{QuestionId, Secret};

use crate::exit::{Exit, Trouble};
use crate::front::{Front, tell};
use crate::secrets::{Secrets, TerminalState, prompt};
use crate::wire::Setting;

/// A running engine and what its events add up to.
pub(crate) struct Session {
    engine: Engine,
    /// What is known so far.
    pub world: World,
    /// How what happens is shown.
    pub front: Front,
    secrets: Secrets,
    interactive: bool,
    /// Ctrl-C was pressed this often.
    interrupts: u32,
    refused: Option<Exit>,
    signals: Signals,
    terminal: TerminalState,
}

impl Session {
    /// Starts an engine for `setting`. The signals are caught from here on.
    pub(crate) fn start(setting: &Setting, front: Front, secrets: Secrets) -> Result<Self, Trouble> {
        let signals = Signals::listen().map_err(Trouble::access)?;
        Ok(Self {
            engine: setting.engine()?,
            world: World::default(),
            front,
            secrets,
            interactive: setting.interactive(),
            interrupts: 0,
            refused: None,
            signals,
            terminal: TerminalState::save(),
        })
    }

    /// Sends `request` and goes on until `over` says that its end has come, or it was refused.
    pub(crate) async fn go(
        &mut self,
        request: Request,
        over: impl Fn(&World, &Event) -> bool,
    ) -> Result<Exit, Trouble> {
        self.send(request);
        self.wait(over).await
    }

    /// Goes on until `over` says so, with what was asked for before.
    pub(crate) async fn wait(&mut self, over: impl Fn(&World, &Event) -> bool) -> Result<Exit, Trouble> {
        self.refused = None;
        let mut worst = Exit::Ok;
        loop {
            tokio::select! {
                biased;
                heard = self.signals.next() => {
                    // The terminal is gone and takes nothing with it: a run goes on, and can be joined.
                    if heard == Heard::HangUp && self.is_at_work() {
                        return Ok(Exit::Cancelled);
                    }
                    self.interrupts += 1;
                    match self.interrupts {
                        1 => tell("stopping; once more kills what is still running"),
                        2 => tell("killing what is still running; once more leaves it"),
                        _ => return Ok(Exit::Cancelled),
                    }
                    self.send(Request::Cancel);
                }
                stamped = self.engine.events.recv() => {
                    let Some(stamped) = stamped else {
                        return Err(Trouble { exit: Exit::Failed, error: anyhow::anyhow!("the engine ended; a log (--log FILE) tells why") });
                    };
                    self.world.apply(&stamped);
                    self.front.show(&self.world, &stamped);
                    worst = worst.max(self.take(&stamped));
                    if let Some(refused) = self.refused {
                        return Ok(if self.interrupts > 0 { Exit::Cancelled } else { refused });
                    }
                    if over(&self.world, &stamped.event) {
                        return Ok(if self.interrupts > 0 { Exit::Cancelled } else { worst });
                    }
                }
            }
        }
    }

    /// A run is under way that goes on without this program.
    fn is_at_work(&self) -> bool {
        self.world.run.as_ref().is_some_and(|run| run.phase == RunPhase::Running && run.stopping.is_none())
    }

    /// Closes all connections.
    pub(crate) async fn end(self) {
        // A password prompt that was interrupted has switched the echo off.
        self.terminal.restore();
        let _ = self.engine.requests.send(Request::Shutdown);
        self.engine.ending.wait().await;
    }

    fn send(&self, request: Request) {
        if self.engine.requests.send(request).is_err() {
            tracing::error!("the engine takes no requests any more");
        }
    }

    /// Answers what is asked; the exit code that an event stands for.
    fn take(&mut self, stamped: &Stamped) -> Exit {
        match &stamped.event {
            Event::Asked { id, question } => self.answer(*id, question),
            Event::Refused { ground, .. } => {
                self.refused = Some(match ground {
                    Ground::Input => Exit::Usage,
                    Ground::Access => Exit::Access,
                });
            }
            Event::SetupFinished { summary, .. } => return self.setup_exit(summary),
            Event::Run { event: RunEvent::Finished { summary }, .. } => {
                return match summary.outcome {
                    RunOutcome::Succeeded => Exit::Ok,
                    RunOutcome::Failed => Exit::Failed,
                    RunOutcome::CheckFailed => Exit::Check,
                    RunOutcome::Aborted => Exit::Cancelled,
                };
            }
            Event::ExecEnded { status, problem, .. } if *status != Some(0) || problem.is_some() => return Exit::Failed,
            Event::ExecFinished { .. } => {
                let exec = self.world.exec.as_ref();
                let unreached =
                    exec.is_some_and(|e| e.nodes.values().all(|n| n.problem.is_some() && n.lines.is_empty()));
                return if unreached { Exit::Access } else { Exit::Ok };
            }
            _ => {}
        }
        Exit::Ok
    }

    /// Nothing could be reached is another thing than something failed somewhere.
    fn setup_exit(&self, summary: &pictl_model::step::SetupSummary) -> Exit {
        use pictl_model::step::{StepId, StepState};
        let Some(setup) = &self.world.setup else { return Exit::Ok };
        let nobody = setup.plan.nodes.iter().all(|n| setup.cell(&n.node, StepId::Connect).state == StepState::Failed);
        match summary {
            _ if nobody => Exit::Access,
            s if s.failed > 0 => Exit::Failed,
            s if s.aborted > 0 => Exit::Cancelled,
            _ => Exit::Ok,
        }
    }

    fn answer(&self, id: QuestionId, question: &Question) {
        match question {
            Question::Trust { rows } => {
                tell("host keys never seen before:");
                for row in rows {
                    let twice = if row.same_as.is_empty() {
                        String::new()
                    } else {
                        let others: Vec<_> = row.same_as.iter().map(|n| self.world.name_of(n)).collect();
                        format!("  (the same key as {}: cloned cards?)", others.join(", "))
                    };
                    tell(&format!("  {:<16} {:<20} {}{twice}", row.address, row.key.algorithm, row.fingerprint));
                }
                self.yes_or_no(id, "trust them all? They are kept and compared from now on [y/N] ".to_owned());
            }
            Question::Apply { changes, nodes } => {
                if !self.interactive {
                    tell("nobody can be asked here; --yes does it without asking");
                }
                self.yes_or_no(id, format!("do these {changes} steps on {nodes} nodes? [y/N] "));
            }
            Question::Password { user, nodes, retry } => {
                let asked = format!("password of {user} on {}: ", self.names(nodes));
                self.secret(
                    id,
                    self.secrets.login.as_ref(),
                    retry.as_deref(),
                    &asked,
                    "--password-stdin",
                    SecretWord::Cancel,
                );
            }
            Question::Passphrase { key, nodes, retry } => {
                let asked = format!("passphrase of {}, for {}: ", key.display(), self.names(nodes));
                self.secret(id, None, retry.as_deref(), &asked, "an agent", SecretWord::Cancel);
            }
            Question::SudoPassword { user, nodes, same_offered, retry } => {
                let asked = format!("sudo password of {user} on {}: ", self.names(nodes));
                // The login password is tried once where it is known: on most Pis it is the same. It may have been given
                // and not needed, because a key was accepted.
                let otherwise = match &self.secrets.login {
                    _ if retry.is_some() => SecretWord::Cancel,
                    _ if *same_offered => SecretWord::SameAsLogin,
                    Some(login) => SecretWord::This(login.clone()),
                    None => SecretWord::Cancel,
                };
                self.secret(
                    id,
                    self.secrets.sudo.as_ref(),
                    retry.as_deref(),
                    &asked,
                    "--sudo-password-stdin",
                    otherwise,
                );
            }
        }
    }

    fn secret(
        &self,
        id: QuestionId,
        given: Option<&Secret>,
        retry: Option<&str>,
        asked: &str,
        option: &str,
        otherwise: SecretWord,
    ) {
        if let Some(why) = retry {
            tell(why);
        }
        let answer = match (given, retry) {
            // A password from standard input that was refused once is refused always: a server punishes guessing.
            (Some(_), Some(_)) => SecretWord::Cancel,
            (Some(secret), None) => SecretWord::This(secret.clone()),
            (None, _) if self.interactive => {
                let (secrets, asked) = (self.engine.secrets.clone(), asked.to_owned());
                return aside(move || {
                    let answer = prompt(&asked).map_or(otherwise, SecretWord::This);
                    let _ = secrets.send(SecretAnswer { id, answer });
                });
            }
            (None, _) => {
                if matches!(otherwise, SecretWord::Cancel) {
                    tell(&format!("{asked}nobody can be asked here; give it with {option}"));
                }
                otherwise
            }
        };
        let _ = self.engine.secrets.send(SecretAnswer { id, answer });
    }

    /// Asks, where somebody is there to be asked; otherwise the answer is no.
    fn yes_or_no(&self, id: QuestionId, question: String) {
        let (requests, interactive) = (self.engine.requests.clone(), self.interactive);
        let ask = move || {
            let answer = if interactive && confirm(&question) { Answer::Yes } else { Answer::No };
            let _ = requests.send(Request::Answer { id, answer });
        };
        if interactive { aside(ask) } else { ask() }
    }

    fn names(&self, nodes: &[pictl_model::NodeId]) -> String {
        let names: Vec<_> = nodes.iter().map(|n| self.world.name_of(n)).collect();
        pictl_formats::nodeset::fold(&names)
    }
}

/// Asks a question that only `y` says yes to.
pub(crate) fn confirm(question: &str) -> bool {
    use std::io::Write as _;
    let mut err = std::io::stderr();
    let mut line = String::new();
    let asked = write!(err, "{question}").and_then(|()| err.flush());
    asked.and_then(|()| std::io::stdin().read_line(&mut line)).is_ok() && matches!(line.trim(), "y" | "Y" | "yes")
}

/// Runs a question at the terminal beside the loop, which goes on hearing signals. The thread is not waited for: one
/// that still waits for a line must not keep a stopped program alive.
fn aside(ask: impl FnOnce() + Send + 'static) {
    std::thread::spawn(ask);
}

/// What asks a program to stop. While this lives, none of it ends the program by itself.
pub(crate) struct Signals {
    #[cfg(unix)]
    all: [tokio::signal::unix::Signal; 3],
}

/// Who else heard of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It came from the terminal (Ctrl-C): all programs in its foreground got it.
    ByAll,
    /// The terminal was closed: all programs on it got it.
    HangUp,
    /// It was sent to this program.
    ByUs,
}

impl Signals {
    #[cfg(unix)]
    pub(crate) fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            all: [signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?, signal(SignalKind::terminate())?],
        })
    }

    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> Heard {
        let [interrupt, hangup, terminate] = &mut self.all;
        tokio::select! {
            _ = interrupt.recv() => Heard::ByAll,
            _ = hangup.recv() => Heard::HangUp,
            _ = terminate.recv() => Heard::ByUs,
        }
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "the same signature as where it can fail")]
    pub(crate) fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> Heard {
        let _ = tokio::signal::ctrl_c().await;
        Heard::ByAll
    }
}
