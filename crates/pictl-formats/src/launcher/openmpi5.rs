//! Open MPI 5 (Debian 13): the runtime is PRRTE, with parameters of its own and the daemon `prted`.

use super::common::strings;
use super::launch::Launch;
use super::openmpi::{OpenMpi, OpenMpiTags};
use crate::failure::{self, Sign};

pub(super) static OPEN_MPI_5: OpenMpi = OpenMpi {
    name: "Open MPI 5.0",
    is_major: |major| major >= 5,
    version_example: "mpirun (Open MPI) 5.0.7\n\nReport bugs to https://www.open-mpi.org/community/help/\n",
    runtime: "--prtemca",
    ssh: "plm_ssh",
    radix: "rml_base_radix",
    network,
    tags: &OpenMpiTags { blank: true },
    daemons: &["prted"],
    signs: &[
        Sign {
            failure: failure::DAEMON_MISSING,
            patterns: &[
                r"\bprted: (?:[Cc]ommand )?not found",
                r"\bprted: No such file",
                r"not found: (?:\S*/)?prted\b",
                r"Unknown command:? '?(?:\S*/)?prted\b",
            ],
        },
        Sign {
            failure: failure::DAEMON_BROKEN,
            patterns: &[r"\bprted: (?:[Pp]ermission denied|cannot execute|error while loading|Exec format)"],
        },
    ],
};

/// Its ranks understand networks; its runtime understands the names of interfaces only, and uses those that a node has.
fn network(launch: &Launch) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(subnet) = launch.subnet {
        words.extend(strings(&["--mca", "btl_tcp_if_include", &subnet.trunc().to_string()]));
    }
    if !launch.interfaces.is_empty() {
        words.extend(strings(&["--prtemca", "prte_if_include", &launch.interfaces.join(",")]));
    }
    words
}
