//! Divides a launcher's output into the lines of its ranks.
//!
//! Launchers tag each line with its rank, and Open MPI 4 also the inside of lines: wherever one of its 4 KiB chunks
//! begins, with another rank's chunk spliced in before. So a tag anywhere means: what follows belongs to that rank, up to
//! the next tag or line end. This restores every line of Open MPI 4 and Hydra exactly. Open MPI 5 also prints bytes
//! under a wrong tag, which nobody can repair: progress lines carry their own rank and checksum because of it.

use std::collections::BTreeMap;

use pictl_model::run::Stream;
use pictl_model::units::Rank;

use super::contract::Launcher;
use super::tags::{Owner, Tag, Tags};

/// Most bytes stored of the beginning of a line.
const MAX_LINE: usize = 8 * 1024;
/// Bytes stored of the end of a line that is too long, behind a `…`: so a record of the line protocol that follows a text
/// without a line end is complete.
const TAIL: usize = 1024;
/// Most lines open at the same time. When there are more, all are returned as they are.
const MAX_OPEN: usize = 1_024;

/// One line of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its rank; `None` for the launcher's own and for untagged text.
    pub rank: Option<Rank>,
    /// The rank's stream, as the tag says; [`Stream::Out`] without a tag and with Hydra, whose tags do not say it.
    pub stream: Stream,
    /// The text without its end, as it came: neither cleaned nor known to be UTF-8.
    pub text: Vec<u8>,
}

/// Text that no tag claims.
const NOBODY: Owner = (None, Stream::Out);

/// Divides one stream of a launcher's output. It never needs more than 10 MiB of memory.
#[derive(Debug)]
pub struct Demux {
    /// How the launcher tags lines.
    tags: &'static dyn Tags,
    /// Whose bytes follow.
    now: Owner,
    /// Lines without their end yet.
    open: BTreeMap<Owner, Open>,
    /// Bytes at the end of the last push that may be the beginning of a tag.
    held: Vec<u8>,
    /// Bytes that were dropped since this was last asked for.
    cut: u64,
}

/// A line without its end yet.
#[derive(Debug, Default)]
struct Open {
    /// Its beginning.
    text: Vec<u8>,
    /// The last bytes of the rest.
    tail: Vec<u8>,
    /// Something between the two was dropped.
    cut: bool,
}

impl Open {
    /// Adds bytes; how many were dropped for that.
    fn append(&mut self, bytes: &[u8]) -> u64 {
        let room = (MAX_LINE - self.text.len()).min(bytes.len());
        self.text.extend_from_slice(&bytes[..room]);
        let rest = &bytes[room..];
        let skipped = rest.len().saturating_sub(TAIL);
        self.tail.extend_from_slice(&rest[skipped..]);
        let more = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..more);
        self.cut |= skipped + more > 0;
        (skipped + more) as u64
    }

    fn line(mut self, (rank, stream): Owner) -> Line {
        if self.cut {
            self.text.extend("…".as_bytes());
        }
        self.text.append(&mut self.tail);
        Line { rank, stream, text: self.text }
    }
}

impl Demux {
    /// For the output of a launcher that was started by [`Launcher::command`].
    pub fn new(launcher: &dyn Launcher) -> Self {
        Self { tags: launcher.tags(), now: NOBODY, open: BTreeMap::new(), held: Vec::new(), cut: 0 }
    }

    /// No line is half read: what comes next makes sense without what came before.
    pub fn is_settled(&self) -> bool {
        self.open.is_empty() && self.held.is_empty()
    }

    /// Bytes in the middle of too long lines that were dropped since the last time.
    pub fn cut(&mut self) -> u64 {
        std::mem::take(&mut self.cut)
    }

    /// Adds the next bytes, and returns the lines that they end, in the order of their ends.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Line> {
        let mut text = std::mem::take(&mut self.held);
        text.extend_from_slice(bytes);
        let mut lines = Vec::new();
        let rest = self.take(&text, false, &mut lines);
        self.held = text[rest..].to_vec();
        lines
    }

    /// The end of the stream: returns the open lines too.
    pub fn finish(&mut self) -> Vec<Line> {
        let text = std::mem::take(&mut self.held);
        let mut lines = Vec::new();
        self.take(&text, true, &mut lines);
        self.close_all(&mut lines);
        lines
    }

    /// Reads `text` up to where a tag may begin; nothing is held back at the end of the stream.
    fn take(&mut self, text: &[u8], end: bool, lines: &mut Vec<Line>) -> usize {
        let mut at = 0;
        while at < text.len() {
            let plain = text[at..].iter().position(|&b| b == b'\n' || b == self.tags.first_byte());
            let stop = plain.map_or(text.len(), |n| at + n);
            self.append(&text[at..stop], lines);
            at = stop;
            match text.get(at) {
                None => {}
                Some(b'\n') => {
                    self.close(lines);
                    at += 1;
                }
                Some(_) => match self.tags.tag(&text[at..], end) {
                    Tag::Of(owner, length) => {
                        self.now = owner;
                        at += length;
                    }
                    Tag::Begun if !end => return at,
                    Tag::Begun | Tag::No => {
                        self.append(&text[at..=at], lines);
                        at += 1;
                    }
                },
            }
        }
        at
    }

    fn append(&mut self, bytes: &[u8], lines: &mut Vec<Line>) {
        if bytes.is_empty() {
            return;
        }
        if self.open.len() >= MAX_OPEN && !self.open.contains_key(&self.now) {
            self.close_all(lines);
        }
        self.cut += self.open.entry(self.now).or_default().append(bytes);
    }

    /// Ends the current owner's line. What comes next without a tag does not belong to a rank.
    fn close(&mut self, lines: &mut Vec<Line>) {
        lines.push(self.open.remove(&self.now).unwrap_or_default().line(self.now));
        self.now = NOBODY;
    }

    fn close_all(&mut self, lines: &mut Vec<Line>) {
        let open = std::mem::take(&mut self.open);
        lines.extend(open.into_iter().map(|(owner, line)| line.line(owner)));
    }
}

#[cfg(test)]
mod tests;
