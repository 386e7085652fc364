//! Network namespaces and the cables between them, by `ip` and `tc`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ipnet::Ipv4Net;
use pictl_model::MacAddr;

use super::LabError;
use super::tool::{run, run_with_input};

/// Where `ip netns` keeps its names.
const NAMES: &str = "/run/netns";

/// The bridge that all cables end at.
const BRIDGE: &str = "br0";

pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(NAMES).join(name)
}

fn exists(name: &str) -> bool {
    path(name).exists()
}

/// The namespaces whose names begin so.
pub(crate) fn list(prefix: &str) -> Vec<String> {
    let entries = fs::read_dir(NAMES).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.starts_with(prefix)).collect()
}

pub(crate) fn create(name: &str) -> Result<(), LabError> {
    run(Command::new("ip").args(["netns", "add", name]))?;
    run(Command::new("ip").args(["-n", name, "link", "set", "lo", "up"])).map(drop)
}

/// Ends what still runs in it and removes it, with the cables that end there. Nothing to do if there is none.
pub(crate) fn destroy(name: &str) -> Result<(), LabError> {
    if !exists(name) {
        return Ok(());
    }
    let pids = run(Command::new("ip").args(["netns", "pids", name])).unwrap_or_default();
    let mine = ancestors();
    let others: Vec<_> = pids.split_whitespace().filter(|pid| !mine.contains(&(*pid).to_owned())).collect();
    if !others.is_empty() {
        // One can have ended by itself meanwhile.
        let _ = run(Command::new("sh").args(["-c", r#"kill -9 "$@""#, "kill"]).args(others));
    }
    match run(Command::new("ip").args(["netns", "del", name])) {
        Err(error) if exists(name) => Err(error),
        _ => Ok(()),
    }
}

/// This process and all above it: a lab can be taken down from inside its own operator namespace.
fn ancestors() -> Vec<String> {
    let mut line = vec![std::process::id().to_string()];
    while let Some(parent) = line.last().and_then(|pid| parent_of(pid)) {
        line.push(parent);
    }
    line
}

fn parent_of(pid: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim();
    (parent != "0").then(|| parent.to_owned())
}

/// A command that will run in the namespace.
pub(crate) fn command_in(name: &str, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", name]).arg(program);
    command
}

/// Runs lines of `ip` commands in a namespace.
fn batch(name: &str, lines: &str) -> Result<(), LabError> {
    run_with_input(Command::new("ip").args(["-n", name, "-batch", "-"]), lines).map(drop)
}

/// A namespace with an empty bridge in it.
pub(crate) fn create_switch(name: &str) -> Result<(), LabError> {
    create(name)?;
    // Ports forward at once, and multicast (mDNS) goes everywhere.
    let bridge = "type bridge stp_state 0 forward_delay 0 mcast_snooping 0";
    batch(name, &format!("link add {BRIDGE} {bridge}\nlink set {BRIDGE} up\n"))
}

/// Cuts the cable of a port before it is connected: a bridge of its own on the node's side, and two tap devices,
/// PORT.a there and PORT.b at the switch, for a relay that joins them.
pub(crate) fn cut_cable(switch: &str, port: &str) -> Result<(), LabError> {
    let bridge = node_side(port);
    batch(
        switch,
        &format!(
            "link add {bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0\nlink set {bridge} up\n\
             tuntap add dev {port}.a mode tap\nlink set {port}.a master {bridge}\nlink set {port}.a up\n\
             tuntap add dev {port}.b mode tap\nlink set {port}.b master {BRIDGE}\nlink set {port}.b up\n"
        ),
    )
}

/// Whether the cable of a port is cut.
pub(crate) fn is_cut(switch: &str, port: &str) -> bool {
    has_port(switch, &node_side(port))
}

/// Whether the switch has such a port.
pub(crate) fn has_port(switch: &str, port: &str) -> bool {
    run(Command::new("ip").args(["-n", switch, "link", "show", port])).is_ok()
}

/// Removes a cable with both its ends.
pub(crate) fn remove_port(switch: &str, port: &str) -> Result<(), LabError> {
    run(Command::new("ip").args(["-n", switch, "link", "del", port])).map(drop)
}

/// The bridge on the node's side of a cut cable.
fn node_side(port: &str) -> String {
    format!("{port}.cut")
}

/// A namespace of a host, with a cable from its `eth0` to port `port` of the switch.
pub(crate) fn create_host(
    name: &str,
    switch: &str,
    port: &str,
    address: Ipv4Net,
    mac: Option<MacAddr>,
) -> Result<(), LabError> {
    create(name)?;
    let bridge = if is_cut(switch, port) { node_side(port) } else { BRIDGE.to_owned() };
    let mac = mac.map(|mac| format!("address {mac} ")).unwrap_or_default();
    batch(
        switch,
        &format!(
            "link add {port} type veth peer name eth0 {mac}netns {name}\nlink set {port} master {bridge}\nlink set {port} up\n"
        ),
    )?;
    batch(name, &format!("link set eth0 up\naddr add {address} brd + dev eth0\n"))
}

/// Pulls or plugs the cable at the switch.
pub(crate) fn set_plugged(switch: &str, port: &str, plugged: bool) -> Result<(), LabError> {
    run(Command::new("ip").args(["-n", switch, "link", "set", port, if plugged { "up" } else { "down" }])).map(drop)
}

/// Whether the cable is in.
pub(crate) fn plugged(switch: &str, port: &str) -> bool {
    has_flag(switch, port, "UP")
}

/// Whether someone is at the other end of a link.
pub(crate) fn has_carrier(namespace: &str, device: &str) -> bool {
    has_flag(namespace, device, "LOWER_UP")
}

/// `7: n1@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu …`
fn has_flag(namespace: &str, device: &str, flag: &str) -> bool {
    let shown = run(Command::new("ip").args(["-n", namespace, "-o", "link", "show", device])).unwrap_or_default();
    let flags = shown.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(flags, _)| flags);
    flags.split(',').any(|name| name == flag)
}
