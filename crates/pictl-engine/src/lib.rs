//! The dispatcher, steps, runs and record of pictl.
