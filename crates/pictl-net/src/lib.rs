//! Discovery and SSH: the only room of pictl that opens a socket.
