//! The scripts of `assets/remote/` as a simulated node answers them: the same arguments, the same words, the same
//! exit codes.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pictl_model::node::MpiFamily;
use russh::keys::PrivateKey;
use russh::keys::ssh_key::LineEnding;

use super::board::CORES;
use super::command::{KERNEL, Shell, Status};
use super::files::USER;
use super::heat::Reading;
use super::world::{NEIGHBOUR_LIMIT, NoLink};
use super::{put, run};

/// A file larger than this is not shown by `facts`, in bytes.
const LARGE: usize = 262_144;

/// Runs the script of this name.
pub(super) async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Status {
    match name {
        "facts" => shell.out(facts(shell)).await.map(|()| 0),
        "put-file" => put::put_file(shell, args).await,
        "node-key" => node_key(shell, args).await,
        "set-hostname" => set_hostname(shell, args).await,
        "install-mpi" => install_mpi(shell, args).await,
        "pair-check" => pair_check(shell, args).await,
        "sample" => sample(shell, args).await,
        // As on a fresh Raspberry Pi OS Lite.
        "compile" => shell.fail(4, "no C compiler for MPI (mpicc.openmpi)").await,
        "run-start" => run::start(shell, args).await,
        "run-times" => run::times(shell, args).await,
        "run-follow" => run::follow(shell, args).await,
        "run-end" => run::end(shell, args).await,
        "run-stop" => run::stop(shell, args).await,
        "run-sweep" => run::sweep(shell, args).await,
        _ => shell.fail(127, format!("pictl-{name}: this Pi is simulated and does not know this script")).await,
    }
}

