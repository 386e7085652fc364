//! Tests of the whole dashboard.

mod screens;
