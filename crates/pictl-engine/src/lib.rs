//! The room that decides and remembers.
//!
//! One task owns the state; everything reaches it as an input, and what it wants done leaves it as effects. It speaks to
//! the world through the traits in [`ports`]: no socket and no terminal is opened here.

pub mod ports;
