//! The dispatcher with nodes that answer from memory: inputs in, effects and events out, no clock and no waiting.

mod bench;
mod gates;
mod hosts;
mod identify;
mod inventory;
mod keys;
mod links;
mod own;
mod passwords;
mod random;
mod rig;
mod routes;
mod scale;
mod scan;
mod setup;
mod trust;
mod workloads;
