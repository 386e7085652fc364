//! A slice of the series: really computed, in the time that the node's model takes for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::rank::RankTask;

/// What a rank computes between two looks at the world, seconds of real time.
const PIECE: f64 = 0.05;
/// Between two lines that only say how far a slice is, as in `pi.py`.
const NEWS: Duration = Duration::from_millis(250);

/// What is added up in slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Series {
    /// `pi.py`: Leibniz's series.
    Pi,
    /// `primes.py`: one for every prime.
    Primes,
}

impl Series {
    /// The program's name for itself.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pi => "pi",
            Self::Primes => "primes",
        }
    }

    /// Terms in a slice where nothing else is said.
    pub(super) fn length(self) -> u64 {
        match self {
            Self::Pi => 1_000_000,
            Self::Primes => 10_000,
        }
    }

    /// How many terms of π take as long as the term `k`. A prime is divided by the odd numbers up to its root, and one
    /// of ln k numbers is prime; most others fall to a small divisor.
    fn cost(self, k: u64) -> f64 {
        match self {
            Self::Pi => 1.0,
            Self::Primes => {
                let k = (k as f64).max(3.0);
                4.0 + k.sqrt() / 2.0 / k.ln()
            }
        }
    }

    /// The sum of the terms `first` to `last - 1`.
    fn sum(self, first: u64, last: u64) -> f64 {
        match self {
            Self::Pi => leibniz(first, last),
            Self::Primes => (first..last).filter(|n| is_prime(*n)).count() as f64,
        }
    }
}

/// The terms of a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) series: Series,
    pub(super) length: u64,
}

/// A slice in work.
pub(super) struct Slice {
    number: u64,
    terms: Terms,
    done: u64,
    value: f64,
    begun: Instant,
    /// When the pieces so far are done by the node's model.
    due: Instant,
    reported: Instant,
}

impl Slice {
    /// Takes it up.
    pub(super) fn begin(me: &RankTask, number: u64, terms: Terms) -> Self {
        me.say(&format!(r#"{{"e":"assign","r":{},"slice":{number}}}"#, me.rank));
        let now = Instant::now();
        Self { number, terms, done: 0, value: 0.0, begun: now, due: now, reported: now }
    }

    /// Computes one piece; the slice's value when that was the last.
    pub(super) async fn piece(&mut self, me: &RankTask) -> Option<f64> {
        let Terms { series, length } = self.terms;
        let first = self.number * length + self.done;
        let rate = me.cell.lock().heat.rate() / series.cost(first);
        let terms = ((rate * PIECE) as u64).max(1000).min(length - self.done);
        self.value += compute(&me.job.world.compute, series, first, first + terms).await;
        self.done += terms;
        // When this machine is slower than the model, its pace counts.
        self.due = (self.due + Duration::from_secs_f64(terms as f64 / rate)).max(Instant::now());
        tokio::time::sleep_until(self.due).await;
        let (r, slice) = (me.rank, self.number);
        if self.done == length {
            let (s, v) = (rounded(self.begun.elapsed()), self.value);
            me.say(&format!(r#"{{"e":"slice","r":{r},"slice":{slice},"s":{s:?},"v":{v:?}}}"#));
            return Some(v);
        }
        if self.reported.elapsed() >= NEWS {
            self.reported = Instant::now();
            let f = (self.done as f64 / length as f64 * 1000.0).round() / 1000.0;
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
async fn compute(limit: &Arc<Semaphore>, series: Series, first: u64, last: u64) -> f64 {
    let permit = Arc::clone(limit).acquire_owned().await;
    let work = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        series.sum(first, last)
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

/// By trial division, as `primes.py` does.
fn is_prime(n: u64) -> bool {
    n == 2 || n > 2 && n % 2 == 1 && (3..).step_by(2).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_add_up_to_the_number_of_primes() {
        // OEIS A006880.
        let sum: f64 = (0..10).map(|slice| Series::Primes.sum(slice * 100, (slice + 1) * 100)).sum();
        assert!((sum - 168.0).abs() < 0.5, "{sum}");
        assert!(Series::Primes.cost(1_000_000) > 2.0 * Series::Primes.cost(1_000));
    }

    #[test]
    fn slices_add_up_to_pi() {
        // The error of the series is at most its first term left out.
        let sum: f64 = (0..8).map(|slice| leibniz(slice * 1001, (slice + 1) * 1001)).sum();
        assert!((sum - std::f64::consts::PI).abs() < 4.0 / (2.0 * 8008.0), "{sum}");
        assert!(Series::Pi.sum(0, 1) > 3.9 && leibniz(1, 2) < -1.3);
    }
}
