//! Front ends without a dashboard: plain lines for people, JSON lines for programs. Both see what the dashboard sees.

pub(crate) mod bars;

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use pictl_model::event::{Event, Level, Stamped};
use pictl_model::node::Link;
use pictl_model::run::{Origin, RunEvent, RunPhase, Stream};
use pictl_model::step::StepState;
use pictl_model::text::{printable, printable_json};
use pictl_model::world::{NodeView, World};
use pictl_model::{LeftOut, Timestamp};
use pictl_report::result_text;
use serde::Serialize;

pub(crate) use bars::tagged;

use crate::cli::Global;

/// Nobody reads standard output any more.
static UNREAD: AtomicBool = AtomicBool::new(false);

/// Writes a line of a result to standard output. False when nobody reads it any more.
pub(crate) fn out(line: &str) -> bool {
    bars::erase();
    write(|out| writeln!(out, "{}", printable(line)))
}

/// Writes a result as a line of JSON to standard output. False when nobody reads it any more.
pub(crate) fn out_json(value: &impl Serialize) -> bool {
    let line = serde_json::to_string(value).inspect_err(|e| tracing::error!(%e, "a result that is not JSON"));
    line.is_ok_and(|line| write(|out| writeln!(out, "{}", printable_json(&line))))
}

/// Writes to standard output. False when nobody reads it any more: a program that is no longer read ends quietly.
pub(crate) fn write(text: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> bool {
    let mut stdout = io::stdout().lock();
    let written = text(&mut stdout).and_then(|()| stdout.flush());
    if written.is_err() {
        UNREAD.store(true, Ordering::Relaxed);
    }
    written.is_ok()
}

/// Whether standard output was closed by who reads it (`| head -1`).
pub(crate) fn is_unread() -> bool {
    UNREAD.load(Ordering::Relaxed)
}

/// Writes a line of progress or a message to standard error.
pub(crate) fn say(line: &str) {
    if is_unread() {
        return;
    }
    bars::erase();
    // When standard error is closed, nobody can read the complaint either.
    let _ = writeln!(io::stderr().lock(), "{}", printable(line));
}

pub(crate) use pictl_model::text::count;

/// How a command shows what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    /// Lines for people on standard error.
    Plain {
        /// Also details.
        verbose: bool,
        /// Show the plan first.
        plan: bool,
        /// A run has bars, and its lines say who printed them: somebody watches at a terminal.
        live: bool,
    },
    /// Every event as one JSON object per line on standard output.
    Json,
    /// Only problems; the result is printed at the end.
    Quiet,
}

impl Front {
    /// The front end that the options of all commands ask for; `plan` as in [`Front::Plain`].
    pub(crate) fn of(global: &Global, plan: bool) -> Self {
        if global.json {
            Self::Json
        } else {
            Self::Plain { verbose: global.verbose > 0, plan, live: !global.plain && bars::fit_here() }
        }
    }

    /// A run has bars here.
    pub(crate) fn is_live(self) -> bool {
        matches!(self, Self::Plain { live: true, .. })
    }

    /// Only problems, for a command whose result is a message; all events where programs read it.
    pub(crate) fn quiet(global: &Global) -> Self {
        if global.json { Self::Json } else { Self::Quiet }
    }

    /// Shows one event, which `world` already includes.
    pub(crate) fn show(self, world: &World, stamped: &Stamped) {
        match self {
            Self::Json => {
                out_json(stamped);
            }
            Self::Plain { verbose, plan, live } => plain(world, stamped, verbose, plan, live),
            Self::Quiet => problems(world, &stamped.event),
        }
    }
}

