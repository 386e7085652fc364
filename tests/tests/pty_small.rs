//! Small terminals, terminals whose size changes, and those without colours or without more than ASCII.

use pictl_tests::{Dashboard, Home, LIMIT, Terminal, key};

/// A benchmark of a few seconds at most.
const SHORT: &str = "[bench]\nslices = 16\nslice_size = 200_000\n";

#[test]
fn the_whole_job_on_forty_columns_and_twelve_rows() {
    let home = Home::new();
    home.prefer(SHORT);
    let mut dashboard = Dashboard::demo(&home, (40, 12), 4, &[]);
    let shows = |dashboard: &mut Dashboard, words: &[&str]| {
        for word in [&["pictl", "SIMULATED Pis"], words].concat() {
            dashboard.see(word);
        }
    };
    dashboard.find();
    shows(&mut dashboard, &["127.77.0.31", "127.77.0.34", "? help", "q quit"]);
    dashboard.ask_for_setup();
    shows(&mut dashboard, &["Trust 4 host keys?", "127.77.0.31", "SHA256:", "Enter trust 4"]);
    dashboard.trust();
    shows(&mut dashboard, &["Password", "to log in", "▸", "Enter go on"]);
    dashboard.log_in("raspberry");
    shows(&mut dashboard, &["changes on 4 nodes", "on pi01", "Enter make these changes"]);
    dashboard.apply();
    dashboard.see("b benchmark");
    shows(&mut dashboard, &["pi01*", "pi04", "✓", "✓ done"]);
    dashboard.bench();
    dashboard.see_success();
    shows(&mut dashboard, &["16 of 16", "result 3.14159", "pi01", "pi02"]);
    dashboard.press_for("?", "On every screen");
    dashboard.press(key::ESC);
    dashboard.see_gone("On every screen");
    assert_eq!(dashboard.quit().code, 0);
}

/// Makes the window another size, and waits until the dashboard has drawn itself again.
fn resize(terminal: &mut Terminal, columns: u16, rows: u16) {
    // A terminal of another size is cleared first.
    let cleared = |terminal: &Terminal| terminal.raw().windows(4).filter(|part| part == b"\x1b[2J").count();
    let before = cleared(terminal);
    terminal.resize(columns, rows);
    terminal.wait_until(&format!("picture of {columns}x{rows}"), LIMIT, |terminal| cleared(terminal) > before);
}

#[test]
fn another_size_in_the_middle_of_a_run() {
    let home = Home::new();
    let mut dashboard = Dashboard::demo(&home, (120, 40), 2, &[]);
    dashboard.set_up("raspberry");
    dashboard.command("bench pi --slices 1000 --slice-size 1000000");
    dashboard.see("sum so far 3.1");
    dashboard.see("── Temperatures");
    resize(&mut dashboard.terminal, 40, 12);
    dashboard.see("of 1,000");
    dashboard.see("Ctrl-C stop");
    for (columns, rows) in [(1, 1), (3, 2), (200, 1), (1, 60)] {
        resize(&mut dashboard.terminal, columns, rows);
    }
    resize(&mut dashboard.terminal, 120, 40);
    dashboard.see("── Temperatures");
    dashboard.see("sum so far 3.1");
    dashboard.press(key::CTRL_C);
    dashboard.see("■ aborted");
    dashboard.see("n run again");
    let end = dashboard.quit();
    assert_eq!((end.code, end.left_behind), (0, Vec::new()));
}

/// Sequences in `raw` that choose a colour; going back to the terminal's own colours is none.
fn colours(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw);
    let sequences = text.split("\x1b[").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        rest[end..].starts_with('m').then_some(&rest[..end])
    });
    let colour = |n: &str| n.parse().is_ok_and(|n: u16| matches!(n, 30..=38 | 40..=48 | 58 | 90..=97 | 100..=107));
    sequences.filter(|sequence| sequence.split([';', ':']).any(colour)).map(str::to_owned).collect()
}

/// The whole job on two nodes; what was written to the terminal.
fn raw(home: &Home, words: &[&str], environment: &[(&str, &str)]) -> Vec<u8> {
    let words = [&["demo", "--nodes", "2"], words].concat();
    let all = home.environment().into_iter().chain(environment.iter().map(|(n, v)| (n.into(), v.into())));
    let mut dashboard = Dashboard::on(Terminal::start((120, 40), &pictl_tests::pictl(), &words, all), 2);
    dashboard.set_up("raspberry");
    dashboard.bench();
    dashboard.see_success();
    dashboard.press_for("?", "On every screen");
    dashboard.terminal.raw().to_vec()
}

#[test]
fn colours_only_where_they_are_wanted() {
    let home = Home::new();
    home.prefer(SHORT);
    let none = Vec::<String>::new();
    assert_ne!(colours(&raw(&home, &[], &[])), none, "there are colours to be missed");
    assert_eq!(colours(&raw(&home, &[], &[("NO_COLOR", "1")])), none);
    assert_eq!(colours(&raw(&home, &["--no-color"], &[])), none);
}

#[test]
fn ascii_only_where_that_is_wanted() {
    let home = Home::new();
    home.prefer(&format!("{SHORT}[screen]\nascii = true\n"));
    let mut dashboard = Dashboard::demo(&home, (120, 40), 2, &[]);
    dashboard.set_up("raspberry");
    dashboard.bench();
    dashboard.see(" succeeded; 0 processes left");
    dashboard.press_for("?", "On every screen");
    let text = String::from_utf8_lossy(dashboard.terminal.raw()).into_owned();
    let other: Vec<char> = text.chars().filter(|c| !c.is_ascii()).collect();
    assert_eq!(other, Vec::<char>::new());
}
