//! A node's sensors: the lines of `sample.sh`.

use std::collections::{BTreeMap, VecDeque};

use pictl_model::telemetry::{ClockOffset, NetRate, Sample, Swapped};
use pictl_model::units::{BytesPerSecond, Celsius, Hertz, Rpm, Throttled, Timestamp, Watts};

use crate::facts::throttled_of;

/// No line of the script is longer.
const MAX_LINE: usize = 512;
/// The quickest of this many lines counts.
const LAGS: usize = 30;
/// Uptime has hundredths of a second in the lines, and milliseconds here.
const UPTIME_TICK: i64 = 10;
/// The clock of the node was set when it and the uptime differ by this many milliseconds more than before.
const STEP: f64 = 100.0;

/// Reads the lines of one node's sampler, one after another.
#[derive(Clone, Debug)]
pub struct SampleReader {
    /// The counters of the sample before.
    before: Option<Counters>,
    clock: ClockWatch,
}

/// What counts up from boot on.
#[derive(Clone, Copy, Debug)]
struct Counters {
    uptime: f64,
    /// Busy and idle jiffies.
    jiffies: Option<(u64, u64)>,
    /// Bytes received and sent.
    net: Option<(u64, u64)>,
}

impl SampleReader {
    /// For a sampler that was requested at this time of the operator's clock.
    pub fn new(asked: Timestamp) -> Self {
        Self { before: None, clock: ClockWatch::new(asked) }
    }

    /// Reads a line that arrived at `at` by the operator's clock. `T milliseconds`, the node's clock when the sampler
    /// began, only shows how far the clocks are apart; samples are `S uptime milli°C clock-Hz throttled load
    /// busy-jiffies idle-jiffies MemAvailable-KiB [key=value]...`. `None` for every other line.
    ///
    /// A field that is `-` or impossible is a gap in the sample, and so is a missing key; unknown keys are ignored.
    /// Shares and rates need a sample before, from the same boot.
    pub fn line(&mut self, line: &str, at: Timestamp) -> Option<Sample> {
        if line.len() > MAX_LINE {
            return None;
        }
        if let Some(began) = line.strip_prefix("T ").and_then(|ms| ms.parse().ok()) {
            self.clock.began(Timestamp(began), at);
        }
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (fixed, more) = fields.split_at_checked(9)?;
        let ["S", uptime, temp, clock, flags, load, busy, idle, available] = *fixed else { return None };
        let uptime: f64 = uptime.parse().ok().filter(|&s: &f64| s.is_finite() && s >= 0.0)?;
        let more: BTreeMap<&str, &str> = more.iter().filter_map(|field| field.split_once('=')).collect();
        let count = |key: &str| more.get(key).and_then(|value| value.parse::<u64>().ok());

        let jiffies = busy.parse::<u64>().ok().zip(idle.parse::<u64>().ok());
        let now = Counters { uptime, jiffies, net: count("rx").zip(count("tx")) };
        let before = self.before.replace(now);
        let low_voltage = if count("lowvolt") == Some(1) { Throttled::UNDER_VOLTAGE } else { 0 };
        let flags = throttled_of(flags).or((low_voltage != 0).then_some(Throttled(0)));
        let reported = count("now").and_then(|ms| i64::try_from(ms).ok());
        let (time, offset) = self.clock.take(reported.map(Timestamp), uptime, at);
        Some(Sample {
            uptime,
            temp: temp.parse().ok().map(|milli: f32| Celsius(milli / 1e3)).filter(|t| (-60.0..200.0).contains(&t.0)),
            clock: clock.parse().ok().and_then(hertz),
            throttled: flags.map(|flags| Throttled(flags.0 | low_voltage)),
            load: load.parse().ok().filter(|&load: &f32| load.is_finite() && load >= 0.0),
            busy: before.and_then(|before| busy_share(before, now)),
            mem_available_kib: available.parse().ok(),
            kernel_clock: count("freq").and_then(hertz),
            net: before.and_then(|before| net_rate(before, now)),
            swapped: count("swapin").zip(count("swapout")).map(|(pages_in, pages_out)| Swapped { pages_in, pages_out }),
            fan: count("fan").and_then(|rpm| u32::try_from(rpm).ok()).map(Rpm),
            power: count("power").map(|milliwatts| Watts(milliwatts as f32 / 1e3)).filter(|watts| watts.0 < 1e3),
            time,
            offset,
        })
    }
}

