//! Makes events of a launcher's output.

use std::collections::{BTreeMap, BTreeSet};

use pictl_formats::claims;
use pictl_formats::launcher::{self, Demux, Line};
use pictl_formats::progress::{self, Segment};
use pictl_formats::rules::RuleReader;
use pictl_model::run::{RunEvent, RunPhase, Stream};
use pictl_model::text::{MAX_LINE, clean_bytes};
use pictl_model::units::{LeftOut, Rank, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::times::Times;
use super::{Launch, News, Piece};
use crate::flow::{Allowance, Meter};
use crate::ports::Chunk;

/// Bytes of errors that are kept.
const ERRORS: usize = 32 << 10;
/// How often the position is noted from which a record could be continued, in milliseconds.
const NOTE_EVERY: i64 = 1_000;

/// Ranks up to here are believed, even where fewer were asked for.
const MOST_RANKS: u32 = 4_096;

/// How far a run's output was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Bytes of standard output.
    pub out: u64,
    /// Bytes of standard error.
    pub err: u64,
    /// Ranks whose last line arrived.
    pub done: BTreeSet<Rank>,
    /// A rank ended with another exit status than 0.
    pub failed: bool,
    /// The program has printed something.
    pub running: bool,
}

impl Taken {
    /// Notes a rank's end.
    pub(crate) fn take(&mut self, event: &RunEvent) {
        if let RunEvent::Done { rank } | RunEvent::Exit { rank, .. } = event {
            self.done.insert(*rank);
        }
        self.failed |= matches!(event, RunEvent::Exit { status, .. } if *status != 0);
    }
}

/// Reads both streams.
pub(super) struct Reader {
    out: Demux,
    err: Demux,
    ranks: u32,
    taken: Taken,
    /// When the bytes of a gap in the connection were written.
    times: Times,
    /// When the current line was written; `None`: now.
    at: Option<Timestamp>,
    noted: Timestamp,
    /// What the launcher printed, and ranks on standard error, as far as it explains a failure.
    errors: String,
    /// Ranks that reported their host.
    begun: BTreeSet<Rank>,
    /// Part of the output was read before.
    joined: bool,
    rules: RuleReader,
    /// The size that each rank's own words named last: only another one is news.
    claimed: BTreeMap<Rank, u32>,
    /// What passes of ordinary output, and of the program's messages.
    output: Meter,
    /// What passes of the reports of progress within slices.
    parts: Meter,
    news: mpsc::UnboundedSender<News>,
}

impl Reader {
    pub(super) fn new(launch: &Launch, news: mpsc::UnboundedSender<News>) -> Self {
        let demux = || Demux::new(launcher::of(&launch.install));
        Self {
            out: demux(),
            err: demux(),
            ranks: launch.ranks,
            taken: launch.joined.clone().unwrap_or_default(),
            times: Times::default(),
            at: None,
            noted: Timestamp::default(),
            errors: String::new(),
            begun: BTreeSet::new(),
            joined: launch.joined.is_some(),
            rules: launch.rules.clone(),
            claimed: BTreeMap::new(),
            output: Meter::new(Allowance::OUTPUT),
            parts: Meter::new(Allowance::PARTS),
            news,
        }
    }

    /// Every rank has begun: each reports its host first. Some launchers start ranks on the nodes that they reach, and wait for
    /// the others.
    pub(super) fn has_begun(&self) -> bool {
        self.taken.running && (self.begun.len() >= self.ranks as usize || self.joined)
    }

    /// There is nothing more to wait for: every rank is done, or one failed. Open MPI then ends the others by itself; Hydra
    /// does not end those that do not use MPI.
    pub(super) fn is_settled(&self) -> bool {
        self.taken.failed || self.taken.done.len() >= self.ranks as usize
    }

    /// What the launcher printed, and ranks on standard error: the beginning of it.
    pub(super) fn errors(&self) -> &str {
        &self.errors
    }

    pub(super) fn taken(&self) -> &Taken {
        &self.taken
    }

    /// The output that follows was written at these times, as far as they are known.
    pub(super) fn catch_up(&mut self, times: Times) {
        self.times = times;
    }

    pub(super) fn publish(&self, event: RunEvent) {
        // Nobody may receive any more; the launch must end properly all the same.
        let _ = self.news.send(match self.at {
            None => News::Event(event),
            Some(at) => News::Past { at, event },
        });
    }

    pub(super) fn take(&mut self, chunk: Chunk, room: OwnedSemaphorePermit) {
        let (stream, bytes) = match chunk {
            Chunk::Out(bytes) => (Stream::Out, bytes),
            Chunk::Err(bytes) => (Stream::Err, bytes),
        };
        let mut from = 0;
        while from < bytes.len() {
            let offset = *self.offset(stream);
            self.at = self.times.at(stream, offset);
            // Old output has a time for each line, new output has one for all of it.
            let line = self.at.and_then(|_| bytes[from..].iter().position(|&b| b == b'\n'));
            let to = line.map_or(bytes.len(), |end| from + end + 1);
            self.push(stream, &bytes[from..to]);
            from = to;
        }
        let cut = self.out.cut() + self.err.cut();
        self.output.cut(cut);
        let left_out = (self.output.now_and_then(), self.parts.now_and_then());
        self.report(left_out);
        let _ = self.news.send(News::Bytes(Piece { bytes, _room: room }));
        self.note();
        self.at = None;
    }

