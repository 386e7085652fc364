//! The Raspberry Pi models that can be simulated: what they call themselves, how fast they are, how they heat up.

/// A model of Raspberry Pi.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Board {
    /// Raspberry Pi 3 Model B+, 1 GB.
    Pi3BPlus,
    /// Raspberry Pi 4 Model B, 4 GB.
    Pi4B,
    /// Raspberry Pi 5, 8 GB.
    Pi5,
}

/// What carries a board's heat away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cooling {
    /// Nothing, in a closed case: it throttles within seconds of work.
    ClosedCase,
    /// A heat sink.
    HeatSink,
    /// A fan.
    Fan,
}

/// A board and its cooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// Which board.
    pub board: Board,
    /// How it is cooled.
    pub cooling: Cooling,
}

/// The default mix, repeated for as many nodes as are wanted. The fourth throttles in a benchmark of ten seconds.
pub(super) const MIX: [Model; 4] = [
    Model { board: Board::Pi4B, cooling: Cooling::HeatSink },
    Model { board: Board::Pi5, cooling: Cooling::Fan },
    Model { board: Board::Pi3BPlus, cooling: Cooling::Fan },
    Model { board: Board::Pi4B, cooling: Cooling::ClosedCase },
];

/// Cores of every board here.
pub(super) const CORES: u16 = 4;

/// Room temperature, °C.
pub(super) const AMBIENT: f64 = 24.0;

/// How a limit shows: the flag of `get_throttled` while it is active, and the clock that is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    /// Reached at this temperature, °C.
    pub(super) on: f64,
    /// Left again below this one, °C.
    pub(super) off: f64,
    /// The bit of `get_throttled`; 16 bits higher stands the one that stays until boot.
    pub(super) flag: u32,
    /// The clock while it is active, Hz.
    pub(super) clock: f64,
}

impl Board {
    /// What `/proc/device-tree/model` says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pi3BPlus => "Raspberry Pi 3 Model B Plus Rev 1.3",
            Self::Pi4B => "Raspberry Pi 4 Model B Rev 1.5",
            Self::Pi5 => "Raspberry Pi 5 Model B Rev 1.0",
        }
    }

    /// An address prefix that the maker uses for this board.
    pub(super) fn mac_prefix(self) -> [u8; 3] {
        match self {
            Self::Pi3BPlus => [0xb8, 0x27, 0xeb],
            Self::Pi4B => [0xdc, 0xa6, 0x32],
            Self::Pi5 => [0x2c, 0xcf, 0x67],
        }
    }

    /// What its network is worth: latency in seconds, and bytes a second. The 3B+ has its Ethernet behind USB 2.
    pub(super) fn network(self) -> (f64, f64) {
        match self {
            Self::Pi3BPlus => (250e-6, 28e6),
            Self::Pi4B | Self::Pi5 => (100e-6, 117.5e6),
        }
    }

    /// Seconds that its half of an SSH login takes, key exchange and processes; a model.
    pub(super) fn login_seconds(self) -> f64 {
        match self {
            Self::Pi3BPlus => 0.35,
            Self::Pi4B => 0.15,
            Self::Pi5 => 0.08,
        }
    }

    /// `MemTotal`, KiB, as Linux shows it on such a board.
    pub(super) fn memory_kib(self) -> u64 {
        match self {
            Self::Pi3BPlus => 931_572,
            Self::Pi4B => 3_884_360,
            Self::Pi5 => 8_254_192,
        }
    }

    /// Terms of the series a second on one core at full clock. The ratios are about those of the real boards; the
    /// amounts are smaller, so that the benchmark's defaults (64 slices of a million terms) take four nodes
    /// between six and ten seconds, long enough to be watched.
    pub(super) fn terms_per_second(self) -> f64 {
        match self {
            Self::Pi3BPlus => 400_000.0,
            Self::Pi4B => 750_000.0,
            Self::Pi5 => 1_500_000.0,
        }
    }

    /// Clock at rest and at work, Hz.
    pub(super) fn clocks(self) -> (f64, f64) {
        match self {
            Self::Pi3BPlus => (600e6, 1400e6),
            Self::Pi4B => (600e6, 1800e6),
            Self::Pi5 => (1500e6, 2400e6),
        }
    }

    /// The number that `measure_clock arm` puts in brackets.
    pub(super) fn clock_index(self) -> u8 {
        if self == Self::Pi5 { 0 } else { 48 }
    }

    /// Core voltage at rest and at work.
    pub(super) fn volts(self) -> (f64, f64) {
        match self {
            Self::Pi3BPlus => (1.2, 1.3438),
            Self::Pi4B => (0.85, 0.926),
            Self::Pi5 => (0.72, 0.8913),
        }
    }

    /// Watts of the supply rails that its power chip measures, at rest and on top with all cores at work; the Pi 5 alone has
    /// one that reports it. (12.7 W at the wall under HPL and 2.4 W at rest by published figures; the rails are what is left of
    /// `wall = 1.145 rails + 0.59 W`.)
    pub(super) fn rails(self) -> Option<(f64, f64)> {
        (self == Self::Pi5).then_some((1.6, 9.0))
    }

    /// Its temperature limit. All models slow down from 80 °C on; the 3B+ alone has a soft limit at 60 °C.
    pub(super) fn limit(self) -> Limit {
        match self {
            Self::Pi3BPlus => Limit { on: 60.0, off: 57.0, flag: 0x8, clock: 1200e6 },
            Self::Pi4B => Limit { on: 80.0, off: 76.0, flag: 0x4, clock: 1000e6 },
            Self::Pi5 => Limit { on: 82.0, off: 78.0, flag: 0x4, clock: 1500e6 },
        }
    }
}

impl Model {
    /// Speed of its fan at this temperature: of the boards here the Pi 5 alone controls and counts one, in four steps
    /// (Raspberry Pi documentation, "cooling Raspberry Pi 5").
    pub(super) fn fan_rpm(self, temp: f64) -> Option<u32> {
        let counted = self.board == Board::Pi5 && self.cooling == Cooling::Fan;
        counted.then_some(match temp {
            t if t < 50.0 => 0,
            t if t < 60.0 => 2_400,
            t if t < 67.5 => 4_000,
            t if t < 75.0 => 5_600,
            _ => 8_000,
        })
    }

    /// What it warms up above the room: at rest and, on top, with all cores at work at full clock, °C; and the time
    /// constant of getting there, seconds.
    pub(super) fn heat(self) -> (f64, f64, f64) {
        let watts = match self.board {
            Board::Pi3BPlus => 0.8,
            Board::Pi4B => 1.0,
            Board::Pi5 => 1.3,
        };
        let (rest, work, seconds) = match self.cooling {
            Cooling::ClosedCase => (36.0, 44.0, 5.0),
            Cooling::HeatSink => (22.0, 26.0, 9.0),
            Cooling::Fan => (16.0, 17.0, 6.0),
        };
        (rest * watts, work * watts, seconds)
    }
}
