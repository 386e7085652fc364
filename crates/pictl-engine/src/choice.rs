//! Which MPI a cluster uses: one decision for setups, runs and machinefiles.

use pictl_formats::facts::{FileKind, NodeReading};
use pictl_formats::{launcher, machinefile};
use pictl_model::node::{Facts, Member, MpiFamily};

/// The MPI that is decided: the one asked for now, else the one that a setup has chosen for these members, else the one that is
/// configured for clusters that have none yet.
pub fn decided(asked: Option<MpiFamily>, members: &[Member], configured: Option<MpiFamily>) -> Option<MpiFamily> {
    asked.or_else(|| members.iter().find_map(|member| member.mpi)).or(configured)
}

/// The MPI of a cluster where none is decided: the one in whose grammar the machinefile on its head is, where all nodes have that;
/// otherwise the one that fits them.
pub fn evident(head: Option<&NodeReading>, nodes: &[&Facts]) -> MpiFamily {
    let written = head.and_then(|head| head.files.get(&FileKind::Machinefile)).and_then(|file| {
        let family = machinefile::family_of(&String::from_utf8_lossy(file.content()))?;
        nodes.iter().all(|facts| facts.mpi_of(family).is_some()).then_some(family)
    });
    written.unwrap_or_else(|| launcher::fitting(nodes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common;

    #[test]
    fn what_is_asked_for_goes_before_what_was_chosen_and_that_before_what_is_configured() {
        let (open, mpich) = (Some(MpiFamily::OpenMpi), Some(MpiFamily::Mpich));
        let of = |mpi| [Member { mpi: None, ..common::member(1) }, Member { mpi, ..common::member(2) }];
        assert_eq!(decided(mpich, &of(open), open), mpich);
        assert_eq!(decided(None, &of(open), mpich), open);
        assert_eq!(decided(None, &of(None), mpich), mpich);
        assert_eq!(decided(None, &of(None), None), None);
    }

    #[test]
    fn a_machinefile_shows_what_the_cluster_used_where_the_nodes_still_have_it() {
        let both = |n| {
            let reading = common::with_mpi(common::reading(n), MpiFamily::OpenMpi, "4.1.4");
            common::with_mpi(reading, MpiFamily::Mpich, "4.0.2")
        };
        let mut head = both(1);
        let mut other = both(2);
        let found = |head: &NodeReading, other: &NodeReading| evident(Some(head), &[&head.facts, &other.facts]);
        assert_eq!(found(&head, &other), MpiFamily::OpenMpi);
        common::put(&mut head, FileKind::Machinefile, 0o644, b"10.0.0.1:4\n10.0.0.2:4\n");
        assert_eq!(found(&head, &other), MpiFamily::Mpich);
        other.facts.mpi.pop();
        assert_eq!(found(&head, &other), MpiFamily::OpenMpi);
    }
}