    pub(super) fn finish(&mut self) {
        for (stream, lines) in [(Stream::Out, self.out.finish()), (Stream::Err, self.err.finish())] {
            for line in lines {
                self.line(stream, &line);
            }
        }
        let left_out = (self.output.rest(), self.parts.rest());
        self.report(left_out);
    }

    /// Publishes what was left out of the output and of the reports of progress, if anything was.
    fn report(&self, (output, parts): (Option<LeftOut>, Option<LeftOut>)) {
        if output.is_some() || parts.is_some() {
            let LeftOut { lines, bytes } = output.unwrap_or_default();
            self.publish(RunEvent::Omitted { lines, bytes, parts: parts.unwrap_or_default().lines });
        }
    }

    fn offset(&mut self, stream: Stream) -> &mut u64 {
        if stream == Stream::Out { &mut self.taken.out } else { &mut self.taken.err }
    }

    fn push(&mut self, stream: Stream, bytes: &[u8]) {
        *self.offset(stream) += bytes.len() as u64;
        let demux = if stream == Stream::Out { &mut self.out } else { &mut self.err };
        for line in demux.push(bytes) {
            self.line(stream, &line);
        }
    }

    /// Notes now and then, where no line is half read, how far the output was read: another pictl can continue from there.
    fn note(&mut self) {
        let now = crate::clock::now();
        if now.0 >= self.noted.0 + NOTE_EVERY && self.out.is_settled() && self.err.is_settled() {
            self.noted = now;
            // What was left out before this position is not read again.
            let left_out = (self.output.rest(), self.parts.rest());
            self.report(left_out);
            self.publish(RunEvent::Read { out: self.taken.out, err: self.taken.err });
        }
    }

    fn line(&mut self, stream: Stream, line: &Line) {
        let whole = String::from_utf8_lossy(&line.text);
        if !progress::has_record(&whole) {
            return self.text(stream, line, &whole);
        }
        for segment in progress::segments(&whole) {
            match segment {
                Segment::Text(text) => self.text(stream, line, text),
                Segment::Record(Ok(event)) if is_beyond(&event, self.ranks) => {
                    let _ = self.news.send(News::Damaged);
                }
                // What the program reports of its work always passes.
                Segment::Record(Ok(event @ (RunEvent::Note { .. } | RunEvent::Other { .. }))) => {
                    if self.output.lets(line.text.len()) {
                        self.event(event);
                    }
                }
                Segment::Record(Ok(event @ RunEvent::Part { .. })) => {
                    if self.parts.lets(line.text.len()) {
                        self.event(event);
                    }
                }
                Segment::Record(Ok(event)) => self.event(event),
                Segment::Record(Err(_)) => {
                    let _ = self.news.send(News::Damaged);
                }
            }
        }
    }

    /// What a rank or the launcher printed: a line, or what stands in one beside records.
    fn text(&mut self, stream: Stream, line: &Line, text: &str) {
        if let Some(event) = self.rules.line(text, line.rank, self.at.unwrap_or_else(crate::clock::now)) {
            self.event(event);
        }
        if let Some((rank, size)) = line.rank.zip(claims::claim(text).map(|claim| claim.size))
            && self.claimed.insert(rank, size) != Some(size)
        {
            self.event(RunEvent::Mpi { rank, size: Some(size), library: None, file: None });
        }
        // Open MPI's tags also mark errors that come by the other pipe; Hydra's tags say the rank only.
        let stream = if line.stream == Stream::Err { Stream::Err } else { stream };
        let passes = self.output.lets(text.len());
        let text = clean_bytes(text.as_bytes(), MAX_LINE);
        if (stream == Stream::Err || line.rank.is_none()) && self.errors.len() < ERRORS {
            self.errors.extend([text.as_str(), "\n"]);
        }
        // That the program prints must be seen, whether this line passes or not.
        if passes || (!self.taken.running && (stream == Stream::Out || line.rank.is_some())) {
            self.event(RunEvent::Output { stream, rank: line.rank, line: text });
        }
    }

    fn event(&mut self, event: RunEvent) {
        self.taken.take(&event);
        if let RunEvent::Host { rank, .. } = &event {
            self.begun.insert(*rank);
        }
        // What a launcher reports by itself, such as a warning of `ssh`, does not show that the program runs.
        if !self.taken.running && !matches!(event, RunEvent::Output { stream: Stream::Err, rank: None, .. }) {
            self.taken.running = true;
            self.publish(RunEvent::Phase { phase: RunPhase::Running });
        }
        self.publish(event);
    }
}

/// A rank that no run has: what is kept of each rank must stay bounded, whatever a program prints.
fn is_beyond(event: &RunEvent, ranks: u32) -> bool {
    let most = ranks.max(MOST_RANKS);
    match event {
        RunEvent::Host { rank, .. }
        | RunEvent::Assign { rank, .. }
        | RunEvent::Part { rank, .. }
        | RunEvent::Slice { rank, .. }
        | RunEvent::Done { rank }
        | RunEvent::Exit { rank, .. } => rank.0 >= most,
        RunEvent::Pair { a, b, .. } => a.0.max(b.0) >= ranks.max(1),
        _ => false,
    }
}
