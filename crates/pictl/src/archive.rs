//! The records of a cluster's runs, for the dashboard.

use std::path::PathBuf;

use pictl_engine::record;
use pictl_model::{RunId, Stamped};
use pictl_tui::{Archive, Record, RecordState};

/// The records in a folder.
#[derive(Debug)]
pub(crate) struct Runs(pub(crate) PathBuf);

impl Archive for Runs {
    fn list(&self) -> Result<Vec<Record>, String> {
        let runs = record::list(&self.0).map_err(|e| e.to_string())?;
        Ok(runs.into_iter().map(|run| Record { state: self.state(&run), run }).collect())
    }

    fn events(&self, run: &RunId) -> Result<Vec<Stamped>, String> {
        // A torn last line is that of a run that goes on, or of a pictl that was killed: what is before it is shown.
        record::events(&self.0, run).map(|(events, _torn)| events).map_err(|e| e.to_string())
    }

    fn delete(&self, run: &RunId) -> Result<(), String> {
        record::delete_ended(&self.0, run).map_err(|e| e.to_string())
    }
}

impl Runs {
    fn state(&self, run: &RunId) -> RecordState {
        match record::read(&self.0, run) {
            Ok(record::RunFile { plan, summary: Some(summary), .. }) => {
                RecordState::Over { plan: Box::new(plan), summary: Box::new(summary) }
            }
            Ok(record::RunFile { plan, summary: None, .. }) => {
                RecordState::Open { plan: Box::new(plan), written: record::is_written(&self.0, run) }
            }
            Err(e) => RecordState::Damaged { why: e.to_string() },
        }
    }
}