/// What is always shown.
fn problems(world: &World, event: &Event) {
    match event {
        Event::Refused { what, reasons, .. } => {
            for refusal in reasons {
                let node = refusal.node.as_ref().map(|n| format!("{}: ", world.name_of(n))).unwrap_or_default();
                let reason = refusal.reason.strip_prefix(node.as_str()).unwrap_or(&refusal.reason);
                // An error that carries its hint already does not need it twice.
                let hint = if reason.contains(&refusal.hint) { String::new() } else { format!("; {}", refusal.hint) };
                say(&format!("{what}: {node}{reason}{hint}"));
            }
        }
        // A watch reports itself what changes.
        Event::Notice { node: Some(_), .. } if is_later_pass(world) => {}
        Event::Notice { level, node, text } => {
            let sign = match level {
                Level::Info => "note",
                Level::Warn => "warning",
                Level::Error => "error",
            };
            let name = node.as_ref().map(|n| format!("{} ", world.name_of(n)));
            // Many texts begin with the name already.
            let name = name.filter(|name| !text.starts_with(name.as_str()));
            let node = name.map(|name| format!("{}: ", name.trim_end())).unwrap_or_default();
            say(&format!("{sign}: {node}{text}"));
        }
        Event::NotSaved { text } => say(&format!("error: {text}")),
        Event::Dropped { count } => {
            say(&format!("note: {} left out: more came than pictl takes in", self::count(*count, "update", "updates")));
        }
        Event::Blinking { node, problem: Some(problem), .. } => say(&format!("{}: {problem}", world.name_of(node))),
        Event::ScanProblem { text } if !is_later_pass(world) => say(&format!("note: {text}")),
        _ => {}
    }
}

/// A pass of a watch after the first one.
fn is_later_pass(world: &World) -> bool {
    world.scan.as_ref().is_some_and(|scan| scan.again)
}

fn plain(world: &World, stamped: &Stamped, verbose: bool, plan: bool, live: bool) {
    let event = &stamped.event;
    problems(world, event);
    match event {
        Event::ScanStarted { targets, method, addresses, again: false } => {
            say(&format!("scanning {targets} ({}) by {method}", count(*addresses, "address", "addresses")));
        }
        Event::ScanFinished { found, pis, elapsed, .. } if !is_later_pass(world) => {
            say(&format!("{} found in {elapsed}; Raspberry Pis: {pis}", count(*found, "host", "hosts")));
        }
        Event::Blinking { node, on, problem: None } => {
            let at = world.nodes.get(node).and_then(NodeView::address).map(|at| format!(" ({at})")).unwrap_or_default();
            let led = if *on { "its LED blinks" } else { "its LED is as it was before" };
            say(&format!("{}{at}: {led}", world.name_of(node)));
        }
        Event::LinkChanged { node, link } if verbose => {
            let state = match link {
                Link::Idle => "not connected".to_owned(),
                Link::Connecting => "logging in".to_owned(),
                Link::Waiting { what } => format!("waiting: {what}"),
                Link::Up => "logged in".to_owned(),
                Link::Lost { why, .. } => format!("lost: {why}"),
                Link::Failed { why, .. } => format!("not connected: {why}"),
            };
            say(&format!("{}: {state}", world.name_of(node)));
        }
        Event::SetupStarted { plan } => {
            let names: Vec<_> = plan.nodes.iter().map(|n| n.name.as_str()).collect();
            let dry = if plan.dry_run { " (dry run: nothing is changed)" } else { "" };
            say(&format!("setting up {}{dry}", names.join(", ")));
        }
        Event::Step { report } => {
            let name = world
                .setup
                .as_ref()
                .and_then(|s| s.plan.nodes.iter().find(|n| n.node == report.node))
                .map_or_else(|| report.node.to_string(), |n| n.name.to_string());
            let planned = report.state == StepState::Planned && plan;
            let shown = report.state.is_final() || planned || verbose;
            if shown {
                let line =
                    format!("{name:<8} {:<13} {:<10} {}", report.step.word(), report.state.word(), report.message);
                say(line.trim_end());
            }
            if planned || (verbose && report.state == StepState::Applying) {
                for line in &report.change {
                    say(&format!("{:23}{line}", ""));
                }
            }
            if let Some(hint) =
                report.hint.as_ref().filter(|_| matches!(report.state, StepState::Failed | StepState::Warned))
            {
                say(&format!("{:23}-> {hint}", ""));
            }
        }
        Event::Pair { from, to, problem } if verbose => {
            let outcome = problem.as_ref().map_or("ok", |p| &p.why);
            say(&format!("{} -> {}: {outcome}", world.name_of(from), world.name_of(to)));
        }
        Event::LoggedIn { node, by } if verbose => say(&format!("{}: logged in by {by}", world.name_of(node))),
        Event::SetupFinished { summary: s, .. } => {
            let counts = [
                (s.done, "done"),
                (s.already_so, "unchanged"),
                (s.planned, "planned"),
                (s.warned, "warned"),
                (s.skipped, "skipped"),
                (s.failed, "failed"),
                (s.aborted, "aborted"),
            ];
            let counts: Vec<_> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
            say(&format!("setup: {} in {}", counts.join(", "), s.elapsed));
        }
        Event::Run { event, .. } => run(world, stamped.at, event, verbose, live),
        _ => {}
    }
}

