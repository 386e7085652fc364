//! The beginning of a script's output. What start files of the login shell print before it (a greeting, a terminal's title) is
//! not output of the script; it is what explains why a script never began.

use std::borrow::Cow;

use pictl_engine::ports::{NotBegun, Output};
use pictl_formats::shell::BEGIN;
use pictl_model::text::clean_bytes;

use super::sink::Stream;

/// Most bytes of a login shell's own output that are kept for each stream: the last ones, which say why it ended.
const MOST: usize = 16 << 10;
/// Longest text of it in a message, in characters.
const IN_WORDS: usize = 300;

/// Waits for the mark that a script begins with, on both streams.
pub(super) struct Opening {
    out: Side,
    err: Side,
}

#[derive(Default)]
struct Side {
    begun: bool,
    before: Vec<u8>,
}

impl Opening {
    /// For a script; other commands have begun.
    pub(super) fn of(script: bool) -> Self {
        let side = || Side { begun: !script, before: Vec::new() };
        Self { out: side(), err: side() }
    }

    /// Whether the script has begun. Its input may be sent then, and not to a shell that would execute it.
    pub(super) fn begun(&self) -> bool {
        self.out.begun
    }

    /// What of this piece is output of the script.
    pub(super) fn take<'a>(&mut self, stream: Stream, piece: &'a [u8]) -> Cow<'a, [u8]> {
        let side = match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        };
        side.take(piece)
    }

    /// How the login shell ended, if the script never began.
    pub(super) fn failure(&self, output: &Output) -> Option<NotBegun> {
        (!self.begun()).then(|| NotBegun { printed: self.printed(), status: output.status, waited: None })
    }

    /// What the login shell printed: the last line of each stream that has any.
    pub(super) fn printed(&self) -> String {
        let mut last: Vec<String> = Vec::new();
        for side in [&self.out, &self.err] {
            let text = String::from_utf8_lossy(&side.before).into_owned();
            let line =
                text.lines().map(|line| clean_bytes(line.trim().as_bytes(), IN_WORDS)).rfind(|line| !line.is_empty());
            last.extend(line.filter(|_| !side.begun));
        }
        last.join("; ")
    }
}

impl Side {
    fn take<'a>(&mut self, piece: &'a [u8]) -> Cow<'a, [u8]> {
        if self.begun {
            return piece.into();
        }
        let mark = BEGIN.as_bytes();
        self.before.extend_from_slice(piece);
        if let Some(at) = self.before.windows(mark.len()).position(|window| window == mark) {
            self.begun = true;
            return self.before.split_off(at + mark.len()).into();
        }
        if self.before.len() > 2 * MOST {
            self.before.drain(..self.before.len() - MOST);
        }
        Cow::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_begins_after_the_mark_wherever_it_is_cut() {
        let all = format!("\x1b]0;title\x07Welcome!{BEGIN}facts 1\n");
        for cut in 0..=all.len() {
            let mut opening = Opening::of(true);
            let (first, second) = all.as_bytes().split_at(cut);
            let mut out = opening.take(Stream::Out, first).into_owned();
            out.extend_from_slice(&opening.take(Stream::Out, second));
            assert_eq!(out, b"facts 1\n", "{cut}");
            assert!(opening.begun() && opening.failure(&Output::default()).is_none());
        }
    }

    #[test]
    fn the_last_line_says_why_nothing_began() {
        let mut opening = Opening::of(true);
        assert!(opening.take(Stream::Out, b"Welcome to pi02\nThis account is currently not available.\n\n").is_empty());
        assert!(opening.take(Stream::Err, &vec![b'x'; 5 * MOST]).is_empty());
        assert!(opening.take(Stream::Err, b"\n\x1b[31mPS1: unbound variable\n").is_empty());
        let failure = opening.failure(&Output { status: Some(1), ..Output::default() }).expect("not begun");
        assert_eq!(failure.printed, "This account is currently not available.; PS1: unbound variable");
        assert_eq!(failure.status, Some(1));
        assert!(opening.err.before.len() <= 2 * MOST);
    }

    #[test]
    fn other_commands_have_begun_at_once() {
        let mut opening = Opening::of(false);
        assert!(opening.begun());
        assert_eq!(&*opening.take(Stream::Err, b"x"), b"x");
    }
}
