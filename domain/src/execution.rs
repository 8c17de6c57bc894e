//! The state of one graph’s execution.
