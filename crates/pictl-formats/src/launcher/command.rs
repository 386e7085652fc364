//! The launcher's command line. The spellings that work on every version in Debian were measured; the launchers share
//! hardly one.

use ipnet::IpNet;
use pictl_model::node::{MpiFamily, MpiInstall};
use pictl_model::run::{Map, Spawn};

/// The variable that tells to which run a process belongs.
const MARK: &str = "PICTL_RUN";
/// Up to this many nodes the launcher's own node starts all daemons itself (`routed_radix` of Open MPI).
const TREE: usize = 64;
/// In a tree each node starts this many others: a wider one would be none in clusters of a few nodes.
const RADIX: &str = "2";

/// What may be wished of a launcher beyond what it does by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// How ranks are dealt out.
    pub map: Map,
    /// How daemons are started.
    pub spawn: Spawn,
    /// The file that its SSH takes its options from; none: the user's own.
    pub ssh_config: Option<String>,
    /// It runs as root, which Open MPI does not do unasked.
    pub as_root: bool,
}

/// Why this launcher cannot start its daemons so.
pub fn cannot_spawn(install: &MpiInstall, spawn: Spawn) -> Option<&'static str> {
    (install.family == MpiFamily::Mpich && spawn == Spawn::Tree)
        .then_some("MPICH's launcher starts its daemons one by one, from the head; it has no tree")
}

/// All that decides how a launcher is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The launcher.
    pub install: MpiInstall,
    /// Number of ranks.
    pub ranks: u32,
    /// The machinefile's path on the head.
    pub hostfile: String,
    /// The cluster's network: Open MPI uses no other (by default it tries all interfaces, and hangs on those that
    /// lead nowhere).
    pub subnet: Option<IpNet>,
    /// The nodes' interfaces in that network, the head's first and each name once. Hydra passes the address of the
    /// first to the nodes, instead of a name they may not know; PRRTE, which does not understand networks, uses those
    /// of them that a node has.
    pub interfaces: Vec<String>,
    /// Number of nodes in the machinefile.
    pub nodes: usize,
    /// Number of slots in the machinefile.
    pub slots_total: u32,
    /// What is wished otherwise than usual.
    pub manner: Manner,
    /// Environment variables for the ranks.
    pub env: Vec<(String, String)>,
    /// The program and its arguments.
    pub program: Vec<String>,
}

/// The command, word by word. How ranks are dealt out always stands there: launchers differ in what they do by themselves.
pub fn command(launch: &Launch) -> Vec<String> {
    let mut words = Vec::new();
    if let (MpiFamily::Mpich, Some(file)) = (launch.install.family, &launch.manner.ssh_config) {
        words.extend(["env".to_owned(), format!("HYDRA_LAUNCHER_EXTRA_ARGS=-F {file}")]);
    }
    words.push(launch.install.launcher.clone());
    let mut add = |these: &[&str]| words.extend(these.iter().map(|&word| word.to_owned()));
    let ranks = launch.ranks.to_string();
    match launch.install.family {
        MpiFamily::OpenMpi => open_mpi(launch, &ranks, &mut add),
        MpiFamily::Mpich => hydra(launch, &ranks, &mut add),
    }
    words.extend(launch.program.iter().cloned());
    words
}

