//! Questions and what is typed into them: host keys, passwords, filters, command lines.
#![allow(clippy::unwrap_used, reason = "in tests a surprise is a failure")]

use std::fs;
use std::path::{Path, PathBuf};

use pictl_tests::{Dashboard, Home, LIMIT, key};

const SIZE: (u16, u16) = (80, 24);

/// All files below a folder, with what is in them.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            let content = fs::read(&path).unwrap();
            all.push((path, content));
        }
    }
    all
}

/// `text` has the password in it; the Pis' host name, which begins alike, is none.
fn has_password(text: &[u8], password: &str) -> bool {
    let at = |from: usize| text[from..].starts_with(password.as_bytes()) && !text[from..].starts_with(b"raspberrypi");
    (0..text.len()).any(at)
}

#[test]
fn a_wrong_password_is_asked_for_again_and_none_is_shown_or_written() {
    // Every letter of it means something on a screen and in a dialog.
    const WRONG: &str = "q?:/nsb1";
    const RIGHT: &str = "raspberry";
    let home = Home::new();
    let log = home.path().join("log");
    let mut dashboard = Dashboard::demo(&home, SIZE, 2, &["-vv", "--log", log.to_str().unwrap()]);
    let hidden = |dashboard: &Dashboard| {
        // The demo's banner tells the password of its simulated Pis.
        let screen = dashboard.terminal.screen();
        let rest: String = screen.lines().filter(|line| !line.contains("SIMULATED Pis")).collect();
        assert!(!has_password(rest.as_bytes(), RIGHT) && !has_password(rest.as_bytes(), WRONG), "{screen}");
    };
    dashboard.find();
    dashboard.ask_for_setup();
    dashboard.trust();
    dashboard.terminal.send(WRONG);
    dashboard.see("▸ •••••••• ");
    let screen = dashboard.terminal.screen();
    assert!(!screen.contains("refused") && screen.contains("Enter go on"), "{screen}");
    hidden(&dashboard);
    dashboard.press_for(key::ENTER, "The last one was refused");
    dashboard.see("Enter go on");
    hidden(&dashboard);

    // Pasted, as from a password store.
    dashboard.terminal.send(&format!("\x1b[200~{RIGHT}\x1b[201~"));
    dashboard.see("▸ •••••••• ");
    hidden(&dashboard);
    dashboard.press_for(key::ENTER, "Enter make these changes");
    hidden(&dashboard);
    dashboard.apply();
    dashboard.command("bench pi --slices 4 --slice-size 100000");
    dashboard.see_success();
    hidden(&dashboard);

    let written = files(home.path());
    assert!(written.iter().any(|(path, _)| path.ends_with("run.json")), "the record lies there");
    for (path, content) in written {
        assert!(!has_password(&content, RIGHT) && !has_password(&content, WRONG), "{}", path.display());
    }
    assert_eq!(dashboard.quit().code, 0);
    // What was waiting to be written to it has been written now.
    let log = fs::read_to_string(log).unwrap();
    assert!(log.contains("logged in") && log.contains("DEBUG"), "{log}");
    assert!(!has_password(log.as_bytes(), RIGHT) && !has_password(log.as_bytes(), WRONG));
}

#[test]
fn without_a_password_the_nodes_are_left_out() {
    let home = Home::new();
    let mut dashboard = Dashboard::demo(&home, SIZE, 2, &[]);
    dashboard.find();
    dashboard.ask_for_setup();
    dashboard.trust();
    dashboard.press(key::ESC);
    dashboard.see("Setup incomplete on 2 nodes");
    dashboard.see("no password was given for pi");
    let screen = dashboard.terminal.screen();
    assert!(screen.contains("2 failed"), "{screen}");
    // It is asked for again the next time.
    dashboard.press_for("u", "Set up 2 nodes");
    dashboard.press_for(key::ENTER, "Enter go on");
    dashboard.log_in("raspberry");
    dashboard.apply();
    assert_eq!(dashboard.quit().code, 0);
}

#[test]
fn without_trust_nothing_is_changed() {
    let home = Home::new();
    let mut dashboard = Dashboard::demo(&home, SIZE, 2, &[]);
    dashboard.find();
    dashboard.ask_for_setup();
    dashboard.press(key::ESC);
    dashboard.see("Setup incomplete on 2 nodes");
    dashboard.see("is not trusted");
    let screen = dashboard.terminal.screen();
    assert!(screen.contains("2 failed") && !screen.contains("✓"), "{screen}");
    for (path, content) in files(&home.path().join("tmp")) {
        let text = String::from_utf8_lossy(&content);
        assert!(!path.ends_with("known_hosts"), "{text}");
        assert!(!text.contains("127.77.0."), "no node is remembered: {}\n{text}", path.display());
    }
    // Asked again: one of the two.
    dashboard.press_for("u", "Set up 2 nodes");
    dashboard.press_for(key::ENTER, "Enter trust 2");
    dashboard.press_for(" ", "Enter trust 1");
    dashboard.press_for(key::ENTER, "Enter go on");
    let screen = dashboard.terminal.screen();
    assert!(screen.contains("The password of pi on pi02 (127.77.0.32), to log in."), "{screen}");
    assert_eq!(files(&home.path().join("tmp")).iter().filter(|(path, _)| path.ends_with("known_hosts")).count(), 1);
}

