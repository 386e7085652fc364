//! `facts` as its script reports them: all, or the part that work on keys needs.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::FaultKind;
use super::board::CORES;
use super::clock::milliseconds;
use super::files::Files;
use super::launchers;
use super::node::{DROP_IN, HOST_KEY, MACHINE_ID};
use super::plain::KERNEL;
use super::shell::Shell;

/// A file larger than this is not shown, in bytes.
const LARGE: usize = 262_144;

/// `facts [mpi [prefix=DIR] MPI=PROGRAM=OWN…]` or `facts keys [names] [root]`.
pub(super) fn facts(shell: &Shell, args: &[String]) -> String {
    let (launchers, part): (&[String], &[String]) = match args {
        [first, launchers @ ..] if first == "mpi" => (launchers, &[]),
        part => (&[], part),
    };
    let (cell, home) = (&shell.cell, shell.home());
    let mut state = cell.lock();
    let throttled = state.heat.read().flags;
    let wants = |what: &str| part.is_empty() || part.iter().any(|word| word == what);
    let mut text = String::new();
    let mut say = |key: &str, value: &str| _ = writeln!(text, "{key} {value}");
    say("facts", "1");
    if part.is_empty() {
        say("now", &milliseconds().to_string());
    } else {
        say("part", &part.join(" "));
    }
    say("hostname", &state.hostname);
    say("static_hostname", state.files.text("/etc/hostname").unwrap_or_default().trim_end());
    say("machine_id", state.files.text(MACHINE_ID).unwrap_or_default().trim_end());
    say("boot_id", &cell.boot_id());
    for line in state.files.text("/etc/os-release").unwrap_or_default().lines() {
        match line.split_once('=') {
            Some(("PRETTY_NAME", value)) => say("os", value),
            Some(("VERSION_CODENAME", value)) => say("codename", value),
            _ => {}
        }
    }
    say("user", if shell.root { "root" } else { &cell.user });
    say("uid", if shell.root { "0" } else { "1000" });
    say("home", &home);
    say("shell", "/bin/bash");
    if wants("root") {
        let asks = shell.world.spec.sudo_password || cell.has(&FaultKind::SudoRefuses);
        let sudo = if shell.root {
            "root"
        } else if asks {
            "password"
        } else {
            "no_password"
        };
        say("sudo", sudo);
    }
    for path in [home.clone(), format!("{home}/.ssh")] {
        if let Some(entry) = state.files.get(&path) {
            say("mode", &format!("{:o} {} {path}", entry.mode, entry.owner));
        }
    }
    if wants("names") {
        say("file", &file(&state.files, "hosts", "/etc/hosts"));
    }
    for (key, name) in [
        ("authorized_keys", "authorized_keys"),
        ("known_hosts", "known_hosts"),
        ("public_key", "id_ed25519.pub"),
        ("next_key", "id_ed25519.new.pub"),
        ("old_keys", "id_ed25519.pub.old"),
    ] {
        say("file", &file(&state.files, key, &format!("{home}/.ssh/{name}")));
    }
    say("file", &file(&state.files, "password_login", DROP_IN));
    if let Some(line) = state.files.text(&format!("{HOST_KEY}.pub")) {
        say("host_key", &line.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
    }
    if !part.is_empty() {
        say("end", "facts");
        return text;
    }
    say("arch", "armhf");
    say("model", cell.model.board.name());
    say("serial", &cell.serial);
    say("cores", &CORES.to_string());
    say("mem_total_kib", &cell.model.board.memory_kib().to_string());
    if cell.has(&FaultKind::Swaps) {
        say("swap", "/var/swap 524272");
    }
    say("address", &format!("eth0 {}/{}", cell.address.ip(), shell.world.prefix()));
    say("mac", &format!("eth0 {}", cell.mac));
    for (word, names) in launchers.iter().filter_map(|launcher| launcher.split_once('=')) {
        let program = names.split('=').next().unwrap_or(names);
        if let Some(printed) = launchers::version(&state.mpi, program) {
            let first: Vec<&str> = printed.lines().take(3).flat_map(str::split_ascii_whitespace).collect();
            say("mpi", &format!("{word} /usr/bin/{program} {}", first.join(" ")));
        }
    }
    if state.mpi.contains(&launchers::RUNS) {
        // The distribution's mpi4py belongs to Open MPI, and comes with it.
        say("mpi4py", "3.1.4 Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4, repo rev: v4.1.4, May 26, 2022");
    }
    if let Some(failed) = &state.mpi4py_failed {
        say("mpi4py_failed", failed);
    }
    say("throttled", &format!("throttled={throttled:#x}"));
    say("kernel", KERNEL);
    say("governor", "ondemand");
    say("file", &file(&state.files, "machinefile", &format!("{home}/machinefile")));
    say("now_end", &milliseconds().to_string());
    say("end", "facts");
    text
}

fn file(files: &Files, key: &str, path: &str) -> String {
    let what = match (files.get(path), files.read(path)) {
        (Some(_), Some(content)) if content.len() > LARGE => "! too-large".into(),
        (Some(entry), Some(content)) => format!("{:o} {}.", entry.mode, STANDARD.encode(content)),
        (Some(_), None) => "! unreadable".into(),
        (None, _) => "- -".into(),
    };
    format!("{key} {path} {what}")
}
