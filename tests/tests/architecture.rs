//! The structure of the workspace: which crate can use which, what is on the top level, which lints hold.
//!
//! Only normal dependencies are edges. Development dependencies are free, because tests use every crate; so are
//! build dependencies, which are not part of what is built.

#![allow(clippy::unwrap_used, reason = "in tests a surprise is a failure")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use pictl_tests::{repository, skip};
use toml::{Table, Value};

/// Each crate and the crates that it can use. Another edge is a change of the design.
const ROOMS: [(&str, &[&str]); 9] = [
    ("pictl", &["pictl-tui", "pictl-engine", "pictl-net", "pictl-lab", "pictl-report", "pictl-formats", "pictl-model"]),
    ("pictl-tui", &["pictl-report", "pictl-model"]),
    ("pictl-net", &["pictl-engine", "pictl-formats", "pictl-model"]),
    ("pictl-engine", &["pictl-formats", "pictl-report", "pictl-model"]),
    ("pictl-lab", &["pictl-formats", "pictl-model"]),
    ("pictl-report", &["pictl-model"]),
    ("pictl-formats", &["pictl-model"]),
    ("pictl-model", &[]),
    ("pictl-tests", &["pictl-model"]),
];

/// Crates that only these can use.
const DOORS: [(&str, &[&str]); 5] = [
    ("russh", &["pictl-net", "pictl-lab"]),
    ("socket2", &["pictl-net", "pictl-lab"]),
    ("netlink-sys", &["pictl-net", "pictl-lab"]),
    ("crossterm", &["pictl-tui", "pictl"]),
    ("ratatui", &["pictl-tui", "pictl"]),
];

/// Crates that a room must not reach, not even through others.
const OUT_OF_REACH: [(&str, &[&str]); 4] = [
    ("pictl-model", &["tokio", "ratatui", "crossterm", "russh", "socket2"]),
    ("pictl-formats", &["tokio", "ratatui", "crossterm", "russh", "socket2"]),
    ("pictl-report", &["tokio", "ratatui", "crossterm", "russh", "socket2"]),
    ("pictl-engine", &["ratatui", "crossterm", "russh"]),
];

/// Everything that can be on the top level.
const TOP: [&str; 19] = [
    ".ci",
    ".config",
    ".gitignore",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "assets",
    "clippy.toml",
    "config",
    "crates",
    "deny.toml",
    "docs",
    "justfile",
    "rustfmt.toml",
    "tests",
];

/// Rooms with a clippy.toml of their own, and the walls that it leaves out, by the reason given at each entry.
const OWN_WALLS: [(&str, &[&str]); 5] = [
    ("crates/pictl-net", &["sockets"]),
    ("crates/pictl-lab", &["sockets"]),
    ("crates/pictl-tui", &["the terminal"]),
    ("crates/pictl", &["the terminal"]),
    ("tests", &["sockets", "the terminal"]),
];

