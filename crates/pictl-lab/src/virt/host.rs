//! What this machine must have before a lab can be made.

use std::path::Path;
use std::process::Command;

use super::{LabError, Progress, tool};

/// Programs that the lab calls, and the Debian packages that bring them.
const TOOLS: [(&str, &str); 11] = [
    ("systemd-nspawn", "systemd-container"),
    ("debootstrap", "debootstrap"),
    ("ip", "iproute2"),
    ("tc", "iproute2"),
    ("unshare", "util-linux"),
    ("nsenter", "util-linux"),
    ("setsid", "util-linux"),
    ("mount", "mount"),
    ("chroot", "coreutils"),
    ("timeout", "coreutils"),
    ("bash", "bash"),
];

/// Fails unless this process has the rights and the tools to make labs.
pub(crate) fn check() -> Result<(), LabError> {
    check_root()?;
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let programs = missing.iter().map(|(program, _)| (*program).to_owned()).collect();
    Err(LabError::Missing { programs, packages: packages(&missing) })
}

/// Fails unless this process is root's.
pub(crate) fn check_root() -> Result<(), LabError> {
    let path = Path::new("/proc/self/status");
    let status = std::fs::read_to_string(path).map_err(LabError::io("read", path))?;
    // `Uid: real effective saved filesystem`
    let effective = status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().nth(1));
    if effective == Some("0") { Ok(()) } else { Err(LabError::NotRoot) }
}

/// The Debian packages that are missing here; empty when a lab can be made.
pub fn missing_packages() -> Vec<String> {
    packages(&missing())
}

fn missing() -> Vec<(&'static str, &'static str)> {
    TOOLS.into_iter().filter(|(program, _)| !installed(program)).collect()
}

fn packages(missing: &[(&str, &str)]) -> Vec<String> {
    let mut packages: Vec<_> = missing.iter().map(|(_, package)| (*package).to_owned()).collect();
    packages.sort();
    packages.dedup();
    packages
}

fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Root's own directories can be missing in a path that came through `su` or `sudo`.
    let directories = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    directories.into_iter().any(|directory| directory.join(program).is_file())
}

/// Installs what is missing by apt-get. Nothing to do (and no package list fetched) if nothing is missing.
pub fn install_missing(progress: &mut dyn FnMut(Progress)) -> Result<(), LabError> {
    check_root()?;
    let packages = missing_packages();
    if packages.is_empty() {
        return Ok(());
    }
    progress(Progress::Phase(format!("installing {}", packages.join(" "))));
    apt_get(&["update"], progress)?;
    let install = ["-y", "--no-install-recommends", "install"].into_iter().chain(packages.iter().map(String::as_str));
    apt_get(&install.collect::<Vec<_>>(), progress)?;
    check()
}

fn apt_get(args: &[&str], progress: &mut dyn FnMut(Progress)) -> Result<(), LabError> {
    let mut command = Command::new("apt-get");
    command.arg("-q").args(args).env("DEBIAN_FRONTEND", "noninteractive");
    let mut last = String::new();
    let status = tool::follow(&mut command, &mut |line| {
        last.clone_from(&line);
        progress(Progress::Line(line));
    })?;
    if status.success() {
        return Ok(());
    }
    Err(LabError::Tool { command: format!("apt-get {}", args.join(" ")), status: status.to_string(), said: last })
}