fn hertz(hz: u64) -> Option<Hertz> {
    (hz > 0).then_some(Hertz(hz))
}

fn busy_share(before: Counters, now: Counters) -> Option<f32> {
    let ((busy_before, idle_before), (busy, idle)) = before.jiffies.zip(now.jiffies)?;
    let (busy, idle) = (busy.checked_sub(busy_before)?, idle.checked_sub(idle_before)?);
    let all = busy.checked_add(idle).filter(|&all| all > 0)?;
    Some((busy as f64 / all as f64) as f32)
}

fn net_rate(before: Counters, now: Counters) -> Option<NetRate> {
    let ((received_before, sent_before), (received, sent)) = before.net.zip(now.net)?;
    let seconds = Some(now.uptime - before.uptime).filter(|&seconds| seconds > 0.0)?;
    let rate = |bytes: u64| BytesPerSecond(bytes as f64 / seconds);
    Some(NetRate { received: rate(received.checked_sub(received_before)?), sent: rate(sent.checked_sub(sent_before)?) })
}

/// Follows a node's clock and its offset from the operator's.
///
/// `there`, from the request by the operator's clock to the start of the sampler by the node's, is the delay of the
/// request plus the offset. `lag`, from a line by the node's clock to its arrival by the operator's, is the delay of
/// the line less the offset; the least of several is the quickest. With equal delays in both directions (Cristian,
/// Probabilistic clock synchronization, 1989) the offset is half of the round trip `there + lag` less the lag, and
/// with unequal ones it is wrong by at most half of the round trip.
#[derive(Clone, Debug)]
struct ClockWatch {
    asked: Timestamp,
    /// The node's clock in milliseconds when it booted.
    boot: Option<f64>,
    /// Known from the first line on, while that is among the lags: later the clocks may have drifted.
    there: Option<i64>,
    round_trip: Option<i64>,
    /// The latest, at most [`LAGS`].
    lags: VecDeque<i64>,
}

impl ClockWatch {
    fn new(asked: Timestamp) -> Self {
        Self { asked, boot: None, there: None, round_trip: None, lags: VecDeque::new() }
    }

    /// The sampler reported that it began at this time of the node's clock.
    fn began(&mut self, time: Timestamp, at: Timestamp) {
        self.there = Some(time.0.saturating_sub(self.asked.0));
        self.lags = VecDeque::from([at.0.saturating_sub(time.0)]);
    }

    /// The node's clock at this `uptime`, and its offset, as far as they are known. `reported` is the time in the
    /// line, if it has one; between such lines the clock advances like the uptime.
    fn take(
        &mut self,
        reported: Option<Timestamp>,
        uptime: f64,
        at: Timestamp,
    ) -> (Option<Timestamp>, Option<ClockOffset>) {
        let uptime_ms = uptime * 1e3;
        if let Some(reported) = reported {
            let boot = reported.0 as f64 - uptime_ms;
            if self.boot.is_some_and(|before| (boot - before).abs() > STEP) {
                self.lags.clear();
                self.there = None;
            }
            self.boot = Some(boot);
        }
        let Some(boot) = self.boot else { return (None, None) };
        let time = (boot + uptime_ms) as i64;
        if self.lags.len() == LAGS {
            self.lags.pop_front();
            self.there = None;
        }
        self.lags.push_back(at.0.saturating_sub(time));
        let quickest = self.lags.iter().copied().min().unwrap_or_default();
        if let Some(there) = self.there {
            self.round_trip = Some(there.saturating_add(quickest).max(0));
        }
        let offset = self.round_trip.map(|trip| ClockOffset {
            ms: (trip / 2).saturating_sub(quickest),
            within_ms: u32::try_from(trip / 2 + UPTIME_TICK).unwrap_or(u32::MAX),
        });
        (Some(Timestamp(time)), offset)
    }
}

#[cfg(test)]
mod tests;
