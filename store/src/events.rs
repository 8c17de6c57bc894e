//! TODO events
