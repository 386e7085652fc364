//! The operator's wall clock, read in one place.

use std::time::{SystemTime, UNIX_EPOCH};

use pictl_model::Timestamp;

/// Now.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
