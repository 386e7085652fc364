//! What a node's sensors said.

use serde::{Deserialize, Serialize};

use crate::units::{Celsius, Hertz, Throttled};

/// One reading of one node. What could not be read is `None`: a gap, never a zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The node's own uptime in seconds when it was taken: spans between samples are told by this clock alone,
    /// since a Pi without a battery steps its wall clock.
    pub uptime: f64,
    /// Temperature of the SoC.
    pub temp: Option<Celsius>,
    /// ARM clock as the firmware says it (the kernel's figure does not show throttling).
    pub clock: Option<Hertz>,
    /// Throttle and under-voltage flags.
    pub throttled: Option<Throttled>,
    /// Load average of one minute.
    pub load: Option<f32>,
    /// Share of CPU time in use since the sample before, 0 to 1 over all cores.
    pub busy: Option<f32>,
    /// Memory that programs can still get, in KiB.
    pub mem_available_kib: Option<u64>,
}
