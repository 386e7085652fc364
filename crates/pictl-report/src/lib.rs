//! Numbers and documents made of a run.
