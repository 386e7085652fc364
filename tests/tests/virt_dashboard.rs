//! The main job by keyboard on real hosts, and what becomes of a run that is stopped or loses a node.
#![allow(clippy::unwrap_used, reason = "in tests a surprise is a failure")]

use std::path::Path;

use pictl_tests::{Dashboard, LIMIT, Lab, Operator, Terminal, eventually, key, pictl, skip, unless_lab_runs_here};

const NODES: u32 = 4;
/// Longer than any test waits.
const ENDLESS: &str = "bench pi --slices 100000 --slice-size 1000000";

/// Processes of a run that are alive on a node.
fn left_on(me: &Operator, number: usize) -> Vec<String> {
    let all = me.on(number, "ps -eo args");
    let of_a_run = |line: &&str| ["pi.py", "mpirun", "orted", "prted", ".pictl/"].iter().any(|w| line.contains(w));
    all.lines().filter(of_a_run).map(str::to_owned).collect()
}

#[test]
fn the_whole_job_a_stopped_run_and_a_lost_node() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", &NODES.to_string(), "--with-mpi", "none"]);
    let me = Operator::new(&lab);
    me.home.prefer("[bench]\nslices = 32\nslice_size = 200_000\n");
    let namespace = format!("pictl-lab.{}.operator", lab.name());
    let words = ["netns", "exec", &namespace, pictl().to_str().unwrap()].map(str::to_owned);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let start = || Terminal::start((120, 40), Path::new("ip"), &words, me.home.environment());
    let leave = |dashboard: Dashboard| {
        let end = dashboard.quit();
        assert_eq!((end.code, &end.signal), (0, &None), "{end:?}");
        assert_eq!(end.left_behind, Vec::<&str>::new());
    };
    let mut dashboard = Dashboard::on(start(), NODES);

    dashboard.set_up("raspberry");
    dashboard.bench();
    dashboard.see_success();
    assert!(dashboard.presses() <= 12, "{} key presses", dashboard.presses());
    let screen = dashboard.terminal.screen();
    assert!(screen.contains("result 3.141592") && screen.contains("32 of 32 slices, 100 %"), "{screen}");
    let ranks: usize = screen.split("pi: ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().parse().unwrap();
    assert!(ranks >= NODES as usize, "{screen}");
    assert_eq!(screen.matches("✓ done").count(), ranks, "every rank is shown as complete\n{screen}");

    // Ctrl-C: the run is over, pictl is not, and nothing is left anywhere.
    dashboard.command(ENDLESS);
    dashboard.see("sum so far 3.1");
    assert!((1..=4).all(|n| !left_on(&me, n).is_empty()), "the run is seen on every node");
    dashboard.press_for(key::CTRL_C, "asked to stop");
    dashboard.terminal.wait_for("run that was stopped", LIMIT, |screen| {
        screen.contains("■ aborted") && screen.contains("; 0 processes left on 4 nodes")
    });
    for number in 1..=4 {
        assert_eq!(left_on(&me, number), Vec::<String>::new(), "on node {number}");
    }
    leave(dashboard);

    // A node loses its power: the run ends, and the screen says by whom. Nothing is asked in a second session.
    let mut dashboard = Dashboard::with_cluster(start(), NODES);
    dashboard.command(ENDLESS);
    dashboard.see("sum so far 3.1");
    lab.fault("kill", "n3");
    dashboard.terminal.wait_for("failed run", 2 * LIMIT, |screen| {
        screen.lines().any(|line| line.contains("✗ failed") && line.contains("pi03"))
    });
    for number in [1, 2, 4] {
        let left = left_on(&me, number);
        assert!(!left.iter().any(|process| process.contains("pi.py")), "a rank on node {number}: {left:?}");
        // The launcher was killed, for it waits for the lost node for ever; its daemons notice that by themselves.
        eventually("the end of the launcher's daemon", LIMIT, || left_on(&me, number).is_empty().then_some(()));
    }
    leave(dashboard);
}
