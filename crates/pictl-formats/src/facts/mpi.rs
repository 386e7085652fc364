//! Lines of a node's facts on MPI: installations, mpi4py, and the libraries that HPCC is linked with.

use pictl_model::MpiPrefix;
use pictl_model::node::{Hpcc, Mpi4py, MpiFamily, MpiInstall};
use pictl_model::text::clean;

use super::MAX_VALUE;
use crate::launcher::{self, LAUNCHERS};

/// `mpi`, the folder to look in too, and the launchers that are looked for, as `MPI=PROGRAM=OWN`: under the distribution's name,
/// and under that in a folder of its own.
pub(super) fn arguments(prefix: Option<&MpiPrefix>) -> Vec<String> {
    let mut words = vec!["mpi".to_owned()];
    words.extend(prefix.map(|prefix| format!("prefix={prefix}")));
    for launcher in LAUNCHERS {
        let word = format!("{}={}={}", launcher.family().word(), launcher.program(), launcher.own_program());
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// `openmpi /usr/bin/mpirun.openmpi mpirun (Open MPI) 4.1.4`. The distribution's come first.
pub(super) fn mpi_of(value: &str) -> Option<MpiInstall> {
    let (family, rest) = value.split_once(' ')?;
    let (program, printed) = rest.split_once(' ')?;
    let family = family.parse().ok()?;
    let mut launchers = LAUNCHERS.into_iter().filter(|launcher| launcher.family() == family);
    let version = launchers.find_map(|launcher| launcher.version_in(printed))?;
    program.starts_with('/').then(|| MpiInstall { family, version, launcher: clean(program, MAX_VALUE) })
}

/// `3.1.4 Open MPI v4.1.4, package: …` or `4.0.3 MPICH Version: …`.
pub(super) fn mpi4py_of(value: &str) -> Mpi4py {
    let (version, library) = value.split_once(' ').unwrap_or((value, ""));
    Mpi4py { version: clean(version, 32), family: launcher::family_of_library(library) }
}

/// `libmpi.so.40 /usr/lib/aarch64-linux-gnu/openblas-pthread/libblas.so.3`.
pub(super) fn hpcc_of(value: &str) -> Hpcc {
    let (soname, blas) = value.split_once(' ').unwrap_or((value, ""));
    Hpcc { family: launcher::family_of_soname(soname), open_blas: blas.contains("openblas") }
}

/// An attempt to build mpi4py that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedBuild {
    /// For this MPI.
    pub family: MpiFamily,
    /// What ordered it, in one word.
    pub attempt: String,
    /// Why it failed.
    pub reason: String,
}

impl FailedBuild {
    /// `mpich ATTEMPT the reason`.
    pub(super) fn read(value: &str) -> Option<Self> {
        let (family, rest) = value.split_once(' ')?;
        let (attempt, reason) = rest.split_once(' ')?;
        Some(Self { family: family.parse().ok()?, attempt: attempt.to_owned(), reason: reason.to_owned() })
    }
}
