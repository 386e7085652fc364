//! Runs on disk: `run.json` (plan, facts, result), `events.jsonl` (everything that happened, one event a line) and
//! `output.log` (the program's own bytes).
//!
//! Events are flushed before the next wait, and published after that: what was shown is on the disk. The record of a killed
//! pictl is complete up to its last line; a torn last line is left out when it is read again.

mod resume;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use pictl_model::event::{Event, Stamped, VERSION};
use pictl_model::node::Facts;
use pictl_model::run::{RunEvent, RunOutcome, RunPlan, RunSummary};
use pictl_model::world::World;
use pictl_model::{LeftOut, NodeId, RunId, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::store::{StoreError, make_dir, private, write_whole};
pub use resume::{Opened, is_written, open, unfinished};

/// Most bytes saved of a program's output: of the output itself, and once more of the events that are lines of it.
const MAX_OUTPUT: u64 = 64 << 20;

/// A record cannot be read.
#[derive(Debug, Error)]
pub enum RecordError {
    /// There is no run of this name.
    #[error("there is no run {0}")]
    Missing(String),
    /// Several runs have names that fit.
    #[error("several runs are called {0:?}…; give more of the name")]
    Ambiguous(String),
    /// A file of it is damaged.
    #[error("the record {path} is damaged: {why}")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where and how.
        why: String,
    },
    /// It was written by a newer pictl.
    #[error("the record {path} is of version {version}, and this pictl knows version {VERSION}")]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its version.
        version: u16,
    },
    /// It is over.
    #[error("{0} is over; `pictl runs show {0}` shows how it ended")]
    Over(RunId),
    /// It has no end yet.
    #[error("{0} has no end yet: it is under way, or it was left running; `pictl attach {0}` shows which")]
    NoEnd(RunId),
    /// Another pictl writes it.
    #[error("{0} is watched by another pictl on this machine; leave it there first")]
    Watched(RunId),
    /// A file cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFile {
    /// Format version.
    pub v: u16,
    /// What was asked for.
    pub plan: RunPlan,
    /// The facts of its nodes before it began.
    pub facts: BTreeMap<NodeId, Facts>,
    /// How it ended; `None` while it runs, or when pictl was killed in the middle.
    pub summary: Option<RunSummary>,
}

/// Writes one run.
pub struct Recorder {
    dir: PathBuf,
    file: RunFile,
    events: BufWriter<File>,
    /// An event that must not be lost is not flushed yet.
    must_flush: bool,
    output: BufWriter<File>,
    output_bytes: u64,
    /// Bytes of the events that are lines of output.
    line_bytes: u64,
    /// Lines of output that are not in the events.
    left_out: LeftOut,
    /// Held for as long as this exists, so that no other pictl continues the record.
    _lock: Option<File>,
}

impl Recorder {
    /// Begins the record of `plan` in `runs`. What is known of the cluster's nodes goes first into the events, so that a
    /// replay begins with it too.
    pub fn begin(runs: &Path, plan: &RunPlan, world: &World) -> Result<Self, StoreError> {
        let dir = runs.join(plan.id.as_str());
        make_dir(&dir)?;
        let open = |name: &str| {
            let path = dir.join(name);
            let file = private().create_new(true).append(true).open(&path);
            file.map(BufWriter::new).map_err(|e| StoreError::io("write", &path, &e))
        };
        let nodes = world.members();
        let facts = nodes.iter().filter_map(|n| Some((n.id.clone(), n.facts.clone()?))).collect();
        let file = RunFile { v: VERSION, plan: plan.clone(), facts, summary: None };
        let lock = resume::lock(&dir)?;
        let (events, output) = (open("events.jsonl")?, open("output.log")?);
        let mut this = Self {
            events,
            must_flush: false,
            output,
            dir,
            file,
            output_bytes: 0,
            line_bytes: 0,
            left_out: LeftOut::default(),
            _lock: lock,
        };
        this.write_file()?;
        let members = nodes.iter().filter_map(|n| n.member.clone()).collect();
        this.known(plan.planned_at, Event::Inventory { cluster: world.cluster.clone(), members })?;
        for view in nodes {
            if let Some(facts) = view.facts.clone() {
                this.known(plan.planned_at, Event::FactsRead { node: view.id.clone(), facts: Box::new(facts) })?;
            }
            if let Some(reading) = view.newest() {
                this.known(reading.at, Event::Sampled { node: view.id.clone(), sample: reading.sample })?;
            }
        }
        Ok(this)
    }

