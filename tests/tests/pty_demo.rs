//! The whole job by keyboard, on simulated Pis.
#![allow(clippy::unwrap_used, reason = "in tests a surprise is a failure")]

use pictl_tests::{Dashboard, Home};

/// From the first screen to a benchmark that is over, and out again.
fn whole_job(size: (u16, u16)) -> String {
    let home = Home::new();
    let mut dashboard = Dashboard::demo(&home, size, 4, &[]);
    let says_simulated = |dashboard: &Dashboard, when: &str| {
        let screen = dashboard.terminal.screen();
        assert!(screen.contains("SIMULATED Pis"), "{when}:\n{screen}");
    };
    says_simulated(&dashboard, "first screen");
    dashboard.find();
    says_simulated(&dashboard, "nodes");
    dashboard.ask_for_setup();
    says_simulated(&dashboard, "host keys");
    dashboard.trust();
    says_simulated(&dashboard, "password");
    dashboard.log_in("raspberry");
    says_simulated(&dashboard, "planned changes");
    dashboard.apply();
    says_simulated(&dashboard, "setup done");
    dashboard.bench();
    dashboard.see("sum so far 3.1");
    says_simulated(&dashboard, "run");
    dashboard.see_success();
    says_simulated(&dashboard, "run is over");
    assert!(dashboard.presses() <= 12, "{} key presses", dashboard.presses());

    let screen = dashboard.terminal.screen();
    assert!(screen.contains("result 3.1415926"), "{screen}");
    assert!(screen.contains("64 of 64 slices, 100 %"), "{screen}");
    let end = dashboard.quit();
    assert_eq!(end.code, 0, "{end:?}");
    assert_eq!(end.left_behind, Vec::<&str>::new());
    // Nothing of the simulation stays.
    let left: Vec<_> = std::fs::read_dir(home.path().join("tmp")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!home.path().join("data").exists() && !home.path().join(".ssh").exists());
    screen
}

#[test]
fn the_whole_job_takes_twelve_keys_and_a_password() {
    let screen = whole_job((120, 40));
    let done = screen.lines().filter(|line| line.contains("✓ done")).count();
    assert_eq!(done, 16, "every rank is shown as complete\n{screen}");
}

#[test]
fn the_whole_job_fits_the_smallest_usual_terminal() {
    let screen = whole_job((80, 24));
    assert_eq!(screen.matches("✓ done").count(), 16, "every rank is shown as complete\n{screen}");
    for node in ["pi01", "pi02", "pi03", "pi04"] {
        let line = screen.lines().find(|line| line.trim_start().starts_with(node)).unwrap_or_default();
        assert!(line.contains("✓ no process left"), "{node}\n{screen}");
    }
}
