//! The dispatcher with nodes that answer from memory: inputs in, effects and events out, no clock and no waiting.

mod boards;
mod hosts;
mod identify;
mod inventory;
mod jump_hosts;
mod keys;
mod links;
mod own_programs;
mod passwords;
mod prefix;
mod random;
mod rig;
mod routes;
mod run;
mod scan;
mod setup;
mod trust;
mod workloads;
