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

#[cfg(test)]
mod tests {
    use super::*;

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