    fn known(&mut self, at: Timestamp, event: Event) -> Result<bool, StoreError> {
        self.event(&Stamped { v: VERSION, seq: 0, at, event })
    }

    /// The run.
    pub fn run(&self) -> &RunId {
        &self.file.plan.id
    }

    /// Appends an event of the run, and ends the record with its last one. True when that was it. Otherwise it is on the disk
    /// after [`Self::flush`].
    pub fn event(&mut self, stamped: &Stamped) -> Result<bool, StoreError> {
        if is_of_a_scan(&stamped.event) {
            return Ok(false);
        }
        if let Event::Run { event: RunEvent::Read { .. }, .. } = &stamped.event {
            // Who continues from here relies on the output up to here.
            self.flush_output()?;
        }
        let mut line = serde_json::to_vec(stamped).map_err(|e| self.events_failed(&e.into()))?;
        line.push(b'\n');
        match &stamped.event {
            event if is_line(event) => {
                if self.line_bytes + line.len() as u64 > MAX_OUTPUT {
                    self.left_out += LeftOut { lines: 1, bytes: line_length(event) };
                    return Ok(false);
                }
                self.line_bytes += line.len() as u64;
            }
            Event::Run { run, event: RunEvent::Read { .. } | RunEvent::Finished { .. } } => {
                let LeftOut { lines, bytes } = std::mem::take(&mut self.left_out);
                if lines > 0 {
                    let event = Event::Run { run: run.clone(), event: RunEvent::Omitted { lines, bytes, parts: 0 } };
                    let left_out = Stamped { event, ..*stamped };
                    let mut text = serde_json::to_vec(&left_out).map_err(|e| self.events_failed(&e.into()))?;
                    text.push(b'\n');
                    self.events.write_all(&text).map_err(|e| self.events_failed(&e))?;
                }
            }
            _ => {}
        }
        self.events.write_all(&line).map_err(|e| self.events_failed(&e))?;
        self.must_flush |= !stamped.event.is_droppable();
        let Event::Run { run, event: RunEvent::Finished { summary } } = &stamped.event else { return Ok(false) };
        if run != self.run() {
            return Ok(false);
        }
        self.flush_output()?;
        self.flush()?;
        self.events.get_ref().sync_all().map_err(|e| self.events_failed(&e))?;
        self.file.summary = Some((**summary).clone());
        self.write_file()?;
        // Nobody continues a run that is over.
        let _ = fs::remove_file(self.dir.join("lock"));
        Ok(true)
    }

    /// Appends bytes of the program's output, up to a bound.
    pub fn output(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let room = usize::try_from(MAX_OUTPUT - self.output_bytes).unwrap_or(usize::MAX);
        let kept = &bytes[..bytes.len().min(room)];
        self.output_bytes += kept.len() as u64;
        self.output.write_all(kept).map_err(|e| StoreError::io("write", &self.dir.join("output.log"), &e))
    }

    /// Writes the new events to the disk, unless all of them may be lost.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        if std::mem::take(&mut self.must_flush) {
            self.events.flush().map_err(|e| self.events_failed(&e))?;
        }
        Ok(())
    }

    fn events_failed(&self, error: &io::Error) -> StoreError {
        StoreError::io("write", &self.dir.join("events.jsonl"), error)
    }

    fn flush_output(&mut self) -> Result<(), StoreError> {
        self.output.flush().map_err(|e| StoreError::io("write", &self.dir.join("output.log"), &e))
    }

    fn write_file(&self) -> Result<(), StoreError> {
        let path = self.dir.join("run.json");
        let mut text = serde_json::to_vec_pretty(&self.file).map_err(|e| StoreError::io("write", &path, &e.into()))?;
        text.push(b'\n');
        write_whole(&path, &text)
    }
}

