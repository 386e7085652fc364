//! What the keys of the Run screen change: which part is shown, where one looks, and whether time stands still.

use pictl_model::event::Level;
use pictl_model::request::Request;
use pictl_model::run::RunPlan;
use pictl_model::world::World;
use pictl_model::{RunId, Timestamp};

use super::{App, Effect, Screen, scrolled};
use crate::keymap::Command;
use crate::screens::run::output::{self, Filter};
use crate::screens::run::{Extent, extent, has_table};

/// What the Run screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum View {
    /// Ranks, temperatures and, with room, more.
    #[default]
    Overview,
    /// Which rank did what when.
    Timeline,
    /// A card for every node.
    Cards,
    /// What the program tells in a table.
    Table,
    /// The program's output.
    Output,
}

/// The Run screen's own state.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunUi {
    pub(crate) view: View,
    /// The node of the cursor, by its place in the plan, once there is one.
    pub(crate) node: Option<usize>,
    /// Only that node is shown.
    pub(crate) zoom: bool,
    /// Lines scrolled away.
    pub(crate) scroll: usize,
    /// Columns of the matrix scrolled away.
    pub(crate) across: usize,
    /// The number of the newest line of output to be seen, once it was scrolled back.
    pub(crate) held: Option<u64>,
}

/// A moment that is looked at while the run goes on.
pub(crate) struct Frozen {
    pub(crate) at: Timestamp,
    pub(crate) world: World,
}

impl App {
    /// What the Run screen shows and when that is: the present, or what was frozen.
    pub(crate) fn seen(&self) -> (&World, Timestamp) {
        self.frozen.as_ref().map_or((&self.world, self.now), |frozen| (&frozen.world, frozen.at))
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

    /// Shows this part, or the overview when it is shown already.
    pub(super) fn show(&mut self, view: View) {
        self.run.view = if self.run.view == view { View::Overview } else { view };
        (self.run.scroll, self.run.across, self.run.held) = (0, 0, None);
    }

    /// Keeps what is shown as it is, or goes on.
    pub(super) fn freeze(&mut self) {
        self.frozen = match self.frozen.take() {
            None => Some(Box::new(Frozen { at: self.now, world: self.world.clone() })),
            Some(_) => None,
        };
    }

    /// Shows only the node of the cursor, or all again.
    pub(super) fn zoom(&mut self, zoom: bool) {
        if zoom {
            self.run.node.get_or_insert(0);
            if matches!(self.run.view, View::Cards) {
                self.run.view = View::Overview;
            }
        }
        (self.run.zoom, self.run.scroll) = (zoom, 0);
    }

    /// Closes the innermost thing that is open on the Run screen.
    pub(super) fn back_on_run(&mut self) {
        if self.run.zoom {
            self.zoom(false);
        } else if self.run.view != View::Overview {
            self.show(View::Overview);
        } else if self.frozen.is_some() {
            self.freeze();
        } else {
            self.run.node = None;
        }
    }

    pub(super) fn move_on_run(&mut self, command: Command) {
        match extent(self) {
            None => {}
            Some(Extent::Lines { .. } | Extent::Nodes { .. })
                if self.run.zoom && matches!(command, Command::Left | Command::Right) =>
            {
                self.step_node(if command == Command::Left { -1 } else { 1 });
                self.run.scroll = 0;
            }
            Some(Extent::Lines { all, seen }) => self.run.scroll = scrolled(self.run.scroll, command, all, seen),
            Some(Extent::Grid { rows, columns }) => {
                let sideways = match command {
                    Command::Left => Some(Command::Up),
                    Command::Right => Some(Command::Down),
                    _ => None,
                };
                match sideways {
                    Some(along) => self.run.across = scrolled(self.run.across, along, columns.0, columns.1),
                    None => self.run.scroll = scrolled(self.run.scroll, command, rows.0, rows.1),
                }
            }
            Some(Extent::Nodes { across, seen }) => {
                let far = isize::try_from(seen.max(2) - 1).unwrap_or(isize::MAX);
                let line = isize::try_from(across).unwrap_or(1);
                match command {
                    Command::Up => self.step_node(-line),
                    Command::Down => self.step_node(line),
                    Command::Left => self.step_node(-1),
                    Command::Right => self.step_node(1),
                    Command::PageUp => self.step_node(-far),
                    Command::PageDown => self.step_node(far),
                    Command::Top => self.step_node(isize::MIN),
                    _ => self.step_node(isize::MAX),
                }
            }
            Some(Extent::Output(seen)) => self.move_in_output(command, seen),
        }
    }

    /// Moves the cursor over the nodes; the first time it only appears.
    fn step_node(&mut self, by: isize) {
        let Some(last) = self.seen().0.run.as_ref().and_then(|run| run.plan.hosts.len().checked_sub(1)) else { return };
        let at = match self.run.node {
            Some(at) => at.min(last).saturating_add_signed(by),
            None if by == isize::MAX => last,
            None => 0,
        };
        self.run.node = Some(at.min(last));
    }

    fn move_in_output(&mut self, command: Command, seen: usize) {
        let Some(run) = self.seen().0.run.as_ref() else { return };
        let lines = output::matching(run, &Filter::new(self.filters[1].text()));
        let end = output::end(run, &lines, self.run.held, seen);
        // The first line seen, so that new lines do not move what is being read.
        let first = scrolled(end.saturating_sub(seen), command, lines.len(), seen);
        let end = (first + seen).min(lines.len());
        let held = (end < lines.len()).then(|| end.checked_sub(1).map(|last| output::number_of(run, lines[last])));
        self.run.held = held.flatten();
    }

    /// There is a run on the Run screen, and something of this kind in it.
    pub(super) fn run_obstacle(&self, command: Command) -> Result<(), String> {
        let no = |why: &str| Err(why.to_owned());
        let Some(run) = &self.seen().0.run else { return no("there is no run") };
        match command {
            Command::Table if !has_table(run) => no("this program tells nothing that stands in a table"),
            Command::ZoomIn if run.plan.hosts.is_empty() => no("the run has no nodes"),
            Command::ZoomOut if !self.run.zoom => no("all nodes are shown"),
            _ => Ok(()),
        }
    }

    /// Runs of this cluster go on: the newest is shown, unless there is something else to look at already.
    pub(super) fn join(&mut self, runs: &[RunPlan]) -> Vec<Effect> {
        let Some(newest) = runs.first().filter(|_| !self.is_busy()) else { return Vec::new() };
        let others = match runs.len() - 1 {
            0 => String::new(),
            n => format!("; {n} more: {} tells", self.key_of(Command::Messages)),
        };
        self.say(Level::Info, format!("{} was left running: joining it{others}", newest.workload.name));
        self.go(Screen::Run);
        self.joining = true;
        vec![Effect::Send(Request::Attach { run: newest.id.clone(), login: self.options.login.clone() })]
    }

    /// Another run is here: what was looked at in the one before says nothing of it.
    pub(super) fn new_run(&mut self, before: Option<&RunId>, run: &RunId) {
        if before != Some(run) && self.frozen.is_none() {
            self.run = RunUi::default();
        }
    }
}
