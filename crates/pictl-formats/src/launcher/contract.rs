//! What a launcher says about itself.

use std::fmt::Debug;
use std::time::Duration;

use pictl_model::node::MpiFamily;
use pictl_model::run::Spawn;

use super::launch::Launch;
use super::tags::Tags;
use crate::failure::Sign;

/// A launcher: `mpirun` or `mpiexec` of one MPI, in one release or in several that behave alike.
pub trait Launcher: Debug + Send + Sync {
    // How it is recognised and installed.

    /// Its name with the release, for people.
    fn name(&self) -> &'static str;

    /// The MPI that it belongs to.
    fn family(&self) -> MpiFamily;

    /// It is the launcher of this version of its MPI.
    fn is_of_version(&self, version: &str) -> bool;

    /// The version in what `--version` prints; `None` when that is another launcher's text, or of another release.
    fn version_in(&self, printed: &str) -> Option<String>;

    /// What `--version` prints in a release that was tried.
    fn version_example(&self) -> &'static str;

    /// The file name of the program under its own name, never that of the alternatives link (`mpirun`), which another MPI's
    /// package can change.
    fn program(&self) -> &'static str;

    /// The file name of the program in a folder of its own, where nobody has renamed it.
    fn own_program(&self) -> &'static str;

    /// The MPI library that belongs to it.
    fn library(&self) -> Library;

    /// Debian's packages.
    fn packages(&self) -> Packages;

    /// Debian has these packages for this architecture in the release with this code name.
    fn is_packaged(&self, arch: &str, codename: &str) -> bool;

    /// The package with an mpi4py that belongs to it, on this architecture in the release with this code name. `None` where
    /// Debian's mpi4py belongs to another MPI, which it would bring along.
    fn mpi4py_package(&self, arch: &str, codename: &str) -> Option<&'static str>;

    /// The C compiler that links with the distribution's MPI, and the Debian packages that it is in.
    fn compiler(&self) -> Compiler;

    // How it is started.

    /// Why it cannot start its daemons in this way; `None` when it can.
    fn cannot_spawn(&self, spawn: Spawn) -> Option<&'static str>;

    /// The command line. It always says how ranks are placed: launchers differ in what they do by themselves.
    fn command(&self, launch: &Launch) -> Vec<String>;

    // The dialect of its hostfile.

    /// The line for a host that was accepted.
    fn hostfile_line(&self, host: &str, slots: u16, user: Option<&str>) -> String;

    /// Which rule of the dialect a host (an address, or a name with dots) breaks, and what helps.
    fn refuses_host(&self, host: &str) -> Option<(&'static str, &'static str)>;

    /// A login name that can be written.
    fn accepts_user(&self, user: &str) -> bool;

    /// A line that only this MPI's launchers understand.
    fn is_own_line(&self, line: &str) -> bool;

    // What it does and prints.

    /// How it tags lines of output when it is started by [`Launcher::command`].
    fn tags(&self) -> &'static dyn Tags;

    /// Its daemons.
    fn daemons(&self) -> Daemons;

    /// How long it may take to end after the last rank ended.
    fn exit_limit(&self) -> Duration;

    /// What it prints when something fails, beside what other programs print then.
    fn signs(&self) -> Vec<Sign>;
}

/// An MPI library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Library {
    /// The beginning of what `MPI_Get_library_version` reports, which mpi4py prints.
    pub name: &'static str,
    /// The names by which programs link with it.
    pub sonames: &'static [&'static str],
}

/// What Debian's packages are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packages {
    /// The one with the launcher.
    pub launcher: &'static str,
    /// The one with the mpi4py that belongs to it, on releases where it is the default MPI.
    pub mpi4py: &'static str,
}

impl Packages {
    /// What a node of a cluster needs.
    pub fn of_a_node(self) -> [&'static str; 2] {
        [self.launcher, self.mpi4py]
    }
}

/// A C compiler that links with an MPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compiler {
    /// Its program.
    pub program: &'static str,
    /// The Debian packages with all that it needs.
    pub packages: &'static str,
}

/// The daemons that a launcher starts on the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Daemons {
    /// Their programs.
    pub names: &'static [&'static str],
    /// What stands between `PICTL_RUN` and the run's id in the mark by which the cleanup finds the launcher's processes: `=` in
    /// the environment, `:` on the command line.
    pub mark: &'static str,
}
