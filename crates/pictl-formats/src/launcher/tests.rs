use std::collections::BTreeSet;

use pictl_model::node::MpiInstall;
use pictl_model::run::{Map, Spawn};
use regex::Regex;

use super::*;
use crate::failure::{self, Sign};
use crate::machinefile::{self, Entry};

fn launch(family: MpiFamily, version: &str, launcher: &str) -> Launch {
    Launch {
        install: MpiInstall { family, version: version.into(), launcher: format!("/usr/bin/{launcher}") },
        ranks: 8,
        hostfile: "/home/pi/.pictl/runs/r/hosts".into(),
        subnet: "10.0.0.31/24".parse().ok(),
        interfaces: vec!["eth0".into(), "end0".into()],
        nodes: 2,
        slots_total: 8,
        options: Options::default(),
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

/// The command lines of each launcher in a folder of its own.
#[test]
fn an_mpi_in_a_prefix_is_used_by_absolute_path() {
    let rank = "sh -c PATH=$0/bin:$PATH LD_LIBRARY_PATH=$0/lib:$0/lib64${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}; \
                export PATH LD_LIBRARY_PATH; exec \"$@\" /opt/m /usr/bin/python3 pi.py";
    for launcher in LAUNCHERS {
        let path = format!("/opt/m/bin/{}", launcher.own_program());
        let install = MpiInstall { launcher: path.clone(), ..example(launcher) };
        assert_eq!(compiler_of(&install), "/opt/m/bin/mpicc");
        let line = line(&Launch { install, ..launch(launcher.family(), "", "") });
        let begin = match launcher.family() {
            // The launcher itself, its daemons and its ranks look for their parts there.
            MpiFamily::OpenMpi => {
                assert!(line.contains(" -x OPAL_PREFIX=/opt/m "), "{line}");
                format!(
                    "env OPAL_PREFIX=/opt/m LD_LIBRARY_PATH=/opt/m/lib:/opt/m/lib64 {path} --prefix /opt/m --hostfile "
                )
            }
            // Hydra looks for its proxy where it is itself.
            MpiFamily::Mpich => format!("{path} -f "),
        };
        assert!(line.starts_with(&begin), "{}: {line}", launcher.name());
        assert!(line.ends_with(rank), "{}: {line}", launcher.name());
        let system = example(launcher);
        assert_eq!(compiler_of(&system), launcher.compiler().program);
    }
}

#[test]
fn more_ranks_than_slots_share_cores_unbound() {
    for version in ["4.1.4", "5.0.7"] {
        let launch =
            Launch { ranks: 9, subnet: None, interfaces: Vec::new(), ..launch(MpiFamily::OpenMpi, version, "mpirun") };
        let line = line(&launch);
        assert!(line.contains("-n 9 --map-by node:OVERSUBSCRIBE --bind-to none --tag-output"), "{line}");
        assert!(!line.contains("if_include"), "{line}");
    }
    let hydra = Launch { ranks: 9, interfaces: Vec::new(), ..launch(MpiFamily::Mpich, "4.0.2", "mpiexec") };
    assert!(!line(&hydra).contains("-iface"));
}

#[test]
fn wishes_are_spelt_as_each_launcher_has_it() {
    let options = |map, spawn| Options {
        map,
        spawn,
        ssh_config: Some("/r/ssh".into()),
        rsh: Some("/r/rsh.sh".into()),
        outside: true,
        as_root: true,
    };
    for (version, runtime, ssh, radix) in
        [("4.1.4", "--mca", "plm_rsh", "routed_radix"), ("5.0.7", "--prtemca", "plm_ssh", "rml_base_radix")]
    {
        let line_with = |map, spawn| {
            line(&Launch { options: options(map, spawn), ..launch(MpiFamily::OpenMpi, version, "mpirun") })
        };
        let linear = line_with(Map::Slot, Spawn::Linear);
        assert!(linear.starts_with("/usr/bin/mpirun --allow-run-as-root --hostfile "), "{linear}");
        let said = format!(
            "--map-by slot --tag-output {runtime} {ssh}_no_tree_spawn 1 {runtime} {ssh}_args -F /r/ssh {runtime} {ssh}_agent /bin/sh /r/rsh.sh "
        );
        assert!(linear.contains(&said), "{linear}");
        let tree = line_with(Map::Node, Spawn::Tree);
        assert!(tree.contains(&format!("{runtime} {radix} 2 ")) && !tree.contains("no_tree_spawn"), "{tree}");
        let crowded = Launch {
            ranks: 9,
            options: options(Map::Slot, Spawn::Auto),
            ..launch(MpiFamily::OpenMpi, version, "mpirun")
        };
        assert!(line(&crowded).contains("--map-by slot:OVERSUBSCRIBE --bind-to none"));
    }
    let hydra = launch(MpiFamily::Mpich, "4.0.2", "mpiexec.hydra");
    assert!(of(&hydra.install).cannot_spawn(Spawn::Tree).is_some());
    assert_eq!(of(&hydra.install).cannot_spawn(Spawn::Linear), None);
    let words = command(&Launch { options: options(Map::Slot, Spawn::Linear), ..hydra });
    assert_eq!(words[..3], ["env", "HYDRA_LAUNCHER_EXTRA_ARGS=-F /r/ssh", "/usr/bin/mpiexec.hydra"]);
    assert!(!words.iter().any(|w| w == "-ppn"), "{words:?}");
    assert!(words.windows(2).any(|pair| pair == ["-wdir", "/"]), "{words:?}");
}

#[test]
fn the_spawn_tree_is_cut_only_where_there_is_one() {
    for (version, flag) in [("4.1.4", "--mca plm_rsh_no_tree_spawn 1"), ("5.0.7", "--prtemca plm_ssh_no_tree_spawn 1")]
    {
        let wide = |nodes| line(&Launch { nodes, ..launch(MpiFamily::OpenMpi, version, "mpirun") });
        assert!(!wide(64).contains(flag) && wide(65).contains(flag), "{version}");
    }
}

/// An installation of the release that a launcher was tried with.
fn example(launcher: &dyn Launcher) -> MpiInstall {
    MpiInstall {
        family: launcher.family(),
        version: launcher.version_in(launcher.version_example()).expect("its own version"),
        launcher: format!("/usr/bin/{}", launcher.program()),
    }
}

/// What everything outside of the launchers' files relies on.
#[test]
fn every_launcher_keeps_the_contract() {
    for launcher in LAUNCHERS {
        let name = launcher.name();
        // It recognises its own version and nobody else's, and is found by it.
        for other in LAUNCHERS {
            let known = launcher.version_in(other.version_example()).is_some();
            assert_eq!(known, other.name() == name, "{name} reads the version of {}", other.name());
        }
        let install = example(launcher);
        assert_eq!(of(&install).name(), name);
        assert_eq!(of(&MpiInstall { family: of_family(install.family).family(), ..install.clone() }).name(), name);
        assert_eq!(launcher.version_in(""), None);

        // Facts recognise its libraries.
        let library = launcher.library();
        assert_eq!(family_of_library(&format!("{} v1.0", library.name)), Some(launcher.family()), "{name}");
        for soname in library.sonames {
            assert_eq!(family_of_soname(soname), Some(launcher.family()), "{name}: {soname}");
            assert_eq!(family_of_file(&format!("/usr/lib/{soname}.1.2")), Some(launcher.family()), "{name}: {soname}");
            assert_eq!(family_of_file(&format!("not found: {soname}")), Some(launcher.family()), "{name}: {soname}");
            assert_eq!(family_of_file(&format!("/usr/lib/{soname}0")), None, "{name}: {soname}");
        }
        assert!(!library.sonames.is_empty() && !launcher.program().contains('/') && !launcher.program().is_empty());
        assert!(!launcher.packages().of_a_node().contains(&"") && !launcher.compiler().packages.is_empty(), "{name}");
        assert!(launcher.is_packaged("arm64", "bookworm") || launcher.is_packaged("armhf", "trixie"), "{name}");

        // Its hostfile comes back through the parser, and says whose it is.
        let entries = [
            Entry { host: "10.0.0.31".into(), slots: 4, user: Some("pi".into()) },
            Entry { host: "pi02".into(), slots: 2, user: None },
        ];
        let text = machinefile::write(launcher, &entries).expect("a hostfile");
        assert_eq!(machinefile::parse(&text).as_deref(), Ok(entries.as_slice()), "{name}");
        assert_eq!(machinefile::family_of(&text), Some(launcher.family()), "{name}: {text}");
        assert!(machinefile::write(launcher, &[Entry { slots: 0, ..entries[0].clone() }]).is_err(), "{name}");

        // Its command line has the launcher, the hostfile, the number of ranks, the run's id and, last, the program.
        let ours = Launch { install, ranks: 7, ..launch(launcher.family(), "", "") };
        for spawn in [Spawn::Auto, Spawn::Linear, Spawn::Tree] {
            if launcher.cannot_spawn(spawn).is_some() {
                continue;
            }
            let words = launcher.command(&Launch { options: Options { spawn, ..Options::default() }, ..ours.clone() });
            for word in [&ours.install.launcher, &ours.hostfile, "7"] {
                assert_eq!(words.iter().filter(|w| *w == word).count(), 1, "{name}: {word} in {words:?}");
            }
            assert!(words.iter().any(|w| w.starts_with("PICTL_RUN")), "{name}: {words:?}");
            assert!(words.ends_with(&ours.program), "{name}: {words:?}");
        }
        // In a folder of its own, it and its ranks are started from there.
        let path = format!("/opt/mpi/bin/{}", launcher.own_program());
        let own = Launch { install: MpiInstall { launcher: path.clone(), ..ours.install.clone() }, ..ours.clone() };
        let words = launcher.command(&own);
        assert_eq!(words.iter().filter(|word| **word == path).count(), 1, "{name}: {words:?}");
        assert!(words.ends_with(&ours.program), "{name}: {words:?}");
        let folder = words.len() - ours.program.len() - 1;
        assert_eq!(words.get(folder).map(String::as_str), Some("/opt/mpi"), "{name}: {words:?}");
        assert!(
            !words.iter().any(|word| word.contains("/usr/bin") && !ours.program.contains(word)),
            "{name}: {words:?}"
        );
        assert!(!launcher.own_program().contains('/'), "{name}");
        assert!(launcher.cannot_spawn(Spawn::Auto).is_none(), "{name}");

        // Text without a tag stays text.
        let mut demux = Demux::new(launcher);
        let mut lines = demux.push(&[b"a", &[launcher.tags().first_byte()][..], b"b\n"].concat());
        lines.extend(demux.finish());
        let expected = [b"a", &[launcher.tags().first_byte()][..], b"b"].concat();
        assert_eq!(lines.iter().map(|line| (line.rank, &line.text)).collect::<Vec<_>>(), [(None, &expected)], "{name}");

        // Its daemons can be named and found.
        let daemons = launcher.daemons();
        assert!(!daemons.names.is_empty() && !daemons.names.contains(&""), "{name}");
        assert!(["=", ":"].contains(&daemons.mark), "{name}: the cleanup looks for these marks only");
        assert!(!launcher.exit_limit().is_zero(), "{name}");

        // What it prints when something fails is in the catalogue, each failure once in its place.
        let signs = launcher.signs();
        let mut places = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for sign in &signs {
            let Sign { failure, patterns } = sign;
            places.insert(failure.order);
            ids.insert(failure.id);
            assert!(
                failure.id.starts_with("F-") && !failure.cause.is_empty() && !failure.hint.is_empty(),
                "{failure:?}"
            );
            assert!(!patterns.is_empty() && patterns.iter().all(|pattern| Regex::new(pattern).is_ok()), "{patterns:?}");
        }
        let failures: BTreeSet<_> = signs.iter().map(|sign| (sign.failure.order, sign.failure.id)).collect();
        assert_eq!((places.len(), ids.len()), (failures.len(), failures.len()), "{name}: one place and number each");
        for daemon in daemons.names {
            let missing = crate::diagnosis::explain(&format!("bash: line 1: {daemon}: command not found"));
            assert_eq!(missing.map(|it| it.id), Some(failure::DAEMON_MISSING.id), "{name}: {daemon}");
        }
    }
}

#[test]
fn every_mpi_has_a_launcher_and_the_preferred_one_comes_first() {
    for family in MpiFamily::ALL {
        assert_eq!(of_family(family).family(), family);
    }
    assert_eq!(preferred(), MpiFamily::ALL[0]);
    let names: BTreeSet<_> = LAUNCHERS.into_iter().map(Launcher::name).collect();
    assert_eq!(names.len(), LAUNCHERS.len());
}

/// A failure has one text, no matter which launcher shows it.
#[test]
fn failures_with_one_place_are_the_same() {
    let signs: Vec<Sign> = LAUNCHERS.into_iter().flat_map(Launcher::signs).collect();
    for sign in &signs {
        for other in signs.iter().filter(|other| other.failure.order == sign.failure.order) {
            assert_eq!(sign.failure, other.failure);
        }
    }
}
