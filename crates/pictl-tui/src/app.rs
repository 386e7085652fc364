//! The dashboard: the world, the options, the screens and the stack of what lies over them, and what every message
//! makes of them.

mod commands;
mod keys;
mod line;
mod replay;

use pictl_model::event::Level;
use pictl_model::request::{Refusal, Request};
use pictl_model::run::{RunEvent, RunPlan};
use pictl_model::world::World;
use pictl_model::{Event, Millis, RunId, Stamped, Timestamp};

use crate::archive::Answer;
use crate::clock::Scrub;
pub use crate::context::Context;
use crate::jobs::blink;
use crate::keymap::{Command, Mode};
use crate::messages::{Effect, Leaving, Msg};
use crate::options::Options;
use crate::screens::{SCREENS, Screen};
use crate::windows::{QuestionWindow, Refused, Window};

pub(crate) use line::CommandLine;
use replay::Replay;

/// How often the turning symbol turns.
const TURN: Millis = Millis(100);

/// Who gets the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    Line,
    Window,
    Search,
    Refused,
    Question,
    Screen,
}

/// The dashboard's whole state.
pub struct App {
    /// What the screens and windows read.
    pub cx: Context,
    pub(crate) screens: Vec<Box<dyn Screen>>,
    /// The screen that is shown.
    pub(crate) at: usize,
    /// The filter of the screen is being typed.
    pub(crate) searching: bool,
    /// What the user opened.
    pub(crate) window: Option<Box<dyn Window>>,
    pub(crate) refused: Option<Refused>,
    pub(crate) question: Option<QuestionWindow>,
    /// Lines of the window on top scrolled away.
    pub(crate) scroll: usize,
    pub(crate) line: Option<CommandLine>,
    pub(crate) history: Vec<String>,
    watching: bool,
    /// A record that is shown over all of this.
    pub(crate) replay: Option<Box<Replay>>,
}

impl App {
    /// A dashboard that knows nothing yet, at the moment `now`, on a terminal of `size` columns and rows.
    pub fn new(options: Options, now: Timestamp, size: (u16, u16)) -> Self {
        let mut app = Self {
            cx: Context::new(options, now, size),
            screens: SCREENS.iter().map(|row| (row.new)()).collect(),
            at: 0,
            searching: false,
            window: None,
            refused: None,
            question: None,
            scroll: 0,
            line: None,
            history: Vec::new(),
            watching: false,
            replay: None,
        };
        if app.cx.is_record() {
            // A record has nothing to ask for.
            drop(app.go(Command::GoRun));
        }
        app.cx.mode = app.mode();
        app
    }

    /// What has to be done before the first message.
    pub fn start(&mut self) -> Vec<Effect> {
        if !self.cx.options.auto_scan {
            return Vec::new();
        }
        let mut effects = self.command(Command::Scan);
        self.settle(&mut effects);
        effects
    }

    /// Takes one message in at the moment `now`.
    pub fn update(&mut self, now: Timestamp, msg: Msg) -> Vec<Effect> {
        let covered = self.replay.is_some();
        let mut effects = self.update_replay(&msg);
        let own = match msg {
            Msg::Key(_) | Msg::Paste(_) if covered => Msg::Tick,
            msg => msg,
        };
        let asked = self.question.is_some() || self.refused.is_some();
        effects.extend(self.update_own(now, own));
        if let Some(replay) = &mut self.replay
            && !asked
            && (self.question.is_some() || self.refused.is_some())
        {
            let back = replay.app.cx.key_of(Command::Quit);
            replay.app.cx.say(Level::Warn, format!("the live dashboard waits for you: {back} goes back to it"));
        }
        effects
    }

    /// The record that is shown gets the keys and the time; all else is about what goes on below it too.
    fn update_replay(&mut self, msg: &Msg) -> Vec<Effect> {
        let Some(replay) = &mut self.replay else { return Vec::new() };
        let msg = match msg {
            Msg::Key(key) => Msg::Key(*key),
            Msg::Paste(text) => Msg::Paste(text.clone()),
            Msg::Resize(width, height) => Msg::Resize(*width, *height),
            _ => Msg::Tick,
        };
        let effects = replay.update(msg);
        if effects.is_none() {
            self.replay = None;
            // A question that came up below it is seen only now.
            self.cx.unasked_since = None;
        }
        effects.unwrap_or_default()
    }

