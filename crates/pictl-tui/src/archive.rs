//! The records of runs, as the dashboard gets them from the program that starts it.

use std::fmt::Debug;

use pictl_model::run::{RunPlan, RunSummary};
use pictl_model::{RunId, Stamped};

/// A run's record in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The run.
    pub run: RunId,
    /// What the record says of it.
    pub state: RecordState,
}

/// What a record says of its run.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordState {
    /// How it ended.
    Over {
        /// What was asked for.
        plan: Box<RunPlan>,
        /// How it ended.
        summary: Box<RunSummary>,
    },
    /// The record has no end.
    Open {
        /// What was asked for.
        plan: Box<RunPlan>,
        /// This pictl or another one writes it now. Otherwise the run was left running, or pictl was killed.
        written: bool,
    },
    /// It cannot be read.
    Damaged {
        /// Which file, and why.
        why: String,
    },
}

/// Where the records are. Its methods may block; they are called on a thread of their own.
pub trait Archive: Debug + Send + Sync {
    /// All records, the newest first; a damaged one is among them.
    ///
    /// # Errors
    ///
    /// Says why there is no list at all.
    fn list(&self) -> Result<Vec<Record>, String>;

    /// All events of a record, up to where it can be read.
    ///
    /// # Errors
    ///
    /// Says which file cannot be read, and why.
    fn events(&self, run: &RunId) -> Result<Vec<Stamped>, String>;

    /// Deletes the record of a run that has ended.
    ///
    /// # Errors
    ///
    /// Says why it is still there: because the run has no end yet, or because of the disk.
    fn delete(&self, run: &RunId) -> Result<(), String>;
}

/// Something to be done with records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// List them.
    List,
    /// Read the events of this run, to replay it.
    Open(RunId),
    /// Delete the record of this run.
    Delete(RunId),
}

/// The answer to an [`Ask`].
#[derive(Clone, Debug)]
pub enum Answer {
    /// The records, the newest first.
    Listed(Result<Vec<Record>, String>),
    /// The events of this run.
    Opened(RunId, Result<Vec<Stamped>, String>),
    /// The record of this run is deleted, or why it is not.
    Deleted(RunId, Result<(), String>),
}

impl Ask {
    /// Does it; may block.
    pub(crate) fn perform(self, archive: &dyn Archive) -> Answer {
        match self {
            Self::List => Answer::Listed(archive.list()),
            Self::Open(run) => {
                let events = archive.events(&run);
                Answer::Opened(run, events)
            }
            Self::Delete(run) => {
                let deleted = archive.delete(&run);
                Answer::Deleted(run, deleted)
            }
        }
    }
}

/// Without records, such as for a record itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoArchive;

impl Archive for NoArchive {
    fn list(&self) -> Result<Vec<Record>, String> {
        Ok(Vec::new())
    }

    fn events(&self, run: &RunId) -> Result<Vec<Stamped>, String> {
        Err(format!("there is no run {run}"))
    }

    fn delete(&self, run: &RunId) -> Result<(), String> {
        Err(format!("there is no run {run}"))
    }
}
