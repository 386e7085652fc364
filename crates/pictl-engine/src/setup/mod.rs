//! What makes a cluster: the checks of all steps, and the actions that make them true.

pub mod action;
pub mod hands;
mod smoke;
pub mod steps;
