//! Really take this node out of the cluster?

use pictl_model::NodeId;
use pictl_model::request::Request;
use pictl_model::world::NodeView;
use ratatui::text::Line;

use super::{After, Page, Window, keys_of};
use crate::blocks::text;
use crate::context::Context;
use crate::key::Key;
use crate::keymap::Command;
use crate::messages::Effect;
use crate::theme::Theme;

/// The question before a member leaves the cluster's list.
pub(crate) struct Remove(pub(crate) NodeId);

impl Window for Remove {
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page {
        let mut lines = Vec::new();
        let view = cx.world.nodes.get(&self.0);
        let address = view.and_then(NodeView::address).map(|a| format!(" ({a})")).unwrap_or_default();
        let name = cx.called(&self.0);
        text(theme, &mut lines, &format!("pictl removes {name}{address} from the cluster."), width);
        text(theme, &mut lines, "Nothing changes on the node: its keys and names stay.", width);
        if view.and_then(|n| n.member.as_ref()).is_some_and(|m| m.head) {
            lines.push(Line::styled("It is the head node; another node must take its place.".to_owned(), theme.warn()));
        }
        Page {
            title: format!("Remove {name}?"),
            lines,
            focus: None,
            keys: keys_of(cx, &[(Command::Accept, "remove"), (Command::Refuse, "keep")]),
            width: 66,
            border: theme.warn(),
        }
    }

    fn key(&mut self, cx: &mut Context, _key: Key, command: Option<Command>) -> After {
        if command != Some(Command::Accept) {
            return After::Unused;
        }
        cx.selection.marks.remove(&self.0);
        After::Close(vec![Effect::Send(Request::RemoveMember { node: self.0.clone() })])
    }
}
