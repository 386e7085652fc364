//! Lines from bytes, with a limit on the memory of one line.

use pictl_model::text::{MAX_LINE, clean_bytes};

/// Most bytes stored of one line.
const MAX_BYTES: usize = MAX_LINE * 4;

/// Collects bytes and returns whole lines, cleaned. The rest of a line that is too long is dropped and counted.
#[derive(Debug, Default)]
pub struct Lines {
    partial: Vec<u8>,
    cut: u64,
}

impl Lines {
    /// Adds `bytes`, and calls `each` with every line that is complete now.
    pub fn push(&mut self, bytes: &[u8], mut each: impl FnMut(String)) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|&b| b == b'\n') {
            self.store(&rest[..end]);
            each(clean_bytes(&self.partial, MAX_LINE));
            self.partial.clear();
            rest = &rest[end + 1..];
        }
        self.store(rest);
    }

    /// The last line, when it had no end.
    pub fn finish(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.partial);
        (!rest.is_empty()).then(|| clean_bytes(&rest, MAX_LINE))
    }

    /// Bytes at the ends of too long lines that were dropped since the last time.
    pub fn cut(&mut self) -> u64 {
        std::mem::take(&mut self.cut)
    }

    fn store(&mut self, bytes: &[u8]) {
        let room = MAX_BYTES.saturating_sub(self.partial.len());
        self.partial.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.cut += bytes.len().saturating_sub(room) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_whole_however_they_arrive() {
        let mut lines = Lines::default();
        let mut seen = Vec::new();
        for chunk in [&b"on"[..], b"e\ntw", b"o\n\nthree"] {
            lines.push(chunk, |l| seen.push(l));
        }
        assert_eq!(seen, ["one", "two", ""]);
        assert_eq!(lines.finish().as_deref(), Some("three"));
        assert_eq!(lines.finish(), None);
    }

    #[test]
    fn a_line_without_end_costs_no_more_than_its_bound() {
        let mut lines = Lines::default();
        for _ in 0..1000 {
            lines.push(&[b'x'; 4096], |_| {});
        }
        assert!(lines.partial.capacity() <= 2 * MAX_BYTES);
        assert_eq!((lines.cut(), lines.cut()), ((1000 * 4096 - MAX_BYTES) as u64, 0));
    }
}
