//! What the keys of the Run screen change: which part is shown, where the cursor is, and whether time stands still.

use pictl_model::Millis;
use pictl_model::request::BenchRequest;

use super::draw::{Extent, extent, has_table};
use super::output::{self, Filter};
use super::{Frozen, RunScreen, View};
use crate::clock::Scrub;
use crate::context::{Context, Obstacle};
use crate::jobs::start;
use crate::keymap::Command;
use crate::messages::Effect;
use crate::paint::scrolled;

/// How far the keys of a record go.
const STEP_ON: Millis = Millis(1_000);
const STEP_BACK: Millis = Millis(10_000);

impl RunScreen {
    pub(super) fn obstacle_to(&self, cx: &Context, command: Command) -> Obstacle {
        match command {
            Command::Again => cx.can_run_again(),
            Command::Pause | Command::StepOn | Command::StepBack | Command::Faster | Command::Slower => {
                if cx.is_record() { Ok(()) } else { Err("this is not a replay: time cannot be moved".to_owned()) }
            }
            _ => self.run_obstacle(cx, command),
        }
    }

    pub(super) fn perform(&mut self, cx: &mut Context, command: Command) -> Vec<Effect> {
        let scrub = |scrub| vec![Effect::Scrub(scrub)];
        match command {
            Command::Again => {
                let login = cx.login();
                let again = cx.last_bench.clone().map(|request| BenchRequest { login, ..request });
                return again.map_or_else(Vec::new, |request| start::bench(cx, request));
            }
            Command::Pause => return scrub(Scrub::Pause),
            Command::Faster => return scrub(Scrub::Faster),
            Command::Slower => return scrub(Scrub::Slower),
            Command::StepOn => return scrub(Scrub::On(STEP_ON)),
            Command::StepBack => return scrub(Scrub::Back(STEP_BACK)),
            Command::Output => self.show(View::Output),
            Command::Timeline => self.show(View::Timeline),
            Command::Panels => self.show(View::Panels),
            Command::Table => self.show(View::Table),
            Command::Freeze => self.freeze(cx),
            Command::ZoomIn => self.zoom(!self.place.zoom),
            Command::ZoomOut => self.zoom(false),
            command => self.move_on_run(cx, command),
        }
        Vec::new()
    }

    /// Shows this part, or the overview when it is shown already.
    fn show(&mut self, view: View) {
        self.place.view = if self.place.view == view { View::Overview } else { view };
        (self.place.scroll, self.place.across, self.place.held) = (0, 0, None);
    }

    /// Keeps what is shown as it is, or goes on.
    fn freeze(&mut self, cx: &Context) {
        self.frozen = match self.frozen.take() {
            None => Some(Box::new(Frozen { at: cx.now, world: cx.world.clone() })),
            Some(_) => None,
        };
    }

    /// Shows only the node of the cursor, or all again.
    fn zoom(&mut self, zoom: bool) {
        if zoom {
            self.place.node.get_or_insert(0);
            if matches!(self.place.view, View::Panels) {
                self.place.view = View::Overview;
            }
        }
        (self.place.zoom, self.place.scroll) = (zoom, 0);
    }

    /// Closes the innermost thing that is open on the Run screen; false when nothing is.
    pub(super) fn close_innermost(&mut self, cx: &Context) -> bool {
        if self.place.zoom {
            self.zoom(false);
        } else if self.place.view != View::Overview {
            self.show(View::Overview);
        } else if self.frozen.is_some() {
            self.freeze(cx);
        } else {
            return self.place.node.take().is_some();
        }
        true
    }

    fn move_on_run(&mut self, cx: &Context, command: Command) {
        match extent(self, cx) {
            None => {}
            Some(Extent::Lines { .. } | Extent::Nodes { .. })
                if self.place.zoom && matches!(command, Command::Left | Command::Right) =>
            {
                self.step_node(cx, if command == Command::Left { -1 } else { 1 });
                self.place.scroll = 0;
            }
            Some(Extent::Lines { all, seen }) => self.place.scroll = scrolled(self.place.scroll, command, all, seen),
            Some(Extent::Grid { rows, columns }) => {
                let sideways = match command {
                    Command::Left => Some(Command::Up),
                    Command::Right => Some(Command::Down),
                    _ => None,
                };
                match sideways {
                    Some(along) => self.place.across = scrolled(self.place.across, along, columns.0, columns.1),
                    None => self.place.scroll = scrolled(self.place.scroll, command, rows.0, rows.1),
                }
            }
            Some(Extent::Nodes { across, seen }) => {
                let far = isize::try_from(seen.max(2) - 1).unwrap_or(isize::MAX);
                let line = isize::try_from(across).unwrap_or(1);
                match command {
                    Command::Up => self.step_node(cx, -line),
                    Command::Down => self.step_node(cx, line),
                    Command::Left => self.step_node(cx, -1),
                    Command::Right => self.step_node(cx, 1),
                    Command::PageUp => self.step_node(cx, -far),
                    Command::PageDown => self.step_node(cx, far),
                    Command::Top => self.step_node(cx, isize::MIN),
                    _ => self.step_node(cx, isize::MAX),
                }
            }
            Some(Extent::Output(seen)) => self.move_in_output(cx, command, seen),
        }
    }

    /// Moves the cursor over the nodes; the first time it only appears.
    fn step_node(&mut self, cx: &Context, by: isize) {
        let Some(last) = self.seen(cx).0.run.as_ref().and_then(|run| run.plan.hosts.len().checked_sub(1)) else {
            return;
        };
        let at = match self.place.node {
            Some(at) => at.min(last).saturating_add_signed(by),
            None if by == isize::MAX => last,
            None => 0,
        };
        self.place.node = Some(at.min(last));
    }

    fn move_in_output(&mut self, cx: &Context, command: Command, seen: usize) {
        let Some(run) = self.seen(cx).0.run.as_ref() else { return };
        let lines = output::matching(run, &Filter::new(self.filter.text()));
        let end = output::end(run, &lines, self.place.held, seen);
        // The first line seen, so that new lines do not move what is being read.
        let first = scrolled(end.saturating_sub(seen), command, lines.len(), seen);
        let end = (first + seen).min(lines.len());
        let held = (end < lines.len()).then(|| end.checked_sub(1).map(|last| output::number_of(run, lines[last])));
        self.place.held = held.flatten();
    }

    /// There is a run on the Run screen, and something of this kind in it.
    fn run_obstacle(&self, cx: &Context, command: Command) -> Obstacle {
        let no = |why: &str| Err(why.to_owned());
        let Some(run) = &self.seen(cx).0.run else { return no("there is no run") };
        match command {
            Command::Table if !has_table(run) => no("this program reports nothing for a table"),
            Command::ZoomIn if run.plan.hosts.is_empty() => no("the run has no nodes"),
            Command::ZoomOut if !self.place.zoom => no("all nodes are shown"),
            _ => Ok(()),
        }
    }
}