#[test]
fn help_lists_the_keys() {
    let home = Home::new();
    let mut dashboard = Dashboard::demo(&home, (120, 40), 2, &[]);
    dashboard.press_for("?", "On every screen");
    dashboard.see("Esc close");
    let screen = dashboard.terminal.screen();
    for words in
        ["scan the network for hosts", "set up a cluster from the marked nodes", "quit pictl (asks first while"]
    {
        assert!(screen.contains(words), "{words:?}\n{screen}");
    }
    dashboard.press_for("G", "Always, also in dialogs");
    dashboard.see("Ctrl-C");
    dashboard.press("?");
    dashboard.see_gone("Ctrl-C");
    dashboard.see("Press s to scan for hosts");
    assert_eq!(dashboard.quit().code, 0);
}

#[test]
fn a_filter_hides_what_does_not_fit() {
    let home = Home::new();
    let mut dashboard = Dashboard::demo(&home, SIZE, 4, &[]);
    dashboard.press_for("s", "4 Raspberry Pis, in ");
    dashboard.press_for("/", "only nodes with:");
    dashboard.terminal.send(".33q");
    dashboard.see("only nodes with: .33q");
    dashboard.see_gone("127.77.0.3");
    dashboard.press(key::BACKSPACE);
    dashboard.see("127.77.0.33");
    let screen = dashboard.terminal.screen();
    assert!(!screen.contains("127.77.0.31") && !screen.contains("127.77.0.34"), "{screen}");
    dashboard.press(key::ENTER);
    // What is hidden is not marked.
    dashboard.press_for("a", "set up 1 marked");
    dashboard.press_for(key::ESC, "127.77.0.31");
    dashboard.see("127.77.0.34");
    assert_eq!(dashboard.quit().code, 0);
}

#[test]
fn the_network_is_watched_and_a_board_blinks() {
    let home = Home::new();
    let mut dashboard = Dashboard::demo(&home, SIZE, 4, &[]);
    dashboard.press_for("w", "watching 127.77.0.31-34, next pass in ");
    dashboard.press("w");
    dashboard.see_gone("watching");
    dashboard.set_up("raspberry");
    dashboard.press("1");
    dashboard.press_for("i", "LED blinks");
    dashboard.press_for("i", "is already blinking");
    assert_eq!(dashboard.quit().code, 0);
}

#[test]
fn commands_are_typed_behind_a_colon() {
    let home = Home::new();
    let mut dashboard = Dashboard::demo(&home, SIZE, 4, &[]);
    dashboard.command("nonsense");
    dashboard.see("there is no command \"nonsense\": scan, watch, identify");
    dashboard.press(key::ESC);
    dashboard.see_gone("nonsense");
    dashboard.command("bench pi");
    dashboard.see("there is no cluster yet");
    dashboard.press(key::ESC);
    dashboard.see_gone("there is no cluster yet");
    dashboard.set_up("raspberry");

    dashboard.command("exec uname -n");
    dashboard.see("$ uname -n");
    dashboard.terminal.wait_for("name from each node", LIMIT, |screen| {
        ["pi01", "pi02", "pi03", "pi04"].iter().all(|name| {
            // Two lines: the node with its exit status, and what it printed.
            screen.contains(&format!("│ {name}  ✓ exit status 0")) && screen.contains(&format!("│   {name} "))
        })
    });
    dashboard.press(key::ESC);
    dashboard.see_gone("$ uname -n");

    dashboard.command("bench pi -n 0");
    dashboard.see("invalid value '0' for '-n <N>'");
    dashboard.press(key::ESC);
    dashboard.see_gone("invalid value");
    dashboard.command("bench pi -n 4 --slices 8 --slice-size 100000");
    dashboard.see_success();
    let screen = dashboard.terminal.screen();
    assert!(screen.contains("pi: 4 ranks on 4 nodes, 8 slices of 100,000 terms"), "{screen}");
    assert_eq!(screen.matches("✓ done").count(), 4, "{screen}");
    dashboard.terminal.send(":q\r");
    assert_eq!(dashboard.terminal.wait_for_end(LIMIT).code, 0);
}