fn metadata() -> Metadata {
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(rustc.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    MetadataCommand::new()
        .manifest_path(repository().join("Cargo.toml"))
        // Nothing is fetched or changed: what this test was built from is all there. Crates for other systems can be missing.
        .other_options(["--offline", "--locked", "--filter-platform", host].map(str::to_owned))
        .exec()
        .unwrap()
}

fn table(path: &Path) -> Table {
    fs::read_to_string(path).unwrap().parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The packages that `room` names in its normal dependencies, for any system.
fn named_by(room: &Package) -> BTreeSet<&str> {
    let normal = room.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
    normal.map(|dependency| dependency.name.as_str()).collect()
}

#[test]
fn rooms_know_only_the_rooms_below_them() {
    let metadata = metadata();
    let allowed: BTreeMap<_, _> = ROOMS.into_iter().collect();
    let rooms: BTreeSet<_> = metadata.workspace_packages().into_iter().map(|room| room.name.as_str()).collect();
    assert_eq!(rooms, allowed.keys().copied().collect(), "the rooms of the workspace");

    let mut wrong = Vec::new();
    for room in metadata.workspace_packages() {
        let known = named_by(room).into_iter().filter(|name| rooms.contains(name));
        let not_allowed = known.filter(|name| !allowed[room.name.as_str()].contains(name));
        wrong.extend(not_allowed.map(|name| format!("{} → {name}", room.name)));
    }
    assert!(wrong.is_empty(), "edges that the design does not have: {wrong:?}");
}

#[test]
fn only_some_rooms_have_doors() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for room in metadata.workspace_packages() {
        for (door, rooms) in DOORS {
            if named_by(room).contains(door) && !rooms.contains(&room.name.as_str()) {
                wrong.push(format!("{} → {door}", room.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn pure_rooms_reach_neither_runtime_nor_world() {
    let metadata = metadata();
    let resolve = metadata.resolve.as_ref().unwrap();
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    for (room, forbidden) in OUT_OF_REACH {
        let start =
            &metadata.workspace_packages().into_iter().find(|package| package.name.as_str() == room).unwrap().id;
        let mut reached = BTreeSet::from([start]);
        let mut queue = VecDeque::from([start]);
        while let Some(id) = queue.pop_front() {
            for dependency in &nodes[id].deps {
                let normal = dependency.dep_kinds.iter().any(|info| info.kind == DependencyKind::Normal);
                if normal && reached.insert(&dependency.pkg) {
                    queue.push_back(&dependency.pkg);
                }
            }
        }
        let names: BTreeSet<_> = reached.into_iter().map(|id| metadata[id].name.as_str()).collect();
        assert!(names.contains("serde"), "the walk through {room}'s dependencies found nothing");
        let found: Vec<_> = forbidden.iter().filter(|name| names.contains(*name)).collect();
        assert!(found.is_empty(), "{room} reaches {found:?}");
    }
}

#[test]
fn every_room_follows_the_lints_of_the_workspace() {
    let lints = &table(&repository().join("Cargo.toml"))["workspace"]["lints"];
    for lint in ["missing_docs", "unsafe_code"] {
        assert!(lints["rust"].get(lint).is_some(), "the workspace has no lint {lint}");
    }
    for room in metadata().workspace_packages() {
        let manifest = table(room.manifest_path.as_std_path());
        let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool);
        assert_eq!(inherits, Some(true), "{} has to say `[lints] workspace = true`", room.name);
    }
}

#[test]
fn one_terminal_library_and_one_cryptography() {
    let lock = table(&repository().join("Cargo.lock"));
    let packages = lock["package"].as_array().unwrap();
    let versions = |wanted: &str| -> Vec<&str> {
        let named = packages.iter().filter(|package| package["name"].as_str() == Some(wanted));
        named.map(|package| package["version"].as_str().unwrap()).collect()
    };
    // Two crossterms break raw mode and events of each other.
    assert_eq!(versions("crossterm").len(), 1, "{:?}", versions("crossterm"));
    assert_eq!(versions("ring").len(), 1, "{:?}", versions("ring"));
    for other in ["aws-lc-rs", "aws-lc-sys", "openssl-sys", "libssh2-sys"] {
        assert!(versions(other).is_empty(), "{other} is in Cargo.lock");
    }
}

#[test]
fn the_top_level_is_fixed() {
    let root = repository();
    let git = Command::new("git")
        .current_dir(&root)
        .args(["-c", &format!("safe.directory={}", root.display()), "ls-tree", "--name-only", "HEAD"])
        .output();
    let Some(git) = git.ok().filter(|output| output.status.success()) else {
        return skip("the top level is known from git only, and this is no clone");
    };
    let committed = String::from_utf8(git.stdout).unwrap();
    let strangers: Vec<_> = committed.lines().filter(|name| !TOP.contains(name)).collect();
    assert!(strangers.is_empty(), "the design has no place for {strangers:?} on the top level");
}

#[test]
fn rooms_leave_out_their_own_walls_only() {
    let root = repository();
    let everywhere = table(&root.join("clippy.toml"));
    let walls = ["disallowed-types", "disallowed-methods"];
    let reason = |entry: &Value| entry["reason"].as_str().unwrap().to_owned();

    for (room, own) in OWN_WALLS {
        let mut expected = everywhere.clone();
        for wall in walls {
            let entries = expected[wall].as_array_mut().unwrap();
            entries.retain(|entry| !own.iter().any(|own| reason(entry).starts_with(own)));
            if entries.is_empty() {
                expected.remove(wall);
            }
        }
        assert_ne!(expected, everywhere, "{room} leaves nothing out");
        assert_eq!(table(&root.join(room).join("clippy.toml")), expected, "{room}/clippy.toml");
    }

    let own: BTreeSet<_> = OWN_WALLS.iter().map(|(room, _)| root.join(room)).collect();
    for room in metadata().workspace_packages() {
        let dir = room.manifest_path.parent().unwrap().as_std_path();
        assert!(own.contains(dir) || !dir.join("clippy.toml").exists(), "{} has walls of its own", room.name);
    }
}

/// All Rust files of the project below `folder`.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push(path);
        }
    }
    all
}

/// The assertions of a test that say that something took less than some time.
fn timed(test: &str) -> Vec<&str> {
    let all = test.split("assert").skip(1).map(|rest| rest.split(';').next().unwrap_or(rest));
    let measured = ["elapsed()", "took", "spent", "cpu()"];
    all.filter(|text| {
        measured.iter().any(|word| text.contains(word)) && (text.contains(" < ") || text.contains(" <= "))
    })
    .collect()
}

#[test]
fn no_test_compares_a_time_with_a_constant() {
    let root = repository();
    let mut wrong = Vec::new();
    for path in [root.join("crates"), root.join("tests")].iter().flat_map(|folder| sources(folder)) {
        let text = fs::read_to_string(&path).unwrap();
        for marker in ["#[test]", "#[tokio::test"] {
            // What a clock says that the test turns itself is the same on any machine.
            let tests = text.split(marker).skip(1).map(|rest| rest.split("\n}").next().unwrap_or(rest));
            let paused = |test: &str| test.contains("start_paused") || test.contains("time::pause()");
            for test in tests.filter(|test| !paused(test)) {
                wrong.extend(timed(test).into_iter().map(|text| format!("{}: assert{text}", path.display())));
            }
        }
    }
    assert!(wrong.is_empty(), "such figures belong into a bench:\n{}", wrong.join("\n"));
}

/// Cargo unites features while tests are built: proptest asks for all of `regex`'s, and a pattern can then work in tests and not in
/// the program.
#[test]
fn the_program_has_the_features_that_its_patterns_need() {
    let manifest = table(&repository().join("Cargo.toml"));
    let features = &manifest["workspace"]["dependencies"]["regex"]["features"];
    let has = |name: &str| features.as_array().unwrap().iter().any(|feature| feature.as_str() == Some(name));
    let texts: Vec<_> =
        sources(&repository().join("crates")).into_iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    for (sign, feature) in [("(?i", "unicode-case"), (r"\b", "unicode-perl"), (r"\p{", "unicode-gencat")] {
        let is_needed = texts.iter().any(|text| {
            text.lines().any(|line| line.contains("r\"") && line.contains(sign) && !line.trim_start().starts_with("//"))
        });
        assert!(!is_needed || has(feature), "a pattern has {sign}, and regex is built without {feature}");
    }
}
