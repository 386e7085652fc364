//! Discovery and SSH: the only room of pictl that opens a socket.
//!
//! [`ssh::Ssh`] and [`scan::Scanner`] implement the engine's ports.

pub mod scan;
pub mod ssh;
