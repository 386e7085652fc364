//! Text formats pictl reads and writes, without any I/O.
//!
//! Everything here takes text (or bytes) and returns text or values. Input from a network is hostile: parsers bound
//! what they store, never panic, and say what is wrong and where.

pub mod authorized_keys;
pub mod blocks;
pub mod bytes;
pub mod claims;
pub mod diagnosis;
pub mod diff;
pub mod facts;
pub mod failure;
pub mod hash;
pub mod hosts;
pub mod hpcc;
pub mod interfaces;
mod key;
pub mod known_hosts;
pub mod launcher;
pub mod login_shell;
pub mod machinefile;
mod makers;
pub mod nodeset;
pub mod pattern;
pub mod pi;
pub mod progress;
pub mod random_art;
pub mod rules;
pub mod shell;
pub mod ssh_config;
pub mod sudo_rules;
pub mod targets;
pub mod telemetry;
pub mod usage;
