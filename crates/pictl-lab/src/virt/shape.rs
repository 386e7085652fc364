//! Slow cables: delay and bandwidth by `tc`.

use std::process::Command;

use super::tool::run;
use super::{LabError, LabSpec};

/// Makes a node's cable as slow as the specification says. The delay is added to what the node sends, the bandwidth
/// holds each way.
pub(crate) fn apply(spec: &LabSpec, node: &str, switch: &str, port: &str) -> Result<(), LabError> {
    for (namespace, device) in [(node, "eth0"), (switch, port)] {
        if let Some(rate) = &spec.rate {
            // The bucket must hold a whole offloaded segment of 64 KiB.
            run(Command::new("tc")
                .args(["-n", namespace, "qdisc", "add", "dev", device, "root", "handle", "1:"])
                .args(["tbf", "rate", rate, "burst", "128kb", "latency", "50ms"]))?;
        }
    }
    if let Some(latency) = spec.latency {
        let parent = if spec.rate.is_some() { ["parent", "1:1"].as_slice() } else { &["root"] };
        run(Command::new("tc").args(["-n", node, "qdisc", "add", "dev", "eth0"]).args(parent).args([
            "netem",
            "limit",
            "10000",
            "delay",
            &format!("{}us", latency.as_micros()),
        ]))?;
    }
    Ok(())
}
