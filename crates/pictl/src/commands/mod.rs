//! One module a command, each from the words of the command line to its exit code.

pub mod bench;
pub mod demo;
pub mod exec;
pub mod nodes;
pub mod print;
pub mod runs;
pub mod scan;
pub mod setup;

use pictl_formats::nodeset::{self, NodeName};
use pictl_model::NodeId;
use pictl_model::node::Member;

use crate::exit::Trouble;

/// The members that `select` means; all of them when nothing is said.
pub fn select(select: Option<&str>, members: &[Member]) -> Result<Vec<NodeId>, Trouble> {
    let Some(expr) = select else { return Ok(members.iter().map(|m| m.id.clone()).collect()) };
    let names: Vec<_> = members.iter().map(|m| NodeName { name: m.name.to_string(), address: m.address }).collect();
    let chosen = nodeset::select(expr, &names).map_err(Trouble::usage)?;
    Ok(chosen.into_iter().map(|i| members[i].id.clone()).collect())
}