/// A line of output, of which a record has as much as it has of the output itself.
pub(super) fn is_line(event: &Event) -> bool {
    line_length(event) > 0
}

/// The bytes of a line of output with its end; none for other events.
fn line_length(event: &Event) -> u64 {
    match event {
        Event::Run { event: RunEvent::Output { line: text, .. } | RunEvent::Note { text }, .. } => {
            text.len() as u64 + 1
        }
        Event::Run { event: RunEvent::Other { json }, .. } => json.len() as u64 + 1,
        _ => 0,
    }
}

/// An event of a scan or of watching the network, which comes again every few seconds and does not belong to a run. A host that
/// moved or went away does.
fn is_of_a_scan(event: &Event) -> bool {
    matches!(
        event,
        Event::Seen { .. }
            | Event::Watching { .. }
            | Event::ScanStarted { .. }
            | Event::ScanProblem { .. }
            | Event::ScanProgress { .. }
            | Event::ScanFinished { .. }
    )
}

/// The ids of all runs in `runs`, newest first.
pub fn list(runs: &Path) -> Result<Vec<RunId>, RecordError> {
    let entries = match fs::read_dir(runs) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(StoreError::io("read", runs, &e).into()),
    };
    // An id contains the second. Of two runs in the same second, the one whose folder changed later is newer.
    let dated = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let id: RunId = entry.file_name().to_str()?.parse().ok()?;
        let changed = entry.metadata().and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        let second = id.as_str().get(..15).unwrap_or_default().to_owned();
        Some((second, changed, id))
    });
    let mut ids: Vec<_> = dated.collect();
    ids.sort();
    Ok(ids.into_iter().rev().map(|(.., id)| id).collect())
}

/// The run that `name` means: an id, the beginning or end of exactly one id, or `last`.
pub fn find(runs: &Path, name: &str) -> Result<RunId, RecordError> {
    let ids = list(runs)?;
    if name == "last" {
        return ids.first().cloned().ok_or_else(|| RecordError::Missing("yet".into()));
    }
    if let Some(id) = ids.iter().find(|id| id.as_str() == name) {
        return Ok(id.clone());
    }
    let named = || pictl_model::text::clean(name, 80);
    let mut matching = ids.iter().filter(|id| id.as_str().starts_with(name) || id.as_str().ends_with(name));
    match (matching.next(), matching.next()) {
        (Some(id), None) => Ok(id.clone()),
        (Some(_), Some(_)) => Err(RecordError::Ambiguous(named())),
        (None, _) => Err(RecordError::Missing(named())),
    }
}

/// What is in every version of the format.
#[derive(Deserialize)]
struct Version {
    v: u16,
}

/// Deletes the record of `id`.
pub fn delete(runs: &Path, id: &RunId) -> Result<(), RecordError> {
    let dir = runs.join(id.as_str());
    fs::remove_dir_all(&dir).map_err(|e| StoreError::io("delete", &dir, &e).into())
}

/// Deletes the record of `id`, unless its run has no end yet: such a run may be under way. A damaged record is deleted too,
/// unless a pictl writes it now.
pub fn delete_ended(runs: &Path, id: &RunId) -> Result<(), RecordError> {
    let open = read(runs, id).is_ok_and(|file| file.summary.is_none());
    if open || is_written(runs, id) {
        return Err(RecordError::NoEnd(id.clone()));
    }
    delete(runs, id)
}

/// Reads `run.json`.
pub fn read(runs: &Path, id: &RunId) -> Result<RunFile, RecordError> {
    let path = runs.join(id.as_str()).join("run.json");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(RecordError::Damaged { path, why: "run.json is missing".into() });
        }
        Err(e) => return Err(StoreError::io("read", &path, &e).into()),
    };
    let damaged = |e: serde_json::Error| RecordError::Damaged { path: path.clone(), why: e.to_string() };
    let head: Version = serde_json::from_slice(&bytes).map_err(damaged)?;
    if head.v > VERSION {
        return Err(RecordError::Newer { path, version: head.v });
    }
    serde_json::from_slice(&bytes).map_err(damaged)
}

