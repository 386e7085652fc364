//! A slice of the series: really computed, in the time that the node's model takes for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::program::Me;

/// What a rank computes between two looks at the world, seconds of real time.
const PIECE: f64 = 0.05;
/// Between two lines that only say how far a slice is, as in `pi.py`.
const NEWS: Duration = Duration::from_millis(250);

/// A slice in work.
pub(super) struct Slice {
    number: u64,
    length: u64,
    done: u64,
    value: f64,
    begun: Instant,
    /// When the pieces so far are done by the node's model.
    due: Instant,
    told: Instant,
}

impl Slice {
    /// Takes it up.
    pub(super) fn begin(me: &Me, number: u64, length: u64) -> Self {
        me.say(&format!(r#"{{"e":"assign","r":{},"slice":{number}}}"#, me.rank));
        let now = Instant::now();
        Self { number, length, done: 0, value: 0.0, begun: now, due: now, told: now }
    }

    /// Computes one piece; the slice's value when that was the last.
    pub(super) async fn piece(&mut self, me: &Me) -> Option<f64> {
        let rate = me.cell.lock().heat.rate();
        let terms = ((rate * PIECE) as u64).clamp(1000, u64::MAX).min(self.length - self.done);
        let first = self.number * self.length + self.done;
        self.value += compute(&me.job.world.compute, first, first + terms).await;
        self.done += terms;
        // When this machine is slower than the model, its pace counts.
        self.due = (self.due + Duration::from_secs_f64(terms as f64 / rate)).max(Instant::now());
        tokio::time::sleep_until(self.due).await;
        let (r, slice) = (me.rank, self.number);
        if self.done == self.length {
            let (s, v) = (rounded(self.begun.elapsed()), self.value);
            me.say(&format!(r#"{{"e":"slice","r":{r},"slice":{slice},"s":{s:?},"v":{v:?}}}"#));
            return Some(v);
        }
        if self.told.elapsed() >= NEWS {
            self.told = Instant::now();
            let f = (self.done as f64 / self.length as f64 * 1000.0).round() / 1000.0;
            me.say(&format!(r#"{{"e":"part","r":{r},"slice":{slice},"f":{f:?}}}"#));
        }
        None
    }
}

/// Seconds to the microsecond.
pub(super) fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e6
}

/// The sum of these terms, on a thread for long work, of which there are as many as cores.
async fn compute(limit: &Arc<Semaphore>, first: u64, last: u64) -> f64 {
    let permit = Arc::clone(limit).acquire_owned().await;
    let work = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        leibniz(first, last)
    });
    // The task neither panics nor is aborted; a value that is none would show in the result.
    work.await.unwrap_or(f64::NAN)
}

/// The sum of the terms `first` to `last - 1`, in the order in which `pi.py` adds them.
fn leibniz(first: u64, last: u64) -> f64 {
    let mut total = 0.0;
    let mut sign = if first.is_multiple_of(2) { 4.0 } else { -4.0 };
    for k in first..last {
        total += sign / (2 * k + 1) as f64;
        sign = -sign;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_add_up_to_pi() {
        // The error of the series is at most its first term left out.
        let sum: f64 = (0..8).map(|slice| leibniz(slice * 1001, (slice + 1) * 1001)).sum();
        assert!((sum - std::f64::consts::PI).abs() < 4.0 / (2.0 * 8008.0), "{sum}");
        assert!(leibniz(0, 1) > 3.9 && leibniz(1, 2) < -1.3);
    }
}
