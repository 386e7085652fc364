//! How fast slices are done, and how long the rest will take.

use pictl_model::units::Millis;

/// Slices a second; `None` before the first slice and without time.
pub fn slices_rate(done: u32, elapsed: Millis) -> Option<f64> {
    (done > 0 && elapsed.0 > 0).then(|| f64::from(done) / elapsed.seconds())
}

/// Time to go for the slices left, at the rate so far; `None` when there is no rate yet, zero when none is left.
pub fn eta(done: u32, all: u32, elapsed: Millis) -> Option<Millis> {
    let left = f64::from(all.saturating_sub(done));
    slices_rate(done, elapsed).map(|rate| Millis((left / rate * 1e3) as u64))
}

/// Time to go with its spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eta {
    /// At the rate so far.
    pub likely: Millis,
    /// Nine times out of ten it takes at least about this long …
    pub low: Millis,
    /// … and, as often, at most about this long.
    pub high: Millis,
}

/// The quantile of the normal distribution that leaves 5 % on either side.
const NINETY: f64 = 1.645;
/// With fewer equal spans of time than this their spread is not worth telling.
const SPANS: usize = 8;

/// Time to go for `left` slices, with a prediction interval of 90 %, from the slices finished in equal spans of time.
///
/// With k spans of length w, of which each saw m slices on average with sample variance s², the rest takes
/// `W = left / m` further spans. Their sum varies by `W s²`, and W itself by `W² s² / k` since m is only known from k
/// spans: the prediction interval for a sum of future observations (Hahn and Meeker, Statistical Intervals, 1991,
/// chapter 4). Brought from slices to time by dividing by m (delta method):
///
/// `T = W w`,  `sd(T) = (w / m) sqrt(s² W (1 + W / k))`,  and the interval is `T ± 1.645 sd(T)`.
///
/// It takes spans for independent; a node that gets slower and slower makes the true spread wider. `None` with fewer
/// than eight spans or without a slice in them.
pub fn eta_spread(finished: &[u32], span: Millis, left: u32) -> Option<Eta> {
    let spans = finished.len() as f64;
    let mean = finished.iter().map(|n| f64::from(*n)).sum::<f64>() / spans;
    if finished.len() < SPANS || mean <= 0.0 || span.0 == 0 {
        return None;
    }
    let variance = finished.iter().map(|n| (f64::from(*n) - mean).powi(2)).sum::<f64>() / (spans - 1.0);
    let more = f64::from(left) / mean;
    let likely = more * span.seconds();
    let deviation = span.seconds() / mean * (variance * more * (1.0 + more / spans)).sqrt();
    let millis = |seconds: f64| Millis((seconds.max(0.0) * 1e3) as u64);
    let off = NINETY * deviation;
    Some(Eta { likely: millis(likely), low: millis(likely - off), high: millis(likely + off) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_rate_has_no_spread_and_an_unsteady_one_has() {
        let eta = eta_spread(&[2; 10], Millis(1_000), 20).expect("a spread");
        assert_eq!((eta.low, eta.likely, eta.high), (Millis(10_000), Millis(10_000), Millis(10_000)));
        // m = 2, s² = 10/9, W = 10: sd = 0.5 sqrt(10/9 · 10 · 2) = 2.357 s.
        let eta = eta_spread(&[1, 3, 1, 3, 1, 3, 1, 3, 1, 3], Millis(1_000), 20).expect("a spread");
        assert_eq!((eta.low, eta.likely, eta.high), (Millis(6_122), Millis(10_000), Millis(13_877)));
        assert_eq!(eta_spread(&[0; 10], Millis(1_000), 20), None);
        assert_eq!(eta_spread(&[2; 7], Millis(1_000), 20), None);
        assert_eq!(eta_spread(&[9, 0, 0, 0, 0, 0, 0, 0], Millis(1_000), 9).map(|e| e.low), Some(Millis(0)));
    }

    #[test]
    fn nine_of_ten_runs_of_chance_end_within_the_spread() {
        // A plain congruential generator (Knuth, MMIX): slices that come and go without memory.
        let mut state = 1_u64;
        let mut chance = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(u32::MAX >> 1)
        };
        let mut span = |n: &mut u32| {
            let one = (0..40).filter(|_| chance() < 0.1).count() as u32;
            *n += one;
            one
        };
        let trials = 400;
        let within = (0..trials).filter(|_| {
            let seen: Vec<u32> = (0..60).map(|_| span(&mut 0)).collect();
            let eta = eta_spread(&seen, Millis(1_000), 400).expect("a spread");
            let (mut done, mut took) = (0, 0_u64);
            while done < 400 {
                span(&mut done);
                took += 1_000;
            }
            (eta.low.0..=eta.high.0).contains(&took)
        });
        let share = within.count() as f64 / f64::from(trials);
        assert!((0.84..=0.96).contains(&share), "{share}");
    }

    #[test]
    fn rate_and_time_to_go_need_a_slice() {
        assert_eq!(slices_rate(10, Millis(4_000)), Some(2.5));
        assert_eq!(slices_rate(0, Millis(4_000)), None);
        assert_eq!(slices_rate(1, Millis(0)), None);
        assert_eq!(eta(10, 30, Millis(4_000)), Some(Millis(8_000)));
        assert_eq!(eta(30, 30, Millis(4_000)), Some(Millis(0)));
        assert_eq!(eta(31, 30, Millis(4_000)), Some(Millis(0)));
        assert_eq!(eta(0, 30, Millis(4_000)), None);
    }
}
