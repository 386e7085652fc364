//! Readings of a node's sensors.

use serde::{Deserialize, Serialize};

use crate::units::{BytesPerSecond, Celsius, Hertz, Rpm, Throttled, Timestamp, Watts};

/// What went through a network interface.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetRate {
    /// In.
    pub received: BytesPerSecond,
    /// Out.
    pub sent: BytesPerSecond,
}

/// Pages moved between memory and swap since boot (their size is the kernel's: 4 KiB, or 16 KiB on a Pi 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swapped {
    /// Read back from swap.
    pub pages_in: u64,
    /// Written to swap.
    pub pages_out: u64,
}

/// How far a node's clock is ahead of the operator's; below zero it is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockOffset {
    /// The best guess, in milliseconds.
    pub ms: i64,
    /// How far off it can be, in milliseconds: half of the round trip that it was measured by.
    pub within_ms: u32,
}

/// One reading of one node. What could not be read is `None`: a gap, never a zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The node's own uptime in seconds when it was taken: spans between samples come from this clock alone,
    /// since a Pi without a battery steps its wall clock.
    pub uptime: f64,
    /// Temperature of the SoC.
    pub temp: Option<Celsius>,
    /// ARM clock as the firmware reports it (the kernel's figure does not show throttling).
    pub clock: Option<Hertz>,
    /// Throttle and under-voltage flags.
    pub throttled: Option<Throttled>,
    /// Load average of one minute.
    pub load: Option<f32>,
    /// Share of CPU time in use since the sample before, 0 to 1 over all cores.
    pub busy: Option<f32>,
    /// Memory that programs can still get, in KiB.
    pub mem_available_kib: Option<u64>,
    /// ARM clock as the kernel reports it: does not show what the firmware does on its own, but needs no rights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel_clock: Option<Hertz>,
    /// Traffic of the interface that SSH came in by, since the sample before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<NetRate>,
    /// Swapping since boot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swapped: Option<Swapped>,
    /// Speed of the fan, on boards that know theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fan: Option<Rpm>,
    /// Power of the supply rails that a Pi 5 measures: without USB, fan and what hangs on the 5 V rail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<Watts>,
    /// The node's own clock when it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// How far that clock is from the operator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<ClockOffset>,
}
