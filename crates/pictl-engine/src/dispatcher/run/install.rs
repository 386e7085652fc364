//! The MPI of a run: one that its nodes and its head all have.

use std::collections::BTreeMap;

use pictl_formats::launcher;
use pictl_model::NodeId;
use pictl_model::node::{Facts, Member, MpiFamily, MpiInstall};
use pictl_model::request::Refusal;

use super::head::Chief;

/// The MPI that all nodes have in the same version and the same folder, the first of these families that there is one of; what
/// else stands in the way, node by node.
pub(super) fn common_mpi(
    members: &[Member],
    facts: &BTreeMap<NodeId, Facts>,
    head: &Chief,
    families: &[MpiFamily],
) -> Result<MpiInstall, Vec<Refusal>> {
    let mut reasons = Vec::new();
    // A setup, or who ran it, has chosen the folder.
    let prefix = members.iter().find_map(|m| m.mpi_prefix.as_ref());
    let families = if prefix.is_some() { families.get(..1).unwrap_or(families) } else { families };
    for wanted in families.iter().flat_map(|of| head.facts().mpi_in(prefix).filter(move |mpi| mpi.family == *of)) {
        let is_same = |m: &&Member| facts.get(&m.id).is_some_and(|f| f.mpi.iter().any(|mpi| mpi.works_with(wanted)));
        let different: Vec<_> = members.iter().filter(|m| !is_same(m)).collect();
        if different.is_empty() {
            return Ok(wanted.clone());
        }
        let names: Vec<_> = different.iter().map(|m| m.name.as_str()).collect();
        reasons.push(Refusal {
            node: None,
            reason: format!(
                "{} has {} {}, and {} not{}",
                head.name,
                wanted.family,
                wanted.place(),
                names.join(", "),
                others(&different, facts, wanted)
            ),
            hint: match (head.id.is_operator(), wanted.prefix()) {
                (true, _) => outside_hint(members, facts, families),
                (false, Some(prefix)) => format!(
                    "put it into {prefix} on {} too, in this version; or choose again: pictl setup --mpi-prefix DIR (/usr: the \
                     distribution's)",
                    names.join(", ")
                ),
                (false, None) => "run setup, or choose nodes of one OS release with --nodes".into(),
            },
        });
    }
    if let Some(prefix) = prefix.filter(|_| reasons.is_empty()) {
        let folder = prefix.below(&head.facts().home);
        let family = families.first().copied().unwrap_or_else(launcher::preferred);
        reasons.push(Refusal {
            node: Some(head.id.clone()),
            reason: format!("there is no {family} in {folder} on {}", head.name),
            hint: format!(
                "put it there, or choose again: pictl setup --mpi-prefix DIR (/usr: the distribution's); {prefix} is what the \
                 cluster was set up with"
            ),
        });
    }
    if reasons.is_empty() {
        let (missing, hint) = match families {
            [family] => (
                format!("{family}, which this cluster uses,"),
                format!("pictl setup --only mpi installs it; pictl setup --mpi chooses another MPI than {family}"),
            ),
            _ => ("MPI".to_owned(), "run setup first".to_owned()),
        };
        let hint = if head.id.is_operator() { outside_hint(members, facts, families) } else { hint };
        let reason = format!("there is no {missing} on {}", head.name);
        reasons.push(Refusal { node: Some(head.id.clone()), reason, hint });
    }
    Err(reasons)
}

/// What nodes have instead, where they have this MPI in another folder or version of their own: ` (pi02: 4.2.0 in /opt/mpich)`.
fn others(nodes: &[&Member], facts: &BTreeMap<NodeId, Facts>, wanted: &MpiInstall) -> String {
    let instead = nodes.iter().filter_map(|m| {
        let mut own = facts.get(&m.id)?.mpi.iter().filter(|mpi| mpi.family == wanted.family);
        let own = own.find(|mpi| mpi.prefix().is_some() || wanted.prefix().is_some())?;
        Some(format!("{}: {}", m.name, own.place()))
    });
    let instead: Vec<_> = instead.collect();
    if instead.is_empty() { String::new() } else { format!(" ({})", instead.join(", ")) }
}

/// What to install on an outside master, so that it has what the nodes have.
fn outside_hint(members: &[Member], facts: &BTreeMap<NodeId, Facts>, families: &[MpiFamily]) -> String {
    let of = |facts: &'_ Facts| families.iter().find_map(|family| facts.mpi_of(*family).cloned());
    let node = members.iter().find_map(|m| of(facts.get(&m.id)?));
    let Some(mpi) = node else { return "run setup first".to_owned() };
    let package = launcher::of(&mpi).packages().launcher;
    format!(
        "the nodes have {} {}: install the same (of their OS release: sudo apt-get install {package}), or run from the \
         cluster's head",
        mpi.family, mpi.version
    )
}
