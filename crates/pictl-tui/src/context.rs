//! What every screen and window may read: the world, the options, the time and what the screens share.

mod kinds;
mod ladder;
mod order;
mod selection;
mod work;

use pictl_model::event::Level;
use pictl_model::request::{BenchRequest, Login, Refusal, ScanRequest};
use pictl_model::run::RunPlan;
use pictl_model::world::{NodeView, World};
use pictl_model::{Millis, NodeId, Timestamp};
use ratatui::layout::Rect;

pub(crate) use kinds::answers_ssh;
pub(crate) use ladder::Ladder;
pub(crate) use order::Order;
pub(crate) use selection::Selection;

use crate::grammar::LineContext;
use crate::keymap::{Command, Mode};
use crate::layout;
use crate::options::Options;
use crate::windows::Window;
use crate::words::{count, listing};

/// A window that nobody asked for takes no keys for this long, so that it swallows none meant for something else.
const GRACE: Millis = Millis(300);
/// How long a message of the dashboard itself stays.
const MESSAGE: Millis = Millis(8_000);
/// The answer to every wish that a record cannot grant.
const RECORD: &str = "this is a record of a run: there is nothing to start or to stop";

/// Why a command cannot be given now, with what to do instead.
pub(crate) type Obstacle = Result<(), String>;

/// What a screen or a window wants of the dashboard around it; done once the message that caused it is dealt with.
pub(crate) enum Wish {
    /// Open this window.
    Open(Box<dyn Window>),
    /// Show why something is not done.
    Refuse { what: String, reasons: Vec<Refusal> },
    /// Go to the screen that this command goes to.
    Go(Command),
}

/// What screens and windows read, and what they share.
pub struct Context {
    /// What the events so far add up to.
    pub world: World,
    pub(crate) options: Options,
    pub(crate) now: Timestamp,
    /// Columns and rows of the terminal.
    pub(crate) size: (u16, u16),
    /// The mode of whatever has the keys.
    pub(crate) mode: Mode,
    pub(crate) selection: Selection,
    pub(crate) ladder: Ladder,
    /// What was asked for last of its kind.
    pub(crate) last_bench: Option<BenchRequest>,
    pub(crate) last_scan: Option<ScanRequest>,
    /// A run that was left running is being joined.
    pub(crate) joining: bool,
    /// Since when the present unasked window has the keys.
    pub(crate) unasked_since: Option<Timestamp>,
    /// What the dashboard itself last reported.
    pub(crate) message: Option<(Timestamp, Level, String)>,
    pub(crate) wishes: Vec<Wish>,
}

impl Context {
    pub(crate) fn new(options: Options, now: Timestamp, size: (u16, u16)) -> Self {
        Self {
            world: World::default(),
            options,
            now,
            size,
            mode: Mode::Everywhere,
            selection: Selection::default(),
            ladder: Ladder::default(),
            last_bench: None,
            last_scan: None,
            joining: false,
            unasked_since: None,
            message: None,
            wishes: Vec::new(),
        }
    }

    /// Sets the time; an old message goes.
    pub(crate) fn set_time(&mut self, now: Timestamp) {
        self.now = now;
        if self.message.as_ref().is_some_and(|(at, ..)| now - *at > MESSAGE) {
            self.message = None;
        }
    }

    /// Shows the user a text in the status line.
    pub(crate) fn say(&mut self, level: Level, text: impl Into<String>) {
        self.message = Some((self.now, level, text.into()));
    }

    /// Opens a window.
    pub(crate) fn open(&mut self, window: impl Window + 'static) {
        self.wishes.push(Wish::Open(Box::new(window)));
    }

    /// Goes to the screen that `command` goes to.
    pub(crate) fn go(&mut self, command: Command) {
        self.wishes.push(Wish::Go(command));
    }

    /// Shows that `what` is not done, for these reasons.
    pub(crate) fn refuse(&mut self, what: impl Into<String>, reasons: Vec<Refusal>) {
        self.wishes.push(Wish::Refuse { what: what.into(), reasons });
    }

    /// What is shown is a record.
    pub(crate) fn is_record(&self) -> bool {
        self.options.clock.is_record()
    }

    /// `Ok` where something can be started or stopped.
    pub(crate) fn is_live(&self) -> Obstacle {
        if self.is_record() { Err(RECORD.to_owned()) } else { Ok(()) }
    }

