//! A simulated cluster in this process, for tests of the command line.
#![allow(dead_code, reason = "each test takes what it needs")]

use pictl_lab::sim::{self, Sim, SimNode, SimSpec};
use pictl_tests::{Ended, Home, run};
use tokio::runtime::Runtime;

/// Simulated Pis, and a person with a home of their own who works on them.
pub(crate) struct Cluster {
    pub(crate) home: Home,
    sim: Sim,
    /// The nodes live as long as this does.
    runtime: Runtime,
}

impl Cluster {
    /// Fresh Pis on a free port; nobody knows them yet.
    pub(crate) fn start(spec: SimSpec) -> Self {
        let runtime = Runtime::new().unwrap();
        let spec = SimSpec { port: 0, fast_auth: true, mpi_preinstalled: true, ..spec };
        let sim = runtime.block_on(sim::start(spec)).unwrap();
        Self { home: Home::new(), sim, runtime }
    }

    /// The same, all of them in the inventory.
    pub(crate) fn known(spec: SimSpec) -> Self {
        let cluster = Self::start(spec);
        cluster.run(&["nodes", "add", &cluster.sim.targets(), "--port", &cluster.port()], "").with(0);
        cluster
    }

    pub(crate) fn node(&self, index: usize) -> SimNode {
        self.sim.node(index)
    }

    pub(crate) fn nodes(&self) -> Vec<SimNode> {
        (0..self.sim.nodes().len()).map(|i| self.sim.node(i)).collect()
    }

    /// Where node `index` answers.
    pub(crate) fn address(&self, index: usize) -> String {
        self.sim.node(index).info().address.ip().to_string()
    }

    /// The port of all nodes.
    pub(crate) fn port(&self) -> String {
        self.sim.node(0).info().address.port().to_string()
    }

    /// Runs `pictl` with these words and `input` to its end.
    #[track_caller]
    pub(crate) fn run(&self, words: &[&str], input: &str) -> Ended {
        run(self.home.pictl(words), input)
    }

    /// The text of a file on node `index`.
    #[track_caller]
    pub(crate) fn read(&self, index: usize, path: &str) -> String {
        String::from_utf8(self.sim.node(index).read(path).unwrap_or_else(|| panic!("no {path} on {index}"))).unwrap()
    }

    /// The keys that node `index` takes.
    #[track_caller]
    pub(crate) fn authorized(&self, index: usize) -> String {
        self.read(index, "/home/pi/.ssh/authorized_keys")
    }

    /// The text of a file in the operator's home.
    #[track_caller]
    pub(crate) fn at_home(&self, path: &str) -> String {
        let path = self.home.path().join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }
}
