//! The destination of the output of a command: stored up to a bound, or passed on as it arrives.

use std::collections::VecDeque;
use std::future::pending;

use pictl_engine::ports::{Chunk, Output};
use tokio::sync::mpsc;

/// Queued output of one command for a slow reader, after which the host has to wait.
const MAX_QUEUED: usize = 4 << 20;

/// Small pieces are joined up to this size in the queue, so that its own cost stays small.
const JOIN_UP_TO: usize = 32 << 10;

/// One of a command's two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

/// The destination of output.
pub(super) enum Sink {
    /// Stored: the first `most` bytes of each stream.
    Keep { most: usize, output: Output },
    /// Passed on.
    ///
    /// The queue takes what a slow reader leaves, because other commands share the connection: russh delivers in
    /// order, so a channel that is not read stops them all (keep-alive included; a stall does not count as a loss).
    /// Beyond the bound exactly that is done on purpose, because the alternative, dropping output, would falsify a
    /// record: TCP then slows the host down until the reader has caught up.
    HandOn { to: mpsc::Sender<Chunk>, queue: VecDeque<Chunk>, queued: usize },
}

/// The reader is gone.
pub(super) struct Gone;

impl Sink {
    pub(super) fn keep(most: usize) -> Self {
        Self::Keep { most, output: Output::default() }
    }

    pub(super) fn hand_on_to(to: mpsc::Sender<Chunk>) -> Self {
        Self::HandOn { to, queue: VecDeque::new(), queued: 0 }
    }

    /// Whether more output can be queued.
    pub(super) fn has_room(&self) -> bool {
        match self {
            Self::Keep { .. } => true,
            Self::HandOn { queued, .. } => *queued < MAX_QUEUED,
        }
    }

    /// Adds a piece.
    pub(super) fn take(&mut self, stream: Stream, bytes: &[u8]) {
        match self {
            Self::Keep { most, output } => {
                let kept = match stream {
                    Stream::Out => &mut output.out,
                    Stream::Err => &mut output.err,
                };
                let room = most.saturating_sub(kept.len()).min(bytes.len());
                kept.extend_from_slice(&bytes[..room]);
                output.truncated |= room < bytes.len();
            }
            Self::HandOn { queue, queued, .. } => {
                *queued += bytes.len();
                match (stream, queue.back_mut()) {
                    (Stream::Out, Some(Chunk::Out(last))) | (Stream::Err, Some(Chunk::Err(last)))
                        if last.len() + bytes.len() <= JOIN_UP_TO =>
                    {
                        last.extend_from_slice(bytes);
                    }
                    (Stream::Out, _) => queue.push_back(Chunk::Out(bytes.to_vec())),
                    (Stream::Err, _) => queue.push_back(Chunk::Err(bytes.to_vec())),
                }
            }
        }
    }

    /// Passes on one piece, or waits until the reader is gone. May be dropped at any point without losing anything.
    pub(super) async fn hand_on(&mut self) -> Result<(), Gone> {
        match self {
            Self::Keep { .. } => pending().await,
            Self::HandOn { to, queue, .. } if queue.is_empty() => {
                to.closed().await;
                Err(Gone)
            }
            Self::HandOn { to, queue, queued } => {
                let place = to.reserve().await.map_err(|_| Gone)?;
                if let Some(chunk) = queue.pop_front() {
                    let (Chunk::Out(bytes) | Chunk::Err(bytes)) = &chunk;
                    *queued -= bytes.len();
                    place.send(chunk);
                }
                Ok(())
            }
        }
    }

    /// Passes on what is left and returns what was stored.
    pub(super) async fn finish(&mut self) -> Output {
        while matches!(self, Self::HandOn { queue, .. } if !queue.is_empty()) {
            if self.hand_on().await.is_err() {
                break;
            }
        }
        match self {
            Self::Keep { output, .. } => std::mem::take(output),
            Self::HandOn { .. } => Output::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_kept_is_bounded_for_each_stream() {
        let mut sink = Sink::keep(5);
        sink.take(Stream::Out, b"abc");
        sink.take(Stream::Err, b"12345");
        assert!(!matches!(&sink, Sink::Keep { output, .. } if output.truncated));
        sink.take(Stream::Out, b"defg");
        let output = sink.finish().await;
        assert_eq!((&output.out[..], &output.err[..], output.truncated), (&b"abcde"[..], &b"12345"[..], true));
    }

    #[tokio::test]
    async fn small_pieces_are_joined_and_streams_are_not_mixed() {
        let (to, mut from) = mpsc::channel(8);
        let mut sink = Sink::hand_on_to(to);
        for byte in b"abc" {
            sink.take(Stream::Out, &[*byte]);
        }
        sink.take(Stream::Err, b"x");
        sink.take(Stream::Out, b"d");
        sink.finish().await;
        drop(sink);
        let mut got = Vec::new();
        while let Some(chunk) = from.recv().await {
            got.push(chunk);
        }
        assert_eq!(got, [Chunk::Out(b"abc".into()), Chunk::Err(b"x".into()), Chunk::Out(b"d".into())]);
    }

    #[tokio::test]
    async fn a_full_queue_has_no_room_until_something_is_read() {
        let (to, mut from) = mpsc::channel(1);
        let mut sink = Sink::hand_on_to(to);
        while sink.has_room() {
            sink.take(Stream::Out, &vec![0; 32 << 10]);
        }
        assert!(sink.hand_on().await.is_ok());
        assert!(sink.has_room());
        drop(from.recv().await);
        drop(from);
        assert!(sink.hand_on().await.is_err());
    }
}
