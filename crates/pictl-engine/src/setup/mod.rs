//! What makes a cluster: the checks of all steps, and the actions that make them true.

pub mod action;
pub mod hands;
mod identity;
mod keys;
mod pairs;
mod proofs;
pub(crate) mod smoke;
pub mod steps;
