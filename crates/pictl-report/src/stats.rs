//! Statistics of repeated runs, and how well a cluster scales.

/// What a set of measurements says, in their own unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// How many measurements there are.
    pub count: usize,
    /// The middle one; of an even number, the mean of the two in the middle. The figure to report: one disturbed run
    /// does not move it.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The sample standard deviation (divisor n - 1); `None` for a single measurement.
    pub deviation: Option<f64>,
}

impl Summary {
    /// Of the finite ones among `values`; `None` when there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let count = sorted.len();
        // Halves and shares are added, never sums halved or divided: sums of very large values overflow.
        let median = f64::midpoint(sorted[(count - 1) / 2], sorted[count / 2]);
        let mean = sorted.iter().map(|v| v / count as f64).sum::<f64>().clamp(min, max);
        let squares: f64 = sorted.iter().map(|v| (v - mean).powi(2)).sum();
        let deviation = (count > 1).then(|| (squares / (count - 1) as f64).sqrt());
        Some(Self { count, median, min, max, mean, deviation })
    }
}

/// How many times as fast: `t1 / tn`, with `t1` the time of one rank and `tn` that of n, in the same unit. `None`
/// unless both are positive and finite.
pub fn speedup(t1: f64, tn: f64) -> Option<f64> {
    let positive = |t: f64| t > 0.0 && t.is_finite();
    (positive(t1) && positive(tn)).then(|| t1 / tn).filter(|s| s.is_finite())
}

/// Speedup for each rank, `t1 / (n * tn)`: 1 is ideal, more means that one rank alone was slowed by something, such
/// as its cache.
pub fn efficiency(t1: f64, tn: f64, ranks: u32) -> Option<f64> {
    (ranks > 0).then(|| speedup(t1, tn)).flatten().map(|s| s / f64::from(ranks))
}

/// Share of the time in which all ranks could have computed that they did, 0 to 1: the sum of `busy` (seconds in
/// slices, one a rank) over ranks times `wall` (seconds from begin to result). It needs no run with one rank to
/// compare with. `None` without ranks or without time.
pub fn share_of_ideal(busy: &[f64], wall: f64) -> Option<f64> {
    let all = busy.len() as f64 * wall;
    let spent: f64 = busy.iter().filter(|s| s.is_finite() && **s > 0.0).sum();
    (all > 0.0 && all.is_finite()).then(|| (spent / all).min(1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_textbook_set_has_its_textbook_figures() {
        let summary = Summary::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).expect("a summary");
        assert_eq!((summary.count, summary.min, summary.median, summary.max, summary.mean), (8, 2.0, 4.5, 9.0, 5.0));
        assert_eq!(summary.deviation, Some((32.0f64 / 7.0).sqrt()));
        assert_eq!(Summary::of(&[3.0, 1.0, 2.0]).map(|s| s.median), Some(2.0));
    }

    #[test]
    fn one_value_has_no_deviation_and_none_has_no_summary() {
        let one = Summary::of(&[1.5]).expect("a summary");
        assert_eq!((one.median, one.mean, one.deviation), (1.5, 1.5, None));
        assert_eq!(Summary::of(&[]), None);
        assert_eq!(Summary::of(&[f64::NAN, f64::INFINITY]), None);
        assert_eq!(Summary::of(&[f64::NAN, 2.0]).map(|s| s.count), Some(1));
    }

    #[test]
    fn speedup_and_efficiency_need_real_times() {
        assert_eq!(speedup(10.0, 2.5), Some(4.0));
        assert_eq!(efficiency(10.0, 2.5, 8), Some(0.5));
        for (t1, tn) in [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY), (1e300, 1e-300)] {
            assert_eq!(speedup(t1, tn), None, "{t1} {tn}");
        }
        assert_eq!(efficiency(1.0, 1.0, 0), None);
    }

    #[test]
    fn ideal_is_all_ranks_all_the_time() {
        assert_eq!(share_of_ideal(&[4.0, 4.0], 4.0), Some(1.0));
        assert_eq!(share_of_ideal(&[4.0, 0.0, f64::NAN, 2.0], 3.0), Some(0.5));
        assert_eq!(share_of_ideal(&[], 3.0), None);
        assert_eq!(share_of_ideal(&[1.0], 0.0), None);
        assert_eq!(share_of_ideal(&[9.0], 3.0), Some(1.0));
    }

    proptest! {
        #[test]
        fn middle_figures_lie_between_the_ends(values in prop::collection::vec(any::<f64>(), 0..30)) {
            if let Some(s) = Summary::of(&values) {
                prop_assert!(s.min <= s.median && s.median <= s.max && s.min <= s.mean && s.mean <= s.max);
                prop_assert!(s.deviation.is_none_or(|d| d >= 0.0));
            }
        }

        #[test]
        fn a_shift_moves_the_middle_and_not_the_spread(values in prop::collection::vec(0.0..1e3f64, 2..20), shift in 0.0..1e3f64) {
            let (a, b) = (Summary::of(&values), Summary::of(&values.iter().map(|v| v + shift).collect::<Vec<_>>()));
            let (a, b) = (a.expect("values"), b.expect("values"));
            prop_assert!((b.median - a.median - shift).abs() < 1e-9 && (b.mean - a.mean - shift).abs() < 1e-9);
            prop_assert!((b.deviation.expect("two") - a.deviation.expect("two")).abs() < 1e-6);
        }
    }
}