fn open_mpi(launch: &Launch, ranks: &str, add: &mut dyn FnMut(&[&str])) {
    // From version 5 on the launcher is PRRTE, with parameters of its own.
    let prrte = launch.install.major() >= 5;
    let (runtime, ssh) = if prrte { ("--prtemca", "plm_ssh") } else { ("--mca", "plm_rsh") };
    if launch.manner.as_root {
        add(&["--allow-run-as-root"]);
    }
    add(&["--hostfile", &launch.hostfile, "-n", ranks]);
    let map = match launch.manner.map {
        Map::Node => "node",
        Map::Slot => "slot",
    };
    if launch.ranks > launch.slots_total {
        // Open MPI 5 puts all ranks on the first node when told `--oversubscribe`, and binds two to a core.
        add(&["--map-by", &format!("{map}:OVERSUBSCRIBE"), "--bind-to", "none"]);
    } else {
        add(&["--map-by", map]);
    }
    add(&["--tag-output"]);
    match launch.manner.spawn {
        Spawn::Auto if launch.nodes <= TREE => {}
        Spawn::Auto | Spawn::Linear => add(&[runtime, &format!("{ssh}_no_tree_spawn"), "1"]),
        Spawn::Tree => add(&[runtime, if prrte { "rml_base_radix" } else { "routed_radix" }, RADIX]),
    }
    if let Some(file) = &launch.manner.ssh_config {
        add(&[runtime, &format!("{ssh}_args"), &format!("-F {file}")]);
    }
    // A node that lost its power is noticed after about ten seconds, instead of eight minutes.
    for (name, value) in
        [("oob_tcp_keepalive_time", "5"), ("oob_tcp_keepalive_intvl", "2"), ("oob_tcp_keepalive_probes", "3")]
    {
        add(&[runtime, name, value]);
    }
    if let Some(subnet) = launch.subnet {
        let subnet = subnet.trunc().to_string();
        add(&["--mca", "btl_tcp_if_include", &subnet]);
        if !prrte {
            add(&["--mca", "oob_tcp_if_include", &subnet]);
        }
    }
    if prrte && !launch.interfaces.is_empty() {
        add(&["--prtemca", "prte_if_include", &launch.interfaces.join(",")]);
    }
    for (name, value) in &launch.env {
        add(&["-x", &format!("{name}={value}")]);
    }
    // A parameter that nobody reads stands on the command line of the daemons too, which have no environment of ours.
    // PRRTE cuts values at an equals sign.
    for (name, value) in launch.env.iter().filter(|(name, _)| name == MARK) {
        add(&[runtime, "pictl_mark", &format!("{name}:{value}")]);
    }
}

