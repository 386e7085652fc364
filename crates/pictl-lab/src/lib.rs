//! Clusters to try and test pictl on.
//!
//! [`virt`] brings up real Debian hosts on this machine (Linux, root).

pub mod virt;
