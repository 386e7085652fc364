//! Discovery and SSH: the only room of pictl that opens a socket.
//!
//! [`ssh::Ssh`], [`local::Local`] and [`scan::Scanner`] implement the engine's ports.

mod kept;
pub mod local;
pub mod scan;
pub mod ssh;

pub use kept::Kept;
