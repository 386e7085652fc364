//! What makes a cluster: the checks of all steps, and the actions that make them true.

pub mod action;
pub mod smoke;
pub mod steps;
