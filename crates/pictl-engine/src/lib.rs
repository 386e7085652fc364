//! The room that decides and remembers.
//!
//! One task owns the state; everything reaches it as an input, and what it wants done leaves it as effects. It speaks to
//! the world through the traits in [`ports`]: no socket and no terminal is opened here.

pub mod choice;
pub mod clock;
pub mod dispatcher;
pub mod engine;
mod flow;
pub mod input;
pub mod launch;
pub mod lines;
pub mod payload;
pub mod ports;
pub mod programs;
pub mod record;
pub mod remote;
pub mod script;
pub mod setup;
mod skew;
pub mod smoke;
pub mod store;

#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;

pub use engine::{Engine, Parts};
