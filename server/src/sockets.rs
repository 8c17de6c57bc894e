//! TODO sockets
