//! Continues a record whose writer was left or killed in the middle.

use std::fs::{File, TryLockError};
use std::io::{self, BufWriter};
use std::path::Path;

use pictl_model::event::{Event, Stamped};
use pictl_model::run::{RunEvent, RunPhase, RunPlan};
use pictl_model::{LeftOut, RunId};

use super::{MAX_OUTPUT, RecordError, Recorder, RunFile, events, is_line, list, read};
use crate::launch::Taken;
use crate::store::{StoreError, private, write_whole};

/// How many of the newest runs are checked for being left running.
const NEWEST: usize = 50;

/// A record that can be continued.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The plan, and the facts before the run began.
    pub file: RunFile,
    /// What happened so far, up to where all output was read.
    pub events: Vec<Stamped>,
    /// How far that is.
    pub taken: Taken,
}

/// The plans of the newest runs without an end that no other pictl watches, newest first. Damaged records are left out.
pub fn unfinished(runs: &Path) -> Vec<RunPlan> {
    let ids = list(runs).unwrap_or_default();
    let open = ids.into_iter().take(NEWEST).filter_map(|id| read(runs, &id).ok()).filter(|file| file.summary.is_none());
    let is_free = |plan: &RunPlan| matches!(lock(&runs.join(plan.id.as_str())), Ok(Some(_)));
    open.map(|file| file.plan).filter(is_free).collect()
}

/// Opens the record of `id` to continue it: events from output after the last noted position are removed, since that output will
/// be read again. The recorder writes what follows.
pub fn open(runs: &Path, id: &RunId) -> Result<(Opened, Recorder), RecordError> {
    let dir = runs.join(id.as_str());
    let file = read(runs, id)?;
    if file.summary.is_some() {
        return Err(RecordError::Over(id.clone()));
    }
    let lock = lock(&dir)?.ok_or_else(|| RecordError::Watched(id.clone()))?;
    let (events, taken) = settled(events(runs, id)?.0);
    let path = dir.join("events.jsonl");
    let (mut text, mut line_bytes) = (Vec::new(), 0);
    for event in &events {
        let before = text.len();
        serde_json::to_writer(&mut text, event).map_err(|e| StoreError::io("write", &path, &e.into()))?;
        text.push(b'\n');
        line_bytes += if is_line(&event.event) { (text.len() - before) as u64 } else { 0 };
    }
    write_whole(&path, &text)?;
    let append = |name: &str| {
        let path = dir.join(name);
        private().create(true).append(true).open(&path).map_err(|e| StoreError::io("write", &path, &e))
    };
    let output = append("output.log")?;
    let failed = |e: io::Error| StoreError::io("write", &dir.join("output.log"), &e);
    let output_bytes = output.metadata().map_err(failed)?.len().min(taken.out + taken.err).min(MAX_OUTPUT);
    output.set_len(output_bytes).map_err(failed)?;
    let recorder = Recorder {
        events: BufWriter::new(append("events.jsonl")?),
        must_flush: false,
        output: BufWriter::new(output),
        output_bytes,
        line_bytes,
        left_out: LeftOut::default(),
        file: file.clone(),
        _lock: Some(lock),
        dir,
    };
    Ok((Opened { file, events, taken }, recorder))
}

/// What stays of an interrupted record: everything up to the last position where all output was read, and after it what did
/// not come from the output.
fn settled(events: Vec<Stamped>) -> (Vec<Stamped>, Taken) {
    let place = |stamped: &Stamped| match &stamped.event {
        Event::Run { event: RunEvent::Read { out, err }, .. } => Some((*out, *err)),
        _ => None,
    };
    let last = events.iter().rposition(|e| place(e).is_some());
    let (out, err) = last.and_then(|last| place(&events[last])).unwrap_or_default();
    let mut taken = Taken { out, err, ..Taken::default() };
    let mut kept = Vec::new();
    for (index, stamped) in events.into_iter().enumerate() {
        if let Event::Run { event, .. } = &stamped.event {
            let again = last.is_none_or(|last| index > last) && is_output(event);
            if again || is_ending(event) {
                continue;
            }
            taken.take(event);
            taken.running |= matches!(event, RunEvent::Phase { phase: RunPhase::Running });
        }
        kept.push(stamped);
    }
    (kept, taken)
}

/// An event that is made from the program's output, and again when that is read again.
fn is_output(event: &RunEvent) -> bool {
    !matches!(
        event,
        RunEvent::Planned { .. }
            | RunEvent::Phase { phase: RunPhase::Checking | RunPhase::Deploying | RunPhase::Launching }
            | RunEvent::Usage { .. }
    )
}

/// An event about an end that did not come, or about a connection that is gone by now.
fn is_ending(event: &RunEvent) -> bool {
    matches!(
        event,
        RunEvent::Phase { phase: RunPhase::Stopping | RunPhase::Sweeping }
            | RunEvent::Stopping { .. }
            | RunEvent::Swept { .. }
            | RunEvent::OutOfSight { .. }
            | RunEvent::InSight
    )
}

