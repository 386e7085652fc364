//! Values that `lab set` pins, and the line that the thermal model writes.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::spec::{bad, names};
use super::{LabError, Sensors};

/// A value of the thermal model that can be pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sensor {
    /// Temperature in °C.
    Temp,
    /// Flags of `get_throttled`, in hexadecimal with 0x.
    Throttled,
    /// ARM clock in MHz.
    Clock,
    /// Core voltage in V.
    Volts,
}
names!(Sensor, "sensor", Temp = "temp", Throttled = "throttled", Clock = "clock", Volts = "volts");

/// `temp=83` pins a value, `temp=auto` gives it back to the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Which value.
    pub sensor: Sensor,
    /// The value; `None` is `auto`.
    pub value: Option<String>,
}

impl FromStr for Setting {
    type Err = LabError;

    fn from_str(text: &str) -> Result<Self, LabError> {
        let (sensor, value) = text.split_once('=').ok_or_else(|| bad("setting", text, "must be like temp=83"))?;
        let sensor: Sensor = sensor.parse()?;
        if value == "auto" {
            return Ok(Self { sensor, value: None });
        }
        let number_in = |low: f32, high: f32| value.parse().is_ok_and(|v: f32| (low..=high).contains(&v));
        let (ok, why) = match sensor {
            Sensor::Temp => (number_in(-40.0, 150.0), "must be -40 to 150 (°C) or auto"),
            Sensor::Clock => (number_in(1.0, 10_000.0), "must be 1 to 10000 (MHz) or auto"),
            Sensor::Volts => (number_in(0.0, 5.0), "must be 0 to 5 (V) or auto"),
            Sensor::Throttled => (parse_flags(value).is_some(), "must be like 0x50005 or auto"),
        };
        if ok { Ok(Self { sensor, value: Some(value.to_owned()) }) } else { Err(bad("setting", text, why)) }
    }
}

/// The override file with these settings applied: `temp=83 throttled=0x50005`.
pub(crate) fn merge(overrides: &str, settings: &[Setting]) -> String {
    let mut pinned: BTreeMap<String, String> = overrides
        .split_whitespace()
        .filter_map(|field| field.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for Setting { sensor, value } in settings {
        match value {
            Some(value) => pinned.insert(sensor.to_string(), value.clone()),
            None => pinned.remove(&sensor.to_string()),
        };
    }
    pinned.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ") + "\n"
}

/// The line that the thermal model writes: `48.3 1800000000 0.8700 0x0`.
pub(crate) fn parse_line(line: &str) -> Option<Sensors> {
    let mut fields = line.split_whitespace();
    Some(Sensors {
        celsius: fields.next()?.parse().ok()?,
        hertz: fields.next()?.parse().ok()?,
        volts: fields.next()?.parse().ok()?,
        throttled: parse_flags(fields.next()?)?,
    })
}

fn parse_flags(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_pin_and_release() {
        let pin = ["temp=83", "throttled=0x50005"].map(|text| text.parse().unwrap());
        assert_eq!(merge("", &pin), "temp=83 throttled=0x50005\n");
        assert_eq!(merge("clock=600 temp=70", &pin), "clock=600 temp=83 throttled=0x50005\n");
        assert_eq!(merge("temp=83 volts=1.2", &["temp=auto".parse().unwrap()]), "volts=1.2\n");
    }

    #[test]
    fn nonsense_is_refused() {
        for wrong in ["temp", "temp=", "temp=hot", "temp=NaN", "temp=400", "throttled=5", "fan=1", "volts=-1"] {
            assert!(wrong.parse::<Setting>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_line_of_the_model_is_read() {
        let sensors = parse_line("83.0 1500345728 0.8700 0x50005\n").unwrap();
        assert_eq!((sensors.hertz, sensors.throttled), (1_500_345_728, 0x50005));
        assert_eq!(parse_line("83.0 1500345728"), None);
    }
}
