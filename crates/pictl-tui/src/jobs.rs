//! What can be started from every screen: a scan, a setup, a benchmark, a command on all nodes.

pub(crate) mod blink;
pub(crate) mod scan;

use pictl_model::request::{BenchRequest, ExecRequest, Request, SetupRequest};

use crate::context::{Context, Obstacle};
use crate::keymap::Command;
use crate::messages::Effect;
use crate::windows;
use crate::words::{count, number};

/// The commands that are dealt with here.
pub(crate) fn owns(command: Command) -> bool {
    matches!(command, Command::Scan | Command::SetUp | Command::Bench | Command::Exec)
}

/// Why one of them cannot be given now.
pub(crate) fn obstacle(cx: &Context, command: Command) -> Obstacle {
    cx.is_live()?;
    match command {
        Command::Scan => scan::obstacle(cx),
        Command::SetUp => {
            cx.is_free()?;
            if cx.setup_nodes().is_empty() {
                return Err(format!("there is nothing to set up yet: {} scans for nodes", cx.key_of(Command::Scan)));
            }
            Ok(())
        }
        _ => {
            cx.is_free()?;
            cx.has_members()
        }
    }
}

/// Does what one of them says.
pub(crate) fn command(cx: &mut Context, command: Command) -> Vec<Effect> {
    match command {
        Command::Scan => return scan::again(cx),
        Command::SetUp => windows::forms::setup::open(cx),
        Command::Bench => windows::forms::bench::open(cx),
        Command::Exec => windows::forms::exec::open(cx),
        _ => {}
    }
    Vec::new()
}

/// Starts a benchmark and shows it.
pub(crate) fn bench(cx: &mut Context, request: BenchRequest) -> Vec<Effect> {
    cx.last_bench = Some(request.clone());
    cx.go(Command::GoRun);
    vec![Effect::Send(Request::Bench(request))]
}

/// Runs a command on nodes and shows its output.
pub(crate) fn exec(cx: &mut Context, request: ExecRequest) -> Vec<Effect> {
    cx.open(windows::Exec);
    vec![Effect::Send(Request::Exec(request))]
}

/// Makes a cluster and shows how; no nodes means the marked ones, else the members.
pub(crate) fn set_up(cx: &mut Context, mut request: SetupRequest) -> Vec<Effect> {
    if request.nodes.is_empty() {
        request.nodes = cx.setup_nodes();
    }
    let names = cx.selection.names.iter().filter(|(id, _)| request.nodes.contains(id));
    request.names = names.map(|(id, name)| (id.clone(), name.clone())).collect();
    cx.go(Command::GoSetup);
    vec![Effect::Send(Request::Setup(request))]
}

/// The command that leads on from here.
pub(crate) fn next_step(cx: &Context) -> Option<Command> {
    let world = &cx.world;
    if world.is_busy() || cx.is_busy() || (cx.is_scanning() && world.watching.is_none()) {
        None
    } else if !cx.selection.marks.is_empty() {
        Some(Command::SetUp)
    } else if world.nodes.values().any(|n| n.member.is_some()) {
        Some(Command::Bench)
    } else if cx.shows_pi() {
        Some(Command::MarkPis)
    } else {
        Some(Command::Scan)
    }
}

/// What runs now, in words.
pub(crate) fn busy_words(cx: &Context) -> String {
    let world = &cx.world;
    let mut works = Vec::new();
    if let Some(setup) = world.setup.as_ref().filter(|s| s.summary.is_none()) {
        let (done, all) = setup.progress();
        works.push(format!("setup of {} ({done} of {all} steps)", count(setup.plan.nodes.len(), "node")));
    }
    if let Some(run) = world.run.as_ref().filter(|r| !r.is_over()) {
        let name = &run.plan.workload.name;
        let done = run
            .slices
            .map(|all| format!(" ({} of {} slices)", number(run.slices_done().into()), number(all.into())))
            .unwrap_or_default();
        works.push(format!("{name} on {}{done}", count(run.plan.hosts.len(), "node")));
    }
    if let Some((next, of)) = cx.next_of_series() {
        works.push(format!("run {next} of {of} is about to begin"));
    }
    if let Some(exec) = world.exec.as_ref().filter(|e| !e.finished) {
        let left = exec.nodes.values().filter(|n| !n.ended).count();
        works.push(format!("a command on {}", count(left, "node")));
    }
    if world.watching.is_some() {
        works.push("a watch over the network".to_owned());
    } else if cx.is_scanning() {
        works.push("a scan".to_owned());
    }
    if works.is_empty() { "nothing".to_owned() } else { works.join("; ") }
}
