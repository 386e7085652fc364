//! A run: every rank, temperatures, the timeline, the total, the value, the program's output.

mod axis;
mod commands;
mod draw;
mod jobs;
mod look;
mod matrix;
mod node;
mod output;
mod pace;
mod panels;
mod ranks;
mod temperatures;
mod timeline;
mod top;
mod total;

use pictl_model::request::Request;
use pictl_model::run::RunEvent;
use pictl_model::world::World;
use pictl_model::{Event, Timestamp};
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Screen, label};
use crate::context::{Context, Obstacle};
use crate::field::TextField;
use crate::keymap::{Command, Entry, Mode};
use crate::messages::Effect;
use crate::paint::Painter;
use crate::theme::Theme;

/// What the Run screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum View {
    /// Ranks, temperatures and, with room, more.
    #[default]
    Overview,
    /// Which rank did what when.
    Timeline,
    /// A panel for each node.
    Panels,
    /// What the program reports in a table.
    Table,
    /// The program's output.
    Output,
}

/// What is shown of a run, and where in it the user is.
#[derive(Clone, Debug, Default)]
struct Place {
    view: View,
    /// The node of the cursor, by its place in the plan, once there is one.
    node: Option<usize>,
    /// Only that node is shown.
    zoom: bool,
    /// Lines scrolled away.
    scroll: usize,
    /// Columns of the matrix scrolled away.
    across: usize,
    /// The number of the newest line of output to be seen, once it was scrolled back.
    held: Option<u64>,
}

/// A moment that is shown while the run goes on.
struct Frozen {
    at: Timestamp,
    world: World,
}

/// The Run screen.
#[derive(Default)]
pub(crate) struct RunScreen {
    place: Place,
    /// The moment that is shown instead of the present.
    frozen: Option<Box<Frozen>>,
    /// What lines of output must have to be shown.
    filter: TextField,
}

impl RunScreen {
    /// What is shown and when that is: the present, or what was frozen.
    fn seen<'a>(&'a self, cx: &'a Context) -> (&'a World, Timestamp) {
        self.frozen.as_ref().map_or((&cx.world, cx.now), |frozen| (&frozen.world, frozen.at))
    }
}

impl Screen for RunScreen {
    fn mode(&self) -> Mode {
        Mode::Run
    }

    fn badge(&self, cx: &Context) -> String {
        match &cx.world.run {
            Some(run) if !run.is_over() => match run.slices {
                Some(all) if all > 0 => format!(" {} %", u64::from(run.slices_done()) * 100 / u64::from(all)),
                _ => " …".to_owned(),
            },
            _ => String::new(),
        }
    }

    fn draw(&self, cx: &Context, painter: &mut Painter<'_>, area: Rect) {
        draw::draw(self, cx, painter, area);
    }

    fn obstacle(&self, cx: &Context, command: Command) -> Obstacle {
        self.obstacle_to(cx, command)
    }

    fn command(&mut self, cx: &mut Context, command: Command) -> Vec<Effect> {
        self.perform(cx, command)
    }

    fn back(&mut self, cx: &mut Context) -> Option<Vec<Effect>> {
        self.close_innermost(cx).then(Vec::new)
    }

    fn event(&mut self, cx: &Context, event: &Event) -> Vec<Effect> {
        // The place in the run before means nothing in another one.
        if let Event::Run { event: RunEvent::Planned { .. }, run } = event
            && cx.world.run.as_ref().map(|before| &before.plan.id) != Some(run)
            && self.frozen.is_none()
        {
            self.place = Place::default();
        }
        Vec::new()
    }

    fn sent(&mut self, request: &Request) {
        if matches!(request, Request::Bench(_)) {
            self.place = Place::default();
        }
    }

    fn filter<'a>(&'a self, _cx: &'a Context) -> Option<&'a TextField> {
        Some(&self.filter)
    }

    fn filter_mut<'a>(&'a mut self, _cx: &'a mut Context) -> Option<&'a mut TextField> {
        Some(&mut self.filter)
    }

    fn filter_label(&self) -> &'static str {
        "only lines with (rank:3 and words): "
    }

    fn label(&self, cx: &Context, entry: &Entry) -> Option<String> {
        let view = self.place.view;
        let other = match entry.command {
            Command::Output if view == View::Output => "ranks",
            Command::Timeline if view == View::Timeline => "ranks",
            Command::Panels if view == View::Panels => "ranks",
            Command::Table if view == View::Table => "ranks",
            Command::ZoomIn if self.place.zoom => "all nodes",
            Command::Pause if cx.options.clock.play().is_some_and(|play| play.paused) => "resume",
            Command::Freeze if self.frozen.is_some() => "unfreeze",
            _ => return Some(label(cx, entry)),
        };
        Some(other.to_owned())
    }

    fn status(&self, cx: &Context, theme: Theme) -> Option<Line<'static>> {
        draw::trouble(self, cx, theme, cx.size.0.into())
    }
}
