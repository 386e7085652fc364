//! The scripts of `assets/remote/` as a simulated node answers them: the same arguments, the same words, the same
//! exit codes.

use std::fmt::Write as _;
use std::time::Duration;

use super::clock::milliseconds;
use super::heat::Reading;
use super::launchers::Simulated;
use super::shell::{Shell, Status};
use super::{facts, keys, led, network, put, run, sshd};

/// Runs the script of this name.
pub(super) async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Status {
    match name {
        "facts" => shell.out(facts::facts(shell, args)).await.map(|()| 0),
        "put-file" => put::put_file(shell, args).await,
        "node-key" => keys::node_key(shell, args).await,
        "set-hostname" => set_hostname(shell, args).await,
        "install-mpi" => install_mpi(shell, args).await,
        "mpi4py" => mpi4py(shell, args).await,
        "password-login" => sshd::password_login(shell, args).await,
        "new-identity" => sshd::new_identity(shell, args).await,
        "identify" => led::identify(shell, args).await,
        "pair-check" => keys::pair_check(shell, args).await,
        "sample" => sample(shell, args).await,
        // As on a fresh Raspberry Pi OS Lite.
        "compile" => {
            let compiler = args.get(1).map_or("", String::as_str);
            shell.fail(4, format!("no C compiler for MPI ({compiler})")).await
        }
        "run-start" => run::start(shell, args).await,
        "run-input" => run::input(shell, args).await,
        "run-times" => run::times(shell, args).await,
        "run-follow" => run::follow(shell, args).await,
        "run-end" => run::end(shell, args).await,
        "run-stop" => run::stop(shell, args).await,
        "run-sweep" => run::sweep(shell, args).await,
        "reach" => network::reach(shell, args).await,
        "launcher-state" => network::launcher_state(shell, args).await,
        _ => shell.fail(127, format!("pictl-{name}: this Pi is simulated and does not know this script")).await,
    }
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
    if !shell.root {
        let why = "E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)\n\
            E: Unable to lock directory /var/lib/apt/lists/";
        return shell.fail(100, why).await;
    }
    let packages = args;
    let Some(simulated) = Simulated::of_packages(packages) else {
        let unknown = packages.first().map_or("", String::as_str);
        return shell.fail(100, format!("E: Unable to locate package {unknown}")).await;
    };
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
    let there = shell.cell.lock().mpi.contains(&simulated.family());
    if there {
        for package in packages {
            shell.say(format!("{package} is already the newest version.")).await?;
        }
        shell.say("0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.").await?;
    } else {
        let packages = packages.iter().map(String::as_str);
        let all: Vec<&str> = simulated.libraries.iter().copied().chain(packages).collect();
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
        shell.cell.lock().install(simulated.family());
    }
    shell.say(format!("installed {}", packages.join(" "))).await.map(|()| 0)
}

/// As on a node whose package sources have no compiler.
async fn mpi4py(shell: &mut Shell, args: &[String]) -> Status {
    let [mpi, _, attempt, packages @ ..] = args else {
        return shell.fail(2, "pictl-mpi4py: 1: parameter not set").await;
    };
    let why = format!(
        "the packages that it needs cannot be installed (E: Unable to locate package {}): {}",
        packages.first().map_or("", String::as_str),
        packages.join(" ")
    );
    shell.cell.lock().mpi4py_failed = Some(format!("{mpi} {attempt} {why}"));
    shell.say(format!("mpi4py was not built: {why}")).await.map(|()| 0)
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

/// A sample, as a line; the node's own clock is on some of them only.
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
