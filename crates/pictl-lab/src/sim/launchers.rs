//! The launchers that simulated nodes may have: what apt installs for them, and what their programs print. Ranks are started
//! by Open MPI 4.1 only, see [`super::mpirun`].

use std::collections::BTreeSet;

use pictl_formats::launcher::{self, Launcher};
use pictl_model::node::MpiFamily;

/// The MPI whose launcher the simulation can run.
pub(super) const RUNS: MpiFamily = MpiFamily::OpenMpi;

/// A launcher on simulated nodes, in the release that Debian 12 has.
pub(super) struct Simulated {
    family: MpiFamily,
    /// Packages that apt installs before the launcher's own.
    pub(super) libraries: &'static [&'static str],
    /// Other names of the launcher, by which users call it.
    links: &'static [&'static str],
}

/// All of them.
const SIMULATED: [Simulated; 2] = [
    Simulated {
        family: MpiFamily::OpenMpi,
        libraries: &["libhwloc15", "libevent-core-2.1-7", "libpmix2", "libucx0", "openmpi-common", "libopenmpi3"],
        links: &["mpirun", "mpiexec"],
    },
    Simulated {
        family: MpiFamily::Mpich,
        libraries: &["libslurm38", "hwloc-nox", "libmpich12"],
        links: &["mpirun", "mpiexec"],
    },
];

impl Simulated {
    /// The launcher of this MPI.
    pub(super) fn of(family: MpiFamily) -> Option<&'static Self> {
        SIMULATED.iter().find(|simulated| simulated.family == family)
    }

    /// The launcher that apt is asked for by these packages.
    pub(super) fn of_packages(packages: &[String]) -> Option<&'static Self> {
        // The launcher's, and perhaps mpi4py after it.
        SIMULATED.iter().find(|simulated| {
            let known = simulated.launcher().packages().of_a_node();
            !packages.is_empty()
                && known.iter().zip(packages).all(|(known, asked)| known == asked)
                && packages.len() < 3
        })
    }

    /// The MPI that it belongs to.
    pub(super) fn family(&self) -> MpiFamily {
        self.family
    }

    fn launcher(&self) -> &'static dyn Launcher {
        launcher::of_family(self.family)
    }

    /// The file names of its programs.
    pub(super) fn programs(&self) -> impl Iterator<Item = &'static str> {
        let launcher = self.launcher();
        let daemons = launcher.daemons().names;
        std::iter::once(launcher.program()).chain(self.links.iter().copied()).chain(daemons.iter().copied())
    }
}

/// What the command `name` prints for `--version` on a node with these MPIs; `None` when it is not a launcher there.
pub(super) fn version(installed: &BTreeSet<MpiFamily>, name: &str) -> Option<&'static str> {
    let there = SIMULATED.iter().filter(|simulated| installed.contains(&simulated.family));
    let mut called =
        there.filter(|simulated| name == simulated.launcher().program() || simulated.links.contains(&name));
    called.next().map(|simulated| simulated.launcher().version_example())
}
