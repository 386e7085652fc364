//! Bad input and places that cannot be written: told before anything is done anywhere.

use std::fs;

use pictl_tests::{Home, run};

#[test]
fn a_malformed_target_is_bad_input() {
    let home = Home::new();
    for target in ["10.0.0.0/33", "10.0.0.300", "10.0.0.9-1", "10.0.0.0/8/8", "10.0.0.0/8"] {
        let ended = run(home.pictl(&["scan", target]), "").with(2).says(&[target, "hint"]);
        assert_eq!(ended.out, "", "{target}");
    }
    // Setting up what cannot be understood neither.
    run(home.pictl(&["setup", "--nodes", "127.0.0.1/33", "--yes"]), "").with(2).says(&["127.0.0.1/33"]);
}

#[test]
fn too_many_addresses_need_a_yes() {
    let home = Home::new();
    run(home.pictl(&["scan", "127.0.0.0/16"]), "").with(2).says(&["--yes"]);
}

#[test]
fn a_data_directory_that_cannot_be_written_stops_everything_at_once() {
    let home = Home::new();
    // A file where a folder should be stops root, too.
    let file = home.path().join("file");
    fs::write(&file, "mine").unwrap();
    for words in [&["scan", "127.0.0.1"][..], &["setup", "--nodes", "127.0.0.1", "--yes"], &["bench", "pi"]] {
        let mut command = home.pictl(words);
        command.env("XDG_DATA_HOME", &file);
        let ended = run(command, "").with(3).says(&["XDG_DATA_HOME"]);
        assert!(!ended.err.contains("scanning"), "{words:?} began its work: {}", ended.err);
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    assert!(!home.path().join(".ssh").exists(), "a key was made");
}

#[test]
fn passwords_that_are_announced_and_do_not_come() {
    let home = Home::new();
    run(home.pictl(&["setup", "--password-stdin"]), "").with(2).says(&["standard input ended"]);
    run(home.pictl(&["setup", "--password-stdin", "--sudo-password-stdin"]), "one\n").with(2).says(&["sudo password"]);
}

#[test]
fn unknown_words_are_bad_usage() {
    let home = Home::new();
    for words in [&["nonsense"][..], &["bench", "pi", "-n", "0"], &["--cluster", "../x", "nodes", "list"]] {
        run(home.pictl(words), "").with(2);
    }
    run(home.pictl(&["bench", "nonsense"]), "").with(2).says(&["nonsense"]);
    run(home.pictl(&["runs", "show", "nothing"]), "").with(2).says(&["no run"]);
    run(home.pictl(&["runs", "list"]), "").with(0).says(&["no runs yet"]);
}