/// What ran before a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Earlier {
    /// The last run of the same program that succeeded.
    pub same: Option<RunFile>,
    /// When the last run of any program ended, or was planned where its end is not known.
    pub ended: Option<Timestamp>,
}

/// What ran before `id`, among the latest runs.
pub fn earlier(runs: &Path, id: &RunId, program: &str) -> Earlier {
    const LATEST: usize = 50;
    let before = list(runs).unwrap_or_default().into_iter().filter(|other| other < id).take(LATEST);
    let mut files = before.filter_map(|id| read(runs, &id).ok()).peekable();
    let ended = files.peek().map(|file| {
        let ended = file.summary.as_ref().map(|summary| summary.started.plus(summary.elapsed));
        ended.unwrap_or(file.plan.planned_at)
    });
    let same = files.find(|file| {
        let succeeded = file.summary.as_ref().is_some_and(|summary| summary.outcome == RunOutcome::Succeeded);
        succeeded && file.plan.workload.name == program
    });
    Earlier { same, ended }
}

/// Reads the events. A torn last line is left out; the second value says whether there was one.
pub fn events(runs: &Path, id: &RunId) -> Result<(Vec<Stamped>, bool), RecordError> {
    let path = runs.join(id.as_str()).join("events.jsonl");
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(RecordError::Damaged { path, why: "events.jsonl is missing".into() });
        }
        Err(e) => return Err(StoreError::io("read", &path, &e).into()),
    };
    let mut reader = BufReader::new(file);
    let (mut events, mut line, mut number) = (Vec::new(), Vec::new(), 0);
    loop {
        line.clear();
        number += 1;
        let read = reader.read_until(b'\n', &mut line).map_err(|e| StoreError::io("read", &path, &e))?;
        if read == 0 {
            return Ok((events, false));
        }
        let whole = line.last() == Some(&b'\n');
        // The version first: an unknown event may be a newer pictl's.
        match serde_json::from_slice(&line) {
            Ok(Version { v }) if v > VERSION => return Err(RecordError::Newer { path, version: v }),
            _ => {}
        }
        match serde_json::from_slice(&line) {
            Ok(event) => events.push(event),
            Err(_) if !whole => return Ok((events, true)),
            Err(e) => return Err(RecordError::Damaged { path, why: format!("line {number}: {e}") }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;
    use crate::store::StoreErrorKind;

    #[test]
    fn a_full_disk_is_reported_with_what_helps() {
        let dir = tempfile::tempdir().expect("a folder");
        let full = || BufWriter::new(OpenOptions::new().write(true).open("/dev/full").expect("a full disk"));
        let begin = |id: &str| {
            let plan = crate::common::plan(id, 1, 1);
            Recorder::begin(dir.path(), &plan, &World::default()).expect("begun")
        };
        let mut recorder = Recorder { output: full(), ..begin("one") };
        let error = (0..2).find_map(|_| recorder.output(&[b'x'; 10_000]).err()).expect("no space");
        assert!(error.to_string().contains("output.log") && error.to_string().contains("free some space"), "{error}");
        assert_eq!(error.kind, StoreErrorKind::Full);

        let mut recorder = Recorder { events: full(), ..begin("two") };
        let event = Event::Ended;
        let stamped = Stamped { v: VERSION, seq: 1, at: Timestamp(0), event };
        assert!(matches!(recorder.event(&stamped), Ok(false)), "it is kept back until there is time to write");
        let error = recorder.flush().expect_err("no space");
        assert!(error.to_string().contains("events.jsonl") && error.to_string().contains("free some space"), "{error}");
        assert_eq!(error.kind, StoreErrorKind::Full);
    }
}
