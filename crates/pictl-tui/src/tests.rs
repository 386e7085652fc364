//! Tests of the whole dashboard.

mod dialogs;
mod job;
mod ladder;
mod random;
mod run;
mod screens;
