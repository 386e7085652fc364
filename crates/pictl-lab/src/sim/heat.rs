//! What a node's sensors say: temperature, clock, throttle flags, load and processor time, as a function of the work
//! it did. Nothing ticks: the state is brought up to date when somebody looks, so a thousand idle nodes cost nothing.

use std::time::Instant;

use super::board::{AMBIENT, CORES, Model};

/// Longest step of the integration, simulated seconds: short against every time constant.
const STEP: f64 = 0.2;
/// Share of one core that a resting system uses.
const REST: f64 = 0.06;
/// Bytes a second that a node receives and sends at rest, mostly by pictl's own watching.
const CHATTER: (f64, f64) = (120.0, 380.0);
/// Bytes a second, in each direction, that a rank at work exchanges with the others.
const TALK: f64 = 2_000.0;

/// The sensors of one node.
#[derive(Clone, Debug)]
pub(super) struct Heat {
    model: Model,
    /// Simulated seconds a second.
    speed: f64,
    at: Instant,
    /// Ranks at work.
    busy: u32,
    temp: f64,
    limited: bool,
    sticky: u32,
    load: f64,
    busy_seconds: f64,
    idle_seconds: f64,
    uptime: f64,
    net: (f64, f64),
    fixed_temp: Option<f64>,
    fixed_flags: Option<u32>,
}

/// One look at the sensors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Seconds since boot.
    pub(super) uptime: f64,
    /// °C.
    pub(super) temp: f64,
    /// Hz.
    pub(super) clock: f64,
    /// As `get_throttled` says.
    pub(super) flags: u32,
    /// Load average over a minute.
    pub(super) load: f64,
    /// Hundredths of a second of all cores at work and idle since boot.
    pub(super) jiffies: (u64, u64),
    /// KiB.
    pub(super) available: u64,
    /// Core voltage.
    pub(super) volts: f64,
    /// The clock that the kernel believes in, Hz.
    pub(super) kernel_clock: f64,
    /// Bytes received and sent since boot.
    pub(super) net: (u64, u64),
    /// Speed of the fan, where the board counts it.
    pub(super) fan: Option<u32>,
    /// Power of the supply rails, where the board measures it, W.
    pub(super) watts: Option<f64>,
}

impl Heat {
    /// A node that has been up and resting for `uptime` seconds.
    pub(super) fn new(model: Model, speed: f64, uptime: f64) -> Self {
        let (rest, ..) = model.heat();
        Self {
            model,
            speed,
            at: Instant::now(),
            busy: 0,
            temp: AMBIENT + rest,
            limited: false,
            sticky: 0,
            load: REST,
            busy_seconds: uptime * REST,
            idle_seconds: uptime * (f64::from(CORES) - REST),
            uptime,
            net: (uptime * CHATTER.0, uptime * CHATTER.1),
            fixed_temp: None,
            fixed_flags: None,
        }
    }

    /// One rank more or less at work.
    pub(super) fn work(&mut self, ranks: i32) {
        self.update(Instant::now());
        self.busy = self.busy.saturating_add_signed(ranks);
    }

    /// Holds the temperature at this value, or lets it go.
    pub(super) fn fix_temp(&mut self, temp: Option<f64>) {
        self.update(Instant::now());
        self.fixed_temp = temp;
    }

    /// Holds the throttle flags at this value, or lets them go.
    pub(super) fn fix_flags(&mut self, flags: Option<u32>) {
        self.fixed_flags = flags;
    }

    /// Terms a second that one rank gets done now, in real time.
    pub(super) fn rate(&mut self) -> f64 {
        let clock = self.read().clock;
        let (_, full) = self.model.board.clocks();
        let share = f64::from(CORES) / f64::from(self.busy.max(u32::from(CORES)));
        self.model.board.terms_per_second() * clock.max(1e8) / full * share * self.speed
    }

    /// What the sensors say now.
    pub(super) fn read(&mut self) -> Reading {
        self.update(Instant::now());
        let board = self.model.board;
        let limit = board.limit();
        let now = if self.limited { limit.flag } else { 0 };
        let (low, high) = board.volts();
        let resting = self.busy == 0;
        let memory = board.memory_kib();
        Reading {
            uptime: self.uptime,
            temp: self.temp,
            clock: self.clock(),
            flags: self.fixed_flags.unwrap_or(now | self.sticky),
            load: self.load,
            jiffies: ((self.busy_seconds * 100.0) as u64, (self.idle_seconds * 100.0) as u64),
            available: memory.saturating_sub(memory / 8 + u64::from(self.busy) * 32_000),
            volts: if resting { low } else { high },
            kernel_clock: if resting { board.clocks().0 } else { board.clocks().1 },
            net: (self.net.0 as u64, self.net.1 as u64),
            fan: self.model.fan_rpm(self.temp),
            watts: board.rails().map(|(rest, work)| rest + work * self.power()),
        }
    }

    fn clock(&self) -> f64 {
        let (low, high) = self.model.board.clocks();
        // Flags that were set from outside slow the node as real ones do.
        let flagged = self.fixed_flags.is_some_and(|flags| flags & 0xe != 0);
        if self.limited || flagged {
            self.model.board.limit().clock
        } else if self.busy == 0 {
            low
        } else {
            high
        }
    }

