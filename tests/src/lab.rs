//! Virtual clusters by the command line.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::pictl;
use crate::processes::{Process, processes_in};

/// What root's `sh -c '…'` on a node does so that sshd reads its settings again **and listens again**.
///
/// `systemctl reload ssh` only sends SIGHUP: for a moment after it nothing listens, and a connection then is refused.
pub const RELOAD_SSHD: &str = "\
    listens() { journalctl -q --no-pager -b -u ssh | grep -c \"Server listening on 0.0.0.0\" || true; }; \
    before=$(listens); systemctl reload ssh && until [ \"$(listens)\" -gt \"$before\" ]; do sleep 0.1; done";

/// A virtual cluster that lives as long as this value.
///
/// It is driven by `pictl lab` only, as a user would. Dropping it takes the cluster down, also when the test fails.
#[derive(Debug)]
pub struct Lab {
    program: PathBuf,
    name: String,
}

impl Lab {
    /// `pictl lab up` with these arguments, under a name that no other test has.
    ///
    /// # Panics
    ///
    /// When the cluster does not come up, with what pictl said.
    pub fn up(args: &[&str]) -> Self {
        Self::up_with(pictl(), args)
    }

    fn up_with(program: PathBuf, args: &[&str]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        // Made before the cluster: one that comes up only in part is taken down too.
        let lab = Self { program, name };
        let output = lab.command("up").args(args).output().expect("pictl starts");
        assert!(output.status.success(), "pictl lab up {args:?} failed\n{}", both(&output));
        lab
    }

    /// The name of the cluster on this machine.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `pictl lab SUBCOMMAND --name NAME`, to be given more arguments.
    pub fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["lab", subcommand, "--name", &self.name]).stdin(Stdio::null());
        command
    }

    /// `pictl lab FAULT NODE`: `kill`, `start`, `unplug` or `plug`.
    ///
    /// # Panics
    ///
    /// When pictl fails, with what it said.
    pub fn fault(&self, fault: &str, node: &str) {
        let output = self.command(fault).arg(node).output().expect("pictl starts");
        assert!(output.status.success(), "pictl lab {fault} {node} failed\n{}", both(&output));
    }

    /// Pulls the operator's own cable, or plugs it in again.
    ///
    /// # Panics
    ///
    /// When that fails.
    pub fn operator_cable(&self, plugged: bool) {
        let mut command = Command::new("ip");
        command.args(["-n", &format!("pictl-lab.{}.switch", self.name), "link", "set", "operator"]);
        let output = command.arg(if plugged { "up" } else { "down" }).output().expect("ip starts");
        assert!(output.status.success(), "{command:?} failed\n{}", both(&output));
    }

    /// A firewall on node `at`: connections of node `from` to node `to` by TCP on ports from 1024 on get no answer, or are
    /// refused. SSH is allowed, with its answers.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn firewall(&self, at: usize, (from, to): (usize, usize), refuse: bool) {
        let rule = format!(
            "pref 1 from {} to {} ipproto tcp sport 1024-65534 dport 1024-65534 {}",
            crate::address(from),
            crate::address(to),
            if refuse { "prohibit" } else { "blackhole" }
        );
        // Before the kernel's own rule for local addresses, which is the first.
        let _ = self.rule(at, "add pref 5 lookup local");
        let _ = self.rule(at, "del pref 0");
        let output = self.rule(at, &format!("add {rule}"));
        assert!(output.status.success(), "ip rule add {rule} failed\n{}", both(&output));
        // Only a host that forwards answers that it refuses.
        let mut forward = Command::new("ip");
        forward.args(["netns", "exec", &self.namespace_of(at), "sh", "-c"]);
        let output = forward.arg("echo 1 >/proc/sys/net/ipv4/ip_forward").output().expect("ip starts");
        assert!(output.status.success(), "{forward:?} failed\n{}", both(&output));
    }

    /// Gives two nodes each other's address, as a DHCP server does that forgot who had which.
    ///
    /// # Panics
    ///
    /// When that fails.
    pub fn swap_addresses(&self, first: usize, second: usize) {
        let all = [self.namespace_of(first), self.namespace_of(second), format!("pictl-lab.{}.operator", self.name)];
        for (namespace, number) in [(&all[0], second), (&all[1], first)] {
            let address = format!("addr add {}/24 dev eth0", crate::address(number));
            for words in ["addr flush dev eth0 scope global", &address] {
                let mut command = Command::new("ip");
                let output = command.args(["-4", "-n", namespace]).args(words.split(' ')).output().expect("ip starts");
                assert!(output.status.success(), "{command:?} failed\n{}", both(&output));
            }
        }
        for namespace in &all {
            let _ = Command::new("ip").args(["-n", namespace, "neigh", "flush", "all"]).output();
        }
    }

    /// Takes the firewall on node `at` down.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn no_firewall(&self, at: usize) {
        let output = self.rule(at, "del pref 1");
        assert!(output.status.success(), "ip rule del failed\n{}", both(&output));
    }

    fn rule(&self, at: usize, rule: &str) -> Output {
        let mut command = Command::new("ip");
        command.args(["-n", &self.namespace_of(at), "rule"]).args(rule.split(' '));
        command.output().expect("ip starts")
    }

    fn namespace_of(&self, number: usize) -> String {
        format!("pictl-lab.{}.n{number}", self.name)
    }

    /// Gives node `number` a second network interface, `wlan0`, in the same network. As Linux does by default,
    /// the node answers with either for both of its addresses.
    ///
    /// # Panics
    ///
    /// When that fails.
    pub fn second_interface(&self, number: usize, mac: &str, address: &str) {
        let (switch, node) = (format!("pictl-lab.{}.switch", self.name), format!("pictl-lab.{}.n{number}", self.name));
        let port = format!("n{number}.w");
        for line in [
            format!("-n {switch} link add {port} type veth peer name wlan0 address {mac} netns {node}"),
            format!("-n {switch} link set {port} master br0 up"),
            format!("-n {node} addr add {address}/24 dev wlan0"),
            format!("-n {node} link set wlan0 up"),
        ] {
            let output = Command::new("ip").args(line.split(' ')).output().expect("ip starts");
            assert!(output.status.success(), "ip {line} failed\n{}", both(&output));
        }
    }

    /// What runs on node `number`, seen from outside.
    pub fn processes(&self, number: usize) -> Vec<Process> {
        processes_in(&self.namespace_of(number))
    }

    /// What node `number` has written on its disk so far.
    pub fn disk(&self, number: usize) -> PathBuf {
        Path::new("/var/lib/pictl-lab").join(&self.name).join(format!("n{number}/upper"))
    }

    /// A command line in the operator's namespace, to be given an environment, input and output. The first of `args` is
    /// the program.
    pub fn inside(&self, args: &[&str]) -> Command {
        let mut command = self.command("exec");
        command.arg("--").args(args);
        command
    }

    /// Runs a command line in the operator's namespace to its end.
    pub fn exec(&self, args: &[&str]) -> Output {
        self.inside(args).output().expect("pictl starts")
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let problem = match self.command("down").output() {
            Ok(output) if output.status.success() => return,
            Ok(output) => both(&output),
            Err(error) => error.to_string(),
        };
        // A second panic would hide the first.
        assert!(std::thread::panicking(), "pictl lab down failed\n{problem}");
        eprintln!("pictl lab down failed\n{problem}");
    }
}

