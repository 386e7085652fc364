//! What the scan found and what is in the cluster.

mod commands;
mod draw;
mod progress;
mod rows;

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Screen, label};
use crate::context::{Context, Obstacle};
use crate::field::TextField;
use crate::jobs;
use crate::keymap::{Command, Entry, Mode};
use crate::messages::Effect;
use crate::paint::Painter;
use crate::theme::Theme;

pub(crate) use progress::scan_line;

/// With less columns than these things are said in fewer words.
const NARROW: u16 = 60;

/// The Nodes screen. Its cursor, marks, order and filter are shared with the other screens: they say what work is about.
pub(crate) struct NodesScreen;

impl Screen for NodesScreen {
    fn mode(&self) -> Mode {
        Mode::Nodes
    }

    fn badge(&self, cx: &Context) -> String {
        let members = cx.world.nodes.values().filter(|n| n.member.is_some()).count();
        if members > 0 { format!(" {members}") } else { String::new() }
    }

    fn draw(&self, cx: &Context, painter: &mut Painter<'_>, area: Rect) {
        draw::draw(cx, painter, area);
    }

    fn obstacle(&self, cx: &Context, command: Command) -> Obstacle {
        commands::obstacle(cx, command)
    }

    fn command(&mut self, cx: &mut Context, command: Command) -> Vec<Effect> {
        commands::command(cx, command)
    }

    fn back(&mut self, cx: &mut Context) -> Option<Vec<Effect>> {
        commands::back(cx)
    }

    fn touched(&mut self, cx: &mut Context) {
        cx.hold_cursor();
    }

    fn filter<'a>(&'a self, cx: &'a Context) -> Option<&'a TextField> {
        Some(&cx.selection.filter)
    }

    fn filter_mut<'a>(&'a mut self, cx: &'a mut Context) -> Option<&'a mut TextField> {
        Some(&mut cx.selection.filter)
    }

    fn filter_label(&self) -> &'static str {
        "only nodes with: "
    }

    fn label(&self, cx: &Context, entry: &Entry) -> Option<String> {
        let (marked, watching) = (!cx.selection.marks.is_empty(), cx.world.watching.is_some());
        match entry.command {
            Command::Open if marked => None,
            Command::WatchNet if watching => Some("stop watching".to_owned()),
            // The key for it says more.
            Command::Cancel if watching && !cx.is_busy() => None,
            Command::SetLogin if marked => Some("login of the marked".to_owned()),
            _ => Some(label(cx, entry)),
        }
    }

    fn leads(&self, cx: &Context, command: Command) -> bool {
        (command == Command::WatchNet && cx.world.watching.is_some()) || jobs::next_step(cx) == Some(command)
    }

    fn status(&self, cx: &Context, theme: Theme) -> Option<Line<'static>> {
        scan_line(cx, theme)
    }
}
