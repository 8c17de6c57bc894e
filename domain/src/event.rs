//! socket.io events as they leave the server.
