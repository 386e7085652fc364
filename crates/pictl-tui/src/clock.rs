//! What time it is for the dashboard: now, or the time of a record that is shown again.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use pictl_model::{Millis, Timestamp};
use tokio::sync::watch;

/// A clock.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The operator's.
    #[default]
    Wall,
    /// That of a record: ages and spans are as they were when it was made.
    Record(Player),
}

impl Clock {
    /// The time.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Wall => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Self::Record(player) => player.play().now(),
        }
    }

    /// Nothing of what is shown happens now.
    pub fn is_record(&self) -> bool {
        matches!(self, Self::Record(_))
    }

    /// How the record is shown, where it is one.
    pub(crate) fn play(&self) -> Option<Play> {
        match self {
            Self::Wall => None,
            Self::Record(player) => Some(player.play()),
        }
    }
}

/// A wish about how a record is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scrub {
    /// Stand still, or go on.
    Pause,
    /// Twice as fast.
    Faster,
    /// Half as fast.
    Slower,
    /// Go this much on.
    On(Millis),
    /// Go this much back.
    Back(Millis),
}

/// How a record is shown at present.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Play {
    /// Where the record begins and ends; its time stays between.
    begin: Timestamp,
    end: Timestamp,
    /// The record's time …
    at: Timestamp,
    /// … at this moment.
    since: Instant,
    /// Seconds of the record in a second.
    pub speed: f64,
    /// It stands still.
    pub paused: bool,
}

impl Play {
    /// The slowest and the fastest.
    const SPEEDS: (f64, f64) = (1.0 / 16.0, 4_096.0);

    /// The record's time.
    pub fn now(&self) -> Timestamp {
        let passed = if self.paused { 0.0 } else { self.since.elapsed().as_secs_f64() * self.speed };
        Timestamp(self.at.0.saturating_add((passed * 1e3) as i64)).min(self.end)
    }

    /// All of the record has been shown.
    pub fn is_over(&self) -> bool {
        self.now() >= self.end
    }

    fn scrub(&mut self, wish: Scrub) {
        (self.at, self.since) = (self.now(), Instant::now());
        match wish {
            Scrub::Pause => self.paused = !self.paused,
            Scrub::Faster => self.speed = (self.speed * 2.0).min(Self::SPEEDS.1),
            Scrub::Slower => self.speed = (self.speed / 2.0).max(Self::SPEEDS.0),
            Scrub::On(span) => self.at = self.at.plus(span).min(self.end),
            Scrub::Back(span) => {
                let back = i64::try_from(span.0).unwrap_or(i64::MAX);
                self.at = Timestamp(self.at.0.saturating_sub(back)).max(self.begin);
            }
        }
    }
}

/// Moves the clock of a record; what feeds the record to the dashboard follows it.
#[derive(Clone, Debug)]
pub struct Player(Arc<watch::Sender<Play>>);

impl Player {
    /// A record from `begin` to `end` that is shown from now on, `speed` seconds of it in a second.
    pub fn new(begin: Timestamp, end: Timestamp, speed: f64) -> Self {
        let play = Play { begin, end, at: begin, since: Instant::now(), speed, paused: false };
        Self(Arc::new(watch::Sender::new(play)))
    }

    /// How the record is shown at present.
    pub fn play(&self) -> Play {
        *self.0.borrow()
    }

    /// Announces every change of that.
    pub fn follow(&self) -> watch::Receiver<Play> {
        self.0.subscribe()
    }

    pub(crate) fn scrub(&self, wish: Scrub) {
        self.0.send_modify(|play| play.scrub(wish));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_stands_still_goes_on_and_back_and_stays_between_its_ends() {
        let player = Player::new(Timestamp(1_000_000), Timestamp(1_060_000), 1.0);
        player.scrub(Scrub::Pause);
        let at = player.play().now();
        assert_eq!(player.play().now(), at, "it stands");
        player.scrub(Scrub::On(Millis(10_000)));
        assert_eq!(player.play().now(), at.plus(Millis(10_000)));
        player.scrub(Scrub::Back(Millis(4_000)));
        assert_eq!(player.play().now(), at.plus(Millis(6_000)));
        assert!(!player.play().is_over());
        player.scrub(Scrub::On(Millis(3_600_000)));
        assert!(player.play().now() == Timestamp(1_060_000) && player.play().is_over());
        player.scrub(Scrub::Back(Millis(u64::MAX)));
        assert_eq!(player.play().now(), Timestamp(1_000_000));
        for _ in 0..99 {
            player.scrub(Scrub::Faster);
        }
        assert!(player.play().speed.is_finite());
        player.scrub(Scrub::Pause);
        assert!(!player.play().paused && player.play().now() >= Timestamp(1_000_000));
    }
}
