//! One module per command, each from its arguments to its exit code.

pub(crate) mod bench;
pub(crate) mod chosen;
pub(crate) mod demo;
pub(crate) mod exec;
pub(crate) mod hosts;
pub(crate) mod input;
pub(crate) mod keys;
pub(crate) mod launch;
pub(crate) mod machinefile;
pub(crate) mod matrix;
mod mistyped;
pub(crate) mod nodes;
pub(crate) mod output;
pub(crate) mod pairs;
pub(crate) mod print;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod scan;
pub(crate) mod setup;
pub(crate) mod ssh;

use pictl_formats::nodeset::{self, NodeName};
use pictl_model::NodeId;
use pictl_model::node::Member;

use crate::exit::Trouble;
use crate::wire::Setting;

/// What is wrong with a cluster without nodes, and what to do.
pub(crate) fn no_nodes(setting: &Setting) -> String {
    format!("the cluster {} has no nodes; `pictl scan --save` finds some", setting.global.cluster)
}

/// The members of `--nodes`; empty without it, which means all.
pub(crate) fn chosen_nodes(setting: &Setting, members: &[Member]) -> Result<Vec<NodeId>, Trouble> {
    match &setting.global.nodes {
        None => Ok(Vec::new()),
        some => select(some.as_deref(), members),
    }
}

/// The members that `select` names; all of them for `None`.
pub(crate) fn select(select: Option<&str>, members: &[Member]) -> Result<Vec<NodeId>, Trouble> {
    let Some(expr) = select else { return Ok(members.iter().map(|m| m.id.clone()).collect()) };
    let names: Vec<_> = members.iter().map(|m| NodeName { name: m.name.to_string(), address: m.address }).collect();
    let chosen = nodeset::select(expr, &names).map_err(Trouble::usage)?;
    Ok(chosen.into_iter().map(|i| members[i].id.clone()).collect())
}
