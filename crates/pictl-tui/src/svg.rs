//! A picture of the terminal as a standalone SVG.
