//! Text formats pictl reads and writes, without any I/O.
