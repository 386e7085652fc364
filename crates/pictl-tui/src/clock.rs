//! What time it is for the dashboard: now, or the time of a record that is shown again.

use std::time::{Instant, SystemTime};

use pictl_model::Timestamp;

/// A clock.
#[derive(Clone, Copy, Debug, Default)]
pub enum Clock {
    /// The operator's.
    #[default]
    Wall,
    /// That of a record: ages and spans are as they were when it was made.
    Record {
        /// When showing it began.
        since: Instant,
        /// The record's time then.
        from: Timestamp,
        /// Seconds of the record in a second.
        speed: f64,
    },
}

impl Clock {
    /// The time.
    pub fn now(self) -> Timestamp {
        match self {
            Self::Wall => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Self::Record { since, from, speed } => {
                Timestamp(from.0.saturating_add((since.elapsed().as_secs_f64() * speed * 1e3) as i64))
            }
        }
    }

    /// Nothing of what is shown happens now.
    pub fn is_record(self) -> bool {
        matches!(self, Self::Record { .. })
    }
}
