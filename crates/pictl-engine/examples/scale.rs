//! What a dispatcher costs with few and with many nodes: processor time of each case of `tests/scale`, one line of JSON each.
//!
//!     cargo run --release --package pictl-engine --example scale

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a program for measuring")]

#[path = "../tests/scale/cases.rs"]
mod cases;
#[path = "../tests/common/mod.rs"]
mod common;

use std::fs;

use cases::CASES;

/// Nodes of the two clusters that are compared.
const SIZES: [u16; 2] = [500, 4_000];
/// The least of so many turns counts.
const TURNS: usize = 5;

fn main() {
    for (what, case) in CASES {
        let least = |nodes| (0..TURNS).map(|_| spent(|| case(nodes))).min().expect("turns");
        let [few, many] = SIZES.map(|nodes| least(nodes) as f64 / 1e3 / f64::from(nodes));
        let [fewer, more] = SIZES;
        println!(
            "{}",
            serde_json::json!({ "case": what, "nodes": [fewer, more], "us_a_node": [few, many], "ratio": many / few })
        );
    }
}

/// Processor time of this thread while `work` is done, in nanoseconds; 0 where the system does not say (Linux does).
fn spent<T>(work: impl FnOnce() -> T) -> u64 {
    let before = processor_time();
    work();
    processor_time() - before
}

fn processor_time() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|time| time.parse().ok()).unwrap_or(0)
}
