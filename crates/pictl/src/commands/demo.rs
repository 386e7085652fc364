//! `pictl demo`: the whole job on simulated nodes, or on a fresh virtual cluster of real hosts.

use std::io::{IsTerminal as _, Write as _};
use std::process::Stdio;

use pictl_lab::sim::{self, SimSpec};
use pictl_lab::virt::{Lab, LabSpec, install_missing, missing_packages};
use pictl_model::Secret;
use pictl_model::event::Event;
use pictl_model::request::{BenchRequest, KeyWork, LaunchWish, Login, Request, SetupRequest};
use pictl_model::run::Workload;
use pictl_model::trust::TrustPolicy;

use super::hosts::found;
use super::launch::measure;
use super::setup::make;
use crate::cli::Demo;
use crate::drive::{Caught, Session, Signals, confirm};
use crate::exit::{Exit, Trouble};
use crate::front::{Front, out, say};
use crate::lab_cmd::{ProgressLine, count, exit_code};
use crate::secrets::Secrets;
use crate::wire::Setting;

/// The login of the demo's nodes. They exist on this computer only, while the demo runs, so it is not a secret.
const USER: &str = "pi";
const PASSWORD: &str = "raspberry";

/// Runs the demo.
pub(crate) async fn run(mut setting: Setting, args: &Demo) -> Result<Exit, Trouble> {
    let nodes = setting.global.nodes.take().map_or(Ok(4), |text| count(&text)).map_err(Trouble::usage)?;
    if !(1..=64).contains(&nodes) {
        return Err(Trouble::usage(anyhow::anyhow!("the demo can have 1 to 64 nodes, not {nodes}")));
    }
    if let Some(subnet) = &args.inside {
        return inside(setting, subnet).await;
    }
    if args.real {
        return real(&setting, nodes, args.yes).await;
    }
    simulated(setting, nodes).await
}

/// Uses a temporary folder for everything, and none of the operator's keys.
fn in_folder(setting: &mut Setting, folder: &tempfile::TempDir) {
    setting.paths.data = folder.path().join("data");
    setting.paths.ssh = folder.path().join("ssh");
    setting.global.cluster = "demo".into();
    setting.config.login = crate::config::Login::default();
    setting.login_args.identity = None;
    setting.login_args.jump = None;
    setting.login_args.user = Some(USER.into());
}

fn folder() -> Result<tempfile::TempDir, Trouble> {
    tempfile::Builder::new().prefix("pictl-demo-").tempdir().map_err(Trouble::access)
}

async fn simulated(mut setting: Setting, nodes: u16) -> Result<Exit, Trouble> {
    let folder = folder()?;
    in_folder(&mut setting, &folder);
    let spec =
        SimSpec { nodes, user: USER.into(), password: Secret::new(PASSWORD.into()), port: 0, ..SimSpec::default() };
    let sim = sim::start(spec).await.map_err(Trouble::access)?;
    let port = sim.nodes().first().map_or(2222, |n| n.address.port());
    setting.login_args.port = Some(port);
    setting.config.scan.targets = vec![sim.targets()];
    if let Some(note) = sim.note() {
        say(&format!("note: {note}"));
    }
    let exit = if setting.global.plain || setting.global.json || !std::io::stdout().is_terminal() {
        say(&format!("{nodes} simulated Raspberry Pis, no real hardware; nothing is kept"));
        whole_job(&setting).await
    } else {
        let banner = format!("SIMULATED Pis. Password: {PASSWORD}");
        crate::dashboard::run(&setting, Some(banner)).await
    };
    sim.stop().await;
    exit
}

/// The same on real Debian hosts. They can only be reached from inside their network, so a second pictl is started there.
async fn real(setting: &Setting, nodes: u16, yes: bool) -> Result<Exit, Trouble> {
    let failed = |e: pictl_lab::virt::LabError| Trouble {
        exit: match exit_code(&e) {
            2 => Exit::Usage,
            3 => Exit::Access,
            _ => Exit::Failed,
        },
        error: e.into(),
    };
    let missing = missing_packages();
    let mut line = ProgressLine::new();
    if !missing.is_empty() {
        let question = format!("install {} with apt-get? [y/N] ", missing.join(", "));
        let agreed = yes || (setting.interactive() && confirm(&question));
        if !agreed {
            let why = format!("{} are missing; add --yes to install them", missing.join(", "));
            return Err(Trouble::access(anyhow::anyhow!(why)));
        }
        install_missing(&mut |progress| line.show(progress)).map_err(failed)?;
    }
    let spec = LabSpec { name: format!("demo{}", std::process::id()), nodes, ..LabSpec::default() };
    let subnet = spec.subnet.to_string();
    let name = spec.name.clone();
    // From here on signals do not end this process before the lab is down.
    let mut signals = Signals::listen().map_err(Trouble::access)?;
    let lab = Lab::up(spec, &mut |progress| line.show(progress)).inspect_err(|_| {
        // Removes what was made before the failure.
        let _ = Lab::remove(&name);
    });
    let stopped = tokio::select! { biased; _ = signals.next() => true, () = std::future::ready(()) => false };
    let lab = match lab {
        Err(_) if stopped => return Ok(Exit::Cancelled),
        lab => lab.map_err(failed)?,
    };
    let ended = if stopped { Ok(Exit::Cancelled) } else { job_inside(setting, &lab, &subnet, &mut signals).await };
    lab.down().map_err(failed)?;
    ended
}