    fn update(&mut self, now: Instant) {
        let mut left = now.saturating_duration_since(self.at).as_secs_f64() * self.speed;
        self.at = now;
        // After a long rest only the end matters; an hour is settled in every respect.
        if left > 3600.0 {
            let (rest, ..) = self.model.heat();
            if self.busy == 0 {
                self.temp = AMBIENT + rest;
                self.account(left - 60.0);
                left = 60.0;
            }
        }
        while left > 0.0 {
            let step = left.min(STEP);
            left -= step;
            self.step(step);
        }
    }

    /// Share of the power of all cores at full clock: it falls with the clock and the voltage that goes with it.
    fn power(&self) -> f64 {
        let (_, full) = self.model.board.clocks();
        let used = f64::from(self.busy.min(u32::from(CORES))) / f64::from(CORES);
        (self.clock() / full).powf(1.5) * used
    }

    fn step(&mut self, seconds: f64) {
        let (rest, work, constant) = self.model.heat();
        let goal = AMBIENT + rest + work * self.power();
        self.temp += (goal - self.temp) * (1.0 - (-seconds / constant).exp());
        if let Some(fixed) = self.fixed_temp {
            self.temp = fixed;
        }
        let limit = self.model.board.limit();
        self.limited = if self.limited { self.temp > limit.off } else { self.temp >= limit.on };
        if self.limited {
            self.sticky |= limit.flag << 16;
        }
        self.load += (f64::from(self.busy) + REST - self.load) * (1.0 - (-seconds / 60.0).exp());
        self.account(seconds);
    }

    fn account(&mut self, seconds: f64) {
        let used = (f64::from(self.busy) + REST).min(f64::from(CORES));
        self.busy_seconds += used * seconds;
        self.idle_seconds += (f64::from(CORES) - used) * seconds;
        self.uptime += seconds;
        let talk = f64::from(self.busy) * TALK;
        self.net.0 += (CHATTER.0 + talk) * seconds;
        self.net.1 += (CHATTER.1 + talk) * seconds;
    }
}

#[cfg(test)]
mod tests {
    use super::super::board::{Board, Cooling, MIX};
    use std::time::Duration;

    use super::*;

    fn after(model: Model, busy: i32, seconds: u64) -> Reading {
        let mut heat = Heat::new(model, 1.0, 100.0);
        heat.work(busy);
        let then = heat.at + Duration::from_secs(seconds);
        heat.update(then);
        let mut reading = heat.read();
        reading.uptime = heat.uptime;
        reading
    }

    #[test]
    fn one_node_of_the_mix_throttles_within_ten_seconds_of_work() {
        let flags: Vec<u32> = MIX.iter().map(|model| after(*model, 4, 9).flags).collect();
        assert_eq!(flags, [0, 0, 0, 0x4_0004]);
    }

    #[test]
    fn throttling_halves_the_pace_and_ends_when_it_cooled() {
        let model = Model { board: Board::Pi4B, cooling: Cooling::ClosedCase };
        let mut heat = Heat::new(model, 1.0, 0.0);
        heat.work(4);
        let fresh = heat.rate();
        heat.update(heat.at + Duration::from_secs(9));
        assert!(heat.rate() < 0.6 * fresh, "{} of {fresh}", heat.rate());
        heat.work(-4);
        heat.update(heat.at + Duration::from_secs(60));
        let reading = heat.read();
        assert_eq!(reading.flags, 0x4_0000, "only that it has happened is left");
        assert!(reading.temp < 62.0, "{}", reading.temp);
    }

    #[test]
    fn a_hot_3b_plus_reaches_its_soft_limit() {
        let model = Model { board: Board::Pi3BPlus, cooling: Cooling::HeatSink };
        let reading = after(model, 4, 60);
        assert_eq!(reading.flags, 0x8_0008);
        assert!((reading.clock - 1200e6).abs() < 1.0);
    }

    #[test]
    fn processor_time_adds_up_to_cores_times_uptime() {
        let reading = after(MIX[1], 3, 10);
        let (busy, idle) = reading.jiffies;
        assert!((busy + idle).abs_diff((reading.uptime * 400.0) as u64) <= 2, "{reading:?}");
        assert!(busy >= 3000, "three ranks for ten seconds: {busy}");
    }

    #[test]
    fn a_pi_5_alone_tells_of_fan_and_power() {
        let [pi_4, pi_5] = [after(MIX[0], 4, 20), after(MIX[1], 4, 20)];
        assert_eq!((pi_4.fan, pi_4.watts), (None, None));
        assert!(pi_5.fan.is_some_and(|rpm| rpm > 0) && pi_5.watts.is_some_and(|watts| watts > 5.0), "{pi_5:?}");
        let rest = after(MIX[1], 0, 60);
        assert!(rest.watts < pi_5.watts && rest.fan <= pi_5.fan, "{rest:?}");
    }

    #[test]
    fn ranks_at_work_talk() {
        let (work, rest) = (after(MIX[0], 4, 20), after(MIX[0], 0, 20));
        assert!(work.net.0 > rest.net.0 + 100_000 && work.net.1 > work.net.0, "{work:?}");
    }

    #[test]
    fn what_was_set_from_outside_is_what_is_read() {
        let mut heat = Heat::new(MIX[0], 1.0, 0.0);
        heat.fix_temp(Some(83.0));
        heat.fix_flags(Some(0x5_0005));
        heat.update(heat.at + Duration::from_secs(1));
        let reading = heat.read();
        assert!((reading.temp - 83.0).abs() < 0.01);
        assert_eq!(reading.flags, 0x5_0005);
    }
}