    fn update_own(&mut self, now: Timestamp, msg: Msg) -> Vec<Effect> {
        self.cx.set_time(now);
        let mut effects = match msg {
            Msg::Key(key) => self.key(key),
            Msg::Paste(text) => {
                self.paste(&text);
                Vec::new()
            }
            Msg::Resize(width, height) => {
                self.cx.size = (width, height);
                Vec::new()
            }
            Msg::Event(stamped) => self.event(&stamped),
            Msg::Archive(Answer::Opened(run, record)) => self.open_replay(&run, record),
            answer @ (Msg::KeyRead(_) | Msg::Archive(_)) => self.answer(&answer),
            Msg::Tick => Vec::new(),
            Msg::Continued => vec![Effect::Retake],
            Msg::Signal(signal) => vec![Effect::Leave(Leaving::Signal(signal))],
            Msg::Gone(leaving) => vec![Effect::Leave(leaving)],
        };
        self.settle(&mut effects);
        if self.cx.is_record() {
            self.only_look(&mut effects);
        }
        effects
    }

    /// Keeps back every request: what a record shows is over.
    fn only_look(&mut self, effects: &mut Vec<Effect>) {
        let before = effects.len();
        let wanted =
            |effect: &Effect| matches!(effect, Effect::Send(request) if !matches!(request, Request::Watch { .. }));
        let asked = effects.iter().any(wanted);
        effects.retain(|effect| !matches!(effect, Effect::Send(_) | Effect::Secret(_)));
        if asked && effects.len() < before {
            self.cx.say_record();
        }
    }

    /// When the picture changes next by itself: a turning symbol, an age, the end of a grace.
    pub fn next_tick(&self) -> Millis {
        let cx = &self.cx;
        let own = if cx.is_busy() || cx.is_scanning() || cx.in_grace() { TURN } else { Millis(1_000) };
        self.replay.as_ref().map_or(own, |replay| replay.next_tick().min(own))
    }

    /// Who gets the keys now.
    pub(crate) fn layer(&self) -> Layer {
        if self.line.is_some() {
            Layer::Line
        } else if self.window.is_some() {
            Layer::Window
        } else if self.searching {
            Layer::Search
        } else if self.refused.is_some() {
            Layer::Refused
        } else if self.question.is_some() {
            Layer::Question
        } else {
            Layer::Screen
        }
    }

    /// The screen that is shown.
    pub(crate) fn screen(&self) -> &dyn Screen {
        &*self.screens[self.at]
    }

    /// The window that is seen.
    pub(crate) fn seen_window(&self) -> Option<&dyn Window> {
        match self.layer() {
            Layer::Window | Layer::Line | Layer::Search => self.window.as_deref(),
            Layer::Refused => self.refused.as_ref().map(|window| window as &dyn Window),
            Layer::Question => self.question.as_ref().map(|window| window as &dyn Window),
            Layer::Screen => None,
        }
    }

    /// The keymap's mode for [`Self::layer`].
    fn mode(&self) -> Mode {
        match (self.layer(), self.seen_window()) {
            (Layer::Line | Layer::Search, _) => Mode::Field,
            (_, Some(window)) => window.mode(&self.cx),
            (_, None) => self.screen().mode(),
        }
    }

