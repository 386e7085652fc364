//! A node's sensors: the lines of `sample.sh`.

use pictl_model::telemetry::Sample;
use pictl_model::units::{Celsius, Hertz};

use crate::facts::throttled_of;

/// No line of the script is longer.
const MAX_LINE: usize = 512;

/// Reads the lines of one node's sampler, one after another.
#[derive(Clone, Debug, Default)]
pub struct SampleReader {
    /// Busy and idle jiffies of the sample before.
    before: Option<(u64, u64)>,
}

impl SampleReader {
    /// Reads `S uptime milli°C clock-Hz throttled load busy-jiffies idle-jiffies MemAvailable-KiB`. `None` for every
    /// other line.
    ///
    /// A field that is `-` or senseless is a gap in the sample. The share of CPU time in use needs a sample before,
    /// from the same boot.
    pub fn line(&mut self, line: &str) -> Option<Sample> {
        if line.len() > MAX_LINE {
            return None;
        }
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let ["S", uptime, temp, clock, flags, load, busy, idle, available] = fields[..] else { return None };
        let uptime: f64 = uptime.parse().ok().filter(|&s: &f64| s.is_finite() && s >= 0.0)?;
        let now = busy.parse::<u64>().ok().zip(idle.parse::<u64>().ok());
        let share = self.before.zip(now).and_then(|((busy_before, idle_before), (busy, idle))| {
            let (busy, idle) = (busy.checked_sub(busy_before)?, idle.checked_sub(idle_before)?);
            let all = busy.checked_add(idle).filter(|&all| all > 0)?;
            Some((busy as f64 / all as f64) as f32)
        });
        self.before = now;
        Some(Sample {
            uptime,
            temp: temp.parse().ok().map(|milli: f32| Celsius(milli / 1e3)).filter(|t| (-60.0..200.0).contains(&t.0)),
            clock: clock.parse().ok().filter(|&hz| hz > 0).map(Hertz),
            throttled: throttled_of(flags),
            load: load.parse().ok().filter(|&load: &f32| load.is_finite() && load >= 0.0),
            busy: share,
            mem_available_kib: available.parse().ok(),
        })
    }
}

#[cfg(test)]
mod tests {
    use pictl_model::units::Throttled;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_full_line_is_read_and_busy_needs_two() {
        let mut reader = SampleReader::default();
        let first = reader.line("S 100.50 48312 1500345728 0x50005 0.25 1000 3000 800000").expect("a sample");
        let expected = Sample {
            uptime: 100.5,
            temp: Some(Celsius(48.312)),
            clock: Some(Hertz(1_500_345_728)),
            throttled: Some(Throttled(0x50005)),
            load: Some(0.25),
            busy: None,
            mem_available_kib: Some(800_000),
        };
        assert_eq!(first, expected);
        let second = reader.line("S 101.50 48312 1500345728 0x0 0.25 1300 3100 800000").expect("a sample");
        assert_eq!(second.busy, Some(0.75));
    }

    #[test]
    fn what_a_board_does_not_tell_is_a_gap() {
        let sample = SampleReader::default().line("S 5 - - - 0.00 1 1 -").expect("a sample");
        assert_eq!(sample, Sample { uptime: 5.0, load: Some(0.0), ..Sample::default() });
        let odd = SampleReader::default().line("S 5 999999999 0 0xzz nan x y -1").expect("a sample");
        assert_eq!(odd, Sample { uptime: 5.0, ..Sample::default() });
    }

    #[test]
    fn a_reboot_or_a_standing_clock_gives_no_busy() {
        let mut reader = SampleReader::default();
        for line in ["S 9 - - - 0 500 500 1", "S 1 - - - 0 5 5 1", "S 2 - - - 0 5 5 1"] {
            assert_eq!(reader.line(line).and_then(|s| s.busy), None, "{line}");
        }
    }

    #[test]
    fn other_lines_are_no_samples() {
        for line in
            ["", "S", "S 1 2 3", "X 1 - - - 0 1 1 1", "S 1 - - - 0 1 1 1 1", "S nan - - - 0 1 1 1", &"S ".repeat(600)]
        {
            assert_eq!(SampleReader::default().line(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn garbage_never_panics_and_shares_stay_shares(lines in prop::collection::vec("S( [-0-9.exan]{1,24}){8}", 0..6)) {
            let mut reader = SampleReader::default();
            for sample in lines.iter().filter_map(|line| reader.line(line)) {
                prop_assert!(sample.busy.is_none_or(|busy| (0.0..=1.0).contains(&busy)));
            }
        }
    }
}
