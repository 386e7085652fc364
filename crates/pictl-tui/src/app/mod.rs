//! The state of the dashboard, and what every message makes of it.

mod commands;
mod forms;
mod keys;
mod keywork;
mod ladder;
mod line;
mod logins;
mod messages;
mod nodes;
mod options;
mod order;
mod pairs;
mod question;
mod run;
mod scan;
mod trust;
mod ways;

use std::collections::{BTreeMap, BTreeSet};

use pictl_model::event::Level;
use pictl_model::request::{BenchRequest, Refusal, Request, ScanRequest};
use pictl_model::run::RunEvent;
use pictl_model::world::World;
use pictl_model::{Event, HostName, Millis, NodeId, Stamped, Timestamp};

use crate::field::TextField;
use crate::form::Form;
use crate::keymap::{Command, Mode};
use crate::windows;

pub(crate) use keywork::KeyTask;
pub(crate) use line::{CommandLine, VERBS};
pub(crate) use logins::groups as login_groups;
pub use messages::{Effect, Leaving, Msg};
pub(crate) use nodes::answers_ssh;
pub use options::{Benchmark, Options, Outlook};
pub(crate) use order::Order;
pub(crate) use pairs::{KeysUi, is_shut};
pub(crate) use question::QuestionUi;
pub(crate) use run::{Frozen, RunUi, View};
pub(crate) use trust::{Compared, TrustUi, trust_order};
pub(crate) use ways::{Spot, Tally, Way, Ways};

/// A window that nobody asked for takes no keys for this long, so that it swallows none meant for something else.
const GRACE: Millis = Millis(300);
/// How long a message of the dashboard itself stays.
const MESSAGE: Millis = Millis(8_000);
/// The answer to every wish that a record cannot grant.
const RECORD: &str = "this is a record of a run: there is nothing to start or to stop";
/// How often the turning symbol turns.
const TURN: Millis = Millis(100);

/// The screens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Screen {
    #[default]
    Nodes,
    Setup,
    Run,
    Keys,
}

impl Screen {
    pub(crate) const ALL: [(Self, &'static str); 4] =
        [(Self::Nodes, "Nodes"), (Self::Setup, "Setup"), (Self::Run, "Run"), (Self::Keys, "Keys")];
}

/// A window over the screen that the user opened.
#[derive(Clone, Debug)]
pub(crate) enum Window {
    /// Fields to fill in.
    Form(Form),
    /// Really leave?
    Quit,
    /// Really take this node out?
    Remove(NodeId),
    /// Really begin this work on keys?
    KeyWork(KeyTask),
    /// Really ask so many addresses?
    WideScan(Box<ScanRequest>, Outlook),
    /// The keys.
    Help,
    /// Messages of this session.
    Messages,
    /// What a command printed.
    Exec,
    /// All about one node.
    Details(NodeId),
}

/// Who gets the keys.
pub(crate) enum Layer {
    Line,
    Window,
    Search,
    Refused,
    Question,
    Screen,
}

/// The Setup screen's own state.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SetupUi {
    /// The selected step, by its place in the plan.
    pub(crate) row: usize,
    /// The selected node, by its place in the plan.
    pub(crate) column: usize,
    /// Lines of the detail scrolled away.
    pub(crate) scroll: usize,
}

/// The dashboard's whole state.
pub struct App {
    /// What the events so far add up to.
    pub world: World,
    pub(crate) options: Options,
    pub(crate) now: Timestamp,
    pub(crate) size: (u16, u16),
    pub(crate) screen: Screen,
    pub(crate) cursor: Option<NodeId>,
    pub(crate) marks: BTreeSet<NodeId>,
    /// By what the nodes are ordered.
    pub(crate) order: Order,
    /// Names given by hand to nodes that are not in the cluster yet.
    pub(crate) names: BTreeMap<NodeId, HostName>,
    pub(crate) setup: SetupUi,
    pub(crate) keys: KeysUi,
    pub(crate) run: RunUi,
    /// The moment that the Run screen shows instead of the present.
    pub(crate) frozen: Option<Box<Frozen>>,
    /// Words that nodes (first) and output lines (second) must have to be shown.
    pub(crate) filters: [TextField; 2],
    pub(crate) searching: bool,
    pub(crate) window: Option<Window>,
    /// Lines of the open window scrolled away.
    pub(crate) scroll: usize,
    pub(crate) line: Option<CommandLine>,
    pub(crate) history: Vec<String>,
    pub(crate) refused: Option<(String, Vec<Refusal>)>,
    pub(crate) question: Option<QuestionUi>,
    /// Since when the present unasked window has the keys.
    pub(crate) unasked_since: Option<Timestamp>,
    pub(crate) message: Option<(Timestamp, Level, String)>,
    /// How often the user asked to stop what runs.
    pub(crate) cancels: u8,
    pub(crate) stopping_since: Option<Timestamp>,
    pub(crate) leaving: bool,
    /// A run that was left running is being joined.
    pub(crate) joining: bool,
    last_bench: Option<BenchRequest>,
    last_scan: Option<ScanRequest>,
    watching: bool,
}

impl App {
    /// A dashboard that knows nothing yet, at the moment `now`, on a terminal of `size` columns and rows.
    pub fn new(options: Options, now: Timestamp, size: (u16, u16)) -> Self {
        let screen = if options.clock.is_record() { Screen::Run } else { Screen::default() };
        Self {
            world: World::default(),
            options,
            now,
            size,
            screen,
            cursor: None,
            marks: BTreeSet::new(),
            order: Order::default(),
            names: BTreeMap::new(),
            setup: SetupUi::default(),
            keys: KeysUi::default(),
            run: RunUi::default(),
            frozen: None,
            filters: Default::default(),
            searching: false,
            window: None,
            scroll: 0,
            line: None,
            history: Vec::new(),
            refused: None,
            question: None,
            unasked_since: None,
            message: None,
            cancels: 0,
            stopping_since: None,
            leaving: false,
            joining: false,
            last_bench: None,
            last_scan: None,
            watching: false,
        }
    }

