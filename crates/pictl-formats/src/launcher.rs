//! The MPI launchers: how each is recognised, installed, started and understood.
//!
//! A launcher is one file with an implementation of [`Launcher`] and one row in [`LAUNCHERS`]. Nothing outside of these files
//! asks which launcher it is. How one is added is in `docs/design/launchers.md`.

mod common;
mod contract;
mod demux;
mod launch;
mod mpich;
mod openmpi;
mod openmpi4;
mod openmpi5;
mod tags;
#[cfg(test)]
mod tests;

use pictl_model::MpiPrefix;
use pictl_model::node::{Facts, MpiFamily, MpiInstall};

pub use contract::{Compiler, Daemons, Launcher, Library, Packages};
pub use demux::{Demux, Line};
pub use launch::{Launch, MARK, Options};
pub use tags::{Owner, Tag, Tags};

/// Every launcher that pictl knows. The first one is what a cluster gets when nothing speaks for another. Of several releases
/// of one MPI the oldest comes first: what it accepts, the newer ones accept too.
pub static LAUNCHERS: [&dyn Launcher; 3] = [&openmpi4::OPEN_MPI_4, &openmpi5::OPEN_MPI_5, &mpich::Mpich];

/// The launcher of an installation. A version that no launcher knows belongs to the oldest one of its MPI.
pub fn of(install: &MpiInstall) -> &'static dyn Launcher {
    let mut known = LAUNCHERS.into_iter().filter(|launcher| launcher.family() == install.family);
    known.find(|launcher| launcher.is_of_version(&install.version)).unwrap_or_else(|| of_family(install.family))
}

/// The command line of the launcher that `launch` names.
pub fn command(launch: &Launch) -> Vec<String> {
    of(&launch.install).command(launch)
}

/// The launcher of an MPI whose version is not known: the oldest one.
pub fn of_family(family: MpiFamily) -> &'static dyn Launcher {
    LAUNCHERS.into_iter().find(|launcher| launcher.family() == family).unwrap_or(LAUNCHERS[0])
}

/// The C compiler of this installation: a command, or for one in a folder of its own a path.
pub fn compiler_of(install: &MpiInstall) -> String {
    match install.prefix() {
        Some(prefix) => format!("{prefix}/bin/mpicc"),
        None => of(install).compiler().program.to_owned(),
    }
}

/// The MPI that is used when nothing speaks for another.
pub fn preferred() -> MpiFamily {
    LAUNCHERS[0].family()
}

/// Every MPI, this one first.
pub fn families_from(first: MpiFamily) -> impl Iterator<Item = MpiFamily> {
    std::iter::once(first).chain(MpiFamily::ALL.into_iter().filter(move |family| *family != first))
}

/// The MPI that fits these nodes: one that all of them have, the distribution's before one in a folder of its own; otherwise the one that most of them have, where the others can
/// have it; otherwise one that their releases of Debian have packages of.
pub fn fitting(nodes: &[&Facts]) -> MpiFamily {
    let system = MpiPrefix::system();
    let distributed = |family: &MpiFamily| nodes.iter().all(|facts| facts.mpi_of_in(*family, Some(&system)).is_some());
    let installed = |family: &MpiFamily| nodes.iter().all(|facts| facts.mpi_of(*family).is_some());
    let packaged =
        |family: &MpiFamily| nodes.iter().all(|facts| of_family(*family).is_packaged(&facts.arch, &facts.codename));
    let count = |family: MpiFamily| nodes.iter().filter(|facts| facts.mpi_of(family).is_some()).count();
    // Of two with as many, the first.
    let most = MpiFamily::ALL.into_iter().rev().filter(|family| count(*family) > 0 && packaged(family));
    MpiFamily::ALL
        .into_iter()
        .find(distributed)
        .or_else(|| MpiFamily::ALL.into_iter().find(installed))
        .or_else(|| most.max_by_key(|family| count(*family)))
        .or_else(|| MpiFamily::ALL.into_iter().find(packaged))
        .unwrap_or_else(preferred)
}

/// The MPI whose library reports itself by this text (`MPI_Get_library_version`).
pub fn family_of_library(reported: &str) -> Option<MpiFamily> {
    LAUNCHERS.into_iter().find(|launcher| reported.starts_with(launcher.library().name)).map(Launcher::family)
}

/// The MPI whose library is this file, such as `/usr/lib/aarch64-linux-gnu/libmpich.so.12.2.2`.
pub fn family_of_file(path: &str) -> Option<MpiFamily> {
    let name = path.rsplit(['/', ' ']).next()?;
    let is_of = |soname: &&str| name.strip_prefix(*soname).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    LAUNCHERS.into_iter().find(|launcher| launcher.library().sonames.iter().any(is_of)).map(Launcher::family)
}

/// The MPI whose library is linked by this name, such as `libmpi.so.40`.
pub fn family_of_soname(soname: &str) -> Option<MpiFamily> {
    LAUNCHERS.into_iter().find(|launcher| launcher.library().sonames.contains(&soname)).map(Launcher::family)
}
