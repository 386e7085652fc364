//! What makes a cluster: steps, the actions that they order, and what carries the actions out.

pub mod action;
pub mod check;
pub mod executor;
mod keys;
pub mod plan;
pub mod step;
pub mod steps;
