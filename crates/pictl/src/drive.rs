//! A session without a dashboard: it sends requests, answers questions, shows events, and turns the end into an exit code.

mod ask;
mod signals;
mod trust;

use pictl_engine::Engine;
use pictl_model::event::{Event, Stamped};
use pictl_model::request::{Ground, Request};
use pictl_model::run::{RunEvent, RunOutcome, RunPhase};
use pictl_model::step::{SetupSummary, StepId, StepState};
use pictl_model::world::World;
use tokio::sync::mpsc::UnboundedSender;

pub(crate) use ask::confirm;
pub(crate) use signals::{Caught, Signals};

use crate::exit::{Exit, Trouble};
use crate::front::bars::{self, Bars};
use crate::front::{Front, is_unread, say};
use crate::secrets::{Secrets, TerminalState};
use crate::wire::Setting;

/// A running engine and the world that its events describe.
pub(crate) struct Session {
    engine: Engine,
    /// What is known so far.
    pub world: World,
    /// How events are shown.
    pub front: Front,
    secrets: Secrets,
    interactive: bool,
    /// Keys are also shown as random art.
    art: bool,
    /// Events that arrive while a question stands at the terminal; shown after its answer.
    held: Vec<Stamped>,
    /// Nobody could be asked to confirm the plan.
    unanswered: bool,
    /// How often Ctrl-C was pressed.
    interrupts: u32,
    refused: Option<Exit>,
    /// Something could not be saved on this computer.
    not_saved: bool,
    signals: Signals,
    terminal: TerminalState,
    setting: Setting,
    bars: Bars,
}

impl Session {
    /// Starts an engine for `setting`. From here on, signals are caught.
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
            not_saved: false,
            signals,
            terminal: TerminalState::save(),
            setting: setting.clone(),
            bars: Bars::default(),
        })
    }

    /// Sends `request` and waits until `over` says that it has ended, or it is refused.
    pub(crate) async fn go(
        &mut self,
        request: Request,
        over: impl FnMut(&World, &Event) -> bool,
    ) -> Result<Exit, Trouble> {
        self.send(request);
        self.wait(over).await
    }

    /// Waits until `over` says that what was requested before has ended.
    pub(crate) async fn wait(&mut self, mut over: impl FnMut(&World, &Event) -> bool) -> Result<Exit, Trouble> {
        self.refused = None;
        let mut worst = Exit::Ok;
        loop {
            tokio::select! {
                biased;
                caught = self.signals.next() => {
                    // The terminal is closed. The run continues and can be joined.
                    if caught == Caught::HangUp && self.is_at_work() {
                        return Ok(Exit::Cancelled);
                    }
                    self.interrupts += 1;
                    let setup = self.world.setup.as_ref().is_some_and(|setup| setup.summary.is_none());
                    match self.interrupts {
                        1 if setup => say("stopping when the steps at work have ended; press Ctrl-C again to leave them"),
                        2 if setup => say("leaving the steps at work; apt and the like go on to their end on the nodes"),
                        1 => say("stopping; press Ctrl-C again to kill what is still running"),
                        2 => say("killing what is still running; press Ctrl-C again to leave it"),
                        _ => return Ok(Exit::Cancelled),
                    }
                    self.send(Request::Cancel);
                }
                stamped = self.engine.events.recv() => {
                    let Some(stamped) = stamped else {
                        return Err(Trouble { exit: Exit::Failed, error: anyhow::anyhow!("the engine ended unexpectedly; --log FILE writes a log that shows why") });
                    };
                    self.world.apply(&stamped);
                    self.show(&stamped);
                    worst = worst.max(self.take(&stamped));
                    if let Some(refused) = self.refused {
                        return Ok(if self.interrupts > 0 { Exit::Cancelled } else { refused });
                    }
                    // Nobody reads the result any more: what is under way ends as by Ctrl-C, and nothing more is said.
                    if is_unread() && self.interrupts == 0 {
                        self.interrupts = 1;
                        self.send(Request::Cancel);
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
            // Events that can be dropped under load are not kept.
            if !stamped.event.is_droppable() {
                self.held.push(stamped.clone());
            }
            return;
        }
        for held in std::mem::take(&mut self.held) {
            self.front.show(&self.world, &held);
        }
        self.front.show(&self.world, stamped);
        if self.front.is_live() {
            self.bars.draw(&self.world, stamped.at);
        }
    }

    /// Where requests go.
    pub(crate) fn requests(&self) -> UnboundedSender<Request> {
        self.engine.requests.clone()
    }

    /// A run is under way that continues without this program.
    fn is_at_work(&self) -> bool {
        self.world.run.as_ref().is_some_and(|run| run.phase == RunPhase::Running && run.stopping.is_none())
    }

    /// Closes all connections and waits until everything is saved: where that failed, now or before, a command that ends with
    /// `exit` does not end well.
    pub(crate) async fn end(mut self, exit: Exit) -> Exit {
        bars::erase();
        // An interrupted password prompt leaves the echo off.
        self.terminal.restore();
        self.send(Request::Shutdown);
        while let Some(stamped) = self.engine.events.recv().await {
            if let Event::NotSaved { .. } = &stamped.event {
                self.not_saved = true;
                self.world.apply(&stamped);
                self.front.show(&self.world, &stamped);
            }
        }
        self.engine.ending.wait().await;
        if let Err(e) = crate::commands::ssh::refresh(&self.setting).await {
            say(&format!("error: {e}"));
            self.not_saved = true;
        }
        if self.not_saved && exit != Exit::Cancelled { exit.max(Exit::Access) } else { exit }
    }

    /// Sends a request, and waits for nothing.
    pub(crate) fn send(&self, request: Request) {
        if self.engine.requests.send(request).is_err() {
            tracing::error!("the engine accepts no more requests");
        }
    }

    /// Answers questions; returns the exit code that an event stands for.
    fn take(&mut self, stamped: &Stamped) -> Exit {
        match &stamped.event {
            Event::Asked { id, question } => {
                bars::erase();
                self.answer(*id, question);
            }
            Event::Refused { ground, .. } => {
                self.refused = Some(match ground {
                    Ground::Input => Exit::Usage,
                    Ground::Access => Exit::Access,
                });
            }
            Event::NotSaved { .. } => self.not_saved = true,
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
                let unreached = exec.is_some_and(|e| e.nodes.values().all(|n| n.unreached));
                return if unreached { Exit::Access } else { Exit::Ok };
            }
            _ => {}
        }
        Exit::Ok
    }

    /// That no node could be reached has an exit code of its own.
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