    /// Takes the answer to an effect.
    fn answer(&mut self, msg: &Msg) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some(window) = &mut self.window {
            let after = window.answer(&mut self.cx, msg);
            effects.extend(self.after_window(after));
        }
        for screen in &mut self.screens {
            effects.extend(screen.answer(&mut self.cx, msg));
        }
        effects
    }

    /// Shows a record over the dashboard, which goes on below it.
    fn open_replay(&mut self, run: &RunId, record: Result<Vec<Stamped>, String>) -> Vec<Effect> {
        // It takes no keys that are meant for something else.
        if self.layer() != Layer::Screen {
            self.cx.say(Level::Info, format!("the record of {run} was not opened: something else is open"));
            return Vec::new();
        }
        let replay = record.and_then(|record| {
            Replay::new(&self.cx, run, record).ok_or_else(|| format!("nothing is in the record of {run}"))
        });
        match replay {
            Ok(replay) => self.replay = Some(Box::new(replay)),
            Err(reason) => {
                let reasons = vec![Refusal { node: None, reason, hint: String::new() }];
                self.refuse(Refused::new(format!("replaying {run}"), reasons));
            }
        }
        Vec::new()
    }

    fn event(&mut self, stamped: &Stamped) -> Vec<Effect> {
        let mut effects = Vec::new();
        for screen in &mut self.screens {
            effects.extend(screen.event(&self.cx, &stamped.event));
        }
        if let Some(window) = &mut self.window {
            let after = window.event(&self.cx, &stamped.event);
            self.after_window(after);
        }
        self.cx.world.apply(stamped);
        match &stamped.event {
            Event::Inventory { members, .. } if !members.is_empty() => effects.extend(self.watch()),
            Event::Run { event: RunEvent::Planned { .. }, .. } => {
                // What was asked for is here.
                (self.cx.message, self.cx.joining) = (None, false);
            }
            Event::Unfinished { runs } => effects.extend(self.join(runs)),
            Event::SetupFinished { summary, .. } => {
                // What was marked has been set up; the next wish is about something else.
                self.cx.selection.marks.clear();
                // A node that was just left out must not ask for its password again at once.
                self.watching = summary.failed + summary.aborted > 0;
                effects.extend(self.watch());
            }
            Event::Refused { what, reasons, .. } => {
                self.refuse(Refused::new(what.clone(), reasons.clone()));
                self.cx.joining = false;
            }
            Event::Folded { node, into, .. } => self.cx.selection.folded(node, into),
            Event::Blinking { node, on, problem } => {
                let refusal = blink::blinking(&mut self.cx, node, *on, problem.as_deref());
                match (refusal, &mut self.refused) {
                    (None, _) => {}
                    (Some(refusal), Some(open)) if open.what == blink::BLINKING => open.reasons.push(refusal),
                    (Some(refusal), _) => self.refuse(Refused::new(blink::BLINKING, vec![refusal])),
                }
            }
            Event::Ended => {
                let leaving = if self.cx.ladder.leaving { Leaving::Stopped } else { Leaving::EngineEnded };
                effects.push(Effect::Leave(leaving));
            }
            _ => {}
        }
        effects
    }

    /// Asks for live readings of the members, once.
    fn watch(&mut self) -> Vec<Effect> {
        if self.watching || self.cx.world.members().is_empty() {
            return Vec::new();
        }
        self.watching = true;
        vec![Effect::Send(Request::Watch { login: self.cx.login() })]
    }

    /// Runs of this cluster go on: the newest is shown, unless something else is at work already.
    fn join(&mut self, runs: &[RunPlan]) -> Vec<Effect> {
        let cx = &mut self.cx;
        let Some(newest) = runs.first().filter(|_| !cx.is_busy()) else { return Vec::new() };
        let others = match runs.len() - 1 {
            0 => String::new(),
            n => format!("; {n} more: {} lists them", cx.key_of(Command::Messages)),
        };
        cx.say(Level::Info, format!("{} was left running: joining it{others}", newest.workload.name));
        cx.go(Command::GoRun);
        cx.joining = true;
        vec![Effect::Send(Request::Attach { run: newest.id.clone(), login: cx.login() })]
    }

    fn refuse(&mut self, refused: Refused) {
        self.refused = Some(refused);
    }

    /// Follows from whatever happened: what screens and windows wish, which question is asked, and whether the ladder
    /// is over.
    fn settle(&mut self, effects: &mut Vec<Effect>) {
        self.grant_wishes(effects);
        for effect in effects.iter() {
            match effect {
                Effect::Send(request) => self.screens.iter_mut().for_each(|screen| screen.sent(request)),
                // The record is shown again from its beginning.
                Effect::Scrub(Scrub::Back(_)) => self.cx.world = World::default(),
                _ => {}
            }
        }
        if let Some(leaving) = self.cx.settle()
            && !effects.iter().any(|e| matches!(e, Effect::Leave(_)))
        {
            effects.push(Effect::Leave(leaving));
        }
        self.sync_question();
        self.cx.unasked_since = match self.layer() {
            Layer::Refused | Layer::Question => self.cx.unasked_since.or(Some(self.cx.now)),
            _ => None,
        };
        self.cx.mode = self.mode();
    }

    /// Puts the oldest open question on screen.
    fn sync_question(&mut self) {
        let oldest = self.cx.world.questions.first();
        if self.question.as_ref().map(|q| q.id) != oldest.map(|(id, _)| *id) {
            self.question = oldest.map(|(id, question)| QuestionWindow::new(*id, question));
            // Another question has come up: its grace begins now.
            if self.layer() == Layer::Question {
                self.cx.unasked_since = None;
                self.scroll = 0;
            }
        }
    }
}
