//! The one time axis of a run: from the launch to now or to the end, drawn in columns.

use std::ops::Range;

use pictl_model::world::SensorBin;
use pictl_model::{Millis, Timestamp};

use super::look::Look;

/// While the run goes on the axis is never shorter than this, so that the first seconds do not race over the screen.
const SHORTEST: f64 = 5.0;
/// Readings further apart than this are not joined.
const GAP: f64 = 3.0;
/// A reading stands for this long: a little more than the second after which the next one is due.
const HOLDS: f64 = 1.5;

/// Time in columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    from: Timestamp,
    /// How long it is, in seconds.
    pub(crate) seconds: f64,
    /// How much of it has happened.
    pub(crate) happened: f64,
    /// Seconds of a bin of the history.
    pub(crate) bin: f64,
    columns: usize,
}

impl Axis {
    /// `None` before the launch.
    pub(crate) fn of(look: &Look<'_>, columns: usize) -> Option<Self> {
        let from = look.run.history.from()?;
        let happened = (look.until() - from).seconds();
        let bin = look.run.history.width().seconds();
        let shortest = if look.run.is_over() { bin } else { SHORTEST };
        Some(Self { from, seconds: happened.max(shortest), happened, bin, columns })
    }

    /// Seconds from the launch to `at`.
    pub(crate) fn second(&self, at: Timestamp) -> f64 {
        (at - self.from).seconds()
    }

    /// The column of a second after the launch.
    pub(crate) fn column(&self, second: f64) -> usize {
        let column = (second / self.seconds * self.columns as f64).max(0.0) as usize;
        column.min(self.columns.saturating_sub(1))
    }

    /// Seconds after the launch at which a column begins.
    pub(crate) fn begin(&self, column: usize) -> f64 {
        column as f64 / self.columns.max(1) as f64 * self.seconds
    }

    /// The bins that a column shows, at least one; `None` for what has not happened yet.
    pub(crate) fn bins(&self, column: usize) -> Option<Range<usize>> {
        let begin = self.begin(column);
        if begin >= self.happened {
            return None;
        }
        let first = (begin / self.bin) as usize;
        let last = (self.begin(column + 1).min(self.happened) / self.bin).ceil() as usize;
        Some(first..last.max(first + 1))
    }

    /// The share of a column's time that `work` (seconds in each bin) fills, 0 to 1.
    pub(crate) fn share(&self, work: &[f32], column: usize) -> Option<f64> {
        let bins = self.bins(column)?;
        // The bin of this moment has not had all its time yet.
        let had = (bins.end as f64 * self.bin).min(self.happened) - bins.start as f64 * self.bin;
        let spent: f64 = work.iter().take(bins.end).skip(bins.start).map(|s| f64::from(*s)).sum();
        Some(if had > 0.0 { (spent / had).clamp(0.0, 1.0) } else { 0.0 })
    }

    /// What sensors said in a column: what was read in its bins, else the last reading as long as that counts; `None`
    /// in a gap.
    pub(crate) fn reading(&self, sensors: &[SensorBin], column: usize) -> Option<SensorBin> {
        let bins = self.bins(column)?;
        let read = |bins: Range<usize>| {
            let read = sensors.iter().take(bins.end).skip(bins.start).filter(|b| b.read).copied();
            read.reduce(SensorBin::with)
        };
        let reach = (HOLDS / self.bin) as usize;
        read(bins.clone()).or_else(|| {
            // Readings come once a second, which may be less often than there are columns.
            (bins.start.saturating_sub(reach)..bins.start).rev().find_map(|bin| read(bin..bin + 1))
        })
    }

    /// Two bins with readings are so far apart that nothing joins them.
    pub(crate) fn is_gap(&self, before: usize, after: usize) -> bool {
        (after - before) as f64 * self.bin > GAP.max(2.0 * self.bin)
    }

    /// The words below the axis: its begin, its middle where there is room, its end.
    pub(crate) fn words(&self, over: bool) -> String {
        let time = |seconds: f64| {
            let whole = Millis((seconds * 1e3) as u64);
            if seconds < 60.0 { format!("{seconds:.0} s") } else { whole.to_string() }
        };
        let end = if over { format!("{}, the end", time(self.seconds)) } else { format!("{} now", time(self.seconds)) };
        let middle = time(self.seconds / 2.0);
        let blank = self.columns.saturating_sub("0 s".len() + end.len());
        // Two columns on either side keep the figures apart.
        let before = (self.columns / 2).saturating_sub("0 s".len() + middle.len() / 2);
        let Some(after) = blank.checked_sub(before + middle.len()).filter(|after| *after >= 2 && before >= 2) else {
            return format!("0 s{}{end}", " ".repeat(blank));
        };
        format!("0 s{}{middle}{}{end}", " ".repeat(before), " ".repeat(after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(seconds: f64, columns: usize) -> Axis {
        Axis { from: Timestamp(0), seconds, happened: seconds, bin: 0.25, columns }
    }

    #[test]
    fn every_column_shows_some_bins_and_every_bin_is_shown() {
        for columns in [1, 7, 40, 400] {
            for seconds in [5.0, 5.1, 17.3, 63.9] {
                let axis = axis(seconds, columns);
                let mut seen = 0;
                for column in 0..columns {
                    let bins = axis.bins(column).expect("it has happened");
                    assert!(bins.start <= seen && bins.start < bins.end, "{columns} {seconds} {column}");
                    seen = bins.end;
                }
                assert_eq!(seen, (seconds / 0.25).ceil() as usize);
            }
        }
    }

    #[test]
    fn what_has_not_happened_is_not_shown() {
        let axis = Axis { happened: 1.0, ..axis(5.0, 10) };
        assert!(axis.bins(1).is_some() && axis.bins(2).is_none());
        assert_eq!(axis.share(&[0.25, 0.25, 0.0, 0.0], 0), Some(1.0));
        assert_eq!(axis.share(&[0.25, 0.25, 0.0, 0.0], 1), Some(0.0));
        assert_eq!(axis.share(&[], 0), Some(0.0));
    }

    #[test]
    fn a_gap_is_a_gap_and_a_second_without_a_reading_is_none() {
        let axis = axis(10.0, 40);
        let mut sensors = vec![SensorBin::default(); 40];
        for bin in [0, 4, 8, 36] {
            sensors[bin].read = true;
        }
        let read: Vec<bool> = (0..40).map(|c| axis.reading(&sensors, c).is_some()).collect();
        assert!(read[..15].iter().all(|r| *r) && !read[15] && !read[35] && read[36]);
        assert!(axis.is_gap(8, 36) && !axis.is_gap(4, 8));
    }

    #[test]
    fn the_words_below_fit_it() {
        for columns in 1..80 {
            let words = axis(125.0, columns).words(true);
            assert!(columns < 20 || words.len() == columns, "{columns}: {words}");
        }
    }
}
