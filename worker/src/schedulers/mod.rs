//! TODO schedulers
