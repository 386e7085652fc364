//! Bad input and places that cannot be written: reported before anything is done.

use std::fs;

use pictl_tests::{Home, LIMIT, Running, Terminal, pictl, run};
use rustix::process::Signal;

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
fn a_scan_that_cannot_be_meant_is_told_in_one_line() {
    let home = Home::new();
    for (words, told) in [
        ("0.0.0.0/0", "\"0.0.0.0/0\" is too wide"),
        ("10.0.0.0/12 10.64.0.0/12", "is too wide"),
        ("10.0.1.1-10.0.0.1", "\"10.0.1.1-10.0.0.1\" is reversed"),
        (",", "no targets given"),
        ("fe80::/64", "\"fe80::/64\" has too many addresses to ask"),
        ("224.0.0.1", "no host has"),
        ("127.0.0.010", "leading zero"),
        ("127.0.0.0/16", "add --yes"),
        ("127.0.0.1 --exclude 127.0.0.1-0", "\"127.0.0.1-0\" is reversed"),
        ("127.0.0.1-9 --exclude 127.0.0.0/28", "nothing is left of \"127.0.0.1-9\""),
        ("127.0.0.1 --interface eth77", "interface eth77"),
        ("127.0.0.1 --method arp", "ARP"),
    ] {
        let words: Vec<_> = ["scan"].into_iter().chain(words.split(' ')).collect();
        let ended = run(home.pictl(&words), "").with(2).says(&[told]);
        assert_eq!((ended.out.as_str(), ended.err.lines().count()), ("", 1), "{words:?}: {}", ended.err);
    }
    for words in [&["--watch=0"][..], &["--watch", "--save"], &["--method", "guess"], &["--exclude"]] {
        run(home.pictl(&[&["scan", "127.0.0.1"], words].concat()), "").with(2);
    }
}

#[test]
fn somebody_at_a_terminal_is_asked_about_many_addresses() {
    let home = Home::new();
    let words = ["scan", "127.0.0.0/16", "--exclude", "127.0.0.0/24"];
    let mut terminal = Terminal::start((100, 10), &pictl(), &words, home.environment());
    terminal.wait_for_text("127.0.0.0/16: 65279 addresses, about", LIMIT);
    terminal.wait_for_text("scan them all? [y/N]", LIMIT);
    terminal.send("n\r");
    let end = terminal.wait_for_end(LIMIT);
    assert!(end.screen.contains("nothing was scanned"), "{}", end.screen);
    assert_eq!(end.code, 130);
}

#[test]
fn what_is_preferred_of_a_scan_is_looked_at_first() {
    let home = Home::new();
    home.prefer("[scan]\nexclude = ['127.0.0.0/8']\nprefixes = ['02:00:17']\n");
    run(home.pictl(&["scan", "127.0.0.1"]), "").with(2).says(&["nothing is left"]);
    home.prefer("[scan]\nprefixes = ['02:00:17', '02:00:17:zz']\n");
    run(home.pictl(&["scan", "127.0.0.1"]), "").with(2).says(&["pictl.toml", "line 2", "02:00:17:zz"]);
}

#[test]
fn a_watch_that_is_stopped_ended_well() {
    let home = Home::new();
    let mut watch = Running::start(home.pictl(&["scan", "127.0.0.1", "--watch=60", "--plain"]), "");
    watch.wait_for(" found in ", LIMIT);
    watch.signal(Signal::INT);
    watch.wait_for_end(LIMIT).with(0);
}

#[test]
fn only_boards_that_are_known_blink() {
    let home = Home::new();
    run(home.pictl(&["nodes", "identify"]), "").with(2).says(&["there are no nodes yet"]);
    run(home.pictl(&["nodes", "identify", "--seconds", "0"]), "").with(2);
    run(home.pictl(&["nodes", "identify", "--nodes", "pi[01-02]"]), "").with(2).says(&["pi[01-02]"]);
    run(home.pictl(&["nodes", "identify", "--nodes", "127.77.9.9"]), "")
        .with(3)
        .says(&["nobody answers at 127.77.9.9"]);
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
