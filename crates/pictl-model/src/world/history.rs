//! What happened when in a run: ranks at work and nodes' sensors on one time axis, in a bounded number of bins that get
//! twice as wide whenever the run outgrows them.

use std::collections::BTreeMap;

use crate::ids::NodeId;
use crate::telemetry::Sample;
use crate::units::{Celsius, Hertz, Millis, Rank, Throttled, Timestamp};

/// Bins of the time axis at most; from the first widening on there are never fewer than half as many.
pub const BINS: usize = 256;
/// How wide a bin is at first.
const NARROWEST: Millis = Millis(250);
/// Ranks whose work is kept over time; sums count all.
const LANES: u32 = 4_096;

/// A node's sensors in one bin; all empty where nothing was read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SensorBin {
    /// The highest temperature.
    pub temp: Option<Celsius>,
    /// The lowest clock, as the firmware reports it; where it cannot be read, as the kernel does.
    pub clock: Option<Hertz>,
    /// Every throttle flag of the moment that was set.
    pub throttled: Throttled,
    /// The highest share of CPU time in use.
    pub busy: Option<f32>,
    /// Something was read at all.
    pub read: bool,
}

impl SensorBin {
    fn of(sample: &Sample) -> Self {
        Self {
            temp: sample.temp,
            clock: sample.clock.or(sample.kernel_clock),
            throttled: Throttled(sample.throttled.map_or(0, |t| t.0 & 0xf)),
            busy: sample.busy,
            read: true,
        }
    }

    /// This bin and `other` as one.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        fn either<T: PartialOrd>(a: Option<T>, b: Option<T>, first: impl Fn(&T, &T) -> bool) -> Option<T> {
            match (a, b) {
                (Some(a), Some(b)) => Some(if first(&a, &b) { a } else { b }),
                (a, b) => a.or(b),
            }
        }
        Self {
            temp: either(self.temp, other.temp, |a, b| a >= b),
            clock: either(self.clock, other.clock, |a, b| a <= b),
            throttled: Throttled(self.throttled.0 | other.throttled.0),
            busy: either(self.busy, other.busy, |a, b| a >= b),
            read: self.read || other.read,
        }
    }
}

/// A run over time.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    from: Option<Timestamp>,
    width: Millis,
    work: Vec<Vec<f32>>,
    finished: Vec<u32>,
    sensors: BTreeMap<NodeId, Vec<SensorBin>>,
}

impl Default for History {
    fn default() -> Self {
        Self { from: None, width: NARROWEST, work: Vec::new(), finished: Vec::new(), sensors: BTreeMap::new() }
    }
}

impl History {
    /// When the axis begins: at the launch. `None` before it.
    pub fn from(&self) -> Option<Timestamp> {
        self.from
    }

    /// How wide a bin is.
    pub fn width(&self) -> Millis {
        self.width
    }

    /// Seconds that `rank` worked in each bin so far; shorter than the axis where it did nothing later.
    pub fn work(&self, rank: Rank) -> &[f32] {
        self.work.get(rank.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Slices that all ranks together finished in each bin so far; shorter than the axis where none was later.
    pub fn finished(&self) -> &[u32] {
        &self.finished
    }

    /// The sensors of `node` in each bin so far.
    pub fn sensors(&self, node: &NodeId) -> &[SensorBin] {
        self.sensors.get(node).map_or(&[], Vec::as_slice)
    }

    pub(super) fn begin(&mut self, at: Timestamp) {
        self.from.get_or_insert(at);
    }

    /// A rank worked from `seconds` before `until` up to then, with this share of its time.
    pub(super) fn worked(&mut self, rank: Rank, until: Timestamp, seconds: f64, share: f32) {
        let Some(last) = self.bin(until).filter(|_| rank.0 < LANES && seconds > 0.0) else { return };
        let end = self.from.map_or(0.0, |from| (until - from).seconds());
        // A program can report any number; nothing began before the run.
        let begin = (end - seconds).max(0.0);
        let width = self.width.seconds();
        let first = ((begin / width) as usize).min(last);
        let lane = rank.0 as usize;
        if self.work.len() <= lane {
            self.work.resize_with(lane + 1, Vec::new);
        }
        let bins = &mut self.work[lane];
        if bins.len() <= last {
            bins.resize(last + 1, 0.0);
        }
        for (bin, spent) in bins.iter_mut().enumerate().take(last + 1).skip(first) {
            let from = begin.max(bin as f64 * width);
            let to = end.min((bin + 1) as f64 * width);
            *spent += (to - from).max(0.0) as f32 * share;
        }
    }

    pub(super) fn finished_slice(&mut self, at: Timestamp) {
        let Some(bin) = self.bin(at) else { return };
        if self.finished.len() <= bin {
            self.finished.resize(bin + 1, 0);
        }
        self.finished[bin] = self.finished[bin].saturating_add(1);
    }

    pub(super) fn sample(&mut self, node: &NodeId, at: Timestamp, sample: &Sample) {
        let Some(bin) = self.bin(at) else { return };
        if !self.sensors.contains_key(node) {
            self.sensors.insert(node.clone(), Vec::new());
        }
        if let Some(bins) = self.sensors.get_mut(node) {
            if bins.len() <= bin {
                bins.resize(bin + 1, SensorBin::default());
            }
            bins[bin] = bins[bin].with(SensorBin::of(sample));
        }
    }

    /// The bin that `at` falls into; widens all bins until there is one.
    fn bin(&mut self, at: Timestamp) -> Option<usize> {
        let since = (at - self.from?).0;
        while since / self.width.0 >= BINS as u64 {
            self.widen();
        }
        Some((since / self.width.0) as usize)
    }

    fn widen(&mut self) {
        self.width.0 = self.width.0.saturating_mul(2);
        for bins in &mut self.work {
            pair_up(bins, |a, b| a + b);
        }
        pair_up(&mut self.finished, u32::saturating_add);
        for bins in self.sensors.values_mut() {
            pair_up(bins, SensorBin::with);
        }
    }
}

/// Makes one bin of every two.
fn pair_up<T: Copy>(bins: &mut Vec<T>, join: impl Fn(T, T) -> T) {
    let half = bins.len().div_ceil(2);
    for i in 0..half {
        bins[i] = match bins.get(2 * i + 1) {
            Some(second) => join(bins[2 * i], *second),
            None => bins[2 * i],
        };
    }
    bins.truncate(half);
}

/// How long slices take: counts by length in steps of 12 % (2^(1/6)), so that the middle one is known at any
/// moment without keeping and sorting all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SliceTimes {
    counts: BTreeMap<i16, u64>,
    all: u64,
}

impl SliceTimes {
    /// Steps of length in a doubling.
    const STEPS: f64 = 6.0;

