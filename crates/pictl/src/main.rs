//! pictl.

fn main() {}
