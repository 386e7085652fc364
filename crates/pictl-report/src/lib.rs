//! Numbers and documents made of a run.
//!
//! Pure arithmetic and text: what a run's record says becomes what a person compares. Nothing here prints.

pub mod pi;
pub mod rate;
pub mod stats;
pub mod table;

pub use pi::{Check, pi_check};
pub use rate::{eta, slices_rate};
pub use stats::{Summary, efficiency, share_of_ideal, speedup};
