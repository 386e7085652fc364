//! Quantities with their units, so that no bare number goes from one crate to another.

use std::fmt;
use std::ops::{AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch, by the operator's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment `later` than this one.
    #[must_use]
    pub fn plus(self, later: Millis) -> Self {
        Self(self.0.saturating_add(i64::try_from(later.0).unwrap_or(i64::MAX)))
    }

    /// RFC 3339 in UTC, to the second.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0)
            .map_or_else(|_| "-".to_owned(), |t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }
}

impl Sub for Timestamp {
    type Output = Millis;

    /// The time between; zero when `earlier` is in fact later, as after a step of the clock.
    fn sub(self, earlier: Self) -> Millis {
        Millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// A span of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// The span in seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e3
    }
}

impl From<std::time::Duration> for Millis {
    fn from(d: std::time::Duration) -> Self {
        Self(u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
    }
}

/// As people read it: `0.4 s`, `12 s`, `3:05`, `1:02:03`.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0 / 1000;
        match s {
            0..=9 => write!(f, "{:.1} s", self.seconds()),
            10..=59 => write!(f, "{s} s"),
            60..=3599 => write!(f, "{}:{:02}", s / 60, s % 60),
            _ => write!(f, "{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60),
        }
    }
}

/// A temperature in degrees Celsius.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Celsius(pub f32);

impl fmt::Display for Celsius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} °C", self.0)
    }
}

/// A frequency in hertz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hertz(pub u64);

impl Hertz {
    /// The frequency in whole megahertz.
    pub fn mhz(self) -> u64 {
        self.0 / 1_000_000
    }
}

/// A fan's turns a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rpm(pub u32);

impl fmt::Display for Rpm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rpm", self.0)
    }
}

/// Electrical power.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Watts(pub f32);

impl fmt::Display for Watts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} W", self.0)
    }
}

/// A rate of data.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BytesPerSecond(pub f64);

/// As people read it, in decimal units like network speeds: `0 B/s`, `12 kB/s`, `117.5 MB/s`.
impl fmt::Display for BytesPerSecond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            rate if rate < 1e3 => write!(f, "{rate:.0} B/s"),
            rate if rate < 1e6 => write!(f, "{:.0} kB/s", rate / 1e3),
            rate => write!(f, "{:.1} MB/s", rate / 1e6),
        }
    }
}

/// The number of a process in an MPI job, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rank(pub u32);

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The flags that `vcgencmd get_throttled` answers.
///
/// Bits 0 to 3 are of now, bits 16 to 19 the same since boot (Raspberry Pi documentation, `graphics-utilities.adoc`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Throttled(pub u32);

impl Throttled {
    /// Supply voltage below 4.63 V.
    pub const UNDER_VOLTAGE: u32 = 0x1;
    /// ARM frequency capped.
    pub const CAPPED: u32 = 0x2;
    /// Currently throttled.
    pub const THROTTLED: u32 = 0x4;
    /// Soft temperature limit active.
    pub const SOFT_LIMIT: u32 = 0x8;

    /// Something slows the board down right now.
    pub fn now(self) -> bool {
        self.0 & 0xf != 0
    }

    /// Something slowed the board down since its boot (the firmware may have been asked to forget).
    pub fn since_boot(self) -> bool {
        self.0 & 0xf_0000 != 0
    }

    /// The conditions of this moment in words, worst first; empty when all is well.
    pub fn words(self) -> Vec<&'static str> {
        [
            (Self::UNDER_VOLTAGE, "under-voltage"),
            (Self::THROTTLED, "throttled"),
            (Self::SOFT_LIMIT, "soft temperature limit"),
            (Self::CAPPED, "frequency capped"),
        ]
        .into_iter()
        .filter_map(|(bit, word)| (self.0 & bit != 0).then_some(word))
        .collect()
    }
}

/// Output that was left out because there was too much of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Whole lines.
    pub lines: u64,
    /// Bytes: of these lines, and of the ends of lines that were too long.
    pub bytes: u64,
}

impl LeftOut {
    /// Everything is there.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl AddAssign for LeftOut {
    fn add_assign(&mut self, more: Self) {
        self.lines = self.lines.saturating_add(more.lines);
        self.bytes = self.bytes.saturating_add(more.bytes);
    }
}

/// As people read it, in decimal units: `1 line (80 B)`, `2000 lines (1.4 MB)`; the ends of long lines alone are `80 B`.
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = match self.bytes {
            n @ 0..=999 => format!("{n} B"),
            n @ 1_000..=999_999 => format!("{} kB", n / 1_000),
            n => format!("{:.1} MB", n as f64 / 1e6),
        };
        match self.lines {
            0 => f.write_str(&bytes),
            1 => write!(f, "1 line ({bytes})"),
            n => write!(f, "{n} lines ({bytes})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_counted_in_lines_and_bytes() {
        let mut all = LeftOut::default();
        assert!(all.is_nothing());
        let mut read = |lines, bytes| {
            all += LeftOut { lines, bytes };
            all.to_string()
        };
        assert_eq!(read(0, 80), "80 B");
        assert_eq!(read(1, 2_000), "1 line (2 kB)");
        assert_eq!(read(1_999, 3_000_000), "2000 lines (3.0 MB)");
    }

    #[test]
    fn spans_read_as_people_say_them() {
        let read = |ms| Millis(ms).to_string();
        assert_eq!(read(412), "0.4 s");
        assert_eq!(read(12_900), "12 s");
        assert_eq!(read(185_000), "3:05");
        assert_eq!(read(3_723_000), "1:02:03");
    }

    #[test]
    fn a_clock_stepped_back_gives_no_negative_span() {
        assert_eq!(Timestamp(5) - Timestamp(9), Millis(0));
        assert_eq!(Timestamp(0).rfc3339(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn measures_read_with_their_units() {
        assert_eq!((Rpm(2750).to_string(), Watts(6.234).to_string()), ("2750 rpm".into(), "6.2 W".into()));
        let rates = [0.4, 999.0, 12_300.0, 117_500_000.0].map(|rate| BytesPerSecond(rate).to_string());
        assert_eq!(rates, ["0 B/s", "999 B/s", "12 kB/s", "117.5 MB/s"]);
    }

    #[test]
    fn throttle_bits_have_the_documented_meaning() {
        assert_eq!(Throttled(0x50005).words(), ["under-voltage", "throttled"]);
        assert!(Throttled(0x50000).since_boot() && !Throttled(0x50000).now());
    }
}