fn facts(shell: &Shell) -> String {
    let (cell, home) = (&shell.cell, shell.home());
    let mut state = cell.lock();
    let throttled = state.heat.read().flags;
    let mut text = String::new();
    let mut say = |key: &str, value: &str| _ = writeln!(text, "{key} {value}");
    say("facts", "1");
    say("now", &milliseconds().to_string());
    say("hostname", &state.hostname);
    say("static_hostname", state.files.text("/etc/hostname").unwrap_or_default().trim_end());
    say("machine_id", state.files.text("/etc/machine-id").unwrap_or_default().trim_end());
    for line in state.files.text("/etc/os-release").unwrap_or_default().lines() {
        match line.split_once('=') {
            Some(("PRETTY_NAME", value)) => say("os", value),
            Some(("VERSION_CODENAME", value)) => say("codename", value),
            _ => {}
        }
    }
    say("arch", "armhf");
    say("model", cell.model.board.name());
    say("serial", &cell.serial);
    say("cores", &CORES.to_string());
    say("mem_total_kib", &cell.model.board.memory_kib().to_string());
    say("user", if shell.root { "root" } else { &cell.user });
    say("uid", if shell.root { "0" } else { "1000" });
    say("home", &home);
    let sudo = match (shell.root, shell.world.spec.sudo_password || cell.has(&super::FaultKind::SudoRefuses)) {
        (true, _) => "root",
        (false, true) => "password",
        (false, false) => "no_password",
    };
    say("sudo", sudo);
    say("address", &format!("eth0 {}/{}", cell.address.ip(), shell.world.prefix()));
    if state.mpi.contains("openmpi") {
        say("mpi", "openmpi /usr/bin/mpirun.openmpi mpirun (Open MPI) 4.1.4");
    }
    if state.mpi.contains("mpich") {
        say("mpi", "mpich /usr/bin/mpiexec.hydra  Version: 4.0.2");
    }
    if !state.mpi.is_empty() {
        // The distribution's mpi4py belongs to Open MPI, whatever else is there.
        say("mpi4py", "3.1.4 Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4, repo rev: v4.1.4, May 26, 2022");
    }
    say("throttled", &format!("throttled={throttled:#x}"));
    say("kernel", KERNEL);
    say("governor", "ondemand");
    for (key, path) in [
        ("hosts", "/etc/hosts".to_owned()),
        ("authorized_keys", format!("{home}/.ssh/authorized_keys")),
        ("known_hosts", format!("{home}/.ssh/known_hosts")),
        ("public_key", format!("{home}/.ssh/id_ed25519.pub")),
        ("machinefile", format!("{home}/machinefile")),
    ] {
        let what = match (state.files.get(&path), state.files.read(&path)) {
            (Some(_), Some(content)) if content.len() > LARGE => "! too-large".into(),
            (Some(entry), Some(content)) => format!("{:o} {}.", entry.mode, STANDARD.encode(content)),
            (Some(_), None) => "! unreadable".into(),
            (None, _) => "- -".into(),
        };
        say("file", &format!("{key} {path} {what}"));
    }
    if let Some(line) = state.files.text("/etc/ssh/ssh_host_ed25519_key.pub") {
        say("host_key", &line.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
    }
    say("end", "facts");
    text
}

async fn node_key(shell: &mut Shell, args: &[String]) -> Status {
    let Some(comment) = args.first() else {
        return shell.fail(2, "pictl-node-key: 8: 1: parameter not set").await;
    };
    let path = format!("{}/.ssh/id_ed25519", shell.home());
    match make_key(shell, &path, comment) {
        Ok(line) => shell.say(format!("public {line}")).await.map(|()| 0),
        Err((status, why)) => shell.fail(status, why).await,
    }
}

/// The public line of the user's key pair, made where there is none.
fn make_key(shell: &Shell, path: &str, comment: &str) -> Result<String, (u32, String)> {
    let mut state = shell.cell.lock();
    let made = state.files.get(path).is_none().then(|| shell.cell.new_user_key(&mut state, comment));
    let files = &mut state.files;
    let public = format!("{path}.pub");
    let broken = || (255, format!("Load key \"{path}\": error in libcrypto"));
    files.make_dirs(&format!("{}/.ssh", shell.home()), 0o700, USER);
    if let Some(key) = made {
        let private = key.to_openssh(LineEnding::LF).map_err(|_| broken())?;
        let line = key.public_key().to_openssh().map_err(|_| broken())?;
        files.write(path, private.as_bytes(), 0o600, USER);
        files.write(&public, format!("{line}\n"), 0o644, USER);
    }
    let key = files.read(path).and_then(|text| PrivateKey::from_openssh(text).ok());
    let usable = key.filter(|key| !key.is_encrypted());
    if files.get(&public).is_none() {
        let line = usable.as_ref().and_then(|key| key.public_key().to_openssh().ok()).ok_or_else(broken)?;
        files.write(&public, format!("{line}\n"), 0o644, USER);
    }
    if usable.is_none() {
        return Err((3, format!("{path} has a passphrase, and mpirun cannot type it")));
    }
    Ok(files.text(&public).unwrap_or_default().trim_end_matches('\n').to_owned())
}

async fn set_hostname(shell: &mut Shell, args: &[String]) -> Status {
    let Some(name) = args.first() else {
        return shell.fail(2, "pictl-set-hostname: 4: 1: parameter not set").await;
    };
    if !shell.root {
        return shell.fail(1, "Could not set pretty hostname: Interactive authentication required.").await;
    }
    if name.parse::<pictl_model::HostName>().is_err() {
        return shell.fail(1, format!("Could not set pretty hostname: Invalid static hostname '{name}'")).await;
    }
    shell.cell.lock().set_hostname(name);
    shell.say(format!("hostname {name}")).await.map(|()| 0)
}

async fn install_mpi(shell: &mut Shell, args: &[String]) -> Status {
    let (family, packages, libraries): (_, _, &[&str]) = match args.first().map(String::as_str) {
        Some("openmpi") => (
            MpiFamily::OpenMpi,
            "openmpi-bin python3-mpi4py",
            &["libhwloc15", "libevent-core-2.1-7", "libpmix2", "libucx0", "openmpi-common", "libopenmpi3"],
        ),
        Some("mpich") => {
            (MpiFamily::Mpich, "mpich python3-mpi4py", &["libslurm38", "hwloc-nox", "libmpich12", "libopenmpi3"])
        }
        _ => return shell.fail(2, "pictl-install-mpi: 14: packages: parameter not set").await,
    };
    if !shell.root {
        let why = "E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)\n\
            E: Unable to lock directory /var/lib/apt/lists/";
        return shell.fail(100, why).await;
    }
    let suites = ["bookworm", "bookworm-security", "bookworm-updates"];
    for (i, suite) in suites.iter().enumerate() {
        shell.say(format!("Hit:{} http://raspbian.raspberrypi.com/raspbian {suite} InRelease", i + 1)).await?;
        shell.pass(0.1).await;
    }
    for step in
        ["Reading package lists", "Reading package lists", "Building dependency tree", "Reading state information"]
    {
        shell.say(format!("{step}...")).await?;
    }
    let there = shell.cell.lock().mpi.contains(family.word());
    if there {
        for package in packages.split(' ') {
            shell.say(format!("{package} is already the newest version.")).await?;
        }
        shell.say("0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.").await?;
    } else {
        let all: Vec<&str> = libraries.iter().copied().chain(packages.split(' ')).collect();
        shell.say(format!("The following NEW packages will be installed:\n  {}", all.join(" "))).await?;
        shell.say(format!("0 upgraded, {} newly installed, 0 to remove and 0 not upgraded.", all.len())).await?;
        for (i, package) in all.iter().enumerate() {
            shell
                .say(format!("Get:{} http://raspbian.raspberrypi.com/raspbian bookworm/main armhf {package}", i + 1))
                .await?;
            shell.pass(0.06).await;
        }
        for verb in ["Unpacking", "Setting up"] {
            for package in &all {
                shell.say(format!("{verb} {package} ...")).await?;
                shell.pass(0.06).await;
            }
        }
        shell.cell.lock().install(family);
    }
    shell.say(format!("installed {packages}")).await.map(|()| 0)
}

async fn pair_check(shell: &mut Shell, args: &[String]) -> Status {
    // All are tried at once, so the limit passes once for all that are silent; those that answer are told first.
    let mut late = Vec::new();
    for target in args {
        let (user, host) = target.split_once('@').unwrap_or((&shell.cell.user, target));
        let said = match shell.world.link(&shell.cell, user, host) {
            Ok(to) => {
                let name = to.lock().hostname.clone();
                format!("ok {target} {name}")
            }
            Err(NoLink::Refused(why)) => format!("bad {target} {}", why.trim_end_matches('\n').replace('\n', " ")),
            Err(NoLink::Silent(why)) => {
                late.push(format!("bad {target} {}", why.trim_end_matches('\n').replace('\n', " ")));
                continue;
            }
        };
        shell.say(said).await?;
    }
    if !late.is_empty() {
        shell.pass(NEIGHBOUR_LIMIT).await;
        shell.say(late.join("\n")).await?;
    }
    Ok(0)
}

async fn sample(shell: &mut Shell, args: &[String]) -> Status {
    let word = args.first().map_or("", String::as_str);
    let Some(interval) = word.parse().ok().and_then(|s| Duration::try_from_secs_f64(s).ok()).filter(|d| !d.is_zero())
    else {
        return shell.fail(1, format!("sleep: invalid time interval '{word}'")).await;
    };
    shell.say(format!("T {}", milliseconds())).await?;
    for i in 0_u64.. {
        let line = sample_line(&shell.cell.lock().heat.read(), i.is_multiple_of(60));
        shell.say(line).await?;
        tokio::time::sleep(if i < 4 { interval / 4 } else { interval }).await;
    }
    Ok(0)
}

/// A line of readings; the node's own clock is told on some of them only.
fn sample_line(now: &Reading, with_clock: bool) -> String {
    let (busy, idle) = now.jiffies;
    let mut line = format!(
        "S {:.2} {:.0} {:.0} {:#x} {:.2} {busy} {idle} {}",
        now.uptime,
        now.temp * 1000.0,
        now.clock,
        now.flags,
        now.load,
        now.available
    );
    // As the script sorts them.
    let clock = with_clock.then(milliseconds);
    for (key, value) in [
        ("fan", now.fan.map(u128::from)),
        ("freq", Some(now.kernel_clock as u128)),
        ("lowvolt", Some(u128::from(now.flags & 1))),
        ("now", clock),
        ("power", now.watts.map(|watts| (watts * 1e3) as u128)),
        ("rx", Some(u128::from(now.net.0))),
        ("swapin", Some(0)),
        ("swapout", Some(0)),
        ("tx", Some(u128::from(now.net.1))),
    ] {
        if let Some(value) = value {
            _ = write!(line, " {key}={value}");
        }
    }
    line
}

/// The clock of all simulated nodes is this machine's.
fn milliseconds() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}
