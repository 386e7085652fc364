//! What a node is called.

use std::str::FromStr;

use pictl_model::event::Level;
use pictl_model::request::{MemberChange, Request};
use pictl_model::{HostName, NodeId};

use super::{FormWindow, Purpose, Submitted, Wrong};
use crate::context::Context;
use crate::form::{Form, FormField};
use crate::messages::Effect;

/// Name this node.
struct Rename {
    node: NodeId,
}

/// Opens the form for the node at the cursor.
pub(crate) fn open(cx: &mut Context) {
    let Some(node) = cx.node_at_cursor() else { return };
    let (id, name, member) = (node.id.clone(), cx.name_of(node), node.member.is_some());
    let intro = if member {
        "The cluster knows it by this name at once; set up again to change the node's own host name."
    } else {
        "It gets this name when it is set up."
    };
    let name = if HostName::from_str(&name).is_ok() { name } else { String::new() };
    let form = Form {
        title: "Name the node".to_owned(),
        intro: intro.to_owned(),
        fields: vec![FormField::text("Name", &name, "a-z, 0-9 and -")],
        focus: 0,
        error: None,
    };
    cx.open(FormWindow { form, purpose: Rename { node: id } });
}

impl Purpose for Rename {
    fn submit(&mut self, cx: &mut Context, form: &Form) -> Result<Submitted, Wrong> {
        rename(cx, self.node.clone(), form.text(0)).map(Submitted::Done).map_err(|why| (0, why))
    }
}

/// Gives a node this name: in the cluster at once, else when it is set up.
pub(crate) fn rename(cx: &mut Context, node: NodeId, name: &str) -> Result<Vec<Effect>, String> {
    let name = HostName::from_str(name).map_err(|e| e.to_string())?;
    let other = cx.world.nodes.values().find(|n| n.id != node && cx.name_of(n) == name.as_str());
    if let Some(other) = other.filter(|n| n.member.is_some() || cx.selection.names.contains_key(&n.id)) {
        return Err(format!("{name} is the name of {} already", other.id));
    }
    if cx.world.nodes.get(&node).is_some_and(|n| n.member.is_some()) {
        let change = MemberChange { name: Some(name), ..MemberChange::default() };
        return Ok(vec![Effect::Send(Request::SetMember { node, change })]);
    }
    cx.say(Level::Info, format!("it will be called {name} when it is set up"));
    cx.selection.names.insert(node, name);
    Ok(Vec::new())
}
