//! Text formats pictl reads and writes, without any I/O.
//!
//! Everything here takes text (or bytes) and gives text or values. What comes from a network is taken for hostile:
//! parsers bound what they keep, never panic, and say what was wrong and where.

pub mod hash;
pub mod known_hosts;
pub mod shell;
pub mod targets;
