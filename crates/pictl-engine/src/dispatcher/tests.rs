//! The dispatcher with nodes that answer from memory: inputs in, effects and events out, no clock and no waiting.

mod bench;
mod inventory;
mod keys;
mod links;
mod own;
mod random;
mod rig;
mod setup;
mod workloads;
