//! The MPI launchers: the command that starts one, and what it prints.

mod command;
mod demux;

pub use command::{Launch, command};
pub use demux::{Demux, Line};
