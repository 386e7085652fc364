//! The MPI launchers: the command that starts one, and what it prints.

mod command;
mod demux;

pub use command::{Launch, Manner, cannot_spawn, command};
pub use demux::{Demux, Line};
