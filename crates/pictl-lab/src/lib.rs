//! Clusters to try and test pictl on.
//!
//! [`sim`] simulates Raspberry Pis inside this process (anywhere, no privileges); [`virt`] brings up real Debian hosts
//! on this machine (Linux, root).

pub mod sim;
pub mod virt;
