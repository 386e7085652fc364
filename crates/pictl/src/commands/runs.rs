//! `pictl runs`: what ran, and how it ended.

use std::io::IsTerminal as _;
use std::path::Path;

use pictl_engine::record::{self, RunFile};
use pictl_model::world::World;
use pictl_model::{RunId, Stamped};

use super::launch::print_end;
use super::{matrix, output, print};
use crate::cli::RunsCommand;
use crate::drive::confirm;
use crate::exit::{Exit, Trouble};
use crate::front::{Front, count, out, out_json, say};
use crate::wire::Setting;

/// Lists, shows, replays or deletes runs.
pub(crate) async fn run(setting: &Setting, command: &RunsCommand) -> Result<Exit, Trouble> {
    let runs = setting.store().runs();
    match command {
        RunsCommand::List => list(setting, &runs),
        RunsCommand::Show { run, output } => show(setting, &runs, run, *output),
        RunsCommand::Replay { run, speed } => replay(setting, &runs, run, *speed).await,
        RunsCommand::Delete { run, yes } => delete(setting, &runs, run, *yes),
    }
}

/// Replays the record through the front ends that showed the run.
async fn replay(setting: &Setting, runs: &Path, name: &str, speed: f64) -> Result<Exit, Trouble> {
    let id = record::find(runs, name)?;
    let events = read_events(runs, &id)?;
    let global = &setting.global;
    if !global.plain && !global.json && std::io::stdout().is_terminal() {
        return crate::dashboard::replay(setting, &id, events, speed).await;
    }
    let front = Front::of(global, false);
    let mut world = World::default();
    for stamped in &events {
        world.apply(stamped);
        // It is printed at once: there is nothing to watch.
        front.show(&world, stamped);
    }
    print_end(front, &world);
    Ok(Exit::Ok)
}

fn delete(setting: &Setting, runs: &Path, name: &str, yes: bool) -> Result<Exit, Trouble> {
    let id = record::find(runs, name)?;
    let question = format!("delete the run {id} and its record? [y/N] ");
    let agreed = yes || (setting.interactive() && confirm(&question));
    if !agreed {
        return Err(Trouble::usage(anyhow::anyhow!("nothing was deleted; --yes deletes without asking")));
    }
    record::delete(runs, &id)?;
    say(&format!("{id} is deleted"));
    Ok(Exit::Ok)
}

/// The events of a record; says so when its last line is torn.
fn read_events(runs: &Path, id: &RunId) -> Result<Vec<Stamped>, Trouble> {
    let (events, torn) = record::events(runs, id)?;
    if torn {
        say("the record's last line is torn (pictl was killed, or the disk was full); everything before it is shown");
    }
    Ok(events)
}

fn list(setting: &Setting, runs: &Path) -> Result<Exit, Trouble> {
    let ids = record::list(runs)?;
    if ids.is_empty() {
        say("no runs yet; `pictl bench pi` makes one");
    }
    let mut worst = Exit::Ok;
    let mut table = print::table(print::RUN_COLUMNS);
    for id in ids {
        match record::read(runs, &id) {
            Ok(file) if setting.global.json => {
                out_json(&file);
            }
            Ok(file) => {
                table.add_row(print::run_row(&file));
            }
            Err(e) => {
                // One damaged record must not hide the others.
                say(&format!("{id}: {e}"));
                worst = Exit::Usage;
            }
        }
    }
    if !setting.global.json && table.row_count() > 0 {
        out(&table.to_string());
    }
    Ok(worst)
}

fn show(setting: &Setting, runs: &Path, name: &str, all_output: bool) -> Result<Exit, Trouble> {
    let id = record::find(runs, name)?;
    let file = record::read(runs, &id)?;
    let events = read_events(runs, &id)?;
    let world = output::world_of(&events);
    if all_output {
        if let Some(view) = &world.run {
            output::all(&setting.global, &events, view)?;
        }
        return Ok(Exit::Ok);
    }
    if setting.global.json {
        out_json(&file);
        return Ok(Exit::Ok);
    }
    describe(&file, &id, events.len());
    if let Some(run) = &world.run {
        print::lines(&matrix::text(&run.pairs));
        print::lines(&output::last(&events, run));
    }
    Ok(Exit::Ok)
}

fn describe(file: &RunFile, id: &RunId, events: usize) {
    let plan = &file.plan;
    let hosts: Vec<_> = plan.hosts.iter().map(|h| h.name.clone()).collect();
    out(&format!("run      {id}"));
    out(&format!("asked    {}", plan.planned_at.rfc3339()));
    let ranks = count(plan.ranks.into(), "rank", "ranks");
    out(&format!("program  {}, {ranks} on {}", plan.workload.name, pictl_formats::nodeset::fold(&hosts)));
    out(&format!("MPI      {} {}", plan.mpi.family, plan.mpi.version));
    out(&format!("command  {}", pictl_formats::shell::join(&plan.command)));
    out(&format!("events   {events}"));
    match &file.summary {
        None => {
            out("ended    not seen: it was left running, or pictl was killed; `pictl attach` joins it");
        }
        Some(summary) => print::lines(&print::summary(summary)),
    }
}
