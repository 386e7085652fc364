//! What each command does, and when it can be given.

use pictl_model::Millis;
use pictl_model::event::Level;
use pictl_model::request::{MemberChange, Request};
use pictl_model::world::World;

use super::{App, Effect, KeyTask, Leaving, RECORD, Screen, View, Window, scrolled};
use crate::clock::Scrub;
use crate::field::TextField;
use crate::keymap::Command;
use crate::screens;

/// How far the keys of a record go.
const STEP_ON: Millis = Millis(1_000);
const STEP_BACK: Millis = Millis(10_000);

impl App {
    /// Why a command can not be given now, with what to do instead.
    pub(crate) fn obstacle(&self, command: Command) -> Result<(), String> {
        let key = |c: Command| self.key_of(c);
        let busy = || {
            let what = screens::busy_words(self);
            Err(format!("wait: {what}; {} stops it", key(Command::Cancel)))
        };
        let members = self.world.nodes.values().any(|n| n.member.is_some());
        let key_work = KeyTask::of(command).is_some() || command == Command::RemoveKey;
        let no_members = || {
            Err(format!(
                "there is no cluster yet: find nodes ({}), then set up ({})",
                key(Command::Scan),
                key(Command::SetUp)
            ))
        };
        match command {
            Command::Scan
            | Command::WatchNet
            | Command::Identify
            | Command::SetUp
            | Command::Bench
            | Command::Again
            | Command::Exec
            | Command::Mark
            | Command::MarkPis
            | Command::Rename
            | Command::MakeHead
            | Command::Remove
            | Command::SetLogin
                if self.options.clock.is_record() =>
            {
                Err(RECORD.to_owned())
            }
            _ if key_work && self.options.clock.is_record() => Err(RECORD.to_owned()),
            Command::SetUp | Command::Bench | Command::Exec | Command::Again if self.is_busy() => busy(),
            _ if key_work && self.is_busy() => busy(),
            // A watch can be cut short by looking at once.
            Command::Scan if self.is_scanning() && self.world.watching.is_none() => {
                Err(format!("a scan is going on: {} stops it", key(Command::Cancel)))
            }
            Command::SetUp if self.setup_nodes().is_empty() => {
                Err(format!("nothing to set up yet: {} looks for nodes", key(Command::Scan)))
            }
            Command::Bench | Command::Exec if !members => no_members(),
            _ if key_work && !members => no_members(),
            Command::ExecOutput if self.world.exec.is_none() => {
                Err(format!("no command was run yet: {} runs one", key(Command::Exec)))
            }
            Command::Again if self.last_bench.is_none() => {
                Err(format!("nothing was run yet in this session: {} runs a benchmark", key(Command::Bench)))
            }
            Command::NextFailing if !self.anything_fails() => Err("no pair fails".to_owned()),
            Command::ShowSteps if self.world.setup.is_none() => {
                Err(format!("no work on keys was begun yet: {} checks all pairs", key(Command::CheckPairs)))
            }
            Command::SetLogin if self.login_nodes().is_empty() => {
                Err("only nodes in the cluster have a login of their own: set them up first".to_owned())
            }
            Command::Search if matches!(self.screen, Screen::Setup | Screen::Keys) => {
                Err("there is nothing to filter on this screen".to_owned())
            }
            Command::Cancel if !self.is_working() => Err("nothing runs".to_owned()),
            Command::Pause | Command::StepOn | Command::StepBack | Command::Faster | Command::Slower
                if !self.options.clock.is_record() =>
            {
                Err("this is no record: time cannot be moved".to_owned())
            }
            Command::Output
            | Command::Timeline
            | Command::Cards
            | Command::Table
            | Command::Freeze
            | Command::ZoomIn
            | Command::ZoomOut => self.run_obstacle(command),
            Command::Mark | Command::Open | Command::Rename | Command::Identify | Command::Order
                if self.node_at_cursor().is_none() =>
            {
                Err(format!("there is no node yet: {} looks for some", key(Command::Scan)))
            }
            Command::MarkPis if !self.shows_pi() => Err(format!(
                "no Raspberry Pi was found yet: {} looks for some; {} marks any node",
                key(Command::Scan),
                key(Command::Mark)
            )),
            Command::MakeHead | Command::Remove if self.node_at_cursor().is_none_or(|n| n.member.is_none()) => {
                Err("this node is not in the cluster".to_owned())
            }
            Command::MakeHead if self.node_at_cursor().is_some_and(|n| n.member.as_ref().is_some_and(|m| m.head)) => {
                Err("this node is the head already".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Does what a command says, or says why not.
    pub(crate) fn command(&mut self, command: Command) -> Vec<Effect> {
        if let Err(why) = self.obstacle(command) {
            self.say(Level::Warn, why);
            return Vec::new();
        }
        match command {
            Command::Scan => return self.scan_again(),
            Command::WatchNet => return self.watch_net(),
            Command::Identify => return self.identify(),
            Command::Order => self.order_next(),
            Command::SetUp => self.open_setup(),
            Command::Bench => self.open_bench(),
            Command::Again => return self.bench_again(),
            Command::Exec => self.open_exec(),
            Command::ExecOutput => self.open(Window::Exec),
            Command::Messages => {
                self.open(Window::Messages);
                self.scroll_window(Command::Bottom);
            }
            Command::Help => self.open(Window::Help),
            Command::Search => self.searching = true,
            Command::CommandLine => self.open_line(""),
            Command::GoNodes => self.go(Screen::Nodes),
            Command::GoSetup | Command::ShowSteps => self.go(Screen::Setup),
            Command::GoRun => self.go(Screen::Run),
            Command::GoKeys => self.go(Screen::Keys),
            Command::NextScreen => self.step_screen(1),
            Command::PreviousScreen => self.step_screen(Screen::ALL.len() - 1),
            Command::Back => return self.back(),
            Command::Quit if self.is_busy() => self.open(Window::Quit),
            Command::Quit => return vec![Effect::Leave(Leaving::Quit)],
            Command::Mark => self.mark_at_cursor(),
            Command::MarkPis => self.mark_pis(),
            Command::Open if !self.marks.is_empty() => return self.command(Command::SetUp),
            Command::Open => {
                if let Some(node) = self.node_at_cursor().map(|n| n.id.clone()) {
                    self.open(Window::Details(node));
                }
            }
            Command::Rename => self.open_rename(),
            Command::MakeHead => {
                let node = self.node_at_cursor().map(|n| n.id.clone());
                let change = MemberChange { head: true, ..MemberChange::default() };
                return node.map(|node| Effect::Send(Request::SetMember { node, change })).into_iter().collect();
            }
            Command::Remove => {
                if let Some(node) = self.node_at_cursor().map(|n| n.id.clone()) {
                    self.open(Window::Remove(node));
                }
            }
            Command::SetLogin => self.open_logins(),
            Command::NextFailing => self.next_failing(),
            Command::RemoveKey => self.open_remove_key(),
            command if KeyTask::of(command).is_some() => {
                return KeyTask::of(command).map_or_else(Vec::new, |task| self.key_task(task));
            }
            Command::Pause => return vec![Effect::Scrub(Scrub::Pause)],
            Command::Faster => return vec![Effect::Scrub(Scrub::Faster)],
            Command::Slower => return vec![Effect::Scrub(Scrub::Slower)],
            Command::StepOn => return vec![Effect::Scrub(Scrub::On(STEP_ON))],
            Command::StepBack => {
                // The record is told again from its beginning.
                self.world = World::default();
                return vec![Effect::Scrub(Scrub::Back(STEP_BACK))];
            }
            Command::Output => self.show(View::Output),
            Command::Timeline => self.show(View::Timeline),
            Command::Cards => self.show(View::Cards),
            Command::Table => self.show(View::Table),
            Command::Freeze => self.freeze(),
            Command::ZoomIn => self.zoom(!self.run.zoom),
            Command::ZoomOut => self.zoom(false),
            Command::Up
            | Command::Down
            | Command::Left
            | Command::Right
            | Command::Top
            | Command::Bottom
            | Command::PageUp
            | Command::PageDown => self.move_on_screen(command),
            // The rest belongs to dialogs, fields or the ladder and never comes here.
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn go(&mut self, screen: Screen) {
        self.screen = screen;
        self.searching = false;
    }

    fn step_screen(&mut self, by: usize) {
        let at = Screen::ALL.iter().position(|(screen, _)| *screen == self.screen).unwrap_or(0);
        self.go(Screen::ALL[(at + by) % Screen::ALL.len()].0);
    }

    /// Closes the innermost thing that is open; never does harm.
    fn back(&mut self) -> Vec<Effect> {
        let index = self.filter_index();
        self.message = None;
        if !self.filters[index].text().is_empty() {
            self.filters[index] = TextField::default();
        } else if self.screen == Screen::Run {
            self.back_on_run();
        } else if self.screen == Screen::Nodes {
            // A scan is begun again sooner than marks are set again.
            if self.is_scanning() || self.world.watching.is_some() {
                return vec![Effect::Send(Request::StopScan)];
            }
            self.marks.clear();
        }
        Vec::new()
    }

    fn move_on_screen(&mut self, command: Command) {
        match self.screen {
            Screen::Nodes => self.move_cursor(command),
            Screen::Setup => self.move_in_grid(command),
            Screen::Run => self.move_on_run(command),
            Screen::Keys => self.move_on_keys(command),
        }
    }

    fn move_in_grid(&mut self, command: Command) {
        let Some(plan) = self.world.setup.as_ref().map(|s| (s.plan.steps.len(), s.plan.nodes.len())) else { return };
        let (rows, columns) = (plan.0.saturating_sub(1), plan.1.saturating_sub(1));
        if matches!(command, Command::PageUp | Command::PageDown) {
            let (lines, height) = screens::setup::detail_extent(self);
            self.setup.scroll = scrolled(self.setup.scroll, command, lines, height);
            return;
        }
        let ui = &mut self.setup;
        match command {
            Command::Up => ui.row = ui.row.saturating_sub(1),
            Command::Down => ui.row += 1,
            Command::Left => ui.column = ui.column.saturating_sub(1),
            Command::Right => ui.column += 1,
            Command::Top => ui.row = 0,
            _ => ui.row = rows,
        }
        (ui.row, ui.column, ui.scroll) = (ui.row.min(rows), ui.column.min(columns), 0);
    }
}