fn hydra(launch: &Launch, ranks: &str, add: &mut dyn FnMut(&[&str])) {
    add(&["-f", &launch.hostfile, "-n", ranks]);
    if launch.manner.map == Map::Node {
        add(&["-ppn", "1"]);
    }
    // Characters that no program prints by accident; `-l` writes `[0] `, which many do.
    add(&["-prepend-pattern", "\x1e%r\x1f"]);
    if let Some(interface) = launch.interfaces.first() {
        add(&["-iface", interface]);
    }
    if launch.manner.ssh_config.is_some() {
        // A folder that the nodes do not have, such as a home outside of the cluster, ends Hydra.
        add(&["-wdir", "/"]);
    }
    // Ranks would else get the environment of the head, its user's HOME among it.
    add(&["-genvnone"]);
    for (name, value) in &launch.env {
        add(&["-genv", name, value]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(family: MpiFamily, version: &str, launcher: &str) -> Launch {
        Launch {
            install: MpiInstall { family, version: version.into(), launcher: format!("/usr/bin/{launcher}") },
            ranks: 8,
            hostfile: "/home/pi/.pictl/runs/r/hosts".into(),
            subnet: "10.0.0.31/24".parse().ok(),
            interfaces: vec!["eth0".into(), "end0".into()],
            nodes: 2,
            slots_total: 8,
            manner: Manner::default(),
            env: vec![("PICTL_RUN".into(), "r".into())],
            program: vec!["/usr/bin/python3".into(), "pi.py".into()],
        }
    }

    fn line(launch: &Launch) -> String {
        command(launch).join(" ")
    }

    #[test]
    fn open_mpi_4() {
        let launch = launch(MpiFamily::OpenMpi, "4.1.4", "mpirun.openmpi");
        assert_eq!(
            line(&launch),
            "/usr/bin/mpirun.openmpi --hostfile /home/pi/.pictl/runs/r/hosts -n 8 --map-by node --tag-output \
             --mca oob_tcp_keepalive_time 5 --mca oob_tcp_keepalive_intvl 2 --mca oob_tcp_keepalive_probes 3 \
             --mca btl_tcp_if_include 10.0.0.0/24 --mca oob_tcp_if_include 10.0.0.0/24 \
             -x PICTL_RUN=r --mca pictl_mark PICTL_RUN:r /usr/bin/python3 pi.py"
        );
    }

    #[test]
    fn open_mpi_5() {
        let launch = launch(MpiFamily::OpenMpi, "5.0.7", "mpirun.openmpi");
        assert_eq!(
            line(&launch),
            "/usr/bin/mpirun.openmpi --hostfile /home/pi/.pictl/runs/r/hosts -n 8 --map-by node --tag-output \
             --prtemca oob_tcp_keepalive_time 5 --prtemca oob_tcp_keepalive_intvl 2 --prtemca oob_tcp_keepalive_probes 3 \
             --mca btl_tcp_if_include 10.0.0.0/24 --prtemca prte_if_include eth0,end0 \
             -x PICTL_RUN=r --prtemca pictl_mark PICTL_RUN:r /usr/bin/python3 pi.py"
        );
    }

    #[test]
    fn mpich() {
        let launch = launch(MpiFamily::Mpich, "4.2.1", "mpiexec.hydra");
        assert_eq!(
            line(&launch),
            "/usr/bin/mpiexec.hydra -f /home/pi/.pictl/runs/r/hosts -n 8 -ppn 1 -prepend-pattern \x1e%r\x1f -iface eth0 \
             -genvnone -genv PICTL_RUN r /usr/bin/python3 pi.py"
        );
    }

    #[test]
    fn more_ranks_than_slots_share_cores_unbound() {
        for version in ["4.1.4", "5.0.7"] {
            let launch = Launch {
                ranks: 9,
                subnet: None,
                interfaces: Vec::new(),
                ..launch(MpiFamily::OpenMpi, version, "mpirun")
            };
            let line = line(&launch);
            assert!(line.contains("-n 9 --map-by node:OVERSUBSCRIBE --bind-to none --tag-output"), "{line}");
            assert!(!line.contains("if_include"), "{line}");
        }
        let hydra = Launch { ranks: 9, interfaces: Vec::new(), ..launch(MpiFamily::Mpich, "4.0.2", "mpiexec") };
        assert!(!line(&hydra).contains("-iface"));
    }

    #[test]
    fn wishes_are_spelt_as_each_launcher_has_it() {
        let manner = |map, spawn| Manner { map, spawn, ssh_config: Some("/r/ssh".into()), as_root: true };
        for (version, runtime, ssh, radix) in
            [("4.1.4", "--mca", "plm_rsh", "routed_radix"), ("5.0.7", "--prtemca", "plm_ssh", "rml_base_radix")]
        {
            let wished = |map, spawn| {
                line(&Launch { manner: manner(map, spawn), ..launch(MpiFamily::OpenMpi, version, "mpirun") })
            };
            let linear = wished(Map::Slot, Spawn::Linear);
            assert!(linear.starts_with("/usr/bin/mpirun --allow-run-as-root --hostfile "), "{linear}");
            let said =
                format!("--map-by slot --tag-output {runtime} {ssh}_no_tree_spawn 1 {runtime} {ssh}_args -F /r/ssh ");
            assert!(linear.contains(&said), "{linear}");
            let tree = wished(Map::Node, Spawn::Tree);
            assert!(tree.contains(&format!("{runtime} {radix} 2 ")) && !tree.contains("no_tree_spawn"), "{tree}");
            let crowded = Launch {
                ranks: 9,
                manner: manner(Map::Slot, Spawn::Auto),
                ..launch(MpiFamily::OpenMpi, version, "mpirun")
            };
            assert!(line(&crowded).contains("--map-by slot:OVERSUBSCRIBE --bind-to none"));
        }
        let hydra = launch(MpiFamily::Mpich, "4.0.2", "mpiexec.hydra");
        assert!(cannot_spawn(&hydra.install, Spawn::Tree).is_some());
        assert_eq!(cannot_spawn(&hydra.install, Spawn::Linear), None);
        let words = command(&Launch { manner: manner(Map::Slot, Spawn::Linear), ..hydra });
        assert_eq!(words[..3], ["env", "HYDRA_LAUNCHER_EXTRA_ARGS=-F /r/ssh", "/usr/bin/mpiexec.hydra"]);
        assert!(!words.iter().any(|w| w == "-ppn"), "{words:?}");
        assert!(words.windows(2).any(|pair| pair == ["-wdir", "/"]), "{words:?}");
    }

    #[test]
    fn the_spawn_tree_is_cut_only_where_there_is_one() {
        for (version, flag) in
            [("4.1.4", "--mca plm_rsh_no_tree_spawn 1"), ("5.0.7", "--prtemca plm_ssh_no_tree_spawn 1")]
        {
            let wide = |nodes| line(&Launch { nodes, ..launch(MpiFamily::OpenMpi, version, "mpirun") });
            assert!(!wide(64).contains(flag) && wide(65).contains(flag), "{version}");
        }
    }
}