async fn job_inside(setting: &Setting, lab: &Lab, subnet: &str, signals: &mut Signals) -> Result<Exit, Trouble> {
    let program = std::env::current_exe().map_err(Trouble::access)?;
    let mut command = lab.operator_command(program);
    command.args(["demo", "--inside", subnet]);
    let plain = setting.global.plain || !std::io::stdout().is_terminal();
    for (option, on) in [
        ("--plain", plain && !setting.global.json),
        ("--json", setting.global.json),
        ("--no-color", setting.global.no_color),
    ] {
        if on {
            command.arg(option);
        }
    }
    let mut child = tokio::process::Command::from(command).stdin(Stdio::inherit()).spawn().map_err(Trouble::access)?;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status.map_err(Trouble::access)?,
            caught = signals.next() => if caught == Caught::ByUs { terminate(&child) },
        }
    };
    Ok(match status.code() {
        Some(0) => Exit::Ok,
        Some(2) => Exit::Usage,
        Some(3) => Exit::Access,
        Some(4) => Exit::Check,
        Some(130) | None => Exit::Cancelled,
        Some(_) => Exit::Failed,
    })
}

/// Asks a program to stop.
fn terminate(child: &tokio::process::Child) {
    #[cfg(unix)]
    if let Some(pid) = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
        // It may have ended just now.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
}

/// The part of the real demo that runs inside the lab's operator namespace.
async fn inside(mut setting: Setting, subnet: &str) -> Result<Exit, Trouble> {
    let folder = folder()?;
    in_folder(&mut setting, &folder);
    setting.config.scan.targets = vec![subnet.to_owned()];
    if setting.global.plain || setting.global.json {
        return whole_job(&setting).await;
    }
    let banner = format!("VIRTUAL CLUSTER on this machine. Password: {PASSWORD}");
    crate::dashboard::run(&setting, Some(banner)).await
}

/// Scan, setup and benchmark, one after another, without a terminal.
async fn whole_job(setting: &Setting) -> Result<Exit, Trouble> {
    let front = Front::of(&setting.global, false);
    let password = || Some(Secret::new(PASSWORD.into()));
    let secrets = Secrets { login: password(), sudo: password(), passphrase: None };
    let mut session = Session::start(setting, front, secrets)?;
    let exit = steps(&mut session, setting).await;
    let ended = session.end(exit.as_ref().map_or_else(|trouble| trouble.exit, |exit| *exit)).await;
    let exit = exit.map(|_| ended);
    if matches!(exit, Ok(Exit::Ok)) && !setting.global.json {
        say("that was the whole job: find hosts, set up keys, names and MPI, and run a benchmark on all of them");
    }
    exit
}

async fn steps(session: &mut Session, setting: &Setting) -> Result<Exit, Trouble> {
    let login = Login { trust: TrustPolicy::New, ..setting.login(false) };
    let scan = Request::Scan(setting.scan());
    let exit = session.go(scan, |_, event| matches!(event, Event::ScanFinished { .. })).await?;
    if exit != Exit::Ok {
        return Ok(exit);
    }
    let setup = SetupRequest {
        nodes: found(&session.world).into_iter().map(|n| n.id).collect(),
        names: Vec::new(),
        prefix: setting.prefix(None),
        head: None,
        mpi: None,
        mpi_prefix: None,
        only: Vec::new(),
        dry_run: false,
        yes: true,
        keys: KeyWork::default(),
        login: login.clone(),
    };
    let exit = make(session, setup).await?;
    if exit != Exit::Ok {
        return Ok(exit);
    }
    let bench = BenchRequest {
        workload: Workload { name: "pi".into(), slices: Some(64), slice_size: Some(1_000_000), ..Workload::default() },
        program: None,
        launch: LaunchWish::default(),
        ranks: None,
        repeat: 1,
        nodes: Vec::new(),
        timeout: None,
        login,
    };
    let exit = measure(session, bench).await?;
    if let Some(value) = session.world.run.as_ref().and_then(|r| r.result).filter(|_| !setting.global.json) {
        out(&format!("pi = {:.12}", value.0));
        // A last line for scripts, which need not parse the table above.
        std::io::stdout().flush().map_err(Trouble::access)?;
    }
    Ok(exit)
}
