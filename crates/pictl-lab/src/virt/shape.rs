//! Slow cables. The kernel limits the bandwidth (`tc … tbf`), and delays packets where it has `netem`; where it has not,
//! a small program in the switch namespace (`assets/lab/relay.py`) holds the packets back.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::cgroup::Group;
use super::place::Place;
use super::tool::{self, run};
use super::{LabError, LabSpec, netns};

const RELAY: &str = include_str!("../../../../assets/lab/relay.py");

/// The relay has to start a Python.
const RELAY_LIMIT: Duration = Duration::from_secs(60);

/// What has to stand before the first node is connected: the relay, if one is needed. It runs on the Python of the
/// image at `base`, because the host can have none.
pub(crate) fn prepare(spec: &LabSpec, place: &Place, base: &Path) -> Result<(), LabError> {
    let switch = place.switch();
    let Some(latency) = spec.latency.filter(|_| !kernel_can_delay(&switch)) else { return Ok(()) };

    let nodes: Vec<String> = spec.plan().into_iter().map(|node| node.name).collect();
    for node in &nodes {
        netns::cut_cable(&switch, node)?;
    }
    let log_path = place.dir().join("relay.log");
    let log = fs::File::create(&log_path).map_err(LabError::io("create", &log_path))?;
    let group = Group::new(&place.part("relay"))?;
    group.create()?;
    let mut command = group.command("setsid");
    command
        .args(["--fork", "unshare", "--mount", "ip", "netns", "exec", &switch, "sh", "-c"])
        .args([r#"mount --rbind /dev "$0/dev" && exec chroot "$0" python3 -c "$@""#.as_ref(), base.as_os_str()])
        .args([RELAY, &latency.as_micros().to_string()])
        .args(&nodes)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    run_detached(&mut command)?;

    let started = Instant::now();
    let connected = |node: &String| ["a", "b"].iter().all(|end| netns::has_carrier(&switch, &format!("{node}.{end}")));
    while !nodes.iter().all(connected) {
        if started.elapsed() > RELAY_LIMIT || !group.populated() {
            let log = fs::read_to_string(&log_path).unwrap_or_default();
            let what = "the relay that delays packets".to_owned();
            return Err(LabError::Late { what, limit: started.elapsed(), tail: tool::tail(&log, 4) });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn run_detached(command: &mut Command) -> Result<(), LabError> {
    let status = command.status().map_err(|error| tool::failed(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(LabError::Tool { command: "setsid".into(), status: status.to_string(), said: String::new() })
}

/// Tries it: nothing else shows it.
fn kernel_can_delay(namespace: &str) -> bool {
    let tc = |args: &[&str]| run(Command::new("tc").args(["-n", namespace, "qdisc"]).args(args));
    let can = tc(&["add", "dev", "lo", "root", "netem", "delay", "1us"]).is_ok();
    can && tc(&["del", "dev", "lo", "root"]).is_ok()
}

/// Makes a node's new cable as slow as the specification says: the delay is added to what the node sends, the
/// bandwidth holds each way.
pub(crate) fn apply(spec: &LabSpec, node: &str, switch: &str, port: &str) -> Result<(), LabError> {
    for (namespace, device) in [(node, "eth0"), (switch, port)] {
        if let Some(rate) = &spec.rate {
            // The bucket must hold a whole offloaded segment of 64 KiB.
            run(Command::new("tc")
                .args(["-n", namespace, "qdisc", "add", "dev", device, "root", "handle", "1:"])
                .args(["tbf", "rate", rate, "burst", "128kb", "latency", "50ms"]))?;
        }
    }
    let Some(latency) = spec.latency.filter(|_| !netns::is_cut(switch, port)) else { return Ok(()) };
    let parent: &[&str] = if spec.rate.is_some() { &["parent", "1:1"] } else { &["root"] };
    let delay = format!("{}us", latency.as_micros());
    run(Command::new("tc")
        .args(["-n", node, "qdisc", "add", "dev", "eth0"])
        .args(parent)
        .args(["netem", "limit", "10000", "delay", &delay]))
    .map(drop)
}
