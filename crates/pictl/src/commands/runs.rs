//! `pictl runs`: what was run, and how it ended.

use std::path::Path;

use pictl_engine::record::{self, RunFile};
use pictl_model::RunId;

use super::print;
use crate::cli::RunsCommand;
use crate::exit::{Exit, Trouble};
use crate::front::{out, tell};
use crate::wire::Setting;

/// Lists runs or shows one.
pub(crate) fn run(setting: &Setting, command: &RunsCommand) -> Result<Exit, Trouble> {
    let runs = setting.store().runs();
    match command {
        RunsCommand::List => list(setting, &runs),
        RunsCommand::Show { run } => show(setting, &runs, run),
    }
}

fn list(setting: &Setting, runs: &Path) -> Result<Exit, Trouble> {
    let ids = record::list(runs)?;
    if ids.is_empty() {
        tell("no runs yet; `pictl bench pi` makes one");
    }
    let mut worst = Exit::Ok;
    let mut table = print::table(print::RUN_COLUMNS);
    for id in ids {
        match record::read(runs, &id) {
            Ok(file) if setting.global.json => {
                out(&serde_json::to_string(&file).map_err(Trouble::usage)?);
            }
            Ok(file) => {
                table.add_row(print::run_row(&file));
            }
            Err(e) => {
                // One damaged record must not hide the others.
                tell(&format!("{id}: {e}"));
                worst = Exit::Usage;
            }
        }
    }
    if !setting.global.json && table.row_count() > 0 {
        out(&table.to_string());
    }
    Ok(worst)
}

fn show(setting: &Setting, runs: &Path, word: &str) -> Result<Exit, Trouble> {
    let id = record::find(runs, word)?;
    let file = record::read(runs, &id)?;
    let (events, torn) = record::events(runs, &id)?;
    if torn {
        tell("the record's last line is torn (pictl was killed, or the disk was full); everything before it is here");
    }
    if setting.global.json {
        out(&serde_json::to_string(&file).map_err(Trouble::usage)?);
        return Ok(Exit::Ok);
    }
    describe(&file, &id, events.len());
    Ok(Exit::Ok)
}

fn describe(file: &RunFile, id: &RunId, events: usize) {
    let plan = &file.plan;
    let hosts: Vec<_> = plan.hosts.iter().map(|h| h.name.clone()).collect();
    out(&format!("run      {id}"));
    out(&format!("asked    {}", plan.planned_at.rfc3339()));
    out(&format!("program  {}, {} ranks on {}", plan.workload.name, plan.ranks, pictl_formats::nodeset::fold(&hosts)));
    out(&format!("MPI      {} {}", plan.mpi.family, plan.mpi.version));
    out(&format!("command  {}", pictl_formats::shell::join(&plan.command)));
    out(&format!("events   {events}"));
    match &file.summary {
        None => {
            out("ended    not told: pictl was killed in the middle, or it still runs");
        }
        Some(summary) => print::summary(summary).lines().for_each(|line| {
            out(line);
        }),
    }
}
