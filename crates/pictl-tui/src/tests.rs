//! Tests of the whole dashboard.

mod dialogs;
mod history;
mod job;
mod keys;
mod ladder;
mod nodes;
mod random;
mod records;
mod replay;
mod run;
mod screens;
mod secrets;
mod trust;
