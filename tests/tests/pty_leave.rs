//! The terminal is restored, however pictl ends.
#![allow(clippy::unwrap_used, reason = "in tests a surprise is a failure")]

use std::fs;
use std::path::Path;

use pictl_tests::{Dashboard, End, Home, LIMIT, Terminal, key, pictl};
use rustix::process::Signal;

const SIZE: (u16, u16) = (80, 24);
/// What a program writes to have the alternate screen.
const ALTERNATE_SCREEN: &[u8] = b"\x1b[?1049h";

fn demo(home: &Home) -> Dashboard {
    Dashboard::demo(home, SIZE, 2, &[])
}

#[track_caller]
fn clean(end: &End, code: u32) {
    assert_eq!((end.code, &end.signal), (code, &None), "{end:?}");
    assert_eq!(end.left_behind, Vec::<&str>::new(), "{end:?}");
}

fn times(haystack: &[u8], needle: &[u8]) -> usize {
    haystack.windows(needle.len()).filter(|part| *part == needle).count()
}

#[test]
fn by_q() {
    let home = Home::new();
    clean(&demo(&home).quit(), 0);
}

#[test]
fn by_ctrl_c_while_nothing_runs() {
    let home = Home::new();
    let mut dashboard = demo(&home);
    dashboard.press(key::CTRL_C);
    clean(&dashboard.terminal.wait_for_end(LIMIT), 0);
}

#[test]
fn by_an_error_before_the_first_screen() {
    let home = Home::new();
    fs::write(home.path().join("data"), "a file where a folder is wanted").unwrap();
    let mut terminal = Terminal::start(SIZE, &pictl(), &[], home.environment());
    terminal.wait_for_text("XDG_DATA_HOME", LIMIT);
    assert_eq!(times(terminal.raw(), ALTERNATE_SCREEN), 0);
    let end = terminal.wait_for_end(LIMIT);
    clean(&end, 3);
    assert!(end.screen.starts_with("pictl: cannot make "), "{}", end.screen);
}

#[test]
fn by_a_signal() {
    for signal in [Signal::TERM, Signal::HUP] {
        let home = Home::new();
        let dashboard = demo(&home);
        dashboard.terminal.signal(signal);
        clean(&dashboard.terminal.wait_for_end(LIMIT), 130);
    }
}

/// The window is closed: the system sends a signal, and nothing can be written any more.
#[cfg(target_os = "linux")]
#[test]
fn by_the_end_of_the_terminal() {
    use std::io::Read;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};

    use pictl_tests::eventually;
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Winsize, tcsetwinsize};

    let home = Home::new();
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = || {
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true);
        // The terminal of the program, not of this test.
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, OpenptFlags::NOCTTY.bits().cast_signed());
        Stdio::from(options.open(name.to_str().unwrap()).unwrap())
    };
    // Where nothing fits, nothing is drawn.
    tcsetwinsize(&master, Winsize { ws_col: SIZE.0, ws_row: SIZE.1, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let mut command = Command::new("setsid");
    command.arg("--ctty").arg(pictl()).arg("demo").env_clear().envs(home.environment());
    let mut child = command.stdin(slave()).stdout(slave()).stderr(slave()).spawn().unwrap();
    drop(command);
    std::thread::spawn(move || {
        let mut master = fs::File::from(master);
        let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
        // Words only: blanks are not written, the cursor jumps over them.
        while times(&seen, b"hosts") == 0 {
            let length = master.read(&mut buffer).unwrap();
            seen.extend(&buffer[..length]);
        }
        // Here the window goes.
    });
    let status = eventually("end of pictl", LIMIT, || child.try_wait().unwrap());
    assert_eq!((status.code(), status.signal()), (Some(130), None));
    let left: Vec<_> = fs::read_dir(home.path().join("tmp")).unwrap().collect();
    assert!(left.is_empty(), "it cleaned up: {left:?}");
}

#[test]
fn for_a_while_by_ctrl_z() {
    let home = Home::new();
    let mut environment = home.environment();
    environment.push(("PS1".into(), "shell> ".into()));
    let mut terminal = Terminal::start(SIZE, Path::new("bash"), &["--norc", "--noprofile", "-i"], environment);
    terminal.wait_for_text("shell> ", LIMIT);
    terminal.send(&format!("{} demo\r", pictl().display()));
    terminal.wait_for_text("Press s to scan for hosts", LIMIT);
    assert!(terminal.cells().alternate_screen());

    terminal.send(key::CTRL_Z);
    // The shell has its screen back, with what stood there before.
    terminal.wait_for("shell that reports a stopped pictl", LIMIT, |screen| {
        screen.contains("shell> /") && screen.contains("Stopped")
    });
    assert!(!terminal.cells().alternate_screen() && !terminal.cells().hide_cursor());
    terminal.send("echo the answer is $((40+2))\r");
    terminal.wait_for_text("the answer is 42", LIMIT);

    terminal.send("fg\r");
    terminal.wait_for_text("Press s to scan for hosts", LIMIT);
    assert!(terminal.cells().alternate_screen());
    terminal.send("?");
    // The whole page, so that what it covers is gone.
    terminal.wait_for_text("Esc close", LIMIT);
    terminal.send(key::ESC);
    terminal.wait_for_text("Press s to scan for hosts", LIMIT);
    terminal.send("q");
    terminal.wait_for_text("the answer is 42", LIMIT);
    terminal.send("echo code $?; exit\r");
    let end = terminal.wait_for_end(LIMIT);
    clean(&end, 0);
    assert!(end.screen.contains("code 0"), "{}", end.screen);
}

/// Stopped by somebody else: there was no time to restore the terminal, and the shell can have changed it since.
#[test]
fn for_a_while_by_a_signal() {
    let home = Home::new();
    let mut dashboard = demo(&home);
    dashboard.terminal.signal(Signal::STOP);
    dashboard.terminal.signal(Signal::CONT);
    dashboard.press_for("?", "On every screen");
    assert_eq!(times(dashboard.terminal.raw(), ALTERNATE_SCREEN), 2, "the terminal was taken again");
    dashboard.press_for(key::ESC, "Press s to scan for hosts");
    clean(&dashboard.quit(), 0);
}

#[test]
fn while_a_run_goes_on() {
    let home = Home::new();
    let mut dashboard = demo(&home);
    dashboard.set_up("raspberry");

    // Ctrl-C stops what runs, and not pictl.
    let endless = "bench pi --slices 100000 --slice-size 1000000";
    dashboard.command(endless);
    dashboard.see("sum so far 3.1");
    dashboard.press_for(key::CTRL_C, "asked to stop");
    dashboard.terminal.wait_for("run that was stopped", LIMIT, |screen| {
        screen.contains("■ aborted") && screen.contains("; 0 processes left on 2 nodes")
    });

    // q asks first, and says what runs.
    dashboard.command(endless);
    dashboard.see("sum so far 3.1");
    dashboard.press_for("q", "Still running: pi on 2 nodes");
    dashboard.press(key::ESC);
    dashboard.see_gone("Still running");
    dashboard.see("sum so far 3.1");
    dashboard.press_for("q", "stop it and quit");
    dashboard.press("s");
    clean(&dashboard.terminal.wait_for_end(LIMIT), 130);
}
