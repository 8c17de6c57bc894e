//! TODO queue
