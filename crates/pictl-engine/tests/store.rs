//! What is kept of a cluster: many writers, folders that cannot be written, files that somebody else changed.
#![allow(clippy::expect_used, reason = "a test that cannot be prepared has failed")]

mod common;

use std::fs;
use std::thread;

use common::{address, key, member};
use pictl_engine::store::{Store, write_whole};
use pictl_formats::known_hosts::KnownHosts;
use pictl_model::trust::Trust;

#[test]
fn writers_at_the_same_time_leave_one_whole_file() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("f");
    let texts: Vec<Vec<u8>> = (0..8_u8).map(|n| vec![b'a' + n; 50_000 + 1_000 * usize::from(n)]).collect();
    thread::scope(|scope| {
        for text in &texts {
            scope.spawn(|| (0..20).for_each(|_| write_whole(&path, text).expect("written")));
        }
        for _ in 0..200 {
            // At every moment the file is one of them, or not there yet.
            if let Ok(now) = fs::read(&path) {
                assert!(texts.contains(&now), "torn: {} bytes", now.len());
            }
        }
    });
    assert!(texts.contains(&fs::read(&path).expect("there")));
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1, "nothing is left beside it");
}

#[test]
fn a_cluster_is_prepared_by_many_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| Store::new(dir.path(), "lab").prepare().expect("prepared"));
        }
    });
    let left: Vec<_> = fs::read_dir(dir.path().join("clusters/lab")).expect("made").collect();
    assert_eq!(left.len(), 1, "only the folder of runs: {left:?}");
}

#[test]
fn a_folder_that_cannot_be_written_is_reported_with_what_helps() {
    // A file where the folder should be stops root too, whom no mode stops.
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    fs::write(&data, b"").expect("written");
    let store = Store::new(&data, "lab");
    for failure in [store.prepare().map(drop), store.save_members(&[member(1)])] {
        let failure = failure.expect_err("a file is in the way").to_string();
        assert!(failure.contains("data") && failure.contains("XDG_DATA_HOME"), "{failure}");
    }
}

#[test]
fn members_and_keys_come_back_as_they_were() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::new(dir.path(), "lab");
    let members = [member(1), member(2), member(3)];
    store.save_members(&members).expect("saved");
    assert_eq!(store.members().expect("read"), members);

    let mut known = KnownHosts::default();
    assert!(known.add(&[address(1).to_string()], &key(1)));
    store.save_known_hosts(&mut known).expect("saved");
    let read = store.known_hosts().expect("read");
    assert_eq!(read.judge("10.0.0.1", 22, &key(1)), Trust::Known);
    assert_eq!(read.judge("10.0.0.1", 22, &key(2)), Trust::Changed);
}

#[test]
fn host_keys_that_several_processes_learn_at_the_same_time_are_all_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    Store::new(dir.path(), "lab").prepare().expect("prepared");
    thread::scope(|scope| {
        for writer in 0..4_u8 {
            // Each has a view of its own, as a process has.
            let store = Store::new(dir.path(), "lab");
            let mut known = store.known_hosts().expect("read");
            scope.spawn(move || {
                for n in 1..=10 {
                    let n = writer * 10 + n;
                    assert!(known.add(&[address(n).to_string()], &key(n)));
                    store.save_known_hosts(&mut known).expect("saved");
                }
            });
        }
    });
    let store = Store::new(dir.path(), "lab");
    let mut known = store.known_hosts().expect("read");
    for n in 1..=40 {
        assert_eq!(known.judge(&address(n).to_string(), 22, &key(n)), Trust::Known, "{n}");
    }
    // One forgets a key while ssh itself has learned another.
    let path = dir.path().join("clusters/lab/known_hosts");
    let text = fs::read_to_string(&path).expect("there");
    fs::write(&path, format!("{text}gate {}\n", key(99).line())).expect("written");
    assert_eq!(known.remove("10.0.0.7", 22), 1);
    store.save_known_hosts(&mut known).expect("saved");
    let now = Store::new(dir.path(), "lab").known_hosts().expect("read");
    assert_eq!((now.judge("10.0.0.7", 22, &key(7)), now.judge("gate", 22, &key(99))), (Trust::Unknown, Trust::Known));
    assert_eq!(now.judge("10.0.0.8", 22, &key(8)), Trust::Known);
}

#[test]
fn inventories_that_cannot_be_used_are_reported_and_not_written_over() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::new(dir.path(), "lab");
    store.prepare().expect("prepared");
    let path = dir.path().join("clusters/lab/cluster.toml");
    for (text, part) in [
        ("version = 2\n", "use a newer pictl"),
        ("version = 1\nnodes = 3\n", "repair it by hand"),
        ("version = 1\n[[node]]\nid = \"x\"\n", "repair it by hand"),
        ("\u{0}", "repair it by hand"),
    ] {
        fs::write(&path, text).expect("written");
        let failure = store.members().expect_err(text).to_string();
        assert!(failure.contains("cluster.toml") && failure.contains(part), "{failure}");
        assert_eq!(fs::read_to_string(&path).expect("there"), text);
    }
    fs::write(&path, [0xff, 0xfe]).expect("written");
    assert!(store.members().expect_err("no text").to_string().contains("cluster.toml"));
}

#[test]
fn a_known_hosts_edited_by_hand_keeps_its_good_lines() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::new(dir.path(), "lab");
    store.prepare().expect("prepared");
    let text = format!("# mine\nnonsense\n10.0.0.1 {}\n", key(1).line());
    fs::write(store.known_hosts_path(), &text).expect("written");
    let known = store.known_hosts().expect("read");
    assert_eq!(known.judge("10.0.0.1", 22, &key(1)), Trust::Known);
    assert_eq!(known.to_string(), text, "and the others when it is saved");
}
