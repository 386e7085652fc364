//! What a cluster is made of.

use std::str::FromStr;

use pictl_model::node::MpiFamily;
use pictl_model::request::{KeyWork, Request, SetupRequest};
use pictl_model::world::NodeView;
use pictl_model::{HostName, NodeId};

use super::{FormWindow, Purpose, Submitted, Wrong};
use crate::context::{Context, answers_ssh};
use crate::form::{Form, FormField};
use crate::keymap::Command;
use crate::messages::Effect;
use crate::words::{count, listing};

/// Make a cluster of these nodes.
struct SetUp {
    nodes: Vec<NodeId>,
}

/// Opens the form for the nodes that a setup is about now.
pub(crate) fn open(cx: &mut Context) {
    let nodes = cx.setup_nodes();
    let new = nodes.iter().filter(|id| cx.world.nodes.get(id).is_none_or(|n| n.member.is_none())).count();
    let names = cx.names_for(&nodes, &cx.options.prefix);
    let head = nodes
        .iter()
        .position(|id| cx.world.nodes.get(id).and_then(|n| n.member.as_ref()).is_some_and(|member| member.head));
    let user = cx.options.login.user.clone().unwrap_or_else(|| "pi".to_owned());
    let addresses: Vec<String> = nodes
        .iter()
        .map(|id| cx.world.nodes.get(id).and_then(NodeView::address).map_or_else(|| id.to_string(), |a| a.to_string()))
        .collect();
    let heads = names.iter().zip(&addresses).map(|(name, address)| format!("{name} ({address})")).collect();
    let known = nodes.len() - new;
    let intro = match (new, known) {
        (_, 0) => format!("New: {}. ", listing(&addresses, 4)),
        (0, _) => "All of them are in the cluster; what is right stays unchanged. ".to_owned(),
        _ => format!("{} in the cluster, {new} new. ", count(known, "node")),
    };
    let silent: Vec<String> = nodes
        .iter()
        .filter_map(|id| cx.world.nodes.get(id))
        .filter(|n| n.member.is_none() && !answers_ssh(n))
        .map(|n| cx.name_of(n))
        .collect();
    let silent = match silent.as_slice() {
        [] => String::new(),
        names => format!("No SSH server answered on {}. ", listing(names, 3)),
    };
    let fields = vec![
        FormField::text("User", &user, "log in as; needs sudo for names and packages"),
        FormField::text("Names", &cx.options.prefix, format!("new nodes become {}", listing(&names, 3))),
        FormField::choice("Head", heads, head.unwrap_or(0), "mpirun starts there"),
        mpi_field(cx.world.mpi()),
    ];
    let form = Form {
        title: format!("Set up {}", count(nodes.len(), "node")),
        intro: format!("{intro}{silent}Nothing is changed before you have seen the plan."),
        fields,
        focus: 0,
        error: None,
    };
    cx.open(FormWindow { form, purpose: SetUp { nodes } });
}

/// The cluster's MPI: chosen once, and then shown as it is.
fn mpi_field(known: Option<MpiFamily>) -> FormField {
    let names = MpiFamily::ALL.iter().map(MpiFamily::to_string);
    if let Some(known) = known {
        let at = MpiFamily::ALL.iter().position(|mpi| *mpi == known).unwrap_or(0);
        FormField::choice("MPI", names.collect(), at, "one for the whole cluster")
    } else {
        let names = std::iter::once("automatic".to_owned()).chain(names).collect();
        FormField::choice("MPI", names, 0, "what is there, else Open MPI")
    }
}

impl Purpose for SetUp {
    fn submit(&mut self, cx: &mut Context, form: &Form) -> Result<Submitted, Wrong> {
        let (user, prefix) = (form.text(0), form.text(1));
        if user.is_empty() || user.contains(char::is_whitespace) {
            return Err((0, "enter a user name without blanks".to_owned()));
        }
        HostName::from_str(&format!("{prefix}01")).map_err(|e| (1, e.to_string()))?;
        let known = cx.world.mpi();
        // While none is chosen, the first choice is the automatic one.
        let chosen = form.fields.get(3).map_or(0, FormField::chosen);
        let chosen = if known.is_some() { Some(chosen) } else { chosen.checked_sub(1) };
        let mpi = chosen.and_then(|at| MpiFamily::ALL.get(at)).copied().filter(|mpi| known != Some(*mpi));
        // What was typed holds for the rest of the session.
        cx.options.login.user = Some(user.to_owned());
        prefix.clone_into(&mut cx.options.prefix);
        let request = SetupRequest {
            names: cx
                .selection
                .names
                .iter()
                .filter(|(id, _)| self.nodes.contains(id))
                .map(|(id, n)| (id.clone(), n.clone()))
                .collect(),
            prefix: prefix.to_owned(),
            head: form.fields.get(2).and_then(|f| self.nodes.get(f.chosen()).cloned()),
            mpi,
            mpi_prefix: None,
            only: Vec::new(),
            dry_run: false,
            yes: false,
            keys: KeyWork::default(),
            login: cx.login(),
            nodes: self.nodes.clone(),
        };
        cx.go(Command::GoSetup);
        Ok(Submitted::Done(vec![Effect::Send(Request::Setup(request))]))
    }
}
