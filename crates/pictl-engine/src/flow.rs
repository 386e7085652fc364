//! Bounds on what nodes print: in lines, in bytes and in rate. What is beyond them is left out and counted.
//!
//! A program that prints without end must not fill the memory or the disk of the operator, and must not keep pictl from what else
//! happens. A bound on the rate alone would cut a long result in one piece, so a stream may first be much at once.

use std::time::Duration;

use pictl_model::units::LeftOut;
use tokio::time::Instant;

/// How often it is reported what was left out.
const REPORT: Duration = Duration::from_secs(1);

/// How much a stream may carry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Allowance {
    /// Lines at once.
    pub(crate) lines: f64,
    /// Bytes at once.
    pub(crate) bytes: f64,
    /// Lines a second beyond that.
    pub(crate) lines_a_second: f64,
    /// Bytes a second beyond that.
    pub(crate) bytes_a_second: f64,
}

impl Allowance {
    /// For the output of a program or a command, of all its ranks and nodes together. A dashboard on a Pi takes in that much.
    pub(crate) const OUTPUT: Self =
        Self { lines: 200_000.0, bytes: 32e6, lines_a_second: 10_000.0, bytes_a_second: 2e6 };
    /// For the lines of a script of pictl: the results of a thousand pairs, or what apt prints.
    pub(crate) const SCRIPT: Self =
        Self { lines: 20_000.0, bytes: 4e6, lines_a_second: 1_000.0, bytes_a_second: 200e3 };
    /// For reports of progress within slices, of all ranks together.
    pub(crate) const PARTS: Self =
        Self { lines: 400_000.0, bytes: 64e6, lines_a_second: 20_000.0, bytes_a_second: 4e6 };
    /// For lines of which the last one counts: a node's sensors, or what a rank uses.
    pub(crate) const NEWS: Self = Self { lines: 200.0, bytes: 200e3, lines_a_second: 20.0, bytes_a_second: 20e3 };

    /// The part of each of `count` that have this together.
    pub(crate) fn among(self, count: usize) -> Self {
        let count = count.max(1) as f64;
        Self {
            lines: self.lines / count,
            bytes: self.bytes / count,
            lines_a_second: self.lines_a_second / count,
            bytes_a_second: self.bytes_a_second / count,
        }
    }

    /// `count` times as much.
    pub(crate) fn times(self, count: usize) -> Self {
        let count = count.max(1) as f64;
        Self {
            lines: self.lines * count,
            bytes: self.bytes * count,
            lines_a_second: self.lines_a_second * count,
            bytes_a_second: self.bytes_a_second * count,
        }
    }
}

/// Decides which lines of a stream pass.
#[derive(Debug)]
pub(crate) struct Meter {
    allowance: Allowance,
    lines: f64,
    bytes: f64,
    filled: Instant,
    left_out: LeftOut,
    reported: Instant,
}

impl Meter {
    /// Nothing was printed yet.
    pub(crate) fn new(allowance: Allowance) -> Self {
        let now = Instant::now();
        Self {
            allowance,
            lines: allowance.lines,
            bytes: allowance.bytes,
            filled: now,
            left_out: LeftOut::default(),
            reported: now,
        }
    }

    /// Whether a line of so many bytes passes. One that does not is counted.
    pub(crate) fn lets(&mut self, bytes: usize) -> bool {
        let now = Instant::now();
        let seconds = (now - self.filled).as_secs_f64();
        self.filled = now;
        let Allowance { lines, bytes: most, lines_a_second, bytes_a_second } = self.allowance;
        self.lines = (self.lines + seconds * lines_a_second).min(lines);
        self.bytes = (self.bytes + seconds * bytes_a_second).min(most);
        let passes = self.lines >= 1.0 && self.bytes >= bytes as f64;
        if passes {
            self.lines -= 1.0;
            self.bytes -= bytes as f64;
        } else {
            self.left_out += LeftOut { lines: 1, bytes: bytes as u64 };
        }
        passes
    }

    /// Counts bytes at the end of a line that was too long.
    pub(crate) fn cut(&mut self, bytes: u64) {
        self.left_out.bytes += bytes;
    }

    /// What was left out since this last had something, once a second.
    pub(crate) fn now_and_then(&mut self) -> Option<LeftOut> {
        if self.left_out.is_nothing() || self.reported.elapsed() < REPORT {
            return None;
        }
        self.rest()
    }

    /// What was left out since the last report.
    pub(crate) fn rest(&mut self) -> Option<LeftOut> {
        self.reported = Instant::now();
        Some(std::mem::take(&mut self.left_out)).filter(|left_out| !left_out.is_nothing())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: Allowance = Allowance { lines: 3.0, bytes: 100.0, lines_a_second: 2.0, bytes_a_second: 50.0 };

    #[tokio::test(start_paused = true)]
    async fn much_passes_at_once_and_then_no_more_than_the_rate() {
        let mut meter = Meter::new(FEW);
        let passed = |meter: &mut Meter| (0..10).filter(|_| meter.lets(10)).count();
        assert_eq!(passed(&mut meter), 3);
        assert_eq!(meter.now_and_then(), None, "once a second");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(passed(&mut meter), 2);
        assert_eq!(meter.now_and_then(), Some(LeftOut { lines: 15, bytes: 150 }));
        assert_eq!(meter.rest(), None, "it is reported");
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(passed(&mut meter), 3, "what was not used is not saved up");
        meter.cut(5);
        assert_eq!(meter.rest(), Some(LeftOut { lines: 7, bytes: 75 }));
    }

    #[tokio::test(start_paused = true)]
    async fn few_long_lines_are_bounded_by_their_bytes() {
        let mut meter = Meter::new(FEW);
        assert_eq!((0..3).filter(|_| meter.lets(60)).count(), 1);
        assert!(meter.lets(40), "a shorter one still has room");
        let mut half = Meter::new(FEW.among(3));
        assert_eq!((0..5).filter(|_| half.lets(1)).count(), 1);
    }
}