/// This pictl or another one on this computer writes the record of `id` now.
pub fn is_written(runs: &Path, id: &RunId) -> bool {
    let lock = File::open(runs.join(id.as_str()).join("lock"));
    lock.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Takes the run's lock; `None` when another process has it.
pub(super) fn lock(dir: &Path) -> Result<Option<File>, StoreError> {
    let path = dir.join("lock");
    let fail = |e: io::Error| StoreError::io("lock", &path, &e);
    let file = private().create(true).truncate(false).write(true).open(&path).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        // Some network file systems do not have locks; the record is written all the same.
        Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => Ok(Some(file)),
        Err(TryLockError::Error(e)) => Err(fail(e)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use pictl_model::event::VERSION;
    use pictl_model::world::World;
    use pictl_model::{Rank, Timestamp};

    use super::*;
    use crate::common;

    const ID: &str = "20261120-084501-pi-0007";

    fn plan() -> RunPlan {
        common::plan(ID, 2, 2)
    }

    fn slice(slice: u32) -> RunEvent {
        RunEvent::Slice { rank: Rank(0), slice, seconds: 1.0, value: None }
    }

    /// A record of these events and this output, whose writer was killed.
    fn broken_off(runs: &Path, happened: &[RunEvent], output: &[u8]) {
        let plan = plan();
        let mut recorder = Recorder::begin(runs, &plan, &World::default()).expect("begun");
        recorder.output(output).expect("written");
        let first = RunEvent::Planned { plan: Box::new(plan.clone()) };
        for (seq, event) in (0..).zip(std::iter::once(&first).chain(happened)) {
            let event = Event::Run { run: plan.id.clone(), event: event.clone() };
            recorder.event(&Stamped { v: VERSION, seq, at: Timestamp(0), event }).expect("written");
        }
    }

    fn run_events(events: &[Stamped]) -> Vec<&RunEvent> {
        events.iter().filter_map(|e| if let Event::Run { event, .. } = &e.event { Some(event) } else { None }).collect()
    }

    #[test]
    fn what_was_read_after_the_last_noted_place_is_read_again_and_nothing_twice() {
        let dir = tempfile::tempdir().expect("a folder");
        let running = RunEvent::Phase { phase: RunPhase::Running };
        let done = RunEvent::Done { rank: Rank(1) };
        let place = RunEvent::Read { out: 100, err: 20 };
        let gone = RunEvent::OutOfSight { why: "no answer".into() };
        let before = [RunEvent::Phase { phase: RunPhase::Launching }, running, slice(0), done, place];
        let happened: Vec<_> = before.iter().cloned().chain([gone, slice(1)]).collect();
        broken_off(dir.path(), &happened, &[b'x'; 150]);

        let (opened, mut recorder) = open(dir.path(), &plan().id).expect("opened");
        assert_eq!(
            opened.taken,
            Taken { out: 100, err: 20, done: [Rank(1)].into(), running: true, ..Taken::default() }
        );
        assert_eq!(run_events(&opened.events)[1..], before.iter().collect::<Vec<_>>());
        assert_eq!(fs::read(dir.path().join(ID).join("output.log")).expect("there").len(), 120);

        // What follows is appended, and the whole reads as one record.
        let event = Event::Run { run: plan().id, event: slice(1) };
        recorder.event(&Stamped { v: VERSION, seq: 9, at: Timestamp(9), event }).expect("written");
        recorder.output(b"more").expect("written");
        drop(recorder);
        let (all, torn) = events(dir.path(), &plan().id).expect("readable");
        assert!(!torn);
        assert_eq!(run_events(&all).iter().filter(|e| matches!(e, RunEvent::Slice { .. })).count(), 2);
        assert_eq!(fs::read(dir.path().join(ID).join("output.log")).expect("there").len(), 124);
    }

    #[test]
    fn without_a_noted_place_all_output_is_read_again() {
        let dir = tempfile::tempdir().expect("a folder");
        let launching = RunEvent::Phase { phase: RunPhase::Launching };
        broken_off(dir.path(), &[launching.clone(), slice(0)], b"some");
        let (opened, _recorder) = open(dir.path(), &plan().id).expect("opened");
        assert_eq!(opened.taken, Taken::default());
        assert_eq!(run_events(&opened.events)[1..], [&launching]);
        assert_eq!(fs::read(dir.path().join(ID).join("output.log")).expect("there"), b"");
    }

    #[test]
    fn one_pictl_at_a_time_goes_on_with_a_record() {
        let dir = tempfile::tempdir().expect("a folder");
        broken_off(dir.path(), &[], b"");
        assert_eq!(unfinished(dir.path()).iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), [ID]);
        let first = open(dir.path(), &plan().id).expect("opened");
        assert!(unfinished(dir.path()).is_empty(), "it is watched");
        assert!(matches!(open(dir.path(), &plan().id), Err(RecordError::Watched(_))));
        drop(first);
        open(dir.path(), &plan().id).expect("opened again");
    }

    #[test]
    fn only_the_record_of_a_run_that_ended_is_deleted() {
        use crate::record::{RecordError, delete_ended};
        let dir = tempfile::tempdir().expect("a folder");
        let (runs, id) = (dir.path(), plan().id);
        let recorder = Recorder::begin(runs, &plan(), &World::default()).expect("begun");
        assert!(is_written(runs, &id));
        assert!(matches!(delete_ended(runs, &id), Err(RecordError::NoEnd(_))), "it is under way");
        // Also when its plan cannot be read.
        let file = runs.join(id.as_str()).join("run.json");
        let whole = fs::read(&file).expect("its plan");
        fs::write(&file, "{").expect("damaged");
        assert!(matches!(delete_ended(runs, &id), Err(RecordError::NoEnd(_))));
        fs::write(&file, whole).expect("whole again");
        drop(recorder);
        assert!(!is_written(runs, &id));
        assert!(matches!(delete_ended(runs, &id), Err(RecordError::NoEnd(_))), "it may have been left running");
        fs::write(&file, "{").expect("damaged");
        delete_ended(runs, &id).expect("what is damaged and nobody writes can go");
        assert!(!runs.join(id.as_str()).exists());
        assert!(delete_ended(runs, &id).is_err(), "there is none");
    }
}
