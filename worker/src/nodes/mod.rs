//! TODO nodes