fn run(world: &World, at: Timestamp, event: &RunEvent, verbose: bool, live: bool) {
    let Some(view) = &world.run else { return };
    match event {
        RunEvent::Planned { plan } => {
            let series = plan.series.as_ref().map(|s| format!(" ({} of {})", s.index, s.of)).unwrap_or_default();
            let (ranks, nodes) = (plan.ranks.into(), plan.hosts.len() as u64);
            let (ranks, nodes) = (count(ranks, "rank", "ranks"), count(nodes, "node", "nodes"));
            say(&format!("run {}{series}: {ranks} on {nodes}", plan.id));
            say(&format!("  {}", pictl_formats::shell::join(&plan.command)));
        }
        RunEvent::Phase { phase: RunPhase::Checking } => say("checking that MPI works: one rank on every node"),
        RunEvent::Phase { phase: RunPhase::Deploying } => say("copying the program to every node"),
        RunEvent::Phase { phase: RunPhase::Launching } => say("starting the launcher"),
        RunEvent::Slice { rank, slice, seconds, .. } => {
            let (done, all) = (view.slices_done(), view.slices.unwrap_or(0));
            // Ten lines a run are enough; every slice is in the record.
            let step = (all / 10).max(1);
            let of = if all > 0 { format!("/{all}") } else { String::new() };
            if verbose || (!live && (done % step == 0 || done == all)) {
                let eta = view.eta(at).map(|eta| format!(", {eta} to go")).unwrap_or_default();
                let partial =
                    view.partial.map(|v| format!(", partial value {}", result_text(v, 9))).unwrap_or_default();
                say(&format!("slice {done}{of}: rank {rank} did slice {slice} in {seconds:.3} s{partial}{eta}"));
            }
        }
        // The output of the user's own program is its result.
        RunEvent::Output { stream, rank, line } if live && view.plan.workload.origin == Origin::Own => {
            let line = tagged(view, *stream, *rank, line);
            match stream {
                Stream::Out => drop(out(&line)),
                Stream::Err => say(&line),
            }
        }
        RunEvent::Output { stream: Stream::Out, line, .. } if view.plan.workload.origin == Origin::Own => {
            out(line);
        }
        RunEvent::Omitted { lines, bytes, .. } if *lines + *bytes > 0 => {
            let left_out = LeftOut { lines: *lines, bytes: *bytes };
            say(&format!("left out {left_out} of output: the program prints more than pictl takes in"));
        }
        RunEvent::Exit { rank, status } => say(&format!("rank {rank} ended with exit status {status}")),
        RunEvent::Output { stream, line, .. } if verbose || *stream == Stream::Err => say(&format!("  {line}")),
        RunEvent::Note { text } => say(&format!("  {text}")),
        RunEvent::OutOfSight { why } => {
            let head = world.name_of(&view.plan.head);
            say(&format!("lost the connection to {head} ({why}); the run continues there; connecting again"));
        }
        RunEvent::InSight => say("connected again; reading what was missed"),
        RunEvent::Stopping { reason, .. } => say(&format!("stopping: {reason}")),
        RunEvent::Swept { node, killed, left } => {
            let name = world.name_of(node);
            match left {
                None => say(&format!("{name}: could not check what is left there")),
                Some(0) if *killed == 0 && !verbose => {}
                Some(left) => {
                    say(&format!("{name}: {} ended, {left} left", count((*killed).into(), "process", "processes")));
                }
            }
        }
        _ => {}
    }
}