    /// What has to be done before the first message.
    pub fn start(&mut self) -> Vec<Effect> {
        if self.options.auto_scan { self.command(Command::Scan) } else { Vec::new() }
    }

    /// Takes one message in at the moment `now`.
    pub fn update(&mut self, now: Timestamp, msg: Msg) -> Vec<Effect> {
        self.now = now;
        if self.message.as_ref().is_some_and(|(at, ..)| self.now - *at > MESSAGE) {
            self.message = None;
        }
        let mut effects = match msg {
            Msg::Key(key) => self.key(key),
            Msg::Paste(text) => {
                self.paste(&text);
                Vec::new()
            }
            Msg::Resize(width, height) => {
                self.size = (width, height);
                Vec::new()
            }
            Msg::Event(stamped) => self.event(&stamped),
            Msg::KeyRead(read) => self.key_read(read),
            Msg::Tick => Vec::new(),
            Msg::Continued => vec![Effect::Retake],
            Msg::Signal(signal) => vec![Effect::Leave(Leaving::Signal(signal))],
            Msg::Gone(leaving) => vec![Effect::Leave(leaving)],
        };
        self.settle(&mut effects);
        if self.options.clock.is_record() {
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
            self.say(Level::Info, RECORD);
        }
    }

    /// When the picture changes next by itself: a turning symbol, an age, the end of a grace.
    pub fn next_tick(&self) -> Millis {
        if self.is_busy() || self.is_scanning() || self.in_grace() { TURN } else { Millis(1_000) }
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

    /// The keymap's mode for [`Self::layer`].
    pub(crate) fn mode(&self) -> Mode {
        match self.layer() {
            Layer::Line | Layer::Search => Mode::Field,
            Layer::Window if matches!(self.window, Some(Window::Form(_))) => Mode::Field,
            Layer::Question if self.secret_asked() || self.is_comparing() => Mode::Field,
            Layer::Window | Layer::Refused | Layer::Question => Mode::Dialog,
            Layer::Screen => match self.screen {
                Screen::Nodes => Mode::Nodes,
                Screen::Setup => Mode::Everywhere,
                Screen::Run => Mode::Run,
                Screen::Keys => Mode::Keys,
            },
        }
    }

    /// A window that nobody asked for has just come up and takes no keys yet.
    pub(crate) fn in_grace(&self) -> bool {
        // A clock that was put back must not keep a window shut.
        self.unasked_since.is_some_and(|since| since <= self.now && self.now - since < GRACE)
    }

    /// The place of the present screen's filter.
    pub(crate) fn filter_index(&self) -> usize {
        usize::from(self.screen == Screen::Run)
    }

    /// The key of a command, for texts such as "press s".
    pub(crate) fn key_of(&self, command: Command) -> String {
        self.options.keymap.key(self.mode(), command)
    }

    /// Tells the user something in the status line.
    pub(crate) fn say(&mut self, level: Level, text: impl Into<String>) {
        self.message = Some((self.now, level, text.into()));
    }

    pub(crate) fn scroll_window(&mut self, command: Command) {
        let (lines, height) = windows::extent(self);
        self.scroll = scrolled(self.scroll, command, lines, height);
    }

    pub(crate) fn open(&mut self, window: Window) {
        self.scroll = 0;
        self.window = Some(window);
    }

    fn event(&mut self, stamped: &Stamped) -> Vec<Effect> {
        let before = self.world.run.as_ref().map(|run| run.plan.id.clone());
        self.world.apply(stamped);
        match &stamped.event {
            Event::Inventory { members, .. } if !members.is_empty() => self.watch(),
            Event::Run { event: RunEvent::Planned { .. }, run } => {
                // What was asked for is here.
                (self.message, self.joining) = (None, false);
                self.new_run(before.as_ref(), run);
                Vec::new()
            }
            Event::Unfinished { runs } => self.join(runs),
            Event::SetupStarted { .. } => {
                self.setup = SetupUi::default();
                Vec::new()
            }
            Event::SetupFinished { summary, .. } => {
                // What was marked has been set up; the next wish is about something else.
                self.marks.clear();
                // A node that was just left out must not ask for its password again at once.
                self.watching = summary.failed + summary.aborted > 0;
                self.watch()
            }
            Event::Refused { what, reasons, .. } => {
                // A page that waits for what was refused would hide the reason.
                if matches!(self.window, Some(Window::Exec)) && self.world.exec.as_ref().is_none_or(|e| e.finished) {
                    self.window = None;
                }
                self.refused = Some((what.clone(), reasons.clone()));
                self.joining = false;
                Vec::new()
            }
            Event::Folded { node, into, .. } => {
                self.folded(node, into);
                Vec::new()
            }
            Event::Blinking { node, on, problem } => {
                self.blinking(node, *on, problem.as_deref());
                Vec::new()
            }
            Event::Ended => vec![Effect::Leave(if self.leaving { Leaving::Stopped } else { Leaving::EngineEnded })],
            _ => Vec::new(),
        }
    }

    /// Asks for live readings of the members, once.
    fn watch(&mut self) -> Vec<Effect> {
        if self.watching || self.world.members().is_empty() {
            return Vec::new();
        }
        self.watching = true;
        vec![Effect::Send(Request::Watch { login: self.options.login.clone() })]
    }

    /// Follows from whatever happened: which question is asked, and whether the ladder is over.
    fn settle(&mut self, effects: &mut Vec<Effect>) {
        if !self.is_working() {
            (self.cancels, self.stopping_since) = (0, None);
            if self.leaving && !effects.iter().any(|e| matches!(e, Effect::Leave(_))) {
                effects.push(Effect::Leave(Leaving::Stopped));
            }
        }
        self.sync_question();
        self.unasked_since = match self.layer() {
            Layer::Refused | Layer::Question => self.unasked_since.or(Some(self.now)),
            _ => None,
        };
    }
}

/// A scroll position after a command, for `lines` of which `height` are seen.
pub(crate) fn scrolled(at: usize, command: Command, lines: usize, height: usize) -> usize {
    let page = height.max(2) - 1;
    let wanted = match command {
        Command::Up => at.saturating_sub(1),
        Command::Down => at + 1,
        Command::PageUp => at.saturating_sub(page),
        Command::PageDown => at + page,
        Command::Top => 0,
        Command::Bottom => lines,
        _ => at,
    };
    wanted.min(lines.saturating_sub(height))
}
