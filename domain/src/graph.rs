//! A node graph as clients send it.
