//! What the engine needs from the world, as traits: finding hosts, logging in, and running commands on them.
//!
//! `pictl-net` implements them with sockets; tests implement them with scripts. Every future may be dropped at any
//! point without leaving a socket, a task or a remote channel behind.

mod command;
mod keys;
mod login;
mod scan;

pub use command::*;
pub use keys::*;
pub use login::*;
pub use scan::*;
