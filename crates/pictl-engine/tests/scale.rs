//! Many nodes: what one of them does is no work for each of the others. How long it takes is shown by the example `scale`
//! (`just bench-run scale`).
#![allow(clippy::expect_used, reason = "a test that cannot be prepared has failed")]

#[path = "scale/cases.rs"]
mod cases;
mod common;

use cases::CASES;

#[test]
fn four_times_as_many_nodes_are_four_times_the_work() {
    for (what, case) in CASES {
        let (few, many) = (case(100), case(400));
        // Some work is the same for any number of nodes.
        assert!(few > 100 && many <= 4 * few, "{what}: {few} effects for 100 nodes, {many} for 400");
    }
}

#[test]
fn a_thousand_nodes_are_found_named_and_connected() {
    for (what, case) in CASES {
        assert!(case(1_000) > 1_000, "{what}");
    }
}
