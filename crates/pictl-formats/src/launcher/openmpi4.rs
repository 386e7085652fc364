//! Open MPI 4.1 (Debian 11 and 12), and what came before it: the runtime is ORTE, with the daemon `orted`.

use super::common::strings;
use super::launch::Launch;
use super::openmpi::{OpenMpi, OpenMpiTags};
use crate::failure::{self, Sign};

pub(super) static OPEN_MPI_4: OpenMpi = OpenMpi {
    name: "Open MPI 4.1",
    is_major: |major| major < 5,
    version_example: "mpirun (Open MPI) 4.1.4\n\nReport bugs to http://www.open-mpi.org/community/help/\n",
    runtime: "--mca",
    ssh: "plm_rsh",
    radix: "routed_radix",
    network,
    tags: &OpenMpiTags { blank: false },
    daemons: &["orted"],
    signs: &[
        Sign {
            failure: failure::DAEMON_MISSING,
            patterns: &[
                r"\borted: (?:[Cc]ommand )?not found",
                r"\borted: No such file",
                r"not found: (?:\S*/)?orted\b",
                r"Unknown command:? '?(?:\S*/)?orted\b",
            ],
        },
        Sign {
            failure: failure::DAEMON_BROKEN,
            patterns: &[r"\borted: (?:[Pp]ermission denied|cannot execute|error while loading|Exec format)"],
        },
        Sign {
            failure: failure::NOT_UNDERSTOOD,
            patterns: &[r"While trying to create a regular expression of the node names"],
        },
    ],
};

/// Its runtime and its ranks both understand networks.
fn network(launch: &Launch) -> Vec<String> {
    let Some(subnet) = launch.subnet else { return Vec::new() };
    let subnet = subnet.trunc().to_string();
    strings(&["--mca", "btl_tcp_if_include", &subnet, "--mca", "oob_tcp_if_include", &subnet]).collect()
}