fn both(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}{}", output.status, text(&output.stdout), text(&output.stderr))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A `pictl` that writes down its arguments and runs what follows `--`.
    fn stand_in(dir: &Path, script: &str) -> PathBuf {
        let path = dir.join("pictl");
        let log = dir.join("log");
        fs::write(&path, format!("#!/bin/sh\necho \"$*\" >>'{}'\n{script}\n", log.display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn drives_the_command_line_and_takes_down() {
        let dir = tempfile::tempdir().unwrap();
        let program = stand_in(dir.path(), "[ \"$2\" != exec ] || { shift 5; exec \"$@\"; }");
        let lab = Lab::up_with(program, &["--nodes", "2"]);
        let name = lab.name().to_owned();
        let output = lab.exec(&["sh", "-c", "echo inside; exit 7"]);
        lab.fault("unplug", "n1");
        drop(lab);

        assert_eq!(output.status.code(), Some(7));
        assert_eq!(output.stdout, b"inside\n");
        let log = fs::read_to_string(dir.path().join("log")).unwrap();
        let lines: Vec<&str> = log.lines().collect();
        let expected = [
            format!("lab up --name {name} --nodes 2"),
            format!("lab exec --name {name} -- sh -c echo inside; exit 7"),
            format!("lab unplug --name {name} n1"),
            format!("lab down --name {name}"),
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_lab_that_does_not_come_up_is_taken_down_and_says_why() {
        let dir = tempfile::tempdir().unwrap();
        let program = stand_in(dir.path(), "[ \"$2\" != up ] || { echo 'no root' >&2; exit 3; }");
        let failure = std::panic::catch_unwind(|| Lab::up_with(program, &[])).unwrap_err();
        let message = failure.downcast_ref::<String>().unwrap();
        assert!(message.contains("no root"), "{message}");
        let log = fs::read_to_string(dir.path().join("log")).unwrap();
        assert!(log.lines().last().unwrap().starts_with("lab down"), "{log}");
    }
}