    pub(super) fn add(&mut self, seconds: f64) {
        if seconds > 0.0 && seconds.is_finite() {
            *self.counts.entry((seconds.log2() * Self::STEPS).round() as i16).or_default() += 1;
            self.all += 1;
        }
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.all
    }

    /// The middle length in seconds, to within 6 %; `None` when nothing was counted.
    pub fn median(&self) -> Option<f64> {
        let mut left = self.all.div_ceil(2);
        let step = self.counts.iter().find_map(|(step, count)| {
            left = left.saturating_sub(*count);
            (left == 0).then_some(*step)
        });
        step.map(|step| (f64::from(step) / Self::STEPS).exp2())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started() -> History {
        let mut history = History::default();
        history.begin(Timestamp(1_000_000));
        history
    }

    #[test]
    fn work_is_kept_in_bins_and_none_of_it_is_lost_by_widening() {
        let mut history = started();
        history.worked(Rank(3), Timestamp(1_001_000), 0.6, 1.0);
        assert_eq!(history.work(Rank(3)).len(), 5, "up to the bin of its end");
        assert!((history.work(Rank(3)).iter().sum::<f32>() - 0.6).abs() < 1e-6);
        assert!((history.work(Rank(3))[3] - 0.25).abs() < 1e-6, "a full bin");
        history.worked(Rank(3), Timestamp(1_000_000 + 3_600_000), 10.0, 0.5);
        assert!(history.width().seconds() * BINS as f64 > 3_600.0, "the hour fits");
        assert!((history.work(Rank(3)).iter().sum::<f32>() - 5.6).abs() < 1e-3);
        assert!(history.work(Rank(2)).is_empty());
    }

    #[test]
    fn nothing_is_kept_before_the_launch_and_nothing_absurd_is_accepted() {
        let mut history = History::default();
        history.worked(Rank(0), Timestamp(5), 1.0, 1.0);
        history.finished_slice(Timestamp(5));
        assert_eq!(history, History::default());
        let mut history = started();
        for seconds in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
            history.worked(Rank(0), Timestamp(1_000_900), seconds, 1.0);
        }
        assert!(history.work(Rank(0)).iter().sum::<f32>() <= 2.0, "no more than the run has had");
        history.worked(Rank(u32::MAX), Timestamp(1_000_900), 1.0, 1.0);
        history.finished_slice(Timestamp(i64::MAX));
        assert_eq!(history.finished().iter().sum::<u32>(), 1);
    }

    #[test]
    fn a_bin_of_sensors_keeps_what_matters() {
        let mut history = started();
        let node = NodeId::operator();
        let sample = |temp, clock, throttled| Sample {
            temp: Some(Celsius(temp)),
            clock: Some(Hertz(clock)),
            throttled: Some(Throttled(throttled)),
            ..Sample::default()
        };
        history.sample(&node, Timestamp(1_000_000), &sample(50.0, 1_800_000_000, 0x8_0008));
        history.sample(&node, Timestamp(1_000_100), &sample(49.0, 600_000_000, 0));
        history.sample(&node, Timestamp(1_000_600), &sample(48.0, 1_800_000_000, 0));
        let bins = history.sensors(&node);
        assert_eq!((bins[0].temp, bins[0].clock), (Some(Celsius(50.0)), Some(Hertz(600_000_000))));
        assert_eq!(bins[0].throttled, Throttled(8), "of the moment, not of the past");
        assert_eq!((bins[1].read, bins[2].read), (false, true), "a gap is a gap");
    }

    #[test]
    fn the_middle_length_is_near_the_true_one() {
        let mut times = SliceTimes::default();
        assert_eq!(times.median(), None);
        for n in 1..=99 {
            times.add(f64::from(n) / 10.0);
        }
        times.add(f64::NAN);
        let median = times.median().expect("a median");
        assert!((median / 5.0 - 1.0).abs() < 0.06, "{median}");
        assert_eq!(times.count(), 99);
    }
}
