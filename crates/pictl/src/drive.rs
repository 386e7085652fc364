//! A headless session: requests go in, questions are answered, events are shown, and the end decides the exit code.

mod ask;
mod signals;
mod trust;

use pictl_engine::Engine;
use pictl_model::event::{Event, Stamped};
use pictl_model::request::{Ground, Request};
use pictl_model::run::{RunEvent, RunOutcome, RunPhase};
use pictl_model::step::{SetupSummary, StepId, StepState};
use pictl_model::world::World;

pub(crate) use ask::confirm;
pub(crate) use signals::{Heard, Signals};

use crate::exit::{Exit, Trouble};
use crate::front::{Front, tell};
use crate::secrets::{Secrets, TerminalState};
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
    /// Keys are shown as random art, too.
    art: bool,
    /// What happened while a question stands at the terminal: shown after its answer, and not into its line.
    held: Vec<Stamped>,
    /// The plan could not be agreed to, for nobody was there.
    unanswered: bool,
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
            art: setting.global.verbose > 0,
            held: Vec::new(),
            unanswered: false,
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
        over: impl FnMut(&World, &Event) -> bool,
    ) -> Result<Exit, Trouble> {
        self.send(request);
        self.wait(over).await
    }

    /// Goes on until `over` says so, with what was asked for before.
    pub(crate) async fn wait(&mut self, mut over: impl FnMut(&World, &Event) -> bool) -> Result<Exit, Trouble> {
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
                    self.show(&stamped);
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

    fn show(&mut self, stamped: &Stamped) {
        if self.interactive && self.front != Front::Json && !self.world.questions.is_empty() {
            // What may be dropped under load need not wait here.
            if !stamped.event.is_droppable() {
                self.held.push(stamped.clone());
            }
            return;
        }
        for held in std::mem::take(&mut self.held) {
            self.front.show(&self.world, &held);
        }
        self.front.show(&self.world, stamped);
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
    fn setup_exit(&self, summary: &SetupSummary) -> Exit {
        let Some(setup) = &self.world.setup else { return Exit::Ok };
        let nobody = setup.plan.nodes.iter().all(|n| setup.cell(&n.node, StepId::Connect).state == StepState::Failed);
        match summary {
            _ if nobody || self.unanswered => Exit::Access,
            s if s.failed > 0 => Exit::Failed,
            s if s.aborted > 0 => Exit::Cancelled,
            _ => Exit::Ok,
        }
    }
}
