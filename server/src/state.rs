//! TODO state
