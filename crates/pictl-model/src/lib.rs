//! The vocabulary of pictl: nodes, trust, steps, runs, requests and events.
