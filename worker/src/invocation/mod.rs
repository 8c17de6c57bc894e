//! TODO invocation
