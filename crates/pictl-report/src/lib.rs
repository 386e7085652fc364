//! Numbers and documents made of a run.
//!
//! Pure arithmetic and text: what a run's record says becomes what a person compares. Nothing here prints.

pub mod check;
pub mod eta;
pub mod pi;
pub mod reference;
pub mod stats;
pub mod table;

pub use check::{Check, exact_check, primes_below, primes_sum_below, result_text, sum_to};
pub use eta::eta_spread;
pub use pi::pi_check;
pub use stats::{Summary, efficiency, share_of_ideal, speedup};
