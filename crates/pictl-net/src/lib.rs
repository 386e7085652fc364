//! Discovery and SSH: the only room of pictl that opens a socket.
//!
//! [`ssh::Ssh`], [`local::Local`] and [`scan::Scanner`] implement the engine's ports.

pub mod local;
mod neighbour;
#[cfg(target_os = "linux")]
mod netlink;
mod parked;
mod resolve;
pub mod scan;
pub mod ssh;

pub use parked::Parked;
