//! The resources that the processes of a run use: the lines of `run-usage.sh`.

use std::collections::BTreeMap;

use pictl_model::units::Rank;

use crate::progress::MAX_RANK;

/// No line of the script is longer.
const MAX_LINE: usize = 256;
/// Most ranks of one node.
const MAX_RANKS: usize = 4_096;

/// The resources of one rank's process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// The rank.
    pub rank: Rank,
    /// Share of one core since the reading before, 0 to the number of its threads.
    pub cpu: f32,
    /// Its memory, in KiB.
    pub memory_kib: u64,
}

/// Reads the lines of one node, one after another.
#[derive(Clone, Debug, Default)]
pub struct UsageReader {
    /// Clock ticks a second.
    ticks: f64,
    /// The node's uptime at the present reading, in seconds.
    now: f64,
    /// Process, ticks and time of the reading before, for each rank.
    before: BTreeMap<Rank, (u32, u64, f64)>,
}

impl UsageReader {
    /// Reads `T ticks-per-second uptime`, which begins each reading, and `U rank pid ticks KiB`, which is for one
    /// rank. The share of a core needs a reading before, of the same process.
    pub fn line(&mut self, line: &str) -> Option<Usage> {
        if line.len() > MAX_LINE {
            return None;
        }
        let fields: Vec<&str> = line.split_ascii_whitespace().take(6).collect();
        match fields[..] {
            ["T", ticks, uptime] => {
                let fine = |s: &f64| s.is_finite() && *s > 0.0;
                let read = |text: &str| text.parse().ok().filter(fine);
                if let (Some(ticks), Some(now)) = (read(ticks), read(uptime)) {
                    (self.ticks, self.now) = (ticks, now);
                }
                None
            }
            ["U", rank, pid, ticks, memory] => {
                let rank = Rank(rank.parse().ok().filter(|r| *r <= MAX_RANK)?);
                let (pid, ticks) = (pid.parse().ok()?, ticks.parse::<u64>().ok()?);
                if self.before.len() >= MAX_RANKS && !self.before.contains_key(&rank) {
                    return None;
                }
                let (process, before, at) = self.before.insert(rank, (pid, ticks, self.now))?;
                let (used, span) = (ticks.checked_sub(before)?, self.now - at);
                if process != pid || span <= 0.0 || self.ticks <= 0.0 {
                    return None;
                }
                let cpu = (used as f64 / self.ticks / span) as f32;
                Some(Usage { rank, cpu, memory_kib: memory.parse().ok()? })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_readings_of_one_process_make_a_share() {
        let mut reader = UsageReader::default();
        let mut read = |text: &str| text.lines().filter_map(|line| reader.line(line)).collect::<Vec<_>>();
        assert_eq!(read("T 100 50.00\nU 3 700 1000 20480\nU 4 701 7 10\n"), []);
        let half = Usage { rank: Rank(3), cpu: 0.5, memory_kib: 20_482 };
        let idle = Usage { rank: Rank(4), cpu: 0.0, memory_kib: 10 };
        assert_eq!(read("T 100 52.00\nU 3 700 1100 20482\nU 4 701 7 10"), [half, idle]);
        // Another process under the same rank, and a clock that stands still.
        assert_eq!(read("T 100 54.00\nU 3 800 1200 1"), []);
        assert_eq!(read("U 3 800 1300 1"), []);
        assert_eq!(read("T 100 x\nU 3\nU 70000 1 1 1\nS 1 2"), []);
    }

    proptest! {
        #[test]
        fn no_line_panics_and_shares_are_sane(lines in prop::collection::vec("(T|U|S)( [0-9.-]{0,20}){0,5}", 0..20)) {
            let mut reader = UsageReader::default();
            for usage in lines.iter().filter_map(|line| reader.line(line)) {
                prop_assert!(usage.cpu >= 0.0);
            }
        }
    }
}
