//! A command for all nodes.

use pictl_model::NodeId;
use pictl_model::request::ExecRequest;

use super::{FormWindow, Purpose, Submitted, Wrong};
use crate::context::Context;
use crate::form::{Form, FormField};
use crate::jobs::start;

/// Run a command on these nodes; none means all members.
struct Exec {
    nodes: Vec<NodeId>,
}

/// Opens the form for the marked members, else for all.
pub(crate) fn open(cx: &mut Context) {
    let nodes: Vec<NodeId> = cx.marked_members();
    let form = Form {
        title: "Run a command".to_owned(),
        intro: format!(
            "On {}. It runs on all of them at once, in the login shell; equal output is shown once.",
            cx.of_members(&nodes)
        ),
        fields: vec![FormField::text("Command", "", "such as: uptime")],
        focus: 0,
        error: None,
    };
    cx.open(FormWindow { form, purpose: Exec { nodes } });
}

impl Purpose for Exec {
    fn submit(&mut self, cx: &mut Context, form: &Form) -> Result<Submitted, Wrong> {
        match form.text(0) {
            "" => Err((0, "no command was typed".to_owned())),
            command => {
                let (nodes, command) = (self.nodes.clone(), command.to_owned());
                let request = ExecRequest { nodes, command, timeout: None, login: cx.login() };
                Ok(Submitted::Done(start::exec(cx, request)))
            }
        }
    }
}
