//! The Keys screen: who logs in to whom, seen as it is tried, and work on keys by keyboard.

use pictl_tests::{Dashboard, Home, LIMIT, key};

/// Rows that the pairs of a cluster of three need, and a status line that is not cut.
const SIZE: (u16, u16) = (100, 30);
/// What the screen says when there is nothing left to do.
const ALL: &str = "✓ Every node logs in to every other one.";

#[test]
fn pairs_are_seen_after_the_setup_and_tried_again_by_one_key() {
    let home = Home::new();
    let mut dashboard = Dashboard::demo(&home, SIZE, 3, &[]);
    dashboard.press_for("4", "No node is in the cluster yet.");
    dashboard.press("1");
    dashboard.set_up("raspberry");
    dashboard.press_for("4", "6 pairs: 6 work");
    dashboard.see(ALL);
    dashboard.press_for("j", "── pi01 ");
    dashboard.press_for("l", "── pi01 → pi02 (127.77.0.32)");
    dashboard.see("✓ logs in by key, tried ");
    dashboard.press_for("c", " being tried");
    dashboard.see("tried now");
    dashboard.see(ALL);
    assert_eq!(dashboard.quit().code, 0);
}

#[test]
fn new_keys_for_all_nodes_are_explained_planned_and_proven() {
    let home = Home::new();
    let mut dashboard = Dashboard::demo(&home, SIZE, 3, &[]);
    dashboard.set_up("raspberry");
    dashboard.press_for("4", ALL);
    dashboard.press_for("N", "If something fails: ");
    dashboard.press(key::ESC);
    dashboard.see_gone("If something fails: ");
    dashboard.press_for("N", "If something fails: ");
    dashboard.press_for(key::ENTER, "Enter make these changes");
    dashboard.press(key::ENTER);
    dashboard.terminal.wait_for_text(ALL, 3 * LIMIT);
    dashboard.press_for(key::ENTER, "Setup done on 3 nodes");
    assert_eq!(dashboard.quit().code, 0);
}
