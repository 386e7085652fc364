//! The folder that an MPI was installed to, where it is not the distribution's: `/opt/openmpi`, `~/mpi-install`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::NotA;
use crate::node::{Facts, MpiFamily, MpiInstall};

/// The folder of the distribution's programs.
const SYSTEM: &str = "/usr";
/// Longest path, in characters.
const MAX: usize = 200;

/// The folder below which `bin` and `lib` of an MPI are: an absolute path, or one that begins with `~/`, which is the home of
/// the login on each node. `/usr` stands for the distribution's MPI.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MpiPrefix(String);

impl MpiPrefix {
    /// The distribution's MPI.
    pub fn system() -> Self {
        Self(SYSTEM.to_owned())
    }

    /// It stands for the distribution's MPI.
    pub fn is_system(&self) -> bool {
        self.0 == SYSTEM
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder on a node on which the login's home is `home`.
    pub fn below(&self, home: &str) -> String {
        self.0
            .strip_prefix("~/")
            .map_or_else(|| self.0.clone(), |rest| format!("{}/{rest}", home.trim_end_matches('/')))
    }
}

impl fmt::Display for MpiPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MpiPrefix {
    type Err = NotA;

    fn from_str(s: &str) -> Result<Self, NotA> {
        let no = |why| Err(NotA::new("folder of an MPI", s, why));
        let path = s.trim_end_matches('/');
        if !path.starts_with('/') && !path.starts_with("~/") {
            return no("an absolute path is expected, or one that begins with ~/");
        }
        if path.len() > MAX {
            return no("at most 200 characters are expected");
        }
        // Launchers write it into command lines of their own, without quotes.
        if !path[1..].bytes().all(|b| b.is_ascii_alphanumeric() || b"/._+@-".contains(&b)) {
            return no("only letters, digits and / . _ + @ - are allowed");
        }
        if path.split('/').any(|part| part == ".." || part == ".") || path.contains("//") {
            return no("a path without . and .. is expected");
        }
        if path.ends_with("/bin") {
            return no("the folder above bin is expected");
        }
        Ok(Self(path.to_owned()))
    }
}

impl TryFrom<String> for MpiPrefix {
    type Error = NotA;
    fn try_from(s: String) -> Result<Self, NotA> {
        s.parse()
    }
}

impl From<MpiPrefix> for String {
    fn from(prefix: MpiPrefix) -> Self {
        prefix.0
    }
}

impl MpiInstall {
    /// The folder that it was installed to; `None` for the distribution's.
    pub fn prefix(&self) -> Option<&str> {
        let (folder, _) = self.launcher.rsplit_once('/')?;
        folder.strip_suffix("/bin").filter(|prefix| !prefix.is_empty() && *prefix != SYSTEM)
    }

    /// The version, and where it is: `4.1.4`, `4.2.1 in /opt/mpich`.
    pub fn place(&self) -> String {
        match self.prefix() {
            Some(prefix) => format!("{} in {prefix}", self.version),
            None => self.version.clone(),
        }
    }

    /// A job can have ranks under both: the same version of the same MPI, in the same folder, where launchers look for it.
    pub fn works_with(&self, other: &Self) -> bool {
        (self.family, &self.version, self.prefix()) == (other.family, &other.version, other.prefix())
    }
}

impl Facts {
    /// The MPIs in this folder; all of them when none is given.
    pub fn mpi_in<'a>(&'a self, prefix: Option<&MpiPrefix>) -> impl Iterator<Item = &'a MpiInstall> + use<'a> {
        let any = prefix.is_none();
        let wanted = prefix.filter(|prefix| !prefix.is_system()).map(|prefix| prefix.below(&self.home));
        self.mpi.iter().filter(move |mpi| any || mpi.prefix() == wanted.as_deref())
    }

    /// The installation of `family` in this folder, or the first one when none is given: the distribution's, where it is there.
    pub fn mpi_of_in(&self, family: MpiFamily, prefix: Option<&MpiPrefix>) -> Option<&MpiInstall> {
        self.mpi_in(prefix).find(|mpi| mpi.family == family)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn install(launcher: &str) -> MpiInstall {
        MpiInstall { family: MpiFamily::Mpich, version: "4.2.1".into(), launcher: launcher.into() }
    }

    #[test]
    fn a_prefix_is_a_plain_path() {
        for (given, kept) in [
            ("/opt/openmpi", "/opt/openmpi"),
            ("/opt/openmpi-5.0.7/", "/opt/openmpi-5.0.7"),
            ("~/mpi-install", "~/mpi-install"),
            ("/usr", "/usr"),
        ] {
            assert_eq!(given.parse::<MpiPrefix>().map(String::from), Ok(kept.to_owned()));
        }
        for wrong in [
            "",
            "/",
            "~",
            "~pi/mpi",
            "opt/mpi",
            "/opt/my mpi",
            "/opt/a:b",
            "/opt/$HOME",
            "/opt/a\nb",
            "/opt/\u{1b}[2J",
            "/opt/../etc",
            "/opt//a",
            "/opt/é",
            "/opt/mpi/bin",
        ] {
            assert!(wrong.parse::<MpiPrefix>().is_err(), "{wrong:?}");
        }
        assert!(format!("/{}", "a".repeat(300)).parse::<MpiPrefix>().is_err());
        assert!(serde_json::from_str::<MpiPrefix>("\"/opt/a b\"").is_err());
    }

    #[test]
    fn a_tilde_is_the_home_on_each_node() {
        let prefix: MpiPrefix = "~/mpi-install".parse().expect("a prefix");
        assert_eq!(prefix.below("/home/vm1"), "/home/vm1/mpi-install");
        assert_eq!("/opt/m".parse::<MpiPrefix>().expect("a prefix").below("/home/vm1"), "/opt/m");
    }

    #[test]
    fn an_installation_knows_its_folder_by_its_launcher() {
        for (launcher, prefix) in [
            ("/usr/bin/mpirun.openmpi", None),
            ("/bin/mpirun.openmpi", None),
            ("/usr/local/bin/mpirun", Some("/usr/local")),
            ("/home/pi/mpi-install/bin/mpiexec.hydra", Some("/home/pi/mpi-install")),
            ("/usr/lib64/openmpi/bin/mpirun", Some("/usr/lib64/openmpi")),
            ("", None),
        ] {
            assert_eq!(install(launcher).prefix(), prefix, "{launcher}");
        }
        let here = install("/opt/mpich/bin/mpiexec.hydra");
        assert_eq!(here.place(), "4.2.1 in /opt/mpich");
        assert!(here.works_with(&here.clone()));
        assert!(!here.works_with(&install("/usr/bin/mpiexec.hydra")));
        assert!(!here.works_with(&MpiInstall { version: "4.2.0".into(), ..here.clone() }));
    }
}
