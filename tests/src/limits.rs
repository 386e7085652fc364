//! How long tests wait for events.
//!
//! These limits only end waits that have failed: no test says by them how fast something is. So they are generous, and a
//! machine that is slower still sets `PICTL_TEST_SLOWNESS` to a factor.

use std::time::{Duration, Instant};

/// How long a wait for one event may take. Longer work takes a multiple of it.
pub const LIMIT: Duration = Duration::from_secs(60);

/// A limit on this machine: the given one, times `PICTL_TEST_SLOWNESS` if that is set.
///
/// # Panics
///
/// When `PICTL_TEST_SLOWNESS` is not a number from 1 on.
pub fn limit(usual: Duration) -> Duration {
    let Some(factor) = std::env::var_os("PICTL_TEST_SLOWNESS") else { return usual };
    let factor = factor.to_str().and_then(|text| text.parse::<u32>().ok()).filter(|factor| *factor > 0);
    usual * factor.expect("PICTL_TEST_SLOWNESS is a whole number from 1 on")
}

/// The moment at which a wait that begins now has failed.
pub(crate) fn deadline(usual: Duration) -> Instant {
    Instant::now() + limit(usual)
}
