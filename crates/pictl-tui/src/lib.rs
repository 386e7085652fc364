//! The dashboard: the only room of pictl that touches the terminal.
