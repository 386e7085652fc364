//! How accurate the remaining time of a run is.

use pictl_model::units::Millis;

/// The quantile of the normal distribution that leaves 5 % on either side.
const NINETY: f64 = 1.645;
/// With fewer equal spans of time than this, their spread says nothing.
const SPANS: usize = 8;

/// How far the remaining time for `left` slices can be off either way, nine times out of ten, when it is computed from the
/// rate so far: half of its prediction interval of 90 %, from the slices finished in equal spans of time.
///
/// With k spans of length w, of which each saw m slices on average with sample variance s², the rest takes
/// `W = left / m` further spans. Their sum varies by `W s²`, and W itself by `W² s² / k` since m is only known from k
/// spans: the prediction interval for a sum of future observations (Hahn and Meeker, Statistical Intervals, 1991,
/// chapter 4). Brought from slices to time by dividing by m (delta method):
///
/// `T = W w`,  `sd(T) = (w / m) sqrt(s² W (1 + W / k))`,  the interval is `T ± 1.645 sd(T)`, and `1.645 sd(T)` is returned.
///
/// It takes spans for independent; a node that gets slower and slower makes the true spread wider. `None` with fewer
/// than eight spans or without a slice in them.
pub fn eta_spread(finished: &[u32], span: Millis, left: u32) -> Option<Millis> {
    let spans = finished.len() as f64;
    let mean = finished.iter().map(|n| f64::from(*n)).sum::<f64>() / spans;
    if finished.len() < SPANS || mean <= 0.0 || span.0 == 0 {
        return None;
    }
    let variance = finished.iter().map(|n| (f64::from(*n) - mean).powi(2)).sum::<f64>() / (spans - 1.0);
    let more = f64::from(left) / mean;
    let deviation = span.seconds() / mean * (variance * more * (1.0 + more / spans)).sqrt();
    Some(Millis((NINETY * deviation * 1e3) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_rate_has_no_spread_and_an_unsteady_one_has() {
        assert_eq!(eta_spread(&[2; 10], Millis(1_000), 20), Some(Millis(0)));
        // m = 2, s² = 10/9, W = 10: sd = 0.5 sqrt(10/9 · 10 · 2) = 2.357 s.
        assert_eq!(eta_spread(&[1, 3, 1, 3, 1, 3, 1, 3, 1, 3], Millis(1_000), 20), Some(Millis(3_877)));
        assert_eq!(eta_spread(&[0; 10], Millis(1_000), 20), None);
        assert_eq!(eta_spread(&[2; 7], Millis(1_000), 20), None);
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
            let likely = 400_000 * 60 / u64::from(seen.iter().sum::<u32>());
            let off = eta_spread(&seen, Millis(1_000), 400).expect("a spread").0;
            let (mut done, mut took) = (0, 0_u64);
            while done < 400 {
                span(&mut done);
                took += 1_000;
            }
            (likely - off..=likely + off).contains(&took)
        });
        let share = within.count() as f64 / f64::from(trials);
        assert!((0.84..=0.96).contains(&share), "{share}");
    }
}
