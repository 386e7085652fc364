//! Where the parts of a lab are: directories and names, all made from the lab's name.

use std::path::PathBuf;

use super::NodePlan;

/// Directory of all labs; one directory each: `lab.json` and the nodes' disks.
pub(crate) const LABS: &str = "/var/lib/pictl-lab";

/// Directory of the images.
pub(crate) const CACHE: &str = "/var/cache/pictl-lab";

/// The names of one lab. A dot separates the lab's name, which has none, from the part's.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    lab: String,
}

impl Place {
    pub(crate) fn new(lab: &str) -> Self {
        Self { lab: lab.to_owned() }
    }

    /// The lab's directory.
    pub(crate) fn dir(&self) -> PathBuf {
        PathBuf::from(LABS).join(&self.lab)
    }

    /// What `Lab::open` reads.
    pub(crate) fn spec_file(&self) -> PathBuf {
        self.dir().join("lab.json")
    }

    /// A node's disk, board and console.
    pub(crate) fn node_dir(&self, node: &NodePlan) -> PathBuf {
        self.dir().join(&node.name)
    }

    /// What every namespace and control group of this lab begins with.
    pub(crate) fn prefix(&self) -> String {
        format!("pictl-lab.{}.", self.lab)
    }

    /// Name of the namespace or control group of one part.
    pub(crate) fn part(&self, part: &str) -> String {
        self.prefix() + part
    }

    /// The namespace that has the bridge.
    pub(crate) fn switch(&self) -> String {
        self.part("switch")
    }

    /// The namespace from which nodes are reached.
    pub(crate) fn operator(&self) -> String {
        self.part("operator")
    }
}

/// The lab that a namespace or control group belongs to.
pub(crate) fn lab_of(name: &str) -> Option<&str> {
    name.strip_prefix("pictl-lab.")?.split_once('.').map(|(lab, _)| lab)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_lab_never_begin_with_those_of_another() {
        let (short, long) = (Place::new("a"), Place::new("a-n1"));
        assert!(!long.switch().starts_with(&short.prefix()));
        assert_eq!(lab_of(&long.operator()), Some("a-n1"));
        assert_eq!(lab_of("docker.a"), None);
    }
}