    /// `Ok` when nothing is at work that must end first.
    pub(crate) fn is_free(&self) -> Obstacle {
        if !self.is_busy() {
            return Ok(());
        }
        let what = self.busy_words();
        Err(format!("wait: {what}; {} stops it", self.key_of(Command::Cancel)))
    }

    /// `Ok` when there is a cluster.
    pub(crate) fn has_members(&self) -> Obstacle {
        if self.world.nodes.values().any(|n| n.member.is_some()) {
            return Ok(());
        }
        let (scan, set_up) = (self.key_of(Command::Scan), self.key_of(Command::SetUp));
        Err(format!("there is no cluster yet: find nodes ({scan}), then set up ({set_up})"))
    }

    /// `Ok` when the last benchmark can be run again.
    pub(crate) fn can_run_again(&self) -> Obstacle {
        self.is_live()?;
        self.is_free()?;
        if self.last_bench.is_none() {
            let key = self.key_of(Command::Bench);
            return Err(format!("nothing has been run in this session: {key} runs a benchmark"));
        }
        Ok(())
    }

    /// Shows that a record starts and stops nothing.
    pub(crate) fn say_record(&mut self) {
        self.say(Level::Info, RECORD);
    }

    /// The key of a command, for texts such as "press s".
    pub(crate) fn key_of(&self, command: Command) -> String {
        self.options.keymap.key(self.mode, command)
    }

    /// A window that nobody asked for has just come up and takes no keys yet.
    pub(crate) fn in_grace(&self) -> bool {
        // A clock that was put back must not keep a window shut.
        self.unasked_since.is_some_and(|since| since <= self.now && self.now - since < GRACE)
    }

    /// Where the screen is drawn, by the terminal's size as last reported.
    pub(crate) fn body(&self) -> Rect {
        layout::parts(Rect::new(0, 0, self.size.0, self.size.1), self.options.banner.is_some()).body
    }

    /// How to log in.
    pub(crate) fn login(&self) -> Login {
        self.options.login.clone()
    }

    /// What a line or a field with nodes may refer to.
    pub(crate) fn line_context(&self) -> LineContext<'_> {
        LineContext {
            world: &self.world,
            names: self.world.nodes.values().map(|n| (n.id.clone(), self.name_of(n))).collect(),
            login: &self.options.login,
            prefix: &self.options.prefix,
        }
    }

    /// A scan, or a pass of a watch, goes on.
    pub(crate) fn is_scanning(&self) -> bool {
        self.world.scan.as_ref().is_some_and(|scan| scan.active)
    }

    /// Slots of these members, or of all for none, where every one reported its cores.
    pub(crate) fn slots(&self, nodes: &[NodeId]) -> Option<u32> {
        let members = self.world.members();
        let chosen = members.iter().filter(|n| nodes.is_empty() || nodes.contains(&n.id));
        chosen.map(|n| n.facts.as_ref().map(|f| u32::from(f.cores))).sum()
    }

    /// `4 nodes`, or `2 of 4 nodes: pi02 and pi04`; none means all members.
    pub(crate) fn of_members(&self, nodes: &[NodeId]) -> String {
        let all = count(self.world.members().len(), "node");
        if nodes.is_empty() {
            return all;
        }
        let names: Vec<String> = nodes.iter().map(|id| self.called(id)).collect();
        format!("{} of {all}: {}", nodes.len(), listing(&names, 4))
    }

    /// What a node is called on screen: its name, or the one that it will get because the user said so. Names of
    /// multicast DNS all end alike; that end is left out.
    pub(crate) fn name_of(&self, node: &NodeView) -> String {
        self.selection.name_of(node)
    }

    /// What the node of this id is called on screen; during a setup by the name that it gets there.
    pub(crate) fn called(&self, id: &NodeId) -> String {
        let view = self.world.nodes.get(id);
        if view.is_none_or(|n| n.member.is_none())
            && let Some(planned) = self.world.setup.as_ref().and_then(|s| s.plan.nodes.iter().find(|n| n.node == *id))
        {
            return planned.name.to_string();
        }
        view.map_or_else(|| id.to_string(), |n| self.name_of(n))
    }

    /// What the head of a run is called.
    pub(crate) fn head_of(&self, plan: &RunPlan) -> String {
        let host = plan.hosts.iter().find(|host| host.node == plan.head);
        match host {
            _ if plan.head.is_operator() => "this computer".to_owned(),
            Some(host) => host.name.clone(),
            None => self.called(&plan.head),
        }
    }
}
