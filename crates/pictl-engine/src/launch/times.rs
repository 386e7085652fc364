//! When the bytes of a run's output were written, for those that were read later: from the index that `run-start.sh` keeps
//! on the head.

use pictl_model::run::Stream;
use pictl_model::units::Timestamp;

/// The index of one run: how much there was of each stream at which moment, by the operator's clock.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Times {
    /// Moment, bytes of standard output, bytes of standard error; growing.
    marks: Vec<(Timestamp, u64, u64)>,
}

impl Times {
    /// Reads what `run-times.sh` prints: `now SECONDS`, the head's clock, and a line `SECONDS OUT ERR` for each mark; `asked`
    /// is when the script was started. Marks are moved by the difference of the clocks, so they are wrong by the time of one
    /// round trip at most. Other lines are ignored.
    pub(super) fn parse(printed: &str, asked: Timestamp) -> Self {
        let mut lines = printed.lines();
        let seconds = |text: &str| text.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
        let Some(there) = lines.next().and_then(|line| line.strip_prefix("now ")).and_then(seconds) else {
            return Self::default();
        };
        let here = |then: f64| Timestamp(asked.0.saturating_sub(((there - then).max(0.0) * 1e3) as i64));
        let mut marks: Vec<(Timestamp, u64, u64)> = Vec::new();
        for line in lines {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            let [then, out, err] = fields[..] else { continue };
            let (Some(then), Ok(out), Ok(err)) = (seconds(then), out.parse(), err.parse()) else { continue };
            let last = marks.last().copied().unwrap_or_default();
            marks.push((here(then).max(last.0), out, err));
        }
        Self { marks }
    }

    /// When the byte at `offset` of `stream` had been written: between the two marks around it as if output had come
    /// evenly. `None` for bytes that the index does not cover: they are new.
    pub(super) fn at(&self, stream: Stream, offset: u64) -> Option<Timestamp> {
        let bytes = |mark: &(Timestamp, u64, u64)| if stream == Stream::Out { mark.1 } else { mark.2 };
        let next = self.marks.partition_point(|mark| bytes(mark) <= offset);
        let after = self.marks.get(next)?;
        let Some(before) = next.checked_sub(1).map(|i| &self.marks[i]) else { return Some(after.0) };
        let share = (offset - bytes(before)) as f64 / (bytes(after) - bytes(before)) as f64;
        Some(Timestamp(before.0.0 + ((after.0.0 - before.0.0) as f64 * share) as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head's clock is an hour behind.
    const SAID: &str = "now 1000.0\n900.0 0 0\n910.0 100 0\nrubbish\n920.0 100 50\n940.5 300 50\n";
    const ASKED: Timestamp = Timestamp(4_600_000);

    fn seconds(stream: Stream, offset: u64) -> Option<f64> {
        Times::parse(SAID, ASKED).at(stream, offset).map(|at| at.0 as f64 / 1e3 - 3600.0)
    }

    #[test]
    fn a_byte_was_written_between_the_marks_around_it() {
        assert_eq!(seconds(Stream::Out, 50), Some(905.0));
        assert_eq!(seconds(Stream::Out, 200), Some(930.25));
        assert_eq!(seconds(Stream::Err, 25), Some(915.0));
    }

    #[test]
    fn bytes_after_the_index_are_new() {
        assert_eq!(seconds(Stream::Out, 300), None);
        assert_eq!(seconds(Stream::Err, 50), None);
        assert_eq!(Times::parse("", ASKED).at(Stream::Out, 0), None);
        assert_eq!(Times::parse("now nan\n1 2 3\n", ASKED), Times::default());
        assert_eq!(Times::default().at(Stream::Out, 0), None);
    }

    #[test]
    fn time_does_not_run_backwards() {
        let times = Times::parse("now 100\n90 10 0\n80 20 0\n95 30 0\n", Timestamp(100_000));
        let at: Vec<_> = (0..30).map(|byte| times.at(Stream::Out, byte).expect("known").0).collect();
        assert!(at.is_sorted(), "{at:?}");
    }
}
